"""What the live forecast of a series is made with: choices, and how surprises hang together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from forecast.distribution import (
    Dependence,
    between_series,
    common_parts,
    dependence_of,
    scores_of,
)
from forecast.params import SelectParams
from forecast.schema import SeriesKey, as_known, by_series, of_series
from forecast.select.choice import CHAMPION, Choice, Selection, select, with_ensemble
from forecast.targets import AHT, OFFERED

MIN_COMMON_DAYS = 10
"""Fewer days tell nothing of what volume and handle time, or two series, have in common."""


@dataclass(frozen=True)
class HandleTime:
    """What the handle time of one series is forecast with.

    ``with_volume`` is the correlation of its days' surprises with those of the volume.
    """

    selection: Selection
    dependence: Dependence
    with_volume: float

    def to_json(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "horizons": {h: choice.to_json() for h, choice in self.selection.items()},
            "dependence": self.dependence.to_json(),
            "with_volume": self.with_volume,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "HandleTime":
        """Return what ``to_json`` gave."""
        selection = {h: Choice.from_json(choice) for h, choice in data["horizons"].items()}
        dependence = Dependence.from_json(data["dependence"])
        return cls(selection, dependence, float(data["with_volume"]))


@dataclass(frozen=True)
class SeriesPlan:
    """What the live forecast of one series is made with.

    ``handle_time`` is None where the exports do not tell enough of it.
    """

    series: SeriesKey
    selection: Selection
    dependence: Dependence
    handle_time: HandleTime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "series": list(self.series),
            "horizons": {h: choice.to_json() for h, choice in self.selection.items()},
            "dependence": self.dependence.to_json(),
            "handle_time": self.handle_time.to_json() if self.handle_time else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "SeriesPlan":
        """Return the plan that ``to_json`` gave."""
        site, queue, channel = data["series"]
        selection = {h: Choice.from_json(choice) for h, choice in data["horizons"].items()}
        told = data.get("handle_time")
        return cls(
            (site, queue, channel),
            selection,
            Dependence.from_json(data["dependence"]),
            HandleTime.from_json(told) if told else None,
        )


def plans(
    means: pd.DataFrame,
    forecast: pd.DataFrame,
    features: pd.DataFrame,
    params: SelectParams,
    *,
    cutoff: pd.Timestamp | None = None,
    horizons: Mapping[str, int] | None = None,
) -> list[SeriesPlan]:
    """Return, per series, what the live forecast is made with, from the whole backtest.

    A series too young to have been in the backtest gets what all others together tell.

    Parameters
    ----------
    means
        MEANS of the backtest.
    forecast
        FORECAST of the backtest, as ``replay`` returns it.
    features
        FEATURES, for local dates and times of day.
    params
        The section ``select``.
    cutoff
        Only what had come true before it counts; None: all.
    horizons
        Last day of each horizon that is to be forecast; those never measured are as the last one,
        and wider. None: those that were measured.
    """
    found: list[SeriesPlan] = []
    volumes: list[_Told] = []
    daily, young = {}, {}
    end = features["ds"].max() + pd.Timedelta(seconds=1)
    until = cutoff if cutoff is not None else end
    for key, local in by_series(as_known(features)):
        own = of_series(forecast, key)
        if own.empty:
            young[key] = _typical(local[local["open_min"] > 0]["y"])
            continue
        parts = {
            str(target): _of_target(rows, of_series(means, key), local, until, params, horizons)
            for target, rows in own.groupby("target", sort=False)
        }
        volume = parts[OFFERED]
        volumes.append(volume)
        daily["/".join(key)] = volume.days
        handle_time = None
        if AHT in parts and parts[AHT].selection:
            told = parts[AHT]
            together = _alike(volume.days, told.days)
            handle_time = HandleTime(told.selection, told.dependence, together)
        found.append(SeriesPlan(key, volume.selection, volume.dependence, handle_time))
    if young:
        lent = select(pd.concat([told.past for told in volumes]), until, params, horizons)
        found += [_lent_plan(key, lent, volumes, size) for key, size in young.items()]
    between = between_series(daily)
    whole = [replace(p, dependence=replace(p.dependence, between=between)) for p in found]
    return sorted(whole, key=lambda plan: plan.series)


class _Told(NamedTuple):
    """Of one series and target: what had come true, the plan from it, and how days surprised."""

    past: pd.DataFrame
    selection: Selection
    dependence: Dependence
    days: pd.Series
    typical: float


def _lent_plan(
    key: SeriesKey, lent: Selection, others: Sequence[_Told], typical: float
) -> SeriesPlan:
    """Return the plan of a young series: the others' errors, with the chance of its own size."""
    variance = _rate_variance(lent)
    rates = [
        told.dependence.of_rates(_rate_parts(_rate_variance(told.selection), told.typical))
        for told in others
    ]
    usual = Dependence.mean(rates).of_counts(_rate_parts(variance, typical))
    return SeriesPlan(key, lent, usual.reaching(variance, typical))


def _rate_parts(variance: Mapping[str, float], typical: float) -> dict[str, float]:
    """Return how large a part of the variance of typical counts the rate's is, by horizon."""
    return {h: v * typical / (1 + v * typical) for h, v in variance.items()}


def _rate_variance(selection: Selection) -> dict[str, float]:
    return {h: choice.calibrations[choice.champion].phi for h, choice in selection.items()}


def _typical(counts: pd.Series) -> float:
    """Return the count of an interval in which a contact typically arrives."""
    total = float(counts.sum())
    return float((counts**2).sum()) / total if total > 0 else 0.0


def _of_target(
    forecast: pd.DataFrame,
    means: pd.DataFrame,
    features: pd.DataFrame,
    cutoff: pd.Timestamp,
    params: SelectParams,
    horizons: Mapping[str, int] | None,
) -> _Told:
    """Return what the backtest tells of one series and target up to a cutoff."""
    # Cutoffs before the first calibrated one still tell how far the models' means fell.
    early = means[means["target"] == forecast["target"].iloc[0]]
    early = early[~early["cutoff"].isin(forecast["cutoff"].unique())]
    ensembles = [with_ensemble(now, {}) for _, now in early.groupby("cutoff", sort=True)]
    every = pd.concat([*ensembles, forecast])
    past = every[every["cutoff"] < cutoff]
    selection = select(past, cutoff, params, horizons)
    champion = forecast[(forecast["model"] == CHAMPION) & (forecast["ds"] < cutoff)]
    local = features[["ds", "date", "slot_min"]]
    scores = scores_of(champion).merge(local, on="ds", validate="many_to_one")
    dependence = dependence_of(scores)
    days = common_parts(scores, dependence)
    typical = _typical(champion["mean"] / champion["unit"].where(champion["unit"] > 0))
    whole = dependence.reaching(_rate_variance(selection), typical)
    return _Told(past, selection, whole, days, typical)


def _alike(one: pd.Series, two: pd.Series) -> float:
    """Return the correlation of two series of days, 0 where too few are in both."""
    both = pd.concat([one, two], axis=1).dropna().to_numpy()
    if len(both) < MIN_COMMON_DAYS:
        return 0.0
    sizes = np.sqrt((both**2).mean(axis=0))
    return float(np.clip((both[:, 0] * both[:, 1]).mean() / max(sizes.prod(), 1e-9), -0.9, 0.9))
