"""Queues solved without any formula: as Markov chains, small enough to be written down."""

import numpy as np
from scipy.linalg import expm


def stationary(rates):
    """Return the stationary shares of states; ``rates[i, j]`` leads from i to j."""
    generator = rates - np.diag(rates.sum(axis=1))
    system = np.vstack([generator.T, np.ones(len(rates))])
    goal = np.append(np.zeros(len(rates)), 1.0)
    return np.linalg.lstsq(system, goal, rcond=None)[0]


def absorbed(rates, into, start, time):
    """Return the chance to be in the absorbing state ``into`` by a time, from a start vector."""
    generator = rates - np.diag(rates.sum(axis=1))
    return float((start @ expm(generator * time))[into])


def birth_death(up, down):
    """Return the stationary shares of a chain with these rates up from k and down from k + 1."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.asarray(up) / np.asarray(down)))])
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def tagged(work, leaving, ahead, time):
    """Return how a caller with so many ahead ends by a time: answered, hung up.

    He moves up at rate ``work`` and by hang-ups of those ahead, and hangs up himself.
    """
    rates = np.zeros((ahead + 3, ahead + 3))
    answered, gone = ahead + 1, ahead + 2
    for k in range(ahead + 1):
        rates[k, k - 1 if k else answered] += work + k * leaving
        rates[k, gone] += leaving
    start = np.zeros(ahead + 3)
    start[ahead] = 1
    return absorbed(rates, answered, start, time), absorbed(rates, gone, start, time)
