"""A queue of eight coming weeks, open from nine to five, with one promotion and a busy stretch."""

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.demand import demand_of
from forecast.capacity.requirements import requirement
from forecast.schema import EVENTS, FORECAST, PATHS, QUANTILES

KEY = ("main", "sales", "voice")
FIRST = pd.Timestamp("2024-03-04")
ASOF = pd.Timestamp("2024-03-03", tz="UTC").as_unit("us")
DAYS, SLOTS, PATHS_DRAWN = 14, 8, 200


def event(event_id="sale", **changes):
    told = {
        "site": "main",
        "queue": "sales",
        "channel": "voice",
        "event_id": event_id,
        "name": "Spring sale",
        "kind": "promotion",
        "pool": "event",
        "start": pd.Timestamp("2024-03-12"),
        "end": pd.Timestamp("2024-03-13"),
        "intensity": 1.0,
        "announced": pd.Timestamp("2024-02-01", tz="UTC"),
        "withdrawn": pd.NaT,
        "source": "test",
    }
    return {**told, **changes}


def events_of(*rows):
    frame = pd.DataFrame(rows, columns=EVENTS.names)
    frame["withdrawn"] = pd.to_datetime(frame["withdrawn"], utc=True)
    return EVENTS.validate(frame.astype({c.name: c.dtype for c in EVENTS.columns}))


def intervals():
    local = [FIRST + pd.Timedelta(days=d, hours=9 + h) for d in range(DAYS) for h in range(SLOTS)]
    return pd.DatetimeIndex(local)


def ahead_of(lift=None, base=60.0):
    """Return open intervals ahead; ``lift`` maps days to the factor that events put on them."""
    local = intervals()
    effect = pd.Series(local.normalize()).map(lambda d: (lift or {}).get(f"{d:%m-%d}", 1.0))
    return pd.DataFrame(
        {
            "site": "main",
            "queue": "sales",
            "channel": "voice",
            "ds": pd.Series(local.tz_localize("UTC")).astype("datetime64[us, UTC]"),
            "open_min": 60.0,
            "mean": base * effect,
            "effect": effect,
            "local": pd.Series(local).astype("datetime64[us]"),
            "until": pd.Series(local + pd.Timedelta(hours=1)).astype("datetime64[us]"),
        }
    )


def past_of(weeks=4, base=60.0):
    date = pd.date_range(end=FIRST - pd.Timedelta(days=1), periods=7 * weeks)
    site, queue, channel = KEY
    return pd.DataFrame(
        {"site": site, "queue": queue, "channel": channel, "date": date, "contacts": base * SLOTS}
    )


def paths_of(ahead, seed=5, spread=0.1):
    """Return PATHS around the forecast: busy days are busy throughout."""
    rng = np.random.default_rng(seed)
    day = pd.factorize(ahead["local"].dt.normalize())[0]
    level = rng.normal(1, spread, (PATHS_DRAWN, day.max() + 1))
    counts = rng.poisson(ahead["mean"].to_numpy() * np.maximum(level[:, day], 0))
    rows = pd.concat([ahead] * PATHS_DRAWN, ignore_index=True)
    rows = rows.assign(
        path=np.repeat(np.arange(PATHS_DRAWN), len(ahead)), offered=counts.ravel(), aht_s=np.nan
    )
    return PATHS.validate(rows[PATHS.names])


def forecast_of(ahead):
    fixed = {"target": "offered", "model": "champion", "cutoff": ASOF, "horizon": "1_week"}
    frame = ahead.assign(**fixed, y=np.nan, weight=1.0, unit=1.0, raw_mean=ahead["mean"])
    quantiles = dict.fromkeys(QUANTILES, frame["mean"])
    return FORECAST.validate(
        frame.assign(**quantiles, effect_var=0.0, aht_effect=1.0)[FORECAST.names]
    )


@pytest.fixture(scope="session")
def peak_params(params):
    return params.override(
        {
            "ingest.timezone": "UTC",
            "features.interval_min": 60,
            "capacity.patience_s": None,
            "capacity.occupancy_max": 1.0,
            "capacity.assumed": [],
            "capacity.plan_at": "mean",
        }
    )


@pytest.fixture(scope="session")
def sale(peak_params):
    """All that ``find_peaks`` takes, for a sale that doubles one day."""
    ahead = ahead_of({"03-12": 2.0})
    paths = paths_of(ahead)
    demand = demand_of(paths, {KEY: 240.0})
    # Planned for the usual day: the sale was not thought of.
    plain = demand_of(paths_of(ahead_of()), {KEY: 240.0})
    return {
        "forecast": forecast_of(ahead),
        "paths": paths,
        "events": events_of(event()),
        "requirement": requirement(plain, peak_params.capacity),
        "demand": demand,
    }
