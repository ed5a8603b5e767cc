"""Searches over many rows at once: the least whole number that is enough, and roots.

Both go on with rows that are still open only.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.optimize import elementwise

from forecast.queueing.checks import Bools, Floats

Ints = npt.NDArray[np.int64]
Enough = Callable[[Ints, Floats], Bools]
"""Whether numbers are enough: (which rows, one number for each of them) -> yes or no."""


def least(enough: Enough, start: Floats, lowest: int = 0, known: Floats | None = None) -> Ints:
    """Return the least whole number >= lowest that is enough, for each row.

    ``known`` are numbers >= start that are known to be enough.

    What is enough must stay enough with more. The search leaves ``start`` in growing steps until
    it has one number that is enough and a lower one that is not, and halves what lies between; a
    start next to the answer takes two looks, any other the logarithm of its distance.
    """
    probe = np.maximum(np.floor(start), lowest)
    miss, hit = np.full(probe.shape, lowest - 1.0), np.full(probe.shape, np.inf)
    hit = hit if known is None else known.copy()
    missed = np.zeros(probe.shape, dtype=bool)
    stride = np.ones(probe.shape)
    rows: Ints = np.arange(probe.size, dtype="int64")
    while rows.size:
        good = enough(rows, probe[rows])
        hit[rows[good]] = probe[rows[good]]
        miss[rows[~good]], missed[rows[~good]] = probe[rows[~good]], True
        rows = rows[hit[rows] - miss[rows] > 1]
        low, high, step = miss[rows], hit[rows], stride[rows]
        between, up = missed[rows] & np.isfinite(high), np.isinf(high)
        out = np.where(up, low + step, np.maximum(high - step, lowest))
        middle = np.floor((low + np.where(up, low, high)) / 2)
        probe[rows] = np.where(between, middle, out)
        stride[rows] = 2 * step
    return hit.astype("int64")


def crossing(f: Callable[..., Floats], low: Floats, high: Floats, *args: Floats) -> Floats:
    """Return where a monotone function is 0 between two bounds, by Chandrupatla's method.

    Where rounding puts the answer on or just outside of a bound, that bound is returned.
    """
    if not low.size:
        return low
    found = elementwise.find_root(f, (low, high), args=args)
    at_low, at_high = np.abs(f(low, *args)), np.abs(f(high, *args))
    bound = np.where(at_low <= at_high, low, high)
    return np.asarray(np.where(found.status == -1, bound, found.x))


def reached(f: Callable[..., Floats], goal: Floats, start: Floats, *args: Floats) -> Floats:
    """Return where a rising function that is at most ``goal`` at ``start`` > 0 reaches it."""
    low, high = start.copy(), start.copy()
    below = f(high, *args) < goal
    while below.any():
        low, high = np.where(below, high, low), np.where(below, 2 * high, high)
        below = f(high, *args) < goal
    return crossing(lambda x, goal, *rest: f(x, *rest) - goal, low, high, goal, *args)
