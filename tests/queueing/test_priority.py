"""Two classes of callers, against first passages, moments and a textbook's table."""

import numpy as np
import pytest

from forecast.queueing import erlang_c, priority
from tests.queueing.chains import absorbed


def second_class_longer(first, second, agents, time, deep=400):
    """Return the share of waiting second-class callers who wait longer, times in handle times.

    A tagged caller finds a geometric number in front and lets pass all of the first class that
    come while he waits.
    """
    load = first + second
    rates = np.zeros((deep + 1, deep + 1))
    for ahead in range(1, deep + 1):
        rates[ahead, ahead - 1] = agents
        if ahead < deep:
            rates[ahead, ahead + 1] = first
    ratio = load / agents
    start = np.concatenate([[0.0], (1 - ratio) * ratio ** np.arange(deep)])
    return start[1:].sum() - absorbed(rates, 0, start, time)


@pytest.mark.parametrize(
    ("first", "second", "agents"),
    [(4, 6, 12), (8, 1, 12), (0, 9, 12), (2, 1, 4), (0.2, 0.5, 1), (6.75, 2.25, 12), (3, 1e-9, 5)],
)
@pytest.mark.parametrize("limit", [0.0, 0.05, 0.5, 3.0])
def test_the_second_class_waits_as_a_tagged_caller_does(first, second, agents, limit):
    r = priority(first, second, agents, aht_s=1, answer_within_s=limit)
    longer = second_class_longer(first, second, agents, limit)
    expected = 1 - float(r.low.p_wait) * longer
    assert float(r.low.service_level) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(("first", "second", "agents"), [(4, 6, 12), (60, 35, 100), (1, 97, 100)])
def test_the_law_of_the_second_class_has_the_mean_of_cobham(first, second, agents):
    mean = float(priority(first, second, agents, aht_s=1, answer_within_s=0).low.asa_s)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    edges = mean * np.concatenate([[0.0], np.geomspace(1e-4, 300, 30)])
    half = np.diff(edges)[:, None] / 2
    times = edges[:-1, None] + half * (1 + nodes)
    r = priority(first, second, agents, aht_s=1, answer_within_s=times)
    area = (half * weights * (1 - r.low.service_level)).sum()
    assert area == pytest.approx(mean, rel=1e-9)


def test_county_hospital_of_hillier_and_lieberman():
    # Introduction to Operations Research, priority queues without interruption: 0.2, 0.6 and 1.2
    # patients an hour of three classes, 20 minutes each; waits in hours with one and two doctors.
    hour = {"aht_s": 1200, "answer_within_s": 0}
    top = priority(0.2 / 3, 1.8 / 3, [1, 2], **hour)
    np.testing.assert_allclose(top.high.asa_s / 3600, [0.238, 0.029], atol=6e-4)
    bottom = priority(0.8 / 3, 1.2 / 3, 2, **hour)
    assert float(bottom.low.asa_s) / 3600 == pytest.approx(0.048, abs=6e-4)


def test_work_is_conserved_between_classes():
    # Kleinrock's law: the waits, weighted by load, add up to those without classes.
    first, second, agents = np.array([4.0, 30.0, 0.5]), np.array([6.0, 60.0, 0.1]), [12, 95, 1]
    r = priority(first, second, agents, aht_s=180, answer_within_s=20)
    plain = erlang_c(first + second, agents, aht_s=180, answer_within_s=20)
    waited = first * r.high.asa_s + second * r.low.asa_s
    np.testing.assert_allclose(waited, (first + second) * plain.asa_s, rtol=1e-12)
    assert (r.high.service_level >= plain.service_level).all()
    assert (r.low.service_level <= plain.service_level).all()


def test_in_overload_the_first_class_is_served_and_the_second_waits_for_ever():
    r = priority(8, 5, 12, aht_s=180, answer_within_s=20)
    assert r.low.asa_s == np.inf
    assert (r.low.service_level, r.high.p_wait, r.high.occupancy) == (0, 1, 1)
    assert float(r.high.asa_s) == pytest.approx(180 / 4)
    assert float(r.high.service_level) == pytest.approx(1 - np.exp(-4 * 20 / 180))
    lost = priority(13, 1, 12, aht_s=180, answer_within_s=20)
    assert lost.high.asa_s == lost.low.asa_s == np.inf


def test_a_class_of_nobody_is_well_served():
    r = priority([0, 5], [5, 0], 8, aht_s=180, answer_within_s=20)
    plain = erlang_c(5, 8, aht_s=180, answer_within_s=20)
    assert r.high.service_level[0] == r.low.service_level[1] == 1
    np.testing.assert_allclose(r.high.service_level[1], plain.service_level, rtol=1e-12)
    np.testing.assert_allclose(r.low.service_level[0], plain.service_level, rtol=1e-12)


def test_a_limit_of_its_own_for_the_second_class():
    r = priority(4, 6, 12, aht_s=180, answer_within_s=20, answer_within_low_s=60)
    both = priority(4, 6, 12, aht_s=180, answer_within_s=60)
    assert r.low.service_level == both.low.service_level
    assert r.high.service_level < both.high.service_level


def test_a_negative_load_of_a_class_is_refused():
    with pytest.raises(ValueError, match=r"^load_low must be finite and >= 0; found -1$"):
        priority(1, -1, 3, aht_s=180, answer_within_s=20)
