"""Opening hours from a history: weekly windows, each version as it could be known at the time."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact

from forecast.calendars.hours.opening import DAY_MIN
from forecast.params import MIN_OPEN_DAYS
from forecast.params.calendar import OpeningHours
from forecast.schema import SeriesKey
from forecast.settings import WEEKDAYS

LEARNED_WEEKS = 8
BLOCK_WEEKS = 4
"""A look back after every block; what one block shows clearly needs no second one."""
LEARNED_GAP_MIN = 60
"""Shorter silences are quiet times, not closing times."""
STEPS_MIN = (15, 30, 60)
BUSY_SHARE = 0.75
"""Steps so long that the busiest has contacts on this share of the days: what is silent then has
some weight."""
CHANCE = 0.001
"""Differences that chance brings about more often than this are taken for chance."""


def learned_hours(
    local: pd.Series,
    minutes: pd.Series,
    series: SeriesKey,
    skip: Collection[pd.Timestamp] = (),
) -> list[OpeningHours]:
    """Return the weekly windows in which a series had contacts, in versions without look-ahead.

    A weekday with contacts less than half as often as the others is closed. A time of day counts
    when contacts came then a quarter as often as at the busiest time, and on two days at least if
    there were two. Times no more than ``LEARNED_GAP_MIN`` apart belong to one window, and so do
    times between which a silence may be chance. Weekdays whose hours differ by no more than chance
    are learned together, and where contacts are few, hours are learned in longer steps.

    The history is walked through in blocks of ``BLOCK_WEEKS`` that end with its last day. At the
    end of each, hours are learned from the block, then from the last ``LEARNED_WEEKS``. They
    replace those before when the times at which the two differ had contacts more often, or less,
    than when those before were learned, and not by chance: a step that is now busy, now quiet
    changes nothing, and ten minutes less every day do. They are valid from the first day of the
    block and known on the day after its last. The first hours, of ``BLOCK_WEEKS`` or more, count
    as known always.

    Parameters
    ----------
    local, minutes
        Wall-clock start and length of every interval with at least one contact.
    series
        The series that the windows are for.
    skip
        Days to learn nothing from: holidays, and others with hours of their own.

    Examples
    --------
    >>> days = pd.Series(pd.date_range("2003-06-02", periods=40, freq="D", unit="us"))
    >>> local = days[days.dt.day_of_week < 5] + pd.Timedelta(hours=9)
    >>> (found,) = learned_hours(local, pd.Series(120, local.index), ("main", "sales", "voice"))
    >>> found.days, found.opens, found.closes
    (['mon', 'tue', 'wed', 'thu', 'fri'], '09:00', '11:00')
    """
    if local.empty:
        return []
    past = _past(local, minutes, skip)
    block = 7 * BLOCK_WEEKS
    end = past.days if past.days < block else block + past.days % block
    past = _in_steps(past, end)
    seen = _seen(past, 0, end)
    if seen.days.sum() < MIN_OPEN_DAYS:
        seen = _seen(past, 0, min(7 * LEARNED_WEEKS, past.days))
    week = _week(seen)
    found = _entries(week, series, None, None)
    for stop in range(end + block, past.days + 1, block):
        for weeks in (BLOCK_WEEKS, LEARNED_WEEKS):
            now = _seen(past, max(stop - 7 * weeks, 0), stop)
            new = _week(now)
            if not found:
                found = _entries(new, series, None, None)
            elif _differ(week, seen, new, now):
                found += _entries(new, series, past.date(stop - block), past.date(stop))
            else:
                continue
            seen, week = now, new
            break
    return found


@dataclass(frozen=True)
class _Past:
    """Which minutes of each day lay in an interval with contacts."""

    first: pd.Timestamp
    busy: np.ndarray
    skipped: np.ndarray
    interval_min: float

    @property
    def days(self) -> int:
        return len(self.busy)

    def date(self, day: int) -> date:
        found: date = (self.first + pd.Timedelta(days=day)).date()
        return found


@dataclass(frozen=True)
class _Seen:
    """What a look back saw: per weekday, or for several weekdays together.

    ``counts`` are days with contacts at each minute, ``days`` those with any, ``asked`` all.
    """

    counts: np.ndarray
    days: np.ndarray
    asked: np.ndarray
    interval_min: float

    def of(self, weekdays: list[int]) -> "_Seen":
        counts, days, asked = (
            per_day[weekdays].sum(axis=0, keepdims=True)
            for per_day in (self.counts, self.days, self.asked)
        )
        return _Seen(counts, days, asked, self.interval_min)

    def share(self, minutes: np.ndarray) -> tuple[int, int]:
        """Return how many intervals of some minutes had contacts, and of how many."""
        busy = self.counts[minutes].sum() / self.interval_min
        of = (minutes.sum(axis=1) * self.asked).sum() / self.interval_min
        return round(busy), round(of)


def _past(local: pd.Series, minutes: pd.Series, skip: Collection[pd.Timestamp]) -> _Past:
    day = local.dt.normalize()
    first = day.min()
    row = (day - first).dt.days.to_numpy()
    start = (local.dt.hour * 60 + local.dt.minute).to_numpy()
    end = np.minimum(start + minutes.to_numpy(), DAY_MIN)
    steps = np.zeros((row.max() + 1, DAY_MIN + 1), dtype="int32")
    np.add.at(steps, (row, start), 1)
    np.add.at(steps, (row, end), -1)
    dates = pd.date_range(first, periods=len(steps), unit="us")
    skipped = np.asarray(dates.isin(list(skip)))
    busy = (steps.cumsum(axis=1)[:, :DAY_MIN] > 0) & ~skipped[:, None]
    early = row < 7 * BLOCK_WEEKS
    return _Past(first, busy, skipped, float(np.median(minutes.to_numpy()[early])))


def _in_steps(past: _Past, end: int) -> _Past:
    """Return the past in steps of the interval, or in longer ones where contacts are few.

    The days before ``end`` tell how long: those that follow are not known yet.
    """
    for step in STEPS_MIN:
        if past.interval_min < step and step % past.interval_min == 0:
            some = past.busy[:end]
            some = some[some.any(axis=1)]
            if some.any() and some.mean(axis=0).max() >= BUSY_SHARE:
                break
            busy = past.busy.reshape(past.days, -1, step).any(axis=2).repeat(step, axis=1)
            past = replace(past, busy=busy, interval_min=step)
    return past


def _seen(past: _Past, begin: int, end: int) -> _Seen:
    """Return what the days from ``begin`` to before ``end`` show.

    Weeks without any contact are not asked: nothing was reported then, or the queue paused.
    """
    busy = past.busy[begin:end]
    day = np.arange(begin, end)
    weekday = (past.first.day_of_week + day) % 7
    week = (end - 1 - day) // 7
    some = busy.any(axis=1)
    asked = ~past.skipped[begin:end] & np.isin(week, week[some])
    return _Seen(
        np.stack([busy[weekday == d].sum(axis=0) for d in range(7)]),
        np.bincount(weekday[some], minlength=7),
        np.bincount(weekday[asked], minlength=7),
        past.interval_min,
    )


def _week(seen: _Seen) -> np.ndarray:
    """Return which minutes of the seven weekdays are open."""
    week = np.zeros((7, DAY_MIN), dtype=bool)
    for group in _alike(seen):
        week[group] = _opened(seen.of(group))
    flat = week.reshape(-1)
    # The week is a ring: a quiet time around midnight closes nothing either.
    for closes, opens in _gaps(np.concatenate([flat, flat])):
        if opens - closes <= LEARNED_GAP_MIN:
            flat[np.arange(closes, opens) % flat.size] = True
    return week


def _alike(seen: _Seen) -> list[list[int]]:
    """Return the open weekdays, together where chance may tell their hours apart."""
    share = seen.days / np.maximum(seen.asked, 1)
    usual = share[share * 2 >= share.max()].mean()
    groups: list[list[int]] = []
    for day in np.flatnonzero((share > 0) & (share * 2 >= usual)).tolist():
        own = seen.of([day])
        for group in groups:
            others = seen.of(group)
            if not _differ(_opened(others), others, _opened(own), own):
                group.append(day)
                break
        else:
            groups.append([day])
    return groups


def _opened(seen: _Seen) -> np.ndarray:
    """Return which minutes of a day are open, for weekdays taken together."""
    enough = max(seen.counts.max() / 4, min(2, seen.days.max()))
    usual = seen.counts >= enough
    opened: np.ndarray = usual.copy()
    times = np.flatnonzero(usual)
    for closes, opens in _gaps(usual[0]):
        gap, rest = np.zeros_like(usual), np.zeros_like(usual)
        rest[0, times[0] : times[-1] + 1] = True
        gap[0, closes:opens], rest[0, closes:opens] = True, False
        if opens - closes <= LEARNED_GAP_MIN or not _apart(seen.share(gap), seen.share(rest)):
            opened |= gap
    return opened


def _differ(old: np.ndarray, then: _Seen, new: np.ndarray, now: _Seen) -> bool:
    """Return whether two patterns differ by more than chance in what each of them was learned from.

    Looked at are the minutes that only the new one opens, and those that only the old one did.
    """
    return any(_apart(then.share(only), now.share(only)) for only in (new & ~old, old & ~new))


def _apart(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Return whether two shares, each (busy, of), differ by more than chance.

    References
    ----------
    Fisher's exact test: R. A. Fisher, Statistical Methods for Research Workers, 5th ed., 1934.

    Examples
    --------
    >>> _apart((2, 10), (0, 10)), _apart((20, 40), (0, 40))
    (False, True)
    """
    table = np.array([[busy, of - busy] for busy, of in (one, other)])
    return bool(fisher_exact(table).pvalue < CHANCE)


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """Return (first, last + 1) of each run of open minutes.

    Examples
    --------
    >>> _runs(np.array([False, True, True, False, True]))
    [(1, 3), (4, 5)]
    """
    steps = np.flatnonzero(np.diff(mask, prepend=False, append=False)).tolist()
    return list(zip(steps[::2], steps[1::2], strict=True))


