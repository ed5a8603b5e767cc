"""What chance makes of attrition: whole people leave, or stay, one by one."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.hiring.books import WITHIN, cover_of
from forecast.capacity.hiring.case import Case
from forecast.capacity.hiring.course import Course, Decisions, follow

Floats = npt.NDArray[np.float64]


def simulated_course(case: Case, decisions: Decisions, *, draws: int, seed: int) -> Course:
    """Return courses in which each head leaves with its week's chance, apart from all others.

    A move or a layoff takes as many as are there. Leavers of a cohort are binomial, so their mean
    is the expected course's wherever moves and layoffs find their heads.
    """
    rng = np.random.default_rng(seed)

    def leave(heads: Floats, share: Floats) -> Floats:
        return rng.binomial(heads.astype("int64"), share).astype("float64")

    return follow(case, decisions, leave, draws)


def simulated_heads(
    case: Case, decisions: Decisions, *, draws: int = 1000, seed: int = 1
) -> pd.DataFrame:
    """Return how far heads may stray from those expected.

    Parameters
    ----------
    case, decisions
        Of a plan.
    draws, seed
        Courses drawn, and the seed of the draws.

    Returns
    -------
    DataFrame
        A row per need and week: heads and productive heads, each with mean, p10 and p90, and
        p_met, the share of draws and paths together on which productive heads, with cover as
        planned, suffice. It lies below the plan's own p_met where attrition is chance too.
    """
    course = simulated_course(case, decisions, draws=draws, seed=seed)
    planned = follow(case, decisions).productive(case)[0]
    drawn = course.productive(case)
    tables = []
    for g, need in enumerate(case.needs):
        cover = cover_of(case, need, planned[g]) if case.params.confidence is not None else 0.0
        heads = course.present[:, list(need.sites)].sum(axis=1)
        columns = _spread("heads", heads) | _spread("productive", drawn[:, g])
        columns["p_met"] = _met(np.sort(need.paths, axis=0), drawn[:, g] + cover + WITHIN)
        week = pd.to_datetime([case.date_of(w) for w in range(case.weeks)])
        tables.append(pd.DataFrame({"need": need.name, "week": week, **columns}))
    return pd.concat(tables, ignore_index=True)


def _spread(name: str, drawn: Floats) -> dict[str, Floats]:
    p10, p90 = np.quantile(drawn, [0.1, 0.9], axis=0)
    return {f"{name}_mean": drawn.mean(axis=0), f"{name}_p10": p10, f"{name}_p90": p90}


def _met(paths: Floats, there: Floats) -> Floats:
    """Return the share of pairs of a path (sorted) and a draw in which heads suffice, by week."""
    met = [
        np.searchsorted(paths[:, w], there[:, w], side="right").mean() / len(paths)
        for w in range(there.shape[1])
    ]
    return np.array(met)
