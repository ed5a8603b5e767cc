"""The section `shifts` and a dated week -> what is asked: folded, priced, seated, told apart."""

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.requirements import RISKS
from forecast.capacity.shifts import Week, plan_shifts, required_of
from forecast.capacity.shifts.asked import ask_of, full_time_of, short
from forecast.capacity.shifts.dated import dated_week, fullest_week
from forecast.capacity.shifts.plan import full_time_alone
from forecast.capacity.shifts.tables import CHEAPEST, FULL_TIME, NOBODY, tables_of
from forecast.errors import InputError, ParamsError
from forecast.schema import REQUIREMENT

UTC, BERLIN, KOLKATA = (ZoneInfo(n) for n in ("UTC", "Europe/Berlin", "Asia/Kolkata"))
MONDAY = date(2024, 1, 8)
CONTRACTS = {
    "full": {
        "full_time": True,
        "hours_min": 40,
        "hours_max": 40,
        "days_max": 5,
        "shifts": {"day": {"starts": ["08:00", "12:00"], "length_min": 480}},
    },
    "part": {
        "hours_min": 8,
        "hours_max": 24,
        "shifts": {"half": {"starts": ["08:00", "12:00", "16:00"], "length_min": 240}},
    },
}


def requirement_of(ds, people, site="a", queue="b"):
    """Return REQUIREMENT of one series with so many people to schedule."""
    people = np.asarray(people, dtype="int64")
    frame = pd.DataFrame({"ds": pd.DatetimeIndex(ds).as_unit("us")})
    filled = dict.fromkeys(("service_level", "service_level_base", "p_met", "occupancy"), 0.8)
    return REQUIREMENT.validate(
        frame.assign(
            **dict.fromkeys((*(f"agents_{r}" for r in RISKS), "agents"), people),
            agents_without_ceiling=people, scheduled_agents=people, site=site, queue=queue,
            channel="voice", scenario="base", open_min=60.0, offered=1.0, aht_s=60.0,
            load_erlangs=1.0, asa_s=1.0, abandonment=0.0, assumed="", **filled,
        )
    )  # fmt: skip


def hours_of(first, days, zone=UTC, opens=8, closes=20):
    """Return the opening hours, local, of days from a date on."""
    local = pd.date_range(first, periods=24 * days, freq="h")
    local = local[(local.hour >= opens) & (local.hour < closes)]
    return local.tz_localize(zone).tz_convert("UTC")


def settings_of(params, **changes):
    told = {"contracts": CONTRACTS, "understaffing_cost_per_hour": 100, **changes}
    return params.override({"shifts": told, "features.interval_min": 60, "capacity.assumed": []})


def test_a_week_in_utc_is_what_the_ring_takes():
    ds = hours_of("2024-01-01", 21)
    people = np.random.default_rng(1).integers(0, 9, len(ds))
    both = pd.concat([requirement_of(ds, people), requirement_of(ds, people + 1, queue="c")])
    week = Week(60)
    ring = required_of(both, week, pd.Timestamp(MONDAY, tz="UTC"))
    dated = dated_week(week, MONDAY, ["a"], lambda _: UTC)
    np.testing.assert_array_equal(dated.required(both, lambda _: UTC)["a"], ring["a"])


@pytest.mark.parametrize("zone", [UTC, BERLIN, KOLKATA])
@pytest.mark.parametrize(
    "first", [MONDAY, date(2024, 1, 11), date(2024, 3, 29), date(2024, 10, 24)]
)
def test_seven_days_from_any_are_planned_by_the_clock_on_the_wall(zone, first):
    # Of the last two weeks one lacks an hour in Berlin and one has it twice, at night.
    week = Week(30)
    ds = hours_of(first, 7, zone)
    people = np.arange(len(ds)) + 1
    dated = dated_week(week, first, ["a"], lambda _: zone)
    need = dated.required(requirement_of(ds, people), lambda _: zone)["a"]
    assert need.sum() == people.sum()
    local = dated.local("a")
    assert set(local.dt.hour[need > 0]) == set(range(8, 20))
    order = np.argsort(local.to_numpy())
    np.testing.assert_array_equal(need[order][need[order] > 0], people)
    assert local.min() == pd.Timestamp(first)
    if first.month == 1:
        np.testing.assert_array_equal(dated.instants("a").iloc[order][need[order] > 0], ds)


def test_of_an_hour_that_comes_twice_the_larger_holds():
    first = date(2024, 10, 21)
    ds = pd.date_range("2024-10-26 22:00", periods=6, freq="h", tz="UTC")
    dated = dated_week(Week(60), first, ["a"], lambda _: BERLIN)
    need = dated.required(requirement_of(ds, [1, 1, 4, 7, 1, 1]), lambda _: BERLIN)["a"]
    assert need.sum() == 11  # 02:00 comes with 4, and with 7
    assert dated.local("a")[int(need.argmax())] == pd.Timestamp("2024-10-27 02:00")


