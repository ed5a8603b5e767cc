"""How a demand is staffed by some rules: agents at every risk, and what any agents achieve."""

from collections.abc import Mapping
from typing import get_args

import numpy as np

from forecast.capacity.crowds import MANY_ROWS, Bools, Crowds, kinds_of
from forecast.capacity.demand import Demand
from forecast.capacity.known import Known, exact_agents, rules_of
from forecast.capacity.strata import Floats, Ints
from forecast.params import CapacityParams, Risk
from forecast.queueing.result import QueueResult
from forecast.queueing.search import least

RISKS: tuple[Risk, ...] = get_args(Risk)
QUANTILES: Mapping[Risk, float] = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
ACHIEVED = ("service_level", "abandonment", "asa_s", "occupancy")
"""Columns of REQUIREMENT that say what agents achieve."""


def load_at(demand: Demand, risk: Risk, params: CapacityParams) -> Floats:
    """Return each interval's load at its mean, at a quantile, or where so many paths lie below.

    Quantiles are paths themselves: at "confident" a share ``params.confidence`` of the paths, or
    more, have no higher load.
    """
    if risk == "mean":
        return demand.mean_load
    level = {**QUANTILES, "confident": params.confidence}[risk]
    # A hair less, for 0.9 x 10 is more than 9.
    rank = int(np.ceil(level * demand.drawn.shape[1] - 1e-9))
    return demand.strata.ranked(max(rank, 1) - 1)


def columns_of(result: QueueResult) -> dict[str, Floats]:
    """Return a result as ``ACHIEVED`` columns; a wait without bound is empty."""
    return {
        "service_level": np.clip(result.service_level, 0, 1),
        "abandonment": np.clip(result.abandonment, 0, 1),
        "asa_s": np.where(np.isfinite(result.asa_s), result.asa_s, np.nan),
        "occupancy": np.clip(result.occupancy, 0, 1),
    }


