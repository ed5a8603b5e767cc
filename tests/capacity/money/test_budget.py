"""A plan frozen as the budget on disk, and its variance against what came."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from forecast.capacity.demand import demand_of
from forecast.capacity.money.budget import actual_account, planned_account
from forecast.capacity.money.variance import EFFECTS, freeze, variance
from forecast.capacity.requirements import requirement
from forecast.cli import app
from forecast.errors import ForecastError
from forecast.queueing import Target, required_agents
from forecast.schema import CALENDAR, HISTORY, REQUIREMENT
from forecast.store import sha256, write_json, write_table
from tests.capacity.test_demand import paths_of

DAYS, SLOTS = 12, 6
START = pd.Timestamp("2024-05-06 08:00", tz="UTC")  # a Monday
MONDAYS = pd.to_datetime(["2024-05-06", "2024-05-13"])
TEAM = "main/sales/voice"


@pytest.fixture(scope="module")
def rules(params):
    return params.override(
        {
            "ingest.timezone": "UTC",
            "capacity.aht_s": None,
            "capacity.assumed": ["patience_s"],
            "capacity.contract_mix": {"full": 0.8, "part": 0.2},
            "costs": {
                "currency": "USD",
                "contracts": {"full": {"pay_per_hour": 30}, "part": {"pay_per_hour": 24.4}},
            },
        }
    )


def of_days(made, days):
    """Return rows of one day after the other, each of SLOTS half-hours."""
    parts = []
    for day, one in zip(range(days), made, strict=True):
        ds = (one["ds"] - one["ds"].min() + START + pd.Timedelta(days=day)).astype(one["ds"].dtype)
        parts.append(one.assign(ds=ds, site="main", queue="sales", channel="voice"))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def plan(rules):
    """REQUIREMENT of twelve days of three hours: a whole week and five days of the next."""
    rng = np.random.default_rng(2)
    paths = of_days((paths_of(rng.poisson(80.0, (20, SLOTS))) for _ in range(DAYS)), DAYS)
    key = ("main", "sales", "voice")
    return requirement(demand_of(paths, {key: 240.0}), rules.capacity)


def history_of(counts, aht_s=250.0, agents=None):
    """Return HISTORY of whole days of half-hours."""
    ds = [
        START + pd.Timedelta(days=i // SLOTS, minutes=30 * (i % SLOTS)) for i in range(len(counts))
    ]
    rows = pd.DataFrame({"ds": ds, "offered": counts, "site": "main", "queue": "sales"})
    rows = rows.assign(channel="voice", minutes=30, answered=rows["offered"].astype("float64"))
    rows = rows.assign(talk_s=aht_s * rows["answered"], agents=agents)
    return HISTORY.validate(rows.reindex(columns=HISTORY.names))


def test_a_plans_account_is_its_bill(plan, rules):
    account = planned_account(plan, rules, None)
    assert account.drivers["period"].tolist() == MONDAYS.tolist()
    first = plan[plan["ds"] < START + pd.Timedelta(days=7)]
    row = account.drivers.iloc[0]
    assert row["offered"] == pytest.approx(first["offered"].sum())
    assert row["required_hours"] == row["position_hours"] == first["agents"].sum() / 2
    pay = account.pay.set_index(["period", "contract"]).loc[MONDAYS[0]]
    hours = first["scheduled_agents"].sum() / 2
    assert pay.loc["part", "hours"] == pytest.approx(0.2 * hours)
    assert pay.loc["part", "cost"] == pytest.approx(0.2 * hours * 24.4, abs=0.005)


def test_what_came_is_counted_week_by_week_and_only_when_over(plan, rules):
    counts = np.random.default_rng(4).poisson(90, SLOTS * 9)  # two days into the second week
    came = actual_account(planned_account(plan, rules, None), plan, rules, history_of(counts))
    assert came.account.drivers["period"].tolist() == [MONDAYS[0]]
    row = came.account.drivers.iloc[0]
    week = counts[: 7 * SLOTS]
    assert row["offered"] == week.sum()
    assert row["aht_s"] == pytest.approx(250)
    own = rules.capacity
    target = Target(own.service_level_target, own.answer_within_s, own.occupancy_max)
    needed = required_agents(week * 250 / 1800, aht_s=250, target=target, patience_s=180)
    assert row["required_hours"] == needed.sum() / 2
    assert len(came.assumed) == 2  # HISTORY has no agents, and nobody gave the pay.


def test_agents_of_the_history_are_the_hours_on_position(plan, rules):
    planned = planned_account(plan, rules, None)
    counts = np.full(SLOTS * DAYS, 80)
    came = actual_account(planned, plan, rules, history_of(counts, agents=20.0))
    assert came.account.drivers["position_hours"].tolist() == [7 * 60.0, 5 * 60.0]
    part = 420 / planned.drivers["position_hours"].iloc[0]
    paid = came.account.pay.groupby("period")["hours"].sum().iloc[0]
    assert paid == pytest.approx(part * planned.pay.groupby("period")["hours"].sum().iloc[0])


WEEK = st.fixed_dictionaries(
    {
        "level": st.floats(0, 3),
        "aht_s": st.floats(60, 900),
        "position": st.floats(1, 300),
        "gross": st.floats(1, 3),
        "full": st.floats(0, 1),
        "rate": st.floats(0, 90),
    }
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WEEK, WEEK)
def test_all_effects_add_up_to_the_cent(plan, rules, one, two):
    budget = freeze("p", planned_account(plan, rules, None))
    levels = np.repeat([one["level"], two["level"]], [7 * SLOTS, 5 * SLOTS])
    counts = np.random.default_rng(1).poisson(80 * levels)
    paid = pd.concat(
        [
            pd.DataFrame(
                {
                    "period": start,
                    "queue": TEAM,
                    "contract": ["full", "part"],
                    "hours": np.array([w["full"], 1 - w["full"]]) * w["position"] * w["gross"],
                    "position_hours": [w["position"], 0.0],
                }
            ).assign(cost=lambda t, w=w: t["hours"] * w["rate"])
            for start, w in zip(MONDAYS, (one, two), strict=True)
        ]
    )
    came = actual_account(budget.account, plan, rules, history_of(counts, one["aht_s"]), paid)
    assert not came.assumed
    found = variance(budget, came.account)
    for period in MONDAYS:
        own = found.rows[found.rows["period"] == period]
        total = found.totals[found.totals["period"] == period].iloc[0]
        cents = np.rint(came.account.pay.query("period == @period")["cost"] * 100).sum()
        planned = np.rint(budget.account.pay.query("period == @period")["cost"] * 100).sum()
        assert own["cents"].sum() == total["cents"] == cents - planned
    last = found.rows[found.rows["period"] == MONDAYS[1]]
    assert last["cumulated_cents"].sum() == found.totals["cents"].sum()


@pytest.fixture(scope="module")
def run(plan, rules, tmp_path_factory):
    """The folders of a run, with the report's trace."""
    folder = tmp_path_factory.mktemp("run")
    interim, processed = folder / "interim", folder / "processed"
    write_table(plan, REQUIREMENT, processed / "requirement.parquet")
    write_table(CALENDAR.empty(), CALENDAR, interim / "calendar.parquet")
    told = {
        "requirement": processed / "requirement.parquet",
        "calendar": interim / "calendar.parquet",
    }
    tables = {name: {"sha256": sha256(path)} for name, path in told.items()}
    trace = {"plan_id": "abc123", "tables": tables, "params": rules.model_dump(mode="json")}
    write_json(trace, processed / "report" / "plan.json")
    write_table(history_of(np.full(SLOTS * 8, 90)), HISTORY, folder / "history.parquet")
    return folder


