"""Erlang B, C and A: Poisson arrivals, exponential handle times, ``agents`` servers.

The load is ``a = arrivals per second x AHT`` in erlangs. Erlang C lets nobody hang up; in Erlang A
(M/M/n+M) each caller's patience is exponential.

References
----------
Erlang (1917), Solution of some problems in the theory of probabilities of significance in
automatic telephone exchanges. Palm (1957), Research on telephone traffic carried by full
availability groups. Mandelbaum & Zeltyn (2007), Service engineering in action: the Palm/Erlang-A
queue, with applications to call centers.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc, gammaln

Numbers = npt.ArrayLike
Floats = npt.NDArray[np.float64]
_UNDERFLOW = 1e-290


@dataclass(frozen=True)
class QueueResult:
    """What callers and agents experience; fields are numbers or arrays of one shape.

    Attributes
    ----------
    p_wait
        Share of callers who find all agents busy.
    service_level
        Share of *offered* callers who are answered within the limit.
    asa_s
        Mean wait of all offered callers, those who hang up included; infinite in overload
        without hang-ups.
    abandonment
        Share of offered callers who hang up before an answer.
    occupancy
        Share of agents' time that is busy.
    """

    p_wait: Floats
    service_level: Floats
    asa_s: Floats
    abandonment: Floats
    occupancy: Floats


def erlang_b(load: Numbers, agents: Numbers) -> Floats:
    """Return the share of callers blocked when nobody can wait (Erlang B).

    Parameters
    ----------
    load
        Offered load in erlangs, >= 0.
    agents
        Whole number of servers, >= 0.

    Raises
    ------
    ValueError
        For a load or a number of servers that is negative or not finite, or not whole.

    Notes
    -----
    ``1 / B(n) = 1 + (n / a) / B(n - 1)`` with ``B(0) = 1`` (Jagerman 1974); every term is positive,
    so nothing cancels.

    Examples
    --------
    >>> round(float(erlang_b(10, 15)), 4)
    0.0365
    """
    a, n = _checked(load, agents)
    return np.asarray(1 / _inverse_b(a, n))


def erlang_c(
    load: Numbers, agents: Numbers, *, aht_s: Numbers, answer_within_s: Numbers
) -> QueueResult:
    """Return waiting when nobody hangs up (Erlang C).

    With as many agents as load or fewer the queue grows without end: then every caller waits,
    nobody is answered in time, the wait is infinite and agents are always busy.

    Parameters
    ----------
    load
        Offered load in erlangs, >= 0.
    agents
        Whole number of agents, >= 0.
    aht_s
        Average handle time, > 0.
    answer_within_s
        Answer-within limit, >= 0.

    Examples
    --------
    >>> r = erlang_c(10, 12, aht_s=180, answer_within_s=20)
    >>> round(float(r.p_wait), 4), round(float(r.service_level), 4), round(float(r.asa_s), 1)
    (0.4494, 0.6402, 40.4)
    """
    a, n, aht, limit = _checked(load, agents, aht_s=aht_s, answer_within_s=answer_within_s)
    stable = n > a
    spare = np.where(stable, n - a, 1.0)
    with np.errstate(over="ignore"):
        p_wait = np.where(stable, n / (spare * _inverse_b(a, n) + a), 1.0)
    idle = a == 0
    return QueueResult(
        p_wait=np.where(idle, 0.0, p_wait),
        service_level=np.where(
            idle, 1.0, np.where(stable, 1 - p_wait * np.exp(-spare * limit / aht), 0.0)
        ),
        asa_s=np.where(idle, 0.0, np.where(stable, p_wait * aht / spare, np.inf)),
        abandonment=np.zeros_like(a),
        occupancy=np.where(stable, a / np.maximum(n, 1), np.where(idle, 0.0, 1.0)),
    )


def erlang_a(
    load: Numbers,
    agents: Numbers,
    *,
    aht_s: Numbers,
    answer_within_s: Numbers,
    patience_s: Numbers,
) -> QueueResult:
    """Return waiting and hanging up when patience is exponential (Erlang A, M/M/n+M).

    Parameters
    ----------
    load
        Offered load in erlangs, >= 0; any load is stable, because callers leave.
    agents
        Whole number of agents, >= 0.
    aht_s
        Average handle time, > 0.
    answer_within_s
        Answer-within limit, >= 0.
    patience_s
        Mean patience, > 0.

    Notes
    -----
    The offered wait has density ``lambda pi(n-1) exp(lambda H(x) - n mu x)`` with
    ``H(x) = (1 - exp(-theta x)) / theta`` (Mandelbaum & Zeltyn 2007). Its integrals are incomplete
    gamma functions of ``c = n mu / theta`` at ``r = lambda / theta``, taken relative to the
    integrand at 0 so that nothing overflows.

    Examples
    --------
    Palm's example: 48 calls a minute of one minute, 50 agents, two minutes of patience.

    >>> r = erlang_a(48, 50, aht_s=60, answer_within_s=20, patience_s=120)
    >>> round(float(r.abandonment), 3), round(float(r.asa_s), 1)
    (0.031, 3.7)
    """
    a, n, aht, limit, patience = _checked(
        load, agents, aht_s=aht_s, answer_within_s=answer_within_s, patience_s=patience_s
    )
    idle, nobody = a == 0, n == 0
    # Stand-ins where the answer is known without a formula; masked again below.
    load_, servers = np.where(idle, 1.0, a), np.where(nobody, 1.0, n)
    r, c = load_ * patience / aht, servers * patience / aht
    log_r = np.log(r)
    log_free = np.log(_inverse_b(load_, servers - 1))
    log_waiting = log_r + _log_integral(c, r, 0.0)
    log_all = np.logaddexp(log_free, log_waiting)
    # Where 1/B overflows nobody waits, and both logs are infinite.
    ever_waits = np.isfinite(log_all)
    free = np.exp(np.where(ever_waits, log_free, 0.0) - np.where(ever_waits, log_all, 0.0))
    served_late = np.exp(log_r + _log_integral(c + 1, r, 0.0) - log_all)
    beyond = np.exp(log_r + _log_integral(c + 1, r, limit / patience) - log_all)
    answered = np.where(nobody, 0.0, np.clip(free + served_late, 0.0, 1.0))
    in_time = np.where(nobody, 0.0, np.clip(free + served_late - beyond, 0.0, 1.0))
    p_wait = np.where(nobody, 1.0, np.exp(log_waiting - log_all))
    return QueueResult(
        p_wait=np.where(idle, 0.0, p_wait),
        service_level=np.where(idle, 1.0, in_time),
        asa_s=np.where(idle, 0.0, (1 - answered) * patience),
        abandonment=np.where(idle, 0.0, 1 - answered),
        occupancy=np.where(idle | nobody, 0.0, np.minimum(a * answered / servers, 1.0)),
    )


def _log_integral(c: Floats, r: Floats, start: Floats | float) -> Floats:
    """Return log of the integral over x >= start of exp(r (1 - exp(-x)) - c x), times in patience.

    It is exp(r) r^-c times the lower incomplete gamma function at (c, r exp(-start)). Where that
    underflows (load far below the agents) its power series is summed instead.
    """
    x = r * np.exp(-np.asarray(start))
    share = gammainc(c, x)
    # exp(r) r^-c Gamma(c), its large terms taken together before they can cancel.
    d = (r - c) / c
    near = np.abs(d) < 0.5
    log_ratio = np.where(near, np.log1p(np.where(near, d, 0.0)), np.log(r) - np.log(c))
    scale = c * (d - log_ratio) + 0.5 * np.log(2 * np.pi / c) + _stirling_rest(c)
    log_share = np.log(share, where=share > 0, out=np.full(x.shape, -np.inf))
    out: Floats = np.array(scale + log_share, dtype="float64")
    small = share < _UNDERFLOW
    if small.any():
        cs, xs = c[small], x[small]
        starts = np.broadcast_to(np.asarray(start), x.shape)[small]
        out[small] = r[small] - xs - cs * starts + np.log(_series(cs, xs))
    return out


def _stirling_rest(c: Floats) -> Floats:
    """Return log Gamma(c) less Stirling's formula for it."""
    large = np.maximum(c, 50.0)
    far = 1 / (12 * large) - 1 / (360 * large**3) + 1 / (1260 * large**5)
    near = gammaln(c) - (c - 0.5) * np.log(c) + c - 0.5 * np.log(2 * np.pi)
    return np.asarray(np.where(c > 50, far, near))


