"""`forecast whatif`: a file of scenarios, answered from the last run's tables."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from forecast.cli import app
from forecast.errors import ParamsError
from forecast.schema import EVENT_DAYS, FORECAST, HISTORY, KIND_EFFECTS, PATHS
from forecast.steps.whatif import with_scenarios
from forecast.store import write_table
from tests.capacity.test_demand import paths_of
from tests.conftest import make_history

FILE = """
more: {volume_pct: 20}
less: {self_service: {share: 0.2}}
both: {extends: [more, less]}
short: {closed: {starts: "09:00", ends: "10:00", lost: 0.5}}
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    counts = np.random.default_rng(1).poisson(200, (50, 20))
    paths = paths_of(counts).assign(site="main", queue="sales")
    write_table(paths, PATHS, folder / "processed" / "paths.parquet")
    write_table(FORECAST.empty(), FORECAST, folder / "processed" / "forecast.parquet")
    write_table(make_history(60), HISTORY, folder / "interim" / "history.parquet")
    return folder


def asked(folders, root, text, *options):
    file = folders / "what.yaml"
    file.write_text(text, encoding="utf-8")
    where = [str(folders / "interim"), str(folders / "processed")]
    return CliRunner().invoke(
        app(), ["whatif", str(file), *where, "--params", str(root / "params.yaml"), *options]
    )


def test_scenarios_stand_side_by_side_in_the_order_of_the_file(folders, root):
    out = folders / "out"
    found = asked(folders, root, FILE, "--out", str(out))
    assert found.exit_code == 0, found.output
    lines = found.output.splitlines()
    assert [line.split()[0] for line in lines[1:6]] == ["base", "more", "less", "both", "short"]
    assert "both: more: volume_pct +" in found.output
    assert "short: 200 contacts stay away" in found.output
    plan = pd.read_csv(out / "plan.csv").query("is_plan").set_index("scenario")
    assert plan.loc["more", "offered"] == pytest.approx(1.2 * plan.loc["base", "offered"])
    assert plan.loc["both", "offered"] == pytest.approx(0.96 * plan.loc["base", "offered"])
    steps = pd.read_csv(out / "steps.csv").groupby("scenario")["cost"].sum()
    for name in ("more", "less", "both", "short"):
        assert steps[name] == pytest.approx(plan.loc[name, "cost_vs_base"], abs=0.005)
    assert set(pd.read_csv(out / "service.csv")["period"]) == {"day", "week"}


def test_a_promotion_is_answered_from_what_the_last_run_learned(folders, root):
    known = {"site": "main", "queue": "sales", "channel": "voice", "target": "offered"}
    known |= {"kind": "mailing", "effect": 1.5}
    row = {**known, "pool": "event", "known_events": 2, "phase": "during", "day": 1}
    kinds = pd.DataFrame([{**row, "effect_q05": 1.5, "effect_q95": 1.5}])
    write_table(kinds, KIND_EFFECTS, folders / "processed" / "kind_effects.parquet")
    at = pd.Series(pd.to_datetime(["2024-01-01"])).astype("datetime64[us]")
    days = pd.DataFrame([{**known, "event_id": "new_year"}]).assign(start=at, local=at)
    write_table(days, EVENT_DAYS, folders / "processed" / "event_days.parquet")
    text = """
add: {promotions: {add: [{kind: mailing, first_day: 2024-01-01}]}}
drop: {promotions: {drop: [new_year]}}
"""
    out = folders / "promotions"
    found = asked(folders, root, text, "--out", str(out))
    assert found.exit_code == 0, found.output
    plan = pd.read_csv(out / "plan.csv").query("is_plan").set_index("scenario")
    assert plan.loc["add", "offered"] == pytest.approx(1.5 * plan.loc["base", "offered"])
    assert plan.loc["drop", "offered"] == pytest.approx(plan.loc["base", "offered"] / 1.5)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[1, 2]", "must hold scenarios"),
        ("{}", "must hold scenarios"),
        ("base: {volume_pct: 1}", "base is a scenario of the settings"),
        ("x: {volum: 3}", r"what\.yaml is refused:\n  - scenarios\.x\.volum: is no known key"),
        ("x: {extends: [y]}", "'y' is no scenario"),
    ],
)
def test_a_file_that_cannot_be_is_refused_by_name(tmp_path, params, text, why):
    file = tmp_path / "what.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ParamsError, match=why):
        with_scenarios(params, file)
