"""What-ifs: levers on the demand and on the staffing rules -> REQUIREMENT and PLAN side by side."""

from dataclasses import dataclass

import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.pools import pooled
from forecast.capacity.requirements import (
    ACHIEVED,
    RISKS,
    agents_at,
    columns_of,
    requirement,
    totals,
    weighted,
)
from forecast.capacity.service import achieved
from forecast.capacity.strata import Ints
from forecast.errors import ParamsError
from forecast.params import CapacityParams, Params, Scenario
from forecast.queueing.shrinkage import on_position, scheduled_agents
from forecast.schema import PLAN, REQUIREMENT, SERIES


@dataclass(frozen=True)
class WhatIf:
    """REQUIREMENT and PLAN of all scenarios."""

    requirement: pd.DataFrame
    plan: pd.DataFrame


def levers(demand: Demand, name: str, scenario: Scenario) -> Demand:
    """Return the demand as a scenario's volume and handle-time levers change it.

    Raises
    ------
    ParamsError
        When the scenario names a queue that the forecast does not have.
    """
    queues = set(demand.intervals["queue"])
    asked = queues if scenario.queues == "all" else set(scenario.queues)
    unknown = sorted(asked - queues)
    if unknown:
        raise ParamsError(
            f"scenarios.{name}.queues: {', '.join(map(repr, unknown))} is no queue of the forecast "
            f"({', '.join(sorted(queues))})"
        )
    return demand.scaled(
        where=demand.intervals["queue"].isin(asked).to_numpy(),
        volume=1 + scenario.volume_pct / 100,
        aht=1 + scenario.aht_pct / 100,
    )


def run_scenarios(demand: Demand, params: Params) -> WhatIf:
    """Return every scenario of the parameters, compared with ``base``.

    Parameters
    ----------
    demand
        The base demand, by queue.
    params
        All parameters; ``scenarios`` and ``capacity`` are used.
    """
    base = pooled(demand, params.capacity.pools)
    base_agents = agents_at(base, params.capacity, params.capacity.plan_at)
    base_people = scheduled_agents(base_agents, params.capacity.shrinkage)
    requirements, rows = [], []
    for name, scenario in params.scenarios.items():
        capacity = params.capacity_of(name, scenario)
        changed = pooled(levers(demand, name, scenario), capacity.pools)
        people = _in_teams(base, base_people, params.capacity, changed, capacity)
        kept = None if people is None else on_position(people, capacity.shrinkage)
        table = requirement(changed, capacity, scenario=name, kept_agents=kept)
        requirements.append(table)
        rows += _plan_rows(changed, table, capacity)
    plan = pd.DataFrame(rows)
    base_cost = float(plan.loc[(plan["scenario"] == "base") & plan["is_plan"], "cost"].iloc[0])
    return WhatIf(
        REQUIREMENT.validate(pd.concat(requirements, ignore_index=True)),
        PLAN.validate(plan.assign(cost_vs_base=plan["cost"] - base_cost)),
    )


def _in_teams(
    base: Demand, people: Ints, before: CapacityParams, demand: Demand, after: CapacityParams
) -> Ints | None:
    """Return the base plan's people in a scenario's teams; None where a base team was parted."""
    if before.pools == after.pools:
        return people
    team = {queue: name for name, queues in after.pools.items() for queue in queues}
    goes: dict[str, str] = {}
    for own in map(str, base.intervals["queue"].unique()):
        to = {team.get(queue, queue) for queue in before.pools.get(own, [own])}
        if len(to) > 1:
            return None
        goes[own] = to.pop()
    key = [*SERIES, "ds"]
    moved = base.intervals.assign(queue=base.intervals["queue"].map(goes), people=people)
    sums = moved.groupby(key)["people"].sum()
    return sums.loc[pd.MultiIndex.from_frame(demand.intervals[key])].to_numpy()


def _plan_rows(
    demand: Demand, table: pd.DataFrame, capacity: CapacityParams
) -> list[dict[str, object]]:
    """Return one scenario's PLAN rows, without the comparison with the base."""
    rows = []
    for risk in RISKS:
        agents = table[f"agents_{risk}"].to_numpy()
        planned = risk == capacity.plan_at
        result = (
            {name: table[name].to_numpy() for name in ACHIEVED}
            if planned
            else columns_of(achieved(demand, agents, capacity))
        )
        rows.append(
            {
                "scenario": table["scenario"].iloc[0],
                "risk": risk,
                "is_plan": planned,
                **totals(demand, agents, result, capacity),
                "service_level_base": weighted(table["service_level_base"], table["offered"]),
                "assumed": ";".join(capacity.assumed),
            }
        )
    return rows
