"""Callers who call again: the load that agents really see, as the fixed point of first calls."""

from dataclasses import dataclass

import numpy as np

from forecast.queueing.checks import (
    BELOW_ONE,
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    WHOLE,
    Bools,
    Floats,
    Numbers,
    Rows,
    check,
    check_range,
)
from forecast.queueing.erlang_a import erlang_a, erlang_a_fare
from forecast.queueing.result import QueueResult
from forecast.queueing.search import Ints, least, reached
from forecast.queueing.staffing import Target, required_agents


@dataclass(frozen=True)
class RedialResult:
    """A queue whose callers call again.

    Attributes
    ----------
    load
        Offered load in erlangs, calls of all kinds.
    redials, reconnects
        Share of offered calls that come again after hanging up, or after an answer.
    lost
        Share of first calls whose caller hangs up in the end and does not call again.
    queue
        How all calls fare, first and repeated alike.
    """

    load: Floats
    redials: Floats
    reconnects: Floats
    lost: Floats
    queue: QueueResult


def with_redials(
    load: Numbers,
    agents: Numbers,
    *,
    redial: Numbers,
    reconnect: Numbers = 0.0,
    aht_s: Numbers,
    answer_within_s: Numbers,
    patience_s: Numbers,
    definition: str = "offered",
) -> RedialResult:
    """Return how calls fare when a share of callers call again (Erlang A with redials).

    Parameters
    ----------
    load
        First calls in erlangs, >= 0.
    agents
        Whole number of agents, >= 0.
    redial
        Share of those who hang up who call again, and again, 0 to 1.
    reconnect
        Share of those who were answered who call again, at least 0 and below 1.
    aht_s, answer_within_s, patience_s, definition
        As in ``erlang_a``.

    Raises
    ------
    ValueError
        Also where all who hang up call again and first calls are as much as
        ``agents x (1 - reconnect)`` or more: then calls grow without end.

    Notes
    -----
    The load ``a`` of all calls solves ``a (1 - redial Ab(a) - reconnect (1 - Ab(a))) = load``. As
    agents answer the more the more call, though ever less of it, the left side rises; so there is
    one root always for ``redial < 1``, and for ``redial = 1`` while first calls stay below
    ``agents (1 - reconnect)``. It is assumed that those who call again do so much later than the
    queue remembers and are as patient and as long as all.

    References
    ----------
    Ding, Remerova, van der Mei & Zwart (2015), Fluid approximation of a call center model with
    redials and reconnects. Aguir, Karaesmen, Aksin & Chauvet (2004), The impact of retrials on call
    center performance.

    Examples
    --------
    >>> r = with_redials(
    ...     100, 95, redial=0.6, aht_s=180, answer_within_s=20, patience_s=120
    ... )
    >>> round(float(r.load), 1), round(float(r.queue.service_level), 3), round(float(r.lost), 3)
    (108.6, 0.554, 0.057)
    """
    rows = Rows.of(
        check("load", load, NOT_NEGATIVE),
        check("agents", agents, WHOLE),
        check("redial", redial, SHARE),
        check("reconnect", reconnect, BELOW_ONE),
        check("aht_s", aht_s, POSITIVE),
        check("answer_within_s", answer_within_s, NOT_NEGATIVE),
        check("patience_s", patience_s, POSITIVE),
    )
    first, n, again, back, aht, limit, patience = rows.columns
    stable = (again < 1) | (first < n * (1 - back)) | (first == 0)
    check_range("load", first, stable, "below agents x (1 - reconnect) where all redial")

    def fresh(a: Floats, n: Floats, again: Floats, back: Floats, p: Floats) -> Floats:
        one = np.ones(a.shape)
        ends = erlang_a_fare(a, n, one, 0 * one, p).ends
        return np.asarray(a * (1 - again * ends.abandoned - back * ends.answered))

    total, calls = np.zeros(first.shape), first > 0
    settings = (n, again, back, patience / aht)
    total[calls] = reached(fresh, first[calls], first[calls], *(v[calls] for v in settings))
    queue = erlang_a(
        rows.shaped(total),
        rows.shaped(n),
        aht_s=rows.shaped(aht),
        answer_within_s=rows.shaped(limit),
        patience_s=rows.shaped(patience),
        definition=definition,
    )
    redials = again * np.ravel(queue.abandonment)
    reconnects = back * (1 - np.ravel(queue.abandonment))
    left = 1 - redials - reconnects
    lost = (1 - again) * np.ravel(queue.abandonment) / np.where(calls, left, 1.0)
    return RedialResult(
        load=rows.shaped(total),
        redials=rows.shaped(redials),
        reconnects=rows.shaped(reconnects),
        lost=rows.shaped(lost),
        queue=queue,
    )


def required_agents_with_redials(
    load: Numbers,
    *,
    redial: float,
    aht_s: Numbers,
    target: Target,
    patience_s: Numbers,
    agents_min: Numbers = 0,
) -> Ints:
    """Return the least whole number of agents that meets the target, redials counted.

    Fewer agents make more callers hang up, of whom a share call again and are offered calls too:
    the load is the fixed point of ``with_redials`` for each number of agents that is tried.

    Parameters
    ----------
    load
        First calls in erlangs, >= 0.
    redial
        Share of those who hang up who call again, at least 0 and below 1.
    aht_s, target, patience_s, agents_min
        As in ``required_agents``; of numbers that broadcast with the load. The goals of the target
        must be numbers.

    Examples
    --------
    >>> asked = {"aht_s": 180, "target": Target(0.80, 20), "patience_s": 120}
    >>> alone = int(required_agents(100, **asked))
    >>> alone, int(required_agents_with_redials(100, redial=0.6, **asked))
    (96, 100)
    """
    check("redial", redial, BELOW_ONE)
    start = required_agents(
        load, aht_s=aht_s, target=target, patience_s=patience_s, agents_min=agents_min
    )
    rows = Rows.of(
        check("load", load, NOT_NEGATIVE), check("aht_s", aht_s, POSITIVE),
        check("patience_s", patience_s, POSITIVE), np.asarray(start, dtype="float64"),
    )  # fmt: skip
    first, aht, patience, alone = rows.columns
    limit = 0.0 if target.answer_within_s is None else target.answer_within_s

    def enough(some: Ints, agents: Floats) -> Bools:
        called = with_redials(
            first[some], agents, redial=redial, aht_s=aht[some], answer_within_s=limit,
            patience_s=patience[some],
        )  # fmt: skip
        return target.met(called.queue)

    needed = alone.astype("int64")
    calls = np.flatnonzero(first > 0)
    more = least(lambda some, n: enough(calls[some], n), alone[calls], lowest=1)
    needed[calls] = np.maximum(more, needed[calls])
    return np.asarray(rows.shaped(needed))
