"""Who moved a total: its change shared out among what changed, exactly and to the cent."""

from collections.abc import Callable
from math import factorial

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def shapley(value: Callable[[int], npt.ArrayLike], factors: int) -> Floats:
    """Return what each factor adds to a value, averaged over all orders of changing them.

    Parameters
    ----------
    value
        The value, or an array of values, when the factors are changed whose bits are set: bit 0 is
        the first factor. Called once for each of the ``2 ** factors`` sets.
    factors
        Number of factors.

    Returns
    -------
    An array (factors x the shape of a value) that adds up, over the factors, to the change from
    none changed to all changed.

    Notes
    -----
    The one division that adds up, gives nothing to a factor without influence, treats like factors
    alike and is linear in the value. So no order has to be chosen.

    References
    ----------
    Shapley (1953), A value for n-person games.

    Examples
    --------
    Hours times pay go from 10 x 20 to 12 x 25: 45 for two hours at the mean pay, 55 for the pay.

    >>> shapley(lambda s: (12 if s & 1 else 10) * (25 if s & 2 else 20), 2).tolist()
    [45.0, 55.0]
    """
    values = [np.asarray(value(chosen), dtype="float64") for chosen in range(2**factors)]
    out = np.zeros((factors, *values[0].shape))
    for factor in range(factors):
        for before in range(2**factors):
            if not before >> factor & 1:
                first = before.bit_count()
                orders = factorial(first) * factorial(factors - 1 - first)
                gain = values[before | 1 << factor] - values[before]
                out[factor] += gain * (orders / factorial(factors))
    return out


def whole_cents(effects: Floats, total: npt.ArrayLike) -> Ints:
    """Return effects in whole cents that add up, over the first axis, to totals in whole cents.

    Each is rounded to the nearest cent; what is then lacking goes, a cent each, to those that were
    rounded the farthest the other way (largest remainder).

    Parameters
    ----------
    effects
        In cents, whose sums are those totals but for rounding.
    total
        Whole cents.

    Examples
    --------
    >>> whole_cents(np.array([33.4, 33.4, 33.2]), 100).tolist()
    [34, 33, 33]
    """
    exact = np.round(effects, 6)  # Beyond this is the noise of floating point, not a remainder.
    near = np.rint(exact).astype("int64")
    lacking = np.asarray(total, dtype="int64") - near.sum(axis=0)
    owed = (exact - near) * np.sign(lacking)
    turn = np.argsort(np.argsort(-owed, axis=0, kind="stable"), axis=0, kind="stable")
    return np.asarray(near + np.sign(lacking) * (turn < np.abs(lacking)))
