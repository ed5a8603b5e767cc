"""A folder of exports -> HISTORY, LEDGER, QUARANTINE; rows in = accepted + set aside, always."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.acd.layout import KNOWN, SUMS, Parsed, parse
from forecast.acd.reader import ExportFile, export_files, read_export
from forecast.errors import InputError, SchemaError, listed
from forecast.params import IngestParams
from forecast.schema import HISTORY, LEDGER, QUARANTINE, SERIES

KEY = [*SERIES, "ds"]
LONGEST_GAP_DAYS = 400
VALUES = ["minutes", "offered", *SUMS]


@dataclass(frozen=True)
class Ingested:
    """The three tables that a folder of exports becomes."""

    history: pd.DataFrame
    ledger: pd.DataFrame
    quarantine: pd.DataFrame


def ingest(folder: str | Path, params: IngestParams) -> Ingested:
    """Return HISTORY, LEDGER and QUARANTINE of all CSV exports below a folder.

    A row that repeats an accepted one to the letter is *superseded*; rows that give one interval
    two values are all quarantined, because nobody here can know which is right.

    Raises
    ------
    InputError
        When a file cannot be read at all, or more of its rows are bad than
        ``quarantine_share_max`` allows; all problems are listed with file, line and column.
    """
    root = Path(folder)
    exports, parsed = _read_all(root, params)
    rows = pd.concat(
        [p.rows.assign(file=e.name) for e, p in zip(exports, parsed, strict=True)],
        ignore_index=True,
    )
    problems = pd.concat(
        [p.problems.assign(file=e.name) for e, p in zip(exports, parsed, strict=True)],
        ignore_index=True,
    )
    bad = pd.MultiIndex.from_frame(problems[["file", "line"]])
    rows = rows.assign(state="accepted")
    rows.loc[pd.MultiIndex.from_frame(rows[["file", "line"]]).isin(bad), "state"] = "quarantined"
    rows, conflicts = _told_apart(rows)
    overlaps = _overlapping(rows)
    rows.loc[overlaps.index, "state"] = "quarantined"
    quarantine = QUARANTINE.validate(
        pd.concat([problems, conflicts, overlaps], ignore_index=True)[QUARANTINE.names]
        if len(problems) + len(conflicts) + len(overlaps)
        else pd.DataFrame({c.name: pd.Series(dtype=c.dtype) for c in QUARANTINE.columns})
    )
    ledger = LEDGER.validate(pd.DataFrame([_account(e, rows) for e in exports]))
    _check_balance(ledger)
    _check_share(ledger, quarantine, params.quarantine_share_max)
    accepted = rows[rows["state"] == "accepted"]
    if accepted.empty:
        why = (
            "all were set aside, see the reasons with ingest.quarantine_share_max: 0"
            if ledger["rows_quarantined"].any()
            else "every file has a header but no data"
        )
        raise InputError(f"{root}: no row could be accepted; {why}")
    _check_gaps(accepted)
    return Ingested(HISTORY.validate(accepted[HISTORY.names], str(root)), ledger, quarantine)


def _read_all(root: Path, params: IngestParams) -> tuple[list[ExportFile], list[Parsed]]:
    """Return all files read and parsed, or one refusal with what is wrong in each."""
    exports, parsed, refusals = [], [], []
    for path in export_files(root):
        try:
            exports.append(read_export(path, root))
            parsed.append(parse(exports[-1], params))
        except InputError as error:
            refusals.append(str(error))
    if refusals:
        raise InputError("\n".join(refusals))
    return exports, parsed


def _told_apart(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows with repetitions superseded and conflicts quarantined, and the conflicts."""
    good = rows[rows["state"] == "accepted"]
    shared = good[good.duplicated(KEY, keep=False)]
    versions = shared.drop_duplicates([*KEY, *VALUES]).groupby(KEY).size().rename("versions")
    shared = shared.join(versions, on=KEY)
    conflicting = shared[shared["versions"] > 1]
    repeated = shared[(shared["versions"] == 1) & shared.duplicated([*KEY, *VALUES])]
    out = rows.copy()
    out.loc[conflicting.index, "state"] = "quarantined"
    out.loc[repeated.index, "state"] = "superseded"
    first = conflicting.groupby(KEY)[["file", "line", "offered"]].transform("first")
    last = conflicting.groupby(KEY)[["file", "line", "offered"]].transform("last")
    is_first = (first["file"] == conflicting["file"]) & (first["line"] == conflicting["line"])
    other = last.where(is_first, first)
    reason = [
        f"another value for the same interval stands in {file}, line {line} (offered {value:.0f}); "
        "keep the right row, delete the other"
        for file, line, value in zip(other["file"], other["line"], other["offered"], strict=True)
    ]
    return out, _findings(conflicting, "offered", reason)


