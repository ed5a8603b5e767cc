"""Shifts of a day, and the templates of a week that are made of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.capacity.shifts.week import DAY_MIN, Week, clock
from forecast.errors import InputError

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Break:
    """Time within a shift that is not worked.

    Attributes
    ----------
    after_min, length_min
        Its start after the shift's start, and its length, in minutes.
    paid
        Whether it is paid.
    keeps_seat
        Whether the seat stays taken. The gap of a split shift gives it up.
    """

    after_min: int
    length_min: int
    paid: bool = False
    keeps_seat: bool = True


@dataclass(frozen=True)
class Shift:
    """A shift of one day in local time.

    Attributes
    ----------
    start_min
        Start in minutes after local midnight, 0 to 1439.
    length_min
        From the first minute to the last, breaks included; a night shift goes over midnight.
    breaks
        In the order of the day.

    Examples
    --------
    >>> late = Shift(14 * 60, 510, (Break(240, 30),))
    >>> late.name, late.paid_min
    ('14:00-22:30 break 18:00', 480)
    """

    start_min: int
    length_min: int
    breaks: tuple[Break, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.start_min < DAY_MIN:
            raise InputError(f"start_min must be 0 to {DAY_MIN - 1}; found {self.start_min}")
        if not 0 < self.length_min <= DAY_MIN:
            raise InputError(f"length_min must be 1 to {DAY_MIN}; found {self.length_min}")
        end = 0
        for one in self.breaks:
            if one.length_min <= 0 or one.after_min < end:
                raise InputError(
                    f"shift {self.name}: breaks must follow each other and last; found {one}"
                )
            end = one.after_min + one.length_min
        if end > self.length_min:
            raise InputError(f"shift {self.name}: its last break ends after the shift")

    @property
    def name(self) -> str:
        """Start, end and breaks as people write them."""
        rests = " ".join(clock(self.start_min + one.after_min) for one in self.breaks)
        span = f"{clock(self.start_min)}-{clock(self.end_min)}"
        return f"{span} break {rests}" if rests else span

    @property
    def end_min(self) -> int:
        """End in minutes after the midnight before the start."""
        return self.start_min + self.length_min

    @property
    def paid_min(self) -> int:
        """Minutes paid."""
        return self.length_min - sum(one.length_min for one in self.breaks if not one.paid)


def split_shift(start_min: int, first_min: int, gap_min: int, second_min: int) -> Shift:
    """Return a shift in two parts with an unpaid gap between, spent away from the seat.

    Examples
    --------
    >>> split_shift(8 * 60, 240, 300, 240).paid_min
    480
    """
    gap = Break(first_min, gap_min, paid=False, keeps_seat=False)
    return Shift(start_min, first_min + gap_min + second_min, (gap,))


@dataclass(frozen=True)
class Template:
    """The shifts that one head may be given in a week, one a day.

    All have the same paid time, so that days and weekly hours tell the same. A template of one
    shift is a fixed start; one of several is a window, or a choice of breaks.
    """

    name: str
    shifts: tuple[Shift, ...]

    def __post_init__(self) -> None:
        paid = sorted({shift.paid_min for shift in self.shifts})
        if len(paid) != 1:
            raise InputError(
                f"template '{self.name}' must have shifts of one paid length; found {paid} min. "
                "Make a template for each"
            )

    @property
    def paid_min(self) -> int:
        """Paid minutes of a day."""
        return self.shifts[0].paid_min

    def rest_min(self, longer_min: int = 0) -> int:
        """Return the shortest rest between two days, whichever shifts they have.

        Parameters
        ----------
        longer_min
            Overtime at the end of a day.

        Examples
        --------
        >>> Template("late or early", (Shift(360, 480), Shift(840, 480))).rest_min() / 60
        8.0
        """
        ends = max(shift.end_min for shift in self.shifts) + longer_min
        return DAY_MIN + min(shift.start_min for shift in self.shifts) - ends


def window(
    name: str,
    starts_min: Sequence[int],
    length_min: int,
    breaks: Sequence[Sequence[Break]] = ((),),
) -> Template:
    """Return a template with a choice of starts, and at each start of breaks.

    Examples
    --------
    >>> early = window("early", (360, 390), 510, [(Break(210, 30),), (Break(240, 30),)])
    >>> len(early.shifts)
    4
    """
    shifts = (Shift(start, length_min, tuple(rests)) for start in starts_min for rests in breaks)
    return Template(name, tuple(shifts))


@dataclass(frozen=True)
class Worked:
    """A shift on one day of the week: which intervals are worked, paid and seated."""

    on: Bools
    paid: Bools
    seated: Bools


def worked(shift: Shift, day: int, week: Week, utc_offset_min: int, longer_min: int = 0) -> Worked:
    """Return the intervals of a shift that begins on a local day.

    Parameters
    ----------
    shift, day
        The shift, and the local day on which it begins (0 is Monday).
    week, utc_offset_min
        The axis, and the minutes that local time is ahead of it.
    longer_min
        Overtime after its end; negative: it is left so much earlier, unpaid.

    Examples
    --------
    >>> night = worked(Shift(22 * 60, 480), 6, Week(60), 0)
    >>> night.on.nonzero()[0].tolist()
    [0, 1, 2, 3, 4, 5, 166, 167]
    """
    length = week.steps(shift.length_min, f"length_min of shift {shift.name}")
    base = np.ones((3, length), dtype=bool)
    for one in shift.breaks:
        begin = week.steps(one.after_min, f"after_min of a break of shift {shift.name}")
        end = begin + week.steps(one.length_min, f"length_min of a break of shift {shift.name}")
        base[:, begin:end] = np.array([[False], [one.paid], [one.keeps_seat]])
    more = week.steps(abs(longer_min), "length_min of overtime or time off")
    if longer_min >= 0:
        base = np.hstack([base, np.ones((3, more), dtype=bool)])
    else:
        base = base[:, : length - more]
    start = day * DAY_MIN + shift.start_min - utc_offset_min
    first = week.steps(start, f"start_min of shift {shift.name} in UTC")
    out = np.zeros((3, week.intervals), dtype=bool)
    out[:, (first + np.arange(base.shape[1])) % week.intervals] = base
    return Worked(*out)
