"""Levers on people: who leaves, who else works, when, and where from."""

from dataclasses import replace

import numpy as np

from forecast.capacity.demand import Demand
from forecast.capacity.hiring.tenure import weekly_attrition
from forecast.capacity.money.planned import seat_months
from forecast.capacity.people import PaidHours, fte_of
from forecast.errors import ParamsError
from forecast.params.levers import Attrition
from forecast.params.scenario import Scenario
from forecast.scenarios.case import Case, Floats, Ints, Part, Row, Where
from forecast.scenarios.hours import hours_of, overtime_pay, pay_of_hours
from forecast.scenarios.levers.handling import times_as_long
from forecast.scenarios.levers.scope import scope, teams_in


def attrition(case: Case, name: str, scenario: Scenario) -> Case:
    """Let more people leave, or fewer: in the long run, with leavers replaced.

    New people take longer, cost their hiring and training, and leave positions vacant before, which
    the others fill by overtime. All is the difference to the rate ``now``.
    """
    told = scenario.attrition
    if told is None:
        return case
    now, then = (weekly_attrition(rate, told.per, of=told.of) for rate in (told.now, told.then))
    within = teams_in(case, name, scenario)
    price = _per_leaver(case, told, f"scenarios.{name}.attrition")
    longer = of_tenure(then, told.aht_factor) / of_tenure(now, told.aht_factor)

    def lines(later: Case, demand: Demand, agents: Ints, paid: PaidHours) -> list[Row]:
        return _replaced(later, demand, paid, within, told, (now, then), price)

    slower = case.scaled(scope(case.demand, name, scenario), aht=longer)
    return replace(slower, lines=(*case.lines, lines))


def of_tenure(weekly: float, aht_factor: list[float]) -> float:
    """Return how many times as long contacts take when a share of the people is always new.

    Leavers are replaced, so that of the positions a share a (1 - a) ** w is filled by people in
    week w since they began, at a weekly attrition a.

    Examples
    --------
    >>> round(of_tenure(0.05, [1.5, 1.2]), 6)
    1.025203
    """
    shares = [weekly * (1 - weekly) ** week for week in range(len(aht_factor))]
    return times_as_long(list(zip(shares, aht_factor, strict=True)))


def _per_leaver(case: Case, told: Attrition, where: str) -> float:
    """Return what replacing one costs, without the trainee's pay."""
    if told.cost_per_leaver is not None:
        return told.cost_per_leaver
    if case.prices is None:
        raise ParamsError(f"{where}: needs cost_per_leaver, or the section costs with per_hire")
    costs = case.prices.costs
    parts = {"per_hire": 1.0, "per_leaver": 1.0, "per_training_week": told.training_weeks}
    unknown = [key for key, times in parts.items() if times and getattr(costs, key) is None]
    if unknown:
        raise ParamsError(
            f"{where}: costs.{unknown[0]} is null; give the price, 0 if there is none, or "
            "cost_per_leaver"
        )
    return float(sum(times * (getattr(costs, key) or 0.0) for key, times in parts.items()))


def _replaced(
    case: Case,
    demand: Demand,
    paid: PaidHours,
    within: Where,
    told: Attrition,
    weekly: tuple[float, float],
    price: float,
) -> list[Row]:
    """Return the lines of replacing leavers, more of them than now or (below 0) fewer."""
    its = within(case, demand)
    own = np.where(its, hours_of(case, demand, paid).regular, 0.0)
    a_week = case.capacity.fte_hours_per_week
    heads = fte_of(PaidHours(own), weeks=demand.weeks, full_time_hours_per_week=a_week)
    now, then = weekly
    leavers = heads * demand.weeks * (then - now)
    usual, over = (_mean(pay(case, demand), own) for pay in (pay_of_hours, _overtime))
    rows = [("leavers replaced", leavers, "leavers", price)]
    if told.training_weeks:
        rows.append(("pay in training", leavers * told.training_weeks * a_week, "h", usual))
    if told.vacant_weeks:
        # Of a head's cycle, 1 / a weeks on position and so many vacant.
        vacant = [a * told.vacant_weeks / (1 + a * told.vacant_weeks) for a in (now, then)]
        hours = float(own.sum()) * (vacant[1] - vacant[0])
        rows.append(("overtime for vacant positions: premium", hours, "h", over - usual))
    return [(words, float(quantity), unit, round(rate, 6)) for words, quantity, unit, rate in rows]


def _overtime(case: Case, demand: Demand) -> Floats:
    return overtime_pay(case, demand, None)


def _mean(values: Floats, weights: Floats) -> float:
    total = float(weights.sum())
    return float((values * weights).sum() / total) if total > 0 else 0.0


def overtime(case: Case, name: str, scenario: Scenario) -> Case:
    """Let a part of the hours be worked as overtime, instead of by more people."""
    told = scenario.overtime
    if told is None:
        return case
    if told.times is not None and case.prices is not None:
        raise ParamsError(
            f"scenarios.{name}.overtime: costs.premiums says what overtime is paid; leave out times"
        )
    part = Part(teams_in(case, name, scenario), told.share, told.times)
    return replace(case, overtime=(*case.overtime, part))


def temps(case: Case, name: str, scenario: Scenario) -> Case:
    """Let an agency's people fill a part of the positions, at a price an hour."""
    told = scenario.temps
    if told is None:
        return case
    longer = times_as_long([(told.share, 1 + told.aht_pct / 100)])
    slower = case.scaled(scope(case.demand, name, scenario), aht=longer)
    part = Part(teams_in(case, name, scenario), told.share, told.cost_per_hour)
    return replace(slower, temps=(*case.temps, part))


def remote(case: Case, name: str, scenario: Scenario) -> Case:
    """Let a part of the positions be filled from home, which saves their seats."""
    told = scenario.remote
    if told is None:
        return case
    seat = None if case.prices is None else case.prices.costs.per_seat_month
    if seat is None:
        raise ParamsError(
            f"scenarios.{name}.remote: needs costs.per_seat_month, which is what it saves"
        )
    within = teams_in(case, name, scenario)

    def lines(later: Case, demand: Demand, agents: Ints, paid: PaidHours) -> list[Row]:
        its = within(later, demand)
        away = told.share * seat_months(demand.only(its), agents[its]) if its.any() else 0.0
        saved = ("seats not needed: work from home", -away, "seat months", seat)
        return [saved, ("places at home", away, "seat months", told.cost_per_seat_month)]

    return replace(case, lines=(*case.lines, lines))
