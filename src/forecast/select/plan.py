"""What the live forecast of a series is made with: choices, and how surprises hang together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

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
) -> list[SeriesPlan]:
    """Return, per series, what the live forecast is made with, from the whole backtest.

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
    """
    found, daily = [], {}
    for key, own in by_series(forecast):
        mine = as_known(of_series(features, key))
        until = cutoff if cutoff is not None else mine["ds"].max() + pd.Timedelta(seconds=1)
        parts = {
            str(target): _of_target(rows, of_series(means, key), mine, until, params)
            for target, rows in own.groupby("target", sort=False)
        }
        selection, dependence, days = parts[OFFERED]
        daily["/".join(key)] = days
        handle_time = None
        if AHT in parts and parts[AHT][0]:
            handle_time = HandleTime(*parts[AHT][:2], _alike(days, parts[AHT][2]))
        found.append(SeriesPlan(key, selection, dependence, handle_time))
    between = between_series(daily)
    return [replace(p, dependence=replace(p.dependence, between=between)) for p in found]


def _of_target(
    forecast: pd.DataFrame,
    means: pd.DataFrame,
    features: pd.DataFrame,
    cutoff: pd.Timestamp,
    params: SelectParams,
) -> tuple[Selection, Dependence, pd.Series]:
    """Return choice and dependence of one target, and how surprising each day was."""
    # Cutoffs before the first calibrated one still tell how far the models' means fell.
    early = means[means["target"] == forecast["target"].iloc[0]]
    early = early[~early["cutoff"].isin(forecast["cutoff"].unique())]
    ensembles = [with_ensemble(now, {}) for _, now in early.groupby("cutoff", sort=True)]
    past = pd.concat([*ensembles, forecast])
    selection = select(past[past["cutoff"] < cutoff], cutoff, params)
    champion = forecast[(forecast["model"] == CHAMPION) & (forecast["ds"] < cutoff)]
    local = features[["ds", "date", "slot_min"]]
    scores = scores_of(champion).merge(local, on="ds", validate="many_to_one")
    dependence = dependence_of(scores)
    return selection, dependence.reaching(selection), common_parts(scores, dependence)


def _alike(one: pd.Series, two: pd.Series) -> float:
    """Return the correlation of two series of days, 0 where too few are in both."""
    both = pd.concat([one, two], axis=1).dropna().to_numpy()
    if len(both) < MIN_COMMON_DAYS:
        return 0.0
    sizes = np.sqrt((both**2).mean(axis=0))
    return float(np.clip((both[:, 0] * both[:, 1]).mean() / max(sizes.prod(), 1e-9), -0.9, 0.9))
