"""HISTORY -> FINDINGS: what a planner would want named before the data are trusted.

Nothing is changed here and nothing is decided: every finding says what stays in.
"""

from collections import defaultdict

import numpy as np
import pandas as pd

from forecast.acd.checks.days import Grid, ZoneOf, grids, series_codes
from forecast.acd.checks.gaps import absent, cut_short, dates_of, day_shares, spans
from forecast.acd.checks.levels import levels, outliers, unusual_days
from forecast.acd.checks.names import look_alikes
from forecast.acd.checks.outages import outages
from forecast.acd.checks.rows import (
    answered_over_offered,
    length_changes,
    seen_once,
    sums_of_others,
)
from forecast.acd.checks.words import Finding, Labels, counted, date_of, sentence
from forecast.schema import FINDINGS, SERIES

MOST_OF_A_KIND = 50


def findings(history: pd.DataFrame, zone_of: ZoneOf) -> pd.DataFrame:
    """Return FINDINGS of a history, each a sentence that says what was found and what is done.

    Parameters
    ----------
    history
        HISTORY; it is not changed.
    zone_of
        The time zone of a site, as ``params.ingest.zone`` gives it.

    Returns
    -------
    DataFrame
        FINDINGS. ``size`` is in days (started, ended), days times queues (outage), intervals
        (missing_share, sum_of_others, answered_over_offered), rows (seen_once), contacts beside
        the usual (quiet_day, busy_day, outlier), or a number of names, changes or queues. Of each
        kind the 50 largest are there, and a last one of size 0 that counts the rest.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> from forecast.schema import HISTORY
    >>> day = pd.date_range("2024-03-04", periods=28, freq="D", tz="UTC", unit="us")
    >>> made = pd.DataFrame({"site": "main", "queue": "sales", "channel": "voice", "ds": day,
    ...                      "minutes": 1440, "offered": 100})
    >>> history = HISTORY.validate(made.drop(index=[8, 9]).reindex(columns=HISTORY.names))
    >>> findings(history, lambda site: ZoneInfo("UTC"))["text"][0].split(".")[0]
    '12 to 13 March 2024: no report of queue sales'
    """
    if history.empty:
        return _table([])
    codes, keys = series_codes(history)
    labels = Labels(keys)
    rare = seen_once(codes, keys, labels)
    every = grids(history, codes, keys, zone_of)
    rare_places = {finding.place for finding in rare}
    usable = [grid for grid in every if " / ".join(grid.key) not in rare_places]
    sites = _by_site(usable)
    known = [levels(grid) for grid in usable]
    return _table(
        [
            *outages(sites, labels),
            *unusual_days(known, labels),
            *outliers(known, labels),
            *look_alikes(codes, keys),
            *rare,
            *sums_of_others(history, codes, keys, labels),
            *length_changes(history, codes, every, zone_of, labels),
            *spans(sites, labels),
            *absent(usable, labels),
            *cut_short(sites, labels),
            *answered_over_offered(history, codes, keys, labels),
        ]
    )


def coverage(history: pd.DataFrame, zone_of: ZoneOf) -> pd.DataFrame:
    """Return how much of each local day's usual intervals every series reported.

    Returns
    -------
    DataFrame
        Columns site, queue, channel, date, share (0 to 1; empty where the series is closed on that
        weekday, has not started or has ended) and offered, over all days of the series' site.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> from forecast.schema import HISTORY
    >>> ds = pd.date_range("2024-03-04", periods=28 * 24, freq="h", tz="UTC", unit="us")
    >>> made = pd.DataFrame({"site": "main", "queue": "sales", "channel": "voice", "ds": ds,
    ...                      "minutes": 60, "offered": 9})
    >>> history = HISTORY.validate(made.drop(index=range(240, 252)).reindex(columns=HISTORY.names))
    >>> coverage(history, lambda site: ZoneInfo("UTC"))["share"][9:12].tolist()
    [1.0, 0.5, 1.0]
    """
    columns = [*SERIES, "date", "share", "offered"]
    if history.empty:
        return pd.DataFrame(columns=columns)
    codes, keys = series_codes(history)
    parts = []
    for own in _by_site(grids(history, codes, keys, zone_of)).values():
        first = min(grid.first_day for grid in own)
        last = max(grid.last_day for grid in own)
        dates = pd.date_range(date_of(first), date_of(last), freq="D", unit="us")
        for grid in own:
            days = pd.DataFrame(
                {"share": day_shares(grid), "offered": grid.totals}, index=dates_of(grid)
            )
            days = days.reindex(dates).rename_axis("date").reset_index()
            parts.append(days.assign(**dict(zip(SERIES, grid.key, strict=True)))[columns])
    return pd.concat(parts, ignore_index=True)


def _by_site(grids_: list[Grid]) -> dict[str, list[Grid]]:
    out: dict[str, list[Grid]] = defaultdict(list)
    for grid in grids_:
        out[grid.key[0]].append(grid)
    return out


def _table(found: list[Finding]) -> pd.DataFrame:
    """Return findings as a table, of each kind the largest and a count of the others."""
    by_kind: dict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        by_kind[finding.kind].append(finding)
    kept: list[Finding] = []
    for kind, own in by_kind.items():
        own = sorted(own, key=lambda finding: (-finding.size, finding.place))
        kept += own[:MOST_OF_A_KIND]
        if (left := len(own) - MOST_OF_A_KIND) > 0:
            text = f"{counted(left, 'smaller finding')} of this kind not listed."
            kept.append(Finding(kind, "and more", 0.0, text))
    rows = [finding._replace(text=sentence(finding.text)) for finding in kept]
    columns = {
        name: np.array([row[i] for row in rows], dtype=object if i != 2 else "float64")
        for i, name in enumerate(FINDINGS.names)
    }
    return FINDINGS.validate(pd.DataFrame(columns))
