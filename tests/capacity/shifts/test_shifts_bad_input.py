"""What cannot be is refused, with what, where and how to mend it."""

import numpy as np
import pytest

from forecast.capacity.shifts import (
    Break,
    Overtime,
    Share,
    Shift,
    Template,
    TimeOff,
    Week,
    plan_shifts,
    saving_of_mix,
    what_gives_way,
    window,
)
from forecast.errors import InputError
from tests.capacity.shifts.weeks import ask, full_time, need, part_time, site


def test_a_week_that_cannot_be_covered_names_interval_and_limit():
    short = ask([2, 2, 2, 2, 2, 0, 0], (full_time(heads_max=1),), price=None)
    with pytest.raises(InputError, match="no plan keeps every rule") as error:
        plan_shifts(short)
    told = str(error.value)
    assert "coverage of 'a' at Mon 08:00 UTC (interval 2)" in told
    assert "contract 'full' has all its 1 heads" in told
    way = what_gives_way(short)
    # One head gives 2 of the 15 x 2 a day for 5 days.
    assert way.loc[way["constraint"] == "coverage", "amount"].sum() == pytest.approx(20)


def test_an_interval_that_no_shift_reaches_is_named():
    asked = ask([0] * 7, (full_time(),), price=None, required={"a": need([0, 3], at=(0,))})
    way = what_gives_way(asked)
    assert way["at"].tolist() == ["Tue 00:00"]
    assert way["amount"].tolist() == [3]
    assert way["because"].tolist() == ["no shift is worked then"]
    with pytest.raises(InputError, match=r"Tue 00:00 UTC .interval 6.: 3 heads short; no shift is"):
        plan_shifts(asked)


def test_seats_are_named_where_they_are_taken():
    asked = ask([1, 1, 3, 1, 1, 0, 0], (full_time(),), price=None, sites=(site(seats=2),))
    with pytest.raises(InputError, match=r"Wed .*; all 2 seats of 'a' are taken"):
        plan_shifts(asked)


def test_heads_that_have_no_seat_are_named():
    asked = ask([0] * 7, (full_time(heads_min=30),), sites=(site(seats=1),))
    with pytest.raises(InputError, match=r"(heads|seats) of '(full|a)'"):
        plan_shifts(asked)


def test_nothing_gives_way_where_all_can_be_kept():
    assert what_gives_way(ask([1] * 7, price=None)).empty


def test_whole_heads_are_named_where_halves_would_do():
    # Half a head a day is what seven days of one head need: 7/5 heads, of whom there may be one.
    asked = ask(
        [1] * 7,
        (full_time(heads_max=2, templates=(window("d", (480,), 480),), hours_max=40),),
        price=None,
        required={"a": need([1, 1, 1, 1, 1, 1, 1], at=(2, 3))},
        shares=(Share(("full",), at_least=1.0),),
    )
    assert what_gives_way(asked).empty
    assert plan_shifts(asked).heads["heads"].sum() == 2


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Week(50), "must divide a day of 1440 minutes; found 50"),
        (lambda: Shift(1500, 60), "start_min must be 0 to 1439; found 1500"),
        (lambda: Shift(0, 0), "length_min must be 1 to 1440; found 0"),
        (lambda: Shift(0, 60, (Break(45, 30),)), "its last break ends after the shift"),
        (lambda: Shift(0, 60, (Break(30, 10), Break(20, 10))), "breaks must follow each other"),
        (lambda: Template("t", (Shift(0, 60), Shift(0, 120))), r"one paid length; found \[60, 120"),
        (lambda: ask([1] * 7, (full_time(hours_min=41, hours_max=47),)), "no whole number of up"),
        (
            lambda: ask([1] * 7, (full_time(templates=(window("t", (360, 840), 480),)),)),
            "8 h between the latest end and the earliest start, 11 h must be kept",
        ),
        (lambda: ask([1] * 7, (full_time(site="z"),)), "there is no site 'z'"),
        (lambda: ask([1] * 7, (full_time(), full_time())), "contract 'full' occurs twice"),
        (lambda: ask([1] * 7, (full_time(templates=()),)), "has no template"),
        (lambda: ask([1] * 7, (full_time(wage_per_hour=np.nan),)), "must be >= 0; found"),
        (lambda: ask([1] * 7, (full_time(heads_min=3, heads_max=2),)), "found 3 and 2"),
        (lambda: ask([1] * 7, required={"a": np.ones(3)}), r"must have 42 intervals; found \(3,\)"),
        (lambda: ask([1] * 7, required={"a": need([1]) - 0.5}), "found -0.5 at Mon 00:00 UTC"),
        (lambda: ask([1] * 7, required={"b": need([1])}), "required: there is no site 'b'"),
        (lambda: ask([1] * 7, price=-1.0), "understaffing_cost must be >= 0; found -1"),
        (lambda: ask([1] * 7, sites=(site(premiums={"night": np.ones(2)}),)), "must be 42 numbers"),
        (lambda: ask([1] * 7, sites=(site(premiums={"heads": np.ones(42)}),)), "another cost line"),
        (lambda: ask([1] * 7, (full_time(overtime=Overtime(0, 1)),)), "overtime must last, on 0"),
        (lambda: ask([1] * 7, (full_time(overtime=Overtime(60, 1, -1)),)), "multiplier must be >="),
        (lambda: ask([1] * 7, (full_time(time_off=TimeOff(480, 1)),)), "leaves nothing of the"),
        (lambda: ask([1] * 7, shares=(Share(("x",)),)), "shares: there is no contract 'x'"),
        (lambda: ask([1] * 7, shares=(Share(("full",), 0.9, 0.1),)), "at_least <= at_most"),
        (lambda: plan_shifts(ask([1] * 7), gap_max=-1), "gap_max must be at least 0"),
        (lambda: saving_of_mix(ask([1] * 7), ["x"]), "there is no contract 'x'"),
        (
            lambda: plan_shifts(ask([1] * 7, (part_time(templates=(window("q", (495,), 240),)),))),
            "must be a multiple of the interval of 240 min; found",
        ),
    ],
)
def test_bad_input_is_refused_in_words(make, message):
    with pytest.raises(InputError, match=message):
        make()
