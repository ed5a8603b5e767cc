"""The law of a day's queue, leg by leg, with as many states as the allowed error needs."""

from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
from scipy.special import betaincinv

from forecast.queueing.transient.day import Day, Floats
from forecast.queueing.transient.legs import Leg, queue_passes
from forecast.queueing.transient.uniformised import Ints

# Probability that a leg may neglect: hundreds of legs stay below 1e-8.
_NEGLECT = 2e-11


@dataclass(frozen=True)
class Walk:
    """What the queue did in a leg.

    Attributes
    ----------
    leg
        The leg.
    start, end
        Probability of each state when it begins and when it ends.
    area
        Mean time spent in each state.
    calm
        That time in the first part of the leg, whose callers no change of agents can concern
        within the time limit.
    late
        Probability of each state at moments of the rest of the leg, one row per moment.
    to_go
        Seconds from those moments to the leg's end.
    weights
        Their Gauss-Legendre weights; they sum to the length of the rest.
    """

    leg: Leg
    start: Floats
    end: Floats
    area: Floats
    calm: Floats
    late: Floats
    to_go: Floats
    weights: Floats


def forward(day: Day, in_system: int) -> tuple[list[Walk], float]:
    """Return the day's legs and the queue in them, and the probability that was neglected.

    Parameters
    ----------
    day
        Calls, agents, handle time, patience and limit.
    in_system
        Calls in progress or waiting when it begins.
    """
    hangup = 0.0 if day.patience_s is None else 1 / day.patience_s
    agents = np.asarray(day.agents).astype("int64")
    changes = change_times(day)
    before = Leg(0, 0.0, 0.0, 1.0, hangup, int(agents[0]), 0, in_system)
    law = np.zeros(in_system + 1)
    law[-1] = 1.0
    walks: list[Walk] = []
    trimmed = 0.0
    for i in range(day.intervals):
        left = day.interval_s
        plain = Leg(i, left, day.rates[i], 1 / day.aht[i], hangup, int(agents[i]), 0, 0)
        while left > 0:
            leg = _shaped(replace(plain, seconds=left), before, law)
            left -= leg.seconds
            too_many = before.busy - leg.agents > leg.extra
            trimmed += float(law[too_many | (before.states[1] > leg.top)].sum())
            # Callers from here on see the next change within the limit, the one after it, ...
            ends_at = (i + 1) * day.interval_s - left
            cuts = changes[changes >= ends_at] - day.answer_within_s - (ends_at - leg.seconds)
            walk = _run(leg, before, law, cuts)
            walks.append(walk)
            before, law = walk.leg, walk.end
    return walks, trimmed + max(0.0, 1 - float(law.sum()))


def change_times(day: Day) -> Floats:
    """Return the moments of the day at which agents or handle times change, in seconds."""
    agents, aht = np.asarray(day.agents), day.aht
    changes = (agents[1:] != agents[:-1]) | (aht[1:] != aht[:-1])
    return np.asarray((np.flatnonzero(changes) + 1.0) * day.interval_s)


def _shaped(leg: Leg, before: Leg, law: Floats) -> Leg:
    """Return the leg with its extra agents, its length and a first guess of its states."""
    extra = max(_top_of(law, before.busy) - leg.agents, 0)
    seconds = leg.seconds
    if extra:
        # All agents + extra calls in progress go on independently, so how many are left is
        # binomial. Many extras are followed until half of them are gone, few to the last.
        target = extra // 2 if extra > 30 else 0
        left = betaincinv(leg.agents + target + 1, extra - target, _NEGLECT / 20)
        seconds = min(seconds, float(-np.log(left)) / leg.service)
    top = _top_of(law, before.states[1])
    return replace(leg, extra=extra, seconds=seconds, top=_reach(leg, top))


def _top_of(law: Floats, values: Ints) -> int:
    """Return the least value that is exceeded with negligible probability."""
    by_value = np.bincount(values, weights=law)
    beyond = by_value[::-1].cumsum()[::-1]
    return int(np.flatnonzero(beyond > _NEGLECT / 10).max(initial=0))


def _reach(leg: Leg, top: int) -> int:
    """Return a guess of the most calls in the system during a leg that begins with ``top``."""
    moves = (leg.arrivals + leg.agents * leg.service) * leg.seconds
    drift = max(leg.arrivals - leg.agents * leg.service, 0.0) * leg.seconds
    reach = int(top + drift + 7 * np.sqrt(moves) + 20)
    if leg.arrivals == 0:
        return top
    calls = np.arange(1, reach + 1)
    busy = np.minimum(calls, leg.agents)
    leaving = busy * leg.service + (calls - busy) * leg.hangup
    with np.errstate(divide="ignore"):
        stationary = np.cumsum(np.log(leg.arrivals) - np.log(leaving))
    stationary = np.concatenate([[0.0], stationary])
    at_rest = int(np.flatnonzero(stationary >= stationary.max() - 32).max())
    return min(reach, max(top + 20, at_rest + 5))


def _run(leg: Leg, before: Leg, law: Floats, cuts: Floats) -> Walk:
    """Return the queue in a leg, with more states than guessed where they prove too few.

    ``cuts`` are the moments of the leg, negative ones and later ones too, from which on callers
    may see another change of agents within the limit.
    """
    edges = np.unique(np.append(np.clip(cuts, 0.0, leg.seconds), leg.seconds))
    while True:
        size = (leg.extra + 1) * (leg.top + 1)
        start: Floats = np.zeros(size)
        np.add.at(start, queue_passes(before, leg), law)
        walk = _walk(leg, start, edges)
        lost = float(start.sum() - walk.end.sum())
        # Rounding loses a little with every event, and no state can bring that back.
        if lost <= _NEGLECT + 1e-15 * leg.queue.rate * leg.seconds:
            return walk
        leg = replace(leg, top=int(leg.top * 1.3) + 50)


def _walk(leg: Leg, start: Floats, edges: Floats) -> Walk:
    """Return the queue in a leg, looked at node by node between the edges."""
    law, calm = leg.queue.over(start, edges[0])
    area, at, late = calm, edges[0], []
    moments, weights = _nodes(leg, edges)
    for moment in moments:
        law, more = leg.queue.over(law, moment - at)
        area, at = area + more, moment
        late.append(law)
    law, more = leg.queue.over(law, leg.seconds - at)
    return Walk(leg, start, law, area + more, calm, np.array(late), leg.seconds - moments, weights)


def _nodes(leg: Leg, edges: Floats) -> tuple[Floats, Floats]:
    """Return Gauss-Legendre moments and weights between all neighbouring edges."""
    # As many as keep the error below 1e-8 with limits of three handle times, and agents falling
    # from 250 to 20.
    swiftness = (10 + np.sqrt(leg.agents)) * (leg.service + leg.hangup)
    if edges[0] == 0:
        # The law of an empty queue, or of one whose agents have just changed, moves faster.
        swiftness += leg.arrivals / 2
    moments, weights = [np.zeros(0)], [np.zeros(0)]
    for begin, end in pairwise(edges.tolist()):
        share, weight = _legendre(8 + int(swiftness * (end - begin)))
        moments.append(begin + share * (end - begin))
        weights.append(weight * (end - begin))
    return np.concatenate(moments), np.concatenate(weights)


@cache
def _legendre(count: int) -> tuple[Floats, Floats]:
    """Return Gauss-Legendre nodes and weights on 0 to 1."""
    at, weights = np.polynomial.legendre.leggauss(count)
    return (at + 1) / 2, weights / 2
