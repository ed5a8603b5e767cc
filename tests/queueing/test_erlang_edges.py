"""Overload, nobody there, nobody calling, far too many agents: an answer and never a warning."""

import numpy as np
import pytest

from forecast.queueing import erlang_a, erlang_b, erlang_c

OVERLOADED = [(1, 0), (0.001, 0), (1, 1), (10, 10), (10.5, 10), (100, 3), (5000, 2), (2000, 2000)]


@pytest.mark.parametrize(("load", "agents"), OVERLOADED)
@pytest.mark.parametrize("answer_within_s", [0, 20, 86_400])
def test_without_hang_ups_too_few_agents_never_catch_up(load, agents, answer_within_s):
    result = erlang_c(load, agents, aht_s=180, answer_within_s=answer_within_s)
    assert result.p_wait == 1
    assert result.service_level == 0
    assert result.asa_s == np.inf
    assert result.occupancy == 1
    assert result.abandonment == 0


def test_one_overloaded_interval_leaves_its_neighbours_alone():
    day = erlang_c([5, 20, 0, 9.5], 10, aht_s=180, answer_within_s=20)
    np.testing.assert_array_equal(np.isinf(day.asa_s), [False, True, False, False])
    np.testing.assert_array_equal(day.p_wait == 1, [False, True, False, False])
    calm = erlang_c([5, 9.5], 10, aht_s=180, answer_within_s=20)
    np.testing.assert_array_equal(day.service_level[[0, 3]], calm.service_level)


def test_just_enough_agents_wait_long_but_not_for_ever():
    result = erlang_c(9.999999, 10, aht_s=180, answer_within_s=20)
    assert 0.999 < result.p_wait < 1
    assert 1e8 < result.asa_s < np.inf


def test_with_hang_ups_an_overloaded_team_answers_what_it_can():
    # 100 erlangs on 10 agents: nine in ten must leave.
    result = erlang_a(100, 10, aht_s=180, answer_within_s=20, patience_s=60)
    assert float(result.abandonment) == pytest.approx(0.9, abs=1e-9)
    assert float(result.occupancy) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("load", [0.001, 5, 2000])
def test_with_nobody_there_everyone_waits_out_their_patience(load):
    result = erlang_a(load, 0, aht_s=180, answer_within_s=20, patience_s=75)
    assert result.p_wait == 1
    assert result.service_level == 0
    assert result.abandonment == 1
    assert result.asa_s == 75
    assert result.occupancy == 0


@pytest.mark.parametrize("agents", [0, 1, 500])
def test_with_nobody_calling_all_is_well(agents):
    for result in (
        erlang_c(0, agents, aht_s=180, answer_within_s=20),
        erlang_a(0, agents, aht_s=180, answer_within_s=20, patience_s=60),
    ):
        assert result.service_level == 1
        assert result.p_wait == result.asa_s == result.abandonment == result.occupancy == 0


# A quiet night on the day's roster: 1 / B passes the largest float somewhere in this grid.
NIGHT = {"load": np.geomspace(1e-3, 5, 60)[:, None], "agents": np.arange(50, 400)}


def test_a_quiet_night_without_hang_ups_is_answered_at_once():
    result = erlang_c(**NIGHT, aht_s=180, answer_within_s=20)
    assert (result.service_level == 1).all()
    assert (result.p_wait < 1e-30).all()
    assert (result.asa_s < 1e-30).all()


def test_a_quiet_night_with_hang_ups_is_answered_at_once():
    result = erlang_a(**NIGHT, aht_s=180, answer_within_s=20, patience_s=300)
    assert (result.service_level > 1 - 1e-12).all()
    assert (result.p_wait < 1e-30).all()
    assert (result.abandonment < 1e-12).all()


def test_one_erlang_among_500_agents_is_answered_at_once():
    result = erlang_a(1, 500, aht_s=180, answer_within_s=20, patience_s=300)
    assert float(result.service_level) == pytest.approx(1, abs=1e-12)


def test_an_empty_column_stays_empty():
    assert erlang_b([], 5).shape == (0,)
    assert erlang_c([], 5, aht_s=180, answer_within_s=20).asa_s.shape == (0,)
    assert erlang_a([], 5, aht_s=180, answer_within_s=20, patience_s=60).asa_s.shape == (0,)
