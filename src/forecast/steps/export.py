"""`forecast export`: what is required, in the forms that schedulers read."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from forecast.capacity.exports import (
    canonical,
    connect_override,
    genesys_forecast,
    pyworkforce_input,
)
from forecast.capacity.shifts.asked import template_of
from forecast.capacity.shifts.dated import fullest_week
from forecast.console import PARAMS, InFolder, OutFile, ParamsFile, say
from forecast.errors import InputError, ParamsError
from forecast.params import Params
from forecast.schema import FORECAST, SeriesKey, by_series
from forecast.steps.shifts import FirstDay, Scenario, day_told, requirement_of
from forecast.store import read_table, write_csv, write_json
from forecast.yamlfile import read_yaml


class Scheduler(StrEnum):
    """Who reads the file."""

    CSV = "csv"
    CONNECT = "amazon-connect"
    GENESYS = "genesys"
    PYWORKFORCE = "pyworkforce"


For = Annotated[Scheduler, typer.Option("--for", help="who reads it (docs/shifts.md)")]
Ids = Annotated[
    Path | None,
    typer.Option(help="YAML: the scheduler's id of each queue, or of each site/queue/channel"),
]


def export(
    processed: InFolder,
    out: OutFile,
    scheduler: For = Scheduler.CSV,
    ids: Ids = None,
    scenario: Scenario = "base",
    week: FirstDay = None,
    params: ParamsFile = PARAMS,
) -> None:
    """Write the last run's requirement for a scheduler; nothing is computed again."""
    settings = Params.load(params)
    requirement = requirement_of(processed, scenario)
    interval_min = settings.features.interval_min
    if scheduler == Scheduler.CSV:
        write_csv(canonical(requirement, interval_min), out)
    elif scheduler == Scheduler.CONNECT:
        known = _ids(ids, requirement)
        write_csv(connect_override(requirement, known, interval_min), out)
    elif scheduler == Scheduler.GENESYS:
        known = _ids(ids, requirement)
        start = _week_start(settings, requirement, processed, week)
        write_json(genesys_forecast(requirement, known, start, interval_min), out)
    else:
        write_json(_pyworkforce(settings, requirement, interval_min), out)
    say(
        f"export: {len(requirement):,} intervals of {scenario} for {scheduler.value} -> {out}; "
        f"assumed: {', '.join(settings.capacity.assumed) or 'nothing'}"
    )


def _ids(path: Path | None, requirement: pd.DataFrame) -> dict[SeriesKey, str]:
    """Return the id of each series: by site/queue/channel, or by queue; unknown ones are left."""
    if path is None:
        raise InputError("--ids must name a YAML file with the scheduler's id of each queue")
    told: Any = read_yaml(path)
    if not isinstance(told, dict):
        raise InputError(f"{path} must hold lines of queue: id; found {told}")
    series = [key for key, _ in by_series(requirement)]
    names = {"/".join(key): key for key in series}
    unknown = [str(n) for n in told if n not in names and n not in {key[1] for key in series}]
    if unknown:
        raise InputError(
            f"{path}: {', '.join(unknown)} is no queue of the requirement; "
            f"its series are {', '.join(names)}"
        )
    found = {key: told.get(name, told.get(key[1])) for name, key in names.items()}
    return {key: str(value) for key, value in found.items() if value is not None}


def _week_start(
    settings: Params, requirement: pd.DataFrame, processed: Path, week: str | None
) -> pd.Timestamp:
    """Return the start of the week that Genesys imports, in the time of the first site."""
    zone = settings.ingest.zone
    if week is None:
        forecast = read_table(processed / "forecast.parquet", FORECAST)
        first = fullest_week(requirement, forecast, zone)
    else:
        first = day_told(week)
    site = str(requirement["site"].min())
    return pd.Timestamp(first).tz_localize(zone(site)).tz_convert("UTC")


def _pyworkforce(settings: Params, requirement: pd.DataFrame, interval_min: int) -> dict[str, Any]:
    if settings.shifts is None:
        raise ParamsError(
            "shifts is null: pyworkforce takes the shifts of a day; write them there "
            "(docs/shifts.md)"
        )
    shifts = {
        shift.name: shift
        for contract in settings.shifts.contracts.values()
        for name, form in contract.shifts.items()
        for shift in template_of(name, form).shifts
    }
    most = int(requirement.groupby("ds")["scheduled_agents"].sum().max())
    return pyworkforce_input(requirement, interval_min, list(shifts.values()), heads_max=most)
