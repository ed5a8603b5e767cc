"""Callers who call again, and how patient callers are."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from forecast.queueing import (
    erlang_a,
    erlang_b,
    extended_erlang_b,
    offered_load_for_blocking,
    patience_from_abandonment,
    patience_from_waits,
    trunks_for_blocking,
    with_redials,
)
from tests.queueing.chains import birth_death

LAW = settings(derandomize=True, deadline=None, max_examples=100)
TIMES = {"aht_s": 180.0, "answer_within_s": 20.0, "patience_s": 120.0}


def abandonment(load, agents, patience):
    """Return the share that hangs up by the chain; patience in handle times."""
    states = np.arange(1, agents + 1200)
    busy = np.minimum(states, agents)
    shares = birth_death(np.full(states.size, load), busy + (states - busy) / patience)
    return shares[1:] @ (states - busy) / patience / load


@pytest.mark.parametrize(
    ("load", "agents", "redial", "reconnect"),
    [(100, 95, 0.6, 0), (100, 95, 0.6, 0.15), (10, 14, 0.5, 0.3), (3, 4, 1, 0.2), (50, 20, 0.9, 0)],
)
def test_redials_are_the_fixed_point_of_the_chain(load, agents, redial, reconnect):
    def short(a):
        lost = abandonment(a, agents, 120 / 180)
        return a * (1 - redial * lost - reconnect * (1 - lost)) - load

    r = with_redials(load, agents, redial=redial, reconnect=reconnect, **TIMES)
    root = brentq(short, load, 40 * load, xtol=1e-10)
    assert float(r.load) == pytest.approx(root, rel=1e-8)
    assert float(r.load * (1 - r.redials - r.reconnects)) == pytest.approx(load, rel=1e-10)


def test_first_calls_are_lost_or_answered_for_good():
    # Of all who come for the first time, who do not get lost leave after an answer.
    r = with_redials([20, 100, 300], [22, 90, 100], redial=0.7, reconnect=0.1, **TIMES)
    content = (1 - r.queue.abandonment) * (1 - 0.1) * r.load
    np.testing.assert_allclose(content + r.lost * [20, 100, 300], [20, 100, 300], rtol=1e-9)


def test_nobody_who_calls_again_leaves_the_queue_as_it_is():
    r = with_redials([0.0, 5.0, 200.0], [3, 6, 190], redial=0, **TIMES)
    plain = erlang_a([0.0, 5.0, 200.0], [3, 6, 190], **TIMES)
    np.testing.assert_allclose(r.load, [0, 5, 200], rtol=1e-14)
    np.testing.assert_allclose(r.queue.service_level, plain.service_level, rtol=1e-10)
    np.testing.assert_array_equal(r.redials, 0)


def test_where_all_call_again_there_is_an_answer_for_less_load_than_agents_only():
    r = with_redials(9.99, 10, redial=1, **TIMES)
    assert float(r.load * (1 - r.queue.abandonment)) == pytest.approx(9.99, rel=1e-9)
    assert r.lost == 0
    words = r"^load must be below agents x \(1 - reconnect\) where all redial; found 10.0$"
    with pytest.raises(ValueError, match=words):
        with_redials([5, 10], 10, redial=1, **TIMES)
    with pytest.raises(ValueError, match=r"found 9\.0$"):
        with_redials(9, 10, redial=1, reconnect=0.1, **TIMES)


@LAW
@given(st.floats(0.01, 300), st.integers(1, 300), st.floats(0, 0.95), st.floats(0, 0.5))
def test_more_who_call_again_are_more_calls(load, agents, redial, reconnect):
    fewer, more = (
        with_redials(load, agents, redial=again, reconnect=reconnect, **TIMES)
        for again in (redial, redial + 0.04)
    )
    assert load * (1 - 1e-12) <= fewer.load <= more.load * (1 + 1e-9)
    assert fewer.queue.service_level >= more.queue.service_level - 1e-9


@pytest.mark.parametrize("retry", [0.0, 0.3, 0.9, 1.0])
def test_retries_are_the_fixed_point_of_blocking(retry):
    first, servers = np.array([0.5, 8.0, 90.0]), np.array([2.0, 9.5, 100.0])
    r = extended_erlang_b(first, servers, retry=retry)
    np.testing.assert_allclose(r.blocking, erlang_b(r.load, servers), rtol=1e-12)
    np.testing.assert_allclose(r.load * (1 - retry * r.blocking), first, rtol=1e-10)
    # Whoever is not lost is served.
    np.testing.assert_allclose(first * (1 - r.lost), r.load * (1 - r.blocking), rtol=1e-10)


def test_retries_of_all_have_an_answer_for_less_load_than_servers_only():
    assert float(extended_erlang_b(4.9, 5, retry=1).lost) == 0
    with pytest.raises(ValueError, match=r"^load must be below agents where all retry; found 5.0$"):
        extended_erlang_b([1, 5], 5, retry=1)


@LAW
@given(st.floats(1e-12, 1 - 1e-9), st.one_of(st.floats(0.05, 1e5), st.integers(1, 2000)))
def test_the_load_of_a_blocking_blocks_so_much(blocking, servers):
    load = float(offered_load_for_blocking(blocking, servers))
    assert float(erlang_b(load, servers)) == pytest.approx(blocking, rel=1e-9)


@LAW
@given(st.one_of(st.just(0.0), st.floats(1e-3, 3e4)), st.floats(1e-9, 0.999))
def test_the_trunks_of_a_blocking_are_enough_and_one_fewer_are_not(load, blocking):
    trunks = int(trunks_for_blocking(load, blocking))
    assert erlang_b(load, trunks) <= blocking
    assert trunks == 0 or erlang_b(load, trunks - 1) > blocking


def test_blocking_targets_outside_their_bounds_are_refused():
    for bad in (0, 1, -0.1, float("nan")):
        with pytest.raises(ValueError, match=f"^blocking must be above 0 and below 1; found {bad}"):
            trunks_for_blocking(5, bad)
        with pytest.raises(ValueError, match=f"^blocking must be above 0 and below 1; found {bad}"):
            offered_load_for_blocking(bad, 5)
    with pytest.raises(ValueError, match=r"^agents must be finite and > 0; found 0.0$"):
        offered_load_for_blocking(0.1, 0)


@LAW
@example(load=159.75, agents=199, patience=202.0, aht=21.0)  # so few hang up: no upper bound
@given(st.floats(1e-2, 500), st.integers(1, 500), st.floats(2, 5000), st.floats(20, 900))
def test_erlang_a_gives_its_patience_back(load, agents, patience, aht):
    r = erlang_a(load, agents, aht_s=aht, answer_within_s=20, patience_s=patience)
    if r.abandonment < 1e-12:
        return
    waited = patience_from_waits(1000 * r.abandonment, 1000 * r.asa_s)
    assert float(waited.mean_s) == pytest.approx(patience, rel=1e-9)
    # In overload nearly the same share leaves however patient it is.
    excess = r.abandonment - max(0.0, 1 - agents / load)
    room = erlang_b(load, agents) - r.abandonment
    if min(excess, room) > 1e-6:
        found = patience_from_abandonment(load, agents, r.abandonment, aht_s=aht)
        assert float(found) == pytest.approx(patience, rel=1e-6)


def test_patience_and_its_interval_from_callers_who_wait():
    rng = np.random.default_rng(7)
    patience = rng.exponential(90, (1000, 300))
    offered_wait = rng.exponential(25, (1000, 300))
    waited = np.minimum(patience, offered_wait).sum(axis=1)
    found = patience_from_waits((patience < offered_wait).sum(axis=1), waited)
    assert found.mean_s.mean() == pytest.approx(90, rel=0.03)
    covered = np.mean((found.low_s <= 90) & (found.high_s >= 90))
    assert 0.88 <= covered <= 0.95
    # The trap: those who hang up waited far less than their patience.
    assert patience[patience < offered_wait].mean() < 30


def test_nobody_who_hangs_up_shows_patience_without_a_bound_above():
    found = patience_from_waits([0, 5], 1000)
    assert found.mean_s.tolist() == [np.inf, 200]
    assert np.isinf(found.high_s[0])
    assert 0 < found.low_s[0] < 1000


def test_an_abandonment_that_no_patience_explains_is_refused():
    words = r"^abandonment must be above max.* and below erlang_b\(load, agents\); found 0.05$"
    with pytest.raises(ValueError, match=words):
        patience_from_abandonment(100, 90, 0.05, aht_s=180)
    with pytest.raises(ValueError, match=r"found 0\.9$"):
        patience_from_abandonment(10, 14, 0.9, aht_s=180)
    with pytest.raises(ValueError, match=r"^wait_s must be finite and > 0; found 0$"):
        patience_from_waits(5, 0)
