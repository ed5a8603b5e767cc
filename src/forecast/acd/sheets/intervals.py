"""Interval reports: a grid -> rows of HISTORY, with the length of each interval."""

from dataclasses import replace

import numpy as np
import pandas as pd

from forecast.acd.sheets.doubts import doubts
from forecast.acd.sheets.fields import Context, number_of
from forecast.acd.sheets.folds import placed
from forecast.acd.sheets.lengths import told_lengths
from forecast.acd.sheets.moments import Stamps, stamps_of, utc_of, zone_of
from forecast.acd.sheets.reading import (
    SUMS,
    Reading,
    categories,
    left_out_rows,
    names_of,
    series_of,
    settle,
)
from forecast.errors import InputError
from forecast.schema import UTC

Names = dict[str, tuple[np.ndarray, np.ndarray]]
DAY_MIN = 1440
HOUR_MIN = 60
FEWEST_OTHERS = 4
TOTALS_SHARE = 0.8
UNTOLD = (
    "exists twice at a clock change, and the file does not tell which it is (its times are out of "
    "order, or not all of them stand twice); export with an offset, like 2003-10-26T01:30:00-05:00"
)


def read_intervals(ctx: Context) -> Reading:
    """Return the rows of an interval report.

    Raises
    ------
    InputError
        When the times can be read in two ways, or the interval length cannot be told.
    """
    ignored = left_out_rows(ctx)
    gone = np.any(list(ignored.values()), axis=0)
    names = names_of(ctx)
    start = stamps_of(ctx, ctx.profile.dated()["start"][0], required=True)
    # Rows that are no data must not say how long intervals are, nor which hour stands twice.
    wall = start.wall.mask(gone)
    _refuse_ends(ctx, start)
    offered = number_of(ctx, "offered")
    _check_offered(ctx, offered)
    minutes = _minutes(ctx, start, wall, series_of(names))
    ends, length = wall, pd.Series(pd.to_timedelta(np.nan_to_num(minutes), unit="min"))
    if ctx.profile.label == "end":
        wall = wall - length
    _check_grid(ctx, start, wall, minutes, series_of(names))
    at = placed(ctx, start, wall, names)
    if ctx.profile.label == "end" and at.bad:
        # Switches write an end as start plus length, or as the clock shows it then, an hour away.
        shown = placed(ctx, start, ends, names)
        at = replace(shown, ds=(shown.ds - length).astype(UTC)) if shown.bad < at.bad else at
    ds, never, noticed = at.ds, at.never, at.noticed
    empty = never & (np.nan_to_num(offered, nan=1.0) == 0)
    _note_never(ctx, start, never & ~empty, names["site"])
    ctx.problems.add(at.untold, start.column, UNTOLD, start.texts)
    ctx.problems.add(
        _day_totals(wall, offered, series_of(names), minutes, gone),
        start.column,
        "is the sum of the day's other rows: a day's total, that would count twice",
        start.texts,
    )
    rows = pd.DataFrame(
        {
            "line": ctx.grid.lines,
            **categories(names),
            "ds": ds,
            "minutes": _whole_days(ctx, start, wall, ds, minutes, names),
            "offered": offered,
            **{name: number_of(ctx, name) for name in SUMS},
        }
    )
    if start.doubt:
        noticed["date_order"] = (1, start.doubt)
    noticed |= doubts(rows, ignored["total"])
    return settle(ctx, rows, {**ignored, "clock_gap": empty & never & ~gone}, noticed)


def _note_never(
    ctx: Context, start: Stamps, never: np.ndarray, site: tuple[np.ndarray, np.ndarray]
) -> None:
    codes, names = site
    for code in np.unique(codes[never]):
        zone = zone_of(start, str(names[code]), ctx.params)
        reason = (
            f"does not exist in {zone}, where the clocks are set forward over it; check the time "
            "zone, or export with an offset"
        )
        ctx.problems.add(never & (codes == code), start.column, reason, start.texts)


def _refuse_ends(ctx: Context, start: Stamps) -> None:
    """Refuse times that end at 24:00 as starts: nothing starts there."""
    if start.ends and ctx.profile.label == "start":
        raise InputError(
            f"{ctx.file}, column {start.column}: a time of 24:00 is an end, not a start; say "
            "label: end in the profile if the times are the intervals' ends"
        )


def _check_grid(
    ctx: Context, start: Stamps, wall: pd.Series, minutes: np.ndarray, series: np.ndarray
) -> None:
    """Note starts that are off the grid on which nearly all others of their queue begin."""
    seconds = (wall - wall.dt.normalize()).dt.total_seconds().to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        phase = np.where((minutes > 0) & (minutes <= HOUR_MIN), seconds % (minutes * 60), np.nan)
    if not np.nanmax(phase, initial=0):
        return
    frame = pd.DataFrame({"series": series, "minutes": minutes, "phase": phase})
    count = frame.groupby(["series", "minutes", "phase"])["phase"].transform("size")
    usual = count.groupby([frame["series"], frame["minutes"]]).transform("max")
    off = ((count < usual) & (usual >= FEWEST_OTHERS)).to_numpy(dtype=bool)
    reason = "must begin like the others of its queue, in step with the clock"
    ctx.problems.add(off, start.column, reason, start.texts)


