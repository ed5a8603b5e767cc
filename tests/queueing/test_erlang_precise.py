"""Erlang B, C and A hold their relative error from 0.001 to 100,000 erlangs, night to overload."""

import itertools

import numpy as np
import pytest
from scipy.stats import poisson

from forecast.queueing import erlang_a, erlang_b, erlang_c
from tests.queueing import precise

LOADS = (1e-3, 0.02, 0.5, 3.0, 17.0, 100.0, 1234.5, 1e4, 1e5)
# Standard deviations of the load by which agents differ from it.
DISTANCES = (-30.0, -8.0, -4.2, -3.0, -1.0, -0.3, 0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
# Service levels of the reference are differences of 75 digits.
LEAST = 1e-60


def teams(stable):
    for load, distance in itertools.product(LOADS, DISTANCES):
        agents = round(load + distance * load**0.5)
        if agents >= 1 and (not stable or agents > load):
            yield load, agents


def off(got, expected):
    """Return the relative error; what underflows must come out as next to nothing."""
    if expected < LEAST:
        assert 0 <= got < 1e-55
        return 0.0
    return abs(got / expected - 1)


def test_blocking_is_right_to_ten_digits():
    points = list(teams(stable=False))
    got = erlang_b(*np.array(points).T)
    worst = max(off(b, precise.blocking(a, n)) for b, (a, n) in zip(got, points, strict=True))
    assert worst < 1e-10
    assert len(points) >= 80


def test_blocking_between_whole_servers_follows_the_recursion():
    # 1 / B(n) = 1 + (n / a) / B(n - 1) holds for fractions of servers too (Jagerman 1974).
    load = np.geomspace(1e-2, 1e5, 400)
    agents = load + np.linspace(-3, 6, 400) * np.sqrt(load)
    agents = np.where(agents > 1.2, agents, 1.37)
    below = agents / load / erlang_b(load, agents - 1)
    np.testing.assert_allclose(1 / erlang_b(load, agents), 1 + below, rtol=1e-11)


@pytest.mark.parametrize("answer_within_s", [0.0, 20.0])
def test_waiting_without_hang_ups_is_right_to_ten_digits(answer_within_s):
    worst = dict.fromkeys(precise.FIELDS, 0.0)
    for load, agents in teams(stable=True):
        got = erlang_c(load, agents, aht_s=180.0, answer_within_s=answer_within_s)
        for name, value in precise.erlang_c(load, agents, 180.0, answer_within_s).items():
            if value:
                worst[name] = max(worst[name], off(getattr(got, name), value))
    assert max(worst.values()) < 1e-10, worst


@pytest.mark.parametrize(
    ("aht_s", "answer_within_s", "patience_s", "largest"),
    [
        pytest.param(180.0, 20.0, 180.0, 1e5, id="patience of a call"),
        pytest.param(180.0, 0.0, 45.0, 1e5, id="impatient"),
        pytest.param(300.0, 20.0, 3600.0, 1e4, id="patient"),
        pytest.param(60.0, 600.0, 6.0, 1e5, id="hurried, long limit"),
        pytest.param(600.0, 5.0, 60_000.0, 1234.5, id="hardly any hang up"),
    ],
)
def test_waiting_with_hang_ups_is_right_to_eight_digits(
    aht_s, answer_within_s, patience_s, largest
):
    times = (aht_s, answer_within_s, patience_s)
    points = [point for point in teams(stable=False) if point[0] <= largest]
    load, agents = np.array(points).T
    got = erlang_a(
        load, agents, aht_s=aht_s, answer_within_s=answer_within_s, patience_s=patience_s
    )
    worst = dict.fromkeys(precise.FIELDS, 0.0)
    for i, point in enumerate(points):
        for name, value in precise.erlang_a(*point, *times).items():
            worst[name] = max(worst[name], off(getattr(got, name)[i], value))
    assert max(worst.values()) < 1e-8, worst


def test_patience_of_a_handle_time_is_a_queue_that_serves_everybody_at_once():
    # Then callers leave at one rate, served or not: their number is Poisson, whatever the team.
    load = np.array([0.01, 1.0, 20.0, 500.0, 1e5])[:, None]
    agents = np.ceil(load + np.array([0.0, 1.0, 3.0]) * np.sqrt(load)) + 1
    got = erlang_a(load, agents, aht_s=60, answer_within_s=10, patience_s=60)
    np.testing.assert_allclose(got.p_wait, poisson.sf(agents - 1, load), rtol=1e-9)
