"""Festivals and their breaks: which run of days off is whose, and how far a day is from it."""

import numpy as np
import pandas as pd

from forecast.schema import HOLIDAY_TYPES, LOCAL

NEAR_DAYS = 7
"""Days before and after a break that count as near the festival."""
_SAME_DAYS = 5
"""Days of one name that lie no further apart are one festival: some come twice in a year."""
OFF = (*HOLIDAY_TYPES, "weekend")
"""Types of the days that make up a break."""


def said_of(key: pd.Series, said: pd.Series) -> pd.Series:
    """Return what is said of each date or run, from a series by these; its dtype stays."""
    return said.reindex(pd.Index(key)).set_axis(key.index)


def occurrences(own: pd.DataFrame) -> pd.DataFrame:
    """Return each festival once: family, anchor (its own day), first and last day, days by law.

    Parameters
    ----------
    own
        ``date`` and ``family`` of each festival's own days, whether each is one by law
        (``statutory``), and ``anchor`` where it is known.
    """
    own = own.sort_values(["family", "date"])
    apart = own.groupby("family")["date"].diff() > pd.Timedelta(days=_SAME_DAYS)
    number = (apart | (own["family"] != own["family"].shift())).cumsum()
    own = own.assign(by_law=own["date"].where(own["statutory"]))
    found = own.groupby(number).agg(
        family=("family", "first"),
        anchor=("anchor", "first"),
        first=("date", "min"),
        last=("date", "max"),
        by_law=("by_law", "min"),
        days=("statutory", "sum"),
    )
    anchor = found["anchor"].fillna(found.pop("by_law")).fillna(found["first"])
    found = found.assign(anchor=anchor.astype(LOCAL))
    return found.sort_values(["first", "family"], ignore_index=True)


def breaks_of(days: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return the occurrences with the break of each: ``start``, ``end`` (included) and ``owner``.

    A break is the run of days off around a festival. Of several festivals in one run the one with
    the most days has it (``owner``), the earlier of equals; the others have their own days.

    Parameters
    ----------
    days
        ``date`` and ``day_type`` of days, sorted.
    found
        As ``occurrences`` returns them; those on none of the days are left out.
    """
    off = days["day_type"].isin(OFF)
    apart = (off != off.shift()) | (days["date"].diff() > pd.Timedelta(days=1))
    run = apart.cumsum().where(off)
    runs = days.groupby(run)["date"].agg(["min", "max"])
    number = pd.Series(run.to_numpy(), index=days["date"])
    found = found[found["first"].isin(days["date"])]
    found = found.assign(run=said_of(found["first"], number))
    best = found.sort_values(["days", "first"], ascending=[False, True])
    owner = found["run"].notna() & ~best.duplicated("run").reindex(found.index)
    return found.assign(
        owner=owner,
        start=said_of(found["run"], runs["min"]).where(owner, found["first"]).astype(LOCAL),
        end=said_of(found["run"], runs["max"]).where(owner, found["last"]).astype(LOCAL),
    ).drop(columns="run")


def near_festivals(days: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Return ``festival`` and ``festival_day`` of days, sorted.

    A day belongs to the festival in whose break it is, or to the nearest one whose break is within
    ``NEAR_DAYS``, the coming one when two are equally near; a festival's own days are its own also
    in another's break.

    Parameters
    ----------
    days
        ``date`` and ``day_type`` of days, sorted.
    own
        As for ``occurrences``.
    """
    date = days["date"]
    found = breaks_of(days, occurrences(own))
    held = found[found["owner"]].sort_values("start", ignore_index=True)
    if held.empty:
        return pd.DataFrame({"festival": "", "festival_day": np.nan}, index=days.index)
    before = held["start"].searchsorted(date, side="right") - 1
    past, ahead = before.clip(min=0), (before + 1).clip(max=len(held) - 1)
    day = pd.Timedelta(days=1)
    since = ((date.to_numpy() - held["end"].to_numpy()[past]) / day).clip(min=0)
    until = (held["start"].to_numpy()[ahead] - date.to_numpy()) / day
    since = np.where(before < 0, np.inf, since)
    until = np.where(before + 1 < len(held), until, np.inf)
    at = np.where((until <= since), ahead, past)
    near = np.minimum(since, until) <= NEAR_DAYS
    name = pd.Series(held["family"].to_numpy()[at], index=days.index).where(near, "")
    anchor = pd.Series(held["anchor"].to_numpy()[at], index=days.index).where(near)
    shared = _own_days(own, found).set_index("date")
    name = said_of(date, shared["family"]).fillna(name)
    anchor = said_of(date, shared["anchor"]).fillna(anchor)
    offset = (date - anchor).dt.days.astype("float64")
    return pd.DataFrame({"festival": name.astype("str"), "festival_day": offset})


def _own_days(own: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return the days of festivals that lie in another's break and do not fall on its own days."""
    found = found.drop(columns="days")
    each = own[["family", "date"]].merge(found, on="family")
    each = each[(each["date"] >= each["first"]) & (each["date"] <= each["last"])]
    taken = each.loc[each["owner"], "date"]
    free = each[~each["owner"] & ~each["date"].isin(taken)]
    return free[["date", "family", "anchor"]].drop_duplicates("date")
