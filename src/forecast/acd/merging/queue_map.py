"""Queues that were renamed, merged or split, by a mapping file with dates.

A row of the file says where a queue's contacts go on some local days. Two rows with one ``to``
merge; two rows for one queue and period, with shares that add to 1, split.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.csvfile import read_csv_file
from forecast.errors import InputError, SchemaError, listed
from forecast.schema import HISTORY, LOCAL, SERIES

COLUMNS: Final = ("site", "queue", "valid_from", "valid_to", "to", "share")
_EMPTY: Final = dict(zip(COLUMNS, ("", "", "0001-01-01", "9999-12-31", "", "1"), strict=True))
"""What an empty cell stands for: an open period begins or ends with the calendar."""
_SERIES: Final = list(SERIES)
_KEY: Final = list(HISTORY.key)
_SUMS: Final = [c for c in HISTORY.names if c not in (*_KEY, "minutes", "offered")]


class _Rule(NamedTuple):
    """One row of the file, as text: days of this form sort like days, and shares stay exact."""

    line: int
    site: str
    queue: str
    valid_from: str
    valid_to: str
    to: str
    share: str

    @property
    def whose(self) -> tuple[str, ...]:
        """The queue and period that the shares of a split add up over."""
        return self.site, self.queue, self.valid_from, self.valid_to

    def meets(self, other: "_Rule") -> bool:
        """Return whether some site and day are in both rules."""
        sites = self.site == other.site or "" in (self.site, other.site)
        return sites and self.valid_from <= other.valid_to and other.valid_from <= self.valid_to


def read_queue_map(path: str | Path) -> pd.DataFrame:
    """Return the rows of a queue map: ``line``, site, queue, valid_from, valid_to, to and share.

    In the CSV, site may be empty (any), valid_from and valid_to are local days, both included, and
    open when empty, and share is 1 when empty. Queues are named as in the exports and mapped once;
    a split may keep its own name as one part. The file need not exist: then no queue is mapped.

    Raises
    ------
    InputError
        Listing bad cells with line and column, shares that do not add to 1, periods of one queue
        that overlap, and new names that are themselves mapped at the same time.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> lines = ["site,queue,valid_from,valid_to,to,share", ",old,2024-03-01,,new,"]
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "map.csv").write_text(chr(10).join(lines))
    ...     read_queue_map(Path(folder, "map.csv"))[["queue", "to", "share"]].values.tolist()
    [['old', 'new', 1.0]]
    """
    file = Path(path)
    rows = [(line, cells, _bad_cells(cells)) for line, cells in _records(file)]
    rules = [_Rule(line, **cells) for line, cells, bad in rows if not bad]
    doubtful = {cells.get("queue") for _, cells, bad in rows if bad}
    problems = [f"line {line}, {problem}" for line, _, bad in rows for problem in bad]
    problems += _clashes(rules) + _bad_splits([r for r in rules if r.queue not in doubtful])
    if problems:
        raise InputError(f"{file} is refused, no queue was mapped:\n{listed(problems)}")
    dtypes = ("int64", "str", "str", LOCAL, LOCAL, "str", "float64")
    names = list(_Rule._fields)
    return pd.DataFrame(rules, columns=names).astype(dict(zip(names, dtypes, strict=True)))


def _records(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, cells by column) of the rows of a CSV; no cells where there are too few."""
    if not file.exists():
        return
    read = read_csv_file(file)
    if sorted(read.columns) != sorted(COLUMNS):
        what = f"columns must be {', '.join(COLUMNS)}, separated by commas"
        raise InputError(f"{file}, line 1: {what}; found {', '.join(read.columns)}")
    rows: dict[int, dict[str, str]] = {line: {} for line, _, _ in read.ragged}
    for record in read.rows.to_dict("records"):
        line = int(record.pop("line"))
        rows[line] = {str(c): str(text) or _EMPTY[str(c)] for c, text in record.items()}
    yield from sorted(rows.items(), key=lambda item: item[0])


def _is_day(text: str) -> bool:
    try:
        return bool(re.fullmatch("[0-9]{4}(-[0-9]{2}){2}", text) and date.fromisoformat(text))
    except ValueError:
        return False


_NAMED = (bool, "a name")
_SHARE = re.compile(r"1(\.0+)?|0?\.0*[1-9][0-9]*")
_DATED = (_is_day, "a day like 2024-03-31, or empty")
_CELLS: Mapping[str, tuple[Callable[[str], object], str]] = {
    **{"queue": _NAMED, "valid_from": _DATED, "valid_to": _DATED, "to": _NAMED},
    "share": (_SHARE.fullmatch, "above 0 and up to 1 like 0.25, or empty"),
}


