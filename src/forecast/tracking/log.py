"""A finished run -> MLflow: one parent run, a child run per model, the champion registered."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.params import Params
from forecast.targets import OFFERED

CHAMPION_ALIAS = "champion"
_NEEDED = ("holidays", "lightgbm", "pandas", "prophet", "pyarrow", "pydantic", "scipy")
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # Few and quick: a server that is down must not hold up the pipeline for minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


@dataclass(frozen=True)
class Finished:
    """Where a finished run's files are."""

    report: Path
    models: Path
    selection: Path
    trace: Mapping[str, Any]
    scores: pd.DataFrame
    plan: pd.DataFrame


def log_run(run: Finished, params: Params, root: Path) -> dict[str, str]:
    """Log a finished run and return its ids: ``run_id``, ``uri`` and ``model_version``.

    A plan that was logged before is not logged twice: the alias points to its champion again.

    Parameters
    ----------
    run
        The files of the run.
    params
        All parameters.
    root
        The project's folder; the default store is ``mlflow.db`` and ``mlartifacts`` in it. Where
        MLFLOW_TRACKING_URI is set, that is used.
    """
    mlflow = _configured(params.track.experiment, root)
    plan_id = run.trace["plan_id"]
    seen = mlflow.search_runs(
        filter_string=f"tags.plan_id = '{plan_id}' and tags.complete = 'yes'", max_results=1
    )
    if len(seen):
        model_version = str(seen.loc[0, "tags.model_version"])
        _point(mlflow, params.track.registered_model, model_version)
        return {
            "run_id": str(seen.loc[0, "run_id"]),
            "uri": mlflow.get_tracking_uri(),
            "model_version": model_version,
        }
    with mlflow.start_run(run_name=f"plan {plan_id}") as parent:
        mlflow.set_tags({"plan_id": plan_id, "calendar_version": run.trace["calendar_version"]})
        mlflow.log_params(_flat(params.model_dump(mode="json", exclude={"models"})))
        mlflow.log_params(
            {f"sha256.{n}": entry["sha256"] for n, entry in run.trace["tables"].items()}
        )
        mlflow.log_metrics(plan_metrics(run.plan))
        mlflow.log_metrics(score_metrics(run.scores, CHAMPION_ALIAS))
        mlflow.log_artifacts(str(run.report), "report")
        for model in sorted(set(run.scores["model"]) - {CHAMPION_ALIAS}):
            with mlflow.start_run(run_name=model, nested=True):
                mlflow.set_tags({"plan_id": plan_id, "model": model})
                mlflow.log_params(_flat(params.models.get(model, {})) or {"options": "defaults"})
                mlflow.log_metrics(score_metrics(run.scores, model))
        model_version = _register(mlflow, run, params.track.registered_model)
        mlflow.set_tags({"model_version": model_version, "complete": "yes"})
    return {
        "run_id": parent.info.run_id,
        "uri": mlflow.get_tracking_uri(),
        "model_version": model_version,
    }


def _configured(experiment: str, root: Path) -> Any:
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    import mlflow

    for noisy in ("mlflow", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    local = "MLFLOW_TRACKING_URI" not in os.environ
    if local:
        mlflow.set_tracking_uri(f"sqlite:///{(root / 'mlflow.db').resolve()}")
    if mlflow.get_experiment_by_name(experiment) is None:
        # An absolute place of our own: MLflow's default follows the current directory.
        place = (root / "mlartifacts").resolve().as_uri() if local else None
        mlflow.create_experiment(experiment, artifact_location=place)
    mlflow.set_experiment(experiment)
    return mlflow


def _register(mlflow: Any, run: Finished, name: str) -> str:
    """Register the champion, as files and the code that reads them, under the alias."""
    logged = mlflow.pyfunc.log_model(
        name="champion",
        python_model=str(Path(__file__).with_name("champion.py")),
        artifacts={"models": str(run.models), "selection": str(run.selection)},
        code_paths=[str(Path(__file__).parents[1])],
        pip_requirements=[f"{package}=={version(package)}" for package in _NEEDED],
        registered_model_name=name,
    )
    number = str(logged.registered_model_version)
    _point(mlflow, name, number)
    return number


def _point(mlflow: Any, name: str, number: str) -> None:
    mlflow.MlflowClient().set_registered_model_alias(name, CHAMPION_ALIAS, number)


def score_metrics(scores: pd.DataFrame, model: str) -> dict[str, float]:
    """Return a model's scores as metric names and values, averaged over series.

    Examples
    --------
    >>> one = {"model": "m", "target": "aht_s", "level": "day", "horizon": "1_day",
    ...     "metric": "wape", "value": 0.1}
    >>> score_metrics(pd.DataFrame([one]), "m")
    {'aht_s/day/1_day/wape': 0.1}
    """
    own = scores[(scores["model"] == model) & scores["value"].notna()]
    means = own.groupby(["target", "level", "horizon", "metric"])["value"].mean().reset_index()
    return {
        "/".join(([] if target == OFFERED else [target]) + list(names)): float(value)
        for target, *names, value in means.itertuples(index=False)
    }


def plan_metrics(plan: pd.DataFrame) -> dict[str, float]:
    """Return what each scenario's plan costs and achieves as metric names and values."""
    shown = ["agent_hours", "fte", "peak_agents", "cost", "service_level"]
    rows = plan[plan["is_plan"]].to_dict("records")
    return {f"plan/{row['scenario']}/{name}": float(row[name]) for row in rows for name in shown}


def _flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested settings under dotted names, cut to what every store accepts."""
    out: dict[str, str] = {}
    for name, value in data.items():
        if isinstance(value, Mapping) and value:
            out |= _flat(value, f"{prefix}{name}.")
        else:
            out[f"{prefix}{name}"] = str(value)[:500]
    return out
