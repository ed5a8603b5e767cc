"""All sheets together -> plan.xlsx, the same bytes for the same plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pandas as pd
from xlsxwriter import Workbook

from forecast.params import Params
from forecast.reports.alerts import peaks_table
from forecast.reports.summary import Tables
from forecast.reports.words import catalogue
from forecast.reports.workbook import frames
from forecast.reports.workbook.pages import (
    HEAD_ROW,
    WIDTHS,
    Column,
    Formats,
    set_widths,
    write_cell,
    write_frame,
    write_title,
)
from forecast.reports.workbook.what_if import RESULTS, Live, write_calculation, write_what_if
from forecast.scenarios.lookup import Lookup
from forecast.scenarios.sheet import Sheet, errors
from forecast.schema import SERIES

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "days": {
        "date": "date", "mean": "whole", "p10": "whole", "p90": "whole", "agent_hours": "tenth",
        "paid_hours": "tenth", "agents": "whole", "scheduled_agents": "whole",
        "service_level": "percent",
    },
    "weeks": {
        **dict.fromkeys(SERIES, "text"), "week": "date", "offered": "whole",
        "agent_hours": "tenth", "paid_hours": "tenth", "fte": "tenth", "agents": "whole",
        "service_level": "percent", "service_level_p10": "percent",
        "service_level_p90": "percent", "p_met": "percent", "abandonment": "percent",
        "asa_s": "tenth", "occupancy": "percent",
    },
    "scenarios": {
        "scenario": "text", "offered": "whole", "fte": "tenth", "heads": "whole",
        "heads_by_contract": "text", "peak_agents": "whole",
        "agent_hours": "tenth", "paid_hours": "tenth", "cost": "whole", "cost_vs_base": "signed",
        "service_level": "percent", "service_level_p10": "percent",
        "service_level_p90": "percent", "service_level_base": "percent",
        "abandonment": "percent", "abandonment_p10": "percent", "abandonment_p90": "percent",
        "asa_s": "tenth", "asa_s_p10": "tenth", "asa_s_p90": "tenth", "occupancy": "percent",
        "occupancy_p10": "percent", "occupancy_p90": "percent",
    },
    "cost_lines": {
        "scenario": "text", "line": "text", "quantity": "tenth", "unit": "text", "rate": "cents",
        "cost": "cents",
    },
    "kpis": {
        "scenario": "text", "kpi": "text", "target": "text", "value": "percent",
        "verdict": "text", "by": "signed_percent", "pulls_against": "text",
    },
    "peaks": {
        "title": "text", "site": "text", "queue": "text", "cause_words": "text",
        "start": "minute", "end": "minute", "contacts": "whole", "contacts_p10": "whole",
        "contacts_p90": "whole", "usual": "whole", "p_short": "percent",
        "p_short_any": "percent",
    },
    "gaps": {
        "title": "text", "site": "text", "queue": "text", "verdict_words": "text",
        "worst_start": "minute", "gap_agents": "whole", "gap_hours": "tenth",
        "closed_hours": "tenth", "measures_cost": "whole", "trunks_needed": "whole",
        "trunks": "whole", "ports_needed": "whole", "ports": "whole",
    },
    "measures": {
        "title": "text", "site": "text", "queue": "text", "measure_words": "text",
        "standing_words": "text", "hours_most": "tenth", "cost_per_hour": "cents",
        "hours": "tenth", "cost": "whole",
    },
    "accuracy": {
        **dict.fromkeys(SERIES, "text"), "target": "text", "level": "text", "horizon": "text",
        "n": "whole", "wape": "percent", "bias": "signed_percent", "mase": "share",
        "excess": "percent", "coverage_80": "percent", "coverage_95": "percent",
        "pinball": "cents",
    },
}  # fmt: skip
"""Columns of each sheet, and what they hold; headings are ``c_<name>`` in the catalogue."""


@dataclass(frozen=True)
class PlanFacts:
    """What the workbook is made of beside the report's tables.

    Attributes
    ----------
    peaks, measures
        PEAKS and PEAK_MEASURES.
    found
        LOOKUP and NODES.
    trace
        The plan's identity: ``plan_id``, ``calendar_version``.
    """

    peaks: pd.DataFrame
    measures: pd.DataFrame
    found: Lookup
    trace: Mapping[str, Any]


def plan_workbook(tables: Tables, facts: PlanFacts, params: Params) -> bytes:
    """Return plan.xlsx.

    Parameters
    ----------
    tables
        What the report is made of.
    facts
        Peaks, the plan at its nodes, and its identity.
    params
        All parameters.
    """
    words = catalogue("workbook", params.report.language)
    sheet = sheet_of(tables, facts.found, params)
    out = BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(out, {"in_memory": True, **safe})
    asof = tables.forecast["cutoff"].max().tz_localize(None).to_pydatetime()
    book.set_properties({"title": params.report.title, "created": asof})
    # What a program that trusts cached values shows is right; others reckon when they open it.
    book.set_calc_mode("auto")
    formats = Formats(book)
    nodes = facts.found.nodes
    checks = int(nodes["is_check"].sum())
    live = Live(sheet, errors(sheet, nodes), checks, params, words, formats)
    pages = {key: book.add_worksheet(words[f"tab_{key}"]) for key in TABS}
    _summary(book, pages["summary"], tables, facts, live)
    write_what_if(book, pages["what_if"], words["tab_what_if"], words["tab_calculation"], live)
    _tables(book, pages, tables, facts, live)
    write_calculation(pages["calculation"], live)
    pages["summary"].activate()
    book.close()
    return out.getvalue()


TABS = (
    "summary", "what_if", "days", "weeks", "scenarios", "cost_lines", "kpis", "peaks", "accuracy",
    "calculation",
)  # fmt: skip


def sheet_of(tables: Tables, found: Lookup, params: Params) -> Sheet:
    """Return the plan at its nodes, as the workbook reckons with it."""
    base = found.nodes[(found.nodes["volume_pct"] == 0) & (found.nodes["aht_pct"] == 0)].iloc[0]
    full_time = params.capacity.fte_hours_per_week
    planned = tables.plan[(tables.plan["scenario"] == "base") & tables.plan["is_plan"]].iloc[0]
    weeks = base["paid_hours"] / planned["fte"] / full_time if planned["fte"] > 0 else 1.0
    return Sheet.of(
        found,
        aht_s=round(frames.mean_aht(tables.requirement), 6),
        weeks=round(weeks, 9),
        hours_per_week=full_time,
    )


def _tables(
    book: Workbook, pages: Mapping[str, Any], tables: Tables, facts: PlanFacts, live: Live
) -> None:
    """Write the sheets that hold one table each, and the peaks' two."""
    params = live.params
    for key, frame in {
        "days": frames.days(tables, params),
        "weeks": frames.weeks(tables, params),
        "scenarios": frames.plans(tables, params),
        "cost_lines": frames.cost_lines(tables, params),
        "kpis": frames.kpis(tables, params),
        "accuracy": frames.accuracy(tables, params),
    }.items():
        after = _page(pages[key], key, frame, live)
        if key == "days":
            _line_chart(book, pages[key], live, rows=len(frame), at=len(COLUMNS[key]) + 1)
        if key == "scenarios":
            _cost_chart(book, pages[key], live, rows=len(frame), at=after + 1)
    rows = peaks_table(facts.peaks, facts.measures, params)
    _peaks(pages["peaks"], rows, live)


