"""Step calendars: holidays, opening hours, promotions -> CALENDAR."""

import pandas as pd

from forecast.calendars.build import build_calendar
from forecast.calendars.promotions import read_promotions
from forecast.console import PARAMS, InFile, OutFile, ParamsFile, say
from forecast.params import Params
from forecast.schema import CALENDAR, HISTORY
from forecast.store import read_table, write_json, write_table


def calendars(
    history: InFile,
    promotions: InFile,
    out: OutFile,
    out_facts: OutFile,
    params: ParamsFile = PARAMS,
) -> None:
    """Build the calendar of the history and the weeks ahead, and say what it rests on."""
    settings = Params.load(params)
    calls = read_table(history, HISTORY)
    events = read_promotions(promotions, set(calls["queue"]))
    built = build_calendar(calls, events, settings)
    write_table(built.calendar, CALENDAR, out)
    days = holidays_of(built.calendar)
    write_json(
        {
            "version": built.version,
            "opening_source": built.opening_source,
            "opening_hours": [window.model_dump() for window in built.opening_hours],
            "holidays": days,
        },
        out_facts,
    )
    say(f"calendars: {built.version}, {len(days)} holidays, opening hours {built.opening_source}")


def holidays_of(calendar: pd.DataFrame) -> list[dict[str, object]]:
    """Return date, name and whether any queue is open, of each holiday in the calendar."""
    named = calendar[calendar["holiday"] != ""]
    date = named["local"].dt.strftime("%Y-%m-%d").rename("date")
    days = named.groupby([date, "holiday"])["open_min"].sum().reset_index()
    return [
        {"date": day["date"], "name": day["holiday"], "open": day["open_min"] > 0}
        for day in days.to_dict("records")
    ]
