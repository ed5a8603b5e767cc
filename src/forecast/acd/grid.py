"""A sheet -> columns in which each distinct text stands once; which profile reads it.

Interval reports repeat few texts millions of times, so every text is interpreted once.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
import pandas as pd
import pyarrow as pa

from forecast.acd.forms.sheet import Record, Sheet
from forecast.acd.profile import Profile, all_of, columns_of
from forecast.errors import InputError

HEADER_WITHIN = 60
CHUNK_ROWS = 100_000
UNSEEN = re.compile(r"[\s_\-]+")


def spelled(name: str) -> str:
    """Return a column's name without what vendors change from version to version.

    Examples
    --------
    >>> spelled(" Calls_Offered") == spelled("callsOffered")
    True
    """
    return UNSEEN.sub("", unicodedata.normalize("NFKC", name)).casefold()


@dataclass(frozen=True)
class Texts:
    """One column: each distinct text once, stripped, and where it stands."""

    codes: np.ndarray
    distinct: pd.Series

    def __len__(self) -> int:
        return len(self.codes)

    def spread(self, values: pd.Series | np.ndarray) -> np.ndarray:
        """Return by row what ``values`` holds by distinct text."""
        out: np.ndarray = np.asarray(values)[self.codes]
        return out

    def at(self, rows: np.ndarray) -> list[str]:
        """Return the texts of some rows."""
        out: list[str] = self.distinct.to_numpy()[self.codes[rows]].tolist()
        return out

    @cached_property
    def is_empty(self) -> np.ndarray:
        """By row, whether the cell is empty."""
        return self.spread((self.distinct == "").to_numpy())


@dataclass(frozen=True)
class Fit:
    """How a sheet is read: profile, delimiter, the header's place and names."""

    profile: Profile
    delimiter: str
    header: tuple[str, ...]
    above: tuple[Record, ...]
    """Records above the header."""

    @cached_property
    def place(self) -> dict[str, int]:
        """Position of each column by its spelling; of two of one name, neither is there."""
        names = [spelled(name) for name in self.header]
        return {name: i for i, name in enumerate(names) if names.count(name) == 1 and name}

    def column(self, names: Sequence[str]) -> int | None:
        """Return the position of the first of several spellings that the header has."""
        return next((self.place[spelled(n)] for n in names if spelled(n) in self.place), None)

    def position(self, names: str) -> int | None:
        """Return the position of a column given as ``name`` or ``name|other name``."""
        return self.column(names.split("|"))


def needed(profile: Profile) -> list[list[str]]:
    """Return the columns that a profile cannot do without, each with its other spellings."""
    out = [
        name.split("|")
        for moments in (profile.start, profile.arrived)
        if moments
        for name in columns_of(moments)
    ]
    for moments in (profile.entered, profile.answered_at, profile.end):
        out += [name.split("|") for name in columns_of(moments or [])]
    for field in ("queue", "offered"):
        source = profile.columns.get(field)
        if source:
            out += [source.column] if source.column else [[name] for name in source.plus]
    if profile.outcome:
        out.append(profile.outcome.column)
    return out + [keep.column for keep in profile.keep]


def used(profile: Profile) -> list[list[str]]:
    """Return all columns that a profile reads, each with its other spellings."""
    out = needed(profile)
    for moments in profile.dated().values():
        out += [name.split("|") for name in columns_of(moments)]
    if profile.grain == "queue_log":
        out += [[name] for name in ("callid", "event", "agent", "data2")]
    for source in (s for field in profile.columns.values() for s in all_of(field)):
        out += [source.column] if source.column else []
        out += [[name] for name in (*source.plus, *source.minus)]
    return out


