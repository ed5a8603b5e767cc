"""Simulation of a centre: M(t)/G/n(t)+G with redials, skills and priorities."""

import numpy as np

from forecast.queueing.simulation.centre import Centre
from forecast.queueing.simulation.engine import run
from forecast.queueing.simulation.results import SimulationResult, summary, tally


def simulate(
    centre: Centre,
    rng: np.random.Generator,
    *,
    replications: int = 20,
    confidence: float = 0.95,
    warm_up_s: float = 0.0,
) -> SimulationResult:
    """Return what a centre's day is like, from many simulated days.

    Parameters
    ----------
    centre
        Calls, agents and skills over the day.
    rng
        Source of all chance; the same seed gives the same figures. Each replication has a generator
        spawned from it, so a generator that is used again gives new days.
    replications
        Number of independent days, at least 2.
    confidence
        Confidence of the half-widths, between 0 and 1.
    warm_up_s
        How long the first interval's rates and agents hold before the day begins with what that
        leaves behind; 0: it begins empty.

    Raises
    ------
    ValueError
        For a number that breaks its rule.

    Examples
    --------
    >>> from forecast.queueing.simulation import one_queue
    >>> centre = one_queue([500], [12], interval_s=9000, service=180.0)
    >>> r = simulate(centre, np.random.default_rng(1), replications=20, warm_up_s=3600)
    >>> bool(r.overall.service_level.low < 0.6402 < r.overall.service_level.high)  # Erlang C
    True
    """
    if replications < 2 or replications % 1 != 0:
        raise ValueError(f"replications must be whole and >= 2; found {replications}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1; found {confidence}")
    if not 0 <= warm_up_s < np.inf:
        raise ValueError(f"warm_up_s must be finite and >= 0; found {warm_up_s}")
    tallies = [tally(centre, run(centre, one, warm_up_s)) for one in rng.spawn(int(replications))]
    return summary(tallies, confidence)
