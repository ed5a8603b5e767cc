"""The rows of a staffing task: what is asked for, how teams fare, and the least that is enough."""

from dataclasses import dataclass, field

import numpy as np

from forecast.queueing.checks import Bools, Floats
from forecast.queueing.erlang_a import erlang_a_fare
from forecast.queueing.erlang_c import fare_of
from forecast.queueing.guess import agents_near, garnett, halfin_whitt, halfin_whitt_agents
from forecast.queueing.result import Definition, Fare, QueueResult, level_of
from forecast.queueing.search import Ints, least
from forecast.queueing.special import inverse_b_nearly, log_inverse_b

_STEPS = 4
"""Agents by which 1 / B is carried on from a number where it is known."""
_UNSURE = 1e-4
"""Relative error of 1 / B that is allowed for in a first answer, ten times the largest."""


def met(goals: dict[str, Floats], level: Floats, fare: QueueResult | Fare) -> Bools:
    """Return where all goals of a ``Target`` are met."""
    ceiling = goals["occupancy_max"]
    good = (fare.occupancy <= ceiling) | (ceiling == 1)
    if "service_level" in goals:
        good = good & (level >= goals["service_level"])
    if "asa_max_s" in goals:
        good = good & (fare.asa_s <= goals["asa_max_s"])
    if "p_wait_max" in goals:
        good = good & (fare.p_wait <= goals["p_wait_max"])
    if "abandonment_max" in goals:
        good = good & (fare.abandonment <= goals["abandonment_max"])
    return np.asarray(good)


@dataclass(frozen=True)
class Task:
    """Flat rows that agents are wanted for; without patience nobody hangs up."""

    load: Floats
    aht_s: Floats
    patience_s: Floats | None
    goals: dict[str, Floats]
    definition: Definition

    def of(self, rows: Ints) -> "Task":
        """Return some of the rows."""
        patience = None if self.patience_s is None else self.patience_s[rows]
        goals = {name: goal[rows] for name, goal in self.goals.items()}
        return Task(self.load[rows], self.aht_s[rows], patience, goals, self.definition)

    def agents(self) -> Ints:
        """Return the least number of agents, at least one, that meets all goals; loads are > 0."""
        if self.patience_s is None:
            return least(_Endless(self).enough, self._start_without_hang_ups(), lowest=1)
        start = agents_near(self.load, np.zeros(self.load.shape), lambda n: self.met(self._near(n)))
        return least(lambda rows, n: self.of(rows).enough(n), start, lowest=1)

    def met(self, fare: Fare) -> Bools:
        """Return where the goals are met."""
        return met(self.goals, level_of(fare.ends, self.definition), fare)

    def enough(self, agents: Floats) -> Bools:
        """Return where so many agents meet the goals, by the exact formulas."""
        limit = self.goals["answer_within_s"]
        if self.patience_s is None:
            return self.met(_erlang_c(self, agents, _free(self.load, agents)))
        fare = erlang_a_fare(self.load, agents, self.aht_s, limit, self.patience_s)
        return self.met(fare)

    def _near(self, agents: Floats) -> Fare:
        """Return how agents fare by the normal approximations, far off where these do not hold."""
        limit = self.goals["answer_within_s"] / self.aht_s
        with np.errstate(all="ignore"):
            if self.patience_s is None:
                fare = halfin_whitt(self.load, agents, limit)
            else:
                fare = garnett(self.load, agents, limit, self.patience_s / self.aht_s)
        return Fare(fare.p_wait, fare.ends, fare.asa_s * self.aht_s, fare.occupancy)

    def _start_without_hang_ups(self) -> Floats:
        idle_enough = np.maximum(self.load, self.load / self.goals["occupancy_max"] - 1)
        if self.goals.keys() - {"service_level", "answer_within_s", "occupancy_max"}:
            return agents_near(self.load, idle_enough, lambda n: self.met(self._near(n)))
        if "service_level" not in self.goals:
            return np.ceil(idle_enough)
        late = 1 - self.goals["service_level"]
        limit = self.goals["answer_within_s"] / self.aht_s
        with np.errstate(all="ignore"):
            near = halfin_whitt_agents(self.load, limit, late)
        return np.fmax(near, np.ceil(idle_enough))


def _free(load: Floats, agents: Floats) -> Floats:
    """Return 1 / B(agents - 1), for agents >= 1."""
    with np.errstate(over="ignore"):
        return np.exp(log_inverse_b(agents - 1, load))


def _erlang_c(task: Task, agents: Floats, free: Floats) -> Fare:
    return fare_of(free, task.load, agents, task.aht_s, task.goals["answer_within_s"])


@dataclass(frozen=True)
class _Endless:
    """A task without hang-ups, with 1 / B nearly, where it was looked at last.

    Erlang's recursion takes it to a number of agents nearby faster than any formula would. Where
    its error could decide, which is seldom, the exact formula is asked.
    """

    task: Task
    agents: Floats = field(init=False)
    free: Floats = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "agents", np.full(self.task.load.shape, -np.inf))
        object.__setattr__(self, "free", np.full(self.task.load.shape, np.inf))

    def enough(self, rows: Ints, agents: Floats) -> Bools:
        """Return whether the agents meet the goals, and remember 1 / B."""
        task = self.task if rows.size == self.task.load.size else self.task.of(rows)
        self.free[rows] = free = self._carried(task.load, rows, agents)
        # In overload 1 / B does not matter, and is not right.
        self.agents[rows] = np.where(agents > task.load, agents, -np.inf)
        good = task.met(_erlang_c(task, agents, free * (1 - _UNSURE)))
        bad = np.flatnonzero(~good & (agents > task.load))
        hopeful = task.of(bad)
        unsure = bad[hopeful.met(_erlang_c(hopeful, agents[bad], free[bad] * (1 + _UNSURE)))]
        good[unsure] = task.of(unsure).enough(agents[unsure])
        return good

    def _carried(self, load: Floats, rows: Ints, agents: Floats) -> Floats:
        free, at = self.free[rows], self.agents[rows]
        far = ~(np.isfinite(free) & (np.abs(agents - at) <= _STEPS))
        free[far], at[far] = inverse_b_nearly(agents[far] - 1, load[far]), agents[far]
        with np.errstate(over="ignore"):
            while (up := at < agents).any():
                free = np.where(up, 1 + at / load * free, free)
                at = at + up
        while (down := at > agents).any():
            at = at - down
            free = np.where(down, (free - 1) * load / np.maximum(at, 1.0), free)
        return free
