"""Asterisk's queue_log: events, a line each -> calls."""

import numpy as np
import pandas as pd

from forecast.acd.sheets.fields import Context
from forecast.acd.sheets.moments import stamps_of, utc_of
from forecast.acd.sheets.privacy import keyed, numbered
from forecast.acd.sheets.reading import Reading, categories, names_of, settle
from forecast.schema import UTC

ENDS = (
    "COMPLETEAGENT",
    "COMPLETECALLER",
    "ABANDON",
    "EXITWITHTIMEOUT",
    "EXITEMPTY",
    "EXITWITHKEY",
    "TRANSFER",
    "BLINDTRANSFER",
    "ATTENDEDTRANSFER",
)
OF_CALLS = ("ENTERQUEUE", "CONNECT", *ENDS)


def read_queue_log(ctx: Context) -> Reading:
    """Return a queue_log's lines; those that say ENTERQUEUE are the calls, with how they ended.

    Calls that were begun in another file cannot be told from it; their events are ignored, by name.
    Columns: as those of ``read_calls``.

    References
    ----------
    Asterisk documentation, Operation/Logging/Queue-Logs.
    """
    names = names_of(ctx)
    when = stamps_of(ctx, ctx.profile.dated()["arrived"][0], required=True)
    ds, _, _ = utc_of(when, when.wall, names["site"], ctx.params)
    text = {name: _cells(ctx, name) for name in ("callid", "event")}
    events = pd.DataFrame({**text, **categories(names), "ds": ds, "line": ctx.grid.lines})
    events["caller"] = _callers(ctx, (events["event"] == "ENTERQUEUE").to_numpy())
    events["agent"] = numbered(ctx.grid.texts(["agent"]), ctx.size, ("", "NONE"))
    calls = _calls(events)
    entered = (events["event"] == "ENTERQUEUE").to_numpy()
    part = events["event"].isin(OF_CALLS[1:]).to_numpy()
    own = _key(events).isin(set(_key(events[entered]))).to_numpy()
    ignored = {
        "event": part & own,
        "begun_in_another_file": part & ~own,
        "other_event": ~part & ~entered,
    }
    noticed = {}
    open_calls = int((entered & calls["ended"].isna()).sum())
    if open_calls:
        noticed["no_end"] = (
            open_calls,
            f"{open_calls} calls have no end in this file; they count as offered",
        )
    return settle(ctx, calls.drop(columns="ended"), ignored, noticed)


def _cells(ctx: Context, name: str) -> np.ndarray:
    texts = ctx.grid.texts([name])
    return np.asarray([] if texts is None else texts.spread(texts.distinct), dtype=object)


def _callers(ctx: Context, entered: np.ndarray) -> np.ndarray:
    """Return callers' hashes; the cell that has them means other things for other events."""
    texts = ctx.grid.texts(["data2"])
    if texts is None or not len(texts):
        return np.full(ctx.size, "", dtype=object)
    hashes = keyed(texts.distinct, ctx.caller_key, ctx.profile.missing)
    return np.where(entered, texts.spread(np.array(hashes, dtype=object)), "")


def _key(events: pd.DataFrame) -> pd.Series:
    return events["callid"].astype(str) + "\0" + events["queue"].astype(str)


def _calls(events: pd.DataFrame) -> pd.DataFrame:
    """Return events with, on each ENTERQUEUE, how its call went on up to the next ENTERQUEUE."""
    entered = events["event"] == "ENTERQUEUE"
    visit = _key(events) + "\0" + entered.groupby(_key(events)).cumsum().astype(str)
    connect = events[events["event"] == "CONNECT"].groupby(visit).last()
    end = events[events["event"].isin(ENDS)].groupby(visit).last()
    served, left = (frame["ds"].reindex(visit).reset_index(drop=True) for frame in (connect, end))
    outcome = end["event"].reindex(visit).reset_index(drop=True)
    answered = served.notna() & entered
    arrived = events["ds"].where(entered)
    return events[["line", "site", "queue", "channel"]].assign(
        offered=entered.astype("float64"),
        arrived=arrived,
        entered=arrived,
        answered=answered.astype("float64"),
        abandoned=((outcome == "ABANDON") & entered).astype("float64"),
        wait_s=_seconds(arrived, served.where(answered, left)),
        talk_s=_seconds(served, left).where(answered),
        hold_s=np.nan,
        wrap_s=np.nan,
        ivr_s=np.nan,
        agent=connect["agent"].reindex(visit).fillna(-1).astype("int64").to_numpy(),
        caller=events["caller"],
        call_id=events["callid"],
        busy_from=served.where(answered).astype(UTC),
        busy_to=left.where(answered).astype(UTC),
        ended=left.where(entered),
    )


def _seconds(start: pd.Series, end: pd.Series) -> pd.Series:
    return (end - start).dt.total_seconds()
