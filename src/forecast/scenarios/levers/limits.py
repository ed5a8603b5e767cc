"""Levers on what is left of the positions that teams need: time off, caps on heads and money."""

from dataclasses import replace

import numpy as np
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.people import Scheduled, positions_of
from forecast.capacity.requirements import scheduled
from forecast.capacity.shrinkage import off_position
from forecast.errors import ParamsError
from forecast.params.scenario import Scenario
from forecast.scenarios.case import Bools, Case, Floats, Ints
from forecast.scenarios.hours import cost_of_hours
from forecast.scenarios.levers.scope import teams_in

ROUNDS = 20
"""Halvings of the share of the positions that a week's money pays for."""


def voluntary_time_off(case: Case, name: str, scenario: Scenario) -> Case:
    """Let people go home unpaid: so large a part of the planned positions, rounded down."""
    within = teams_in(case, name, scenario)

    def limit(later: Case, demand: Demand, agents: Ints) -> Ints:
        gone = np.floor(agents * scenario.voluntary_time_off + 1e-9).astype("int64")
        return np.where(within(later, demand), agents - gone, agents)

    return replace(case, limits=(*case.limits, limit))


def heads_max(case: Case, name: str, scenario: Scenario) -> Case:
    """Schedule no more people at once; where more are needed, each team has its part of them."""
    most = scenario.heads_max
    if most is None:
        return case
    within = teams_in(case, name, scenario)

    def limit(later: Case, demand: Demand, agents: Ints) -> Ints:
        its = within(later, demand)
        people = scheduled(demand, agents, later.capacity, later.ledger).agents
        heads = _shared(people, its, demand.intervals["ds"], most)
        minutes = demand.intervals["open_min"].to_numpy(dtype="float64")
        share = off_position(demand.intervals["local"], later.capacity.shrinkage, later.ledger)
        there = positions_of(Scheduled(heads, minutes), share).agents
        left = np.where(heads < people, there, agents)
        _refuse_too_few(left, agents, later, demand, f"scenarios.{name}.heads_max {most}")
        return left

    return replace(case, limits=(*case.limits, limit))


def _shared(people: Ints, its: Bools, ds: pd.Series, most: int) -> Ints:
    """Return at most so many people at each instant, in proportion to those who are needed.

    Whole parts first; the rest goes to those with the largest fractions.
    """
    number = pd.factorize(ds)[0]
    total = np.bincount(number[its], people[its], minlength=number.max() + 1)[number]
    over = its & (total > most)
    part = np.where(over, people * (most / np.maximum(total, 1)), people)
    whole = np.floor(part + 1e-9).astype("int64")
    rows = np.flatnonzero(over)
    order = rows[np.lexsort((rows, -(part - whole)[rows].round(9), number[rows]))]
    place = pd.Series(number[order]).groupby(number[order]).cumcount().to_numpy()
    given = np.bincount(number[rows], whole[rows], minlength=number.max() + 1)
    whole[order] += place < most - given[number[order]]
    return whole


def spend_max_per_week(case: Case, name: str, scenario: Scenario) -> Case:
    """Pay no more for the hours of a week; all teams and hours are cut by the same share."""
    most = scenario.spend_max_per_week
    if most is None:
        return case
    within = teams_in(case, name, scenario)

    def limit(later: Case, demand: Demand, agents: Ints) -> Ints:
        its = within(later, demand)
        day = demand.intervals["local"].dt.normalize()
        week = pd.factorize(day - pd.to_timedelta(day.dt.day_of_week, unit="D"))[0]
        left = _affordable(later, demand, agents, week, its, most)
        where = f"scenarios.{name}.spend_max_per_week {most:g}"
        _refuse_too_few(left, agents, later, demand, where)
        return left

    return replace(case, limits=(*case.limits, limit))


def _affordable(
    case: Case, demand: Demand, agents: Ints, week: Ints, its: Bools, most: float
) -> Ints:
    """Return the positions of each week that its money pays for: the largest share of all."""
    an_hour = cost_of_hours(case, demand)
    hours = demand.intervals["open_min"].to_numpy() / 60

    def spent(positions: Ints) -> Floats:
        people = scheduled(demand, positions, case.capacity, case.ledger).agents
        paid = np.where(its, people * hours * an_hour, 0.0)
        return np.asarray(np.bincount(week, paid), dtype="float64")

    def cut(share: Floats) -> Ints:
        return np.where(its, np.floor(agents * share[week] + 1e-9), agents).astype("int64")

    fits = spent(agents) <= most + 1e-9
    low, high = np.zeros(len(fits)), np.ones(len(fits))
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        enough = spent(cut(middle)) <= most + 1e-9
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    return np.where(fits[week], agents, cut(low))


def _refuse_too_few(left: Ints, asked: Ints, case: Case, demand: Demand, what: str) -> None:
    short = (left < asked) & (left < case.capacity.agents_min)
    if short.any():
        first = demand.intervals[short].iloc[0]
        raise ParamsError(
            f"{what} leaves {int(left[short][0])} positions for {first['site']}/{first['queue']} "
            f"at {first['local']}, below capacity.agents_min {case.capacity.agents_min}, and in "
            f"{int(short.sum()) - 1} other intervals; raise the cap, or lower agents_min"
        )
