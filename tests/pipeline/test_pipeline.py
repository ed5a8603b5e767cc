"""The whole pipeline, from a clean folder to a report."""

import json
import re

import pandas as pd
import pytest
import yaml

from forecast.schema import (
    ERROR_PARTS,
    EVENT_DAYS,
    EVENT_EFFECTS,
    FORECAST,
    KIND_EFFECTS,
    LOOKUP,
    MISSES,
    NODES,
    PATHS,
    PEAK_MEASURES,
    PEAKS,
    PLAN,
    REQUIREMENT,
    SCORES,
    SERIES,
    SERVICE,
    TRADE_OFF,
    UNEXPLAINED,
)
from forecast.store import read_table
from tests.pipeline.conftest import ROOT, Project

pytestmark = pytest.mark.slow
PLANS = {"scenarios", "alerts", "trade", "lookup", "shifts", "sites", "hiring"}
"""Stages between the requirement and the report."""


def test_every_table_keeps_its_contract(finished):
    processed = finished.folder / "data/processed"
    for name, table in {
        "backtest": FORECAST,
        "forecast": FORECAST,
        "paths": PATHS,
        "scores": SCORES,
        "event_effects": EVENT_EFFECTS,
        "event_days": EVENT_DAYS,
        "kind_effects": KIND_EFFECTS,
        "requirement": REQUIREMENT,
        "scenario_requirement": REQUIREMENT,
        "plan": PLAN,
        "lookup": LOOKUP,
        "nodes": NODES,
        "trade_off": TRADE_OFF,
        "together": SERVICE,
    }.items():
        assert len(read_table(processed / f"{name}.parquet", table))
    # There may be nothing to name.
    for name, table in {
        "unexplained": UNEXPLAINED,
        "peaks": PEAKS,
        "peak_measures": PEAK_MEASURES,
    }.items():
        read_table(processed / f"{name}.parquet", table)


def test_the_causes_of_staffing_errors_add_up_to_them(finished):
    processed = finished.folder / "data/processed"
    key = [*SERIES, "model", "horizon"]
    misses = read_table(processed / "misses.parquet", MISSES).set_index(key)
    parts = read_table(processed / "error_parts.parquet", ERROR_PARTS)
    hours = parts.groupby(key)["hours"].sum()
    both = misses["over_hours"] + misses["under_hours"]
    assert len(hours) == len(both) > 0
    assert (hours - both[hours.index]).abs().max() < 1e-6 * both.max()


def test_a_second_run_does_nothing(finished):
    again = finished.run("dvc", "repro")
    assert again.returncode == 0
    assert "Running stage" not in again.stdout
    assert "up to date" in again.stdout


def test_from_scratch_the_bytes_are_the_same(finished, tmp_path):
    other = Project(tmp_path / "elsewhere")
    assert other.run("dvc", "repro", "report", "accuracy").returncode == 0
    mine, theirs = finished.tables(), other.tables()
    assert mine.keys() == theirs.keys()
    assert [name for name in mine if mine[name] != theirs[name]] == []


def test_the_report_holds_everything_inside(finished):
    page = (finished.folder / "data/published/latest/plan.html").read_text(encoding="utf-8")
    links = re.findall(r'(?:src|href)\s*=\s*["\']([^"\'#]+)', page)
    assert all(link.startswith("data:") for link in links)
    assert "@import" not in page
    assert page.count("<script") == 2  # the sliders and their grid
    drawn = [*(finished.folder / "data/published/latest/figures").glob("*.svg")]
    assert page.count("<svg") == 2 * len(drawn) >= 20  # wide, and for a phone
    assert "Assumed, not measured" in page
    assert "NaN" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.S)


