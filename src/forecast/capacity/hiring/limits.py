"""When classes may start, and how many people may be in training."""

import numpy as np
import numpy.typing as npt

from forecast.capacity.hiring.case import Case
from forecast.capacity.hiring.course import Decisions
from forecast.params.hiring import HiringSite

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def may_start(site: HiringSite, weeks: int) -> Bools:
    """Return the weeks in which a class that is approved within the plan may start."""
    week = np.arange(weeks)
    return np.asarray((week >= site.lead_weeks) & (week % site.class_every_weeks == 0))


def seats_free(site: HiringSite, weeks: int) -> Floats:
    """Return the seats by week that people in training at the plan's start leave to new classes."""
    taken = np.zeros(weeks)
    for tenure, heads in site.opening_heads.items():
        taken[: max(0, site.training_weeks - tenure)] += heads
    return np.maximum(0, (np.inf if site.training_seats is None else site.training_seats) - taken)


def limits_kept(case: Case, decisions: Decisions) -> bool:
    """Return whether classes start when they may, few enough a week, each with its seats."""
    joining = decisions.joining()
    for k, site in enumerate(case.sites):
        starts = [one.week for one in decisions.classes if one.site == k]
        if not may_start(site, case.weeks)[starts].all():
            return False
        most = site.classes_per_week_max
        if most is not None and (np.bincount(starts, minlength=case.weeks) > most).any():
            return False
        taken = in_training(joining[k], site.training_weeks)
        if (taken > seats_free(site, case.weeks)).any():
            return False
    return True


def in_training(joining: Ints, training_weeks: int) -> Ints:
    """Return how many began the trainings of each week.

    Examples
    --------
    >>> in_training(np.array([10, 0, 5, 0, 0]), 3).tolist()
    [10, 10, 15, 5, 5]
    """
    begun = np.concatenate([np.zeros(training_weeks, dtype="int64"), np.cumsum(joining)])
    return np.asarray(begun[training_weeks:] - begun[: len(joining)])


def class_runs(site: HiringSite) -> list[tuple[int, int]]:
    """Return the allowed sizes as runs of consecutive numbers.

    Examples
    --------
    >>> class_runs(HiringSite(name="a", wage_per_week=1, class_sizes=(8, 9, 10, 20)))
    [(8, 10), (20, 20)]
    """
    runs: list[tuple[int, int]] = []
    for size in sorted(set(site.class_sizes)):
        if runs and runs[-1][1] == size - 1:
            runs[-1] = (runs[-1][0], size)
        else:
            runs.append((size, size))
    return runs
