"""The possible rates of every interval in groups of like load.

What agents achieve changes little within a narrow range of loads. Evaluated once for each group
instead of once for each path, the service level of four weeks is the same to 0.001, of a year to
0.006 where callers hang up and 0.012 where nobody does, if days vary by up to 15 % (tests).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
GROUPS, FEWEST = 80_000, 8
"""Groups of all intervals together, and of each at least."""
BLOCK = 1024
"""Intervals worked on at once: all their paths stay in the processor's cache."""


@dataclass(frozen=True)
class Strata:
    """Paths of every interval, grouped by their load.

    Attributes
    ----------
    load
        Load of each group in erlangs, as its contacts see it (intervals x groups).
    callers
        Contacts of each group, as a part of the interval's mean (intervals x groups).
    share
        Share of the paths in each group (groups).
    of
        Which group each path is in (intervals x paths).
    ordered
        All paths' loads before ``times``, rising (intervals x paths).
    times
        What the loads of each interval are multiplied by; None: 1.
    """

    load: Floats
    callers: Floats
    share: Floats
    of: npt.NDArray[np.int16]
    ordered: Floats
    times: Floats | None = None

    def scaled(self, volume: Floats, aht: Floats) -> "Strata":
        """Return the groups with contacts and handle times multiplied in each interval."""
        both = volume * aht
        return replace(
            self,
            load=self.load * both[:, None],
            callers=self.callers * volume[:, None],
            times=both if self.times is None else self.times * both,
        )

    def rows(self, some: Ints | Bools | slice) -> "Strata":
        """Return the groups of some intervals."""
        times = None if self.times is None else self.times[some]
        return Strata(
            self.load[some],
            self.callers[some],
            self.share,
            self.of[some],
            self.ordered[some],
            times,
        )

    def beside(self, other: "Strata", place: Ints) -> "Strata":
        """Return the intervals of both, put where ``place`` says; both have as many groups."""
        times = [
            np.ones(len(one.load)) if one.times is None else one.times for one in (self, other)
        ]
        pairs = [
            (getattr(self, name), getattr(other, name))
            for name in ("load", "callers", "of", "ordered")
        ]
        load, callers, of, ordered = (placed(pair, place) for pair in pairs)
        return Strata(load, callers, self.share, of, ordered, placed((times[0], times[1]), place))

    def ranked(self, rank: int | Ints, rows: Ints | None = None) -> Floats:
        """Return the load of the path of a rank, from 0, in some intervals; None: in all."""
        some = np.arange(len(self.ordered)) if rows is None else rows
        found = self.ordered[some, rank]
        return np.asarray(found if self.times is None else found * self.times[some])

    def within(self, limit: Floats) -> Ints:
        """Return on how many paths the load of each interval is a limit at most, by halving."""
        low = np.zeros(len(self.ordered), dtype="int64")
        high = np.full(len(self.ordered), self.ordered.shape[1], dtype="int64")
        for _ in range(int(self.ordered.shape[1]).bit_length()):
            middle = (low + high) // 2
            good = self.ranked(np.minimum(middle, self.ordered.shape[1] - 1)) <= limit
            is_open = low < high
            low = np.where(is_open & good, middle + 1, low)
            high = np.where(is_open & ~good, middle, high)
        return low


def placed(parts: tuple[Any, Any], place: Ints) -> Any:
    """Return the rows of two arrays as one array, each put where ``place`` says."""
    first, second = parts
    # As the first lies, which may be a part of a larger array.
    order: Any = "F" if first.ndim > 1 and first.strides[0] < first.strides[1] else "C"
    out = np.empty((place.size, *first.shape[1:]), dtype=first.dtype, order=order)
    out[as_slice(place[: len(first)])] = first
    out[as_slice(place[len(first) :])] = second
    return out


def as_slice(rows: Ints) -> Ints | slice:
    """Return rows that follow each other as a slice: what it takes is seen, not copied."""
    if rows.size and rows[-1] - rows[0] == rows.size - 1 and (np.diff(rows) == 1).all():
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def groups_of(intervals: int, paths: int) -> int:
    """Return into how many groups the paths of each interval are put."""
    return min(max(FEWEST, GROUPS // max(intervals, 1)), paths)


def strata(load: Floats, rate: Floats, *, alike: bool = False) -> Strata:
    """Return the paths (intervals x paths) of each interval in groups of like load.

    ``alike`` says that handle times are the same on all paths, so that loads and rates go together.

    Examples
    --------
    >>> load = np.arange(40.0)[None, ::-1]
    >>> groups = strata(load, 2 * load)
    >>> groups.load[0, -2:].tolist(), groups.callers.sum().tolist()
    ([38.0, 39.0], 39.0)
    >>> strata(np.repeat(load, 4000, axis=0), np.repeat(load, 4000, axis=0)).load[0, -2:].round(1)
    array([36.5, 38.5])
    """
    return strata_by_block(load.shape, lambda own: (load[own], rate[own]), alike=alike)


def strata_by_block(
    shape: tuple[int, ...],
    of: Callable[[slice], tuple[Floats, Floats]],
    *,
    alike: bool,
    groups: int | None = None,
) -> Strata:
    """Return ``strata`` of loads and rates that are asked for block by block."""
    n, paths = shape
    groups = groups_of(n, paths) if groups is None else groups
    edges = np.arange(groups) * paths // groups
    share = np.diff(np.append(edges, paths)) / paths
    load, callers = np.empty((2, n, groups))
    # Ranks are asked for one at a time, of all intervals.
    place, ordered = np.zeros((n, paths), dtype="int16"), np.empty((n, paths), order="F")
    for start in range(0, n, BLOCK):
        own = slice(start, start + BLOCK)
        one = _block(*of(own), edges, alike=alike)
        load[own], callers[own], place[own], ordered[own] = one
    return Strata(load, callers, share, place, ordered)


def _block(
    load: Floats, rate: Floats, edges: npt.NDArray[np.signedinteger], *, alike: bool
) -> tuple[Floats, Floats, npt.NDArray[np.int16], Floats]:
    """Return load and callers of each group, the group of each path, and the loads, rising."""
    paths = load.shape[1]
    sizes = np.diff(np.append(edges, paths))
    ordered = np.sort(load, axis=1)
    of = np.zeros(load.shape, dtype="int16")
    for edge in edges[1:]:
        of += load >= ordered[:, edge, None]
    plain = np.add.reduceat(ordered, edges, axis=1) / sizes
    if alike:
        callers = plain * sizes * (rate.sum(axis=1) / np.maximum(load.sum(axis=1), 1e-300))[:, None]
        seen = callers * plain
    else:
        order = np.argsort(load, axis=1, kind="stable")
        sorted_rate = np.take_along_axis(rate, order, axis=1)
        callers = np.add.reduceat(sorted_rate, edges, axis=1)
        seen = np.add.reduceat(sorted_rate * ordered, edges, axis=1)
    met = np.where(callers > 0, seen / np.where(callers > 0, callers, 1.0), plain)
    return met, callers / paths, of, ordered
