"""Prophet, as it comes and as somebody would set it up who knows it and the trade.

Both learn from the last 52 weeks, which bounds their time and leaves the yearly seasonality out:
Prophet itself asks for two years before it fits one. Quantiles are those of its own predictive
samples.

References
----------
Taylor & Letham (2018), Forecasting at scale. The American Statistician 72(1).
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from peers.base import Peer, latest, of_draws, open_rows, reported

if TYPE_CHECKING:
    from prophet import Prophet

WEEKS = 52
FLAGS = ("after_closure", "before_closure", "holiday_open", "month_start", "month_end", "month_day")


def as_it_comes(train: pd.DataFrame, ahead: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return the forecast of ``Prophet()``, fitted to the intervals that were open.

    Trained on the last 52 weeks.
    """
    from prophet import Prophet

    known, asked = latest(reported(train), WEEKS), open_rows(ahead)
    frame = pd.DataFrame({"ds": _wall(known), "y": known["rate"]})
    return _sampled(Prophet(), frame, pd.DataFrame({"ds": _wall(asked)}), asked, 1.0, seed)


def tuned(train: pd.DataFrame, ahead: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return the forecast of a Prophet that was given what is known of contact centres.

    Open hours only, rates as multiples of their mean, seasonality that multiplies; one shape of the
    day that all weekdays share and each weekday's own deviation from it (conditional
    seasonalities); closures, worked holidays and the turn of the month as regressors; a trend that
    bends less than by default (0.02), since four weeks are extrapolated. Trained on the last 52
    weeks. A regressor that never came up is left out.
    """
    from prophet import Prophet

    known, asked = _told(latest(reported(train), WEEKS)), _told(open_rows(ahead))
    scale = max(float(known["rate"].mean()), 1e-9)
    weekdays = sorted(known["weekday"].unique())
    model = Prophet(
        seasonality_mode="multiplicative",
        changepoint_prior_scale=0.02,
        daily_seasonality=False,
        weekly_seasonality=False,
        yearly_seasonality=False,
    )
    model.add_seasonality("daily", period=1, fourier_order=10)
    if len(weekdays) > 1:
        model.add_seasonality("weekly", period=7, fourier_order=3)
        for day in weekdays:
            model.add_seasonality(
                f"daily_{day}", period=1, fourier_order=4, condition_name=f"is_{day}"
            )
    regressors = [name for name in FLAGS if known[name].nunique() > 1]
    for name in regressors:
        model.add_regressor(name)
    columns = ["ds", *regressors, *(f"is_{day}" for day in weekdays)]
    known, asked = (_conditions(rows, weekdays) for rows in (known, asked))
    frame = known[columns].assign(y=known["rate"] / scale)
    return _sampled(model, frame, asked[columns], asked, scale, seed)


def _told(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with wall time and the flags of the turn of the month."""
    return rows.assign(
        ds=_wall(rows),
        month_start=(rows["month_day"] <= 3).astype("int64"),
        month_end=(rows["month_left"] <= 2).astype("int64"),
    )


def _conditions(rows: pd.DataFrame, weekdays: list[int]) -> pd.DataFrame:
    return rows.assign(**{f"is_{day}": rows["weekday"] == day for day in weekdays})


def _wall(rows: pd.DataFrame) -> pd.Series:
    return rows["date"] + pd.to_timedelta(rows["slot_min"], unit="min")


def _sampled(
    model: "Prophet",
    frame: pd.DataFrame,
    future: pd.DataFrame,
    asked: pd.DataFrame,
    scale: float,
    seed: int,
) -> pd.DataFrame:
    """Return the answer of a model that is fitted to a frame of rates, by its own samples."""
    model.fit(frame, seed=seed)
    np.random.seed(seed)  # noqa: NPY002 - Prophet draws from the global generator
    draws = model.predictive_samples(future)["yhat"]
    model.uncertainty_samples = 0  # else the mean would cost as many samples again
    mean = model.predict(future)["yhat"].to_numpy()
    counts = asked["open_min"].to_numpy() * scale
    return of_draws(asked, mean * counts, draws * counts[:, None])


PEERS: dict[str, Peer] = {"Prophet as it comes": as_it_comes, "Prophet tuned": tuned}
