"""What past errors would have cost in agents and money, and what made them."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from forecast.accuracy import PARTS
from forecast.reports.plan.accuracy import lead_name
from forecast.reports.plan.axes import canvas, percents
from forecast.reports.plan.material import Material
from forecast.reports.style import style
from forecast.reports.words import Words
from forecast.schema import SERIES
from forecast.select import CHAMPION

COLORS = ("#b9bec6", "#1f5f99", "#7fb2dd", "#2f7d4f", "#d9730d", "#7b5ea7")
"""Of the parts, in their order: told apart by the colour-blind."""
ALL = ""
"""Stands for all series together."""


def missed(m: Material, words: Words) -> dict[str, Any]:
    """Return the rows of the section's tables: agents and money missed by, and parts of it."""
    if m.misses is None or m.error_parts is None:
        return {"misses": []}
    return {
        "lead_name": lambda name: lead_name(name, words),
        "misses": miss_rows(m),
        "parts": part_rows(m),
        "part_names": [words.name("part", name) for name in PARTS],
    }


def miss_rows(m: Material) -> list[dict[str, Any]]:
    """Return, by lead and series, hours and money too many and too few, and chance's part.

    All series together come first where there are several; shares are of the agent-hours that what
    came needed.
    """
    own = _champions(m.misses, m)
    rows = []
    for row in own.to_dict("records"):
        told = {str(name): value for name, value in row.items()}
        hours = told["agent_hours"]
        wrong = told["over_hours"] + told["under_hours"]
        chance = told["floor_over_hours"] + told["floor_under_hours"]
        told |= {
            "share": wrong / hours if hours > 0 else float("nan"),
            "floor_share": chance / hours if hours > 0 else float("nan"),
            "cost": told["over_cost"] + told["under_cost"],
            "floor_cost": told["floor_over_cost"] + told["floor_under_cost"],
        }
        rows.append(told)
    return rows


def part_rows(m: Material) -> list[dict[str, Any]]:
    """Return, by lead and series, each part's hours, share and cost, and their sums.

    All series together come first where there are several.
    """
    own = _champions(m.error_parts, m, by=["part"])
    rows: list[dict[str, Any]] = []
    for (_, series, horizon), found in own.groupby(["place", "series", "horizon"], sort=True):
        named = found.set_index("part")[["hours", "cost"]].reindex(list(PARTS), fill_value=0.0)
        hours, cost = named["hours"].sum(), named["cost"].sum()
        share = named["hours"] / hours if hours > 0 else float("nan")
        parts = named.assign(share=share).to_dict("records")
        rows.append(
            {"horizon": horizon, "series": series, "parts": parts, "hours": hours, "cost": cost}
        )
    return rows


def parts(m: Material, words: Words, wide: bool) -> Figure:
    """Return the share of agent-hours missed by, by lead and by what made it."""
    needed = {row["horizon"]: row["agent_hours"] for row in miss_rows(m) if row["series"] == ALL}
    rows = [row for row in part_rows(m) if row["series"] == ALL]
    with style():
        figure = canvas(wide, 1.3 + 0.42 * len(rows), 2.0 + 0.42 * len(rows))
        ax = figure.add_subplot()
        # Parts below 0, by chance or by a good hand, lie on the other side of the axis.
        ends = {+1: [0.0] * len(rows), -1: [0.0] * len(rows)}
        for number, name in enumerate(PARTS):
            shares = [
                row["parts"][number]["hours"] / needed[row["horizon"]]
                if needed.get(row["horizon"], 0) > 0
                else 0.0
                for row in rows
            ]
            if not any(shares):
                continue
            starts = [ends[1 if share >= 0 else -1][at] for at, share in enumerate(shares)]
            at = range(len(rows))
            label = words.name("part", name)
            ax.barh(at, shares, left=starts, color=COLORS[number], height=0.6, label=label)
            for place, share in enumerate(shares):
                ends[1 if share >= 0 else -1][place] += share
        ax.set_yticks(range(len(rows)), [lead_name(row["horizon"], words) for row in rows])
        ax.invert_yaxis()
        ax.set_xlabel(words.text("missed.axis"))
        percents(ax.xaxis, words)
        figure.legend(loc="outside upper left", frameon=False, ncols=5 if wide else 2)
        return figure


def _champions(table: pd.DataFrame | None, m: Material, by: Sequence[str] = ()) -> pd.DataFrame:
    """Return the champions' rows by lead: of all series together, and each where several are."""
    own = pd.DataFrame() if table is None else table[table["model"] == CHAMPION]
    named = own.assign(series=own[list(SERIES)].agg(" / ".join, axis=1))
    keys = ["horizon", *by]
    sums = [name for name in own if name not in (*SERIES, "model", *keys)]
    whole = named.groupby(keys)[sums].sum().reset_index().assign(series=ALL)
    both = pd.concat([whole, named[["series", *keys, *sums]]]) if m.several else whole
    order = {name: number for number, name in enumerate(_leads(m, both["horizon"]))}
    return both.assign(place=both["horizon"].map(order)).sort_values(["place", "series"])


def _leads(m: Material, found: Any) -> list[str]:
    """Return the leads that were found, the shortest first."""
    return [name for name in m.params.backtest.horizons if name in set(found)]
