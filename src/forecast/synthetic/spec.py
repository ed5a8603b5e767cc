"""What an invented centre is like, and what its events do."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from forecast.settings import Clock, Section, Share, Zone

_Weight = Annotated[float, Field(ge=0)]
_Factor = Annotated[float, Field(gt=0)]
_Days = Annotated[int, Field(ge=1)]


def clock_min(clock: str) -> int:
    """Return the minutes since midnight of a time like 07:30."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


class EventKind(Section):
    """A kind of event, and what its events truly do."""

    name: str = Field(min_length=1)
    events: int = Field(ge=1)
    """How many of them there are."""
    days: tuple[_Days, _Days] = (3, 10)
    """Length of the shortest and of the longest."""
    uplift: float = Field(ge=0)
    """Contacts added at the height, per intensity, as a share of what comes without the event."""
    during: Literal["flat", "sharp"] = "flat"
    """Its height on every day, or on the first day with a quick decline from it on."""
    lead: Share = 0.0
    """Share of the height in the days just before; earlier ones have half of it."""
    lead_days: int = Field(0, ge=0)
    after: Share = 0.0
    """Share of the last day's height on the day after, from which it fades."""
    after_days: int = Field(0, ge=0)
    aht_factor: float = Field(1.0, gt=0)
    """Handle time on its days, as a multiple; whatever the intensity."""

    @model_validator(mode="after")
    def _lengths_rise(self) -> Self:
        if self.days[0] > self.days[1]:
            raise ValueError(f"days must be the shortest, then the longest; found {self.days}")
        return self


DEFAULT_KINDS = (
    EventKind(
        name="promotion", events=16, uplift=0.35, lead=0.25, lead_days=3,
        after=0.4, after_days=5, aht_factor=1.10,
    ),
    EventKind(
        name="launch", events=8, days=(5, 12), uplift=0.6, during="sharp", lead=0.15, lead_days=2,
        after=0.6, after_days=6, aht_factor=1.20,
    ),
    EventKind(
        name="mail_out", events=16, days=(1, 2), uplift=0.5, after=0.7, after_days=4,
        aht_factor=0.93,
    ),
)  # fmt: skip


class CentreSpec(Section):
    """What a centre is like; the rest is drawn."""

    site: str = "main"
    queue: str = "service"
    channel: str = "voice"
    zone: Zone = "UTC"
    first_day: date = date(2021, 1, 1)
    days: int = Field(1095, ge=28)
    interval_min: Literal[5, 10, 15, 20, 30, 60] = 30
    opens: Clock = "08:00"
    closes: Clock = "20:00"
    contacts_per_day: float = Field(1500, gt=0)
    """Mean over open days, without events and noise."""
    weekdays: tuple[_Weight, _Weight, _Weight, _Weight, _Weight, _Weight, _Weight] = (
        1.25, 1.10, 1.00, 0.95, 1.00, 0.55, 0.0,
    )  # fmt: skip
    """How busy Monday to Sunday are beside each other; 0: closed."""
    level_sd: float = Field(0.004, ge=0)
    """Step of the level from day to day, on the log: a random walk."""
    season: float = Field(0.08, ge=0)
    """Height of the yearly wave, on the log."""
    noise_sd: float = Field(0.05, ge=0)
    """Spread of days around their level, on the log; on top of Poisson."""
    noise_carry: float = Field(0.5, ge=0, lt=1)
    """Correlation of that noise from one day to the next."""
    interval_sd: float = Field(0.05, gt=0)
    """Spread of an interval's share of its day, as a share; on top of Poisson."""
    aht_s: float = Field(300, gt=0)
    aht_weekdays: tuple[_Factor, _Factor, _Factor, _Factor, _Factor, _Factor, _Factor] = (
        1.03, 1.00, 1.00, 0.99, 0.98, 1.05, 1.0,
    )  # fmt: skip
    aht_day_sd: float = Field(0.02, ge=0)
    """Spread of a day's handle time, on the log."""
    aht_contact_cv: float = Field(0.8, ge=0)
    """Standard deviation of one contact's handle time over its mean."""
    abandoned_share: Share = 0.05
    wait_s: float = Field(20, ge=0)
    """Mean wait of answered contacts."""
    kinds: tuple[EventKind, ...] = DEFAULT_KINDS
    intensities: tuple[_Factor, ...] = Field((0.5, 1.0, 2.0), min_length=1)
    """Intensities, each as likely as the others."""
    event_sd: float = Field(0.2, ge=0)
    """Spread between events of a kind, on the log: of the uplift, and of what handle time gains."""
    quiet_days: int = Field(120, ge=0)
    """No event starts in the first days."""
    unannounced: int = Field(0, ge=0)
    """Days that are busier or quieter for a reason that no event tells."""
    outages: int = Field(0, ge=0)
    """Days with some hours in which hardly anything comes in."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not any(self.weekdays):
            raise ValueError("one of weekdays must be above 0; the centre is never open")
        opens, closes = clock_min(self.opens), clock_min(self.closes)
        if closes <= opens or opens % self.interval_min or closes % self.interval_min:
            raise ValueError(
                f"opens and closes must be starts of intervals of {self.interval_min} minutes, one "
                f"after the other; found {self.opens} to {self.closes}"
            )
        names = [kind.name for kind in self.kinds]
        if len(set(names)) < len(names):
            raise ValueError(f"kinds must have different names; found {', '.join(names)}")
        return self
