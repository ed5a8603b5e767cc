"""A good export whose truth is known, and the law that every broken copy of it must keep.

The law: where HISTORY differs from the truth in any cell, the books say so. A difference is told
when the file is rejected, the row is in quarantine with its file and line, a later export
supersedes it, its value is missing and LEDGER lists a column that is not used, or a finding names
the file or the queue. Books that do not balance, and errors that are none of the package's own,
break the law always.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.acd.ingest import Ingested, Sources, take_in
from forecast.params import IngestParams
from forecast.schema import HISTORY

ZONE = "America/New_York"
COLUMNS = ("interval_start", "queue", "interval_minutes", "offered", "answered", "talk_s")
KEY = ["site", "queue", "channel", "ds"]
VALUES = [c for c in HISTORY.names if c not in KEY]
ABSENCE = {"missing_share", "cut_short", "outage", "started", "ended"}
"""Findings that say that something is not there; they excuse no number."""
NOT_ABOUT_VALUES = {*ABSENCE, "cut_off", "clock_change"}


@dataclass(frozen=True)
class Row:
    """One interval of the truth; ``fold`` 1 is the second occurrence of a wall time."""

    queue: str
    wall: datetime
    offered: int
    answered: int
    talk_s: float
    minutes: int = 30
    fold: int = 0
    site: str = "main"

    @property
    def utc(self) -> pd.Timestamp:
        aware = self.wall.replace(tzinfo=ZoneInfo(ZONE), fold=self.fold)
        return pd.Timestamp(aware).tz_convert("UTC")

    @property
    def is_doubled(self) -> bool:
        one, two = (self.wall.replace(tzinfo=ZoneInfo(ZONE), fold=f).utcoffset() for f in (0, 1))
        return one > two


def row_of(queue: str, wall: datetime, number: int, minutes: int = 30, fold: int = 0) -> Row:
    """Return a row whose numbers no other row has by chance: a shifted cell would be seen."""
    offered = 20 + (number * 37) % 71
    answered = offered - number % 5
    return Row(queue, wall, offered, answered, float(answered * (100 + number % 89)), minutes, fold)


def good(
    queues: Sequence[str] = ("sales", "service"),
    first: str = "2024-05-13",
    days: int = 2,
    hours: tuple[int, int] = (9, 12),
    minutes: int = 30,
) -> list[Row]:
    """Return rows in the order of their times, the queues in turn."""
    begin = datetime.fromisoformat(first)
    steps = (hours[1] - hours[0]) * 60 // minutes
    walls = [
        begin + timedelta(days=d, hours=hours[0], minutes=s * minutes)
        for d in range(days)
        for s in range(steps)
    ]
    pairs = [(wall, queue) for wall in walls for queue in queues]
    return [row_of(queue, wall, n, minutes) for n, (wall, queue) in enumerate(pairs)]


def cells(row: Row, stamp: str = "%Y-%m-%d %H:%M") -> list[str]:
    """Return a row as the canonical layout has it."""
    return [
        row.wall.strftime(stamp),
        row.queue,
        str(row.minutes),
        str(row.offered),
        str(row.answered),
        f"{row.talk_s:g}",
    ]


def lines_of(
    rows: Iterable[Row],
    line: Callable[[Row], Sequence[str]] = cells,
    columns: Sequence[str] = COLUMNS,
    mark: str = ",",
) -> list[str]:
    """Return header and rows as lines without their ends; cells with a mark are quoted."""

    def joined(parts: Sequence[str]) -> str:
        return mark.join(f'"{p}"' if mark in p else p for p in parts)

    return [joined(columns), *(joined(line(row)) for row in rows)]


def text_of(lines: Iterable[str], end: str = "\n") -> str:
    return "".join(line + end for line in lines)


def csv_of(rows: Iterable[Row], end: str = "\n", encoding: str = "utf-8") -> bytes:
    return text_of(lines_of(rows), end).encode(encoding)


def truth_of(
    rows: Sequence[Row],
    file: str = "calls.csv",
    line: int | Sequence[int] = 2,
    lost: Sequence[int] = (),
    columns: Sequence[str] = COLUMNS,
) -> pd.DataFrame:
    """Return HISTORY's rows of the truth, with the file and line on which each stands.

    ``lost`` are positions of rows at the file's end that a cut may have taken or changed.
    """
    numbers = list(line) if not isinstance(line, int) else [line + i for i in range(len(rows))]
    frame = pd.DataFrame(
        {
            "site": [r.site for r in rows],
            "queue": [r.queue for r in rows],
            "channel": "voice",
            "ds": pd.Series([r.utc for r in rows], dtype="datetime64[us, UTC]"),
            "minutes": [r.minutes for r in rows],
            "offered": [r.offered for r in rows],
            "answered": [float(r.answered) for r in rows],
            "talk_s": [r.talk_s for r in rows],
            "file": file,
            "line": numbers,
            "at_end": [i in set(lost) for i in range(len(rows))],
            "doubled": [r.is_doubled for r in rows],
        }
    )
    for name in HISTORY.names:
        if name not in frame or (name in ("answered", "talk_s") and name not in columns):
            frame[name] = np.nan
    return frame


@dataclass(frozen=True)
class Must:
    """What must come of a bad export, beside the law.

    ``exact``: the truth, nothing set aside; ``rejected``, with ``word`` in the reason;
    ``quarantined``: exactly these lines, the rest as the truth; ``finding`` of a kind; ``told``:
    whatever the law allows, for files of which a reader may make more than one thing.
    """

    what: str
    lines: tuple[int, ...] = ()
    word: str = ""
    ignored: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """Files as bytes by name, what is true of them, and what must come of them."""

    files: Mapping[str, bytes]
    truth: pd.DataFrame | None
    """None where it is only asked that no person gets out."""
    must: Must
    profiles: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)
    private: tuple[str, ...] = ()
    """Texts of persons that must not get out."""
    spoil: Callable[[Path], object] | None = None
    """What happens to the folder beside writing its files."""


def exact(**ignored: int) -> Must:
    return Must("exact", ignored=ignored)


def rejected(word: str = "") -> Must:
    return Must("rejected", word=word)


def quarantined(*lines: int) -> Must:
    return Must("quarantined", lines=lines)


def finding(kind: str) -> Must:
    return Must("finding", word=kind)


def told() -> Must:
    return Must("told")


def write(case: Case, root: Path) -> Path:
    """Write a case's files and profiles below a folder; return the folder of exports."""
    folder = root / "acd"
    folder.mkdir(parents=True)
    for name, data in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (root / "profiles").mkdir()
    for name, text in case.profiles.items():
        (root / "profiles" / f"{name}.yaml").write_text(text, encoding="utf-8")
    if case.spoil:
        case.spoil(folder)
    return folder


