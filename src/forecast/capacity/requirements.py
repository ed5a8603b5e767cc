"""Demand -> REQUIREMENT: the agents of every interval, and what they achieve."""

from collections.abc import Mapping
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.people import (
    Positions,
    Scheduled,
    fte_of,
    paid_hours_of,
    scheduled_for,
)
from forecast.capacity.service import achieved, agents_in_expectation, chance_met, least_agents
from forecast.capacity.shrinkage import off_position
from forecast.capacity.strata import Floats, Ints
from forecast.params import CapacityParams, Risk, ShrinkageParams
from forecast.queueing.result import QueueResult
from forecast.schema import REQUIREMENT

RISKS: tuple[Risk, ...] = get_args(Risk)
ACHIEVED = ("service_level", "abandonment", "asa_s", "occupancy")
"""Columns of REQUIREMENT that say what agents achieve."""
QUANTILES: Mapping[Risk, float] = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


def load_at(demand: Demand, risk: Risk, params: CapacityParams) -> Floats:
    """Return each interval's load at its mean, at a quantile, or where so many paths lie below.

    Quantiles are paths themselves: at "confident" a share ``params.confidence`` of the paths, or
    more, have no higher load.
    """
    if risk == "mean":
        return np.asarray(demand.load_erlangs.mean(axis=1))
    level = {**QUANTILES, "confident": params.confidence}[risk]
    ordered = demand.strata.ordered
    # A hair less, for 0.9 x 10 is more than 9.
    rank = int(np.ceil(level * ordered.shape[1] - 1e-9))
    return np.asarray(ordered[:, max(rank, 1) - 1])


def agents_at(demand: Demand, params: CapacityParams, risk: Risk) -> Ints:
    """Return the least agents per interval that meet the target, as ``params.plan_at`` names it.

    At ``mean``, ``p10``, ``p50`` and ``p90`` of the rate; ``expected`` over all contacts that may
    come; or ``confident``, on a share ``params.confidence`` of the paths or more. Whether agents
    meet the target falls with the load, so that the last is what the path of that rank takes.
    """
    if risk == "expected":
        return agents_in_expectation(demand, params)
    return least_agents(load_at(demand, risk, params), demand.aht_s, params)


def requirement(
    demand: Demand,
    params: CapacityParams,
    *,
    scenario: str = "base",
    kept_agents: Ints | None = None,
    ledger: ShrinkageParams | None = None,
) -> pd.DataFrame:
    """Return REQUIREMENT of one scenario.

    Parameters
    ----------
    demand
        The scenario's demand.
    params
        The scenario's section ``capacity``.
    scenario
        Its name.
    kept_agents
        Positions per interval that the base plan's people fill in this scenario, whose service
        level is shown beside; None: it is not known.
    ledger
        The scenario's section ``shrinkage``; None: ``params.shrinkage`` at all times.
    """
    agents = {risk: agents_at(demand, params, risk) for risk in RISKS}
    planned = agents[params.plan_at]
    result = columns_of(achieved(demand, planned, params))
    kept = None if kept_agents is None else columns_of(achieved(demand, kept_agents, params))
    frame = demand.intervals.assign(
        scenario=scenario,
        offered=demand.rate.mean(axis=1),
        aht_s=demand.aht_s,
        load_erlangs=load_at(demand, "mean", params),
        **{f"agents_{risk}": agents[risk] for risk in RISKS},
        agents_without_ceiling=_without_ceiling(demand, params, planned),
        agents=planned,
        scheduled_agents=scheduled(demand, planned, params, ledger).agents,
        p_met=chance_met(demand, planned, params),
        **result,
        service_level_base=np.nan if kept is None else kept["service_level"],
        assumed=";".join(params.assumed),
    )
    return REQUIREMENT.validate(frame[REQUIREMENT.names])


def scheduled(
    demand: Demand, agents: Ints, params: CapacityParams, ledger: ShrinkageParams | None = None
) -> Scheduled:
    """Return the people to schedule so that positions are filled in every interval of a demand."""
    minutes = demand.intervals["open_min"].to_numpy(dtype="float64")
    shares = off_position(demand.intervals["local"], params.shrinkage, ledger)
    return scheduled_for(Positions(agents, minutes), shares)


def _without_ceiling(demand: Demand, params: CapacityParams, planned: Ints) -> Ints:
    if params.occupancy_max == 1:
        return planned
    return agents_at(demand, params.model_copy(update={"occupancy_max": 1.0}), params.plan_at)


def columns_of(result: QueueResult) -> dict[str, Floats]:
    """Return a result as ``ACHIEVED`` columns; a wait without bound is empty."""
    return {
        "service_level": np.clip(result.service_level, 0, 1),
        "abandonment": np.clip(result.abandonment, 0, 1),
        "asa_s": np.where(np.isfinite(result.asa_s), result.asa_s, np.nan),
        "occupancy": np.clip(result.occupancy, 0, 1),
    }


def totals(
    demand: Demand,
    agents: Ints,
    achieved: Mapping[str, Floats],
    params: CapacityParams,
    ledger: ShrinkageParams | None = None,
) -> dict[str, float]:
    """Return hours, FTE, cost and expected service of agents over all intervals.

    Averages are weighted by what they are averages of: service level, abandonment and wait by
    offered contacts, occupancy by agent time.

    Parameters
    ----------
    demand, params, ledger
        Of the scenario; see ``requirement``.
    agents
        Positions per interval of the demand.
    achieved
        What ``columns_of`` returns for them.
    """
    hours = demand.intervals["open_min"].to_numpy() / 60
    paid = paid_hours_of(scheduled(demand, agents, params, ledger))
    offered = demand.rate.mean(axis=1)
    return {
        "offered": float(offered.sum()),
        "agent_hours": float((agents * hours).sum()),
        "paid_hours": paid.total,
        "fte": fte_of(paid, weeks=demand.weeks, full_time_hours_per_week=params.fte_hours_per_week),
        "peak_agents": _peak(demand, agents),
        "cost": paid.total * params.cost_per_paid_hour,
        "service_level": weighted(achieved["service_level"], offered),
        "abandonment": weighted(achieved["abandonment"], offered),
        "asa_s": weighted(achieved["asa_s"], offered),
        "occupancy": weighted(achieved["occupancy"], agents * hours),
    }


def _peak(demand: Demand, agents: Ints) -> int:
    return int(pd.Series(agents).groupby(demand.intervals["ds"].reset_index(drop=True)).sum().max())


def weighted(values: npt.ArrayLike, weights: npt.ArrayLike) -> float:
    """Return the weighted mean, NaN when nothing weighs; what weighs nothing may be empty."""
    values, weights = np.asarray(values, dtype="float64"), np.asarray(weights, dtype="float64")
    values = np.where(weights > 0, values, 0.0)
    total = weights.sum()
    return float((values * weights).sum() / total) if total > 0 else float("nan")
