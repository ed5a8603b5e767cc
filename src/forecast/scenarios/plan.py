"""One scenario's rows of PLAN and KPIS."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.kpi import conflicts, scorecard
from forecast.capacity.people import paid_hours_of
from forecast.capacity.requirements import scheduled, totals, weighted
from forecast.capacity.shrinkage import attendance
from forecast.capacity.staffing import ACHIEVED, RISKS, Staffing
from forecast.capacity.strata import Floats, Ints
from forecast.params import KpiParams
from forecast.scenarios.case import Case
from forecast.scenarios.cost import OUTSOURCED, cost_lines, sum_of
from forecast.scenarios.hours import heads_of, own_share
from forecast.scenarios.waiting import with_waiting
from forecast.schema import REQUIREMENT


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
        agents = case.limited(demand, staffing.agents(risk))
        result = staffing.achieved(agents)
        own = totals_of(case, demand, agents, result)
        heads = heads_of(own["fte"], capacity, case.prices)
        lines = cost_lines(case, demand, agents, result)
        given = lines[lines["line"].str.startswith(OUTSOURCED)]
        rows.append(
            {
                "scenario": table["scenario"].iloc[0],
                "risk": risk,
                "is_plan": risk == capacity.plan_at,
                **own,
                "heads": sum(heads.values()),
                "heads_by_contract": "; ".join(f"{name} {n}" for name, n in heads.items()),
                "cost": sum_of(case, lines),
                "cost_outsourced": sum_of(case, given),
                "lost": case.lost,
                "service_level_base": weighted(table["service_level_base"], table["offered"]),
                "assumed": ";".join(capacity.assumed),
            }
        )
    return rows


def totals_of(
    case: Case, demand: Demand, agents: Ints, result: Mapping[str, Floats]
) -> dict[str, float]:
    """Return ``totals`` of a case: with work that may wait, and the FTE of own people alone.

    Service, wait and occupancy are those of teams whose contacts do not wait for a due time.
    """
    rules = case.capacity
    own = totals(demand, agents, result, rules, case.ledger)
    if not (case.waiting or case.temps or case.overtime):
        return own
    whole, all_agents = with_waiting(case.waiting, demand, agents)
    none = {name: np.full(len(all_agents), np.nan) for name in ACHIEVED}
    work = totals(whole, all_agents, none, rules, case.ledger)
    paid = paid_hours_of(scheduled(whole, all_agents, rules, case.ledger))
    work["fte"] *= own_share(case, whole, paid)
    return {**work, **{name: own[name] for name in ACHIEVED}}


def with_waiting_teams(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Return REQUIREMENT with the teams whose contacts may wait, which have no service level."""
    if not case.waiting:
        return table
    parts = [table]
    for demand, agents in case.waiting:
        same = dict.fromkeys([f"agents_{risk}" for risk in RISKS], agents)
        load = demand.load_erlangs.mean(axis=1)
        busy = load / np.where(agents > 0, agents, 1)
        frame = demand.intervals.assign(
            scenario=table["scenario"].iloc[0],
            offered=demand.rate.mean(axis=1),
            aht_s=demand.aht_s,
            load_erlangs=load,
            **same,
            agents_without_ceiling=agents,
            agents=agents,
            scheduled_agents=scheduled(demand, agents, case.capacity, case.ledger).agents,
            **dict.fromkeys(("p_met", *ACHIEVED), np.nan),
            service_level_base=np.nan,
            assumed=";".join(case.capacity.assumed),
        ).assign(occupancy=np.clip(busy, 0, 1))
        parts.append(frame[REQUIREMENT.names])
    return REQUIREMENT.validate(pd.concat(parts, ignore_index=True))


def card_of(
    case: Case, staffing: Staffing, planned: Mapping[str, Any], params: KpiParams
) -> pd.DataFrame:
    """Return one scenario's KPIS, without its name.

    The answer rate is known where callers hang up in the plan (``patience_s``), attendance where
    there is a ledger; what the plan does not hold is not known.
    """
    rules, demand = case.capacity, staffing.demand
    agents = case.limited(demand, staffing.agents(rules.plan_at))
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
