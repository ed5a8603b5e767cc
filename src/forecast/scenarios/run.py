"""What-ifs -> REQUIREMENT, PLAN and SERVICE side by side, and the steps between their costs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.money.planned import prices_of
from forecast.capacity.money.waterfall import waterfall
from forecast.capacity.people import Scheduled, positions_of
from forecast.capacity.pools import pooled
from forecast.capacity.requirements import agents_at, requirement, scheduled
from forecast.capacity.service import service_by
from forecast.capacity.shrinkage import off_position
from forecast.capacity.strata import Ints
from forecast.capacity.trunks import trunks_of
from forecast.params import CapacityParams, Params
from forecast.params.scenario import layers
from forecast.scenarios.case import Case
from forecast.scenarios.cost import cost_of, planned_lines
from forecast.scenarios.levers import Lever, pulls
from forecast.scenarios.plan import card_of, plan_rows
from forecast.schema import COST_LINES, KPIS, PLAN, REQUIREMENT, SERIES, SERVICE, STEPS, TRUNKS

BASE = "base"


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

    Raises
    ------
    ParamsError
        When a scenario names what the forecast does not have, or two that it extends set the same.
    """
    costs = params.costs
    prices = None if costs is None else prices_of(costs, params.trunks, calendar)
    base = Case(demand, params.capacity, ledger=params.shrinkage, prices=prices)
    people = _base_people(base)
    named = params.scenarios if names is None else names
    asked = [BASE, *(name for name in named if name != BASE)]
    requirements, services, steps, lines, cards, trunks = [], [], [], [], [], []
    plans: list[dict[str, Any]] = []
    base_cost = 0.0
    for name in asked:
        levers = pulls(layers(name, params.scenarios))
        case = pulled(base, levers.values())
        team = pooled(case.demand, case.capacity.pools)
        there = _in_teams(people, params.capacity, team, case.capacity)
        kept = None if there is None else _on_position(there, team, case)
        table = requirement(
            team, case.capacity, scenario=name, kept_agents=kept, ledger=case.ledger
        )
        requirements.append(table)
        rows = plan_rows(case, team, table)
        agents = _in_order(table, team)
        planned = next(row for row in rows if row["is_plan"])
        plans += rows
        lines.append(planned_lines(case, team, agents).assign(scenario=name))
        cards.append(card_of(case, team, agents, planned, params.kpi).assign(scenario=name))
        services.append(service_by(team, agents, case.capacity, scenario=name))
        if params.trunks is not None:
            trunks.append(trunks_of(team, agents, case.capacity, params.trunks, scenario=name))
        cost = float(planned["cost"])
        base_cost = cost if name == BASE else base_cost
        known = {frozenset(): base_cost, frozenset(levers): cost}
        steps.append(_steps(name, base, levers, known))
    plan = pd.DataFrame(plans)
    return WhatIf(
        REQUIREMENT.validate(pd.concat(requirements, ignore_index=True)),
        PLAN.validate(plan.assign(cost_vs_base=plan["cost"] - base_cost)),
        SERVICE.validate(pd.concat(services, ignore_index=True)),
        STEPS.validate(pd.concat([STEPS.empty(), *steps], ignore_index=True)),
        COST_LINES.validate(pd.concat(lines, ignore_index=True)[COST_LINES.names]),
        KPIS.validate(pd.concat(cards, ignore_index=True)[KPIS.names]),
        TRUNKS.validate(pd.concat([TRUNKS.empty(), *trunks], ignore_index=True)),
    )


def pulled(case: Case, levers: Iterable[Lever]) -> Case:
    """Return a case with levers pulled, one after the other."""
    return reduce(lambda so_far, lever: lever(so_far), levers, case)


def _steps(
    name: str, base: Case, levers: Mapping[str, Lever], known: Mapping[frozenset[str], float]
) -> pd.DataFrame:
    """Return STEPS from the base's cost to a scenario's; some costs are known already."""
    if not levers:
        return STEPS.empty()

    def cost(some: frozenset[str]) -> float:
        if some in known:
            return known[some]
        return cost_of(pulled(base, (pull for lever, pull in levers.items() if lever in some)))

    found = waterfall(list(levers), cost)
    money = {
        "cost_before": found["from_cents"] / 100,
        "cost": found["cents"] / 100,
        "cost_after": found["to_cents"] / 100,
    }
    return found[["step", "lever", "method"]].assign(scenario=name, **money)[STEPS.names]


def _base_people(base: Case) -> pd.Series:
    """Return the people whom the base plan schedules, by series and instant."""
    team = pooled(base.demand, base.capacity.pools)
    agents = agents_at(team, base.capacity, base.capacity.plan_at)
    key = pd.MultiIndex.from_frame(team.intervals[[*SERIES, "ds"]])
    return pd.Series(scheduled(team, agents, base.capacity, base.ledger).agents, index=key)


def _on_position(people: Ints, demand: Demand, case: Case) -> Ints:
    """Return the positions that people fill in a case's teams."""
    minutes = demand.intervals["open_min"].to_numpy(dtype="float64")
    shares = off_position(demand.intervals["local"], case.capacity.shrinkage, case.ledger)
    return positions_of(Scheduled(people, minutes), shares).agents


def _in_teams(
    people: pd.Series, before: CapacityParams, demand: Demand, after: CapacityParams
) -> Ints | None:
    """Return the base plan's people in a scenario's teams; None where a base team was parted.

    Whoever works where a scenario has no contacts any more stays there; a new team has nobody.
    """
    team = {queue: name for name, queues in after.pools.items() for queue in queues}
    goes: dict[str, str] = {}
    for own in map(str, people.index.get_level_values("queue").unique()):
        to = {team.get(queue, queue) for queue in before.pools.get(own, [own])}
        if before.pools == after.pools:
            to = {own}
        if len(to) > 1:
            return None
        goes[own] = to.pop()
    key = [*SERIES, "ds"]
    moved = people.rename("people").reset_index()
    sums = moved.assign(queue=moved["queue"].map(goes)).groupby(key)["people"].sum()
    there = sums.reindex(pd.MultiIndex.from_frame(demand.intervals[key]), fill_value=0)
    return there.to_numpy(dtype="int64")


def _in_order(table: pd.DataFrame, demand: Demand) -> Ints:
    """Return the planned agents of REQUIREMENT in the order of a demand's intervals."""
    key = [*SERIES, "ds"]
    agents = table.set_index(key)["agents"]
    return agents.loc[pd.MultiIndex.from_frame(demand.intervals[key])].to_numpy(dtype="int64")
