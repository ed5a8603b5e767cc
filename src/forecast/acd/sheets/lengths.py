"""How long intervals are, where the report does not say: told from the steps between rows."""

import numpy as np
import pandas as pd

from forecast.errors import InputError

STEADY_DAYS = 2
ENOUGH_STEPS = 20
DAY_MIN = 1440
LENGTHS_MIN = (5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440)


def told_lengths(series: np.ndarray, wall: pd.Series, lines: np.ndarray, file: str) -> np.ndarray:
    """Return each row's length in minutes by wall time; NaN where its time is not known.

    The usual step of a series is its length. Where all series of that length have wider steps from
    some day on (or up to it), the length has changed: an export of half-hours after one of
    quarter-hours, not a queue with gaps.

    Raises
    ------
    InputError
        When there is one interval per series alone, or a step is no multiple of the usual one.
    """
    rows = pd.DataFrame({"series": series, "wall": wall.to_numpy(), "line": lines})
    known = rows.dropna(subset="wall").sort_values(["series", "wall"], kind="stable")
    step = known.groupby("series")["wall"].diff().dt.total_seconds() / 60
    steps = step[step > 0]
    if steps.empty:
        if len(known) < len(rows) or rows.empty:
            return np.full(len(rows), np.nan)  # the times themselves are the problem
        raise InputError(
            f"{file}: the interval length cannot be told from one interval per queue; "
            "add a column interval_minutes, or give minutes in the profile"
        )
    own = steps.groupby(known.loc[steps.index, "series"]).agg(_usual)
    common = float(_usual(steps)) if own.empty else float(own.min())
    lengths = known["series"].map(own.where(own != 0, common)).fillna(common)
    # A queue with one row a day, and not at midnight, has no daily totals: it has few calls.
    at_midnight = (known["wall"] == known["wall"].dt.normalize()).groupby(known["series"])
    daily = (lengths >= DAY_MIN) & ~at_midnight.transform("all")
    lengths = lengths.where(~daily, common if common < DAY_MIN else np.nan)
    day = known["wall"].dt.normalize()
    for own in sorted(set(lengths)):
        here = lengths == own
        lengths[here] = _changed(known[here], day[here], own)
    _check_steps(known, step, lengths, file)
    return lengths.reindex(rows.index).to_numpy(dtype="float64")


def _usual(steps: pd.Series) -> float:
    """Return the step that is most frequent, if it is the shortest too; else 0, for the file's."""
    usual = float(steps.mode().min())
    return usual if usual == float(steps.min()) or len(steps) >= ENOUGH_STEPS else 0.0


def _changed(known: pd.DataFrame, day: pd.Series, usual: float) -> pd.Series:
    """Return the length by row of series with one usual length, by stretches of days."""
    out = pd.Series(usual, index=known.index)
    if usual >= DAY_MIN:
        return out
    times = pd.DataFrame({"day": day, "wall": known["wall"]}).drop_duplicates().sort_values("wall")
    gap = times.groupby("day")["wall"].diff().dt.total_seconds() / 60
    by_day = gap.groupby(times["day"]).agg(["min", "count"]).dropna()
    by_day = by_day[by_day["count"] >= 3]["min"]
    if by_day.empty or ((by_day == by_day.iloc[0]).all() and by_day.iloc[0] == usual):
        return out
    stretch = (by_day != by_day.shift()).cumsum()
    sizes = stretch.map(stretch.value_counts())
    if (sizes < STEADY_DAYS).any() or not by_day.isin(LENGTHS_MIN).all():
        return out
    told = by_day.reindex(day.drop_duplicates().sort_values()).ffill().bfill()
    return day.map(told).astype("float64")


def _check_steps(known: pd.DataFrame, step: pd.Series, lengths: pd.Series, file: str) -> None:
    before = lengths.groupby(known["series"]).shift()
    # From one length to the next a step is a multiple of the shorter of the two.
    unit = np.fmin(lengths, before)
    odd = step.notna() & (step % unit != 0) & (step > 0)
    if odd.any():
        at = known[odd].assign(length=lengths[odd]).sort_values("line").iloc[0]
        raise InputError(
            f"{file}, line {at['line']}: the step to the interval before is no multiple of the "
            f"queue's usual {at['length']:g} minutes; mend the time, or add a column "
            "interval_minutes"
        )
