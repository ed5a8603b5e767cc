"""How the callers of many intervals fare, whose rates are uncertain: each interval as one crowd."""

from collections.abc import Callable
from copy import copy

import numpy as np
import numpy.typing as npt

from forecast.capacity.known import Known
from forecast.capacity.strata import Floats, Ints
from forecast.goals import target_of
from forecast.params import CapacityParams
from forecast.queueing.gridded import ERROR, Fares, crowd_of, ends_of, felt, surely
from forecast.queueing.redials import with_redials
from forecast.queueing.result import QueueResult, check_definition, counted, merged_rows, together
from forecast.queueing.spread import Spread
from forecast.queueing.staffing import performance

Bools = npt.NDArray[np.bool_]
How = Callable[[Fares, Spread, Ints, Ints | None], Floats]
EACH = ("served", "asked", "calls", "abandoned", "waited_s", "busy")
MANY_ROWS, ROWS_A_KIND = 20_000, 2_000
"""Intervals, and those of one handle time, that make a grid worth its while."""
AHT_STEP = 0.04
"""Between handle times that are worked out where hardly any two are alike, as a share of them."""


def served(
    load: Floats, agents: npt.NDArray[np.generic], aht_s: Floats, params: CapacityParams
) -> tuple[QueueResult, Floats]:
    """Return how contacts fare, and how many come for each first one (redials among them)."""
    if params.redial and params.patience_s is not None:
        called = with_redials(
            load,
            agents.astype("float64"),
            redial=params.redial,
            aht_s=aht_s,
            answer_within_s=params.answer_within_s,
            patience_s=params.patience_s,
            definition=params.definition,
        )
        times = np.where(load > 0, called.load / np.where(load > 0, load, 1.0), 1.0)
        return called.queue, times
    result = performance(
        load,
        agents.astype("float64"),
        aht_s=aht_s,
        answer_within_s=params.answer_within_s,
        patience_s=params.patience_s,
        definition=params.definition,
    )
    return result, np.ones(np.shape(result.p_wait))


def kinds_of(aht_s: Floats) -> tuple[list[Ints], Ints]:
    """Return the intervals of each handle time that so many have that a grid is faster; the others.

    Examples
    --------
    >>> alike, others = kinds_of(np.repeat([180.0, 240.0, 300.0], [15_000, 10_000, 5]))
    >>> [rows.size for rows in alike], others.size
    ([15000, 10000], 5)
    """
    if aht_s.size <= MANY_ROWS:
        return [], np.arange(aht_s.size)
    kind, count = np.unique(aht_s, return_inverse=True, return_counts=True)[1:]
    alike = [np.flatnonzero(kind == k) for k in np.flatnonzero(count >= ROWS_A_KIND)]
    return alike, np.flatnonzero(count[kind] < ROWS_A_KIND)


