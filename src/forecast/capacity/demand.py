"""PATHS -> demand: the uncertain *rate* of contacts in every open interval."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.strata import Floats, Strata, strata
from forecast.errors import InputError
from forecast.schema import PATHS, SERIES, SeriesKey, local_times
from forecast.targets import OFFERED


@dataclass(frozen=True)
class Demand:
    """Open intervals and their possible rates.

    ``intervals`` has site, queue, channel, ds, open_min and local (wall time); ``rate`` is
    (intervals x paths), in contacts per interval; ``aht_s`` has one value per interval, the mean
    over paths; ``aht_factor`` is what each path's handle time is relative to it (None: all alike);
    ``weeks`` is the calendar time covered, closed days included.
    """

    intervals: pd.DataFrame
    rate: Floats
    aht_s: Floats
    weeks: float
    aht_factor: Floats | None = None

    @cached_property
    def load_erlangs(self) -> Floats:
        """Offered load of every interval on every path."""
        seconds = self.intervals["open_min"].to_numpy() * 60
        load = self.rate * (self.aht_s / seconds)[:, None]
        return np.asarray(load if self.aht_factor is None else load * self.aht_factor)

    @cached_property
    def strata(self) -> Strata:
        """The paths of each interval in groups of like load."""
        return strata(self.load_erlangs, self.rate, alike=self.aht_factor is None)

    def only(self, rows: npt.NDArray[np.bool_]) -> "Demand":
        """Return the demand of some intervals."""
        return Demand(
            self.intervals[rows].reset_index(drop=True),
            self.rate[rows],
            self.aht_s[rows],
            self.weeks,
            None if self.aht_factor is None else self.aht_factor[rows],
        )

    def with_rate(self, rate: Floats) -> "Demand":
        """Return the demand with other rates."""
        return replace(self, rate=rate)

    def joined(self, other: "Demand") -> "Demand":
        """Return both demands; intervals that both have become one, at the mean handle time."""
        return one_per_interval(
            pd.concat([self.intervals, other.intervals], ignore_index=True),
            np.concatenate([self.rate, other.rate]),
            np.concatenate([self.load_erlangs, other.load_erlangs]),
            np.concatenate([self.aht_s, other.aht_s]),
            self.weeks,
        )

    def scaled(
        self, *, where: npt.NDArray[np.bool_], volume: float | Floats, aht: float
    ) -> "Demand":
        """Return the demand with volume and handle time multiplied in some intervals."""
        volumes, ahts = np.where(where, volume, 1.0), np.where(where, aht, 1.0)
        out = replace(self, rate=self.rate * volumes[:, None], aht_s=self.aht_s * ahts)
        if "strata" in self.__dict__:
            # The order of the paths stays: nothing has to be sorted again.
            out.__dict__["strata"] = self.strata.scaled(volumes, ahts)
        return out


def one_per_interval(
    intervals: pd.DataFrame, rate: Floats, load: Floats, aht_s: Floats, weeks: float
) -> Demand:
    """Return a demand in which rows of the same series and instant are one.

    Rates and loads (rows x paths) are added path by path, so that what they have in common stays;
    the handle time is the mean over contacts.
    """
    number = intervals.groupby([*SERIES, "ds"], sort=True).ngroup().to_numpy()
    one = intervals.groupby(number).agg(dict.fromkeys(intervals.columns, "first"))
    one["open_min"] = intervals["open_min"].groupby(number).max()
    rates, loads = np.zeros((2, len(one), rate.shape[1]))
    np.add.at(rates, number, rate)
    np.add.at(loads, number, load)
    seconds = one["open_min"].to_numpy() * 60
    mean = rates.mean(axis=1)
    plain = pd.Series(aht_s).groupby(number).mean().to_numpy()
    handled = np.bincount(number, load.mean(axis=1) * intervals["open_min"].to_numpy() * 60)
    length = np.where(mean > 0, handled / np.where(mean > 0, mean, 1), plain)
    alone = rates * (length / seconds)[:, None]
    factor = np.where(alone > 0, loads / np.where(alone > 0, alone, 1.0), 1.0)
    return Demand(one.reset_index(drop=True), rates, length, weeks, factor)


def demand_of(
    paths: pd.DataFrame,
    aht_s: Mapping[SeriesKey, float],
    *,
    aht_effect: pd.DataFrame | None = None,
    forecast_aht: bool = False,
    zone_of: Callable[[str], ZoneInfo] = lambda _: ZoneInfo("UTC"),
) -> Demand:
    """Return the demand in PATHS: their counts with the Poisson noise taken out.

    The counts of an interval vary because the rate is uncertain *and* because calls come at random
    around any rate. The queueing formulas contain the second part, so only the first may be staffed
    for: Var(rate) = Var(count) - mean.

    Parameters
    ----------
    paths
        PATHS of any number of series.
    aht_s
        Average handle time by (site, queue, channel).
    aht_effect
        Rows of site, queue, channel and ds with ``aht_effect``, the factor that events put on the
        handle time beside what they did where it was measured (FORECAST has it); None: none do.
    forecast_aht
        Whether the handle times of PATHS are used where they have them; else, and where they have
        none, those of ``aht_s`` are.
    zone_of
        Time zone of each site, for wall times.

    Raises
    ------
    InputError
        When no interval is open: there is nothing to staff.
    """
    valid = PATHS.validate(paths)
    is_open = valid[valid["open_min"] > 0]
    if is_open.empty:
        raise InputError(
            f"PATHS: all {len(valid):,} rows are of closed intervals (open_min 0), so that there "
            "is nothing to staff; look at the opening hours, or forecast further ahead"
        )
    wide = is_open.pivot(index=[*SERIES, "ds"], columns="path", values="offered")
    counts = wide.to_numpy(dtype="float64")
    named = wide.index.to_frame(index=False)
    day = named.groupby([*SERIES, named["ds"].dt.floor("D")]).ngroup()
    rate = _rates(counts, day.to_numpy(dtype="int64"))
    minutes = is_open.drop_duplicates([*SERIES, "ds"])
    intervals = named.merge(
        minutes[[*SERIES, "ds", "open_min"]], on=[*SERIES, "ds"], validate="one_to_one"
    )
    intervals["local"] = local_times(intervals, zone_of)
    keys: Any = intervals[list(SERIES)].itertuples(index=False, name=None)
    ahts = np.array([aht_s[key] for key in keys])
    if aht_effect is not None:
        aht_effect = aht_effect[aht_effect["target"] == OFFERED]
        factors = aht_effect.drop_duplicates([*SERIES, "ds"]).set_index([*SERIES, "ds"])
        ahts = ahts * factors["aht_effect"].reindex(wide.index).fillna(1.0).to_numpy()
    weeks = _days(valid) / 7
    if not forecast_aht or is_open["aht_s"].isna().all():
        return Demand(intervals, rate, ahts, weeks)
    lengths = is_open.pivot(index=[*SERIES, "ds"], columns="path", values="aht_s").to_numpy()
    mean = np.nan_to_num(lengths).mean(axis=1)
    told = ~np.isnan(lengths).any(axis=1) & (mean > 0)
    factor = np.where(told[:, None], lengths / np.where(told, mean, 1.0)[:, None], 1.0)
    return Demand(intervals, rate, np.where(told, mean, ahts), weeks, np.nan_to_num(factor, nan=1))


def _days(paths: pd.DataFrame) -> int:
    """Return the days that PATHS cover: they hold the closed intervals too.

    Counted site by site, and rounded: a clock change makes a day an hour longer or shorter.
    """
    spans = [own["ds"].max() - own["ds"].min() for _, own in paths.groupby("site")]
    hour, day = pd.Timedelta(hours=1), pd.Timedelta(days=1)
    return max(1, *(round(float((span + hour) / day)) for span in spans))


def _rates(counts: Floats, group: npt.NDArray[Any]) -> Floats:
    """Return the counts drawn towards their mean until the Poisson part of their spread is gone.

    The rate's relative variance is pooled over a group of intervals: one interval's few hundred
    paths cannot tell it from noise.
    """
    if counts.shape[1] < 2:
        return counts  # One path tells nothing of a spread.
    mean = counts.mean(axis=1)
    extra = pd.Series(counts.var(axis=1, ddof=1) - mean).groupby(group).transform("sum")
    square = pd.Series(mean**2).groupby(group).transform("sum")
    phi: Floats = np.clip((extra / square.clip(lower=1e-12)).to_numpy(), 0, None)
    kept = np.sqrt(phi * mean / (1 + phi * mean))[:, None]
    return np.asarray(np.maximum(mean[:, None] + kept * (counts - mean[:, None]), 0))
