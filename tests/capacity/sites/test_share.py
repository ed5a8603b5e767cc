"""Load shared between sites: the least cost there is, found by trying everything."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.capacity.sites import share_load
from forecast.errors import InputError


@st.composite
def small(draw):
    """One interval, two queues, two sites, few agents."""
    need = np.array(draw(st.lists(st.integers(0, 3), min_size=2, max_size=2)))
    can = np.array(draw(st.lists(st.booleans(), min_size=4, max_size=4))).reshape(2, 2)
    price = np.array(draw(st.lists(st.integers(1, 9), min_size=4, max_size=4))).reshape(2, 2)
    seats = np.array(draw(st.lists(st.sampled_from([0, 1, 2, 3, np.inf]), min_size=2, max_size=2)))
    return need, can, price, seats


def every_way(need, can, seats):
    """Return all whole allocations (queues x sites) that keep every rule."""
    counts = [range(need[q] + 1) if can[q, s] else [0] for q in range(2) for s in range(2)]
    for x in itertools.product(*counts):
        table = np.array(x).reshape(2, 2)
        if (table.sum(axis=1) <= need).all() and (table.sum(axis=0) <= seats).all():
            yield table


def found_of(case, unmet_price=None):
    need, can, price, seats = case
    return share_load([need], can[None], price[None], seats, unmet_price)


@given(small(), st.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_no_way_costs_less_where_missing_agents_have_a_price(case, unmet_price):
    need, can, price, seats = case
    found = found_of(case, unmet_price)
    best = min(
        (x * price).sum() + unmet_price * (need - x.sum(axis=1)).sum()
        for x in every_way(need, can, seats)
    )
    assert found.cost + unmet_price * found.unmet.sum() == pytest.approx(best)


@given(small())
@settings(max_examples=60, deadline=None)
def test_without_a_price_as_few_are_missing_as_can_be_and_that_at_least_cost(case):
    need, can, price, seats = case
    found = found_of(case)
    ways = [((need - x.sum(axis=1)).sum(), (x * price).sum()) for x in every_way(need, can, seats)]
    assert (found.unmet.sum(), found.cost) == pytest.approx(min(ways))


@st.composite
def large(draw):
    seed = draw(st.integers(0, 9999))
    rng = np.random.default_rng(seed)
    need = rng.integers(0, 30, (6, 4))
    can = rng.random((6, 4, 3)) < 0.6
    return need, can, rng.uniform(5, 40, (6, 4, 3)), rng.integers(0, 50, 3).astype(float)


@given(large())
@settings(max_examples=20, deadline=None)
def test_whole_needs_and_seats_split_no_agent_and_keep_every_rule(case):
    need, can, price, seats = case
    found = share_load(need, can, price, seats, 60.0)
    np.testing.assert_array_equal(found.agents, np.round(found.agents))
    np.testing.assert_allclose(found.agents.sum(axis=2) + found.unmet, need)
    assert (found.agents.sum(axis=1) <= seats + 1e-9).all()
    assert not found.agents[~can].any()


@given(large(), st.integers(0, 2))
@settings(max_examples=20, deadline=None)
def test_a_seat_more_never_costs_and_a_site_less_never_saves(case, k):
    need, can, price, seats = case

    def total(room):
        found = share_load(need, can, price, room, 60.0)
        return found.cost + 60.0 * found.unmet.sum()

    usual = total(seats)
    assert total(seats + (np.arange(3) == k)) <= usual + 1e-6
    assert total(np.where(np.arange(3) == k, 0.0, seats)) >= usual - 1e-6


def test_an_interval_knows_nothing_of_another():
    rng = np.random.default_rng(3)
    need, price = rng.integers(0, 9, (5, 2)), rng.uniform(1, 9, (5, 2, 2))
    can, seats = np.ones((5, 2, 2), dtype=bool), [6.0, 7.0]
    whole = share_load(need, can, price, seats, 20.0)
    parts = [share_load(need[[t]], can[[t]], price[[t]], seats, 20.0) for t in range(5)]
    assert whole.cost == pytest.approx(sum(part.cost for part in parts))


def test_a_chain_of_moves_is_worth_one_agent_more():
    # Only the dear site speaks the first queue's language: the second queue must make room there.
    can = np.array([[[True, False], [True, True]]])
    found = share_load([[2, 2]], can, [[[1, 0], [1, 100]]], [2, 5])
    assert found.unmet.sum() == 0
    assert found.agents[0].tolist() == [[2, 0], [0, 2]]


def test_nothing_needed_is_nothing_shared():
    found = share_load(np.zeros((2, 1)), np.ones((2, 1, 1)), np.ones((2, 1, 1)), [1.0])
    assert (found.cost, found.agents.sum(), found.unmet.sum()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("need", "price", "seats", "why"),
    [
        ([1.0], [[[1.0]]], [1.0], "need must be intervals x queues"),
        ([[-1.0]], [[[1.0]]], [1.0], "need must be finite and >= 0; found -1"),
        ([[1.0]], [[[np.nan]]], [1.0], "price must be finite"),
        ([[1.0]], [[[1.0]]], [-1.0], "seats must be >= 0"),
    ],
)
def test_what_cannot_be_is_refused(need, price, seats, why):
    with pytest.raises(InputError, match=why):
        share_load(need, [[[True]]], price, seats)
