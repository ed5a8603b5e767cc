"""Who can be employed, where, at what wage; and what is asked of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from forecast.capacity.shifts.templates import Template
from forecast.capacity.shifts.week import Floats, Ints, Week
from forecast.errors import InputError, listed

LINES = ("regular", "overtime", "heads", "understaffing")
"""Cost lines that every plan may have; premiums have names of their own."""


@dataclass(frozen=True)
class Site:
    """A place of work.

    Attributes
    ----------
    name
        Its name.
    utc_offset_min
        Minutes that its local time is ahead of UTC in this week.
    seats
        Most heads present at once; None: enough for all.
    premiums
        What is paid on top of the wage, by cost line (``night``, ``weekend``, ``holiday``) and
        interval, as a share of the wage (``premium`` makes them). Several in one interval add up.
    """

    name: str
    utc_offset_min: int = 0
    seats: int | None = None
    premiums: Mapping[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True)
class Overtime:
    """Staying on after the shift, paid at ``multiplier`` times the wage.

    ``days_max`` is the days a week on which heads stay on average; none stays on more days than it
    rounded up.
    """

    length_min: int
    days_max: float
    multiplier: float = 1.5


@dataclass(frozen=True)
class TimeOff:
    """Leaving before the end of the shift, voluntarily and unpaid; ``days_max`` as in overtime."""

    length_min: int
    days_max: float


@dataclass(frozen=True)
class Contract:
    """A form of employment at one site.

    Attributes
    ----------
    name, site
        Its name, and that of its site.
    wage_per_hour
        Cost of a paid hour without premiums.
    templates
        A head keeps to one of them all week.
    hours_min, hours_max
        Weekly hours of a head, overtime and time off aside. A head works whole shifts: every
        number of days whose hours lie between is possible.
    days_max
        Most days a week, at most 7.
    rest_h
        Least hours between the end of a day, overtime included, and the next start.
    heads_min, heads_max
        Heads to be kept, and to be had at most: of temps what the agency has.
    cost_per_head
        Weekly cost of a head beside its hours (licence, agency fee).
    remote
        Works without a seat.
    overtime, time_off
        What may be asked beyond, and given back.
    """

    name: str
    site: str
    wage_per_hour: float
    templates: tuple[Template, ...]
    hours_min: float
    hours_max: float
    days_max: int = 6
    rest_h: float = 11.0
    heads_min: int = 0
    heads_max: int | None = None
    cost_per_head: float = 0.0
    remote: bool = False
    overtime: Overtime | None = None
    time_off: TimeOff | None = None

    def days(self, template: Template) -> tuple[int, int]:
        """Return the least and the most days a week that a head of a template works.

        Examples
        --------
        >>> from forecast.capacity.shifts.templates import window
        >>> half_days = window("mornings", (480,), 240)
        >>> Contract("part-time", "a", 20, (half_days,), 18, 25).days(half_days)
        (5, 6)
        """
        hours = template.paid_min / 60
        least = int(np.ceil(round(self.hours_min / hours, 9)))
        most = min(int(np.floor(round(self.hours_max / hours, 9))), self.days_max, 7)
        return max(least, 1), most

    @property
    def variants(self) -> dict[str, int]:
        """Minutes that a day lasts longer, by what is made of it."""
        out = {"shift": 0}
        if self.overtime:
            out["overtime"] = self.overtime.length_min
        if self.time_off:
            out["time off"] = -self.time_off.length_min
        return out

    def problems(self) -> list[str]:
        """Return what makes the contract impossible, in words."""
        out = []
        if not self.templates:
            out.append(f"contract '{self.name}' has no template")
        if not 0 <= self.heads_min <= (np.inf if self.heads_max is None else self.heads_max):
            out.append(
                f"contract '{self.name}': heads_min must be 0 to heads_max; "
                f"found {self.heads_min} and {self.heads_max}"
            )
        money = (self.wage_per_hour, self.cost_per_head)
        if not all(np.isfinite(cost) and cost >= 0 for cost in money):
            out.append(f"contract '{self.name}': wages and costs must be >= 0; found {money}")
        for what, beyond in (("overtime", self.overtime), ("time_off", self.time_off)):
            if beyond and not (beyond.length_min > 0 and 0 <= beyond.days_max <= 7):
                out.append(
                    f"contract '{self.name}': {what} must last, on 0 to 7 days; found {beyond}"
                )
        if self.overtime and not 0 <= self.overtime.multiplier < np.inf:
            out.append(
                f"contract '{self.name}': overtime's multiplier must be >= 0; "
                f"found {self.overtime.multiplier}"
            )
        out += [
            f"contract '{self.name}', template '{template.name}': time_off of "
            f"{self.time_off.length_min} min leaves nothing of the shift"
            for template in self.templates
            if self.time_off and self.time_off.length_min >= template.paid_min
        ]
        return out + self._times()

    def _times(self) -> list[str]:
        """Return which templates keep no weekly hours, or no rest."""
        out = []
        longer = self.overtime.length_min if self.overtime else 0
        for template in self.templates:
            least, most = self.days(template)
            if least > most:
                out.append(
                    f"contract '{self.name}', template '{template.name}': no whole number of up to "
                    f"{min(self.days_max, 7)} days of {template.paid_min / 60:g} paid hours lies "
                    f"in {self.hours_min:g} to {self.hours_max:g} hours a week"
                )
            rest = template.rest_min(longer) / 60
            if rest < self.rest_h:
                out.append(
                    f"contract '{self.name}', template '{template.name}': {rest:g} h between the "
                    f"latest end and the earliest start, {self.rest_h:g} h must be kept; "
                    "split it into templates that start closer together"
                )
        return out


@dataclass(frozen=True)
class Share:
    """A rule for the mix: some contracts' part of all paid hours, or of all heads."""

    contracts: tuple[str, ...]
    at_least: float = 0.0
    at_most: float = 1.0
    of: Literal["hours", "heads"] = "hours"


