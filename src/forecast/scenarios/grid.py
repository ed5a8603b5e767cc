"""Plans on a grid of changes, and between its points: what-ifs where no server can answer them."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.interpolate import RegularGridInterpolator

from forecast.capacity.shrinkage import off_position
from forecast.params import Params
from forecast.scenarios.case import Case
from forecast.scenarios.quick import asked, planned
from forecast.schema import GRID

AXES = ("volume_pct", "aht_pct", "service_level_target", "shrinkage_points")
VALUES = ("fte", "cost", "peak_agents", "service_level", "occupancy")
RISING = ("fte", "cost", "peak_agents")
"""What grows with every axis: more work, a higher target, fewer of those paid on position."""
STEPS: Mapping[str, Sequence[float]] = {
    "volume_pct": (-30, -15, 0, 15, 30, 50),
    "aht_pct": (-20, 0, 25),
    "shrinkage_points": (-10, -5, 0, 5, 10, 15),
}
TARGETS = (0.70, 0.90)
FURTHEST = 0.95
"""Shrinkage beyond which no plan is shown."""


def grid(base: Case, params: Params, steps: Mapping[str, Sequence[float]] = STEPS) -> pd.DataFrame:
    """Return GRID: the base plan with contacts, handle time, target and shrinkage changed together.

    The targets are 70 %, 90 % and the base's own. Steps of shrinkage that a plan cannot
    have (below none, or nearly all of the paid time) are left out.

    Parameters
    ----------
    base
        What ``quick.base_case`` returns.
    params
        All parameters.
    steps
        Changes by axis; 0 is the base plan and must be among them.
    """
    own = base.capacity.service_level_target
    shrinkage = [points for points in steps["shrinkage_points"] if _can_be(base, points)]
    targets = sorted({*TARGETS, own})
    rows: list[dict[str, Any]] = []
    for volume, aht, target in product(steps["volume_pct"], steps["aht_pct"], targets):
        levers: dict[str, Any] = {"volume_pct": volume, "aht_pct": aht}
        if target != own:
            levers["capacity"] = {"service_level_target": target}
        plan = planned(asked(base, params, levers))
        for points in shrinkage:
            case = asked(base, params, {**levers, "shrinkage_points": points})
            row = planned(case, like=plan).row
            at = dict(zip(AXES, (volume, aht, target, points), strict=True))
            rows.append({**at, **{name: row[name] for name in VALUES}})
    return GRID.validate(pd.DataFrame(rows))


def _can_be(base: Case, points: float) -> bool:
    """Return whether a plan can have so many points of shrinkage more; a ledger cannot lose any."""
    own = off_position(base.demand.intervals["local"], base.capacity.shrinkage, base.ledger)
    least, most = float(np.min(own)), float(np.max(own))
    floor = 0.0 if base.ledger is None else least
    return least + points / 100 >= floor and most + points / 100 <= FURTHEST


def between(table: pd.DataFrame, at: Mapping[str, float]) -> dict[str, float]:
    """Return what GRID says of a point between its own: straight lines along each axis in turn.

    A plan that takes more at every next point of the grid takes no less anywhere between.

    Parameters
    ----------
    table
        GRID.
    at
        A value for each axis, within its ends.

    Examples
    --------
    >>> corners = pd.DataFrame({
    ...     "volume_pct": [0.0, 10.0], "aht_pct": 0.0, "service_level_target": 0.8,
    ...     "shrinkage_points": 0.0, "fte": [100.0, 110.0], "cost": [1e6, 1.2e6],
    ...     "peak_agents": [70.0, 76.0], "service_level": 0.8, "occupancy": 0.8})
    >>> at = {"volume_pct": 5, "aht_pct": 0, "service_level_target": 0.8, "shrinkage_points": 0}
    >>> between(corners, at)["fte"]
    105.0
    """
    points = [np.sort(table[axis].unique()) for axis in AXES]
    wide = [axis for axis, values in zip(AXES, points, strict=True) if len(values) > 1]
    ordered = table.sort_values(list(AXES))
    shape = [len(values) for values in points]
    where = [at[axis] for axis in wide]
    out = {}
    for name in VALUES:
        values: npt.NDArray[Any] = ordered[name].to_numpy("float64").reshape(shape)
        own = tuple(values for values in points if len(values) > 1)
        inside = RegularGridInterpolator(own, values.squeeze())
        out[name] = float(inside(where)[0])
    return out
