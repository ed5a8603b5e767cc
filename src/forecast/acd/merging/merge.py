"""Rows of all files -> each interval and each call once: the later export wins, all is accounted.

Identity of an interval is site, queue, channel, start and length; of a call its id, or all of it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from forecast.acd.sheets.reading import SUMS
from forecast.schema import SERIES

IDENTITY = [*SERIES, "ds", "minutes"]
DAY_MIN = 1380
"""From here on an interval is a day, on the shortest day of the year too."""


def stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return rows of several sheets as one frame, with ``sheet``, their place in the order."""
    names = list(dict.fromkeys(c for part in parts for c in part.columns))
    out: dict[str, Any] = {}
    for name in names:
        told = next(p[name].dtype for p in parts if name in p)
        none = np.nan if pd.api.types.is_numeric_dtype(told) else None
        kind = told if isinstance(told, pd.DatetimeTZDtype) else None
        columns = [
            p[name] if name in p else pd.Series(none, index=p.index, dtype=kind) for p in parts
        ]
        if isinstance(columns[0].dtype, pd.CategoricalDtype):
            out[name] = union_categoricals(columns, sort_categories=name != "state")
        else:
            out[name] = pd.concat(columns, ignore_index=True)
    sizes = [len(p) for p in parts]
    return pd.DataFrame({**out, "sheet": np.repeat(np.arange(len(parts)), sizes)})


