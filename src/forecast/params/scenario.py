"""Settings of what-ifs: a name, a few levers, where they act, and what they build upon."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from forecast.errors import ParamsError
from forecast.settings import Clock, Section, Share

Percent = Annotated[float, Field(ge=-100, le=1000)]
Longer = Annotated[float, Field(gt=-100, le=1000)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


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


class Scenario(Section):
    """A what-if: levers, where they act, and other settings of `capacity`."""

    extends: list[str] = []
    """Scenarios whose levers are pulled first; two that set the same thing are refused."""
    volume_pct: Percent = 0
    growth_pct_per_year: Percent = 0
    """Compounded from the first interval ahead."""
    aht_pct: Longer = 0
    newcomers: Newcomers | None = None
    self_service: SelfService | None = None
    first_contact_resolution: Resolution | None = None
    closed: Closed | None = None
    lost_sites: list[str] = []
    """Sites that are out: their contacts go to the others that have the queue."""
    to_chat: ToChat | None = None
    outsourced: Outsourced | None = None
    wage_pct: Longer = 0
    contract_mix: dict[str, Share] = {}
    """Which part of the paid hours each contract works, for ``capacity.contract_mix``."""
    shrinkage_points: float = Field(0, ge=-100, le=100)
    """Added to the share of paid time off position; beside a ledger as a row of its own."""
    shrinkage: dict[str, Share] = {}
    """Activities of the ledger -> their share in this scenario, at all times."""
    queues: list[str] | Literal["all"] = "all"
    """Queues that the levers on contacts and handle time act on."""
    sites: list[str] | Literal["all"] = "all"
    first_day: date | None = None
    last_day: date | None = None
    """Local days, both included, on which they act; null: no end."""
    capacity: dict[str, Any] = {}
    """Keys of the section `capacity` that are set to another value."""

    @property
    def scope(self) -> tuple[frozenset[str] | None, frozenset[str] | None, date, date]:
        """Queues and sites (None: all), and first and last day, that the levers act on."""
        queues, sites = (
            None if names == "all" else frozenset(names) for names in (self.queues, self.sites)
        )
        return queues, sites, self.first_day or date.min, self.last_day or date.max

    def pulled(self) -> list[str]:
        """Return the names of the levers that it sets, in the order in which they act."""
        none = Scenario()
        levers = [name for name in LEVERS if getattr(self, name) != getattr(none, name)]
        return [*levers, *(f"capacity.{key}" for key in self.capacity)]

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError(f"last_day {self.last_day} is before first_day {self.first_day}")
        return self


SCOPED = (
    "volume_pct",
    "growth_pct_per_year",
    "first_contact_resolution",
    "self_service",
    "aht_pct",
    "newcomers",
    "closed",
    "outsourced",
    "to_chat",
)
"""Levers on contacts and handle time, which act within a scope."""
LEVERS = (*SCOPED, "lost_sites", "wage_pct", "contract_mix", "shrinkage", "shrinkage_points")
KEYS = {
    "shrinkage_points": "shrinkage",
    "wage_pct": "cost_per_paid_hour",
    "contract_mix": "contract_mix",
}
"""Levers that change a key of the section `capacity`, and which."""


def layers(name: str, scenarios: Mapping[str, Scenario]) -> dict[str, Scenario]:
    """Return a scenario and all that it extends, by name, those that come first in front.

    Raises
    ------
    ParamsError
        When it extends what is not there or itself, or two of them set the same thing for the same
        queues, sites and days.

    Examples
    --------
    >>> told = {"a": Scenario(volume_pct=5), "b": Scenario(extends=["a"], aht_pct=3)}
    >>> list(layers("b", told))
    ['a', 'b']
    """
    found = {one: scenarios[one] for one in _ordered(name, scenarios, ())}
    names = list(found)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            _refuse_the_same(name, {one: found[one], other: found[other]})
    return found


def _ordered(name: str, scenarios: Mapping[str, Scenario], above: tuple[str, ...]) -> Iterator[str]:
    if name in above:
        raise ParamsError(f"scenarios.{above[0]}: {' extends '.join((*above, name))}, in a circle")
    if name not in scenarios:
        raise ParamsError(
            f"scenarios.{above[-1] if above else name}: {name!r} is no scenario "
            f"({', '.join(scenarios)})"
        )
    for one in scenarios[name].extends:
        yield from _ordered(one, scenarios, (*above, name))
    yield name


def _refuse_the_same(name: str, pair: Mapping[str, Scenario]) -> None:
    (one, first), (other, second) = pair.items()
    same = [lever for lever in first.pulled() if lever in second.pulled()]
    apart = _apart(first, second)
    clash = [lever for lever in same if lever not in SCOPED or not apart]
    clash += [
        lever
        for lever, key in KEYS.items()
        if {lever, f"capacity.{key}"} <= {*first.pulled(), *second.pulled()} and lever not in clash
    ]
    if clash:
        raise ParamsError(
            f"scenarios.{name}: {one} and {other} both set {', '.join(clash)} for the same queues, "
            "sites and days; keep one, or give them queues, sites or days apart"
        )


def _apart(one: Scenario, other: Scenario) -> bool:
    """Return whether no interval can be in the scope of both."""
    queues, sites, first, last = one.scope
    others, there, since, until = other.scope
    apart = [
        a is not None and b is not None and not a & b for a, b in ((queues, others), (sites, there))
    ]
    return any(apart) or last < since or until < first
