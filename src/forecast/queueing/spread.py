"""Many loads on a fine grid: each between the grid's load below it and the one above."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from forecast.queueing.checks import Floats

Ints = npt.NDArray[np.int64]
STEP = 0.01
"""Of the grid, in square roots of erlangs: an eightieth of the width on which results change."""


@dataclass(frozen=True)
class Spread:
    """Rows of possible loads, each parted between its two neighbours on a grid.

    Attributes
    ----------
    load
        In erlangs (rows x loads).
    lower
        Number of the grid's load below.
    first, last
        The least and the largest such number of each row (rows).
    up
        Part of the load above.
    callers
        What each load weighs for callers.
    share
        What each load weighs for agents (loads).
    step
        Of the grid, in square roots of erlangs.
    """

    load: Floats
    lower: npt.NDArray[np.int32]
    first: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    up: Floats
    callers: Floats
    share: Floats
    step: float

    @classmethod
    def of(cls, load: Floats, callers: Floats, share: Floats, step: float) -> Self:
        """Part loads (rows x loads), which weigh ``callers`` (the same) and ``share`` (loads)."""
        lower = np.where(load > 0, np.floor(np.sqrt(load) / step) + 1, 0).astype("int32")
        base = loads_of(lower, step)
        up = (load - base) / (loads_of(lower + 1, step) - base)
        return cls(load, lower, lower.min(axis=1), lower.max(axis=1), up, callers, share, step)

    def rows(self, some: Ints | slice) -> "Spread":
        """Return some of the rows."""
        return Spread(
            self.load[some],
            self.lower[some],
            self.first[some],
            self.last[some],
            self.up[some],
            self.callers[some],
            self.share,
            self.step,
        )


def loads_of(number: npt.NDArray[np.signedinteger], step: float) -> Floats:
    """Return the loads of the grid: none at all, next to none, and on from there.

    Where nobody calls all is well, whoever is there; one call that nobody answers is another world.
    """
    return np.where(number == 0, 0.0, np.maximum((number - 1) * step, 1e-6) ** 2)
