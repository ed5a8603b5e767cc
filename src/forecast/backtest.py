"""Rolling origins: what each model would have expected at past cutoffs -> MEANS.

A live forecast is the same at the last cutoff, whose truth is not known yet: both call
``expected_together``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from forecast.borrowing import Borrowed, Others, borrowed
from forecast.effects.apply import effects_ahead, learned, without_effects
from forecast.effects.faults import without_absurd, without_faults
from forecast.effects.learn import Effects
from forecast.errors import ForecastError
from forecast.features import first_unknown_day, known_at, start_of, with_effect
from forecast.models import fitted
from forecast.models.base import Forecaster
from forecast.origins import ahead_of, cutoffs, cutoffs_on
from forecast.params import MIN_OPEN_DAYS, Params
from forecast.recovery import Recovered, recovered
from forecast.schema import (
    MEANS,
    MENDED,
    SERIES,
    SeriesKey,
    as_known,
    by_series,
    events_at,
    of_series,
)
from forecast.targets import AHT, OFFERED, Grain, as_counts

Models = Mapping[str, Mapping[str, Any]]
Progress = Callable[[Iterable[Any], str], Iterable[Any]]


def silent(steps: Iterable[Any], label: str) -> Iterable[Any]:
    """Return the steps as they are: no progress is shown."""
    return steps


def backtest(
    features: pd.DataFrame,
    events: pd.DataFrame,
    params: Params,
    *,
    at: Sequence[pd.Timestamp] | None = None,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Return MEANS of every model at every cutoff, with what came where it is known.

    Parameters
    ----------
    features
        FEATURES of any number of series.
    events
        Their EVENTS.
    params
        The sections ``models``, ``aht_models``, ``backtest``, ``calendars`` (keep_out) and ``seed``
        are used.
    at
        Local dates of the cutoffs, the same for all series; None: as ``params.backtest`` says.
    progress
        Shows how far it is: takes the steps and a label, gives the steps back.

    Raises
    ------
    ForecastError
        When no series' history is long enough for any cutoff. One that is too young beside others
        has no rows: it is forecast with what they lend it, and how well that does is not known.
    """
    day = first_unknown_day(features)
    told = with_effect(events, params.calendars.keep_out)
    tasks: list[Asked] = []
    young: list[str] = []
    for key, own in by_series(features):
        end = start_of(own, day)
        found = cutoffs(own, params.backtest, end) if at is None else cutoffs_on(own, at, end)
        young += ["/".join(key)] if not found else []
        tasks += [Asked(own, of_series(told, key), cutoff) for cutoff in found]
    if not tasks:
        raise ForecastError(
            f"series {young[0]} has no cutoff with {MIN_OPEN_DAYS} open days in use and reported "
            "before it, nor has any other; add history, or name the queue in ingest.leave_out"
        )
    together = by_instant(tasks)
    parts: dict[tuple[int, str], pd.DataFrame] = {}
    for group in progress(together, "backtest"):
        for target in (OFFERED, AHT):
            asked = {n: tasks[n] for n in group if target in targets_of(tasks[n], params)}
            made = expected_together(
                list(asked.values()),
                params.models if target == OFFERED else params.aht_models,
                params.backtest.horizons,
                seed=params.seed,
                target=target,
                others=Others(features, told),
            )
            parts |= {(n, target): one.means for n, one in zip(asked, made, strict=True)}
    ordered = [parts[n, t] for n in range(len(tasks)) for t in (OFFERED, AHT) if (n, t) in parts]
    return MEANS.validate(pd.concat(ordered, ignore_index=True))


class Asked(NamedTuple):
    """One series to be forecast: FEATURES, EVENTS, and the cutoff."""

    features: pd.DataFrame
    events: pd.DataFrame
    cutoff: pd.Timestamp


def targets_of(asked: Asked, params: Params) -> tuple[str, ...]:
    """Return what of one series can be forecast: handle time where enough days reported it."""
    features = asked.features
    timed = features[features["ds"] < asked.cutoff]
    timed = timed[(timed["handled"] > 0) & (timed["y"] > 0)]
    timed = timed[(timed["aht_s"] > 0) & (timed["open_min"] > 0)]
    if params.aht_models and timed["date"].nunique() >= MIN_OPEN_DAYS:
        return OFFERED, AHT
    return (OFFERED,)


@dataclass(frozen=True)
class Expected:
    """What one series' models expect from one cutoff on, and what they were made with.

    ``effects`` are None where no event was known; ``scale`` is what a rate of 1 of the models is
    worth: the mean handle time, or 1; ``recovered`` and ``borrowed`` say what the models did not
    learn from as it was.
    """

    means: pd.DataFrame
    models: Mapping[str, Forecaster]
    effects: Effects | None
    scale: float
    recovered: Recovered
    borrowed: Borrowed

    def mended(self, key: SeriesKey, target: str) -> pd.DataFrame:
        """Return MENDED of the series."""
        found = [self.recovered.table(target), self.borrowed.table(key, target)]
        return pd.concat([part for part in found if len(part)] or [MENDED.empty()])