def taken(case: Case, root: Path, cache: Path | None = None) -> Ingested:
    """Write a case and take it in."""
    folder = write(case, root)
    params = IngestParams(**{"timezone": ZONE, **case.settings})
    return take_in(folder, params, Sources(own_profiles=root / "profiles", cache=cache))


def unbalanced(out: Ingested) -> list[str]:
    """Return what does not add up in the books."""
    found = []
    ledger = out.ledger
    for what in ("rows", "offered"):
        states = [f"{what}_{s}" for s in ("accepted", "quarantined", "superseded", "ignored")]
        off = ledger.loc[ledger[states].sum(axis=1) != ledger[f"{what}_in"], "file"]
        found += [f"{file}: {what} do not balance" for file in off]
    for row in ledger.itertuples():
        whole = (
            0 if not row.ignored else sum(int(p.rpartition(":")[2]) for p in row.ignored.split(";"))
        )
        if row.rejected == "" and whole != row.rows_ignored:
            found.append(f"{row.file}: {row.rows_ignored} ignored, by reason {whole}")
        lines = out.quarantine.loc[out.quarantine["file"] == row.file, "line"].nunique()
        if lines != row.rows_quarantined:
            found.append(f"{row.file}: {row.rows_quarantined} set aside, {lines} lines shown")
        if row.rejected and row.rows_accepted:
            found.append(f"{row.file}: rejected, and yet rows of it are accepted")
    return found


