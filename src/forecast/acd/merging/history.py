"""All sheets together -> HISTORY, with what became of every row and what was noticed on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecast.acd.merging.demand import demand_of
from forecast.acd.merging.logged import CALLS, Logged, of_logs
from forecast.acd.merging.merge import parts_added, settle_intervals, stacked
from forecast.acd.merging.queue_map import map_queues, read_queue_map
from forecast.acd.merging.reexports import Finding, finding, replaced_intervals
from forecast.acd.merging.zeros import with_zeros
from forecast.acd.quality import findings as quality
from forecast.acd.take import Taken
from forecast.errors import InputError
from forecast.params import IngestParams
from forecast.schema import FINDINGS, HISTORY, SELF_SERVICE, SERIES, SUPERSEDED
from forecast.table import Table

KEY = [*SERIES, "ds"]
LONGEST_GAP_DAYS = 400


@dataclass(frozen=True)
class Merged:
    """What all sheets become together."""

    history: pd.DataFrame
    states: dict[str, pd.Series]
    """By sheet: the final state of each of its rows."""
    problems: dict[str, pd.DataFrame]
    """By sheet: line, column and reason of rows that only the others show to be bad."""
    findings: pd.DataFrame
    superseded: pd.DataFrame
    self_service: pd.DataFrame
    demand: pd.DataFrame


@dataclass(frozen=True)
class _Part:
    history: pd.DataFrame
    states: dict[str, pd.Series] = field(default_factory=dict)
    problems: dict[str, pd.DataFrame] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    superseded: list[pd.DataFrame] = field(default_factory=list)


def merged(live: Sequence[Taken], params: IngestParams, queue_map: Path | None) -> Merged:
    """Return the history of all sheets, which are in the order of their exports, latest last.

    Raises
    ------
    InputError
        When a call log and an interval report tell of one series, or the queue map is none.
    """
    intervals = [t for t in live if t.grain == "interval" and len(t.rows)]
    logs = [t for t in live if t.grain != "interval" and len(t.rows)]
    part = _of_intervals(intervals, params) if intervals else _Part(HISTORY.empty())
    logged = of_logs(logs, params) if logs else None
    history = told = _together(part, logged)
    if queue_map is not None and queue_map.is_file():
        history = map_queues(history, read_queue_map(queue_map), params.zone)
    calls = logged.calls if logged else pd.DataFrame(columns=CALLS)
    demand, redials = demand_of(told, calls, params)
    found = part.findings + (logged.findings if logged else []) + redials
    noticed = pd.DataFrame(found, columns=FINDINGS.names)
    seen = quality(history, params.zone) if len(history) else noticed
    return Merged(
        history=history,
        states={
            **part.states,
            **(by_sheet(logged.states, logged.sheet, logs) if logged else {}),
        },
        problems=part.problems,
        findings=_stacked([noticed, seen], FINDINGS),
        superseded=_stacked(part.superseded + ([logged.superseded] if logged else []), SUPERSEDED),
        self_service=logged.self_service if logged else SELF_SERVICE.empty(),
        demand=demand,
    )


def _stacked(parts: Sequence[pd.DataFrame], table: Table) -> pd.DataFrame:
    full = [part for part in parts if len(part)]
    return table.validate(pd.concat(full, ignore_index=True)) if full else table.empty()


def _together(part: _Part, logged: Logged | None) -> pd.DataFrame:
    if logged is None:
        return HISTORY.validate(part.history)
    _refuse_twice_told(part.history, logged.history)
    return _stacked([part.history, logged.history], HISTORY)


def by_sheet(states: pd.Series, sheet: np.ndarray, sheets: Sequence[Taken]) -> dict[str, pd.Series]:
    """Return the rows' states by the sheet that they stand in."""
    bounds = np.searchsorted(sheet, np.arange(len(sheets) + 1))
    return {
        t.name: states.iloc[bounds[i] : bounds[i + 1]].reset_index(drop=True)
        for i, t in enumerate(sheets)
    }


def _of_intervals(sheets: Sequence[Taken], params: IngestParams) -> _Part:
    rows = stacked([t.rows for t in sheets])
    sums = np.array([t.same_interval == "sum" for t in sheets])
    rows, problems = settle_intervals(rows, sums)
    names = [t.name for t in sheets]
    accepted = rows[rows["state"] == "accepted"]
    holes = _holes(accepted, names)
    history = parts_added(accepted, sums)
    filled = np.array([t.absent_rows == "zero" for t in sheets])
    if filled.any():
        told = rows[rows["state"].isin(["accepted", "quarantined"]) & rows["ds"].notna()]
        history = with_zeros(history, filled[history["sheet"]], params.zone, told)
    superseded, later = replaced_intervals(rows, names)
    return _Part(
        _typed(history),
        by_sheet(rows["state"].astype("str"), rows["sheet"].to_numpy(), sheets),
        _problems_by_sheet(problems, rows, names),
        [*holes, *later],
        [superseded],
    )


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows as HISTORY has them, names as text."""
    out = {}
    for column in HISTORY.columns:
        values = rows[column.name] if column.name in rows else pd.Series(np.nan, index=rows.index)
        dtype: Any = column.dtype
        out[column.name] = values.astype(dtype)
    return pd.DataFrame(out)


def _problems_by_sheet(
    problems: pd.DataFrame, rows: pd.DataFrame, names: Sequence[str]
) -> dict[str, pd.DataFrame]:
    if problems.empty:
        return {}
    at = rows.loc[problems["row"].astype("int64"), ["sheet", "line"]].reset_index(drop=True)
    told = problems.reset_index(drop=True).assign(line=at["line"])
    return {
        names[sheet]: told.loc[(at["sheet"] == sheet), ["line", "column", "reason"]]
        for sheet in sorted(set(at["sheet"].tolist()))
    }


def _holes(accepted: pd.DataFrame, names: Sequence[str]) -> list[Finding]:
    """Return findings for holes of more than a year: one mistyped year would move the end."""
    ordered = accepted[[*KEY, "line", "sheet"]].sort_values(KEY, kind="stable")
    gap = ordered.groupby(list(SERIES), observed=True)["ds"].diff()
    wide = ordered[gap > pd.Timedelta(days=LONGEST_GAP_DAYS)]
    out = []
    for record in wide.to_dict("records"):
        place = f"{names[record['sheet']]}, line {record['line']}"
        text = (
            f"{place}: {record['ds']:%Y-%m-%d} comes more than {LONGEST_GAP_DAYS} days after the "
            f"interval before it of queue '{record['queue']}'"
        )
        out.append(finding("hole", place, 1, text))
    return out


def _refuse_twice_told(intervals: pd.DataFrame, logged: pd.DataFrame) -> None:
    one = intervals[list(SERIES)].drop_duplicates()
    both = one.merge(logged[list(SERIES)].drop_duplicates(), on=list(SERIES))
    if len(both):
        queues = ", ".join(f"'{q}'" for q in sorted(both["queue"])[:5])
        raise InputError(
            f"queue {queues}: both an interval report and a call log tell of it, and its contacts "
            "would count twice; drop one of the two, or name the queues apart in a profile"
        )
