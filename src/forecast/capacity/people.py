"""Positions, scheduled people, paid hours and heads: four things, and the ways between them.

Each has a type of its own, so that one is never taken for another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
import numpy.typing as npt

from forecast.queueing.shrinkage import on_position, scheduled_agents

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Positions:
    """People on position in each interval, and the length of the intervals in minutes."""

    agents: Ints
    minutes: Floats


@dataclass(frozen=True)
class Scheduled:
    """People paid in each interval, on position or not, and the length of the intervals."""

    agents: Ints
    minutes: Floats


@dataclass(frozen=True)
class PaidHours:
    """Hours paid in each interval, absence and breaks included."""

    hours: Floats

    @property
    def total(self) -> float:
        """Their sum."""
        return float(self.hours.sum())


def scheduled_for(positions: Positions, shrinkage: npt.ArrayLike) -> Scheduled:
    """Return the people to schedule so that positions are filled after shrinkage.

    Parameters
    ----------
    positions
        Of each interval.
    shrinkage
        Share of paid time off position: one for all, or one per interval, see ``shrinkage``.

    Examples
    --------
    >>> half_hours = Positions(np.array([21, 21]), np.array([30.0, 30.0]))
    >>> scheduled_for(half_hours, [0.3, 0.0]).agents.tolist()
    [30, 21]
    """
    return Scheduled(_by_share(scheduled_agents, positions.agents, shrinkage), positions.minutes)


def positions_of(scheduled: Scheduled, shrinkage: npt.ArrayLike) -> Positions:
    """Return the positions that scheduled people fill after shrinkage, rounded down.

    Examples
    --------
    >>> half_hours = Scheduled(np.array([30, 21]), np.array([30.0, 30.0]))
    >>> positions_of(half_hours, [0.3, 0.0]).agents.tolist()
    [21, 21]
    """
    return Positions(_by_share(on_position, scheduled.agents, shrinkage), scheduled.minutes)


def _by_share(
    rule: Callable[[Ints, float], Ints], people: npt.ArrayLike, shrinkage: npt.ArrayLike
) -> Ints:
    given = np.asarray(people)
    shares = np.broadcast_to(np.asarray(shrinkage, dtype="float64"), given.shape)
    out = np.zeros(given.shape, dtype="int64")
    for share in np.unique(shares):
        its = shares == share
        # Exact arithmetic is slow, and a year knows few numbers of people.
        some = given[its]
        if some.dtype.kind == "i" and some.min() >= 0 and some.max() < some.size:
            out[its] = rule(np.arange(some.max() + 1), float(share))[some]
        else:
            out[its] = rule(some, float(share))
    return out


def paid_hours_of(scheduled: Scheduled) -> PaidHours:
    """Return the hours for which scheduled people are paid.

    Examples
    --------
    >>> paid_hours_of(Scheduled(np.array([30, 21]), np.array([30.0, 30.0]))).total
    25.5
    """
    return PaidHours(np.asarray(scheduled.agents * scheduled.minutes / 60))


def fte_of(paid: PaidHours, *, weeks: float, full_time_hours_per_week: float) -> float:
    """Return paid hours in full-time weeks: a measure of work, not of people.

    Examples
    --------
    >>> fte_of(PaidHours(np.array([400.0, 400.0])), weeks=2, full_time_hours_per_week=40)
    10.0
    """
    return paid.total / _weekly(weeks, full_time_hours_per_week)


def heads_for(paid: PaidHours, *, weeks: float, contract_hours_per_week: float) -> int:
    """Return the least number of people of one contract whose hours cover the paid hours.

    It takes their hours to fall where they are needed; shifts and their rules ask for more.

    Examples
    --------
    >>> heads_for(PaidHours(np.array([810.0])), weeks=2, contract_hours_per_week=40)
    11
    >>> heads_for(PaidHours(np.array([810.0])), weeks=2, contract_hours_per_week=20)
    21
    """
    _weekly(weeks, contract_hours_per_week)
    # As decimals: 0.1 + 0.2 hours must not make a head out of rounding.
    hours = Fraction(str(round(paid.total, 6)))
    return ceil(hours / (Fraction(str(weeks)) * Fraction(str(contract_hours_per_week))))


def _weekly(weeks: float, hours_per_week: float) -> float:
    if not (weeks > 0 and hours_per_week > 0):
        raise ValueError(
            f"weeks and hours per week must be > 0; found {weeks:g} and {hours_per_week:g}"
        )
    return weeks * hours_per_week
