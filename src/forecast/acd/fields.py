"""A grid's fields as a profile says: names, numbers and points of time, with every bad cell."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.acd.cells.numbers import Decimal, decimal_mark, read_numbers
from forecast.acd.cells.times import Times, read_times
from forecast.acd.cells.zones import to_utc
from forecast.acd.forms.sheet import Epoch
from forecast.acd.grid import Grid, Texts
from forecast.acd.profile import COUNTS, DURATIONS, IVR, Moment, Profile, Source, all_of
from forecast.errors import InputError
from forecast.params import IngestParams
from forecast.schema import LOCAL, UTC

DAY_US = 86_400_000_000


@dataclass
class Problems:
    """The bad cells of one sheet: rows, column, and what is wrong."""

    _parts: list[pd.DataFrame] = field(default_factory=list)

    def add(
        self, bad: np.ndarray, column: str, reason: str | Sequence[str], texts: Texts | None = None
    ) -> None:
        """Note rows (a mask) with one reason, or one per row of the mask; cells are quoted."""
        rows = np.flatnonzero(bad)
        if not len(rows):
            return
        reasons = [reason] * len(rows) if isinstance(reason, str) else list(reason)
        if texts is not None:
            found = texts.at(rows)
            reasons = [f"{r}; found '{t}'" for r, t in zip(reasons, found, strict=True)]
        self._parts.append(pd.DataFrame({"row": rows, "column": column, "reason": reasons}))

    def add_distinct(self, texts: Texts, column: str, reasons: Sequence[str]) -> np.ndarray:
        """Note the rows whose text has a reason; return their mask."""
        by_text = np.array([bool(r) for r in reasons], dtype=bool)
        bad = texts.spread(by_text) if len(by_text) else np.zeros(len(texts), dtype=bool)
        if bad.any():
            told = np.array(reasons, dtype=object)[texts.codes[bad]]
            self.add(bad, column, told.tolist(), texts)
        return bad

    def frame(self) -> pd.DataFrame:
        """Return row, column and reason; the first reason of each cell."""
        empty = pd.DataFrame({"row": [], "column": [], "reason": []}).astype(
            {"row": "int64", "column": "str", "reason": "str"}
        )
        if not self._parts:
            return empty
        return pd.concat(self._parts).drop_duplicates(["row", "column"]).reset_index(drop=True)


@dataclass(frozen=True)
class Context:
    """What every field of a sheet is read with."""

    grid: Grid
    params: IngestParams
    epoch: Epoch | None
    problems: Problems
    decimal: Decimal
    file: str
    caller_key: str = ""

    @property
    def profile(self) -> Profile:
        """The profile that fits."""
        return self.grid.fit.profile

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.grid.lines)

    def header(self, names: Sequence[str]) -> str:
        """Return a column's name as it stands in the file."""
        place = self.grid.fit.column(names)
        return names[0] if place is None else self.grid.fit.header[place]


def context(
    grid: Grid, params: IngestParams, epoch: Epoch | None, file: str, caller_key: str = ""
) -> Context:
    """Return a grid with what its fields are read with; the decimal mark is told once for all."""
    texts: list[pd.Series] = []
    for name, field_ in grid.fit.profile.columns.items():
        for source in all_of(field_) if name in (*COUNTS, *DURATIONS, IVR) else ():
            for spellings in [source.column] if source.column else [[n] for n in source.plus]:
                column = grid.texts(spellings)
                texts += [column.distinct] if column is not None else []
    every = pd.concat(texts) if texts else pd.Series([], dtype=object)
    profile = grid.fit.profile
    decimal = decimal_mark(every, profile.decimal, grid.fit.delimiter)
    return Context(grid, params, epoch, Problems(), decimal, file, caller_key)


