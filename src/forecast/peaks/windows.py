"""EVENTS and FORECAST -> the windows of coming peaks, by queue and by team."""

from collections.abc import Collection, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.effects.positions import AFTER_DAYS, BEFORE_DAYS
from forecast.params import AlertsParams
from forecast.schema import SERIES, by_series, events_at, of_series

AROUND = pd.Timedelta(weeks=4)
"""How far the same weekdays lie that say what is usual."""
FEWEST = 3
"""Days that say what is usual, at least."""
NOTHING = 0.02
"""Effects below this are none: such days may say what is usual."""
COLUMNS = ["peak_id", "name", "kind", "cause", "start", "end"]
Bools = npt.NDArray[np.bool_]


def usual_days(days: pd.DataFrame) -> pd.Series:
    """Return what is usual on each day: the median of the same weekdays within four weeks of it.

    Days on which an event or a holiday does anything say nothing, and NaN stands where fewer than
    three are left. The weeks on both sides count, so that growth is no peak.

    Parameters
    ----------
    days
        Days of one series, past and coming: date, contacts, effect.

    Examples
    --------
    >>> mondays = pd.date_range("2024-01-01", periods=5, freq="7D")
    >>> frame = pd.DataFrame({"date": mondays, "contacts": [90.0, 100, 110, 100, 190], "effect": 1})
    >>> usual_days(frame).tolist()
    [105.0, 105.0, 100.0, 105.0, 100.0]
    """
    date, contacts = days["date"].to_numpy(), days["contacts"].to_numpy(dtype="float64")
    weekday = pd.DatetimeIndex(date).day_of_week.to_numpy()
    plain = (np.abs(days["effect"].to_numpy() - 1) < NOTHING) & ~np.isnan(contacts)
    found = np.full(len(days), np.nan)
    for row in range(len(days)):
        near = np.abs(date - date[row]) <= AROUND.to_timedelta64()
        near &= plain & (weekday == weekday[row])
        near[row] = False
        if near.sum() >= FEWEST:
            found[row] = np.median(contacts[near])
    return pd.Series(found, index=days.index)


