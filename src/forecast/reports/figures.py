"""Figures from tables: each function returns a Matplotlib figure and shows or saves nothing."""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb
from matplotlib.dates import AutoDateLocator, date2num, num2date
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from forecast.reports.style import GREEN, GREY, ORANGE, plain, style
from forecast.reports.words import Words, of
from forecast.schema import SERIES

COVERAGE = {
    "all": (1.0, "#e1ebf5"),
    "most": (0.9, "#f5c77e"),
    "half": (0.5, "#ee9a4d"),
    "less": (1e-9, "#c2571a"),
    "none": (0.0, "#4a1503"),
}
"""Share of a day's usual intervals that are reported: code, least share, colour, best first."""
MOST_QUEUES = 60
LONGEST_LABEL = 26
PIXELS_WIDE, PIXELS_HIGH = 2400, 12
_thousands = FuncFormatter(lambda value, _: f"{value:,.0f}")


def agents_heat_map(requirement: pd.DataFrame) -> Figure:
    """Return planned agents by day and time of day; blank where closed."""
    with style():
        local = requirement["local"]
        table = requirement.assign(
            day=local.dt.normalize(), time=local.dt.hour * 60 + local.dt.minute
        ).pivot_table(index="day", columns="time", values="agents", aggfunc="sum")
        figure = Figure(figsize=(9.5, 0.9 + 0.21 * len(table)), layout="constrained")
        ax = figure.add_subplot()
        image = ax.imshow(table.to_numpy(), aspect="auto", cmap="YlGnBu", interpolation="nearest")
        step = max(1, math.ceil(len(table.columns) / 15))
        times = [f"{t // 60:02d}:{t % 60:02d}" for t in table.columns.astype("int64").tolist()]
        ax.set_xticks(range(0, len(times), step), times[::step])
        ax.set_yticks(range(len(table)), [f"{day:%a %d %b}" for day in table.index])
        ax.tick_params(length=0, labelsize=9)
        ax.grid(visible=False)
        figure.colorbar(image, ax=ax, label="agents on position", pad=0.01)
        return figure


def scenario_costs(plan: pd.DataFrame, currency: str) -> Figure:
    """Return each scenario's cost as a bar, from what is planned to staffing at P90."""
    with style():
        cost = plan.pivot(index="scenario", columns="risk", values="cost")[["p90"]]
        cost["planned"] = plan[plan["is_plan"]].set_index("scenario")["cost"]
        cost = cost.reindex(["base", *[s for s in cost.index if s != "base"]][::-1])
        figure = Figure(figsize=(9.5, 0.9 + 0.42 * len(cost)), layout="constrained")
        ax = figure.add_subplot()
        ax.barh(cost.index, cost["planned"], color=GREEN, height=0.55, label="as planned")
        ax.barh(
            cost.index, (cost["p90"] - cost["planned"]).clip(lower=0), left=cost["planned"],
            color=ORANGE, alpha=0.55, height=0.55, label="more, to staff at P90",
        )  # fmt: skip
        ax.axvline(float(cost["planned"]["base"]), color=GREY, lw=1, ls="--")
        ax.xaxis.set_major_formatter(_thousands)
        ax.set_xlabel(f"cost of the period, {currency}")
        ax.legend(
            loc="upper center", frameon=False, ncols=2, bbox_to_anchor=(0.5, 1.0 + 0.5 / len(cost))
        )
        return figure


def coverage_heat_map(
    coverage: pd.DataFrame, *, narrow: bool = False, words: Words | None = None
) -> Figure:
    """Return the share of each day's usual intervals that were reported, by queue and day.

    Queues with most contacts come first; beyond 60 the smallest are left out, and the figure says
    so. Closed days, and those before a queue's start and after its end, are white.

    Parameters
    ----------
    coverage
        What ``acd.quality.coverage`` returns: site, queue, channel, date, share, offered.
    narrow
        For a narrow page.
    words
        Of the language that it is in; None: English.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", periods=3)
    >>> one = pd.DataFrame({"site": "main", "queue": "sales", "channel": "voice", "date": days,
    ...                     "share": [1.0, 0.0, None], "offered": [9, 0, 0]})
    >>> [text.get_text() for text in coverage_heat_map(one).axes[0].get_yticklabels()]
    ['sales']
    """
    words = words or of("en")
    size = coverage.groupby(list(SERIES))["offered"].sum()
    largest = size.sort_values(ascending=False, kind="stable").index[:MOST_QUEUES]
    table = coverage.pivot(index="date", columns=list(SERIES), values="share")[largest].T
    with style():
        width, legend_high = (4.2, 1.6) if narrow else (9.5, 1.15)
        figure = Figure(figsize=(width, legend_high + 0.19 * len(table)), layout="constrained")
        ax = figure.add_subplot()
        first, last = date2num(table.columns[0]) - 0.5, date2num(table.columns[-1]) + 0.5
        # Pixels of our own, several to a day: a day out must be seen whatever the width is.
        wide = math.ceil(PIXELS_WIDE / table.shape[1])
        pixels = np.kron(_shades(table.to_numpy("float64")), np.ones((PIXELS_HIGH, wide, 1)))
        ax.imshow(
            pixels,
            aspect="auto",
            interpolation="none",
            extent=(first, last, len(table) - 0.5, -0.5),
        )
        for line in range(1, len(table)):
            ax.axhline(line - 0.5, color="white", lw=1.5)
        ax.set_yticks(range(len(table)), _labels(table.index), parse_math=False)
        ax.tick_params(axis="y", length=0, labelsize=9)
        ax.grid(visible=False)
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.xaxis_date()
        locator = AutoDateLocator(minticks=3, maxticks=6 if narrow else 12)
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda at, _: _tick(at, words)))
        left = len(size) - len(table)
        if left:
            ax.set_xlabel(words.text("coverage.left_out", n=left))
        figure.legend(
            handles=[
                Patch(color=colour, label=words.name("coverage", code))
                for code, (_, colour) in COVERAGE.items()
            ],
            title=words.text("coverage.legend"), loc="outside upper center", frameon=False,
            ncols=3 if narrow else len(COVERAGE), fontsize=9, title_fontsize=9,
        )  # fmt: skip
        return figure


def _shades(share: np.ndarray) -> np.ndarray:
    """Return colours of shares; white where there is none."""
    out = np.ones((*share.shape, 3))
    for least, colour in sorted(COVERAGE.values()):
        out[share >= least - 1e-9 * (least == 1)] = to_rgb(colour)
    return out


def _labels(series: "pd.Index[Any]") -> list[str]:
    """Return what queues are called in a figure, with channel and site where there are several."""
    several = [series.get_level_values(part).nunique() > 1 for part in ("channel", "site")]
    return [
        plain(
            " / ".join([queue, *(p for p, s in zip((channel, site), several, strict=True) if s)]),
            LONGEST_LABEL,
        )
        for site, queue, channel in series
    ]


def _tick(at: float, words: Words) -> str:
    """Return a month where it begins, any other day with its number."""
    day = num2date(at).replace(tzinfo=None)
    return words.month(day, with_year=day.month == 1) if day.day == 1 else words.day(day)
