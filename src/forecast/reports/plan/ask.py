"""The first screen: the ask, what it buys, what happens without it, and until when to decide."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from forecast.reports.plan.axes import above, canvas, percents
from forecast.reports.plan.material import BASE, FEWER, Material, traded
from forecast.reports.plan.sources import assumed
from forecast.reports.staffing import ceiling
from forecast.reports.style import BLUE, GREY, ORANGE, style
from forecast.reports.summary import period_total
from forecast.reports.words import Words

CLOSE = 0.005
"""A service level so little below its target does not miss it."""


def ask(m: Material, words: Words) -> dict[str, Any]:
    """Return heads, FTE, money, service with its risk, the same with fewer, and the last date."""
    plan, base = traded(m.trade_off, 1.0), m.base
    fewer = traded(m.trade_off, 1 - m.params.report.fewer_pct / 100)
    capacity = m.params.capacity
    return {
        "plan": plan.to_dict(),
        "fewer": fewer.to_dict(),
        "fewer_share": m.params.report.fewer_pct / 100,
        "saved": plan["cost"] - fewer["cost"],
        "peak_agents": base["peak_agents"],
        "total": period_total(m.tables.paths),
        "weeks": week_rows(m),
        "hardest": hardest(m.weeks()),
        "hardest_fewer": hardest(m.weeks(FEWER)),
        "days_below": _days_below(m, BASE),
        "days_below_fewer": _days_below(m, FEWER),
        "below_target": base["service_level"] < capacity.service_level_target - CLOSE,
        "ceiling": ceiling(m.tables.requirement) if capacity.occupancy_max < 1 else None,
        "p90": m.tables.plan.query("scenario == @BASE and risk == 'p90'").iloc[0].to_dict(),
        "approval": approval(m.classes),
        "hiring_assumed": [
            words.name("hiring_setting", name)
            for name in (m.params.hiring.assumed if m.params.hiring else [])
        ],
        "assumed": [assumed(name, m, words) for name in capacity.assumed],
    }


def week_rows(m: Material) -> list[dict[str, Any]]:
    """Return the weeks with their service as planned and with fewer agents."""
    both = m.weeks().merge(m.weeks(FEWER), on="start", suffixes=("", "_fewer"), how="left")
    return [{str(name): value for name, value in row.items()} for row in both.to_dict("records")]


def hardest(weeks: pd.DataFrame) -> dict[str, Any] | None:
    """Return the week in which the target is met with the least chance; None where none is open."""
    if weeks.empty:
        return None
    order = weeks.sort_values(["p_met", "service_level_p10", "start"], kind="stable")
    return {str(name): value for name, value in order.iloc[0].items()}


def _days_below(m: Material, scenario: str) -> dict[str, int]:
    """Return how many days meet their target with less than the chance asked for, of how many."""
    own = m.together[(m.together["scenario"] == scenario) & (m.together["period"] == "day")]
    own = own[own["service_level"].notna()]
    return {"n": int((own["p_met"] < m.params.capacity.confidence).sum()), "of": len(own)}


def approval(classes: pd.DataFrame | None) -> dict[str, Any] | None:
    """Return what is to be approved first: until when, how many people, how many classes in all.

    None where no hiring plan is made; ``until`` is None where no class has a last date.
    """
    if classes is None:
        return None
    dated = classes[classes["latest_approval"].notna()].sort_values("latest_approval")
    first = dated.iloc[0] if len(dated) else None
    return {
        "until": None if first is None else first["latest_approval"],
        "size": 0 if first is None else int(first["size"]),
        "classes": len(classes),
        "hires": int(classes["size"].sum()),
    }


def service_by_week(m: Material, words: Words, wide: bool) -> Figure:
    """Return each week's service level with P10 to P90, as planned and with fewer agents."""
    weeks = {BASE: m.weeks(), FEWER: m.weeks(FEWER)}
    share = words.percent(m.params.report.fewer_pct / 100, 0)
    labels = {BASE: words.text("ask.as_planned"), FEWER: words.text("ask.with_fewer", share=share)}
    looks = {BASE: (BLUE, "o", -0.1), FEWER: (ORANGE, "s", 0.1)}
    with style():
        figure = canvas(wide, 2.9, 3.0)
        ax = figure.add_subplot()
        for name, own in weeks.items():
            colour, mark, aside = looks[name]
            middle = own["service_level_p50"]
            spread = [middle - own["service_level_p10"], own["service_level_p90"] - middle]
            ax.errorbar(
                own.index + aside, middle, yerr=spread, fmt=mark, color=colour, capsize=3,
                markersize=6, elinewidth=1.8, label=labels[name],
            )  # fmt: skip
        ax.axhline(
            m.params.capacity.service_level_target, color=GREY, lw=1.2, ls="--",
            label=words.text("ask.target"),
        )  # fmt: skip
        starts = weeks[BASE]["start"]
        step = max(1, -(-len(starts) // (12 if wide else 5)))
        ax.set_xticks(range(0, len(starts), step), [words.day(day) for day in starts[::step]])
        ax.set_xlim(-0.5, len(starts) - 0.5)
        ax.grid(visible=False, axis="x")
        ax.set_ylabel(words.text("ask.service_axis"))
        ax.set_xlabel(words.text("ask.week_axis"))
        percents(ax.yaxis, words)
        above(ax, 3 if wide else 1)
        return figure