def silent(truth: pd.DataFrame, out: Ingested, usual: Iterable[tuple[str, str]] = ()) -> list[str]:
    """Return every difference between HISTORY and the truth that the books do not tell of.

    ``usual`` are kind and place of findings that the good file gives as well.
    """
    found = unbalanced(out)
    if out.ledger["rows_accepted"].sum() != len(out.history):
        found.append("accepted rows are not those of HISTORY")
    if out.ledger["offered_accepted"].sum() != out.history["offered"].sum():
        found.append("accepted contacts are not those of HISTORY")
    history, real = out.history.set_index(KEY), truth.set_index(KEY)
    told_of = _Told(out, set(usual))
    for key in real.index.difference(history.index):
        for row in real.loc[[key]].itertuples():
            if not told_of.missing(key, row):
                found.append(f"missing, not told: {_shown(key)} ({row.file}, line {row.line})")
    for key in history.index.difference(real.index):
        if not told_of.invented(key, is_doubled(key[3]), bool(truth["at_end"].any())):
            found.append(f"not in the truth, not told: {_shown(key)} {history.loc[key].offered}")
    both = real.index.intersection(history.index)
    a, b = real.loc[both], history.loc[both]
    for name in VALUES:
        x, y = a[name].to_numpy(dtype="float64"), b[name].to_numpy(dtype="float64")
        same = np.isclose(x, y, rtol=1e-9, atol=1e-6) | (np.isnan(x) & np.isnan(y))
        for i in np.flatnonzero(~same):
            if np.isnan(y[i]) and told_of.column_is_ignored(a["file"].iloc[i]):
                continue
            if not told_of.different(both[i], a.iloc[i]):
                found.append(f"{name} {y[i]:g} for {x[i]:g}, not told: {_shown(both[i])}")
    return found


def is_doubled(utc: pd.Timestamp) -> bool:
    """Return whether the wall time of a moment stands twice."""
    wall = utc.tz_convert(ZONE).tz_localize(None).to_pydatetime()
    return Row("", wall, 0, 0, 0).is_doubled


def _shown(key: tuple) -> str:
    return f"{key[1]!r} {key[3]:%Y-%m-%d %H:%M}Z"


class _Told:
    """What the books tell of."""

    def __init__(self, out: Ingested, usual: set[tuple[str, str]]) -> None:
        self._rejected = set(out.ledger.loc[out.ledger["rejected"] != "", "file"])
        self._unused = dict(zip(out.ledger["file"], out.ledger["columns_ignored"], strict=True))
        self._aside = set(zip(out.quarantine["file"], out.quarantine["line"], strict=True))
        self._gone = set(zip(out.superseded["file"], out.superseded["line"], strict=True))
        self._found = [f for f in out.findings.itertuples() if (f.kind, f.place) not in usual]

    def column_is_ignored(self, file: str) -> bool:
        return bool(self._unused.get(file))

    def _names(self, queue: str, file: str, without: set[str]) -> bool:
        about = (queue, file) if file else (queue,)
        return any(
            f.kind not in without and any(a and (a in f.place or a in f.text) for a in about)
            for f in self._found
        )

    def _kind(self, kind: str, file: str) -> bool:
        return any(f.kind == kind and (not file or file in f.place) for f in self._found)

    def _row(self, row: object) -> bool:
        place = (row.file, row.line)
        if place in self._aside:
            return True
        if any(row.file == r or row.file.startswith(f"{r}!") for r in self._rejected):
            return True
        if row.at_end and self._kind("cut_off", row.file):
            return True
        return bool(row.doubled and self._kind("clock_change", row.file))

    def missing(self, key: tuple, row: object) -> bool:
        if self._row(row) or (row.file, row.line) in self._gone:
            return True
        return self._names(key[1], row.file, {"cut_off", "clock_change"})

    def invented(self, key: tuple, doubled: bool, cut: bool) -> bool:
        if cut and self._kind("cut_off", ""):
            return True
        if doubled and self._kind("clock_change", ""):
            return True
        if self._kind("date_order", ""):
            return True
        return self._names(key[1], "", NOT_ABOUT_VALUES)

    def different(self, key: tuple, row: pd.Series) -> bool:
        # A bad row that is set aside does not excuse a number that is taken.
        if row.at_end and self._kind("cut_off", row.file):
            return True
        if row.doubled and self._kind("clock_change", row.file):
            return True
        return self._names(key[1], row.file, NOT_ABOUT_VALUES)


