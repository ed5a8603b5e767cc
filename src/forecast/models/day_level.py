"""The day's level times the shape of its weekday, each a Gaussian process.

On the log scale a day's level is the sum of a slowly drifting level, spells of weeks and days, the
weekday, the day of the month, the season, what closures and month turns do, and noise; how much
each counts is learned from the history (``forecast.effects.learn``, without events). Ahead, a spell
fades and the level stays: what is added to the last days is as much as they are worth. The shape
of the day is learned beside it (``forecast.models.shape``).

References
----------
Rasmussen & Williams (2006), Gaussian processes for machine learning, chapters 2 and 5.
Aldor-Noiman, Feigin & Mandelbaum (2009), Workload forecasting for a call center. Annals of Applied
Statistics 3(4) (day levels that carry over, and a profile within the day).
"""

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pandas as pd
from pydantic import Field

from forecast.models.base import Forecaster
from forecast.models.levels import Levels
from forecast.settings import Section


class Options(Section):
    """Options of the model."""

    shape_days: float = Field(150, ge=7, le=3650)
    """A day so old counts a third of today in the shape of the day."""


class Model(Forecaster):
    """Rate = mean rate x exp(level of the day) x shape of its weekday at that time."""

    Options = Options
    levels: Levels
    """What was learned: levels of the days and the shape of a day."""

    def _fit(self, known: pd.DataFrame, last_date: pd.Timestamp) -> None:
        options = cast("Options", self.options)
        self.levels = Levels.of(known, shape_days=options.shape_days)

    def _predict(self, asked: pd.DataFrame) -> np.ndarray:
        return self.levels.rate(asked)

    def _state(self) -> dict[str, Any]:
        return {"levels": self.levels.to_state()}

    def _load(self, fitted: Mapping[str, Any]) -> None:
        self.levels = Levels.from_state(fitted["levels"])
