"""The KPI scorecard: the base plan against its targets, and what each scenario misses."""

from collections.abc import Mapping
from typing import Any

from forecast.reports.plan.material import BASE, Material
from forecast.reports.words import NOTHING, Words


def kpi(m: Material, words: Words) -> dict[str, Any]:
    """Return the scorecard in words, the conflicts within it, and all scenarios side by side."""
    table = m.tables.kpis
    base = {row["kpi"]: row for row in table[table["scenario"] == BASE].to_dict("records")}
    limit = words.number(m.params.kpi.answer_within_s)
    shown = [name for name, row in base.items() if row["verdict"] in {"met", "missed"}]
    return {
        "card": [_row(row, words, limit) for row in base.values()],
        "conflicts": _conflicts(base, words),
        "columns": [words.name("kpi", name) for name in shown],
        "scenarios": [
            {"name": words.name("scenario", name), "cells": _cells(m, str(name), shown)}
            for name in m.params.scenarios
        ],
    }


def _row(row: Mapping[Any, Any], words: Words, limit: str) -> dict[str, Any]:
    return {
        "name": words.name("kpi", row["kpi"]),
        "target": target_words(row, words, limit),
        "value": row["value"],
        "verdict": words.name("verdict", row["verdict"]),
        "missed": row["verdict"] == "missed",
        "by": NOTHING if row["by"] != row["by"] else words.number(100 * row["by"], 1, sign=True),
        "against": words.listed(
            words.name("kpi", other) for other in row["pulls_against"].split(";") if other
        ),
    }


def target_words(row: Mapping[Any, Any], words: Words, limit: str) -> str:
    """Return a KPI's target in words.

    Examples
    --------
    >>> from forecast.reports.words import of
    >>> row = {"kpi": "occupancy", "at_least": 0.7, "at_most": 0.8}
    >>> target_words(row, of("zh"), "20")
    '70%至80%'
    """
    low, high = row["at_least"], row["at_most"]
    if low != low and high != high:
        return NOTHING
    if low == low and high == high:
        return words.span(words.percent(low, 0), words.percent(high, 0))
    key = "kpi.at_least" if low == low else "kpi.at_most"
    told = words.text(key, value=words.percent(low if low == low else high, 0))
    extra = {"service_level": "kpi.in_seconds", "attrition": "kpi.a_year"}.get(row["kpi"])
    return words.text(extra, target=told, limit=limit) if extra else told


def _conflicts(base: Mapping[Any, Mapping[Any, Any]], words: Words) -> list[str]:
    """Return in words which KPIs pull against each other, and why: see ``kpi.conflicts``."""
    busy = base["occupancy"]
    told = []
    for name in ("service_level", "answer_rate"):
        row = base[name]
        if "occupancy" not in row["pulls_against"].split(";"):
            continue
        short = {
            "kpi": words.name("kpi", name),
            "by": words.number(100 * abs(row["by"]), 1),
            "busy_by": words.number(100 * abs(busy["by"]), 1),
        }
        told.append(words.text(f"conflict.{conflict_of(row, busy)}", **short))
    if "self_service" in base["first_contact_resolution"]["pulls_against"].split(";"):
        told.append(words.text("conflict.easy_contacts"))
    return told


def conflict_of(row: Mapping[Any, Any], busy: Mapping[Any, Any]) -> str:
    """Return why a service KPI and occupancy pull against each other.

    Agents wait (``idle``), come at other times than contacts (``mismatch``), have too much to do
    (``overloaded``), or are held at the ceiling (``ceiling``).
    """
    if busy["value"] < busy["at_least"]:
        return "idle" if row["verdict"] == "met" else "mismatch"
    return "overloaded" if busy["value"] > busy["at_most"] else "ceiling"


def _cells(m: Material, scenario: str, names: list[str]) -> list[dict[str, Any]]:
    own = m.tables.kpis[m.tables.kpis["scenario"] == scenario].set_index("kpi")
    return [
        {"value": own["value"][name], "missed": own["verdict"][name] == "missed"} for name in names
    ]
