"""What a plan is made for: a demand, the rules of staffing, and what is done elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.money.planned import Prices, prices_of
from forecast.capacity.people import PaidHours
from forecast.params import CapacityParams, Params, ShrinkageParams, TrunksParams
from forecast.scenarios.learned import Learned

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Where = Callable[["Case", Demand], Bools]
"""Which intervals of a case's teams a lever acts on."""
Limit = Callable[["Case", Demand, Ints], Ints]
"""From the positions of teams to those that are left."""
Row = tuple[str, float, str, float]
"""A line of the bill: what, how much, its unit, the price of one."""
Lines = Callable[["Case", Demand, Ints, PaidHours], list[Row]]
"""What teams, their positions and paid hours cost beside their pay."""


@dataclass(frozen=True)
class Part:
    """A share of the paid hours in some intervals, and what one costs.

    ``price`` is a multiple of the usual pay (overtime; None: as the section ``costs`` has it) or
    money an hour (temps).
    """

    where: Where
    share: float
    price: float | None


@dataclass(frozen=True)
class Case:
    """A plan's question.

    Attributes
    ----------
    demand
        By queue, not pooled.
    capacity
        The rules.
    outsourced
        Contacts that somebody else answers, and what each costs.
    lost
        Contacts for whom nobody is there.
    ledger
        Shrinkage by activity; None: ``capacity.shrinkage``.
    prices
        What is paid for what; None: ``capacity.cost_per_paid_hour``.
    trunks
        What lines are planned for; None: they are not.
    learned
        What promotions do; None: not known.
    sites
        Sites that are planned as another, and which.
    waiting
        Demands that may wait, each with the positions that work it off.
    temps, overtime
        Parts of the paid hours that are paid otherwise.
    limits
        What positions are left, one limit after the other.
    lines
        What else is on the bill.
    """

    demand: Demand
    capacity: CapacityParams
    outsourced: tuple[tuple[float, float], ...] = ()
    lost: float = 0.0
    ledger: ShrinkageParams | None = None
    prices: Prices | None = None
    trunks: TrunksParams | None = None
    learned: Learned | None = None
    sites: Mapping[str, str] = field(default_factory=dict)
    waiting: tuple[tuple[Demand, Ints], ...] = ()
    temps: tuple[Part, ...] = ()
    overtime: tuple[Part, ...] = ()
    limits: tuple[Limit, ...] = ()
    lines: tuple[Lines, ...] = ()

    @property
    def outsourced_cost(self) -> float:
        """What is paid for contacts that somebody else answers."""
        return float(sum(contacts * each for contacts, each in self.outsourced))

    def scaled(
        self, where: Bools, volume: float | Floats = 1.0, aht: float | Floats = 1.0
    ) -> "Case":
        """Return the case with contacts and handle times multiplied in some intervals."""
        return replace(self, demand=self.demand.scaled(where=where, volume=volume, aht=aht))

    def limited(self, demand: Demand, agents: Ints) -> Ints:
        """Return the positions that limits leave of those that teams need."""
        for limit in self.limits:
            agents = limit(self, demand, agents)
        return agents


def case_of(
    demand: Demand,
    params: Params,
    calendar: pd.DataFrame | None = None,
    learned: Learned | None = None,
) -> Case:
    """Return the question of the base plan.

    Parameters
    ----------
    demand
        The base demand, by queue.
    params
        The sections ``capacity``, ``shrinkage``, ``costs`` and ``trunks`` are used.
    calendar
        CALENDAR, for the days that the section ``costs`` pays more for; None: there are none.
    learned
        What promotions do; None: not known.
    """
    costs, trunks = params.costs, params.trunks
    prices = None if costs is None else prices_of(costs, trunks, calendar)
    return Case(
        demand,
        params.capacity,
        ledger=params.shrinkage,
        prices=prices,
        trunks=trunks,
        learned=learned,
    )
