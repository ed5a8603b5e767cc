"""Erlang A once more: the queue length as a birth-death chain, the offered wait by quadrature."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.integrate import quad

from forecast.queueing import erlang_a


@dataclass(frozen=True)
class Point:
    load: float
    agents: int
    aht_s: float
    answer_within_s: float
    patience_s: float


POINTS = [
    Point(10, 14, 180, 20, 300),
    Point(48, 50, 60, 20, 120),
    Point(1, 10, 180, 20, 60),
    Point(0.1, 40, 180, 20, 300),
    Point(1e-6, 1, 180, 20, 60),
    Point(1e-3, 5, 300, 0, 30),
    Point(5, 1, 180, 20, 60),
    Point(10, 10, 60, 0, 60),
    Point(100, 10, 180, 20, 60),
    Point(500, 5, 300, 1000, 30),
    Point(2000, 100, 600, 20, 5),
    Point(10, 14, 180, 20, 1),
    Point(10, 9, 1, 600, 30),
    Point(20, 22, 300, 3600, 1800),
    Point(2000, 1950, 300, 20, 60),
    Point(2000, 2000, 180, 20, 120),
    Point(2000, 2020, 240, 10, 3600),
    Point(2000, 2100, 180, 20, 180),
    Point(7, 0, 180, 20, 45),
]


def log_shares(point):
    """Return the log of the stationary share of time with k callers, k = 0, 1, ..."""
    weight, best, weights = 0.0, 0.0, [0.0]
    while len(weights) <= point.agents or weight > best - 60:
        k = len(weights)
        busy, waiting = min(k, point.agents), max(k - point.agents, 0)
        leaving = busy / point.aht_s + waiting / point.patience_s
        weight += math.log(point.load / point.aht_s / leaving)
        weights.append(weight)
        best = max(best, weight)
    log_weights = np.array(weights) - best
    return log_weights - math.log(np.exp(log_weights).sum())


def answered_late_enough_to_wait(point, log_share_one_free):
    """Return the share of callers who wait, but are answered within the limit."""
    arrivals = point.load / point.aht_s

    def density(wait):
        # Those in front left one by one, each with its own patience; this caller is still there.
        joined = -arrivals * point.patience_s * math.expm1(-wait / point.patience_s)
        served = point.agents * wait / point.aht_s
        return math.exp(
            log_share_one_free + math.log(arrivals) + joined - served - wait / point.patience_s
        )

    limit = point.answer_within_s
    # Most of the mass may sit in the first milliseconds: look there too.
    breaks = limit * np.geomspace(1e-7, 0.8, 40)
    return quad(density, 0, limit, points=breaks, limit=500, epsabs=1e-13, epsrel=1e-11)[0]


def by_chain(point):
    log_share = log_shares(point)
    share, callers = np.exp(log_share), np.arange(len(log_share))
    waiting = share @ np.maximum(callers - point.agents, 0)
    in_time = share[: point.agents].sum()
    if point.agents and point.answer_within_s:
        in_time += answered_late_enough_to_wait(point, log_share[point.agents - 1])
    return {
        "p_wait": share[point.agents :].sum(),
        "service_level": in_time,
        # Little's law: those who wait at any time = arrivals x mean wait.
        "asa_s": waiting * point.aht_s / point.load,
        "abandonment": waiting / point.patience_s * point.aht_s / point.load,
        "occupancy": share @ np.minimum(callers, point.agents) / max(point.agents, 1),
    }


def by_formula(point):
    return erlang_a(
        point.load,
        point.agents,
        aht_s=point.aht_s,
        answer_within_s=point.answer_within_s,
        patience_s=point.patience_s,
    )


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_the_formula_agrees_with_the_chain(point):
    got = by_formula(point)
    for name, expected in by_chain(point).items():
        close = pytest.approx(expected, rel=1e-8, abs=1e-5 if name == "asa_s" else 1e-10)
        assert float(getattr(got, name)) == close, name


def test_very_patient_callers_of_a_large_centre_wait_as_long_as_the_chain_says():
    # Few leave, each after a long time: the mean wait is a small share times a large patience.
    point = Point(2000, 2020, 180, 20, 1e6)
    assert float(by_formula(point).asa_s) == pytest.approx(by_chain(point)["asa_s"], rel=1e-4)
