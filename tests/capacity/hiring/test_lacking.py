"""What cannot be had is refused with week, heads and reason; so is bad input."""

import numpy as np
import pytest
from pydantic import ValidationError

from forecast.capacity.hiring import (
    Cover,
    HiringInfeasible,
    HiringParams,
    Route,
    by_week,
    hiring_plan,
)
from forecast.errors import InputError, ParamsError
from tests.capacity.hiring.cases import MONDAY, params, site

STEADY = site(opening_heads={20: 10}, attrition={0: 0.0}, productivity=(1,), aht_factor=(1,))


def refusal(required, own, **changed):
    with pytest.raises(HiringInfeasible) as caught:
        hiring_plan(required, MONDAY, params(own, **changed))
    return caught.value


def test_heads_asked_for_before_any_class_can_be_trained_are_told_as_time():
    own = STEADY.model_copy(update={"lead_weeks": 3, "training_weeks": 2})
    error = refusal([10, 10, 12.5, 13, 13, 13, 13], own)
    assert error.lacking["reason"].tolist() == ["time"] * 3
    assert error.lacking["lacking"].round(3).tolist() == [2.5, 3, 3]
    assert "all, week of 2026-01-19: required 12.5, lacking 2.5 (time)" in str(error)
    assert "at least 8.5 head-weeks lack" in str(error)
    assert "first class can be productive on: north 2026-02-09" in str(error)
    assert isinstance(error, ParamsError)


def test_heads_that_no_class_has_room_for_are_told_as_limits():
    required = [10, 10, 10, 16, 16, 16]
    assert len(hiring_plan(required, MONDAY, params(STEADY)).classes) == 2
    # Classes of 3 in weeks 1 and 2 are there in week 3; with seats for 2, two of them lack.
    few = STEADY.model_copy(update={"training_seats": 2})
    error = refusal(required, few)
    assert error.lacking["reason"].eq("class limits").all()
    assert error.lacking["lacking"].round(3).tolist() == [2]
    assert "raise class_sizes, classes_per_week_max or training_seats" in str(error)


def test_cover_mends_it_as_far_as_it_goes():
    jump = [10, 14, 14, 14, 14, 14]
    price = Cover(cost_per_head_week=500, heads_max=3)
    error = refusal(jump, STEADY, cover=price)
    assert error.lacking["lacking"].round(3).iloc[0] == 1
    enough = Cover(cost_per_head_week=500, heads_max=4)
    plan = hiring_plan(jump, MONDAY, params(STEADY, cover=enough))
    assert plan.needs["cover"].max() == pytest.approx(4)


def test_a_sites_own_need_is_named():
    south = STEADY.model_copy(update={"name": "south"})
    with pytest.raises(HiringInfeasible, match=r"south, week of 2026-01-05: required 11\.0"):
        hiring_plan({"north": [9, 9], "south": [11, 9]}, MONDAY, params(STEADY, south))


@pytest.mark.parametrize(
    ("required", "words"),
    [
        ([], r"must be heads by week, or by path and week.*found shape \(0,\)"),
        ([1, np.nan], r"required of all must be finite and >= 0; found nan in week 1"),
        ([1, -2], r"found -2.0 in week 1"),
        (np.zeros((2, 2, 2)), r"found shape \(2, 2, 2\)"),
        ({"north": [1], "west": [1]}, r"must have the sites north; found north, west"),
    ],
)
def test_a_requirement_that_is_none_is_refused(required, words):
    with pytest.raises(InputError, match=words):
        hiring_plan(required, MONDAY, params(STEADY))


def test_weeks_must_be_as_many_for_every_site():
    two = params(STEADY, STEADY.model_copy(update={"name": "south"}))
    with pytest.raises(InputError, match=r"as many weeks for every site.*'north': 1, 'south': 2"):
        hiring_plan({"north": [1], "south": [1, 1]}, MONDAY, two)


def test_periods_must_be_in_order_and_hold_the_first_week():
    with pytest.raises(InputError, match="starts must be 2 dates in order"):
        by_week([1], [MONDAY], MONDAY)
    with pytest.raises(InputError, match="first_week must lie within the periods"):
        by_week([1], [MONDAY.replace(day=6), MONDAY.replace(day=20)], MONDAY)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"sites": ()}, "at least 1 item"),
        ({"sites": (STEADY, STEADY)}, "different names; found north, north"),
        ({"routes": (Route(source="north", destination="x"),)}, "found north to x"),
        ({"confidence": None}, "the expected shortage is priced: give cover"),
        ({"confidence": 1.2}, "less than or equal to 1"),
        ({"gape": 0.1}, "Extra inputs are not permitted"),
    ],
)
def test_settings_that_do_not_fit_are_refused(changed, words):
    with pytest.raises(ValidationError, match=words):
        HiringParams(**{"sites": (STEADY,), **changed})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"attrition": {4: 0.1}}, r"must say what holds from week 0; found weeks \[4\]"),
        ({"attrition": {0: 1.0}}, "less than 1"),
        ({"class_sizes": ()}, "at least 1 item"),
        ({"lead_weeks": -1}, "greater than or equal to 0"),
        ({"opening_heads": {3: 2.5}}, "valid integer"),
        ({"aht_factor": (0,)}, "greater than 0"),
    ],
)
def test_a_site_that_cannot_be_is_refused(changed, words):
    with pytest.raises(ValidationError, match=words):
        site(**changed)
