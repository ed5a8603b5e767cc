"""Settings of the hiring plan: sites and their people, routes, cover, the worth of heads."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from forecast.settings import Section

Weeks = Annotated[int, Field(ge=0, le=260)]
Cost = Annotated[float, Field(ge=0)]
Hazard = Annotated[float, Field(ge=0, lt=1)]
Month = Annotated[int, Field(ge=1, le=12)]


class HiringSite(Section):
    """A site: who is there, how they come, learn, cost and leave."""

    name: str = Field(min_length=1)
    """As in the forecast; `all`: every site that has no entry of its own."""
    opening_heads: dict[Weeks, Annotated[int, Field(ge=0)]] = {}
    """Heads on the payroll at the plan's start by weeks since their class started."""
    wage_per_week: Cost
    """Pay and what comes with it, of one head, in training too."""
    attrition: dict[Weeks, Hazard] = {0: 0.0}
    """Share of the heads present that leaves in a week, by the week of tenure from which it holds;
    tenure counts from the class's start. `weekly_attrition` makes it from a month's or year's."""
    lead_weeks: Weeks = 0
    """From the approval of a class to its start."""
    training_weeks: Weeks = 0
    """Weeks that are paid and not productive."""
    productivity: tuple[Annotated[float, Field(ge=0, le=2)], ...] = Field((1.0,), min_length=1)
    """Share of a full head's work by week after training; the last holds on."""
    aht_factor: tuple[Annotated[float, Field(gt=0)], ...] = Field((1.0,), min_length=1)
    """Handle time over a full head's by week after training; the last holds on. A head of 1.3 does
    1/1.3 of the work."""
    class_sizes: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1)
    """Sizes that a class may have: (12, 18) or tuple(range(8, 21))."""
    classes_per_week_max: int | None = Field(1, ge=0)
    """Classes that may start in a week; null: any number. 0: the site does not hire."""
    class_every_weeks: int = Field(1, ge=1)
    """Classes start in each so-many-th week of the plan, its first included."""
    training_seats: int | None = Field(None, ge=0)
    """Seats for people in training, as many as their classes began with; null: no limit."""
    hiring_cost: Cost = 0.0
    """Of one head that starts."""
    class_cost: Cost = 0.0
    """Of one class, whatever its size."""
    training_cost_per_week: Cost = 0.0
    """Of one head in training, beside the wage."""
    leaver_cost: Cost = 0.0
    """Of one head that leaves by itself: leave paid out, and what else it costs."""
    severance_cost: float | None = Field(None, ge=0)
    """Of one tenured head that is laid off; null: nobody is."""

    @model_validator(mode="after")
    def _attrition_from_the_start(self) -> Self:
        if 0 not in self.attrition:
            raise ValueError(
                f"attrition of site {self.name} must say what holds from week 0; "
                f"found weeks {sorted(self.attrition)}"
            )
        return self


class Route(Section):
    """Tenured heads may move from a site to another."""

    source: str
    destination: str
    cost_per_head: Cost = 0.0
    delay_weeks: Weeks = 0
    """Weeks between the two, paid by the destination and not productive."""
    heads_per_week_max: int | None = Field(None, ge=0)


class Cover(Section):
    """Overtime and temps: the price of a shortage."""

    cost_per_head_week: Cost
    """Of one productive head for one week."""
    heads_max: float | None = Field(None, ge=0)
    """Most that can be bought in a week for each requirement; null: any number."""


class Terminal(Section):
    """What trained heads are worth when the plan ends.

    Heads are counted `training_weeks` after the last week: who is trained by then must have been
    hired within the plan. What their training costs until then is taken off.
    """

    value_per_head: Cost
    heads_max: float | None = Field(None, ge=0)
    """Heads beyond are worth nothing; null: the heads required in the last week."""


class HiringParams(Section):
    """Everything that a hiring plan needs beside the requirement."""

    sites: tuple[HiringSite, ...] = Field(min_length=1)
    confidence: float | None = Field(0.9, gt=0, le=1)
    """P(requirement met) asked for in every week; null: the expected shortage is priced instead."""
    cover: Cover | None = None
    routes: tuple[Route, ...] = ()
    terminal: Terminal | None = None
    gap: float = Field(0.005, ge=0, lt=1)
    """Share of the cost by which the plan may miss the cheapest one: where the search stops."""
    branches_max: int | None = Field(20, ge=1)
    """Branches after which the search stops too, with the gap that it has: the time of a plan is
    bounded without a clock. null: search until the gap is reached."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [site.name for site in self.sites]
        if len(set(names)) < len(names):
            raise ValueError(f"sites must have different names; found {', '.join(names)}")
        for route in self.routes:
            ends = {route.source, route.destination}
            if len(ends) < 2 or not ends <= set(names):
                raise ValueError(
                    f"a route must join two of {', '.join(names)}; "
                    f"found {route.source} to {route.destination}"
                )
        if self.confidence is None and (self.cover is None or self.cover.heads_max is not None):
            raise ValueError(
                "without confidence the expected shortage is priced: give cover with "
                "cost_per_head_week and without heads_max, or give confidence"
            )
        return self


class HiringPlanParams(HiringParams):
    """The section ``hiring``: a hiring plan, and what is required beyond the forecast's end."""

    weeks: int = Field(52, ge=1, le=260)
    """Length of the plan; it begins on the first Monday of the forecast."""
    hours_per_week: float = Field(40, gt=0, le=168)
    """Paid hours of a full head."""
    opening_tenure_weeks: Weeks | None = None
    """Where a site has no `opening_heads`: it begins with the heads that its first week requires,
    of so many weeks' tenure. null: with nobody."""
    rota_factor: float | None = Field(None, ge=1, le=3)
    """Paid hours over hours required, for shifts fit no day exactly; null: as in the shift plan."""
    growth_pct: float = Field(0.0, gt=-100, le=1000)
    """Growth of the load a year, after the forecast's end."""
    doubt_pct: float = Field(0.0, ge=0, le=100)
    """How far the load a year after the forecast's end may be off: its standard deviation. Half a
    year on it is 0.7 of that."""
    month_levels: dict[Month, Annotated[float, Field(gt=0, le=20)]] = {}
    """Load of a month over that of the forecast's weeks; months without a number: 1."""
    assumed: list[str] = []
    """Which of the section's figures are assumptions; every output repeats them."""

    @model_validator(mode="after")
    def _assumes_what_is_there(self) -> Self:
        known = {*type(self).model_fields, *HiringSite.model_fields}
        unknown = [name for name in self.assumed if name not in known]
        if unknown:
            raise ValueError(f"assumed names {', '.join(unknown)}, which the section does not have")
        return self
