"""The live forecast: models fitted to all that is known, with the selection's calibration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd

from forecast.backtest import Progress, expected_at, silent
from forecast.distribution import day_noise, draw_paths
from forecast.errors import ForecastError
from forecast.features import first_unknown_day, start_of
from forecast.models import restore
from forecast.models.base import Forecaster
from forecast.origins import ahead_of
from forecast.params import Params
from forecast.schema import FORECAST, PATHS, QUANTILES, SERIES, UTC, by_series
from forecast.select import CHAMPION, SeriesPlan, apply


@dataclass(frozen=True)
class Live:
    """The live forecast, its paths, and the fitted models by a file-safe name."""

    forecast: pd.DataFrame
    paths: pd.DataFrame
    states: dict[str, dict[str, Any]]


def live_forecast(
    features: pd.DataFrame,
    plans: Sequence[SeriesPlan],
    params: Params,
    *,
    progress: Progress = silent,
) -> Live:
    """Return FORECAST and PATHS from the end of the history on.

    FORECAST has every model, the ensemble and the champion; PATHS are the champion's. Closed
    intervals are in both, with 0 and no width. All series start on the same local day, and path k
    of one belongs to path k of the others: totals are sums along a path.

    Parameters
    ----------
    features
        FEATURES of any number of series.
    plans
        What ``select.plans`` chose for each.
    params
        The sections ``models``, ``backtest`` (horizons), ``forecast`` and ``seed`` are used.
    progress
        Shows how far it is.

    Raises
    ------
    ForecastError
        When a series has no plan, which is when the select stage has not seen it, or a horizon has
        no calibration because the history is too short.
    """
    day = first_unknown_day(features)
    # Whoever runs this now knows every event in the calendar; announcements matter in the backtest.
    features = features.assign(event_known=pd.Series(pd.NaT, index=features.index, dtype=UTC))
    plan_of = {plan.series: plan for plan in plans}
    forecasts, paths = [], []
    states: dict[str, dict[str, Any]] = {}
    groups = list(by_series(features))
    for number, (key, own) in enumerate(progress(groups, "forecast")):
        plan = plan_of.get(key)
        if plan is None:
            raise ForecastError(f"series {'/'.join(key)} was not selected for; run select again")
        cutoff = start_of(own, day)
        within = _up_to(params.backtest.horizons, params.forecast.horizon_days)
        means, fitted = expected_at(own, cutoff, params.models, within, seed=params.seed)
        _check_horizons(means, plan)
        future = ahead_of(own, cutoff, within)
        rows = _with_closed(apply(plan.selection, means), future, cutoff)
        forecasts.append(rows)
        dates = own[["ds", "date"]]
        champion = rows[rows["model"] == CHAMPION].merge(dates, on="ds", validate="one_to_one")
        paths.append(_paths(champion, plan, params))
        states |= {f"{number:03d}_{name}": model.state() for name, model in fitted.items()}
    return Live(
        FORECAST.validate(pd.concat(forecasts, ignore_index=True)),
        PATHS.validate(pd.concat(paths, ignore_index=True)),
        states,
    )


def _paths(champion: pd.DataFrame, plan: SeriesPlan, params: Params) -> pd.DataFrame:
    name = "/".join(plan.series)
    fresh = day_noise(
        params.forecast.paths,
        params.forecast.horizon_days,
        plan.dependence.between,
        params.seed,
        name,
    )
    return draw_paths(
        champion,
        {h: c.calibrations[c.champion] for h, c in plan.selection.items()},
        plan.dependence,
        fresh=fresh,
        rng=np.random.default_rng([params.seed, 2, crc32(name.encode())]),
    )


def _up_to(horizons: Mapping[str, int], days: int) -> dict[str, int]:
    """Return the lead-time buckets up to a last day."""
    out: dict[str, int] = {}
    for name, last in horizons.items():
        if not out or max(out.values()) < days:
            out[name] = min(last, days)
    return out


def _check_horizons(means: pd.DataFrame, plan: SeriesPlan) -> None:
    lacking = sorted(set(means["horizon"]) - set(plan.selection))
    if lacking:
        raise ForecastError(
            f"series {'/'.join(plan.series)}: no calibration for {', '.join(lacking)}; "
            "the history is too short for them. Add history or lower forecast.horizon_days"
        )


def _with_closed(rows: pd.DataFrame, future: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Return the rows of every model with the closed intervals between them, as zeros."""
    closed = future[future["open_min"] == 0]
    levels = dict.fromkeys(("raw_mean", "mean", *QUANTILES), 0.0)
    zeros = closed[[*SERIES, "ds", "open_min", "horizon"]].assign(
        target=rows["target"].iloc[0], cutoff=cutoff, y=np.nan, **levels
    )
    every = [zeros.assign(model=model) for model in rows["model"].unique()]
    return pd.concat([rows, *every], ignore_index=True)[FORECAST.names]


@dataclass(frozen=True)
class Champion:
    """The champion as it was saved: fitted models and plan of one series."""

    plan: SeriesPlan
    models: Mapping[str, Forecaster]

    @classmethod
    def load(cls, plan: SeriesPlan, number: int, states: Mapping[str, Any]) -> "Champion":
        """Return the champion of the series with a number, from saved states."""
        prefix = f"{number:03d}_"
        own = {n.removeprefix(prefix): s for n, s in states.items() if n.startswith(prefix)}
        return cls(plan, {name: restore(state) for name, state in own.items()})

    def predict(self, future: pd.DataFrame) -> pd.DataFrame:
        """Return FORECAST-like rows (mean and quantiles) for FEATURES rows with a ``horizon``."""
        base = future[[*SERIES, "ds", "open_min", "horizon"]].assign(
            target="offered", cutoff=future["ds"].min(), y=np.nan
        )
        means = pd.concat(
            [base.assign(model=n, raw_mean=m.predict(future)) for n, m in self.models.items()],
            ignore_index=True,
        )
        rows = apply(self.plan.selection, means)
        return rows[rows["model"] == CHAMPION].sort_values("ds").reset_index(drop=True)
