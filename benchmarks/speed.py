"""How long one queue with a year of half-hours takes: fit, and four weeks ahead with paths.

    python benchmarks/speed.py

The queue is open day and night, half-hours of Poisson counts around a weekly shape; all models of
params.yaml are fitted. Seconds are processor time beside wall time: machines are shared.
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.backtest import backtest
from forecast.calendars.build import build_calendar
from forecast.calendars.events.raw import raw_table
from forecast.features import build_features, past_and_ahead, reaching
from forecast.params import Params
from forecast.predict import live_forecast
from forecast.schema import HISTORY, as_known
from forecast.select import plans, replay
from forecast.store import write_text

ROOT = Path(__file__).parents[1]
DAYS, RATE, SEED = 365, 30.0, 1
SETTINGS = {
    "ingest.timezone": "UTC",
    "calendars.country": "US",
    "calendars.open_on_holidays": "all",
    "calendars.opening_hours": [
        {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "opens": "00:00",
         "closes": "24:00"}
    ],
    "backtest.weeks": 2,
    "backtest.warmup_weeks": 6,
    "backtest.every_open_days": 7,
}  # fmt: skip


def history() -> pd.DataFrame:
    """Return HISTORY of one queue over a year."""
    rng = np.random.default_rng(SEED)
    first = pd.Timestamp("2024-01-01", tz="UTC")
    ds = pd.date_range(first, periods=48 * DAYS, freq="30min", unit="us")
    hour = np.asarray(ds.hour + ds.minute / 60)
    shape = 0.1 + np.clip(np.sin(np.pi * (hour - 6) / 16), 0, None)
    week = np.where(np.asarray(ds.day_of_week) >= 5, 0.5, 1.0)
    level = np.repeat(np.exp(np.cumsum(rng.normal(0, 0.03, DAYS))), 48)
    frame = pd.DataFrame({"ds": ds, "offered": rng.poisson(RATE * shape * week * level)})
    frame = frame.assign(site="main", queue="one", channel="voice", minutes=30)
    return HISTORY.validate(frame.reindex(columns=HISTORY.names))


def main() -> None:
    """Measure, print, and write benchmarks/speed.md."""
    params = Params.load(ROOT / "params.yaml").override(SETTINGS)
    calls = history()
    built = build_calendar(calls, raw_table([]).drop(columns="reach"), params)
    features = build_features(calls, built.calendar, built.events, params)
    past, _ = past_and_ahead(features)
    lines = [
        "# Time of one queue with a year of half-hours, open day and night",
        "",
        "Written by `python benchmarks/speed.py`. Four weeks ahead, all models, "
        f"{params.forecast.paths} paths.",
        "",
        "| step | processor s | wall s |",
        "|---|---|---|",
    ]

    def timed(name: str, start: tuple[float, float]) -> None:
        cpu, wall = time.process_time() - start[0], time.perf_counter() - start[1]
        lines.append(f"| {name} | {cpu:.1f} | {wall:.1f} |")

    def now() -> tuple[float, float]:
        return time.process_time(), time.perf_counter()

    start = now()
    means = backtest(past, reaching(built.events, past), params)
    cutoffs = means["cutoff"].nunique()
    timed(f"backtest, {cutoffs} cutoffs", start)
    start = now()
    replayed = replay(means, params.select)
    horizons = params.backtest.horizons
    chosen = plans(means, replayed, as_known(past), params.select, horizons=horizons)
    timed("calibrate and choose", start)
    start = now()
    live_forecast(features, built.events, chosen, params)
    timed("**fit and forecast with paths**", start)
    text = "\n".join(lines) + "\n"
    write_text(text, Path(__file__).with_suffix(".md"))
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
