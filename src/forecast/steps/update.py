"""Step update: today's reports so far -> FORECAST and staffing of the rest of the day."""

import shutil
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import pandas as pd
import typer

from forecast.acd.forms.packed import read_drop
from forecast.acd.ingest import Sources, export_files, ingest
from forecast.acd.profile import profiles as all_profiles
from forecast.acd.take import take
from forecast.capacity.base import base_demand
from forecast.capacity.requirements import requirement
from forecast.console import PARAMS, InFolder, OutFolder, ParamsFile, say
from forecast.errors import InputError, listed
from forecast.intraday.seen import champion_by_date, strange_reports
from forecast.intraday.today import Today, rest_of_today
from forecast.params import Params
from forecast.schema import (
    FEATURES,
    FORECAST,
    HISTORY,
    PATHS,
    REQUIREMENT,
    SERIES,
    local_times,
    of_series,
)
from forecast.steps.ingest import PROFILES, ProfilesFolder
from forecast.store import read_table, write_csv, write_table

Reports = Annotated[Path, typer.Argument(help="today's export so far: a file, or a folder of them")]
SHOWN = ["mean", "q10", "q50", "q90"]


def update(
    today: Reports,
    interim: InFolder,
    processed: InFolder,
    out: OutFolder,
    params: ParamsFile = PARAMS,
    profiles: ProfilesFolder = PROFILES,
) -> None:
    """Update the rest of the day by what came since the morning; nothing is refitted.

    Writes today.parquet (FORECAST), today_paths.parquet, today_requirement.parquet and today.csv.
    """
    settings = Params.load(params)
    forecast = read_table(processed / "forecast.parquet", FORECAST)
    told = rest_of_today(
        forecast,
        _reported(today, forecast, settings, Sources(profiles if profiles.is_dir() else None)),
        read_table(processed / "backtest.parquet", FORECAST),
        read_table(interim / "features.parquet", FEATURES),
        settings,
    )
    history = read_table(interim / "history.parquet", HISTORY)
    staff = staffing(told.paths, told.forecast, history, settings)
    staff_before = staffing(told.paths_before, told.forecast_before, history, settings)
    write_table(told.forecast, FORECAST, out / "today.parquet")
    write_table(told.paths, PATHS, out / "today_paths.parquet")
    write_table(staff, REQUIREMENT, out / "today_requirement.parquet")
    write_csv(by_interval(told, staff, staff_before, settings), out / "today.csv")
    for line in words(told, staff, staff_before):
        say(f"update: {line}")


def staffing(
    paths: pd.DataFrame, forecast: pd.DataFrame, history: pd.DataFrame, params: Params
) -> pd.DataFrame:
    """Return REQUIREMENT of some PATHS, each queue for itself; none where no interval is open."""
    if not (paths["open_min"] > 0).any():
        return REQUIREMENT.empty()
    demand = base_demand(paths, forecast, history, params)
    return requirement(demand, params.capacity, ledger=params.shrinkage)


def by_interval(
    told: Today, staff: pd.DataFrame, staff_before: pd.DataFrame, params: Params
) -> pd.DataFrame:
    """Return the open intervals ahead in wall time: contacts and agents, before and now."""
    key = [*SERIES, "ds"]
    before = told.forecast_before.set_index(key)["mean"].rename("mean_before")
    agents = [
        own.set_index(key)["agents"].rename(name)
        for own, name in ((staff_before, "agents_before"), (staff, "agents"))
    ]
    is_open = told.forecast[told.forecast["open_min"] > 0]
    rows = is_open.set_index(key)[SHOWN].join([before, *agents]).reset_index()
    wall = local_times(rows, params.ingest.zone)
    rows = rows.assign(interval_start=wall.dt.strftime("%Y-%m-%d %H:%M"))
    names = [*SERIES, "interval_start", "mean_before", *SHOWN, "agents_before", "agents"]
    return rows[names]


def words(told: Today, staff: pd.DataFrame, staff_before: pd.DataFrame) -> list[str]:
    """Return what a planner reads: per queue what came, and the rest before and now."""
    lines = []
    if told.unfinished:
        lines.append(f"{told.unfinished} intervals are reported in part and were left out")
    for row in told.summary.to_dict("records"):
        key = tuple(str(row[part]) for part in SERIES)
        off = row["seen"] / row["expected"] - 1 if row["expected"] else 0.0
        lines.append(
            f"{'/'.join(key)}, {told.date:%Y-%m-%d}: {row['seen']:,.0f} contacts in "
            f"{row['intervals']} intervals, {row['expected']:,.0f} forecast ({off:+.1%})"
        )
        if row["odd"]:
            lines.append(
                f"  AN ODD DAY: {row['low']:,.0f} to {row['high']:,.0f} on 19 days of 20; "
                f"{row['outside']} of the intervals lie outside P2.5 to P97.5"
            )
        lines.append(f"  rest of the day as forecast: {_rest(row, '_before', staff_before)}")
        lines.append(f"  rest of the day now: {_rest(row, '', staff)}")
    return lines


def _rest(row: Mapping[Hashable, Any], when: str, staff: pd.DataFrame) -> str:
    site, queue, channel = (str(row[part]) for part in SERIES)
    agents = of_series(staff, (site, queue, channel))["agents"]
    p10, p50, p90 = (row[f"{name}{when}"] for name in ("p10", "p50", "p90"))
    peak = agents.max() if len(agents) else 0
    return f"P10 {p10:,.0f}, P50 {p50:,.0f}, P90 {p90:,.0f}; up to {peak} agents"


def _reported(
    today: Path, forecast: pd.DataFrame, params: Params, sources: Sources
) -> pd.DataFrame:
    """Return HISTORY of today's reports; what does not belong is refused with file and line."""
    with _folder(today) as folder:
        history = ingest(folder, params.ingest, sources).history
        wrong = strange_reports(history, champion_by_date(forecast, params), params)
        if wrong.empty:
            return history
        lines = _lines(folder, params, sources)
    keys = history.loc[wrong.index, "queue"], history.loc[wrong.index, "ds"]
    places = [lines.get(key, today.name) for key in zip(*keys, strict=True)]
    problems = [f"{place}: {why}" for place, why in zip(places, wrong, strict=True)]
    raise InputError(
        f"{today}: {len(problems)} reports tell nothing about today:\n{listed(problems)}"
    )


@contextmanager
def _folder(today: Path) -> Iterator[Path]:
    """Yield a folder that holds today's reports: itself, or a copy of the one file."""
    if today.is_dir():
        yield today
        return
    if not today.is_file():
        raise InputError(f"{today} is not there; give today's export, or a folder of them")
    with TemporaryDirectory() as name:
        shutil.copyfile(today, Path(name) / today.name)
        yield Path(name)


def _lines(folder: Path, params: Params, sources: Sources) -> dict[tuple[str, pd.Timestamp], str]:
    """Return where each queue's interval stands: file and line."""
    known = all_profiles(sources.own_profiles, params.ingest)
    out: dict[tuple[str, pd.Timestamp], str] = {}
    for path in export_files(folder):
        for taken in take(read_drop(path, folder), known, params.ingest):
            if "ds" in taken.rows:
                for queue, ds, line in taken.rows[["queue", "ds", "line"]].itertuples(index=False):
                    out.setdefault((queue, ds), f"{taken.name}, line {line}")
    return out
