"""How patient callers are, from what an ACD counts."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from forecast.queueing.checks import (
    COUNT,
    INSIDE,
    NOT_NEGATIVE,
    POSITIVE,
    Floats,
    Numbers,
    Rows,
    check,
    check_range,
)
from forecast.queueing.erlang_a import erlang_a_fare
from forecast.queueing.erlang_b import erlang_b
from forecast.queueing.search import crossing


@dataclass(frozen=True)
class Patience:
    """An estimate of the mean patience in seconds with its confidence interval."""

    mean_s: Floats
    low_s: Floats
    high_s: Floats


def patience_from_waits(
    abandoned: Numbers, wait_s: Numbers, *, confidence: Numbers = 0.9
) -> Patience:
    """Return the mean patience of callers from how many hung up and how long all waited together.

    A caller who is answered shows only that his patience was longer than his wait. So the mean is
    all time waited, by those who hang up *and* those who are answered, per caller who hung up;
    the mean wait of those who hang up alone would be far too short.

    Parameters
    ----------
    abandoned
        Callers who hung up, >= 0.
    wait_s
        Total waiting time of all callers in seconds, > 0. From averages: offered x mean wait.
    confidence
        Of the interval, above 0 and below 1.

    Returns
    -------
    The estimate; infinite where nobody hung up, with a finite lower bound.

    Notes
    -----
    Maximum likelihood of an exponential law with answered callers censored; hang-ups are Poisson in
    the time waited, which gives the interval of Garwood (1936). Sums over intervals add up: give
    sums, not means of means. Callers who never wait tell nothing and do no harm.

    References
    ----------
    Brown et al. (2005), Statistical analysis of a telephone call center. Garwood (1936), Fiducial
    limits for the Poisson distribution.

    Examples
    --------
    >>> p = patience_from_waits(40, 6000)
    >>> float(p.mean_s), round(float(p.low_s), 1), round(float(p.high_s), 1)
    (150.0, 115.2, 198.7)
    """
    rows = Rows.of(
        check("abandoned", abandoned, NOT_NEGATIVE),
        check("wait_s", wait_s, POSITIVE),
        check("confidence", confidence, INSIDE),
    )
    count, waited, sure = rows.columns
    some = count > 0
    fewest, most = np.zeros(count.shape), gammaincinv(count + 1, (1 + sure) / 2)
    fewest[some] = gammaincinv(count[some], (1 - sure[some]) / 2)
    # Too few hang-ups for an upper bound: infinite.
    with np.errstate(divide="ignore", over="ignore"):
        mean, low, high = waited / count, waited / most, waited / fewest
    return Patience(rows.shaped(mean), rows.shaped(low), rows.shaped(high))


def patience_from_abandonment(
    load: Numbers, agents: Numbers, abandonment: Numbers, *, aht_s: Numbers
) -> Floats:
    """Return the mean patience in seconds at which Erlang A has a given abandonment.

    For exports that say how many hung up and not how long callers waited. It inherits all that
    Erlang A assumes, so ``patience_from_waits`` is better where waits are known.

    Parameters
    ----------
    load, aht_s
        As in ``erlang_a``; load > 0.
    agents
        Whole number of agents, >= 1.
    abandonment
        Share of offered callers who hang up, above ``max(0, 1 - agents / load)``, as many as leave
        however patient they are, and below ``erlang_b(load, agents)``, as without any patience.

    Raises
    ------
    ValueError
        Also for an abandonment that no patience explains.

    Examples
    --------
    >>> round(float(patience_from_abandonment(48, 50, 0.0309, aht_s=60)))
    120
    """
    given = check("load", load, POSITIVE), check("agents", agents, COUNT)
    rows = Rows.of(
        *given, check("abandonment", abandonment, INSIDE), check("aht_s", aht_s, POSITIVE)
    )
    a, n, share, aht = rows.columns
    least, most = np.maximum(1 - n / a, 0.0), erlang_b(a, n)
    words = "above max(0, 1 - agents / load) and below erlang_b(load, agents)"
    check_range("abandonment", share, (share > least) & (share < most), words)

    def more(log_p: Floats, a: Floats, n: Floats, share: Floats) -> Floats:
        one = np.ones(a.shape)
        return erlang_a_fare(a, n, one, 0 * one, np.exp(log_p)).abandonment - share

    wide = np.full(a.shape, 34.0)
    return rows.shaped(np.exp(crossing(more, -wide, wide, a, n, share)) * aht)
