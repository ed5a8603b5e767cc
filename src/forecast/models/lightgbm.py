"""LightGBM on what a time of day has beside its shape and the level of the last weeks.

Trees cannot extrapolate a level, so the target is *count / base*, where base is the day's shape
(``forecast.models.levels``) at the level of the last weeks. Each training row is made as if it had
been forecast at one of several leads, and of the levels sees only what was known then.

A ratio means the same for every queue, so a centre's queues can be learned from together as well:
the ratio is then a mean of what the queue's own trees say and what those of all queues say, which
are told how busy each is.

References
----------
Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree. NeurIPS 30.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from forecast.models.base import Forecaster, usable
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

SIZE = "size"
"""How busy a queue is (the logarithm of its rate): an input of the trees of all queues alone."""


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
    together: float = Field(0.0, ge=0, le=1)
    """Weight of the trees of all queues beside the queue's own; 0: each queue by itself."""
    together_rows: int = Field(500_000, ge=1000)
    """About so many rows of all queues are learned from; of more a share is drawn."""


class Model(Forecaster):
    """Rate = shape x level of the last weeks x LightGBM's ratio."""

    Options = Options
    _own: Any = None
    _shared: Any = None

    def _fit(self, known: pd.DataFrame, last_date: pd.Timestamp) -> None:
        options = cast("Options", self.options)
        self._levels = Levels.of(known, shape_days=options.shape_days)
        self._past = _Past.of(known, self._due(known), last_date)
        self._own, self._shared = self._trained([self._rows(known)], INPUTS), None

    @classmethod
    def fit_together(
        cls, options: Section, trains: Sequence[pd.DataFrame], *, seed: int
    ) -> list[Self]:
        """Return one model for each series, with trees of its own and trees of all together."""
        made = super().fit_together(options, trains, seed=seed)
        given = cast("Options", options)
        if len(made) < 2 or given.together == 0:
            return made
        known = [usable(train) for train in trains]
        share = given.together_rows / (len(LEADS) * sum(map(len, known)))
        rows = []
        for model, own in zip(made, known, strict=True):
            inputs, ratio, due = model._rows(own, share=share)
            rows.append((model._with_size(inputs), ratio, due))
        shared = made[0]._trained(rows, (*INPUTS, SIZE))
        for model in made:
            model._shared = shared
        return made

    def _rows(self, known: pd.DataFrame, *, share: float = 1.0) -> tuple[Floats, Floats, Floats]:
        """Return inputs, ratios and what was due of intervals as if forecast at each lead.

        Of each lead a share of the intervals is drawn.
        """
        rng = np.random.default_rng(self.seed)
        count, due = known["y"].to_numpy(dtype="float64"), self._due(known)
        inputs, ratio, weight = [], [], []
        for lead in LEADS:
            drawn = np.ones(len(due), dtype=bool) if share >= 1 else rng.random(len(due)) < share
            seen, level = self._past.inputs(known[drawn], np.full(drawn.sum(), lead))
            base = due[drawn] * level
            some = base > 0
            inputs.append(seen[some])
            ratio.append(count[drawn][some] / base[some])
            weight.append(base[some])
        return np.concatenate(inputs), np.concatenate(ratio), np.concatenate(weight)

    def _with_size(self, inputs: Floats) -> Floats:
        size = np.log(max(self._levels.mean_rate, 1e-9))
        return np.column_stack([inputs, np.full(len(inputs), size)])

    def _trained(self, rows: Sequence[tuple[Floats, Floats, Floats]], names: Sequence[str]) -> Any:
        """Return trees of inputs, ratios and weights; None where there are none.

        That is where nobody ever came, or the history is one day long: the shape alone is left.
        """
        import lightgbm

        inputs, ratio, due = (np.concatenate(parts) for parts in zip(*rows, strict=True))
        if not len(ratio):
            return None
        data = lightgbm.Dataset(
            inputs,
            label=ratio,
            weight=due,
            feature_name=list(names),
            params={"verbosity": -1},
            free_raw_data=True,
        )
        return lightgbm.train(self._settings(), data)

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
            **self.options.model_dump(exclude={"shape_days", "together", "together_rows"}),
        }

    def contributions(self, asked: pd.DataFrame) -> pd.DataFrame:
        """Return by how much each input moves the ratio to the base, interval by interval.

        Rows are ``asked``'s, columns the inputs; with a constant, about 1, which is what the trees
        say of the history on average, they sum to the ratio that is forecast.

        References
        ----------
        Lundberg et al. (2020), From local explanations to global understanding with explainable AI
        for trees. Nature Machine Intelligence 2 (SHAP values, as LightGBM computes them).
        """
        inputs, _ = self._asked(asked)
        out = np.zeros((len(inputs), len(INPUTS) + 1))
        for trees, weight, seen in self._trees(inputs):
            shap = trees.predict(seen, pred_contrib=True, num_threads=1)[:, :-1]
            out[:, : shap.shape[1]] += weight * shap
        return pd.DataFrame(out, columns=[*INPUTS, SIZE], index=asked.index)

    def _trees(self, inputs: Floats) -> list[tuple[Any, float, Floats]]:
        """Return the trees that were learned, the weight of each, and the inputs that they take."""
        if self._own is None:
            return []
        share = cast("Options", self.options).together if self._shared is not None else 0.0
        found = [(self._own, 1 - share, inputs), (self._shared, share, self._with_size(inputs))]
        return [one for one in found if one[0] is not None]

    def _asked(self, asked: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return what the trees see of intervals after the history, and the base they multiply.

        The base is a rate per open minute.
        """
        lead = np.maximum((asked["date"] - self._past.last_date).dt.days.to_numpy(), 1)
        inputs, level = self._past.inputs(asked, lead)
        shape = self._levels.mean_rate * self._levels.shape.at(asked)
        return inputs, shape * level

    def _predict(self, asked: pd.DataFrame) -> np.ndarray:
        inputs, base = self._asked(asked)
        trees = self._trees(inputs)
        if not trees:
            return base
        ratio = sum(weight * t.predict(seen, num_threads=1) for t, weight, seen in trees)
        return np.asarray(base * ratio)

    def _state(self) -> dict[str, Any]:
        return {
            "own": _text(self._own),
            "shared": _text(self._shared),
            "levels": self._levels.to_state(),
            "past": self._past.state(),
        }

    def _load(self, fitted: Mapping[str, Any]) -> None:
        self._own, self._shared = _restored(fitted["own"]), _restored(fitted["shared"])
        self._levels = Levels.from_state(fitted["levels"])
        self._past = _Past.load(fitted["past"])


def _text(trees: Any) -> str | None:
    return None if trees is None else str(trees.model_to_string())


def _restored(text: str | None) -> Any:
    import lightgbm

    return None if text is None else lightgbm.Booster(model_str=text)


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
