"""Two classes of callers: whoever of the first class waits is answered before any of the second."""

from dataclasses import dataclass

import numpy as np

from forecast.queueing.checks import (
    NOT_NEGATIVE,
    POSITIVE,
    WHOLE,
    Bools,
    Floats,
    Numbers,
    Rows,
    check,
)
from forecast.queueing.erlang_c import erlang_c_fare
from forecast.queueing.result import Ends, Fare, QueueResult, merged, quiet, result_of

_NODES = 1024
_TINY = 1e-12


@dataclass(frozen=True)
class PriorityResult:
    """Two classes of callers; ``occupancy`` is of all agents in both."""

    high: QueueResult
    low: QueueResult


def priority(
    load_high: Numbers,
    load_low: Numbers,
    agents: Numbers,
    *,
    aht_s: Numbers,
    answer_within_s: Numbers,
    answer_within_low_s: Numbers | None = None,
) -> PriorityResult:
    """Return waiting by class when one class goes first and nobody hangs up (M/M/n, two classes).

    A call that has begun is not interrupted. Each class is first come, first served.

    Parameters
    ----------
    load_high, load_low
        Offered load of either class in erlangs, >= 0.
    agents
        Whole number of agents, >= 0.
    aht_s
        Average handle time of both classes alike, in seconds, > 0.
    answer_within_s
        Answer-within limit in seconds, >= 0; of the first class, or of both.
    answer_within_low_s
        Limit of the second class; None: the same.

    Returns
    -------
    With no more agents than load the second class waits for ever; the first still waits for a
    finite time while agents are more than its own load.

    Notes
    -----
    All who find all agents busy wait, whatever their class: Erlang C's ``p_wait``. The first class
    then waits exponentially with mean ``aht / (n - a1)``. The second waits for all work found, and
    for all that comes of the first class meanwhile: its mean is ``n aht / ((n - a1) (n - a))``, and
    its law, the first passage of an M/M/1 queue, is a mixture of exponentials whose weights lie on
    the cut of its transform, plus one of rate ``(n - a) a2 / a`` where ``n a1 < a^2``.

    References
    ----------
    Cobham (1954), Priority assignment in waiting line problems. Kella & Yechiali (1985), Waiting
    times in the non-preemptive priority M/M/c queue.

    Examples
    --------
    >>> r = priority(4, 6, 12, aht_s=180, answer_within_s=20)
    >>> round(float(r.high.asa_s), 2), round(float(r.low.asa_s), 2)
    (10.11, 60.67)
    >>> round(float(r.high.service_level), 3), round(float(r.low.service_level), 3)
    (0.815, 0.628)
    """
    later = answer_within_s if answer_within_low_s is None else answer_within_low_s
    rows = Rows.of(
        check("load_high", load_high, NOT_NEGATIVE),
        check("load_low", load_low, NOT_NEGATIVE),
        check("agents", agents, WHOLE),
        check("aht_s", aht_s, POSITIVE),
        check("answer_within_s", answer_within_s, NOT_NEGATIVE),
        check("answer_within_low_s", later, NOT_NEGATIVE),
    )
    first, second, n, aht, limit, limit_low = rows.columns
    both = erlang_c_fare(first + second, n, aht, limit)
    high = _fare(
        both, n > first, 1.0 / _above_zero(n - first), _exponential(n - first, limit / aht)
    )
    mean = n / (_above_zero(n - first) * _above_zero(n - first - second))
    queue = _Passage(first, np.maximum(second, _TINY * first), n)
    stable = n > first + second
    low = _fare(both, stable, mean, queue.longer(stable, limit_low / aht))
    results = []
    for load, fare in ((first, high), (second, low)):
        calls = load > 0
        served = Fare(fare.p_wait, fare.ends, fare.asa_s * aht, fare.occupancy)
        calm = quiet(load.size)
        rest = Fare(calm.p_wait, calm.ends, calm.asa_s, both.occupancy)
        every = merged(calls, _some(served, calls), rest)
        results.append(result_of(rows, every, every.asa_s, "offered"))
    return PriorityResult(*results)


def _some(fare: Fare, rows: Bools) -> Fare:
    ends = Ends(*(getattr(fare.ends, name)[rows] for name in Ends.__dataclass_fields__))
    return Fare(fare.p_wait[rows], ends, fare.asa_s[rows], fare.occupancy[rows])


def _fare(both: Fare, stable: Bools, mean: Floats, longer: Floats) -> Fare:
    """Return the fare of a class of whom those who wait do so for a mean and beyond the limit."""
    late = np.where(stable, both.p_wait * longer, 1.0)
    zero = np.zeros(late.shape)
    ends = Ends(1 - late, late, zero, zero, zero)
    return Fare(both.p_wait, ends, np.where(stable, both.p_wait * mean, np.inf), both.occupancy)


def _above_zero(values: Floats) -> Floats:
    return np.asarray(np.where(values > 0, values, 1.0))


def _exponential(rate: Floats, limit: Floats) -> Floats:
    return np.exp(-np.maximum(rate, 0.0) * limit)


@dataclass(frozen=True)
class _Passage:
    """The wait of the second class, given that there is one; times in handle times."""

    first: Floats
    second: Floats
    agents: Floats

    def longer(self, stable: Bools, limit: Floats) -> Floats:
        """Return the share that waits longer than a limit; 1 where the queue is not stable.

        On the circle of its cut the transform has a pole at ``load / q``. The trapezoid rule is
        made exact for that pole, and by starting from 1 also for the one at no wait at all.
        """
        out = np.ones(limit.shape)
        first, second, n, t = (v[stable] for v in (self.first, self.second, self.agents, limit))
        load, q = _above_zero(first + second), np.sqrt(first * n)
        spare, ratio = n - load, q / load
        gone = np.zeros(t.shape)
        for angle in np.arange(1, _NODES // 2) * (2 * np.pi / _NODES):
            rate = n + first - 2 * q * np.cos(angle)
            size = q**2 - 2 * q * load * np.cos(angle) + load**2
            weight = 4 * spare * (q * np.sin(angle)) ** 2 / (rate * size * _NODES)
            gone -= weight * np.expm1(-rate * t)
        near = np.abs(1 - ratio) < 1e-9
        power = np.exp(np.minimum(_NODES * np.log(np.maximum(ratio, 1e-300)), 700.0))
        share = np.where(near, 2 / _NODES, (1 - ratio**2) / np.where(near, 1.0, 1 - power))
        pole = load / _above_zero(second) * share
        gone -= pole * np.expm1(-spare * second / load * t)
        out[stable] = np.clip(1 - gone, 0.0, 1.0)
        return out
