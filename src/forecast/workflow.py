"""From tables in memory to a forecast in one call: no files, no DVC, no MLflow."""

from dataclasses import dataclass

import pandas as pd

from forecast.backtest import Progress, backtest, silent
from forecast.features import build_features, past_and_ahead, reaching
from forecast.params import Params
from forecast.predict import Live, live_forecast
from forecast.schema import UTC, as_known, events_at
from forecast.select import SeriesPlan, plans, replay


@dataclass(frozen=True)
class Forecasted:
    """The forecast, what it was chosen from, and how it would have done.

    ``live`` has FORECAST and PATHS from the cutoff on, ``past`` the FORECAST of the backtest's
    cutoffs, ``plans`` the choice for each series.
    """

    live: Live
    past: pd.DataFrame
    plans: list[SeriesPlan]


def forecast_weeks(
    history: pd.DataFrame,
    calendar: pd.DataFrame,
    events: pd.DataFrame,
    params: Params,
    *,
    cutoff: pd.Timestamp | None = None,
    progress: Progress = silent,
) -> Forecasted:
    """Return the forecast of the next ``forecast.horizon_days``, as the pipeline makes it.

    Parameters
    ----------
    history
        HISTORY of any number of series.
    calendar, events
        Its CALENDAR and EVENTS, as ``calendars.build.build_calendar`` returns them.
    params
        All parameters.
    cutoff
        Only what was known before it is used: reports, calendar and announcements; None: all is
        used, and the forecast begins where the history ends.
    progress
        Shows how far it is.

    Raises
    ------
    InputError, ForecastError
        As the steps that it is made of: intervals that do not fit, a history that is too short.
    """
    if cutoff is not None:
        history = history[history["ds"] < cutoff]
        calendar = calendar[calendar["known"] <= cutoff]
        events = events_at(events, cutoff)
        # What was replaced later still held.
        events = events.assign(withdrawn=pd.Series(pd.NaT, index=events.index, dtype=UTC))
    features = build_features(history, calendar, events, params)
    past, _ = past_and_ahead(features)
    means = backtest(past, reaching(events, past), params, progress=progress)
    replayed = replay(means, params.select)
    horizons = params.backtest.horizons
    chosen = plans(means, replayed, as_known(past), params.select, horizons=horizons)
    live = live_forecast(features, events, chosen, params, progress=progress)
    return Forecasted(live, replayed, chosen)
