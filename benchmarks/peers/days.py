"""A series taken apart into how busy its days are and a profile of each weekday.

What the methods of daily totals have in common. A day that was reported or open in part counts as
the whole day that it was a part of.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from peers.base import SLOT, latest, rate_at

PROFILE_WEEKS = 12
LEAST_PART = 0.5
"""Part of a weekday's usual contacts that must have been reported for its total to count."""
TINY = 1e-6
"""Contacts added to each weekday and time: one that never had any has a shape, and no total."""


@dataclass(frozen=True)
class Shape:
    """How days are spread: the rate by weekday and time, and the mean total of each weekday.

    ``known`` are the rows that it is from.
    """

    rate: pd.Series
    total: pd.Series
    known: pd.DataFrame

    def spread(self, totals: np.ndarray, rows: pd.DataFrame) -> np.ndarray:
        """Return the counts of rows from the totals of their days (rows first)."""
        expected = rate_at(self.rate, self.known, rows) * rows["open_min"].to_numpy()
        part = expected / self.usual(rows["weekday"])
        return np.asarray(totals * part.reshape(-1, *[1] * (totals.ndim - 1)))

    def usual(self, weekday: pd.Series) -> np.ndarray:
        """Return the mean total of weekdays; of one never reported, the mean of the others."""
        return weekday.map(self.total).fillna(self.total.mean()).to_numpy("float64")


@dataclass(frozen=True)
class Days:
    """One series' totals by date, in contacts of a whole day, and the shape of its days."""

    totals: pd.Series
    shape: Shape

    def profiled(self) -> tuple[pd.DataFrame, np.ndarray]:
        """Return the rows that the shape is from, and what it makes of their days' totals."""
        rows = self.shape.known[self.shape.known["date"].isin(self.totals.index)]
        return rows, self.shape.spread(rows["date"].map(self.totals).to_numpy("float64"), rows)


def taken_apart(known: pd.DataFrame, weeks: int) -> Days:
    """Return the daily totals of the last weeks and the mean weekday profile of the last twelve."""
    shape = _shape(latest(known, PROFILE_WEEKS))
    rows = latest(known, weeks)
    # A total of 1 is spread: the part of a usual day that a row is.
    part = pd.Series(shape.spread(np.ones(len(rows)), rows), index=rows.index)
    days = rows.assign(part=part).groupby("date").agg(y=("y", "sum"), part=("part", "sum"))
    days = days[days["part"] >= LEAST_PART]
    return Days(days["y"] / days["part"], shape)


def _shape(known: pd.DataFrame) -> Shape:
    sums = known.groupby(SLOT)[["y", "open_min"]].sum()
    y = sums["y"] + TINY
    days = known.groupby("weekday")["date"].nunique()
    return Shape(y / sums["open_min"], y.groupby("weekday").sum() / days, known)
