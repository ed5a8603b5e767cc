"""Peers of the intraday benchmark: what else a planner could do with the morning's counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.distribution import root
from forecast.schema import QUANTILES, as_known

LEVELS = np.array(list(QUANTILES.values()))
EARLY = 0.6
"""Share of the days that teach."""
NONE, SHEN = "no update", "profile scores, penalised least squares"
TRIMMED = 0.98
RANKS, PENALTIES = (1, 2, 3, 4), (0.1, 0.3, 1.0, 3.0, 10.0)


@dataclass(frozen=True)
class Queue:
    """One series: its whole days as forecast at their start, its FEATURES and all its forecasts."""

    name: str
    days: list[pd.DataFrame]
    features: pd.DataFrame
    past: pd.DataFrame

    def parts(self) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
        """Return the early days, which teach, and the late ones, which are reported on."""
        at = int(EARLY * len(self.days))
        return self.days[:at], self.days[at:]


def seen_of(day: pd.DataFrame, share: float) -> int:
    """Return how many of a day's intervals have passed."""
    return int(np.ceil(share * len(day)))


class Profiles(NamedTuple):
    """Shapes of days' errors on the root scale, and how much their scores are shrunk."""

    shapes: pd.DataFrame
    penalty: float

    @classmethod
    def of(cls, days: Sequence[pd.DataFrame], share: float) -> "Profiles":
        """Return the shapes of the early days; rank and penalty judged on their second half.

        References
        ----------
        Shen & Huang (2008), Interday forecasting and intraday updating of call center arrivals.
        Manufacturing & Service Operations Management 10(3) (penalised least squares update).
        """
        errors = pd.DataFrame({d["date"].iloc[0]: _errors(d) for d in days}).T.fillna(0.0)
        half = len(errors) // 2
        best = None
        for rank in RANKS:
            shapes = _shapes(errors.iloc[:half], rank)
            for penalty in PENALTIES:
                tried = cls(shapes, penalty)
                loss = sum(_squares(tried, day, share) for day in days[half:])
                if best is None or loss < best[0]:
                    best = loss, rank, penalty
        assert best is not None
        return cls(_shapes(errors, best[1]), best[2])

    def rest(self, day: pd.DataFrame, at: int) -> np.ndarray:
        """Return the means of a day's rest."""
        shapes = self.shapes.reindex(day["slot_min"]).fillna(0.0).to_numpy()
        known = shapes[:at]
        ridge = known.T @ known + self.penalty * np.eye(shapes.shape[1])
        scores = np.linalg.solve(ridge, known.T @ _errors(day).to_numpy()[:at])
        moved = root(day["mean"].to_numpy()[at:]) + shapes[at:] @ scores
        return np.asarray(np.maximum(np.maximum(moved, 0) ** 2 - 0.375, 0))


def _errors(day: pd.DataFrame) -> pd.Series:
    error = root(day["y"].to_numpy()) - root(day["mean"].to_numpy())
    return pd.Series(error, index=day["slot_min"].to_numpy())


def _shapes(errors: pd.DataFrame, rank: int) -> pd.DataFrame:
    right = np.linalg.svd(errors.to_numpy(), full_matrices=False)[2]
    return pd.DataFrame(right[:rank].T, index=errors.columns)


def _squares(profiles: Profiles, day: pd.DataFrame, share: float) -> float:
    at = seen_of(day, share)
    error = root(profiles.rest(day, at)) - root(day["y"].to_numpy()[at:])
    return float((error**2).sum())


def peers_of(queue: Queue, share: float) -> dict[str, Callable[[pd.DataFrame], np.ndarray]]:
    """Return each peer's means of the rest of a day."""
    profiles = Profiles.of(queue.parts()[0], share)
    known = as_known(queue.features)
    came = known[known["open_min"] > 0].set_index(["date", "slot_min"])["y"]

    def by_ratio(day: pd.DataFrame, trust: float) -> np.ndarray:
        at = seen_of(day, share)
        ratio = day["y"][:at].sum() / max(day["mean"][:at].sum(), 1e-9)
        return np.asarray(day["mean"][at:] * (1 + trust * (ratio - 1)))

    def last_week(day: pd.DataFrame) -> np.ndarray:
        rest = day[seen_of(day, share) :]
        at = pd.MultiIndex.from_arrays([rest["date"] - pd.Timedelta(days=7), rest["slot_min"]])
        before = came.reindex(at).to_numpy()
        return np.where(np.isnan(before), rest["mean"], before)

    return {
        NONE: lambda day: by_ratio(day, 0.0),
        "ratio of seen to forecast": lambda day: by_ratio(day, 1.0),
        "half-way to the ratio": lambda day: by_ratio(day, 0.5),
        SHEN: lambda day: profiles.rest(day, seen_of(day, share)),
        "last week's rest": last_week,
    }


class Spread(NamedTuple):
    """How far a peer was off on the root scale, in units of (1 + phi x mean)^0.5 / 2."""

    phi: float
    errors: np.ndarray

    @classmethod
    def of(cls, pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> "Spread":
        """Return the spread of means and counts of some past days."""
        mean, y = (np.concatenate(column) for column in zip(*pairs, strict=True))
        off = root(y) - root(mean)
        usual = off**2 <= np.quantile(off**2, TRIMMED)
        phi = (4 * off[usual] ** 2 - 1).sum() / max(mean[usual].sum(), 1e-9)
        phi = max(float(phi), 0.0)
        return cls(phi, np.quantile(2 * off / np.sqrt(1 + phi * mean), LEVELS))

    def quantiles(self, mean: np.ndarray) -> np.ndarray:
        """Return the quantiles around means (means x levels)."""
        wide = np.sqrt(1 + self.phi * mean) / 2
        at = root(mean)[:, None] + wide[:, None] * self.errors
        return np.asarray(np.maximum(np.maximum(at, 0) ** 2 - 0.375, 0))
