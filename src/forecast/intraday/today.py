"""Today's reports and the live forecast of all queues -> FORECAST and PATHS of today's rest."""

from dataclasses import dataclass
from zlib import crc32

import numpy as np
import pandas as pd

from forecast.intraday.model import DayModel
from forecast.intraday.seen import KEY, champion_by_date, seen_intervals
from forecast.intraday.update import rest_of_day, update_day
from forecast.params import Params
from forecast.schema import FORECAST, PATHS, SERIES, SeriesKey, by_series, of_series
from forecast.select import CHAMPION
from forecast.targets import OFFERED

USUAL = (0.025, 0.975)
"""A day is odd when so many contacts by now come on fewer than one day in twenty."""
TOLD = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


@dataclass(frozen=True)
class Today:
    """What the morning told about the rest of a day, for all queues.

    ``forecast`` is FORECAST after the last interval seen, ``paths`` its PATHS; ``forecast_before``
    and ``paths_before`` are the same without the morning. ``summary`` has a row per queue: how many
    contacts were ``seen`` in how many ``intervals``, and in how many of these the count was
    ``outside`` P2.5 to P97.5; how many were ``expected`` in them, with their usual range ``low`` to
    ``high`` (19 days of 20), and whether the day is ``odd``: outside of it; P10, P50 and P90 of the
    rest's sum, ``p10_before`` and ``p10`` and so on. ``unfinished`` counts the intervals that were
    left out because they are still going on.
    """

    date: pd.Timestamp
    forecast: pd.DataFrame
    paths: pd.DataFrame
    forecast_before: pd.DataFrame
    paths_before: pd.DataFrame
    summary: pd.DataFrame
    unfinished: int


def rest_of_today(
    forecast: pd.DataFrame,
    history: pd.DataFrame,
    past: pd.DataFrame,
    features: pd.DataFrame,
    params: Params,
) -> Today:
    """Return what today's reports tell about the rest of today; nothing is refitted.

    The day is the one that the reports are of. "Now" is the end of the last interval that any queue
    has reported wholly; what a queue has not reported until then says nothing about it. Queues are
    updated one by one: paths of one do not belong to those of another.

    Parameters
    ----------
    forecast
        FORECAST ahead, as ``live_forecast`` returns it; the champion's rows are used.
    history
        HISTORY of today so far, as ``acd.ingest`` returns it; reports may be shorter than the
        planning intervals.
    past
        FORECAST of past cutoffs, as ``select.replay`` returns it, that says how days deviate.
    features
        FEATURES that ``past`` was made from.
    params
        The sections ``ingest`` (zones, leave_out, absent_rows), ``features`` (interval),
        ``forecast`` (paths) and ``seed`` are used.

    Raises
    ------
    ForecastError
        When reports are of several days, of a day or queue that is not forecast, or of intervals
        that do not fit; or too few past days are known.
    """
    champion = champion_by_date(forecast, params)
    seen, unfinished = seen_intervals(history, champion, params)
    now = seen["ds"].max()
    date = champion.merge(seen[KEY], on=KEY)["date"].max()
    day = champion[champion["date"] == date]
    told = past[(past["model"] == CHAMPION) & (past["target"] == OFFERED)]
    parts = [
        _Queue.of(key, own[FORECAST.names], _passed(own, of_series(seen, key), now), model, params)
        for key, own in by_series(day)
        for model in [_model(of_series(told, key), features)]
    ]
    return Today(
        date=date,
        forecast=FORECAST.validate(pd.concat([p.after for p in parts], ignore_index=True)),
        paths=PATHS.validate(pd.concat([p.paths for p in parts], ignore_index=True)),
        forecast_before=FORECAST.validate(day.loc[day["ds"] > now, FORECAST.names]),
        paths_before=PATHS.validate(
            pd.concat([p.before[p.before["ds"] > now] for p in parts], ignore_index=True)
        ),
        summary=pd.DataFrame([p.summary(now) for p in parts]),
        unfinished=unfinished,
    )


def _model(past: pd.DataFrame, features: pd.DataFrame) -> DayModel:
    """Return how a queue's days deviate; of a young one, as days usually do."""
    return DayModel.usual() if past.empty else DayModel.of(past, features)


def _passed(day: pd.DataFrame, seen: pd.DataFrame, now: pd.Timestamp) -> pd.Series:
    """Return the counts of all intervals of one queue until now, empty where not reported."""
    passed = day.loc[day["ds"] <= now, "ds"]
    counts = passed.map(seen.set_index("ds")["offered"]).astype("float64")
    return counts.set_axis(pd.DatetimeIndex(passed))


@dataclass(frozen=True)
class _Queue:
    """One queue: its day as forecast, what was seen, and draws of the day before and after it."""

    key: SeriesKey
    day: pd.DataFrame
    seen: pd.Series
    before: pd.DataFrame
    after: pd.DataFrame
    paths: pd.DataFrame

    @classmethod
    def of(
        cls, key: SeriesKey, day: pd.DataFrame, seen: pd.Series, model: DayModel, params: Params
    ) -> "_Queue":
        n, name = params.forecast.paths, crc32("/".join(key).encode())
        before, after = (np.random.default_rng([params.seed, name, k]) for k in (0, 1))
        return cls(
            key,
            day,
            seen,
            rest_of_day(day, seen[:0], model, n=n, rng=before),
            update_day(day, seen, model),
            rest_of_day(day, seen, model, n=n, rng=after),
        )

    def summary(self, now: pd.Timestamp) -> dict[str, object]:
        """Return the queue's row of ``Today.summary``."""
        is_open = self.day.loc[self.day["open_min"] > 0, "ds"]
        reported = self.seen[self.seen.index.isin(is_open)].dropna()
        here = self.day[self.day["ds"].isin(reported.index)].set_index("ds")
        within = reported.between(here["q025"].round(), here["q975"].round())
        usual = _sums(self.before[self.before["ds"].isin(reported.index)]).quantile(list(USUAL))
        low, high = usual if len(reported) else (0.0, 0.0)
        count = float(reported.sum())
        rest = {"_before": _sums(self.before[self.before["ds"] > now]), "": _sums(self.paths)}
        return {
            **dict(zip(SERIES, self.key, strict=True)),
            "intervals": len(reported),
            "seen": count,
            "outside": int((~within).sum()),
            "expected": float(here["mean"].sum()),
            "low": float(low),
            "high": float(high),
            "odd": not low <= count <= high,
            **{
                f"{name}{when}": float(sums.quantile(level)) if len(sums) else 0.0
                for when, sums in rest.items()
                for name, level in TOLD.items()
            },
        }


def _sums(paths: pd.DataFrame) -> pd.Series:
    sums: pd.Series = paths.groupby("path")["offered"].sum()
    return sums
