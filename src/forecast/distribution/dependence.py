"""How surprises hang together: within a day, from day to day, over a forecast and over series.

How surprising a count was is its normal score within the forecast that was given for it. A score is
the sum of a part that the whole forecast has in common (its level was wrong), one that the day has
in common, and one that fades from interval to interval. Their shares grow with the lead. They are
found by matching moments, weighted by the width of the intervals, so that sums over a day and over
days get the variance that they had.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from forecast.schema import QUANTILES

Floats = npt.NDArray[np.float64]
MAX_CORRELATION = 0.98
FAR_DAYS = 4
"""Days so far apart have no more in common than their forecast."""
MIN_COMMON_DAYS = 10
GRID = np.linspace(0.0, MAX_CORRELATION, 50)
_NORMAL = ndtri(np.array(list(QUANTILES.values())))
FARTHEST_SCORE = 4.0


@dataclass(frozen=True)
class Shares:
    """Of the variance of scores at one lead: what the forecast and what the day has in common.

    ``slot_memory`` is the correlation of the rest from one interval to the next.
    """

    period: float
    day: float
    slot_memory: float

    def of_rate(self, part: float) -> "Shares":
        """Return the shares in the rate's variance, which is so large a part of that of counts."""
        common = max(self.period + self.day, 1e-9)
        return self.of_counts(min(1 / max(part, 1e-9), MAX_CORRELATION / common))

    def of_counts(self, part: float) -> "Shares":
        """Return the shares in the variance of counts, of which the rate's is such a part."""
        return Shares(self.period * part, self.day * part, self.slot_memory)


@dataclass(frozen=True)
class Dependence:
    """Correlation of the normal scores of one series.

    ``shares`` are by horizon; ``day_memory`` is the correlation of the days' parts from one open
    day to the next, ``between`` that of the forecast's and the days' parts with the other series'.
    """

    shares: Mapping[str, Shares]
    day_memory: float
    between: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        shares = {h: vars(own) for h, own in self.shares.items()}
        return {"shares": shares, "day_memory": self.day_memory, "between": self.between}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Dependence":
        """Return the dependence that ``to_json`` gave."""
        shares = {h: Shares(**own) for h, own in data["shares"].items()}
        return cls(shares, float(data["day_memory"]), float(data["between"]))

    def reaching(self, rate_variance: Mapping[str, float], typical: float) -> "Dependence":
        """Return the dependence with all of some horizons, given with the variance of their rate.

        Those never seen are as the last one before; what their variance has more is the level's,
        which a whole forecast has in common. ``typical`` is the count of an interval that chance is
        reckoned for: counts vary relative to chance by 1 + variance x count.
        """
        shares = dict(self.shares)
        last, before = Shares(0.0, 0.0, 0.0), 0.0
        for horizon, variance in rate_variance.items():
            if horizon in shares:
                last, before = shares[horizon], variance
                continue
            kept = min((1 + before * typical) / (1 + variance * typical), 1.0)
            period = last.period + (1 - kept) * (1 - last.period)
            period = min(period, MAX_CORRELATION - kept * last.day)
            shares[horizon] = Shares(period, kept * last.day, last.slot_memory)
        return replace(self, shares=shares)

    def of_rates(self, parts: Mapping[str, float]) -> "Dependence":
        """Return the dependence of the rates, without chance.

        ``parts`` say, by horizon, how large a part of the counts' variance the rate's is.
        """
        shares = {h: self.shares[h].of_rate(part) for h, part in parts.items()}
        return replace(self, shares={**self.shares, **shares})

    def of_counts(self, parts: Mapping[str, float]) -> "Dependence":
        """Return the dependence of counts, given that of their rates."""
        shares = {h: own.of_counts(parts[h]) for h, own in self.shares.items()}
        return replace(self, shares=shares)

    @classmethod
    def mean(cls, several: Sequence["Dependence"]) -> "Dependence":
        """Return the mean dependence of several series, by horizon of those that have it."""
        horizons = dict.fromkeys(h for own in several for h in own.shares)
        shares = {}
        for horizon in horizons:
            told = [vars(own.shares[horizon]) for own in several if horizon in own.shares]
            means = pd.DataFrame(told).mean()
            shares[horizon] = Shares(**{str(name): float(v) for name, v in means.items()})
        return cls(shares, float(np.mean([own.day_memory for own in several])))

    def draw(
        self,
        day: npt.NDArray[Any],
        horizon: npt.NDArray[Any],
        fresh: Floats,
        rng: np.random.Generator,
    ) -> Floats:
        """Return rows of correlated standard normal scores for intervals in time order.

        Parameters
        ----------
        day
            Number of the day of each interval, rising.
        horizon
            Its lead-time bucket.
        fresh
            White noise (rows x days of the horizon and one), from which the common parts are made:
            series that share it are busy together. The first column is the whole forecast's.
        rng
            Source of the fading parts.
        """
        days = np.unique(day)
        of_day = _ar1(fresh[:, 1:][:, days], self.day_memory)
        own = rng.standard_normal((len(fresh), len(day)))
        out = np.empty_like(own)
        for number in days:
            at = np.flatnonzero(day == number)
            share = self.shares[str(horizon[at[0]])]
            rest = max(1 - share.period - share.day, 0.0)
            common = np.sqrt(share.period) * fresh[:, :1]
            common = common + np.sqrt(share.day) * of_day[:, np.searchsorted(days, [number])]
            out[:, at] = common + np.sqrt(rest) * _ar1(own[:, at], share.slot_memory)
        return out