def _bad_cells(cells: Mapping[str, str]) -> list[str]:
    if not cells:
        return [f"more or fewer fields than the {len(COLUMNS)} of the header"]
    bad = [
        f"column {column}: must be {wanted}; found '{cells[column]}'"
        for column, (fits, wanted) in _CELLS.items()
        if not fits(cells[column])
    ]
    if not bad and cells["valid_to"] < cells["valid_from"]:
        period = f"{cells['valid_from']} to {cells['valid_to']}"
        bad.append(f"column valid_to: must not be before valid_from; found {period}")
    return bad


def _clashes(rules: Sequence[_Rule]) -> list[str]:
    met = [(a, b) for a, b in combinations(rules, 2) if a.meets(b)]
    overlap = "overlaps with line {}; parts of a split need the same site, valid_from and valid_to"
    chain = "is itself mapped at the same time, in line {}; name the last queue of the chain"
    return [
        f"line {b.line}: this period of queue '{b.queue}' {overlap.format(a.line)}"
        for a, b in met
        if a.queue == b.queue and a.whose != b.whose
    ] + [
        f"line {a.line}, column to: '{a.to}' {chain.format(b.line)}"
        for pair in met
        for a, b in (pair, pair[::-1])
        if a.to == b.queue != a.queue
    ]


def _bad_splits(rules: Sequence[_Rule]) -> list[str]:
    parts = defaultdict(list)
    for rule in rules:
        parts[rule.whose].append(rule)
    found = []
    for rows in parts.values():
        lines = f"line {', '.join(str(row.line) for row in rows)}"
        total = sum((Fraction(row.share) for row in rows), Fraction(0))
        if total != 1:
            number = Decimal(total.numerator) / total.denominator
            found.append(f"{lines}, column share: must add to 1; found {number}")
        if len({row.to for row in rows}) < len(rows):
            found.append(f"{lines}, column to: the parts of a split need different names")
    return found


def map_queues(
    history: pd.DataFrame, queue_map: pd.DataFrame, zone_of: Callable[[str], ZoneInfo]
) -> pd.DataFrame:
    """Return HISTORY with each row under the queue name that the map gives it on its local day.

    ``queue_map`` is as ``read_queue_map`` returns it; ``zone_of`` gives a site's time zone. Queues
    that become one add up: a sum of which one part is missing is missing, and an interval that only
    one of them reported has that one's contacts alone. A split shares out whole contacts and
    carries to the next interval what rounding leaves over: each row keeps its total, and no part
    drifts from its share. Other sums go with the contacts; agents go by share.

    Raises
    ------
    InputError
        When the history has no queue of a name, or queues that become one differ in length.

    Examples
    --------
    >>> import pandas as pd
    >>> ds = pd.to_datetime(["2024-03-01 04:30Z", "2024-03-01 05:00Z"]).as_unit("us")
    >>> history = pd.DataFrame({"site": "main", "queue": "old", "channel": "voice", "ds": ds,
    ...     "minutes": 30, "offered": [3, 5]}).reindex(columns=HISTORY.names)
    >>> renamed = pd.DataFrame({"line": [2], "site": "", "queue": "old", "to": "new", "share": 1.0,
    ...     "valid_from": pd.Timestamp("2024-03-01"), "valid_to": pd.Timestamp("9999-12-31")})
    >>> out = map_queues(history, renamed, lambda site: ZoneInfo("America/New_York"))
    >>> out[["queue", "offered"]].values.tolist()
    [['new', 5], ['old', 3]]
    """
    _check_names(history, queue_map)
    rows = history.reset_index(drop=True).assign(was=history["queue"].to_numpy())
    moves = _moves(rows, queue_map, zone_of)
    parts = _shared_out(rows, moves)
    out = pd.concat([rows[~rows.index.isin(moves["row"])], parts], ignore_index=True)
    mapped = HISTORY.validate(_added_up(out, parts), "the queue map")
    if (after := mapped["offered"].sum()) != (before := history["offered"].sum()):
        raise SchemaError(f"mapping queues must keep all {before} contacts; found {after} after it")
    return mapped


