"""FEATURES of one series -> what each day was beside its usual shape, on the log scale."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.effects.positions import Ints, split_at_moments, told_from

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
COVARIATES = ("after_closure", "before_closure", "holiday_open", "month_start", "month_end")
HALF = 0.5
"""Added to counts before their logarithm is taken."""


@dataclass(frozen=True)
class Cells:
    """Days, or the parts into which events split them.

    ``frame`` has date, local, weekday and the covariates of each cell, ``local`` being the moment
    from which on it is told of (see ``told_from``); ``of`` says for each interval which cell it is
    in.
    """

    frame: pd.DataFrame
    of: Ints


@dataclass(frozen=True)
class Observed:
    """What was seen in each cell: a log level, and the variance that chance alone gives it.

    ``usual`` is the count (or the contacts handled) that the level is relative to.
    """

    level: Floats
    variance: Floats
    usual: Floats


def reported(features: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals that were open and reported, in the order of time."""
    return features[(features["open_min"] > 0) & features["y"].notna()].sort_values("ds")


def cells_of(features: pd.DataFrame, events: pd.DataFrame) -> Cells:
    """Return the cells of one series' intervals, in the order of time."""
    start = features["date"] + pd.to_timedelta(features["slot_min"], unit="min")
    local = told_from(start, features["open_min"].max(), events)
    part = split_at_moments(features["date"], local, events)
    keys = pd.MultiIndex.from_arrays([features["date"].to_numpy(), part])
    number, _ = keys.factorize()
    first = ~pd.Series(number).duplicated().to_numpy()
    firsts = features[first].assign(local=local[first])
    frame = firsts[["date", "local", "weekday"]].assign(
        after_closure=firsts["after_closure"].astype("float64"),
        before_closure=firsts["before_closure"].astype("float64"),
        holiday_open=firsts["holiday_open"].astype("float64"),
        month_start=np.exp(-(firsts["month_day"] - 1) / 3.0),
        month_end=np.exp(-firsts["month_left"] / 3.0),
    )
    return Cells(frame.reset_index(drop=True), np.asarray(number, dtype="int64"))


def offered_levels(features: pd.DataFrame, cells: Cells) -> Observed:
    """Return how many contacts each cell had, relative to the usual shape of a day.

    A day that was reported in part is compared with the same part of the usual day.
    """
    rate = usual_rate(features, undivided(cells))
    usual = _summed(cells, rate * features["open_min"].to_numpy())
    seen = _summed(cells, features["y"].to_numpy())
    return Observed(np.log((seen + HALF) / (usual + HALF)), 1 / (usual + HALF), usual)


def handle_time_levels(features: pd.DataFrame, cells: Cells) -> Observed:
    """Return each cell's average handle time relative to that of all.

    Handle times of contacts vary about as much as they are long, so that chance gives the mean of
    n of them a relative variance of 1 / n.
    """
    handled = features["handled"].to_numpy()
    total = _summed(cells, handled * features["aht_s"].to_numpy())
    count = _summed(cells, handled)
    mean = total.sum() / count.sum()
    return Observed(np.log(total / count / mean), 1 / count, count)


def _summed(cells: Cells, values: Floats) -> Floats:
    return np.asarray(np.bincount(cells.of, values, minlength=len(cells.frame)), dtype="float64")


def undivided(cells: Cells) -> Flags:
    """Return which intervals lie on days that no event divides."""
    return np.asarray(~cells.frame["date"].duplicated(keep=False).to_numpy()[cells.of])


def usual_rate(features: pd.DataFrame, undivided: Flags) -> Floats:
    """Return the contacts per open minute that each interval usually has.

    The shape of the day is told from shares of the day's own rate, so that a day that was busy as a
    whole does not bend it. Days that events divide have another shape: they tell it only where no
    other day does.
    """
    days = features.groupby("date")[["y", "open_min"]].transform("sum")
    day_rate = days["y"] / days["open_min"]
    rows = features[["weekday", "slot_min", "y"]].assign(due=day_rate * features["open_min"])
    plain = rows.assign(y=rows["y"].where(undivided, 0.0), due=rows["due"].where(undivided, 0.0))
    share = _share(plain, ["weekday", "slot_min"])
    for other, by in ((plain, ["slot_min"]), (rows, ["slot_min"])):
        share = share.fillna(_share(other, by))
    mean_rate = features["y"].sum() / features["open_min"].sum()
    return np.asarray(share.fillna(1.0) * mean_rate, dtype="float64")


def _share(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    sums = rows.groupby(by)[["y", "due"]].transform("sum")
    return sums["y"] / sums["due"].where(sums["due"] > 0)
