"""What is simulated: kinds of calls, groups of agents and their skills, over a day of intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.queueing.simulation.distributions import Exponential, Law, Never, positive


@dataclass(frozen=True)
class Redial:
    """Callers who hung up try again with this probability, after this delay.

    They may hang up and try again any number of times. Each attempt is a call of its own, with
    handle time and patience drawn anew. Who would redial after the day does not.
    """

    probability: float
    delay: Law

    def __post_init__(self) -> None:
        """Refuse what is no probability."""
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability must be between 0 and 1; found {self.probability}")


@dataclass(frozen=True)
class CallClass:
    """Calls of one kind.

    Parameters
    ----------
    name
        Their name.
    calls
        Expected first attempts in each interval, >= 0; Poisson, of constant rate within it.
    service
        Law of the handle times.
    patience
        Law of how long a caller waits before she hangs up.
    answer_within_s
        Answer-within limit, >= 0.
    priority
        Calls of a lower number are answered first.
    redial
        Whether callers who hung up call again.
    """

    name: str
    calls: Sequence[float] | npt.NDArray[Any]
    service: Law
    patience: Law = field(default_factory=Never)
    answer_within_s: float = 20.0
    priority: int = 0
    redial: Redial | None = None

    def __post_init__(self) -> None:
        """Keep own numbers, and refuse what makes no sense."""
        object.__setattr__(self, "calls", _listed("calls", self.name, self.calls, whole=False))
        if not 0 <= self.answer_within_s < np.inf:
            raise ValueError(
                f"answer_within_s must be finite and >= 0; found {self.answer_within_s}"
            )


@dataclass(frozen=True)
class AgentGroup:
    """Agents of the same skills.

    Parameters
    ----------
    name
        Their name.
    agents
        How many are on position in each interval, whole, >= 0.
    skills
        Names of the classes that they answer.
    """

    name: str
    agents: Sequence[float] | npt.NDArray[Any]
    skills: tuple[str, ...]

    def __post_init__(self) -> None:
        """Keep own numbers, and refuse what makes no sense."""
        object.__setattr__(self, "agents", _listed("agents", self.name, self.agents, whole=True))
        object.__setattr__(self, "skills", tuple(self.skills))
        if not self.skills or len(set(self.skills)) < len(self.skills):
            raise ValueError(
                f"skills of {self.name!r} must be names of classes, each once; found {self.skills}"
            )


@dataclass(frozen=True)
class Centre:
    """Classes of calls and groups of agents over a day.

    A call goes to an idle agent of the first group in the order given that has the skill; list
    specialists first. Where none is idle it waits. An agent who becomes free takes, of the calls
    that her skills cover, the one of the lowest priority number that has waited longest. Agents
    whose shift ends finish their call; the idle leave first. After the last interval nobody calls
    and its agents stay until the queue is empty.

    Parameters
    ----------
    classes, groups
        At least one of each, with names of their own.
    interval_s
        Length of an interval, > 0.
    """

    classes: tuple[CallClass, ...]
    groups: tuple[AgentGroup, ...]
    interval_s: float

    def __post_init__(self) -> None:
        """Refuse unknown skills, names used twice and lists of different lengths."""
        object.__setattr__(self, "classes", tuple(self.classes))
        object.__setattr__(self, "groups", tuple(self.groups))
        positive("interval_s", self.interval_s)
        for what, names in (("classes", self.class_names), ("groups", self.group_names)):
            if not names or len(set(names)) < len(names):
                raise ValueError(
                    f"{what} must be at least one, each of its own name; found {names}"
                )
        for group in self.groups:
            unknown = sorted(set(group.skills) - set(self.class_names))
            if unknown:
                raise ValueError(
                    f"skills of {group.name!r} must be names of classes, "
                    f"one of {self.class_names}; found {unknown}"
                )
        lengths = {f"calls of {c.name!r}": len(c.calls) for c in self.classes} | {
            f"agents of {g.name!r}": len(g.agents) for g in self.groups
        }
        for name, length in lengths.items():
            if length != self.intervals:
                raise ValueError(
                    f"{name} must be {self.intervals}, one per interval; found {length}"
                )

    @property
    def intervals(self) -> int:
        """Number of intervals."""
        return len(self.classes[0].calls)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, in order."""
        return tuple(c.name for c in self.classes)

    @property
    def group_names(self) -> tuple[str, ...]:
        """Names of the groups, in order."""
        return tuple(g.name for g in self.groups)


def one_queue(
    calls: Sequence[float] | npt.NDArray[Any],
    agents: Sequence[float] | npt.NDArray[Any],
    *,
    interval_s: float,
    service: Law | float,
    answer_within_s: float = 20.0,
    patience: Law | None = None,
    redial: Redial | None = None,
) -> Centre:
    """Return a centre of one class of calls and one group of agents.

    Parameters
    ----------
    calls, agents
        Expected calls and agents in each interval.
    interval_s
        Length of an interval.
    service
        Law of the handle times; a number is the mean of exponential ones.
    answer_within_s
        Answer-within limit.
    patience
        Law of the patience; None: nobody hangs up.
    redial
        Whether callers who hung up call again.
    """
    law = Exponential(service) if isinstance(service, int | float) else service
    call = CallClass("calls", calls, law, patience or Never(), answer_within_s, redial=redial)
    return Centre((call,), (AgentGroup("agents", agents, ("calls",)),), interval_s)


def _listed(name: str, owner: str, values: object, *, whole: bool) -> tuple[float, ...]:
    """Return numbers as a tuple, or say which of them breaks which rule."""
    array = np.array(values, dtype="float64")
    if array.ndim != 1 or array.size == 0:
        raise ValueError(
            f"{name} of {owner!r} must be a list of at least one; found shape {array.shape}"
        )
    bad = ~np.isfinite(array) | (array < 0)
    if whole:
        bad |= np.where(bad, 0.0, array) % 1 != 0
    if bad.any():
        rule = "finite and >= 0" + (", whole" if whole else "")
        raise ValueError(f"{name} of {owner!r} must be {rule}; found {array[bad][0]}")
    return tuple((array.astype("int64") if whole else array).tolist())