def _check_names(history: pd.DataFrame, queue_map: pd.DataFrame) -> None:
    known, problems = history[["site", "queue"]].drop_duplicates(), []
    for line, site, queue in queue_map[["line", "site", "queue"]].itertuples(index=False):
        names = sorted(set(known.loc[known["site"].eq(site) | (site == ""), "queue"]))
        if queue not in names:
            folded = {name.casefold(): name for name in names}
            close = [folded[name] for name in get_close_matches(queue.casefold(), folded)]
            at, has = f" at site '{site}'" if site else "", ", ".join(close or names) or "none"
            problems.append(
                f"line {line}, column queue: no '{queue}' in the history{at}, but {has}"
            )
    if problems:
        raise InputError(f"the queue map does not fit the history:\n{listed(problems)}")


def _moves(
    rows: pd.DataFrame, queue_map: pd.DataFrame, zone_of: Callable[[str], ZoneInfo]
) -> pd.DataFrame:
    """Return a line per history row and part: ``row``, where it goes, its share."""
    named = rows.loc[rows["queue"].isin(queue_map["queue"]), _KEY]
    day = pd.Series(pd.NaT, index=named.index, dtype=LOCAL)
    for site, ds in named.groupby("site")["ds"]:
        day.loc[ds.index] = ds.dt.tz_convert(zone_of(str(site))).dt.tz_localize(None).dt.normalize()
    rules = queue_map.rename(columns={"site": "only_at"})
    pairs = named.assign(row=named.index, day=day).merge(rules, on="queue")
    on = (pairs["only_at"] == "") | (pairs["only_at"] == pairs["site"])
    on &= pairs["day"].between(pairs["valid_from"], pairs["valid_to"])
    return pairs[on].sort_values([*_KEY, "line"], ignore_index=True)


def _shared_out(rows: pd.DataFrame, moves: pd.DataFrame) -> pd.DataFrame:
    """Return the parts of the rows that move, under their new names."""
    parts = rows.loc[moves["row"]].reset_index(drop=True)
    contacts = _contacts(moves, parts["offered"])
    # Talk and waits belong to contacts: a part has none of what it got no contact for.
    weight = (contacts / parts["offered"]).where(parts["offered"] > 0, moves["share"])
    sums = {c: parts[c] * (moves["share"] if c == "agents" else weight) for c in _SUMS}
    return parts.assign(queue=moves["to"], offered=contacts, **sums)


def _contacts(moves: pd.DataFrame, offered: pd.Series) -> pd.Series:
    """Return each part's whole contacts; the parts of a row add up to what it offered.

    One part after the other takes its share of what the earlier ones left. What it has taken since
    the beginning is its share of the running total, rounded, so nothing drifts.
    """
    turn = moves.groupby("row").cumcount()
    left = moves["share"][::-1].groupby(moves["row"][::-1]).cumsum()[::-1]
    waiting = offered.groupby(moves["row"]).first()
    taken = pd.Series(0, index=moves.index)
    for _, part in moves.groupby(turn):
        count = part["row"].map(waiting)
        so_far = count.groupby([part[c] for c in ("site", "channel", "line")]).cumsum()
        share = part["share"] / left[part.index]
        due, had = (np.floor(share * total + 0.5) for total in (so_far, so_far - count))
        taken[part.index] = (due - had).astype("int64")
        waiting[part["row"]] -= taken[part.index].to_numpy()
    return taken


def _added_up(rows: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Return one row per series and interval, where queues that moved became one with others."""
    here = rows.set_index(_SERIES).index.isin(parts.set_index(_SERIES).index)
    _check_lengths(rows[here].sort_values([*_KEY, "was"]))
    twice = rows.duplicated(_KEY, keep=False) & here
    groups = rows[twice].groupby([*_KEY, "minutes"])[["offered", *_SUMS]]
    return pd.concat([rows[~twice], groups.sum(skipna=False).reset_index()])[HISTORY.names]


def _check_lengths(rows: pd.DataFrame) -> None:
    """Refuse intervals of two queues that overlap without being the same one."""
    after = rows.groupby(_SERIES)[["ds", "minutes", "was"]].shift(-1)
    end = rows["ds"] + pd.to_timedelta(rows["minutes"], unit="min")
    same = (after["ds"] == rows["ds"]) & (after["minutes"] == rows["minutes"])
    bad = (after["ds"] < end) & ~same & (after["was"] != rows["was"])
    first = rows.join(after.add_suffix("_after"))[bad].drop_duplicates(_SERIES)
    problems = [
        f"site '{row.site}', queue '{row.queue}': {row.minutes} minutes of '{row.was}' from "
        f"{row.ds}, {row.minutes_after:.0f} of '{row.was_after}' from {row.ds_after}"
        for row in first.itertuples()
    ]
    if problems:
        mend = "export both in one length, or map them only where they agree"
        raise InputError(f"queues that become one differ in length; {mend}:\n{listed(problems)}")
