"""What a plan is made for: a demand, the rules of staffing, and what is done elsewhere."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from forecast.capacity.demand import Demand
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
    outsourced_cost
        What is paid for contacts that somebody else answers.
    lost
        Contacts for whom nobody is there.
    ledger
        Shrinkage by activity; None: ``capacity.shrinkage``.
    """

    demand: Demand
    capacity: CapacityParams
    outsourced_cost: float = 0.0
    lost: float = 0.0
    ledger: ShrinkageParams | None = None

    def scaled(self, where: Bools, volume: float | Floats = 1.0, aht: float = 1.0) -> "Case":
        """Return the case with contacts and handle times multiplied in some intervals."""
        return replace(self, demand=self.demand.scaled(where=where, volume=volume, aht=aht))
