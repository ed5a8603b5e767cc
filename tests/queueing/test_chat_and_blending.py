"""Chats and blending, against chains written down state by state, and the limits they must have."""

import itertools

import numpy as np
import pytest

from forecast.queueing import (
    Target,
    blend,
    blend_reserve,
    chat,
    chat_agents,
    erlang_a,
    erlang_c,
    required_agents,
)
from tests.queueing.chains import stationary

FIELDS = ("p_wait", "service_level", "asa_s", "abandonment", "occupancy", "asa_answered_s")


def assert_alike(got, expected, names=FIELDS):
    for name in names:
        np.testing.assert_allclose(
            getattr(got, name), getattr(expected, name), rtol=1e-9, atol=1e-12, err_msg=name
        )


@pytest.mark.parametrize("patience", [None, 90.0])
def test_one_chat_at_a_time_is_a_telephone(patience):
    hourly, agents = np.array([30.0, 100.0, 900.0, 0.0]), np.array([5, 12, 70, 3])
    r = chat(hourly, agents, aht_s=[240], answer_within_s=30, patience_s=patience)
    load, known = hourly / 3600 * 240, {"aht_s": 240, "answer_within_s": 30}
    if patience:
        assert_alike(r.queue, erlang_a(load, agents, **known, patience_s=patience))
    else:
        assert_alike(r.queue, erlang_c(load, agents, **known))
    np.testing.assert_allclose(r.concurrency, [1, 1, 1, 0])


def test_chats_that_do_not_slow_each_other_down_are_agents_more():
    r = chat(200, 5, aht_s=[300, 300, 300], answer_within_s=30, patience_s=120)
    plain = erlang_a(200 / 12, 15, aht_s=300, answer_within_s=30, patience_s=120)
    assert_alike(
        r.queue, plain, ("p_wait", "service_level", "asa_s", "abandonment", "asa_answered_s")
    )
    assert float(r.slots) == pytest.approx(float(plain.occupancy), rel=1e-9)


def two_desks(hourly, seconds, patience, places):
    """Return p_wait, abandonment and mean wait of two agents, each chat of whom is followed."""
    calls, most = hourly / 3600, len(seconds)
    states = [(i, j, 0) for i, j in itertools.product(range(most + 1), repeat=2)]
    states += [(most, most, k) for k in range(1, places + 1)]
    at = {state: i for i, state in enumerate(states)}
    rates = np.zeros((len(states), len(states)))
    ends = [0.0, *((j + 1) / s for j, s in enumerate(seconds))]

    def go(here, there, rate):
        if there in at:
            rates[at[here], at[there]] += rate

    for i, j, k in states:
        if k or i == j == most:
            go((i, j, k), (i, j, k + 1), calls)
        elif i == j:
            go((i, j, k), (i + 1, j, k), calls / 2)
            go((i, j, k), (i, j + 1, k), calls / 2)
        else:
            go((i, j, k), (i + (i < j), j + (j < i), k), calls)
        if k:
            go((i, j, k), (i, j, k - 1), 2 * ends[most] + k / patience)
        else:
            go((i, j, k), (i - 1, j, k), ends[i])
            go((i, j, k), (i, j - 1, k), ends[j])
    shares = stationary(rates)
    queue = sum(share * k for share, (_, _, k) in zip(shares, states, strict=True))
    waits = sum(s for s, (i, j, _) in zip(shares, states, strict=True) if i == j == most)
    return waits, queue / calls / patience, queue / calls


@pytest.mark.parametrize("seconds", [[300, 400], [300, 360, 450], [200, 300, 420, 560]])
@pytest.mark.parametrize("hourly", [15, 35, 60])
# Two agents are the worst case: the more there are, the more evenly chats spread.
def test_two_agents_who_chat_fare_nearly_as_each_chat_followed(hourly, seconds):
    r = chat(hourly, 2, aht_s=seconds, answer_within_s=30, patience_s=120)
    p_wait, abandonment, asa = two_desks(hourly, seconds, 120, 40)
    assert float(r.queue.p_wait) == pytest.approx(p_wait, rel=0.08)
    assert float(r.queue.abandonment) == pytest.approx(abandonment, rel=0.08)
    assert float(r.queue.asa_s) == pytest.approx(asa, rel=0.08)


@pytest.mark.parametrize("patience", [None, 120.0])
def test_the_least_chatting_team(patience):
    target, times = Target([[0.8], [0.95]], 30), [300, 360, 450]
    hourly = np.array([0.0, 10.0, 100.0, 1000.0])
    agents = chat_agents(hourly, aht_s=times, target=target, patience_s=patience)
    assert agents.shape == (2, 4)
    assert (agents[:, 0] == 0).all()
    known = {"aht_s": times, "answer_within_s": 30, "patience_s": patience}
    enough = chat(hourly[1:], agents[:, 1:], **known).queue.service_level
    fewer = chat(hourly[1:], np.maximum(agents[:, 1:] - 1, 1), **known).queue.service_level
    assert (enough >= [[0.8], [0.95]]).all()
    assert ((fewer < [[0.8], [0.95]]) | (agents[:, 1:] == 1)).all()


