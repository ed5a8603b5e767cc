"""What hours and counts cost: premiums by hand, and sums to the cent."""

import time
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from forecast.capacity.money.costs import COUNTED, Counts, bill
from forecast.capacity.money.pay import at_night, hours_by_rate, multiplier
from forecast.errors import ParamsError, SchemaError
from forecast.params.costs import CostsParams, Premiums

NATIONAL_DAY = [date(2024, 10, day) for day in (1, 2, 3)]
MAKEUP = [date(2024, 9, 29), date(2024, 10, 12)]


def params_of(**more):
    contracts = {"full": {"pay_per_hour": 30}, "part": {"pay_per_hour": 24.5}}
    return CostsParams(**{"currency": "CNY", "contracts": contracts, **more})


def hours_of(*rows, minutes=30):
    """Return hours from rows (contract, local, hours, is_overtime)."""
    frame = pd.DataFrame(rows, columns=["contract", "local", "hours", "is_overtime"])
    local = pd.to_datetime(frame["local"]).astype("datetime64[us]")
    return frame.assign(local=local, minutes=minutes)


@pytest.mark.parametrize(
    ("local", "overtime", "times"),
    [
        ("2024-10-08 10:00", False, 1.0),  # Tuesday
        ("2024-10-08 19:00", True, 1.5),  # article 44 (1): longer hours
        ("2024-10-13 10:00", False, 1.0),  # Sunday, made up for by another day off
        ("2024-10-13 10:00", True, 2.0),  # article 44 (2): rest day
        ("2024-10-01 10:00", False, 3.0),  # article 44 (3): statutory holiday
        ("2024-10-01 22:00", True, 3.0),
        ("2024-10-12 10:00", True, 1.5),  # a Saturday that is worked is a workday
        ("2024-10-04 10:00", True, 1.5),  # the week off is longer than the statutory holiday
    ],
)
def test_chinas_multipliers_by_hand(local, overtime, times):
    cost = bill(
        hours_of(("full", local, 2.0, overtime)),
        Counts(),
        params_of(),
        holidays=NATIONAL_DAY,
        makeup_workdays=MAKEUP,
    )
    assert cost.total_cents == round(6000 * times)
    assert cost.lines["rate"].tolist() == [30 * times]


@pytest.mark.parametrize(
    ("several", "paid"), [("highest", 1.5), ("compounded", 1.8), ("added", 1.7)]
)
def test_a_night_beside_another_premium(several, paid):
    params = params_of(premiums={"night": 1.2, "several": several})
    rows = hours_of(("full", "2024-10-08 22:00", 10.0, True))
    assert bill(rows, Counts(), params).total_cents == round(30_000 * paid)
    # The night alone is the night, whatever is said of several.
    alone = hours_of(("full", "2024-10-09 05:30", 10.0, False))
    assert bill(alone, Counts(), params).total_cents == 36_000


def test_a_night_may_lie_within_a_day_and_ends_are_exact():
    local = pd.Series(pd.to_datetime(["2024-01-01 21:59", "2024-01-01 22:00", "2024-01-02 05:59"]))
    assert at_night(local, Premiums()).tolist() == [False, True, True]
    early = Premiums(night_from="00:00", night_until="05:00")
    assert at_night(local, early).tolist() == [False, False, False]
    assert not at_night(pd.Series(pd.to_datetime(["2024-01-02 06:00"])), Premiums())[0]


def test_a_contract_may_have_premiums_of_its_own():
    params = params_of(
        contracts={
            "full": {"pay_per_hour": 30},
            "temp": {"pay_per_hour": 40, "premiums": {"overtime": 1, "night": 2}},
        }
    )
    rows = hours_of(
        ("full", "2024-10-08 23:00", 1.0, True), ("temp", "2024-10-08 23:00", 1.0, True)
    )
    assert bill(rows, Counts(), params).lines["rate"].tolist() == [45, 80]


def test_counts_by_hand():
    params = params_of(
        per_hire=3000, per_training_week=800.5, per_leaver=1200, per_outsourced_contact=4.2,
        per_outsourced_hour=38, per_seat_month=450, per_trunk_month=60, per_telecom_min=0.035,
    )  # fmt: skip
    counts = Counts(12, 36, 10, 5000, 100, 80, 120, 400_001)
    cost = bill(hours_of(), counts, params)
    by_hand = [36_000, 28_818, 12_000, 21_000, 3_800, 36_000, 7_200, 14_000.04]
    # 400,001 min at 0.035 are 14,000.035: half a cent is rounded up.
    assert (cost.lines["cents"] / 100).tolist() == by_hand
    assert cost.total == Decimal(str(sum(by_hand)))
    assert set(cost.lines["line"]) == {name.replace("_", " ") for name in COUNTED}


