"""Erlang B and C once more, as the textbook writes them: sums of exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest

from forecast.queueing import erlang_b, erlang_c

# (load, agents): tiny, light, critical from both sides, heavy overload, nobody there, large.
POINTS = [
    (1e-6, 1),
    (1e-3, 3),
    (0.1, 40),
    (0.5, 1),
    (1 / 3, 2),
    (1.0, 1),
    (5.0, 10),
    (10.0, 14),
    (9.999, 10),
    (10.0, 10),
    (10.001, 10),
    (100.0, 10),
    (250.5, 3),
    (7.0, 0),
    (0.25, 0),
    (48.0, 50),
    (300.0, 330),
    (2000.0, 1900),
    (2000.0, 2001),
    (2000.0, 2100),
    (2000.0, 2400),
]
STABLE = [(load, agents) for load, agents in POINTS if agents > load]


def exact_terms(load, agents):
    """Return load^k / k! for k = 0 .. agents, all times one same number so that all are whole."""
    p, q = Fraction(load).as_integer_ratio()
    terms = [p**agents]
    for k in range(agents, 0, -1):
        # load^(k-1) / (k-1)! is load^k / k! times k / load; p divides all that is left.
        terms.append(terms[-1] * k * q // p)
    return terms[::-1]


def exact_blocking(load, agents):
    terms = exact_terms(load, agents)
    return Fraction(terms[-1], sum(terms))


def exact_p_wait(load, agents):
    terms = exact_terms(load, agents)
    queueing = terms[-1] * agents / (agents - Fraction(load))
    return queueing / (sum(terms[:-1]) + queueing)


def test_the_exact_terms_are_those_of_the_textbook():
    load, agents = Fraction(7, 4), 6
    terms = [load**k / math.factorial(k) for k in range(agents + 1)]
    assert exact_blocking(1.75, agents) == terms[-1] / sum(terms)


@pytest.mark.parametrize(("load", "agents"), POINTS)
def test_blocking_is_the_exact_fraction(load, agents):
    assert float(erlang_b(load, agents)) == pytest.approx(
        float(exact_blocking(load, agents)), rel=1e-11
    )


@pytest.mark.parametrize(("load", "agents"), STABLE)
@pytest.mark.parametrize(("aht_s", "answer_within_s"), [(180.0, 20.0), (30.0, 0.0), (900.0, 300.0)])
def test_waiting_without_hang_ups_is_the_exact_fraction(load, agents, aht_s, answer_within_s):
    got = erlang_c(load, agents, aht_s=aht_s, answer_within_s=answer_within_s)
    p_wait = float(exact_p_wait(load, agents))
    spare = float(agents - Fraction(load))
    late = p_wait * math.exp(-spare * answer_within_s / aht_s)
    assert float(got.p_wait) == pytest.approx(p_wait, rel=1e-11)
    assert float(got.service_level) == pytest.approx(1 - late, rel=1e-11)
    assert float(got.asa_s) == pytest.approx(p_wait * aht_s / spare, rel=1e-11)
    assert float(got.occupancy) == pytest.approx(load / agents, rel=1e-14)
    assert float(got.abandonment) == 0


def test_a_load_too_small_to_block_anybody_blocks_nobody():
    # 1 / B is far above the largest float here; the answer is 0, without a warning.
    assert exact_blocking(0.001, 200) < Fraction(1, 10**400)
    assert float(erlang_b(0.001, 200)) == 0


def test_no_load_blocks_nobody_unless_nobody_is_there():
    np.testing.assert_array_equal(erlang_b(0, [0, 1, 5]), [1, 0, 0])
