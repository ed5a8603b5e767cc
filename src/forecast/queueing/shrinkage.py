"""People to schedule for positions to fill, by exact decimal arithmetic."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from forecast.queueing.search import Ints


def scheduled_agents(agents: npt.ArrayLike, shrinkage: float) -> Ints:
    """Return the people to schedule so that ``agents`` are on position after shrinkage.

    Exact: the shrinkage is taken as the decimal number that it is written as, so that 21 agents at
    30 % are 30 people, where floating point says 31.

    Examples
    --------
    >>> int(scheduled_agents(21, 0.30))
    30
    """
    present = _present(shrinkage)
    return _ints(-(-_people(agents) * present.denominator // present.numerator))


def on_position(people: npt.ArrayLike, shrinkage: float) -> Ints:
    """Return the positions that scheduled people fill after shrinkage, rounded down.

    Examples
    --------
    >>> int(on_position(30, 0.30)), int(on_position(30, 0.35))
    (21, 19)
    """
    present = _present(shrinkage)
    return _ints(_people(people) * present.numerator // present.denominator)


def _present(shrinkage: float) -> Fraction:
    if not 0 <= shrinkage < 1:
        raise ValueError(f"shrinkage must be at least 0 and below 1; found {shrinkage}")
    return 1 - Fraction(str(shrinkage))


def _people(agents: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """Return whole numbers of unlimited size: many decimals of shrinkage must not overflow."""
    given = np.asarray(agents, dtype="float64")
    bad = ~np.isfinite(given) | (given < 0) | (np.where(np.isfinite(given), given, 0.0) % 1 != 0)
    if bad.any():
        raise ValueError(f"agents must be whole, finite and >= 0; found {given[bad].flat[0]}")
    return np.asarray(agents).astype("int64").astype(object)


def _ints(values: npt.NDArray[np.object_]) -> Ints:
    return np.asarray(values, dtype="int64")
