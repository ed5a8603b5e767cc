"""Demand -> REQUIREMENT: agents per interval at a level of the rate, and what they achieve."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.params import CapacityParams, Risk
from forecast.queueing.staffing import Target, performance, required_agents, scheduled_agents
from forecast.schema import REQUIREMENT

ACHIEVED = ("service_level", "abandonment", "asa_s", "occupancy")
"""What ``expected`` returns."""
RISKS: tuple[Risk, ...] = ("mean", "p50", "p90")
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def load_at(demand: Demand, risk: Risk) -> Floats:
    """Return each interval's load at the mean, median or 90 % quantile of its rate."""
    load = demand.load_erlangs
    if risk == "mean":
        return np.asarray(load.mean(axis=1))
    return np.asarray(np.quantile(load, {"p50": 0.5, "p90": 0.9}[risk], axis=1))


def agents_at(demand: Demand, params: CapacityParams, risk: Risk) -> Ints:
    """Return the least agents per interval that meet the target at a level of the rate."""
    target = Target(params.service_level_target, params.answer_within_s, params.occupancy_max)
    return required_agents(
        load_at(demand, risk), aht_s=demand.aht_s, target=target, patience_s=params.patience_s
    )


def expected(demand: Demand, agents: Ints, params: CapacityParams) -> dict[str, Floats]:
    """Return what agents achieve in each interval, expected over the demand's paths.

    Service level, abandonment and wait are weighted by the contacts of each path, occupancy is the
    mean over paths. A wait without bound (Erlang C in overload on some path) is NaN.
    """
    result = performance(
        demand.load_erlangs,
        agents[:, None],
        aht_s=demand.aht_s[:, None],
        answer_within_s=params.answer_within_s,
        patience_s=params.patience_s,
    )
    total = demand.rate.sum(axis=1, keepdims=True)
    # Where no path has a contact there is nobody to be served well or badly.
    weight = demand.rate / np.where(total > 0, total, np.nan)
    asa = (np.where(np.isfinite(result.asa_s), result.asa_s, np.nan) * weight).sum(axis=1)
    return {
        "service_level": np.clip((result.service_level * weight).sum(axis=1), 0, 1),
        "abandonment": np.clip((result.abandonment * weight).sum(axis=1), 0, 1),
        "asa_s": asa,
        "occupancy": np.clip(result.occupancy.mean(axis=1), 0, 1),
    }


def requirement(
    demand: Demand,
    params: CapacityParams,
    *,
    scenario: str = "base",
    base_agents: Ints | None = None,
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
    base_agents
        Positions per interval that the base plan's people fill in this scenario, whose service
        level is shown beside; None: this scenario is the base.
    """
    agents = {risk: agents_at(demand, params, risk) for risk in RISKS}
    planned = agents[params.plan_at]
    achieved = expected(demand, planned, params)
    with_base = achieved if base_agents is None else expected(demand, base_agents, params)
    frame = demand.intervals.assign(
        scenario=scenario,
        offered=demand.rate.mean(axis=1),
        aht_s=demand.aht_s,
        load_erlangs=load_at(demand, "mean"),
        **{f"agents_{risk}": agents[risk] for risk in RISKS},
        agents=planned,
        scheduled_agents=scheduled_agents(planned, params.shrinkage),
        **achieved,
        service_level_base=with_base["service_level"],
        assumed=";".join(params.assumed),
    )
    return REQUIREMENT.validate(frame[REQUIREMENT.names])


def totals(
    demand: Demand, agents: Ints, achieved: Mapping[str, Floats], params: CapacityParams
) -> Mapping[str, float]:
    """Return hours, FTE, cost and expected service of agents over all intervals.

    Averages are weighted by what they are averages of: service level, abandonment and wait by
    offered contacts, occupancy by agent time.

    Parameters
    ----------
    demand, params
        Of the scenario.
    agents
        Positions per interval of the demand.
    achieved
        What ``expected`` returns for them.
    """
    hours = demand.intervals["open_min"].to_numpy() / 60
    paid_hours = float((scheduled_agents(agents, params.shrinkage) * hours).sum())
    offered = demand.rate.mean(axis=1)
    return {
        "offered": float(offered.sum()),
        "agent_hours": float((agents * hours).sum()),
        "paid_hours": paid_hours,
        "fte": paid_hours / demand.weeks / params.fte_hours_per_week,
        "peak_agents": _peak(demand, agents),
        "cost": paid_hours * params.cost_per_paid_hour,
        "service_level": weighted(achieved["service_level"], offered),
        "abandonment": weighted(achieved["abandonment"], offered),
        "asa_s": weighted(achieved["asa_s"], offered),
        "occupancy": weighted(achieved["occupancy"], agents * hours),
    }


def _peak(demand: Demand, agents: Ints) -> int:
    return int(pd.Series(agents).groupby(demand.intervals["ds"].to_numpy()).sum().max())


def weighted(values: npt.ArrayLike, weights: npt.ArrayLike) -> float:
    """Return the weighted mean, NaN when nothing weighs; what weighs nothing may be empty."""
    values, weights = np.asarray(values, dtype="float64"), np.asarray(weights, dtype="float64")
    values = np.where(weights > 0, values, 0.0)
    total = weights.sum()
    return float((values * weights).sum() / total) if total > 0 else float("nan")
