"""LightGBM on what a time of day has beside its shape and the level of the last weeks.

Trees cannot extrapolate a level, so the target is *count / base*, where base is the day's shape
(``forecast.models.levels``) at the level of the last weeks. Each training row is made as if it had
been forecast at one of several leads, and of the levels sees only what was known then.

References
----------
Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree. NeurIPS 30.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from forecast.models.base import Forecaster
from forecast.models.levels import Levels
from forecast.settings import Section

Floats = npt.NDArray[np.float64]
LEADS = (1, 2, 4, 7, 10, 14, 21, 28)
FADING = {"days": 0.5, "week": 0.15, "month": 0.04}
"""Levels of the last days, week and month: the weight of the newest day in each."""
BASE = "month"
SAME_WEEKDAYS = 2
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
INPUTS = (
    *FROM_FEATURES,
    "lead",
    *(f"level_{name}" for name in FADING if name != BASE),
    *(f"same_weekday_{k + 1}" for k in range(SAME_WEEKDAYS)),
)


class Options(Section):
    """Options of the model; the names are LightGBM's own."""

    num_iterations: int = Field(120, ge=1, le=10_000)
    learning_rate: float = Field(0.04, gt=0, le=1)
    num_leaves: int = Field(6, ge=2, le=1024)
    min_data_in_leaf: int = Field(300, ge=1)
    lambda_l2: float = Field(5.0, ge=0)
    feature_fraction: float = Field(0.8, gt=0, le=1)
    shape_days: float = Field(150, ge=7, le=3650)
    """A day so old counts a third of today in the shape of the day."""


class Model(Forecaster):
    """Rate = shape x level of the last weeks x LightGBM's ratio."""

    Options = Options
    _booster: Any = None

    def _fit(self, known: pd.DataFrame, last_date: pd.Timestamp) -> None:
        import lightgbm

        options = cast("Options", self.options)
        self._levels = Levels.of(known, shape_days=options.shape_days)
        due = self._due(known)
        self._past = _Past.of(known, due, last_date)
        rows = [self._past.inputs(known, np.full(len(known), lead)) for lead in LEADS]
        base = np.concatenate([due * level for _, level in rows])
        count = np.tile(known["y"].to_numpy(dtype="float64"), len(LEADS))
        usable = base > 0
        self._booster = None
        if not usable.any():
            return  # nobody ever came, or the history is one day long: the shape alone
        data = lightgbm.Dataset(
            np.concatenate([inputs for inputs, _ in rows])[usable],
            label=count[usable] / base[usable],
            weight=base[usable],
            feature_name=list(INPUTS),
            params={"verbosity": -1},
            free_raw_data=True,
        )
        self._booster = lightgbm.train(self._settings(), data)

    def _due(self, rows: pd.DataFrame) -> Floats:
        shape = self._levels.mean_rate * self._levels.shape.at(rows)
        return np.asarray(shape * rows["open_min"].to_numpy(dtype="float64"))

    def _settings(self) -> dict[str, Any]:
        # Least squares of ratios, weighted by what is due, is the count's own weighting: a ratio
        # varies as one over it.
        return {
            "objective": "regression",
            "verbosity": -1,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            **self.options.model_dump(exclude={"shape_days"}),
        }

    def contributions(self, asked: pd.DataFrame) -> pd.DataFrame:
        """Return by how much each input moves the ratio to the base, interval by interval.

        Rows are ``asked``'s, columns the inputs; with the mean ratio of the history they sum to the
        ratio that is forecast.

        References
        ----------
        Lundberg et al. (2020), From local explanations to global understanding with explainable AI
        for trees. Nature Machine Intelligence 2 (SHAP values, as LightGBM computes them).
        """
        inputs, _ = self._asked(asked)
        if self._booster is None:
            return inputs * 0.0
        shap = self._booster.predict(inputs.to_numpy(), pred_contrib=True, num_threads=1)
        return pd.DataFrame(shap[:, :-1], columns=inputs.columns, index=inputs.index)

    def _asked(self, asked: pd.DataFrame) -> tuple[pd.DataFrame, Floats]:
        """Return what the trees see of intervals after the history, and the base they multiply.

        The base is a rate per open minute.
        """
        lead = np.maximum((asked["date"] - self._past.last_date).dt.days.to_numpy(), 1)
        inputs, level = self._past.inputs(asked, lead)
        shape = self._levels.mean_rate * self._levels.shape.at(asked)
        return pd.DataFrame(inputs, columns=list(INPUTS), index=asked.index), shape * level

    def _predict(self, asked: pd.DataFrame) -> np.ndarray:
        inputs, base = self._asked(asked)
        if self._booster is None:
            return base
        ratio = cast("np.ndarray", self._booster.predict(inputs.to_numpy(), num_threads=1))
        return np.asarray(base * ratio)

    def _state(self) -> dict[str, Any]:
        text = self._booster.model_to_string() if self._booster is not None else None
        return {"booster": text, "levels": self._levels.to_state(), "past": self._past.state()}

    def _load(self, fitted: Mapping[str, Any]) -> None:
        import lightgbm

        text = fitted["booster"]
        self._booster = lightgbm.Booster(model_str=text) if text is not None else None
        self._levels = Levels.from_state(fitted["levels"])
        self._past = _Past.load(fitted["past"])


