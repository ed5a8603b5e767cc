"""One scenario's rows of PLAN and KPIS."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from forecast.capacity.kpi import conflicts, scorecard
from forecast.capacity.people import paid_hours_of
from forecast.capacity.requirements import scheduled, totals, weighted
from forecast.capacity.shrinkage import attendance
from forecast.capacity.staffing import RISKS, Staffing
from forecast.params import KpiParams
from forecast.scenarios.case import Case
from forecast.scenarios.cost import OUTSOURCED, cost_lines, sum_of


def plan_rows(case: Case, staffing: Staffing, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one scenario's PLAN rows, without the comparison with the base.

    Parameters
    ----------
    case, staffing
        The scenario, and its teams.
    table
        Its REQUIREMENT.
    """
    demand, capacity, rows = staffing.demand, case.capacity, []
    for risk in RISKS:
        agents = staffing.agents(risk)
        result = staffing.achieved(agents)
        own = totals(demand, agents, result, capacity, case.ledger)
        lines = cost_lines(case, demand, agents, result)
        given = lines[lines["line"].str.startswith(OUTSOURCED)]
        rows.append(
            {
                "scenario": table["scenario"].iloc[0],
                "risk": risk,
                "is_plan": risk == capacity.plan_at,
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
    case: Case, staffing: Staffing, planned: Mapping[str, Any], params: KpiParams
) -> pd.DataFrame:
    """Return one scenario's KPIS, without its name.

    The answer rate is known where callers hang up in the plan (``patience_s``), attendance where
    there is a ledger; what the plan does not hold is not known.
    """
    rules, demand = case.capacity, staffing.demand
    agents = staffing.agents(rules.plan_at)
    level = planned["service_level"]
    told = {"definition": "offered", "answer_within_s": params.answer_within_s}
    if (rules.definition, rules.answer_within_s) != tuple(told.values()):
        other = Staffing(demand, rules.model_copy(update=told), staffing.known)
        level = weighted(other.achieved(agents)["service_level"], demand.mean_rate)
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
