"""Step calendars: holidays, opening hours, promotions, events -> CALENDAR and EVENTS."""

from typing import Any

import pandas as pd

from forecast.calendars.build import REACH, Built, build_calendar
from forecast.calendars.days.overrides import read_days
from forecast.calendars.events.ics import read_folder
from forecast.calendars.hours.opening import as_yaml
from forecast.console import PARAMS, InFile, InFolder, OutFile, ParamsFile, say
from forecast.params import Params
from forecast.schema import (
    CALENDAR,
    EVENTS,
    HISTORY,
    as_known,
    events_at,
    local_times,
)
from forecast.store import read_table, write_json, write_table

DAYS_FILE = "days.csv"


def calendars(
    history: InFile,
    folder: InFolder,
    out: OutFile,
    out_events: OutFile,
    out_facts: OutFile,
    params: ParamsFile = PARAMS,
) -> None:
    """Build the calendar of the history and the weeks ahead, and say what it rests on."""
    settings = Params.load(params)
    calls = read_table(history, HISTORY)
    built = calendar_of(calls, folder, settings)
    write_table(built.calendar, CALENDAR, out)
    write_table(built.events, EVENTS, out_events)
    facts = facts_of(built)
    write_json(facts, out_facts)
    events = events_at(built.events)
    named = events.loc[events["pool"] == "event", "event_id"].nunique()
    say(
        f"calendars: {built.version}, {len(facts['holidays'])} holidays, {named} events, "
        f"opening hours {built.opening_source}"
    )
    for site, years in built.provisional_years.items():
        if years:
            said = ", ".join(map(str, years))
            say(f"calendars: {site}: days off of {said} are not published yet; they are guessed")
    if built.opening_source == "learned":
        say(f"calendars: opening hours to confirm in params.yaml:\n{facts['opening_yaml']}")


def calendar_of(calls: pd.DataFrame, folder: InFolder, params: Params) -> Built:
    """Return the calendar of a history, with what lies in a folder of calendars.

    The folder may hold promotions.csv, any number of .ics files, and days.csv.
    """
    queues, sites = set(calls["queue"]), set(calls["site"])
    local = local_times(calls, params.ingest.zone)
    last = local.max() + pd.Timedelta(days=params.forecast.horizon_days)
    zone = params.ingest.zone(params.ingest.site)
    first = local.min().normalize()
    events = read_folder(folder, first - REACH, last + REACH, queues, sites, zone)
    return build_calendar(calls, events, params, read_days(folder / DAYS_FILE, sites))


def facts_of(built: Built) -> dict[str, Any]:
    """Return what the report says of the calendar."""
    return {
        "version": built.version,
        "opening_source": built.opening_source,
        "opening_hours": [
            w.model_dump(mode="json", exclude_defaults=True) for w in built.opening_hours
        ],
        "opening_yaml": as_yaml(built.opening_hours),
        "holidays": holidays_of(built.calendar),
        "provisional_years": built.provisional_years,
    }


def holidays_of(calendar: pd.DataFrame) -> list[dict[str, object]]:
    """Return date, name and whether any queue is open, of each holiday in the calendar."""
    told = as_known(calendar)
    named = told[told["holiday"] != ""]
    date = named["local"].dt.strftime("%Y-%m-%d").rename("date")
    days = named.groupby([date, "holiday"])["open_min"].sum().reset_index()
    return [
        {"date": day["date"], "name": day["holiday"], "open": day["open_min"] > 0}
        for day in days.to_dict("records")
    ]
