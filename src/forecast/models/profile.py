"""Tables of rates by weekday and time of day, which several models share."""

from typing import Any

import numpy as np
import pandas as pd

WEEKDAY_SLOT = ["weekday", "slot_min"]


def slot_fallback(rated: pd.DataFrame) -> dict[int, float]:
    """Return the mean rate of each time of day, over all days."""
    means = rated.groupby("slot_min")["rate"].mean()
    return {int(str(slot)): float(rate) for slot, rate in means.items()}


def full_days(known: pd.DataFrame) -> pd.Index:
    """Return the dates of which at least half of what that weekday usually is was reported."""
    days = known.groupby("date").agg(weekday=("weekday", "first"), open_min=("open_min", "sum"))
    usual = days.groupby("weekday")["open_min"].transform("median")
    return days.index[days["open_min"] >= 0.5 * usual]


def weekday_slot_mean(known: pd.DataFrame, last_days: int) -> pd.Series:
    """Return the mean rate by weekday and time of day over each weekday's last days."""
    ordered = known.sort_values("ds")
    recent = ordered.groupby(WEEKDAY_SLOT).tail(last_days)
    sums = recent.groupby(WEEKDAY_SLOT)[["y", "open_min"]].sum()
    mean: pd.Series = sums["y"] / sums["open_min"]
    return mean


def look_up(profile: pd.Series, asked: pd.DataFrame) -> np.ndarray:
    """Return the profile's value for each interval, NaN where it has none."""
    return np.asarray(
        profile.reindex(pd.MultiIndex.from_frame(asked[WEEKDAY_SLOT])), dtype="float64"
    )


def to_records(profile: pd.Series) -> list[list[Any]]:
    """Return a profile as JSON rows: weekday, slot, value."""
    rows = profile.rename("value").reset_index()
    return [[int(w), int(s), float(v)] for w, s, v in rows.itertuples(index=False)]


def from_records(rows: list[list[Any]]) -> pd.Series:
    """Return the profile that ``to_records`` gave."""
    frame = pd.DataFrame(rows, columns=[*WEEKDAY_SLOT, "value"])
    return frame.set_index(WEEKDAY_SLOT)["value"]