def scores_of(forecast: pd.DataFrame) -> pd.DataFrame:
    """Return FORECAST rows whose truth is known with their ``score`` and ``sd``.

    The score is where the count lies among the quantiles given, on the normal scale, straight
    between and beyond them; ``sd`` is how wide they lie, in units of what is forecast.
    """
    known = forecast[forecast["y"].notna() & (forecast["open_min"] > 0)]
    given = known[list(QUANTILES)].to_numpy()
    y = known["y"].to_numpy()
    sd = np.asarray(known["q90"] - known["q10"]) / (2 * ndtri(0.9))
    # Quantiles may lie on each other where counts are small: a trace of width keeps their order.
    steps = given + np.maximum(sd, 1e-9)[:, None] * 1e-6 * _NORMAL
    place = np.clip((steps < y[:, None]).sum(axis=1) - 1, 0, len(_NORMAL) - 2)
    row = np.arange(len(y))
    low, high = steps[row, place], steps[row, place + 1]
    share = (y - low) / np.maximum(high - low, 1e-12)
    score = _NORMAL[place] + share * (_NORMAL[place + 1] - _NORMAL[place])
    return known.assign(score=np.clip(score, -FARTHEST_SCORE, FARTHEST_SCORE), sd=sd)


def dependence_of(scores: pd.DataFrame) -> Dependence:
    """Return the dependence in past scores of one series.

    Parameters
    ----------
    scores
        Columns cutoff, date, slot_min, horizon, score and sd.
    """
    found: dict[str, Shares] = {}
    memory, weight = 0.0, 0.0
    for horizon, own in scores.groupby("horizon", sort=False):
        day = _Days.of(own)
        common, slot_memory = day.common_share()
        period, following, n = day.between_days(common)
        found[str(horizon)] = Shares(period, common, slot_memory)
        memory, weight = memory + following * n, weight + n
    return Dependence(_smoothed(found), memory / weight if weight else 0.0)


def _smoothed(found: Mapping[str, Shares]) -> dict[str, Shares]:
    """Return the shares of which ``day`` is yet all that days have in common, made apart.

    A bucket of one day sees its day alone: of what that has in common, as much is the forecast's
    as in the next bucket.
    """
    told = [own for own in found.values() if not np.isnan(own.period)]
    like = told[0].period / max(told[0].day, 1e-9) if told else 0.0
    out = {}
    for horizon, own in found.items():
        period = like * own.day if np.isnan(own.period) else own.period
        out[horizon] = Shares(period, own.day - period, own.slot_memory)
    return out


