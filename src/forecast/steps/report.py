"""Step report: all tables -> one folder for people, with a page, figures and CSV files."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from forecast.console import PARAMS, InFolder, OutFolder, ParamsFile, say
from forecast.params import Params
from forecast.reports.html import render, report_figures
from forecast.reports.plan.material import Material
from forecast.reports.plan.page import render as render_plan
from forecast.reports.style import svg
from forecast.reports.summary import Tables, headline
from forecast.schema import (
    CALENDAR,
    COST_LINES,
    EVENT_EFFECTS,
    EVENTS,
    FEATURES,
    FINDINGS,
    FORECAST,
    GRID,
    HISTORY,
    KIND_EFFECTS,
    KPIS,
    LEDGER,
    MENDED,
    PATHS,
    PLAN,
    QUARANTINE,
    REQUIREMENT,
    SCORES,
    SERVICE,
    STEPS,
    TRADE_OFF,
    UNEXPLAINED,
    as_known,
)
from forecast.select import CHAMPION, SeriesPlan
from forecast.store import (
    manifest,
    read_json,
    read_table,
    replacing_folder,
    write_csv,
    write_json,
    write_text,
)
from forecast.table import Table

INTERIM: dict[str, Table] = {
    "history": HISTORY,
    "ledger": LEDGER,
    "quarantine": QUARANTINE,
    "findings": FINDINGS,
    "features": FEATURES,
    "ahead": FEATURES,
    "calendar": CALENDAR,
    "events": EVENTS,
}
PROCESSED: dict[str, Table] = {
    "scores": SCORES,
    "forecast": FORECAST,
    "paths": PATHS,
    "event_effects": EVENT_EFFECTS,
    "kind_effects": KIND_EFFECTS,
    "unexplained": UNEXPLAINED,
    "mended": MENDED,
    "requirement": REQUIREMENT,
    "service": SERVICE,
    "scenario_requirement": REQUIREMENT,
    "plan": PLAN,
    "scenario_service": SERVICE,
    "steps": STEPS,
    "cost_lines": COST_LINES,
    "kpis": KPIS,
    "trade_off": TRADE_OFF,
    "together": SERVICE,
    "grid": GRID,
}
InterimFolder = Annotated[Path, typer.Argument(help="folder of history, features, calendar facts")]


def report(
    interim: InterimFolder, processed: InFolder, out: OutFolder, params: ParamsFile = PARAMS
) -> None:
    """Write the report: pages, figures, CSV files, and plan.json that traces the numbers."""
    settings = Params.load(params)
    paths = {name: interim / f"{name}.parquet" for name in INTERIM}
    paths |= {name: processed / f"{name}.parquet" for name in PROCESSED}
    read = {name: read_table(paths[name], t) for name, t in {**INTERIM, **PROCESSED}.items()}
    now = pd.concat([read["features"], read["ahead"]], ignore_index=True)
    told = {"features": as_known(now), "calendar": as_known(read["calendar"])}
    apart = {
        "scenario_requirement", "scenario_service", "steps", "ahead", "trade_off", "together",
        "grid",
    }  # fmt: skip
    tables = Tables(**{k: v for k, v in {**read, **told}.items() if k not in apart})
    plans = [SeriesPlan.from_json(p) for p in read_json(processed / "selection.json")["series"]]
    calendar = read_json(interim / "calendar.json")
    trace = _trace(settings, manifest(paths), calendar)
    page = render(tables, settings, plans, calendar=calendar, trace=trace)
    beside = {name: read[name] for name in ("steps", "trade_off", "together", "grid")}
    plan = render_plan(Material(tables, settings, plans, calendar, trace, **beside))
    champion = tables.forecast[tables.forecast["model"] == CHAMPION]
    with replacing_folder(out, "plan.json") as folder:
        for name, figure in report_figures(tables, settings).items():
            write_text(svg(figure, name), folder / "figures" / f"{name}.svg")
        for name, frame in {
            "forecast": champion,
            "requirement": read["scenario_requirement"],
            "service": read["scenario_service"],
            "steps": read["steps"],
            "plan": tables.plan,
            "trade_off": read["trade_off"],
            "grid": read["grid"],
            "cost_lines": tables.cost_lines,
            "kpis": tables.kpis,
            "scores": tables.scores,
            "ledger": tables.ledger,
            "quarantine": tables.quarantine,
            "findings": tables.findings,
            "event_effects": tables.event_effects,
            "kind_effects": tables.kind_effects,
            "unexplained": tables.unexplained,
            "mended": tables.mended,
        }.items():
            write_csv(frame, folder / f"{name}.csv")
        write_text(headline(tables, settings, trace["plan_id"]), folder / "summary.txt")
        write_text(page, folder / "report.html")
        write_text(plan, folder / "plan.html")
        write_json(trace, folder / "plan.json")
    say(f"report: plan {trace['plan_id']} -> {out / 'plan.html'}")


def _trace(params: Params, tables: dict[str, Any], calendar: dict[str, Any]) -> dict[str, Any]:
    """Return the plan's identity: equal inputs, settings and results have the same id."""
    trace = {
        "tables": tables,
        "calendar": calendar,
        "calendar_version": calendar["version"],
        "params": params.model_dump(mode="json"),
    }
    digest = hashlib.sha256(json.dumps(trace, sort_keys=True).encode()).hexdigest()
    return {"plan_id": digest[:12], **trace}