def budget(run, *words, budgets="budgets"):
    return CliRunner().invoke(app(), ["budget", *map(str, words), "--budgets", str(run / budgets)])


def frozen(run, name, budgets="budgets"):
    return budget(run, "freeze", name, run / "interim", run / "processed", budgets=budgets)


def test_a_plan_is_frozen_and_its_variance_told(run, plan):
    found = frozen(run, "year")
    assert found.exit_code == 0, found.exception
    assert "budget year: plan abc123, 2 weeks from 2024-05-06, USD" in found.output
    note = json.loads((run / "budgets/year/budget.json").read_text("utf-8"))
    assert note["plan_id"] == "abc123"
    out = run / "out"
    told = budget(run, "variance", "year", run / "history.parquet", "--out", out)
    assert told.exit_code == 0, told.exception
    assert "assumed: paid hours" in told.output
    rows, totals = pd.read_csv(out / "effects.csv"), pd.read_csv(out / "totals.csv")
    assert set(rows["effect"]) == set(EFFECTS)
    assert rows["cents"].sum() == totals["cents"].sum()


def test_paid_hours_of_a_file_are_taken_and_must_be_whole(run):
    frozen(run, "paid")
    file = run / "paid.csv"
    head = "week,queue,contract,paid_hours,cost,position_hours\n"
    file.write_text(head + f"2024-05-06,{TEAM},full,600,21000.00,430\n", "utf-8")
    told = budget(run, "variance", "paid", run / "history.parquet", "--paid", file)
    assert told.exit_code == 0, told.exception
    assert "21,000.00" in told.output
    assert "assumed" not in told.output
    for text, why in (
        (f"2024-05-07,{TEAM},full,600,2,430\n", "line 2, column week: '2024-05-07' is no Monday"),
        (f"2024-05-06,{TEAM},full,x,2,430\n", "line 2, column paid_hours: 'x' is no number"),
        ("2024-05-06,other,full,6,2,4\n", "lack weeks or queues that are over"),
    ):
        file.write_text(head + text, "utf-8")
        found = budget(run, "variance", "paid", run / "history.parquet", "--paid", file)
        assert why in str(found.exception)


