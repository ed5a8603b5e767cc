"""One formula per metric, over FORECAST rows whose truth is known.

Every metric is a sum of losses, one per row, over a sum of weights or of what came. So a metric is
one function of rows, and any breakdown of all metrics is one sum per group.

Rows of a count (target ``offered``) weigh 1; rows of an average (target ``aht_s``) weigh what they
are averages of, the contacts handled, in the column ``weight``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.accuracy.poisson import mean_deviation, pinball_floors
from forecast.schema import QUANTILES

Floats = npt.NDArray[np.float64]
AVERAGE = "aht_s"
"""The target whose truth is an average, not a count."""


@dataclass(frozen=True)
class Metric:
    """A metric; called with rows it returns its value, NaN where there is nothing to divide by.

    ``loss`` gives a number per row. Its weighted sum is divided by the weighted sum of what came
    where the metric is ``relative``, else by the sum of the weights.

    Examples
    --------
    >>> wape(pd.DataFrame({"y": [10.0, 30.0], "mean": [12.0, 28.0]}))
    0.1
    """

    loss: Callable[[pd.DataFrame], Floats]
    relative: bool

    def __call__(self, rows: pd.DataFrame) -> float:
        """Return the metric of some rows."""
        weight = weights(rows)
        whole = (weight * rows["y"].to_numpy() if self.relative else weight).sum()
        return float((self.loss(rows) * weight).sum() / whole) if whole > 0 else float("nan")


def measured(
    rows: pd.DataFrame, metrics: Mapping[str, Metric], keys: Sequence[str]
) -> pd.DataFrame:
    """Return the metrics of each group of rows: the keys, a column per metric, and ``n`` rows."""
    weight = weights(rows)
    pieces = {name: metric.loss(rows) * weight for name, metric in metrics.items()}
    whole = {"_weight": weight, "_truth": weight * rows["y"].to_numpy()}
    frame = pd.DataFrame({**pieces, **whole, "n": 1}, index=rows.index)
    grouped = frame.groupby([rows[key] for key in keys], sort=True, dropna=False)
    sums = grouped.sum(skipna=False)
    out = {}
    for name, metric in metrics.items():
        divisor = sums["_truth" if metric.relative else "_weight"]
        out[name] = sums[name] / divisor.where(divisor > 0)
    return pd.DataFrame({**out, "n": sums["n"].astype("int64")}).reset_index()


def is_count(rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows are of a count; rows without a target are."""
    if "target" not in rows:
        return np.ones(len(rows), dtype=bool)
    return np.asarray((rows["target"] != AVERAGE).to_numpy(dtype=bool))


def weights(rows: pd.DataFrame) -> Floats:
    """Return what each row weighs: its column ``weight``, or 1 where there is none.

    Where that is empty, a count weighs 1 and an average, of nothing, 0.
    """
    if "weight" not in rows:
        return np.ones(len(rows))
    given = rows["weight"].to_numpy(dtype="float64")
    return np.where(np.isnan(given), is_count(rows), given)


def errors(rows: pd.DataFrame) -> Floats:
    """Return each row's error of the mean; positive: too high."""
    return np.asarray((rows["mean"] - rows["y"]).to_numpy(dtype="float64"))


def absolute_errors(rows: pd.DataFrame) -> Floats:
    """Return each row's absolute error of the mean."""
    return np.abs(errors(rows))


def scaled_errors(rows: pd.DataFrame) -> Floats:
    """Return each row's absolute error over the row's ``scale``, see ``naive_scale``."""
    return np.asarray(absolute_errors(rows) / rows["scale"].to_numpy(dtype="float64"))


def pinball_losses(rows: pd.DataFrame) -> Floats:
    """Return each row's pinball loss, averaged over the levels of FORECAST."""
    y = rows["y"].to_numpy(dtype="float64")
    total = np.zeros(len(rows))
    for name, level in QUANTILES.items():
        error = y - rows[name].to_numpy(dtype="float64")
        total += np.maximum(level * error, (level - 1) * error)
    return total / len(QUANTILES)


def poisson_errors(rows: pd.DataFrame) -> Floats:
    """Return the absolute error expected of a Poisson count around the mean; NaN for averages."""
    return np.where(is_count(rows), mean_deviation(rows["mean"]), np.nan)


def excess_errors(rows: pd.DataFrame) -> Floats:
    """Return each row's absolute error less the one that chance alone would make."""
    return absolute_errors(rows) - poisson_errors(rows)


def poisson_pinball(rows: pd.DataFrame) -> Floats:
    """Return the pinball loss expected of a Poisson count around the mean; NaN for averages."""
    return np.where(is_count(rows), pinball_floors(rows["mean"]), np.nan)


def _inside(low: str, high: str) -> Callable[[pd.DataFrame], Floats]:
    """Return which rows' truth is within two quantiles.

    A count is whole and a quantile is not, so a count's limits are rounded to the nearest whole
    number.
    """

    def inside(rows: pd.DataFrame) -> Floats:
        whole = is_count(rows)
        y, below, above = (rows[name].to_numpy(dtype="float64") for name in ("y", low, high))
        above_low = y >= np.where(whole, below.round(), below)
        below_high = y <= np.where(whole, above.round(), above)
        return (above_low & below_high).astype("float64")

    return inside


def _width(low: str, high: str) -> Callable[[pd.DataFrame], Floats]:
    """Return how far two quantiles of each row are apart."""
    return lambda rows: np.asarray((rows[high] - rows[low]).to_numpy(dtype="float64"))


wape = Metric(absolute_errors, relative=True)
"""The sum of absolute errors of the mean over the sum of what came."""

bias = Metric(errors, relative=True)
"""The sum of errors of the mean over the sum of what came; positive: too high."""

mae = Metric(absolute_errors, relative=False)
"""The mean absolute error of the mean, in contacts (or seconds)."""

mase = Metric(scaled_errors, relative=False)
"""The mean absolute error over that of copying last week, before the cutoff (column ``scale``).

Hyndman & Koehler (2006), Another look at measures of forecast accuracy. International Journal of
Forecasting 22.
"""

pinball = Metric(pinball_losses, relative=False)
"""The pinball (quantile) loss, averaged over rows and the levels of FORECAST.

Koenker & Bassett (1978), Regression quantiles. Econometrica 46.
"""

coverage_80 = Metric(_inside("q10", "q90"), relative=False)
"""The share of truth within q10 and q90, rounded for counts; 0.80 is right."""

coverage_95 = Metric(_inside("q025", "q975"), relative=False)
"""The share of truth within q025 and q975, rounded for counts; 0.95 is right."""

width_80 = Metric(_width("q10", "q90"), relative=True)
"""The mean width from q10 to q90 over the mean of what came."""

width_95 = Metric(_width("q025", "q975"), relative=True)
"""The mean width from q025 to q975 over the mean of what came."""

floor = Metric(poisson_errors, relative=True)
"""The WAPE to be expected if the mean were the true rate: what chance alone costs.

The true rate is not known; the forecast's mean stands in for it. Nobody who forecasts the mean has
a lower WAPE in the long run. Who forecasts the median, which makes absolute errors least, has: by
1 % at ten contacts an interval, and by a third where 0.3 are expected.
"""

excess = Metric(excess_errors, relative=True)
"""``wape`` less ``floor``: the part of the error that a better forecast could take away."""

pinball_floor = Metric(poisson_pinball, relative=False)
"""The pinball loss to be expected if counts were Poisson around the mean, with their quantiles."""
