"""Agents required on each path against those that are there."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.people import Scheduled, positions_of
from forecast.capacity.service import least_agents
from forecast.capacity.shrinkage import off_position
from forecast.params import AlertsParams, CapacityParams, ShrinkageParams

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def available_agents(
    demand: Demand,
    scheduled: Ints,
    capacity: CapacityParams,
    alerts: AlertsParams,
    ledger: ShrinkageParams | None = None,
) -> Ints:
    """Return the agents on position in each interval: those scheduled, less shrinkage, or fewer.

    No more people of a site can be scheduled at once than its ``heads_max``, and no more be on
    position than its ``seats_max``; where a ceiling is hit its teams have what they planned in
    proportion.

    Parameters
    ----------
    demand
        Teams and their open intervals.
    scheduled
        People scheduled in each of them.
    capacity, alerts, ledger
        The sections ``capacity``, ``alerts`` and ``shrinkage``.
    """
    people = _under(demand, scheduled, alerts.heads_max)
    minutes = demand.intervals["open_min"].to_numpy(dtype="float64")
    shares = off_position(demand.intervals["local"], capacity.shrinkage, ledger)
    on_position = positions_of(Scheduled(people, minutes), shares).agents
    return _under(demand, on_position, alerts.seats_max)


def _under(demand: Demand, people: Ints, ceilings: Mapping[str, int]) -> Ints:
    """Return people cut to the ceilings of their sites, rounded down."""
    most = demand.intervals["site"].map(ceilings).to_numpy(dtype="float64")
    if np.isnan(most).all():
        return people
    rows = demand.intervals[["site", "ds"]].assign(people=people)
    total = rows.groupby(["site", "ds"])["people"].transform("sum").to_numpy(dtype="float64")
    over = ~np.isnan(most) & (total > np.nan_to_num(most))
    # A hair more, for 3 x 7 / 7 may be less than 3.
    cut = np.floor(people * np.where(over, most, 1.0) / np.where(over, total, 1.0) + 1e-9)
    return np.asarray(np.where(over, cut, people), dtype="int64")


def required_by_path(demand: Demand, params: CapacityParams) -> Ints:
    """Return the least agents that meet the target on each path (intervals x paths)."""
    load = demand.load_erlangs
    aht = np.broadcast_to(demand.aht_s[:, None], load.shape)
    return least_agents(load.ravel(), aht.ravel().copy(), params).reshape(load.shape)


def gap_of(demand: Demand, available: Ints, params: CapacityParams) -> dict[str, Any]:
    """Return by how much the agents of some intervals fall short, as columns of PEAKS.

    "At the confidence" is the least value that is not exceeded on a share ``params.confidence`` of
    the paths. Hours lacking are summed over the intervals of a path before that is taken, so that
    busy mornings that come with busy afternoons count as such; agents to spare in one interval do
    not help another.

    Parameters
    ----------
    demand
        One team's intervals within a window.
    available
        Agents on position in each.
    params
        The section ``capacity``: goals and confidence.
    """
    required = required_by_path(demand, params)
    hours = demand.intervals["open_min"].to_numpy(dtype="float64") / 60
    lacking = np.maximum(required - available[:, None], 0)
    at = _at(required, params.confidence)
    short = (required > available[:, None]).mean(axis=1)
    # The interval that lacks most; of equals the likeliest, then the first.
    worst = max(range(len(at)), key=lambda row: (at[row] - available[row], short[row], -row))
    needed, there = hours @ required, float(hours @ available)
    lacking_hours = hours @ lacking
    return {
        "p_short": float((needed > there + 1e-9).mean()),
        "p_short_any": float((lacking > 0).any(axis=0).mean()),
        "worst_start": demand.intervals["local"].iloc[worst],
        "worst_available": int(available[worst]),
        "worst_required": int(at[worst]),
        "gap_agents": max(int(at[worst] - available[worst]), 0),
        "worst_p_short": float(short[worst]),
        "available_hours": there,
        "required_hours": float(needed.mean()),
        "gap_hours_mean": float(lacking_hours.mean()),
        "gap_hours": float(_at(lacking_hours[None, :], params.confidence)[0]),
    }


def _at(values: npt.NDArray[Any], confidence: float) -> npt.NDArray[Any]:
    """Return of each row the least value that a share ``confidence`` of the paths does not exceed.

    Examples
    --------
    >>> _at(np.array([[5, 1, 4, 2, 3, 6, 8, 7, 10, 9]]), 0.9).tolist()
    [9]
    """
    # A hair less, for 0.9 x 10 is more than 9.
    rank = int(np.ceil(confidence * values.shape[1] - 1e-9))
    return np.asarray(np.sort(values, axis=1)[:, max(rank, 1) - 1])


def sums_of_paths(paths: pd.DataFrame) -> Floats:
    """Return the contacts of some PATHS rows, summed path by path."""
    return paths.groupby("path")["offered"].sum().to_numpy(dtype="float64")
