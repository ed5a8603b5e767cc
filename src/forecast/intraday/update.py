"""FORECAST of one day and the counts of its first hours -> FORECAST and paths of the rest of it."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from forecast.errors import ForecastError
from forecast.intraday.chance import Floats
from forecast.intraday.condition import Posterior, conditioned, scaled
from forecast.intraday.doubt import level_variance
from forecast.intraday.marginal import Marginals, Mixture, observed
from forecast.intraday.model import DayModel, minutes_of
from forecast.intraday.past import one_forecast
from forecast.schema import FORECAST, PATHS, QUANTILES, SERIES

LONGEST_DAY = pd.Timedelta(hours=25)
_NODES = ndtri((np.arange(64) + 0.5) / 64)
_LITTLE = 1e-9


class _Ahead(NamedTuple):
    """The intervals ahead: all rows, which of them are open, and what is known of the open ones."""

    rows: pd.DataFrame
    is_open: np.ndarray
    marginals: Marginals
    prior: Mixture
    posterior: Posterior

    @property
    def mixture(self) -> Mixture:
        odds, mean, covariance = self.posterior
        sd = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), _LITTLE))
        return Mixture(odds, mean, sd)


def update_day(today: pd.DataFrame, seen: pd.Series, model: DayModel) -> pd.DataFrame:
    """Return FORECAST of the intervals after the last one seen, given the counts so far.

    The quantiles are those of the conditional distribution, with the forecast's own as the prior;
    ``mean`` and ``raw_mean`` move by the same factor. With nothing seen, the rows are returned as
    they were given.

    Parameters
    ----------
    today
        FORECAST rows of one series, model and cutoff for one local day: all its open intervals, so
        that the first and the last tell how the day lies; closed ones may be there.
    seen
        Counts, indexed by ``ds``. What is empty, or lacks between others, has passed without being
        reported, and says nothing; nor does what came while closed. One count far from all others
        counts for little.
    model
        What is known of the series' days.

    Raises
    ------
    ForecastError
        When ``today`` is of more than one series, model, cutoff or day, or not of contacts; when
        ``seen`` has instants that ``today`` has not, twice the same, or no proper counts.

    Examples
    --------
    A hundred an hour are expected, and a third more come in the first two hours:

    >>> ds = pd.date_range("2024-03-04 08:00", periods=5, freq="h", tz="UTC", unit="us")
    >>> told = {name: 100 + 15 * ndtri(level) for name, level in QUANTILES.items()}
    >>> today = pd.DataFrame({"ds": ds, "mean": 100.0, "raw_mean": 100.0, **told}).assign(
    ...     site="main", queue="sales", channel="voice", target="offered", model="champion",
    ...     cutoff=ds[0].normalize(), horizon="1_day", open_min=60.0, y=np.nan, weight=1.0,
    ...     unit=1.0, effect=1.0, effect_var=0.0, aht_effect=1.0)
    >>> usual = DayModel(0.10**2, 0.02**2, 0.05**2, 0.03**2, memory_min=180, odd=0.1, days=100)
    >>> seen = pd.Series([134.0, 131.0], index=ds[:2])
    >>> update_day(today, seen, usual)[["mean", "q10", "q90"]].round().iloc[0].tolist()
    [129.0, 118.0, 144.0]
    """
    rows, counts = _checked(today, seen)
    if counts.isna().all():
        return FORECAST.validate(rows[_after(rows, seen)])
    ahead = _ahead(rows, counts, seen, model)
    told = ahead.marginals.told
    quantiles = ahead.marginals.counts(ahead.mixture.quantiles())
    after = _expected(ahead.marginals, ahead.mixture)
    before = _expected(ahead.marginals, ahead.prior)
    factor = np.where(told & (before > _LITTLE), after / np.maximum(before, _LITTLE), 1.0)
    moved = ahead.rows[ahead.is_open]
    changes = {name: moved[name].to_numpy() * factor for name in ("mean", "raw_mean")}
    for number, name in enumerate(QUANTILES):
        changes[name] = np.where(told, quantiles[:, number], moved[name])
    return FORECAST.validate(pd.concat([ahead.rows[~ahead.is_open], moved.assign(**changes)]))


def rest_of_day(
    today: pd.DataFrame,
    seen: pd.Series,
    model: DayModel,
    *,
    n: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return PATHS of the intervals after the last one seen: joint draws, given the counts so far.

    Sums over a path are draws of the contacts until closing. ``aht_s`` is empty.

    Parameters
    ----------
    today, seen, model
        As for ``update_day``.
    n
        Number of paths.
    rng
        Source of randomness.

    Raises
    ------
    ForecastError
        As ``update_day``.
    """
    rows, counts = _checked(today, seen)
    ahead = _ahead(rows, counts, seen, model)
    odds, mean, covariance = ahead.posterior
    offered = np.zeros((n, len(ahead.rows)), dtype="int64")
    kind = rng.choice(len(odds), size=n, p=odds)
    noise = rng.standard_normal((n, mean.shape[1]))
    lower = np.linalg.cholesky(covariance + _LITTLE * np.eye(mean.shape[1]))
    scores = mean[kind]
    for number, root_covariance in enumerate(lower):
        scores[kind == number] += noise[kind == number] @ root_covariance.T
    drawn = np.rint(ahead.marginals.counts(scores.T).T)
    middle = np.rint(ahead.rows.loc[ahead.is_open, "mean"].to_numpy())
    offered[:, ahead.is_open] = np.where(ahead.marginals.told, drawn, middle)
    columns = ahead.rows[[*SERIES, "ds", "open_min"]]
    repeated = columns.loc[np.tile(columns.index, n)].reset_index(drop=True)
    path = np.repeat(np.arange(n), len(columns))
    filled = repeated.assign(path=path, offered=offered.ravel(), aht_s=np.nan)
    return PATHS.validate(filled[PATHS.names])


