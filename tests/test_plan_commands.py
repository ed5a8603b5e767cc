"""`forecast shifts`, `sites`, `hiring`, `export`: a run's tables become plans to read."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from forecast.capacity.base import base_demand
from forecast.capacity.requirements import requirement
from forecast.cli import app
from forecast.errors import ForecastError
from forecast.params import Params
from forecast.schema import (
    COST_LINES,
    COVERAGE,
    FORECAST,
    HEADS,
    HIRES,
    HISTORY,
    PATHS,
    QUANTILES,
    REQUIREMENT,
    SHIFTS,
    SITE_COSTS,
    SITE_LOAD,
    WORKFORCE,
)
from forecast.store import read_table, write_table
from tests.conftest import make_history

FIRST = pd.Timestamp("2024-01-06")  # a Saturday
DAYS, PATHS_N = 16, 40
CHANGES = {
    "ingest.timezone": "UTC",
    "features.interval_min": 60,
    "capacity.aht_s": 240,
    "shifts": {
        "understaffing_cost_per_hour": 90,
        "assumed": ["full"],
        "contracts": {
            "full": {
                "full_time": True,
                "hours_min": 40,
                "hours_max": 40,
                "shifts": {"day": {"starts": ["08:00", "10:00"], "length_min": 480}},
            },
            "part": {
                "hours_min": 8,
                "hours_max": 24,
                "shifts": {"half": {"starts": ["08:00", "12:00", "14:00"], "length_min": 240}},
            },
        },
    },
    "hiring": {
        "weeks": 26,
        "growth_pct": 30,
        "doubt_pct": 5,
        "cover": {"cost_per_head_week": 2500},
        "terminal": {"value_per_head": 6000},
        "assumed": ["attrition"],
        "sites": [
            {
                "name": "main",
                "opening_heads": {30: 14},
                "wage_per_week": 1200,
                "attrition": {0: 0.01},
                "lead_weeks": 3,
                "training_weeks": 2,
                "class_sizes": [2, 4],
                "hiring_cost": 900,
                "leaver_cost": 300,
            }
        ],
    },
    "sites": {
        "unmet_cost_per_hour": 100,
        "places": {
            "main": {"pay_per_hour": 30, "opens": "08:00", "closes": "16:00"},
            "pune": {"pay_per_hour": 9, "timezone": "Asia/Kolkata", "seats": 4},
        },
    },
}


@pytest.fixture(scope="module")
def run(tmp_path_factory, root):
    """The folder of a run: eight to six, seven days a week, and its settings."""
    folder = tmp_path_factory.mktemp("run")
    ds = pd.date_range(FIRST, periods=24 * DAYS, freq="h", tz="UTC").as_unit("us")
    is_open = (ds.hour >= 8) & (ds.hour < 18)
    rate = np.where(is_open, 60 + 30 * (ds.hour == 11) + 20 * (ds.day_of_week == 0), 0)
    counts = np.random.default_rng(4).poisson(np.tile(rate, (PATHS_N, 1)))
    key = {"site": "main", "queue": "sales", "channel": "voice"}
    paths = pd.DataFrame(
        {
            "path": np.repeat(np.arange(PATHS_N), len(ds)),
            "ds": np.tile(ds, PATHS_N),
            "open_min": np.tile(np.where(is_open, 60.0, 0.0), PATHS_N),
            "offered": counts.ravel(),
            "aht_s": np.nan,
        }
    ).assign(**key)
    predicted = pd.DataFrame({"ds": ds}).assign(
        **key, target="offered", model="champion", cutoff=ds[0], horizon="1_week", open_min=60.0,
        y=np.nan, mean=1.0, aht_effect=1.0, **dict.fromkeys(QUANTILES, 1.0),
    )  # fmt: skip
    predicted = predicted.reindex(columns=FORECAST.names)
    for column in FORECAST.columns:
        if predicted[column.name].isna().all() and not column.nullable:
            predicted[column.name] = {"str": "", "int64": 1, "float64": 0.0}.get(
                column.dtype, ds[0]
            )
    settings = Params.load(root / "params.yaml").override(CHANGES)
    history = make_history(40)
    demand = base_demand(paths, predicted, history, settings)
    table = requirement(demand, settings.capacity)
    write_table(paths, PATHS, folder / "processed/paths.parquet")
    write_table(predicted, FORECAST, folder / "processed/forecast.parquet")
    write_table(table, REQUIREMENT, folder / "processed/requirement.parquet")
    both = pd.concat([table.assign(scenario=name) for name in ("base", "busy")])
    write_table(both, REQUIREMENT, folder / "processed/scenario_requirement.parquet")
    write_table(history, HISTORY, folder / "interim/history.parquet")
    return folder


def asked(run, command, *arguments, **changes):
    """Run a command with settings changed, and return what it printed."""
    settings = Params.load("params.yaml").override({**CHANGES, **changes})
    file = run / "params.yaml"
    file.write_text(yaml.safe_dump(settings.model_dump(mode="json", exclude_unset=True)), "utf-8")
    words = [command, *map(str, arguments), "--params", str(file)]
    result = CliRunner().invoke(app(), words)
    if isinstance(result.exception, ForecastError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def folders(run, monkeypatch, root):
    monkeypatch.chdir(root)
    return run / "interim", run / "processed"


def test_shifts_say_heads_cost_and_what_the_mix_saves(run, folders):
    out = run / "shifts"
    said = asked(run, "shifts", *folders, out)
    heads = read_table(out / "heads.parquet", HEADS)
    costs = heads.groupby("mix")["cost"].sum()
    assert "shifts: seven days from Monday 2024-01-0" in said
    saving = costs["full-time"] - costs["cheapest"]
    assert f"the cheapest mix saves USD {saving:,.2f} a week" in said
    assert f"({saving / costs['full-time']:.1%}) against all full-time" in said
    assert "assumed: patience_s, shrinkage, cost_per_paid_hour, contract full" in said.replace(
        "aht_s, ", ""
    )
    assert heads["assumed"].str.endswith("contract full").all()
    shifts, coverage = read_table(out / "shifts.parquet", SHIFTS), out / "coverage.parquet"
    assert shifts["heads"].sum() > 0
    covered = read_table(coverage, COVERAGE)
    table = read_table(folders[1] / "requirement.parquet", REQUIREMENT)
    need = table.set_index("ds")["scheduled_agents"]
    own = covered[(covered["mix"] == "cheapest") & (covered["required"] > 0)].set_index("ds")
    assert (own["required"] == need.loc[own.index]).all()
    assert len(pd.read_csv(out / "heads.csv")) == len(heads)


def test_a_week_and_a_scenario_can_be_named(run, folders):
    said = asked(
        run, "shifts", *folders, run / "named", "--week", "2024-01-10", "--scenario", "busy"
    )
    assert "seven days from Wednesday 2024-01-10" in said
    assert set(pd.read_csv(run / "named/heads.csv")["scenario"]) == {"busy"}


@pytest.mark.parametrize(
    ("arguments", "changes", "why"),
    [
        (["--week", "2024-01-20"], {}, r"must lie in the forecast, 2024-01-06 to 2024-01-21; 5 of"),
        (["--week", "soon"], {}, "--week must be a date like 2026-03-02; found 'soon'"),
        (["--scenario", "none"], {}, r"last run \(base, busy\); found 'none'"),
        (
            [],
            {
                "shifts.understaffing_cost_per_hour": None,
                "shifts.contracts.full.heads_max": 1,
                "shifts.contracts.part.heads_max": 0,
            },
            r"coverage of 'main' at \w+ \d\d:00 UTC \(interval \d+\): .* heads short",
        ),
        (
            [],
            {"shifts.contracts.full.hours_min": 41, "shifts.contracts.full.hours_max": 42},
            "contract 'full', template 'day': no whole number",
        ),
    ],
)
def test_a_week_that_cannot_be_is_refused_by_constraint_and_interval(
    run, folders, arguments, changes, why
):
    with pytest.raises(ForecastError, match=why):
        asked(run, "shifts", *folders, run / "refused", *arguments, **changes)
    assert not (run / "refused").exists()


def test_hiring_says_the_latest_approval_of_each_class_and_bills_all(run, folders):
    asked(run, "shifts", *folders, run / "shifts")
    said = asked(run, "hiring", *folders, run / "shifts", run / "hiring")
    hires = read_table(run / "hiring/hires.parquet", HIRES)
    assert len(hires) > 1
    for row in hires.dropna(subset=["latest_approval"]).to_dict("records"):
        assert f"class of {row['size']}: starts {row['start'].date()}" in said
        assert f"latest approval {row['latest_approval'].date()}" in said
    week = read_table(run / "hiring/workforce.parquet", WORKFORCE)
    assert (week["p_met"] >= 0.9 - 1e-9).all()
    assert week["week"].min() == pd.Timestamp(date(2024, 1, 8))
    lines = read_table(run / "hiring/cost_lines.parquet", COST_LINES).set_index("line")
    assert lines.loc["hires main", "quantity"] == hires["size"].sum()
    assert lines.loc["leavers main", "cost"] == pytest.approx(300 * week["leavers"].sum(), abs=0.01)
    assert lines.loc["wages main", "quantity"] == pytest.approx(week["heads"].sum(), abs=1e-4)
    assert f"USD {lines['cost'].sum():,.2f} in all" in said
    heads = pd.read_csv(run / "shifts/heads.csv").query("mix == 'cheapest'")
    net = heads["required_hours"].max() - heads["missing_hours"].sum()
    assert f"main: {heads['paid_hours'].sum() / net:.3f} paid hours for an hour required" in said
    assert "assumed: " in said
    assert "attrition" in said


def test_hiring_that_cannot_be_names_weeks_heads_and_reason(run, folders):
    asked(run, "shifts", *folders, run / "shifts")
    with pytest.raises(
        ForecastError, match=r"week of 2024-01-\d\d: required .* lacking .* \(time\)"
    ):
        asked(run, "hiring", *folders, run / "shifts", run / "no", **{"hiring.cover": None,
              "hiring.growth_pct": 900})  # fmt: skip
    other = [{"name": "lyon", "wage_per_week": 1, "class_sizes": [1]}]
    with pytest.raises(ForecastError, match=r"hiring\.sites must be .* main, or `all`; found lyon"):
        asked(run, "hiring", *folders, run / "shifts", run / "no", **{"hiring.sites": other})


def test_any_site_may_begin_with_the_heads_that_it_takes(run, folders):
    asked(run, "shifts", *folders, run / "shifts")
    (main,) = CHANGES["hiring"]["sites"]
    anywhere = {**main, "name": "all", "opening_heads": {}}
    told = {"hiring.sites": [anywhere], "hiring.opening_tenure_weeks": 30}
    asked(run, "hiring", *folders, run / "shifts", run / "any", **told)
    found = read_table(run / "any/workforce.parquet", WORKFORCE)
    assert set(found["site"]) == {"main"}
    assert found["heads"].iloc[0] > 5


def test_sites_say_the_price_of_not_pooling_and_of_each_outage(run, folders):
    said = asked(run, "sites", *folders, run / "sites")
    costs = read_table(run / "sites/site_costs.parquet", SITE_COSTS)
    total = costs.groupby("arrangement")["cost"].sum().round(2)
    assert f"the price of not pooling: USD {total['own'] - total['pooled']:,.2f}" in said
    assert total["pooled"] < total["own"]
    for site in ("main", "pune"):
        more = total[f"without {site}"] - total["pooled"]
        assert f"without {site}: USD {total[f'without {site}']:,.2f}" in said
        assert f"(USD {more:+,.2f})" in said
    load = read_table(run / "sites/site_load.parquet", SITE_LOAD)
    need = read_table(folders[1] / "requirement.parquet", REQUIREMENT)["agents"].sum()
    assert load["agents"].sum() == need
    by_night = load[load["ds"].dt.hour >= 16]
    assert set(by_night["served_at"]) == {"pune", "nobody"}


def test_without_their_sections_the_stages_write_empty_tables_and_say_so(run, folders):
    none = {"shifts": None, "sites": None, "hiring": None}
    said = asked(run, "shifts", *folders, run / "empty/shifts", **none)
    said += asked(run, "sites", *folders, run / "empty/sites", **none)
    said += asked(run, "hiring", *folders, run / "empty/shifts", run / "empty/hiring", **none)
    assert [said.count(f"the section {name} of the settings is null") for name in none] == [1, 1, 1]
    assert len(read_table(run / "empty/shifts/heads.parquet", HEADS)) == 0
    assert len(read_table(run / "empty/hiring/hires.parquet", HIRES)) == 0
    # A hiring plan does without a shift plan.
    said = asked(run, "hiring", *folders, run / "empty/shifts", run / "empty/hiring")
    assert "main: 1.000 paid hours for an hour required" in said


def test_the_requirement_leaves_in_each_schedulers_form(run, folders):
    ids = run / "ids.yaml"
    ids.write_text("sales: queue-1\n", encoding="utf-8")
    processed = folders[1]
    table = read_table(processed / "requirement.parquet", REQUIREMENT)
    asked(run, "export", processed, run / "need.csv")
    plain = pd.read_csv(run / "need.csv")
    assert plain["scheduled_agents"].sum() == table["scheduled_agents"].sum()
    with pytest.raises(ForecastError, match="intervals of 15 or 30 min; found 60"):
        asked(run, "export", processed, run / "c.csv", "--for", "amazon-connect", "--ids", ids)
    asked(run, "export", processed, run / "g.json", "--for", "genesys", "--ids", ids)
    told = json.loads((run / "g.json").read_text("utf-8"))["planningGroups"]
    assert [group["planningGroupId"] for group in told] == ["queue-1"]
    start = pd.Timestamp("2024-01-08", tz="UTC")
    week = table[(table["ds"] >= start) & (table["ds"] < start + pd.Timedelta(days=7))]
    later = table[(table["ds"] >= start + pd.Timedelta(days=7))]
    assert round(sum(told[0]["offeredPerInterval"])) in {
        round(week["offered"].sum()),
        round(later["offered"].sum()),
    }
    asked(run, "export", processed, run / "p.json", "--for", "pyworkforce")
    work = json.loads((run / "p.json").read_text("utf-8"))
    assert np.sum(work["required_resources"]) == table["scheduled_agents"].sum()
    assert set(work["shifts_coverage"]) == {
        "08:00-16:00", "10:00-18:00", "08:00-12:00", "12:00-16:00", "14:00-18:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [(None, "--ids must name a YAML file"), ("slaes: 1\n", "slaes is no queue of the requirement")],
)
def test_ids_that_are_wrong_are_named(run, folders, text, why):
    words = []
    if text:
        (run / "bad.yaml").write_text(text, encoding="utf-8")
        words = ["--ids", run / "bad.yaml"]
    with pytest.raises(ForecastError, match=why):
        asked(run, "export", folders[1], run / "x.json", "--for", "genesys", *words)