STARTS = pd.date_range("2024-09-23", "2024-10-20", freq="30min").to_numpy()
ROW = st.tuples(
    st.sampled_from(["full", "part"]),
    st.integers(0, len(STARTS) - 1),
    st.integers(0, 10**7),
    st.booleans(),
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(ROW, max_size=30),
    st.sampled_from(["highest", "compounded", "added"]),
    st.integers(100, 200),
)
def test_lines_add_up_and_equal_every_hour_paid_by_itself(rows, several, night):
    premiums = {"night": night / 100, "several": several}
    params = params_of(premiums=premiums, per_hire=0.1)
    table = hours_of(*((c, STARTS[i], units / 1e6, over) for c, i, units, over in rows))
    cost = bill(table, Counts(hires=3), params, holidays=NATIONAL_DAY, makeup_workdays=MAKEUP)
    sums = {}
    for contract, i, units, over in rows:
        when = pd.Timestamp(STARTS[i])
        resting = when.day_of_week >= 5 and when.date() not in MAKEUP
        festive = when.date() in NATIONAL_DAY
        kind = "holiday" if festive else "rest day" if resting else "workday"
        dark = night > 100 and (when.hour >= 22 or when.hour < 6)
        times = multiplier(params.premiums, kind, overtime=over, night=dark)
        pay = Decimal(str(params.contracts[contract].pay_per_hour)) * Decimal(str(times))
        key = (contract, kind, over, dark, pay)
        sums[key] = sums.get(key, Decimal(0)) + Decimal(units) / 10**6
    exact = [
        (hours * key[-1]).quantize(Decimal("0.01"), ROUND_HALF_UP) for key, hours in sums.items()
    ]
    assert cost.total == sum(exact) + Decimal("0.30")
    assert cost.total_cents == cost.lines["cents"].sum()
    assert cost.lines["quantity"].sum() == pytest.approx(3 + sum(r[2] for r in rows) / 1e6)


@given(st.floats(1, 3), st.floats(1, 3))
def test_premiums_never_lower_pay_and_compounding_pays_most(day, night):
    paid = [
        multiplier(
            Premiums(overtime=day, night=night, several=how), "workday", overtime=True, night=True
        )
        for how in ("highest", "added", "compounded")
    ]
    assert 1 <= paid[0] <= paid[1] + 1e-9 <= paid[2] + 2e-9


def test_two_hundred_thousand_rows_are_quick():
    rng = np.random.default_rng(1)
    n = 200_000
    rows = pd.DataFrame(
        {
            "contract": pd.Series(rng.choice(["full", "part"], n), dtype="str"),
            "local": rng.choice(STARTS, n).astype("datetime64[us]"),
            "minutes": 30,
            "hours": rng.uniform(0, 40, n),
            "is_overtime": rng.random(n) < 0.1,
        }
    )
    params = params_of(premiums={"night": 1.2})
    start = time.perf_counter()
    cost = bill(rows, Counts(), params, holidays=NATIONAL_DAY, makeup_workdays=MAKEUP)
    took = time.perf_counter() - start
    assert took < 0.3
    assert cost.lines["quantity"].sum() == pytest.approx(rows["hours"].sum())


GOOD = ("full", "2024-10-08 10:00", 1.0, False)


@pytest.mark.parametrize(
    ("rows", "minutes", "error", "message"),
    [
        ([("temp", *GOOD[1:])], 30, ParamsError, "costs.contracts must have pay for 'temp'"),
        ([("full", "2024-10-08 23:45", 1.0, False)], 30, SchemaError, "must not run across 24:00"),
        (
            [("full", "2024-10-08 21:45", 1.0, False)],
            30,
            SchemaError,
            "must not run across 22:00.*full at 2024-10-08 21:45",
        ),
        ([("full", GOOD[1], -1.0, False)], 30, SchemaError, "finite hours >= 0; 1 rows have not"),
        ([("full", GOOD[1], np.nan, False)], 30, SchemaError, "finite hours >= 0; 1 rows"),
        ([("full", GOOD[1], 1.0, 1)], 30, SchemaError, "is_overtime must be bool; found int64"),
        ([GOOD], 0, SchemaError, "minutes > 0"),
    ],
)
def test_hours_that_cannot_be_paid_are_refused(rows, minutes, error, message):
    params = params_of(premiums={"night": 1.1})
    with pytest.raises(error, match=message):
        bill(hours_of(*rows, minutes=minutes), Counts(), params)


def test_other_things_that_are_refused():
    with pytest.raises(ParamsError, match=r"found 3 hires and costs\.per_hire is null"):
        bill(hours_of(GOOD), Counts(hires=3), params_of())
    with pytest.raises(ValueError, match="leavers must be finite and >= 0; found -1"):
        Counts(leavers=-1)
    with pytest.raises(SchemaError, match=r"without \['minutes'\]"):
        hours_by_rate(hours_of(GOOD).drop(columns="minutes"), params_of())
    zoned = hours_of(GOOD).assign(local=lambda t: t["local"].dt.tz_localize("UTC"))
    with pytest.raises(SchemaError, match="local must be wall time without a zone"):
        hours_by_rate(zoned, params_of())
    with pytest.raises(ParamsError, match="either a holiday or a make-up workday"):
        bill(hours_of(GOOD), Counts(), params_of(), holidays=MAKEUP, makeup_workdays=MAKEUP)
    with pytest.raises(ValidationError, match="night_from and night_until are both 22:00"):
        Premiums(night_until="22:00")
    with pytest.raises(ValidationError, match="extra"):
        params_of(per_hour=3)
