"""Local days wholly without reports: of a whole site, of queues together, of one queue."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.acd.checks.days import SIDE_WEEKS, WEEK, Array, Grid
from forecast.acd.checks.words import Finding, Labels, day_text, days_text, iso, place, shown
from forecast.schema import SeriesKey

REGULAR_SHARE = 0.75
"""A weekday counts as reported when it was in three of four weeks on both sides of a gap."""
EVIDENCE = 15
"""So many contacts or rows of zero a day are usual where a day without any row is no chance.

A switch that leaves out zeros has empty days in small queues; exp(-15) is once in a million.
"""
SHORT_DAYS = 7
HABIT = 3


class Run(NamedTuple):
    """Days without any report that lie together, and how many of them should have had one."""

    first: int
    last: int
    days: int


def unreported(reported: Array) -> Array:
    """Return the days without a report, on weekdays that are reported before and after.

    ``reported`` begins and ends with the first and the last report. The four same weekdays before
    a gap and the four after it must have been reported but for one; where nothing follows, the gap
    may be one week long.

    Examples
    --------
    >>> days = np.array([d % 7 != 6 and d not in (9, 10) for d in range(27)])
    >>> np.flatnonzero(unreported(days)).tolist()
    [9, 10]
    """
    days = len(reported)
    weeks = -(-days // WEEK)
    table = np.zeros(weeks * WEEK, dtype="int64")
    table[:days] = reported
    inside = np.arange(weeks * WEEK).reshape(weeks, WEEK) < days
    there = table.reshape(weeks, WEEK)
    week = np.arange(weeks)[:, None]
    before = np.maximum.accumulate(np.where(there > 0, week, -1), axis=0)
    after = np.minimum.accumulate(np.where(there > 0, week, weeks)[::-1], axis=0)[::-1]
    n_before, share_before = _window(there, inside, before - SIDE_WEEKS + 1, before + 1)
    n_after, share_after = _window(there, inside, after, after + SIDE_WEEKS)
    ends = np.where(after == weeks, inside.sum(axis=0), after)
    single = ends - before == 2
    regular = (share_before >= REGULAR_SHARE) & (share_after >= REGULAR_SHARE)
    regular |= (n_after == 0) & single & (n_before >= 3) & (share_before >= REGULAR_SHARE)
    regular |= (n_before == 0) & single & (n_after >= 3) & (share_after >= REGULAR_SHARE)
    flagged: Array = (regular & (there == 0) & inside).ravel()[:days]
    return flagged


def _window(there: Array, inside: Array, first: Array, end: Array) -> tuple[Array, Array]:
    """Return days and share reported of the weeks from ``first`` to before ``end``, by weekday."""
    weeks = len(there)
    low, high = np.clip(first, 0, weeks), np.clip(end, 0, weeks)
    sums = []
    for values in (there, inside):
        total = np.vstack([np.zeros((1, WEEK), "int64"), values.cumsum(axis=0)])
        sums.append(
            np.take_along_axis(total, high, axis=0) - np.take_along_axis(total, low, axis=0)
        )
    reported, days = sums
    return days, reported / np.maximum(days, 1)


def runs(flagged: Array, reported: Array, first_day: int) -> Iterator[Run]:
    """Yield flagged days together where no report lies between them, weekends for instance."""
    at = np.flatnonzero(flagged)
    if not len(at):
        return
    seen = reported.cumsum()
    for own in np.split(at, np.flatnonzero(np.diff(seen[at])) + 1):
        yield Run(first_day + int(own[0]), first_day + int(own[-1]), len(own))


def outages(sites: dict[str, list[Grid]], labels: Labels) -> list[Finding]:
    """Return the days wholly without reports, of whole sites and of queues."""
    out = []
    for site, own in sites.items():
        first, reported = site_reported(own)
        flagged = unreported(reported)
        every = f"any queue of site {shown(site)}" if len(own) > 1 else labels.queue(own[0].key)
        for run in runs(flagged, reported, first):
            out.append(_outage([run] * len(own), every, place(site, iso(run.first))))
        alone: dict[SeriesKey, list[Run]] = defaultdict(list)
        for group in _overlapping(_own_runs(own, first, flagged)):
            found, keys = [run for run, _ in group], [key for _, key in group]
            if len(group) == 1:
                alone[keys[0]] += found
            else:
                where = place(*keys[0], iso(found[0].first))
                out.append(_outage(found, labels.queues(keys), where))
        for key, found in alone.items():
            out += _of_one_queue(key, found, labels)
    return out


def _of_one_queue(key: SeriesKey, found: Sequence[Run], labels: Labels) -> list[Finding]:
    """Return each outage of a queue alone, or one finding where they are its habit."""
    if len(found) <= HABIT:
        return [_outage([run], labels.queue(key), place(*key, iso(run.first))) for run in found]
    days, longest = sum(run.days for run in found), max(found, key=lambda run: (run.days, run.last))
    text = (
        f"{labels.queue(key)} has no report on {days} days that usually have one, {len(found)} "
        f"times between {day_text(found[0].first)} and {day_text(found[-1].last)}, the longest "
        f"{days_text(longest.first, longest.last)}. Nothing is filled in, and it counts as missing "
        "where the calendar is open."
    )
    return [Finding("outage", place(*key), float(days), text)]


def _overlapping(found: list[tuple[Run, SeriesKey]]) -> list[list[tuple[Run, SeriesKey]]]:
    """Return outages of queues together that are the same or short and overlap, like a holiday's.

    A queue stands once in a group, and a group spans at most twice what counts as short.
    """
    groups: list[list[tuple[Run, SeriesKey]]] = []
    for run, key in sorted(found):
        last = groups[-1] if groups else []
        if last and key not in {k for _, k in last}:
            first, end = last[0][0].first, max(other.last for other, _ in last)
            is_short = run.last - first < 2 * SHORT_DAYS and end - first < 2 * SHORT_DAYS
            if run in {other for other, _ in last} or (is_short and run.first <= end):
                last.append((run, key))
                continue
        groups.append([(run, key)])
    return groups


def site_reported(grids: Sequence[Grid]) -> tuple[int, Array]:
    """Return a site's first day, and on which days it reported anything."""
    first = min(grid.first_day for grid in grids)
    out = np.zeros(max(grid.last_day for grid in grids) - first + 1, dtype=bool)
    for grid in grids:
        out[grid.first_day - first :][: grid.days] |= grid.reported
    return first, out


