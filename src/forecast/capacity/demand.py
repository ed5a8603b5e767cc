"""PATHS -> demand: the uncertain *rate* of contacts in every open interval."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.schema import PATHS, SERIES, SeriesKey

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Demand:
    """Open intervals and their possible rates.

    ``intervals`` has site, queue, channel, ds and open_min; ``rate`` is (intervals x paths), in
    contacts per interval; ``aht_s`` has one value per interval; ``weeks`` is the calendar time
    covered, closed days included.
    """

    intervals: pd.DataFrame
    rate: Floats
    aht_s: Floats
    weeks: float

    @property
    def load_erlangs(self) -> Floats:
        """Offered load of every interval on every path."""
        seconds = self.intervals["open_min"].to_numpy() * 60
        return np.asarray(self.rate * (self.aht_s / seconds)[:, None])

    def scaled(self, *, where: npt.NDArray[np.bool_], volume: float, aht: float) -> "Demand":
        """Return the demand with volume and handle time multiplied in some intervals."""
        volumes, ahts = np.where(where, volume, 1.0), np.where(where, aht, 1.0)
        return replace(self, rate=self.rate * volumes[:, None], aht_s=self.aht_s * ahts)


def demand_of(paths: pd.DataFrame, aht_s: Mapping[SeriesKey, float]) -> Demand:
    """Return the demand in PATHS: their counts with the Poisson noise taken out.

    The counts of an interval vary because the rate is uncertain *and* because calls come at random
    around any rate. The queueing formulas contain the second part, so only the first may be staffed
    for: counts are drawn towards their mean by sqrt(1 - mean / variance), which leaves the variance
    of the rate, Var(rate) = Var(count) - mean.

    Parameters
    ----------
    paths
        PATHS of any number of series.
    aht_s
        Average handle time by (site, queue, channel).
    """
    valid = PATHS.validate(paths)
    is_open = valid[valid["open_min"] > 0]
    wide = is_open.pivot(index=[*SERIES, "ds"], columns="path", values="offered")
    counts = wide.to_numpy(dtype="float64")
    mean = counts.mean(axis=1, keepdims=True)
    variance = counts.var(axis=1, keepdims=True)
    kept = np.sqrt(np.clip(1 - mean / np.maximum(variance, 1e-12), 0, 1))
    rate = np.maximum(mean + kept * (counts - mean), 0)
    minutes = is_open.drop_duplicates([*SERIES, "ds"])
    intervals = wide.index.to_frame(index=False).merge(
        minutes[[*SERIES, "ds", "open_min"]], on=[*SERIES, "ds"], validate="one_to_one"
    )
    keys = intervals[list(SERIES)].itertuples(index=False, name=None)
    ahts = np.array([aht_s[key] for key in keys])
    # PATHS hold the closed intervals too, so that their span is whole days.
    days = np.ceil((valid["ds"].max() - valid["ds"].min()) / pd.Timedelta(days=1))
    return Demand(intervals, rate, ahts, weeks=float(max(days, 1)) / 7)
