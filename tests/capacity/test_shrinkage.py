"""The shrinkage ledger: compounding by hand, the same figures by interval and by year."""

import time
from fractions import Fraction
from math import ceil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from forecast.capacity.people import (
    PaidHours,
    Positions,
    fte_of,
    heads_for,
    paid_hours_of,
    scheduled_for,
)
from forecast.capacity.shrinkage import compounded, parts, plan, shrinkage
from forecast.errors import ParamsError
from forecast.params.shrinkage import ShrinkageParams

OUT, IN = "out of office", "in office"


def row(name, share, of, place, *, planned=True, when=()):
    return {
        "name": name, "share": share, "of": of, "place": place, "planned": planned,
        "when": list(when),
    }  # fmt: skip


TRADE = [
    row("leave", 0.08, "paid", OUT, when=[{"share": 0.12, "months": [7, 8]}]),
    row("public holidays", 0.04, "paid", OUT),
    row("sickness", 0.05, "rostered", OUT, planned=False),
    row("absence without leave", 0.01, "rostered", OUT, planned=False),
    row("late arrival", 0.01, "rostered", OUT, planned=False),
    row("breaks", 0.1, "office", IN, when=[{"share": 0, "starts": "22:00", "ends": "06:00"}]),
    row("training", 0.02, "office", IN, when=[{"share": 0.1, "days": ["tue"]}]),
    row("coaching", 0.02, "office", IN),
    row("meetings", 0.02, "office", IN, planned=False),
    row("projects", 0.01, "paid", IN),
]
LEDGER = ShrinkageParams(activities=TRADE)


def at(*moments):
    return pd.DatetimeIndex(moments).as_unit("us")


def test_compounding_by_hand():
    # Paid 1; rostered 0.88; in the office 0.88 (1 - 0.07) = 0.8184; of it 0.16, and 0.01 of paid.
    (morning,) = shrinkage(LEDGER, at("2024-03-04 10:00"))
    assert morning == pytest.approx(1 - (0.8184 * 0.84 - 0.01), abs=1e-15)
    # In summer 0.84 are rostered and 0.7812 there.
    (summer,) = shrinkage(LEDGER, at("2024-07-01 10:00"))
    assert summer == pytest.approx(1 - (0.7812 * 0.84 - 0.01), abs=1e-15)
    # Without breaks at night, and with training on a Tuesday.
    (night,) = shrinkage(LEDGER, at("2024-03-04 23:30"))
    assert night == pytest.approx(1 - (0.8184 * 0.94 - 0.01), abs=1e-15)
    (tuesday,) = shrinkage(LEDGER, at("2024-03-05 10:00"))
    assert tuesday == pytest.approx(1 - (0.8184 * 0.76 - 0.01), abs=1e-15)


def test_times_begin_and_end_where_they_say():
    ends = at("2024-01-01 05:59", "2024-01-01 06:00", "2024-01-01 21:59", "2024-01-01 22:00")
    assert (parts(LEDGER, ends)["breaks"] > 0).tolist() == [False, True, True, False]
    weeks = ShrinkageParams(
        activities=[
            row("leave", 0.1, "paid", OUT, when=[
                {"share": 0.0, "first_day": "2024-11-01", "last_day": "2024-11-12"},
                {"share": 0.05, "months": [11], "days": ["mon"]},
            ])
        ]
    )  # fmt: skip
    days = at("2024-10-31 23:30", "2024-11-01", "2024-11-04", "2024-11-12 23:30", "2024-11-13")
    # On Monday the 4th both hold: the last counts.
    assert shrinkage(weeks, days).tolist() == [0.1, 0.0, 0.05, 0.0, 0.1]


SHARE = st.integers(0, 120).map(lambda n: n / 1000)
ANY = st.builds(
    lambda shares, late, hour: ShrinkageParams(
        activities=[
            row("leave", shares[0], "paid", OUT, when=[{"share": shares[1], "months": [1, 7]}]),
            row("sick", shares[2], "rostered", OUT, planned=False),
            row("gone", shares[3], "paid", OUT, planned=False),
            row("breaks", shares[4], "office", IN,
                when=[{"share": late, "starts": f"{hour:02d}:00", "ends": "24:00"}]),
            row("project", shares[5], "rostered", IN),
        ],
        total_max=0.99,
    ),
    st.lists(SHARE, min_size=6, max_size=6),
    SHARE,
    st.integers(0, 23),
)  # fmt: skip
YEAR = pd.date_range("2024-01-01", "2024-12-31 23:00", freq="6h", unit="us")


@settings(max_examples=30, deadline=None)
@given(ANY, st.integers(0, 10**6))
def test_the_years_figure_is_that_of_the_intervals_weighted_by_hours(ledger, seed):
    paid = np.random.default_rng(seed).uniform(0, 100, len(YEAR))
    by_interval = shrinkage(ledger, YEAR)
    weighted = (by_interval * paid).sum() / paid.sum()
    for by in ("year", "month", "week"):
        table = plan(ledger, YEAR, paid, by)
        off = table[table["activity"] != "on position"]
        assert off["hours"].sum() / paid.sum() == pytest.approx(weighted, rel=1e-12)
        assert table["hours"].sum() == pytest.approx(paid.sum(), rel=1e-12)
        np.testing.assert_allclose(table.groupby("period")["share"].sum(), 1, rtol=1e-12)
    month = plan(ledger, YEAR, paid, "month").set_index(["period", "activity"])["share"]
    july = YEAR.month == 7
    by_hand = np.average(parts(ledger, YEAR[july])["breaks"], weights=paid[july])
    assert month[pd.Timestamp("2024-07-01"), "breaks"] == pytest.approx(by_hand)


