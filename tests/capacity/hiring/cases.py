"""Small hiring cases, and how to judge decisions without the solver."""

import itertools
from datetime import date

import numpy as np

from forecast.capacity.hiring import Class, HiringParams, HiringSite, case_of, follow
from forecast.capacity.hiring.books import WITHIN, cost_lines, cover_of, level_of, total_of
from forecast.capacity.hiring.limits import limits_kept

MONDAY = date(2026, 1, 5)


def site(**changed):
    """A small site where everything costs something and takes time."""
    return HiringSite(
        **{
            "name": "north",
            "opening_heads": {0: 1, 20: 8},
            "wage_per_week": 700,
            "attrition": {0: 0.10, 3: 0.04},
            "lead_weeks": 1,
            "training_weeks": 1,
            "productivity": (0.5, 1.0),
            "aht_factor": (1.3, 1.0),
            "class_sizes": (2, 3),
            "hiring_cost": 900,
            "class_cost": 400,
            "training_cost_per_week": 150,
            "leaver_cost": 130,
            **changed,
        }
    )


def params(*sites, **changed):
    return HiringParams(**{"sites": sites or (site(),), "gap": 0, "branches_max": None, **changed})


def judged(case, decisions):
    """Return the cost of decisions, infinite where they keep not all needs and limits."""
    course = follow(case, decisions)
    if not limits_kept(case, decisions):
        return np.inf
    asked = [(course.moved, decisions.moved), (course.laid_off, decisions.laid_off)]
    if any((done[0] < wanted - WITHIN).any() for done, wanted in asked):
        return np.inf
    if case.params.confidence is not None:
        for need, heads in zip(case.needs, course.productive(case)[0], strict=True):
            if (heads + cover_of(case, need, heads) < level_of(case, need) - WITHIN).any():
                return np.inf
    return total_of(cost_lines(case, decisions, course))


def every_choice_of_classes(case):
    """Return all tuples of classes with at most one per site and week."""
    places = [
        [None, *(Class(week, k, size) for size in one.class_sizes)]
        for k, one in enumerate(case.sites)
        for week in range(one.lead_weeks, case.weeks)
    ]
    for chosen in itertools.product(*places):
        yield tuple(one for one in chosen if one)


def asked(required, *sites, **changed):
    return case_of(required, MONDAY, params(*sites, **changed))
