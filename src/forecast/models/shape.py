"""The shape of a day: how much busier or quieter each weekday's times of day usually are.

The logarithm of what a time of day has beside its day's level is a Gaussian process over weekday
and time: a smooth curve that all weekdays share, the weekday's own smooth curve, and what each
differs from them from one interval to the next. Counts are Poisson, and a little more uncertain
than that from day to day; old days count less. Where calls are few, a weekday is drawn to the
others and an interval to its neighbours; where they are many, it speaks for itself. How much each
part counts is learned from the history.

References
----------
Rasmussen & Williams (2006), Gaussian processes for machine learning, 3.4 (Laplace) and 5.4.
Shen & Huang (2008), Interday forecasting and intraday updating of call center arrivals.
Manufacturing & Service Operations Management 10(3) (levels of days times profiles).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import Bounds, minimize
from scipy.special import ndtri

Floats = npt.NDArray[np.float64]
KEYS = ["weekday", "slot_min"]
NORMAL = float(ndtri(0.95))
SMOOTH_MIN, ROUGH_MIN = 90.0, 45.0
"""Minutes over which the smooth and the rough part of a shape are alike."""
MEAN_SD = 2.0
EXPECTED_SD = {
    "smooth": 1.0,
    "rough": 0.25,
    "weekday smooth": 0.25,
    "weekday rough": 0.05,
    "day": 0.03,
}
"""Standard deviations, on the log scale, before any history is seen; ``day`` is how much an
interval's share differs from day to day beside chance."""
PRIOR_LOG_SD = 0.75
"""How far they may lie from that: the standard deviation of the logarithm."""
FARTHEST, STEADY = 3.0, 1e-8
"""The most that the logarithm may differ, and variance added to all that is seen: millions of
contacts would else leave none."""
LEARN_AT, MAX_ROUNDS, MAX_STEPS = (1, 3), 25, 12
NEAR_ENOUGH = 1e-4
LEAST, MOST = -12.0, 6.0
"""Bounds of the log shape: nobody calls, four hundred times the mean."""


@dataclass(frozen=True)
class _Seen:
    """Counts by weekday and time of day, weighted: what came, what was due, and its variance.

    ``due`` is what the days' levels alone let expect, ``chance`` the variance of ``came`` where the
    shape is 1, and ``repeats`` the variance of the mean over days in units of one day's.
    """

    keys: pd.MultiIndex
    came: Floats
    due: Floats
    chance: Floats
    repeats: Floats


