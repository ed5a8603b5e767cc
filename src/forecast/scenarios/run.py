"""What-ifs -> REQUIREMENT, PLAN and SERVICE side by side, and the steps between their costs."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import pandas as pd

from forecast.capacity.crowds import MANY_ROWS
from forecast.capacity.demand import Demand
from forecast.capacity.money.waterfall import waterfall
from forecast.capacity.people import Scheduled, positions_of
from forecast.capacity.pools import pooled
from forecast.capacity.requirements import requirement, scheduled
from forecast.capacity.service import service_and_ranges
from forecast.capacity.shrinkage import off_position
from forecast.capacity.staffing import Staffing
from forecast.capacity.strata import Ints
from forecast.capacity.trunks import trunks_of
from forecast.params import CapacityParams, Params
from forecast.params.scenario import layers
from forecast.scenarios.case import Case, case_of
from forecast.scenarios.cost import cost_of, planned_lines
from forecast.scenarios.learned import Learned
from forecast.scenarios.levers import Lever, pulls
from forecast.scenarios.plan import card_of, plan_rows, with_waiting_teams
from forecast.schema import COST_LINES, KPIS, PLAN, SERIES, SERVICE, STEPS, TRUNKS

BASE = "base"
KEPT = 4
"""Staffings of late cases that are kept: the steps of a waterfall share some."""


@dataclass(frozen=True)
class WhatIf:
    """The tables of all scenarios; STEPS lead from the base's cost to theirs."""

    requirement: pd.DataFrame
    plan: pd.DataFrame
    service: pd.DataFrame
    steps: pd.DataFrame
    cost_lines: pd.DataFrame
    kpis: pd.DataFrame
    trunks: pd.DataFrame


def run_scenarios(
    demand: Demand,
    params: Params,
    names: Sequence[str] | None = None,
    calendar: pd.DataFrame | None = None,
    learned: Learned | None = None,
) -> WhatIf:
    """Return scenarios of the parameters, compared with ``base``.

    Parameters
    ----------
    demand
        The base demand, by queue.
    params
        All parameters; ``scenarios``, ``capacity``, ``shrinkage``, ``costs``, ``trunks`` and
        ``kpi`` are used.
    names
        Scenarios beside the base; None: all.
    calendar
        CALENDAR, for the days that the section ``costs`` pays more for; None: there are none.
    learned
        What promotions do, for scenarios that change them; None: it is not known.

    Raises
    ------
    ParamsError
        When a scenario names what the forecast does not have, or two that it extends set the same.
    """
    base = case_of(demand, params, calendar, learned)
    teams = Teams(base)
    people = scheduled(
        teams.base.demand, teams.base.agents(base.capacity.plan_at), base.capacity, base.ledger
    ).agents
    named = params.scenarios if names is None else names
    told = [_told(BASE, teams, people, params)]
    others = [name for name in named if name != BASE]
    base_cost = told[0].cost

    def some(which: list[str], own: Teams) -> list[_Told]:
        return [_told(name, own, people, params, base_cost) for name in which]

    if len(others) > 1 and len(people) > MANY_ROWS:
        with ThreadPoolExecutor(2) as threads:
            parts = threads.map(some, (others[::2], others[1::2]), (teams, teams.copy()))
            told += [one for part in parts for one in part]
    else:
        told += some(others, teams)
    told.sort(key=lambda one: one.name)
    plan = pd.DataFrame([row for one in told for row in one.plan])
    return WhatIf(
        # Each is valid and sorted; checking a year of twenty scenarios again would double them.
        pd.concat([one.requirement for one in told], ignore_index=True),
        PLAN.validate(plan.assign(cost_vs_base=plan["cost"] - base_cost)),
        SERVICE.validate(pd.concat([one.service for one in told], ignore_index=True)),
        STEPS.validate(pd.concat([STEPS.empty(), *(one.steps for one in told)], ignore_index=True)),
        COST_LINES.validate(pd.concat([one.lines for one in told], ignore_index=True)),
        KPIS.validate(pd.concat([one.card for one in told], ignore_index=True)),
        TRUNKS.validate(
            pd.concat([TRUNKS.empty(), *(one.trunks for one in told)], ignore_index=True)
        ),
    )


@dataclass(frozen=True)
class _Told:
    """The tables of one scenario, and what it costs."""

    name: str
    requirement: pd.DataFrame
    plan: list[dict[str, Any]]
    service: pd.DataFrame
    steps: pd.DataFrame
    lines: pd.DataFrame
    card: pd.DataFrame
    trunks: pd.DataFrame
    cost: float


