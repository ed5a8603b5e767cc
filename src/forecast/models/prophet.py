"""Prophet on daily levels, spread over the day by its shape.

Prophet is fitted to days, on the square root, because a call centre's day shape is a curve of its
own that Fourier terms only blur (``forecast.models.shape``), and because a day is 48 times
cheaper than its half-hours.
Closed days are left out, and what is special about a day comes from FEATURES, never from Prophet's
own holidays.

References
----------
Taylor & Letham (2018), Forecasting at scale. The American Statistician 72(1).
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
import pandas as pd
from pydantic import Field

from forecast.models.base import Forecaster
from forecast.models.levels import Levels
from forecast.models.profile import full_days
from forecast.models.shape import DayShape
from forecast.settings import Section

YEARS_FOR_YEARLY = 2


class Options(Section):
    """Options of the model."""

    changepoint_prior_scale: float = Field(0.02, gt=0, le=10)
    """How easily the trend bends."""
    effect_prior_scale: float = Field(1.0, gt=0, le=10)
    """How large effects of special days may be, relative to the level."""
    shape_days: float = Field(150, ge=7, le=3650)
    """A day so old counts a third of today in the shape of the day."""


class Model(Forecaster):
    """Rate = (Prophet's level of the day)^2 x shape of its weekday at that time."""

    Options = Options

    def _fit(self, known: pd.DataFrame, last_date: pd.Timestamp) -> None:
        options = cast("Options", self.options)
        self._shape = Levels.of(known, shape_days=options.shape_days).shape
        days = _by_day(known.assign(due=self._shape.at(known) * known["open_min"]))
        full = days[days["date"].isin(full_days(known))].reset_index(drop=True)
        effects = _effects(full)
        self._effects = [str(name) for name in effects if effects[name].nunique() > 1]
        with _quiet(), TemporaryDirectory() as folder:
            from prophet import Prophet

            model = Prophet(
                growth="linear",
                yearly_seasonality=_years(full["date"]) >= YEARS_FOR_YEARLY,
                weekly_seasonality=full["weekday"].nunique() > 1,
                daily_seasonality=False,
                changepoint_prior_scale=options.changepoint_prior_scale,
                uncertainty_samples=0,
            )
            for name in self._effects:
                model.add_regressor(name, prior_scale=options.effect_prior_scale, standardize=False)
            frame = effects.assign(ds=full["date"], y=np.sqrt(full["y"] / full["due"]))
            model.fit(frame, seed=self.seed + 1, output_dir=folder)
        # Prophet keeps the arguments; a folder of this run has no place in a saved model.
        model.fit_kwargs = {}
        self._prophet = model

    def _predict(self, asked: pd.DataFrame) -> np.ndarray:
        days = _by_day(asked.assign(due=asked["open_min"]))
        with _quiet():
            frame = _effects(days)[self._effects].assign(ds=days["date"])
            root = self._prophet.predict(frame)["yhat"].to_numpy()
        levels = pd.Series(np.maximum(root, 0.0) ** 2, index=days["date"])
        level = asked["date"].map(levels).to_numpy(dtype="float64")
        return np.asarray(level * self._shape.at(asked))

    def _state(self) -> dict[str, Any]:
        with _quiet():
            from prophet.serialize import model_to_json

        return {
            "prophet": json.loads(model_to_json(self._prophet)),
            "shape": self._shape.to_state(),
            "effects": self._effects,
        }

    def _load(self, fitted: Mapping[str, Any]) -> None:
        with _quiet():
            from prophet.serialize import model_from_json

        self._prophet = model_from_json(json.dumps(fitted["prophet"]))
        self._shape = DayShape.from_state(fitted["shape"])
        self._effects = list(fitted["effects"])


def _by_day(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per date: what came and what was due, and the day's features."""
    firsts = ["weekday", "after_closure", "before_closure", "month_day", "month_left"]
    spec: dict[str, tuple[str, str]] = {name: (name, "first") for name in firsts}
    spec |= {"due": ("due", "sum"), "y": ("y", "sum")}
    return rows.groupby("date").agg(**spec).reset_index()


def _effects(days: pd.DataFrame) -> pd.DataFrame:
    """Return the day features that Prophet has no term for, each between 0 and about 1."""
    return pd.DataFrame(
        {
            "after_closure": days["after_closure"].astype("float64"),
            "before_closure": days["before_closure"].astype("float64"),
            "month_start": np.exp(-(days["month_day"] - 1) / 3.0),
            "month_end": np.exp(-days["month_left"] / 3.0),
        }
    )


def _years(dates: pd.Series) -> float:
    return float((dates.max() - dates.min()).days / 365.25)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back the log lines of Prophet and its sampler, and let them speak again after."""
    loggers = [logging.getLogger(name) for name in ("prophet", "prophet.plot", "cmdstanpy")]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled
