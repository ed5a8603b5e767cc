"""Why the money differs from the budget: effects that add up to the cent, and to what is known."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.capacity.money import variance as rooms
from forecast.capacity.money.variance import EFFECTS, Account, freeze, variance
from forecast.errors import SchemaError

WEEKS = pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-15"]).as_unit("us")


def account(rows, pay):
    """Return an account from rows (week, queue, offered, aht, required, position) and pay."""
    drivers = pd.DataFrame(
        rows, columns=["period", "queue", "offered", "aht_s", "required_hours", "position_hours"]
    )
    paid = pd.DataFrame(pay, columns=["period", "queue", "contract", "hours", "cost"])
    drivers["period"], paid["period"] = WEEKS.take(drivers["period"]), WEEKS.take(paid["period"])
    return Account(drivers, paid)


def one(offered=3600, aht=300.0, required=400.0, position=400.0, paid=500.0, cost=10_000.0):
    return account(
        [(0, "sales", offered, aht, required, position)], [(0, "sales", "full", paid, cost)]
    )


def effects(budget, actual):
    rows = variance(freeze("plan", budget), actual).rows
    return rows.groupby("effect")["cents"].sum().to_dict()


def only(**cents):
    return {name: cents.get(name, 0) for name in EFFECTS}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        # 3,600 contacts of 300 s are 300 h of work; 400 required, 500 paid at 20.
        (
            {"offered": 3960, "required": 440, "position": 440, "paid": 550, "cost": 11_000},
            "volume",
        ),
        ({"aht": 330.0, "required": 440, "position": 440, "paid": 550, "cost": 11_000}, "aht"),
        ({"required": 440, "position": 440, "paid": 550, "cost": 11_000}, "standard"),
        ({"position": 440, "paid": 550, "cost": 11_000}, "schedule"),
        ({"paid": 550, "cost": 11_000}, "shrinkage"),
        ({"cost": 11_000}, "rate"),
    ],
)
def test_a_single_change_is_its_own_effect(change, expected):
    assert effects(one(), one(**change)) == only(**{expected: 100_000})


def test_the_mix_of_contracts_is_told_from_their_rates():
    half = [(0, "sales", "full", 250, 5_000.0), (0, "sales", "part", 250, 7_500.0)]
    dear = [(0, "sales", "full", 100, 2_000.0), (0, "sales", "part", 400, 12_000.0)]
    row = [(0, "sales", 3600, 300.0, 400, 400)]
    assert effects(account(row, half), account(row, dear)) == only(mix=150_000)
    # A contract that the budget did not know comes at its own rate: mix, not rate.
    new = [(0, "sales", "full", 250, 5_000.0), (0, "sales", "temp", 250, 10_000.0)]
    assert effects(account(row, half), account(row, new)) == only(mix=250_000)


def test_two_changes_by_hand():
    # Volume x 1.1 and rate x 1.2: 10,000 -> 13,200. Shapley: the mean of both orders.
    both = one(offered=3960, required=440, position=440, paid=550, cost=13_200.0)
    assert effects(one(), both) == only(volume=110_000, rate=210_000)


def test_understaffing_is_a_schedule_effect_that_saves():
    short = one(position=360, paid=450, cost=9_000.0)
    assert effects(one(), short) == only(schedule=-100_000)


def test_a_queue_without_contacts_is_not_a_gap():
    nobody = one(offered=0, aht=np.nan, required=0, position=400)
    # All work went and all its hours stayed: volume saves what idle people cost.
    assert effects(one(), nobody) == only(volume=-1_000_000, schedule=1_000_000)
    assert effects(nobody, one()) == only(volume=1_000_000, schedule=-1_000_000)
    assert effects(nobody, nobody) == only()
    closed = account([(0, "sales", 0, np.nan, 0, 0)], [(0, "sales", "full", 0, 0.0)])
    assert effects(one(), closed) == only(volume=-1_000_000)


def drawn(rng, weeks=3, queues=8):
    """Return any account: queues without contacts, contracts that come and go, hours too few."""
    rows, pay = [], []
    for week in range(weeks):
        for queue in (f"queue {i}" for i in range(queues)):
            offered = rng.choice([0, rng.integers(1, 5000)], p=[0.2, 0.8])
            required = rng.choice([0, rng.uniform(0, 500)], p=[0.2, 0.8])
            position = rng.uniform(1, 500)
            rows.append((week, queue, offered, rng.uniform(30, 900), required, position))
            there = rng.permutation(4)[: rng.integers(1, 4)]
            shares = rng.dirichlet(np.ones(len(there))) * position * rng.uniform(1, 2)
            for c, hours in zip(there, shares, strict=True):
                pay.append((week, queue, f"c{c}", hours, round(hours * rng.uniform(5, 60), 2)))
    return account(rows, pay)


def pair(seed):
    rng = np.random.default_rng(seed)
    return drawn(rng), drawn(rng)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9))
def test_effects_add_up_to_the_cent_in_every_row_and_cumulated(seed):
    budget, actual = pair(seed)
    told = variance(freeze("plan", budget), actual)
    costs = [
        {
            key: sum(round(c * 100) for c in own["cost"])
            for key, own in side.pay.groupby(["period", "queue"])
        }
        for side in (budget, actual)
    ]
    sums = told.rows.groupby(["period", "queue"])["cents"].sum()
    assert sums.to_dict() == {k: costs[1][k] - costs[0][k] for k in costs[0]}
    rolling = told.rows.groupby(["period", "queue"])["cumulated_cents"].sum()
    totals = told.totals.set_index(["period", "queue"])
    assert (rolling == totals["cumulated_cents"]).all()
    assert (totals["actual_cents"] - totals["budget_cents"] == totals["cents"]).all()
    last = totals.groupby("queue")["cumulated_cents"].last().sum()
    assert last == sum(costs[1].values()) - sum(costs[0].values())


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**9), st.permutations(EFFECTS))
def test_swapping_the_order_of_factors_changes_nothing(seed, order):
    budget, actual = pair(seed)
    there, back = (freeze("plan", budget), actual), (freeze("plan", actual), budget)
    first = variance(*there).rows
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rooms, "EFFECTS", tuple(order))
        second = variance(*there).rows
    # Where two roundings tie the cent may go to either.
    pd.testing.assert_frame_equal(first, second, check_exact=False, atol=1, rtol=0)
    # And what was gained on the way there is lost on the way back.
    gone = variance(*back).rows
    assert (first["cents"] + gone["cents"]).abs().max() <= 1


def test_effects_are_the_mean_over_all_orders():
    budget = one()
    actual = one(4100, 280.0, 470.0, 455.0, 610.0, 13_333.33)
    keys = budget.drivers[["period", "queue"]]
    sides = rooms._sides(budget, actual, keys)
    sums = dict.fromkeys(range(7), 0.0)
    orders = list(permutations(range(7)))
    costs = [float(rooms._cost(bits, *sides)[0]) for bits in range(128)]
    for order in orders:
        bits = 0
        for factor in order:
            sums[factor] += costs[bits | 1 << factor] - costs[bits]
            bits |= 1 << factor
    told = effects(budget, actual)
    for i, name in enumerate(EFFECTS):
        assert told[name] == pytest.approx(sums[i] / len(orders) * 100, abs=1)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"offered": np.nan}, "drivers 2024-01-01 sales: offered is nan"),
        ({"aht": np.nan}, "drivers 2024-01-01 sales: aht_s is nan"),
        ({"cost": np.nan}, "pay 2024-01-01 sales: cost is nan"),
        ({"paid": 399.0}, "more hours on position than paid hours"),
        ({"position": 0.0}, "paid hours and nobody on position"),
        ({"paid": 0.0, "position": 0.0}, "full costs 10000.00 for no hours"),
    ],
)
def test_actuals_that_are_missing_or_cannot_be_are_named(changed, message):
    with pytest.raises(SchemaError, match=message):
        variance(freeze("plan", one()), one(**changed))


def test_only_periods_with_actuals_count_and_gaps_are_named():
    def weeks(which):
        return account(
            [(w, "sales", 3600, 300.0, 400, 400) for w in which],
            [(w, "sales", "full", 500, 10_000.0) for w in which],
        )

    budget = freeze("plan", weeks([0, 1, 2]))
    assert variance(budget, weeks([0, 1])).totals["period"].tolist() == list(WEEKS[:2])
    with pytest.raises(SchemaError, match="period 2024-01-08 has no actuals, and a later one has"):
        variance(budget, weeks([0, 2]))
    with pytest.raises(SchemaError, match="2024-01-15 sales: is not in it"):
        variance(freeze("plan", weeks([0, 1])), weeks([0, 1, 2]))


def test_actuals_without_a_period_are_refused():
    none = one()
    with pytest.raises(SchemaError, match="it has no period"):
        variance(freeze("plan", one()), Account(none.drivers[:0], none.pay[:0]))


def test_a_budget_that_was_changed_is_refused():
    budget = freeze("plan-1", one())
    other = replace(budget, account=one(cost=9_000.0))
    with pytest.raises(SchemaError, match="budget plan-1 is not what was frozen"):
        variance(other, one())