def usual_findings(truth: pd.DataFrame) -> set[tuple[str, str]]:
    """Return kind and place of what is found in the truth itself."""
    if truth.empty:
        return set()
    whole = HISTORY.validate(truth[HISTORY.names])
    seen = int(pd.util.hash_pandas_object(whole).sum())
    if seen not in _USUAL:
        _USUAL[seen] = _usual(whole)
    return _USUAL[seen]


_USUAL: dict[int, set[tuple[str, str]]] = {}


def _usual(whole: pd.DataFrame) -> set[tuple[str, str]]:
    from forecast.acd.quality import findings

    found = findings(whole, lambda _: ZoneInfo(ZONE))
    return set(zip(found["kind"], found["place"], strict=True))


def broken(case: Case, out: Ingested) -> list[str]:
    """Return how an outcome is not what must come of a case; the law first."""
    if case.truth is None:
        return unbalanced(out) + leaks(case, out)
    found = silent(case.truth, out, usual_findings(case.truth))
    found += leaks(case, out)
    must, ledger = case.must, out.ledger
    reasons = [r for r in ledger["rejected"] if r]
    said = any(must.word.casefold() in r.casefold() for r in reasons)
    if must.what == "rejected" and not said:
        found.append(f"not rejected with {must.word!r}: {reasons}")
    if must.what in ("exact", "quarantined"):
        if reasons:
            found.append(f"rejected: {reasons}")
        lines = set(out.quarantine["line"])
        if lines != set(must.lines):
            found.append(
                f"lines {sorted(lines)} set aside, not {sorted(must.lines)}: "
                f"{out.quarantine['reason'].unique().tolist()[:3]}"
            )
        gone = case.truth[~case.truth["line"].isin(must.lines)]
        lacking = set(map(tuple, gone[KEY].to_numpy())) - set(
            map(tuple, out.history[KEY].to_numpy())
        )
        if must.what == "exact" and lacking:
            found.append(f"{len(lacking)} rows of the truth are not there")
        if must.what == "exact":
            found += inexact(case.truth, out)
    if must.what == "finding" and must.word not in set(out.findings["kind"]):
        found.append(f"no finding {must.word}: {sorted(set(out.findings['kind']))}")
    for why, count in must.ignored.items():
        if f"{why}:{count}" not in ";".join(ledger["ignored"]).split(";"):
            found.append(f"{why}:{count} is not in {ledger['ignored'].tolist()}")
    return found


def inexact(truth: pd.DataFrame, out: Ingested) -> list[str]:
    """Return where HISTORY is not the truth, told or not."""
    a = truth.sort_values(KEY)[HISTORY.names].reset_index(drop=True)
    b = out.history.reset_index(drop=True)
    if len(a) != len(b):
        return [f"{len(b)} rows for {len(a)}"]
    found = [f"{c} differs" for c in KEY if a[c].tolist() != b[c].tolist()]
    for c in VALUES:
        x, y = a[c].to_numpy(dtype="float64"), b[c].to_numpy(dtype="float64")
        if not np.allclose(x, y, rtol=1e-9, atol=1e-6, equal_nan=True):
            found.append(f"{c} differs")
    return found


def leaks(case: Case, out: Ingested) -> list[str]:
    """Return the private texts that stand in any of the tables."""
    tables = {n: getattr(out, n) for n in Ingested.__dataclass_fields__}
    return [
        f"private {word!r} stands in {name}"
        for word in case.private
        for name, frame in tables.items()
        if frame.astype(str).apply(lambda c, w=word: c.str.contains(w, regex=False)).any(axis=None)
    ]
