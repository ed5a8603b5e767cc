"""Erlang A: Poisson arrivals, exponential handle times, and callers of exponential patience."""

import numpy as np

from forecast.queueing.checks import (
    INSIDE,
    NOT_NEGATIVE,
    POSITIVE,
    WHOLE,
    Bools,
    Floats,
    Numbers,
    Rows,
    check,
)
from forecast.queueing.result import (
    Ends,
    Fare,
    QueueResult,
    check_definition,
    merged,
    quiet,
    result_of,
)
from forecast.queueing.special import log_inverse_b
from forecast.queueing.waits import Impatient

_QUANTILE_STEPS = 60


def erlang_a(
    load: Numbers,
    agents: Numbers,
    *,
    aht_s: Numbers,
    answer_within_s: Numbers,
    patience_s: Numbers,
    definition: str = "offered",
) -> QueueResult:
    """Return waiting and hanging up when patience is exponential (Erlang A, M/M/n+M).

    Parameters
    ----------
    load
        Offered load in erlangs, >= 0; any load is stable, because callers leave.
    agents
        Whole number of agents, >= 0. With none, all wait out their patience.
    aht_s
        Average handle time in seconds, > 0.
    answer_within_s
        Answer-within limit in seconds, >= 0.
    patience_s
        Mean patience in seconds, > 0: the mean time a caller would wait if never answered, which
        is longer than the mean wait of those who hung up.
    definition
        Of the service level: "offered", "answered", "excluded", "met" or "missed"; see
        ``service_level``.

    Raises
    ------
    ValueError
        For an argument that breaks its rule, naming both and the value.

    Notes
    -----
    The offered wait has density ``lambda pi(n-1) exp(lambda H(x) - n mu x)`` with
    ``H(x) = (1 - exp(-theta x)) / theta``. Its integrals are incomplete gamma functions of
    ``n mu / theta`` at ``lambda / theta``. Relative error below 1e-8 from 0.001 to 100,000 erlangs,
    in light load and in overload.

    References
    ----------
    Palm (1957), Research on telephone traffic carried by full availability groups. Mandelbaum &
    Zeltyn (2007), Service engineering in action: the Palm/Erlang-A queue, with applications to
    call centers.

    Examples
    --------
    Palm's example: 48 calls a minute of one minute, 50 agents, two minutes of patience. Callers
    wait 3.7 s on average, those who are answered 3.6 s.

    >>> r = erlang_a(48, 50, aht_s=60, answer_within_s=20, patience_s=120)
    >>> round(float(r.abandonment), 3), round(float(r.asa_s), 1), round(float(r.asa_answered_s), 1)
    (0.031, 3.7, 3.6)
    """
    known = check_definition(definition)
    rows = Rows.of(
        check("load", load, NOT_NEGATIVE),
        check("agents", agents, WHOLE),
        check("aht_s", aht_s, POSITIVE),
        check("answer_within_s", answer_within_s, NOT_NEGATIVE),
        check("patience_s", patience_s, POSITIVE),
    )
    a, n, aht, limit, patience = rows.columns
    queue = _queue(a, n, patience / aht)
    mean_answered = np.where(a > 0, np.inf, 0.0)
    mean_answered[_usual(a, n)] = queue.mean_wait_answered()
    fare = _fare(queue, a, n, patience, limit)
    return result_of(rows, fare, mean_answered * patience, known)


def erlang_a_fare(
    load: Floats, agents: Floats, aht: Floats, limit: Floats, patience: Floats
) -> Fare:
    """Return how flat rows fare, with answers for no load and for nobody there."""
    return _fare(_queue(load, agents, patience / aht), load, agents, patience, limit)


def _usual(load: Floats, agents: Floats) -> Bools:
    """Return the rows with calls and agents; the others' answers are plain."""
    return (load > 0) & (agents > 0)


def _queue(load: Floats, agents: Floats, patience: Floats) -> Impatient:
    """Return the queue of the usual rows, patience in handle times."""
    usual = _usual(load, agents)
    a, n, p = load[usual], agents[usual], patience[usual]
    return Impatient.of(log_inverse_b(n - 1, a), n * p, a * p)


def _fare(queue: Impatient, load: Floats, agents: Floats, patience: Floats, limit: Floats) -> Fare:
    usual = _usual(load, agents)
    waits = queue.waits(limit[usual] / patience[usual])
    busy = np.minimum(load[usual] / agents[usual] * waits.ends.answered, 1.0)
    fare = Fare(waits.p_wait, waits.ends, waits.mean * patience[usual], busy)
    if usual.all():
        return fare
    calls = load > 0
    rest = merged(calls, _unserved(limit[calls], patience[calls]), quiet(load.size))
    return merged(usual, fare, rest)


def _unserved(limit: Floats, patience: Floats) -> Fare:
    """Return the fare of callers when nobody is there: all wait out their patience."""
    zero, late = np.zeros(limit.shape), np.exp(-limit / patience)
    return Fare(zero + 1, Ends(zero, zero, 1 - late, late, zero), patience, zero)


def erlang_a_wait(
    load: Numbers, agents: Numbers, share: Numbers, *, aht_s: Numbers, patience_s: Numbers
) -> Floats:
    """Return the seconds within which a share of offered callers no longer wait.

    They are answered or have hung up by then: a quantile of the wait.

    Parameters
    ----------
    load, agents, aht_s, patience_s
        As in ``erlang_a``.
    share
        Share of callers who wait no longer, above 0 and below 1.

    Notes
    -----
    The log of the share that waits longer is concave in the time, so that Newton's steps close in
    on the answer from one side.

    Examples
    --------
    >>> round(float(erlang_a_wait(48, 50, 0.9, aht_s=60, patience_s=120)), 1)
    12.4
    """
    rows = Rows.of(
        check("load", load, NOT_NEGATIVE),
        check("agents", agents, WHOLE),
        check("share", share, INSIDE),
        check("aht_s", aht_s, POSITIVE),
        check("patience_s", patience_s, POSITIVE),
    )
    a, n, q, aht, patience = rows.columns
    queue, usual = _queue(a, n, patience / aht), _usual(a, n)
    wait = np.where(a > 0, -np.log1p(-q), 0.0)
    goal, time = np.log1p(-q[usual]), np.zeros(queue.work.shape)
    for _ in range(_QUANTILE_STEPS):
        log_longer, _, log_k = queue.longer(time)
        with np.errstate(over="ignore"):
            step = (log_longer - goal) / (1 + np.exp(-log_k))
        before, time = time, np.maximum(time + step, 0.0)
        if (np.abs(time - before) <= 1e-14 * time).all():
            break
    wait[usual] = time
    return rows.shaped(wait * patience)
