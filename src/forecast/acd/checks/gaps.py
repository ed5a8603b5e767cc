"""Reports that are not there on days that have some; series that start later or end earlier."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecast.acd.checks.days import SIDE_WEEKS, WEEK, Array, Grid, usual_slots
from forecast.acd.checks.outages import EVIDENCE, evidence, unreported
from forecast.acd.checks.words import (
    Finding,
    Labels,
    counted,
    date_of,
    day_text,
    iso,
    place,
    weekday,
)
from forecast.schema import SeriesKey

ABSENT_SHARE = 0.01
ABSENT_SHARE_OF_DAY = 0.25
ZERO_ROWS_SHARE = 0.002
"""With fewer rows of zero than this a series seems to come from a switch that leaves them out."""
CUT_SHARE = 0.9
SPAN_DAYS = 7


def absent(grids: Sequence[Grid], labels: Labels) -> list[Finding]:
    """Return the series with intervals absent from their usual hours on reported days."""
    out = []
    silent: dict[str, list[tuple[SeriesKey, float]]] = defaultdict(list)
    for grid in grids:
        usual = usual_slots(grid)[1:-1]
        usual &= grid.reported[1:-1, None]
        gaps = (usual & (grid.rows[1:-1] == 0)).sum(axis=1)
        total, worst = int(usual.sum()), _share(gaps, usual.sum(axis=1))
        share = gaps.sum() / max(total, 1)
        if share < ABSENT_SHARE and not (worst >= ABSENT_SHARE_OF_DAY).any():
            continue
        if _never_zero(grid):
            silent[grid.key[0]].append((grid.key, float(share)))
            continue
        day = int(np.argmax(gaps))
        text = (
            f"{labels.queue(grid.key)}: {gaps.sum():,} of {total:,} intervals in its usual hours "
            f"({_percent(share)}) are absent on days that are reported, most on "
            f"{day_text(grid.first_day + 1 + day)} ({gaps[day]} of {usual[day].sum()}). "
            "They count as missing, and as zero only with ingest.absent_rows: zero."
        )
        out.append(Finding("missing_share", place(*grid.key), float(gaps.sum()), text))
    return out + [_silent(site, found, labels) for site, found in silent.items()]


def _share(part: Array, whole: Array) -> Array:
    return np.asarray(part / np.maximum(whole, 1))


def _never_zero(grid: Grid) -> bool:
    zeros = ((grid.rows > 0) & (grid.offered == 0)).sum()
    return bool(zeros <= ZERO_ROWS_SHARE * (grid.rows > 0).sum())


def _silent(site: str, found: list[tuple[SeriesKey, float]], labels: Labels) -> Finding:
    """Return the finding that a site's exports seem to leave out intervals without contacts."""
    found = sorted(found, key=lambda f: (-f[1], f[0]))
    names = labels.queues([key for key, _ in found])
    text = (
        f"{names}: up to {_percent(found[0][1])} of the intervals in the usual hours are absent on "
        "days that are reported, and none with 0 contacts is there. If the switch leaves those "
        "out, set ingest.absent_rows: zero; else they count as missing."
    )
    return Finding("missing_share", place(site), float(len(found)), text)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else "under 0.1 %"


def cut_short(sites: dict[str, list[Grid]], labels: Labels) -> list[Finding]:
    """Return the last days with fewer intervals than such days have: an export may be cut."""
    out = []
    for site, own in sites.items():
        together: dict[int, list[tuple[SeriesKey, int, int]]] = defaultdict(list)
        for grid in own:
            have, least = last_day_rows(grid)
            if have < CUT_SHARE * least and _lacks_at_end(grid):
                together[grid.last_day].append((grid.key, have, least))
        for day, found in together.items():
            out.append(_cut(site, day, found, labels))
    return out


def _cut(site: str, day: int, found: list[tuple[SeriesKey, int, int]], labels: Labels) -> Finding:
    (key, have, least), keys = found[0], [key for key, _, _ in found]
    which = f" of {labels.name(key)}" if len(keys) > 1 else ""
    text = (
        f"{day_text(day)}, the last day of {labels.queues(keys)}, has {counted(have, 'interval')}"
        f"{which} where a {weekday(day)} has {least} or more. The export may be cut; what is "
        "absent counts as missing."
    )
    return Finding("cut_short", place(site, iso(day)), float(len(keys)), text)


def last_day_rows(grid: Grid) -> tuple[int, int]:
    """Return the intervals of the last day, and the least of up to eight such days before."""
    rows = (grid.rows > 0).sum(axis=1)
    past = rows[-1 - WEEK :: -WEEK][: 2 * SIDE_WEEKS]
    past = past[past > 0]
    return int(rows[-1]), int(past.min()) if len(past) >= 3 else 0


def _lacks_at_end(grid: Grid) -> bool:
    """Return whether the end of the last day is absent, and not for want of contacts."""
    after = np.arange(len(grid.slots_min)) > np.flatnonzero(grid.rows[-1])[-1]
    lacking = usual_slots(grid)[-1] & after
    weeks = grid.offered[-1 - WEEK :: -WEEK][:SIDE_WEEKS, lacking]
    usual = weeks.sum() / max(len(weeks), 1)
    return bool(lacking.any() and (usual >= EVIDENCE or not _never_zero(grid)))


def spans(sites: dict[str, list[Grid]], labels: Labels) -> list[Finding]:
    """Return the series that start later or end earlier than their site's reports."""
    out = []
    for own in sites.values():
        first = min(grid.first_day for grid in own)
        last = max(grid.last_day for grid in own)
        for grid in own:
            pause = _longest_usual_pause(grid)
            late, early = grid.first_day - first, last - grid.last_day
            if late > pause:
                text = (
                    f"{labels.queue(grid.key)} has its first report on {day_text(grid.first_day)}, "
                    f"{counted(late, 'day')} after its site; before it nothing is taken for zero."
                )
                out.append(Finding("started", place(*grid.key), float(late), text))
            if early > pause:
                text = (
                    f"{labels.queue(grid.key)} has its last report on {day_text(grid.last_day)}, "
                    f"{counted(early, 'day')} before its site; after it nothing is taken for zero."
                )
                out.append(Finding("ended", place(*grid.key), float(early), text))
    return out


def _longest_usual_pause(grid: Grid) -> float:
    """Return how many days without a report are nothing special in a series."""
    pauses = np.diff(np.flatnonzero(grid.reported))
    return max(SPAN_DAYS, 3 * float(np.quantile(pauses, 0.95))) if len(pauses) else SPAN_DAYS


def day_shares(grid: Grid) -> Array:
    """Return the share of each day's usual intervals that are reported; NaN on closed days."""
    usual = usual_slots(grid) & grid.reported[:, None]
    n = usual.sum(axis=1)
    share = np.where(n > 0, ((grid.rows > 0) & usual).sum(axis=1) / np.maximum(n, 1), 1.0)
    out = unreported(grid.reported) & (evidence(grid) >= EVIDENCE)
    return np.where(grid.reported, share, np.where(out, 0.0, np.nan))


def dates_of(grid: Grid) -> pd.DatetimeIndex:
    """Return the local days of a series."""
    return pd.date_range(date_of(grid.first_day), periods=grid.days, freq="D", unit="us")