def _peaks(page: Any, rows: list[dict[str, Any]], live: Live) -> None:
    """Write the peaks, their gaps, and the measures, one table below the other."""
    told = frames.peaks(rows)
    after = _page(page, "peaks", told, live)
    page.set_column(4, 5, WIDTHS["minute"])
    if not rows:
        page.write_string(HEAD_ROW + 1, 0, live.words["no_peaks"], live.formats.note)
        return
    for key, frame in (("gaps", told), ("measures", frames.measures(rows))):
        page.write_string(after + 1, 0, live.words[key], live.formats.label)
        after = write_frame(page, live.formats, frame, columns_of(key, live), after + 2)


def _page(page: Any, key: str, frame: pd.DataFrame, live: Live) -> int:
    """Write a sheet of one table; return the first row after it."""
    columns = columns_of(key, live)
    write_title(page, live.formats, live.words[f"tab_{key}"], live.words[f"{key}_note"])
    after = write_frame(page, live.formats, frame, columns)
    set_widths(page, frame, columns)
    page.freeze_panes(HEAD_ROW + 1, 1)
    page.repeat_rows(HEAD_ROW)
    if len(frame) and key != "peaks":
        page.autofilter(HEAD_ROW, 0, after - 1, len(columns) - 1)
    return after


def columns_of(key: str, live: Live) -> Sequence[Column]:
    """Return the columns of a sheet with their headings."""
    money = live.params.capacity.currency
    return [
        Column(name, holds, live.words[f"c_{name}"].format(currency=money))
        for name, holds in COLUMNS[key].items()
    ]


