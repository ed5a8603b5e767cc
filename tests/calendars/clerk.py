"""A clerk who looks at every single minute, for the tests of opening hours."""

from collections.abc import Collection, Sequence

import pandas as pd

from forecast.params.calendar import OpeningHours
from forecast.schema import LOCAL, SeriesKey
from forecast.settings import WEEKDAYS

CLOCKS = [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in range(60)]
SALES: SeriesKey = ("main", "sales", "voice")


def site_days(
    first: str,
    count: int,
    types: dict[str, str] | None = None,
    works_as: dict[str, int] | None = None,
) -> pd.DataFrame:
    """Return the days of a site: ordinary ones, but for those whose type or weekday is given."""
    date = pd.Series(pd.date_range(first, periods=count)).astype(LOCAL)
    rows = [
        {
            "date": day,
            "day_type": (types or {}).get(f"{day:%Y-%m-%d}")
            or ("weekend" if day.day_of_week > 4 else "working_day"),
            "works_as": (works_as or {}).get(f"{day:%Y-%m-%d}", day.day_of_week),
        }
        for day in date
    ]
    return pd.DataFrame(rows).astype({"date": LOCAL})


def window(days: str = "mon tue wed thu fri", times: str = "08:00 18:00", **more) -> OpeningHours:
    """Return a weekly window."""
    opens, closes = times.split()
    return OpeningHours(days=days.split(), opens=opens, closes=closes, **more)


def special(dates: str, times: str = "", **more) -> OpeningHours:
    """Return a window of single dates; without times they are closed."""
    hours = dict(zip(("opens", "closes"), times.split(), strict=False)) or {"closed": True}
    return OpeningHours(dates=dates.split(), **hours, **more)


class Clerk:
    """Opens the door by the rules, one day and one window after another."""

    def __init__(
        self,
        days: pd.DataFrame,
        hours: Sequence[OpeningHours],
        series: SeriesKey = SALES,
        known: pd.Timestamp | None = None,
        opened: Collection[pd.Timestamp] = (),
    ) -> None:
        told = [
            w
            for w in hours
            if w.sites == "all" or series[0] in w.sites
            if w.queues == "all" or series[1] in w.queues
            if w.channels == "all" or series[2] in w.channels
            if known is None or w.known_on is None or w.known_on <= known.date()
        ]
        self.today = {
            row.date: self._of(row, told, row.date in opened) for row in days.itertuples()
        }

    def _of(self, row, told: list[OpeningHours], as_usual: bool) -> list[OpeningHours]:
        day = row.date.date()
        said = [w for w in told if day in w.dates]
        if said:
            heard = [f"{w.known_on or ''}" for w in said]
            last_word = [w for w, on in zip(said, heard, strict=True) if on == max(heard)]
            return [] if any(w.closed for w in last_word) else last_word
        if row.day_type == "company_closure":
            return []
        in_force = [
            w
            for w in told
            if w.days
            and not (w.valid_from and day < w.valid_from)
            and not (w.valid_to and day > w.valid_to)
        ]
        holiday = row.day_type in ("statutory_holiday", "in_lieu_day_off") and not as_usual
        pattern = [
            w
            for w in in_force
            if ("holiday" in w.days if holiday else any(d != "holiday" for d in w.days))
        ]
        newest = max((f"{w.valid_from or ''}" for w in pattern), default="")
        name = "holiday" if holiday else WEEKDAYS[row.works_as]
        return [w for w in pattern if f"{w.valid_from or ''}" == newest and name in w.days]

    def minutes_open(self) -> list[bool]:
        """Return of every minute, of one day after another, whether the door is open."""
        nights: list[OpeningHours] = []
        door = []
        for today in self.today.values():
            for clock in CLOCKS:
                door.append(
                    any(
                        w.opens <= clock and (clock < w.closes or w.closes < w.opens) for w in today
                    )
                    or any(clock < w.closes for w in nights)
                )
            nights = [w for w in today if w.closes < w.opens]
        return door