def _told(
    name: str, teams: "Teams", people: Ints, params: Params, base_cost: float | None = None
) -> _Told:
    """Return the tables of one scenario; ``people`` are the base plan's, in its teams."""
    # What the last one needed for itself makes room.
    teams.forget()
    levers = pulls(layers(name, params.scenarios))
    case = pulled(teams.case, levers.values())
    staffing = teams.of(case)
    team = staffing.demand
    there = _in_teams(people, teams.base.demand, params.capacity, team, case)
    kept = None if there is None else _on_position(there, team, case)
    table = _required(name, case, staffing, kept)
    rows = plan_rows(case, staffing, table)
    planned = next(row for row in rows if row["is_plan"])
    agents = case.limited(team, staffing.agents(case.capacity.plan_at))
    card = card_of(case, staffing, planned, params.kpi).assign(scenario=name)[KPIS.names]
    service, ranges = service_and_ranges(
        team, agents, case.capacity, scenario=name, staffing=staffing
    )
    planned |= ranges
    trunks = TRUNKS.empty()
    if case.trunks is not None:
        trunks = trunks_of(team, agents, case.capacity, case.trunks, scenario=name)
    cost = float(planned["cost"])
    known = {frozenset(): cost if base_cost is None else base_cost, frozenset(levers): cost}
    return _Told(
        name,
        with_waiting_teams(table, case),
        rows,
        service,
        _steps(name, teams.case, teams, levers, known),
        planned_lines(case, staffing).assign(scenario=name)[COST_LINES.names],
        card,
        trunks,
        cost,
    )


class Teams:
    """How the cases of one run are staffed; what two have in common is found once.

    Parameters
    ----------
    base
        The case that all others are changes of.
    """

    def __init__(self, base: Case) -> None:
        """Begin with the base."""
        self.case = base
        self.base = Staffing(pooled(base.demand, base.capacity.pools), base.capacity)
        self._late: deque[Staffing] = deque(maxlen=KEPT)

    def copy(self) -> "Teams":
        """Return the same for a thread of its own, which finds out alone what is not known yet."""
        out = copy(self)
        out.base = Staffing(self.base.demand, self.base.params, self.base.known.copy())
        out._late = deque(maxlen=KEPT)
        return out

    def forget(self) -> None:
        """Forget all but the base."""
        self._late.clear()

    def of(self, case: Case) -> Staffing:
        """Return how a case is staffed: one that changes but pay and hours as one before it."""
        pools = case.capacity.pools
        same = case.demand is self.case.demand and pools == self.case.capacity.pools
        team = self.base.demand if same else pooled(case.demand, pools)
        for staffing in (self.base, *self._late):
            if staffing.serves(team, case.capacity):
                return staffing
        found = Staffing(team, case.capacity, self.base.known)
        if team.drawn is self.base.demand.drawn:
            # Paths of their own would take too much room.
            self._late.append(found)
        return found


def pulled(case: Case, levers: Iterable[Lever]) -> Case:
    """Return a case with levers pulled, one after the other."""
    return reduce(lambda so_far, lever: lever(so_far), levers, case)


def _steps(
    name: str,
    base: Case,
    teams: Teams,
    levers: Mapping[str, Lever],
    known: Mapping[frozenset[str], float],
) -> pd.DataFrame:
    """Return STEPS from the base's cost to a scenario's; some costs are known already."""
    if not levers:
        return STEPS.empty()

    def cost(some: frozenset[str]) -> float:
        if some in known:
            return known[some]
        case = pulled(base, (pull for lever, pull in levers.items() if lever in some))
        return cost_of(case, teams.of(case))

    found = waterfall(list(levers), cost)
    money = {
        "cost_before": found["from_cents"] / 100,
        "cost": found["cents"] / 100,
        "cost_after": found["to_cents"] / 100,
    }
    return found[["step", "lever", "method"]].assign(scenario=name, **money)[STEPS.names]


def _required(name: str, case: Case, staffing: Staffing, kept: Ints | None) -> pd.DataFrame:
    """Return REQUIREMENT of a case's teams, beside whom the base plan's people are kept."""
    return requirement(
        staffing.demand,
        case.capacity,
        scenario=name,
        kept_agents=kept,
        ledger=case.ledger,
        staffing=staffing,
        there=partial(case.limited, staffing.demand),
    )


def _on_position(people: Ints, demand: Demand, case: Case) -> Ints:
    """Return the positions that people fill in a case's teams."""
    minutes = demand.intervals["open_min"].to_numpy(dtype="float64")
    shares = off_position(demand.intervals["local"], case.capacity.shrinkage, case.ledger)
    return positions_of(Scheduled(people, minutes), shares).agents


def _in_teams(
    people: Ints, base: Demand, before: CapacityParams, demand: Demand, case: Case
) -> Ints | None:
    """Return the base plan's people in a scenario's teams; None where a base team was parted.

    Whoever works where a scenario has no contacts any more stays there; a new team has nobody.
    """
    if demand.intervals is base.intervals:
        return people
    after = case.capacity
    team = {queue: name for name, queues in after.pools.items() for queue in queues}
    goes: dict[str, str] = {}
    for own in map(str, base.intervals["queue"].unique()):
        to = {team.get(queue, queue) for queue in before.pools.get(own, [own])}
        if before.pools == after.pools:
            to = {own}
        if len(to) > 1:
            return None
        goes[own] = to.pop()
    key = [*SERIES, "ds"]
    moved = base.intervals[key].assign(people=people)
    site = moved["site"].replace(dict(case.sites))
    sums = moved.assign(queue=moved["queue"].map(goes), site=site).groupby(key)["people"].sum()
    there = sums.reindex(pd.MultiIndex.from_frame(demand.intervals[key]), fill_value=0)
    return there.to_numpy(dtype="int64")
