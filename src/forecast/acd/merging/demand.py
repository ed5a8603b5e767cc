"""DEMAND: how many of the offered contacts were first attempts, counted or estimated."""

import numpy as np
import pandas as pd

from forecast.acd.merging.redials import behind_aggregates, first_attempts, redial_estimate
from forecast.acd.merging.reexports import Finding, finding
from forecast.params import IngestParams
from forecast.schema import DEMAND, SERIES

MEASURED_MIN = 100
"""Abandoned calls with a known caller, below which a probability is not measured."""


def demand_of(
    history: pd.DataFrame, calls: pd.DataFrame, params: IngestParams
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return DEMAND of all series, and what was found of redials.

    Where calls carry a caller, attempts are counted; where only sums exist, they are estimated with
    ``redial_probability`` of the settings, else with the one measured on the calls of the others;
    where there is neither, first attempts are not known.
    """
    known = calls[calls["caller"] != ""] if len(calls) else calls
    counted, found, measured = _counted(calls, known, params)
    r = params.redial_probability if params.redial_probability is not None else measured
    keys = pd.MultiIndex.from_frame(history[list(SERIES)])
    done = pd.MultiIndex.from_frame(counted[list(SERIES)].drop_duplicates())
    rest = history[~keys.isin(done)]
    parts = [counted] if len(counted) else []
    if len(rest):
        parts.append(_estimated(rest, r))
    table = pd.concat(parts, ignore_index=True)[DEMAND.names] if parts else DEMAND.empty()
    return DEMAND.validate(table), found


def _counted(
    calls: pd.DataFrame, known: pd.DataFrame, params: IngestParams
) -> tuple[pd.DataFrame, list[Finding], float | None]:
    """Return attempts counted by interval, a finding, and the redial probability measured."""
    if known.empty:
        return pd.DataFrame(columns=DEMAND.names), [], None
    window_s = params.redial_window_min * 60
    with_caller = set(map(tuple, known[list(SERIES)].drop_duplicates().to_numpy().tolist()))
    keys = pd.MultiIndex.from_frame(calls[list(SERIES)])
    mine = calls[keys.isin(with_caller)]
    counts = first_attempts(mine, window_s, params.calls_interval_min, params.zone)
    estimate = redial_estimate(mine, window_s)
    r = estimate.probability if estimate.abandoned >= MEASURED_MIN else np.nan
    table = counts.assign(redial_probability=r, told_by="callers")
    text = (
        f"{estimate.probability:.0%} of callers who hang up in the queue call again within "
        f"{params.redial_window_min:g} minutes (95 % interval {estimate.low:.0%} to "
        f"{estimate.high:.0%}, {estimate.abandoned:,} abandoned calls with a known caller, "
        f"{estimate.unknown_share:.0%} without); see DEMAND for first attempts"
    )
    found = [finding("redials", "all calls", estimate.redialled, text)] if r == r else []
    return table, found, (float(r) if r == r else None)


def _estimated(rest: pd.DataFrame, r: float | None) -> pd.DataFrame:
    if r is None:
        none = rest[[*SERIES, "ds", "offered"]].assign(redial_probability=np.nan, told_by="unknown")
        return none.assign(first_attempts=np.nan, redials=np.nan, unknown=none["offered"])
    told = behind_aggregates(rest, r)
    unknown = told["offered"].where(told["first_attempts"].isna(), 0)
    return told.assign(unknown=unknown, redial_probability=r, told_by="estimate")
