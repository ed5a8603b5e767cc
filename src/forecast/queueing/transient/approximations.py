"""A day by stationary formulas: SIPP, lagged SIPP and the modified offered load.

Each asks the Erlang formula for every interval by itself and differs in the load that it asks for.
They are quick and smooth in the agents, and none knows of a backlog: what an interval of overload
leaves behind is not passed on (`forecast.queueing.transient.chain` does).

References
----------
Green, Kolesar & Whitt (2007), Coping with time-varying demand when setting staffing requirements
for a service system. Green, Kolesar & Soares (2001), Improving the SIPP approach for staffing
service systems that have cyclic demands. Jennings, Mandelbaum, Massey & Whitt (1996), Server
staffing to meet time-varying demand. Eick, Massey & Whitt (1993), The physics of the M(t)/G/inf
queue.
"""

import numpy as np

from forecast.queueing import QueueResult, erlang_a, erlang_c
from forecast.queueing.transient.day import Day, Floats


def sipp(day: Day) -> QueueResult:
    """Return each interval's waiting by the formula for its own rate (SIPP).

    The stationary independent period-by-period approach: Erlang A where the day has a patience,
    else Erlang C. Good where handle times are short beside the time in which the rate changes.

    Examples
    --------
    >>> day = Day([60, 90], [8, 10], interval_s=900, aht_s=100, answer_within_s=20)
    >>> sipp(day).service_level.round(3)
    array([0.592, 0.   ])
    """
    return _stationary(day, day.load)


def lagged_sipp(day: Day) -> QueueResult:
    """Return each interval's waiting by the formula for the rate one handle time earlier.

    The work that agents do comes from calls of the past handle time, so load follows the rate with
    that lag. The rate is the mean over the interval moved back by its average handle time (Green,
    Kolesar & Soares 2001, "Lag Avg"); before the day there are no calls.
    """
    edges = np.arange(day.intervals + 1) * day.interval_s
    came = np.concatenate([[0.0], np.cumsum(day.calls)])
    begin, end = edges[:-1] - day.aht, edges[1:] - day.aht
    lagged = np.interp(end, edges, came, left=0.0) - np.interp(begin, edges, came, left=0.0)
    return _stationary(day, lagged / day.interval_s * day.aht)


def modified_offered_load(day: Day) -> QueueResult:
    """Return each interval's waiting by the formula for the load that unlimited agents would see.

    The load is the mean of `infinite_server_mean` over the interval (Jennings et al. 1996).
    """
    return _stationary(day, infinite_server_mean(day)[1])


def infinite_server_mean(day: Day, start: float = 0.0) -> tuple[Floats, Floats]:
    """Return the mean number of calls in progress with unlimited agents, in erlangs.

    Exact: ``m' = rate - m / aht`` has an exponential solution in every interval (Eick, Massey &
    Whitt 1993).

    Parameters
    ----------
    day
        Its calls and handle times; agents do not matter.
    start
        Calls in progress when the day begins.

    Returns
    -------
    tuple of arrays
        The mean at the end of each interval, and the mean over each interval.

    Examples
    --------
    One call in 10 s, each of 100 s: 10 erlangs in the end, 6.3 of them after 100 s.

    >>> day = Day([10, 10], [0, 0], interval_s=100, aht_s=100, answer_within_s=20)
    >>> at_end, over = infinite_server_mean(day)
    >>> at_end.round(2), over.round(2)
    (array([6.32, 8.65]), array([3.68, 7.67]))
    """
    if not (np.isfinite(start) and start >= 0):
        raise ValueError(f"start must be finite and >= 0; found {start}")
    at_end, over = np.empty(day.intervals), np.empty(day.intervals)
    now = float(start)
    for i, (limit, aht) in enumerate(zip(day.load, day.aht, strict=True)):
        left = np.exp(-day.interval_s / aht)
        over[i] = limit + (now - limit) * (1 - left) * aht / day.interval_s
        now = limit + (now - limit) * left
        at_end[i] = now
    return at_end, over


def _stationary(day: Day, load: Floats) -> QueueResult:
    """Return the Erlang formula's answer for these loads and the day's agents."""
    aht, limit = day.aht, day.answer_within_s
    if day.patience_s is None:
        return erlang_c(load, day.agents, aht_s=aht, answer_within_s=limit)
    return erlang_a(load, day.agents, aht_s=aht, answer_within_s=limit, patience_s=day.patience_s)
