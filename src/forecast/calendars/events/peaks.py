"""The bundled calendar of shopping days, each year's an event of one kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from forecast.calendars.events.raw import raw_table, scaled
from forecast.errors import ParamsError, listed
from forecast.schema import ALWAYS

MARGIN_DAYS = 40
"""Events so far outside a span still have an effect in it: before they begin, and after."""
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Peak:
    """When a shopping day is: ``days`` days from a date, or from an n-th weekday of a month."""

    month: int
    day: int = 1
    weekday: int | None = None
    nth: int = 1
    after: int = 0
    days: int = 1

    def start(self, year: int) -> pd.Timestamp:
        """Return its first day in a year."""
        first = pd.Timestamp(year, self.month, self.day)
        if self.weekday is not None:
            first += DAY * ((self.weekday - first.day_of_week) % 7 + 7 * (self.nth - 1))
        return first + DAY * self.after


# The sales of 618 and 11.11 run for weeks, and when they open has moved from year to year; what
# stays is the last run up to the day that gives the name. That is the event: an event of weeks
# would be a plateau, and what comes before and after is learned as the event's lead and decay.
THURSDAY = 3
PEAKS: Mapping[str, Peak] = {
    "618": Peak(month=6, day=16, days=3),
    "11.11": Peak(month=11, day=10, days=2),
    "12.12": Peak(month=12, day=12),
    "Black Friday": Peak(month=11, weekday=THURSDAY, nth=4, after=1),
    "Cyber Monday": Peak(month=11, weekday=THURSDAY, nth=4, after=4),
}
"""The known shopping days: 618 is 16 to 18 June, 11.11 is 10 and 11 November (the last sale opens
on the evening of the 10th), Black Friday follows the fourth Thursday of November, and Cyber Monday
is the Monday after it."""


def shopping_peaks(names: Sequence[str], first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Return the raw events of some shopping days, known always, of all queues and sites.

    Parameters
    ----------
    names
        Of ``PEAKS``; each is its events' kind.
    first, last
        Local days; events that begin up to 40 days outside are in it.

    Raises
    ------
    ParamsError
        Listing names that the package does not know, and those that it knows.

    Examples
    --------
    >>> year = pd.Timestamp("2003-01-01"), pd.Timestamp("2003-12-31")
    >>> [f"{day:%d %B %Y}" for day in shopping_peaks(["Black Friday"], *year)["start"]]
    ['29 November 2002', '28 November 2003']
    """
    unknown = [f"'{name}' is no shopping day of the package" for name in names if name not in PEAKS]
    if unknown:
        raise ParamsError(f"calendars.peaks must be of {', '.join(PEAKS)}:\n{listed(unknown)}")
    begin, end = (pd.Timestamp(day).normalize() for day in (first, last))
    begin, end = begin - DAY * MARGIN_DAYS, end + DAY * MARGIN_DAYS
    events = []
    for name in dict.fromkeys(names):
        for year in range(begin.year, end.year + 1):
            start = PEAKS[name].start(year)
            if not begin <= start <= end:
                continue
            events.append(
                {
                    "event_id": f"{name} {year}",
                    "name": f"{name} {year}",
                    "kind": name,
                    "start": start,
                    "end": start + DAY * PEAKS[name].days,
                    "queues": "all",
                    "sites": "all",
                    "announced_on": ALWAYS,
                    "source": "calendars.peaks",
                }
            )
    return scaled(raw_table(events))
