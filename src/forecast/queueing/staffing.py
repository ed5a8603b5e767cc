"""The least number of agents that meets a target, and the people to schedule for them."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from forecast.queueing.erlang import Floats, Numbers, QueueResult, erlang_a, erlang_c

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Target:
    """What the agents must achieve in an interval.

    Service level counts callers answered within the limit among all *offered* callers.
    """

    service_level: float
    answer_within_s: float
    occupancy_max: float = 1.0

    def __post_init__(self) -> None:
        """Refuse goals that no number of agents can meet."""
        if not 0 < self.service_level < 1:
            raise ValueError(f"service_level must be between 0 and 1; found {self.service_level}")
        if not 0 <= self.answer_within_s < np.inf:
            raise ValueError(
                f"answer_within_s must be finite and >= 0; found {self.answer_within_s}"
            )
        if not 0 < self.occupancy_max <= 1:
            raise ValueError(
                f"occupancy_max must be above 0, at most 1; found {self.occupancy_max}"
            )

    def met(self, result: QueueResult) -> npt.NDArray[np.bool_]:
        """Return where a result meets the target."""
        return np.asarray(
            (result.service_level >= self.service_level)
            & ((result.occupancy <= self.occupancy_max) | (self.occupancy_max == 1))
        )


def performance(
    load: Numbers,
    agents: Numbers,
    *,
    aht_s: Numbers,
    answer_within_s: Numbers,
    patience_s: Numbers | None = None,
) -> QueueResult:
    """Return waiting by Erlang A where a patience is given, else by Erlang C."""
    if patience_s is None:
        return erlang_c(load, agents, aht_s=aht_s, answer_within_s=answer_within_s)
    return erlang_a(
        load, agents, aht_s=aht_s, answer_within_s=answer_within_s, patience_s=patience_s
    )


def required_agents(
    load: Numbers, *, aht_s: Numbers, target: Target, patience_s: Numbers | None = None
) -> Ints:
    """Return the least whole number of agents that meets the target, for each load.

    Service level rises and occupancy falls with every agent, so the answer is found by bisection
    and is exact: it meets the target and one agent fewer does not.

    Parameters
    ----------
    load
        Offered load in erlangs.
    aht_s
        Average handle time, > 0.
    target
        What must be met.
    patience_s
        Mean patience (Erlang A); None: nobody hangs up (Erlang C).

    Examples
    --------
    >>> int(required_agents(10, aht_s=180, target=Target(0.80, 20)))
    14
    """

    def met(agents: Floats) -> npt.NDArray[np.bool_]:
        return target.met(
            performance(
                a,
                agents,
                aht_s=aht,
                answer_within_s=target.answer_within_s,
                patience_s=patience,
            )
        )

    given = [load, aht_s, *([] if patience_s is None else [patience_s])]
    a, aht, *rest = (np.asarray(v, dtype="float64") for v in np.broadcast_arrays(*given))
    patience = rest[0] if rest else None
    low, high = np.full(a.shape, -1.0), np.zeros(a.shape)
    unmet = ~met(high)
    step = np.maximum(np.ceil(np.sqrt(a)), 1.0)
    high = np.where(unmet, np.ceil(a), high)
    while (unmet := ~met(high)).any():
        low = np.where(unmet, high, low)
        high = np.where(unmet, high + step, high)
        step = np.where(unmet, step * 2, step)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2).clip(0)
        enough = met(middle)
        high = np.where(enough, middle, high)
        low = np.where(enough, low, middle)
    return high.astype("int64")


def scheduled_agents(agents: npt.ArrayLike, shrinkage: float) -> Ints:
    """Return the people to schedule so that ``agents`` are on position after shrinkage.

    Exact: the shrinkage is taken as the decimal number that it is written as, so that 21 agents at
    30 % are 30 people, where floating point says 31.

    Examples
    --------
    >>> int(scheduled_agents(21, 0.30))
    30
    """
    present = _present(shrinkage)
    return _ints(-(-_people(agents) * present.denominator // present.numerator))


def on_position(people: npt.ArrayLike, shrinkage: float) -> Ints:
    """Return the positions that scheduled people fill after shrinkage, rounded down.

    Examples
    --------
    >>> int(on_position(30, 0.30)), int(on_position(30, 0.35))
    (21, 19)
    """
    present = _present(shrinkage)
    return _ints(_people(people) * present.numerator // present.denominator)


def _present(shrinkage: float) -> Fraction:
    if not 0 <= shrinkage < 1:
        raise ValueError(f"shrinkage must be at least 0 and below 1; found {shrinkage}")
    return 1 - Fraction(str(shrinkage))


def _people(agents: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """Return whole numbers of unlimited size: many decimals of shrinkage must not overflow."""
    given = np.asarray(agents, dtype="float64")
    bad = ~np.isfinite(given) | (given < 0) | (np.where(np.isfinite(given), given, 0.0) % 1 != 0)
    if bad.any():
        raise ValueError(f"agents must be whole, finite and >= 0; found {given[bad].flat[0]}")
    return np.asarray(agents).astype("int64").astype(object)


def _ints(values: npt.NDArray[np.object_]) -> Ints:
    return np.asarray(values, dtype="int64")
