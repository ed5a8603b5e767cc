"""What a course of people costs, week by week and line by line."""

import numpy as np
import numpy.typing as npt

from forecast.capacity.hiring.case import Case, Need
from forecast.capacity.hiring.course import Course, Decisions

Floats = npt.NDArray[np.float64]
LINES = (
    "hiring",
    "training",
    "wages",
    "shortage",
    "transfers",
    "leavers",
    "severance",
    "terminal_value",
)
"""The cost lines in their order; ``terminal_value`` is negative where heads are worth money."""
WITHIN = 1e-4
"""Heads by which a requirement may be missed: what rounding in the solver leaves."""


def level_of(case: Case, need: Need) -> Floats:
    """Return the heads required per week: at the confidence asked for, or expected."""
    confidence = case.params.confidence
    return need.paths.mean(axis=0) if confidence is None else need.at(confidence)


def cover_of(case: Case, need: Need, productive: Floats) -> Floats:
    """Return the heads of overtime and temps per week.

    Where a confidence is asked for: bought for what lacks at it, as many as may be. Else expected
    ones, called on whatever path comes.
    """
    cover = case.params.cover
    if cover is None:
        return np.zeros(case.weeks)
    if case.params.confidence is None:
        return need.shortage(productive)
    lacking = np.maximum(need.at(case.params.confidence) - productive, 0)
    lacking = np.where(lacking <= WITHIN, 0.0, lacking)
    return np.asarray(lacking if cover.heads_max is None else np.minimum(lacking, cover.heads_max))


def cost_lines(case: Case, decisions: Decisions, course: Course) -> dict[str, Floats]:
    """Return each line's cost by week, in whole cents."""
    lines = {name: np.zeros(case.weeks) for name in LINES}
    joining = decisions.joining()
    for k, site in enumerate(case.sites):
        trainees = course.heads[0, k, :, : site.training_weeks].sum(axis=-1)
        own = [one.week for one in decisions.classes if one.site == k]
        lines["hiring"] += site.hiring_cost * joining[k]
        lines["training"] += site.class_cost * np.bincount(own, minlength=case.weeks)
        lines["training"] += site.training_cost_per_week * trainees
        lines["wages"] += site.wage_per_week * course.present[0, k]
        lines["leavers"] += site.leaver_cost * course.leavers[0, k]
        lines["severance"] += (site.severance_cost or 0.0) * course.laid_off[0, k]
    for i, route in enumerate(case.params.routes):
        lines["transfers"] += route.cost_per_head * course.moved[0, i]
    productive = course.productive(case)[0]
    for g, need in enumerate(case.needs):
        if case.params.cover is not None:
            bought = cover_of(case, need, productive[g])
            lines["shortage"] += case.params.cover.cost_per_head_week * bought
        lines["terminal_value"][-1] -= _worth_at_end(case, need, course)
    return {name: np.round(line, 2) for name, line in lines.items()}


def total_of(lines: dict[str, Floats]) -> float:
    """Return the sum of all lines, exact to the cent."""
    cents = sum(int(np.rint(line * 100).astype("int64").sum()) for line in lines.values())
    return cents / 100


def heads_wanted(case: Case, need: Need) -> float:
    """Return the heads that the terminal value pays for at most: given, or as many as required."""
    terminal = case.params.terminal
    if terminal is not None and terminal.heads_max is not None:
        return terminal.heads_max
    work = float(np.mean([case.tenures[k].work[-1] for k in need.sites]))
    return float(level_of(case, need)[-1]) / work if work > 0 else 0.0


def _worth_at_end(case: Case, need: Need, course: Course) -> float:
    """Return the terminal value of a need's people, less what their training still costs."""
    terminal = case.params.terminal
    if terminal is None:
        return 0.0
    trained = owed = 0.0
    for k in need.sites:
        site, tenure = case.sites[k], case.tenures[k]
        heads = course.heads[0, k, -1]
        there = tenure.still_there()
        trained += float(heads @ there + course.on_the_way[0, k, -1] * there[-1])
        a_week = site.wage_per_week + site.training_cost_per_week
        owed += a_week * float(heads @ tenure.training_to_go())
    return terminal.value_per_head * min(trained, heads_wanted(case, need)) - owed
