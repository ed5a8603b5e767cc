"""Step report: all tables -> one folder for people, with a page, figures and CSV files."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from forecast.console import PARAMS, InFolder, OutFolder, ParamsFile, say
from forecast.params import Params
from forecast.reports.pdf import printer
from forecast.reports.plan.material import Material
from forecast.reports.plan.page import render
from forecast.reports.summary import Tables, headline
from forecast.reports.workbook import PlanFacts, plan_workbook
from forecast.scenarios.lookup import Lookup
from forecast.schema import (
    CALENDAR,
    COST_LINES,
    COVERAGE,
    ERROR_PARTS,
    EVENT_EFFECTS,
    EVENTS,
    FEATURES,
    FINDINGS,
    FORECAST,
    GRID,
    HEADS,
    HIRES,
    HISTORY,
    KIND_EFFECTS,
    KPIS,
    LEDGER,
    LOOKUP,
    MENDED,
    MISSES,
    NODES,
    PATHS,
    PEAK_MEASURES,
    PEAKS,
    PLAN,
    QUARANTINE,
    REQUIREMENT,
    SCORES,
    SERVICE,
    SHIFTS,
    SITE_COSTS,
    SITE_LOAD,
    STEPS,
    TRADE_OFF,
    TRUNKS,
    UNEXPLAINED,
    WORKFORCE,
    as_known,
)
from forecast.select import CHAMPION, SeriesPlan
from forecast.store import (
    manifest,
    read_json,
    read_table,
    replacing_folder,
    write_bytes,
    write_csv,
    write_json,
    write_table,
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
    "misses": MISSES,
    "error_parts": ERROR_PARTS,
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
    "peaks": PEAKS,
    "peak_measures": PEAK_MEASURES,
    "lookup": LOOKUP,
    "nodes": NODES,
    "trunks": TRUNKS,
}
APART = {
    "scenario_requirement", "scenario_service", "steps", "ahead", "trade_off", "together", "grid",
    "peaks", "peak_measures", "lookup", "nodes", "misses", "error_parts",
}  # fmt: skip
"""What is read and no part of ``Tables``."""
SHOWN = (
    "steps", "plan", "trade_off", "grid", "cost_lines", "kpis", "trunks", "peaks", "peak_measures",
    "scores", "misses", "error_parts", "ledger", "quarantine", "findings", "event_effects",
    "kind_effects", "unexplained", "mended",
)  # fmt: skip
"""Tables for people, as CSV and parquet, beside the champion's forecast and the scenarios'."""
PLANS: dict[str, Table] = {
    "shifts/heads": HEADS,
    "shifts/shifts": SHIFTS,
    "shifts/coverage": COVERAGE,
    "sites/site_costs": SITE_COSTS,
    "sites/site_load": SITE_LOAD,
    "hiring/hires": HIRES,
    "hiring/workforce": WORKFORCE,
    "hiring/cost_lines": COST_LINES,
}
"""Plans beyond the interval: a CSV file each, where they are made."""
InterimFolder = Annotated[Path, typer.Argument(help="folder of history, features, calendar facts")]


AsPdf = Annotated[bool, typer.Option("--pdf", help="plan.pdf too; needs WeasyPrint")]


def report(
    interim: InterimFolder,
    processed: InFolder,
    out: OutFolder,
    params: ParamsFile = PARAMS,
    pdf: AsPdf = False,
) -> None:
    """Write the report: plan.html, workbook, tables, and plan.json that traces the numbers."""
    printed = printer() if pdf else None
    settings = Params.load(params)
    paths = {name: interim / f"{name}.parquet" for name in INTERIM}
    paths |= {name: processed / f"{name}.parquet" for name in {**PROCESSED, **PLANS}}
    read = {name: read_table(paths[name], t) for name, t in {**INTERIM, **PROCESSED}.items()}
    now = pd.concat([read["features"], read["ahead"]], ignore_index=True)
    told = {"features": as_known(now), "calendar": as_known(read["calendar"])}
    tables = Tables(**{k: v for k, v in {**read, **told}.items() if k not in APART})
    plans = [SeriesPlan.from_json(p) for p in read_json(processed / "selection.json")["series"]]
    calendar = read_json(interim / "calendar.json")
    trace = _trace(settings, manifest(paths), calendar)
    alone = ("steps", "trade_off", "together", "grid", "misses", "error_parts", "peaks")
    beside = {name: read[name] for name in alone}
    hires = read_table(paths["hiring/hires"], HIRES)
    classes = None if settings.hiring is None else hires[hires["scenario"] == "base"]
    heads = None if settings.shifts is None else read_table(paths["shifts/heads"], HEADS)
    page = render(
        Material(
            tables, settings, plans, calendar, trace, **beside, heads=heads, classes=classes,
            measures=read["peak_measures"],
        )
    )  # fmt: skip
    with replacing_folder(out, "plan.json") as folder:
        for name, figure in page.figures.items():
            write_text(figure, folder / "figures" / f"{name}.svg")
        _write_tables(read, folder)
        if settings.report.workbook:
            found = Lookup(read["lookup"], read["nodes"])
            facts = PlanFacts(read["peaks"], read["peak_measures"], found, trace)
            write_bytes(plan_workbook(tables, facts, settings), folder / "plan.xlsx")
        for name, table in PLANS.items():
            write_csv(read_table(paths[name], table), folder / f"{name.replace('/', '_')}.csv")
        write_text(headline(tables, settings, trace["plan_id"]), folder / "summary.txt")
        write_text(page.html, folder / "plan.html")
        if printed is not None:
            write_bytes(printed(page.html, trace["plan_id"]), folder / "plan.pdf")
        write_json(trace, folder / "plan.json")
    say(f"report: plan {trace['plan_id']} -> {out / 'plan.html'}")


def _write_tables(read: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write what people read as CSV, and the same as parquet."""
    forecast = read["forecast"]
    schema = {**INTERIM, **PROCESSED}
    for name, (frame, table) in {
        "forecast": (forecast[forecast["model"] == CHAMPION], FORECAST),
        "requirement": (read["scenario_requirement"], REQUIREMENT),
        "service": (read["scenario_service"], SERVICE),
        **{name: (read[name], schema[name]) for name in SHOWN},
    }.items():
        write_csv(frame, folder / f"{name}.csv")
        write_table(frame, table, folder / "tables" / f"{name}.parquet")


def _trace(params: Params, tables: dict[str, Any], calendar: dict[str, Any]) -> dict[str, Any]:
    """Return the plan's identity: equal inputs, settings and results have the same id.

    The language is no part of it: a plan is the same in all of them.
    """
    trace = {
        "tables": tables,
        "calendar": calendar,
        "calendar_version": calendar["version"],
        "params": params.model_dump(mode="json", exclude={"report": {"language"}}),
    }
    digest = hashlib.sha256(json.dumps(trace, sort_keys=True).encode()).hexdigest()
    return {"plan_id": digest[:12], **trace}
