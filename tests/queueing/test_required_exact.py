"""The agents that targets need on many thousand random rows: enough, and one fewer is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.queueing import (
    DEFINITIONS,
    Target,
    erlang_a,
    erlang_a_wait,
    erlang_c,
    erlang_c_wait,
    performance,
    required_agents,
)

ROWS = 100_000
LAW = settings(derandomize=True, deadline=None, max_examples=150)


def rows(seed, size=ROWS):
    rng = np.random.default_rng(seed)
    load = np.exp(rng.uniform(np.log(1e-3), np.log(5000), size))
    aht = np.exp(rng.uniform(np.log(20), np.log(2000), size))
    patience = np.exp(rng.uniform(np.log(5), np.log(5000), size))
    goal = rng.uniform(0.05, 0.995, size)
    limit = np.where(rng.random(size) < 0.1, 0.0, rng.uniform(1, 300, size))
    return load, aht, patience, goal, limit


def test_a_hundred_thousand_requirements_without_hang_ups_are_exact():
    load, aht, _, goal, limit = rows(1)
    target = Target(goal, limit)
    agents = required_agents(load, aht_s=aht, target=target)
    known = {"aht_s": aht, "answer_within_s": limit}
    assert target.met(erlang_c(load, agents, **known)).all()
    fewer = erlang_c(load, agents - 1, **known)
    assert not target.met(fewer).any()
    assert agents.min() == 1


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_requirements_with_hang_ups_are_exact(definition):
    load, aht, patience, goal, limit = rows(DEFINITIONS.index(definition), ROWS // 5)
    target = Target(goal, limit, definition=definition)
    agents = required_agents(load, aht_s=aht, target=target, patience_s=patience)
    known = {"aht_s": aht, "answer_within_s": limit, "patience_s": patience}
    assert target.met(erlang_a(load, agents, **known)).all()
    fewer = target.met(erlang_a(load, agents - 1, **known))
    # Where nobody is there, all may hang up "in time"; but then nobody was to be staffed for.
    assert not fewer[agents > 1].any()


@pytest.mark.parametrize("patience", [None, 90.0])
@pytest.mark.parametrize(
    "goals",
    [
        {"asa_max_s": 8.0},
        {"p_wait_max": 0.2},
        {"occupancy_max": 0.8},
        {"asa_max_s": 30.0, "p_wait_max": 0.6, "occupancy_max": 0.9},
        {"service_level": 0.8, "answer_within_s": 20.0, "asa_max_s": 5.0, "occupancy_max": 0.85},
    ],
    ids=lambda goals: "+".join(goals),
)
def test_any_goals_at_once_are_met_exactly(goals, patience):
    load, aht, *_ = rows(11, 3000)
    target = Target(**goals)
    agents = required_agents(load, aht_s=aht, target=target, patience_s=patience)
    known = {
        "aht_s": aht,
        "answer_within_s": goals.get("answer_within_s", 0.0),
        "patience_s": patience,
    }
    assert target.met(performance(load, agents, **known)).all()
    fewer = target.met(performance(load, agents - 1, **known))
    assert not fewer[agents > 1].any()
    for name in goals.keys() - {"service_level", "answer_within_s"}:
        alone = Target(**{name: goals[name]})
        needed = required_agents(load, aht_s=aht, target=alone, patience_s=patience)
        assert (agents >= needed).all(), name


def test_a_ceiling_of_abandonment():
    load, aht, patience, *_ = rows(12, 3000)
    target = Target(abandonment_max=0.03)
    agents = required_agents(load, aht_s=aht, target=target, patience_s=patience)
    known = {"aht_s": aht, "answer_within_s": 0, "patience_s": patience}
    assert (erlang_a(load, agents, **known).abandonment <= 0.03).all()
    assert (erlang_a(load, agents - 1, **known).abandonment > 0.03).all()
    # Without patience nobody hangs up, not even from a queue that grows for ever.
    with pytest.raises(ValueError, match=r"^patience_s must be given with abandonment_max"):
        required_agents(7.3, aht_s=60, target=target)


def test_erlang_a_can_need_more_agents_than_erlang_c():
    # A long limit and hasty callers: who would be answered in time has hung up before.
    target = Target(0.95, 200)
    hasty = required_agents(10, aht_s=300, target=target, patience_s=5)
    assert (hasty, required_agents(10, aht_s=300, target=target)) == (15, 13)


def test_erlang_a_can_need_fewer_agents_than_the_load():
    assert required_agents(100, aht_s=300, target=Target(0.5, 20), patience_s=60) < 100


@LAW
@given(
    st.floats(1e-3, 40),
    st.floats(10, 2000),
    st.floats(5, 3600),
    st.floats(0.01, 0.995),
    st.floats(0, 300),
    st.sampled_from(DEFINITIONS),
)
def test_no_smaller_team_at_all_is_enough(load, aht, patience, goal, limit, definition):
    target = Target(goal, limit, definition=definition)
    agents = int(required_agents(load, aht_s=aht, target=target, patience_s=patience))
    every = erlang_a(
        load, np.arange(agents + 1), aht_s=aht, answer_within_s=limit, patience_s=patience
    )
    met = target.met(every)
    assert met[agents]
    assert not met[1:agents].any()


def test_minimum_staffing():
    target = Target(0.8, 20)
    agents = required_agents([0, 0.1, 50], aht_s=180, target=target, agents_min=[2, 3, 4])
    assert agents.tolist() == [2, 3, int(required_agents(50, aht_s=180, target=target))]
    with pytest.raises(ValueError, match=r"^agents_min must be .*whole; found 1.5$"):
        required_agents(5, aht_s=180, target=target, agents_min=1.5)


def test_goals_may_be_arrays_that_broadcast_with_the_loads():
    goals = np.array([[0.7], [0.9]])
    agents = required_agents([5.0, 50.0, 0.0], aht_s=180, target=Target(goals, 20))
    assert agents.shape == (2, 3)
    for i, goal in enumerate((0.7, 0.9)):
        one = required_agents([5.0, 50.0, 0.0], aht_s=180, target=Target(goal, 20))
        np.testing.assert_array_equal(agents[i], one)


@pytest.mark.parametrize(
    ("goals", "words"),
    [
        ({}, "a target must have a goal: .*; found none"),
        ({"service_level": 0.8}, "service_level and answer_within_s must be given together"),
        ({"answer_within_s": 20}, "service_level and answer_within_s must be given together"),
        ({"asa_max_s": 0}, "asa_max_s must be finite and > 0; found 0"),
        ({"abandonment_max": 1.0}, "abandonment_max must be above 0 and below 1; found 1.0"),
        ({"p_wait_max": -0.1}, "p_wait_max must be above 0 and below 1; found -0.1"),
        ({"service_level": [0.8, 1.0], "answer_within_s": 20}, "service_level must be .*found 1.0"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused(goals, words):
    with pytest.raises(ValueError, match=f"^{words}"):
        Target(**goals)


def test_a_wait_within_which_a_share_is_answered():
    load, agents = np.array([5.0, 80.0, 0.0, 50.0]), np.array([7, 85, 3, 40])
    wait = erlang_a_wait(load, agents, 0.9, aht_s=180, patience_s=120)
    r = erlang_a(load, agents, aht_s=180, answer_within_s=wait, patience_s=120, definition="met")
    np.testing.assert_allclose(r.service_level[[0, 1, 3]], 0.9, rtol=1e-10)
    wait = erlang_c_wait(load, agents, 0.9, aht_s=180)
    assert wait[2] == 0
    assert wait[3] == np.inf
    r = erlang_c(load[:2], agents[:2], aht_s=180, answer_within_s=wait[:2])
    np.testing.assert_allclose(r.service_level, 0.9, rtol=1e-12)