class Crowds:
    """The possible loads of many intervals, and how their callers fare with any agents.

    Few intervals are worked out each by itself. Where there are more than ``MANY_ROWS`` of them
    shares come from a grid of loads, and of handle times where hardly any two are alike; ``met`` is
    exact all the same: it asks the formulas wherever the grid leaves a doubt.

    Parameters
    ----------
    load, callers
        Possible loads in erlangs and what each weighs for callers (intervals x loads).
    share
        What each weighs for agents (loads).
    aht_s
        Handle time of each interval.
    params
        The section ``capacity``.
    known
        What the run knows of teams.
    """

    def __init__(
        self,
        load: Floats,
        callers: Floats,
        share: Floats,
        aht_s: Floats,
        params: CapacityParams,
        known: Known,
    ) -> None:
        """Sort the intervals by handle time."""
        self.load, self.callers, self.share = load, callers, share
        self.aht_s, self.params = aht_s, params
        self.definition = check_definition(params.definition)
        self._kind = np.full(len(load), -1)
        self._place = np.arange(len(load))
        self._kinds: list[list[tuple[Fares, Spread, Floats]]] = []
        self._error = ERROR
        alike, unlike = kinds_of(aht_s)
        for rows in alike:
            self._add(rows, [(float(aht_s[rows[0]]), np.ones(1))], known)
        if unlike.size > MANY_ROWS:
            self._add_unlike(unlike, known)

    def _add(self, rows: Ints, near: list[tuple[float, Floats]], known: Known) -> None:
        """Add intervals of one kind: handle times that are worked out, and the weight of each."""
        self._kind[rows], self._place[rows] = len(self._kinds), np.arange(rows.size)
        found = []
        for aht_s, weight in near:
            fares = known.fares(aht_s, self.params)
            spread = Spread.of(self.load[rows], self.callers[rows], self.share, fares.step)
            found.append((fares, spread, np.broadcast_to(weight, rows.shape)))
        self._kinds.append(found)

    def _add_unlike(self, rows: Ints, known: Known) -> None:
        """Add intervals between two handle times that are worked out."""
        place = np.log(self.aht_s[rows]) / AHT_STEP
        below = np.floor(place)
        for number in np.unique(below):
            own = below == number
            up = place[own] - number
            near = [
                (float(np.exp(k * AHT_STEP)), part)
                for k, part in ((number, 1 - up), (number + 1, up))
            ]
            self._add(rows[own], near, known)
        self._error = 2 * ERROR

    def under(self, params: CapacityParams) -> "Crowds":
        """Return the same under other goals, the limit and the callers' patience left alone."""
        out = copy(self)
        out.params, out.definition = params, check_definition(params.definition)
        return out

    def together(self, agents: Ints, rows: Ints | None = None) -> QueueResult:
        """Return how the callers of some intervals fare, each as one crowd; None: of all."""
        some = np.arange(len(self.load)) if rows is None else rows
        parts: list[tuple[Ints, QueueResult]] = []
        for kind in np.unique(self._kind[some]):
            own = np.flatnonzero(self._kind[some] == kind)
            if kind < 0:
                parts.append((own, self._exact(agents[own], some[own])))
            else:
                parts.append((own, self._near(int(kind), agents[own], self._place[some[own]])))
        return parts[0][1] if len(parts) == 1 else merged_rows(parts, len(some))

    def met(self, agents: Ints, rows: Ints) -> Bools:
        """Return in which of some intervals agents meet the target; anybody must call there."""
        target = target_of(self.params)
        result = self.together(agents, rows)
        slowest = max(float(self.aht_s[rows].max(initial=0.0)), self.params.patience_s or 0.0)
        good, perhaps = surely(target, result, slowest, self._error)
        good = np.where(self._kind[rows] < 0, target.met(result), good)
        open_rows = np.flatnonzero(perhaps & ~good & (self._kind[rows] >= 0))
        if open_rows.size:
            good[open_rows] = target.met(self._exact(agents[open_rows], rows[open_rows]))
        return np.asarray(good)

    def _exact(self, agents: Ints, rows: Ints) -> QueueResult:
        result, times = served(
            self.load[rows], agents[:, None], self.aht_s[rows, None], self.params
        )
        return together(
            result, self.callers[rows] * times, self.params.definition, share=self.share
        )

    def _near(self, kind: int, agents: Ints, place: Ints) -> QueueResult:
        return crowd_of(self._fared(kind, agents, place, Fares.sums), self.params.definition)

    def _fared(self, kind: int, agents: Ints, place: Ints, how: How) -> Floats:
        """Return what becomes of callers, between the handle times that are worked out."""
        rows = None if len(place) == len(self._kinds[kind][0][2]) else place
        found = [
            (how(fares, spread, agents, rows), weight)
            for fares, spread, weight in self._kinds[kind]
        ]
        if len(found) == 1:
            return found[0][0]
        return np.asarray(sum((v.T * weight[place]).T for v, weight in found))

    def each(self, agents: Ints, rows: Ints) -> dict[str, Floats]:
        """Return how callers and agents fare at each load of some intervals (intervals x loads).

        For each first contact ``calls``, of them ``abandoned``, those ``served`` and ``asked`` as
        the definition of service level counts them, and the seconds ``waited_s``, infinite in
        overload without hang-ups; ``busy`` is agents' occupancy.
        """
        out = {name: np.empty((len(rows), self.load.shape[1])) for name in EACH}
        for kind in np.unique(self._kind[rows]):
            own = np.flatnonzero(self._kind[rows] == kind)
            if kind < 0:
                result, calls = served(
                    self.load[rows[own]],
                    agents[own, None],
                    self.aht_s[rows[own], None],
                    self.params,
                )
                ends, waited, busy = result.ends, result.asa_s * calls, result.occupancy
            else:
                fared = self._fared(int(kind), agents[own], self._place[rows[own]], Fares.each)
                ends, calls = ends_of(fared)
                waited, busy = felt(fared)
            if not self.params.redial:
                calls = np.ones(calls.shape)
            top, below = counted(ends, self.definition)
            found = (top * calls, below * calls, calls, ends.abandoned * calls, waited, busy)
            for name, values in zip(EACH, found, strict=True):
                out[name][own] = values
        return out
