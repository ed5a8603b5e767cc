"""Counts far from what is usual: single days, and single intervals or a few together.

The distance from chance is measured on the square root, where Poisson counts of any size have the
same spread; a factor then keeps out what is certain but small. A count must be far from the same
weekdays before *and* after it, so that trends, seasons and lasting changes are no finding.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from forecast.acd.checks.days import Array, Grid, median_beside, usual_slots
from forecast.acd.checks.words import Finding, Labels, counted, day_text, iso, place, weekday

QUIET_SHARE = 1 / 4
BUSY_TIMES = 3
DAY_SIGMAS = 6
OUTLIER_TIMES = 3
OUTLIER_SHARE = 1 / 10
OUTLIER_SIGMAS = 8
TELLING = 3
"""The level of a day is told from times of day with so many contacts or more."""
WHOLE_SHARE = 0.9


@dataclass(frozen=True)
class Levels:
    """One series beside what is usual for it.

    Attributes
    ----------
    usual
        What is usual at each time, where the count is hard to believe; else NaN.
    totals
        Contacts by day, without what is beyond the usual in such intervals.
    low, high
        The lower and the higher of the usual totals before and after each day.
    """

    grid: Grid
    usual: Array
    totals: Array
    low: Array
    high: Array

    @property
    def quiet(self) -> Array:
        """Days far below the same weekdays before and after."""
        few = self.totals < QUIET_SHARE * self.low
        return self.grid.reported & few & (sigmas(self.totals, self.low) < -DAY_SIGMAS)

    @property
    def busy(self) -> Array:
        """Days far above the same weekdays before and after."""
        many = self.totals > BUSY_TIMES * self.high
        return self.grid.reported & many & (sigmas(self.totals, self.high) > DAY_SIGMAS)

    def reported_text(self, at: int) -> str:
        """Return how much of a day was reported, when that may be why it is quiet."""
        slots = usual_slots(self.grid)[at]
        have = int((slots & (self.grid.rows[at] > 0)).sum())
        if have >= WHOLE_SHARE * slots.sum():
            return ""
        return f", with {have} of the usual {slots.sum()} intervals reported"


def sigmas(counts: Array, usual: Array) -> Array:
    """Return how far counts are from what is usual, in standard deviations of Poisson counts.

    Examples
    --------
    >>> sigmas(np.array([100.0, 144.0]), np.array([100.0, 100.0])).round(1)
    array([0., 4.])
    """
    return np.asarray(2 * (np.sqrt(counts + 0.375) - np.sqrt(usual + 0.375)))


def levels(grid: Grid) -> Levels:
    """Return a series beside what is usual for it."""
    usual = _hard_to_believe(grid)
    excess = np.where(np.isnan(usual), 0.0, np.maximum(grid.offered - usual, 0))
    totals = grid.totals - excess.sum(axis=1)
    before, after = median_beside(totals, grid.reported)
    return Levels(grid, usual, totals, np.fmin(before, after), np.fmax(before, after))


def _hard_to_believe(grid: Grid) -> Array:
    """Return what is usual where a count is far from it, given the day's own level; else NaN."""
    out = np.full(grid.rows.shape, np.nan)
    before, after = median_beside(grid.offered, grid.rows > 0)
    for above, usual in ((True, np.fmax(before, after)), (False, np.fmin(before, after))):
        days = np.flatnonzero(_far(grid.offered, usual, above).any(axis=1))
        if not len(days):
            continue
        own, counts = usual[days], grid.offered[days]
        own = own * _day_level(grid, days, own, above)[:, None]
        found = _far(counts, own, above) & (grid.rows[days] > 0)
        out[days] = np.where(found, own, out[days])
    return out


def _far(counts: Array, usual: Array, above: bool) -> Array:
    distance = sigmas(counts, usual)
    if above:
        return np.asarray((counts > OUTLIER_TIMES * usual) & (distance > OUTLIER_SIGMAS))
    return np.asarray((counts < OUTLIER_SHARE * usual) & (distance < -OUTLIER_SIGMAS))