def _summary(book: Workbook, page: Any, tables: Tables, facts: PlanFacts, live: Live) -> None:
    """Write the plan's main figures, beside those of the sheet *What if*, and where it is from."""
    words, formats, params = live.words, live.formats, live.params
    write_title(page, formats, params.report.title, words["summary_note"])
    page.set_column(0, 0, 38)
    page.set_column(1, 3, 18)
    for number, heading in enumerate(("result", "base_plan", "what_if")):
        page.write_string(HEAD_ROW, number, words[heading], formats.head)
    found = live.sheet.results(live.sheet.base)
    row = HEAD_ROW
    for row, (key, holds) in enumerate(RESULTS.items(), HEAD_ROW + 1):
        label = words[key].format(currency=params.capacity.currency)
        page.write_string(row, 0, label, formats.label)
        page.write_number(row, 1, found[key], formats.number(holds, bold=True))
        page.write_formula(row, 2, f"=whatif_{key}", formats.number(holds), found[key])
    for line, (label, value) in enumerate(_sources(tables, facts, params, words), row + 2):
        page.write_string(line, 0, label, formats.label)
        write_cell(page, line, 1, value, formats.number("text", align="left"))
    _cost_chart(book, page, live, rows=len(params.scenarios), at=HEAD_ROW, column=4)


def _sources(
    tables: Tables, facts: PlanFacts, params: Params, words: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return what the plan is made of, in words."""
    days = frames.days(tables, params)["date"]
    rules = params.capacity
    known = {"shrinkage": params.shrinkage, "cost_per_paid_hour": params.costs}
    assumed = [
        f"{words[f'assumed_{name}']}: "
        + (words["by_section"] if known.get(name) else f"{getattr(rules, name):g}")
        for name in rules.assumed
    ]
    rows = [
        (words["period"], f"{days.min():%Y-%m-%d} - {days.max():%Y-%m-%d}"),
        (words["plan_id"], str(facts.trace["plan_id"])),
        (words["calendar_version"], str(facts.trace["calendar_version"])),
    ]
    rows += [(words["note"], params.report.note)] if params.report.note else []
    rows += [(words["assumed"] if not n else "", text) for n, text in enumerate(assumed)]
    return rows


def _line_chart(book: Workbook, page: Any, live: Live, *, rows: int, at: int) -> None:
    """Draw contacts by day with their range."""
    name = live.words["tab_days"]
    chart = book.add_chart({"type": "line"})
    looks = {
        1: {"color": "#0072B2", "width": 2.25},
        2: {"color": "#5F6368", "width": 1, "dash_type": "dash"},
        3: {"color": "#5F6368", "width": 1, "dash_type": "dash"},
    }
    for column, line in looks.items():
        chart.add_series(
            {
                "name": [name, HEAD_ROW, column],
                "categories": [name, HEAD_ROW + 1, 0, HEAD_ROW + rows, 0],
                "values": [name, HEAD_ROW + 1, column, HEAD_ROW + rows, column],
                "line": line,
            }
        )
    chart.set_title({"name": live.words["days_chart"], "name_font": {"size": 12}})
    chart.set_x_axis({"date_axis": True, "num_format": "mm-dd"})
    chart.set_y_axis(
        {"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}}}
    )
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 720, "height": 340})
    page.insert_chart(HEAD_ROW, at, chart)


def _cost_chart(
    book: Workbook, page: Any, live: Live, *, rows: int, at: int, column: int = 0
) -> None:
    """Draw the cost of every scenario."""
    name = live.words["tab_scenarios"]
    cost = list(COLUMNS["scenarios"]).index("cost")
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "categories": [name, HEAD_ROW + 1, 0, HEAD_ROW + rows, 0],
            "values": [name, HEAD_ROW + 1, cost, HEAD_ROW + rows, cost],
            "fill": {"color": "#0072B2"},
            "data_labels": {"value": True, "num_format": "#,##0"},
            "gap": 60,
        }
    )
    title = live.words["cost"].format(currency=live.params.capacity.currency)
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"min": 0, "visible": False, "major_gridlines": {"visible": False}})
    chart.set_y_axis({"reverse": True})
    chart.set_size({"width": 620, "height": 120 + 34 * rows})
    page.insert_chart(at, column, chart)