@dataclass(frozen=True)
class DayShape:
    """A fitted shape: the log shape is a weighted sum of how alike times are to those seen.

    ``sd`` is the standard deviation of the log shape at the times seen.
    """

    keys: pd.MultiIndex
    pull: Floats
    scales: dict[str, float]
    sd: Floats

    @classmethod
    def of(cls, known: pd.DataFrame, due: Floats, *, memory_days: float) -> "DayShape":
        """Return the shape that counts beside their days' levels have.

        Parameters
        ----------
        known
            Open, reported intervals of FEATURES of one series.
        due
            The count of each that its day's level alone lets expect.
        memory_days
            A day so old counts a third of today.
        """
        seen = _seen(known, due, memory_days)
        parts = _alike(seen.keys, seen.keys)
        names = list(EXPECTED_SD)
        log_sd = np.log([EXPECTED_SD[name] for name in names])
        eta, pull = np.zeros((2, len(seen.keys)))
        for number in range(MAX_ROUNDS):
            # Laplace: the counts as normal around the shape of the round before.
            expected = np.maximum(seen.due * np.exp(eta), 1e-9)
            working = eta + (seen.came - expected) / expected
            chance = seen.chance * np.exp(eta) / expected**2
            if number in LEARN_AT:
                log_sd = _learned(working, chance, seen.repeats, parts, log_sd)
            prior, noise = _covariance(parts, log_sd), np.exp(2 * log_sd[-1]) * seen.repeats
            total = prior + np.diag(chance + noise + STEADY)
            factor = cho_factor(total, lower=True, check_finite=False)
            pull = cho_solve(factor, working)
            before, eta = eta, np.clip(prior @ pull, LEAST, MOST)
            if number > max(LEARN_AT) and np.abs(eta - before).max() < NEAR_ENOUGH:
                break
        variance = np.diag(prior) - (prior * cho_solve(factor, prior)).sum(axis=0)
        scales = dict(zip(names, np.exp(log_sd).tolist(), strict=True))
        return cls(seen.keys, np.asarray(pull), scales, np.sqrt(np.maximum(variance, 0.0)))

    def at(self, asked: pd.DataFrame) -> Floats:
        """Return the factor on the day's level at each interval's weekday and time of day."""
        code, keys = _coded(asked)
        log_sd = np.log([self.scales[name] for name in EXPECTED_SD])
        cross = _covariance(_alike(keys, self.keys), log_sd)
        return np.asarray(np.exp(np.clip(cross @ self.pull, LEAST, MOST))[code])

    def bands(self, asked: pd.DataFrame) -> pd.DataFrame:
        """Return ``factor`` on the day's level, ``factor_q05`` and ``factor_q95``, by interval.

        The band is empty at times that the history has not seen.
        """
        code, keys = _coded(asked)
        factor, far = self.at(asked), NORMAL * pd.Series(self.sd, self.keys).reindex(keys)
        spread = far.to_numpy()[code]
        told = {"factor": factor, "factor_q05": factor * np.exp(-spread)}
        return pd.DataFrame({**told, "factor_q95": factor * np.exp(spread)}, index=asked.index)

    def to_state(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        keys = [[int(day), int(slot)] for day, slot in self.keys]
        told = {"keys": keys, "pull": self.pull.tolist(), "sd": self.sd.tolist()}
        return {**told, "scales": dict(self.scales)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "DayShape":
        """Return the shape that ``to_state`` gave."""
        keys = pd.MultiIndex.from_tuples([tuple(key) for key in state["keys"]], names=KEYS)
        pull, sd = (np.array(state[name], dtype="float64") for name in ("pull", "sd"))
        return cls(keys, pull, dict(state["scales"]), sd)


def _seen(known: pd.DataFrame, due: Floats, memory_days: float) -> _Seen:
    age = (known["date"].max() - known["date"]).dt.days.to_numpy(dtype="float64")
    weight = np.exp(-age / memory_days)
    code, keys = _coded(known)

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(code, values, len(keys)), dtype="float64")

    came = summed(weight * known["y"].to_numpy(dtype="float64"))
    repeats = summed(weight**2) / summed(weight) ** 2
    return _Seen(keys, came, summed(weight * due), summed(weight**2 * due), repeats)


def _coded(rows: pd.DataFrame) -> tuple[npt.NDArray[np.intp], pd.MultiIndex]:
    """Return the different weekdays and times of rows, and which of them each row has."""
    found: Any = pd.MultiIndex.from_frame(rows[KEYS]).factorize()
    code, keys = found
    return code, keys


def _alike(one: pd.MultiIndex, two: pd.MultiIndex) -> list[Floats]:
    """Return how alike weekdays and times are, part by part, at scale 1."""
    day, other_day = (k.get_level_values(0).to_numpy() for k in (one, two))
    slot, other = (k.get_level_values(1).to_numpy(dtype="float64") for k in (one, two))
    apart = np.abs(slot[:, None] - other[None, :])
    smooth, rough = np.exp(-0.5 * (apart / SMOOTH_MIN) ** 2), np.exp(-apart / ROUGH_MIN)
    same = (day[:, None] == other_day[None, :]).astype("float64")
    return [smooth, rough, same * smooth, same * rough]


def _covariance(parts: list[Floats], log_sd: Floats) -> Floats:
    total = np.full_like(parts[0], MEAN_SD**2)
    for size, part in zip(np.exp(2 * log_sd[: len(parts)]), parts, strict=True):
        total += size * part
    return total


def _learned(
    working: Floats, chance: Floats, repeats: Floats, parts: list[Floats], start: Floats
) -> Floats:
    """Return the most probable logarithms of the standard deviations (marginal likelihood)."""
    expected = np.log(list(EXPECTED_SD.values()))

    def loss(log_sd: Any) -> tuple[float, Floats]:
        size = np.exp(2 * log_sd)
        total = _covariance(parts, log_sd) + np.diag(chance + size[-1] * repeats + STEADY)
        factor = cho_factor(total, lower=True, overwrite_a=True, check_finite=False)
        inverse = cho_solve(factor, np.eye(len(working)), check_finite=False)
        alpha = inverse @ working
        off = (log_sd - expected) / PRIOR_LOG_SD
        value = 0.5 * working @ alpha + np.log(np.diag(factor[0])).sum() + 0.5 * off @ off
        slope = [np.vdot(inverse, part) - alpha @ part @ alpha for part in parts]
        slope.append(np.diag(inverse) @ repeats - alpha**2 @ repeats)
        return float(value), np.asarray(slope) * size + off / PRIOR_LOG_SD

    # A long step of the search may else end where the covariance is none in floating point.
    bounds: Any = Bounds(expected - FARTHEST, expected + FARTHEST)
    steps: Any = {"maxiter": MAX_STEPS}
    found: Any = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=steps)
    return np.asarray(found.x, dtype="float64")
