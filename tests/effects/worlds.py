"""FEATURES and EVENTS by hand: of invented centres, and of small queues whose truth is chosen."""

from typing import Any

import numpy as np
import pandas as pd

from forecast.schema import ALWAYS, EVENTS, FEATURES, SERIES, UTC
from forecast.synthetic import Centre, make_centre

KEY = ("main", "service", "voice")
START = pd.Timestamp("2024-01-01")
DAY = pd.Timedelta(days=1)
OPENS, HOURS = 8, 12


def features_of(centre: Centre) -> pd.DataFrame:
    """Return FEATURES of a centre in UTC, as its history tells them."""
    history = centre.history
    handle_s = history[["talk_s", "hold_s", "wrap_s"]].sum(axis=1)
    return _features(
        history["ds"],
        history["offered"],
        history["minutes"],
        history["answered"].where(history["answered"] > 0),
        handle_s / history["answered"].where(history["answered"] > 0),
    )


def events_of(centre: Centre) -> pd.DataFrame:
    """Return EVENTS of a centre, each known from its announcement on."""
    frame = _with_key(centre.events).assign(
        pool="event", announced=centre.events["announced_on"].dt.tz_localize("UTC")
    )
    return _events(frame)


def cells_of_centre(spec: Any, seed: int) -> tuple[Centre, pd.DataFrame, pd.DataFrame]:
    """Return a centre with its FEATURES and EVENTS."""
    centre = make_centre(spec, seed=seed)
    return centre, features_of(centre), events_of(centre)


def queue(
    days: int,
    *,
    per_hour: float = 100.0,
    factors: pd.Series | None = None,
    seed: int | None = 1,
    noise_sd: float = 0.03,
    start: pd.Timestamp = START,
) -> pd.DataFrame:
    """Return FEATURES of a queue that is open 08:00 to 20:00 every day.

    ``factors`` are by date, or by local hour; without a seed counts are the means themselves.
    """
    hours = pd.timedelta_range(f"{OPENS}h", periods=HOURS, freq="h", unit="us")
    starts = pd.date_range(start, periods=days, unit="us")
    local = pd.Series(np.repeat(starts, HOURS) + np.tile(hours, days))
    mean = per_hour * (1 + 0.5 * np.sin(np.pi * (local.dt.hour - OPENS) / HOURS)).to_numpy()
    mean = mean * np.where(local.dt.day_of_week == 0, 1.3, 1.0)
    if factors is not None:
        by_hour = (factors.index != factors.index.normalize()).any()
        at = local if by_hour else local.dt.normalize()
        mean = mean * at.map(factors).fillna(1.0).to_numpy()
    handled = mean
    if seed is not None:
        rng = np.random.default_rng(seed)
        mean = mean * np.repeat(np.exp(rng.normal(0, noise_sd, days)), HOURS)
        handled = mean = rng.poisson(mean).astype("float64")
    handled = pd.Series(handled).where(lambda n: n > 0)
    return _features(local.dt.tz_localize("UTC"), mean, 60.0, handled, handled * 0 + 300.0)


def _features(ds: Any, y: Any, minutes: Any, handled: Any, aht_s: Any) -> pd.DataFrame:
    local = ds.dt.tz_localize(None)
    date = local.dt.normalize()
    frame = pd.DataFrame(
        {
            "ds": ds,
            "known": ALWAYS.tz_localize("UTC"),
            "y": y,
            "aht_s": aht_s,
            "handled": handled,
            "open_min": minutes,
            "date": date,
            "slot_min": local.dt.hour * 60 + local.dt.minute,
            "weekday": date.dt.day_of_week,
            "gap_days": 1,
            "after_closure": 0,
            "before_closure": 0,
            "month_day": date.dt.day,
            "month_left": date.dt.days_in_month - date.dt.day,
            "holiday_open": 0,
            "doubt": 0.0,
        }
    )
    return FEATURES.validate(_with_key(frame)[FEATURES.names])


def events(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return EVENTS: rows of kind, start and days (or end), and what differs from the default."""
    filled = []
    for number, row in enumerate(rows):
        start = pd.Timestamp(row["start"])
        filled.append(
            {
                "event_id": f"e{number:02d}",
                "name": row["kind"],
                "pool": "event",
                "intensity": 1.0,
                "announced": ALWAYS.tz_localize("UTC"),
                "source": "",
                **{name: value for name, value in row.items() if name != "days"},
                "start": start,
                "end": pd.Timestamp(row.get("end", start + row.get("days", 1) * DAY)),
            }
        )
    return _events(_with_key(pd.DataFrame(filled))) if filled else EVENTS.empty()


def _events(frame: pd.DataFrame) -> pd.DataFrame:
    never = pd.Series(pd.NaT, index=frame.index, dtype=UTC)
    return EVENTS.validate(frame.assign(withdrawn=never)[EVENTS.names])


def _with_key(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**dict(zip(SERIES, KEY, strict=True)))


def every(
    weeks: int, count: int, kind: str, *, first: int = 28, days: int = 2
) -> list[dict[str, Any]]:
    """Return rows of equal events of one kind, so many weeks apart."""
    return [
        {"kind": kind, "start": START + (first + 7 * weeks * i) * DAY, "days": days}
        for i in range(count)
    ]


def factors_of(rows: list[dict[str, Any]], factor: float) -> pd.Series:
    """Return a factor by date, on the days of some events."""
    out: dict[pd.Timestamp, float] = {}
    for row in rows:
        for day in range(row["days"]):
            out[row["start"] + day * DAY] = factor
    return pd.Series(out)
