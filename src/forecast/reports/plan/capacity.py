"""Capacity: required against planned agents by week and interval, and the ways to staff."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from forecast.reports.lines import line_name
from forecast.reports.plan.axes import above, canvas, clock, numbers, times
from forecast.reports.plan.material import BASE, Material
from forecast.reports.staffing import ceiling, not_priced, series_rows, service_rows
from forecast.reports.style import BLUE, GREEN, GREY, ORANGE, style
from forecast.reports.words import Words

RISKS = ("p10", "p50", "mean", "expected", "p90", "confident")
"""Ways to staff, from the leanest to the safest."""
MOST_COLUMNS = 32
"""With more intervals a day the heat map has no numbers."""
LONG_LIST = 8


def capacity(m: Material, words: Words) -> dict[str, Any]:
    """Return weeks, ways to staff, what is paid for, the queues, and the days that are hard."""
    rules, plan = m.params.capacity, m.tables.plan
    at_risk = plan[plan["scenario"] == BASE].set_index("risk")
    days = service_rows(m.tables.service, "day")
    hard = [row for row in days if row["p_met"] < rules.confidence]
    lines, trunks = m.tables.cost_lines, m.tables.trunks
    return {
        "weeks": week_rows(m),
        "risks": [
            {str(k): v for k, v in at_risk.loc[risk].items()}
            | {"risk": risk, "name": risk_name(risk, m, words)}
            for risk in RISKS
        ],
        "planned_for": risk_name(rules.plan_at, m, words),
        "ceiling": ceiling(m.tables.requirement) if rules.occupancy_max < 1 else None,
        "lines": lines[lines["scenario"] == BASE].to_dict("records") if m.params.costs else [],
        "line_name": lambda line: line_name(line, words),
        "not_priced": [words.name("line", name) for name in not_priced(m.params)],
        "series": series_rows(m.tables.requirement) if m.several else [],
        "hard_days": hard[:LONG_LIST],
        "hard_more": max(0, len(hard) - LONG_LIST),
        "hardest_day": hardest_day(m),
        "peak": peak(m),
        "trunks": trunks[(trunks["scenario"] == BASE) & trunks["is_plan"]].to_dict("records"),
    }


def risk_name(risk: str, m: Material, words: Words) -> str:
    """Return what a way to staff is called."""
    chance = words.percent(m.params.capacity.confidence, 0)
    return words.text(f"risk.{risk}", chance=chance)


def week_hours(m: Material) -> pd.DataFrame:
    """Return hours by week from Monday: required at P10, P50 and P90, planned, for the goal alone.

    Required at P90: every interval staffed for the P90 of its own rate. ``fte`` are the paid hours
    of the week in full-time weeks.
    """
    table = m.timed
    first = table["day"] - pd.to_timedelta(table["day"].dt.day_of_week, unit="D")
    numbers_of = {
        "p10": "agents_p10", "p50": "agents_p50", "p90": "agents_p90", "planned": "agents",
        "goal_alone": "agents_without_ceiling", "paid": "scheduled_agents",
    }  # fmt: skip
    hours = pd.DataFrame({name: table[of] * table["hours"] for name, of in numbers_of.items()})
    weeks = hours.assign(offered=table["offered"]).groupby(first.rename("start")).sum()
    days = table.groupby(first.rename("start"))["day"].nunique()
    full_time = m.params.capacity.fte_hours_per_week
    return weeks.assign(fte=weeks["paid"] / full_time, days=days).reset_index()


def week_rows(m: Material) -> list[dict[str, Any]]:
    """Return each week's hours beside the service that they give."""
    both = week_hours(m).merge(m.weeks().drop(columns="offered"), on="start", how="left")
    return [{str(name): value for name, value in row.items()} for row in both.to_dict("records")]


def peak(m: Material) -> dict[str, Any]:
    """Return the interval that takes most agents of all queues together: when, and how many."""
    table = m.timed.groupby("local")[["agents", "scheduled_agents"]].sum().reset_index()
    return {str(name): value for name, value in table.iloc[int(table["agents"].argmax())].items()}


def hardest_day(m: Material) -> pd.Timestamp:
    """Return the day on which the target is met with the least chance, all queues together."""
    own = m.together[(m.together["scenario"] == BASE) & (m.together["period"] == "day")]
    order = own[own["service_level"].notna()].sort_values(["p_met", "start"], kind="stable")
    return pd.Timestamp(order["start"].iloc[0])


