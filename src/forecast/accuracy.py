"""Metrics: one formula each, over FORECAST rows whose truth is known; and SCORES of them all.

Lower is better for ``wape``, ``mae``, ``pinball`` and ``width_80``; ``coverage_80`` should be 0.80;
``bias`` is positive when the forecast was too high.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from forecast.schema import QUANTILES, SCORES, SERIES

_GROUP = [*SERIES, "target", "model", "horizon"]


def wape(rows: pd.DataFrame) -> float:
    """Return the sum of absolute errors of the mean over the sum of counts.

    Examples
    --------
    >>> wape(pd.DataFrame({"y": [10.0, 30.0], "mean": [12.0, 28.0]}))
    0.1
    """
    return _ratio((rows["mean"] - rows["y"]).abs().sum(), rows["y"].sum())


def bias(rows: pd.DataFrame) -> float:
    """Return the sum of errors of the mean over the sum of counts; positive: too high."""
    return _ratio((rows["mean"] - rows["y"]).sum(), rows["y"].sum())


def mae(rows: pd.DataFrame) -> float:
    """Return the mean absolute error of the mean, in contacts."""
    return float((rows["mean"] - rows["y"]).abs().mean())


def pinball(rows: pd.DataFrame) -> float:
    """Return the pinball (quantile) loss, averaged over rows and the levels of FORECAST.

    References
    ----------
    Koenker & Bassett (1978), Regression quantiles. Econometrica 46.
    """
    return float(pinball_losses(rows).mean())


def pinball_losses(rows: pd.DataFrame) -> np.ndarray:
    """Return each row's pinball loss, averaged over the levels of FORECAST."""
    levels = np.array(list(QUANTILES.values()))
    error = rows["y"].to_numpy()[:, None] - rows[list(QUANTILES)].to_numpy()
    return np.asarray(np.maximum(levels * error, (levels - 1) * error).mean(axis=1))


def coverage_80(rows: pd.DataFrame) -> float:
    """Return the share of counts within q10 and q90; 0.80 is right.

    A count is whole and a quantile is not, so the limits are rounded to the nearest whole number.
    """
    return float(((rows["y"] >= rows["q10"].round()) & (rows["y"] <= rows["q90"].round())).mean())


def width_80(rows: pd.DataFrame) -> float:
    """Return the mean width from q10 to q90 over the mean count."""
    return _ratio((rows["q90"] - rows["q10"]).sum(), rows["y"].sum())


INTERVAL_METRICS: dict[str, Callable[[pd.DataFrame], float]] = {
    f.__name__: f for f in (wape, bias, mae, pinball, coverage_80, width_80)
}
DAY_METRICS: dict[str, Callable[[pd.DataFrame], float]] = {f.__name__: f for f in (wape, bias)}


def scores(forecast: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Return SCORES of FORECAST rows, by interval and by local day, per model and horizon.

    Rows without truth, and closed intervals, do not count. A day counts when all intervals that
    are open on it have their truth.

    Parameters
    ----------
    forecast
        FORECAST of any number of series.
    features
        FEATURES, for the local date of each interval.
    """
    known = forecast[forecast["y"].notna() & (forecast["open_min"] > 0)]
    by_interval = _scored(known, INTERVAL_METRICS, "interval")
    by_day = _scored(_days(forecast, features), DAY_METRICS, "day")
    return SCORES.validate(pd.concat([by_interval, by_day], ignore_index=True))


def _days(forecast: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    keys = [*SERIES, "ds"]
    rows = forecast[forecast["open_min"] > 0].merge(
        features[[*keys, "date"]], on=keys, how="left", validate="many_to_one"
    )
    grouped = rows.groupby([*_GROUP, "cutoff", "date"])
    return grouped[["mean", "y"]].sum(skipna=False).dropna().reset_index()


def _scored(
    rows: pd.DataFrame, metrics: dict[str, Callable[[pd.DataFrame], float]], level: str
) -> pd.DataFrame:
    out = []
    for key, group in rows.groupby(_GROUP, sort=True):
        for name, metric in metrics.items():
            out.append((*key, level, name, metric(group), len(group)))
    return pd.DataFrame(out, columns=[*_GROUP, "level", "metric", "value", "n"])


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")
