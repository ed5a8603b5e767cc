"""Calls -> intervals, by when the caller asked for an agent; agents on duty besides."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.params import IngestParams
from forecast.schema import HISTORY, LOCAL, SERIES, UTC

DUTY_GAP_MIN = 60
"""An agent without a call for longer has gone in between."""
KEY = [*SERIES, "ds"]
DURATIONS = ("talk_s", "hold_s", "wrap_s", "wait_s")


def interval_start(at: pd.Series, minutes: int, zone: ZoneInfo) -> pd.Series:
    """Return the start of the interval that holds a time (UTC), on the wall clock's grid.

    Examples
    --------
    >>> at = pd.Series(pd.to_datetime(["2024-05-01 10:10Z"]))
    >>> interval_start(at, 60, ZoneInfo("Asia/Kolkata"))[0]  # 15:40 there
    Timestamp('2024-05-01 09:30:00+0000', tz='UTC')
    """
    naive = at.dt.tz_localize(None)
    offset = at.dt.tz_convert(zone).dt.tz_localize(None) - naive
    start = (naive + offset).dt.floor(f"{minutes}min") - offset
    out: pd.Series = start.dt.tz_localize("UTC").astype(UTC)
    return out


def fold(calls: pd.DataFrame, params: IngestParams) -> pd.DataFrame:
    """Return HISTORY's rows of accepted calls, with a zero for each interval without one.

    A contact is counted, with all its times, in the interval in which it asked for an agent, so
    that answered + abandoned never exceed offered. A sum of which one part is not known is not
    known. A day on which the site has any call is wholly logged: its other intervals are zeros,
    between a queue's first and last day.

    Parameters
    ----------
    calls
        What ``read_calls`` returns, accepted rows alone, and ``file``.
    """
    minutes = params.calls_interval_min
    placed = calls.assign(ds=starts_of(calls, "arrived", minutes, params.zone))
    answered = placed["answered"] > 0
    short = (placed["abandoned"] > 0) & (placed["wait_s"] <= params.short_abandon_s)
    within = answered & (placed["wait_s"] <= params.answer_within_s)
    known = placed["wait_s"].notna()
    parts = placed[KEY].assign(
        offered=placed["offered"],
        answered=placed["answered"],
        abandoned=placed["abandoned"],
        short_abandoned=short.astype("float64").where(known | (placed["abandoned"] == 0)),
        answered_in_threshold=within.astype("float64").where(known | ~answered),
        **{n: _answered_only(placed[n], answered) for n in DURATIONS},
    )
    sums = _sums(parts)
    duty = on_duty(calls, params)
    out = _with_zeros(sums, params, minutes).merge(duty, on=KEY, how="left")
    has_agents = pd.MultiIndex.from_frame(out[list(SERIES)]).isin(
        pd.MultiIndex.from_frame(duty[list(SERIES)])
    )
    out["agents"] = out["agents"].fillna(0.0).where(has_agents)
    return HISTORY.validate(out.assign(minutes=minutes)[HISTORY.names])


def _answered_only(values: pd.Series, answered: pd.Series) -> pd.Series:
    """Return times of answered calls, 0 for others; nothing where the log has no such times."""
    return values.where(answered, 0.0) if values[answered].notna().any() else values * np.nan


def starts_of(
    calls: pd.DataFrame, column: str, minutes: int, zone_of: Callable[[str], ZoneInfo]
) -> pd.Series:
    """Return the start of the interval that holds each call, on its site's wall clock."""
    out = pd.Series(pd.NaT, index=calls.index, dtype=UTC)
    for site in calls["site"].unique():
        here = calls["site"] == site
        out[here] = interval_start(calls.loc[here, column], minutes, zone_of(str(site)))
    return out


def _sums(parts: pd.DataFrame) -> pd.DataFrame:
    """Return sums by series and interval; a sum with a part that is not known is not known."""
    values = [c for c in parts.columns if c not in KEY]
    grouped = parts.groupby(KEY, observed=True, sort=True)
    sums = grouped[values].sum()
    whole = parts[values].notna().groupby([parts[c] for c in KEY], observed=True, sort=True).all()
    return sums.where(whole).reset_index()


