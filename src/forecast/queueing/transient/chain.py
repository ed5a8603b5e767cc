"""The exact transient queue of a day, M(t)/M/n(t) or M(t)/M/n(t)+M, by uniformisation.

What one interval leaves behind, the next one begins with. Three passes over the day:

1. forwards, the law of the queue (`forward`), with as many states as the stated error needs;
2. for every leg, the chance that a caller who comes into a state is answered in time; only within
   the time limit before a change of agents does it depend on the moment, and there arrivals are
   taken at Gauss-Legendre nodes;
3. backwards, the mean wait of a caller in each state. The waits of an interval's callers are then
   the queue's area in it, plus what its queue still has to wait at the end, less at the beginning
   (Little's law for a cohort): no quadrature.

References
----------
Ingolfsson, Akhmetshina, Budge, Li & Wu (2007), A survey and experimental comparison of
service-level-approximation methods for nonstationary M(t)/M/s(t) queueing systems with exhaustive
discipline. Ingolfsson (2005), Modeling the M(t)/M/s(t) queue with an exhaustive discipline.
Grassmann (1977), Transient solutions in Markovian queueing systems.
"""

from dataclasses import dataclass, replace

import numpy as np

from forecast.queueing.transient.day import Day, Floats
from forecast.queueing.transient.forward import Walk, forward
from forecast.queueing.transient.legs import Leg, caller_passes


@dataclass(frozen=True)
class TransientResult:
    """What callers and agents experience in each interval; all fields but one are arrays.

    Attributes
    ----------
    p_wait
        Share of the interval's callers who find all agents busy.
    service_level
        Share of the callers *offered* in the interval who are answered within the limit, in that
        interval or a later one.
    asa_s
        Mean wait of all callers offered in the interval, those who hang up included.
    abandonment
        Share of the callers offered in the interval who hang up, then or later.
    occupancy
        Share of the time of agents present that is busy; who finishes a call is present.
    queue_end
        Mean number of callers waiting at the interval's end, before agents change.
    error
        Bound on the probability that any of it neglects, in any interval.
    """

    p_wait: Floats
    service_level: Floats
    asa_s: Floats
    abandonment: Floats
    occupancy: Floats
    queue_end: Floats
    error: float


def transient_chain(day: Day, *, in_system: int = 0) -> TransientResult:
    """Return what every interval of a day is like, backlog carried from interval to interval.

    Agents who leave finish their call and take no other. After the last interval nobody comes and
    its agents stay until all are answered; if there are none and nobody hangs up, waits end with
    the day. In an interval without calls nobody waits: service level 1, wait 0.

    Parameters
    ----------
    day
        Calls, agents, handle time, patience and limit.
    in_system
        Calls in progress or waiting when the day begins.

    Raises
    ------
    ValueError
        For a number in the system that is negative or not whole.

    Examples
    --------
    A quarter-hour of overload, then relief: the second interval begins with a queue.

    >>> day = Day([100, 60], [9, 9], interval_s=900, aht_s=100, answer_within_s=20, patience_s=300)
    >>> r = transient_chain(day)
    >>> r.service_level.round(3), r.queue_end.round(2)
    (array([0.395, 0.713]), array([6.54, 0.49]))
    """
    if in_system < 0 or in_system % 1 != 0:
        raise ValueError(f"in_system must be whole and >= 0; found {in_system}")
    walks, error = forward(day, int(in_system))
    at = np.array([walk.leg.interval for walk in walks])

    def times(values: list[Floats]) -> Floats:
        """Return the mean over each interval of a value of the states, times its length."""
        of_legs = [walk.area @ value for walk, value in zip(walks, values, strict=True)]
        return np.bincount(at, weights=np.array(of_legs)).astype("float64")

    legs = [walk.leg for walk in walks]
    # Poisson arrivals see the states as often as these last.
    came = day.rates > 0
    met = np.bincount(at, weights=_answered_in_time(walks, day.answer_within_s))
    present = times([leg.agents + leg.states[0].astype("float64") for leg in legs])
    queue, still = times([leg.waiting.astype("float64") for leg in legs]), _still_to_wait(walks)
    waited = np.maximum(queue + still[1:] - still[:-1], 0.0)
    asa = np.where(came, waited, 0.0) / np.where(came, day.calls, 1.0)
    return TransientResult(
        p_wait=np.where(came, times([leg.full for leg in legs]), 0.0) / day.interval_s,
        service_level=np.where(came, met / day.interval_s, 1.0),
        asa_s=asa,
        abandonment=np.zeros_like(asa) if day.patience_s is None else asa / day.patience_s,
        occupancy=times([leg.busy.astype("float64") for leg in legs])
        / np.where(present > 0, present, 1.0),
        queue_end=np.array([_queue(walks[i]) for i in np.flatnonzero(np.diff(at, append=-1))]),
        error=error,
    )


