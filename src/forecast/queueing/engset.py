"""Engset: few callers, each of whom calls only while he has no call in progress."""

from dataclasses import dataclass

import numpy as np

from forecast.queueing.checks import COUNT, NOT_NEGATIVE, WHOLE, Floats, Numbers, Rows, check


@dataclass(frozen=True)
class EngsetResult:
    """Blocking of calls from few sources.

    Attributes
    ----------
    blocking
        Share of calls that are turned away (call congestion).
    busy_time
        Share of time in which all servers are busy (time congestion); higher, because who is being
        served does not call.
    carried
        Calls in progress on average, in erlangs.
    """

    blocking: Floats
    busy_time: Floats
    carried: Floats


def engset(load_per_source: Numbers, sources: Numbers, agents: Numbers) -> EngsetResult:
    """Return blocking when a few sources share servers and nobody can wait (Engset, M/M/n/n/N).

    Parameters
    ----------
    load_per_source
        Calls of an *idle* source per handle time: its rate of calls while it has none in progress
        times the AHT, >= 0.
    sources
        Whole number of sources, >= 1.
    agents
        Whole number of servers, >= 0.

    Notes
    -----
    ``1 / E(n) = 1 + n / ((N - n + 1) b) / E(n - 1)``, ``E(0) = 1``, is the share of time; the share
    of calls is the same with one source fewer: a caller sees the others. With many sources of
    little load each it tends to Erlang B at ``N b``.

    References
    ----------
    Engset (1918), Die Wahrscheinlichkeitsrechnung zur Bestimmung der Wähleranzahl in automatischen
    Fernsprechämtern.

    Examples
    --------
    >>> r = engset(0.5, 4, 2)
    >>> round(float(r.blocking), 4), round(float(r.busy_time), 4)
    (0.2308, 0.3333)
    """
    rows = Rows.of(
        check("load_per_source", load_per_source, NOT_NEGATIVE),
        check("sources", sources, COUNT),
        check("agents", agents, WHOLE),
    )
    b, many, n = rows.columns
    busy_time = _time_congestion(b, many, n)
    blocking = _time_congestion(b, many - 1, n)
    # Calls come at b (N - carried), and of them 1 - blocking are carried.
    taken = b * (1 - blocking)
    carried = many * taken / (1 + taken)
    return EngsetResult(*(rows.shaped(v) for v in (blocking, busy_time, carried)))


def _time_congestion(load: Floats, sources: Floats, agents: Floats) -> Floats:
    inverse = np.ones(load.shape)
    with np.errstate(over="ignore", divide="ignore"):
        for k in range(1, int(agents.max(initial=0.0)) + 1):
            calls = np.maximum(sources - k + 1, 0.0) * load
            inverse = np.where(k <= agents, 1 + k / calls * inverse, inverse)
    return np.asarray(1 / inverse)
