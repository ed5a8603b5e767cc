"""What a figure of the calendar shows: days, the events on them, and their names in short."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from forecast.reports.style import length, plain
from forecast.reports.words import Words, of
from forecast.schema import as_known

DAY = pd.Timedelta(days=1)
MOST_LANES = 3
_IN_LIEU = " (day off in lieu)"


@dataclass(frozen=True)
class Note:
    """Words on a month."""

    month: pd.Period
    text: str


def days_of(calendar: pd.DataFrame) -> pd.DataFrame:
    """Return one site's days: date, month, day_type, works_as, holiday, doubt, is_open."""
    told = as_known(calendar)
    days = told.groupby(told["local"].dt.normalize().rename("date")).agg(
        day_type=("day_type", "first"),
        works_as=("works_as", "first"),
        holiday=("holiday", "first"),
        doubt=("doubt", "max"),
        open_min=("open_min", "sum"),
    )
    days = days.reset_index()
    return days.assign(month=days["date"].dt.to_period("M"), is_open=days["open_min"] > 0)


def shown_events(events: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return the promotions and events that are on within some days, each once."""
    last = days["date"].iloc[-1] + DAY
    held = (events["end"] > days["date"].iloc[0]) & (events["start"] < last)
    own = events[held & (events["pool"] == "event")].drop_duplicates(["event_id", "start"])
    clipped: pd.DataFrame = own.assign(
        start=own["start"].clip(lower=days["date"].iloc[0]), end=own["end"].clip(upper=last)
    )
    return clipped.sort_values(["start", "event_id"], ignore_index=True)


def lanes_of(events: pd.DataFrame) -> list[int]:
    """Return the lane of each event, so that those on at one time lie below each other."""
    free: list[pd.Timestamp] = []
    lanes = []
    for start, end in events[["start", "end"]].itertuples(index=False):
        lane = next((i for i, until in enumerate(free) if until <= start.normalize()), len(free))
        lane = min(lane, MOST_LANES - 1)
        free[lane : lane + 1] = [max([end, *free[lane : lane + 1]])]
        lanes.append(lane)
    return lanes


def holiday_notes(days: pd.DataFrame, words: Words | None = None) -> list[Note]:
    """Return the special days by name; those of one name in a row are one, over weekends too."""
    words = words or of("en")
    name = days["holiday"].str.removesuffix(_IN_LIEU)
    untitled = (days["day_type"] == "company_closure") & (name == "")
    name = name.where(~untitled, words.name("day_type", "company_closure"))
    makeup = days["day_type"] == "makeup_workday"
    told = [words.text("calendar.works_as", weekday=words.weekday(day)) for day in range(7)]
    works_as = days["works_as"].map(dict(enumerate(told)))
    label = name.where(~makeup, works_as)
    given = label.where((label != "") | (days["day_type"] != "weekend"))
    label = given.fillna(given.ffill().where(given.ffill() == given.bfill())).fillna("")
    same = (label == label.shift()) & (days["month"] == days["month"].shift())
    same &= days["date"].diff() == DAY
    found = days.assign(label=label)[label != ""].groupby((~same).cumsum())
    return [
        Note(own["month"].iloc[0], f"{_span(own['date'].iloc[0], own['date'].iloc[-1])} "
              f"{plain(own['label'].iloc[0])}")
        for _, own in found
    ]  # fmt: skip


def event_notes(events: pd.DataFrame) -> list[Note]:
    """Return each event by name, in every month in which it is on."""
    notes = []
    for event in events.to_dict("records"):
        last = (event["end"] - pd.Timedelta(microseconds=1)).normalize()
        for month in pd.period_range(event["start"], last, freq="M"):
            begins = max(event["start"], month.start_time)
            ends = min(last, month.end_time)
            notes.append(Note(month, f"{_span(begins, ends)} {plain(event['name'])}"))
    return notes


def _span(first: pd.Timestamp, last: pd.Timestamp) -> str:
    return f"{first.day}" if first.day == last.day else f"{first.day}–{last.day}"


def packed(notes: Sequence[str], signs: int, most: int = 3) -> list[str]:
    """Return notes in as few lines as they fit into; those beyond the last line are counted."""
    lines: list[str] = []
    for number, note in enumerate(notes):
        joined = f"{lines[-1]} · {note}" if lines else note
        if lines and length(joined) <= signs - 8:
            lines[-1] = joined
        elif len(lines) < most:
            lines.append(note)
        else:
            lines[-1] += f" + {len(notes) - number}"
            break
    return lines