def _gaps(mask: np.ndarray) -> list[tuple[int, int]]:
    """Return the runs of closed minutes between open ones."""
    runs = _runs(mask)
    return [(closes, opens) for (_, closes), (opens, _) in zip(runs, runs[1:], strict=False)]


def _entries(
    week: np.ndarray, series: SeriesKey, since: date | None, known: date | None
) -> list[OpeningHours]:
    """Return the windows of a week, weekdays with the same window in one entry."""
    site, queue, channel = series
    runs = [_runs(day) for day in week]
    nights = [_runs_on(runs[d], runs[(d + 1) % 7]) for d in range(7)]
    days: dict[tuple[int, int], list[str]] = {}
    for d, night in enumerate(nights):
        own = runs[d][1:] if nights[d - 1] else runs[d]
        for opens, closes in [*own[:-1], (own[-1][0], night)] if night else own:
            days.setdefault((opens, closes), []).append(WEEKDAYS[d])
    return [
        OpeningHours(
            sites=[site],
            queues=[queue],
            channels=[channel],
            days=names,
            opens=_clock(opens),
            closes=_clock(closes),
            valid_from=since,
            known_on=known,
        )
        for (opens, closes), names in days.items()
    ]


def _runs_on(today: list[tuple[int, int]], tomorrow: list[tuple[int, int]]) -> int:
    """Return when a window past midnight closes on the next day; 0 when there is none."""
    if not (today and tomorrow) or today[-1][1] != DAY_MIN or tomorrow[0][0] != 0:
        return 0
    return tomorrow[0][1] if tomorrow[0][1] < today[-1][0] else 0


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