def _queue(walk: Walk) -> float:
    """Return the mean number of waiting callers at a leg's end."""
    return float(walk.end @ walk.leg.waiting)


def _answered_in_time(walks: list[Walk], limit: float) -> list[float]:
    """Return the time of each leg weighted by the chance that a caller is answered in time."""
    legs = _near([walk.leg for walk in walks], limit)
    out = []
    for i, walk in enumerate(walks):
        leg, seen = legs[i], walk.leg.seen(legs[i].depth)
        total = float(walk.calm @ leg.answered(1 - leg.waits, limit)[seen])
        later = _answered_by(legs, i + 1, limit - walk.to_go) if len(walk.late) else []
        for law, weight, left, chance in zip(
            walk.late, walk.weights, walk.to_go, later, strict=True
        ):
            passed_on = chance[caller_passes(leg, legs[i + 1])]
            total += weight * float(law @ leg.answered(passed_on, left)[seen])
        out.append(total)
    return out


def _near(legs: list[Leg], limit: float) -> list[Leg]:
    """Return the legs without the places in the queue that no caller leaves in time.

    In the limit all agents together serve ``served`` calls on average, and far more than ten
    standard deviations above that only with negligible probability; the share exp(-limit /
    patience) of those ahead does not hang up meanwhile.
    """
    agents = max(leg.agents + leg.extra for leg in legs)
    served = agents * max(leg.service for leg in legs) * limit
    ahead = (served + 10 * np.sqrt(served + 30) + 30) * np.exp(min(legs[0].hangup * limit, 30.0))
    return [replace(leg, top=min(leg.top, agents + int(ahead))) for leg in legs]


def _answered_by(legs: list[Leg], i: int, rests: Floats) -> list[Floats]:
    """Return the chance to be answered in time in each state as leg i begins.

    ``rests`` are the times left until the limit is up, ascending.
    """
    leg = legs[i]
    inside = rests <= (leg.seconds if i + 1 < len(legs) else np.inf)
    out, chance, at = [], 1 - leg.waits, 0.0
    for rest in rests[inside]:
        chance = leg.answered(chance, rest - at)
        out.append(chance)
        at = rest
    if not inside.all():
        for later in _answered_by(legs, i + 1, rests[~inside] - leg.seconds):
            out.append(leg.answered(later[caller_passes(leg, legs[i + 1])], leg.seconds))
    return out


def _still_to_wait(walks: list[Walk]) -> Floats:
    """Return the mean waits that the queue has still before it, summed over its callers.

    One value for the beginning of each interval, after agents have changed, and one for the end of
    the day.
    """
    last = walks[-1]
    wait = last.leg.wait_for_ever()
    out = [_of_queue(last.leg, last.end, wait)]
    for i in range(len(walks) - 1, -1, -1):
        leg = walks[i].leg
        # w is 1 where she waits: exp(A t) g + int exp(A s) w ds = g + int exp(A s) (w + A g) ds.
        wait = wait * leg.waits
        wait = wait + leg.caller.area(leg.waits + leg.caller.moved(wait), leg.seconds)
        if i == 0 or walks[i - 1].leg.interval != leg.interval:
            out.append(_of_queue(leg, walks[i].start, wait))
        if i > 0:
            wait = wait[caller_passes(walks[i - 1].leg, leg)]
    return np.array(out[::-1])


def _of_queue(leg: Leg, law: Floats, wait: Floats) -> float:
    """Return the mean sum of the waits of all who are in the queue.

    Whoever is k-th in it has k - 1 callers and all agents' calls ahead.
    """
    one, calls = leg.states
    sums = wait.reshape(-1, leg.depth).cumsum(axis=1)
    return float(law @ sums[one, np.clip(calls - leg.agents, 0, leg.depth - 1)])
