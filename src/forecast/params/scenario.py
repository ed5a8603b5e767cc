"""Settings of what-ifs: a name, a few levers, where they act, and what they build upon."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from forecast.errors import ParamsError
from forecast.params.levers import (
    Attrition,
    Closed,
    Longer,
    Newcomers,
    Opened,
    Outsourced,
    Overtime,
    Percent,
    Promotions,
    Remote,
    Resolution,
    SelfService,
    Temps,
    ToChat,
    ToEmail,
    counted_once,
)
from forecast.settings import Section, Share


class Scenario(Section):
    """A what-if: levers, where they act, and other settings of `capacity`."""

    extends: list[str] = []
    """Scenarios whose levers are pulled first; two that set the same thing are refused."""
    volume_pct: Percent = 0
    growth_pct_per_year: Percent = 0
    """Compounded from the first interval ahead."""
    promotions: Promotions | None = None
    """Promotions added, moved, scaled or dropped; what a kind does is learned from the history."""
    aht_pct: Longer = 0
    newcomers: Newcomers | list[Newcomers] | None = None
    """One band of short tenure, or several."""
    attrition: Attrition | None = None
    temps: Temps | None = None
    self_service: SelfService | None = None
    first_contact_resolution: Resolution | None = None
    closed: Closed | None = None
    opened: Opened | None = None
    lost_sites: list[str] = []
    """Sites that are out: their contacts go to the others that have the queue."""
    pooled_sites: dict[str, list[str]] = {}
    """Name -> sites whose queues are served as if they were one site of that name."""
    to_chat: ToChat | None = None
    to_email: ToEmail | None = None
    outsourced: Outsourced | None = None
    wage_pct: Longer = 0
    contract_mix: dict[str, Share] = {}
    """Which part of the paid hours each contract works, for ``capacity.contract_mix``."""
    shrinkage_points: float = Field(0, ge=-100, le=100)
    """Added to the share of paid time off position; beside a ledger as a row of its own."""
    shrinkage: dict[str, Share] = {}
    """Activities of the ledger -> their share in this scenario, at all times."""
    overtime: Overtime | None = None
    remote: Remote | None = None
    trunks: dict[str, Any] = {}
    """Keys of the section `trunks` that are set to another value."""
    voluntary_time_off: Share = 0
    """Part of the planned positions whose people go home, unpaid."""
    heads_max: int | None = Field(None, ge=1)
    """Most people scheduled at once, those off position included, of all teams in the scope."""
    spend_max_per_week: float | None = Field(None, gt=0)
    """Most that the paid hours of a week, Monday to Sunday, may cost in the scope."""
    queues: list[str] | Literal["all"] = "all"
    """Queues (or pools, for levers on people) that the levers act on."""
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

    @field_validator("newcomers")
    @classmethod
    def _no_more_than_all(
        cls, told: Newcomers | list[Newcomers] | None
    ) -> Newcomers | list[Newcomers] | None:
        return counted_once(told) if isinstance(told, list) else told

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError(f"last_day {self.last_day} is before first_day {self.first_day}")
        return self


SCOPED = (
    "volume_pct",
    "growth_pct_per_year",
    "promotions",
    "first_contact_resolution",
    "self_service",
    "aht_pct",
    "newcomers",
    "attrition",
    "temps",
    "closed",
    "opened",
    "outsourced",
    "to_chat",
    "to_email",
    "overtime",
    "remote",
    "voluntary_time_off",
    "heads_max",
    "spend_max_per_week",
)
"""Levers that act within a scope."""
LEVERS = (
    *SCOPED,
    "lost_sites",
    "pooled_sites",
    "wage_pct",
    "contract_mix",
    "shrinkage",
    "shrinkage_points",
    "trunks",
)
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
