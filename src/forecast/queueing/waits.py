"""How long callers wait behind agents who are all busy, whatever happens while some are free.

A model says how often agents are free; from there on every queue in this package is the same:
work is done at one rate, callers come at one rate and each may lose patience at one rate.
"""

from dataclasses import dataclass

import numpy as np

from forecast.queueing.checks import Floats
from forecast.queueing.result import Ends
from forecast.queueing.special import log_inverse_b, log_waiting, mean_wait

_MOSTLY_LATE = 1e-2
"""Answered in time is worked out anew below this share, where a difference would lose digits."""
_TINY = 1e-300


@dataclass(frozen=True)
class Waits:
    """The wait of offered callers: how they end, and who waits.

    Attributes
    ----------
    p_wait
        Share who find all agents busy.
    ends
        How callers end.
    mean
        Mean wait of all callers, in the unit of the limit.
    """

    p_wait: Floats
    ends: Ends
    mean: Floats


def endless(free: Floats, work: Floats, calls: Floats, limit: Floats) -> Waits:
    """Return the waits of callers who never hang up.

    Parameters
    ----------
    free
        Time with an agent free over time with exactly the last one free; may be infinite.
    work
        Rate of work when all agents are busy, above ``calls``.
    calls
        Rate of arrivals, > 0.
    limit
        Answer-within limit, in the unit of the rates.

    Notes
    -----
    Of the time in which nobody waits and one caller more would, ``calls / (work - calls)`` as much
    is spent with all agents busy; who waits, waits exponentially at rate ``work - calls``.
    """
    spare = work - calls
    with np.errstate(over="ignore"):
        odds = spare / calls * free
    p_wait = 1 / (1 + odds)
    at_once = 1 / (1 + 1 / np.maximum(odds, _TINY))
    zero = np.zeros(p_wait.shape)
    ends = Ends(
        answered_in_time=np.minimum(at_once - p_wait * np.expm1(-spare * limit), 1.0),
        answered_late=p_wait * np.exp(-spare * limit),
        abandoned_in_time=zero,
        abandoned_late=zero,
        blocked=zero,
    )
    return Waits(p_wait, ends, p_wait / spare)


@dataclass(frozen=True)
class Impatient:
    """The queue of callers whose patience is exponential, all times in mean patiences.

    Attributes
    ----------
    log_free
        Log of time with an agent free over time with exactly the last one free; -inf: never.
    work
        Rate of work when all agents are busy, > 0.
    calls
        Rate of arrivals, > 0.
    log_waiting, leaving
        Of the incomplete gamma function at ``work`` and ``calls``.
    log_all
        Log of the whole time, in the same unit as ``log_waiting``.
    """

    log_free: Floats
    work: Floats
    calls: Floats
    log_waiting: Floats
    leaving: Floats
    log_all: Floats

    @classmethod
    def of(cls, log_free: Floats, work: Floats, calls: Floats) -> "Impatient":
        """Weigh the time with an agent free against the time without."""
        log_k, leaving = log_waiting(work, calls)
        log_all = np.logaddexp(log_free - np.log(calls), log_k)
        return cls(log_free, work, calls, log_k, leaving, log_all)

    @property
    def p_wait(self) -> Floats:
        """Share of callers who find all agents busy."""
        return np.exp(self.log_waiting - self.log_all)

    @property
    def abandonment(self) -> Floats:
        """Share of callers who hang up, which is also the mean wait."""
        return np.asarray(self.p_wait * self.leaving)

    def longer(self, limit: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the log share that waits longer than the limit, what of it leaves, and log K.

        Memoryless as all are, who still waits faces the same queue with fewer callers to come.
        """
        later = np.maximum(self.calls * np.exp(-limit), _TINY)
        log_k, leaving = log_waiting(self.work, later)
        gone = -np.expm1(-limit) * self.calls - (self.work + 1) * limit
        return np.minimum(gone + log_k - self.log_all, 0.0), leaving, log_k

    def waits(self, limit: Floats) -> Waits:
        """Return how callers end by a limit."""
        log_longer, leaving, _ = self.longer(limit)
        longer, abandonment = np.exp(log_longer), self.abandonment
        abandoned_late = np.minimum(longer * leaving, abandonment)
        answered_late = longer * np.maximum(1 - leaving, 0.0)
        in_time = np.clip(1 - abandonment - answered_late, 0.0, 1.0)
        rare = (in_time < _MOSTLY_LATE) & (self.calls > self.work)
        in_time[rare] = np.minimum(self._answered_in_time(limit, rare), 1 - abandonment[rare])
        abandoned_in_time = abandonment - abandoned_late
        zero = np.zeros(longer.shape)
        ends = Ends(in_time, answered_late, abandoned_in_time, abandoned_late, zero)
        return Waits(self.p_wait, ends, abandonment)

    def _answered_in_time(self, limit: Floats, rows: Floats) -> Floats:
        """Return the share answered within the limit in overload, without a difference from 1.

        Between 0 and the limit the density of the wait of those who are answered integrates to
        two upper incomplete gamma functions, each a 1 / B with ``work`` as servers.
        """
        end, work, calls = limit[rows], self.work[rows], self.calls[rows]
        later = np.maximum(calls * np.exp(-end), _TINY)
        gone = -np.expm1(-end) * calls - (work + 1) * end
        log_all = self.log_all[rows]
        at_limit = gone + log_inverse_b(work, later) - np.log(later)
        at_zero = log_inverse_b(work, calls) - np.log(calls)
        waited = np.exp(at_limit - log_all) - np.exp(at_zero - log_all)
        at_once = np.exp(self.log_free[rows] - np.log(calls) - log_all)
        return np.asarray(at_once + np.maximum(waited, 0.0))

    def mean_wait_answered(self) -> Floats:
        """Return the mean wait of all who are answered."""
        waited = self.p_wait * np.maximum(1 - self.leaving, 0.0)
        at_once = np.exp(self.log_free - np.log(self.calls) - self.log_all)
        answered = at_once + waited
        mean = mean_wait(self.work + 1, self.calls)
        return np.asarray(waited / np.where(answered > 0, answered, 1.0) * mean)


def behind(
    log_free: Floats, work: Floats, calls: Floats, patience: Floats | None, limit: Floats
) -> tuple[Waits, Floats]:
    """Return the waits behind a busy team, and the mean wait of those who are answered.

    Parameters
    ----------
    log_free
        Log of time with something free over time with exactly the last thing free.
    work, calls
        Rates of work when all are busy, and of arrivals, > 0.
    patience
        Mean patience; None: nobody hangs up, and where ``calls >= work`` all wait for ever.
    limit
        Answer-within limit, all times in one unit.
    """
    if patience is not None:
        queue = Impatient.of(log_free, work * patience, calls * patience)
        waits = queue.waits(limit / patience)
        mean = Waits(waits.p_wait, waits.ends, waits.mean * patience)
        return mean, queue.mean_wait_answered() * patience
    stable = calls < work
    with np.errstate(over="ignore"):
        free = np.where(stable, np.exp(log_free), 0.0)
    waits = endless(free, np.where(stable, work, 2 * calls), calls, limit)
    ends = waits.ends
    for_ever = Ends(
        answered_in_time=np.where(stable, ends.answered_in_time, 0.0),
        answered_late=np.where(stable, ends.answered_late, 1.0),
        abandoned_in_time=ends.abandoned_in_time,
        abandoned_late=ends.abandoned_late,
        blocked=ends.blocked,
    )
    mean_wait = np.where(stable, waits.mean, np.inf)
    return Waits(np.where(stable, waits.p_wait, 1.0), for_ever, mean_wait), mean_wait
