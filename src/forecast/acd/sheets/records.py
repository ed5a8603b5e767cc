"""A sheet's records -> its data rows, and what is none: blank, titles, headers, totals, ragged."""

import re
from collections.abc import Iterator
from itertools import islice

from forecast.acd.forms.sheet import Record, Sheet
from forecast.acd.sheets.fit import Fit
from forecast.errors import InputError

CHUNK_ROWS = 100_000
Chunk = tuple[list[int], list[list[str]]]
_PIECE = re.compile(r"[\d.,:]+")


def is_total(text: str, words: frozenset[str]) -> bool:
    """Return whether a cell holds one of the words that mark a row of sums, however it is written.

    Examples
    --------
    >>> is_total(" TOTAL: ", frozenset(["total"])), is_total("Total care", frozenset(["total"]))
    (True, False)
    """
    return text.strip().rstrip(":： ").casefold() in words


def total_words(fit: Fit) -> frozenset[str]:
    """Return the words that mark a row of sums, in small letters."""
    return frozenset(word.casefold() for word in fit.profile.totals)


class Reader:
    """Splits a sheet's records into chunks of data rows, and what is none."""

    def __init__(self, sheet: Sheet, fit: Fit) -> None:
        self._sheet, self._fit = sheet, fit
        self._titles = [re.compile(p) for p in fit.profile.ignore_lines]
        self._totals = total_words(fit)
        self._names = frozenset(name for name in fit.header if name)
        self.ragged: list[Record] = []
        self.ignored: dict[str, list[Record]] = {}
        self._blank: set[int] = set()

    def chunks(self) -> Iterator[Chunk]:
        """Yield lines and cells of the data rows, each with as many cells as the header.

        Raises
        ------
        InputError
            When the file goes on below another header.
        """
        fit = self._fit
        records = self._sheet.records(fit.delimiter)
        for record in islice(records, len(fit.above)):
            self._ignore("preamble" if any(record[1]) else "blank", record)
        raw = [] if fit.profile.header else next(records)[1]
        width, names, pads = len(fit.header), self._names, fit.profile.grain == "queue_log"
        numbers: list[int] = []
        rows: list[list[str]] = []
        for line, cells in records:
            if len(cells) != width or not cells[0].strip() or cells[0].strip() in names:
                if pads and 4 < len(cells) < width:
                    cells = cells + [""] * (width - len(cells))
                elif not self._is_row(line, cells, raw):
                    if self._breaks(numbers, line, cells):
                        self.ragged.append((numbers.pop(), rows.pop()))
                    continue
            numbers.append(line)
            rows.append(cells)
            if len(rows) > CHUNK_ROWS:
                # The last row waits: the next line may be a piece of it.
                yield from self._whole(numbers[:-1], rows[:-1])
                numbers, rows = numbers[-1:], rows[-1:]
        yield from self._whole(numbers, rows)

    def _is_row(self, line: int, cells: list[str], raw: list[str]) -> bool:
        """Return whether a record is a data row; if not, put it where it belongs."""
        bare = [c.strip() for c in cells]
        first = next((c for c in bare if c), "")
        if not first:
            self._ignore("blank", (line, cells))
            self._blank.add(line)
        elif bare == [c.strip() for c in raw]:
            self._ignore("header", (line, cells))
        elif sum(c in self._names for c in bare) * 2 > len(self._names):
            raise InputError(
                f"{self._sheet.name}, line {line}: another header ({', '.join(bare)}); the file is "
                "two reports in one: split it there"
            )
        elif len(cells) == len(self._fit.header):
            return True
        elif any(pattern.search(first) for pattern in self._titles):
            self._ignore("title", (line, cells))
        elif is_total(first, self._totals):
            self._ignore("ragged_total", (line, cells))
        else:
            self.ragged.append((line, cells))
        return False

    def _breaks(self, numbers: list[int], line: int, cells: list[str]) -> bool:
        """Return whether a ragged record goes on with the number that the row above it ends in."""
        ragged = bool(self.ragged) and self.ragged[-1][0] == line
        above = bool(numbers) and self._blank.issuperset(range(numbers[-1] + 1, line))
        return ragged and above and bool(_PIECE.fullmatch(cells[0].strip()))

    def _whole(self, numbers: list[int], rows: list[list[str]]) -> Iterator[Chunk]:
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
