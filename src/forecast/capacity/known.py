"""What one run has found of teams already: it hangs on the rules alone, and so on no demand."""

from collections.abc import Mapping
from copy import copy

import numpy as np

from forecast.capacity.strata import Floats, Ints
from forecast.goals import target_of
from forecast.params import CapacityParams
from forecast.queueing.carried import carried_load, least_carrying
from forecast.queueing.gridded import Fares
from forecast.queueing.redials import required_agents_with_redials
from forecast.queueing.staffing import required_agents

QUEUEING = (
    "service_level_target",
    "answer_within_s",
    "definition",
    "asa_max_s",
    "abandonment_max",
    "p_wait_max",
    "patience_s",
    "redial",
    "occupancy_max",
    "agents_min",
    "confidence",
)
"""Keys of the section ``capacity`` on which the agents of a demand hang."""


def rules_of(params: CapacityParams) -> tuple[object, ...]:
    """Return what of the section ``capacity`` the agents of a demand hang on."""
    return tuple(getattr(params, name) for name in QUEUEING)


class Known:
    """What teams carry and how they fare, by handle time and rules, found once and kept.

    The scenarios of one run share it: whoever changes volumes, pay or shrinkage finds all there.

    Examples
    --------
    >>> rules = CapacityParams(cost_per_paid_hour=1, currency="EUR", occupancy_max=1)
    >>> Known().least_agents(np.array([10.0, 11.0, 0.0]), 180.0, rules).tolist()
    [14, 15, 0]
    """

    def __init__(self) -> None:
        """Begin with nothing known."""
        self._fares: dict[tuple[object, ...], Fares] = {}
        self._carried: dict[tuple[object, ...], Floats] = {}

    def copy(self) -> "Known":
        """Return what is known so far, for a thread of its own: what one learns it alone knows."""
        out = Known()
        # What is learnt later replaces arrays, it changes none.
        out._fares = {key: copy(fares) for key, fares in self._fares.items()}
        out._carried = dict(self._carried)
        return out

    def fares(self, aht_s: float, params: CapacityParams) -> Fares:
        """Return how teams of a handle time fare."""
        key = (aht_s, params.answer_within_s, params.patience_s, params.redial)
        return self._fares.setdefault(key, Fares(*key))

    def learn(self, most: Mapping[float, int], params: CapacityParams) -> None:
        """Find what up to so many agents carry, by handle time, all at once: it is faster so."""
        target = target_of(params)
        keys = {aht_s: (aht_s, target, params.patience_s, params.redial) for aht_s in most}
        before = {aht_s: self._carried.get(key, np.zeros(0)) for aht_s, key in keys.items()}
        lacking = [aht_s for aht_s, agents in most.items() if before[aht_s].size <= agents]
        if not lacking:
            return
        teams = [np.arange(before[aht_s].size, most[aht_s] * 5 // 4 + 8) for aht_s in lacking]
        sizes = [team.size for team in teams]
        found = carried_load(
            np.concatenate(teams),
            aht_s=np.repeat(lacking, sizes),
            target=target,
            patience_s=params.patience_s,
            redial=params.redial,
        )
        for aht_s, more in zip(lacking, np.split(found, np.cumsum(sizes)[:-1]), strict=True):
            self._carried[keys[aht_s]] = np.concatenate([before[aht_s], more])

    def carried(self, most: int, aht_s: float, params: CapacityParams) -> Floats:
        """Return the largest load at which 0, 1, ..., ``most`` agents (or more) meet the target."""
        self.learn({aht_s: most}, params)
        return self._carried[(aht_s, target_of(params), params.patience_s, params.redial)]

    def least_agents(self, load: Floats, aht_s: float, params: CapacityParams) -> Ints:
        """Return the least agents that meet the target at loads of one handle time."""
        largest = load.max(initial=0.0)
        carried = self.carried(int(largest), aht_s, params)
        while carried.max() < largest:
            carried = self.carried(carried.size, aht_s, params)
        return np.maximum(least_carrying(load, carried), params.agents_min)


def exact_agents(load: Floats, aht_s: Floats, params: CapacityParams) -> Ints:
    """Return the least agents that meet the target, each load by itself."""
    target = target_of(params)
    if params.redial and params.patience_s is not None:
        return required_agents_with_redials(
            load,
            redial=params.redial,
            aht_s=aht_s,
            target=target,
            patience_s=params.patience_s,
            agents_min=params.agents_min,
        )
    return required_agents(
        load,
        aht_s=aht_s,
        target=target,
        patience_s=params.patience_s,
        agents_min=params.agents_min,
    )
