"""The least number of agents that meets a target."""

from dataclasses import dataclass, fields

import numpy as np

from forecast.queueing.checks import (
    CEILING,
    INSIDE,
    NOT_NEGATIVE,
    POSITIVE,
    WHOLE,
    Bools,
    Floats,
    Numbers,
    Rows,
    blocks,
    check,
)
from forecast.queueing.erlang_a import erlang_a
from forecast.queueing.erlang_c import erlang_c
from forecast.queueing.result import QueueResult, check_definition, service_level
from forecast.queueing.search import Ints
from forecast.queueing.shrinkage import on_position, scheduled_agents
from forecast.queueing.task import Task, met

__all__ = ["Target", "on_position", "performance", "required_agents", "scheduled_agents"]

_LEAST_LOAD = 1e-200
"""One agent is enough for it, and for less; far below it one over it is no number."""
_RULES = {
    "service_level": INSIDE,
    "answer_within_s": NOT_NEGATIVE,
    "occupancy_max": CEILING,
    "asa_max_s": POSITIVE,
    "abandonment_max": INSIDE,
    "p_wait_max": INSIDE,
}


@dataclass(frozen=True)
class Target:
    """What the agents must achieve in an interval: one goal, or several at once.

    Goals may be numbers or arrays that broadcast with the loads; None sets no goal.

    Attributes
    ----------
    service_level
        Share to be answered in time, above 0 and below 1.
    answer_within_s
        Answer-within limit of the service level in seconds, >= 0.
    occupancy_max
        Ceiling of the share of agents' time that is busy; 1 sets none.
    definition
        Of the service level: "offered", "answered", "excluded", "met" or "missed"; see
        ``service_level``.
    asa_max_s
        Most that callers may wait on average, those who hang up included; seconds, > 0.
    abandonment_max
        Largest share of callers who may hang up, above 0 and below 1.
    p_wait_max
        Largest share of callers who may find all agents busy, above 0 and below 1.
    """

    service_level: Numbers | None = None
    answer_within_s: Numbers | None = None
    occupancy_max: Numbers = 1.0
    definition: str = "offered"
    asa_max_s: Numbers | None = None
    abandonment_max: Numbers | None = None
    p_wait_max: Numbers | None = None

    def __post_init__(self) -> None:
        """Refuse goals that no number of agents can meet, and a target without a goal."""
        check_definition(self.definition)
        goals = self.goals()
        for name in goals:
            check(name, getattr(self, name), _RULES[name])
        if (self.service_level is None) != (self.answer_within_s is None):
            raise ValueError(
                "service_level and answer_within_s must be given together; found "
                f"{self.service_level} and {self.answer_within_s}"
            )
        if set(goals) == {"occupancy_max"} and np.all(goals["occupancy_max"] == 1):
            raise ValueError(
                "a target must have a goal: service_level with answer_within_s, asa_max_s, "
                "abandonment_max, p_wait_max or occupancy_max below 1; found none"
            )

    def goals(self) -> dict[str, Floats]:
        """Return the numbers that are set."""
        given = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "definition"}
        return {name: np.asarray(v, "float64") for name, v in given.items() if v is not None}

    def goals_for(self, patience_s: Numbers | None) -> dict[str, Floats]:
        """Return the numbers that are set, or refuse a goal that says nothing without patience."""
        if patience_s is None and self.abandonment_max is not None:
            raise ValueError(
                "patience_s must be given with abandonment_max, because without it nobody hangs "
                "up, however long the queue; found None"
            )
        return self.goals()

    def met(self, result: QueueResult) -> Bools:
        """Return where a result meets the target; its limit must have been this target's."""
        level = service_level(result, self.definition)
        return met(self.goals(), level, result)


def performance(
    load: Numbers,
    agents: Numbers,
    *,
    aht_s: Numbers,
    answer_within_s: Numbers,
    patience_s: Numbers | None = None,
    definition: str = "offered",
) -> QueueResult:
    """Return waiting by Erlang A where a patience is given, else by Erlang C."""
    if patience_s is None:
        return erlang_c(
            load, agents, aht_s=aht_s, answer_within_s=answer_within_s, definition=definition
        )
    return erlang_a(
        load,
        agents,
        aht_s=aht_s,
        answer_within_s=answer_within_s,
        patience_s=patience_s,
        definition=definition,
    )


def required_agents(
    load: Numbers,
    *,
    aht_s: Numbers,
    target: Target,
    patience_s: Numbers | None = None,
    agents_min: Numbers = 0,
) -> Ints:
    """Return the least whole number of agents that meets the target, for each load.

    Exact: it meets the target and one agent fewer does not (or ``agents_min`` are asked for). Every
    goal is the easier the more agents there are, with one exception: no agents at all are never
    too busy. So where anybody calls, at least one agent is there.

    Parameters
    ----------
    load
        Offered load in erlangs, >= 0.
    aht_s
        Average handle time in seconds, > 0.
    target
        What must be met.
    patience_s
        Mean patience in seconds (Erlang A); None: nobody hangs up (Erlang C).
    agents_min
        Minimum staffing, whole, >= 0; also where nobody calls.

    Raises
    ------
    ValueError
        For an argument that breaks its rule, naming both and the value.

    Notes
    -----
    The search starts at the answer of the normal approximations and goes up or down by the exact
    formulas until it has one number that is enough and, next to it, one that is not.

    Examples
    --------
    >>> int(required_agents(10, aht_s=180, target=Target(0.80, 20)))
    14
    >>> both = Target(0.80, 20, occupancy_max=0.65, abandonment_max=0.03)
    >>> int(required_agents(10, aht_s=180, target=both, patience_s=120))
    16
    """
    goals, known = target.goals_for(patience_s), check_definition(target.definition)
    rows = Rows.of(
        check("load", load, NOT_NEGATIVE),
        check("aht_s", aht_s, POSITIVE),
        check("patience_s", 1.0 if patience_s is None else patience_s, POSITIVE),
        check("agents_min", agents_min, WHOLE),
        *goals.values(),
    )
    a, aht, patience, floor, *values = rows.columns
    a = np.where(a > 0, np.maximum(a, _LEAST_LOAD), 0.0)
    wanted = dict(zip(goals, values, strict=True))
    wanted.setdefault("answer_within_s", np.zeros(a.shape))
    task = Task(a, aht, None if patience_s is None else patience, wanted, known)
    needed = floor.astype("int64")
    calls = np.flatnonzero(a > 0)
    for block in blocks(calls.size):
        some = calls[block]
        needed[some] = np.maximum(task.of(some).agents(), needed[some])
    return np.asarray(rows.shaped(needed))
