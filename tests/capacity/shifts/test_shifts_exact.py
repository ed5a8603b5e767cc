"""The plan costs what brute force over whole weeks of every head says."""

from dataclasses import replace
from functools import reduce
from itertools import combinations, combinations_with_replacement, product

import numpy as np
import pytest

from forecast.capacity.shifts import (
    Break,
    Contract,
    Overtime,
    Shift,
    Template,
    TimeOff,
    Week,
    plan_shifts,
    premium,
    split_shift,
    window,
)
from forecast.capacity.shifts.templates import worked
from tests.capacity.shifts.weeks import WEEK, ask, full_time, need, part_time, site


def weeks_of(contract, place):
    """Return every week of a head as (heads per interval, cost), from the definitions alone."""
    found = set()
    for template in contract.templates:
        least, most = contract.days(template)
        for k in range(least, most + 1):
            for days in combinations(range(7), k):
                for shifts in product(template.shifts, repeat=k):
                    found |= variants_of(contract, place, days, shifts)
    return [(np.array(on), cost) for on, cost in found]


def variants_of(contract, place, days, shifts):
    """Return one choice of days and shifts with every choice of overtime and time off."""
    kinds = ["plain"]
    kinds += ["over"] * (contract.overtime is not None) + ["off"] * (contract.time_off is not None)
    out = set()
    for chosen in product(kinds, repeat=len(days)):
        if contract.overtime and chosen.count("over") > contract.overtime.days_max:
            continue
        if contract.time_off and chosen.count("off") > contract.time_off.days_max:
            continue
        on, cost = np.zeros(WEEK.intervals, dtype=int), 0.0
        for day, shift, kind in zip(days, shifts, chosen, strict=True):
            minutes = shift.length_min
            if kind == "over":
                minutes += contract.overtime.length_min
            if kind == "off":
                minutes -= contract.time_off.length_min
            for i in range(minutes // WEEK.interval_min):
                at = (day * 1440 + shift.start_min) // WEEK.interval_min + i
                at %= WEEK.intervals
                on[at] += 1
                extra = i >= shift.length_min // WEEK.interval_min
                rate = contract.overtime.multiplier if extra else 1.0
                rate += sum(share[at] for share in place.premiums.values())
                cost += contract.wage_per_hour * rate * WEEK.interval_min / 60
        out.add((tuple(on.tolist()), round(cost + contract.cost_per_head, 6)))
    return out


def brute_force(asked, most):
    """Return the least cost with up to ``most`` heads, over all multisets of weeks."""
    weeks = [w for c in asked.contracts for w in weeks_of(c, asked.sites[0])]
    required, best = asked.demand["a"], np.inf
    for n in range(most + 1):
        for chosen in combinations_with_replacement(range(len(weeks)), n):
            on = reduce(np.add, (weeks[j][0] for j in chosen), np.zeros_like(required))
            missing = np.maximum(required - on, 0).sum()
            paid = sum(weeks[j][1] for j in chosen)
            best = min(best, paid + missing * asked.understaffing_cost)
    return best


NARROW = {"hours_min": 40, "hours_max": 48}
CASES = {
    "fixed days": ask([1, 1, 2, 1, 1, 0, 0], (full_time(),), price=130.0),
    "5 or 6 days": ask([2, 2, 1, 2, 2, 1, 0], (full_time(**NARROW),), price=130.0),
    "a mix": ask(
        [1, 1, 1, 1, 1, 0, 0],
        (
            full_time(templates=(window("early", (480,), 480),)),
            part_time(hours_min=24, hours_max=24),
        ),
        price=90.0,
    ),
    "a head's own cost": ask([1, 1, 2, 1, 1, 0, 0], (full_time(cost_per_head=100.0),), price=150.0),
    "overtime": ask(
        [1, 1, 1, 1, 1, 0, 0],
        (
            full_time(
                templates=(window("early", (480,), 480),), overtime=Overtime(240, 2), rest_h=8
            ),
        ),
        price=160.0,
    ),
    "time off": ask(
        [1, 1, 1, 1, 1, 0, 0],
        (full_time(templates=(window("late", (720,), 480),), time_off=TimeOff(240, 1)),),
        price=100.0,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_cost_is_the_least_of_all_whole_weeks(case):
    asked = CASES[case]
    plan = plan_shifts(asked, gap_max=0)
    assert plan.cost == pytest.approx(brute_force(asked, 2), abs=0.01)
    assert 1 <= plan.heads["heads"].sum() <= 2, "brute force must have had heads enough"


def test_a_window_lets_starts_differ_from_day_to_day():
    split = np.zeros((7, 6), dtype="int64")
    split[:3, 2:4], split[3:5, 3:5] = 1, 1
    one = Template("either", (Shift(480, 480), Shift(720, 480)))
    kept = full_time(templates=(one,), rest_h=11)
    fixed = plan_shifts(ask([0] * 7, (full_time(),), required={"a": split.ravel()}, price=300.0), 0)
    free = plan_shifts(ask([0] * 7, (kept,), required={"a": split.ravel()}, price=300.0), 0)
    assert free.coverage["understaffed"].sum() == 0
    assert free.heads["heads"].sum() == 1
    assert free.cost < fixed.cost


def test_breaks_splits_and_nights_cover_what_they_should():
    week = Week(60)
    day = Shift(9 * 60, 9 * 60, (Break(240, 60), Break(420, 60, paid=True)))
    one = worked(day, 1, week, 0)
    assert one.on.nonzero()[0].tolist() == [33, 34, 35, 36, 38, 39, 41]
    assert one.paid.nonzero()[0].tolist() == [33, 34, 35, 36, 38, 39, 40, 41]
    assert one.seated.nonzero()[0].tolist() == list(range(33, 42))
    split = worked(split_shift(8 * 60, 180, 240, 180), 0, week, 0)
    assert split.on.nonzero()[0].tolist() == [8, 9, 10, 15, 16, 17]
    np.testing.assert_array_equal(split.on, split.seated)
    # Monday 02:00 in Shanghai is Sunday 18:00 UTC: the end of the ring.
    early = worked(Shift(120, 480), 0, week, 480)
    assert early.on.nonzero()[0].tolist() == [0, 1, *range(162, 168)]
    longer, shorter = worked(day, 1, week, 0, 120), worked(day, 1, week, 0, -120)
    assert set(longer.on.nonzero()[0]) - set(one.on.nonzero()[0]) == {42, 43}
    assert shorter.paid.sum() == one.paid.sum() - 2


def test_premiums_are_paid_where_local_time_says():
    week = Week(60)
    weekend = premium(week, 0.5, days=(5, 6), utc_offset_min=480)
    # Saturday 00:00 in Shanghai is Friday 16:00 UTC.
    assert weekend.nonzero()[0].tolist() == list(range(4 * 24 + 16, 6 * 24 + 16))
    everyday = np.zeros((7, 6), dtype="int64")
    everyday[:, 5] = 1
    night = Contract("n", "a", 10.0, (window("n", (1200,), 240),), 24, 24)
    plan = plan_shifts(ask([0] * 7, (night,), required={"a": everyday.ravel()}, price=60.0), 0)
    lines = plan.costs.set_index("line")
    # One head on 6 days of 4 h, its day off on the dear weekend.
    assert lines.loc["regular", "cost"] == 240
    assert lines.loc["night", "cost"] == 60
    assert lines.loc["weekend", "cost"] == 20
    assert lines.loc["understaffing", "cost"] == 60
    assert plan.cost == 240 + 60 + 20 + 60


def test_seats_bound_all_but_remote_heads():
    crowded = ask([4] * 5 + [0, 0], (full_time(),), price=300.0, sites=(site(seats=2),))
    plan = plan_shifts(crowded, 0)
    assert plan.seats["taken"].max() == 2
    assert plan.coverage["understaffed"].max() >= 2
    remote = plan_shifts(replace(crowded, contracts=(full_time(remote=True),)), 0)
    assert remote.seats["taken"].max() == 0
    assert remote.coverage["scheduled"].max() >= 4


def test_required_at_no_time_costs_nothing():
    plan = plan_shifts(ask([0] * 7))
    assert plan.cost == 0
    assert plan.heads.empty
    assert plan.gap == 0
    assert need([0] * 7).sum() == 0