def _with_zeros(sums: pd.DataFrame, params: IngestParams, minutes: int) -> pd.DataFrame:
    """Return sums with a row of zeros for every other interval of the site's logged days."""
    parts = []
    for site, of_site in sums.groupby("site", observed=True):
        zone = params.zone(str(site))
        local = of_site["ds"].dt.tz_convert(zone).dt.tz_localize(None).astype(LOCAL)
        of_site = of_site.assign(day=local.dt.normalize())
        grid = _day_intervals(of_site["day"].drop_duplicates().sort_values(), zone, minutes)
        for key, own in of_site.groupby(list(SERIES), observed=True):
            alive = grid[grid["day"].between(own["day"].min(), own["day"].max())]
            named = alive.assign(**dict(zip(SERIES, map(str, key), strict=True)))
            parts.append(named.merge(own.drop(columns=[*SERIES, "day"]), on="ds", how="left"))
    joined = pd.concat(parts, ignore_index=True).drop(columns="day")
    empty = joined["offered"].isna()
    known = [c for c in joined.columns if c not in KEY and sums[c].notna().any()]
    joined.loc[empty, known] = 0.0
    return joined


def _day_intervals(days: pd.Series, zone: ZoneInfo, minutes: int) -> pd.DataFrame:
    """Return all interval starts of some local days, of 23 and 25 hours too."""
    parts = []
    for day in days:
        start, end = (pd.Timestamp(d).tz_localize(zone) for d in (day, day + pd.Timedelta(days=1)))
        ds = pd.date_range(start, end, freq=f"{minutes}min", inclusive="left", unit="us")
        parts.append(pd.DataFrame({"ds": ds.tz_convert("UTC"), "day": day}))
    out = pd.concat(parts, ignore_index=True)
    return out.astype({"ds": UTC, "day": LOCAL})


def on_duty(
    calls: pd.DataFrame, params: IngestParams, gap_min: float = DUTY_GAP_MIN
) -> pd.DataFrame:
    """Return ``agents`` by series and interval: the mean number on duty, told from their calls.

    An agent is on duty from a call's start to its end, and between calls no further apart than
    ``gap_min`` minutes. Who serves several queues counts in each by the share of busy time spent
    there, so that a site's queues add up to its agents.
    """
    busy = calls.dropna(subset=["busy_from", "busy_to"])
    empty = pd.DataFrame(
        {
            **{c: pd.Series(dtype="str") for c in SERIES},
            "ds": pd.Series(dtype=UTC),
            "agents": pd.Series(dtype="float64"),
        }
    )
    if busy.empty:
        return empty
    busy = busy.sort_values(["file", "site", "agent", "busy_from"], kind="stable")
    who = [busy[c] for c in ("file", "site", "agent")]
    until = busy["busy_to"].groupby(who, observed=True).cummax()
    gap = busy["busy_from"] - until.groupby(who, observed=True).shift()
    new = (gap.isna() | (gap > pd.Timedelta(minutes=gap_min))).cumsum()
    busy = busy.assign(spell=new, busy_s=(busy["busy_to"] - busy["busy_from"]).dt.total_seconds())
    spells = busy.groupby("spell").agg(
        site=("site", "first"), start=("busy_from", "min"), end=("busy_to", "max")
    )
    minutes = params.calls_interval_min
    first = starts_of(spells.assign(site=spells["site"].astype(str)), "start", minutes, params.zone)
    return _shared(busy, _overlaps(spells, first, minutes), minutes)


def _overlaps(spells: pd.DataFrame, first: pd.Series, minutes: int) -> pd.DataFrame:
    """Return spell, interval start and the seconds of the spell in it."""
    length = pd.Timedelta(minutes=minutes)
    whole = (spells["end"] - first).dt.total_seconds().to_numpy() / length.total_seconds()
    count = np.ceil(whole).clip(min=1).astype("int64")
    spell = np.repeat(spells.index.to_numpy(), count)
    step = np.arange(count.sum()) - np.repeat(count.cumsum() - count, count)
    ds = first.loc[spell].reset_index(drop=True) + pd.Series(step * length)
    start, end = (spells.loc[spell, c].reset_index(drop=True) for c in ("start", "end"))
    begun, left = start.where(start > ds, ds), end.where(end < ds + length, ds + length)
    on_duty_s = (left - begun).dt.total_seconds()
    return pd.DataFrame({"spell": spell, "ds": ds, "on_duty_s": on_duty_s})


def _shared(busy: pd.DataFrame, overlaps: pd.DataFrame, minutes: int) -> pd.DataFrame:
    by_queue = busy.groupby(["spell", *SERIES], observed=True)["busy_s"].sum().reset_index()
    whole = by_queue.groupby("spell")["busy_s"].transform("sum")
    parts = by_queue.groupby("spell")["busy_s"].transform("size")
    by_queue["share"] = np.where(
        whole > 0, by_queue["busy_s"] / whole.where(whole > 0, 1), 1 / parts
    )
    joined = overlaps.merge(by_queue.drop(columns="busy_s"), on="spell")
    joined["agents"] = joined["on_duty_s"] * joined["share"] / (60 * minutes)
    out = joined.groupby(KEY, observed=True)["agents"].sum().reset_index()
    return out.astype({**dict.fromkeys(SERIES, "str"), "ds": UTC})
