"""Erlang C: Poisson arrivals, exponential handle times, and nobody hangs up."""

import numpy as np

from forecast.queueing.checks import (
    INSIDE,
    NOT_NEGATIVE,
    POSITIVE,
    WHOLE,
    Floats,
    Numbers,
    Rows,
    check,
)
from forecast.queueing.result import (
    Fare,
    QueueResult,
    check_definition,
    merged,
    quiet,
    result_of,
    swamped,
)
from forecast.queueing.special import log_inverse_b
from forecast.queueing.waits import endless


def erlang_c(
    load: Numbers,
    agents: Numbers,
    *,
    aht_s: Numbers,
    answer_within_s: Numbers,
    definition: str = "offered",
) -> QueueResult:
    """Return waiting when nobody hangs up (Erlang C, M/M/n).

    With as many agents as load or fewer the queue grows without end: then every caller waits,
    nobody is answered in time, the wait is infinite and agents are always busy.

    Parameters
    ----------
    load
        Offered load in erlangs: arrivals per second x AHT, >= 0.
    agents
        Whole number of agents, >= 0.
    aht_s
        Average handle time in seconds, > 0.
    answer_within_s
        Answer-within limit in seconds, >= 0.
    definition
        Of the service level; as nobody hangs up, all five are the same here.

    Raises
    ------
    ValueError
        For an argument that breaks its rule, naming both and the value.

    Notes
    -----
    ``p_wait = 1 / (1 + (n - a) / (a B(n - 1, a)))`` and those who wait, wait exponentially
    with mean ``aht_s / (n - a)``. Relative error below 1e-10 up to 100,000 erlangs.

    References
    ----------
    Erlang (1917), Solution of some problems in the theory of probabilities of significance in
    automatic telephone exchanges.

    Examples
    --------
    >>> r = erlang_c(10, 12, aht_s=180, answer_within_s=20)
    >>> round(float(r.p_wait), 4), round(float(r.service_level), 4), round(float(r.asa_s), 1)
    (0.4494, 0.6402, 40.4)
    """
    known = check_definition(definition)
    rows = Rows.of(
        check("load", load, NOT_NEGATIVE),
        check("agents", agents, WHOLE),
        check("aht_s", aht_s, POSITIVE),
        check("answer_within_s", answer_within_s, NOT_NEGATIVE),
    )
    a, n, aht, limit = rows.columns
    fare = erlang_c_fare(a, n, aht, limit)
    return result_of(rows, fare, fare.asa_s, known)


def erlang_c_fare(load: Floats, agents: Floats, aht: Floats, limit: Floats) -> Fare:
    """Return how flat rows fare, with answers for overload and for no load."""
    stable = (agents > load) & (load > 0)
    free = np.ones(load.shape)
    with np.errstate(over="ignore"):
        free[stable] = np.exp(log_inverse_b(agents[stable] - 1, load[stable]))
    return fare_of(free, load, agents, aht, limit)


def fare_of(free: Floats, load: Floats, agents: Floats, aht: Floats, limit: Floats) -> Fare:
    """Return how flat rows fare given 1 / B(n - 1), which counts where the queue is stable."""
    stable = (agents > load) & (load > 0)
    if not stable.all():
        some = fare_of(*(column[stable] for column in (free, load, agents, aht, limit)))
        calm = merged(load > 0, swamped(int((load > 0).sum())), quiet(load.size))
        return merged(stable, some, calm)
    waits = endless(free, agents, load, limit / aht)
    return Fare(waits.p_wait, waits.ends, waits.mean * aht, load / agents)


def erlang_c_wait(load: Numbers, agents: Numbers, share: Numbers, *, aht_s: Numbers) -> Floats:
    """Return the seconds within which a share of callers are answered (a quantile of the wait).

    Parameters
    ----------
    load, agents, aht_s
        As in ``erlang_c``.
    share
        Share of callers who wait no longer, above 0 and below 1.

    Returns
    -------
    Seconds; 0 where so many find a free agent; infinite in overload.

    Examples
    --------
    In Garnett, Mandelbaum & Reiman (2002), nine in ten wait 58.1 s at most.

    >>> round(float(erlang_c_wait(48, 50, 0.9, aht_s=60)), 1)
    58.1
    """
    rows = Rows.of(
        check("load", load, NOT_NEGATIVE),
        check("agents", agents, WHOLE),
        check("share", share, INSIDE),
        check("aht_s", aht_s, POSITIVE),
    )
    a, n, q, aht = rows.columns
    p_wait = erlang_c_fare(a, n, aht, np.zeros(a.shape)).p_wait
    with np.errstate(divide="ignore"):
        over = np.log(p_wait) - np.log1p(-q)
    spare = np.where(n > a, n - a, 1.0)
    wait = np.where(n > a, np.maximum(over, 0.0) / spare * aht, np.inf)
    return rows.shaped(np.where(a == 0, 0.0, wait))