def test_every_table_for_people_says_what_is_assumed(finished):
    report = finished.folder / "data/published/latest"
    assumed = "aht_s;patience_s;shrinkage;cost_per_paid_hour"
    for name in ("requirement", "plan"):
        table = pd.read_csv(report / f"{name}.csv")
        assert (table["assumed"] == assumed).all()
    for name, more in {
        "shifts_heads": ";contract full;contract part",
        "shifts_shifts": ";contract full;contract part",
        "hiring_hires": ";growth_pct;doubt_pct",
        "hiring_workforce": ";growth_pct;doubt_pct",
    }.items():
        table = pd.read_csv(report / f"{name}.csv")
        assert len(table)
        assert table["assumed"].str.startswith(assumed + more).all()
    assert "assumed, not measured" in (report / "summary.txt").read_text(encoding="utf-8")


def test_numbers_trace_to_tables_by_hash(finished):
    trace = json.loads((finished.folder / "data/published/latest/plan.json").read_text())
    from forecast.store import sha256

    for name, entry in trace["tables"].items():
        (path,) = [*finished.folder.glob(f"data/*/{name}.parquet")]
        assert sha256(path) == entry["sha256"]


def test_only_what_depends_on_a_change_runs_again(project):
    settings = project.params
    settings["capacity"]["cost_per_paid_hour"] = 31
    project.write_params(settings)
    again = project.run("dvc", "repro")
    assert again.returncode == 0, again.stderr
    ran = re.findall(r"Running stage '(\w+)'", again.stdout)
    assert ran[-2:] == ["report", "track"]
    assert set(ran[:-2]) == {"accuracy", "capacity", *PLANS}


def test_a_promotion_ahead_leaves_the_backtest_alone(project):
    # It begins eight days after the history ends: what leads up to it lies ahead as well.
    with (project.folder / "data/raw/calendars/promotions.csv").open("a") as file:
        file.write("sale,Autumn sale,promotion,2003-11-01,2003-11-02,all,,2003-10-20\n")
    again = project.run("dvc", "repro")
    assert again.returncode == 0, again.stderr
    ran = re.findall(r"Running stage '(\w+)'", again.stdout)
    assert ran[:3] == ["calendars", "features", "forecast"]
    assert set(ran[3:-2]) == {"capacity", *PLANS}
    assert ran[-2:] == ["report", "track"]
    assert "no event of kind 'promotion' is in the history" in again.stdout


def test_own_exports_take_the_samples_place(project):
    settings = project.params
    settings["sample"]["enabled"] = False
    settings["capacity"] |= {"aht_s": None, "assumed": ["patience_s"]}
    settings["calendars"]["opening_hours"] = "learn"
    project.write_params(settings)
    sample = pd.read_csv(project.folder / "data/raw/acd/sample/bank_calls_2003.csv")
    own = sample.assign(
        queue=sample["queue"].map({"retail": "<b>bold</b>"}),
        answered=sample["offered"],
        talk_s=sample["offered"] * 200,
        wrap_s=sample["offered"] * 30,
    )
    own.to_csv(project.folder / "data/raw/acd/mine.csv", index=False)
    done = project.run("dvc", "repro")
    assert done.returncode == 0, done.stderr
    assert project.publish().returncode == 0
    assert not (project.folder / "data/raw/acd/sample/bank_calls_2003.csv").exists()
    page = (project.folder / "data/published/latest/plan.html").read_text(encoding="utf-8")
    assert "<b>bold" not in page
    assert "&lt;b&gt;bold" in page
    table = pd.read_csv(project.folder / "data/published/latest/requirement.csv")
    assert (table.loc[table["scenario"] == "base", "aht_s"] == 230).all()
    assert (table["assumed"] == "patience_s").all()


def test_when_tracking_is_down_the_forecast_still_comes_out(project):
    dead = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    done = project.run("dvc", "repro", "--force", "--single-item", "track", **dead)
    assert done.returncode == 0, done.stderr
    assert "warning: MLflow could not be reached" in done.stderr
    said = project.publish()
    assert said.returncode == 0
    assert "NOT TRACKED in MLflow" in said.stdout


def test_the_shipped_settings_differ_from_the_tests_only_in_length():
    shipped = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    assert shipped["backtest"]["weeks"] >= 8
    assert shipped["forecast"]["horizon_days"] == 28
