"""Figures of the calendar: which days are special, and what each kind of event does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from forecast.reports.calendar_notes import (
    DAY,
    days_of,
    event_notes,
    holiday_notes,
    lanes_of,
    packed,
    shown_events,
)
from forecast.reports.style import BLUE, GREEN, style
from forecast.reports.words import Words, of

COLOURS: Mapping[str, str] = {
    "working_day": "#eef1f4",
    "weekend": "#c9d1da",
    "statutory_holiday": "#e98b5e",
    "in_lieu_day_off": "#f9d58b",
    "makeup_workday": "#6aa5d8",
    "company_closure": "#a0749b",
}
"""Colour of each of schema.DAY_TYPES: light, and apart also for the colour-blind."""
MOST_MONTHS = 36
INK, SOFT = "#1c2530", "#5a6572"
_CELL, _LANE, _LINE, _GAP, _HEADER, _LEGEND = 0.17, 0.065, 0.14, 0.07, 0.2, 0.2
"""Heights in inches: of a day, a lane of events, a line of notes, between months; of the header
and a line of the legend."""


@dataclass(frozen=True)
class _Layout:
    """Inches: how wide all is, where the days begin, a day's width, where the notes begin."""

    width: float
    left: float
    day: float
    notes: float
    below: bool
    """Whether the notes stand below their month's days, and not beside them."""
    signs: int
    """How many signs a line of notes holds."""
    note_size: float
    legend_columns: int


_WIDE = _Layout(9.5, 0.72, 0.157, 5.72, below=False, signs=62, note_size=7.5, legend_columns=5)
_NARROW = _Layout(4.6, 0.66, 0.125, 0.66, below=True, signs=58, note_size=8.0, legend_columns=3)


@dataclass(frozen=True)
class _Row:
    """A month: its top edge, that of its notes, and these: on holidays and on events."""

    top: float
    notes: float
    holidays: list[str]
    events: list[str]


def calendar_year(
    calendar: pd.DataFrame,
    events: pd.DataFrame,
    *,
    ahead_from: pd.Timestamp | None = None,
    months: int = MOST_MONTHS,
    narrow: bool = False,
    words: Words | None = None,
) -> Figure:
    """Return what is special when: a row per month, a cell per day in the colour of its type.

    Days on which every queue is closed are hatched, days whose type is not published yet have a
    dot. Promotions and events are bars below the days; they and the holidays are named beside.

    Parameters
    ----------
    calendar
        CALENDAR of one site, of one or more queues.
    events
        Its EVENTS, a row per event and queue, as ``schema.events_at`` returns them.
    ahead_from
        First day that lies ahead; a stair divides it from the past.
    months
        Only so many months are drawn, the last.
    narrow
        For a narrow page: the names stand below the days.
    words
        Of the language that it is in; None: English.

    Examples
    --------
    >>> from forecast.schema import CALENDAR, EVENTS
    >>> day = pd.Timestamp("2026-02-14")
    >>> one = {"site": "main", "queue": "sales", "channel": "voice", "ds": day.tz_localize("UTC"),
    ...        "known": day.tz_localize("UTC"), "local": day, "open_min": 30.0, "works_as": 0,
    ...        "day_type": "makeup_workday", "holiday": "", "festival": "", "doubt": 0.0}
    >>> figure = calendar_year(pd.DataFrame([one]), EVENTS.empty())
    >>> [text.get_text() for text in figure.axes[0].texts][-2:]
    ['Feb 2026', '14 works as Mon']
    """
    layout, words = _NARROW if narrow else _WIDE, words or of("en")
    days = days_of(calendar)
    first = days["month"].iloc[-1] - (months - 1)
    days = days[days["month"] >= first].reset_index(drop=True)
    shown = shown_events(events, days)
    lanes = lanes_of(shown)
    with style(hatch_linewidth=1.1, axes_grid=False):
        handles = _legend(days, words, has_events=len(shown) > 0, ahead_from=ahead_from)
        top = _HEADER + 0.06 + _LEGEND * -(-len(handles) // layout.legend_columns)
        rows, height = _rows(days, shown, lanes, layout, top, words)
        figure = Figure(figsize=(layout.width, height))
        ax = figure.add_axes((0, 0, 1, 1), xlim=(0, layout.width), ylim=(height, 0))
        ax.axis("off")
        _draw_days(ax, days, rows, layout)
        _draw_events(ax, shown, lanes, rows, layout)
        if ahead_from is not None:
            _draw_stair(ax, ahead_from, rows, layout)
        _write(ax, rows, layout, top, words)
        figure.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(0.0, 1.0), frameon=False,
            ncols=layout.legend_columns, fontsize=8, handlelength=1.4, columnspacing=1.2,
        )  # fmt: skip
        return figure


def _rows(
    days: pd.DataFrame,
    events: pd.DataFrame,
    lanes: Sequence[int],
    layout: _Layout,
    top: float,
    words: Words,
) -> tuple[dict[pd.Period, _Row], float]:
    """Return each month's row, and the height of all."""
    holidays, others = holiday_notes(days, words), event_notes(events)
    rows = {}
    for month in days["month"].unique():
        is_on = (events["start"] < (month + 1).start_time) & (events["end"] > month.start_time)
        drawn = _CELL + _LANE * max((lanes[i] + 1 for i in events.index[is_on]), default=0)
        about = packed([n.text for n in holidays if n.month == month], layout.signs)
        what_is_on = packed([n.text for n in others if n.month == month], layout.signs)
        rows[month] = _Row(top, top + drawn if layout.below else top, about, what_is_on)
        notes = _LINE * (len(about) + len(what_is_on))
        top += (drawn + notes if layout.below else max(drawn, notes)) + _GAP
    return rows, top