class Staffing:
    """A demand under rules; agents and what they achieve are found when asked for, and kept.

    Parameters
    ----------
    demand
        Its teams.
    params
        The section ``capacity``; of it only what teams are staffed by counts here, not pay.
    known
        What the run knows of teams already; None: nothing.
    """

    def __init__(self, demand: Demand, params: CapacityParams, known: Known | None = None) -> None:
        """Find nothing yet."""
        self.demand, self.params = demand, params
        self.known = Known() if known is None else known
        self._crowds: Crowds | None = None
        self._agents: dict[Risk, Ints] = {}
        self._without_ceiling: dict[Risk, Ints] = {}
        self._found: list[tuple[Ints, Floats]] = []

    def serves(self, demand: Demand, params: CapacityParams) -> bool:
        """Return whether a case differs in nothing that teams are staffed by."""
        return rules_of(self.params) == rules_of(params) and self.demand.same(demand)

    @property
    def crowds(self) -> Crowds:
        """The demand's paths in groups, each interval as one crowd."""
        if self._crowds is None:
            groups, aht_s = self.demand.strata, self.demand.aht_s
            self._crowds = Crowds(
                groups.load, groups.callers, groups.share, aht_s, self.params, self.known
            )
        return self._crowds

    def agents(self, risk: Risk) -> Ints:
        """Return the least agents per interval that meet the target, see ``agents_at``."""
        if risk not in self._agents:
            if risk == "expected":
                self._agents[risk] = self._in_expectation()
            else:
                self._agents[risk] = self.least(load_at(self.demand, risk, self.params))
        return self._agents[risk]

    def least(self, load: Floats) -> Ints:
        """Return the least agents that meet the target at a load of each interval."""
        aht_s = self.demand.aht_s
        out = np.zeros(load.shape, dtype="int64")
        kinds, rest = kinds_of(aht_s)
        self.known.learn({float(aht_s[own[0]]): int(load[own].max()) for own in kinds}, self.params)
        for own in kinds:
            out[own] = self.known.least_agents(load[own], float(aht_s[own[0]]), self.params)
        if rest.size <= MANY_ROWS:
            out[rest] = exact_agents(load[rest], aht_s[rest], self.params)
            return out
        calls = rest[load[rest] > 0]

        def enough(rows: Ints, agents: Floats) -> Bools:
            return self._met(load[calls[rows]], agents.astype("int64"), calls[rows])

        busy = load[calls]
        start = np.maximum(busy / self.params.occupancy_max, busy + 0.5 * np.sqrt(busy)) + 1
        out[calls] = least(enough, start, lowest=1)
        return np.maximum(out, self.params.agents_min)

    def _met(self, load: Floats, agents: Ints, rows: Ints) -> Bools:
        """Return where agents meet the target at a load that is known."""
        one = np.ones((rows.size, 1))
        crowds = Crowds(
            load[:, None], one, one[0], self.demand.aht_s[rows], self.params, self.known
        )
        return crowds.met(agents, np.arange(rows.size))

    def without_ceiling(self, risk: Risk) -> Ints:
        """Return the least agents that meet the other goals than the ceiling on occupancy."""
        if risk not in self._without_ceiling:
            self._without_ceiling[risk] = self._free(risk)
        return self._without_ceiling[risk]

    def _free(self, risk: Risk) -> Ints:
        if self.params.occupancy_max == 1:
            return self.agents(risk)
        other = Staffing(
            self.demand, self.params.model_copy(update={"occupancy_max": 1.0}), self.known
        )
        if risk != "expected":
            return other.agents(risk)
        other._crowds = self.crowds.under(other.params)
        return other._in_expectation(self.agents(risk))

    def _in_expectation(self, known: Ints | None = None) -> Ints:
        """Return the least agents per interval whose expected result meets the target.

        The service level over all contacts that may come: busier paths weigh more, for more callers
        live through them. ``known`` agents are known to be enough.
        """
        crowds = self.crowds
        some = np.flatnonzero(crowds.callers.sum(axis=1) > 0)

        def enough(rows: Ints, agents: Floats) -> Bools:
            return crowds.met(agents.astype("int64"), some[rows])

        if known is None:
            found = least(enough, self.agents("mean")[some].astype("float64"), lowest=1)
        else:
            most = np.maximum(known[some], 1).astype("float64")
            found = least(enough, most - 1, lowest=1, known=most)
        needed = np.full(len(crowds.load), self.params.agents_min, dtype="int64")
        needed[some] = np.maximum(found, needed[some])
        return needed

    def achieved(self, agents: Ints) -> dict[str, Floats]:
        """Return what agents achieve in each interval, as ``ACHIEVED`` columns."""
        out = np.empty((len(ACHIEVED), len(agents)))
        is_open = np.ones(len(agents), dtype=bool)
        for before, columns in self._found:
            same = is_open & (before == agents)
            np.copyto(out, columns, where=same)
            is_open &= ~same
        rows = np.flatnonzero(is_open)
        if rows.size:
            found = columns_of(self.crowds.together(agents[rows], rows))
            out[:, rows] = [found[name] for name in ACHIEVED]
        self._found.append((agents, out))
        return dict(zip(ACHIEVED, out, strict=True))

    def chance_met(self, agents: Ints) -> Floats:
        """Return the share of paths on which agents meet the target, by interval.

        Whether they do falls with the load: so the busiest path that they still serve counts.
        """
        groups, aht_s = self.demand.strata, self.demand.aht_s
        paths = groups.ordered.shape[1]
        kinds, rest = kinds_of(aht_s)
        carried = np.zeros(len(agents))
        for own in kinds:
            team = agents[own]
            loads = self.known.carried(int(team.max()), float(aht_s[own[0]]), self.params)
            carried[own] = loads[team]
        met = groups.within(carried)

        def missed(some: Ints, rank: Floats) -> Bools:
            rows, at = rest[some], np.minimum(rank, paths - 1).astype("int64")
            served = self._met(groups.ranked(at, rows), agents[rows], rows)
            return np.asarray((rank >= paths) | ~served)

        start = np.full(rest.size, np.floor(self.params.confidence * paths))
        met[rest] = least(missed, start)
        return np.asarray(met / paths)
