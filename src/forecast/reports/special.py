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
    rows = _effect_rows(event_effects)
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
        "opening": facts["opening_hours"],
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


def _effect_rows(effects: pd.DataFrame) -> pd.DataFrame:
    """Return a row per series and event: what it does to contacts, and to handle time beside."""
    volume = effects[effects["target"] == "offered"]
    longer = effects.loc[
        effects["target"] == "aht_s", [*_KEYS, *(f"during{end}" for end in _RANGE)]
    ]
    both = volume.merge(longer, on=_KEYS, how="left", suffixes=("", "_aht"), validate="one_to_one")
    series = [" / ".join(key) for key in both[list(SERIES)].itertuples(index=False)]
    return both.assign(series=pd.Series(series, both.index, dtype="object"))


def _moment(moment: pd.Timestamp) -> str:
    return f"{moment:%Y-%m-%d}" if moment == moment.normalize() else f"{moment:%Y-%m-%d %H:%M}"


def _last_moment(end: pd.Timestamp) -> str:
    """Return an end as people and the promotions file write it: midnight is the day before it."""
    return _moment(end - DAY if end == end.normalize() else end)


def _unexplained_rows(found: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "series": " / ".join(row[name] for name in SERIES),
            **{n: row[n] for n in ("start", "end", "what", "offered", "expected")},
        }
        for row in found.to_dict("records")
    ]


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
