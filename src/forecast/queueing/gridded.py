"""How teams fare at very many loads: worked out on a fine grid of loads, kept, and interpolated."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from forecast.queueing.checks import Bools, Floats
from forecast.queueing.redials import with_redials
from forecast.queueing.result import (
    Ends,
    Fare,
    QueueResult,
    check_definition,
    counted,
    level_of,
)
from forecast.queueing.spread import STEP, Spread, loads_of
from forecast.queueing.staffing import Target, performance
from forecast.queueing.task import met

ERROR = 1e-4
"""Largest error of a share, twice what tests find over all loads, teams and patiences."""
BLOCK = 32_768
"""Rows worked on at once."""
_WAIT_ERROR = 0.002
"""Largest error of a mean wait without end, as a share of it."""
Ints = npt.NDArray[np.int64]
_CALLS, _IN_TIME, _LATE, _GONE, _GONE_LATE = range(5)
_P_WAIT, _WAITED, _WAITED_ANSWERED, _BUSY = range(5, 9)
"""Columns of what is kept: calls for each first one, what becomes of them, and occupancy."""
_WAITS = np.isin(np.arange(9), [_WAITED, _WAITED_ANSWERED])


class Fares:
    """How teams fare that answer contacts of one kind, whatever their load and their agents.

    What is worked out once is kept, so that later rows find it.

    Parameters
    ----------
    aht_s, answer_within_s
        As in ``performance``.
    patience_s
        Mean patience (Erlang A); None: nobody hangs up (Erlang C).
    redial
        Share of those who hang up who call again; needs a patience.

    Notes
    -----
    Between two loads of the grid shares are taken to be straight lines; they are wrong by an eighth
    of the squared step times the curvature, which is ``ERROR`` at most. Patient callers wait in
    overload about as long as each other, so that shares turn within ``sqrt(aht_s / patience_s)`` of
    the usual width, and the step is as much smaller. Without hang-ups only the share who wait
    is interpolated; how long they do is known from it and the spare agents (see ``erlang_c``).

    Examples
    --------
    >>> from forecast.queueing import erlang_a
    >>> from forecast.queueing.spread import Spread
    >>> load, agents = np.array([[9.9], [10.1]]), np.array([12, 12])
    >>> team = {"aht_s": 180.0, "answer_within_s": 20.0, "patience_s": 120.0}
    >>> fares = Fares(**team)
    >>> spread = Spread.of(load, np.ones((2, 1)), np.ones(1), fares.step)
    >>> near = fares.together(spread, agents)
    >>> exact = erlang_a(load[:, 0], agents, **team)
    >>> bool(np.allclose(exact.service_level, near.service_level, atol=ERROR))
    True
    """

    def __init__(
        self,
        aht_s: float,
        answer_within_s: float,
        patience_s: float | None = None,
        redial: float = 0.0,
    ) -> None:
        """Begin with nothing known but a team without hope."""
        self.aht_s, self.answer_within_s = aht_s, answer_within_s
        self.patience_s, self.redial = patience_s, redial
        narrow = max(1.0, (patience_s or 0.0) / aht_s)
        self.step = STEP / 2 ** np.ceil(np.log2(narrow) / 2)
        self._values = np.array([[1, 0, 1, 0, 0, 1, aht_s, aht_s, 1]], dtype="float64")
        # By number of agents: first and last load that is kept, and where in ``_values``.
        self._first, self._last = np.zeros((2, 1), dtype="int64")
        self._first += 1
        self._start = np.zeros(1, dtype="int64")

    def together(self, spread: Spread, agents: Ints, definition: str = "offered") -> QueueResult:
        """Return how the callers of each row fare as one crowd, as ``queueing.together`` does."""
        return crowd_of(self.sums(spread, agents), definition)

    def sums(self, spread: Spread, agents: Ints, rows: Ints | None = None) -> Floats:
        """Return sums of what becomes of callers, and agents' occupancy (rows x columns).

        ``rows`` are the rows that are meant; None: all. ``agents`` has one number for each.
        """
        out = np.empty((len(agents), self._values.shape[1]))
        for block in _blocks(len(agents)):
            out[block] = self._sums(
                spread.rows(block if rows is None else rows[block]), agents[block]
            )
        return out

    def each(self, spread: Spread, agents: Ints, rows: Ints | None = None) -> Floats:
        """Return what becomes of callers at each load of each row (rows x loads x columns)."""
        size = spread.load.shape[1]
        out = np.empty((len(agents), size, self._values.shape[1]))
        for block in _blocks(len(agents)):
            own = spread.rows(block if rows is None else rows[block])
            lower, up = own.lower.reshape(-1, 1), own.up.reshape(-1, 1)
            one = Spread(
                own.load.reshape(-1, 1), lower, lower[:, 0], lower[:, 0], up, np.ones(up.shape),
                np.ones(1), own.step,
            )  # fmt: skip
            team = np.repeat(agents[block], size)
            if self.patience_s is None:
                found = self._endless_sums(one, team)
            else:
                found = _product(one.callers, up, self._places(one, team), self._values)
            out[block] = found.reshape(out[block].shape)
        return out

    def _sums(self, spread: Spread, agents: Ints) -> Floats:
        if self.patience_s is None:
            return self._endless_sums(spread, agents)
        place = self._places(spread, agents)
        out = _product(spread.callers, spread.up, place, self._values)
        share = np.broadcast_to(spread.share, spread.load.shape)
        out[:, _BUSY] = _product(share, spread.up, place, self._values[:, _BUSY:])[:, 0]
        return out

    def _endless_sums(self, spread: Spread, agents: Ints) -> Floats:
        """Return ``_sums`` without hang-ups.

        From as many erlangs as agents on all wait: what lies beyond is the first row of what is
        kept, and the last line before ends there.
        """
        load, n = spread.load, agents[:, None].astype("float64")
        low, high = (loads_of(spread.lower + k, spread.step) for k in (0, 1))
        calm = (load < n) | (load == 0)
        inside = calm & ((high < n) | (load == 0))
        last = calm & ~inside
        up = np.where(last, (load - low) / np.where(last, n - low, 1.0), spread.up)
        up = np.where(calm, up, 0.0)
        spare = np.where(calm, n - load, 0.0)
        place = self._places(spread, agents)
        place = np.stack([np.where(calm, place, 0), np.where(inside, place + 1, 0)], axis=-1)
        waits = self._values[:, [_P_WAIT]]
        counts = spread.callers > 0
        slow = spread.callers * (self.aht_s / np.where(spare > 0, spare, np.inf))
        late = spread.callers * np.exp(-spare * (self.answer_within_s / self.aht_s))
        out = _product(spread.callers, up, place, self._values)
        out[:, [_WAITED, _WAITED_ANSWERED]] = _product(slow, up, place, waits)
        out[(counts & ~calm).any(axis=1)[:, None] & _WAITS] = np.inf
        out[:, [_LATE]] = _product(late, up, place, waits)
        out[:, _IN_TIME] = out[:, _CALLS] - out[:, _LATE]
        share = np.broadcast_to(spread.share, load.shape)
        out[:, [_BUSY]] = _product(share, up, place, self._values[:, [_BUSY]])
        return out

    def _places(self, spread: Spread, agents: Ints) -> npt.NDArray[np.int32]:
        """Return where what is kept of the load below is; the one above follows it.

        Of each number of agents all loads are kept from one to another, as they are asked for.
        """
        first, last = spread.first, spread.last + 1
        most = int(agents.max(initial=0)) + 1 - self._first.size
        if most > 0:
            self._first, self._last, self._start = (
                np.pad(v, (0, most), constant_values=fill)
                for v, fill in ((self._first, 1), (self._last, 0), (self._start, 0))
            )
        lacking = (first < self._first[agents]) | (last > self._last[agents])
        if lacking.any():
            self._work_out(
                agents[lacking], first[lacking].astype("int64"), last[lacking].astype("int64")
            )
        start = (self._start - self._first)[agents].astype("int32")
        return start[:, None] + spread.lower

    def _work_out(self, agents: Ints, first: Ints, last: Ints) -> None:
        """Work out what lacks from one load of the grid to another for some numbers of agents."""
        nobody = self._first > self._last
        before = np.where(nobody, np.iinfo("int64").max, self._first)
        until = np.where(nobody, -1, self._last)
        self._first, self._last = before.copy(), until.copy()
        np.minimum.at(self._first, agents, first)
        np.maximum.at(self._last, agents, last)
        self._first = np.where(self._last < 0, 1, self._first)
        self._last = np.maximum(self._last, 0)
        size = self._last - self._first + 1
        start = 1 + np.cumsum(size) - size
        n = np.repeat(np.arange(size.size), size)
        grid = np.arange(n.size) - (start - 1)[n] + self._first[n]
        kept = (grid >= before[n]) & (grid <= until[n])
        values = np.empty((n.size + 1, self._values.shape[1]))
        values[0] = self._values[0]
        values[1:][kept] = self._values[self._start[n[kept]] + grid[kept] - before[n[kept]]]
        values[1:][~kept] = self._worked(loads_of(grid[~kept], self.step), n[~kept])
        self._values, self._start = values, start

    def _worked(self, load: Floats, agents: Ints) -> Floats:
        """Return what is kept of loads and teams, by the exact formulas."""
        calls = np.ones(load.shape)
        if self.redial and self.patience_s is not None:
            called = with_redials(
                load, agents, redial=self.redial, aht_s=self.aht_s,
                answer_within_s=self.answer_within_s, patience_s=self.patience_s,
            )  # fmt: skip
            result = called.queue
            calls[load > 0] = called.load[load > 0] / load[load > 0]
        else:
            result = performance(
                load, agents, aht_s=self.aht_s, answer_within_s=self.answer_within_s,
                patience_s=self.patience_s,
            )  # fmt: skip
        ends = result.ends
        if self.patience_s is None:
            waited = answered = result.p_wait * self.aht_s
        else:
            waited = result.asa_s
            some = ends.answered > 0
            answered = np.where(some, ends.answered * np.where(some, result.asa_answered_s, 0), 0)
        kept = [
            np.ones(load.shape), ends.answered_in_time, ends.answered_late, ends.abandoned_in_time,
            ends.abandoned_late, result.p_wait, waited, answered,
        ]  # fmt: skip
        return np.stack([*(v * calls for v in kept), result.occupancy], axis=1)


def ends_of(fared: Floats) -> tuple[Ends, Floats]:
    """Return sums of ``Fares.sums`` as shares of callers, and how many call; NaN: nobody does."""
    calls = np.where(fared[..., _CALLS] > 0, fared[..., _CALLS], np.nan)
    in_time, late, gone, gone_late = (
        fared[..., k] / calls for k in (_IN_TIME, _LATE, _GONE, _GONE_LATE)
    )
    return Ends(in_time, late, gone, gone_late, 0 * calls), calls


def felt(fared: Floats) -> tuple[Floats, Floats]:
    """Return seconds waited for each first contact, and occupancy, of what ``Fares`` returns."""
    return fared[..., _WAITED], fared[..., _BUSY]


def crowd_of(fared: Floats, definition: str = "offered") -> QueueResult:
    """Return sums of ``Fares.sums`` as a result; caller measures are NaN where nobody calls."""
    ends, calls = ends_of(fared)
    answered = np.where(ends.answered > 0, ends.answered, np.nan)
    return QueueResult(
        p_wait=fared[..., _P_WAIT] / calls,
        service_level=level_of(ends, check_definition(definition)),
        asa_s=fared[..., _WAITED] / calls,
        abandonment=ends.abandoned,
        occupancy=fared[..., _BUSY],
        asa_answered_s=fared[..., _WAITED_ANSWERED] / calls / answered,
        ends=ends,
    )


def surely(
    target: Target, result: QueueResult, slowest_s: float, error: float = ERROR
) -> tuple[Bools, Bools]:
    """Return where a result by a grid meets a target certainly, and where it perhaps does.

    Parameters
    ----------
    target, result
        As in ``Target.met``.
    slowest_s
        The longer of handle time and patience: a wait is as uncertain as ``error`` times it, and
        as a five-hundredth of itself.
    error
        Largest error of a share of callers.
    """
    top, asked = counted(result.ends, check_definition(target.definition))
    asked = np.where(asked > 0, asked, 1.0)
    found = []
    for sign in (1.0, -1.0):
        worse = sign * error
        fare = Fare(
            p_wait=result.p_wait + worse,
            ends=replace(result.ends, abandoned_late=result.ends.abandoned_late + worse),
            asa_s=result.asa_s * (1 + sign * _WAIT_ERROR) + worse * slowest_s,
            occupancy=result.occupancy + worse,
        )
        found.append(met(target.goals(), top / asked - 2 * worse / asked, fare))
    return found[0], found[1]


def _blocks(size: int) -> Iterator[slice]:
    """Return slices of rows to work on, one after the other, so that what lies between is small."""
    for start in range(0, size, BLOCK):
        yield slice(start, start + BLOCK)


def _product(weight: Floats, up: Floats, place: npt.NDArray[np.int32], values: Floats) -> Floats:
    """Return weighted sums of values, each between that at its place and the next, by row."""
    places = np.stack([place, place + 1], axis=-1) if place.ndim == up.ndim else place
    parts = np.empty(places.shape)
    np.multiply(weight, up, out=parts[..., 1])
    np.subtract(weight, parts[..., 1], out=parts[..., 0])
    ends = np.arange(len(places) + 1, dtype="int32") * int(np.prod(places.shape[1:]))
    shape = (len(places), len(values))
    matrix = sparse.csr_array((parts.ravel(), places.ravel(), ends), shape=shape)
    return np.asarray(matrix @ values)