def fits(sheet: Sheet, known: Sequence[Profile]) -> Fit | None:
    """Return the profile that reads a sheet, with its header; None when none does.

    Of several the one that needs, and then knows, most columns is taken.

    Raises
    ------
    InputError
        When two different profiles fit equally well.
    """
    found: list[tuple[tuple[bool, bool, int, int], Fit]] = []
    bound = [p for p in known if p.declared_for(sheet.name)]
    for delimiter in sheet.delimiters:
        head, _ = head_of(sheet, delimiter)
        for profile in bound or [p for p in known if not p.files]:
            if profile.delimiter in (None, delimiter) or delimiter == "":
                fit = _headed(profile, delimiter, head)
                if fit:
                    found.append((_score(profile, fit), fit))
    if not found:
        return None
    best = max(score for score, _ in found)
    first, *others = [fit for score, fit in found if score == best]
    rivals = {fit.profile.name for fit in others} - {first.profile.name}
    if rivals and first.profile.name not in {p.name for p in bound[:1]}:
        raise InputError(
            f"{sheet.name}: the profiles {first.profile.name} and {', '.join(sorted(rivals))} fit "
            'equally well; name the file in one of them (files: ["name*.csv"])'
        )
    return first


def head_of(sheet: Sheet, delimiter: str) -> tuple[list[Record], InputError | None]:
    """Return the first records of a sheet, up to where its bytes stop making sense, and why."""
    head: list[Record] = []
    try:
        for record in islice(sheet.records(delimiter), HEADER_WITHIN):
            head.append(record)
    except InputError as error:
        return head, error
    return head, None


def _headed(profile: Profile, delimiter: str, head: list[Record]) -> Fit | None:
    if profile.header:
        return Fit(profile, delimiter, tuple(profile.header), ())
    for i, (_, cells) in enumerate(head):
        fit = Fit(profile, delimiter, _widened(cells, head[i + 1 :]), tuple(head[:i]))
        if all(fit.column(names) is not None for names in needed(profile)):
            return fit
    return None


def _widened(header: list[str], below: list[Record]) -> tuple[str, ...]:
    """Return the header, with an unnamed column more where every row ends in a delimiter."""
    rows = [cells for _, cells in below if any(cells)]
    longer = rows and all(len(r) == len(header) + 1 and not r[-1].strip() for r in rows)
    return tuple(cell.strip() for cell in header) + (("",) if longer else ())


def _score(profile: Profile, fit: Fit) -> tuple[bool, bool, int, int]:
    names = {fit.column(n) for n in used(profile)} | {fit.column([n]) for n in profile.known}
    return bool(profile.files), profile.own, len(needed(profile)), len(names - {None})


@dataclass(frozen=True)
class Grid:
    """A sheet's data rows: columns by position, lines, and what is no data row."""

    fit: Fit
    columns: dict[int, Texts]
    lines: np.ndarray
    ragged: list[Record]
    ignored: dict[str, list[Record]]
    """Reason -> the records ignored for it."""

    def texts(self, names: Sequence[str]) -> Texts | None:
        """Return the column that has one of these names."""
        place = self.fit.column(names)
        return None if place is None else self.columns[place]

    @property
    def blank(self) -> np.ndarray:
        """By row: an empty text, for a column that is not there."""
        return np.zeros(len(self.lines), dtype="int32")


def read_grid(sheet: Sheet, fit: Fit) -> Grid:
    """Return a sheet's rows as columns of distinct texts.

    A row with another number of cells than the header is *ragged*, as is one in which a quoted cell
    runs over a line's end and holds delimiters: a quote left open swallows rows.

    Raises
    ------
    InputError
        When the bytes stop making sense on the way, or a column that is needed stands twice.
    """
    _refuse_twice(sheet, fit)
    places = sorted({p for names in used(fit.profile) if (p := fit.column(names)) is not None})
    reader = _Reader(sheet, fit)
    parts: dict[int, list[pa.Array]] = {place: [] for place in places}
    lines: list[np.ndarray] = []
    for numbers, rows in reader.chunks():
        lines.append(np.asarray(numbers, dtype="int64"))
        columns = list(zip(*rows, strict=True))
        for place in places:
            parts[place].append(pa.array(columns[place], type=pa.string()).dictionary_encode())
    return Grid(
        fit,
        {place: _texts(parts.pop(place)) for place in places},
        np.concatenate(lines) if lines else np.zeros(0, dtype="int64"),
        reader.ragged,
        reader.ignored,
    )


