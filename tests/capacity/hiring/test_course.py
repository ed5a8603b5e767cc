"""The course of people: nothing is lost, and cohorts are what their tenure says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.capacity.hiring import Class, Decisions, Route, evaluated, follow
from forecast.capacity.hiring.books import LINES
from forecast.capacity.hiring.tenure import tenure_of
from tests.capacity.hiring.cases import asked, site

SOUTH = site(name="south", opening_heads={1: 2, 30: 9}, wage_per_week=500, severance_cost=1500)
ROUTES = (
    Route(source="south", destination="north", cost_per_head=100, delay_weeks=2),
    Route(source="north", destination="south", cost_per_head=50),
)
WEEKS = 12


@st.composite
def decisions_of_all_kinds(draw):
    classes = draw(
        st.lists(
            st.builds(Class, st.integers(1, WEEKS - 1), st.integers(0, 1), st.integers(2, 3)),
            max_size=6,
        )
    )
    moved, laid_off = np.zeros((2, WEEKS), dtype=int), np.zeros((2, WEEKS), dtype=int)
    for table in (moved, laid_off):
        for _ in range(draw(st.integers(0, 3))):
            table[draw(st.integers(0, 1)), draw(st.integers(0, WEEKS - 1))] = draw(
                st.integers(1, 2)
            )
    return Decisions(tuple(sorted(classes)), moved, laid_off)


def two_sites(required=(5.0,) * WEEKS, **changed):
    return asked(required, site(), SOUTH, routes=ROUTES, **changed)


@given(decisions_of_all_kinds())
@settings(max_examples=40, deadline=None)
def test_heads_in_are_heads_out_and_those_present(decisions):
    table = evaluated(two_sites(), decisions).heads
    for name, opening in (("north", 9), ("south", 11)):
        own = table[table["site"] == name]
        came = opening + own["joined"].sum() + own["moved_in"].sum()
        gone = own["leavers"].sum() + own["moved_out"].sum() + own["laid_off"].sum()
        assert came == pytest.approx(gone + own["heads"].iloc[-1] - own["leavers"].iloc[-1])
        parts = own[["in_training", "ramping", "full", "on_the_way"]].sum(axis=1)
        np.testing.assert_allclose(parts, own["heads"])


@given(decisions_of_all_kinds())
@settings(max_examples=40, deadline=None)
def test_a_site_without_moves_is_the_sum_of_its_cohorts(decisions):
    # The second way: every cohort by its own survival, opening staff by theirs.
    still = Decisions(decisions.classes, 0 * decisions.moved, 0 * decisions.laid_off)
    table = evaluated(two_sites(), still).heads
    for k, own in enumerate((site(), SOUTH)):
        tenure = tenure_of(own)
        survival, work = tenure.survives(60), tenure.works(60)
        heads, productive = np.zeros(WEEKS), np.zeros(WEEKS)
        joined = [(one.week, 0, one.size) for one in still.classes if one.site == k]
        for start, tenure_then, size in [
            *joined,
            *((0, weeks, n) for weeks, n in own.opening_heads.items()),
        ]:
            for week in range(start, WEEKS):
                age = tenure_then + week - start
                heads[week] += size * survival[age] / survival[tenure_then]
                productive[week] += size * survival[age] / survival[tenure_then] * work[age]
        told = table[table["site"] == own.name]
        np.testing.assert_allclose(told["heads"], heads)
        np.testing.assert_allclose(told["productive"], productive)


def test_heads_on_their_way_are_paid_and_do_no_work():
    decisions = Decisions((), np.zeros((2, WEEKS), dtype=int), np.zeros((2, WEEKS), dtype=int))
    decisions.moved[0, 3] = 4
    table = evaluated(two_sites(), decisions).heads
    north = table[table["site"] == "north"].reset_index(drop=True)
    assert north["on_the_way"].round(4).tolist()[2:7] == [0, 4, 3.84, 0, 0]
    assert north["moved_in"].tolist()[3] == 4
    alone = evaluated(two_sites(), Decisions((), 0 * decisions.moved, 0 * decisions.laid_off))
    gained = north["productive"] - alone.heads["productive"][:WEEKS]
    assert gained.round(6).tolist()[3:6] == [0, 0, round(4 * 0.96**2, 6)]


@given(decisions_of_all_kinds(), st.sampled_from([0.9, None]))
@settings(max_examples=40, deadline=None)
def test_costs_add_up_to_the_cent(decisions, confidence):
    case = two_sites(
        confidence=confidence,
        cover={"cost_per_head_week": 1234.567},
        terminal={"value_per_head": 777.77},
    )
    plan = evaluated(case, decisions)
    cents = (plan.costs[list(LINES)] * 100).round().astype("int64")
    np.testing.assert_allclose(cents / 100, plan.costs[list(LINES)], rtol=0, atol=1e-9)
    assert cents.to_numpy().sum() == round(plan.total * 100)
    np.testing.assert_array_equal(cents.sum(axis=1), (plan.costs["total"] * 100).round())


def test_each_line_is_what_it_says():
    own = site(opening_heads={20: 10}, attrition={0: 0.0}, severance_cost=2000)
    case = asked(np.full(5, 11.0), own, cover={"cost_per_head_week": 1000})
    moved = np.zeros((0, 5), dtype=int)
    laid_off = np.array([[0, 0, 0, 0, 1]])
    costs = evaluated(case, Decisions((Class(1, 0, 3),), moved, laid_off)).costs
    assert costs["hiring"].tolist() == [0, 2700, 0, 0, 0]
    assert costs["training"].tolist() == [0, 400 + 450, 0, 0, 0]
    assert costs["wages"].tolist() == [7000, 9100, 9100, 9100, 8400]
    # Three new heads of half productivity and 1.3 the handle time do 1.154 in their first week.
    assert costs["shortage"].tolist() == [1000, 1000, 0, 0, 0]
    assert costs["severance"].tolist() == [0, 0, 0, 0, 2000]


def test_nothing_given_is_changed():
    case = two_sites()
    decisions = Decisions((Class(2, 0, 3),), np.ones((2, WEEKS), int), np.ones((2, WEEKS), int))
    first = follow(case, decisions)
    np.testing.assert_array_equal(first.heads, follow(case, decisions).heads)
    assert (decisions.moved == 1).all()