@given(ANY)
def test_parts_add_up_exactly_and_shrink_one_after_the_other(ledger):
    shares = [activity.share for activity in ledger.activities]
    found = compounded(ledger, shares)
    leave, sick, gone, breaks, project = (Fraction(str(s)) for s in shares)
    rostered = 1 - leave
    office = rostered * (1 - sick) - gone
    assert 1 - sum(found) == office * (1 - breaks) - project * rostered
    local = at("2024-02-05 00:00") if ledger.activities[3].when[0].starts != "00:00" else None
    if local is not None:
        assert shrinkage(ledger, local)[0] == float(sum(found))


def test_shares_that_follow_each_other_take_less_than_their_sum():
    both = [row("sick", 0.2, "paid", OUT, planned=False), row("breaks", 0.2, "office", IN)]
    assert shrinkage(ShrinkageParams(activities=both), at("2024-01-01"))[0] == 0.36


def test_a_flat_ledger_is_one_row_and_says_so():
    flat = ShrinkageParams.flat(0.3)
    assert flat.is_flat
    assert flat.description == "flat shrinkage of 0.3, not by activity, hour or season"
    assert set(shrinkage(flat, YEAR)) == {0.3}
    assert not LEDGER.is_flat
    assert LEDGER.description == "shrinkage of 10 activities, 3 of them by time"
    assert shrinkage(ShrinkageParams.flat(0.5), YEAR[:1])[0] == 0.5


def test_more_than_half_of_paid_time_is_refused_with_its_parts():
    much = [row("leave", 0.3, "paid", OUT), row("training", 0.3, "office", IN, when=[
        {"share": 0.0, "months": [1]}])]  # fmt: skip
    ledger = ShrinkageParams(activities=much)
    assert shrinkage(ledger, at("2024-01-31 23:30"))[0] == 0.3
    message = r"total_max = 0.5; at 2024-02-01 00:00 it is 0.51 .*leave 0.3, training 0.21"
    with pytest.raises(ParamsError, match=message):
        parts(ledger, at("2024-01-31 23:30", "2024-02-01 00:00"))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row("a", 0.1, "office", OUT, planned=False)], "no share of the hours in the office"),
        ([row("a", 0.1, "rostered", OUT)], "a planned absence is a share of paid hours"),
        ([row("a", 0.1, "paid", IN)] * 2, r"names of their own; found \['a'\] twice"),
        ([row("a", 0.1, "paid", IN, when=[{"share": 0.2}])], "needs months, days"),
        ([row("a", 1.0, "paid", IN)], "less than 1"),
        ([row("on position", 0.1, "paid", IN)], "is what is left"),
        ([row("a", 0.1, "paid", IN, when=[{"share": 0, "starts": "9:00"}])], "go together"),
    ],
)
def test_rows_that_make_no_sense_are_refused(rows, message):
    with pytest.raises(ValidationError, match=message):
        ShrinkageParams(activities=rows)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="wall time without a zone"):
        shrinkage(LEDGER, at("2024-01-01").tz_localize("UTC"))
    with pytest.raises(ValueError, match="without a zone; found empty times"):
        shrinkage(LEDGER, at("2024-01-01", None))
    with pytest.raises(ValueError, match="2 finite numbers >= 0"):
        plan(LEDGER, YEAR[:2], [1.0, np.nan])
    with pytest.raises(ValueError, match="by must be one of day, week"):
        plan(LEDGER, YEAR[:2], [1.0, 1.0], "decade")


@given(st.lists(st.integers(0, 500), min_size=1, max_size=20), st.data())
def test_people_are_the_least_that_fill_the_positions(agents, data):
    pool = st.lists(st.sampled_from([0.0, 0.07, 0.28, 0.3, 0.352]), min_size=len(agents),
                    max_size=len(agents))  # fmt: skip
    shares = data.draw(pool)
    people = scheduled_for(Positions(np.array(agents), np.full(len(agents), 30.0)), shares)
    exact = [ceil(n / (1 - Fraction(str(s)))) for n, s in zip(agents, shares, strict=True)]
    assert people.agents.tolist() == exact
    assert paid_hours_of(people).total == sum(exact) / 2


def test_from_the_ledger_to_heads():
    # 21 positions, 30 % off them: 30 people; 10 half-hours are 150 paid hours.
    ten = Positions(np.full(10, 21), np.full(10, 30.0))
    off = shrinkage(ShrinkageParams.flat(0.3), YEAR[:10])
    paid = paid_hours_of(scheduled_for(ten, off))
    assert paid.total == 150
    assert fte_of(paid, weeks=1, full_time_hours_per_week=40) == 3.75
    assert heads_for(paid, weeks=1, contract_hours_per_week=40) == 4
    assert heads_for(paid, weeks=1, contract_hours_per_week=45) == 4  # 3.33
    assert heads_for(PaidHours(np.array([0.1, 0.2])), weeks=1, contract_hours_per_week=0.1) == 3
    with pytest.raises(ValueError, match="weeks and hours per week must be > 0; found 0 and 40"):
        heads_for(paid, weeks=0, contract_hours_per_week=40)


def test_a_year_of_half_hours_of_ten_queues_is_quick():
    year = pd.date_range("2024-01-01", periods=366 * 48, freq="30min", unit="us")
    local = year.append([year] * 9)
    start = time.perf_counter()
    assert len(shrinkage(LEDGER, local)) == len(local)
    assert time.perf_counter() - start < 1
