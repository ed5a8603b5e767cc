"""What the usual level is made of: trend, weekday, days of the month, closures, season; with bands.

The level is a sum of Gaussian processes on the log scale, so each part has a posterior of its own.
A part is told beside its mean over the history's days: what is left is the mean level.

References
----------
Rasmussen & Williams (2006), Gaussian processes for machine learning, 2.2; Duvenaud (2014),
Automatic model construction with Gaussian processes, 2.4.5 (posteriors of the parts of a sum).
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.linalg import solve_triangular

from forecast.effects.cells import COVARIATES
from forecast.effects.kernel import COVARIATE_SD, WEEKDAY_SD, usual_parts
from forecast.effects.learn import Effects, one_thread
from forecast.effects.tables import NORMAL

Floats = npt.NDArray[np.float64]
CLOSURES, WEEKDAY = "closures and month turns", "weekday"
MADE_OF: Mapping[str, tuple[str, ...]] = {
    "trend": ("level",),
    "spells": ("spell", "mood"),
    "days of the month": ("month day", "month left"),
    "season": ("year",),
}
"""Parts that a reader tells apart, and the parts of the model that each is."""


def level_parts(effects: Effects, cells: pd.DataFrame) -> pd.DataFrame:
    """Return what each part makes of the usual level of days, with a 90 % band.

    Parameters
    ----------
    effects
        As learned; ``models["day_level"].levels.effects`` of a fitted day-level model.
    cells
        Days (``Cells.frame``), of the history or ahead.

    Returns
    -------
    pandas.DataFrame
        A row per part and cell: ``part``, ``date``, ``weekday``, ``factor`` on the mean level, and
        ``factor_q05`` and ``factor_q95``. The product of a cell's factors is its usual level over
        the geometric mean of the history's.
    """
    seen, solved = effects.design.frame, effects.solved
    own = _covariances(effects, cells, cells)
    cross, past = _covariances(effects, cells, seen), _covariances(effects, seen, seen)
    rows = []
    for part, among in past.items():
        usual = among.mean(axis=0)
        beside = cross[part] - usual[None, :]
        with one_thread():
            told = solve_triangular(solved.factor, beside.T, lower=True, check_finite=False)
        before = np.diag(own[part]) - 2 * cross[part].mean(axis=1) + usual.mean()
        sd = np.sqrt(np.maximum(before - np.square(told).sum(axis=0), 0.0))
        mean = beside @ solved.alpha
        rows.append(
            pd.DataFrame(
                {
                    "part": part,
                    "date": cells["date"].to_numpy(),
                    "weekday": cells["weekday"].to_numpy(),
                    "factor": np.exp(mean),
                    "factor_q05": np.exp(mean - NORMAL * sd),
                    "factor_q95": np.exp(mean + NORMAL * sd),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _covariances(effects: Effects, one: pd.DataFrame, two: pd.DataFrame) -> dict[str, Floats]:
    found = usual_parts(one, two, years=effects.design.years)
    sized = {name: effects.scales[name] ** 2 * part for name, part in found.items()}
    parts = {
        name: np.asarray(sum(sized[inner] for inner in made_of))
        for name, made_of in MADE_OF.items()
        if set(made_of) <= set(sized)
    }
    same_day = one["weekday"].to_numpy()[:, None] == two["weekday"].to_numpy()[None, :]
    a, b = (frame[list(COVARIATES)].to_numpy(dtype="float64") for frame in (one, two))
    parts[WEEKDAY] = WEEKDAY_SD**2 * same_day.astype("float64")
    parts[CLOSURES] = COVARIATE_SD**2 * (a @ b.T)
    return parts
