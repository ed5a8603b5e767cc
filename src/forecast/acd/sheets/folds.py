"""Interval starts in UTC, on the two nights of the year on which clocks change too."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.acd.cells.zones import told_apart
from forecast.acd.sheets.fields import Context
from forecast.acd.sheets.moments import Stamps, utc_of, with_second
from forecast.acd.sheets.reading import series_of

Names = dict[str, tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Placed:
    """Times in UTC by row, and which of them could not be placed."""

    ds: pd.Series
    never: np.ndarray
    """Wall times that do not exist."""
    untold: np.ndarray
    """Wall times that exist twice, and nothing tells which it is."""
    noticed: dict[str, tuple[int, str]]

    @property
    def bad(self) -> int:
        """How many rows could not be placed."""
        return int(self.never.sum() + self.untold.sum())


def placed(ctx: Context, stamps: Stamps, wall: pd.Series, names: Names) -> Placed:
    """Return wall times in UTC, second occurrences of the doubled hour put in their place.

    ``wall`` is that of the stamps, or moved from an interval's end to its start.
    """
    ds, twice, never = utc_of(stamps, wall, names["site"], ctx.params)
    untold = np.zeros(ctx.size, dtype=bool)
    if not twice.any():
        return Placed(ds, never, untold, {})
    days = wall.dt.normalize()
    near = days.isin(days[twice].unique()).to_numpy() & wall.notna().to_numpy()
    told = told_apart(
        pd.DataFrame(
            {
                "series": series_of(names)[near],
                "wall": wall[near],
                "twice": twice[near],
                "line": ctx.grid.lines[near],
            }
        )
    )
    untold[told.index[told == "untold"]] = True
    second = told.index[told == "second"].to_numpy(dtype="int64")
    out = with_second(ds, wall, second, stamps, names["site"], ctx.params)
    return Placed(out, never, untold, _alone(told))


def _alone(told: pd.Series) -> dict[str, tuple[int, str]]:
    count = int((told == "alone").sum())
    if not count:
        return {}
    return {
        "clock_change": (
            count,
            f"{count} rows stand in the hour that comes twice when the clocks are set back, and "
            "stand there once: they were taken as the first of the two, the second is missing (or "
            "the switch has added both)",
        )
    }
