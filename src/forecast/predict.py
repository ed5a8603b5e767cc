"""The live forecast: models fitted to all that is known, with the selection's calibration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from forecast.backtest import (
    Asked,
    Expected,
    Progress,
    by_instant,
    expected_together,
    silent,
    targets_of,
)
from forecast.borrowing import Others
from forecast.distribution import paths_table
from forecast.effects.apply import effects_ahead, learned
from forecast.effects.explain import Explained, explain
from forecast.effects.faults import without_absurd
from forecast.effects.learn import Effects
from forecast.effects.state import from_state, to_state
from forecast.errors import ForecastError
from forecast.features import first_unknown_day, known_at, start_of, with_effect
from forecast.joint import joint_paths, over_contacts
from forecast.models import restore
from forecast.models.base import Forecaster
from forecast.origins import ahead_of
from forecast.params import CapacityParams, Params
from forecast.schema import (
    ALWAYS,
    EVENTS,
    FORECAST,
    MENDED,
    PATHS,
    QUANTILES,
    SERIES,
    SeriesKey,
    as_known,
    by_series,
    events_at,
    of_series,
)
from forecast.select import CHAMPION, Selection, SeriesPlan, apply
from forecast.targets import AHT, OFFERED

EFFECTS = "effects"
"""Name under which the effects of events are saved beside the models."""


@dataclass(frozen=True)
class Live:
    """The live forecast, its paths, the fitted models by a file-safe name, and what events do.

    ``mended`` is MENDED: what the models did not learn from as it was.
    """

    forecast: pd.DataFrame
    paths: pd.DataFrame
    states: dict[str, dict[str, Any]]
    explained: Explained
    mended: pd.DataFrame


def live_forecast(
    features: pd.DataFrame,
    events: pd.DataFrame,
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
        FEATURES of any number of series, with the days ahead.
    events
        Their EVENTS.
    plans
        What ``select.plans`` chose for each.
    params
        The sections ``models``, ``backtest`` (horizons), ``calendars`` (keep_out), ``forecast``,
        ``features`` (interval), ``capacity`` (where handle time is measured) and ``seed``.
    progress
        Shows how far it is.

    Raises
    ------
    ForecastError
        When a series has no plan, which is when the select stage has not seen it, or a horizon has
        no calibration because the history is too short.
    """
    told_all = with_effect(events, params.calendars.keep_out)
    plan_of = {plan.series: plan for plan in plans}
    forecasts, paths, explained, mended = [], [], [], []
    states: dict[str, dict[str, Any]] = {}
    everything = _now(features)
    everyone = Others(everything, told_all.assign(announced=ALWAYS.tz_localize("UTC")))
    asked: dict[SeriesKey, Asked] = {}
    for key, own in by_series(everything):
        if key not in plan_of:
            raise ForecastError(f"series {'/'.join(key)} was not selected for; run select again")
        about = events_at(of_series(told_all, key)).assign(announced=ALWAYS.tz_localize("UTC"))
        asked[key] = Asked(own, about, start_of(own, first_unknown_day(features)))
    groups = [[list(asked)[n] for n in group] for group in by_instant(list(asked.values()))]
    made: dict[SeriesKey, Expected] = {}
    lengths: dict[SeriesKey, Expected] = {}
    for group in progress(groups, "models"):
        made |= _expected({key: asked[key] for key in group}, OFFERED, params, everyone)
        timed = {key: asked[key] for key in group if _is_timed(asked[key], plan_of[key], params)}
        lengths |= _expected(timed, AHT, params, everyone)
    for number, (key, one) in enumerate(progress(list(asked.items()), "forecast")):
        live = _live_series(one, made[key], lengths.get(key), plan_of[key], params)
        forecasts.append(live.rows)
        explained.append(live.explained)
        paths.append(live.paths)
        states |= _states(f"{number:03d}_", made[key])
        mended.append(made[key].mended(key, OFFERED))
        if key in lengths:
            states |= _states(f"{number:03d}_{AHT}_", lengths[key])
            mended.append(lengths[key].mended(key, AHT))
    return Live(
        FORECAST.validate(pd.concat(forecasts, ignore_index=True)),
        PATHS.validate(pd.concat(paths, ignore_index=True)),
        states,
        Explained.together(explained),
        MENDED.validate(pd.concat(mended, ignore_index=True)),
    )


