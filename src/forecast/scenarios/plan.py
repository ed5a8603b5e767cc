"""One scenario's rows of PLAN and KPIS."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.kpi import conflicts, scorecard
from forecast.capacity.people import paid_hours_of
from forecast.capacity.requirements import (
    ACHIEVED,
    RISKS,
    columns_of,
    scheduled,
    totals,
    weighted,
)
from forecast.capacity.service import achieved
from forecast.capacity.shrinkage import attendance
from forecast.capacity.strata import Ints
from forecast.params import KpiParams
from forecast.scenarios.case import Case
from forecast.scenarios.cost import OUTSOURCED, cost_lines, sum_of
from forecast.schema import SERIES


def plan_rows(case: Case, demand: Demand, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one scenario's PLAN rows, without the comparison with the base."""
    capacity, rows = case.capacity, []
    ordered = table.set_index([*SERIES, "ds"])
    ordered = ordered.loc[pd.MultiIndex.from_frame(demand.intervals[[*SERIES, "ds"]])]
    for risk in RISKS:
        agents = ordered[f"agents_{risk}"].to_numpy()
        planned = risk == capacity.plan_at
        result = (
            {name: ordered[name].to_numpy() for name in ACHIEVED}
            if planned
            else columns_of(achieved(demand, agents, capacity))
        )
        own = totals(demand, agents, result, capacity, case.ledger)
        lines = cost_lines(case, demand, agents, result)
        given = lines[lines["line"].str.startswith(OUTSOURCED)]
        rows.append(
            {
                "scenario": table["scenario"].iloc[0],
                "risk": risk,
                "is_plan": planned,
                **own,
                "cost": sum_of(case, lines),
                "cost_outsourced": sum_of(case, given),
                "lost": case.lost,
                "service_level_base": weighted(table["service_level_base"], table["offered"]),
                "assumed": ";".join(capacity.assumed),
            }
        )
    return rows


def card_of(
    case: Case, demand: Demand, agents: Ints, planned: Mapping[str, Any], params: KpiParams
) -> pd.DataFrame:
    """Return one scenario's KPIS, without its name.

    The answer rate is known where callers hang up in the plan (``patience_s``), attendance where
    there is a ledger; what the plan does not hold is not known.
    """
    rules = case.capacity
    level = planned["service_level"]
    told = {"definition": "offered", "answer_within_s": params.answer_within_s}
    if (rules.definition, rules.answer_within_s) != tuple(told.values()):
        other = columns_of(achieved(demand, agents, rules.model_copy(update=told)))
        level = weighted(other["service_level"], demand.rate.mean(axis=1))
    values: dict[str, float | None] = {
        "service_level": level,
        "answer_rate": None if rules.patience_s is None else 1 - planned["abandonment"],
        "occupancy": planned["occupancy"],
    }
    if case.ledger is not None:
        paid = paid_hours_of(scheduled(demand, agents, rules, case.ledger))
        local = pd.DatetimeIndex(demand.intervals["local"])
        values["attendance"] = attendance(case.ledger, local, paid.hours)
    card = scorecard(values, params)
    pairs = conflicts(card)
    why = [
        " | ".join(pairs.loc[(pairs["kpi"] == kpi) | (pairs["other"] == kpi), "why"])
        for kpi in card["kpi"]
    ]
    return card.assign(why=why, place=range(1, len(card) + 1))
