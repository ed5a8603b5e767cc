"""The calendar: special days, what each kind of event does, and what nobody named."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from forecast.reports.calendar_figures import MOST_MONTHS, calendar_year
from forecast.reports.kind_figures import kind_curves
from forecast.reports.plan.material import Material
from forecast.reports.special import MOST_CALENDARS, alike, felt, special
from forecast.reports.summary import first_day_ahead, kept_out, special_days
from forecast.reports.words import NOTHING, Words
from forecast.schema import events_at
from forecast.settings import WEEKDAYS

PAST_MONTHS = 12
"""Months of the past that the calendar shows before that of the first day ahead."""
DAY = pd.Timedelta(days=1)


def calendar(m: Material, words: Words) -> dict[str, Any]:
    """Return the events ahead and past in words, days to name, opening hours, and what is kept out.

    Rows keep their order: what is ahead soonest first, what is past and unnamed largest first.
    """
    ahead_from = first_day_ahead(m.tables)
    t = m.tables
    told = special(
        t.calendar, t.events, t.event_effects, t.unexplained, m.calendar, ahead_from
    )  # fmt: skip

    def rows(part: list[Any]) -> list[dict[str, Any]]:
        return [effect_words(row, words, ahead_from) for row in part]

    return {
        "sites": told["sites"][:MOST_CALENDARS],
        "not_drawn": told["sites"][MOST_CALENDARS:],
        "several_sites": told["several_sites"],
        "ahead": {part: rows(told["ahead"][part]) for part in ("shown", "rest")},
        "past": {part: rows(told["past"][part]) for part in ("shown", "rest")},
        "unnamed": {
            part: [unnamed_words(row, words) for row in told["unexplained"][part]]
            for part in ("shown", "rest")
        },
        "promotions_csv": told["promotions_csv"],
        "provisional": told["provisional"],
        "opening": [window_words(window, words) for window in told["opening"]],
        "opening_yaml": told["opening_yaml"],
        "learned": m.calendar["opening_source"] == "learned",
        "holidays": special_days(m.calendar, ahead_from),
        "kept_out": kept_out(t.events, m.params.calendars.keep_out),
        "has_kinds": len(t.kind_effects) > 0,
        "has_handle_time": bool((t.event_effects["target"] == "aht_s").any()),
    }


def effect_words(row: Mapping[str, Any], words: Words, ahead_from: pd.Timestamp) -> dict[str, Any]:
    """Return an event's row in words: kind, dates, what it does and what that rests on."""
    kind = words.text("calendar.holiday") if row["pool"] == "holiday" else str(row["kind"])
    kind = words.name("kind", kind, as_is=True)
    if row["intensity"] != 1:
        kind = words.text("calendar.intensity", kind=kind, intensity=f"{row['intensity']:g}")
    return {
        "series": row["series"],
        "name": row["name"],
        "kind": kind,
        "dates": dates_words(row["start"], row["end"], words),
        "peak": share_words(row, "peak", words),
        "peak_day": words.date(row["peak_date"]),
        "more": count_words(row, "extra", words),
        "handle_time": share_words(row, "during", words, "_aht"),
        "basis": basis_words(row, words, ahead_from),
        "guessed": row["basis"] == "pool",
    }


def basis_words(row: Mapping[str, Any], words: Words, ahead_from: pd.Timestamp) -> str:
    """Return what is known that an effect rests on."""
    basis = str(row["basis"])
    if basis == "own" and row["start"] >= ahead_from:
        basis = "own_and_kind"
    return words.text(f"basis.{basis}", n=row["known_events"])


def dates_words(start: pd.Timestamp, end: pd.Timestamp, words: Words) -> str:
    """Return from when to when an event is on; the last day is included, an hour is not.

    Examples
    --------
    >>> from forecast.reports.words import of
    >>> dates_words(pd.Timestamp("2026-06-16"), pd.Timestamp("2026-06-19"), of("en"))
    '16 Jun 2026 to 18 Jun 2026'
    >>> dates_words(pd.Timestamp("2026-11-10 20:00"), pd.Timestamp("2026-11-10 22:30"), of("en"))
    '10 Nov 2026 20:00 to 22:30'
    """
    first = words.moment(start)
    if start.normalize() == end.normalize():
        return words.span(first, f"{end:%H:%M}")
    return words.span(first, words.moment(end - DAY if end == end.normalize() else end))


