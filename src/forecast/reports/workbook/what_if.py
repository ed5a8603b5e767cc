"""The sheets *What if* and *Calculation*: inputs with names, and formulas with their values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name, xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from forecast.params import Params
from forecast.reports.workbook.pages import GREY, YELLOW, Formats, write_title
from forecast.scenarios.lookup import AHT_MOST, VOLUME_MOST
from forecast.scenarios.sheet import HAIR, Sheet, people

FIRST_COLUMN = 3
"""Of the nodes on the sheet *Calculation*; before it stand agents, shrinkage and people."""
ROWS = {
    "volume_pct": 3, "aht_pct": 4, "weight": 5, "paid_hours": 6, "relative_wage": 7,
    "other_cost": 8, "agent_hours": 9, "offered": 10, "peak_agents": 11, "service_level": 12,
    "occupancy": 13,
}  # fmt: skip
HEAD = 15
INPUT_ROW, RESULT_ROW, TEXT_ROW = 4, 14, 24
SHRINKAGE = (0.0, 0.6)
HELD: Mapping[str, str] = {
    "volume_change": "percent", "aht_s": "tenth", "shrinkage": "percent", "wage": "cents",
    "hours_per_week": "tenth",
}  # fmt: skip
RESULTS: Mapping[str, str] = {
    "fte": "tenth", "cost": "whole", "paid_hours": "whole", "agent_hours": "whole",
    "offered": "whole", "peak_agents": "whole", "service_level": "percent",
    "occupancy": "percent",
}  # fmt: skip


@dataclass(frozen=True)
class Live:
    """What the live sheets are written with."""

    sheet: Sheet
    errors: Mapping[str, float]
    checks: int
    params: Params
    words: Mapping[str, str]
    formats: Formats


def write_what_if(book: Workbook, page: Worksheet, name: str, calculation: str, live: Live) -> None:
    """Write inputs, results and their charts.

    Parameters
    ----------
    book, page, name
        The workbook, the sheet and its name.
    calculation
        Name of the sheet that ``write_calculation`` writes.
    live
        The plan at its nodes, words and formats.
    """
    words, formats = live.words, live.formats
    write_title(page, formats, words["what_if"], words["what_if_note"])
    page.set_column(0, 0, 38)
    page.set_column(1, 4, 16)
    page.set_column(5, 5, 66)
    _inputs(book, page, name, live)
    _results(book, page, name, calculation, live)
    for row, text in enumerate(_told(live), TEXT_ROW):
        page.merge_range(row, 0, row, 5, text, formats.wrapped)
        page.set_row(row, 48)
    for number, quantity in enumerate(("fte", "cost")):
        page.insert_chart(TEXT_ROW + 5, 3 * number, _chart(book, name, quantity, live))


def _inputs(book: Workbook, page: Worksheet, name: str, live: Live) -> None:
    words, formats, base = live.words, live.formats, live.sheet.base
    values = dict(zip(HELD, vars(base).values(), strict=True))
    low, high = (base.aht_s * (1 + change / 100) for change in (-AHT_MOST, AHT_MOST))
    limits: dict[str, tuple[float, float]] = {
        "volume_change": (-VOLUME_MOST / 100, VOLUME_MOST / 100),
        "aht_s": (low, high),
        "shrinkage": SHRINKAGE,
        "wage": (0, 10 * base.wage),
        "hours_per_week": (1, 168),
    }
    for number, heading in enumerate(("input", "value", "base_plan", "from", "to", "meaning")):
        page.write_string(INPUT_ROW - 1, number, words[heading], formats.head)
    for row, (key, value) in enumerate(values.items(), INPUT_ROW):
        page.write_string(row, 0, _named(key, live), formats.label)
        entry = formats.number(HELD[key], bg_color=YELLOW, border=1, border_color=GREY)
        page.write_number(row, 1, value, entry)
        page.write_number(row, 2, value, formats.number(HELD[key]))
        for column, limit in enumerate(limits[key], 3):
            page.write_number(row, column, limit, formats.number(HELD[key]))
        page.write_string(row, 5, words[f"{key}_means"], formats.aside)
        _name(book, key, name, row, 1)
        _name(book, f"{key}_base", name, row, 2)
        page.data_validation(
            row,
            1,
            row,
            1,
            {
                "validate": "decimal",
                "criteria": "between",
                "minimum": limits[key][0] - 1e-9,
                "maximum": limits[key][1] + 1e-9,
                "input_title": words[key][:32],
                "input_message": words[f"{key}_means"][:255],
                "error_title": words[key][:32],
                "error_message": words["out_of_bounds"][:255],
            },
        )
    row = INPUT_ROW + len(values)
    rules = live.params.capacity
    told = words["target_words"].format(
        target=rules.service_level_target, limit=rules.answer_within_s
    )
    page.write_string(row, 0, words["service_level_target"], formats.label)
    page.write_number(row, 1, rules.service_level_target, formats.number("percent"))
    page.write_string(row, 5, told, formats.aside)
    _name(book, "service_level_target", name, row, 1)
    page.write_string(row + 1, 0, words["weeks"], formats.label)
    page.write_number(row + 1, 1, live.sheet.weeks, formats.number("cents"))
    _name(book, "weeks", name, row + 1, 1)


def _results(book: Workbook, page: Worksheet, name: str, calculation: str, live: Live) -> None:
    words, formats = live.words, live.formats
    found = live.sheet.results(live.sheet.base)
    formulas = _formulas(calculation, live)
    for number, heading in enumerate(("result", "what_if", "base_plan", "change", "change_pct")):
        page.write_string(RESULT_ROW - 1, number, words[heading], formats.head)
    for row, (key, holds) in enumerate(RESULTS.items(), RESULT_ROW):
        page.write_string(row, 0, _named(key, live), formats.label)
        value = found[key]
        page.write_formula(row, 1, formulas[key], formats.number(holds, bold=True), value)
        page.write_number(row, 2, value, formats.number(holds))
        signed = {"percent": "signed_percent", "tenth": "signed_tenth"}.get(holds, "signed")
        now, then = (xl_rowcol_to_cell(row, column) for column in (1, 2))
        page.write_formula(row, 3, f"={now}-{then}", formats.number(signed), 0)
        if holds != "percent":
            ratio = f"=IF({then}=0,0,{now}/{then}-1)"
            page.write_formula(row, 4, ratio, formats.number("signed_percent"), 0)
        _name(book, f"whatif_{key}", name, row, 1)


def _formulas(calculation: str, live: Live) -> dict[str, str]:
    """Return the formula of each result."""
    at = {key: _row_of(calculation, ROWS[key], live) for key in ROWS}
    out = {
        key: f"=SUMPRODUCT({at['weight']},{at[key]})"
        for key in ("paid_hours", "agent_hours", "offered", "peak_agents", "service_level")
    }
    out["occupancy"] = f"=SUMPRODUCT({at['weight']},{at['occupancy']})"
    out["fte"] = "=whatif_paid_hours/(weeks*hours_per_week)"
    pay = f"SUMPRODUCT({at['weight']},{at['paid_hours']},{at['relative_wage']})*wage"
    out["cost"] = f"={pay}+SUMPRODUCT({at['weight']},{at['other_cost']})"
    return out


def _row_of(calculation: str, row: int, live: Live) -> str:
    last = FIRST_COLUMN + len(live.sheet.nodes) - 1
    return f"'{calculation}'!{xl_range_abs(row, FIRST_COLUMN, row, last)}"


def _told(live: Live) -> list[str]:
    """Return how the sheet reckons, and by how much it errs."""
    words, errors = live.words, live.errors
    wages = words["by_contract" if live.params.costs else "flat_wage"]
    ledger = words["by_ledger" if live.params.shrinkage else "flat_shrinkage"]
    return [
        words["method"].format(
            volumes=live.sheet.nodes["volume_pct"].nunique(),
            ahts=live.sheet.nodes["aht_pct"].nunique(),
            points=len(live.sheet.nodes),
        ),
        words["error"].format(**errors, points=len(live.sheet.nodes), checks=live.checks),
        f"{ledger} {wages}",
    ]


def _named(key: str, live: Live) -> str:
    return live.words[key].format(currency=live.params.capacity.currency)


def _name(book: Workbook, key: str, sheet: str, row: int, column: int) -> None:
    cell = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
    book.define_name(key, f"='{sheet}'!{cell}")


def _chart(book: Workbook, name: str, quantity: str, live: Live) -> Any:
    row = RESULT_ROW + list(RESULTS).index(quantity)
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "categories": [name, RESULT_ROW - 1, 1, RESULT_ROW - 1, 2],
            "values": [name, row, 1, row, 2],
            "fill": {"color": "#0072B2"},
            "data_labels": {"value": True},
            "gap": 60,
        }
    )
    chart.set_title({"name": _named(quantity, live), "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"min": 0, "visible": False, "major_gridlines": {"visible": False}})
    chart.set_y_axis({"reverse": True})
    chart.set_size({"width": 470, "height": 210})
    return chart


def write_calculation(page: Worksheet, live: Live) -> None:
    """Write the plan at its nodes: weights, people and paid hours are formulas."""
    sheet, words, formats = live.sheet, live.words, live.formats
    write_title(page, formats, words["calculation"], words["calculation_note"])
    page.set_column(0, 2, 15)
    page.set_column(FIRST_COLUMN, FIRST_COLUMN + len(sheet.nodes) - 1, 11)
    for key, row in ROWS.items():
        page.write_string(row, 0, words[f"row_{key}"], formats.label)
    for number, key in enumerate(("agents", "off_position", "people")):
        page.write_string(HEAD, number, words[key], formats.head)
    page.freeze_panes(HEAD + 1, FIRST_COLUMN)
    first, last = HEAD + 1, HEAD + len(sheet.agents)
    _people(page, first, live)
    weights, paid = sheet.weights(sheet.base), sheet.paid_hours(sheet.base)
    values = {name: sheet.nodes[name].fillna(0.0) for name in ROWS if name in sheet.nodes}
    for node in range(len(sheet.nodes)):
        column = FIRST_COLUMN + node
        letter = xl_col_to_name(column)
        for key, own in values.items():
            if key != "paid_hours":
                style = formats.number(_holds(key))
                page.write_number(ROWS[key], column, float(own.iloc[node]), style)
        page.write_number(
            ROWS["relative_wage"], column, sheet.relative_wage[node], formats.number("share")
        )
        page.write_formula(
            ROWS["weight"], column, _weight(letter, sheet), formats.number("share"), weights[node]
        )
        hours = f"{letter}${first + 1}:{letter}${last + 1}"
        total = f"=SUMPRODUCT($C${first + 1}:$C${last + 1},{hours})"
        page.write_formula(ROWS["paid_hours"], column, total, formats.number("tenth"), paid[node])
        page.write_string(HEAD, column, words["hours_at"], formats.head)
        for row, value in enumerate(sheet.hours[:, node], first):
            if value:
                page.write_number(row, column, value, formats.number("cents"))


def _people(page: Worksheet, first: int, live: Live) -> None:
    """Write agents, shrinkage, and the people to schedule."""
    sheet, formats = live.sheet, live.formats
    found = people(sheet.agents, sheet.shrinkage)
    for row, (agents, share, heads) in enumerate(
        zip(sheet.agents, sheet.shrinkage, found, strict=True), first
    ):
        page.write_number(row, 0, int(agents), formats.number("whole"))
        page.write_number(row, 1, share, formats.number("share"))
        off = f"(B{row + 1}+shrinkage-shrinkage_base)"
        formula = f"=ROUNDUP(A{row + 1}/(1-{off})-{HAIR:.9f},0)"
        page.write_formula(row, 2, formula, formats.number("whole"), heads)


def _weight(letter: str, sheet: Sheet) -> str:
    """Return the formula of a node's weight: 1 at it, 0 at its neighbours."""
    volume = f"{letter}${ROWS['volume_pct'] + 1}"
    aht = f"{letter}${ROWS['aht_pct'] + 1}"
    steps = sheet.step("volume_pct"), sheet.step("aht_pct")
    return (
        f"=MAX(0,1-ABS(volume_change*100-{volume})/{steps[0]:g})"
        f"*MAX(0,1-ABS((aht_s/aht_s_base-1)*100-{aht})/{steps[1]:g})"
    )


def _holds(key: str) -> str:
    shares = {"service_level": "percent", "occupancy": "percent"}
    return shares.get(key, "whole")
