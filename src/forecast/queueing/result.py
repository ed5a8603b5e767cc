"""What callers and agents experience, and the five ways to call a part of it service level.

Every caller ends in one of five ways, whose shares of all offered callers add up to 1: answered
within the limit, answered later, hung up within the limit, hung up later, or turned away at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from forecast.queueing.checks import Bools, Floats, Rows

Definition = Literal["offered", "answered", "excluded", "met", "missed"]
DEFINITIONS: tuple[Definition, ...] = get_args(Definition)


MEANING: dict[Definition, str] = {
    "offered": "of offered calls are answered within {limit} s; who hang up are missed",
    "answered": "of answered calls are answered within {limit} s; who hang up are left out",
    "excluded": "of calls are answered within {limit} s; who hang up within it are left out",
    "met": "of offered calls are answered or hang up within {limit} s",
    "missed": "of calls are answered within {limit} s; who hang up later are left out",
}
"""What a service level is a share of, by definition."""


@dataclass(frozen=True)
class Ends:
    """How callers end, as shares of the offered ones; they add up to 1."""

    answered_in_time: Floats
    answered_late: Floats
    abandoned_in_time: Floats
    abandoned_late: Floats
    blocked: Floats

    @property
    def answered(self) -> Floats:
        """All answered callers."""
        return self.answered_in_time + self.answered_late

    @property
    def abandoned(self) -> Floats:
        """All callers who hang up."""
        return self.abandoned_in_time + self.abandoned_late


@dataclass(frozen=True)
class QueueResult:
    """What callers and agents experience; fields are numbers or arrays of one shape.

    Attributes
    ----------
    p_wait
        Share of offered callers who find all agents busy (and are not turned away).
    service_level
        By the definition that was asked for; if none was, the share of *offered* callers who are
        answered within the limit. See ``service_level``.
    asa_s
        Mean wait in seconds of all offered callers, those who hang up included; infinite in
        overload without hang-ups.
    abandonment
        Share of offered callers who hang up before an answer.
    occupancy
        Share of agents' time that is busy; 0 where there is no agent.
    asa_answered_s
        Mean wait in seconds of the callers who are answered: the average speed of answer in its
        literal sense. Infinite where nobody ever is.
    ends
        Shares of offered callers by how they end: answered or hung up, in time or late, blocked.
    """

    p_wait: Floats
    service_level: Floats
    asa_s: Floats
    abandonment: Floats
    occupancy: Floats
    asa_answered_s: Floats
    ends: Ends

    @property
    def answered_in_time(self) -> Floats:
        """Share of offered callers who are answered within the limit."""
        return self.ends.answered_in_time

    @property
    def abandoned_in_time(self) -> Floats:
        """Share of offered callers who hang up within the limit."""
        return self.ends.abandoned_in_time

    @property
    def blocking(self) -> Floats:
        """Share of offered callers who are turned away at once."""
        return self.ends.blocked


_COUNTED: dict[Definition, Callable[[Ends], tuple[Floats, Floats]]] = {
    "offered": lambda e: (e.answered_in_time, np.ones_like(e.answered_in_time)),
    "answered": lambda e: (e.answered_in_time, e.answered),
    "excluded": lambda e: (e.answered_in_time, e.answered + e.abandoned_late + e.blocked),
    "met": lambda e: (
        np.minimum(e.answered_in_time + e.abandoned_in_time, 1.0),
        np.ones_like(e.answered_in_time),
    ),
    "missed": lambda e: (e.answered_in_time, e.answered + e.abandoned_in_time),
}


def check_definition(definition: str) -> Definition:
    """Return the definition of service level, or refuse a name that is none."""
    for known in DEFINITIONS:
        if definition == known:
            return known
    raise ValueError(f"definition must be one of {', '.join(DEFINITIONS)}; found {definition}")


def counted(ends: Ends, definition: Definition) -> tuple[Floats, Floats]:
    """Return which shares of offered callers count as served, and as asked to be, by a definition.

    Sums of both over intervals, weighted by callers, give the service level of all of them.
    """
    return _COUNTED[definition](ends)


def level_of(ends: Ends, definition: Definition) -> Floats:
    """Return the service level of callers' ends by a definition; 0 where nobody is counted."""
    served, asked = counted(ends, definition)
    return np.asarray(served / np.where(asked > 0, asked, 1.0))


def service_level(result: QueueResult, definition: str = "offered") -> Floats:
    """Return the service level of a result by one of five definitions.

    With A answered and B hung up within the limit, N offered, all counts of callers:

    ========== ========================== =====================================================
    definition formula                    who hang up within the limit
    ========== ========================== =====================================================
    offered    A / N                      count as missed, as all do who hang up
    answered   A / answered               are left out, as all are who hang up
    excluded   A / (N - B)                are left out; who hang up later count as missed
    met        (A + B) / N                count as met; who hang up later count as missed
    missed     A / (answered + B)         count as missed; who hang up later are left out
    ========== ========================== =====================================================

    So ``offered`` <= ``excluded`` <= ``met`` and ``offered`` <= ``missed`` <= ``answered``. Without
    hang-ups and without callers turned away all five are the same. All rise with every agent. Where
    nobody is counted the service level is 0, or 1 where nobody calls.

    Raises
    ------
    ValueError
        For a definition that is none of the five.

    Examples
    --------
    >>> from forecast.queueing import erlang_a
    >>> r = erlang_a(100, 95, aht_s=180, answer_within_s=20, patience_s=120)
    >>> {name: round(float(service_level(r, name)), 3) for name in DEFINITIONS}
    {'offered': 0.78, 'answered': 0.842, 'excluded': 0.832, 'met': 0.843, 'missed': 0.789}
    """
    return np.asarray(level_of(result.ends, check_definition(definition)))[()]