def _boxes(x: Any, y: Any, width: Any, height: Any) -> Path:
    """Return rectangles as one path."""
    left, upper = np.asarray(x, "float64"), np.asarray(y, "float64")
    right, lower = left + width, upper + height
    corners = [(left, upper), (right, upper), (right, lower), (left, lower), (left, upper)]
    points = np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1)
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return Path(points.reshape(-1, 2), np.tile(codes, len(left)))


def _draw_days(
    ax: Axes, days: pd.DataFrame, rows: Mapping[pd.Period, _Row], layout: _Layout
) -> None:
    x = layout.left + (days["date"].dt.day - 1) * layout.day
    y = days["month"].map(lambda month: rows[month].top)
    for day_type, colour in COLOURS.items():
        of = days["day_type"] == day_type
        if of.any():
            cells = _boxes(x[of], y[of], layout.day, _CELL)
            ax.add_patch(PathPatch(cells, facecolor=colour, edgecolor="white", lw=0.8))
    closed = ~days["is_open"]
    if closed.any():
        cells = _boxes(x[closed], y[closed], layout.day, _CELL)
        ax.add_patch(PathPatch(cells, facecolor="none", edgecolor="white", lw=0.8, hatch="////"))
    doubt = days["doubt"] > 0
    ax.plot(
        x[doubt] + layout.day / 2, y[doubt] + _CELL / 2, "o", color=INK, markersize=3.0, lw=0
    )  # fmt: skip


def _draw_events(
    ax: Axes,
    events: pd.DataFrame,
    lanes: Sequence[int],
    rows: Mapping[pd.Period, _Row],
    layout: _Layout,
) -> None:
    bars = []
    for lane, (start, end) in zip(
        lanes, events[["start", "end"]].itertuples(index=False), strict=True
    ):
        for month in pd.period_range(start, end - pd.Timedelta(microseconds=1), freq="M"):
            begins = max(start, month.start_time)
            ends = min(end, (month + 1).start_time)
            x = layout.left + (begins - month.start_time) / DAY * layout.day
            y = rows[month].top + _CELL + 0.01 + lane * _LANE
            bars.append((x, y, max((ends - begins) / DAY, 0.5) * layout.day - 0.015))
    if bars:
        x, y, width = np.array(bars).T
        ax.add_patch(PathPatch(_boxes(x, y, width, _LANE - 0.02), facecolor=GREEN, lw=0))


def _draw_stair(
    ax: Axes, ahead_from: pd.Timestamp, rows: Mapping[pd.Period, _Row], layout: _Layout
) -> None:
    """Draw the border between what has passed and what lies ahead."""
    row = rows.get(pd.Period(ahead_from, "M"))
    if row is None:
        return
    x = layout.left + (ahead_from.day - 1) * layout.day
    right = layout.left + 31 * layout.day
    upper, lower = row.top - 0.025, row.top + _CELL + 0.005
    ax.plot([right, x, x, layout.left], [upper, upper, lower, lower], color=BLUE, lw=1.6)


def _write(
    ax: Axes, rows: Mapping[pd.Period, _Row], layout: _Layout, top: float, words: Words
) -> None:
    """Write the days of the month, the months, and the notes."""
    numbers = [1, *range(5, 31, 5)] if layout.below else range(1, 32)
    for day in numbers:
        x = layout.left + (day - 0.5) * layout.day
        ax.text(x, top - 0.05, str(day), fontsize=6.5, color=SOFT, ha="center")
    for number, (month, row) in enumerate(rows.items()):
        with_year = number == 0 or month.month == 1
        name = words.month(month.start_time, with_year=with_year)
        centre = row.top + _CELL / 2
        ax.text(layout.left - 0.08, centre, name, fontsize=8, color=INK, ha="right", va="center")
        lines = [(INK, line) for line in row.holidays] + [(GREEN, line) for line in row.events]
        for at, (colour, line) in enumerate(lines):
            y = row.notes + (at + 0.5) * _LINE + 0.015
            ax.text(layout.notes, y, line, fontsize=layout.note_size, color=colour, va="center")


def _legend(
    days: pd.DataFrame, words: Words, *, has_events: bool, ahead_from: pd.Timestamp | None
) -> list[Patch | Line2D]:
    """Return the legend's entries: what occurs in the figure, and nothing else."""
    seen = set(days["day_type"])
    handles: list[Patch | Line2D] = [
        Patch(facecolor=colour, label=words.name("day_type", day_type), edgecolor="#b5bdc6", lw=0.5)
        for day_type, colour in COLOURS.items()
        if day_type in seen
    ]
    if not days["is_open"].all():
        grey = COLOURS["weekend"]
        handles.append(
            Patch(
                facecolor=grey, edgecolor="white", hatch="////", label=words.text("calendar.closed")
            )
        )
    if (days["doubt"] > 0).any():
        handles.append(
            Line2D(
                [],
                [],
                marker="o",
                color=INK,
                markersize=3,
                lw=0,
                label=words.text("calendar.not_published"),
            )
        )
    if has_events:
        handles.append(Line2D([], [], color=GREEN, lw=3, label=words.text("calendar.event")))
    if ahead_from is not None:
        handles.append(Line2D([], [], color=BLUE, lw=1.6, label=words.text("calendar.past_ahead")))
    return handles
