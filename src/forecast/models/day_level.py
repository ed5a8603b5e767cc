"""The day's level by a Gaussian process, spread over the day by the weekday's profile.

On the log scale a day's level is the sum of a slowly drifting level, the weekday, what closures and
month turns do, busy spells that fade in days, and noise; how much each counts is learned from the
history (``forecast.effects.learn``, without events). Ahead, the busy spell fades and the level
stays: what is added to the last days is as much as they are worth.

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

from forecast.effects.cells import cells_of
from forecast.effects.learn import Effects, learn
from forecast.effects.state import from_state, to_state
from forecast.models.base import Forecaster
from forecast.models.profile import day_shares, from_records, look_up, to_records, weekday_slot_mean
from forecast.schema import EVENTS
from forecast.settings import Section


class Options(Section):
    """Options of the model."""

    profile_weeks: int = Field(16, ge=1, le=104)
    """Weeks over which the day's shape is averaged."""


class Model(Forecaster):
    """Rate = mean rate x exp(level of the day) x the weekday's share of the day at that time."""

    Options = Options
    _levels: Effects

    def _fit(self, known: pd.DataFrame, last_date: pd.Timestamp) -> None:
        options = cast("Options", self.options)
        self._mean_rate = float(known["y"].sum() / known["open_min"].sum())
        self._levels = cast("Effects", learn(known, EVENTS.empty()))
        self._profile = weekday_slot_mean(day_shares(known), "share", options.profile_weeks)

    def _predict(self, asked: pd.DataFrame) -> np.ndarray:
        cells = cells_of(asked, EVENTS.empty())
        level = self._levels.usual_level(cells.frame)
        return np.asarray(self._mean_rate * np.exp(level)[cells.of] * look_up(self._profile, asked))

    def _state(self) -> dict[str, Any]:
        return {
            "mean_rate": self._mean_rate,
            "levels": to_state(self._levels),
            "profile": to_records(self._profile),
        }

    def _load(self, fitted: Mapping[str, Any]) -> None:
        self._mean_rate = float(fitted["mean_rate"])
        self._levels = from_state(fitted["levels"])
        self._profile = from_records(fitted["profile"])
