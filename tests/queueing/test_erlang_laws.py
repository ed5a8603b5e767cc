"""What must hold for any load, any team and any callers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from forecast.queueing import erlang_a, erlang_b, erlang_c

LAW = settings(derandomize=True, deadline=None, max_examples=150)
FIELDS = ("p_wait", "service_level", "asa_s", "abandonment", "occupancy")
# Two sums of floats that are equal on paper may differ by this much.
ROUNDING = 1e-9

loads = st.one_of(st.just(0.0), st.floats(1e-4, 250))
teams = st.integers(0, 260)
handle_times = st.floats(5, 3000)
limits = st.one_of(st.just(0.0), st.floats(0.1, 600))
patiences = st.floats(1, 3600)
# With patience: Erlang A, with None: Erlang C.
patience_or_none = st.one_of(st.none(), patiences)


def queue(load, agents, aht_s, answer_within_s, patience_s):
    if patience_s is None:
        return erlang_c(load, agents, aht_s=aht_s, answer_within_s=answer_within_s)
    return erlang_a(
        load, agents, aht_s=aht_s, answer_within_s=answer_within_s, patience_s=patience_s
    )


@LAW
@given(loads, teams, handle_times, limits, patience_or_none)
def test_one_agent_more_never_hurts_a_caller(load, agents, aht, limit, patience):
    now, more = (queue(load, n, aht, limit, patience) for n in (agents, agents + 1))
    assert more.service_level >= now.service_level - ROUNDING
    assert more.p_wait <= now.p_wait + ROUNDING
    assert more.abandonment <= now.abandonment + ROUNDING
    assert erlang_b(load, agents + 1) <= erlang_b(load, agents)


@LAW
@given(loads, st.floats(1.01, 3), teams, handle_times, limits, patience_or_none)
def test_more_load_never_helps_a_caller(load, growth, agents, aht, limit, patience):
    now, busier = (queue(a, agents, aht, limit, patience) for a in (load, load * growth))
    assert busier.service_level <= now.service_level + ROUNDING
    assert busier.p_wait >= now.p_wait - ROUNDING
    assert busier.abandonment >= now.abandonment - ROUNDING
    assert erlang_b(load * growth, agents) >= erlang_b(load, agents) * (1 - ROUNDING)


@LAW
@given(loads, teams, handle_times, limits, patience_or_none)
def test_every_share_is_a_share(load, agents, aht, limit, patience):
    result = queue(load, agents, aht, limit, patience)
    for share in ("p_wait", "service_level", "abandonment", "occupancy"):
        assert 0 <= getattr(result, share) <= 1, share
    assert 0 <= erlang_b(load, agents) <= 1
    assert result.asa_s >= 0
    assert result.service_level + result.abandonment <= 1 + ROUNDING


@LAW
@given(loads, teams, handle_times, limits, st.floats(1, 600), patience_or_none)
def test_a_longer_limit_answers_more_callers_in_time(load, agents, aht, limit, longer, patience):
    short, long = (queue(load, agents, aht, t, patience) for t in (limit, limit + longer))
    assert long.service_level >= short.service_level - ROUNDING
    assert long.asa_s == short.asa_s


@LAW
@given(loads, teams, handle_times, limits, patiences)
def test_those_who_hang_up_are_the_mean_wait_over_the_patience(load, agents, aht, limit, patience):
    # Each second of waiting carries the same risk of hanging up.
    result = queue(load, agents, aht, limit, patience)
    assert float(result.abandonment * patience) == pytest.approx(float(result.asa_s), rel=1e-12)


@LAW
@given(loads, teams, handle_times, limits, patiences)
def test_agents_are_busy_with_those_who_stay(load, agents, aht, limit, patience):
    result = queue(load, agents, aht, limit, patience)
    answered = load * (1 - float(result.abandonment))
    assert float(result.occupancy) * agents == pytest.approx(answered, abs=1e-9 * (1 + load))


@LAW
@given(st.integers(1, 120), st.floats(0.05, 0.9), handle_times, limits)
def test_endless_patience_is_erlang_c(agents, occupancy, aht, limit):
    load = agents * occupancy
    endless = queue(load, agents, aht, limit, aht * 1e7)
    plain = queue(load, agents, aht, limit, None)
    for name in FIELDS:
        unit = aht if name == "asa_s" else 1
        close = pytest.approx(float(getattr(plain, name)), rel=1e-4, abs=1e-5 * unit)
        assert float(getattr(endless, name)) == close, name


@LAW
@given(mutually_broadcastable_shapes(num_shapes=5, max_dims=3, max_side=3), st.data())
def test_arrays_of_any_shape_give_what_their_numbers_give(shapes, data):
    kinds = (loads, teams, handle_times, limits, patiences)
    sides = [
        np.array(data.draw(st.lists(kind, min_size=size, max_size=size))).reshape(shape)
        for kind, shape in zip(kinds, shapes.input_shapes, strict=True)
        for size in [int(np.prod(shape))]
    ]
    whole = queue(*sides)
    assert {getattr(whole, name).shape for name in FIELDS} == {shapes.result_shape}
    every = np.broadcast_arrays(*sides)
    for at in np.ndindex(shapes.result_shape):
        one = queue(*(float(side[at]) for side in every))
        for name in FIELDS:
            close = pytest.approx(float(getattr(whole, name)[at]), rel=1e-12, abs=1e-12)
            assert float(getattr(one, name)) == close, name


def test_a_caller_may_pass_lists_and_a_row_against_a_column():
    agents = [[11], [12], [14]]
    result = erlang_c([8, 10], agents, aht_s=180, answer_within_s=20)
    assert result.service_level.shape == (3, 2)
    assert float(result.service_level[2, 1]) == pytest.approx(0.88835, abs=1e-6)


def test_what_is_passed_is_not_changed():
    load, agents = np.array([0.0, 5.0, 20.0]), np.array([0, 5, 10])
    erlang_a(load, agents, aht_s=60, answer_within_s=20, patience_s=60)
    np.testing.assert_array_equal(load, [0, 5, 20])
    np.testing.assert_array_equal(agents, [0, 5, 10])
