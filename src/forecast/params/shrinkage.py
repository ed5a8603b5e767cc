"""Settings of the shrinkage ledger: every paid activity that keeps people off position."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from forecast.errors import ParamsError
from forecast.params.checked import validated
from forecast.settings import Clock, Section

Part = Annotated[float, Field(ge=0, lt=1)]
Month = Annotated[int, Field(ge=1, le=12)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ON_POSITION = "on position"
"""What the ledger calls the paid time that no activity takes."""
SCENARIO = "scenario"
"""What it calls the points that a scenario adds."""
Base = Literal["paid", "rostered", "office"]


class When(Section):
    """Times at which an activity has another share; what is left out does not limit."""

    share: Part
    months: list[Month] = []
    first_day: date | None = None
    """With ``last_day``: a range of local dates, both included."""
    last_day: date | None = None
    days: list[Weekday] = []
    starts: Clock | None = None
    """With ``ends``: hours of the day; an end before the start is on the next day, whose weekday
    and date then count. An interval belongs to the hours in which it starts."""
    ends: Clock | None = None

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        if (self.first_day is None) != (self.last_day is None):
            raise ValueError("first_day and last_day go together")
        if (self.starts is None) != (self.ends is None):
            raise ValueError("starts and ends go together")
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError(f"last_day {self.last_day} is before first_day {self.first_day}")
        if self.starts is not None and self.starts == self.ends:
            raise ValueError(f"starts and ends are both {self.starts}")
        if not (self.months or self.first_day or self.days or self.starts):
            raise ValueError("another share needs months, days, first_day or starts")
        return self


class Activity(Section):
    """A row of the ledger: one reason why paid people are not on position."""

    name: str = Field(min_length=1)
    share: Part
    """Of the hours that ``of`` names."""
    of: Base
    """*paid* hours; *rostered* ones: paid less planned absence; or hours in the *office*: rostered
    less all other absence."""
    place: Literal["in office", "out of office"]
    planned: bool
    when: list[When] = []
    """Times with another share; where several hold, the last of them counts."""

    @model_validator(mode="after")
    def _is_of_what_comes_before(self) -> Self:
        if self.place == "out of office":
            if self.planned and self.of != "paid":
                raise ValueError("a planned absence is a share of paid hours: write of: paid")
            if self.of == "office":
                raise ValueError("an absence is no share of the hours in the office")
        return self


class ShrinkageParams(Section):
    """The shrinkage ledger."""

    activities: list[Activity] = Field(min_length=1)
    total_max: float = Field(0.5, gt=0, lt=1)
    """A total above this in any interval is refused: more than half of paid time off position is
    more often a slip than a plan."""

    @model_validator(mode="after")
    def _has_names_of_its_own(self) -> Self:
        names = [activity.name for activity in self.activities]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"activities must have names of their own; found {twice} twice")
        if ON_POSITION in names:
            raise ValueError(f"'{ON_POSITION}' is what is left, and no activity")
        return self

    @classmethod
    def flat(cls, share: float) -> "ShrinkageParams":
        """Return the ledger of one share for all and always."""
        row = Activity(
            name="all activities", share=share, of="paid", place="in office", planned=True
        )
        return cls(activities=[row], total_max=max(share, 0.5))

    def with_shares(self, shares: Mapping[str, float]) -> "ShrinkageParams":
        """Return the ledger with the shares of some activities replaced, at all times.

        Raises
        ------
        ParamsError
            For an activity that it does not have, and for shares out of bounds.
        """
        names = [activity.name for activity in self.activities]
        unknown = sorted(set(shares) - set(names))
        if unknown:
            raise ParamsError(
                f"{', '.join(map(repr, unknown))} is no activity of the section shrinkage "
                f"({', '.join(names)})"
            )
        rows = [
            {**row.model_dump(), "share": shares[row.name], "when": []}
            if row.name in shares
            else row.model_dump()
            for row in self.activities
        ]
        return validated(ShrinkageParams, {"activities": rows, "total_max": self.total_max}, "it")

    def with_points(self, points: float) -> "ShrinkageParams":
        """Return the ledger with one more row, ``scenario``: so many points of *paid* time.

        Being of paid time and in the office, it adds to the total as it is, at all times.

        Raises
        ------
        ParamsError
            For less than no points: a ledger says which activity takes less.
        """
        if points < 0:
            raise ParamsError(
                f"points of shrinkage must be >= 0 beside the section shrinkage; found {points:g}. "
                "Say which activity takes less: shrinkage: {activity: share}"
            )
        share = float(Fraction(str(points)) / 100)
        row = Activity(name=SCENARIO, share=share, of="paid", place="in office", planned=True)
        rows = [*self.activities, row]
        data = {"activities": [r.model_dump() for r in rows], "total_max": self.total_max}
        return validated(ShrinkageParams, data, "it")

    @property
    def is_flat(self) -> bool:
        """Whether one row, the same at all times, stands for everything."""
        return len(self.activities) == 1 and not self.activities[0].when

    @property
    def description(self) -> str:
        """What to print beside a figure that rests on the ledger."""
        if self.is_flat:
            return (
                f"flat shrinkage of {self.activities[0].share:g}, not by activity, hour or season"
            )
        moving = sum(bool(activity.when) for activity in self.activities)
        return f"shrinkage of {len(self.activities)} activities, {moving} of them by time"
