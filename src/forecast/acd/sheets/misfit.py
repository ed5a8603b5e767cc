"""Why no profile fits a sheet, in words that somebody can act on, and that give no person away."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forecast.acd.forms.sheet import Record, Sheet
from forecast.acd.profile import Profile
from forecast.acd.sheets.fit import HEADER_WITHIN, head_of, needed, spelled

HINT = "write a profile for it: `forecast acd inspect FILE` starts one"
_DATUM = re.compile(r"[\d.,:%/\- ]*\d[\d.,:%/\- T+Z]*")


@dataclass(frozen=True)
class _Near:
    share: float
    line: int
    cells: list[str]
    lacks: list[str]
    profile: str


def no_profile(sheet: Sheet, known: Sequence[Profile]) -> str:
    """Return why no profile fits, with what the nearest one misses.

    Lines with numbers or times are data and not the names of columns: they are not shown.
    """
    headers, broken = _headers(sheet)
    near = [_nearest(record, known) for record in headers]
    if not near:
        return broken or (
            f"{sheet.name}: no line of its first {HEADER_WITHIN} names columns; give the report "
            "its header line, or the names in a profile (header: [...])"
        )
    best = max(near, key=lambda n: (n.share, len(n.cells)))
    twice = sorted({c for c in best.cells if best.cells.count(c) > 1 and c})
    found = ", ".join(c or "(no name)" for c in best.cells)
    if twice and not best.lacks:
        return (
            f"{sheet.name}, line {best.line}: column {', '.join(map(repr, twice))} occurs twice; "
            f"keep one of each; found {found}"
        )
    if best.share == 0:
        # Names that nobody knows may be no names of columns at all, but of persons.
        return (
            f"{sheet.name}: no profile knows any of its {len(best.cells)} columns. Rename them, or "
            f"{HINT}"
        )
    return (
        f"{sheet.name}, line {best.line}: column {', '.join(map(repr, best.lacks))} is missing for "
        f"the nearest profile, {best.profile}; found {found}. Rename your columns, or {HINT}"
    )


def _headers(sheet: Sheet) -> tuple[list[Record], str]:
    """Return the records that may be headers, by all delimiters, and why bytes make no sense."""
    heads = [head_of(sheet, delimiter) for delimiter in sheet.delimiters]
    data = {line for head, _ in heads for line, cells in head if holds_data(cells)}
    records = [record for head, _ in heads for record in head if record[0] not in data]
    broken = next((str(error) for head, error in heads if error and not head), "")
    return records, broken


def _nearest(record: Record, known: Sequence[Profile]) -> _Near:
    line, cells = record
    have = {spelled(c) for c in cells}
    return max(_compared(line, cells, have, known), key=lambda n: n.share)


def _compared(
    line: int, cells: list[str], have: set[str], known: Sequence[Profile]
) -> Iterator[_Near]:
    for profile in known:
        wanted = needed(profile)
        lacks = [names[0] for names in wanted if not any(spelled(n) in have for n in names)]
        share = 1 - len(lacks) / len(wanted)
        yield _Near(share, line, [c.strip() for c in cells], lacks, profile.name)


def holds_data(cells: list[str]) -> bool:
    """Return whether a record holds numbers or times, or nothing at all."""
    return any(_DATUM.fullmatch(cell.strip()) for cell in cells) or not any(map(str.strip, cells))
