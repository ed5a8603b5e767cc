"""Settings of single levers: what each is given."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from forecast.settings import Clock, Section, Share

Percent = Annotated[float, Field(ge=-100, le=1000)]
Longer = Annotated[float, Field(gt=-100, le=1000)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


Factor = Annotated[float, Field(ge=1, le=20)]
Price = Annotated[float, Field(ge=0)]


class AddedPromotion(Section):
    """One more promotion, or other event, of a kind that the history knows."""

    kind: str = Field(min_length=1)
    first_day: date
    days: int | None = Field(None, ge=1, le=92)
    """How long it is on; null: as long as the kind's median one. Each day after those that are
    known does what the last of them does."""
    intensity: float = Field(1.0, gt=0, le=20)
    """How strong, beside others of the kind."""


class Promotions(Section):
    """Promotions and other events that are added, moved, scaled or dropped."""

    add: list[AddedPromotion] = []
    move: dict[str, date] = {}
    """Event -> the first day that it has instead."""
    scale: dict[str, float] = {}
    """Event -> how many times as strong it is."""
    drop: list[str] = []

    @model_validator(mode="after")
    def _does_not_contradict_itself(self) -> Self:
        gone = {*self.move, *self.scale} & set(self.drop)
        if gone:
            raise ValueError(f"{', '.join(sorted(gone))} cannot be dropped and changed; keep one")
        weak = sorted(event for event, times in self.scale.items() if not 0 < times <= 20)
        if weak:
            raise ValueError(f"scale must be above 0 and at most 20; {weak[0]} is not: drop it")
        if not (self.add or self.move or self.scale or self.drop):
            raise ValueError("promotions must add, move, scale or drop something")
        return self

    @property
    def changed(self) -> set[str]:
        """The events of the calendar that are not as they were."""
        return {*self.move, *self.scale, *self.drop}


class Newcomers(Section):
    """Agents of short tenure, who take longer."""

    share: Share
    """Of the positions that they fill."""
    aht_pct: Longer
    """How much longer their contacts take."""


class SelfService(Section):
    """Contacts that a menu, a page or a bot settles."""

    share: Share
    """Of the contacts, beside those that are settled so today."""
    harder_pct: Longer = 0
    """How much longer the rest takes: what is settled so is the easy part."""


class Resolution(Section):
    """How often the first contact settles the matter."""

    now: Share
    then: Share
    call_again: Share = 1.0
    """Share of the unsettled who contact again, each time."""

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.call_again == 1 and min(self.now, self.then) == 0:
            raise ValueError("who is never settled and always calls again calls without end")
        return self


class Closed(Section):
    """Hours that are cut from the opening hours."""

    days: list[Weekday] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    starts: Clock
    ends: Clock
    """Local wall time; an end at or before the start is on the next day."""
    lost: Share = 0.0
    """Share of their contacts that stay away; the others come in the day's other open hours."""


class ToChat(Section):
    """Contacts that come by chat instead."""

    share: Share
    at_once: float = Field(2, ge=1, le=10)
    """Chats that an agent has at once."""
    aht_pct: Longer = 0
    """How much longer one chat takes than one call, when an agent has so many at once."""


class Outsourced(Section):
    """Contacts that somebody else answers."""

    share: Share
    cost_per_contact: float = Field(ge=0)


class ToEmail(Section):
    """Calls that come as e-mails instead, which may wait."""

    share: Share
    due_h: float = Field(24, ge=1, le=168)
    """Hours on the clock, closed ones included, within which each is finished."""
    late_max: Share = 0.0
    """Largest share that may be late."""
    aht_pct: Longer = 0
    """How much longer an e-mail takes than a call."""


class Opened(Section):
    """Hours that are added to the opening hours."""

    days: list[Weekday] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    starts: Clock
    ends: Clock
    """Local wall time; an end at or before the start is on the next day."""
    share: Share
    """Contacts that come in them, as a share of what the queue has on its mean open day."""
    new: Share = 0.0
    """Part of these that would not come otherwise; the others leave the queue's other hours."""


class Attrition(Section):
    """Leavers, who are replaced: by people who are hired, trained, and at first take longer."""

    now: float = Field(ge=0)
    """Rate that the plan's handle time was measured at."""
    then: float = Field(ge=0)
    per: Literal["week", "month", "year"] = "year"
    of: Literal["start", "average"] = "start"
    """Of those present at its start who have left by its end, or leavers over average heads."""
    aht_factor: list[Factor] = []
    """How many times as long contacts take in the first week on position, the second, ..."""
    training_weeks: float = Field(0, ge=0, le=52)
    """Paid, and not on position."""
    vacant_weeks: float = Field(0, ge=0, le=104)
    """From a leaver's last day to the successor's first on position: the others work overtime."""
    cost_per_leaver: Price | None = None
    """Of replacing one; null: costs.per_hire, per_leaver and per_training_week."""


class Overtime(Section):
    """Hours that are worked as overtime instead of by more people."""

    share: Share
    """Of the paid hours of own people."""
    times: Factor | None = None
    """What such an hour is paid, in multiples of another; null: costs.premiums, or 1.5."""


class Temps(Section):
    """Hours that an agency's people work."""

    share: Share
    """Of the paid hours, and of the positions."""
    cost_per_hour: Price
    aht_pct: Longer = 0
    """How much longer their contacts take."""


class Remote(Section):
    """Positions that are filled from home."""

    share: Share
    cost_per_seat_month: Price = 0
    """What a place at home costs, against ``costs.per_seat_month`` of one in the house."""


def counted_once(bands: "list[Newcomers]") -> "list[Newcomers]":
    """Refuse bands of tenure that are more than all positions."""
    if sum(band.share for band in bands) > 1 + 1e-9:
        raise ValueError("shares of newcomers must add up to 1 at most")
    return bands