def expected_at(
    features: pd.DataFrame,
    events: pd.DataFrame,
    cutoff: pd.Timestamp,
    models: Models,
    horizons: Mapping[str, int],
    *,
    seed: int,
    target: str = OFFERED,
    others: Others | None = None,
) -> Expected:
    """Return one series' MEANS at one cutoff, learned from nothing but itself.

    As ``expected_together`` of one series alone.
    """
    one = [Asked(features, events, cutoff)]
    return expected_together(one, models, horizons, seed=seed, target=target, others=others)[0]


def expected_together(
    asked: Sequence[Asked],
    models: Models,
    horizons: Mapping[str, int],
    *,
    seed: int,
    target: str = OFFERED,
    others: Others | None = None,
) -> list[Expected]:
    """Return MEANS of each series from what was known at one instant, the cutoff of all.

    The models learn from counts (or handle times) without the effects of events, and what events do
    is put upon what they expect; some learn from all these series together. Only open intervals
    within the longest horizon are returned.

    ``others`` are those of the whole centre: what a young series' volume is learned from beside its
    own days.

    Raises
    ------
    ForecastError
        When a series has no history before the cutoff or no open interval ahead of it.
    """
    ready = [_prepared(one, horizons, target, others) for one in asked]
    trains = [one.lent.train for one in ready]
    learned = {name: fitted(name, options, trains, seed=seed) for name, options in models.items()}
    return [
        one.expected({name: made[n] for name, made in learned.items()})
        for n, one in enumerate(ready)
    ]


@dataclass(frozen=True)
class _Prepared:
    """One series at a cutoff before models learn: what they learn from and are asked for.

    ``base`` has the rows of MEANS that all models share, ``future`` the FEATURES of these rows.
    """

    base: pd.DataFrame
    future: pd.DataFrame
    effects: Effects | None
    scale: float
    mended: Recovered
    lent: Borrowed

    def expected(self, models: Mapping[str, Forecaster]) -> Expected:
        """Return what fitted models expect."""
        worth = self.scale * self.base["effect"].to_numpy()
        parts = [
            self.base.assign(model=name, raw_mean=worth * model.predict(self.future).to_numpy())
            for name, model in models.items()
        ]
        means = pd.concat(parts, ignore_index=True)[MEANS.names]
        return Expected(means, models, self.effects, self.scale, self.mended, self.lent)


def _prepared(
    asked: Asked, horizons: Mapping[str, int], target: str, others: Others | None
) -> _Prepared:
    """Return one series without the effects of events, mended, and what it is asked for."""
    features, events, cutoff = asked
    known = known_at(features, cutoff)
    told = events_at(events, cutoff)
    train = known[known["ds"] < cutoff]
    future = ahead_of(known, cutoff, horizons)
    if train.empty or not (future["open_min"] > 0).any():
        series = "/".join(features[list(SERIES)].iloc[0])
        raise ForecastError(
            f"series {series} has no history before the cutoff {cutoff}, or no open interval in "
            f"the {max(horizons.values())} days after it; lengthen forecast.horizon_days, or "
            "name the queue in ingest.leave_out"
        )
    future = future[future["open_min"] > 0]
    effects = learned(without_faults(train, told), told, target=target)
    column = "y" if target == OFFERED else target
    usual = without_effects(train, effects, column=column)
    factor = effects_ahead(future, told, effects)
    # What cannot be is not scored: one such count would be all that past errors tell of.
    came = without_absurd(as_known(features)).set_index("ds").reindex(future["ds"])
    base = future[[*SERIES, "ds", "open_min", "horizon"]].assign(
        target=target, cutoff=cutoff, y=came[column].to_numpy(), **factor
    )
    scale = 1.0
    if target == OFFERED:
        base = base.assign(weight=1.0, unit=1.0)
    else:
        grain = Grain.of(usual)
        usual, scale = as_counts(usual, grain), grain.mean_s
        handled = came["handled"].to_numpy()
        base = base.assign(weight=handled, unit=grain.unit_s / np.where(handled > 0, handled, 1.0))
        future = future.assign(open_min=1.0)
    mended = recovered(usual)
    lent = Borrowed(mended.train)
    if target == OFFERED and others is not None:
        lent = borrowed(mended.train, others, cutoff, future)
    return _Prepared(base, future, effects, scale, mended, lent)


def by_instant(asked: Sequence[Asked]) -> list[list[int]]:
    """Return the numbers of those with one cutoff together, in the order of time.

    Sites with other midnights are apart: none may learn from another's later hours.
    """
    found: dict[pd.Timestamp, list[int]] = {}
    for number, one in enumerate(asked):
        found.setdefault(one.cutoff, []).append(number)
    return [found[cutoff] for cutoff in sorted(found)]