def peak_windows(
    ahead: pd.DataFrame,
    past: pd.DataFrame,
    events: pd.DataFrame,
    params: AlertsParams,
    *,
    keep_out: Collection[str] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the windows of coming peaks of each queue, and the forecast with what is usual.

    An event of the calendar is a peak in its open hours, unless it makes them quieter; the hours
    before and after that it lifts by ``above_usual`` or more belong to it. A holiday is a peak only
    where it lifts any. Days that lie ``unexplained_above_usual`` or more above the same weekdays
    around them, outside of these, are peaks without a name; neighbouring ones are one.

    Parameters
    ----------
    ahead
        Open intervals ahead: site, queue, channel, ds, local, until (wall time of its end), mean,
        effect.
    past
        Reported days: site, queue, channel, date, contacts.
    events
        EVENTS.
    params
        The section ``alerts``.
    keep_out
        Kinds of events that are no peaks (outages).

    Returns
    -------
    windows, ahead
        Site, queue, channel, peak_id, name, kind, cause, start and end, in wall time; and ``ahead``
        with ``usual``, the contacts that would come without the peak.
    """
    held = events_at(events)
    held = held[~held["kind"].isin(list(keep_out))]
    windows, told = [], []
    for key, own in by_series(ahead):
        named = pd.DataFrame(_named(own, of_series(held, key), params), columns=COLUMNS)
        usual = own["mean"] / own["effect"].where(own["effect"] > 0, 1.0)
        days = _days(own, of_series(past, key))
        day = own["local"].dt.normalize()
        ratio = day.map(days.set_index("date")["ratio"])
        odd = (ratio >= 1 + params.unexplained_above_usual) & ~_inside(own["local"], named)
        rest = pd.DataFrame(_unexplained(own[odd], days), columns=COLUMNS)
        found = pd.concat([named, rest]) if len(rest) and len(named) else max(named, rest, key=len)
        windows.append(found.assign(**dict(zip(SERIES, key, strict=True))))
        told.append(own.assign(usual=usual.where(~odd, own["mean"] / ratio)))
    return pd.concat(windows, ignore_index=True)[[*SERIES, *COLUMNS]], pd.concat(told)


def _named(
    own: pd.DataFrame, events: pd.DataFrame, params: AlertsParams
) -> Iterator[tuple[object, ...]]:
    """Yield the windows of events that lift anything ahead, or are on in open hours."""
    local, until = own["local"].to_numpy(), own["until"].to_numpy()
    effect = own["effect"].to_numpy()
    busy = effect >= 1 + params.above_usual
    nearest, inside = _nearest(local, until, events)
    on_any = inside.any(axis=1) if len(events) else np.zeros(len(own), dtype=bool)
    for row, event in enumerate(events.to_dict("records")):
        on = inside[:, row]
        promoted = event["pool"] == "event" and bool((effect[on] >= 1).any())
        its = (on & (busy | promoted)) | (busy & ~on_any & (nearest == row))
        if its.any():
            yield (
                *(event[name] for name in ("event_id", "name", "kind")),
                "event" if event["pool"] == "event" else "holiday",
                local[its].min(),
                until[its].max(),
            )


def _nearest(
    local: npt.NDArray[np.datetime64], until: npt.NDArray[np.datetime64], events: pd.DataFrame
) -> tuple[npt.NDArray[np.int64], Bools]:
    """Return the nearest event that reaches each interval (-1: none), and which are on in it."""
    if not len(events):
        return np.full(len(local), -1), np.zeros((len(local), 0), dtype=bool)
    starts, ends = events["start"].to_numpy(), events["end"].to_numpy()
    before, after = (
        events["pool"].map(days).fillna(0).to_numpy(dtype="float64")
        for days in (BEFORE_DAYS, AFTER_DAYS)
    )
    to = (starts[None, :] - until[:, None]) / np.timedelta64(1, "D")
    since = (local[:, None] - ends[None, :]) / np.timedelta64(1, "D")
    inside = (to < 0) & (since < 0)
    far = np.where(inside, 0.0, np.maximum(to, since))
    far = np.where(far <= np.where(to >= 0, before, after), far, np.inf)
    row = far.argmin(axis=1)
    return np.where(np.isfinite(far.min(axis=1)), row, -1), inside


def _days(own: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    """Return coming open days with ``ratio``, expected over usual contacts."""
    day = own["local"].dt.normalize()
    effects = own["effect"].groupby(day).agg(lambda e: e.iloc[(e - 1).abs().argmax()])
    coming = pd.DataFrame({"contacts": own["mean"].groupby(day).sum(), "effect": effects})
    coming = coming.rename_axis("date").reset_index()
    before = past[["date", "contacts"]].assign(effect=1.0)
    every = pd.concat([before, coming], ignore_index=True) if len(before) else coming
    usual = usual_days(every).iloc[len(every) - len(coming) :].to_numpy()
    ratio = np.where(usual > 0, coming["contacts"] / np.where(usual > 0, usual, 1.0), 1.0)
    return coming.assign(ratio=ratio, number=np.arange(len(coming)))


def _inside(local: pd.Series, windows: pd.DataFrame) -> pd.Series:
    """Return which intervals lie on a day that a window touches."""
    out = pd.Series(data=False, index=local.index)
    day = local.dt.normalize()
    for start, end in windows[["start", "end"]].itertuples(index=False):
        out |= (day >= start.normalize()) & (day < end)
    return out


def _unexplained(odd: pd.DataFrame, days: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """Yield runs of odd days, with nothing but closed days between them."""
    number = odd["local"].dt.normalize().map(days.set_index("date")["number"])
    run = (number.diff() > 1).cumsum()
    for _, own in odd.groupby(run):
        start, end = own["local"].min(), own["until"].max()
        yield f"unexplained {start:%Y-%m-%d}", "", "", "unexplained", start, end


def of_teams(windows: pd.DataFrame, pools: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """Return windows by team: where queues share agents, a peak of any is one of all."""
    team = {queue: name for name, queues in pools.items() for queue in queues}
    moved = windows.assign(queue=windows["queue"].replace(team))
    keys = [*SERIES, "peak_id"]
    how = {"name": "first", "kind": "first", "cause": "first", "start": "min", "end": "max"}
    found = moved.groupby(keys, sort=True).agg(how)
    return found.reset_index()