def _day_level(grid: Grid, days: Array, usual: Array, above: bool) -> Array:
    """Return how busy days are as a whole, 1 for a usual one.

    It is the quarter of the day nearest to the usual that tells: neither a holiday nor a campaign
    is an outlier in every interval, but half a day of zeros is.
    """
    telling = (grid.rows[days] > 0) & (usual >= TELLING)
    ratio = np.sort(np.where(telling, grid.offered[days] / np.maximum(usual, 1), np.nan), axis=1)
    n = telling.sum(axis=1)
    at = np.maximum(n - 1, 0) // 4 if above else np.maximum(n - 1, 0) * 3 // 4
    level = np.where(n > 0, np.take_along_axis(ratio, at[:, None], axis=1)[:, 0], 1.0)
    return np.maximum(level, 1.0) if above else np.minimum(level, 1.0)


def outliers(known: Sequence[Levels], labels: Labels) -> list[Finding]:
    """Return intervals that are hard to believe, those that follow each other as one finding."""
    return [
        _outlier(level, day, slots, labels) for level in known for day, slots in _together(level)
    ]


def _together(level: Levels) -> Iterator[tuple[int, Array]]:
    """Yield day and neighbouring slots that are too high together, or too low."""
    odd = np.where(np.isnan(level.usual), 0, np.sign(level.grid.offered - level.usual))
    for day in np.flatnonzero(odd.any(axis=1)):
        slots = np.flatnonzero(odd[day])
        apart = (np.diff(slots) > 1) | (np.diff(odd[day, slots]) != 0)
        for own in np.split(slots, np.flatnonzero(apart) + 1):
            yield int(day), own


def _outlier(level: Levels, at: int, slots: Array, labels: Labels) -> Finding:
    grid, minute = level.grid, int(level.grid.slots_min[slots[0]])
    count, usual = grid.offered[at, slots].sum(), level.usual[at, slots].sum()
    clock, day = f"{minute // 60:02d}:{minute % 60:02d}", grid.first_day + at
    when = clock if len(slots) == 1 else f"{len(slots)} intervals from {clock}"
    text = (
        f"{day_text(day)}, {when}: {labels.queue(grid.key)} has {counted(count, 'contact')} where "
        f"{_about(usual)} are usual. {'The count stays' if len(slots) == 1 else 'The counts stay'} "
        "in."
    )
    where = place(*grid.key, f"{iso(day)} {clock}")
    return Finding("outlier", where, float(abs(count - usual)), text)


def unusual_days(known: Sequence[Levels], labels: Labels) -> list[Finding]:
    """Return quiet and busy days, one finding for all queues of a site that share one."""
    together: dict[tuple[str, str, int], list[tuple[Levels, int]]] = defaultdict(list)
    for level in known:
        for kind, found in (("quiet_day", level.quiet), ("busy_day", level.busy)):
            for at in np.flatnonzero(found).tolist():
                day = level.grid.first_day + at
                together[kind, level.grid.key[0], day].append((level, at))
    return [_unusual_day(kind, day, cells, labels) for (kind, _, day), cells in together.items()]


def _unusual_day(kind: str, day: int, cells: list[tuple[Levels, int]], labels: Labels) -> Finding:
    quiet = kind == "quiet_day"
    rows = []
    for level, at in cells:
        usual = float((level.low if quiet else level.high)[at])
        rows.append((level.grid.key, float(level.totals[at]), usual))
    rows.sort(key=lambda row: (-abs(row[1] - row[2]), row[0]))
    keys, count, usual = [r[0] for r in rows], sum(r[1] for r in rows), sum(r[2] for r in rows)
    level, at = cells[0]
    why = level.reported_text(at) if quiet and len(cells) == 1 else ""
    text = (
        f"{day_text(day)}, a {weekday(day)}: {labels.queues(keys)} "
        f"{'has' if len(rows) == 1 else 'together have'} {counted(count, 'contact')} where "
        f"{_about(usual)} are usual{why}. "
        f"{'Unless it is a holiday, find out why; the counts' if quiet else 'The counts'} stay in."
    )
    return Finding(kind, place(keys[0][0], iso(day)), abs(count - usual), text)


def _about(usual: float) -> str:
    return f"{usual:,.0f}" if usual >= 10 or usual == round(usual) else f"{usual:.1f}"
