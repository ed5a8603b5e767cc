"""What a plan is made for: a demand, the rules of staffing, and what is done elsewhere."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from forecast.capacity.demand import Demand
from forecast.capacity.money.planned import Prices
from forecast.params import CapacityParams, ShrinkageParams

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


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
    """

    demand: Demand
    capacity: CapacityParams
    outsourced: tuple[tuple[float, float], ...] = ()
    lost: float = 0.0
    ledger: ShrinkageParams | None = None
    prices: Prices | None = None

    @property
    def outsourced_cost(self) -> float:
        """What is paid for contacts that somebody else answers."""
        return float(sum(contacts * each for contacts, each in self.outsourced))

    def scaled(self, where: Bools, volume: float | Floats = 1.0, aht: float = 1.0) -> "Case":
        """Return the case with contacts and handle times multiplied in some intervals."""
        return replace(self, demand=self.demand.scaled(where=where, volume=volume, aht=aht))
