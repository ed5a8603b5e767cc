"""What the report says of special days: holidays, promotions, events, and what nobody named."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd

from forecast.calendars.events.raw import COLUMNS
from forecast.effects.apply import DOUBT_SD
from forecast.reports.calendar_notes import days_of, shown_events
from forecast.schema import SERIES, events_at

MOST_ROWS = 20
"""Longer lists are cut; the rest can be unfolded."""
MOST_CALENDARS = 4
"""Sites with calendars of their own that are drawn."""
DAY = pd.Timedelta(days=1)
_KEYS = [*SERIES, "event_id"]
_RANGE = ("", "_q05", "_q95")


def special(
    calendar: pd.DataFrame,
    events: pd.DataFrame,
    event_effects: pd.DataFrame,
    unexplained: pd.DataFrame,
    facts: Mapping[str, Any],
    ahead_from: pd.Timestamp,
) -> dict[str, Any]:
    """Return what the report's section on the calendar needs beside the figures.

    Parameters
    ----------
    calendar, events
        CALENDAR and EVENTS as known now.
    event_effects, unexplained
        EVENT_EFFECTS and UNEXPLAINED.
    facts
        What the calendars stage wrote of the calendar.
    ahead_from
        First local day of the forecast.
    """
    rows = _effect_rows(event_effects, ahead_from)
    ahead = rows[rows["end"] > ahead_from].sort_values(["start", *_KEYS], kind="stable")
    past = rows[rows["end"] <= ahead_from]
    by_size = past["extra"].abs().sort_values(ascending=False, kind="stable").index
    largest = unexplained["size"].abs().sort_values(ascending=False, kind="stable").index
    sites = calendar["site"].unique()
    return {
        "sites": alike(calendar, events),
        "several_sites": len(sites) > 1,
        "most_calendars": MOST_CALENDARS,
        "ahead": folded(ahead.to_dict("records")),
        "past": folded(past.loc[by_size].to_dict("records")),
        "unexplained": folded(_unexplained_rows(unexplained.loc[largest])),
        "promotions_csv": promotions_csv(unexplained, with_sites=len(sites) > 1),
        "provisional": _provisional(calendar, facts, ahead_from),
        "opening": [window_words(window) for window in facts["opening_hours"]],
        "opening_yaml": facts["opening_yaml"],
    }


def alike(calendar: pd.DataFrame, events: pd.DataFrame) -> list[list[str]]:
    """Return the sites in groups whose days and events are the same."""
    groups: dict[str, list[str]] = {}
    for site, here in calendar.groupby("site", sort=True):
        days = days_of(here)
        told = shown_events(events_at(events[events["site"] == site]), days)
        about = told[["event_id", "name", "start", "end"]]
        same = days.to_csv(index=False) + about.to_csv(index=False)
        groups.setdefault(same, []).append(str(site))
    return list(groups.values())


def folded(rows: Sequence[Any], most: int = MOST_ROWS) -> dict[str, list[Any]]:
    """Return rows as those that are shown and the rest.

    Examples
    --------
    >>> folded([1, 2, 3], 2)
    {'shown': [1, 2], 'rest': [3]}
    """
    return {"shown": list(rows[:most]), "rest": list(rows[most:])}


def _effect_rows(effects: pd.DataFrame, ahead_from: pd.Timestamp) -> pd.DataFrame:
    """Return a row per series and event: what it does to contacts and to handle time, in words."""
    volume = effects[effects["target"] == "offered"]
    longer = effects.loc[
        effects["target"] == "aht_s", [*_KEYS, *(f"during{end}" for end in _RANGE)]
    ]
    both = volume.merge(longer, on=_KEYS, how="left", suffixes=("", "_aht"), validate="one_to_one")
    rows = [
        {
            "series": " / ".join(event[name] for name in SERIES),
            "kind": kind_words(event),
            "dates": dates_words(event["start"], event["end"]),
            "peak": share_words(*(event[f"peak{end}"] for end in _RANGE)),
            "peak_day": f"{event['peak_date']:%Y-%m-%d}",
            "more": count_words(*(event[f"extra{end}"] for end in _RANGE)),
            "handle_time": share_words(*(event[f"during{end}_aht"] for end in _RANGE)),
            "basis": basis_words(event, ahead_from),
            "guessed": event["basis"] == "pool",
        }
        for event in both.to_dict("records")
    ]
    words = pd.DataFrame(rows, index=both.index, dtype="object")
    return both[[*_KEYS, "name", "start", "end", "extra"]].join(words)


def kind_words(event: Mapping[Any, Any]) -> str:
    """Return an event's kind, and how strong it is beside others of it where that is not 1.

    Examples
    --------
    >>> kind_words({"kind": "promotion", "pool": "event", "intensity": 2.0})
    'promotion, intensity 2'
    """
    kind = "holiday" if event["pool"] == "holiday" else str(event["kind"])
    return kind if event["intensity"] == 1 else f"{kind}, intensity {event['intensity']:g}"


def basis_words(event: Mapping[Any, Any], ahead_from: pd.Timestamp) -> str:
    """Return what is known that an effect rests on."""
    known = f"its kind ({event['known_events']} known)"
    if event["basis"] == "pool":
        return "guessed from other kinds"
    if event["basis"] == "kind":
        return known
    return f"the days before it, and {known}" if event["start"] >= ahead_from else "its own days"


def dates_words(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """Return from when to when an event is on; the last day is included, an hour is not.

    Examples
    --------
    >>> dates_words(pd.Timestamp("2026-06-16"), pd.Timestamp("2026-06-19"))
    '2026-06-16 to 2026-06-18'
    >>> dates_words(pd.Timestamp("2026-11-10 20:00"), pd.Timestamp("2026-11-12"))
    '2026-11-10 20:00 to 2026-11-11'
    >>> dates_words(pd.Timestamp("2026-11-10 20:00"), pd.Timestamp("2026-11-10 22:30"))
    '2026-11-10 20:00 to 22:30'
    """
    first, last = _moment(start), _last_moment(end)
    if first == last:
        return first
    same_day = start.normalize() == end.normalize()
    return f"{first} to {last.removeprefix(f'{end:%Y-%m-%d} ') if same_day else last}"


def _moment(moment: pd.Timestamp) -> str:
    return f"{moment:%Y-%m-%d}" if moment == moment.normalize() else f"{moment:%Y-%m-%d %H:%M}"


def _last_moment(end: pd.Timestamp) -> str:
    """Return an end as people and the promotions file write it: midnight is the day before it."""
    return _moment(end - DAY if end == end.normalize() else end)


def share_words(factor: float, low: float, high: float) -> str:
    """Return a factor with its range as more or less than usual.

    Examples
    --------
    >>> share_words(1.14, 0.97, 1.34)
    '+14 % (-3 to +34)'
    """
    if pd.isna(factor):
        return "–"
    middle, lower, upper = (f"{round(100 * (value - 1)):+d}" for value in (factor, low, high))
    return f"{middle} % ({lower} to {upper})"


def count_words(value: float, low: float, high: float) -> str:
    """Return contacts with their range.

    Examples
    --------
    >>> count_words(7956.8, -5273.8, 21027.3)
    '+7,957 (-5,274 to +21,027)'
    """
    return "–" if pd.isna(value) else f"{value:+,.0f} ({low:+,.0f} to {high:+,.0f})"


def _unexplained_rows(found: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "series": " / ".join(row[name] for name in SERIES),
            "when": dates_words(row["start"], row["end"]),
            **{name: row[name] for name in ("what", "offered", "expected")},
            "size": size_words(row["offered"], row["expected"]),
        }
        for row in found.to_dict("records")
    ]


def size_words(offered: float, expected: float) -> str:
    """Return how much more or less came than was expected.

    Examples
    --------
    >>> size_words(9421, 6658)
    '+2,763 (+41 %)'
    """
    share = f" ({100 * (offered / expected - 1):+.0f} %)" if expected > 0 else ""
    return f"{offered - expected:+,.0f}{share}"


def promotions_csv(found: pd.DataFrame, *, with_sites: bool) -> str:
    """Return UNEXPLAINED as lines of promotions.csv, for people to name and to paste.

    What fell silent is an outage until somebody says otherwise; the rest has a kind that says only
    what was seen. Each counts as known from its end on.

    Parameters
    ----------
    found
        UNEXPLAINED.
    with_sites
        Whether the file has the column ``sites``.
    """
    day = found["start"].dt.strftime("%Y-%m-%d")
    again = day.groupby(day).cumcount() + 1
    out = StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow([*COLUMNS, *(["sites"] if with_sites else [])])
    for row, date, number in zip(found.to_dict("records"), day, again, strict=True):
        kind = "outage" if row["what"] == "silent" else f"unnamed {row['what']}"
        known = row["end"].ceil("D")
        # An id is one queue's own: another report may list the same day of another.
        which = f"-{number}" if number > 1 else ""
        cells = [
            f"to-name-{date}{which} {row['queue'].replace('+', ' ')}",
            f"{row['what']} {date}",
            kind, _moment(row["start"]), _last_moment(row["end"]), row["queue"], "1",
            f"{known:%Y-%m-%d}",
        ]  # fmt: skip
        write.writerow([*cells, *([row["site"]] if with_sites else [])])
    return out.getvalue()


def _provisional(
    calendar: pd.DataFrame, facts: Mapping[str, Any], ahead_from: pd.Timestamp
) -> list[dict[str, Any]]:
    """Return of each site what nobody has published: which years, and what that does ahead."""
    rows = []
    for site, here in calendar.groupby("site", sort=True):
        days = days_of(here)
        doubt = days.loc[(days["date"] >= ahead_from) & (days["doubt"] > 0), "doubt"]
        years = facts["provisional_years"].get(site, [])
        if not years and doubt.empty:
            continue
        spread = DOUBT_SD * np.sqrt(doubt * (1 - doubt))
        rows.append(
            {
                "site": site,
                "years": ", ".join(map(str, years)),
                "days": len(doubt),
                "chance": float(doubt.max()) if len(doubt) else 0.0,
                "wider": float(spread.max()) if len(doubt) else 0.0,
            }
        )
    return rows


def window_words(window: Mapping[str, Any]) -> str:
    """Return an opening window in words; only what is set is there.

    Examples
    --------
    >>> window_words({"days": ["mon", "tue"], "opens": "08:00", "closes": "18:00"})
    'mon, tue 08:00 to 18:00'
    >>> window_words({"dates": ["2026-12-24"], "closed": True, "queues": ["sales"]})
    '2026-12-24 closed (queue sales)'
    """
    when = ", ".join(map(str, window.get("days") or window.get("dates") or []))
    hours = "closed" if window.get("closed") else f"{window['opens']} to {window['closes']}"
    limits = [
        f"{one if len(window[many]) == 1 else many} {', '.join(window[many])}"
        for one, many in (("site", "sites"), ("queue", "queues"), ("channel", "channels"))
        if window.get(many, "all") != "all"
    ]
    limits += [
        f"{word} {window[name]}"
        for name, word in (("valid_from", "from"), ("valid_to", "to"), ("known_on", "known since"))
        if window.get(name)
    ]
    return f"{when} {hours}" + (f" ({'; '.join(limits)})" if limits else "")


def felt(kind_effects: pd.DataFrame, event_effects: pd.DataFrame) -> pd.DataFrame:
    """Return KIND_EFFECTS, empty for the days of a kind on which the queue was always closed.

    What would happen on them is a guess that no event of the kind has tested.
    """
    key = [*SERIES, "target", "pool", "kind"]
    tested = event_effects[event_effects["during"].notna()]
    open_then = pd.MultiIndex.from_frame(tested[key])
    known = pd.MultiIndex.from_frame(kind_effects[key]).isin(open_then)
    untold = (kind_effects["phase"] == "during") & ~known
    effect = ["effect", "effect_q05", "effect_q95"]
    return kind_effects.assign(**{name: kind_effects[name].mask(untold) for name in effect})
