"""A grid's fields as a profile says: names, numbers and points of time, with every bad cell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from forecast.acd.cells.numbers import Decimal, decimal_mark, read_numbers
from forecast.acd.forms.sheet import Epoch
from forecast.acd.profile import COUNTS, DURATIONS, IVR, Profile, Source, all_of
from forecast.acd.sheets.grid import Grid, Texts
from forecast.params import IngestParams

_CALLED = re.compile(r"\+?\d[\d ()-]{5,}\d")
_DAY = re.compile(r"(19|20)\d{2}-?\d{2}-?\d{2}( \d{1,4})?")
_OF_TIMES = re.compile(r"(?<=\d)[TZ]|[AaPp]\.?[Mm]\b|[年月日时分秒上下午]")


def masked(text: str) -> str:
    """Return a cell that should be a number or a time; masked where it could be a person's name.

    Examples
    --------
    >>> masked("1,234"), masked("2024-05-01T25:00Z"), masked("Ann Smith"), masked("+49 30 123456")
    ('1,234', '2024-05-01T25:00Z', '***', '***')
    """
    letters = _OF_TIMES.sub("", text)
    called = _CALLED.fullmatch(text) and not _DAY.fullmatch(text)
    return "***" if called or any(ch.isalpha() for ch in letters) else text


@dataclass
class Problems:
    """The bad cells of one sheet: rows, column, and what is wrong."""

    careful: bool = False
    """Whether the file has columns that are not to be shown: one shifted cell, and a person's name
    stands where a number should."""
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
            found = [self._shown(text) for text in texts.at(rows)]
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

    def _shown(self, text: str) -> str:
        return masked(text) if self.careful else text

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
    careful = not all(grid.fit.shown)
    return Context(grid, params, epoch, Problems(careful), decimal, file, caller_key)


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
        values = column_of(ctx, source.column, source, negative)
    else:
        parts = [column_of(ctx, [n], source, negative) for n in source.plus]
        values = sum(parts, np.zeros(ctx.size))
    for taken in source.minus:
        values = values - column_of(ctx, [taken], source, negative)
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


def column_of(
    ctx: Context, names: Sequence[str], source: Source, negative: bool = False
) -> np.ndarray:
    """Return one column's numbers by row, in seconds where the unit is one of time."""
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
