"""A sheet -> columns in which each distinct text stands once.

Interval reports repeat few texts millions of times, so every text is interpreted once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from forecast.acd.forms.sheet import Record, Sheet
from forecast.acd.sheets.fit import Fit, spelled, used
from forecast.acd.sheets.records import Reader
from forecast.errors import InputError

_CONTROL = "\x0b\x0c\x1c\x1d\x1e\x1f\x85"
SPACES = "".join(c for c in map(chr, range(0x3001)) if c.isspace() and c not in _CONTROL)
"""What is cut off around a cell. Control characters are no spaces: where one stands, something else
was, and a number without its first digit is another number."""


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
    if fit.delimiter and any("\n" in name and fit.delimiter in name for name in fit.header):
        raise InputError(
            f"{sheet.name}, line {len(fit.above) + 1}: a quote is opened in the header and not "
            "closed there; it swallows the lines below: mend the quotes"
        )
    places = sorted({p for names in used(fit.profile) if (p := fit.column(names)) is not None})
    reader = Reader(sheet, fit)
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
    raw = [text.strip(SPACES) for text in merged.chunk(0).dictionary.to_pylist()]
    again, distinct = pd.factorize(np.array(raw, dtype=object))
    return Texts(again.astype("int32")[codes], pd.Series(distinct, dtype=object))