def weeks_figure(m: Material, words: Words, wide: bool) -> Figure:
    """Return agent-hours by week: planned, required from P10 to P90, and for the goal alone."""
    weeks = week_hours(m)
    with style():
        figure = canvas(wide, 3.2, 3.6)
        ax = figure.add_subplot()
        at = np.arange(len(weeks))
        ax.bar(
            at, weeks["planned"], width=0.55, color=GREEN, alpha=0.45,
            label=words.text("capacity.planned_hours"),
        )  # fmt: skip
        spread = [weeks["p50"] - weeks["p10"], weeks["p90"] - weeks["p50"]]
        ax.errorbar(
            at, weeks["p50"], yerr=spread, fmt="o", color=BLUE, capsize=4, markersize=5,
            elinewidth=1.8, label=words.text("capacity.required_hours"),
        )  # fmt: skip
        if m.params.capacity.occupancy_max < 1:
            ax.plot(
                at, weeks["goal_alone"], "_", color=ORANGE, markersize=22, markeredgewidth=3,
                label=words.text("capacity.goal_alone"),
            )  # fmt: skip
        step = max(1, -(-len(weeks) // (12 if wide else 4)))
        ax.set_xticks(at[::step], [words.day(day) for day in weeks["start"][::step]])
        ax.set_xlim(-0.6, len(weeks) - 0.4)
        ax.set_xlabel(words.text("ask.week_axis"))
        ax.set_ylabel(words.text("capacity.hours_axis"))
        ax.grid(visible=False, axis="x")
        numbers(ax.yaxis, words)
        above(ax, 3 if wide else 1)
        return figure


def heat(m: Material) -> pd.DataFrame:
    """Return mean planned agents by weekday (0 Monday) and minute of the day; empty: closed."""
    table = m.timed.groupby(["day", "minute"])["agents"].sum().reset_index()
    table["weekday"] = table["day"].dt.day_of_week
    return table.pivot_table(index="weekday", columns="minute", values="agents", aggfunc="mean")


def heat_figure(m: Material, words: Words, wide: bool) -> Figure:
    """Return mean planned agents by weekday and time of day, with numbers where there is room."""
    table = heat(m)
    cells = table.to_numpy("float64")
    if not wide:
        cells = cells.T
    with style(axes_grid=False):
        figure = canvas(wide, 1.0 + 0.4 * len(table), 1.2 + 0.2 * table.shape[1])
        ax = figure.add_subplot()
        image = ax.pcolormesh(np.ma.masked_invalid(cells), cmap="YlGnBu", edgecolor="white", lw=0.5)
        ax.invert_yaxis()
        days = [words.weekday(int(day)) for day in table.index]
        minutes = [int(minute) for minute in table.columns]
        along, across = (ax.xaxis, ax.yaxis) if wide else (ax.yaxis, ax.xaxis)
        step = max(1, -(-len(minutes) // (15 if wide else 30)))
        shown = range(0, len(minutes), step)
        along.set_ticks([at + 0.5 for at in shown], [clock(minutes[at]) for at in shown])
        across.set_ticks([at + 0.5 for at in range(len(days))], days)
        ax.tick_params(length=0, labelsize=9)
        ax.spines[:].set_visible(False)
        if len(minutes) <= MOST_COLUMNS:
            _number_cells(ax, cells, words)
        if wide:
            figure.colorbar(image, ax=ax, label=words.text("capacity.agents_axis"), pad=0.01)
        return figure


def _number_cells(ax: Any, cells: np.ndarray, words: Words) -> None:
    most = np.nanmax(cells) if np.isfinite(cells).any() else 1.0
    for (row, column), value in np.ndenumerate(cells):
        if np.isfinite(value):
            dark = value > 0.55 * most
            ax.text(
                column + 0.5, row + 0.5, words.number(value), ha="center", va="center", fontsize=7,
                color="white" if dark else "#1c2530",
            )  # fmt: skip


def day_figure(m: Material, words: Words, wide: bool) -> Figure:
    """Return the hardest day by interval: agents planned, and required from P10 to P90."""
    table = m.timed
    own = table[table["day"] == hardest_day(m)]
    columns = ["agents", "agents_p10", "agents_p90", "agents_without_ceiling"]
    agents = own.groupby("minute")[columns].sum()
    at = np.arange(len(agents))
    with style():
        figure = canvas(wide, 3.2, 3.4)
        ax = figure.add_subplot()
        ax.fill_between(
            at, agents["agents_p10"], agents["agents_p90"], step="mid", color=BLUE, alpha=0.2,
            lw=0, label=words.text("capacity.required_band"),
        )  # fmt: skip
        ax.step(
            at, agents["agents"], where="mid", color=GREEN, lw=2,
            label=words.text("capacity.planned_agents"),
        )  # fmt: skip
        if m.params.capacity.occupancy_max < 1:
            ax.step(
                at, agents["agents_without_ceiling"], where="mid", color=ORANGE, lw=1.2, ls="--",
                label=words.text("capacity.goal_alone"),
            )  # fmt: skip
        ax.set_ylim(bottom=0)
        ax.set_ylabel(words.text("capacity.agents_axis"))
        times(ax, [int(minute) for minute in agents.index], wide)
        numbers(ax.yaxis, words)
        ax.axhline(0, color=GREY, lw=0.8)
        above(ax, 3 if wide else 1)
        return figure
