"""A leg: a stretch of the day in which nothing changes, and the two Markov chains that run in it.

Agents who leave while on a call finish it (the exhaustive discipline, Ingolfsson 2005), so a state
of the queue is a pair: how many agents too many are still busy, ``extra``, and the calls in the
system, ``calls``. ``extra`` > 0 means that all ``agents + extra`` are busy and nobody is taken from
the queue; it lasts only for moments, and the legs that follow have ``extra`` = 0.

Both chains are grids of rows ``extra`` = 0, 1, ..., flattened:

- the queue's, columns ``calls`` = 0 ... ``top``. Above ``top`` it leaks: the mass that is missing
  is exactly the probability that the queue has ever been longer, so the error is known;
- a waiting caller's: who is ahead only leaves, by being served or by hanging up, and who comes
  later does not matter. Column 0 is "answered", column j stands for ``agents - 1 + j`` calls ahead.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from forecast.queueing.transient.uniformised import Floats, Ints, Uniformised, uniformised


@dataclass(frozen=True)
class Leg:
    """A stretch of time with constant rates.

    Attributes
    ----------
    interval
        The interval of the day that it belongs to.
    seconds
        Its length.
    arrivals, service, hangup
        Rates a second: of calls, of one busy agent, of one waiting caller.
    agents
        Agents on position.
    extra
        The most agents who can still be busy beyond those.
    top
        The most calls in the system that are followed.
    """

    interval: int
    seconds: float
    arrivals: float
    service: float
    hangup: float
    agents: int
    extra: int
    top: int

    @cached_property
    def states(self) -> tuple[Ints, Ints]:
        """The extra agents and the calls of each state of the queue."""
        extra, calls = np.divmod(np.arange((self.extra + 1) * (self.top + 1)), self.top + 1)
        return extra, calls

    @cached_property
    def busy(self) -> Ints:
        """Busy agents in each state of the queue."""
        extra, calls = self.states
        return np.minimum(calls, self.agents + extra)

    @cached_property
    def waiting(self) -> Ints:
        """Waiting callers in each state of the queue."""
        return self.states[1] - self.busy

    @cached_property
    def full(self) -> Floats:
        """1 in the states in which who comes must wait, else 0."""
        extra, calls = self.states
        return (calls >= self.agents + extra).astype("float64")

    @cached_property
    def queue(self) -> Uniformised:
        """The queue's chain, on vectors of probability."""
        extra, calls = self.states
        here = np.arange(len(calls))
        served, lost = self.busy * self.service, self.waiting * self.hangup
        up, down, out = calls < self.top, self.busy > 0, self.waiting > 0
        to = [here[up] + 1, (here - 1 - (self.top + 1) * (extra > 0))[down], here[out] - 1]
        rates = [np.full(int(up.sum()), self.arrivals), served[down], lost[out]]
        return uniformised(
            np.concatenate(to),
            np.concatenate([here[up], here[down], here[out]]),
            np.concatenate(rates),
            self.arrivals + served + lost,
            tridiagonal=self.extra == 0,
        )

    @property
    def depth(self) -> int:
        """Number of columns of a waiting caller's grid."""
        return max(self.top - self.agents + 2, 1)

    @cached_property
    def ahead(self) -> tuple[Ints, Ints]:
        """The extra agents and the column of each state of a waiting caller."""
        extra, column = np.divmod(np.arange((self.extra + 1) * self.depth), self.depth)
        return extra, column

    @cached_property
    def waits(self) -> Floats:
        """1 in the states in which the caller still waits, else 0."""
        extra, column = self.ahead
        return (column > extra).astype("float64")

    @cached_property
    def caller(self) -> Uniformised:
        """A waiting caller's chain, on vectors of what the caller may expect in each state.

        She hangs up herself at the rate ``hangup``, which is leaving to nowhere.
        """
        extra, column = self.ahead
        here = np.arange(len(column))
        waits = self.waits > 0
        served = np.where(waits, (self.agents + extra) * self.service, 0.0)
        lost = np.where(waits, (column - 1 - extra) * self.hangup, 0.0)
        after_served = here - 1 - self.depth * (extra > 0)
        return uniformised(
            np.concatenate([here[waits], here[waits]]),
            np.concatenate([after_served[waits], here[waits] - 1]),
            np.concatenate([served[waits], lost[waits]]),
            served + lost + self.hangup * self.waits,
            tridiagonal=self.extra == 0,
        )

    def seen(self, depth: int) -> Ints:
        """Return the state of a caller who has just come, for each state of the queue.

        ``depth`` is the number of columns of the caller's grid; who comes beyond it is in the last.
        """
        extra, calls = self.states
        return extra * depth + np.clip(calls - self.agents + 1, 0, depth - 1)

    def answered(self, chance: Floats, seconds: float) -> Floats:
        """Return the chance to be answered in time in each state, ``seconds`` before ``chance``.

        ``chance`` is that of who still waits then; who has been answered, has been in time.
        """
        return self.caller.after(np.where(self.waits > 0, chance, 1.0), seconds)

    def wait_for_ever(self) -> Floats:
        """Return the mean wait in each state of a caller if this leg never ended.

        Callers whom nobody will ever answer and who never hang up get 0: their wait ends with the
        day.
        """
        waits = self.waits > 0
        out = np.zeros(len(waits))
        if not waits.any() or (self.agents == 0 and self.hangup == 0):
            return out
        chain = self.caller
        move = chain.rate * (sparse.eye_array(len(waits), format="csr") - chain.matrix)
        out[waits] = spsolve(move[waits][:, waits].tocsc(), np.ones(int(waits.sum())))
        return out


def queue_passes(before: Leg, after: Leg) -> Ints:
    """Return the state of the queue in the next leg, for each state at the end of this one.

    Idle agents leave first; where agents come, waiting callers are answered at once.
    """
    calls = before.states[1]
    extra = np.clip(before.busy - after.agents, 0, after.extra)
    return extra * (after.top + 1) + np.minimum(calls, after.top)


def caller_passes(before: Leg, after: Leg) -> Ints:
    """Return a waiting caller's state in the next leg, for each of her states in this one."""
    extra, column = before.ahead
    left = np.clip(before.agents + extra - after.agents, 0, after.extra)
    ahead = np.clip(before.agents - after.agents + column, 0, after.depth - 1)
    return np.where(before.waits > 0, left * after.depth + ahead, 0)
