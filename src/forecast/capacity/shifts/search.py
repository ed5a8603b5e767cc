"""Solve the integer programme: a proven bound, and whole numbers close to it.

Small programmes are left to HiGHS. In large ones its own search for whole numbers is slow, while
the linear bound is known at once and is tight. There the heads are made whole first, with the
shifts of the days still free; then the shifts, one stretch of the week after the other in the order
of their starts, so that what one stretch rounds wrong the next can mend. That is *relax and fix*
(Pochet & Wolsey 2006, Production Planning by Mixed Integer Programming, chapter 3).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp

from forecast.capacity.shifts.model import Bools, Model
from forecast.capacity.shifts.week import Floats

Ints = npt.NDArray[np.int64]
DIRECT = 250
"""Whole columns up to which HiGHS solves all at once."""
STRETCH = 60
"""Columns made whole at once."""
NODES = 10
"""Branches that one stretch may take; a limit in time would make the plan depend on the machine."""


@dataclass(frozen=True)
class Found:
    """A solution, its cost and a proven lower bound; ``x`` is None where there is none."""

    x: Floats | None
    cost: float
    bound: float


def solve(model: Model, gap_max: float) -> Found:
    """Return the best solution found, and the bound.

    Parameters
    ----------
    model
        The programme.
    gap_max
        Gap, as a share of the cost, at which the search stops.
    """
    if model.is_whole.sum() <= DIRECT or gap_max == 0:
        return _part(model, model.is_whole, gap_max)
    relaxed = _part(model, np.zeros(len(model.cost), dtype=bool), 0.0)
    if relaxed.x is None:
        return relaxed
    found = _relax_and_fix(model, relaxed.bound, gap_max)
    if found.x is None:
        return _part(model, model.is_whole, gap_max)
    return found


def _relax_and_fix(model: Model, bound: float, gap_max: float) -> Found:
    """Return whole heads, then whole shifts, stretch by stretch."""
    heads = model.is_heads
    first = _part(model, heads, 0.3 * gap_max, nodes=NODES)
    if first.x is None:
        return Found(None, np.inf, bound)
    bound = max(bound, first.bound)
    fixed, x, cost = heads.copy(), first.x, first.cost
    stretches = _stretches(model)
    # What the gap still allows is shared out among the stretches to come; many do not use theirs.
    for i, stretch in enumerate(stretches):
        left = bound * (1 + 0.9 * gap_max) - cost
        share = 1.5 * left / (len(stretches) - i)
        allowed = max(share, 0.05 * gap_max * bound) / max(cost, 1e-9)
        step = _part(model, stretch, allowed, fixed=fixed, at=x, nodes=NODES)
        if step.x is None:
            # Whole heads were too few for whole shifts: they and the stretch before are opened.
            stretch = heads | stretch | stretches[max(i - 1, 0)]
            fixed = fixed & ~stretch
            step = _part(model, stretch, allowed, fixed=fixed, at=x, nodes=NODES)
        if step.x is None:
            return Found(None, np.inf, bound)
        x, cost = step.x, step.cost
        fixed = fixed | stretch
    return Found(x, cost, bound)


def _stretches(model: Model) -> list[Bools]:
    """Return the shifts' columns in the order of their starts, in stretches of equal size."""
    begins = model.begins_min
    order = np.argsort(begins, kind="stable")[: int(np.isfinite(begins).sum())]
    parts = np.array_split(order, max(1, round(len(order) / STRETCH)))
    return [np.isin(np.arange(len(begins)), part) for part in parts]


def _part(
    model: Model,
    whole: Bools,
    gap_max: float,
    *,
    fixed: Bools | None = None,
    at: Floats | None = None,
    nodes: int | None = None,
) -> Found:
    """Solve with some columns whole and some fixed where they are."""
    free = np.ones(len(model.cost), dtype=bool) if fixed is None else ~fixed
    held = np.zeros(len(model.cost)) if at is None else np.where(free, 0.0, at)
    used = model.matrix @ held
    result = milp(
        model.cost[free],
        constraints=LinearConstraint(model.matrix[:, free], model.lower - used, model.upper - used),
        bounds=Bounds(np.zeros(int(free.sum())), model.most[free]),
        integrality=whole[free].astype("int64"),
        options={"mip_rel_gap": gap_max, "node_limit": 2**31 - 1 if nodes is None else nodes},
    )
    spent = float(model.cost @ held)
    if result.x is None:
        return Found(None, np.inf, np.inf if result.status == 2 else -np.inf)
    x = held
    x[free] = np.where(whole[free], np.round(result.x), result.x)
    bound = result.fun if result.mip_dual_bound is None else result.mip_dual_bound
    return Found(x, float(model.cost @ x), float(bound) + spent)