def _refuse_twice(sheet: Sheet, fit: Fit) -> None:
    names = [spelled(name) for name in fit.header]
    wanted = {spelled(n) for spellings in used(fit.profile) for n in spellings}
    twice = [
        h for h, n in zip(fit.header, names, strict=True) if names.count(n) > 1 and n in wanted
    ]
    if twice:
        raise InputError(
            f"{sheet.name}, line {len(fit.above) + 1}: column {', '.join(map(repr, set(twice)))} "
            "occurs twice; keep one of them"
        )


def _texts(chunks: list[pa.Array]) -> Texts:
    if not chunks:
        return Texts(np.zeros(0, dtype="int32"), pd.Series([], dtype=object))
    merged = pa.chunked_array(chunks).unify_dictionaries()
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in merged.chunks])
    raw = [text.strip() for text in merged.chunk(0).dictionary.to_pylist()]
    again, distinct = pd.factorize(np.array(raw, dtype=object))
    return Texts(again.astype("int32")[codes], pd.Series(distinct, dtype=object))


class _Reader:
    """Splits a sheet's records into chunks of data rows, and what is none."""

    def __init__(self, sheet: Sheet, fit: Fit) -> None:
        self._sheet, self._fit = sheet, fit
        self._titles = [re.compile(p) for p in fit.profile.ignore_lines]
        self._totals = set(fit.profile.totals)
        self.ragged: list[Record] = []
        self.ignored: dict[str, list[Record]] = {}

    def chunks(self) -> Iterator[tuple[list[int], list[list[str]]]]:
        fit = self._fit
        records = self._sheet.records(fit.delimiter)
        for record in islice(records, len(fit.above)):
            self._ignore("preamble" if any(record[1]) else "blank", record)
        if not fit.profile.header:
            _, raw = next(records)
        else:
            raw = []
        width = len(fit.header)
        pads = fit.profile.grain == "queue_log"
        numbers: list[int] = []
        rows: list[list[str]] = []
        for line, cells in records:
            if len(cells) != width or not cells[0].strip() or cells == raw:
                if pads and 4 < len(cells) < width:
                    cells = cells + [""] * (width - len(cells))
                elif len(cells) != width or cells == raw or not any(c.strip() for c in cells):
                    self._put_by(line, cells, raw)
                    continue
            numbers.append(line)
            rows.append(cells)
            if len(rows) == CHUNK_ROWS:
                yield from self._whole(numbers, rows)
                numbers, rows = [], []
        yield from self._whole(numbers, rows)

    def _put_by(self, line: int, cells: list[str], raw: list[str]) -> None:
        """Put a record that is no data row where it belongs."""
        first = next((c.strip() for c in cells if c.strip()), "")
        if not first:
            self._ignore("blank", (line, cells))
        elif [c.strip() for c in cells] == [c.strip() for c in raw]:
            self._ignore("header", (line, cells))
        elif any(pattern.search(first) for pattern in self._titles):
            self._ignore("title", (line, cells))
        elif first in self._totals:
            self._ignore("ragged_total", (line, cells))
        else:
            self.ragged.append((line, cells))

    def _whole(
        self, numbers: list[int], rows: list[list[str]]
    ) -> Iterator[tuple[list[int], list[list[str]]]]:
        """Yield a chunk without titles, and without rows in which a quote swallowed line ends."""
        ends = [*(b - a > 1 for a, b in zip(numbers, numbers[1:], strict=False)), True]
        out = {i for i, over in enumerate(ends[: len(rows)]) if over and self._swallows(rows[i])}
        self.ragged += [(numbers[i], rows[i]) for i in sorted(out)]
        for i, cells in enumerate(rows) if self._titles else ():
            if any(pattern.search(cells[0].strip()) for pattern in self._titles):
                self._ignore("title", (numbers[i], cells))
                out.add(i)
        if out:
            numbers = [n for i, n in enumerate(numbers) if i not in out]
            rows = [r for i, r in enumerate(rows) if i not in out]
        if rows:
            yield numbers, rows

    def _swallows(self, cells: list[str]) -> bool:
        mark = self._fit.delimiter
        return bool(mark) and any("\n" in cell and mark in cell for cell in cells)

    def _ignore(self, reason: str, record: Record) -> None:
        self.ignored.setdefault(reason, []).append(record)
