"""What an hour costs, interval by interval: the same money as the bill of the plan."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from forecast.accuracy import staffing_error
from forecast.capacity.demand import Demand
from forecast.capacity.money.planned import (
    Prices,
    paid_hour_price,
    plan_bill,
    position_price,
)
from forecast.capacity.people import PaidHours
from forecast.params import CapacityParams, CostsParams
from tests.test_accuracy import SERIES_A, rows_of

COSTS = {
    "currency": "USD",
    "contracts": {
        "full": {"pay_per_hour": 30},
        "night": {"pay_per_hour": 24.5, "premiums": {"holiday": 2.0, "night": 1.4}},
    },
    "rest_days": ["sun"],
    "premiums": {"holiday": 3.0, "rest_day": 1.5, "night_from": "22:00"},
}
MIX = {"full": 0.75, "night": 0.25}
LEDGER = {
    "activities": [
        {"name": "leave", "share": 0.2, "of": "paid", "place": "out of office", "planned": True},
        {
            "name": "breaks",
            "share": 0.1,
            "of": "office",
            "place": "in office",
            "planned": True,
            "when": [{"share": 0, "starts": "22:00", "ends": "06:00"}],
        },
    ]
}


def test_hours_at_their_prices_are_the_pay_of_the_bill():
    local = pd.date_range("2024-05-03", periods=48 * 5, freq="30min")
    rows = pd.DataFrame({"site": ["north", "south"] * len(local), "local": local.repeat(2)})
    rows = rows.assign(queue="q", channel="voice", ds=rows["local"].dt.tz_localize("UTC"))
    rows = rows.assign(open_min=30.0)
    hours = np.random.default_rng(1).integers(0, 40, len(rows)) / 2
    rules = CapacityParams(cost_per_paid_hour=1, currency="USD", contract_mix=MIX)
    holidays = {"north": frozenset({date(2024, 5, 6)})}
    prices = Prices(CostsParams(**COSTS), holidays, {"south": frozenset({date(2024, 5, 5)})})
    demand = Demand(rows, np.ones((len(rows), 1)), np.full(len(rows), 60.0), 5 / 7)
    none = np.zeros(len(rows), dtype="int64")
    bill = plan_bill(demand, none, PaidHours(hours), None, rules, prices)
    # Each line of the bill is rounded to the cent.
    by_interval = float((hours * paid_hour_price(rows, rules, prices)).sum())
    assert by_interval == pytest.approx(bill.total_cents / 100, abs=0.005 * len(bill.lines))
    assert len(bill.lines) > 6


def test_staffing_errors_cost_what_the_plan_pays(params):
    told = params.override(
        {"costs": COSTS, "shrinkage": LEDGER, "capacity.contract_mix": MIX}
        | {"capacity.patience_s": None, "capacity.occupancy_max": 1.0, "capacity.assumed": []}
        | {"ingest.timezone": "UTC"}
    )
    # Published: 10 erlangs of 180 s need 14 agents for 80 % in 20 s: a half-hour of 14 too few.
    rows = rows_of([100, 100], [0, 0]).assign(
        ds=pd.to_datetime(["2024-05-07 10:00", "2024-05-07 23:00"], utc=True)
    )
    found = staffing_error(
        rows, aht_s={SERIES_A: 180.0}, params=told.capacity, price=position_price(told)
    ).iloc[0]
    day, night = 0.75 * 30 + 0.25 * 24.5, 0.75 * 30 + 0.25 * 24.5 * 1.4
    assert found["under_hours"] == 14
    assert found["under_cost"] == pytest.approx(7 * day / (0.8 * 0.9) + 7 * night / 0.8)


def test_without_the_sections_the_price_is_flat(params):
    flat = params.capacity
    rows = rows_of([3, 90, 40], [20, 60, 40])
    each = position_price(params)(rows)
    assert each == pytest.approx(np.full(3, flat.cost_per_paid_hour / (1 - flat.shrinkage)))
    plain, priced = (
        staffing_error(rows, aht_s={SERIES_A: 180.0}, params=flat, price=price)
        for price in (None, position_price(params))
    )
    pd.testing.assert_frame_equal(plain, priced)
