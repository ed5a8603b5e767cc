"""What would mislead a model in a history: absurd counts, odd days, and levels that have shifted.

A count that cannot be, a day that was lost, and one that was odd, are not the level; a level that
has shifted makes everything before it look wrong. Models learn from a history in which absurd
counts and lost days are missing, odd days lie at their usual level, and the days before a shift at
the level after it. Only what they learn from is mended so: what came is scored as it came, but for
absurd counts, which nobody can have been asked to foresee.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.effects.cells import (
    HALF,
    Cells,
    Observed,
    cells_of,
    offered_levels,
    reported,
)
from forecast.effects.faults import absurd_counts, dead_days, lost_days
from forecast.schema import EVENTS, MENDED, SERIES

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
MIN_SHIFT = 0.35
"""Least shift of a level that counts, on the log scale: 42 % up or 30 % down."""
SHIFT_SD = 4.0
"""... and in standard deviations of a day."""
BEFORE_DAYS, AFTER_DAYS = 28, 14
"""Open days that a level is told from, before and after."""
MIN_AFTER = 3
"""A shift is believed after so many days."""
RECENT_DAYS = 60
"""Open days within which a shift is looked for: older ones are in every model's past by now."""
SHIFTS_AT_MOST = 3
ODD_SD, ODD_LEAST = 6.0, 0.35
"""A day is odd when it lies so many standard deviations, and so far, from the days around it."""
AROUND = 7
NEAR_DAYS = 2
"""A pay or billing day is moved by so many days where it meets a weekend."""
NORMAL_MAD = 1.4826


@dataclass(frozen=True)
class Recovered:
    """A history that models can learn from, and what was mended in it.

    ``absurd`` are the intervals (ds, y, usual) whose counts are left out, ``dead`` the days (date)
    on which nobody came for so long that the queue cannot have been in use, ``lost`` single days
    (date) on which nobody came though many had to, ``odd`` the days (date, factor of what was
    usual) put at their usual level, ``shifts`` the days (date, factor) from which on the level was
    another.
    """

    train: pd.DataFrame
    absurd: pd.DataFrame
    dead: pd.DataFrame
    lost: pd.DataFrame
    odd: pd.DataFrame
    shifts: pd.DataFrame

    def table(self, target: str) -> pd.DataFrame:
        """Return MENDED of the series."""
        wall = self.train[["ds", "date", "slot_min"]].merge(self.absurd, on="ds")
        at = wall["date"] + pd.to_timedelta(wall["slot_min"], unit="min")
        parts = [
            pd.DataFrame({"what": "absurd count", "at": at, "factor": wall["y"] / wall["usual"]}),
            pd.DataFrame({"what": "dead day", "at": self.dead["date"], "factor": 0.0}),
            pd.DataFrame({"what": "lost day", "at": self.lost["date"], "factor": 0.0}),
            self.odd.rename(columns={"date": "at"}).assign(what="odd day"),
            self.shifts.rename(columns={"date": "at"}).assign(what="level shift"),
        ]
        found = pd.concat([part for part in parts if len(part)] or [MENDED.empty()])
        for name in SERIES:
            found = found.assign(**{name: self.train[name].iloc[0]})
        return MENDED.validate(found.assign(target=target)[MENDED.names])


def recovered(train: pd.DataFrame) -> Recovered:
    """Return one series' FEATURES, up to a cutoff, as models may learn from them.

    Parameters
    ----------
    train
        FEATURES of one series before a cutoff, without the effects of events.
    """
    absurd = absurd_counts(train)
    out = train.assign(y=train["y"].mask(train["ds"].isin(absurd["ds"])))
    dead = dead_days(out).to_frame()
    silent = lost_days(out)
    lost = silent[~silent.isin(dead["date"])].to_frame()
    out = out.assign(y=out["y"].mask(out["date"].isin([*dead["date"], *lost["date"]])))
    shifts, odd = [], []
    known = reported(out)
    if known["date"].nunique() > BEFORE_DAYS // 2:
        cells = cells_of(known, EVENTS.empty())
        seen = offered_levels(known, cells)
        level = _level(seen, cells)
        date = cells.frame["date"].to_numpy()
        shift = np.zeros(len(level))
        chance = float(np.sqrt(np.median(seen.variance)))
        for _ in range(SHIFTS_AT_MOST):
            place, size = _largest_shift(level + shift, chance)
            if not size:
                break
            shifts.append((date[place], float(np.exp(size))))
            shift[:place] += size
        off, strange = _odd(level + shift, seen.usual * np.exp(-shift))
        strange &= ~_monthly(pd.DatetimeIndex(date), off, strange)
        odd = [(date[i], float(np.exp(off[i]))) for i in np.flatnonzero(strange)]
        factor = pd.Series(np.exp(shift - off * strange), index=pd.Index(date))
        out = out.assign(y=out["y"] * out["date"].map(factor).fillna(1.0))
    return Recovered(out, absurd, dead, lost, _days(odd), _days(sorted(shifts)))


