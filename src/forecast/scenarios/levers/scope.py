"""Where a scenario's levers act."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.errors import ParamsError
from forecast.params.scenario import Scenario
from forecast.scenarios.case import Bools, Case, Where


def scope(demand: Demand, name: str, scenario: Scenario) -> Bools:
    """Return which intervals of queues a scenario's levers act on.

    Raises
    ------
    ParamsError
        When it names a queue or site that the forecast does not have, or days that it does not.
    """
    rows = demand.intervals
    for names, column in zip(scenario.scope[:2], ("queue", "site"), strict=True):
        if names is not None:
            refuse_unknown(f"scenarios.{name}.{column}s", names, rows[column], column)
    within = _mask(demand, scenario, {}, {})
    if not within.any():
        day = rows["local"].dt.normalize()
        raise ParamsError(
            f"scenarios.{name}: no interval of the forecast ({day.min():%Y-%m-%d} to "
            f"{day.max():%Y-%m-%d}) is in its queues, sites and days; change them"
        )
    return within


def teams_in(case: Case, name: str, scenario: Scenario) -> Where:
    """Return which intervals of teams a scenario's levers act on, of any case that follows.

    A team of several queues or sites is among them where one of these is.

    Raises
    ------
    ParamsError
        When the scenario names what the forecast does not have.
    """
    known = case.demand.intervals
    sites = {*known["site"], *case.sites}
    for names, column, there in zip(
        scenario.scope[:2], ("queue", "site"), (set(known["queue"]), sites), strict=True
    ):
        if names is not None:
            refuse_unknown(f"scenarios.{name}.{column}s", names, there, column)

    def within(later: Case, teams: Demand) -> Bools:
        queues = {q: team for team, own in later.capacity.pools.items() for q in own}
        return _mask(teams, scenario, queues, later.sites)

    return within


def refuse_unknown(where: str, names: Collection[str], known: Collection[str], what: str) -> None:
    """Refuse names that the forecast does not have."""
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ParamsError(
            f"{where}: {', '.join(map(repr, unknown))} is no {what} of the forecast "
            f"({', '.join(sorted(set(known)))})"
        )


def _mask(
    demand: Demand, scenario: Scenario, team_of: Mapping[str, str], site_of: Mapping[str, str]
) -> Bools:
    rows = demand.intervals
    queues, sites, first, last = scenario.scope
    day = rows["local"].dt.normalize()
    within = np.ones(len(rows), dtype=bool)
    for names, column, goes in ((queues, "queue", team_of), (sites, "site", site_of)):
        if names is not None:
            named = {*names, *(goes[one] for one in names if one in goes)}
            within &= rows[column].isin(named).to_numpy()
    if scenario.first_day is not None:
        within &= (day >= pd.Timestamp(first)).to_numpy()
    if scenario.last_day is not None:
        within &= (day <= pd.Timestamp(last)).to_numpy()
    return within
