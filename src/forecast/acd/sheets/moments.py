"""A grid's points of time as a profile says: wall time by row, and UTC."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.acd.cells.times import Times, read_times
from forecast.acd.cells.zones import second_time, to_utc
from forecast.acd.profile import Moment, Source
from forecast.acd.sheets.fields import Context, column_of
from forecast.acd.sheets.grid import Texts
from forecast.errors import InputError
from forecast.params import IngestParams
from forecast.schema import LOCAL, UTC


@dataclass(frozen=True)
class Stamps:
    """A point of time by row: wall time or, where ``fixed``, UTC; NaT where there is none."""

    wall: pd.Series
    fixed: np.ndarray
    minutes: np.ndarray
    texts: Texts
    column: str
    zone: str
    ends: bool = False
    """Whether a time 24:00 tells that the times are ends."""
    doubt: str = ""


def stamps_of(ctx: Context, moment: Moment, *, required: bool) -> Stamps:
    """Return one point of time by row.

    Raises
    ------
    InputError
        When the whole column can be read in two ways.
    """
    texts = _joined(ctx, moment.column)
    column = " + ".join(ctx.header(n.split("|")) for n in moment.column)
    absent = absent_rows(ctx, moment)
    if required:
        ctx.problems.add(absent, column, "must not be empty", texts)
    present = np.zeros(len(texts.distinct), dtype=bool)
    present[texts.codes[~absent]] = True
    here = np.flatnonzero(present)
    told = texts.distinct.to_numpy()[here]
    read = read_times(pd.Series(told, dtype=object), moment.form, moment.order, ctx.epoch)
    if read.untold and len(here):
        line = ctx.grid.lines[np.isin(texts.codes, here)].min()
        raise InputError(f"{ctx.file}, line {line}, column {column}: {read.untold}")
    out = _spread(texts, here, read)
    reasons = np.full(len(texts.distinct), "", dtype=object)
    reasons[here] = read.problems
    ctx.problems.add_distinct(texts, column, reasons.tolist())
    wall = out[0].mask(absent)
    if moment.after:
        wall = _past_midnight(ctx, moment, moment.after, wall)
    fixed, zone = out[1], moment.zone
    if ":" in zone:
        wall, fixed, zone = _by_offset(ctx, zone, wall), np.ones(ctx.size, dtype=bool), "UTC"
    return Stamps(wall, fixed, out[2], texts, column, zone, read.ends, read.doubt)


def _spread(
    texts: Texts, here: np.ndarray, read: Times
) -> tuple[pd.Series, np.ndarray, np.ndarray]:
    size = len(texts.distinct)
    wall = np.full(size, np.datetime64("NaT", "us"))
    fixed, minutes = np.zeros(size, dtype=bool), np.full(size, np.nan)
    if len(here):
        wall[here] = read.wall.to_numpy(dtype="M8[us]")
        fixed[here], minutes[here] = read.fixed, read.minutes
    by_row = [texts.spread(v) if len(texts) else v[:0] for v in (wall, fixed, minutes)]
    return pd.Series(by_row[0]).astype(LOCAL), by_row[1], by_row[2]


def absent_rows(ctx: Context, moment: Moment) -> np.ndarray:
    """Return by row whether the time, or its last part, is not there."""
    out = np.zeros(ctx.size, dtype=bool)
    for i, names in enumerate(moment.column):
        texts = ctx.grid.texts(names.split("|"))
        if texts is None:
            return np.ones(ctx.size, dtype=bool)
        nothing = set(ctx.profile.missing)
        nothing |= set(moment.not_applicable) if i == len(moment.column) - 1 else set()
        by_text = texts.distinct.isin(nothing).to_numpy()
        out |= texts.spread(by_text) if len(texts) else out
    return out


def _joined(ctx: Context, names: Sequence[str]) -> Texts:
    """Return columns as one: a date and a time of day with a blank between."""
    columns = [ctx.grid.texts(n.split("|")) for n in names]
    first, *others = [c if c is not None else _nothing(ctx.size) for c in columns]
    for other in others:
        pair = first.codes.astype("int64") * max(len(other.distinct), 1) + other.codes
        codes, distinct = pd.factorize(pair)
        left = first.distinct.to_numpy()[distinct // max(len(other.distinct), 1)]
        right = other.distinct.to_numpy()[distinct % max(len(other.distinct), 1)]
        # Spreadsheets store a date with midnight, and a time of day with nothing or their day 0.
        texts = [f"{a.removesuffix(' 00:00:00')} {b}" for a, b in zip(left, right, strict=True)]
        first = Texts(codes.astype("int32"), pd.Series(texts, dtype=object))
    return first


def _nothing(size: int) -> Texts:
    return Texts(np.zeros(size, dtype="int32"), pd.Series([""], dtype=object))


def _past_midnight(ctx: Context, moment: Moment, after: list[str], wall: pd.Series) -> pd.Series:
    start = Moment(column=after, form=moment.form, order=moment.order, zone=moment.zone)
    before = stamps_of(ctx, start, required=False).wall
    # A few seconds early is two clocks that differ, not a day.
    early = wall < before - pd.Timedelta(hours=1)
    return wall.where(~early, wall + pd.Timedelta(days=1))


def _by_offset(ctx: Context, zone: str, wall: pd.Series) -> pd.Series:
    kind, _, column = zone.partition(":")
    minutes = column_of(ctx, [column], Source(column=[column]), negative=True)
    bad = np.isnan(minutes) & wall.notna().to_numpy()
    ctx.problems.add(bad, ctx.header([column]), "must say the minutes from UTC")
    sign = 1.0 if kind == "minutes_west" else -1.0
    return wall + pd.to_timedelta(sign * minutes, unit="min").to_series(index=wall.index)


def zone_of(stamps: Stamps, site: str, params: IngestParams) -> ZoneInfo:
    """Return the time zone that a site's times are written in."""
    return params.zone(site) if stamps.zone == "site" else ZoneInfo(stamps.zone)