def _own_runs(
    grids: Sequence[Grid], site_first: int, site_flagged: Array
) -> list[tuple[Run, SeriesKey]]:
    """Return queues' outages on days on which not the whole site is out."""
    out = []
    for grid in grids:
        flagged = unreported(grid.reported) & (evidence(grid) >= EVIDENCE)
        flagged &= ~site_flagged[grid.first_day - site_first :][: grid.days]
        out += [(run, grid.key) for run in runs(flagged, grid.reported, grid.first_day)]
    return out


def evidence(grid: Grid) -> Array:
    """Return what a day usually has that shows itself: contacts, and rows that say zero."""
    zeros = ((grid.rows > 0) & (grid.offered == 0)).sum(axis=1)
    seen = pd.Series(np.where(grid.reported, grid.totals + zeros, np.nan))
    usual = seen.groupby(np.arange(grid.days) % WEEK).transform("median")
    return np.asarray(usual.fillna(0.0))


def _outage(group: Sequence[Run], what: str, where: str) -> Finding:
    first, last = group[0].first, max(run.last for run in group)
    days = sorted({run.days for run in group})
    which = ""
    if len(set(group)) > 1:
        span = f"{days[0]} to {days[-1]}" if len(days) > 1 else f"{days[0]}"
        which = f" on {span} of these days"
    elif days[0] < last - first + 1:
        which = f" on {days[0]} days that usually have one"
    text = (
        f"{days_text(first, last)}: no report of {what}{which}. Nothing is filled in, and "
        "it counts as missing where the calendar is open."
    )
    return Finding("outage", where, float(sum(run.days for run in group)), text)
