"""Accuracy against Prophet as it comes and copying last week, on bank_calls, one command.

    make benchmark

Every forecast is made at the same cutoffs (the eight scored weeks of params.yaml) for the same open
half-hours. The package's rows are what a planner would have been given at each cutoff: weights,
champion and calibration come from earlier cutoffs alone. Prophet as it comes is ``Prophet()``,
fitted to the half-hours that were open, with its own predictive samples for quantiles; to be fair
to it, it gets rates, so that the last interval of the day, open for five minutes, is no trap. The
models' options were chosen on cutoffs before these weeks (docs/experiments.md).
"""

import logging
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.accuracy import coverage_80, pinball, pinball_losses, wape, width_80
from forecast.acd.ingest import ingest
from forecast.backtest import backtest
from forecast.console import progress
from forecast.features import build_features, end_of_history, known_at
from forecast.origins import ahead_of, cutoffs, first_scored
from forecast.params import Params
from forecast.sample import FILE, bank_calls
from forecast.schema import EVENTS, QUANTILES, as_known
from forecast.select import CHAMPION, replay
from forecast.steps.calendars import calendar_of
from forecast.store import write_csv, write_text

ROOT = Path(__file__).parents[1]
PEER = "Prophet as it comes"
COPY = "copy of last week (its own mean, intervals from here)"
NAMES = {
    CHAMPION: "**selected by this package**",
    "ensemble": "ensemble of its models",
    COPY: COPY,
    "seasonal_naive": "copy of last week, holidays taken off, calibrated here",
    PEER: PEER,
}
BUCKETS = {
    "one day ahead (day 1)": ["1_day"],
    "one week ahead (days 2-7)": ["1_week"],
    "the first week (days 1-7)": ["1_day", "1_week"],
    "two weeks ahead (days 8-14)": ["2_weeks"],
    "four weeks ahead (days 15-28)": ["4_weeks"],
}
RESAMPLES = 4000


def sample_features(params: Params, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return FEATURES and EVENTS of the sample, by the path of anybody's export."""
    write_csv(bank_calls(), folder / FILE)
    history = ingest(folder, params.ingest).history
    built = calendar_of(history, ROOT / "data/raw/calendars", params)
    return build_features(history, built.calendar, built.events, params), built.events


def copy_of_last_week(features: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return FORECAST-like rows of a plain copy of last week, which knows no event or holiday."""
    plain = params.override({"models": {"seasonal_naive": {}}})
    rows = replay(backtest(features, EVENTS.empty(), plain), params.select)
    rows = rows[rows["model"] == "seasonal_naive"]
    return rows.assign(model=COPY, mean=rows["raw_mean"])


def prophet_as_it_comes(
    features: pd.DataFrame, cutoff: pd.Timestamp, params: Params
) -> pd.DataFrame:
    """Return FORECAST-like rows of a default Prophet at one cutoff."""
    from prophet import Prophet

    known = known_at(features, cutoff)
    wall = known["date"] + pd.to_timedelta(known["slot_min"], unit="min")
    frame = pd.DataFrame({"ds": wall, "y": known["y"] / known["open_min"].where(lambda m: m > 0)})
    came = as_known(features).set_index("ds")["y"]
    ahead = ahead_of(known, cutoff, params.backtest.horizons)
    ahead = ahead.assign(y=ahead["ds"].map(came))
    ahead = ahead[(ahead["open_min"] > 0) & ahead["y"].notna()]
    if ahead.empty:
        return ahead
    train = frame[(known["ds"] < cutoff) & frame["y"].notna()]
    model = Prophet()
    model.fit(train, seed=params.seed)
    np.random.seed(params.seed)  # noqa: NPY002 - Prophet draws from the global generator
    future = frame.loc[ahead.index, ["ds"]]
    draws = np.maximum(model.predictive_samples(future)["yhat"], 0)
    minutes = ahead["open_min"].to_numpy()
    mean = np.maximum(model.predict(future)["yhat"].to_numpy(), 0) * minutes
    levels = {q: np.quantile(draws, p, axis=1) * minutes for q, p in QUANTILES.items()}
    return ahead.assign(model=PEER, cutoff=cutoff, mean=mean, **levels)


def table(rows: pd.DataFrame, names: list[str], rng: np.random.Generator) -> list[str]:
    """Return one bucket's lines: metrics, and the paired ratio of pinball losses with its band."""
    losses = rows.assign(loss=pinball_losses(rows)).pivot_table(
        index=["cutoff", "ds"], columns="model", values="loss"
    )
    losses = losses.dropna()
    by_cutoff = losses.groupby("cutoff").sum()
    picks = rng.integers(0, len(by_cutoff), (RESAMPLES, len(by_cutoff)))
    lines = []
    for name in names:
        own = rows[rows["model"] == name].set_index(["cutoff", "ds"]).loc[losses.index]
        own_sum, best_sum = by_cutoff[name].to_numpy(), by_cutoff[CHAMPION].to_numpy()
        ratios = best_sum[picks].sum(axis=1) / own_sum[picks].sum(axis=1)
        low, high = np.quantile(ratios, [0.05, 0.95])
        ratio = best_sum.sum() / own_sum.sum()
        band = "" if name == CHAMPION else f"{ratio:.2f} ({low:.2f}-{high:.2f})"
        lines.append(
            f"| {NAMES.get(name, name.replace('_', ' '))} | {wape(own):.2%} | {pinball(own):.2f} "
            f"| {coverage_80(own):.1%} | {width_80(own):.1%} | {band} |"
        )
    return lines


def main() -> None:
    """Measure, print and write benchmarks/accuracy.md."""
    import tempfile

    warnings.simplefilter("ignore")
    for name in ("prophet", "cmdstanpy"):
        logging.getLogger(name).disabled = True
    params = Params.load(ROOT / "params.yaml")
    with tempfile.TemporaryDirectory() as folder:
        features, events = sample_features(params, Path(folder))
    means = backtest(features, events, params, progress=progress)
    ours = replay(means, params.select)
    end = end_of_history(features)
    start = first_scored(end, params.backtest)
    scored = [c for c in cutoffs(features, params.backtest, end) if c >= start]
    peers = [
        prophet_as_it_comes(features, cutoff, params)
        for cutoff in progress(scored, "Prophet as it comes")
    ]
    own = pd.concat([ours, copy_of_last_week(features, params)])
    own = own[(own["cutoff"] >= start) & own["y"].notna()]
    rows = pd.concat([own, *peers])
    names = [CHAMPION, "ensemble", *params.models, COPY, PEER]
    lines = [
        "# Accuracy on bank_calls, half-hours",
        "",
        f"Written by `make benchmark`. {len(scored)} cutoffs, {scored[0]:%Y-%m-%d} to "
        f"{scored[-1]:%Y-%m-%d}; open half-hours only.",
        "WAPE is of the mean; pinball loss is the mean over the quantiles 5, 10, 25, 50, 75, 90",
        "and 95 %, in contacts; *selected / this* is the ratio of the selected forecast's pinball",
        "loss to the row's, with a 90 % band from resampling whole cutoffs. Below 1: the selected",
        "is better.",
    ]
    rng = np.random.default_rng(params.seed)
    for title, horizons in BUCKETS.items():
        lines += [
            "",
            f"## {title[0].upper()}{title[1:]}",
            "",
            "| forecast | WAPE | pinball | 80 % covers | its width | selected / this |",
            "|---|---|---|---|---|---|",
            *table(rows[rows["horizon"].isin(horizons)], names, rng),
        ]
    text = "\n".join(lines) + "\n"
    write_text(text, ROOT / "benchmarks/accuracy.md")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
