"""Shifts for a week, and what two choices are worth: a mix of contracts, and pooled sites."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from forecast.capacity.shifts.contracts import Ask
from forecast.capacity.shifts.diagnosis import refusal
from forecast.capacity.shifts.model import model_of
from forecast.capacity.shifts.result import ShiftPlan, plan_of
from forecast.capacity.shifts.search import solve
from forecast.errors import InputError

GAP_MAX = 0.001


def plan_shifts(ask: Ask, gap_max: float = GAP_MAX) -> ShiftPlan:
    """Return the cheapest heads and shifts that cover a week.

    Parameters
    ----------
    ask
        What is required, and who can be had.
    gap_max
        The search stops when the plan is proved to cost at most this share more than the cheapest.
        In large cases it may stop earlier; the plan's ``gap`` tells what was proved.

    Raises
    ------
    InputError
        When nothing keeps all rules: says which must give way, in which interval and by how much.

    Examples
    --------
    >>> import numpy as np
    >>> from forecast.capacity.shifts import Contract, Site, Week, window
    >>> need = np.zeros(168, dtype=int)
    >>> need[8:16] = 3  # Monday, 08:00 to 16:00
    >>> day = window("day", (8 * 60,), 8 * 60)
    >>> part = Contract("part-time", "a", 20.0, (day,), hours_min=8, hours_max=24)
    >>> ask = Ask(Week(60), (Site("a"),), (part,), {"a": need})
    >>> plan = plan_shifts(ask)
    >>> plan.cost, plan.heads["heads"].tolist()
    (480.0, [3])
    """
    if not 0 <= gap_max < 1:
        raise InputError(f"gap_max must be at least 0 and below 1; found {gap_max}")
    model = model_of(ask)
    found = solve(model, gap_max)
    if found.x is None:
        raise InputError(refusal(ask))
    return plan_of(model, found.x, found.bound)


@dataclass(frozen=True)
class Compared:
    """Two plans of one week, and what the first saves.

    ``saving`` is between the costs found; both may lie above the cheapest, by their gaps, and
    ``saving_least`` is what is left of it for certain: the other's bound less this one's cost.
    """

    plan: ShiftPlan
    other: ShiftPlan

    @property
    def saving(self) -> float:
        """What the plan costs less than the other."""
        return round(self.other.cost - self.plan.cost, 2)

    @property
    def saving_share(self) -> float:
        """The saving as a share of the other's cost."""
        return self.saving / self.other.cost if self.other.cost > 0 else 0.0

    @property
    def saving_least(self) -> float:
        """What it saves whatever the gaps hide; may be below zero."""
        return self.other.bound - self.plan.cost


def saving_of_mix(ask: Ask, full_time: Sequence[str], gap_max: float = GAP_MAX) -> Compared:
    """Return the cheapest mix of all contracts against that of the full-time ones alone.

    Rules on shares are dropped from the second: they are about the mix.

    Parameters
    ----------
    ask
        What is required, with all contracts.
    full_time
        Names of the contracts that are full-time.
    gap_max
        As in ``plan_shifts``.

    Raises
    ------
    InputError
        When a name is of no contract, or full-time alone cannot keep the rules.
    """
    alone = full_time_alone(ask, full_time)
    return Compared(plan_shifts(ask, gap_max), plan_shifts(alone, gap_max))


def full_time_alone(ask: Ask, full_time: Sequence[str]) -> Ask:
    """Return a week asked of some contracts alone, without the rules on shares."""
    known = {contract.name for contract in ask.contracts}
    unknown = sorted(set(full_time) - known)
    if unknown:
        raise InputError(f"full_time: there is no contract {', '.join(map(repr, unknown))}")
    kept = tuple(contract for contract in ask.contracts if contract.name in full_time)
    return replace(ask, contracts=kept, shares=())


def price_of_not_pooling(ask: Ask, gap_max: float = GAP_MAX) -> Compared:
    """Return the plan in which sites share their load against that in which each has its own.

    What is required is summed over sites. Where one queue of all needs fewer agents than the
    queues of each, pooling saves more than this says; staff the pooled queue and ask for that.

    Examples
    --------
    >>> import numpy as np
    >>> from forecast.capacity.shifts import Contract, Site, Week, window
    >>> need = np.where(np.arange(168) == 8, 2, 0)
    >>> hour = window("hour", (8 * 60,), 60)
    >>> dear = Contract("dear", "a", 20.0, (hour,), hours_min=1, hours_max=6)
    >>> cheap = Contract("cheap", "b", 15.0, (hour,), hours_min=1, hours_max=6)
    >>> sites, required = (Site("a"), Site("b")), {"a": need, "b": need}
    >>> price_of_not_pooling(Ask(Week(60), sites, (dear, cheap), required)).saving
    10.0
    """
    shared, apart = replace(ask, pooled=True), replace(ask, pooled=False)
    return Compared(plan_shifts(shared, gap_max), plan_shifts(apart, gap_max))
