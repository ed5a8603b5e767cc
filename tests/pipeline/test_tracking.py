"""What MLflow holds after a run, read with MLflow itself."""

import pandas as pd
import pytest

from forecast.features import end_of_history
from forecast.origins import ahead_of
from forecast.schema import FEATURES, FORECAST, QUANTILES, as_known
from forecast.store import read_table

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def mlflow(finished):
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{finished.folder / 'mlflow.db'}")
    return mlflow


@pytest.fixture(scope="module")
def runs(mlflow):
    return mlflow.search_runs(experiment_names=["contact-centre-forecast"])


def test_one_parent_and_a_child_for_each_model(runs):
    parent = runs[runs["tags.mlflow.parentRunId"].isna()]
    assert len(parent) == 1
    children = runs[runs["tags.mlflow.parentRunId"] == parent["run_id"].iloc[0]]
    assert set(children["tags.model"]) == {
        "seasonal_naive",
        "same_weekday_mean",
        "day_level",
        "prophet",
        "lightgbm",
        "ensemble",
    }
    assert children["metrics.interval/1_week/pinball"].notna().all()


def test_the_parent_holds_settings_hashes_calendar_scores_and_figures(finished, runs, mlflow):
    parent = runs[runs["tags.mlflow.parentRunId"].isna()].iloc[0]
    assert parent["params.capacity.aht_s"] == "240.0"
    assert len(parent["params.sha256.history"]) == 64
    assert parent["tags.calendar_version"].startswith("holidays ")
    assert 0 < parent["metrics.interval/1_week/wape"] < 0.2
    assert parent["metrics.plan/base/cost"] > 0
    files = mlflow.artifacts.list_artifacts(run_id=parent["run_id"], artifact_path="report/figures")
    drawn = [*(finished.folder / "data/processed/report/figures").iterdir()]
    assert len(files) == len(drawn) >= 6


def test_the_champion_loads_by_its_alias_and_gives_the_same_forecast(finished, mlflow):
    champion = mlflow.pyfunc.load_model("models:/contact-centre-champion@champion")
    interim = finished.folder / "data/interim"
    parts = [read_table(interim / f"{name}.parquet", FEATURES) for name in ("features", "ahead")]
    features = as_known(pd.concat(parts, ignore_index=True))
    ahead = ahead_of(features, end_of_history(features), {"1_day": 1, "1_week": 7})
    ahead = ahead[ahead["open_min"] > 0]
    given = champion.predict(ahead)
    live = read_table(finished.folder / "data/processed/forecast.parquet", FORECAST)
    wanted = live[(live["model"] == "champion") & (live["open_min"] > 0)]
    wanted = wanted.sort_values("ds").reset_index(drop=True)
    pd.testing.assert_frame_equal(given[list(QUANTILES)], wanted[list(QUANTILES)])


def test_the_same_plan_is_not_logged_twice(project, mlflow):
    before = len(mlflow.search_runs(experiment_names=["contact-centre-forecast"]))
    again = project.run("dvc", "repro", "--force", "--single-item", "track")
    assert again.returncode == 0, again.stderr
    mlflow.set_tracking_uri(f"sqlite:///{project.folder / 'mlflow.db'}")
    assert len(mlflow.search_runs(experiment_names=["contact-centre-forecast"])) == before