def utc_of(
    stamps: Stamps, wall: pd.Series, site: tuple[np.ndarray, np.ndarray], params: IngestParams
) -> tuple[pd.Series, np.ndarray, np.ndarray]:
    """Return UTC by row, and where a wall time exists twice or never.

    ``wall`` is that of the stamps, or moved from an interval's end to its start.
    """
    out = wall.to_numpy(dtype="M8[us]").copy()
    twice, never = np.zeros(len(wall), dtype=bool), np.zeros(len(wall), dtype=bool)
    codes, names = site
    for code in np.unique(codes) if len(codes) else []:
        here = (codes == code) & ~stamps.fixed & wall.notna().to_numpy()
        # Each distinct time once: localizing is the slow part.
        which, distinct = pd.factorize(wall[here])
        if len(distinct):
            zone = zone_of(stamps, str(names[code]), params)
            utc, both, none = to_utc(pd.Series(distinct), zone)
            out[here] = utc.dt.tz_localize(None).to_numpy(dtype="M8[us]")[which]
            twice[here], never[here] = both[which], none[which]
    return pd.Series(out).dt.tz_localize("UTC").astype(UTC), twice, never


def with_second(
    utc: pd.Series,
    wall: pd.Series,
    rows: np.ndarray,
    stamps: Stamps,
    site: tuple[np.ndarray, np.ndarray],
    params: IngestParams,
) -> pd.Series:
    """Return UTC in which some rows' wall times are the second of the two that a fold has."""
    codes, names = site
    out = utc.copy()
    for code in np.unique(codes[rows]):
        here = rows[codes[rows] == code]
        zone = zone_of(stamps, str(names[code]), params)
        out.iloc[here] = second_time(wall.iloc[here], zone).astype(UTC)
    return out
