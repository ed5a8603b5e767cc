"""Scenarios side by side: what each changes, takes and costs, and which lever makes its cost."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from forecast.params.scenario import Scenario
from forecast.reports.plan.axes import canvas, numbers
from forecast.reports.plan.material import BASE, Material
from forecast.reports.plan.sources import setting_value
from forecast.reports.style import BLUE, GREEN, GREY, ORANGE, plain, style
from forecast.reports.words import Words

SHARES = ("volume_pct", "aht_pct", "wage_pct", "growth_pct_per_year")
"""Levers in percent."""
CAPS = ("heads_max", "spend_max_per_week", "voluntary_time_off")
"""Levers whose value is a bound or a share, not a change."""
LONGEST = 30
ENDS = ("p10", "p90")


def scenarios(m: Material, words: Words) -> dict[str, Any]:
    """Return the scenarios in their order, and the steps of their cost."""
    base_cost = float(m.base["cost"])
    rows = []
    for name, row in m.planned.iterrows():
        told = {str(key): value for key, value in row.items()}
        what = what_it_changes(m.params.scenarios[str(name)], words)
        share = told["cost_vs_base"] / base_cost if base_cost else float("nan")
        rows.append(
            told
            | {
                "code": name,
                "name": words.name("scenario", name),
                "what": "" if _plain(what) == _plain(words.name("scenario", name)) else what,
                "is_base": name == BASE,
                "cost_share": share,
            }
        )
    return {"rows": rows, "ranges": ranges(m, words), "steps": step_rows(in_order(m), words)}


def ranges(m: Material, words: Words) -> list[dict[str, Any]]:
    """Return from where to where each scenario may end up: heads, hours and cost, and its service.

    Hours, FTE and cost are those of plans for P10 and P90 of each interval's rate; what planned
    people achieve is P10 to P90 of the paths.
    """
    plan = m.tables.plan
    at = {risk: plan[plan["risk"] == risk].set_index("scenario") for risk in ENDS}
    rows = []
    for name, row in m.planned.iterrows():
        told = {}
        for column, digits in (("agent_hours", 0), ("fte", 1), ("cost", 0)):
            low, high = (words.number(at[risk][column].loc[str(name)], digits) for risk in ENDS)
            told[column] = words.span(low, high)
        for column in ("service_level", "abandonment", "occupancy"):
            ends = (words.percent(row[f"{column}_{end}"]) for end in ENDS)
            told[column] = words.span(*ends)
        waits = (words.number(row[f"asa_s_{end}"], 1) for end in ENDS)
        rows.append(
            {
                "name": words.name("scenario", name),
                "is_base": name == BASE,
                "heads": contracts(str(row["heads_by_contract"]), words),
                "asa_s": words.span(*waits),
                **told,
            }
        )
    return rows


def contracts(text: str, words: Words) -> str:
    """Return PLAN's heads by contract in words; of one contract alone the number.

    Examples
    --------
    >>> from forecast.reports.words import of
    >>> contracts("full_time 447", of("en")), contracts("full 1400; part 60", of("en"))
    ('447', 'full 1,400, part 60')
    """
    told = [part.rpartition(" ") for part in text.split("; ")]
    if len(told) == 1:
        return words.number(float(told[0][2]))
    return words.listed(f"{name} {words.number(float(n))}" for name, _, n in told)


def what_it_changes(scenario: Scenario, words: Words) -> str:
    """Return a scenario's levers in words; its own settings of ``capacity`` with their values.

    Examples
    --------
    >>> from forecast.reports.words import of
    >>> what_it_changes(Scenario(shrinkage_points=5, capacity={"patience_s": 90}), of("en"))
    'shrinkage, points +5, patience: 90 s'
    """
    parts = [words.name("scenario", one) for one in scenario.extends]
    for lever in scenario.pulled():
        family, _, key = lever.rpartition(".")
        if family:
            parts.append(setting(key, scenario.capacity[key], words))
            continue
        value = getattr(scenario, lever)
        amount = ""
        if lever in SHARES:
            amount = words.percent(value / 100, 0, sign=True)
        elif lever in CAPS:
            is_share = lever == "voluntary_time_off"
            amount = words.percent(value, 0) if is_share else words.number(value)
        elif isinstance(value, int | float):
            amount = words.number(value, sign=True)
        parts.append(f"{words.name('lever', lever)} {amount}".strip())
    return words.listed(parts)


def _plain(text: str) -> str:
    return text.replace("\xa0", " ")


def in_order(m: Material) -> pd.DataFrame:
    """Return STEPS in the order of the scenarios."""
    order = {name: number for number, name in enumerate(m.planned.index)}
    steps = m.steps.assign(order=m.steps["scenario"].map(order))
    return steps.sort_values(["order", "step"], ignore_index=True).drop(columns="order")


def setting(key: str, value: object, words: Words) -> str:
    """Return a setting of the section ``capacity`` with its value."""
    return words.text(
        "format.is", name=words.name("setting", key), value=setting_value(key, value, words)
    )


def step_rows(steps: pd.DataFrame, words: Words) -> list[dict[str, Any]]:
    """Return STEPS in words: scenario, lever, cost of the step."""
    rows = []
    several = steps["scenario"].value_counts() > 1
    for row in steps.to_dict("records"):
        layer, _, lever = str(row["lever"]).rpartition(": ")
        name = words.name("lever", lever)
        told = {str(key): value for key, value in row.items()}
        named = words.text("scenarios.layer", layer=words.name("scenario", layer), lever=name)
        rows.append(
            told
            | {
                "name": words.name("scenario", row["scenario"]),
                "lever_name": named if layer else name,
                "is_alone": not several[row["scenario"]],
                "method_name": words.name("method", row["method"]),
            }
        )
    return rows


def costs(m: Material, words: Words, wide: bool) -> Figure:
    """Return each scenario's cost as planned, and what staffing for P90 would add."""
    plan, planned = m.tables.plan, m.planned["cost"]
    at_p90 = plan[plan["risk"] == "p90"].set_index("scenario")["cost"].reindex(planned.index)
    names = [_label(words.name("scenario", name), wide) for name in planned.index]
    with style():
        figure = canvas(wide, 1.2 + 0.36 * len(planned), 1.6 + 0.36 * len(planned))
        ax = figure.add_subplot()
        at = range(len(planned))
        ax.barh(at, planned, color=GREEN, height=0.55, label=words.text("scenarios.as_planned"))
        ax.barh(
            at, (at_p90 - planned).clip(lower=0), left=planned, color=ORANGE, alpha=0.55,
            height=0.55, label=words.text("scenarios.more_for_p90"),
        )  # fmt: skip
        ax.axvline(float(planned[BASE]), color=GREY, lw=1, ls="--")
        ax.set_yticks(at, names)
        ax.set_ylim(len(planned) - 0.5, -0.5)
        ax.grid(visible=False, axis="y")
        numbers(ax.xaxis, words, most=6 if wide else 3)
        ax.set_xlabel(
            words.text("scenarios.cost_axis", currency=words.name("currency", m.currency))
        )
        figure.legend(loc="outside upper left", frameon=False, ncols=2 if wide else 1)
        return figure