@dataclass(frozen=True)
class Ask:
    """A week to be covered, and with whom.

    Attributes
    ----------
    week
        The axis.
    sites, contracts
        Where and who; contract names are unique.
    required
        Heads to schedule per interval, shrinkage included, by site.
    understaffing_cost
        Price of one head missing for one interval; None: nobody may be missing.
    pooled
        Whether every site can take every other's load: what is required is then summed.
    shares
        Rules for the mix.

    Raises
    ------
    InputError
        When it contradicts itself; all that does is listed.
    """

    week: Week
    sites: tuple[Site, ...]
    contracts: tuple[Contract, ...]
    required: Mapping[str, npt.NDArray[np.int64]]
    understaffing_cost: float | None = None
    pooled: bool = False
    shares: tuple[Share, ...] = ()

    def __post_init__(self) -> None:
        problems = [*self._names(), *self._arrays(), *self._shares()]
        for contract in self.contracts:
            problems += contract.problems()
        if problems:
            raise InputError(f"the shifts that are asked for cannot be:\n{listed(problems)}")

    @property
    def demand(self) -> dict[str, Ints]:
        """What is required, by the pool that covers it: the sites, or ``all`` of them."""
        arrays = {name: np.asarray(need, dtype="int64") for name, need in self.required.items()}
        if not self.pooled:
            return arrays
        return {"all": np.sum([*arrays.values()], axis=0, dtype="int64")}

    def pool(self, contract: Contract) -> str:
        """Return the pool whose load a contract takes."""
        return "all" if self.pooled else contract.site

    def site(self, contract: Contract) -> Site:
        """Return the site of a contract."""
        return next(site for site in self.sites if site.name == contract.site)

    def _names(self) -> list[str]:
        out = []
        sites = [site.name for site in self.sites]
        contracts = [contract.name for contract in self.contracts]
        for what, names in (("site", sites), ("contract", contracts)):
            out += [f"{what} '{n}' occurs twice" for n in sorted(set(names)) if names.count(n) > 1]
        out += [
            f"contract '{contract.name}': there is no site '{contract.site}'"
            for contract in self.contracts
            if contract.site not in sites
        ]
        out += [f"required: there is no site '{n}'" for n in self.required if n not in sites]
        if not self.required or not contracts:
            out.append("required and contracts must not be empty")
        return out

    def _arrays(self) -> list[str]:
        out = []
        n = self.week.intervals
        for name, need in self.required.items():
            told = np.asarray(need, dtype="float64")
            if told.shape != (n,):
                out.append(f"required of '{name}' must have {n} intervals; found {told.shape}")
            elif not (np.isfinite(told) & (told >= 0) & (told % 1 == 0)).all():
                bad = int(np.argmin(np.isfinite(told) & (told >= 0) & (told % 1 == 0)))
                out.append(
                    f"required of '{name}' must be whole and >= 0; "
                    f"found {told[bad]} at {self.week.at(bad)} UTC"
                )
        for site in self.sites:
            out += [
                f"premium '{line}' of site '{site.name}' must be {n} numbers >= 0"
                for line, share in site.premiums.items()
                if np.shape(share) != (n,) or not (np.asarray(share) >= 0).all()
            ]
            out += [
                f"premium '{line}' of site '{site.name}' has the name of another cost line"
                for line in site.premiums
                if line in LINES
            ]
        if self.understaffing_cost is not None and not 0 <= self.understaffing_cost < np.inf:
            out.append(f"understaffing_cost must be >= 0; found {self.understaffing_cost}")
        return out

    def _shares(self) -> list[str]:
        known = {contract.name for contract in self.contracts}
        out = []
        for share in self.shares:
            out += [
                f"shares: there is no contract '{n}'" for n in share.contracts if n not in known
            ]
            if not 0 <= share.at_least <= share.at_most <= 1:
                out.append(f"shares: 0 <= at_least <= at_most <= 1 must hold; found {share}")
        return out