@dataclass(frozen=True)
class _Past:
    """Counts of consecutive days beside what their shape alone lets expect (0: not reported)."""

    came: Floats
    due: Floats
    last_date: pd.Timestamp

    @classmethod
    def of(cls, known: pd.DataFrame, due: Floats, last_date: pd.Timestamp) -> "_Past":
        day = (known["date"] - known["date"].min()).dt.days.to_numpy()
        days = int((last_date - known["date"].min()).days) + 1
        came = np.bincount(day, known["y"].to_numpy(dtype="float64"), days)
        return cls(np.asarray(came), np.asarray(np.bincount(day, due, days)), last_date)

    def inputs(self, rows: pd.DataFrame, lead: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """Return the trees' inputs of rows forecast at leads, and the level that is their base.

        Where the lead reaches behind the history the level is 1.
        """
        day = (rows["date"] - self.last_date).dt.days.to_numpy() + len(self.came) - 1
        at = day - lead
        levels = {name: _looked_up(self._faded(a), at, 1.0) for name, a in FADING.items()}
        base = levels.pop(BASE)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(self.due > 0, self.came / self.due, np.nan)
            recent = [np.log(level / base) for level in levels.values()]
            weeks = np.ceil(lead / 7).astype(int)
            lags = [
                _looked_up(ratio, day - 7 * (weeks + k), np.nan) / base
                for k in range(SAME_WEEKDAYS)
            ]
        given = rows[list(FROM_FEATURES)].to_numpy(dtype="float64")
        return np.column_stack([given, lead, *recent, *lags]), base

    def _faded(self, newest: float) -> Floats:
        """Return the level after each day: counts over what was due, older days fading."""
        out = np.ones(len(self.came))
        prior = max(float(self.due.mean()), 1e-9) * 0.01
        came = due = prior
        for day, (y, e) in enumerate(zip(self.came, self.due, strict=True)):
            if e > 0:
                came, due = came * (1 - newest) + y, due * (1 - newest) + e
            out[day] = came / due
        return out

    def state(self) -> dict[str, Any]:
        return {
            "came": self.came.tolist(),
            "due": self.due.tolist(),
            "last_date": str(self.last_date.date()),
        }

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> "_Past":
        came, due = (np.array(state[name], dtype="float64") for name in ("came", "due"))
        return cls(came, due, pd.Timestamp(state["last_date"]).as_unit("us"))


def _looked_up(values: Floats, at: npt.NDArray[Any], outside: float) -> Floats:
    inside = (at >= 0) & (at < len(values))
    return np.where(inside, values[np.clip(at, 0, len(values) - 1)], outside)
