"""Levers: each is one function from a case to a case."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.errors import ParamsError
from forecast.params import capacity_with
from forecast.params.changes import costs_with, ledger_with
from forecast.params.scenario import Scenario
from forecast.scenarios.case import Case
from forecast.scenarios.move import closed_hours, moved_to_other_sites, split_channel

Bools = npt.NDArray[np.bool_]
CAPACITY = "capacity"
Lever = Callable[[Case], Case]
YEAR = 365.25


def scope(demand: Demand, name: str, scenario: Scenario) -> Bools:
    """Return which intervals a scenario's levers act on.

    Raises
    ------
    ParamsError
        When it names a queue or site that the forecast does not have, or days that it does not.
    """
    rows = demand.intervals
    queues, sites, first, last = scenario.scope
    day = rows["local"].dt.normalize()
    within = np.ones(len(rows), dtype=bool)
    for names, column in ((queues, "queue"), (sites, "site")):
        if names is not None:
            _refuse_unknown(f"scenarios.{name}.{column}s", names, rows[column], column)
            within &= rows[column].isin(names).to_numpy()
    if scenario.first_day is not None:
        within &= (day >= pd.Timestamp(first)).to_numpy()
    if scenario.last_day is not None:
        within &= (day <= pd.Timestamp(last)).to_numpy()
    if not within.any():
        raise ParamsError(
            f"scenarios.{name}: no interval of the forecast ({day.min():%Y-%m-%d} to "
            f"{day.max():%Y-%m-%d}) is in its queues, sites and days; change them"
        )
    return within


def _refuse_unknown(where: str, names: frozenset[str], known: pd.Series, what: str) -> None:
    unknown = sorted(names - set(known))
    if unknown:
        raise ParamsError(
            f"{where}: {', '.join(map(repr, unknown))} is no {what} of the forecast "
            f"({', '.join(sorted(set(known)))})"
        )


def volume(case: Case, name: str, scenario: Scenario) -> Case:
    """Multiply the contacts."""
    return case.scaled(scope(case.demand, name, scenario), 1 + scenario.volume_pct / 100)


def growth(case: Case, name: str, scenario: Scenario) -> Case:
    """Let contacts grow from the first interval ahead on, compounded."""
    ds = case.demand.intervals["ds"]
    years = ((ds - ds.min()).dt.total_seconds() / 86_400 / YEAR).to_numpy()
    rate = 1 + scenario.growth_pct_per_year / 100
    return case.scaled(scope(case.demand, name, scenario), rate**years)


def handle_time(case: Case, name: str, scenario: Scenario) -> Case:
    """Multiply the handle time."""
    within = scope(case.demand, name, scenario)
    return case.scaled(within, aht=1 + scenario.aht_pct / 100)


def newcomers(case: Case, name: str, scenario: Scenario) -> Case:
    """Let a share of the positions be filled by agents who take longer.

    They answer fewer contacts, so the mean over contacts is the harmonic one: with shares s of the
    positions and handle times a, 1 / sum(s / a).
    """
    if scenario.newcomers is None:
        return case
    own = scenario.newcomers
    longer = 1 / (1 - own.share + own.share / (1 + own.aht_pct / 100))
    return case.scaled(scope(case.demand, name, scenario), aht=longer)


def self_service(case: Case, name: str, scenario: Scenario) -> Case:
    """Take away contacts that need no agent; the rest is harder."""
    if scenario.self_service is None:
        return case
    own = scenario.self_service
    within = scope(case.demand, name, scenario)
    return case.scaled(within, 1 - own.share, 1 + own.harder_pct / 100)


def first_contact_resolution(case: Case, name: str, scenario: Scenario) -> Case:
    """Change how many contacts one matter takes.

    Of those not settled a share r calls again, each time: 1 / (1 - (1 - f) r) contacts a matter at
    a resolution of f.
    """
    if scenario.first_contact_resolution is None:
        return case
    own = scenario.first_contact_resolution
    now, then = (1 - (1 - f) * own.call_again for f in (own.now, own.then))
    return case.scaled(scope(case.demand, name, scenario), now / then)


def closed(case: Case, name: str, scenario: Scenario) -> Case:
    """Cut opening hours; who does not stay away comes in other open hours."""
    if scenario.closed is None:
        return case
    within = scope(case.demand, name, scenario)
    demand, lost = closed_hours(case.demand, within, scenario.closed)
    return replace(case, demand=demand, lost=case.lost + lost)


def lost_sites(case: Case, name: str, scenario: Scenario) -> Case:
    """Send the contacts of sites that are out to the others."""
    where = f"scenarios.{name}.lost_sites"
    gone = frozenset(scenario.lost_sites)
    _refuse_unknown(where, gone, case.demand.intervals["site"], "site")
    demand, lost = moved_to_other_sites(case.demand, gone, where)
    return replace(case, demand=demand, lost=case.lost + lost)


def outsourced(case: Case, name: str, scenario: Scenario) -> Case:
    """Give contacts to somebody else, at a price each."""
    if scenario.outsourced is None:
        return case
    own = scenario.outsourced
    within = scope(case.demand, name, scenario)
    given = own.share * float(case.demand.rate[within].mean(axis=1).sum())
    paid = (*case.outsourced, (given, own.cost_per_contact))
    return replace(case.scaled(within, 1 - own.share), outsourced=paid)


def to_chat(case: Case, name: str, scenario: Scenario) -> Case:
    """Let calls come as chats, of which an agent has several at once."""
    if scenario.to_chat is None:
        return case
    own = scenario.to_chat
    voice = (case.demand.intervals["channel"] == "voice").to_numpy()
    within = scope(case.demand, name, scenario) & voice
    if not within.any():
        raise ParamsError(f"scenarios.{name}.to_chat: no queue in its scope is of channel voice")
    longer = (1 + own.aht_pct / 100) / own.at_once
    return replace(case, demand=split_channel(case.demand, within, "chat", own.share, longer))


def rules(case: Case, name: str, scenario: Scenario) -> Case:
    """Change keys of the section ``capacity``."""
    return replace(case, capacity=capacity_with(case.capacity, name, scenario))


def wages(case: Case, name: str, scenario: Scenario) -> Case:
    """Change what an hour is paid: by every contract, else the flat cost of a paid hour."""
    if case.prices is None:
        return rules(case, name, scenario)
    costs = costs_with(case.prices.costs, name, scenario)
    return replace(case, prices=replace(case.prices, costs=costs or case.prices.costs))


def off_position(case: Case, name: str, scenario: Scenario) -> Case:
    """Change what part of paid time is off position: rows of the ledger, else the flat share."""
    ledger = ledger_with(case.ledger, name, scenario)
    return rules(case, name, scenario) if ledger is None else replace(case, ledger=ledger)


ACTIONS: Mapping[str, Callable[[Case, str, Scenario], Case]] = {
    "volume_pct": volume,
    "growth_pct_per_year": growth,
    "first_contact_resolution": first_contact_resolution,
    "self_service": self_service,
    "aht_pct": handle_time,
    "newcomers": newcomers,
    "closed": closed,
    "lost_sites": lost_sites,
    "outsourced": outsourced,
    "to_chat": to_chat,
    "wage_pct": wages,
    "contract_mix": rules,
    "shrinkage": off_position,
    "shrinkage_points": off_position,
    CAPACITY: rules,
}
"""What each lever does, in the order in which they are pulled."""


def pulls(layers: Mapping[str, Scenario]) -> dict[str, Lever]:
    """Return the levers of a scenario and of what it extends, by name, in the order of pulling."""
    out: dict[str, Lever] = {}
    for layer, scenario in layers.items():
        kept = scenario.model_dump(include={"queues", "sites", "first_day", "last_day"})
        for lever in ACTIONS:
            if getattr(scenario, lever) == getattr(Scenario(), lever):
                continue
            alone = Scenario(**kept, **{lever: getattr(scenario, lever)})
            title = lever if len(layers) == 1 else f"{layer}: {lever}"
            out[title] = _pull(lever, layer, alone)
    return out


def _pull(lever: str, layer: str, alone: Scenario) -> Lever:
    return lambda case: ACTIONS[lever](case, layer, alone)
