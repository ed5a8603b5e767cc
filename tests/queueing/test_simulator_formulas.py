"""The simulator and the Erlang formulas agree, from light load to overload.

Every figure is held against a 99 % interval. Of 36 points one in a hundred may lie outside by
chance: more than two of 36 do so with probability 0.6 %. And none may lie outside the interval
whose confidence is 99 % for all points together (Bonferroni).
"""

import numpy as np
import pytest
from scipy import stats

from forecast.queueing import erlang_a, erlang_b, erlang_c
from forecast.queueing.simulation import (
    Deterministic,
    Exponential,
    Gamma,
    Hyperexponential,
    Lognormal,
    one_queue,
    simulate,
)

AHT, LIMIT, CALLS, DAYS = 200.0, 20.0, 3000, 20
# Erlang B does not depend on the law of the handle times, only on its mean.
BLOCKED = [
    (0.5, 1, Exponential(AHT)),
    (3, 5, Lognormal(AHT, 1.5)),
    (10, 8, Deterministic(AHT)),
    (20, 22, Hyperexponential(0.9, 100, 1100)),
    (50, 50, Gamma(AHT, 0.5)),
    (100, 80, Lognormal(AHT, 1.0)),
]
PATIENT = [
    *[(0.5, 1), (1.0, 3), (1.4, 2), (3.5, 5), (5, 8), (8, 10)],
    *[(10, 13), (17, 20), (27, 31), (45, 50), (80, 100), (92, 100)],
]
IMPATIENT = [
    *[(0.3, 1, 60), (1.5, 1, 100), (2, 3, 300), (4, 3, 30), (5, 5, 120), (8, 12, 90)],
    *[(10, 10, 180), (12, 10, 600), (15, 20, 20), (20, 15, 90), (25, 26, 400), (30, 20, 200)],
    *[(48, 50, 400), (60, 50, 60), (75, 80, 150), (100, 100, 100), (120, 118, 45), (132, 120, 60)],
]
POINTS = len(BLOCKED) + len(PATIENT) + len(IMPATIENT)


def simulated(load, agents, service, patience, seed):
    """Return figures of days in the steady state."""
    seconds = CALLS * AHT / load
    centre = one_queue(
        [CALLS],
        [agents],
        interval_s=seconds,
        service=service,
        answer_within_s=LIMIT,
        patience=patience,
    )
    rng = np.random.default_rng(seed)
    return simulate(centre, rng, replications=DAYS, confidence=0.99, warm_up_s=60 * AHT)


@pytest.fixture(scope="module")
def distances():
    """Return for each figure the distances from the formula, in half-widths at 99 %."""
    out = {}

    def add(result, **formula):
        for name, value in formula.items():
            found = result.occupancy if name == "occupancy" else getattr(result.overall, name)
            # Shares within ten calls of 0 or 1 have no normal law.
            resolved = 0.0 if name == "asa_s" else 10 / (CALLS * DAYS)
            half_width = max(float(found.half_width), resolved)
            out.setdefault(name, []).append(abs(float(found.value) - float(value)) / half_width)

    for i, (load, agents, service) in enumerate(BLOCKED):
        got = simulated(load, agents, service, Deterministic(0.0), seed=i)
        blocked = erlang_b(load, agents)
        add(got, p_wait=blocked, abandonment=blocked, service_level=1 - blocked)
    for i, (load, agents) in enumerate(PATIENT):
        got = simulated(load, agents, Exponential(AHT), None, seed=100 + i)
        said = erlang_c(load, agents, aht_s=AHT, answer_within_s=LIMIT)
        add(got, p_wait=said.p_wait, service_level=said.service_level)
        add(got, asa_s=said.asa_s, occupancy=said.occupancy)
    for i, (load, agents, patience) in enumerate(IMPATIENT):
        got = simulated(load, agents, Exponential(AHT), Exponential(float(patience)), seed=200 + i)
        said = erlang_a(load, agents, aht_s=AHT, answer_within_s=LIMIT, patience_s=patience)
        add(got, p_wait=said.p_wait, service_level=said.service_level)
        add(got, asa_s=said.asa_s, occupancy=said.occupancy, abandonment=said.abandonment)
    return out


def test_there_are_points_enough():
    assert POINTS >= 30


@pytest.mark.parametrize("name", ["p_wait", "service_level", "asa_s", "occupancy", "abandonment"])
def test_no_more_points_lie_outside_their_interval_than_chance_allows(distances, name):
    outside = sum(far > 1 for far in distances[name])
    assert len(distances[name]) >= 24
    assert stats.binom.sf(outside - 1, len(distances[name]), 0.01) > 0.005


@pytest.mark.parametrize("name", ["p_wait", "service_level", "asa_s", "occupancy", "abandonment"])
def test_no_point_lies_outside_the_interval_for_all_points_together(distances, name):
    one = stats.t.ppf(0.995, DAYS - 1)
    all_together = stats.t.ppf(1 - 0.005 / len(distances[name]), DAYS - 1)
    assert max(distances[name]) < all_together / one


@pytest.mark.parametrize("name", ["p_wait", "service_level", "asa_s", "occupancy", "abandonment"])
def test_the_intervals_are_no_wider_than_they_must_be(distances, name):
    # A true interval of 99 % has half of its points within 0.27 of its half-width.
    assert 0.1 < np.median(distances[name]) < 0.5
