"""Means and past errors -> quantiles and joint sample paths.

Calls are counts around a rate that is itself uncertain. On the square root the two parts separate:
with a relative rate variance ``phi``, Var(sqrt(Y)) is close to (1 + phi * mean) / 4, where the 1 is
the Poisson part. Past errors divided by that spread have one shape for night and noon alike; its
empirical quantiles calibrate the forecast.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri
from scipy.stats import norm, t

from forecast.schema import PATHS, QUANTILES, SERIES

_ANSCOMBE = 3.0 / 8.0
_SHAPE_LEVELS = (np.arange(200) + 0.5) / 200
_MAX_CORRELATION = 0.98
MIN_SLOTS = 4
MIN_CLASS = 100
_VOLUME_EDGES = np.array([2.0, 10.0])
MIN_COMMON_DAYS = 10


def root(count: np.ndarray) -> np.ndarray:
    """Return the square root at which a Poisson count has variance close to 1/4.

    References
    ----------
    Anscombe (1948), The transformation of Poisson, binomial and negative-binomial data.
    Biometrika 35.
    """
    return np.asarray(np.sqrt(np.asarray(count, dtype="float64") + _ANSCOMBE))


@dataclass(frozen=True)
class Calibration:
    """How far counts fell from a model's means: rate variance and the shape of the errors.

    ``phi`` is the variance of the rate relative to its square; ``shape`` holds the standardised
    errors at the levels 0.0025, 0.0075, ..., 0.9975; ``n`` says over how many errors; ``wider`` is
    the factor on the rate's part of the spread that few periods ask for; ``scale`` are factors by
    volume class (means up to 2, up to 10, above: 1) that make the calibrated means of the past sum
    to what came: counts of 0 and 1 have no smooth shape.
    """

    phi: float
    shape: tuple[float, ...]
    n: int
    wider: float = 1.0
    scale: tuple[float, ...] = (1.0, 1.0, 1.0)

    @classmethod
    def of(
        cls, mean: np.ndarray, y: np.ndarray, effect_var: np.ndarray, *, periods: float
    ) -> "Calibration":
        """Return the calibration that past means and counts give.

        Parameters
        ----------
        mean, y
            What the model expected and what came, interval by interval.
        effect_var
            Relative variance that the effects of events had beside: it is not the model's.
        periods
            Over how many independent periods the errors were seen. Thousands of intervals two to
            four weeks ahead may come from three such periods, each with one level error of its own;
            the rate's part of the spread is then widened as Student's t widens it. The Poisson part
            is known, and stays: small counts are not made larger.
        """
        error = root(y) - root(mean)
        extra = 4 * error**2 - 1 - effect_var * mean
        phi = max(0.0, float(extra.sum() / max(float(np.sum(mean)), 1e-9)))
        shape = np.quantile(error / _spread(mean, phi + effect_var), _SHAPE_LEVELS)
        plain = cls(phi, tuple(float(v) for v in shape), len(error), widening(periods))
        return replace(plain, scale=plain._scale(np.asarray(mean, dtype="float64"), y))

    def _scale(self, mean: np.ndarray, y: np.ndarray) -> tuple[float, ...]:
        grid = np.linspace(0, np.sqrt(mean.max(initial=1.0)), 200) ** 2
        given = np.interp(mean, grid, self.mean(grid))
        out = []
        for number in range(len(_VOLUME_EDGES)):
            own = np.searchsorted(_VOLUME_EDGES, mean) == number
            enough = own.sum() >= MIN_CLASS and given[own].sum() > 0
            out.append(float(y[own].sum() / given[own].sum()) if enough else 1.0)
        return (*out, 1.0)

    def counts(
        self, mean: np.ndarray, level: np.ndarray, effect_var: np.ndarray | float = 0.0
    ) -> np.ndarray:
        """Return the count at a level (0 to 1) around each mean; all broadcast. Not rounded."""
        shape = np.array(self.shape)
        z = np.interp(level, _SHAPE_LEVELS, shape)
        middle = float(np.median(shape))
        wide = _spread(mean, self.phi * self.wider**2 + effect_var)
        at = root(mean) + _spread(mean, self.phi) * middle + wide * (z - middle)
        scale = np.array(self.scale)[np.searchsorted(_VOLUME_EDGES, mean)]
        return np.asarray(np.maximum(np.maximum(at, 0) ** 2 - _ANSCOMBE, 0) * scale)

    def mean(self, mean: np.ndarray, effect_var: np.ndarray | float = 0.0) -> np.ndarray:
        """Return the mean of the counts around each of a model's means."""
        extra = np.broadcast_to(effect_var, mean.shape)[:, None]
        return np.asarray(self.counts(mean[:, None], _SHAPE_LEVELS[None, :], extra).mean(axis=1))

    def scores(self, mean: np.ndarray, y: np.ndarray, effect_var: np.ndarray) -> np.ndarray:
        """Return how surprising each count was, as standard normal scores."""
        z = (root(y) - root(mean)) / _spread(mean, self.phi + effect_var)
        level = np.interp(z, np.array(self.shape), _SHAPE_LEVELS)
        return np.asarray(ndtri(level))

    def to_json(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "phi": self.phi,
            "shape": list(self.shape),
            "n": self.n,
            "wider": self.wider,
            "scale": list(self.scale),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Calibration":
        """Return the calibration that ``to_json`` gave."""
        return cls(
            float(data["phi"]),
            tuple(data["shape"]),
            int(data["n"]),
            float(data["wider"]),
            tuple(data["scale"]),
        )


def widening(periods: float) -> float:
    """Return how much wider the 80 % interval of a new error is than that of ``periods`` past ones.

    The half-width of a prediction interval over m observations is t(m) sqrt(1 + 1/m) standard
    errors; this is its ratio to the normal one.

    References
    ----------
    Student (1908), The probable error of a mean. Biometrika 6.

    Examples
    --------
    >>> round(widening(3), 2), round(widening(50), 2)
    (1.48, 1.02)
    """
    m = max(periods, 1.0)
    return float(t.ppf(0.9, m) / norm.ppf(0.9) * np.sqrt(1 + 1 / m))


def _spread(mean: np.ndarray, phi: float | np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * np.sqrt(1 + phi * np.asarray(mean, dtype="float64")))


def with_quantiles(means: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Return MEANS rows as FORECAST rows: quantiles that rise, and exactly 0 when closed.

    ``mean`` is the mean of the calibrated distribution, so that a model which was too high in the
    past is corrected there too, and the mean agrees with the quantiles and the paths.
    """
    mean, extra = means["raw_mean"].to_numpy(), means["effect_var"].to_numpy()
    is_open = means["open_min"].to_numpy() > 0
    columns = {
        name: np.where(is_open, calibration.counts(mean, np.array(level), extra), 0.0)
        for name, level in QUANTILES.items()
    }
    given = np.where(is_open, calibration.mean(mean, extra), 0.0)
    return means.assign(mean=given, **columns, aht_effect=1.0)


@dataclass(frozen=True)
class Dependence:
    """Correlation of the normal scores of one series.

    A score is a day's common part plus a part of its own that fades along the day:
    ``day_share`` is the common part's variance, ``slot_memory`` the fading part's correlation from
    one interval to the next, ``day_memory`` the common part's from one open day to the next, and
    ``between`` its correlation with the other series' common parts.
    """

    day_share: float
    slot_memory: float
    day_memory: float
    between: float = 0.0

    @classmethod
    def of(cls, scores: pd.DataFrame) -> "Dependence":
        """Return the dependence in past scores.

        Parameters
        ----------
        scores
            Columns cutoff, date, slot and score, of open intervals of one series. Fewer than
            ``MIN_SLOTS`` intervals a day cannot tell a day's common part from the fading one: then
            all that neighbours share is taken for common, which errs on the wide side.
        """
        table = scores.pivot_table(index=["cutoff", "date"], columns="slot", values="score")
        z = table.to_numpy()
        slots = z.shape[1]
        size = np.sqrt(np.nanmean(z**2))
        if not size > 0:
            return cls(0.0, 0.0, 0.0)  # never a surprise: there is nothing to share
        if slots < 2:
            return cls(_MAX_CORRELATION, 0.0, 0.0)
        z = z / size
        half = slots // 2 if slots >= MIN_SLOTS else slots - 1
        day_share = _clipped(float(np.nanmean(z[:, :-half] * z[:, half:])))
        near = float(np.nanmean(z[:, :-1] * z[:, 1:]))
        slot_memory = _clipped((near - day_share) / max(1 - day_share, 1e-9))
        daily = pd.Series(np.nanmean(z, axis=1), index=table.index)
        following = daily.groupby(level="cutoff").shift(-1)
        both = following.notna() & daily.notna()
        if both.sum() < 2:
            return cls(day_share, slot_memory, 0.0)
        # What one day shares with the next is the common part alone, never the fading one.
        shared = float((daily[both].to_numpy() * following[both].to_numpy()).mean())
        return cls(day_share, slot_memory, _clipped(shared / max(day_share, 1e-9)))

    def to_json(self) -> dict[str, float]:
        """Return plain data for JSON."""
        return {
            "day_share": self.day_share,
            "slot_memory": self.slot_memory,
            "day_memory": self.day_memory,
            "between": self.between,
        }

    def draw(self, day: np.ndarray, fresh: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return rows of correlated standard normal scores for intervals in time order.

        Parameters
        ----------
        day
            Number of the day of each interval, rising.
        fresh
            White noise (rows x days of the horizon), from which the days' common parts are made;
            series that share it are busy together.
        rng
            Source of the fading parts.
        """
        days = np.unique(day)
        common = _ar1(fresh[:, days], self.day_memory)
        own = rng.standard_normal((len(fresh), len(day)))
        for number in days:
            own[:, day == number] = _ar1(own[:, day == number], self.slot_memory)
        shared = common[:, np.searchsorted(days, day)]
        return np.asarray(np.sqrt(self.day_share) * shared + np.sqrt(1 - self.day_share) * own)


def _clipped(correlation: float) -> float:
    return float(np.clip(correlation, 0.0, _MAX_CORRELATION))


def _ar1(noise: np.ndarray, memory: float) -> np.ndarray:
    """Return stationary standard normal AR(1) rows made from white noise."""
    out = noise.copy()
    fresh = np.sqrt(1 - memory**2)
    for i in range(1, noise.shape[1]):
        out[:, i] = memory * out[:, i - 1] + fresh * noise[:, i]
    return out


def day_noise(n: int, days: int, between: float, seed: int, name: str) -> np.ndarray:
    """Return one series' white noise (n x days), correlated with that of the other series.

    Parameters
    ----------
    n, days
        Its shape.
    between
        Correlation between any two series.
    seed
        Seed of the run.
    name
        The series' name: its noise is the same whatever other series there are.
    """
    together = np.random.default_rng([seed, 0]).standard_normal((n, days))
    alone = np.random.default_rng([seed, 1, crc32(name.encode())]).standard_normal((n, days))
    return np.asarray(np.sqrt(between) * together + np.sqrt(1 - between) * alone)


def between_series(daily: Mapping[str, pd.Series]) -> float:
    """Return the correlation of the days' common parts between series, pooled over all pairs.

    Parameters
    ----------
    daily
        By series, the mean score of each day that was forecast, over the square root of its
        ``day_share``: common parts of variance 1, and a little noise that pairs do not share.
    """
    table = pd.DataFrame(daily).to_numpy(dtype="float64")
    pairs = np.triu_indices(table.shape[1], 1)
    products = [table[:, a] * table[:, b] for a, b in zip(*pairs, strict=True)]
    known = np.concatenate([p[~np.isnan(p)] for p in products]) if products else np.array([])
    return _clipped(float(known.mean())) if len(known) >= MIN_COMMON_DAYS else 0.0


def draw_paths(
    forecast: pd.DataFrame,
    calibrations: Mapping[str, Calibration],
    dependence: Dependence,
    *,
    fresh: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return PATHS of one series: joint draws whose intervals have the forecast's quantiles.

    Parameters
    ----------
    forecast
        FORECAST rows of one series, one model and cutoff, and their local ``date``.
    calibrations
        By horizon, those that the forecast's quantiles were made with.
    dependence
        Correlation within the day and from day to day.
    fresh
        White noise (paths x days), see ``Dependence.draw``.
    rng
        Source of randomness.
    """
    n = len(fresh)
    rows = forecast.sort_values("ds").reset_index(drop=True)
    is_open = (rows["open_min"] > 0).to_numpy()
    day = rows["date"].factorize(sort=True)[0]
    level = np.full((n, len(rows)), 0.5)
    level[:, is_open] = ndtr(dependence.draw(day[is_open], fresh, rng))
    counts = np.zeros((n, len(rows)), dtype="int64")
    mean, extra = rows["raw_mean"].to_numpy(), rows["effect_var"].to_numpy()
    for horizon, calibration in calibrations.items():
        here = (rows["horizon"] == horizon).to_numpy() & is_open
        drawn = calibration.counts(mean[here], level[:, here], extra[here])
        counts[:, here] = np.rint(drawn).astype("int64")
    repeated = rows[[*SERIES, "ds", "open_min"]].loc[np.tile(rows.index, n)].reset_index(drop=True)
    path = np.repeat(np.arange(n), len(rows))
    return PATHS.validate(repeated.assign(path=path, offered=counts.ravel())[PATHS.names])
