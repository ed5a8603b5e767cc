"""Erlang B: nobody can wait, and who finds all servers busy is turned away."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from forecast.queueing.checks import (
    INSIDE,
    NOT_NEGATIVE,
    SHARE,
    Bools,
    Floats,
    Numbers,
    Rows,
    check,
    check_range,
)
from forecast.queueing.search import Ints, crossing, least, reached
from forecast.queueing.special import log_inverse_b


def erlang_b(load: Numbers, agents: Numbers) -> Floats:
    """Return the share of callers who are turned away when nobody can wait (Erlang B, M/G/n/n).

    Parameters
    ----------
    load
        Offered load in erlangs, >= 0.
    agents
        Number of servers, >= 0; may be a fraction, which continues the formula smoothly.

    Raises
    ------
    ValueError
        For a load or a number of servers that is negative or not finite.

    Notes
    -----
    ``1 / B(n, a) = a^-n exp(a) Gamma(n + 1, a)`` (Jagerman 1974), which for whole n is
    ``1 / B(n) = 1 + (n / a) / B(n - 1)``, ``B(0) = 1``. Relative error below 1e-10 up to 100,000
    erlangs. Below 1e-308 the result is 0. It holds for handle times of any distribution.

    Examples
    --------
    >>> round(float(erlang_b(10, 15)), 4), round(float(erlang_b(10, 15.5)), 4)
    (0.0365, 0.0287)
    """
    rows = Rows.of(check("load", load, NOT_NEGATIVE), check("agents", agents, NOT_NEGATIVE))
    return rows.shaped(_blocking(*rows.columns))


def _blocking(load: Floats, agents: Floats) -> Floats:
    blocked = np.where(agents > 0, 0.0, 1.0)
    calls = load > 0
    blocked[calls] = np.exp(-log_inverse_b(agents[calls], load[calls]))
    return blocked


def offered_load_for_blocking(blocking: Numbers, agents: Numbers) -> Floats:
    """Return the load in erlangs of which servers turn away just so much.

    Parameters
    ----------
    blocking
        Share turned away, above 0 and below 1.
    agents
        Number of servers, > 0; may be a fraction.

    Notes
    -----
    The root of ``erlang_b`` in the load, on the logarithms of both. It lies above that of
    ``a^n / n! = blocking`` and below ``n / (1 - blocking)``.

    Examples
    --------
    Fifteen lines lose 1 % at 8.108 erlangs (Westbay Engineers).

    >>> round(float(offered_load_for_blocking(0.01, 15)), 3)
    8.108
    """
    servers = check("agents", agents, NOT_NEGATIVE)
    check_range("agents", servers, servers > 0, "finite and > 0")
    rows = Rows.of(check("blocking", blocking, INSIDE), servers)
    b, n = rows.columns
    low = (np.log(b) + gammaln(n + 1)) / n
    high = np.log(n) - np.log1p(-b)
    # Both bounds may be the answer but for rounding.
    log_load = crossing(
        lambda x, b, n: np.log(b) + log_inverse_b(n, np.exp(x)),
        low - 1e-9 * (1 + np.abs(low)),
        high + 1e-9 * (1 + np.abs(high)),
        b,
        n,
    )
    return rows.shaped(np.exp(log_load))


def trunks_for_blocking(load: Numbers, blocking: Numbers) -> Ints:
    """Return the least whole number of servers that turn away no more than a share.

    Exact: one server fewer turns away more.

    Parameters
    ----------
    load
        Offered load in erlangs, >= 0.
    blocking
        Share that may be turned away, above 0 and below 1.

    Examples
    --------
    >>> int(trunks_for_blocking(10, 0.01))
    18
    """
    rows = Rows.of(check("load", load, NOT_NEGATIVE), check("blocking", blocking, INSIDE))
    a, b = rows.columns

    def few(at: Ints, servers: Floats) -> Bools:
        return np.asarray(_blocking(a[at], servers) <= b[at])

    return np.asarray(rows.shaped(least(few, a * (1 - b))))


@dataclass(frozen=True)
class Retries:
    """What retries make of a load.

    Attributes
    ----------
    load
        Offered load in erlangs, retries included.
    blocking
        Share of attempts that are turned away.
    lost
        Share of callers who are never served.
    """

    load: Floats
    blocking: Floats
    lost: Floats


def extended_erlang_b(load: Numbers, agents: Numbers, *, retry: Numbers) -> Retries:
    """Return blocking when a share of those who are turned away call again (extended Erlang B).

    Parameters
    ----------
    load
        First attempts in erlangs, >= 0.
    agents
        Number of servers, >= 0; may be a fraction.
    retry
        Share of those turned away who try again, and again, 0 to 1.

    Raises
    ------
    ValueError
        Also where all retry and there are no more servers than load: then attempts grow without
        end.

    Notes
    -----
    Retries come later, as new Poisson arrivals. The load is the one root of
    ``a (1 - retry B(n, a)) = load``: its left side rises with a, without end for ``retry < 1`` and
    to n for ``retry = 1``.

    Examples
    --------
    >>> r = extended_erlang_b(10, 12, retry=0.5)
    >>> round(float(r.load), 2), round(float(r.blocking), 3), round(float(r.lost), 3)
    (10.82, 0.152, 0.082)
    """
    rows = Rows.of(
        check("load", load, NOT_NEGATIVE),
        check("agents", agents, NOT_NEGATIVE),
        check("retry", retry, SHARE),
    )
    first, n, again = rows.columns
    stable = (again < 1) | (first < n) | (first == 0)
    check_range("load", first, stable, "below agents where all retry")
    total = np.zeros(first.shape)
    calls = first > 0
    total[calls] = reached(
        lambda a, n, again: a * (1 - again * _blocking(a, n)),
        first[calls],
        first[calls],
        n[calls],
        again[calls],
    )
    blocked = _blocking(total, n)
    lost = (1 - again) * blocked / (1 - again * blocked)
    return Retries(*(rows.shaped(v) for v in (total, blocked, lost)))