def _series(c: Floats, x: Floats) -> Floats:
    """Return sum over k of x^k / (c (c + 1) ... (c + k)), for x < c."""
    term = 1 / c
    total = term.copy()
    k = 0
    while np.any(term > total * 1e-17):
        k += 1
        term = term * x / (c + k)
        total += term
    return total


def _inverse_b(load: Floats, agents: Floats) -> Floats:
    """Return 1 / B by the recursion over servers; infinite where B is 0 in floating point."""
    out = np.ones_like(load)
    with np.errstate(over="ignore", divide="ignore"):
        for k in range(1, int(agents.max(initial=0)) + 1):
            out = np.where(k <= agents, 1 + k / load * out, out)
    return out


def _checked(load: Numbers, agents: Numbers, **times: Numbers) -> list[Floats]:
    """Return the arguments as float arrays of one shape, or say which of them breaks which rule."""
    named = {"load": load, "agents": agents, **times}
    arrays = {name: np.asarray(value, dtype="float64") for name, value in named.items()}
    for name, values in arrays.items():
        positive = name in {"aht_s", "patience_s"}
        bad = ~np.isfinite(values) | (values <= 0 if positive else values < 0)
        if name == "agents":
            bad |= np.where(bad, 0.0, values) % 1 != 0
        if bad.any():
            rule = "finite and > 0" if positive else "finite and >= 0"
            whole = ", whole" if name == "agents" else ""
            raise ValueError(f"{name} must be {rule}{whole}; found {values[bad].flat[0]}")
    return [np.array(values) for values in np.broadcast_arrays(*arrays.values())]
