"""Call logs of all sheets together: each call once, folded; self-service and callers apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from forecast.acd.merging.fold import fold, interval_start
from forecast.acd.merging.merge import settle_calls, stacked
from forecast.acd.merging.reexports import Finding, repeats, superseded_rows
from forecast.acd.take import Taken
from forecast.params import IngestParams
from forecast.schema import HISTORY, SELF_SERVICE, SERIES, UTC

CALLS = [*SERIES, "arrived", "answered", "wait_s", "caller"]
_ABSENT: dict[str, Any] = {
    "talk_s": np.nan,
    "hold_s": np.nan,
    "wrap_s": np.nan,
    "wait_s": np.nan,
    "caller": "",
    "call_id": "",
    "agent": -1,
}


@dataclass(frozen=True)
class Logged:
    """What call logs become; ``states`` is by sheet."""

    history: pd.DataFrame
    states: pd.Series
    sheet: np.ndarray
    superseded: pd.DataFrame
    self_service: pd.DataFrame
    calls: pd.DataFrame
    findings: list[Finding]


def of_logs(sheets: Sequence[Taken], params: IngestParams) -> Logged:
    """Return all calls of some logs, each once, as intervals and for the study of redials."""
    rows = stacked([t.rows for t in sheets])
    absent = {name: value for name, value in _ABSENT.items() if name not in rows}
    times = {
        name: pd.Series(pd.NaT, index=rows.index, dtype=UTC)
        for name in ("busy_from", "busy_to")
        if name not in rows
    }
    calls = settle_calls(rows.assign(**absent, **times))
    names = [t.name for t in sheets]
    live = calls[calls["state"] == "accepted"]
    gone = calls[calls["state"] == "superseded"]
    return Logged(
        history=fold(live.assign(file=live["sheet"]), params) if len(live) else HISTORY.empty(),
        states=calls["state"].astype("str"),
        sheet=calls["sheet"].to_numpy(),
        superseded=superseded_rows(
            gone.assign(ds=gone["arrived"]), ["" for _ in range(len(gone))], names
        ),
        self_service=_self_service(calls, params),
        calls=_with_callers(live),
        findings=repeats(gone[gone["repeats"]], names),
    )


def _self_service(calls: pd.DataFrame, params: IngestParams) -> pd.DataFrame:
    """Return calls that never asked for an agent, by interval in which they came in."""
    own = (
        calls[(calls["why"] == "self_service") & ~calls["again"]]
        if "why" in calls
        else calls.iloc[:0]
    )
    own = own[own["entered"].notna()] if len(own) else own
    parts = [
        here[list(SERIES)]
        .astype("str")
        .assign(
            ds=interval_start(here["entered"], params.calls_interval_min, params.zone(str(site))),
            ivr_s=here.get("ivr_s", np.nan),
        )
        for site, here in own.groupby("site", observed=True)
    ]
    if not parts:
        return SELF_SERVICE.empty()
    grouped = pd.concat(parts, ignore_index=True).groupby([*SERIES, "ds"])["ivr_s"]
    sums = grouped.agg(contacts="size", ivr_s="sum").reset_index()
    return SELF_SERVICE.validate(sums[SELF_SERVICE.names])


def _with_callers(live: pd.DataFrame) -> pd.DataFrame:
    out = live[CALLS].assign(answered=live["answered"] > 0, wait_s=live["wait_s"].fillna(0.0))
    return out.astype(dict.fromkeys(SERIES, "str")).sort_values("arrived", ignore_index=True)
