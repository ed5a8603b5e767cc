"""Counts of a simulated day, and what many such days say, with confidence intervals."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from forecast.queueing.simulation.centre import Centre
from forecast.queueing.simulation.distributions import Floats
from forecast.queueing.simulation.engine import Log

_COUNTS = ("offered", "redials", "answered", "abandoned", "left", "in_time", "waited", "wait_s")


@dataclass(frozen=True)
class Estimate:
    """A simulated figure; the true one lies within ``value`` +- ``half_width`` with the confidence.

    Numbers or arrays; nan where no call came in any replication.
    """

    value: Floats
    half_width: Floats

    @property
    def low(self) -> Floats:
        """Lower end of the confidence interval."""
        return np.asarray(self.value - self.half_width)

    @property
    def high(self) -> Floats:
        """Upper end of the confidence interval."""
        return np.asarray(self.value + self.half_width)


@dataclass(frozen=True)
class Measures:
    """What callers experienced, by the interval in which they called.

    Attributes
    ----------
    offered, redials, answered, abandoned, left
        Calls a replication: all attempts, those of them that are redials, and what became of them.
        Left are callers whom nobody will ever answer. Offered = answered + abandoned + left.
    service_level
        Share of *offered* calls that were answered within the limit.
    asa_s
        Mean wait of all offered calls, those who hung up included.
    abandonment
        Share of offered calls that hung up.
    p_wait
        Share of offered calls that found no agent at once.
    """

    offered: Estimate
    redials: Estimate
    answered: Estimate
    abandoned: Estimate
    left: Estimate
    service_level: Estimate
    asa_s: Estimate
    abandonment: Estimate
    p_wait: Estimate


@dataclass(frozen=True)
class SimulationResult:
    """What a centre's day is like.

    Attributes
    ----------
    overall, by_class, by_interval, by_class_and_interval
        What callers experienced: numbers, and arrays in the order of classes and intervals.
    occupancy, occupancy_by_group, occupancy_by_interval
        Share of the time of agents present that is busy; who finishes a call is present.
    queue_end
        Mean number of callers waiting at each interval's end, before agents change.
    replications
        Number of days.
    confidence
        Confidence of every half-width.
    """

    overall: Measures
    by_class: Measures
    by_interval: Measures
    by_class_and_interval: Measures
    occupancy: Estimate
    occupancy_by_group: Estimate
    occupancy_by_interval: Estimate
    queue_end: Estimate
    replications: int
    confidence: float


@dataclass(frozen=True)
class Tally:
    """Counts of one day.

    ``calls`` by count, class and interval; agents' time by group and interval.
    """

    calls: Floats
    busy_s: Floats
    present_s: Floats
    queue_end: Floats


def tally(centre: Centre, log: Log) -> Tally:
    """Return the counts of a day; calls of the warm-up count in agents' time only."""
    span, intervals = centre.interval_s, centre.intervals
    edges = np.arange(intervals + 1, dtype="float64") * span
    answered, gone = log.group >= 0, np.isfinite(log.left_queue)
    until = np.where(gone, log.left_queue, np.maximum(edges[-1], log.arrived))
    wait = until - log.arrived
    limits = np.array([one.answer_within_s for one in centre.classes])
    counts = {
        "offered": np.ones(len(wait)),
        "redials": ~log.first,
        "answered": answered,
        "abandoned": ~answered & gone,
        "left": ~answered & ~gone,
        "in_time": answered & (wait <= limits[log.kind]),
        "waited": ~answered | (wait > 0),
        "wait_s": wait,
    }
    day = log.arrived >= 0
    interval = np.minimum((log.arrived[day] // span).astype("int64"), intervals - 1)
    cell = log.kind[day] * intervals + interval
    shape = (len(centre.classes), intervals)
    size = shape[0] * shape[1]
    busy = [
        _within(log.left_queue[mine], (log.left_queue + log.handled_s)[mine], edges)
        for mine in (log.group == g for g in range(len(centre.groups)))
    ]
    staff = np.array([group.agents for group in centre.groups], dtype="float64")
    came, left = np.sort(log.arrived), np.sort(log.left_queue)
    return Tally(
        calls=np.array(
            [
                np.bincount(cell, weights=counts[name][day], minlength=size).reshape(shape)
                for name in _COUNTS
            ]
        ),
        busy_s=np.array(busy),
        present_s=staff * span + log.overtime_s,
        queue_end=np.searchsorted(came, edges[1:], side="right")
        - np.searchsorted(left, edges[1:], side="left").astype("float64"),
    )


def summary(tallies: list[Tally], confidence: float) -> SimulationResult:
    """Return what the days of all replications say.

    Shares are sums over sums, so that busy days weigh by their calls; their intervals are those of
    ratio estimates (Cochran 1977, chapter 6), by Student's t over replications.
    """
    calls = np.stack([one.calls for one in tallies], axis=1)
    busy = np.stack([one.busy_s for one in tallies])
    present = np.stack([one.present_s for one in tallies])
    t = float(stats.t.ppf((1 + confidence) / 2, len(tallies) - 1))
    return SimulationResult(
        overall=_measures(calls.sum(axis=(2, 3)), t),
        by_class=_measures(calls.sum(axis=3), t),
        by_interval=_measures(calls.sum(axis=2), t),
        by_class_and_interval=_measures(calls, t),
        occupancy=_ratio(busy.sum(axis=(1, 2)), present.sum(axis=(1, 2)), t),
        occupancy_by_group=_ratio(busy.sum(axis=2), present.sum(axis=2), t),
        occupancy_by_interval=_ratio(busy.sum(axis=1), present.sum(axis=1), t),
        queue_end=_mean(np.stack([one.queue_end for one in tallies]), t),
        replications=len(tallies),
        confidence=confidence,
    )


def _measures(calls: Floats, t: float) -> Measures:
    """Return the figures of counts, indexed by count, replication and what else there is."""
    named = dict(zip(_COUNTS, calls, strict=True))
    offered = named["offered"]
    return Measures(
        offered=_mean(offered, t),
        redials=_mean(named["redials"], t),
        answered=_mean(named["answered"], t),
        abandoned=_mean(named["abandoned"], t),
        left=_mean(named["left"], t),
        service_level=_ratio(named["in_time"], offered, t),
        asa_s=_ratio(named["wait_s"], offered, t),
        abandonment=_ratio(named["abandoned"], offered, t),
        p_wait=_ratio(named["waited"], offered, t),
    )


def _mean(values: Floats, t: float) -> Estimate:
    """Return the mean over replications."""
    spread = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return Estimate(values.mean(axis=0), np.asarray(t * spread))


def _ratio(part: Floats, whole: Floats, t: float) -> Estimate:
    """Return the ratio of two sums over replications."""
    total = whole.sum(axis=0)
    some = np.where(total > 0, total, 1.0)
    value = np.where(total > 0, part.sum(axis=0) / some, np.nan)
    spread = (part - value * whole).std(axis=0, ddof=1) / np.sqrt(len(part))
    return Estimate(value, np.asarray(t * spread / (some / len(part))))


def _within(begin: Floats, end: Floats, edges: Floats) -> Floats:
    """Return the total time from ``begin`` to ``end`` that falls between neighbouring edges."""
    return np.diff(_passed(begin, edges) - _passed(end, edges))


def _passed(moments: Floats, edges: Floats) -> Floats:
    """Return for each edge the total time since all moments before it."""
    ordered = np.sort(moments)
    count = np.searchsorted(ordered, edges)
    sums = np.concatenate([[0.0], ordered.cumsum()])
    return np.asarray(count * edges - sums[count])
