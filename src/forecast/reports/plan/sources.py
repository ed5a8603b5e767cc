"""Where the numbers come from, what they rest on, and what the terms mean."""

import json
from typing import Any

from forecast.params import CapacityParams
from forecast.reports.plan.capacity import risk_name
from forecast.reports.plan.material import Material
from forecast.reports.words import Words

SHARES = (
    *("service_level_target", "shrinkage", "occupancy_max", "confidence", "redial"),
    *("abandonment_max", "p_wait_max"),
)
SECONDS = ("answer_within_s", "aht_s", "patience_s", "asa_max_s")
"""Settings of ``capacity`` that are shares, and seconds."""
RULES = (
    *("service_level_target", "answer_within_s", "definition", "asa_max_s", "plan_at"),
    *("confidence", "occupancy_max", "agents_min", "aht_s", "patience_s", "redial"),
    *("shrinkage", "cost_per_paid_hour", "fte_hours_per_week"),
)
"""Settings of ``capacity`` that the page tells, in its order."""


def sources(m: Material, words: Words) -> dict[str, Any]:
    """Return the plan's id, its tables with their checksums, the models and the calendar."""
    tables = [
        {"name": name, "what": words.name("table", name), **entry}
        for name, entry in m.trace["tables"].items()
    ]
    chosen = [
        {
            "series": " / ".join(plan.series),
            "models": words.listed(
                sorted({words.name("model", c.champion) for c in plan.selection.values()})
            ),
        }
        for plan in m.plans
    ]
    return {
        "tables": tables,
        "models": chosen,
        "calendar_version": m.calendar["version"],
        "params_json": json.dumps(
            m.params.model_dump(mode="json"), indent=2, ensure_ascii=False, sort_keys=True
        ),
    }


def assumptions(m: Material, words: Words) -> dict[str, Any]:
    """Return the settings that the numbers rest on, and which of them are assumed."""
    rules = m.params.capacity
    return {"rows": [_rule(name, rules, m, words) for name in RULES]}


def assumed(name: str, m: Material, words: Words) -> str:
    """Return a setting of ``capacity`` that is assumed, with its value."""
    told = _value(name, m.params.capacity, m, words)
    return words.text("format.is", name=words.text(f"setting.{name}"), value=told)


def _rule(name: str, rules: CapacityParams, m: Material, words: Words) -> dict[str, Any]:
    return {
        "key": f"capacity.{name}",
        "name": words.text(f"setting.{name}"),
        "value": _value(name, rules, m, words),
        "is_assumed": name in rules.assumed,
        "why": words.text(f"why.{name}"),
    }


def _value(name: str, rules: CapacityParams, m: Material, words: Words) -> str:
    value = getattr(rules, name)
    if name == "plan_at":
        return risk_name(value, m, words)
    if name == "definition":
        return words.text(f"definition.{value}")
    if name == "shrinkage" and m.params.shrinkage:
        return words.text("assumptions.by_ledger")
    if name == "cost_per_paid_hour" and m.params.costs:
        return words.text("assumptions.by_contract")
    if value is None:
        return words.text("assumptions.measured" if name == "aht_s" else "assumptions.none")
    if name == "cost_per_paid_hour":
        return words.money(value, m.currency, 2)
    return setting_value(name, value, words)


def setting_value(name: str, value: object, words: Words) -> str:
    """Return what a setting of the section ``capacity`` is, with its unit.

    Examples
    --------
    >>> from forecast.reports.words import of
    >>> setting_value("patience_s", 90.0, of("en")), setting_value("occupancy_max", 0.9, of("zh"))
    ('90 s', '90%')
    """
    if not isinstance(value, int | float):
        return str(value)
    if name in SHARES:
        return words.percent(value, 0)
    told = f"{value:g}"
    return words.text("format.seconds", value=told) if name in SECONDS else told


def glossary(m: Material, words: Words) -> dict[str, Any]:
    """Return every term with what it means, in the order of the catalogue."""
    names = [key.split(".")[1] for key in words.texts if key.startswith("means.")]
    return {"terms": [(n, words.text(f"glossary.{n}"), words.text(f"means.{n}")) for n in names]}