def name_of(ctx: Context, which: str, default: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a site, queue or channel by row as codes and distinct names."""
    profile = ctx.profile
    source = profile.columns.get(which)
    names = source.column if source else None
    texts = ctx.grid.texts(names) if names else None
    if texts is None or names is None:
        constant = profile.constants.get(which, default)
        return np.zeros(ctx.size, dtype="int32"), np.array([constant], dtype=object)
    if ctx.header(names) in profile.fill_down:
        texts = filled_down(texts)
    words = profile.words.get(which, {})
    reasons = [_name_problem(t) for t in texts.distinct]
    ctx.problems.add_distinct(texts, ctx.header(names), reasons)
    named = texts.distinct.map(lambda t: words.get(t, t)).to_numpy()
    return texts.codes, named


def _name_problem(text: str) -> str:
    if not text:
        return "must not be empty"
    if any(ch < " " or "\x7f" <= ch <= "\x9f" or ch == "\ufffd" for ch in text):
        return "must not hold line breaks, control characters or the mark of a lost character"
    return ""


def filled_down(texts: Texts) -> Texts:
    """Return a column in which an empty cell repeats the one above."""
    given = np.where(texts.is_empty, -1, np.arange(len(texts)))
    source = np.maximum.accumulate(given)
    return Texts(texts.codes[np.where(source < 0, 0, source)], texts.distinct)


def number_of(ctx: Context, name: str, *, negative: bool = False) -> np.ndarray:
    """Return a count or a duration in seconds by row; NaN where the report has none.

    With ``negative`` a value below zero is returned, and is no problem of its row.
    """
    source = _present(ctx, ctx.profile.columns.get(name))
    if source is None:
        return np.full(ctx.size, np.nan)
    if source.column:
        values = _column(ctx, source.column, source, negative)
    else:
        parts = [_column(ctx, [n], source, negative) for n in source.plus]
        values = sum(parts, np.zeros(ctx.size))
    for taken in source.minus:
        values = values - _column(ctx, [taken], source, negative)
    if source.minus and not negative:
        less = f"must not be less than {' + '.join(source.minus)}"
        ctx.problems.add(values < 0, ctx.header(source.column or source.plus), less)
    if source.times:
        values = weighted(values, number_of(ctx, source.times))
    return values


def _present(ctx: Context, source: Source | None) -> Source | None:
    """Return the first of a source and those that stand in for it whose columns are there."""
    for at in all_of(source) if source else ():
        names = [at.column] if at.column else [[name] for name in at.plus]
        if all(ctx.grid.texts(n) is not None for n in names):
            return at
    return source


def weighted(average: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return average times count; no contacts have no time, whatever stands for their average.

    Examples
    --------
    >>> weighted(np.array([30.0, np.nan]), np.array([2.0, 0.0])).tolist()
    [60.0, 0.0]
    """
    return np.where(count == 0, 0.0, average * count)


def _column(
    ctx: Context, names: Sequence[str], source: Source, negative: bool = False
) -> np.ndarray:
    texts = ctx.grid.texts(names)
    if texts is None:
        return np.full(ctx.size, np.nan)
    profile = ctx.profile
    read = read_numbers(
        texts.distinct,
        source.unit,
        ctx.decimal,
        frozenset(profile.missing),
        frozenset(profile.zero),
    )
    reasons = [
        problem or ("must not be negative" if value < 0 and not negative else "")
        for value, problem in zip(read.values, read.problems, strict=True)
    ]
    ctx.problems.add_distinct(texts, ctx.header(names), reasons)
    return texts.spread(read.values) if len(texts) else np.zeros(0)


@dataclass(frozen=True)
class Stamps:
    """A point of time by row: wall time or, where ``fixed``, UTC; NaT where there is none."""

    wall: pd.Series
    fixed: np.ndarray
    minutes: np.ndarray
    texts: Texts
    column: str
    zone: str


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
        wall = _past_midnight(ctx, moment, wall)
    fixed, zone = out[1], moment.zone
    if ":" in zone:
        wall, fixed, zone = _by_offset(ctx, zone, wall), np.ones(ctx.size, dtype=bool), "UTC"
    return Stamps(wall, fixed, out[2], texts, column, zone)


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


def _past_midnight(ctx: Context, moment: Moment, wall: pd.Series) -> pd.Series:
    assert moment.after is not None  # noqa: S101 - the caller asked
    start = Moment(column=moment.after, form=moment.form, order=moment.order, zone=moment.zone)
    before = stamps_of(ctx, start, required=False).wall
    # A few seconds early is two clocks that differ, not a day.
    early = wall < before - pd.Timedelta(hours=1)
    return wall.where(~early, wall + pd.Timedelta(days=1))


def _by_offset(ctx: Context, zone: str, wall: pd.Series) -> pd.Series:
    kind, _, column = zone.partition(":")
    minutes = _column(ctx, [column], Source(column=[column]), negative=True)
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
