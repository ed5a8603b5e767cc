"""The tables of the accuracy benchmark."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from forecast.accuracy import (
    coverage_80,
    coverage_95,
    pinball,
    pinball_losses,
    wape,
    width_80,
)
from forecast.schema import SERIES

TUNED, NAIVE = "Prophet tuned", "seasonal naive"
NEAR_80 = 0.05
"""A peer is called calibrated when its 80 % intervals cover within so much of it."""
MANY = 10
"""Contacts expected in an interval from which on whole numbers are no matter."""
RESAMPLES = 2000
KEYS = [*SERIES, "cutoff", "ds"]


def paired(rows: pd.DataFrame) -> pd.DataFrame:
    """Return pinball losses by model (columns), of intervals that all models forecast."""
    losses = rows.assign(loss=pinball_losses(rows))
    return losses.pivot_table(index=KEYS, columns="model", values="loss").dropna()


def ratios(losses: pd.DataFrame, ours: str, rng: np.random.Generator) -> dict[str, str]:
    """Return ours over each model with a 90 % band from resampling whole days of cutoffs."""
    day = pd.DatetimeIndex(losses.index.get_level_values("cutoff")).floor("D")
    by_day = losses.groupby(day).sum()
    picks = rng.integers(0, len(by_day), (RESAMPLES, len(by_day)))
    out = {}
    for model in losses:
        both = by_day[[ours, model]].to_numpy()[:, :2]
        drawn = both[picks].sum(axis=1)
        low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.05, 0.95])
        ratio = both[:, 0].sum() / both[:, 1].sum()
        out[str(model)] = f"{ratio:.2f} ({low:.2f}-{high:.2f})" if model != ours else ""
    return out


def bucket_table(
    rows: pd.DataFrame, horizon: str, ours: str, rng: np.random.Generator
) -> list[str]:
    """Return one bucket's table of one centre, best first."""
    losses = paired(rows)
    told = ratios(losses, ours, rng)
    same = rows.set_index(KEYS).loc[losses.index].reset_index()
    lines = [
        f"### {horizon.replace('_', ' ')}",
        "",
        "| forecast | pinball | WAPE | 80 % covers | its width | 95 % covers | this / peer |",
        "|---|---|---|---|---|---|---|",
    ]
    for model in losses.mean().sort_values().index:
        own = same[same["model"] == model]
        cells = [str(model), f"{pinball(own):.3f}", f"{wape(own):.2%}", f"{coverage_80(own):.1%}"]
        cells += [f"{width_80(own):.1%}", f"{coverage_95(own):.1%}", told[str(model)]]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def summary_table(found: Sequence[Any], ours: str, horizons: Mapping[str, int]) -> list[str]:
    """Return, per lead and centre, the ratio to the best peer, tuned Prophet and last week."""
    lines = ["## Summary: this package's pinball loss over the peers'"]
    for horizon in horizons:
        lines += [
            "",
            f"### {horizon.replace('_', ' ')} ahead",
            "",
            "| centre | best peer | this / best | this / tuned Prophet | this / last week | "
            "80 % covers | 95 % covers | its width | width of the best calibrated peer |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        every = []
        for one in found:
            rows = one.rows[one.rows["horizon"] == horizon]
            losses = paired(rows)
            means = losses.mean()
            peers = means.drop(ours)
            best = str(peers.idxmin())
            told = [means[ours] / means[name] for name in (best, TUNED, NAIVE)]
            every.append(told)
            own = rows[rows["model"] == ours]
            cells = [one.name, best, *(f"{ratio:.2f}" for ratio in told)]
            cells += [f"{coverage_80(own):.1%}", f"{coverage_95(own):.1%}", f"{width_80(own):.1%}"]
            lines.append(f"| {' | '.join([*cells, _calibrated(rows, ours)])} |")
        geometric = np.exp(np.log(np.array(every)).mean(axis=0))
        shown = " | ".join(f"**{ratio:.2f}**" for ratio in geometric)
        lines.append(f"| geometric mean | | {shown} | | | | |")
    return lines


def special_table(found: Sequence[Any], horizons: Mapping[str, int]) -> list[str]:
    """Return how well special days are covered, and where counts are not few.

    Intervals of whole numbers cover more than they promise where counts are few: of a Poisson count
    of 1 the least interval that holds 80 % holds 92 %.
    """
    lines = [
        "## Days around holidays and events, and intervals with 10 contacts and more: "
        "share within this package's intervals",
        "",
        "| centre | horizon | special days: 80 % | 95 % | intervals | 10 contacts and more: 80 % "
        "| 95 % | intervals |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in found:
        ours = one.rows[one.rows["model"] == one.rows["model"].iloc[0]]
        many = ours[ours["mean"] >= MANY]
        for horizon in horizons:
            cells = [one.name, horizon.replace("_", " ")]
            for rows in (one.special, many):
                own = rows[rows["horizon"] == horizon]
                told = (
                    [f"{coverage_80(own):.1%}", f"{coverage_95(own):.1%}"] if len(own) else ["", ""]
                )
                cells += [*told, str(len(own))]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def _calibrated(rows: pd.DataFrame, ours: str) -> str:
    """Return width and name of the narrowest peer whose 80 % intervals cover about as much."""
    best = None
    for model, own in rows[rows["model"] != ours].groupby("model"):
        if abs(coverage_80(own) - 0.80) <= NEAR_80:
            width = width_80(own)
            best = min(best or (np.inf, ""), (width, str(model)))
    return f"{best[0]:.1%} ({best[1]})" if best else "none within 5 points"


def handle_time_table(found: Sequence[Any], ours: str) -> list[str]:
    """Return the WAPE of handle times, weighted by contacts."""
    lines = ["## Handle time: WAPE weighted by contacts", ""]
    told = [one for one in found if len(one.handle_time)]
    if not told:
        return [*lines, "Not measured: no centre with handle times is on this machine."]
    horizons = list(dict.fromkeys(told[0].handle_time["horizon"]))
    head = "".join(f" {h.replace('_', ' ')} | 80 % covers |" for h in horizons)
    lines += [f"| centre | forecast |{head}", "|---|---|" + "---|---|" * len(horizons)]
    for one in told:
        rows = one.handle_time[one.handle_time["y"].notna()]
        order = rows.groupby("model").apply(wape).sort_values()
        for model in order.index:
            own = rows[rows["model"] == model]
            cells = []
            for horizon in horizons:
                part = own[own["horizon"] == horizon]
                cells += [f"{wape(part):.2%}", f"{coverage_80(part):.1%}"]
            lines.append(f"| {one.name} | {' | '.join([str(model), *cells])} |")
    return lines
