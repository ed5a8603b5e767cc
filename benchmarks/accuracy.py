"""Accuracy against every peer that installs, on real centres, same origins, one command.

    make benchmark

Every forecast is made at the same cutoffs for the same open intervals. The package's rows are what
a planner would have been given: calibration, weights and champion come from earlier cutoffs alone,
which reach back ``WARMUP_WEEKS`` before the first that is scored. Peers (folder ``peers``) are used
as somebody would who knows the tool. All choices in the package were made on earlier dates
(docs/experiments.md).
"""

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from centres import CENTRES, Centre, available
from peers.run import peer_rows
from sums import sum_rows, sum_table
from tables import bucket_table, handle_time_table, special_table, summary_table

from forecast.backtest import backtest
from forecast.features import past_and_ahead, reaching
from forecast.schema import FORECAST
from forecast.select import CHAMPION, SPECIAL_VARIANCE, replay
from forecast.store import write_text
from forecast.targets import OFFERED

ROOT = Path(__file__).parents[1]
CACHE = ROOT / "benchmarks" / ".cache"
HORIZONS = {"1_day": 1, "1_week": 7, "2_weeks": 14}
LONGEST = (
    "AXA",
    "VANAD",
    "Anonymous Bank",
    "bank_calls, 5 min",
    "Bernalillo",
    "bank_calls, 30 min",
)
WARMUP_WEEKS = 14
OURS = "**this package**"


@dataclass(frozen=True)
class Origins:
    """Local dates from which a centre is forecast: first, last, and days between them.

    ``open_days`` counts days on which any queue is open; ``before_days`` is the same distance for
    the cutoffs that calibrate.
    """

    first: str
    last: str
    every: int
    before_days: int
    open_days: bool = False


ORIGINS = {
    "bank_calls, 30 min": Origins("2003-08-15", "2003-10-10", 3, 2, open_days=True),
    "bank_calls, 5 min": Origins("2003-08-15", "2003-10-10", 6, 4, open_days=True),
    "Anonymous Bank": Origins("1999-06-20", "1999-08-03", 6, 4),
    "VANAD": Origins("2014-05-06", "2014-06-17", 6, 4),
    "AXA": Origins("2012-10-01", "2012-11-29", 20, 8),
    "Bernalillo": Origins("2024-12-02", "2025-05-06", 6, 6),
}


def scored_dates(centre: Centre, origins: Origins) -> list[pd.Timestamp]:
    """Return the local dates that are reported on."""
    if not origins.open_days:
        days = pd.date_range(origins.first, origins.last, freq=f"{origins.every}D", unit="us")
        return list(days)
    features = centre.features
    dates = features.loc[features["open_min"] > 0, "date"].drop_duplicates().sort_values()
    return list(dates[dates.between(origins.first, origins.last)].iloc[:: origins.every])


def all_dates(centre: Centre, origins: Origins) -> list[pd.Timestamp]:
    """Return those dates, and the ones before and between them that calibrate."""
    start = pd.Timestamp(origins.first) - pd.Timedelta(weeks=WARMUP_WEEKS)
    calm = pd.date_range(start, origins.last, freq=f"{origins.before_days}D", unit="us")
    return sorted({*scored_dates(centre, origins), *calm})


@dataclass(frozen=True)
class Measured:
    """One centre: the package's and the peers' rows, and the package's sums.

    ``special`` are the package's rows on days that an event or a holiday reaches.
    """

    name: str
    rows: pd.DataFrame
    handle_time: pd.DataFrame
    sums: pd.DataFrame
    special: pd.DataFrame


def ours(centre: Centre, origins: Origins) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return MEANS and FORECAST of the package at all cutoffs of a centre."""
    params = centre.params.override({"backtest.horizons": HORIZONS, "forecast.horizon_days": 14})
    past, _ = past_and_ahead(centre.features)
    dates = all_dates(centre, origins)
    means = backtest(past, reaching(centre.events, past), params, at=dates)
    return means, replay(means, params.select)


def scored(forecast: pd.DataFrame, centre: Centre, origins: Origins) -> pd.DataFrame:
    """Return the champion's rows at the dates that are reported on, where the truth is known."""
    starts = {
        start
        for _, own in centre.features.groupby("queue")
        for date in scored_dates(centre, origins)
        for start in [own.loc[own["date"] >= date, "ds"].min()]
    }
    rows = forecast[(forecast["model"] == CHAMPION) & forecast["cutoff"].isin(starts)]
    return rows[rows["y"].notna()].assign(model=OURS)


def measured(name: str, peers: Sequence[str] | None = None) -> Measured:
    """Return what the package and the peers do on one centre."""
    centre, origins = CENTRES[name](), ORIGINS[name]
    means, forecast = ours(centre, origins)
    rows = scored(forecast, centre, origins)
    volume = rows[rows["target"] == OFFERED]
    others = peer_rows(
        centre,
        scored_dates(centre, origins),
        HORIZONS,
        peers,
        cache=CACHE,
        processes=1,
    )
    columns = [c for c in FORECAST.names if c in others]
    sums = sum_rows(centre, means, forecast, sorted(volume["cutoff"].unique()))
    lengths = handle_time_rows(centre, rows[rows["target"] != OFFERED])
    special = volume[volume["effect_var"] > SPECIAL_VARIANCE]
    return Measured(name, pd.concat([volume[columns], others[columns]]), lengths, sums, special)


def handle_time_rows(centre: Centre, champion: pd.DataFrame) -> pd.DataFrame:
    """Return the handle times of the package and of peers, which get them as counts."""
    from handle_time import peer_handle_times

    if champion.empty:
        return champion
    return pd.concat([champion, peer_handle_times(centre, champion, CACHE)])


def report(found: Sequence[Measured]) -> str:
    """Return the report of all centres as Markdown."""
    rng = np.random.default_rng(20031024)
    lines = [
        "# Accuracy against peers on real centres",
        "",
        "Written by `make benchmark`. Pinball loss is the mean over the quantiles 2.5, 5, 10, 25, "
        "50, 75, 90, 95 and 97.5 %, in contacts. *this / peer* is the ratio of the package's loss "
        "to the peer's, with a 90 % band from resampling whole cutoffs (all queues of a day "
        "together): below 1 the package is better. WAPE is of the mean.",
        "",
        *summary_table(found, OURS, HORIZONS),
        "",
        *special_table(found, HORIZONS),
        "",
        *sum_table(found, "contacts"),
        "",
        *sum_table(found, "workload"),
        "",
        *handle_time_table(found, OURS),
    ]
    for one in found:
        cutoffs = one.rows["cutoff"].dt.strftime("%Y-%m-%d")
        lines += [
            "",
            f"## {one.name}",
            "",
            f"{one.rows['queue'].nunique()} queues, {cutoffs.nunique()} origins, "
            f"{cutoffs.min()} to {cutoffs.max()}.",
        ]
        for horizon in HORIZONS:
            rows = one.rows[one.rows["horizon"] == horizon]
            lines += ["", *bucket_table(rows, horizon, OURS, rng)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure the centres named (all that are here), print and write benchmarks/accuracy.md."""
    names = sys.argv[1:] or available()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        # The longest first.
        jobs = {name: pool.submit(measured, name) for name in sorted(names, key=LONGEST.index)}
        found = [jobs[name].result() for name in names]
    text = report(found)
    write_text(text, Path(__file__).with_suffix(".md"))
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
