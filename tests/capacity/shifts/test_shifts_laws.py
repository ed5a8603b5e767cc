"""Laws of every plan: what it covers, whom it works, what it costs, and which way costs move."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.capacity.shifts import (
    Ask,
    Overtime,
    Share,
    TimeOff,
    plan_shifts,
    price_of_not_pooling,
    saving_of_mix,
    tours,
    window,
)
from forecast.capacity.shifts import search as searching
from forecast.capacity.shifts.model import model_of
from tests.capacity.shifts.weeks import WEEK, ask, full_time, need, part_time, site

LEVELS = st.lists(st.integers(0, 6), min_size=7, max_size=7)
PRICES = st.sampled_from([95.5, 130.0, 300.0])
FLEXIBLE = full_time(
    rest_h=8, overtime=Overtime(240, 0.5), time_off=TimeOff(240, 1), cost_per_head=12.345
)
NIGHTS = part_time(
    name="nights",
    templates=(window("nights", (1200,), 480),),
    hours_min=16,
    hours_max=32,
)


@settings(max_examples=15, deadline=None)
@given(LEVELS, PRICES)
def test_coverage_hours_rest_and_cost_keep_their_equations(levels, price):
    asked = ask(levels, (FLEXIBLE, part_time(), NIGHTS), price=price)
    plan = plan_shifts(asked, 0.002)
    dealt = tours(asked, plan)
    cover = plan.coverage
    assert (cover["scheduled"] - cover["required"]).equals(
        cover["overstaffed"] - cover["understaffed"]
    )
    np.testing.assert_array_equal(cover["scheduled"], counted(asked, dealt))
    for contract in asked.contracts:
        for template in contract.templates:
            own = dealt[(dealt["contract"] == contract.name) & (dealt["template"] == template.name)]
            each_head_is_kept(contract, template, own)
    heads = dealt.groupby(["contract", "template"])["head"].nunique().sum() if len(dealt) else 0
    assert heads == plan.heads["heads"].sum(), "every head that is paid works"
    cents = (100 * plan.costs["cost"]).round().sum()
    assert round(100 * plan.cost) == cents
    assert plan.bound <= plan.cost * (1 + 1e-9)
    assert plan.gap <= 0.002


def counted(asked, dealt):
    """Count heads at work in every interval from the weeks of single heads."""
    on = np.zeros(WEEK.intervals, dtype=int)
    longer = {"shift": 0, "overtime": 240, "time off": -240}
    for row in dealt.itertuples():
        start, end = row.shift.split("-")
        begin = 60 * int(start[:2]) + int(start[3:])
        minutes = (60 * int(end[:2]) + int(end[3:]) - begin) % 1440 + longer[row.variant]
        for i in range(minutes // 240):
            on[(row.day * 6 + begin // 240 + i) % WEEK.intervals] += 1
    return on


def each_head_is_kept(contract, template, own):
    """Check days, weekly hours, one shift a day, rest, overtime of every head of a template."""
    least, most = contract.days(template)
    for _, week in own.groupby("head"):
        assert week["day"].is_unique
        assert least <= len(week) <= most
        assert contract.hours_min <= len(week) * template.paid_min / 60 <= contract.hours_max
        for variant, beyond in (("overtime", contract.overtime), ("time off", contract.time_off)):
            days = (week["variant"] == variant).sum()
            assert days <= (np.ceil(beyond.days_max) if beyond else 0)
        spans = {shift.name: (shift.start_min, shift.end_min) for shift in template.shifts}
        by_day = week.set_index("day")
        for day in by_day.index:
            after = (day + 1) % 7
            if after in by_day.index:
                end = spans[by_day.loc[day, "shift"]][1]
                end += contract.variants[by_day.loc[day, "variant"]]
                start = 1440 + spans[by_day.loc[after, "shift"]][0]
                assert start - end >= 60 * contract.rest_h


@settings(max_examples=15, deadline=None)
@given(LEVELS, st.lists(st.integers(0, 2), min_size=7, max_size=7), PRICES)
def test_more_required_never_costs_less(levels, more, price):
    higher = [level + extra for level, extra in zip(levels, more, strict=True)]
    low, high = plan_shifts(ask(levels, price=price), 0), plan_shifts(ask(higher, price=price), 0)
    assert high.cost >= low.cost - 0.01


@settings(max_examples=15, deadline=None)
@given(LEVELS, PRICES)
def test_part_time_never_makes_it_dearer(levels, price):
    found = saving_of_mix(ask(levels, price=price), ["full"], 0)
    assert found.saving >= -0.01
    assert set(found.other.heads["contract"]) <= {"full"}
    assert found.saving_least <= found.saving + 0.01


@settings(max_examples=15, deadline=None)
@given(LEVELS, LEVELS, PRICES)
def test_pooling_never_costs_more(first, second, price):
    found = price_of_not_pooling(two_sites(first, second, price), 0)
    assert found.saving >= -0.01
    shared, apart = found.plan.coverage, found.other.coverage
    assert shared["required"].sum() == apart["required"].sum()


def two_sites(first, second, price):
    sites = (site(), replace(site(), name="b", premiums={}))
    contracts = (full_time(), part_time(), full_time(name="cheap", site="b", wage_per_hour=15.0))
    required = {"a": need(first), "b": need(second)}
    return Ask(WEEK, sites, contracts, required, understaffing_cost=price)


def test_pooled_load_goes_to_the_cheap_site_until_its_seats_are_taken():
    both = two_sites([2] * 5 + [0, 0], [0] * 7, 300.0)
    asked = replace(both, contracts=(both.contracts[0], both.contracts[2]))
    free = plan_shifts(replace(asked, pooled=True), 0)
    assert set(free.heads["site"]) == {"b"}
    few = (asked.sites[0], replace(asked.sites[1], seats=1))
    crowded = plan_shifts(replace(asked, pooled=True, sites=few), 0)
    assert set(crowded.heads["site"]) == {"a", "b"}
    assert crowded.seats.loc[crowded.seats["site"] == "b", "taken"].max() == 1
    assert crowded.cost > free.cost
    apart = price_of_not_pooling(asked, 0)
    assert apart.saving == pytest.approx(apart.other.cost - free.cost)


@pytest.mark.parametrize("of", ["hours", "heads"])
def test_shares_of_a_mix_are_kept_and_cost(of):
    plain = plan_shifts(ask([4, 5, 4, 5, 4, 2, 1], price=300.0), 0)
    rule = Share(("part",), at_least=0.3, at_most=0.5, of=of)
    kept = plan_shifts(ask([4, 5, 4, 5, 4, 2, 1], price=300.0, shares=(rule,)), 0)
    column = {"hours": "paid_hours", "heads": "heads"}[of]
    by_contract = kept.heads.groupby("contract")[column].sum()
    assert 0.3 <= by_contract["part"] / by_contract.sum() <= 0.5
    assert kept.cost >= plain.cost


def test_temps_overtime_and_time_off_only_help():
    tight = ask([3, 3, 4, 3, 3, 1, 0], (full_time(heads_max=4),), price=200.0)
    before = plan_shifts(tight, 0)
    temps = part_time(name="temps", wage_per_hour=30.0, heads_max=1, cost_per_head=20.0)
    with_temps = plan_shifts(replace(tight, contracts=(*tight.contracts, temps)), 0)
    assert with_temps.cost <= before.cost
    assert with_temps.heads.set_index("contract")["heads"].get("temps", 0) <= 1
    flexible = full_time(heads_max=4, rest_h=8, overtime=Overtime(240, 1), time_off=TimeOff(240, 1))
    beyond = plan_shifts(replace(tight, contracts=(flexible,)), 0)
    assert beyond.cost <= before.cost
    over = beyond.costs.set_index("line").loc["overtime"]
    assert over["cost"] == pytest.approx(over["hours"] * 20 * 1.5)


def test_forced_heads_are_paid_and_work_their_hours():
    plan = plan_shifts(ask([0] * 7, (full_time(heads_min=3),)), 0)
    assert plan.heads["heads"].sum() == 3
    assert plan.paid_hours == 120


def test_the_same_ask_gives_the_same_plan():
    asked = ask([4, 6, 3, 5, 4, 2, 1], (FLEXIBLE, part_time()))
    first, second = plan_shifts(asked), plan_shifts(asked)
    for name in ("heads", "shifts", "coverage", "costs"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


@pytest.mark.parametrize("price", [95.5, None])
def test_the_search_for_large_weeks_keeps_the_rules_and_its_bound_is_one(monkeypatch, price):
    asked = ask([20, 23, 19, 24, 22, 9, 7], (FLEXIBLE, part_time(), NIGHTS), price=price)
    exact = plan_shifts(asked, 0.0005)
    monkeypatch.setattr(searching, "DIRECT", 0)
    monkeypatch.setattr(searching, "STRETCH", 25)
    model = model_of(asked)
    found = searching.solve(model, 0.01)
    assert found.bound <= exact.cost
    assert found.cost >= exact.bound - 1e-6
    assert found.cost <= found.bound * 1.02
    used = model.matrix @ found.x
    assert (used >= model.lower - 1e-6).all()
    assert (used <= model.upper + 1e-6).all()
    whole = found.x[: len(model.columns)]
    np.testing.assert_array_equal(whole, np.round(whole))


def test_a_stretch_that_whole_heads_cannot_cover_opens_them_again(monkeypatch):
    asked = ask([9, 11, 8, 10, 9, 4, 3], (full_time(), part_time()), price=None)
    model = model_of(asked)
    monkeypatch.setattr(searching, "DIRECT", 0)
    monkeypatch.setattr(searching, "STRETCH", 10)
    solve_part, calls = searching._part, []

    def fails_at_the_second_stretch(model, whole, gap_max, **how):
        calls.append(whole)
        if len(calls) == 4:
            return searching.Found(None, np.inf, -np.inf)
        return solve_part(model, whole, gap_max, **how)

    monkeypatch.setattr(searching, "_part", fails_at_the_second_stretch)
    found = searching.solve(model, 0.01)
    assert calls[4][model.is_heads].all()
    used = model.matrix @ found.x
    assert (used >= model.lower - 1e-6).all()
    assert (used <= model.upper + 1e-6).all()
    assert found.bound <= found.cost
