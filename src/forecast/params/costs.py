"""Settings of what things cost: pay and its premiums, people coming and going, lines, penalties."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from forecast.settings import Clock, Section, Share

Price = Annotated[float, Field(ge=0)]
Factor = Annotated[float, Field(ge=1, le=20)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Premiums(Section):
    """What an hour is paid, in multiples of the contract's pay; 1: no premium.

    An hour has one day rate: a statutory holiday goes before a rest day, a rest day before a
    workday. The night can hold beside it; ``several`` says what is paid then. The defaults are the
    least of the Labour Law of the PRC, article 44: 150 % for longer workdays, 200 % for work on
    rest days that no other day off makes up for (mark those hours as overtime), 300 % for work on
    statutory holidays. It knows no premium for nights.
    """

    overtime: Factor = 1.5
    """Overtime on a workday."""
    rest_day: Factor = 1.0
    """Hours of the usual rota on a rest day."""
    rest_day_overtime: Factor = 2.0
    holiday: Factor = 3.0
    """Hours of the usual rota on a statutory holiday."""
    holiday_overtime: Factor = 3.0
    night: Factor = 1.0
    night_from: Clock = "22:00"
    night_until: Clock = "06:00"
    several: Literal["highest", "compounded", "added"] = "highest"
    """Where a night meets another rate: the higher of the two, their product, or both premiums on
    top of the pay (1.5 and 1.2: 1.5, 1.8 or 1.7)."""

    @model_validator(mode="after")
    def _night_has_length(self) -> Self:
        if self.night_from == self.night_until:
            raise ValueError(f"night_from and night_until are both {self.night_from}")
        return self


class Contract(Section):
    """A contract type."""

    pay_per_hour: Price
    """Of a paid hour, with all that the employer pays on top."""
    hours_per_week: float = Field(40, gt=0, le=168)
    premiums: Premiums | None = None
    """Its own premiums; null: those of all."""


class Penalty(Section):
    """What a contract takes off for a period in which a target is missed, by queue or pool.

    Several with falling bounds are the steps of a contract: each that is missed is paid.
    """

    target: Literal["service_level", "answer_rate"] = "service_level"
    """Share answered in time, as the section ``capacity`` defines it, or answered at all."""
    below: Share | None = None
    """It is missed below this; null: ``capacity.service_level_target``."""
    per: Literal["day", "week"] = "week"
    """The period that is judged as a whole."""
    cost: Price
    queues: list[str] | Literal["all"] = "all"
    """Queues, or pools, each of which is judged by itself."""

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.target == "answer_rate" and self.below is None:
            raise ValueError("an answer_rate needs below: the share under which it is missed")
        return self


class CostsParams(Section):
    """What everything costs; a price that is null is not known, and using it is an error."""

    currency: str = Field(min_length=1, max_length=4)
    contracts: dict[str, Contract] = Field(min_length=1)
    premiums: Premiums = Premiums()
    rest_days: list[Weekday] = ["sat", "sun"]
    """Weekdays that are rest days, but for make-up workdays."""
    per_hire: Price | None = None
    """Recruiting one person."""
    per_training_week: Price | None = None
    """Trainers and rooms, per trainee and week; the trainee's pay is in the paid hours."""
    per_leaver: Price | None = None
    """Leave paid out, and what else a person costs who goes."""
    per_outsourced_contact: Price | None = None
    per_outsourced_hour: Price | None = None
    per_seat_month: Price | None = None
    per_trunk_month: Price | None = None
    per_telecom_min: Price | None = None
    """A minute on the line: menu, waiting and talk."""
    penalties: list[Penalty] = []
    """For missed targets, as expected over the paths."""

    @model_validator(mode="after")
    def _asks_for_each_penalty_once(self) -> Self:
        asked = [penalty.model_dump(exclude={"cost"}) for penalty in self.penalties]
        twice = [one for i, one in enumerate(asked) if one in asked[:i]]
        if twice:
            raise ValueError(
                f"penalties must differ in more than their cost; found twice {twice[0]}"
            )
        return self

    def premiums_of(self, contract: str) -> Premiums:
        """Return the premiums that hold for a contract."""
        return self.contracts[contract].premiums or self.premiums
