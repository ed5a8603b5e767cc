"""What a cap buys: against trying every plan, and by laws."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from forecast.capacity.afford.curves import curves
from forecast.capacity.afford.plan import Cap, afford, least_for_target
from forecast.capacity.demand import Demand
from forecast.capacity.people import Positions, paid_hours_of, scheduled_for
from forecast.capacity.service import achieved
from forecast.cli import app
from forecast.errors import InputError, ParamsError
from forecast.params import CapacityParams
from forecast.params.scenario import Scenario
from forecast.scenarios.case import Case
from forecast.scenarios.mend import bought, mended
from forecast.schema import FORECAST, HISTORY, PATHS
from forecast.store import write_table
from tests.capacity.test_demand import paths_of
from tests.conftest import make_history

RULES = CapacityParams(
    cost_per_paid_hour=20, currency="EUR", patience_s=90, shrinkage=0.3, fte_hours_per_week=1
)


def demand_of(*queues, days=1, minutes=30.0):
    """Queues of a few half-hours a day from a Sunday on; each row is (name, mean contacts)."""
    rng = np.random.default_rng(5)
    parts, rates = [], []
    for name, usual in queues:
        first = pd.date_range("2024-05-05 09:00", periods=days, freq="D", tz="UTC")
        ds = [day + pd.Timedelta(minutes=30 * i) for day in first for i in range(len(usual))]
        rows = pd.DataFrame({"site": "main", "queue": name, "channel": "voice", "ds": ds})
        parts.append(rows.assign(open_min=minutes, local=rows["ds"].dt.tz_localize(None)))
        rates.append(np.outer(np.tile(usual, days), rng.normal(1, 0.15, 6)))
    rate = np.concatenate(rates)
    return Demand(pd.concat(parts, ignore_index=True), rate, np.full(len(rate), 300.0), days / 7)


def in_time(demand, agents):
    told = achieved(demand, np.asarray(agents), RULES).service_level
    return float((told * demand.rate.mean(axis=1)).sum())


def hours_of(demand, agents):
    minutes = demand.intervals["open_min"].to_numpy()
    return paid_hours_of(scheduled_for(Positions(np.asarray(agents), minutes), 0.3)).hours


def every_plan(demand, most):
    return product(*(range(1, most + 1) for _ in range(len(demand.intervals))))


@pytest.mark.parametrize("money", [90.0, 110.0, 130.0, 180.0])
def test_no_plan_within_the_money_answers_more(money):
    demand = demand_of(("a", [9.0, 22.0]), ("b", [14.0, 5.0]))
    found = afford(demand, RULES, Cap(money=money))
    cost = 20 * hours_of(demand, found.agents).sum()
    assert cost <= money + 1e-9
    best = max(
        in_time(demand, plan)
        for plan in every_plan(demand, 7)
        if 20 * hours_of(demand, plan).sum() <= money + 1e-9
    )
    assert in_time(demand, found.agents) == pytest.approx(best, rel=1e-9)
    assert found.weeks["cost"].sum() == pytest.approx(cost)


@pytest.mark.parametrize("heads", [7, 9, 14])
def test_no_plan_of_so_many_heads_answers_more(heads):
    # On one day of the week a head has an hour: the hours bind for few, and the people at once too.
    demand = demand_of(("a", [9.0, 22.0]), ("b", [14.0, 5.0]))
    rules = RULES.model_copy(update={"fte_hours_per_week": 6})
    found = afford(demand, rules, Cap(heads=heads))
    at = demand.intervals.groupby("ds").ngroup().to_numpy()

    def fits(plan):
        hours = hours_of(demand, plan)
        people = np.bincount(at, hours / 0.5)
        return people.max() <= heads and hours.sum() <= heads * 6 / 7 + 1e-9

    assert fits(found.agents)
    best = max(in_time(demand, plan) for plan in every_plan(demand, 8) if fits(plan))
    assert in_time(demand, found.agents) == pytest.approx(best, rel=1e-9)


def test_the_least_for_a_target_is_the_cheapest_plan_that_meets_it():
    demand = demand_of(("a", [9.0, 22.0, 14.0]))
    told = curves(demand, RULES)
    found = least_for_target(demand, RULES, told, told.cost, np.arange(3))
    asked = 0.8 * demand.rate.mean(axis=1).sum()
    costs = [
        20 * hours_of(demand, plan).sum()
        for plan in every_plan(demand, 9)
        if in_time(demand, plan) >= asked
    ]
    assert found == pytest.approx(min(costs))


def test_more_money_buys_no_less_and_weeks_are_told_apart():
    demand = demand_of(("a", [20.0, 40.0, 30.0]), days=9)
    levels = []
    for money in (700, 1000, 1300, 1700):
        found = afford(demand, RULES, Cap(money=money))
        levels.append(found.service_level)
        weeks = found.weeks
        assert weeks["start"].astype(str).tolist() == ["2024-04-29", "2024-05-06", "2024-05-13"]
        assert (weeks["breaks"] == (weeks["service_level"] < 0.8)).all()
        assert (weeks.loc[weeks["breaks"], "lacking"] > 0).all()
        assert (weeks.loc[~weeks["breaks"], "lacking"] == 0).all()
    assert levels == sorted(levels)
    # By week the money cannot move to where it answers more.
    whole = 1000.0
    weekly = afford(demand, RULES, Cap(money=whole * 7 / 9, by="week"))
    assert weekly.weeks["cost"].max() <= whole * 7 / 9
    assert weekly.service_level <= afford(demand, RULES, Cap(money=whole)).service_level + 1e-9


def test_what_is_lacking_is_enough():
    demand = demand_of(("a", [20.0, 40.0, 30.0]))
    short = afford(demand, RULES, Cap(money=150))
    assert short.weeks["breaks"].all()
    enough = 150 + float(short.weeks["lacking"].sum()) + (150 - float(short.weeks["cost"].sum()))
    assert not afford(demand, RULES, Cap(money=enough)).weeks["breaks"].any()


def test_a_floor_keeps_every_interval():
    demand = demand_of(("a", [6.0, 60.0, 30.0]))
    free = afford(demand, RULES, Cap(money=200))
    kept = afford(demand, RULES, Cap(money=200, floor=0.3))
    assert free.poor > 0
    assert achieved(demand, free.agents, RULES).service_level.min() < 0.3
    assert achieved(demand, kept.agents, RULES).service_level.min() >= 0.3
    assert kept.service_level < free.service_level


def test_levers_are_worth_what_they_save():
    demand = demand_of(("a", [20.0, 40.0, 30.0]), ("b", [10.0, 10.0, 25.0]))
    base, cap = Case(demand, RULES), Cap(money=260)
    now = bought(base, cap)
    told = mended(base, cap, now, {
        "shorter": Scenario(aht_pct=-20), "more": Scenario(volume_pct=20),
        "given": Scenario(outsourced={"share": 0.3, "cost_per_contact": 100}),
    }).set_index("lever")  # fmt: skip
    assert list(told.index) == ["shorter", "more"]  # 100 a contact is above the cap.
    case = base.scaled(np.ones(6, dtype=bool), aht=0.8)
    then = bought(case, cap)
    points = 100 * (then.service_level - now.service_level)
    assert told.loc["shorter", "points"] == pytest.approx(points)
    worth = now.weeks["lacking"].sum() - then.weeks["lacking"].sum()
    assert told.loc["shorter", "worth"] == pytest.approx(worth)
    assert told.loc["shorter", "worth_per_point"] == pytest.approx(worth / points)
    assert told.loc["more", "worth"] < 0


@pytest.mark.parametrize(
    ("cap", "why"),
    [
        (
            {"money": 10},
            r"leaves 10\.00 in pay for the period, and the least .* takes 80\.00: most of it, "
            r"20\.00 an interval, at 2024-05-05 09:00 of main/a/voice",
        ),
        (
            {"heads": 7},
            r"leaves 1\.00 paid hours for the week from 2024-04-29, and the least .* 4\.00",
        ),
        ({"money": 10, "heads": 3}, "not both"),
        ({"money": -1}, "finite and > 0; found -1"),
        ({"money": 10, "floor": 1.0}, "the floor must be a share"),
    ],
)
def test_an_ask_that_cannot_be_says_which_limit_and_where(cap, why):
    demand = demand_of(("a", [9.0, 22.0]), ("b", [14.0, 5.0]))
    with pytest.raises(InputError, match=why):
        afford(demand, RULES, Cap(**cap))


def test_too_few_heads_for_an_instant_are_told_with_it():
    demand = demand_of(("a", [9.0, 22.0]), ("b", [14.0, 5.0]))
    rules = RULES.model_copy(update={"fte_hours_per_week": 40})
    why = r"3 heads are fewer .* at 2024-05-05 09:00 UTC: it takes 4 people in 2 teams"
    with pytest.raises(InputError, match=why):
        afford(demand, rules, Cap(heads=3))


def test_definitions_that_no_sum_is_made_of_are_refused():
    demand = demand_of(("a", [9.0]))
    with pytest.raises(ParamsError, match="definition offered or met and redial 0"):
        afford(demand, RULES.model_copy(update={"definition": "answered"}), Cap(money=99))


def test_the_command_says_weeks_and_levers(tmp_path, root):
    counts = np.random.default_rng(1).poisson(200, (50, 20))
    paths = paths_of(counts).assign(site="main", queue="sales")
    write_table(paths, PATHS, tmp_path / "processed" / "paths.parquet")
    write_table(FORECAST.empty(), FORECAST, tmp_path / "processed" / "forecast.parquet")
    write_table(make_history(60), HISTORY, tmp_path / "interim" / "history.parquet")
    where = [str(tmp_path / "interim"), str(tmp_path / "processed")]
    options = [
        "--money",
        "11000",
        "--out",
        str(tmp_path / "out"),
        "--params",
        str(root / "params.yaml"),
    ]
    found = CliRunner().invoke(app(), ["afford", *where, *options])
    assert found.exit_code == 0, found.output
    assert "main/sales/voice, week from" in found.output
    assert "breaks its 80%, lacks" in found.output
    assert "lever handle time 5 % shorter: +" in found.output
    idle = next(line for line in found.output.splitlines() if "do not help" in line)
    assert "shrinkage_up_5" in idle
    assert "points" not in idle
    weeks = pd.read_csv(tmp_path / "out" / "afford.csv")
    assert weeks["cost"].sum() <= 11000
    assert "worth" in pd.read_csv(tmp_path / "out" / "levers.csv")
