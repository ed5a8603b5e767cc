"""Demand -> REQUIREMENT: the agents of every interval, and what they achieve."""

from collections.abc import Callable, Mapping

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
from forecast.capacity.shrinkage import off_position
from forecast.capacity.staffing import ACHIEVED, RISKS, Staffing, columns_of, load_at
from forecast.capacity.strata import Floats, Ints
from forecast.params import CapacityParams, Risk, ShrinkageParams
from forecast.schema import REQUIREMENT, SERIES

__all__ = [
    "ACHIEVED", "RISKS", "agents_at", "columns_of", "load_at", "requirement", "scheduled",
    "totals", "weighted",
]  # fmt: skip


def agents_at(demand: Demand, params: CapacityParams, risk: Risk) -> Ints:
    """Return the least agents per interval that meet the target, as ``params.plan_at`` names it.

    At ``mean``, ``p10``, ``p50`` and ``p90`` of the rate; ``expected`` over all contacts that may
    come; or ``confident``, on a share ``params.confidence`` of the paths or more. Whether agents
    meet the target falls with the load, so that the last is what the path of that rank takes.
    """
    return Staffing(demand, params).agents(risk)


def requirement(
    demand: Demand,
    params: CapacityParams,
    *,
    scenario: str = "base",
    kept_agents: Ints | None = None,
    ledger: ShrinkageParams | None = None,
    staffing: Staffing | None = None,
    there: Callable[[Ints], Ints] | None = None,
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
    staffing
        What is known of the demand under these rules; None: nothing.
    there
        From the positions that are needed to those that are planned; None: all are.
    """
    found = Staffing(demand, params) if staffing is None else staffing
    needed = found.agents(params.plan_at)
    planned = needed if there is None else there(needed)
    kept = None if kept_agents is None else found.achieved(kept_agents)
    columns = dict(
        scenario=_all(scenario, len(planned)),
        offered=demand.mean_rate,
        aht_s=demand.aht_s,
        load_erlangs=demand.mean_load,
        **{f"agents_{risk}": found.agents(risk) for risk in RISKS},
        agents_without_ceiling=found.without_ceiling(params.plan_at),
        agents=planned,
        scheduled_agents=scheduled(demand, planned, params, ledger).agents,
        p_met=found.chance_met(planned),
        **found.achieved(planned),
        service_level_base=np.full(len(planned), np.nan) if kept is None else kept["service_level"],
        assumed=_all(";".join(params.assumed), len(planned)),
    )
    intervals = {name: demand.intervals[name] for name in (*SERIES, "ds", "open_min")}
    told = {**intervals, **columns}
    return REQUIREMENT.validate(pd.DataFrame({name: told[name] for name in REQUIREMENT.names}))


def scheduled(
    demand: Demand, agents: Ints, params: CapacityParams, ledger: ShrinkageParams | None = None
) -> Scheduled:
    """Return the people to schedule so that positions are filled in every interval of a demand."""
    minutes = demand.intervals["open_min"].to_numpy(dtype="float64")
    shares = off_position(demand.intervals["local"], params.shrinkage, ledger)
    return scheduled_for(Positions(agents, minutes), shares)


def _all(text: str, rows: int) -> pd.api.extensions.ExtensionArray:
    """Return a column of one text, made a hundred times as fast as from its cells."""
    return pd.array([text], dtype="str").take(np.zeros(rows, dtype="int64"))


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
    offered = demand.mean_rate
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
    return int(np.bincount(demand.places.instant, agents).max())


def weighted(values: npt.ArrayLike, weights: npt.ArrayLike) -> float:
    """Return the weighted mean, NaN when nothing weighs; what weighs nothing may be empty."""
    values, weights = np.asarray(values, dtype="float64"), np.asarray(weights, dtype="float64")
    values = np.where(weights > 0, values, 0.0)
    total = weights.sum()
    return float((values * weights).sum() / total) if total > 0 else float("nan")
