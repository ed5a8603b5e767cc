"""The week on which shifts are planned: intervals on one UTC axis, repeated week after week."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY_MIN = 1440


@dataclass(frozen=True)
class Week:
    """Seven days from Monday 00:00 UTC in equal intervals.

    The week is a ring: what begins on Sunday night ends on the Monday of the same plan, as it does
    when every week is like this one.

    Examples
    --------
    >>> week = Week(30)
    >>> week.intervals, week.at(52)
    (336, 'Tue 02:00')
    """

    interval_min: int

    def __post_init__(self) -> None:
        if self.interval_min <= 0 or DAY_MIN % self.interval_min:
            raise InputError(
                f"interval_min must divide a day of {DAY_MIN} minutes; found {self.interval_min}"
            )

    @property
    def intervals(self) -> int:
        """Number of intervals of the week."""
        return 7 * DAY_MIN // self.interval_min

    def at(self, interval: int) -> str:
        """Return weekday and time of an interval's start, in UTC."""
        day, minute = divmod(interval * self.interval_min, DAY_MIN)
        return f"{DAYS[day]} {clock(minute)}"

    def steps(self, minutes: int, what: str) -> int:
        """Return minutes as a number of intervals.

        Raises
        ------
        InputError
            When they are not whole intervals.
        """
        if minutes % self.interval_min:
            raise InputError(
                f"{what} must be a multiple of the interval of {self.interval_min} min; found "
                f"{minutes}. Plan in shorter intervals, or count short breaks in the shrinkage"
            )
        return minutes // self.interval_min


def clock(minute: int) -> str:
    """Return minutes after midnight as a time of day.

    Examples
    --------
    >>> clock(8 * 60 + 30), clock(25 * 60)
    ('08:30', '01:00')
    """
    hours, minutes = divmod(minute % DAY_MIN, 60)
    return f"{hours:02d}:{minutes:02d}"


def premium(
    week: Week,
    share: float,
    *,
    days: Sequence[int] = range(7),
    from_min: int = 0,
    to_min: int = DAY_MIN,
    utc_offset_min: int = 0,
) -> Floats:
    """Return what is paid on top of the wage in every interval, as a share of the wage.

    Parameters
    ----------
    week
        The axis.
    share
        0.25 for a night that is paid at 125 %.
    days
        Local calendar days (0 is Monday) on which it is paid: (5, 6) for a weekend, the day's
        number for a holiday.
    from_min, to_min
        Local minutes of the day; from above to goes over midnight.
    utc_offset_min
        Minutes that local time is ahead of UTC in this week.

    Examples
    --------
    >>> night = premium(Week(60), 0.25, from_min=22 * 60, to_min=6 * 60)
    >>> float(night.sum()), night[[5, 6, 21, 22]].tolist()
    (14.0, [0.25, 0.0, 0.0, 0.25])
    """
    local = (np.arange(week.intervals) * week.interval_min + utc_offset_min) % (7 * DAY_MIN)
    day, minute = np.divmod(local, DAY_MIN)
    if from_min < to_min:
        within = (minute >= from_min) & (minute < to_min)
    else:
        within = (minute >= from_min) | (minute < to_min)
    return np.where(within & np.isin(day, list(days)), share, 0.0)