def waterfall(m: Material, words: Words, wide: bool) -> Figure:
    """Return what each lever adds to the base plan's cost: bars that begin where the last ended."""
    rows = step_rows(in_order(m), words)
    base_cost = float(m.base["cost"])
    with style():
        figure = canvas(wide, 1.0 + 0.34 * len(rows), 1.0 + 0.44 * len(rows))
        ax = figure.add_subplot()
        for at, row in enumerate(rows):
            colour = ORANGE if row["cost"] >= 0 else BLUE
            before, after = (row[side] - base_cost for side in ("cost_before", "cost_after"))
            ax.barh(at, row["cost"], left=before, color=colour, height=0.55)
            ax.annotate(
                words.number(row["cost"], sign=True), (max(before, after), at), (4, 0),
                textcoords="offset points", va="center", fontsize=9,
            )  # fmt: skip
            if at + 1 < len(rows) and rows[at + 1]["scenario"] == row["scenario"]:
                ax.plot([after, after], [at, at + 1], color=GREY, lw=1)
        ax.axvline(0, color=GREY, lw=1)
        ax.margins(x=0.16 if wide else 0.3)
        ax.set_yticks(range(len(rows)), [_step_label(row, wide) for row in rows])
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.grid(visible=False, axis="y")
        numbers(ax.xaxis, words, most=6 if wide else 3)
        ax.set_xlabel(
            words.text("scenarios.difference_axis", currency=words.name("currency", m.currency))
        )
        return figure


def _step_label(row: dict[str, Any], wide: bool) -> str:
    scenario, lever = _label(row["name"], wide), _label(row["lever_name"], wide)
    if row["is_alone"]:
        return scenario
    return f"{scenario}: {lever}" if wide else f"{scenario}\n{lever}"


def _label(name: str, wide: bool) -> str:
    return plain(name, LONGEST if wide else 20)
