"""The agents that a target needs are enough, and one fewer is not."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forecast.queueing import (
    Target,
    erlang_a,
    erlang_c,
    on_position,
    required_agents,
    scheduled_agents,
)

LAW = settings(derandomize=True, deadline=None, max_examples=200)

loads = st.one_of(st.just(0.0), st.floats(1e-3, 300), st.integers(1, 60).map(float))
handle_times = st.floats(10, 2000)
patience_or_none = st.one_of(st.none(), st.floats(5, 3600))
targets = st.builds(
    Target,
    service_level=st.floats(0.01, 0.995),
    answer_within_s=st.one_of(st.just(0.0), st.floats(1, 300)),
    occupancy_max=st.one_of(st.just(1.0), st.floats(0.3, 1)),
)


def meets(target, load, agents, aht_s, patience_s):
    known = {"aht_s": aht_s, "answer_within_s": target.answer_within_s}
    if patience_s is None:
        result = erlang_c(load, agents, **known)
    else:
        result = erlang_a(load, agents, **known, patience_s=patience_s)
    enough = result.service_level >= target.service_level
    return bool(enough and result.occupancy <= target.occupancy_max)


@LAW
@given(loads, handle_times, targets, patience_or_none)
def test_the_agents_meet_the_target_and_one_fewer_do_not(load, aht, target, patience):
    agents = int(required_agents(load, aht_s=aht, target=target, patience_s=patience))
    assert meets(target, load, agents, aht, patience)
    assert agents == 0 or not meets(target, load, agents - 1, aht, patience)


@settings(LAW, max_examples=60)
@given(st.one_of(st.just(0.0), st.floats(1e-3, 25)), handle_times, targets, patience_or_none)
def test_no_smaller_team_at_all_meets_the_target(load, aht, target, patience):
    agents = int(required_agents(load, aht_s=aht, target=target, patience_s=patience))
    first = next(n for n in range(10_000) if meets(target, load, n, aht, patience))
    assert agents == first


@LAW
@given(st.lists(loads, max_size=5), handle_times, targets, patience_or_none)
def test_many_intervals_at_once_need_what_each_needs(many, aht, target, patience):
    together = required_agents(many, aht_s=aht, target=target, patience_s=patience)
    alone = [required_agents(a, aht_s=aht, target=target, patience_s=patience) for a in many]
    assert together.dtype == np.int64
    assert together.tolist() == [int(agents) for agents in alone]


def test_loads_handle_times_and_patience_broadcast():
    agents = required_agents(
        [[5.0], [10.0], [50.0]],
        aht_s=[180.0, 300.0],
        target=Target(0.8, 20),
        patience_s=[60.0, 600.0],
    )
    assert agents.shape == (3, 2)
    assert (np.diff(agents, axis=0) > 0).all()


def test_callers_who_hang_up_need_fewer_agents():
    target = Target(0.8, 20)
    patient = required_agents(100.0, aht_s=300, target=target)
    impatient = required_agents(100.0, aht_s=300, target=target, patience_s=60)
    assert impatient < patient


def test_an_occupancy_ceiling_can_ask_for_more_than_the_service_level():
    # 100 erlangs at 80 % in 20 s run at 95 %; a ceiling of 0.80 needs 100 / 0.80 agents.
    assert int(required_agents(100.0, aht_s=300, target=Target(0.8, 20, 0.80))) == 125
    assert int(required_agents(100.0, aht_s=300, target=Target(0.8, 20))) < 110


def test_a_target_that_is_just_reached_is_met():
    exactly = float(erlang_c(10, 14, aht_s=180, answer_within_s=20).service_level)
    assert int(required_agents(10, aht_s=180, target=Target(exactly, 20))) == 14


def test_no_calls_need_no_agents():
    for patience in (None, 60.0):
        assert int(required_agents(0, aht_s=180, target=Target(0.8, 20), patience_s=patience)) == 0


def least_schedule(agents, shrinkage):
    """Return the least whole s with s (1 - shrinkage) >= agents, in exact fractions."""
    present = 1 - Fraction(str(shrinkage))
    s = int(agents / present)
    return next(n for n in range(max(s - 2, 0), s + 3) if n * present >= agents)


@LAW
@given(st.integers(0, 100_000), st.integers(0, 9_999))
@example(21, 3_000)
def test_scheduled_people_are_the_least_that_leave_enough_on_position(agents, basis_points):
    shrinkage = basis_points / 10_000
    assert int(scheduled_agents(agents, shrinkage)) == least_schedule(agents, shrinkage)


@LAW
@given(st.integers(0, 100_000), st.floats(0, 0.99))
@example(1_000, 1 / 3)
def test_a_shrinkage_with_many_decimals_is_scheduled_for_just_as_well(agents, shrinkage):
    assert int(scheduled_agents(agents, shrinkage)) == least_schedule(agents, shrinkage)


@LAW
@given(st.integers(0, 100_000), st.integers(0, 9_999))
@example(30, 3_000)
def test_positions_filled_are_the_most_that_the_people_can_be_scheduled_for(people, basis_points):
    shrinkage = basis_points / 10_000
    filled = int(on_position(people, shrinkage))
    assert scheduled_agents(filled, shrinkage) <= people
    assert scheduled_agents(filled + 1, shrinkage) > people


def test_a_column_of_agents_with_a_shrinkage_of_one_third():
    assert scheduled_agents([0, 10, 923, 10_000], 1 / 3).tolist() == [0, 15, 1385, 15000]


def test_21_agents_at_30_percent_are_30_people():
    assert int(scheduled_agents(21, 0.30)) == 30
    assert scheduled_agents([[0, 1], [21, 22]], 0.30).tolist() == [[0, 2], [30, 32]]


def test_without_shrinkage_the_schedule_is_the_requirement():
    assert scheduled_agents([0, 7, 19], 0).tolist() == [0, 7, 19]


@pytest.mark.parametrize("patience", [None, 120.0])
def test_a_very_large_centre_is_staffed_exactly_too(patience):
    target = Target(0.8, 20)
    agents = int(required_agents(2000.0, aht_s=300, target=target, patience_s=patience))
    assert meets(target, 2000.0, agents, 300, patience)
    assert not meets(target, 2000.0, agents - 1, 300, patience)
