"""The cheapest decisions, by integer programming."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from forecast.capacity.hiring.books import heads_wanted
from forecast.capacity.hiring.case import Case
from forecast.capacity.hiring.course import Class, Decisions
from forecast.capacity.hiring.system import System, add_cuts, system_of

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
ROUNDS = 12
"""Times that lines are added under the expected shortage."""


@dataclass(frozen=True, eq=False)
class Found:
    """Decisions, and what no plan can cost less than, terminal value taken off."""

    decisions: Decisions
    bound: float


def cheapest(case: Case) -> Found | None:
    """Return decisions within ``params.gap`` of the cheapest, or None where none keep the needs.

    Where the expected shortage is priced, lines are put under it where the last solution lies until
    they tell its cost: the outer approximation of Kelley (1960).
    """
    system = system_of(case)
    for rounds_left in reversed(range(ROUNDS)):
        solved = _solved(system, case.params.gap)
        if solved is None:
            return None
        best, bound = solved
        close = max(case.params.gap / 2, 1e-9) * _cost(system, best)
        if not rounds_left or _shortage_missed(system, best) <= close:
            return Found(decisions_of(system, best), bound - _worth(system))
        _touch(system, best)
    raise AssertionError("the last round returns")


def decisions_of(system: System, x: Floats) -> Decisions:
    """Return the decisions that a solution stands for; a run's heads are split evenly."""
    case = system.case
    classes = []
    for r, run in enumerate(system.runs):
        counts = np.rint(x[system.blocks["classes", r]]).astype("int64")
        heads = np.rint(x[system.blocks["heads", r]]).astype("int64")
        for week in np.flatnonzero(counts):
            size, more = divmod(int(heads[week]), int(counts[week]))
            sizes = [size + 1] * more + [size] * (int(counts[week]) - more)
            classes += [Class(int(week), run.site, each) for each in sizes]
    moved = [x[system.blocks["moved", i]] for i in range(len(case.params.routes))]
    laid_off = [x[system.blocks["laid_off", k]] for k in range(len(case.sites))]
    none = np.zeros((0, case.weeks))
    return Decisions(
        tuple(sorted(classes)),
        np.rint(np.stack(moved) if moved else none).astype("int64"),
        np.rint(np.stack(laid_off)).astype("int64"),
    )


def run_milp(
    system: System,
    whole: Bools,
    gap: float,
    fixed: Floats | None = None,
    branches_max: int | None = None,
) -> OptimizeResult:
    """Solve a system with some columns whole, and some held where ``fixed`` is a number."""
    lower, upper = np.zeros(len(system.cost)), system.upper
    if fixed is not None:
        held = ~np.isnan(fixed)
        lower, upper = np.where(held, fixed, lower), np.where(held, fixed, upper)
    options: Any = {"mip_rel_gap": gap}
    if branches_max is not None:
        options["node_limit"] = branches_max
    # A column held at 1 carries the cost that is fixed, so that the gap is one of the whole cost.
    more = sp.csr_array((len(system.low), 1))
    matrix = sp.hstack([system.matrix, more], format="csr")
    return milp(
        np.append(system.cost, system.constant),
        constraints=LinearConstraint(matrix, system.low, system.high),
        bounds=Bounds(np.append(lower, 1.0), np.append(upper, 1.0)),
        integrality=np.append(whole, False).astype("int64"),
        options=options,
    )


def _solved(system: System, gap: float) -> tuple[Floats, float] | None:
    """Return a solution and a bound, or None where none keeps the rows.

    First the classes with their heads free to be fractions, which bounds the cost; then whole heads
    in those classes: two easy problems for a hard one. The hard one is left for when the gap must
    be reached, and for when no whole heads fit the classes.
    """
    classes, people = system.is_of("classes"), system.is_of("heads", "moved", "laid_off")
    limit = system.case.params.branches_max
    if limit is not None:
        loose = run_milp(system, classes, gap / 2, branches_max=limit)
        if loose.status == 2:
            return None
        bound = _bound(loose)
        held = np.where(classes, np.rint(_solution(loose)), np.nan)
        tight = run_milp(system, people, gap / 10, held, limit)
        if tight.x is not None:
            return _solution(tight), bound
    both = run_milp(system, classes | people, gap, branches_max=limit)
    return None if both.status == 2 else (_solution(both), _bound(both))


def _solution(result: OptimizeResult) -> Floats:
    if result.x is None:
        raise RuntimeError(f"the solver stopped without a plan: {result.message}")
    return np.asarray(result.x[:-1])


def _bound(result: OptimizeResult) -> float:
    return float(result.fun if result.mip_dual_bound is None else result.mip_dual_bound)


def _cost(system: System, x: Floats) -> float:
    return float(system.cost @ x + system.constant)


def _worth(system: System) -> float:
    """Return what the heads wanted at the end are worth; the system counts those who lack."""
    case = system.case
    if case.params.terminal is None:
        return 0.0
    wanted = sum(heads_wanted(case, need) for need in case.needs)
    return case.params.terminal.value_per_head * wanted


def _shortage_missed(system: System, x: Floats) -> float:
    """Return the cost of the expected shortage that the lines under it do not tell."""
    if system.case.params.confidence is not None:
        return 0.0
    missed = 0.0
    for g, need in enumerate(system.case.needs):
        block = system.blocks["short", g]
        short = need.shortage(x[system.blocks["productive", g]])
        missed += float(system.cost[block] @ (short - x[block]))
    return missed


def _touch(system: System, x: Floats) -> None:
    for g, need in enumerate(system.case.needs):
        heads = x[system.blocks["productive", g]]
        add_cuts(system, g, need, (need.paths <= heads).sum(axis=0)[None])