def _day_totals(
    wall: pd.Series, offered: np.ndarray, series: np.ndarray, minutes: np.ndarray, gone: np.ndarray
) -> np.ndarray:
    """Return the rows at midnight that are, on nearly all days, the sum of the day's other rows."""
    day = wall.dt.normalize()
    at_midnight: np.ndarray = (wall == day).to_numpy() & (minutes < DAY_MIN) & ~gone
    if not at_midnight.any():
        return at_midnight
    key = [series, day.to_numpy()]
    rest = pd.Series(np.where(at_midnight | gone, 0.0, np.nan_to_num(offered)))
    sums = rest.groupby(key).transform("sum").to_numpy()
    others = (rest > 0).groupby(key).transform("sum").to_numpy()
    tested = at_midnight & (others >= FEWEST_OTHERS)
    equal: np.ndarray = tested & (offered == sums)
    sure = bool(equal.sum() >= max(1, TOTALS_SHARE * tested.sum()))
    return equal if sure else np.zeros(len(equal), dtype=bool)


def _check_offered(ctx: Context, offered: np.ndarray) -> None:
    source = ctx.profile.columns["offered"]
    names = source.column or source.plus
    texts = ctx.grid.texts(names if source.column else names[:1])
    column = ctx.header(names) if source.column else " + ".join(source.plus)
    ctx.problems.add(np.isnan(offered), column, "must be a whole number", texts)
    with np.errstate(invalid="ignore"):
        part = offered % 1 != 0
    ctx.problems.add(part & ~np.isnan(offered), column, "must be a whole number", texts)
    if source.minus:
        ctx.problems.add(offered < 0, column, f"must not be less than {' + '.join(source.minus)}")


def _minutes(ctx: Context, start: Stamps, wall: pd.Series, series: np.ndarray) -> np.ndarray:
    """Return each interval's length: its column, its end, its text, the profile, or the steps."""
    profile = ctx.profile
    source = profile.columns.get("interval_minutes")
    if source and source.column and ctx.grid.texts(source.column) is not None:
        values = number_of(ctx, "interval_minutes") / (1 if source.unit == "count" else 60)
        column = ctx.header(source.column)
        texts = ctx.grid.texts(source.column)
        ctx.problems.add(
            np.isnan(values) | (values % 1 != 0), column, "must be a whole number", texts
        )
        ctx.problems.add((values < 1) | (values > DAY_MIN), column, "must be 1 to 1440", texts)
        other = np.isfinite(start.minutes) & (start.minutes != values)
        ctx.problems.add(other, column, "is not the length that the time itself says", texts)
        return values
    if profile.end:
        end = stamps_of(ctx, profile.end[0], required=True)
        return _lengths_to(ctx, end, wall)
    if profile.minutes:
        return np.full(ctx.size, float(profile.minutes))
    if np.isfinite(start.minutes).any():
        bad = np.isnan(start.minutes) & wall.notna().to_numpy()
        ctx.problems.add(
            bad, start.column, "must say its end, like the rest of its column", start.texts
        )
        return start.minutes
    return told_lengths(series, wall, ctx.grid.lines, ctx.file)


def _lengths_to(ctx: Context, end: Stamps, wall: pd.Series) -> np.ndarray:
    length = ((end.wall - wall).dt.total_seconds() / 60).to_numpy(dtype="float64")
    # 09:00 to 09:29:59, as some switches write it.
    length = np.where(np.abs(length - np.round(length)) < 0.02, np.round(length), length)
    # An interval that ends with the clock set back or forward by an hour.
    hour_more = np.isin(length, (75.0, 90.0, 120.0)) & np.isin(_usual(length), (15.0, 30.0, 60.0))
    length = np.where(hour_more & (length > _usual(length)), length - 60, length)
    bad = ((length < 1) | (length > DAY_MIN + 60) | (length % 1 != 0)) & ~np.isnan(length)
    ctx.problems.add(
        bad, end.column, "must be a whole number of minutes after the start", end.texts
    )
    return np.asarray(length)


def _usual(length: np.ndarray) -> float:
    known = length[np.isfinite(length)]
    values, counts = np.unique(known, return_counts=True)
    return float(values[counts.argmax()]) if len(values) else np.nan


def _whole_days(
    ctx: Context, start: Stamps, wall: pd.Series, ds: pd.Series, minutes: np.ndarray, names: Names
) -> np.ndarray:
    """Return the lengths, with the 23 and 25 hours of the days on which clocks change."""
    daily = (minutes == DAY_MIN) & wall.notna().to_numpy() & ~start.fixed
    if not daily.any():
        return minutes
    after = Stamps(
        wall.where(daily) + pd.Timedelta(days=1),
        start.fixed,
        start.minutes,
        start.texts,
        start.column,
        start.zone,
    )
    end, _, _ = utc_of(after, after.wall, names["site"], ctx.params)
    length = ((end - ds).dt.total_seconds() / 60).to_numpy(dtype="float64")
    return np.where(daily & np.isfinite(length), length, minutes)
