"""A made call centre without anything odd, and what tests do to it."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.acd.quality import findings
from forecast.schema import HISTORY

NEW_YORK = ZoneInfo("America/New_York")
RATES = (2, 4, 8, 15, 30, 60, 100, 180, 300, 500)


def zone_of(site):
    return NEW_YORK


def wall(history):
    return history["ds"].dt.tz_convert(NEW_YORK).dt.tz_localize(None)


def centre(seed=1, days=140, rates=RATES, step=30, *, zeros=True, course=np.ones_like):
    """Return a Poisson centre: busy Mondays, short Saturdays, closed Sundays."""
    rng = np.random.default_rng(seed)
    periods, start = days * 1440 // step, "2023-01-02 05:00"
    ds = pd.date_range(start, periods=periods, freq=f"{step}min", tz="UTC", unit="us")
    local = ds.tz_convert(NEW_YORK)
    hour, weekday = np.asarray(local.hour + local.minute / 60), np.asarray(local.day_of_week)
    busy = np.array([1.3, 1.1, 1.0, 1.0, 0.95, 0.4, 0.0])[weekday]
    is_open = (hour >= 8) & (hour < np.where(weekday == 5, 14, 20)) & (busy > 0)
    shape = busy * is_open * (np.exp(-(((hour - 11) / 3.5) ** 2)) + 0.4)
    day = np.asarray((local.normalize().tz_localize(None) - pd.Timestamp("2023-01-01")).days)
    parts = []
    for number, rate in enumerate(rates):
        level = np.exp(0.1 * rng.normal(size=day.max() + 1))[day]
        season = np.exp(0.2 * np.sin(2 * np.pi * day / 365))
        offered = rng.poisson(
            shape * rate * days / shape.sum() * level * season * course(day.astype(float))
        )
        part = pd.DataFrame({"queue": f"q{number}", "ds": ds, "offered": offered})[is_open]
        parts.append(part if zeros else part[part["offered"] > 0])
    frame = pd.concat(parts, ignore_index=True).assign(site="main", channel="voice", minutes=step)
    frame["abandoned"] = (frame["offered"] // 20).astype(float)
    frame["answered"] = frame["offered"] - frame["abandoned"]
    return HISTORY.validate(frame.reindex(columns=HISTORY.names))


def without(history, which):
    return history[~which].reset_index(drop=True)


def with_counts(history, which, offered):
    which = pd.Series(which, index=history.index)
    changed = history["offered"].mask(which, offered)
    return history.assign(offered=changed, answered=np.nan, abandoned=np.nan)


def on(history, day):
    return wall(history).dt.strftime("%Y-%m-%d") == day


def at(history, queue, stamp):
    return (history["queue"] == queue) & (wall(history) == pd.Timestamp(stamp))


def texts(history, kind, zone=zone_of):
    found = findings(history, zone)
    return found.loc[found["kind"] == kind, "text"].tolist()
