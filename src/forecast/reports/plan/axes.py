"""What the page's figures have in common: their size, and axes in the words of a language."""

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, num2date
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from forecast.reports.plan.drawn import NARROW_IN, WIDE_IN
from forecast.reports.words import Words


def canvas(wide: bool, height: float, narrow_height: float | None = None) -> Figure:
    """Return an empty figure for a page or a phone; heights in inches."""
    if wide:
        return Figure(figsize=(WIDE_IN, height), layout="constrained")
    return Figure(figsize=(NARROW_IN, narrow_height or height), layout="constrained")


def numbers(axis: mpl.axis.Axis, words: Words, *, most: int = 6, whole: bool = True) -> None:
    """Let an axis have a few numbers with separators of thousands."""
    axis.set_major_locator(MaxNLocator(most, integer=whole))
    axis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value)))


def percents(axis: mpl.axis.Axis, words: Words) -> None:
    """Let an axis of shares be in percent."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: words.percent(value, 0)))


def dates(ax: Axes, words: Words, wide: bool) -> None:
    """Let the axis across have dates, without their year."""
    ax.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=10 if wide else 5))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda at, _: words.day(_naive(at))))


def times(ax: Axes, minutes: list[int], wide: bool) -> None:
    """Name the times of day below columns 0, 1, 2, ..., as many as there is room for."""
    step = max(1, -(-len(minutes) // (15 if wide else 6)))
    shown = range(0, len(minutes), step)
    ax.set_xticks(list(shown), [clock(minutes[at]) for at in shown])


def clock(minute: int) -> str:
    """Return a time of day.

    Examples
    --------
    >>> clock(450)
    '07:30'
    """
    return f"{minute // 60:02d}:{minute % 60:02d}"


def above(ax: Axes, columns: int, *, rows: int = 1) -> None:
    """Put the legend above a plot, clear of what is drawn."""
    ax.legend(
        loc="lower left", frameon=False, ncols=columns, bbox_to_anchor=(0, 1.0),
        borderaxespad=0.2, handlelength=1.6, columnspacing=1.2,
    )  # fmt: skip


def _naive(at: float) -> pd.Timestamp:
    return pd.Timestamp(num2date(at).replace(tzinfo=None))