def test_overloaded_chats_wait_for_ever():
    r = chat(1000, 2, aht_s=[300, 400], answer_within_s=30)
    assert (r.queue.p_wait, r.queue.service_level, r.queue.asa_s) == (1, 0, np.inf)
    assert (r.queue.occupancy, r.concurrency, r.slots) == (1, 2, 1)


def test_chats_without_a_handle_time_are_refused():
    with pytest.raises(ValueError, match="aht_s must have one entry per number of chats"):
        chat(10, 2, aht_s=[], answer_within_s=30)
    with pytest.raises(ValueError, match=r"^aht_s must be finite and > 0; found 0$"):
        chat(10, 2, aht_s=[300, 0], answer_within_s=30)


def blended(load, agents, reserve, patience, places):
    """Return p_wait, mean wait, abandonment and deferrable erlangs of the chain of busy agents."""
    low = agents - reserve
    states = np.arange(low, agents + places + 1)
    busy = np.minimum(states, agents)
    rates = np.diag(np.full(states.size - 1, float(load)), 1)
    down = busy[1:] + (states[1:] - busy[1:]) * (1 / patience if patience else 0)
    rates += np.diag(down.astype(float), -1)
    shares = stationary(rates)
    queue = shares @ (states - busy)
    hung_up = queue / load / patience if patience else 0.0
    deferrable = shares @ busy - load * (1 - hung_up)
    return shares[states >= agents].sum(), queue / load, hung_up, deferrable


@pytest.mark.parametrize("patience", [None, 0.7])
@pytest.mark.parametrize("reserve", [0, 1, 3, 8])
def test_blending_is_its_chain(reserve, patience):
    known = {"aht_s": 1, "answer_within_s": 0.1, "patience_s": patience}
    r = blend(5, 8, reserve, **known)
    p_wait, asa, hung_up, deferrable = blended(5, 8, reserve, patience, 90)
    assert float(r.queue.p_wait) == pytest.approx(p_wait, rel=1e-8)
    assert float(r.queue.asa_s) == pytest.approx(asa, rel=1e-8)
    assert float(r.queue.abandonment) == pytest.approx(hung_up, rel=1e-8, abs=1e-14)
    assert float(r.deferrable) == pytest.approx(deferrable, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("patience", [None, 120.0])
def test_with_all_in_reserve_nothing_is_blended(patience):
    load, agents = np.array([3.0, 40.0, 0.0]), np.array([5, 44, 4])
    known = {"aht_s": 180, "answer_within_s": 20}
    r = blend(load, agents, agents, **known, patience_s=patience)
    if patience:
        assert_alike(r.queue, erlang_a(load, agents, **known, patience_s=patience))
    else:
        assert_alike(r.queue, erlang_c(load, agents, **known))
    np.testing.assert_array_equal(r.deferrable, 0)


def test_with_nobody_in_reserve_agents_never_rest():
    r = blend([5, 0], 8, 0, aht_s=180, answer_within_s=20)
    np.testing.assert_allclose(r.queue.occupancy, 1, rtol=1e-12)
    assert r.queue.p_wait[0] == 1
    np.testing.assert_allclose(r.deferrable, [3, 8], rtol=1e-12)
    np.testing.assert_allclose(r.deferrable_per_hour, [60, 160], rtol=1e-12)


@pytest.mark.parametrize(("patience", "agents"), [(None, [16, 107]), (90.0, [14, 100])])
def test_the_least_reserve(patience, agents):
    load, target = np.array([10.0, 100.0]), Target(0.8, 20)
    reserve = blend_reserve(load, agents, aht_s=180, target=target, patience_s=patience)
    known = {"aht_s": 180, "answer_within_s": 20, "patience_s": patience}
    assert (reserve > 0).all()
    assert (blend(load, agents, reserve, **known).queue.service_level >= 0.8).all()
    assert (blend(load, agents, reserve - 1, **known).queue.service_level < 0.8).all()


def test_a_team_too_small_for_calls_alone_has_no_reserve_to_find():
    few = int(required_agents(10, aht_s=180, target=Target(0.8, 20))) - 1
    with pytest.raises(ValueError, match=f"^agents must be enough for the target.*found {few}"):
        blend_reserve(10, few, aht_s=180, target=Target(0.8, 20))


def test_a_reserve_larger_than_the_team_is_refused():
    with pytest.raises(ValueError, match=r"^reserve must be at most agents; found 9.0$"):
        blend(5, 8, 9, aht_s=180, answer_within_s=20)