@dataclass(frozen=True)
class Fare:
    """How callers and agents of flat rows fare."""

    p_wait: Floats
    ends: Ends
    asa_s: Floats
    occupancy: Floats

    @property
    def abandonment(self) -> Floats:
        """Share of offered callers who hang up."""
        return self.ends.abandoned


def quiet(size: int) -> Fare:
    """Return the fare of rows in which nobody calls: all is well."""
    zero, one = np.zeros(size), np.ones(size)
    return Fare(zero, Ends(one, zero, zero, zero, zero), zero, zero)


def swamped(size: int) -> Fare:
    """Return the fare of rows whose queue grows for ever: all wait and nobody hangs up."""
    zero, one = np.zeros(size), np.ones(size)
    return Fare(one, Ends(zero, one, zero, zero, zero), np.full(size, np.inf), one)


def merged(some: Bools, fare: Fare, rest: Fare) -> Fare:
    """Return the fare of some rows amid that of all rows."""

    def put(values: Floats, among: Floats) -> Floats:
        out = np.array(among)
        out[some] = values
        return out

    ends = Ends(
        *(put(getattr(fare.ends, f.name), getattr(rest.ends, f.name)) for f in fields(Ends))
    )
    return Fare(
        p_wait=put(fare.p_wait, rest.p_wait),
        ends=ends,
        asa_s=put(fare.asa_s, rest.asa_s),
        occupancy=put(fare.occupancy, rest.occupancy),
    )


def merged_rows(
    parts: Sequence[tuple[npt.NDArray[np.int64], QueueResult]], rows: int
) -> QueueResult:
    """Return the results of some rows each, given with their numbers, as that of all rows."""

    def put(values: Sequence[Floats]) -> Floats:
        out = np.empty((rows, *values[0].shape[1:]))
        for (own, _), value in zip(parts, values, strict=True):
            out[own] = value
        return out

    names = [f.name for f in fields(QueueResult) if f.name != "ends"]
    whole = {name: put([getattr(one, name) for _, one in parts]) for name in names}
    ends = [put([getattr(one.ends, f.name) for _, one in parts]) for f in fields(Ends)]
    return QueueResult(**whole, ends=Ends(*ends))


def result_of(
    rows: Rows, fare: Fare, asa_answered_s: Floats, definition: Definition
) -> QueueResult:
    """Return how flat rows fare as a result in the arguments' shape."""
    ends = fare.ends
    return QueueResult(
        p_wait=rows.shaped(fare.p_wait),
        service_level=rows.shaped(level_of(ends, definition)),
        asa_s=rows.shaped(fare.asa_s),
        abandonment=rows.shaped(ends.abandoned),
        occupancy=rows.shaped(fare.occupancy),
        asa_answered_s=rows.shaped(asa_answered_s),
        ends=Ends(*(rows.shaped(getattr(ends, f.name)) for f in fields(Ends))),
    )


def together(
    result: QueueResult,
    callers: Floats,
    definition: str = "offered",
    *,
    share: Floats | float = 1.0,
) -> QueueResult:
    """Return how the callers of several rates fare as one crowd; the last axis is averaged.

    What callers experience is weighted by ``callers``, the wait of the answered by those answered;
    occupancy by ``share``, how often each rate comes, for an agent's hour is one hour at any. Where
    nobody calls, caller measures are NaN.

    Examples
    --------
    >>> from forecast.queueing import erlang_c
    >>> two = erlang_c([8, 12], 14, aht_s=180, answer_within_s=20)
    >>> crowd = together(two, np.array([80.0, 120.0]))
    >>> [round(float(level), 3) for level in (*two.service_level, crowd.service_level)]
    [0.98, 0.614, 0.761]
    """

    def mean(values: Floats, weight: Floats) -> Floats:
        total = weight.sum(axis=-1)
        counted = np.where(weight > 0, values, 0.0) * weight
        return np.asarray(counted.sum(axis=-1) / np.where(total > 0, total, np.nan))

    often = np.broadcast_to(share, result.occupancy.shape)
    ends = Ends(*(mean(getattr(result.ends, f.name), callers) for f in fields(Ends)))
    return QueueResult(
        p_wait=mean(result.p_wait, callers),
        service_level=level_of(ends, check_definition(definition)),
        asa_s=mean(result.asa_s, callers),
        abandonment=ends.abandoned,
        occupancy=np.asarray(np.average(result.occupancy, axis=-1, weights=often)),
        asa_answered_s=mean(result.asa_answered_s, callers * result.ends.answered),
        ends=ends,
    )