@dataclass(frozen=True)
class _LiveSeries:
    """What is made for one series."""

    rows: pd.DataFrame
    paths: pd.DataFrame
    explained: Explained


def _expected(
    asked: Mapping[SeriesKey, Asked], target: str, params: Params, others: Others
) -> dict[SeriesKey, Expected]:
    """Return what is expected of each series, which have one cutoff."""
    made = expected_together(
        list(asked.values()),
        params.models if target == OFFERED else params.aht_models,
        _up_to(params.backtest.horizons, params.forecast.horizon_days),
        seed=params.seed,
        target=target,
        others=others,
    )
    return dict(zip(asked, made, strict=True))


def _is_timed(asked: Asked, plan: SeriesPlan, params: Params) -> bool:
    """Return whether handle time is forecast: reported for long enough, with a known error."""
    within = _up_to(params.backtest.horizons, params.forecast.horizon_days)
    if plan.handle_time is None or not set(within) <= set(plan.handle_time.selection):
        return False
    return AHT in targets_of(asked, params)


def _states(prefix: str, made: Expected) -> dict[str, dict[str, Any]]:
    """Return the fitted models, and the effects where there are any, by a file-safe name."""
    out = {f"{prefix}{name}": model.state() for name, model in made.models.items()}
    if made.effects is not None:
        out[f"{prefix}{EFFECTS}"] = to_state(made.effects)
    return out


def _now(features: pd.DataFrame) -> pd.DataFrame:
    """Return FEATURES of which everything was always known.

    Whoever runs this now knows the whole calendar; announcements matter in the backtest.
    """
    return as_known(features).assign(known=ALWAYS.tz_localize("UTC"))


def _live_series(
    asked: Asked, made: Expected, lengths: Expected | None, plan: SeriesPlan, params: Params
) -> _LiveSeries:
    """Return one series' FORECAST and PATHS of what is expected, and what its events do.

    ``lengths`` is what is expected of its handle time; None where that is not forecast.
    """
    own, events, cutoff = asked
    within = _up_to(params.backtest.horizons, params.forecast.horizon_days)
    _check_horizons(made.means, plan.selection, plan)
    known = known_at(own, cutoff)
    train, future = without_absurd(known[known["ds"] < cutoff]), ahead_of(known, cutoff, within)
    rows = _with_closed(apply(plan.selection, made.means), future, cutoff)
    champion = _champion(rows)
    timed = _handle_time(lengths, plan, champion, future, cutoff)
    handle_time = lengths.effects if lengths else learned(train, events, target="aht_s")
    aht_effect = effects_ahead(future, events, handle_time)["effect"]
    aht_effect /= _in_measured(train, handle_time, params.capacity)
    rows["aht_effect"] = rows["ds"].map(aht_effect.set_axis(future["ds"]))
    usual = future["ds"].map(champion.set_index("ds")["mean"] / champion.set_index("ds")["effect"])
    told = explain(
        train,
        future.assign(usual=usual),
        events,
        plan.series,
        volume=made.effects,
        handle_time=handle_time,
        interval_min=params.features.interval_min,
    )
    paths = _paths(own, champion, timed, plan, params)
    rows = rows if timed is None else pd.concat([rows, timed], ignore_index=True)
    return _LiveSeries(rows[FORECAST.names], paths, told)