@dataclass(frozen=True)
class _Days:
    """Errors and widths of one bucket, days x intervals; NaN where not open or not known."""

    error: Floats
    width: Floats
    cutoff: npt.NDArray[Any]
    date: npt.NDArray[Any]
    _typical: Floats = field(repr=False)

    @classmethod
    def of(cls, scores: pd.DataFrame) -> "_Days":
        rows = scores.assign(error=scores["score"] * scores["sd"])
        table = rows.pivot_table(
            index=["cutoff", "date"], columns="slot_min", values=["error", "sd"]
        )
        error, width = table["error"].to_numpy(), table["sd"].to_numpy()
        size = np.sqrt(np.nansum(error**2) / max(np.nansum(width**2), 1e-12))
        error = error / max(size, 1e-9)  # correlations alone: the size is the calibration's
        level = table.index.get_level_values
        typical = np.nan_to_num(np.sqrt(np.nanmean(width**2, axis=0)))
        return cls(error, width, level(0).to_numpy(), level(1).to_numpy(), typical)

    def common_share(self) -> tuple[float, float]:
        """Return the share that a day has in common, and the memory of the rest.

        Sums over days then vary as much as they did, and neighbours are as alike as they were.
        """
        e, s = np.nan_to_num(self.error), np.nan_to_num(self.width)
        if not (e**2).sum() > 0:
            return 0.0, 0.0  # never a surprise: there is nothing to share
        sums = float((e.sum(axis=1) ** 2 - (e**2).sum(axis=1)).sum())
        pairs = float((s.sum(axis=1) ** 2 - (s**2).sum(axis=1)).sum())
        if pairs <= 0:
            return MAX_CORRELATION, 0.0  # one interval a day: it is the day
        close, norm = (float((v[:, 1:] * v[:, :-1]).sum()) for v in (e, s))
        near = close / max(norm, 1e-12)
        memory = np.clip((near - GRID) / (1 - GRID), 0.0, MAX_CORRELATION)
        fading = np.array([self._fading(m) for m in memory])
        missed = GRID + (1 - GRID) * fading - sums / pairs
        best = int(np.abs(missed).argmin())
        return float(GRID[best]), float(memory[best])

    def _fading(self, memory: float) -> float:
        """Return the mean correlation of different intervals of a day that fade so."""
        s = self._typical
        apart = np.abs(np.subtract.outer(np.arange(len(s)), np.arange(len(s))))
        weight = np.outer(s, s)
        np.fill_diagonal(weight, 0.0)
        return float((weight * memory**apart).sum() / max(weight.sum(), 1e-12))

    def between_days(self, common: float) -> tuple[float, float, int]:
        """Return the share of the whole forecast, the days' memory, and over how many pairs."""
        e, s = np.nansum(self.error, axis=1), np.nansum(self.width, axis=1)
        far_e = far_s = next_e = next_s = 0.0
        n = 0
        for cutoff in np.unique(self.cutoff):
            at = self.cutoff == cutoff
            days = (self.date[at] - self.date[at].min()) / np.timedelta64(1, "D")
            apart = days[None, :] - days[:, None]
            mine, wide = np.outer(e[at], e[at]), np.outer(s[at], s[at])
            far = apart >= FAR_DAYS
            following = np.eye(len(days), k=1, dtype=bool)
            far_e, far_s = far_e + mine[far].sum(), far_s + wide[far].sum()
            next_e, next_s = next_e + mine[following].sum(), next_s + wide[following].sum()
            n += int(following.sum())
        if far_s <= 0:
            return float("nan"), 0.0, 0
        period = float(np.clip(far_e / far_s, 0.0, common))
        following_share = next_e / max(next_s, 1e-12) - period
        memory = np.clip(following_share / max(common - period, 1e-9), 0.0, MAX_CORRELATION)
        return period, float(memory), n


def day_noise(n: int, days: int, between: float, seed: int, name: str) -> Floats:
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
        By series, the common part of each day that was forecast: variance 1, and a little noise
        that pairs do not share.
    """
    table = pd.DataFrame(daily).to_numpy(dtype="float64")
    pairs = np.triu_indices(table.shape[1], 1)
    products = [table[:, a] * table[:, b] for a, b in zip(*pairs, strict=True)]
    known = np.concatenate([p[~np.isnan(p)] for p in products]) if products else np.array([])
    if len(known) < MIN_COMMON_DAYS:
        return 0.0
    return float(np.clip(known.mean(), 0.0, MAX_CORRELATION))


def common_parts(scores: pd.DataFrame, dependence: Dependence) -> pd.Series:
    """Return how surprising each day was as a whole, by cutoff and date, of about variance 1."""
    share = scores["horizon"].map({h: s.period + s.day for h, s in dependence.shares.items()})
    rows = scores.assign(error=scores["score"] * scores["sd"], wide=np.sqrt(share) * scores["sd"])
    sums = rows.groupby(["cutoff", "date"])[["error", "wide"]].sum()
    return sums["error"] / sums["wide"].where(sums["wide"] > 0)


def _ar1(noise: Floats, memory: float) -> Floats:
    """Return stationary standard normal AR(1) rows made from white noise."""
    out = noise.copy()
    fresh = np.sqrt(1 - memory**2)
    for i in range(1, noise.shape[1]):
        out[:, i] = memory * out[:, i - 1] + fresh * noise[:, i]
    return out
