"""What a young series learns from the others of its centre: days that it did not yet live.

A queue that is days old cannot tell a Monday from a Friday. The weeks before its first day are lent
to it: what all others had together at the same local times, at the size that the queue has beside
them on the days in common. Models learn from them as from days of its own; as its own days come,
they count more and more, and after ``YOUNG_DAYS`` nothing is lent.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.effects.cells import reported
from forecast.recovery import recovered
from forecast.schema import MENDED, SERIES, SeriesKey

YOUNG_DAYS = 56
"""A series with so many reported open days has seen enough of its own (docs/experiments.md)."""
LENT_DAYS = 28
"""Days lent, counted back from the series' first."""
LENT = "lent by others"
"""What MENDED says of a young series."""
PLACE = ["date", "slot_min"]


@dataclass(frozen=True)
class Borrowed:
    """A history that models can learn from, and where it was lent from.

    ``share`` is the series' size beside all others together, ``since`` the first day of its own;
    both are None where nothing was lent.
    """

    train: pd.DataFrame
    share: float | None = None
    since: pd.Timestamp | None = None

    def table(self, key: SeriesKey, target: str) -> pd.DataFrame:
        """Return MENDED of the series: one row where days were lent to it."""
        if self.share is None:
            return MENDED.empty()
        row = {"target": target, "what": LENT, "at": self.since, "factor": self.share}
        return MENDED.validate(pd.DataFrame([{**dict(zip(SERIES, key, strict=True)), **row}]))


def is_young(train: pd.DataFrame) -> bool:
    """Return whether a series' FEATURES have so few reported days that others lend it some."""
    return bool(0 < reported(train)["date"].nunique() < YOUNG_DAYS)


def borrowed(train: pd.DataFrame, others: pd.DataFrame, pattern: pd.DataFrame) -> Borrowed:
    """Return a young series' history with the days before its first as the others lived them.

    Parameters
    ----------
    train
        FEATURES of one series before a cutoff.
    others
        FEATURES of the other series of the centre, as known at that cutoff and before it.
    pattern
        FEATURES of the series whose weekdays and times are those that it is open at, such as the
        days ahead.
    """
    own = reported(train)
    given = reported(others[others["channel"].isin(train["channel"].unique())])
    if not is_young(train) or given.empty:
        return Borrowed(train)
    since = own["date"].min()
    together = given.groupby(PLACE)["y"].sum()
    common = together.reindex(pd.MultiIndex.from_frame(own[PLACE])).to_numpy()
    seen = ~np.isnan(common)
    if not (seen.any() and common[seen].sum() > 0 and own["y"].to_numpy()[seen].sum() > 0):
        return Borrowed(train)
    share = float(own["y"].to_numpy()[seen].sum() / common[seen].sum())
    before = (given["date"] < since) & (given["date"] >= since - pd.Timedelta(days=LENT_DAYS))
    lent = given[before].drop_duplicates(PLACE)
    is_open = pd.concat([own, pattern[pattern["open_min"] > 0]])[["weekday", "slot_min"]]
    lent = lent.merge(is_open.drop_duplicates(), on=["weekday", "slot_min"])
    if lent.empty:
        return Borrowed(train)
    came = together.reindex(pd.MultiIndex.from_frame(lent[PLACE])).to_numpy()
    name = {column: train[column].iloc[0] for column in SERIES}
    filled = recovered(lent.assign(y=came * share, aht_s=np.nan, handled=np.nan, **name)).train
    own_rows = train[train["date"] >= since]
    return Borrowed(pd.concat([filled, own_rows], ignore_index=True), share, pd.Timestamp(since))
