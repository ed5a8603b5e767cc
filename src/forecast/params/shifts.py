"""Settings of the shift plan: contracts and the shifts that they work."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from forecast.settings import Clock, Section, Share

Minutes = Annotated[int, Field(ge=1, le=1440)]


class ShiftForm(Section):
    """Shifts of one length; a head may be given any of them, one a day, all week."""

    starts: list[Clock] = Field(min_length=1)
    """Local times at which it may start; one: a fixed start."""
    length_min: Minutes
    """From the first minute to the last, the break included."""
    break_min: int = Field(0, ge=0, le=720)
    """Length of its unpaid break; paid ones are shrinkage. 0: none."""
    break_after_min: list[Minutes] = []
    """When the break may begin, in minutes after the start."""
    split: bool = False
    """Whether the break is spent away from the seat."""

    @model_validator(mode="after")
    def _break_has_a_time(self) -> Self:
        if bool(self.break_min) != bool(self.break_after_min):
            raise ValueError("break_min and break_after_min go together; found one of them")
        return self


class Extra(Section):
    """Overtime after the shift, or time off at its end."""

    length_min: Minutes
    days_max: float = Field(gt=0, le=7)
    """Days a week, on average over the heads of a template."""


class ShiftContract(Section):
    """A form of employment."""

    full_time: bool = False
    """Whether it belongs to the plan that the saving is told against."""
    sites: list[str] | Literal["all"] = "all"
    pay_per_hour: float | None = Field(None, ge=0)
    """null: that of the section ``costs`` for this contract, else of the site in ``sites``, else
    ``capacity.cost_per_paid_hour``."""
    hours_min: float = Field(ge=0, le=168)
    """Weekly hours of a head, at least and at most; whole shifts are worked."""
    hours_max: float = Field(gt=0, le=168)
    days_max: int = Field(6, ge=1, le=7)
    rest_h: float = Field(11, ge=0, le=24)
    """Hours between the end of a day and the next start."""
    heads_min: int = Field(0, ge=0)
    heads_max: int | None = Field(None, ge=0)
    """Most heads at each site; null: any number."""
    cost_per_head: float = Field(0, ge=0)
    """A week, beside the hours."""
    remote: bool = False
    """Works without a seat."""
    overtime: Extra | None = None
    """Paid by ``costs.premiums.overtime``, else at 1.5."""
    time_off: Extra | None = None
    shifts: dict[str, ShiftForm] = Field(min_length=1)


class ShareRule(Section):
    """What part of all hours, or heads, some contracts have."""

    contracts: list[str] = Field(min_length=1)
    at_least: Share = 0.0
    at_most: Share = 1.0
    of: Literal["hours", "heads"] = "hours"


class ShiftsParams(Section):
    """The week that is planned, and with whom."""

    first_day: date | None = None
    """First of seven days of the forecast; null: the Monday whose week takes most hours."""
    understaffing_cost_per_hour: float | None = Field(None, ge=0)
    """Price of one head missing for an hour; null: nobody may be missing."""
    pooled: bool = False
    """Whether every site takes every other's load."""
    gap_max: float = Field(0.001, gt=0, lt=1)
    """The search stops when the plan is proved to cost at most this share more than the least."""
    contracts: dict[str, ShiftContract] = Field(min_length=1)
    shares: list[ShareRule] = []
    assumed: list[str] = []
    """Which contracts are assumptions; every output repeats them."""

    @model_validator(mode="after")
    def _names_its_contracts(self) -> Self:
        named = [*self.assumed, *(name for rule in self.shares for name in rule.contracts)]
        unknown = sorted({name for name in named if name not in self.contracts})
        if unknown:
            raise ValueError(
                f"{', '.join(unknown)} is no contract of it; found {', '.join(self.contracts)}"
            )
        return self