def test_the_fullest_whole_week_is_planned_and_else_the_first_seven_days():
    def rows(first, days):
        ds = pd.date_range(first, periods=24 * days, freq="h", tz="UTC")
        return pd.DataFrame({"site": "a", "ds": ds.as_unit("us")})

    ds = hours_of("2024-01-01", 28)
    people = np.where(ds.day == 17, 5, 1)
    requirement = requirement_of(ds, people)
    assert fullest_week(requirement, rows("2024-01-01", 28), lambda _: UTC) == date(2024, 1, 15)
    # The forecast ends within it: of the whole weeks the first, for all are alike.
    assert fullest_week(requirement, rows("2024-01-01", 20), lambda _: UTC) == date(2024, 1, 1)
    assert fullest_week(requirement, rows("2024-01-06", 8), lambda _: UTC) == date(2024, 1, 6)
    with pytest.raises(InputError, match=r"the forecast covers 5 days, .* raise forecast.horizon"):
        fullest_week(requirement, rows("2024-01-06", 5), lambda _: UTC)


def test_pay_is_the_contracts_the_sections_the_sites_or_the_flat_one(params):
    dated = dated_week(Week(60), MONDAY, ["a", "b"], lambda _: UTC)
    need = {site: np.zeros(168, dtype="int64") for site in ("a", "b")}

    def wages(settings):
        ask = ask_of(settings, dated, need)
        assert [short(one) for one in ask.contracts] == ["full", "full", "part", "part"]
        return [one.wage_per_hour for one in ask.contracts]

    plain = settings_of(params)
    assert wages(plain) == [30, 30, 30, 30]
    sites = {"places": {"b": {"pay_per_hour": 12, "seats": 7, "shrinkage": 0.3}}}
    placed = plain.override({"sites": sites})
    assert wages(placed) == [30, 12, 30, 12]
    costs = {"currency": "USD", "contracts": {"full": {"pay_per_hour": 25}}}
    assert wages(placed.override({"costs": costs})) == [25, 25, 30, 12]
    own = placed.override({"costs": costs, "shifts.contracts.full.pay_per_hour": 27})
    assert wages(own) == [27, 27, 30, 12]
    # Seven on position are ten scheduled where three of ten are away.
    assert [site.seats for site in ask_of(placed, dated, need).sites] == [None, 10]
    with pytest.raises(ParamsError, match=r"contracts\.full\.sites: there is no site 'c'"):
        ask_of(plain.override({"shifts.contracts.full.sites": ["c"]}), dated, need)


def test_premiums_are_those_of_the_section_costs_at_their_dates(params):
    dated = dated_week(Week(60), MONDAY, ["a"], lambda _: BERLIN)
    costs = {
        "currency": "USD",
        "contracts": {"full": {"pay_per_hour": 25}},
        "premiums": {"night": 1.25, "rest_day": 1.5},
    }
    settings = settings_of(params).override({"costs": costs})
    need = {"a": np.zeros(168, dtype="int64")}
    days = {"a": frozenset([date(2024, 1, 10)])}
    ask = ask_of(settings, dated, need, holidays=days)
    local = dated.local("a")
    share = pd.Series(ask.sites[0].premiums["premiums"], index=pd.DatetimeIndex(local))
    assert share["2024-01-10 12:00"] == 2.0
    assert share["2024-01-13 12:00"] == 0.5
    assert share["2024-01-09 23:00"] == 0.25
    assert share["2024-01-09 12:00"] == 0.0
    assert ask.contracts[0].wage_per_hour == 25


def test_the_tables_hold_the_plans_heads_hours_and_money(params):
    settings = settings_of(params)
    ds = hours_of(MONDAY, 7, BERLIN)
    people = np.random.default_rng(5).integers(2, 6, len(ds))
    dated = dated_week(Week(60), MONDAY, ["a"], lambda _: BERLIN)
    need = dated.required(requirement_of(ds, people), lambda _: BERLIN)
    ask = ask_of(settings, dated, need)
    asks = {CHEAPEST: ask, FULL_TIME: full_time_alone(ask, full_time_of(ask, settings.shifts))}
    plans = {mix: plan_shifts(one) for mix, one in asks.items()}
    heads, shifts, coverage = tables_of(plans, asks, dated, scenario="base", assumed="x")
    for mix, plan in plans.items():
        own = heads[heads["mix"] == mix]
        assert own["cost"].sum() == pytest.approx(plan.cost, abs=1e-9)
        assert own["heads"].sum() == plan.heads["heads"].sum()
        assert own["paid_hours"].sum() == pytest.approx(plan.paid_hours)
        missing = own.loc[own["contract"] == NOBODY, "missing_hours"].sum()
        covered = coverage[coverage["mix"] == mix]
        assert missing == covered["understaffed"].sum()
        assert (own["required_hours"] == people.sum()).all()
        worked = shifts[shifts["mix"] == mix]
        length = worked["contract"].map({"full": 8.0, "part": 4.0})
        assert (length * worked["heads"]).sum() == pytest.approx(own["paid_hours"].sum())
        asked = covered.set_index("ds")["required"]
        np.testing.assert_array_equal(asked.loc[ds], people)
    assert set(heads.loc[heads["mix"] == FULL_TIME, "contract"]) <= {"full", NOBODY}
    assert plans[CHEAPEST].cost <= plans[FULL_TIME].cost
    assert shifts["day"].between(pd.Timestamp(MONDAY), pd.Timestamp("2024-01-14")).all()
