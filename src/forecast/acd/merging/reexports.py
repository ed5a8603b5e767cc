"""What several exports say of one time: rows that were replaced, and what changed with them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecast.acd.merging.merge import DAY_MIN, IDENTITY, values_of
from forecast.schema import SERIES, SUPERSEDED

Finding = dict[str, object]


def finding(kind: str, place: str, size: int, text: str) -> Finding:
    """Return one row of FINDINGS."""
    return {"kind": kind, "place": place, "size": float(size), "text": text}


def superseded_rows(rows: pd.DataFrame, by: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    """Return SUPERSEDED of rows with ``sheet``, ``line``, the names, ``ds`` and ``offered``."""
    if rows.empty:
        return SUPERSEDED.empty()
    told = rows.reset_index(drop=True)
    told = told.assign(file=[names[s] for s in told["sheet"]], by=list(by))
    told = told.assign(**{name: told[name].astype("str") for name in SERIES})
    told = told.assign(minutes=told.get("minutes", np.nan))
    return SUPERSEDED.validate(told[SUPERSEDED.names])


def replaced_intervals(
    rows: pd.DataFrame, names: Sequence[str]
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return SUPERSEDED of settled interval rows, and findings on what is different now."""
    gone = rows[rows["state"] == "superseded"]
    if gone.empty:
        return superseded_rows(gone, [], names), []
    accepted = rows[rows["state"] == "accepted"]
    values = values_of(rows)
    whole = gone.groupby([*IDENTITY, "sheet"], observed=True)[values].sum(min_count=1)
    joined = gone.join(_winners(accepted, values_of(rows)), on=IDENTITY)
    told = joined["by"].notna()
    by = [names[int(b)] if b == b else "" for b in joined["by"]]
    found = repeats(joined[told & (joined["by"] == joined["sheet"])], names)
    later = joined[told & (joined["by"] != joined["sheet"])]
    # Parts of one interval are compared as their sum, once.
    later = later.drop_duplicates([*IDENTITY, "sheet"]).drop(columns=values)
    found += _changes(later.join(whole, on=[*IDENTITY, "sheet"]), values, names)
    total = gone["minutes"] >= DAY_MIN
    found += _day_totals(gone[total & ~told], accepted)
    found += _other_lengths(gone[~total & ~told], names)
    return superseded_rows(gone, by, names), found


def _winners(accepted: pd.DataFrame, values: list[str]) -> pd.DataFrame:
    grouped = accepted.groupby(IDENTITY, observed=True)
    sums = grouped[values].sum(min_count=1).add_prefix("now_")
    return sums.assign(by=grouped["sheet"].last())


def repeats(rows: pd.DataFrame, names: Sequence[str]) -> list[Finding]:
    """Return a finding per file whose rows repeat another of its rows to the letter."""
    return [
        finding(
            "repeated_rows",
            names[int(sheet)],
            int(count),
            f"{names[int(sheet)]}: {count} rows repeat another row to the letter; each was taken "
            "once",
        )
        for sheet, count in enumerate(np.bincount(rows["sheet"].to_numpy(dtype="int64")))
        if count
    ]


def _changes(joined: pd.DataFrame, values: list[str], names: Sequence[str]) -> list[Finding]:
    """Return one finding per pair of files of which the later says something else."""
    before = joined[values].fillna(-1.0)
    now = joined[[f"now_{v}" for v in values]].fillna(-1.0)
    differs = joined[(before.to_numpy() != now.to_numpy()).any(axis=1)]
    out = []
    for pair, own in differs.groupby(["sheet", "by"]):
        old, new = (names[int(str(n).partition(".")[0])] for n in pair)
        out.append(
            finding(
                "later_export",
                f"{old} by {new}",
                len(own),
                f"{new} is the later export: it replaces {len(own)} intervals of {old} with other "
                f"numbers ({own['now_offered'].sum():,.0f} contacts instead of "
                f"{own['offered'].sum():,.0f})",
            )
        )
    return out


def _other_lengths(gone: pd.DataFrame, names: Sequence[str]) -> list[Finding]:
    counts = np.bincount(gone["sheet"].to_numpy(dtype="int64"))
    return [
        finding(
            "other_length",
            names[sheet],
            int(count),
            f"{names[sheet]}: {count} intervals give way to intervals of another length of a later "
            "export; where that has gaps, they are missing now",
        )
        for sheet, count in enumerate(counts)
        if count
    ]


def _day_totals(totals: pd.DataFrame, accepted: pd.DataFrame) -> list[Finding]:
    """Return a finding per series whose days' totals are not the sums of its intervals."""
    out = []
    fine = dict(iter(accepted.groupby(list(SERIES), observed=True)))
    for key, own in totals.groupby(list(SERIES), observed=True):
        days = own.sort_values("ds")
        off = days[_sums_within(days, fine[key]) != days["offered"].to_numpy()]
        if len(off):
            first = off.iloc[0]
            out.append(
                finding(
                    "day_total",
                    " / ".join(map(str, key)),
                    len(off),
                    f"queue '{key[1]}': on {len(off)} of {len(days)} days the daily total is not "
                    "the sum of the intervals, first on the day from "
                    f"{first['ds']:%Y-%m-%d %H:%M} UTC (total {first['offered']:.0f}); the "
                    "intervals were taken",
                )
            )
    return out


def _sums_within(days: pd.DataFrame, fine: pd.DataFrame) -> np.ndarray:
    """Return by day the contacts of the intervals that lie in it."""
    ordered = fine.sort_values("ds")
    running = np.concatenate([[0.0], ordered["offered"].cumsum().to_numpy()])
    starts = ordered["ds"].dt.tz_localize(None).to_numpy()
    first = days["ds"].dt.tz_localize(None).to_numpy()
    last = first + pd.to_timedelta(days["minutes"], unit="min").to_numpy()
    return np.asarray(
        running[np.searchsorted(starts, last)] - running[np.searchsorted(starts, first)]
    )
