"""Step track: a finished run -> MLflow. When it is down the forecast stands, and this says so."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from forecast.console import PARAMS, InFolder, OutFile, ParamsFile, say
from forecast.params import Params
from forecast.schema import PLAN, SCORES
from forecast.store import read_json, read_table, write_json
from forecast.tracking.log import Finished, log_run

Root = Annotated[Path, typer.Option(help="folder of the default store, mlflow.db")]


def track(
    report: InFolder,
    processed: InFolder,
    models: InFolder,
    out: OutFile,
    params: ParamsFile = PARAMS,
    root: Root = Path(),
) -> None:
    """Log parameters, hashes, scores, figures and the champion to MLflow."""
    settings = Params.load(params)
    run = Finished(
        report=report,
        models=models,
        selection=processed / "selection.json",
        trace=read_json(report / "plan.json"),
        scores=read_table(processed / "scores.parquet", SCORES),
        plan=read_table(processed / "plan.parquet", PLAN),
    )
    try:
        ids = log_run(run, settings, root)
    except Exception as error:  # tracking is an accessory (design rule 15): said, never fatal
        reason = f"{type(error).__name__}: {str(error).splitlines()[0][:300]}"
        print(f"warning: MLflow could not be reached or refused; {reason}", file=sys.stderr)
        write_json({"tracked": False, "reason": reason}, out)
        return
    write_json({"tracked": True, "plan_id": run.trace["plan_id"]}, out)
    say(f"track: run {ids['run_id']}, champion is version {ids['model_version']}, {ids['uri']}")
