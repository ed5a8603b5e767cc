"""PATHS -> demand: the uncertain *rate* of contacts in every open interval."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.strata import (
    BLOCK,
    Floats,
    Ints,
    Strata,
    as_slice,
    groups_of,
    placed,
    strata_by_block,
)
from forecast.errors import InputError
from forecast.schema import PATHS, SERIES, SeriesKey, local_times
from forecast.targets import OFFERED

ALIKE = 1e-12
"""Handle times that differ less between paths are alike, up to rounding."""


@dataclass(frozen=True)
class Places:
    """Where intervals belong.

    Attributes
    ----------
    instant
        Number of the instant of each interval.
    series
        Of each series its names, which intervals it has, the local day of each of them (a number),
        and those days.
    """

    instant: Ints
    series: tuple[tuple[dict[str, str], Ints, Ints, pd.DatetimeIndex], ...]

    @classmethod
    def of(cls, intervals: pd.DataFrame) -> Self:
        """Return the numbers of instants, series and days."""
        number = intervals.groupby(list(SERIES), sort=True).ngroup().to_numpy()
        day = intervals["local"].dt.normalize()
        found = []
        for one in range(int(number.max(initial=-1)) + 1):
            rows = np.flatnonzero(number == one)
            names = {name: str(intervals[name].iloc[rows[0]]) for name in SERIES}
            code, days = pd.factorize(day.iloc[rows], sort=True)
            found.append((names, rows, code.astype("int64"), pd.DatetimeIndex(days)))
        return cls(pd.factorize(intervals["ds"])[0].astype("int64"), tuple(found))


@dataclass(frozen=True)
class Demand:
    """Open intervals and their possible rates.

    ``intervals`` has site, queue, channel, ds, open_min and local (wall time); ``drawn`` is
    (intervals x paths), in contacts per interval; ``aht_s`` has one value per interval, the mean
    over paths; ``aht_factor`` is what each path's handle time is relative to it (None: all alike);
    ``weeks`` is the calendar time covered, closed days included; ``volume`` is what what is drawn
    is multiplied by in each interval (None: 1), so that what-ifs share the paths of the base.
    """

    intervals: pd.DataFrame
    drawn: Floats
    aht_s: Floats
    weeks: float
    aht_factor: Floats | None = None
    volume: Floats | None = None

    @property
    def rate(self) -> Floats:
        """Possible rates (intervals x paths) in contacts per interval."""
        return self.drawn if self.volume is None else self.drawn * self.volume[:, None]

    @cached_property
    def mean_rate(self) -> Floats:
        """Expected contacts of every interval."""
        mean = self.drawn.mean(axis=1)
        return np.asarray(mean if self.volume is None else mean * self.volume)

    @cached_property
    def mean_load(self) -> Floats:
        """Expected offered load of every interval, in erlangs."""
        if self.aht_factor is None:
            return np.asarray(self.mean_rate * self._busy_share)
        both = np.einsum("ij,ij->i", self.drawn, self.aht_factor) / self.drawn.shape[1]
        return np.asarray(both * self._busy_share * (1.0 if self.volume is None else self.volume))

    @cached_property
    def places(self) -> Places:
        """Which series, local day and instant each interval belongs to."""
        return Places.of(self.intervals)

    @property
    def load_erlangs(self) -> Floats:
        """Offered load of every interval on every path."""
        return self.loads(slice(None))

    @property
    def _busy_share(self) -> Floats:
        """Share of an open interval that one contact takes of an agent."""
        return np.asarray(self.aht_s / (self.intervals["open_min"].to_numpy() * 60))

    def rates(self, rows: slice | Ints) -> Floats:
        """Return the possible rates of some intervals."""
        some = self.drawn[rows]
        return some if self.volume is None else some * self.volume[rows][:, None]

    def loads(self, rows: slice | Ints) -> Floats:
        """Return the possible loads of some intervals, in erlangs."""
        load = self.rates(rows) * self._busy_share[rows][:, None]
        return np.asarray(load if self.aht_factor is None else load * self.aht_factor[rows])

    @cached_property
    def strata(self) -> Strata:
        """The paths of each interval in groups of like load."""
        return self.in_groups(groups_of(*self.drawn.shape))

    def in_groups(self, groups: int) -> Strata:
        """Return the paths of each interval in so many groups of like load."""
        return strata_by_block(
            self.drawn.shape,
            lambda own: (self.loads(own), self.rates(own)),
            alike=self.aht_factor is None,
            groups=groups,
        )

    def beside(self, other: "Demand") -> "Demand":
        """Return the intervals of both, which have none in common, in the order of their keys."""
        rows = pd.concat([self.intervals, other.intervals], ignore_index=True)
        number = rows.groupby([*SERIES, "ds"], sort=True).ngroup()
        place: Ints = np.asarray(number, dtype="int64")
        factors = [np.ones((1, 1)) if d.aht_factor is None else d.aht_factor for d in (self, other)]
        alike = self.aht_factor is None and other.aht_factor is None
        shapes = (self.drawn.shape, other.drawn.shape)
        whole = [np.broadcast_to(f, shape) for f, shape in zip(factors, shapes, strict=True)]
        out = Demand(
            rows.iloc[np.argsort(place)].reset_index(drop=True),
            placed((self.rate, other.rate), place),
            placed((self.aht_s, other.aht_s), place),
            self.weeks,
            None if alike else placed((whole[0], whole[1]), place),
        )
        if "strata" in self.__dict__ and groups_of(*out.drawn.shape) == self.strata.share.size:
            late = other.in_groups(self.strata.share.size)
            out.__dict__["strata"] = self.strata.beside(late, place)
        return out

    def same(self, other: "Demand") -> bool:
        """Return whether another demand is the same paths, multiplied by the same."""
        volumes = [1.0 if one.volume is None else one.volume for one in (self, other)]
        return (
            self.intervals is other.intervals
            and self.drawn is other.drawn
            and self.aht_factor is other.aht_factor
            and bool(np.array_equal(self.aht_s, other.aht_s))
            and bool((np.asarray(volumes[0]) == volumes[1]).all())
        )

    def only(self, rows: npt.NDArray[np.bool_], *, in_groups: bool = True) -> "Demand":
        """Return the demand of some intervals.

        ``in_groups`` says whether known groups go along: in vain where rates are changed next.
        """
        some = as_slice(np.flatnonzero(rows))
        out = Demand(
            self.intervals[rows].reset_index(drop=True),
            self.drawn[some],
            self.aht_s[some],
            self.weeks,
            None if self.aht_factor is None else self.aht_factor[some],
            None if self.volume is None else self.volume[some],
        )
        known = in_groups and "strata" in self.__dict__
        if known and groups_of(*out.drawn.shape) == self.strata.share.size:
            out.__dict__["strata"] = self.strata.rows(some)
        return out

    def with_rate(self, rate: Floats) -> "Demand":
        """Return the demand with other rates."""
        return replace(self, drawn=rate, volume=None)

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
        self, *, where: npt.NDArray[np.bool_], volume: float | Floats, aht: float | Floats
    ) -> "Demand":
        """Return the demand with volume and handle time multiplied in some intervals."""
        volumes, ahts = np.where(where, volume, 1.0), np.where(where, aht, 1.0)
        times = volumes if self.volume is None else self.volume * volumes
        out = replace(self, volume=times, aht_s=self.aht_s * ahts)
        # What is known goes along: the order of the paths stays, nothing has to be sorted again.
        known = {"mean_rate": volumes, "mean_load": volumes * ahts}
        for name, factor in known.items():
            if name in self.__dict__:
                out.__dict__[name] = self.__dict__[name] * factor
        out.__dict__["places"] = self.places
        if "strata" in self.__dict__:
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
    order = np.argsort(number, kind="stable")
    first = np.flatnonzero(np.diff(number[order], prepend=-1))
    one = intervals.iloc[order[first]].assign(
        open_min=np.maximum.reduceat(intervals["open_min"].to_numpy()[order], first)
    )
    rates, loads = (_sums(values, order, first) for values in (rate, load))
    seconds = one["open_min"].to_numpy() * 60
    mean = rates.mean(axis=1)
    plain = np.bincount(number, aht_s) / np.bincount(number)
    handled = np.bincount(number, load.mean(axis=1) * intervals["open_min"].to_numpy() * 60)
    length = np.where(mean > 0, handled / np.where(mean > 0, mean, 1), plain)
    least = np.minimum.reduceat(aht_s[order], first)
    length = np.where(np.abs(length - least) < ALIKE * least, least, length)
    for start in range(0, len(rates), BLOCK):
        own = slice(start, start + BLOCK)
        alone = rates[own] * (length / seconds)[own, None]
        loads[own] = np.where(alone > 0, loads[own] / np.where(alone > 0, alone, 1.0), 1.0)
    alike = bool(loads.min() > 1 - ALIKE and loads.max() < 1 + ALIKE)
    return Demand(one.reset_index(drop=True), rates, length, weeks, None if alike else loads)


def _sums(values: Floats, order: Ints, first: Ints) -> Floats:
    """Return the sums of rows in an order, each from one ``first`` to the next."""
    out = values[order[first]]
    size = np.diff(np.append(first, order.size))
    for k in range(1, int(size.max())):
        some = np.flatnonzero(size > k)
        out[some] += values[order[first[some] + k]]
    return out


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