def _overlapping(rows: pd.DataFrame) -> pd.DataFrame:
    """Return findings for accepted rows that begin before the one before them has ended."""
    good = rows[rows["state"] == "accepted"].sort_values(KEY, kind="stable")
    ends = good["ds"] + pd.to_timedelta(good["minutes"], unit="min")
    series = [good[c] for c in SERIES]
    before = ends.groupby(series).cummax().groupby(series).shift()
    hit = good[(before > good["ds"]).to_numpy()]
    reason = [
        f"'{text}' starts before the interval before it has ended, at {end:%Y-%m-%d %H:%M} UTC; "
        "export one interval length, or each time once"
        for end, text in zip(before[hit.index], hit["text"], strict=True)
    ]
    return _findings(hit, "interval_start", reason)


def _findings(rows: pd.DataFrame, column: str, reason: list[str]) -> pd.DataFrame:
    return rows[["file", "line", "text"]].assign(column=column, reason=reason)


def _account(export: ExportFile, rows: pd.DataFrame) -> dict[str, object]:
    mine = rows[rows["file"] == export.name]
    # Whole parts only, row by row: a count of 2.5 is quarantined, and still has its place here.
    mine = mine.assign(offered=np.trunc(mine["offered"].fillna(0)))
    count = mine["state"].value_counts()
    offered = mine.groupby("state")["offered"].sum()
    ragged = len(export.ragged)
    return {
        "file": export.name,
        "sha256": export.sha256,
        "rows_in": len(export.rows) + ragged + export.blank,
        "rows_accepted": count.get("accepted", 0),
        "rows_quarantined": count.get("quarantined", 0) + ragged,
        "rows_superseded": count.get("superseded", 0),
        "rows_ignored": export.blank,
        "offered_in": int(mine["offered"].sum()),
        **{
            f"offered_{s}": int(offered.get(s, 0))
            for s in ("accepted", "quarantined", "superseded")
        },
        "columns_ignored": ";".join(c for c in export.columns if c not in KNOWN),
    }


def _check_gaps(accepted: pd.DataFrame) -> None:
    """Refuse a history with a hole of years: one mistyped year would move its end."""
    ordered = accepted.sort_values(KEY, kind="stable")
    gap = ordered.groupby(list(SERIES))["ds"].diff()
    wide = ordered[gap > pd.Timedelta(days=LONGEST_GAP_DAYS)]
    lines = [
        f"{row.file}, line {row.line}, column interval_start: {row.ds:%Y-%m-%d} comes more than "
        f"{LONGEST_GAP_DAYS} days after the queue's interval before it"
        for row in wide.itertuples()
    ]
    if lines:
        raise InputError(
            "the history has holes of more than a year; is a year mistyped? Mend it, or give the "
            f"queue another name after the hole:\n{listed(lines)}"
        )


def _check_balance(ledger: pd.DataFrame) -> None:
    states = ["accepted", "quarantined", "superseded"]
    rows = ledger[[f"rows_{s}" for s in states]].sum(axis=1) + ledger["rows_ignored"]
    offered = ledger[[f"offered_{s}" for s in states]].sum(axis=1)
    off = ledger[(rows != ledger["rows_in"]) | (offered != ledger["offered_in"])]
    if len(off):
        raise SchemaError(f"LEDGER does not balance for {', '.join(off['file'])}; this is a defect")


def _check_share(ledger: pd.DataFrame, quarantine: pd.DataFrame, limit: float) -> None:
    share = ledger["rows_quarantined"] / ledger["rows_in"].clip(lower=1)
    over = ledger.loc[share > limit, "file"]
    if over.empty:
        return
    found = quarantine[quarantine["file"].isin(over)]
    lines = [
        f"{row.file}, line {row.line}, column {row.column}: {row.reason}"
        for row in found.itertuples()
    ]
    raise InputError(
        f"{len(lines)} bad cells in the exports; nothing was taken in. Mend them, or raise "
        f"ingest.quarantine_share_max (now {limit:g}) to set such rows aside:\n{listed(lines)}"
    )