def _days(found: list[tuple[np.datetime64, float]]) -> pd.DataFrame:
    dates = np.array([date for date, _ in found], dtype="datetime64[us]")
    return pd.DataFrame({"date": dates, "factor": np.array([factor for _, factor in found])})


def _level(seen: Observed, cells: Cells) -> Floats:
    """Return the log level of each day beside its weekday's."""
    level = pd.Series(seen.level)
    weekday = cells.frame["weekday"].to_numpy()
    drift = level.rolling(BEFORE_DAYS, center=True, min_periods=1).median()
    beside = (level - drift).groupby(weekday).transform("median")
    return np.asarray(level - beside, dtype="float64")


def _spread(values: Floats) -> float:
    """Return a standard deviation that single days cannot bend."""
    return float(NORMAL_MAD * np.median(np.abs(values - np.median(values))))


def _largest_shift(level: Floats, chance: float) -> tuple[int, float]:
    """Return where the level shifted most and by how much, on the log scale; 0: nowhere.

    ``chance`` is the standard deviation that chance alone gives a day: where days have a call or
    none, they are alike for the most part and tell nothing of how far they spread.
    """
    best, place, size = 1.0, 0, 0.0
    steps = np.diff(level)
    noise = max(_spread(steps) / np.sqrt(2), 1e-3) if len(steps) else 1.0
    first = max(BEFORE_DAYS // 4, len(level) - RECENT_DAYS)
    for at in range(first, len(level) - MIN_AFTER + 1):
        before, after = level[max(0, at - BEFORE_DAYS) : at], level[at : at + AFTER_DAYS]
        found = float(np.median(after) - np.median(before))
        least = max(MIN_SHIFT, SHIFT_SD * max(noise, chance, _spread(before)))
        # All days after it are on the new side: a spell that comes and goes is none.
        sided = np.sign(found) * (after - np.median(before)) > 0.5 * abs(found)
        score = abs(found) / least * abs(float(steps[at - 1])) / max(abs(found), 1e-9)
        if abs(found) >= least and sided.mean() > 0.85 and score > best * 0.5 and score > 0.5:
            best, place, size = max(best, score), at, found
    return place, size


def _odd(level: Floats, usual: Floats) -> tuple[Floats, Bools]:
    """Return how far each day lies from those around it, and which are odd.

    Only busy days are odd: quiet ones are the holidays that nobody told of, and bound to nothing.
    The last days are none: they may be the first of a rush that goes on. ``usual`` is the count of
    each day at level 0, by which is judged what chance does.
    """
    around = pd.Series(level).rolling(2 * AROUND + 1, center=True, min_periods=3).median()
    middle = np.asarray(around.fillna(pd.Series(level)))
    chance = 1 / np.sqrt(usual * np.exp(middle) + HALF)
    off = level - middle
    limit = np.maximum(ODD_LEAST, ODD_SD * np.maximum(_spread(off), chance))
    settled = np.arange(len(level)) < len(level) - AROUND
    return off, settled & (off > limit)


def _monthly(date: pd.DatetimeIndex, off: Floats, odd: Bools) -> Bools:
    """Return which odd days come again at their place in the month, as pay and billing days do.

    Those are for the models to learn. A day comes again when, in half of the other months of the
    history and in one at least, a day near its place, counted from the month's first or from its
    last day, lies at least half as far off.
    """
    month = np.asarray(date.year * 12 + date.month)
    first, last = np.asarray(date.day), np.asarray(date.days_in_month - date.day)
    again = np.zeros(len(date), dtype=bool)
    for i in np.flatnonzero(odd):
        near = (np.abs(first - first[i]) <= NEAR_DAYS) | (np.abs(last - last[i]) <= NEAR_DAYS)
        near &= month != month[i]
        others = len(np.unique(month[near]))
        alike = len(np.unique(month[near & (off > off[i] / 2)]))
        again[i] = alike >= max(1, others / 2)
    return again
