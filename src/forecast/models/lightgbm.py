"""LightGBM on the ratio of an interval's rate to that of the weeks before, directly at each lead.

Trees cannot extrapolate a level, so the target is *rate / base*, where base is the mean rate of the
last four same weekdays that the lead allows; each training row is made as if it had been forecast
at one of several leads, and sees only what was known then.

References
----------
Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree. NeurIPS 30.
"""

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pandas as pd
from pydantic import Field

from forecast.models.base import Forecaster
from forecast.settings import Section

LEADS = (1, 3, 5, 7, 10, 14, 21, 28)
BASE_WEEKS = 4
LEVEL_DAYS = 7
FROM_FEATURES = (
    "weekday",
    "slot_min",
    "gap_days",
    "after_closure",
    "before_closure",
    "month_day",
    "month_left",
    "holiday_open",
)
INPUTS = (*FROM_FEATURES, "lead", "recent_level", "last_ratio")


class Options(Section):
    """Options of the model; the names are LightGBM's own."""

    num_iterations: int = Field(80, ge=1, le=10_000)
    learning_rate: float = Field(0.04, gt=0, le=1)
    num_leaves: int = Field(12, ge=2, le=1024)
    min_data_in_leaf: int = Field(300, ge=1)
    lambda_l2: float = Field(5.0, ge=0)
    feature_fraction: float = Field(0.8, gt=0, le=1)


class Model(Forecaster):
    """Rate = base x LightGBM's ratio."""

    Options = Options
    _booster: Any = None

    def _fit(self, known: pd.DataFrame, last_date: pd.Timestamp) -> None:
        import lightgbm

        self._grid = _RateGrid.of(known, last_date)
        parts = [self._inputs(known, np.full(len(known), lead)) for lead in LEADS]
        rows = pd.concat(parts, ignore_index=True)
        rate = np.tile(known["rate"].to_numpy(), len(LEADS))
        minutes = np.tile(known["open_min"].to_numpy(), len(LEADS))
        usable = (rows["base"] > 0).to_numpy()
        self._booster = None
        if not usable.any():
            return  # nobody ever came, or the history has no two same weekdays: base alone
        data = lightgbm.Dataset(
            rows.loc[usable, list(INPUTS)].to_numpy(),
            label=rate[usable] / rows["base"].to_numpy()[usable],
            weight=(rows["base"].to_numpy() * minutes)[usable],
            params={"verbosity": -1},
            free_raw_data=True,
        )
        self._booster = lightgbm.train(self._settings(), data)

    def _settings(self) -> dict[str, Any]:
        return {
            "objective": "regression",
            "verbosity": -1,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            **self.options.model_dump(),
        }

    def _predict(self, asked: pd.DataFrame) -> np.ndarray:
        lead = (asked["date"] - self._grid.last_date).dt.days.to_numpy()
        rows = self._inputs(asked, np.maximum(lead, 1))
        if self._booster is None:
            return rows["base"].to_numpy()
        ratio = self._booster.predict(rows[list(INPUTS)].to_numpy(), num_threads=1)
        return np.asarray(rows["base"].to_numpy() * cast("np.ndarray", ratio))

    def _inputs(self, rows: pd.DataFrame, lead: np.ndarray) -> pd.DataFrame:
        base, last = self._grid.bases(rows, lead)
        level = self._grid.recent_level(rows["date"], lead)
        with np.errstate(divide="ignore", invalid="ignore"):
            last_ratio = np.where(base > 0, last / base, np.nan)
        return (
            rows[list(FROM_FEATURES)]
            .astype("float64")
            .assign(lead=lead, recent_level=level, last_ratio=last_ratio, base=base)
        )

    def _state(self) -> dict[str, Any]:
        text = self._booster.model_to_string() if self._booster is not None else None
        return {"booster": text, "grid": self._grid.state()}

    def _load(self, fitted: Mapping[str, Any]) -> None:
        import lightgbm

        text = fitted["booster"]
        self._booster = lightgbm.Booster(model_str=text) if text is not None else None
        self._grid = _RateGrid.load(fitted["grid"])


class _RateGrid:
    """Rates by day and time of day, as a matrix over consecutive dates (NaN where unknown)."""

    def __init__(self, rates: np.ndarray, slots: np.ndarray, last_date: pd.Timestamp) -> None:
        self.rates = rates
        self.slots = slots
        self.last_date = last_date
        self._first = last_date - pd.Timedelta(days=len(rates) - 1)

    @classmethod
    def of(cls, known: pd.DataFrame, last_date: pd.Timestamp) -> "_RateGrid":
        table = known.pivot_table(index="date", columns="slot_min", values="rate", aggfunc="mean")
        dates = pd.date_range(known["date"].min(), last_date, freq="D", unit="us")
        return cls(table.reindex(dates).to_numpy(), table.columns.to_numpy(), last_date)

    def _row(self, date: pd.Series) -> np.ndarray:
        return np.asarray((date - self._first).dt.days)

    def bases(self, rows: pd.DataFrame, lead: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean of the last same weekdays that the lead allows, and the last of them."""
        day, weeks = self._row(rows["date"]), np.ceil(lead / 7).astype(int)
        at = np.searchsorted(self.slots, rows["slot_min"].to_numpy()).clip(0, len(self.slots) - 1)
        known_slot = self.slots[at] == rows["slot_min"].to_numpy()
        lags = [day - 7 * (weeks + k) for k in range(BASE_WEEKS)]
        padded = np.vstack([self.rates, np.full(self.rates.shape[1], np.nan)])
        outside = len(self.rates)
        values = np.array(
            [padded[np.where((lag >= 0) & (lag < outside), lag, outside), at] for lag in lags]
        )
        values = np.where(known_slot, values, np.nan)
        return _mean(values), values[0]

    def recent_level(self, date: pd.Series, lead: np.ndarray) -> np.ndarray:
        """Return how busy the last known days were relative to the same weekdays before them."""
        day_rate = _mean(self.rates.T)
        earlier = np.array([_shifted(day_rate, 7 * k) for k in range(1, BASE_WEEKS + 1)])
        ratio = day_rate / _mean(earlier)
        levels = pd.Series(ratio).rolling(LEVEL_DAYS, min_periods=1).mean().to_numpy()
        at = self._row(date) - lead
        return np.where((at >= 0) & (at < len(levels)), levels[at.clip(0, len(levels) - 1)], np.nan)

    def state(self) -> dict[str, Any]:
        rates = [[None if np.isnan(v) else float(v) for v in row] for row in self.rates]
        return {
            "rates": rates,
            "slots": self.slots.tolist(),
            "last_date": str(self.last_date.date()),
        }

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> "_RateGrid":
        rates = np.array(state["rates"], dtype="float64")
        return cls(rates, np.array(state["slots"]), pd.Timestamp(state["last_date"]).as_unit("us"))


def _mean(values: np.ndarray) -> np.ndarray:
    """Return the mean over the first axis of what is known, NaN where nothing is."""
    count = (~np.isnan(values)).sum(axis=0)
    total = np.nansum(values, axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _shifted(values: np.ndarray, by: int) -> np.ndarray:
    out = np.full(len(values), np.nan)
    if by < len(values):
        out[by:] = values[: len(values) - by]
    return out
