"""Levels of days and the shape of a day, fitted to one history: what several models stand on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.effects.cells import cells_of
from forecast.effects.learn import REMEMBERED_DAYS, Effects, learn, one_thread
from forecast.effects.state import from_state, to_state
from forecast.models.shape import DayShape
from forecast.schema import EVENTS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Levels:
    """Mean rate, levels of the days (a Gaussian process) and the shape of a day."""

    mean_rate: float
    effects: Effects
    shape: DayShape

    @classmethod
    def of(cls, known: pd.DataFrame, *, shape_days: float) -> "Levels":
        """Return the levels and the shape of open, reported intervals of one series."""
        recent = known[known["date"] > known["date"].max() - pd.Timedelta(days=REMEMBERED_DAYS)]
        recent = recent.sort_values("ds")
        effects = cast("Effects", learn(recent, EVENTS.empty()))
        mean_rate = float(recent["y"].sum() / recent["open_min"].sum())
        level = effects.observed_level[cells_of(recent, EVENTS.empty()).of]
        due = np.maximum(mean_rate * np.exp(level) * recent["open_min"].to_numpy(), 1e-9)
        with one_thread():
            shape = DayShape.of(recent, due, memory_days=shape_days)
        return cls(mean_rate, effects, shape)

    def rate(self, asked: pd.DataFrame) -> Floats:
        """Return the expected rate per open minute of intervals."""
        cells = cells_of(asked, EVENTS.empty())
        level = self.effects.usual_level(cells.frame)
        return np.asarray(self.mean_rate * np.exp(level)[cells.of] * self.shape.at(asked))

    def to_state(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "mean_rate": self.mean_rate,
            "effects": to_state(self.effects),
            "shape": self.shape.to_state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Levels":
        """Return the levels that ``to_state`` gave."""
        return cls(
            float(state["mean_rate"]),
            from_state(state["effects"]),
            DayShape.from_state(state["shape"]),
        )
