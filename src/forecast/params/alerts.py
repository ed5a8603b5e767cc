"""Settings of peaks: what counts as one, what is there to meet it, and when to say so."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from forecast.settings import Section, Share

Hours = Annotated[float, Field(gt=0, le=10_000)]
Ceiling = Annotated[int, Field(ge=0)]
Price = Annotated[float, Field(ge=0)]


class Measure(Section):
    """Something that closes a gap in agents, up to a limit, at a price.

    It brings hours on position (overtime, part-time, temps, leave recalled, other departments), or
    takes contacts away (callback, self-service): give one of the two limits, with its price.
    """

    name: str = Field(min_length=1)
    hours_per_day: float | None = Field(None, gt=0)
    """Hours on position that it brings at most on each open day of a peak, to each team."""
    cost_per_hour: Price | None = None
    contacts_share: Share | None = Field(None, gt=0)
    """Share of the peak's contacts that it takes away, or moves out of the peak, at most."""
    cost_per_contact: Price | None = None
    notice_hours: float = Field(0.0, ge=0)
    """Time that it takes to arrange; later than that before a peak it is named, not counted on."""

    @model_validator(mode="after")
    def _has_one_limit_and_its_price(self) -> Self:
        pairs = {
            "hours_per_day": (self.hours_per_day, self.cost_per_hour),
            "contacts_share": (self.contacts_share, self.cost_per_contact),
        }
        whole = [name for name, pair in pairs.items() if None not in pair]
        begun = [name for name, pair in pairs.items() if pair != (None, None)]
        if len(whole) != 1 or begun != whole:
            raise ValueError(
                f"measure {self.name!r} must have hours_per_day with cost_per_hour, or "
                f"contacts_share with cost_per_contact; found {', '.join(begun) or 'none'}"
            )
        return self


class AlertsParams(Section):
    """What counts as a peak, what is there to meet it, and when to say so."""

    leads_hours: list[Hours] = [336.0, 72.0, 24.0]
    """How long before a peak an alert is due, counted from the forecast's cutoff."""
    above_usual: float = Field(0.10, gt=0)
    """Events and holidays make a peak of what they lift by this share or more."""
    unexplained_above_usual: float = Field(0.25, gt=0)
    """A day so far above the same weekdays around it is a peak without any event."""
    heads_max: dict[str, Ceiling] = {}
    """Most people that can be scheduled at once, by site; a site without one: as planned."""
    seats_max: dict[str, Ceiling] = {}
    """Most people on position at once, by site."""
    trunks: dict[str, Ceiling] = {}
    """Lines that are there, by site; compared where there is a section ``trunks``."""
    ports: dict[str, Ceiling] = {}
    """Menu ports that are there, by site."""
    measures: list[Measure] = []
    """What can close a gap; the cheapest is taken first."""

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        falling = sorted(set(self.leads_hours), reverse=True)
        if not falling or falling != self.leads_hours:
            raise ValueError(f"leads_hours must be there and fall; found {self.leads_hours}")
        names = [measure.name for measure in self.measures]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"measures must have names of their own; found {twice} twice")
        return self
