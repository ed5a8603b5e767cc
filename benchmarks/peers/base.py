"""What every peer is: a function from one series' past and its calendar ahead to a forecast.

Peers see FEATURES alone. They are given rates per open minute, so that an interval that is open for
a part of its length is no trap, and they answer with counts.
"""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import pandas as pd

from forecast.errors import ForecastError

LEVELS: dict[str, float] = {
    "q025": 0.025,
    "q05": 0.05,
    "q10": 0.10,
    "q25": 0.25,
    "q50": 0.50,
    "q75": 0.75,
    "q90": 0.90,
    "q95": 0.95,
    "q975": 0.975,
}
"""The quantile columns that every peer gives, and their levels."""
DRAWS = 1000
"""Simulated futures, where a peer simulates: as many as Prophet draws."""
BUCKETS = (1, 7, 14, 28)
"""Last lead day of each class of leads: errors are told apart by it, some models fitted for it."""
SLOT = ["weekday", "slot_min"]


class Peer(Protocol):
    """Forecast one series.

    ``train`` holds its FEATURES before the cutoff and ``ahead`` those from the cutoff on, both as
    known then. The answer has the index of ``ahead``'s open rows and the columns ``mean`` and those
    of ``LEVELS``, in contacts.
    """

    def __call__(self, train: pd.DataFrame, ahead: pd.DataFrame, *, seed: int) -> pd.DataFrame:
        """Return the forecast of ``ahead``'s open rows."""
        ...


def reported(train: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals that were open and reported, with their ``rate`` per open minute.

    Raises
    ------
    ForecastError
        When there is none.
    """
    known = train[(train["open_min"] > 0) & train["y"].notna()].sort_values("ds")
    if known.empty:
        raise ForecastError("a peer was given a series without a reported open interval")
    return known.assign(rate=known["y"] / known["open_min"])


def open_rows(ahead: pd.DataFrame) -> pd.DataFrame:
    """Return the open intervals, with their ``lead`` in days: 1 on the cutoff's own day."""
    lead: pd.Series = (ahead["date"] - ahead["date"].min()).dt.days + 1
    rows = ahead.assign(lead=lead)
    return rows[rows["open_min"] > 0]


def latest(rows: pd.DataFrame, weeks: int) -> pd.DataFrame:
    """Return the rows of the last weeks, counted back from the last date there is."""
    first = pd.Timestamp(rows["date"].max()) - pd.Timedelta(weeks=weeks)
    return rows[rows["date"] > first]


def usual_min(known: pd.DataFrame) -> float:
    """Return the open minutes that most intervals have."""
    return float(known["open_min"].median())


def rate_at(profile: pd.Series, known: pd.DataFrame, asked: pd.DataFrame) -> np.ndarray:
    """Return a profile's rates for the intervals asked for, none of them missing.

    A weekday and time that the profile lacks gets the mean rate of that time over all days; a time
    that was never reported, that of the nearest one.
    """
    rate = profile.reindex(pd.MultiIndex.from_frame(asked[SLOT])).to_numpy("float64", copy=True)
    lacking = np.isnan(rate)
    if lacking.any():
        by_time = known.groupby("slot_min")["rate"].mean()
        gap = asked["slot_min"].to_numpy()[lacking, None] - by_time.index.to_numpy()
        rate[lacking] = by_time.to_numpy()[np.abs(gap).argmin(axis=1)]
    return rate


def forecast(rows: pd.DataFrame, mean: np.ndarray, quantiles: np.ndarray) -> pd.DataFrame:
    """Return a peer's answer from means and an array of rows x levels, none of it negative.

    Examples
    --------
    >>> rows = pd.DataFrame(index=[7])
    >>> forecast(rows, np.array([-1.0]), np.arange(9.0)[None, ::-1]).loc[7, ["mean", "q025", "q50"]]
    mean    0.0
    q025    0.0
    q50     4.0
    Name: 7, dtype: float64
    """
    ordered = np.sort(np.maximum(quantiles, 0.0), axis=1)
    out = pd.DataFrame(ordered, index=rows.index, columns=list(LEVELS))
    out.insert(0, "mean", np.maximum(mean, 0.0))
    return out


def of_draws(rows: pd.DataFrame, mean: np.ndarray, draws: np.ndarray) -> pd.DataFrame:
    """Return a peer's answer from means and an array of rows x simulated counts."""
    return forecast(rows, mean, np.quantile(draws, list(LEVELS.values()), axis=1).T)


@contextmanager
def quietly() -> Iterator[None]:
    """Hold back what the libraries log and warn of while they fit: it is no news here."""
    loggers: Mapping[str, logging.Logger] = {
        name: logging.getLogger(name) for name in ("prophet", "prophet.plot", "cmdstanpy")
    }
    before = {name: logger.disabled for name, logger in loggers.items()}
    try:
        for logger in loggers.values():
            logger.disabled = True
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, logger in loggers.items():
            logger.disabled = before[name]