def share_words(row: Mapping[str, Any], name: str, words: Words, suffix: str = "") -> list[str]:
    """Return a factor as more or less than usual, and its 90 % range; the latter may be empty."""
    values = [row[f"{name}{end}{suffix}"] for end in ("", "_q05", "_q95")]
    if pd.isna(values[0]):
        return [NOTHING, ""]
    middle, low, high = (words.percent(value - 1, 0, sign=True) for value in values)
    return [middle, words.text("format.span", first=low, last=high)]


def count_words(row: Mapping[str, Any], name: str, words: Words) -> list[str]:
    """Return contacts and their 90 % range; the latter may be empty."""
    values = [row[f"{name}{end}"] for end in ("", "_q05", "_q95")]
    if pd.isna(values[0]):
        return [NOTHING, ""]
    middle, low, high = (words.number(value, sign=True) for value in values)
    return [middle, words.text("format.span", first=low, last=high)]


def unnamed_words(row: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return in words a day, or hours, that nothing explains."""
    offered, expected = row["offered"], row["expected"]
    share = words.percent(offered / expected - 1, 0, sign=True) if expected > 0 else ""
    return {
        "series": row["series"],
        "when": dates_words(row["start"], row["end"], words),
        "what": words.name("unnamed", row["what"]),
        "offered": offered,
        "expected": expected,
        "size": [words.number(offered - expected, sign=True), share],
    }


def window_words(window: Mapping[str, Any], words: Words) -> str:
    """Return an opening window in words; only what is set is there.

    Examples
    --------
    >>> from forecast.reports.words import of
    >>> window_words({"days": ["mon", "tue"], "opens": "08:00", "closes": "18:00"}, of("en"))
    'Mon, Tue 08:00 to 18:00'
    >>> window_words({"dates": ["2026-12-24"], "closed": True, "queues": ["sales"]}, of("en"))
    '24 Dec 2026 closed (queue: sales)'
    """
    days = [words.weekday(WEEKDAYS.index(day)) for day in window.get("days") or []]
    days += [words.date(day) for day in window.get("dates") or []]
    hours = words.text("calendar.closed")
    if not window.get("closed"):
        hours = words.span(window["opens"], window["closes"])
    limits = [
        words.text("format.is", name=words.text(f"limit.{many}"), value=words.listed(window[many]))
        for many in ("sites", "queues", "channels")
        if window.get(many, "all") != "all"
    ]
    limits += [
        words.text("format.is", name=words.text(f"limit.{name}"), value=words.date(window[name]))
        for name in ("valid_from", "valid_to", "known_on")
        if window.get(name)
    ]
    when = f"{words.listed(days)} {hours}"
    return words.text("format.limited", what=when, limits=words.listed(limits)) if limits else when


def year(number: int) -> Callable[[Material, Words, bool], Figure]:
    """Return what draws the calendar of the sites of a group, the first being number 0."""

    def draw(m: Material, words: Words, wide: bool) -> Figure:
        ahead_from = first_day_ahead(m.tables)
        site = alike(m.tables.calendar, m.tables.events)[number][0]
        here = m.tables.calendar[m.tables.calendar["site"] == site]
        told = events_at(m.tables.events[m.tables.events["site"] == site])
        last = here["local"].max()
        ahead = (last.year - ahead_from.year) * 12 + last.month - ahead_from.month
        months = min(PAST_MONTHS + 1 + ahead, MOST_MONTHS)
        return calendar_year(
            here, told, ahead_from=ahead_from, months=months, narrow=not wide, words=words
        )

    return draw


def kinds(m: Material, words: Words, wide: bool) -> Figure:
    """Return what each kind of event does, day by day."""
    effects = felt(m.tables.kind_effects, m.tables.event_effects)
    return kind_curves(effects, columns=4 if wide else 2, words=words)
