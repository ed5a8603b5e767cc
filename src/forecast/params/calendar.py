"""Settings of the calendar: holidays, opening hours, shopping days."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from forecast.settings import Clock, DayKind, Section


class OpeningHours(Section):
    """An opening window: of a weekly pattern, or of single days."""

    sites: list[str] | Literal["all"] = "all"
    queues: list[str] | Literal["all"] = "all"
    channels: list[str] | Literal["all"] = "all"
    days: list[DayKind] = []
    """Weekdays, and `holiday`: the hours of public holidays, on which a queue is else closed. A
    make-up workday has the hours of the weekday that it stands for."""
    dates: list[date] = []
    """Single days, in place of `days`; on them no weekly window counts."""
    opens: Clock | None = None
    closes: Clock | None = None
    """24:00 is midnight; a time before `opens` is on the next day."""
    closed: bool = False
    """With `dates`: closed all day."""
    valid_from: date | None = None
    """First day of the pattern: from it on, those with an earlier or no first day do not count.
    Weekdays have one pattern together; the hours of holidays have their own."""
    valid_to: date | None = None
    """Last day of the pattern; after it the earlier windows count again."""
    known_on: date | None = None
    """Day on which the hours became known: a backtest from before does not see them."""

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if bool(self.days) == bool(self.dates):
            raise ValueError("a window needs days (mon, ..., holiday) or dates, and not both")
        if self.dates and (self.valid_from or self.valid_to):
            raise ValueError("valid_from and valid_to belong to days, not to dates")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(f"valid_to {self.valid_to} is before valid_from {self.valid_from}")
        if self.closed:
            if not self.dates or self.opens or self.closes:
                raise ValueError("closed stands with dates, and without opens and closes")
        elif self.opens is None or self.closes is None:
            raise ValueError("a window needs opens and closes")
        elif self.opens == self.closes or (self.opens, self.closes) == ("24:00", "00:00"):
            raise ValueError("opens and closes are equal; round the clock is 00:00 to 24:00")
        return self


class Place(Section):
    """The public holidays of a site."""

    country: str = Field(min_length=2, max_length=3)
    """ISO code, as the `holidays` library takes it."""
    subdivision: str | None = None
    categories: list[str] = ["public"]
    open_on_holidays: list[str] | Literal["all"] = []
    """Holidays, by name, on which the site is open as usual; with learned opening hours, each
    queue is open besides on the holidays on which its history shows contacts."""


class CalendarsParams(Place):
    """Public holidays, opening hours and shopping days."""

    sites: dict[str, Place] = {}
    """Sites with other holidays than the country above."""
    opening_hours: list[OpeningHours] | Literal["learn"] = "learn"
    """Windows; `learn` takes them from the history and lists them in the report."""
    peaks: list[str] = []
    """Shopping days that count as events, of those the package knows: 618, 11.11, 12.12,
    Black Friday, Cyber Monday."""
    keep_out: list[str] = ["outage"]
    """Kinds of events whose intervals are kept out of training and of scores."""

    def place(self, site: str) -> Place:
        """Return the place whose holidays hold at a site."""
        return self.sites.get(site, self)
