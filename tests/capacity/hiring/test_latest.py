"""The latest date on which a class can still be approved."""

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.hiring import Class, Cover, Decisions, Route, decide, evaluated, hiring_plan
from forecast.capacity.hiring.latest import delayed
from forecast.capacity.hiring.limits import limits_kept
from tests.capacity.hiring.cases import MONDAY, asked, params, site

WEEKS = 20


def looked_up(case, decisions, one):
    """The definition, one whole re-evaluation after the other, cover as the plan bought it."""
    plan = evaluated(case, decisions)
    kept = plan.needs["gap"].eq(0)
    allowed = 0
    for weeks in range(1, case.weeks - one.week + 1):
        late = delayed(decisions, one, weeks, case.weeks)
        again = evaluated(case, late)
        if case.params.confidence is None:
            if again.total > plan.total:
                return allowed
        else:
            there = again.needs["productive"] + plan.needs["cover"]
            if (there[kept] < plan.needs["required"][kept] - 1e-4).any():
                return allowed
        if limits_kept(case, late):
            allowed = weeks
    return None


def early(case, *classes):
    decisions = decide(case, *classes)
    return evaluated(case, decisions).classes, decisions


@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_last_delay_with_which_the_plan_keeps_its_targets(seed):
    rng = np.random.default_rng(seed)
    own = site(
        opening_heads={1: 3, 20: 20},
        training_weeks=int(rng.integers(0, 4)),
        training_seats=12,
        class_every_weeks=int(rng.integers(1, 3)),
    )
    required = rng.uniform(14, 22, (5, WEEKS))
    confidence = None if seed % 4 == 3 else 0.9
    cover = Cover(cost_per_head_week=800) if confidence is None else None
    case = asked(required, own, cover=cover, confidence=confidence)
    starts = rng.choice(np.arange(2, WEEKS - 2, 2), 5, replace=False)
    classes = [Class(int(w), 0, int(rng.integers(2, 4))) for w in starts]
    table, decisions = early(case, *classes)
    expected = [looked_up(case, decisions, one) for one in decisions.classes]
    assert [None if pd.isna(w) else w for w in table["slack_weeks"]] == expected


def test_a_class_that_is_early_can_wait_and_one_that_is_not_cannot():
    own = site(opening_heads={20: 10}, attrition={0: 0.0}, productivity=(1,), aht_factor=(1,))
    case = asked([10] * 8 + [12] * 4 + [14] * 8, own)
    table, _ = early(case, Class(3, 0, 2), Class(11, 0, 2))
    assert table["slack_weeks"].tolist() == [4, 0]
    assert table["latest_approval"].tolist() == [
        pd.Timestamp(MONDAY) + pd.Timedelta(weeks=week) for week in (2 + 4, 10)
    ]
    assert (table["latest_approval"] >= table["approve_by"]).all()


def test_a_tenth_of_a_head_that_lacks_is_a_miss():
    own = site(opening_heads={20: 10}, attrition={0: 0.0}, productivity=(1,), aht_factor=(1,))
    table, _ = early(asked([10] * 8 + [10.1] * 12, own), Class(3, 0, 2), Class(11, 0, 2))
    assert table["slack_weeks"].isna().tolist() == [False, True]
    assert table["slack_weeks"][0] == 4


def test_weeks_in_which_it_could_not_start_do_not_count():
    own = site(
        opening_heads={20: 10},
        attrition={0: 0.0},
        productivity=(1,),
        aht_factor=(1,),
        class_every_weeks=3,
    )
    case = asked([10] * 8 + [12] * 4 + [14] * 8, own)
    table, _ = early(case, Class(3, 0, 2), Class(9, 0, 2))
    assert table["slack_weeks"].tolist() == [3, 0]


def test_a_class_that_the_plan_never_needs_has_no_latest_date():
    case = asked(np.full(WEEKS, 1.0))
    table, _ = early(case, Class(5, 0, 3))
    assert table["latest_approval"].isna().all()


def test_heads_that_are_to_move_must_be_there():
    south = site(name="south", opening_heads={20: 2}, attrition={0: 0.0}, training_weeks=1)
    north = site(opening_heads={20: 5})
    route = Route(source="south", destination="north")
    required = {"north": np.full(WEEKS, 1.0), "south": np.zeros(WEEKS)}
    case = asked(required, north, south, routes=(route,))
    moved = np.zeros((1, WEEKS), dtype=int)
    moved[0, 10] = 4
    plan = evaluated(case, Decisions((Class(2, 1, 2),), moved, np.zeros((2, WEEKS), dtype=int)))
    # Tenured after three weeks, when north's attrition changes last; they set off in week 10.
    assert plan.classes["slack_weeks"].tolist() == [10 - 3 - 2]


def test_the_cheapest_plan_approves_no_class_later_than_it_can():
    required = np.linspace(20, 30, 40)
    own = site(opening_heads={20: 24}, class_sizes=(4, 6))
    plan = hiring_plan(required, MONDAY, params(own, gap=0.005, branches_max=5))
    assert len(plan.classes) > 3
    assert (plan.classes["slack_weeks"].fillna(0) >= 0).all()


@pytest.mark.parametrize("every", [1, 2])
def test_the_next_start_costs_what_the_later_plan_costs_more(every):
    own = site(opening_heads={20: 20}, class_sizes=(3, 4), class_every_weeks=every)
    required = np.linspace(20, 26, WEEKS)
    plan = hiring_plan(required, MONDAY, params(own, cover=Cover(cost_per_head_week=1500)))
    assert len(plan.classes) > 2
    for one, price in zip(plan.decisions.classes, plan.classes["next_start_cost"], strict=True):
        taken = {other.week for other in plan.decisions.classes}
        later = [w for w in range(one.week + 1, WEEKS) if w % every == 0 and w not in taken]
        if not later:
            assert np.isnan(price)
            continue
        late = evaluated(plan.case, delayed(plan.decisions, one, later[0] - one.week, WEEKS))
        assert price == pytest.approx(late.total - plan.total, abs=0.011)
        # Of the cheapest plan no class that waits saves money.
        assert price > -0.05


def test_the_next_start_has_no_price_where_no_cover_can_be_bought():
    own = site(opening_heads={20: 10}, attrition={0: 0.0}, productivity=(1,), aht_factor=(1,))
    case = asked([10] * 8 + [12] * 12, own)
    table, _ = early(case, Class(3, 0, 2))
    assert table["next_start_cost"].tolist() == [-2 * 700]
    table, _ = early(case, Class(7, 0, 2))
    assert table["next_start_cost"].isna().all()
