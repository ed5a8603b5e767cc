"""The latest date on which a class can still be approved."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from forecast.capacity.hiring.books import WITHIN, cost_lines, cover_of, level_of, total_of
from forecast.capacity.hiring.case import Case
from forecast.capacity.hiring.course import Class, Course, Decisions, follow
from forecast.capacity.hiring.limits import limits_kept

Floats = npt.NDArray[np.float64]


def delays(case: Case, decisions: Decisions, course: Course) -> list[int | None]:
    """Return by how many weeks each class alone could be delayed, all else being as decided.

    A delay is allowed when no week misses a requirement that the plan keeps in it (cover as bought,
    heads moved and laid off as decided), and no shorter delay makes one miss; and when the limits
    of its site let the class start then. Where the expected shortage is priced there is no
    requirement to miss: a delay is allowed while the plan becomes no dearer.

    Returns
    -------
    list
        Weeks by class, in the order of ``decisions.classes``; None where the plan does without the
        class up to its end.
    """
    still = _Needs(case, decisions, course) if case.params.confidence else _Cost(case, decisions)
    return [_delay(case, decisions, one, still) for one in decisions.classes]


def next_start_costs(case: Case, decisions: Decisions) -> list[float]:
    """Return what the plan costs more when a class alone waits for the next start it may have.

    Cover is bought for what lacks then. NaN where cover cannot fill a requirement that the plan
    keeps, and where the limits of its site leave no later start.
    """
    course = follow(case, decisions)
    total, lacking = total_of(cost_lines(case, decisions, course)), _lacking(case, course)
    out = []
    for one in decisions.classes:
        later = (delayed(decisions, one, w, case.weeks) for w in range(1, case.weeks - one.week))
        late = next((plan for plan in later if limits_kept(case, plan)), None)
        if late is None:
            out.append(float("nan"))
            continue
        course = follow(case, late)
        missed = (_lacking(case, course) > np.maximum(lacking, WITHIN)).any()
        more = total_of(cost_lines(case, late, course)) - total
        out.append(float("nan") if missed else round(more, 2))
    return out


def _lacking(case: Case, course: Course) -> Floats:
    """Return the heads that lack after cover, by need and week."""
    if case.params.confidence is None:
        return np.zeros((len(case.needs), case.weeks))
    return np.stack(
        [
            level_of(case, need) - heads - cover_of(case, need, heads)
            for need, heads in zip(case.needs, course.productive(case)[0], strict=True)
        ]
    )


def delayed(decisions: Decisions, one: Class, weeks: int, horizon: int) -> Decisions:
    """Return the decisions with one class starting later, or not at all within the horizon."""
    classes = list(decisions.classes)
    classes.remove(one)
    if one.week + weeks < horizon:
        classes.append(replace(one, week=one.week + weeks))
    return replace(decisions, classes=tuple(sorted(classes)))


class _Needs:
    """Whether the weeks that keep the requirement still do when a class is delayed."""

    def __init__(self, case: Case, decisions: Decisions, course: Course) -> None:
        self.case = case
        productive = course.productive(case)[0]
        self.to_spare = []
        for need, heads in zip(case.needs, productive, strict=True):
            spare = heads + cover_of(case, need, heads) - level_of(case, need)
            self.to_spare.append(np.where(spare < -WITHIN, np.inf, spare))
        self.tenured = course.heads[0, :, :, -1]
        self.they_move = bool(decisions.moved.any() or decisions.laid_off.any())

    def hold(self, one: Class, weeks: int) -> bool:
        tenure, horizon = self.case.tenures[one.site], self.case.weeks
        survival = tenure.survives(horizon)
        lost = _later(survival * tenure.works(horizon), one, weeks)
        for need, spare in zip(self.case.needs, self.to_spare, strict=True):
            if one.site in need.sites and (spare + lost < -WITHIN).any():
                return False
        grown = np.where(np.arange(horizon) >= tenure.last, survival, 0.0)
        left = self.tenured[one.site] + _later(grown, one, weeks)
        return not self.they_move or bool((left >= -WITHIN).all())


class _Cost:
    """Whether the plan becomes no dearer when a class is delayed."""

    def __init__(self, case: Case, decisions: Decisions) -> None:
        self.case, self.decisions = case, decisions
        self.total = self._total(decisions)

    def _total(self, decisions: Decisions) -> float:
        return total_of(cost_lines(self.case, decisions, follow(self.case, decisions)))

    def hold(self, one: Class, weeks: int) -> bool:
        return self._total(delayed(self.decisions, one, weeks, self.case.weeks)) <= self.total


def _delay(case: Case, decisions: Decisions, one: Class, still: _Needs | _Cost) -> int | None:
    allowed = 0
    for weeks in range(1, case.weeks - one.week + 1):
        if not still.hold(one, weeks):
            return allowed
        if limits_kept(case, delayed(decisions, one, weeks, case.weeks)):
            allowed = weeks
    return None


def _later(of_a_head: Floats, one: Class, weeks: int) -> Floats:
    """Return by week what a class adds, later by so many weeks, less what it adds as planned."""
    out = np.zeros_like(of_a_head)
    out[one.week :] -= of_a_head[: len(out) - one.week]
    late = one.week + weeks
    if late < len(out):
        out[late:] += of_a_head[: len(out) - late]
    return out * one.size
