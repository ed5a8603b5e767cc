"""Settings of sites that share their load."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from forecast.params.costs import Weekday
from forecast.settings import Clock, Section, Zone


class SitePlace(Section):
    """A site: when it is open, what an hour costs there, and whom it can serve."""

    timezone: Zone | None = None
    """null: that of the section ``ingest``."""
    pay_per_hour: float = Field(ge=0)
    """Of a paid hour, with all that the employer pays on top; ``costs.premiums`` come on top."""
    shrinkage: float | None = Field(None, ge=0, lt=1)
    """null: ``capacity.shrinkage``, or the ledger's."""
    seats: int | None = Field(None, ge=0)
    """Most people on position at once; null: enough for all."""
    opens: Clock = "00:00"
    closes: Clock = "24:00"
    """Local times; a site that closes before it opens works over midnight."""
    days: list[Weekday] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    """Local days on which it opens."""
    queues: list[str] | Literal["all"] = "all"
    """Queues that its people have the skills for."""
    languages: list[str] = []
    """Languages that its people speak."""

    @model_validator(mode="after")
    def _is_open_some_time(self) -> Self:
        if self.opens == self.closes:
            raise ValueError(f"opens and closes are both {self.opens}; all day is 00:00 to 24:00")
        return self


class SitesParams(Section):
    """Who can take whose contacts."""

    places: dict[str, SitePlace] = Field(min_length=1)
    queue_languages: dict[str, str] = {}
    """The language of a queue; queues without one are served in any."""
    unmet_cost_per_hour: Annotated[float, Field(gt=0)] | None = None
    """Price of one agent missing for an hour; null: nobody may be missing in the shared plan."""