def _champion(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the champion's rows in the order of time."""
    return rows[rows["model"] == CHAMPION].sort_values("ds", ignore_index=True)


def _handle_time(
    lengths: Expected | None,
    plan: SeriesPlan,
    volume: pd.DataFrame,
    future: pd.DataFrame,
    cutoff: pd.Timestamp,
) -> pd.DataFrame | None:
    """Return the FORECAST of handle time, over as many contacts as are expected."""
    if lengths is None or plan.handle_time is None:
        return None
    means = over_contacts(lengths.means, volume)
    rows = _with_closed(apply(plan.handle_time.selection, means), future, cutoff)
    return rows.assign(aht_effect=1.0)


def _in_measured(train: pd.DataFrame, effects: Effects | None, params: CapacityParams) -> float:
    """Return what events did to the handle time that is measured, 1 where it is given.

    Staffing multiplies the handle time of the last weeks by the effect: what events did in these
    weeks must not count twice.
    """
    since = train["ds"].max() - pd.Timedelta(weeks=params.aht_weeks)
    recent = train[(train["ds"] > since) & (train["handled"] > 0)]
    if effects is None or params.aht_s is not None or recent.empty:
        return 1.0
    factor = np.exp(effects.on(recent, effects.design.events)["log_effect"])
    return float(np.average(factor, weights=recent["handled"]))


def _paths(
    own: pd.DataFrame,
    champion: pd.DataFrame,
    timed: pd.DataFrame | None,
    plan: SeriesPlan,
    params: Params,
) -> pd.DataFrame:
    """Return PATHS of one series; handle times go with the volume as they did in the backtest."""
    dates, given = own[["ds", "date"]], params.forecast
    volume = champion.merge(dates, on="ds", validate="one_to_one")
    lengths = None
    if timed is not None:
        lengths = _champion(timed).merge(dates, on="ds", validate="one_to_one")
    drawn = joint_paths(
        volume, lengths, plan, n=given.paths, days=given.horizon_days, seed=params.seed
    )
    return paths_table(volume, *drawn)


def _up_to(horizons: Mapping[str, int], days: int) -> dict[str, int]:
    """Return the lead-time buckets up to a last day."""
    out: dict[str, int] = {}
    for name, last in horizons.items():
        if not out or max(out.values()) < days:
            out[name] = min(last, days)
    return out


def _check_horizons(means: pd.DataFrame, selection: Selection, plan: SeriesPlan) -> None:
    lacking = sorted(set(means["horizon"]) - set(selection))
    if lacking:
        raise ForecastError(
            f"series {'/'.join(plan.series)}: no calibration for {', '.join(lacking)}; "
            "the history is too short for them. Add history or lower forecast.horizon_days"
        )


def _with_closed(rows: pd.DataFrame, future: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Return the rows of every model with the closed intervals between them, as zeros."""
    closed = future[future["open_min"] == 0]
    levels = dict.fromkeys(("unit", "raw_mean", "effect_var", "mean", *QUANTILES), 0.0)
    zeros = closed[[*SERIES, "ds", "open_min", "horizon"]].assign(
        target=rows["target"].iloc[0], cutoff=cutoff, y=np.nan, weight=0.0, effect=1.0, **levels
    )
    every = [zeros.assign(model=model) for model in rows["model"].unique()]
    return pd.concat([rows, *every], ignore_index=True)


@dataclass(frozen=True)
class Champion:
    """The champion as it was saved: fitted models, effects of events and plan of one series."""

    plan: SeriesPlan
    models: Mapping[str, Forecaster]
    effects: Effects | None

    @classmethod
    def load(cls, plan: SeriesPlan, number: int, states: Mapping[str, Any]) -> "Champion":
        """Return the champion of the series with a number, from saved states."""
        prefix = f"{number:03d}_"
        named = {n.removeprefix(prefix): s for n, s in states.items() if n.startswith(prefix)}
        own = {n: s for n, s in named.items() if not n.startswith(f"{AHT}_")}
        effects = from_state(own.pop(EFFECTS)) if EFFECTS in own else None
        return cls(plan, {name: restore(state) for name, state in own.items()}, effects)

    def predict(self, future: pd.DataFrame, events: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return FORECAST-like rows (mean and quantiles) for FEATURES rows with a ``horizon``.

        Parameters
        ----------
        future
            FEATURES rows from the cutoff on.
        events
            EVENTS in place of those that the champion was trained with, of any series: what was
            last said of each event holds. One moved, added or dropped changes the days that it
            reaches, without new training. Where the champion saw no event at all, none has an
            effect.
        """
        if events is not None:
            told = events_at(of_series(events, self.plan.series))
        else:
            told = self.effects.design.events if self.effects is not None else EVENTS.empty()
        factor = effects_ahead(future, told, self.effects)
        base = future[[*SERIES, "ds", "open_min", "horizon"]].assign(
            target=OFFERED, cutoff=future["ds"].min(), y=np.nan, weight=1.0, unit=1.0, **factor
        )
        means = pd.concat(
            [
                base.assign(model=name, raw_mean=model.predict(future) * factor["effect"])
                for name, model in self.models.items()
            ],
            ignore_index=True,
        )
        rows = apply(self.plan.selection, means)
        return rows[rows["model"] == CHAMPION].sort_values("ds").reset_index(drop=True)
