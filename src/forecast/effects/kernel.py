"""Covariances: how alike two days' usual levels are, and what two events do to two days.

An event's effect on the log scale is a sum of three smooth curves over the days before, during and
after it: one that all events share, one of its kind and one of its own. Each is a Gaussian process:
days that stand alike in their events have like effects.

References
----------
Rasmussen & Williams (2006), Gaussian processes for machine learning, chapters 2 and 4.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.effects.cells import COVARIATES
from forecast.effects.positions import AFTER, BEFORE, DURING, Pairs

Floats = npt.NDArray[np.float64]
MEMORY_DAYS = {"level": 180.0, "spell": 20.0, "mood": 2.0}
"""After so many days a part of the level has forgotten all but a third of what it was."""
MONTH_DAYS = 1.5
"""Distance, in days of the month, over which days of a month are alike (bills, wages, dues)."""
YEAR_ALIKE = 0.35
"""The same within the year, in radians of half its circle: about six weeks."""
MIN_YEAR_DAYS = 440
"""A shorter history has not seen enough of a season twice to tell it from a drift."""
LEVEL_SD, WEEKDAY_SD, COVARIATE_SD = 1.0, 0.4, 0.2
"""How much levels, weekdays and calendar covariates differ, on the log scale."""
SIZE = {BEFORE: 0.5, DURING: 1.0, AFTER: 0.8}
"""Effects before and after are expected to be smaller than that of the event itself."""
FADED = 4.0
"""An effect's expected size falls by this power of e from the event to the end of its reach."""
DAYS_OF_YEAR = 365.25
ALIKE = 0.6
"""Distance, in logarithms of days, over which effects are alike."""


def usual_covariance(one: pd.DataFrame, two: pd.DataFrame) -> Floats:
    """Return the covariance of the fixed part of the usual level: mean, weekday, covariates."""
    same_day = one["weekday"].to_numpy()[:, None] == two["weekday"].to_numpy()[None, :]
    a, b = (cells[list(COVARIATES)].to_numpy(dtype="float64") for cells in (one, two))
    return np.asarray(LEVEL_SD**2 + WEEKDAY_SD**2 * same_day + COVARIATE_SD**2 * (a @ b.T))


def usual_parts(one: pd.DataFrame, two: pd.DataFrame, *, years: bool) -> dict[str, Floats]:
    """Return the parts of the usual levels' covariance whose scale is learned, by name.

    The level drifts over half a year, and in spells of weeks and of days; days of the month are
    alike, counted from its start and from its end; and with ``years`` the time of the year.
    """
    parts = {name: drift(one, two, days) for name, days in MEMORY_DAYS.items()}
    for name, place in (("month day", _month_day), ("month left", _month_left)):
        parts[name] = _rbf(place(one), place(two), MONTH_DAYS)
    if years:
        turn = np.pi * _apart(one, two) / DAYS_OF_YEAR
        parts["year"] = np.exp(-2 * (np.sin(turn) / YEAR_ALIKE) ** 2)
    return parts


def drift(one: pd.DataFrame, two: pd.DataFrame, days: float) -> Floats:
    """Return the correlation of a level that forgets itself after some days."""
    return np.asarray(np.exp(-np.abs(_apart(one, two)) / days))


def _apart(one: pd.DataFrame, two: pd.DataFrame) -> Floats:
    a, b = ((cells["date"] - pd.Timestamp("2000-01-01")).dt.days.to_numpy() for cells in (one, two))
    return np.asarray(a[:, None] - b[None, :], dtype="float64")


def _month_day(cells: pd.DataFrame) -> Floats:
    return np.asarray(cells["date"].dt.day, dtype="float64")


def _month_left(cells: pd.DataFrame) -> Floats:
    return np.asarray(cells["date"].dt.days_in_month - cells["date"].dt.day, dtype="float64")


def alike(one: Pairs, two: Pairs) -> Floats:
    """Return how alike the effects of one event are where the cells of two sets of pairs stand."""
    # In place: many events have millions of pairs of pairs.
    shape = _rbf(np.log1p(one.near), np.log1p(two.near), ALIKE)
    mine, others = (np.flatnonzero(pairs.phase == DURING) for pairs in (one, two))
    left = _rbf(np.log1p(one.left[mine]), np.log1p(two.left[others]), ALIKE)
    during = np.ix_(mine, others)
    shape[during] = 0.5 + 0.25 * shape[during] + 0.25 * left
    shape *= _size(one)[:, None] * _size(two)[None, :]
    shape[one.phase[:, None] != two.phase[None, :]] = 0.0
    return shape


def _size(pairs: Pairs) -> Floats:
    fading = np.exp(-np.maximum(pairs.near - 1, 0) * FADED / pairs.reach)
    whole = np.where(pairs.phase == DURING, 1.0, fading)
    return np.asarray(np.array([SIZE[phase] for phase in (0, 1, 2)])[pairs.phase] * whole)


def _rbf(one: Floats, two: Floats, distance: float) -> Floats:
    out = np.asarray(one[:, None] - two[None, :])
    out /= distance
    np.square(out, out=out)
    out *= -0.5
    return np.asarray(np.exp(out, out=out))
