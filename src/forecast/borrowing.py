"""What a young series learns from the others of its centre: days that it did not yet live.

A queue that is days old cannot tell a Monday from a Friday. The weeks before its first day are lent
to it: what all others had together at the same local times, at the size that the queue has beside
them on the days in common. Models learn from them as from days of its own; as its own days come,
they count more and more, and after ``YOUNG_DAYS`` nothing is lent.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.effects.cells import HALF, reported
from forecast.features import known_at
from forecast.recovery import recovered
from forecast.schema import MENDED, SERIES, SeriesKey, events_at

YOUNG_DAYS = 56
"""A series with so many reported open days has seen enough of its own (docs/experiments.md)."""
YOUNG_SPAN_DAYS = 90
"""One that has lived so long is old, however seldom it is open."""
LEAST_COMMON = 0.5
"""Share of the young series' intervals that a lender must have reported."""
ECHO = pd.Timedelta(days=3)
"""So long after an event of theirs others are not lent."""
LENT_DAYS = 28
"""Days lent, counted back from the series' first."""
LENT = "lent by others"
"""What MENDED says of a young series."""
PLACE = ["date", "slot_min"]


class Others(NamedTuple):
    """FEATURES and EVENTS of a whole centre."""

    features: pd.DataFrame
    events: pd.DataFrame


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
    """Return whether a series' FEATURES have so few reported days that others lend it some.

    One that is open on Mondays only is not young after a quarter of a year.
    """
    dates = reported(train)["date"]
    if dates.empty:
        return False
    span = (dates.max() - dates.min()).days
    return bool(dates.nunique() < YOUNG_DAYS and span < YOUNG_SPAN_DAYS)


def borrowed(
    train: pd.DataFrame, others: Others, cutoff: pd.Timestamp, pattern: pd.DataFrame
) -> Borrowed:
    """Return a series' history; a young one's with the days before its first as others lived them.

    Parameters
    ----------
    train
        FEATURES of one series before a cutoff.
    others
        The centre's, from which all other series lend. Those of other channels do only where no
        series of the same channel can.
    cutoff
        Of the others only what was known at it is lent.
    pattern
        FEATURES of the series whose weekdays and times are those that it is open at, such as the
        days ahead.
    """
    if not is_young(train):
        return Borrowed(train)
    given = reported(_others_at(others, train, cutoff))
    same = given["channel"] == train["channel"].iloc[0]
    return (
        _lent(train, given[same], pattern) or _lent(train, given[~same], pattern) or Borrowed(train)
    )


def _others_at(others: Others, young: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Return FEATURES of all series but one that can be lent to it, as known at a cutoff.

    Intervals that an event of theirs reaches are left out: it is not the young series'.
    """
    features = others.features
    since = reported(young)["ds"].min() - pd.Timedelta(days=LENT_DAYS + 1)
    within = (features["ds"] < cutoff) & (features["ds"] >= since)
    known = known_at(features[within & ~_of(features, young.iloc[0])], cutoff)
    reached = pd.Series(data=False, index=known.index)
    told = events_at(others.events, cutoff)
    for _, event in told[told["pool"] == "event"].iterrows():
        on = known["date"].between(event["start"].normalize(), event["end"] + ECHO)
        reached |= _of(known, event) & on
    return known[~reached]


def _of(rows: pd.DataFrame, one: pd.Series) -> pd.Series:
    """Return which rows are of the series that one row is of."""
    same: pd.Series = (rows[list(SERIES)] == one[list(SERIES)]).all(axis=1)
    return same


def _lent(train: pd.DataFrame, given: pd.DataFrame, pattern: pd.DataFrame) -> Borrowed | None:
    """Return a young series' history with days that some lenders reported; None: none can."""
    if given.empty:
        return None
    own = reported(train)
    since = own["date"].min()
    table = given.pivot_table(index=PLACE, columns=list(SERIES), values="y", aggfunc="sum")
    came = own.set_index(PLACE)["y"]
    common = table.reindex(came.index)
    # A series that began, ended or paused between would change the sum, not the queue.
    common = common.loc[:, common.notna().mean() >= LEAST_COMMON]
    common = common.loc[:, common.sum() > 0]
    before = (given["date"] < since) & (given["date"] >= since - pd.Timedelta(days=LENT_DAYS))
    places = given[before].drop_duplicates(PLACE)
    is_open = pd.concat([own, pattern[pattern["open_min"] > 0]])[["weekday", "slot_min"]]
    places = places.merge(is_open.drop_duplicates(), on=["weekday", "slot_min"])
    if common.columns.empty or places.empty:
        return None
    # Who reported at a place stands for all, at the size that they had on the days in common.
    size = common.sum()
    told = table.reindex(pd.MultiIndex.from_frame(places[PLACE]))[common.columns]
    present = told.notna().to_numpy() @ size.to_numpy()
    # Half a contact more: a queue that nobody has called yet is small, and not nothing.
    share = float((came.sum() + HALF) / size.sum())
    worth = np.where(present > 0, size.sum() * share / np.where(present > 0, present, 1.0), np.nan)
    name = {column: train[column].iloc[0] for column in SERIES}
    y = np.nansum(told.to_numpy(), axis=1) * worth
    filled = recovered(places.assign(y=y, aht_s=np.nan, handled=np.nan, **name)).train
    own_rows = train[train["date"] >= since]
    return Borrowed(pd.concat([filled, own_rows], ignore_index=True), share, pd.Timestamp(since))
