"""Figures from tables: each function returns a Matplotlib figure and shows or saves nothing."""

import math
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, DateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from forecast.reports.style import BLUE, GREEN, GREY, ORANGE, plain, style
from forecast.schema import SERIES

COVERAGE = {
    "all": (1.0, "#e1ebf5"),
    "90 % or more": (0.9, "#f5c77e"),
    "half or more": (0.5, "#ee9a4d"),
    "less": (1e-9, "#c2571a"),
    "none": (0.0, "#4a1503"),
}
"""Share of a day's usual intervals that are reported: name, least share, colour, best first."""
MOST_QUEUES = 60
LONGEST_LABEL = 26
PIXELS_WIDE, PIXELS_HIGH = 2400, 12
_thousands = FuncFormatter(lambda value, _: f"{value:,.0f}")


def daily(totals: pd.DataFrame, history_weeks: int) -> Figure:
    """Return contacts per day: the last weeks as reported, the weeks ahead with their P10-P90 band.

    ``totals`` is what ``summary.daily_totals`` returns. Closed days have no mark.
    """
    with style():
        figure = Figure(figsize=(9.5, 3.6), layout="constrained")
        ax = figure.add_subplot()
        ahead = totals[totals["mean"].notna()]
        first = ahead["date"].min() - pd.Timedelta(weeks=history_weeks)
        past = totals[totals["y"].notna() & (totals["date"] >= first)]
        ax.plot(past["date"], past["y"], "o", color=GREY, markersize=4, label="reported")
        spread = [ahead["p50"] - ahead["p10"], ahead["p90"] - ahead["p50"]]
        ax.errorbar(
            ahead["date"],
            ahead["p50"],
            yerr=spread,
            fmt="o",
            color=BLUE,
            markersize=4,
            capsize=2,
            elinewidth=1.4,
            label="forecast: median, P10 to P90",
        )
        ax.set_ylim(bottom=0)
        ax.set_ylabel("contacts a day")
        ax.yaxis.set_major_formatter(_thousands)
        _date_axis(ax)
        ax.legend(loc="lower left", frameon=False, ncols=2, bbox_to_anchor=(0, 1.0))
        return figure


def first_open_day(requirement: pd.DataFrame, contacts: pd.DataFrame) -> Figure:
    """Return the first open day ahead, by interval: contacts with P10-P90, and agents below.

    Parameters
    ----------
    requirement
        REQUIREMENT rows of one scenario with a column ``local`` (wall time).
    contacts
        What ``summary.interval_totals`` returns.
    """
    with style():
        figure = Figure(figsize=(9.5, 5.2), layout="constrained")
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        day = requirement["local"].dt.normalize().min()
        calls = contacts[(contacts.index >= day) & (contacts.index < day + pd.Timedelta(days=1))]
        top.fill_between(
            calls.index, calls["p10"], calls["p90"], step="post", color=BLUE, alpha=0.2, lw=0,
            label="P10 to P90",
        )  # fmt: skip
        top.step(calls.index, calls["mean"], where="post", color=BLUE, label="mean")
        top.set_ylabel(f"contacts per {calls['length'].max():.0f} open minutes")
        top.set_title(f"{day:%A %d %B %Y}", loc="left", fontsize=11)
        own = requirement[requirement["local"].dt.normalize() == day]
        agents = own.groupby("local")[["agents", "agents_p90"]].sum()
        bottom.step(agents.index, agents["agents_p90"], where="post", color=ORANGE,
                    label="agents at P90 of the rate")  # fmt: skip
        bottom.step(agents.index, agents["agents"], where="post", color=GREEN,
                    label="agents planned")  # fmt: skip
        bottom.set_ylabel("agents on position")
        for ax in (top, bottom):
            ax.set_ylim(bottom=0)
            ax.legend(loc="upper right", frameon=False)
            ax.yaxis.set_major_formatter(_thousands)
        bottom.xaxis.set_major_formatter(DateFormatter("%H:%M"))
        return figure


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


def accuracy(rows: list[dict[str, object]], horizons: list[str]) -> Figure:
    """Return pinball loss by model and lead time, and the coverage of the 80 % interval."""
    with style():
        table = pd.DataFrame(rows).groupby(["model", "horizon"])[["pinball", "coverage_80"]].mean()
        models = sorted(
            table.index.unique("model"), key=lambda m: table.loc[m, "pinball"].mean(), reverse=True
        )
        figure = Figure(figsize=(9.5, 0.9 + 0.4 * len(models)), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        shades = ["#9dbad5", "#6795c0", BLUE, "#123a5e"]
        for number, horizon in enumerate(horizons):
            known = [m for m in models if (m, horizon) in table.index]
            at = [models.index(m) for m in known]
            own = table.loc[[(m, horizon) for m in known]]
            shade = shades[number % len(shades)]
            label = horizon.replace("_", " ")
            left.plot(own["pinball"], at, "o", color=shade, markersize=7, label=label)
            right.plot(own["coverage_80"], at, "o", color=shade, markersize=7)
        left.set_yticks(range(len(models)), models)
        left.set_xlim(left=0)
        left.set_xlabel("pinball loss, contacts (less is better)")
        right.axvspan(0.75, 0.85, color=GREEN, alpha=0.15, lw=0)
        right.axvline(0.80, color=GREEN, lw=1)
        right.set_xlabel("share within the 80 % interval (0.80 is right)")
        left.legend(loc="lower left", frameon=False, fontsize=9)
        return figure


def coverage_heat_map(coverage: pd.DataFrame) -> Figure:
    """Return the share of each day's usual intervals that were reported, by queue and day.

    Queues with most contacts come first; beyond 60 the smallest are left out, and the figure says
    so. Closed days, and those before a queue's start and after its end, are white.

    Parameters
    ----------
    coverage
        What ``acd.quality.coverage`` returns: site, queue, channel, date, share, offered.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", periods=3)
    >>> one = pd.DataFrame({"site": "main", "queue": "sales", "channel": "voice", "date": days,
    ...                     "share": [1.0, 0.0, None], "offered": [9, 0, 0]})
    >>> [text.get_text() for text in coverage_heat_map(one).axes[0].get_yticklabels()]
    ['sales']
    """
    size = coverage.groupby(list(SERIES))["offered"].sum()
    largest = size.sort_values(ascending=False, kind="stable").index[:MOST_QUEUES]
    table = coverage.pivot(index="date", columns=list(SERIES), values="share")[largest].T
    with style():
        figure = Figure(figsize=(9.5, 1.15 + 0.19 * len(table)), layout="constrained")
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
        _date_axis(ax)
        left = len(size) - len(table)
        if left:
            ax.set_xlabel(f"{left} smaller {'queue is' if left == 1 else 'queues are'} left out")
        figure.legend(
            handles=[Patch(color=colour, label=name) for name, (_, colour) in COVERAGE.items()],
            title="share of the usual intervals that were reported; white: closed",
            loc="outside upper center",
            frameon=False, ncols=len(COVERAGE), fontsize=9, title_fontsize=9,
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


def _date_axis(ax: mpl.axes.Axes) -> None:
    locator = AutoDateLocator(minticks=5, maxticks=12)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
