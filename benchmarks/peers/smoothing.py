"""statsmodels' exponential smoothing, Theta and STL, on daily totals spread by a weekday profile.

Totals are forecast on the square root, over the weekdays that are open as a rule; a day that was
closed or not reported is filled in from the same weekdays beside it, so that the season stays in
step with the week. A day's uncertainty is the tool's own; around it counts are drawn as
negative binomial, with the dispersion that the profile left in the last twelve weeks. Totals are
of the last 52 weeks. Fewer than four weeks are smoothed without a season.

References
----------
Hyndman, Koehler, Ord & Snyder (2008), Forecasting with exponential smoothing, chapter 3.
Assimakopoulos & Nikolopoulos (2000), The theta model. Int. J. of Forecasting 16.
Cleveland, Cleveland, McRae & Terpenning (1990), STL. Journal of Official Statistics 6.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from peers.base import DRAWS, Peer, of_draws, open_rows, reported
from peers.days import TINY, Days, taken_apart

WEEKS = 52
LEAST_SEASONS = 4
STL_SEASONAL = 25
"""Weeks that STL smooths each weekday over: half a year, for a season that changes slowly."""
USUALLY_OPEN = 0.5
"""Share of the weeks in which a weekday must have been open to be in the season."""

Roots = Callable[[np.ndarray, int, int, np.random.Generator], np.ndarray]
"""Draws (steps x draws) that continue a series, from it, its period, the steps and randomness."""


def ets(train: pd.DataFrame, ahead: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return ETS(A,Ad,A) of daily totals x profile; its days by its own simulation."""
    return _by_days(_ets, train, ahead, seed)


def theta(train: pd.DataFrame, ahead: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return the Theta method of daily totals x profile; its days by its error variance.

    Theta's forecasts are those of simple exponential smoothing with drift (Hyndman & Billah 2003),
    whose variance is sigma2 x (1 + (h - 1) x alpha^2). statsmodels' own intervals have (1 - alpha)
    where alpha belongs and grow several times too wide; and but for the fit by maximum likelihood
    they would count the season as error.
    """
    return _by_days(_theta, train, ahead, seed)


def stl(train: pd.DataFrame, ahead: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return STL and ETS(A,Ad,N) of daily totals x profile; its days by its prediction errors."""
    return _by_days(_stl, train, ahead, seed)


def _tsa(module: str) -> Any:
    return import_module(f"statsmodels.tsa.{module}")


def _ets(roots: np.ndarray, period: int, steps: int, rng: np.random.Generator) -> np.ndarray:
    season = {"seasonal": "add", "seasonal_periods": period} if period > 1 else {}
    made = _tsa("api").ETSModel(roots, error="add", trend="add", damped_trend=True, **season)
    fitted = made.fit(disp=False)
    return np.asarray(fitted.simulate(steps, anchor="end", repetitions=DRAWS, rng=rng))


def _theta(roots: np.ndarray, period: int, steps: int, rng: np.random.Generator) -> np.ndarray:
    season = {"deseasonalize": period > 1, "method": "additive"}
    made = _tsa("forecasting.theta").ThetaModel(pd.Series(roots), period=period, **season)
    fitted = made.fit(use_mle=True)
    growth = 1 + np.arange(steps) * float(fitted.params["alpha"]) ** 2
    return _normal(fitted.forecast(steps).to_numpy(), np.sqrt(fitted.sigma2 * growth), rng)


def _stl(roots: np.ndarray, period: int, steps: int, rng: np.random.Generator) -> np.ndarray:
    if period == 1:
        return _ets(roots, period, steps, rng)
    api = _tsa("api")
    level = {"error": "add", "trend": "add", "damped_trend": True}
    season = {"period": period, "seasonal": STL_SEASONAL}
    made = api.STLForecast(pd.Series(roots), api.ETSModel, model_kwargs=level, **season)
    fitted = made.fit(fit_kwargs={"disp": False})
    got = fitted.get_prediction(len(roots), len(roots) + steps - 1)
    return _normal(np.asarray(got.predicted_mean), np.sqrt(np.asarray(got.var_pred_mean)), rng)


def _normal(mean: np.ndarray, sigma: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return mean[:, None] + sigma[:, None] * rng.standard_normal((len(mean), DRAWS))


def _by_days(roots: Roots, train: pd.DataFrame, ahead: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the forecast of daily totals that a method continues, spread by the profile."""
    rng = np.random.default_rng(seed)
    days, asked = taken_apart(reported(train), WEEKS), open_rows(ahead)
    season = _season(days)
    first, last = ahead["date"].min(), asked["date"].max()
    past = _filled(days, season, first)
    steps = pd.date_range(first, last, freq="D", unit="us")
    # The last day asked for may be one that the season lacks: at least a day is drawn.
    steps = steps[steps.dayofweek.isin(season)].union(_next_in(season, last))
    period = len(season) if len(past) >= LEAST_SEASONS * len(season) else 1
    drawn = roots(np.sqrt(past.to_numpy()), period, len(steps), rng)
    totals = np.maximum(drawn, 0.0) ** 2
    # A day outside the season is as busy, for its weekday, as the next one within.
    at = steps.searchsorted(asked["date"])
    usual = days.shape.usual(pd.Series(steps.dayofweek))[at]
    level = totals[at] * (days.shape.usual(asked["weekday"]) / usual)[:, None]
    rates = days.shape.spread(level, asked)
    return of_draws(asked, rates.mean(axis=1), _counts(rates, _dispersion(days), rng))


def _season(days: Days) -> list[int]:
    """Return the weekdays (0 Monday) that are open as a rule."""
    index = pd.DatetimeIndex(days.totals.index)
    weeks = max((index.max() - index.min()).days / 7, 1.0)
    dates = pd.Series(index.dayofweek).value_counts()
    return sorted(dates.index[dates >= min(USUALLY_OPEN * weeks, dates.max())])


def _next_in(season: list[int], last: pd.Timestamp) -> pd.DatetimeIndex:
    week = pd.date_range(last, periods=7, freq="D", unit="us")
    return week[week.dayofweek.isin(season)][:1]


def _filled(days: Days, season: list[int], first: pd.Timestamp) -> pd.Series:
    """Return the totals of the season's weekdays up to a date, holes filled from beside them."""
    index = pd.DatetimeIndex(days.totals.index)
    dates = pd.date_range(index.min(), first - pd.Timedelta(days=1), freq="D", unit="us")
    dates = dates[dates.dayofweek.isin(season)]
    totals = days.totals.reindex(dates)
    return totals.groupby(dates.dayofweek).transform(
        lambda own: own.interpolate(limit_direction="both")
    )


def _dispersion(days: Days) -> float:
    """Return phi of Var(y) = mean + phi x mean^2 around the profile, given the day's total."""
    rows, mean = days.profiled()
    extra = (rows["y"].to_numpy() - mean) ** 2 - mean
    return max(float(extra.sum() / max((mean**2).sum(), TINY)), 0.0)


def _counts(rates: np.ndarray, phi: float, rng: np.random.Generator) -> np.ndarray:
    """Return a negative binomial count around each expected one (Poisson where phi is 0)."""
    if phi > TINY:
        rates = rates * rng.gamma(1 / phi, phi, size=rates.shape)
    return rng.poisson(rates)


PEERS: dict[str, Peer] = (
    {
        "ETS of days x profile (statsmodels)": ets,
        "Theta of days x profile (statsmodels)": theta,
        "STL + ETS of days x profile (statsmodels)": stl,
    }
    if find_spec("statsmodels")
    else {}
)
"""Only where statsmodels is installed: it is no dependency of the project."""
