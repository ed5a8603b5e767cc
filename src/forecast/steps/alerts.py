"""Step alerts: FORECAST, PATHS and EVENTS -> PEAKS, and alerts as JSON, CSV and a calendar file."""

from pathlib import Path
from typing import Any

import pandas as pd

from forecast.capacity.base import base_demand
from forecast.console import PARAMS, InFolder, OutFile, OutFolder, ParamsFile, say
from forecast.params import Params
from forecast.peaks import Peaks, find_peaks
from forecast.reports.alerts import all_words, calendar_file, in_order, measures_of
from forecast.reports.words import catalogue
from forecast.schema import (
    EVENTS,
    FEATURES,
    FORECAST,
    HISTORY,
    PATHS,
    PEAK_MEASURES,
    PEAKS,
    REQUIREMENT,
)
from forecast.store import (
    read_table,
    replacing_folder,
    write_bytes,
    write_csv,
    write_json,
    write_table,
)


def alerts(
    interim: InFolder,
    processed: InFolder,
    out_peaks: OutFile,
    out_measures: OutFile,
    out: OutFolder,
    params: ParamsFile = PARAMS,
) -> None:
    """Find coming peaks, hold them against the plan's agents, and say which alerts are due."""
    settings = Params.load(params)
    forecast = read_table(processed / "forecast.parquet", FORECAST)
    paths = read_table(processed / "paths.parquet", PATHS)
    demand = base_demand(
        paths, forecast, read_table(interim / "history.parquet", HISTORY), settings
    )
    found = find_peaks(
        forecast,
        paths,
        read_table(interim / "features.parquet", FEATURES),
        read_table(interim / "events.parquet", EVENTS),
        read_table(processed / "requirement.parquet", REQUIREMENT),
        demand,
        settings,
    )
    write_table(found.peaks, PEAKS, out_peaks)
    write_table(found.measures, PEAK_MEASURES, out_measures)
    texts = all_words(found.peaks, found.measures, settings)
    _write_alerts(found, texts, forecast["cutoff"].max(), settings, out)
    words = catalogue("alerts", settings.report.language)
    for lines in texts or [[words["none_coming"]]]:
        say(f"alerts: {lines[0]}")
        for line in lines[1:]:
            say(f"  {line}")


def _write_alerts(
    found: Peaks, texts: list[list[str]], asof: pd.Timestamp, params: Params, out: Path
) -> None:
    """Write alerts.json, alerts.csv and alerts.ics."""
    peaks = in_order(found.peaks)
    words = catalogue("alerts", params.report.language)
    leads = params.alerts.leads_hours
    rows = [
        _plain(peak)
        | {
            "due": [lead for lead in leads if peak["hours_ahead"] <= lead],
            "text": lines,
            "measures": [_plain(m) for m in measures_of(found.measures, peak).to_dict("records")],
        }
        for peak, lines in zip(peaks.to_dict("records"), texts, strict=True)
    ]
    told = {
        "asof": asof.isoformat(),
        "leads_hours": leads,
        "confidence": params.capacity.confidence,
        "currency": params.capacity.currency,
        "assumed": params.capacity.assumed,
        "peaks": rows,
    }
    with replacing_folder(out, "alerts.json") as folder:
        write_json(told, folder / "alerts.json")
        write_csv(
            peaks.assign(text=pd.Series(["\n".join(t) for t in texts], dtype="str")),
            folder / "alerts.csv",
        )
        write_bytes(calendar_file(peaks, texts, leads, words), folder / "alerts.ics")


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """Return a row as JSON knows it: times as text, what is not known as null."""
    return {
        str(name): value.isoformat()
        if isinstance(value, pd.Timestamp)
        else None
        if pd.isna(value)
        else value
        for name, value in row.items()
    }
