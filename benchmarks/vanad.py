"""VANAD's half-hours: calls offered, what became of them, handle time and agents on duty.

An agent's time ends where the call is transferred: he takes the next one then, while the caller
talks on with somebody else. Agents on duty are told from their calls, as the package's ``ingest``
does (``on_duty``): who serves several queues counts in each by the share of his time there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from centres import VANAD

from forecast.acd.merging.fold import on_duty
from forecast.params import IngestParams

ANSWER_WITHIN_S = 20.0
HALF_HOUR_S = 1800.0
_TIMES = ["date_received", "answered", "transfer", "hangup"]


def available() -> bool:
    """Return whether the calls are on this machine."""
    return VANAD.is_dir()


def read_calls(months: Sequence[str]) -> pd.DataFrame:
    """Return the calls of some months (``2014-01``), one row each, times in seconds.

    Repeated rows and the one call without an end are left out.
    """
    files = [VANAD / f"{month}.csv.gz" for month in months]
    rows = pd.concat([pd.read_csv(path, dtype="str") for path in files], ignore_index=True)
    rows = rows.drop_duplicates().dropna(subset=["hangup"])
    for name in _TIMES:
        rows[name] = pd.to_datetime(rows[name], format="%Y-%m-%d %H:%M:%S", utc=True)
    answered = rows["answered"].notna()
    left = rows["transfer"].fillna(rows["hangup"]).where(answered)
    wait = rows["answered"].fillna(rows["hangup"]) - rows["date_received"]
    return pd.DataFrame(
        {
            "site": "vanad",
            "queue": rows["queue_name"],
            "channel": "voice",
            "file": rows["date_received"].dt.strftime("%Y-%m"),
            "agent": rows["agent_number"],
            "arrived": rows["date_received"],
            "ds": rows["date_received"].dt.floor("30min"),
            "busy_from": rows["answered"],
            "busy_to": left,
            "answered": answered,
            "wait_s": wait.dt.total_seconds(),
            "handle_s": (left - rows["answered"]).dt.total_seconds(),
        }
    ).reset_index(drop=True)


def agents_on_duty(calls: pd.DataFrame, gap_min: float, minutes: int = 30) -> pd.DataFrame:
    """Return ``agents`` by queue and interval; a gap beyond the limit is a break."""
    # Wall time is kept: the centre is closed in the night of the clock change.
    params = IngestParams(timezone="UTC", calls_interval_min=minutes)
    duty = on_duty(calls, params, gap_min)
    return duty.astype({"queue": "str"})[["queue", "ds", "agents"]]


def busy_while_waiting(calls: pd.DataFrame, gap_min: float, from_s: int = 5) -> float:
    """Return the share of agents on duty who are on a call while anybody waits.

    Who was ready would have taken the call, so the others are not: they finish a call's work,
    or have left their place for less than the gap. Callers count as waiting from ``from_s`` on.
    """
    first = calls["arrived"].min().normalize()

    def at(moments: pd.Series) -> Any:
        return (moments - first).dt.total_seconds().to_numpy().astype("int64")

    def number(begin: Any, end: Any) -> Any:
        return (np.bincount(begin, minlength=size) - np.bincount(end, minlength=size)).cumsum()

    size = int(at(calls["arrived"]).max() + 2 * 86_400)
    answered = calls[calls["answered"]].sort_values(["agent", "busy_from"])
    until = answered["busy_to"].groupby(answered["agent"]).cummax()
    gap = answered["busy_from"] - until.groupby(answered["agent"]).shift()
    spell = (gap.isna() | (gap > pd.Timedelta(minutes=gap_min))).cumsum()
    spells = answered.groupby(spell).agg(begin=("busy_from", "min"), end=("busy_to", "max"))
    late = calls[calls["wait_s"] > from_s]
    came = at(late["arrived"])
    waits = number(came + from_s, came + late["wait_s"].to_numpy().astype("int64")) > 0
    busy = number(at(answered["busy_from"]), at(answered["busy_to"]))
    there = number(at(spells["begin"]), at(spells["end"]))
    return float(busy[waits].sum() / there[waits].sum())


def half_hours(calls: pd.DataFrame, duty: pd.DataFrame, queues: Sequence[str]) -> pd.DataFrame:
    """Return the half-hours with calls of some queues taken as one, agents added up."""
    agents = duty[duty["queue"].isin(queues)].groupby("ds")["agents"].sum()
    return counted(calls[calls["queue"].isin(queues)], agents)


def counted(calls: pd.DataFrame, agents: pd.Series) -> pd.DataFrame:
    """Return what happened in each half-hour (``ds``) to the calls that came in it.

    Handle time is the mean of these calls; where none of them was answered, of all calls.

    Parameters
    ----------
    calls
        ``ds``, ``answered``, ``wait_s`` and, of the answered ones, ``handle_s``.
    agents
        Agents on duty by ``ds``; nobody where it has none.
    """
    in_time = calls["answered"] & (calls["wait_s"] <= ANSWER_WITHIN_S)
    parts = calls[["ds", "answered", "wait_s", "handle_s"]].assign(
        offered=1.0, in_time=in_time, handle_s=calls["handle_s"].where(calls["answered"], 0.0)
    )
    out = parts.groupby("ds").sum().astype("float64")
    out["agents"] = agents.reindex(out.index).fillna(0.0)
    answered = out["answered"]
    mean = out["handle_s"].sum() / answered.sum()
    aht = out["handle_s"] / answered.where(answered > 0, np.nan)
    # A call that ends in the second in which it began has a handle time of 0.
    out["aht_s"] = aht.fillna(mean).clip(lower=1.0)
    out["load"] = out["offered"] / HALF_HOUR_S * out["aht_s"]
    out["service_level"] = out["in_time"] / out["offered"]
    out["asa_s"] = out["wait_s"] / out["offered"]
    out["abandonment"] = 1 - answered / out["offered"]
    return out.reset_index().assign(date=lambda table: table["ds"].dt.normalize())


def groups_of_queues(
    calls: pd.DataFrame, queues: Sequence[str], shared: float = 0.8
) -> list[tuple[str, ...]]:
    """Return groups of queues that share most of their agents.

    Two queues belong together where each has at least this share of its calls answered by agents
    who answer the other, too: one call in fifty or more of their own, or 20 where it is small.
    """
    own = calls[calls["answered"] & calls["queue"].isin(queues)]
    taken = own.groupby(["agent", "queue"]).size().unstack(fill_value=0)[list(queues)]
    able = (taken >= 20) | (taken.div(taken.sum(axis=1), axis=0) >= 0.02)
    among = {(p, q): taken.loc[able[q], p].sum() / taken[p].sum() for p in queues for q in queues}
    groups: list[set[str]] = []
    for queue in queues:
        ties = [g for g in groups if all(_tied(among, queue, q) >= shared for q in g)]
        if ties:
            ties[0].add(queue)
        else:
            groups.append({queue})
    return [tuple(q for q in queues if q in group) for group in groups]


def _tied(among: Mapping[tuple[str, str], float], one: str, other: str) -> float:
    return min(among[one, other], among[other, one])
