"""What tenure does: attrition, training, and the work that a head does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from forecast.errors import ParamsError
from forecast.params.hiring import HiringSite

Floats = npt.NDArray[np.float64]
WEEKS_IN = {"week": 1.0, "month": 365.25 / 12 / 7, "year": 365.25 / 7}


def weekly_attrition(
    rate: float,
    per: Literal["week", "month", "year"],
    *,
    of: Literal["start", "average"] = "start",
) -> float:
    """Return the share of the heads present that leaves in a week.

    Parameters
    ----------
    rate
        Attrition per ``per``, 0.20 being 20 %.
    per
        The time it is told for.
    of
        "start": share of those present at its start who have left by its end, at most 1:
        ``1 - (1 - rate) ** (1 / weeks)``. "average": leavers over average heads where leavers are
        replaced, may pass 1: ``rate / weeks``.

    Raises
    ------
    ParamsError
        When the rate is below 0, or the weekly share is not below 1.

    Examples
    --------
    >>> round(weekly_attrition(0.20, "month"), 4), round(weekly_attrition(0.15, "year"), 4)
    (0.05, 0.0031)
    >>> round(weekly_attrition(1.20, "year", of="average"), 4)
    0.023
    """
    weeks = WEEKS_IN[per]
    weekly = rate / weeks if of == "average" else 1 - (1 - min(rate, 1.0)) ** (1 / weeks)
    if rate < 0 or (of == "start" and rate >= 1) or weekly >= 1:
        raise ParamsError(
            f"attrition of {rate:g} a {per} of the {of} leaves no weekly share from 0 to below 1; "
            'give a rate below 1, or of="average" for leavers over average heads'
        )
    return weekly


def tenured_from(site: HiringSite) -> int:
    """Return the week of tenure from which nothing changes any more: such heads are *tenured*."""
    ramp = site.training_weeks + max(len(site.productivity), len(site.aht_factor)) - 1
    return max(ramp, *site.attrition)


@dataclass(frozen=True, eq=False)
class Tenure:
    """A site's people by week of tenure 0 ... last, the last standing for all after it.

    ``attrition`` is the share that leaves at the week's end, ``survival`` the share of a class that
    is still there, ``work`` what a head does, in full heads; ``training_weeks`` the first that do
    nothing.
    """

    attrition: Floats
    survival: Floats
    work: Floats
    training_weeks: int

    @property
    def last(self) -> int:
        """The week of tenure from which heads are tenured."""
        return len(self.work) - 1

    def survives(self, weeks: int) -> Floats:
        """Return the share of a class still there after 0 ... weeks - 1 weeks.

        The product of one less the attrition of every week before.
        """
        more = max(0, weeks - len(self.survival))
        tail = self.survival[-1] * (1 - self.attrition[-1]) ** np.arange(1, more + 1)
        return np.concatenate([self.survival, tail])[:weeks]

    def works(self, weeks: int) -> Floats:
        """Return the work of a surviving head after 0 ... weeks - 1 weeks."""
        return self.work[np.minimum(np.arange(weeks), self.last)]

    def still_there(self) -> Floats:
        """Return the share of heads of each week of tenure still there ``training_weeks`` on."""
        told = self.survives(self.last + self.training_weeks + 1)
        return np.asarray(told[self.training_weeks :] / told[: self.last + 1])

    def training_to_go(self) -> Floats:
        """Return the weeks of training that a head of each week of tenure has yet to be paid."""
        weeks = np.arange(self.last + 1)
        left = np.cumsum(np.where(weeks < self.training_weeks, self.survival, 0)[::-1])[::-1]
        return np.asarray((left / self.survival - 1).clip(min=0))


def tenure_of(site: HiringSite, last: int | None = None) -> Tenure:
    """Return a site's people by week of tenure, told up to the week ``last``.

    Examples
    --------
    >>> site = HiringSite(name="a", wage_per_week=800, class_sizes=(10,), training_weeks=2,
    ...     attrition={0: 0.10, 2: 0.01}, productivity=(0.5, 1), aht_factor=(1.25, 1))
    >>> people = tenure_of(site)
    >>> people.work.tolist()
    [0.0, 0.0, 0.4, 1.0]
    >>> people.survival.round(3).tolist()
    [1.0, 0.9, 0.81, 0.802]
    """
    weeks = np.arange((tenured_from(site) if last is None else last) + 1)
    starts = sorted(site.attrition)
    rates = np.array([site.attrition[start] for start in starts])
    attrition = rates[np.searchsorted(starts, weeks, side="right") - 1]
    since = weeks - site.training_weeks
    work = np.where(since < 0, 0.0, _held(site.productivity, since) / _held(site.aht_factor, since))
    survival = np.concatenate([[1.0], np.cumprod(1 - attrition[:-1])])
    return Tenure(attrition, survival, work, site.training_weeks)


def _held(values: Sequence[float], at: npt.NDArray[np.int64]) -> Floats:
    return np.asarray(values, dtype="float64")[np.clip(at, 0, len(values) - 1)]
