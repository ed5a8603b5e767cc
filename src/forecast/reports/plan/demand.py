"""Demand: history and forecast by day, week and interval, with what is special marked."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from forecast.capacity.requirements import weighted
from forecast.reports.calendar_notes import days_of, shown_events
from forecast.reports.plan.axes import above, canvas, dates, numbers, times
from forecast.reports.plan.material import Material
from forecast.reports.style import BLUE, GREEN, GREY, ORANGE, plain, style
from forecast.reports.summary import (
    DAY_LEVELS,
    first_day_ahead,
    interval_totals,
    period_total,
    rows_ahead,
)
from forecast.reports.words import Words
from forecast.schema import SERIES, events_at

MOST_MARKS = 9
"""Special days that are named in a figure."""
DAY = pd.Timedelta(days=1)


def demand(m: Material, words: Words) -> dict[str, Any]:
    """Return the period's contacts, each week's with their range, and handle time."""
    table = m.tables.requirement
    return {
        "total": period_total(m.tables.paths),
        "weeks": week_totals(m).to_dict("records"),
        "aht_s": weighted(table["aht_s"], table["offered"]),
        "marks": marked(m),
        "first_open": first_open_day(m),
        "busiest": busiest(m),
    }


def week_totals(m: Material) -> pd.DataFrame:
    """Return contacts by week from Monday: mean and quantiles of the sums along the paths."""
    dated = _dated_paths(m)
    first = dated["date"] - pd.to_timedelta(dated["date"].dt.day_of_week, unit="D")
    sums = dated.groupby([first.rename("start"), "path"])["offered"].sum().groupby("start")
    table = {"mean": sums.mean(), **{name: sums.quantile(q) for name, q in DAY_LEVELS.items()}}
    days = dated.groupby(first.rename("start"))["date"].nunique().rename("days")
    return pd.DataFrame(table).join(days).reset_index()


def _dated_paths(m: Material) -> pd.DataFrame:
    local = m.tables.features[[*SERIES, "ds", "date"]]
    rows = m.tables.paths[m.tables.paths["open_min"] > 0]
    return rows.merge(local, on=[*SERIES, "ds"], validate="many_to_one")


def busiest(m: Material) -> dict[str, Any]:
    """Return the day with most contacts expected."""
    ahead = m.days.dropna(subset="mean")
    row = ahead.iloc[int(ahead["mean"].argmax())]
    return {str(name): value for name, value in row.items()}


def first_open_day(m: Material) -> pd.Timestamp:
    """Return the first day ahead on which anything is open."""
    ahead = rows_ahead(m.tables)
    return pd.Timestamp(ahead.loc[ahead["open_min"] > 0, "date"].min())


def marked(m: Material) -> pd.DataFrame:
    """Return the special days ahead: date, name, and whether anything is open; soonest first.

    Holidays, and each promotion or event by its first day in the period.
    """
    days = days_of(m.tables.calendar)
    ahead = days[days["date"] >= first_day_ahead(m.tables)].reset_index(drop=True)
    if ahead.empty:
        return pd.DataFrame(columns=["date", "name", "is_open"])
    holidays = ahead.loc[ahead["holiday"] != "", ["date", "holiday", "is_open"]]
    events = shown_events(events_at(m.tables.events), ahead)
    starts = pd.DataFrame({"date": events["start"].dt.normalize(), "name": events["name"]})
    both = [holidays.rename(columns={"holiday": "name"}), starts.assign(is_open=True)]
    told = pd.concat([one for one in both if len(one)] or both[:1], ignore_index=True)
    return told.drop_duplicates("name").sort_values("date", ignore_index=True)


def daily(m: Material, words: Words, wide: bool) -> Figure:
    """Return contacts a day: as reported, and ahead with P10 to P90; special days are named."""
    totals = m.days
    ahead = totals[totals["mean"].notna()]
    weeks = m.params.report.history_weeks if wide else min(m.params.report.history_weeks, 4)
    since = ahead["date"].min() - pd.Timedelta(weeks=weeks)
    past = totals[totals["y"].notna() & (totals["date"] >= since)]
    with style():
        figure = canvas(wide, 3.7, 3.6)
        ax = figure.add_subplot()
        size = 4 if wide else 3
        ax.plot(
            past["date"], past["y"], "o", color=GREY, markersize=size,
            label=words.text("demand.reported"),
        )  # fmt: skip
        spread = [ahead["p50"] - ahead["p10"], ahead["p90"] - ahead["p50"]]
        ax.errorbar(
            ahead["date"], ahead["p50"], yerr=spread, fmt="o", color=BLUE, markersize=size,
            capsize=2, elinewidth=1.4, label=words.text("demand.forecast"),
        )  # fmt: skip
        _mark(ax, m, ahead.set_index("date"), words, wide)
        ax.set_ylim(bottom=0)
        ax.set_ylabel(words.text("demand.day_axis"))
        numbers(ax.yaxis, words)
        dates(ax, words, wide)
        above(ax, 3 if wide else 1)
        return figure


def _mark(ax: Axes, m: Material, ahead: pd.DataFrame, words: Words, wide: bool) -> None:
    """Name the special days within the figure, and mark the busiest."""
    top = busiest(m)
    ax.plot(
        [top["date"]], [top["p50"]], "o", color="none", markeredgecolor=ORANGE, markersize=11,
        markeredgewidth=1.8, label=words.text("demand.busiest"),
    )  # fmt: skip
    for number, row in enumerate(marked(m).head(MOST_MARKS).to_dict("records")):
        ax.axvspan(row["date"] - DAY / 2, row["date"] + DAY / 2, color=GREEN, alpha=0.13, lw=0)
        at = (date2num(row["date"]), 0.03 + 0.07 * (number % 3))
        ax.annotate(
            plain(row["name"], 22 if wide else 16), at, (3, 0), xycoords=ax.get_xaxis_transform(),
            textcoords="offset points", fontsize=8, color=GREEN, ha="right", rotation=0,
        )  # fmt: skip


def first_day(m: Material, words: Words, wide: bool) -> Figure:
    """Return the first open day ahead by interval: contacts, mean and P10 to P90."""
    local = m.local.rename("local").reset_index()
    contacts = interval_totals(m.tables, local)
    day = first_open_day(m)
    own = contacts[(contacts.index >= day) & (contacts.index < day + DAY)]
    at = range(len(own))
    with style():
        figure = canvas(wide, 2.9, 3.0)
        ax = figure.add_subplot()
        ax.fill_between(
            at, own["p10"], own["p90"], step="mid", color=BLUE, alpha=0.2, lw=0,
            label=words.text("demand.band"),
        )  # fmt: skip
        ax.step(at, own["mean"], where="mid", color=BLUE, label=words.text("demand.mean"))
        ax.set_ylim(bottom=0)
        minutes = own["length"].max() if len(own) else 0
        ax.set_ylabel(words.text("demand.interval_axis", minutes=words.number(minutes)))
        stamps = pd.DatetimeIndex(own.index)
        times(ax, [int(minute) for minute in stamps.hour * 60 + stamps.minute], wide)
        numbers(ax.yaxis, words)
        above(ax, 2)
        return figure
