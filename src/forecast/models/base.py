"""What every model is: it learns a queue's contact rate per open minute, and predicts it.

Public methods check and convert, the private ones of a model compute. A model predicts the *mean*
alone; ``forecast.distribution`` turns means and past errors into quantiles, alike for all models.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from forecast.errors import ForecastError
from forecast.models.profile import slot_fallback
from forecast.params import MIN_OPEN_DAYS
from forecast.settings import Section


class NoOptions(Section):
    """Options of a model that has none."""


def usable(train: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals of FEATURES that were open and reported."""
    return train[(train["open_min"] > 0) & train["y"].notna()]


class Forecaster(ABC):
    """A model of one series.

    ``train`` and ``future`` are rows of FEATURES of one series: all intervals before the cutoff,
    and any intervals from it on.
    """

    Options: ClassVar[type[Section]] = NoOptions

    def __init__(self, options: Section, *, seed: int) -> None:
        self.options = options
        self.seed = seed
        self._fallback: dict[int, float] = {}

    @property
    def name(self) -> str:
        """The model's name: that of its file."""
        return type(self).__module__.rpartition(".")[2]

    def fit(self, train: pd.DataFrame) -> Self:
        """Return the model, fitted to the intervals that were open and reported.

        Raises
        ------
        ForecastError
            When fewer than ``MIN_OPEN_DAYS`` days were reported; the series is named.
        """
        known = usable(train)
        days = known["date"].nunique()
        if days < MIN_OPEN_DAYS:
            series = "/".join(train[["site", "queue", "channel"]].iloc[0]) if len(train) else "?"
            raise ForecastError(
                f"model {self.name} needs at least {MIN_OPEN_DAYS} reported open days; "
                f"series {series} has {days} before this cutoff. "
                "Add history, or name the queue in ingest.leave_out."
            )
        rated = known.assign(rate=known["y"] / known["open_min"])
        self._fallback = slot_fallback(rated)
        self._fit(rated, pd.Timestamp(train["date"].max()))
        return self

    @classmethod
    def fit_together(
        cls, options: Section, trains: Sequence[pd.DataFrame], *, seed: int
    ) -> list[Self]:
        """Return one model for each series of a centre, of what was known of all at one instant.

        Each by itself, unless the model can learn from all of them together.
        """
        return [cls(options, seed=seed).fit(train) for train in trains]

    def predict(self, future: pd.DataFrame) -> pd.Series:
        """Return the expected count of each interval, on ``future``'s index; 0 when closed.

        An interval of the day in which the queue was never open before gets the mean rate of the
        nearest one that it was open in.
        """
        is_open = future["open_min"] > 0
        out = pd.Series(0.0, index=future.index, name="mean")
        if not is_open.any():
            return out
        asked = future[is_open]
        rate = pd.Series(np.asarray(self._predict(asked), dtype="float64"), index=asked.index)
        slots = np.array(list(self._fallback))
        nearest = slots[np.abs(asked["slot_min"].to_numpy()[:, None] - slots).argmin(axis=1)]
        default = pd.Series([self._fallback[s] for s in nearest], index=asked.index)
        rate = rate.fillna(default).clip(lower=0.0)
        if not np.isfinite(rate).all():
            raise ForecastError(f"model {self.name} gave an infinite rate; this is a defect")
        out[is_open] = rate * asked["open_min"]
        return out

    def state(self) -> dict[str, Any]:
        """Return the fitted model as plain data that JSON can hold."""
        return {
            "model": self.name,
            "options": self.options.model_dump(),
            "seed": self.seed,
            "fitted": {"fallback": {str(k): v for k, v in self._fallback.items()}, **self._state()},
        }

    def load_fitted(self, fitted: Mapping[str, Any]) -> None:
        """Take over the fitted part of a state."""
        self._fallback = {int(slot): rate for slot, rate in fitted["fallback"].items()}
        self._load(fitted)

    @abstractmethod
    def _fit(self, known: pd.DataFrame, last_date: pd.Timestamp) -> None:
        """Learn from open, reported intervals; ``rate`` is contacts per open minute."""

    @abstractmethod
    def _predict(self, asked: pd.DataFrame) -> np.ndarray:
        """Return the rate per open minute of open intervals; NaN where the model has none."""

    @abstractmethod
    def _state(self) -> dict[str, Any]: ...

    @abstractmethod
    def _load(self, fitted: Mapping[str, Any]) -> None: ...
