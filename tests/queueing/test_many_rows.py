"""Crowds of several rates, redials in staffing, and the ways to staff millions of rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.queueing import (
    Target,
    carried_load,
    erlang_a,
    performance,
    required_agents,
    required_agents_with_redials,
    together,
    with_redials,
)
from forecast.queueing.carried import least_carrying
from forecast.queueing.gridded import ERROR, Fares
from forecast.queueing.result import DEFINITIONS, service_level
from forecast.queueing.spread import Spread

TEAM = {"aht_s": 240.0, "answer_within_s": 20.0, "patience_s": 180.0}
GOALS = {
    "level": (Target(0.8, 20), 180.0),
    "endless": (Target(0.8, 20), None),
    "ceiling": (Target(0.8, 20, occupancy_max=0.85), 180.0),
    "several": (Target(0.9, 10, abandonment_max=0.02, asa_max_s=5), 60.0),
}


@pytest.mark.parametrize("goal", GOALS)
@settings(max_examples=30, deadline=None)
@given(agents=st.integers(1, 400), aht_s=st.sampled_from([30.0, 240.0, 900.0]))
def test_agents_carry_what_they_carry_and_not_a_hair_more(goal, agents, aht_s):
    target, patience_s = GOALS[goal]
    load = float(carried_load(agents, aht_s=aht_s, target=target, patience_s=patience_s))
    more = np.nextafter(load, np.inf)
    limit = target.answer_within_s
    met = [
        bool(
            target.met(
                performance(one, agents, aht_s=aht_s, answer_within_s=limit, patience_s=patience_s)
            )
        )
        for one in (load, more)
    ]
    assert met == [True, False]


def test_nobody_carries_nothing():
    assert carried_load(0, aht_s=60, target=Target(0.8, 20)) == 0


@pytest.mark.parametrize("goal", GOALS)
def test_many_loads_take_exactly_the_agents_of_each_load(goal):
    target, patience_s = GOALS[goal]
    rng = np.random.default_rng(1)
    load = np.concatenate([[0.0, 1e-9], rng.uniform(0, 150, 3000), rng.uniform(0, 3, 1000)])
    team = {"aht_s": 240.0, "target": target, "patience_s": patience_s}
    many = least_carrying(load, carried_load(np.arange(200), **team))
    np.testing.assert_array_equal(many, required_agents(load, **team))


def test_agents_carry_as_many_first_calls_as_with_redials_they_may():
    team = {"aht_s": 240.0, "target": Target(0.8, 20), "patience_s": 180.0, "redial": 0.6}
    load = np.random.default_rng(1).uniform(0, 60, 200)
    many = least_carrying(load, carried_load(np.arange(90), **team))
    np.testing.assert_array_equal(many, required_agents_with_redials(load, **team))


@pytest.mark.parametrize(
    ("aht_s", "limit", "patience_s"),
    [
        (240.0, 20.0, 30.0),
        (240.0, 20.0, 180.0),
        (240.0, 60.0, None),
        (30.0, 60.0, 180.0),
        (30.0, 60.0, 900.0),
        (900.0, 0.0, 5.0),
    ],
)
def test_the_grid_errs_by_half_of_what_it_says_at_most(aht_s, limit, patience_s):
    rng = np.random.default_rng(2)
    load = np.concatenate([[0.0, 1e-7], rng.uniform(0, 4, 1000), rng.uniform(0, 150, 1000)])
    far = rng.normal(0, 2, load.size) * np.sqrt(load) + rng.integers(0, 2, load.size)
    agents = np.maximum(np.rint(load + far), 0).astype("int64")
    fares = Fares(aht_s, limit, patience_s)
    one = np.ones((load.size, 1))
    near = fares.together(Spread.of(load[:, None], one, one[0], fares.step), agents)
    exact = performance(load, agents, aht_s=aht_s, answer_within_s=limit, patience_s=patience_s)
    for name in ("p_wait", "service_level", "abandonment", "occupancy"):
        error = np.abs(getattr(near, name) - getattr(exact, name)).max()
        assert error < 0.6 * ERROR, name
    finite = np.isfinite(exact.asa_s)
    np.testing.assert_array_equal(np.isfinite(near.asa_s), finite)
    slowest = max(aht_s, patience_s or 0)
    wrong = np.abs(near.asa_s[finite] - exact.asa_s[finite])
    assert (wrong < 0.002 * exact.asa_s[finite] + 0.1 * ERROR * slowest).all()


@pytest.mark.parametrize("patience_s", [180.0, None])
def test_a_crowd_on_the_grid_is_the_crowd_of_the_formulas(patience_s):
    rng = np.random.default_rng(3)
    load = np.sort(rng.uniform(20, 40, (50, 6)), axis=1)
    callers, share = rng.uniform(1, 5, (50, 6)), np.full(6, 1 / 6)
    agents = rng.integers(25, 60, 50)
    team = {"aht_s": 240.0, "answer_within_s": 20.0, "patience_s": patience_s}
    fares = Fares(**team)
    spread = Spread.of(load, callers, share, fares.step)
    for definition in DEFINITIONS:
        exact = together(
            performance(load, agents[:, None], **team), callers, definition, share=share
        )
        near = fares.together(spread, agents, definition)
        for name in ("p_wait", "service_level", "abandonment", "occupancy"):
            np.testing.assert_allclose(
                getattr(near, name), getattr(exact, name), atol=3 * ERROR, err_msg=name
            )
        for name in ("asa_s", "asa_answered_s"):
            np.testing.assert_allclose(getattr(near, name), getattr(exact, name), rtol=0.002)
    # What is asked for later finds what is kept, and gets the same.
    again = fares.together(spread.rows(np.arange(10)), agents[:10])
    first = fares.together(spread, agents)
    np.testing.assert_array_equal(again.service_level, first.service_level[:10])


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_a_crowd_of_one_rate_is_that_rate(definition):
    one = erlang_a(30, 29, **TEAM)
    same = erlang_a([30, 30], 29, **TEAM)
    crowd = together(same, np.array([1.0, 5.0]), definition)
    assert crowd.service_level == pytest.approx(float(service_level(one, definition)))
    for name in ("p_wait", "asa_s", "abandonment", "occupancy", "asa_answered_s"):
        assert getattr(crowd, name) == pytest.approx(float(getattr(one, name)))


def test_a_crowd_is_counted_caller_by_caller_and_hour_by_hour():
    two = erlang_a([10, 40], 30, **TEAM)
    crowd = together(two, np.array([100.0, 400.0]), "answered", share=np.array([0.75, 0.25]))
    answered = np.array([100, 400]) * two.ends.answered
    in_time = np.array([100, 400]) * two.ends.answered_in_time
    assert crowd.service_level == pytest.approx(in_time.sum() / answered.sum())
    assert crowd.asa_answered_s == pytest.approx(np.average(two.asa_answered_s, weights=answered))
    assert crowd.occupancy == pytest.approx(0.75 * two.occupancy[0] + 0.25 * two.occupancy[1])
    nobody = together(two, np.zeros(2))
    assert np.isnan(nobody.service_level)


@pytest.mark.parametrize("redial", [0.0, 0.3, 0.9])
def test_staffing_with_redials_is_the_least_that_meets_the_target_at_its_own_load(redial):
    target = Target(0.8, 20)
    load = np.array([0.0, 0.5, 3.0, 20.0, 150.0])
    agents = required_agents_with_redials(
        load, redial=redial, aht_s=240, target=target, patience_s=120
    )
    assert agents[0] == 0

    def met(n):
        called = with_redials(
            load[1:], n, redial=redial, aht_s=240, answer_within_s=20, patience_s=120
        )
        return target.met(called.queue)

    assert met(agents[1:]).all()
    assert not met(agents[1:] - 1).any()
    if redial == 0:
        alone = required_agents(load, aht_s=240, target=target, patience_s=120)
        np.testing.assert_array_equal(agents, alone)


def test_a_share_that_all_redial_is_refused():
    with pytest.raises(ValueError, match="redial must be at least 0 and below 1; found 1"):
        required_agents_with_redials(5, redial=1.0, aht_s=60, target=Target(0.8, 20), patience_s=60)
