"""HISTORY's span and the weeks ahead -> CALENDAR and EVENTS, as they were known at every time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal

import pandas as pd

from forecast.calendars.days.breaks import breaks
from forecast.calendars.days.overrides import no_days
from forecast.calendars.days.site import (
    holiday_names,
    known_by,
    known_from,
    provisional_years,
    single_names,
    site_days,
)
from forecast.calendars.events.of_series import events_of
from forecast.calendars.events.peaks import shopping_peaks
from forecast.calendars.events.raw import together
from forecast.calendars.hours.learned import learned_hours
from forecast.calendars.hours.opening import check_names
from forecast.calendars.series import Span, series_calendar
from forecast.errors import InputError, ParamsError, listed
from forecast.params import Params
from forecast.params.calendar import OpeningHours, Place
from forecast.schema import (
    CALENDAR,
    EVENTS,
    HOLIDAY_TYPES,
    SeriesKey,
    by_series,
    local_times,
    of_series,
)

REACH = pd.Timedelta(days=40)
"""Events and festivals so far outside the calendar may still reach into it."""


@dataclass(frozen=True)
class Built:
    """CALENDAR, EVENTS and what a reader must know of how they came about."""

    calendar: pd.DataFrame
    events: pd.DataFrame
    opening_hours: list[OpeningHours]
    opening_source: Literal["given", "learned"]
    provisional_years: dict[str, list[int]]
    version: str


def build_calendar(
    history: pd.DataFrame,
    events: pd.DataFrame,
    params: Params,
    overrides: pd.DataFrame | None = None,
) -> Built:
    """Return CALENDAR from each series' first day to ``forecast.horizon_days`` after the last day.

    Parameters
    ----------
    history
        HISTORY; its sites, queues and span set the calendar's.
    events
        Raw events, as ``calendars.events.ics.read_folder`` returns them. Shopping days that the
        settings ask for and the festivals of each site are added.
    params
        The sections ``ingest`` (zones), ``calendars``, ``features`` (interval) and ``forecast``
        (horizon) are used.
    overrides
        Days that are other than the state says, as ``calendars.days.overrides.read_days`` returns
        them.

    Raises
    ------
    ParamsError
        For a country or holiday name that the ``holidays`` library does not know.
    InputError
        When a queue reports contacts but is never open, or an event has the id of a holiday.
    """
    calendars = params.calendars
    history = history[~history["queue"].isin(params.ingest.leave_out)].reset_index(drop=True)
    if history.empty:
        raise InputError(
            "every queue is left out by ingest.leave_out; there is nothing to forecast"
        )
    if calendars.opening_hours != "learn":
        names = (set(history[name]) for name in ("site", "queue", "channel"))
        check_names(calendars.opening_hours, *names)
    local = local_times(history, params.ingest.zone)
    first, last = local.min().normalize(), local.max().normalize()
    ahead = last + pd.Timedelta(days=params.forecast.horizon_days)
    peaks = shopping_peaks(calendars.peaks, first, ahead)
    special = events_of(
        together([events, peaks]), [key for key, _ in by_series(history)], params.ingest.zone
    )
    parts, tables, unpublished = [], [special], {}
    used: list[OpeningHours] = []
    for site, here in history.groupby("site", sort=True):
        site, place = str(site), calendars.place(str(site))
        # Whole years: the names of holidays in the settings need not come in a short history.
        new_year = (first - REACH).replace(month=1, day=1)
        year_end = (ahead + REACH).replace(month=12, day=31)
        told = no_days() if overrides is None else overrides
        days = known_from(site_days(new_year, year_end, place, told, site), first)
        unpublished[site] = provisional_years(first, ahead, place)
        keys = [key for key, _ in by_series(here)]
        festivals = breaks(days).assign(pool="holiday", source=f"holidays of {place.country}")
        _check_ids(special, festivals)
        tables.append(events_of(festivals, keys, params.ingest.zone))
        usual = _open_as_usual(days, place)
        for key, own in by_series(here):
            wall = local[own.index]
            hours = _hours(params, own, wall, days, key)
            used += hours
            mine = of_series(special, key)
            span = Span(wall.min().normalize(), ahead, params.ingest.zone(site))
            seen = own.groupby(wall.dt.normalize())["offered"].sum()
            learn = seen if calendars.opening_hours == "learn" else None
            interval_min = params.features.interval_min
            parts.append(series_calendar(key, days, hours, mine, span, interval_min, usual, learn))
    found = EVENTS.validate(pd.concat([table for table in tables if len(table)] or tables))
    reached = (found["end"] >= first - REACH) & (found["start"] <= ahead + REACH)
    return Built(
        CALENDAR.validate(pd.concat(parts, ignore_index=True)),
        found[reached].reset_index(drop=True),
        _each_once(used),
        "learned" if calendars.opening_hours == "learn" else "given",
        unpublished,
        _version(params),
    )


def _check_ids(special: pd.DataFrame, festivals: pd.DataFrame) -> None:
    """Refuse events whose ids are those of holidays: one would stand for the other."""
    taken = special[special["event_id"].isin(festivals["event_id"])].drop_duplicates("event_id")
    if len(taken):
        problems = [
            f"{source}: event_id '{event_id}' is the id of a holiday; give the event another"
            for source, event_id in zip(taken["source"], taken["event_id"], strict=True)
        ]
        raise InputError(f"events are refused:\n{listed(problems)}")


def _each_once(hours: Sequence[OpeningHours]) -> list[OpeningHours]:
    """Return windows without repeats; those of queues that have the same stand as one."""
    named: dict[str, list[str]] = {}
    first: dict[str, OpeningHours] = {}
    for window in hours:
        if window.queues == "all":
            first.setdefault(window.model_dump_json(), window)
            continue
        alike = window.model_copy(update={"queues": []}).model_dump_json()
        first.setdefault(alike, window)
        known = named.setdefault(alike, [])
        known += [queue for queue in window.queues if queue not in known]
    return [
        window.model_copy(update={"queues": named.get(alike, "all")})
        for alike, window in first.items()
    ]


def _version(params: Params) -> str:
    """Return which library and which holidays of which places the calendar is made from."""
    places = {"": params.calendars, **params.calendars.sites}
    told = [
        f"{site}{':' if site else ''}"
        + "-".join(filter(None, [place.country, place.subdivision]))
        + f" {'+'.join(place.categories)}"
        for site, place in places.items()
    ]
    return f"holidays {version('holidays')} {', '.join(told)}"


def _open_as_usual(days: pd.DataFrame, place: Place) -> Collection[pd.Timestamp]:
    """Return the dates of the holidays on which a place is open as usual."""
    public = days[days["day_type"].isin(HOLIDAY_TYPES)]
    if place.open_on_holidays == "all":
        return set(public["date"])
    known = holiday_names(days)
    unknown = sorted(set(place.open_on_holidays) - known)
    if unknown:
        raise ParamsError(
            f"calendars.open_on_holidays: {', '.join(map(repr, unknown))} is no holiday of "
            f"{place.country} in these years; those are {', '.join(sorted(known))}"
        )
    names = single_names(public["holiday"])
    asked = names.index[names.isin(place.open_on_holidays)]
    return set(public.loc[asked, "date"])


def _hours(
    params: Params, own: pd.DataFrame, local: pd.Series, days: pd.DataFrame, key: SeriesKey
) -> Sequence[OpeningHours]:
    """Return the opening hours given, or learned from the ordinary days with contacts."""
    if params.calendars.opening_hours != "learn":
        return params.calendars.opening_hours
    now = known_by(days, days["known"].max())
    odd = now.loc[~now["day_type"].isin(["working_day", "weekend"]), "date"]
    busy = own["offered"] > 0
    return learned_hours(local[busy], own["minutes"][busy], key, set(odd))