def _checked(today: pd.DataFrame, seen: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """Return the day's rows by time and the counts of each, empty where none was seen."""
    one_forecast(today, "today", cutoff=True)
    rows = FORECAST.validate(today[FORECAST.names], "today")
    span = rows["ds"].iloc[-1] - rows["ds"].iloc[0]
    if span >= LONGEST_DAY:
        raise ForecastError(f"today must be one local day; its intervals span {span}")
    if not (len(seen) == 0 or isinstance(seen.index.dtype, pd.DatetimeTZDtype)):
        raise ForecastError(
            f"seen must be indexed by instants in UTC, as the column 'ds'; found {seen.index.dtype}"
        )
    if seen.index.has_duplicates:
        raise ForecastError(f"seen has {seen.index[seen.index.duplicated()][0]} more than once")
    strange = seen.index[~seen.index.isin(rows["ds"])]
    if len(strange):
        raise ForecastError(
            f"seen has {len(strange)} instants that are no interval of today, first {strange[0]}; "
            "take them out, or give today with its closed intervals too"
        )
    none = pd.Series(np.nan, index=rows.index)
    counts = rows["ds"].map(seen.astype("float64")) if len(seen) else none
    wrong = (counts < 0) | np.isinf(counts)
    if wrong.any():
        first = rows.loc[wrong, "ds"].iloc[0]
        raise ForecastError(f"seen must hold counts; found {counts[wrong].iloc[0]} at {first}")
    return rows, counts.where(rows["open_min"] > 0)


def _after(rows: pd.DataFrame, seen: pd.Series) -> pd.Series:
    """Return which rows lie after the last instant seen; all when there is none."""
    later = rows["ds"] > seen.index.max() if len(seen) else np.ones(len(rows), dtype=bool)
    return pd.Series(later, index=rows.index)


def _ahead(rows: pd.DataFrame, counts: pd.Series, seen: pd.Series, model: DayModel) -> _Ahead:
    later = _after(rows, seen)
    is_open = rows["open_min"] > 0
    day = rows[is_open]
    ahead = later[is_open].to_numpy()
    doubt = level_variance(day, model)
    covariances = scaled(model, day["mean"].to_numpy(), minutes_of(day), doubt)
    sd = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    prior = Mixture(model.odds, np.zeros_like(sd), sd)
    marginals = Marginals.of(day, prior)
    count = counts[is_open].to_numpy()
    known = ~np.isnan(count) & marginals.told
    value, variance = observed(*marginals.at(known).cells(count[known]))
    posterior = conditioned(model.odds, covariances, known, ahead, value, variance)
    here = Mixture(prior.odds, prior.mean[:, ahead], sd[:, ahead])
    return _Ahead(rows[later], is_open[later].to_numpy(), marginals.at(ahead), here, posterior)


def _expected(marginals: Marginals, mixture: Mixture) -> Floats:
    """Return the mean counts of intervals whose scores have some mixture."""
    classes = zip(mixture.odds, mixture.mean, mixture.sd, strict=True)
    parts = [
        odds * marginals.counts(mean[:, None] + sd[:, None] * _NODES).mean(axis=1)
        for odds, mean, sd in classes
    ]
    return np.asarray(np.sum(parts, axis=0))