def settle_intervals(rows: pd.DataFrame, sums: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows with their final ``state``, and what is wrong with those set aside here.

    Parameters
    ----------
    rows
        All rows in the order of the exports, latest last.
    sums
        By sheet: whether several rows of it for one interval are parts of one.

    Notes
    -----
    A row that repeats another of its file to the letter is superseded; two of one file that differ
    are both set aside, unless they are parts. Of several files the last has its say. Rows of
    different length for one time: the finer ones tell what a day's total says too; else the later
    export.
    """
    out, torn = _with_their_parts(rows, sums)
    good = out[out["state"] == "accepted"]
    key = good.groupby(IDENTITY, observed=True, sort=False).ngroup().to_numpy()
    shared = np.flatnonzero(pd.Series(key).duplicated(keep=False).to_numpy())
    problems = [torn]
    if len(shared):
        few = good.iloc[shared].assign(key=key[shared])
        few = _without_repeats(few, sums)
        live = few["state"] == "accepted"
        many = few[live].groupby(["key", "sheet"])["line"].transform("size") > 1
        twice = many.reindex(few.index, fill_value=False) & ~sums[few["sheet"]]
        # The last export that does not contradict itself has its say.
        last = few["sheet"].where(live & ~twice, -1).groupby(few["key"]).transform("max")
        few.loc[live & (few["sheet"] < last), "state"] = "superseded"
        few, conflicts = _conflicts(few, sums)
        problems.append(conflicts)
        out.loc[few.index, "state"] = few["state"]
    out, overlaps = _overlapping(out, sums)
    problems.append(overlaps)
    return out, pd.concat(problems, ignore_index=True)


def _with_their_parts(rows: pd.DataFrame, sums: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows with the other parts of an interval set aside where one part is."""
    parts = rows[sums[rows["sheet"]] & rows["state"].isin(["accepted", "quarantined"])]
    bad = parts[parts["state"] == "quarantined"].groupby([*IDENTITY, "sheet"], observed=True)
    told = parts.join(bad["line"].first().rename("other"), on=[*IDENTITY, "sheet"])
    torn = told[told["other"].notna() & (told["state"] == "accepted")]
    out = rows.copy()
    out.loc[torn.index, "state"] = "quarantined"
    reasons = [
        f"another part of this interval, in line {line:.0f}, is set aside; the sum would be too low"
        for line in torn["other"]
    ]
    return out, pd.DataFrame({"row": torn.index, "column": "offered", "reason": reasons})


def values_of(rows: pd.DataFrame) -> list[str]:
    """Return the columns of rows that hold what was counted."""
    return [c for c in ("offered", *SUMS) if c in rows]


def _without_repeats(few: pd.DataFrame, sums: np.ndarray) -> pd.DataFrame:
    """Return rows with those that repeat another row of their file to the letter superseded.

    Parts of an interval may be equal; of them no row is a repetition.
    """
    again = few.duplicated(["key", "sheet", *values_of(few)]) & ~sums[few["sheet"]]
    out = few.copy()
    out.loc[again, "state"] = "superseded"
    return out


def _conflicts(few: pd.DataFrame, sums: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    live = few[(few["state"] == "accepted") & ~sums[few["sheet"]]]
    both = live[live.duplicated(["key", "sheet"], keep=False)]
    own = both.groupby(["key", "sheet"])[["line", "offered"]]
    first, last = own.transform("first"), own.transform("last")
    other = last.where(first["line"] == both["line"], first)
    reasons = [
        f"another value for the same interval stands in line {line} (offered {offered:.0f}); keep "
        "the right row, or say same_interval: sum in the profile if the rows are parts of one"
        for line, offered in zip(other["line"], other["offered"], strict=True)
    ]
    out = few.copy()
    out.loc[both.index, "state"] = "quarantined"
    return out, pd.DataFrame({"row": both.index, "column": "offered", "reason": reasons})


def _overlapping(rows: pd.DataFrame, sums: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows of which no two cover one time, unless they are one interval's parts."""
    none = pd.DataFrame({"row": [], "column": [], "reason": []})
    live = rows.loc[rows["state"] == "accepted", [*IDENTITY, "sheet", "line"]]
    live = live.sort_values([*SERIES, "ds", "minutes"], kind="stable")
    series = live.groupby(list(SERIES), observed=True, sort=False).ngroup()
    end = live["ds"] + pd.to_timedelta(live["minutes"], unit="min")
    before = end.groupby(series).cummax().groupby(series).shift()
    begins = ~(before > live["ds"])
    cluster = begins.cumsum()
    size = cluster.groupby(cluster).transform("size")
    above = live["line"].groupby(series).shift()
    live = live.assign(above=above)
    few = live[size > 1].assign(cluster=cluster, before=before)
    few = few[few.groupby("cluster")["minutes"].transform("nunique") > 1]
    same = live[size > 1].drop(index=few.index).assign(cluster=cluster, before=before)
    # What is left of one length and overlaps has another start: 09:00 and 09:10, both of 30.
    odd = same[same.groupby("cluster")["ds"].transform("nunique") > 1]
    if few.empty and odd.empty:
        return rows, none
    out = rows.copy()
    loses = _losers(few)
    out.loc[loses, "state"] = "superseded"
    rest = pd.concat([few.drop(index=loses), odd]).sort_values([*SERIES, "ds"], kind="stable")
    last = rest["ds"] + pd.to_timedelta(rest["minutes"], unit="min")
    until = last.groupby(rest["cluster"]).cummax().groupby(rest["cluster"]).shift()
    kinds = rest.groupby(["cluster", "ds"])["minutes"].transform("nunique")
    parts = rest.duplicated(["cluster", "ds", "minutes"])
    bad = rest[((until > rest["ds"]) & ~parts) | (kinds > 1)]
    reasons = [
        f"starts before the interval before it (line {line:.0f}) has ended; export one interval "
        "length, or each time once"
        for line in bad["above"].fillna(bad["line"])
    ]
    out.loc[bad.index, "state"] = "quarantined"
    # A day's total gives way to intervals that are taken, not to ones that are set aside.
    taken = set(few["cluster"][(out.loc[few.index, "state"] == "accepted")])
    back = few[(few["minutes"] >= DAY_MIN) & ~few["cluster"].isin(taken)]
    out.loc[back.index, "state"] = "accepted"
    return out, pd.DataFrame({"row": bad.index, "column": "start", "reason": reasons})


def _losers(few: pd.DataFrame) -> pd.Index:
    """Return the rows that others of another length replace: days' totals, and earlier exports."""
    finer = few[few["minutes"] < DAY_MIN]
    has_finer = few["cluster"].isin(set(finer["cluster"]))
    totals = few[has_finer & (few["minutes"] >= DAY_MIN)]
    rest = few.drop(index=totals.index)
    # Without the days' totals, what overlaps is less: each time by itself.
    rest = rest.sort_values([*SERIES, "ds", "minutes"], kind="stable")
    series = rest.groupby(list(SERIES), observed=True, sort=False).ngroup()
    end = rest["ds"] + pd.to_timedelta(rest["minutes"], unit="min")
    before = end.groupby(series).cummax().groupby(series).shift()
    cluster = (~(before > rest["ds"])).cumsum()
    mixed = rest.groupby(cluster)["minutes"].transform("nunique") > 1
    last = rest["sheet"].groupby(cluster).transform("max")
    return totals.index.append(rest.index[mixed & (rest["sheet"] < last)])


def parts_added(rows: pd.DataFrame, sums: np.ndarray) -> pd.DataFrame:
    """Return accepted rows, one interval's parts added; with an unknown part, unknown."""
    parted = rows[sums[rows["sheet"]]]
    if parted.empty:
        return rows
    values = values_of(parted)
    key = [parted[c] for c in IDENTITY]
    grouped = parted.groupby(IDENTITY, observed=True, sort=False)
    whole = parted[values].notna().groupby(key, observed=True, sort=False).all()
    total = grouped[values].sum().where(whole)
    added = grouped[["line", "sheet"]].first().join(total).reset_index()
    return pd.concat([rows[~sums[rows["sheet"]]], added[[c for c in rows.columns if c in added]]])


def settle_calls(calls: pd.DataFrame) -> pd.DataFrame:
    """Return calls with those that another row or a later export repeats superseded.

    A call with an id is the same in every export; without one, all of it must be equal. ``repeats``
    tells those that repeat a row of their own file.
    """
    out = calls.assign(repeats=False, again=False)
    if "why" in out:
        own = out[out["why"] == "self_service"]
        if len(own):
            out.loc[_told_twice(own), "again"] = True
    live = out[out["state"] == "accepted"]
    values = [
        str(c)
        for c in live
        if c not in ("line", "sheet", "state", "why", "repeats", "again", "caller")
    ]
    # Exports of one file that repeat a call to the letter, and then the exports among each other.
    again = live.duplicated(["sheet", *values])
    out.loc[live.index[again], "state"] = "superseded"
    out.loc[live.index[again], "repeats"] = True
    # An agent's number means nothing outside its file.
    values = [c for c in values if c not in ("agent", "caller_no")]
    live = live[~again]
    named = live["call_id"] != "" if "call_id" in live else pd.Series(False, index=live.index)
    gone = [
        _superseded(live[named], [*SERIES, "call_id", "arrived"]),
        _superseded(live[~named], values),
    ]
    for index in gone:
        out.loc[index, "state"] = "superseded"
    return out


def _told_twice(own: pd.DataFrame) -> pd.Index:
    """Return self-service calls that a later export has too; within one file all are counted."""
    beside = ("line", "sheet", "state", "why", "repeats", "again", "caller", "agent", "caller_no")
    values = [str(c) for c in own if c not in beside]
    named = own["call_id"] != "" if "call_id" in own else pd.Series(False, index=own.index)
    gone = _superseded(own[named], [*SERIES, "call_id", "entered"])
    return gone.append(_superseded(own[~named], values))


def _superseded(live: pd.DataFrame, key: list[str]) -> pd.Index:
    """Return rows of which a later sheet has the same visit of the same call."""
    if live.empty:
        return live.index
    ordered = live.sort_values(["sheet", "arrived", "line"], kind="stable")
    visit = ordered.groupby([*key, "sheet"], observed=True, dropna=False).cumcount().rename("visit")
    twice = ordered.assign(visit=visit).duplicated([*key, "visit"], keep="last")
    return ordered.index[twice]