def test_nothing_is_overwritten_or_frozen_from_two_runs(run, plan):
    frozen(run, "once")
    before = (run / "budgets/once/budget.json").read_bytes()
    assert "a budget is not overwritten" in str(frozen(run, "once").exception)
    assert (run / "budgets/once/budget.json").read_bytes() == before
    assert "a budget's name has letters" in str(frozen(run, "../once").exception)
    table = run / "processed/requirement.parquet"
    kept = table.read_bytes()
    write_table(plan.assign(agents=plan["agents"] + 1), REQUIREMENT, table)
    found = frozen(run, "later")
    table.write_bytes(kept)
    assert "is not the one that plan abc123 was reported with" in str(found.exception)
    assert not (run / "budgets/later").exists()


def test_a_budget_that_was_changed_is_refused(run):
    frozen(run, "changed", "other")
    table = run / "other/changed/pay.parquet"
    pay = pd.read_parquet(table)
    pay.assign(cost=pay["cost"] + 1).to_parquet(table)
    told = budget(run, "variance", "changed", run / "history.parquet", budgets="other")
    assert "is not what was frozen" in str(told.exception)


@pytest.mark.parametrize(
    ("days", "drop", "why"),
    [
        (5, None, "no week of the budget is over: its first ends on 2024-05-12, and HISTORY"),
        (8, 2, "HISTORY has nothing of 1 budgeted days.*2024-05-08 main/sales/voice"),
    ],
)
def test_weeks_that_are_not_whole_are_no_actuals(plan, rules, days, drop, why):
    history = history_of(np.full(SLOTS * days, 80))
    if drop is not None:
        history = history[history["ds"].dt.day != START.day + drop]
    with pytest.raises(ForecastError, match=f"(?s){why}"):
        actual_account(planned_account(plan, rules, None), plan, rules, history)
