"""Where to start looking for the agents that a target needs: the normal approximations.

They are right to an agent or so where loads are large; nothing but the speed of the search depends
on them.

References
----------
Halfin & Whitt (1981), Heavy-traffic limits for queues with many exponential servers. Garnett,
Mandelbaum & Reiman (2002), Designing a call center with impatient customers.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import log_ndtr, ndtr

from forecast.queueing.checks import Bools, Floats
from forecast.queueing.result import Ends, Fare

_STEPS = 4
_WIDEST = 8.0
"""Standard deviations of the load above it that are looked at."""
_LOG_SQRT_TAU = 0.5 * np.log(2 * np.pi)


def halfin_whitt(load: Floats, agents: Floats, limit: Floats) -> Fare:
    """Return Erlang C's waits nearly, for load > 0 and agents > load; times in handle times."""
    beta = (agents - load) / np.sqrt(load)
    density = np.exp(-0.5 * beta**2 - _LOG_SQRT_TAU)
    p_wait = 1 / (1 + beta * ndtr(beta) / np.maximum(density, 1e-300))
    spare = agents - load
    late = p_wait * np.exp(-spare * limit)
    zero = np.zeros(load.shape)
    return Fare(p_wait, Ends(1 - late, late, zero, zero, zero), p_wait / spare, load / agents)


def halfin_whitt_agents(load: Floats, limit: Floats, late: Floats) -> Floats:
    """Return about the agents with whom a share waits longer than a limit, by Newton's steps."""
    beta, drift = np.zeros(load.shape), np.sqrt(load) * limit
    for _ in range(_STEPS):
        # Page (1977): a logistic curve so near the normal one serves here.
        below = 1 / (1 + np.exp(-beta * (1.5976 + 0.07056 * beta**2)))
        odds = below * np.exp(0.5 * beta**2 + _LOG_SQRT_TAU)
        p_wait = 1 / (1 + beta * odds)
        miss = np.log(p_wait / late) - beta * drift
        beta = beta + np.maximum(miss / (odds * p_wait + beta + drift), -beta)
    return np.ceil(load + beta * np.sqrt(load))


def garnett(load: Floats, agents: Floats, limit: Floats, patience: Floats) -> Fare:
    """Return Erlang A's waits nearly, for load > 0 and agents > 0; times in handle times."""
    beta = (agents - load) / np.sqrt(load)
    depth = beta * np.sqrt(patience)
    later = depth + limit * np.sqrt(load / patience)
    log_free = log_ndtr(beta) + 0.5 * beta**2
    log_wait, log_longer = (log_ndtr(-z) + 0.5 * z**2 for z in (depth, later))
    p_wait = 1 / (1 + np.exp(np.clip(log_free - log_wait, -700, 700)) / np.sqrt(patience))
    scale = np.sqrt(load * patience)
    leaving, leaving_late = (
        np.clip((np.exp(-log_z - _LOG_SQRT_TAU) - z) / scale, 0, 1)
        for z, log_z in ((depth, log_wait), (later, log_longer))
    )
    tail = np.exp(np.minimum(log_longer - log_wait + (depth**2 - later**2) / 2, 0.0))
    longer = p_wait * tail * np.exp(-limit / patience)
    abandoned = np.minimum(p_wait * leaving, 1.0)
    abandoned_late = np.minimum(longer * leaving_late, abandoned)
    late = longer - np.minimum(abandoned_late, longer)
    ends = Ends(
        answered_in_time=np.clip(1 - abandoned - late, 0, 1),
        answered_late=late,
        abandoned_in_time=abandoned - abandoned_late,
        abandoned_late=abandoned_late,
        blocked=np.zeros(load.shape),
    )
    occupancy = np.minimum(load * (1 - abandoned) / agents, 1.0)
    return Fare(p_wait, ends, abandoned * patience, occupancy)


def agents_near(load: Floats, lowest: Floats, enough: Callable[[Floats], Bools]) -> Floats:
    """Return about the least number of agents above ``lowest`` that is enough, by halving.

    Parameters
    ----------
    load
        In erlangs, > 0.
    lowest
        What is certainly too few.
    enough
        Says for one number per row whether it is enough by an approximation.
    """
    low, high = lowest, np.maximum(load + _WIDEST * np.sqrt(load) + 2, lowest + 1)
    looks = int(np.ceil(np.log2((high - low).max(initial=2.0)))) + 1
    for _ in range(looks):
        middle = (low + high) / 2
        good = enough(middle)
        low, high = np.where(good, low, middle), np.where(good, middle, high)
    return np.ceil(high)
