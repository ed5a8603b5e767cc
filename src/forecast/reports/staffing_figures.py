"""Figures of what agents achieve: over their number, ways to plan, whole days, a day that moves."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, DayLocator, WeekdayLocator
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from forecast.queueing.result import QueueResult
from forecast.queueing.transient.day import Day, Floats
from forecast.reports.style import BLUE, GREEN, GREY, ORANGE, style

COLOURS = (BLUE, ORANGE, GREEN)
"""Of what is compared in a figure, in its order; three things at most."""
_MARKS = ("o", "s", "^")
_LINES = ("-", "--", ":")
_thousands = FuncFormatter(lambda value, _: f"{value:,.0f}")


class _Served(Protocol):
    """Whatever has a service level: a formula's result, or the exact chain's."""

    @property
    def service_level(self) -> Floats: ...


def agents_curves(
    agents: npt.NDArray[np.int64],
    results: Mapping[str, QueueResult],
    *,
    service_level: float,
    occupancy_max: float,
) -> Figure:
    """Return service level, occupancy and ASA (log scale) over the number of agents.

    Parameters
    ----------
    agents
        Numbers of agents.
    results
        What they achieve, by the name of the formula. Waits without bound are not drawn.
    service_level, occupancy_max
        Goals, drawn as lines across.

    Examples
    --------
    >>> from forecast.queueing import erlang_c
    >>> n = np.arange(11, 18)
    >>> shown = {"Erlang C": erlang_c(10, n, aht_s=240, answer_within_s=20)}
    >>> figure = agents_curves(n, shown, service_level=0.8, occupancy_max=0.85)
    >>> [ax.get_ylabel() for ax in figure.axes]
    ['service level, %', 'occupancy, %', 'ASA, seconds (log scale)']
    """
    with style():
        figure = Figure(figsize=(8.6, 3.3), layout="constrained")
        level, busy, wait = figure.subplots(1, 3)
        for number, (name, result) in enumerate(results.items()):
            look = {"color": COLOURS[number], "ls": _LINES[number]}
            level.plot(agents, 100 * result.service_level, label=name, **look)
            busy.plot(agents, 100 * result.occupancy, **look)
            wait.plot(agents, np.where(np.isfinite(result.asa_s), result.asa_s, np.nan), **look)
        level.axhline(100 * service_level, color=GREY, lw=1)
        busy.axhline(100 * occupancy_max, color=GREY, lw=1, label="goal")
        level.set(ylabel="service level, %", ylim=(0, 102))
        busy.set(ylabel="occupancy, %", ylim=(None, 101))
        wait.set(ylabel="ASA, seconds (log scale)", yscale="log")
        wait.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        for ax in (level, busy, wait):
            ax.set_xlabel("agents on position")
        figure.legend(loc="outside upper left", frameon=False, ncols=len(results) + 1)
        return figure


def ways_to_plan(plans: Mapping[str, pd.DataFrame], *, target: float, currency: str) -> Figure:
    """Return what each way to plan costs, and the service level that it buys.

    Parameters
    ----------
    plans
        By name, tables with ``cost`` and ``service_level``, indexed by the way to plan.
    target
        Service level asked for, drawn as a line.
    currency
        Of the cost.

    Examples
    --------
    >>> one = pd.DataFrame({"cost": [9e5, 1e6], "service_level": [0.7, 0.9]}, ["mean", "p90"])
    >>> figure = ways_to_plan({"no ceiling": one}, target=0.8, currency="EUR")
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['mean', 'p90']
    """
    with style():
        names = list(next(iter(plans.values())).index)
        figure = Figure(figsize=(8.6, 1.2 + 0.33 * len(names)), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        at = np.arange(len(names))
        for number, (name, table) in enumerate(plans.items()):
            own = table.loc[names]
            look = {"color": COLOURS[number], "markersize": 7}
            left.plot(own["cost"] / 1000, at, _MARKS[number], label=name, **look)
            right.plot(100 * own["service_level"], at, _MARKS[number], **look)
        right.axvline(100 * target, color=GREY, lw=1, label="target")
        left.set_yticks(at, names)
        left.set_ylim(len(names) - 0.5, -0.5)
        left.set_xlabel(f"cost of the period, thousand {currency}")
        left.xaxis.set_major_formatter(_thousands)
        right.set_xlabel("service level expected, % of all contacts")
        figure.legend(loc="outside upper left", frameon=False, ncols=len(plans) + 1)
        return figure


def days_ranges(services: Mapping[str, pd.DataFrame], *, target: float) -> Figure:
    """Return each day's service level: the median and P10 to P90, by what was assumed.

    Parameters
    ----------
    services
        By name, SERVICE of the same days of one team.
    target
        Service level asked for, drawn as a line.

    Examples
    --------
    >>> days = pd.DataFrame({"start": pd.date_range("2024-01-01", periods=2),
    ...     "service_level_p10": [0.6, 0.7], "service_level_p50": [0.8, 0.8],
    ...     "service_level_p90": [0.9, 0.9]})
    >>> days_ranges({"joint": days}, target=0.8).axes[0].get_ylabel().splitlines()
    ['service level of the day, %', 'median, P10 to P90']
    """
    with style():
        figure = Figure(figsize=(8.6, 3.4), layout="constrained")
        ax = figure.add_subplot()
        for number, (name, days) in enumerate(services.items()):
            low, mid, high = (100 * days[f"service_level_{q}"] for q in ("p10", "p50", "p90"))
            moved = days["start"] + pd.Timedelta(hours=7 * (number - (len(services) - 1) / 2))
            ax.errorbar(
                moved, mid, yerr=[mid - low, high - mid], fmt=_MARKS[number], markersize=4,
                capsize=2, elinewidth=1.6, color=COLOURS[number], label=name,
            )  # fmt: skip
        ax.axhline(100 * target, color=GREY, lw=1, label="target")
        ax.set_ylabel("service level of the day, %\nmedian, P10 to P90")
        ax.xaxis.set_major_locator(WeekdayLocator(byweekday=0))
        ax.xaxis.set_minor_locator(DayLocator())
        ax.xaxis.set_major_formatter(DateFormatter("%a %d %b"))
        figure.legend(loc="outside upper left", frameon=False, ncols=len(services) + 1)
        return figure


def day_that_moves(
    day: Day, answers: Mapping[str, _Served], *, opens_h: float, target: float
) -> Figure:
    """Return a day's load and agents, and below its service level by several ways to reckon it.

    Parameters
    ----------
    day
        Its calls and agents.
    answers
        Service level of each interval, by the name of the method.
    opens_h
        Hour at which the first interval begins.
    target
        Service level asked for, drawn as a line.

    Examples
    --------
    >>> from forecast.queueing.transient import sipp
    >>> day = Day([60, 90], [8, 12], interval_s=900, aht_s=100, answer_within_s=20)
    >>> figure = day_that_moves(day, {"SIPP": sipp(day)}, opens_h=8, target=0.8)
    >>> [ax.get_ylabel() for ax in figure.axes]
    ['erlangs, agents', 'service level, %']
    """
    with style():
        figure = Figure(figsize=(8.6, 4.6), layout="constrained")
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[2, 3])
        edges = opens_h + np.arange(day.intervals + 1) * day.interval_s / 3600
        _stairs(top, edges, np.asarray(day.agents), color=GREY, lw=2, label="agents")
        _stairs(top, edges, day.load, color="black", lw=1, label="load of the interval's calls")
        bottom.axhline(100 * target, color=GREY, lw=1)
        for number, (name, answer) in enumerate(answers.items()):
            level = 100 * np.asarray(answer.service_level)
            look = {"color": COLOURS[number], "ls": _LINES[number]}
            _stairs(bottom, edges, level, lw=1.8, label=name, **look)
        bottom.plot([], [], color=GREY, lw=1, label="target")
        top.set_ylabel("erlangs, agents")
        top.set_ylim(bottom=0)
        bottom.set(ylabel="service level, %", ylim=(-2, 102), xlabel="hour of the day")
        bottom.set_xticks(np.arange(np.ceil(edges[0]), edges[-1] + 0.01, 1))
        for ax in (top, bottom):
            ax.legend(loc="lower left", frameon=False, ncols=4, bbox_to_anchor=(0, 1.0))
        return figure


def _stairs(ax: Axes, edges: Floats, values: Floats, **look: Any) -> None:
    """Draw one value per interval, without a wall at either end."""
    ax.stairs(values, edges, baseline=None, **look)
