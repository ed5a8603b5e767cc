"""What the Erlang formulas tend to: each other, and the published limits of large centres."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from forecast.queueing import erlang_a, erlang_b, erlang_c
from forecast.queueing.special import inverse_b_nearly, log_inverse_b

LAW = settings(derandomize=True, deadline=None, max_examples=150)
LARGE = 1e8


def hazard(x):
    return norm.pdf(x) / norm.sf(x)


@pytest.mark.parametrize("beta", [0.1, 0.25, 0.5, 1.0, 1.5, 2.0])
def test_large_centres_without_hang_ups_are_those_of_halfin_and_whitt(beta):
    # Halfin & Whitt (1981), theorem 1: 1 / (1 + beta Phi(beta) / phi(beta)).
    agents = round(LARGE + beta * LARGE**0.5)
    got = float(erlang_c(LARGE, agents, aht_s=1, answer_within_s=0).p_wait)
    assert got == pytest.approx(1 / (1 + beta * norm.cdf(beta) / norm.pdf(beta)), rel=3e-4)


@pytest.mark.parametrize("patience", [0.1, 1.0, 4.0])
@pytest.mark.parametrize("beta", [-1.5, -0.5, 0.0, 0.5, 1.0, 2.0])
def test_large_centres_with_hang_ups_are_those_of_garnett(beta, patience):
    # Garnett, Mandelbaum & Reiman (2002), theorems 1 and 4, patience in handle times.
    agents = round(LARGE + beta * LARGE**0.5)
    r = erlang_a(LARGE, agents, aht_s=1, answer_within_s=0, patience_s=patience)
    depth = beta * patience**0.5
    p_wait = 1 / (1 + hazard(depth) / (patience**0.5 * hazard(-beta)))
    assert float(r.p_wait) == pytest.approx(p_wait, rel=1e-3)
    leaving = (hazard(depth) - depth) / (LARGE * patience) ** 0.5
    assert float(r.abandonment / r.p_wait) == pytest.approx(leaving, rel=1e-3)


@LAW
@given(st.floats(1e-2, 2000), st.floats(-3, 4))
def test_callers_without_any_patience_are_those_of_erlang_b(load, distance):
    agents = max(round(load + distance * load**0.5), 1)
    r = erlang_a(load, agents, aht_s=100, answer_within_s=0, patience_s=1e-9)
    assert float(r.abandonment) == pytest.approx(float(erlang_b(load, agents)), rel=1e-6)


@LAW
@given(st.floats(1e-2, 2000), st.floats(0.05, 4), st.floats(0, 100))
def test_callers_of_endless_patience_are_those_of_erlang_c(load, distance, limit):
    agents = int(np.ceil(load + distance * load**0.5))
    patient = erlang_a(load, agents, aht_s=100, answer_within_s=limit, patience_s=1e15)
    plain = erlang_c(load, agents, aht_s=100, answer_within_s=limit)
    for name in ("p_wait", "service_level", "asa_s", "occupancy", "asa_answered_s"):
        if (expected := float(getattr(plain, name))) > 1e-290:
            assert float(getattr(patient, name)) == pytest.approx(expected, rel=1e-5), name


@LAW
@given(st.floats(1e-2, 500), st.integers(1, 500), st.floats(0, 600), st.floats(1, 3600))
def test_all_ends_add_up(load, agents, limit, patience):
    r = erlang_a(load, agents, aht_s=180, answer_within_s=limit, patience_s=patience)
    assert 0 <= r.abandoned_in_time <= r.abandonment
    assert r.answered_in_time + r.abandonment <= 1 + 1e-12
    waited_and_answered = r.p_wait - r.abandonment
    # The mean wait of all is made of those who hang up and those who are answered.
    answered = (1 - r.abandonment) * r.asa_answered_s
    assert answered <= r.asa_s * (1 + 1e-9)
    assert answered >= 0
    assert waited_and_answered >= -1e-12


def test_palm_s_speed_of_answer():
    # 48 calls a minute, 50 agents, two minutes of patience: 3.1 % hang up, answered in 3.6 s.
    r = erlang_a(48, 50, aht_s=60, answer_within_s=20, patience_s=120)
    assert float(r.abandonment) == pytest.approx(0.031, abs=5e-4)
    assert float(r.asa_answered_s) == pytest.approx(3.6, abs=0.05)


def test_scalars_give_scalars():
    for r in (
        erlang_c(10, 12, aht_s=180, answer_within_s=20),
        erlang_a(10, 12, aht_s=180, answer_within_s=20, patience_s=60),
    ):
        figures = {**vars(r), **vars(r.ends)}
        del figures["ends"]
        assert all(isinstance(value, float) for value in figures.values())
    assert isinstance(erlang_b(10, 12), float)


def test_the_first_answer_of_the_search_is_right_to_four_digits():
    # What ``required_agents`` allows for before it asks the exact formula.
    load = np.geomspace(1e-3, 1e5, 4000)
    agents = np.ceil(load + np.linspace(0, 6, 4000) * np.sqrt(load))
    exact = np.exp(log_inverse_b(agents, load))
    np.testing.assert_allclose(inverse_b_nearly(agents, load), exact, rtol=3e-5)
