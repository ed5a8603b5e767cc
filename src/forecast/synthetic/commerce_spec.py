"""What an invented e-commerce centre is like: sites, queues, sales, and how it is staffed."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from forecast.params.calendar import Place
from forecast.settings import Clock, Section, Share, Zone

INTERVAL_MIN = 30
"""Length of the centre's intervals."""


class SiteSpec(Section):
    """A site: where it is and when it is open."""

    name: str = Field(min_length=1)
    zone: Zone
    country: str
    opens: Clock
    closes: Clock
    closed_on_holidays: bool = False

    def place(self) -> Place:
        """Return the place whose public holidays hold here."""
        return Place(country=self.country)


class Response(Section):
    """What a sale of intensity 1 adds to a queue, as a share of its usual contacts."""

    presale: float = Field(0.0, ge=0)
    """On every day on which deposits are taken."""
    peak: float = Field(0.0, ge=0)
    """On the days of the sale itself."""
    wave: float = Field(0.0, ge=0)
    """At the height of the wave after it: parcels under way, then returns."""
    wave_day: float = Field(3.0, gt=0)
    """Days from the sale's end to that height."""
    wave_aht: float = Field(1.0, gt=0)
    """Handle time at that height, as a multiple."""


class QueueSpec(Section):
    """A queue of one site and channel."""

    site: str
    queue: str
    channel: Literal["voice", "chat"]
    contacts_per_day: float = Field(gt=0)
    """Mean over open days in the first year, without sales and holidays."""
    aht_s: float = Field(gt=0)
    """Agents' time per contact; of chats, after sharing out the time spent on several at once."""
    response: Response = Response()


class SaleSpec(Section):
    """A sale that comes every year."""

    name: str
    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    """First day of the sale itself."""
    days: int = Field(2, ge=1)
    presale_days: int = Field(0, ge=0)
    intensity: float = Field(1.0, gt=0)


class PlainRule(Section):
    """How the company staffs: same day last week x growth of orders x a margin.

    Agents are contacts over a standard, contacts per agent and hour. The standard rests on talk
    time alone: after-contact work and hold are not in it. That is why the margin does not suffice.
    """

    margin: float = Field(1.15, gt=0)
    occupancy: float = Field(0.77, gt=0)
    """Occupancy in the standard; with the rest of the defaults, 85 % of contacts are answered."""
    block_min: int = Field(120, ge=30)
    """Length of the shifts in which agents come and go."""


_ORDERS = Response(presale=0.25, peak=1.2, wave=0.15, wave_day=2)
SITES = (
    SiteSpec(name="hangzhou", zone="Asia/Shanghai", country="CN", opens="08:00", closes="24:00"),
    SiteSpec(
        name="warsaw", zone="Europe/Warsaw", country="PL", opens="09:00", closes="21:00",
        closed_on_holidays=True,
    ),
)  # fmt: skip
QUEUES = (
    QueueSpec(site="hangzhou", queue="orders", channel="voice", contacts_per_day=1800, aht_s=180,
              response=_ORDERS),
    QueueSpec(site="hangzhou", queue="orders", channel="chat", contacts_per_day=2600, aht_s=190,
              response=_ORDERS),
    QueueSpec(site="hangzhou", queue="logistics_complaints", channel="voice",
              contacts_per_day=2200, aht_s=200,
              response=Response(presale=0.05, peak=0.4, wave=1.5, wave_day=3, wave_aht=1.10)),
    QueueSpec(site="hangzhou", queue="vip", channel="voice", contacts_per_day=700, aht_s=220,
              response=Response(presale=0.3, peak=0.9, wave=0.4, wave_day=3)),
    QueueSpec(site="warsaw", queue="after_sales", channel="voice", contacts_per_day=1100, aht_s=225,
              response=Response(presale=0.05, peak=0.2, wave=0.9, wave_day=7, wave_aht=1.08)),
)  # fmt: skip
SALES = (
    SaleSpec(name="year_goods", month=1, day=8, days=2, intensity=0.35),
    SaleSpec(name="3.8", month=3, day=7, days=2, intensity=0.3),
    SaleSpec(name="618", month=6, day=16, days=3, presale_days=10, intensity=0.8),
    SaleSpec(name="9.9", month=9, day=9, days=1, intensity=0.25),
    SaleSpec(name="11.11", month=11, day=10, days=2, presale_days=9, intensity=1.0),
    SaleSpec(name="12.12", month=12, day=12, days=1, intensity=0.4),
)


class CommerceSpec(Section):
    """What the centre is like; the rest is drawn."""

    sites: tuple[SiteSpec, ...] = Field(SITES, min_length=1)
    queues: tuple[QueueSpec, ...] = Field(QUEUES, min_length=1)
    sales: tuple[SaleSpec, ...] = SALES
    first_day: date = date(2022, 10, 17)
    """A Monday: plans are made by the week."""
    weeks: int = Field(157, ge=5)
    """Weeks of history, three years and three days."""
    weeks_ahead: int = Field(4, ge=0)
    """Weeks after the cutoff, whose truth is known too."""
    growth_per_year: float = Field(0.08, gt=-1)
    noise_sd: float = Field(0.05, ge=0)
    """Spread of days around their level, on the log; half of it is carried to the next day."""
    sale_sd: float = Field(0.12, ge=0)
    """Spread of a sale's effect on a queue around what its intensity says, on the log."""
    order_plan_sd: float = Field(0.05, ge=0)
    """Error of the orders planned for a week, on the log."""
    patience_s: float = Field(90, gt=0)
    """Mean time that a customer waits before she gives up."""
    aht_contact_cv: float = Field(0.8, gt=0)
    attrition_per_month: Share = 0.20
    rule: PlainRule = PlainRule()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.first_day.weekday() != 0:
            raise ValueError(f"first_day must be a Monday; found {self.first_day:%A %Y-%m-%d}")
        known = [site.name for site in self.sites]
        lacking = sorted({queue.site for queue in self.queues} - set(known))
        if lacking:
            raise ValueError(f"queues name sites {lacking}; sites has {known}")
        return self

    def site(self, name: str) -> SiteSpec:
        """Return the site of this name."""
        return next(site for site in self.sites if site.name == name)
