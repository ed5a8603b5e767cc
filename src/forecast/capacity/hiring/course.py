"""The course of a plan: cohorts that join, learn, move and leave, week by week.

The same recursion runs in expected heads and, with whole people who leave by chance, in draws.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.capacity.hiring.case import Case

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Leaving = Callable[[Floats, Floats], Floats]
"""Heads and the share of them that leaves -> leavers."""


@dataclass(frozen=True, order=True)
class Class:
    """A class that starts."""

    week: int
    site: int
    size: int


@dataclass(frozen=True, eq=False)
class Decisions:
    """What is decided: classes, heads moved (routes x weeks), heads laid off (sites x weeks)."""

    classes: tuple[Class, ...]
    moved: Ints
    laid_off: Ints

    def joining(self) -> Ints:
        """Return heads that start by site and week."""
        heads = np.zeros_like(self.laid_off)
        for one in self.classes:
            heads[one.site, one.week] += one.size
        return heads


def decide(case: Case, *classes: Class) -> Decisions:
    """Return the decision to hold classes and nothing else."""
    return Decisions(
        tuple(sorted(classes)),
        np.zeros((len(case.params.routes), case.weeks), dtype="int64"),
        np.zeros((len(case.sites), case.weeks), dtype="int64"),
    )


@dataclass(frozen=True, eq=False)
class Course:
    """Heads of every week; the last axis of ``heads`` is the week of tenure.

    All have a first axis of draws (expected heads are one draw), then sites (``moved``: routes),
    then weeks. Heads are counted after joining and moving, before the week's leavers go.
    """

    heads: Floats
    on_the_way: Floats
    leavers: Floats
    moved: Floats
    arrived: Floats
    laid_off: Floats

    @property
    def present(self) -> Floats:
        """Heads on the payroll by site and week, those on the way to it included."""
        return np.asarray(self.heads.sum(axis=-1) + self.on_the_way)

    def productive(self, case: Case) -> Floats:
        """Return the heads' work in full heads, by need and week."""
        work = np.stack([tenure.work for tenure in case.tenures])
        by_site = np.einsum("dkwa,ka->dkw", self.heads, work)
        return np.stack([by_site[:, list(need.sites)].sum(axis=1) for need in case.needs], axis=1)


def expected(heads: Floats, share: Floats) -> Floats:
    """Return the leavers expected, a fraction of a head included."""
    return heads * share


def follow(case: Case, decisions: Decisions, leave: Leaving = expected, draws: int = 1) -> Course:
    """Return the course of a plan.

    Parameters
    ----------
    case, decisions
        What was asked and decided.
    leave
        How many leave; ``expected``, or a draw.
    draws
        Courses followed side by side.
    """
    sites, routes, weeks = len(case.sites), case.params.routes, case.weeks
    attrition = np.stack([tenure.attrition for tenure in case.tenures])
    last = attrition.shape[1] - 1
    joining = decisions.joining()
    ends = [(case.site_index(r.source), case.site_index(r.destination)) for r in routes]
    pipes: list[list[Floats]] = [[np.zeros(draws)] * r.delay_weeks for r in routes]
    now = np.zeros((draws, sites, last + 1))
    for k, site in enumerate(case.sites):
        for tenure, heads in site.opening_heads.items():
            now[:, k, min(tenure, last)] += heads
    out = _empty(draws, sites, len(routes), weeks, last + 1)
    for w in range(weeks):
        now[:, :, 0] += joining[:, w]
        out.laid_off[:, :, w] = np.minimum(decisions.laid_off[:, w], now[:, :, last])
        now[:, :, last] -= out.laid_off[:, :, w]
        for r, (source, _) in enumerate(ends):
            gone = np.minimum(decisions.moved[r, w], now[:, source, last])
            now[:, source, last] -= gone
            pipes[r] = [*pipes[r], gone]
            out.moved[:, r, w] = gone
        for r, (_, to) in enumerate(ends):
            arrived, *pipes[r] = pipes[r]
            now[:, to, last] += arrived
            out.arrived[:, r, w] = arrived
        out.heads[:, :, w] = now
        left = leave(now, attrition)
        out.leavers[:, :, w] = left.sum(axis=-1)
        for r, (_, to) in enumerate(ends):
            for i, on_way in enumerate(pipes[r]):
                out.on_the_way[:, to, w] += on_way
                lost = leave(on_way, attrition[to, last])
                out.leavers[:, to, w] += lost
                pipes[r][i] = on_way - lost
        now = _older(now - left)
    return out


def _older(heads: Floats) -> Floats:
    """Return heads a week later."""
    out = np.zeros_like(heads)
    out[..., 1:] = heads[..., :-1]
    out[..., -1] += heads[..., -1]
    return out


def _empty(draws: int, sites: int, routes: int, weeks: int, tenures: int) -> Course:
    by_site = (draws, sites, weeks)
    return Course(
        heads=np.zeros((*by_site, tenures)),
        on_the_way=np.zeros(by_site),
        leavers=np.zeros(by_site),
        moved=np.zeros((draws, routes, weeks)),
        arrived=np.zeros((draws, routes, weeks)),
        laid_off=np.zeros(by_site),
    )
