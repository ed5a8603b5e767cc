"""Mean of the last k same weekdays, interval by interval: what most planners do by hand."""

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pandas as pd
from pydantic import Field

from forecast.models.base import Forecaster
from forecast.models.profile import from_records, look_up, to_records, weekday_slot_mean
from forecast.settings import Section


class Options(Section):
    """Options of the model."""

    weeks: int = Field(6, ge=1, le=52)
    """How many of the last reported same weekdays are averaged."""


class SameWeekday(Forecaster):
    """A model that is a table of rates by weekday and time of day."""

    _profile: pd.Series

    def _predict(self, asked: pd.DataFrame) -> np.ndarray:
        return look_up(self._profile, asked)

    def _state(self) -> dict[str, Any]:
        return {"profile": to_records(self._profile)}

    def _load(self, fitted: Mapping[str, Any]) -> None:
        self._profile = from_records(fitted["profile"])


class Model(SameWeekday):
    """Rate of an interval = mean rate of the last ``weeks`` same weekdays at the same time."""

    Options = Options

    def _fit(self, known: pd.DataFrame, last_date: pd.Timestamp) -> None:
        self._profile = weekday_slot_mean(known, cast("Options", self.options).weeks)
