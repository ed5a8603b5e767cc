"""Days and hours that nothing in the calendar explains: events that nobody announced."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from forecast.effects.cells import Cells, cells_of, reported, undivided, usual_rate
from forecast.effects.learn import Effects
from forecast.effects.positions import DAY
from forecast.schema import LOCAL, UNEXPLAINED, SeriesKey

DAY_Z = 4.0
"""A day so many standard deviations from what was expected is listed: by chance 1 in 16,000."""
RUN_Z = 6.0
"""Intervals in a row, together, within a day; there are many more ways to be there by chance."""
STEP_Z = 2.5
LEAST_SHARE = 0.2
"""What differs by less from the expected is no event, however many contacts there are."""
MOST = 0.5
"""Share of a day's difference above which its hours are listed in its place."""
SILENT = 0.1
"""Below this share of what was expected a queue was as good as silent."""
ROUNDS = 4
"""How often what is odd is left out, and what is odd beside the others told anew."""
UNHEARD = 100.0
"""Variance of a level that tells the others nothing."""
COLUMNS = ["start", "end", "offered", "expected", "z"]


def unexplained(
    features: pd.DataFrame, effects: Effects, key: SeriesKey, interval_min: int
) -> pd.DataFrame:
    """Return UNEXPLAINED: days, and hours within days, that differ from all expectation.

    Neighbouring days to the same side are one entry. A day that differs for the most part by some
    hours of it is listed by these; hours of a day that is listed as a whole are not listed again.

    Parameters
    ----------
    features
        FEATURES of one series as known now.
    effects
        What was learned from them: level, weekday, holidays and every event of the calendar.
    key
        The series.
    interval_min
        Length of the planning interval.
    """
    # Of a long history only the last years were learned from.
    known = reported(features)
    known = known[known["date"] >= effects.design.frame["date"].min()]
    cells = cells_of(known, effects.design.events)
    told = effects.of_cells(cells.frame, effects.design.events)[0]
    shape = known["open_min"] * usual_rate(known, undivided(cells)) * np.exp(told[cells.of])
    hours = _table(_hours(known, shape, interval_min))
    days = _by_day(known, effects, cells)
    found = _table(_days(days[~_due_to_hours(days, hours)]))
    frame = pd.concat([found, hours[~_inside(hours["start"], found)]], ignore_index=True)
    frame = frame[~_named(frame, effects.design.events)]
    site, queue, channel = key
    share = frame["offered"] / frame["expected"].clip(lower=1e-9)
    what = np.select([share < SILENT, share < 1], ["silent", "quiet"], "busy")
    frame = frame.assign(
        site=site,
        queue=queue,
        channel=channel,
        what=what,
        size=frame["offered"] - frame["expected"],
    )
    return UNEXPLAINED.validate(frame[UNEXPLAINED.names])


def _surprise(effects: Effects) -> pd.DataFrame:
    """Return the cells' surprises, none told by others that are: a busy week hides no day of it."""
    left = effects
    for _ in range(ROUNDS):
        odd = np.abs(left.surprise["z"].to_numpy()) > DAY_Z
        left = replace(effects, variance=np.where(odd, UNHEARD, effects.variance))
    return left.surprise


def _by_day(known: pd.DataFrame, effects: Effects, cells: Cells) -> pd.DataFrame:
    """Return number, date, offered, expected and z of every day; parts of days are put together."""
    surprise = _surprise(effects)
    date = cells.frame["date"]
    parts = pd.DataFrame(
        {
            "date": date,
            "offered": np.bincount(cells.of, known["y"].to_numpy(), minlength=len(date)),
            "expected": effects.observed.usual * np.exp(surprise["expected"].to_numpy()),
            "z": surprise["z"] / np.sqrt(date.groupby(date).transform("size")),
        }
    )
    days = parts.groupby("date", as_index=False).sum()
    return days.assign(number=np.arange(len(days)))


def _due_to_hours(days: pd.DataFrame, hours: pd.DataFrame) -> pd.Series:
    """Return on which days some hours make up most of the difference."""
    size = (hours["offered"] - hours["expected"]).groupby(hours["start"].dt.normalize()).sum()
    in_hours = days["date"].map(size).fillna(0.0)
    return in_hours / (days["offered"] - days["expected"]) > MOST


def _days(days: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield runs of days that lie far from what was expected."""
    large = (days["offered"] - days["expected"]).abs() > LEAST_SHARE * days["expected"]
    found = days[(days["z"].abs() > DAY_Z) & large]
    other_side = np.sign(found["z"]) != np.sign(found["z"].shift())
    run = ((found["number"].diff() > 1) | other_side).cumsum()
    for _, own in found.groupby(run):
        yield {
            "start": own["date"].min(),
            "end": own["date"].max() + DAY,
            "offered": own["offered"].sum(),
            "expected": own["expected"].sum(),
            "z": own["z"].sum() / np.sqrt(len(own)),
        }


def _table(rows: Iterator[dict[str, object]]) -> pd.DataFrame:
    numbers = dict.fromkeys(COLUMNS[2:], "float64")
    types: Any = {"start": LOCAL, "end": LOCAL, **numbers}
    return pd.DataFrame(rows, columns=COLUMNS).astype(types)


def _inside(date: pd.Series, found: pd.DataFrame) -> pd.Series:
    """Return which rows lie on the days found."""
    out = pd.Series(data=False, index=date.index)
    for start, end in found[["start", "end"]].itertuples(index=False):
        out |= (date >= start) & (date < end)
    return out


def _named(found: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """Return what an event of the calendar is on throughout."""
    out = pd.Series(data=False, index=found.index)
    own = events.loc[events["pool"] == "event", ["start", "end"]]
    for start, end in own.itertuples(index=False):
        out |= (found["start"] >= start) & (found["end"] <= end)
    return out


def _hours(known: pd.DataFrame, shape: pd.Series, interval_min: int) -> Iterator[dict[str, object]]:
    """Yield runs of intervals that leave the shape of their day."""
    # The day's own level, from the middle of its intervals: an outage must not set it.
    ratio = (known["y"] / shape.clip(lower=1e-9)).where(shape > 0)
    expected = (shape * ratio.groupby(known["date"]).transform("median")).to_numpy()
    error = 2 * (np.sqrt(known["y"] + 0.375) - np.sqrt(expected + 0.375)).to_numpy()
    # Spread beyond chance, told from the middle half of all errors.
    spread = np.subtract(*np.quantile(error, [0.75, 0.25])) / 1.349
    phi = max(spread**2 - 1, 0.0) / max(float(np.median(expected)), 1e-9)
    z = error / np.sqrt(1 + phi * expected)
    local = known["date"] + pd.to_timedelta(known["slot_min"], unit="min")
    step = pd.Timedelta(minutes=interval_min)
    side = np.where(np.abs(z) > STEP_Z, np.sign(z), 0)
    apart = (local.diff() != step).to_numpy() | (side != np.roll(side, 1))
    run = np.cumsum(apart)
    frame = pd.DataFrame(
        {"local": local, "offered": known["y"], "expected": expected, "z": z, "run": run}
    )[side != 0]
    for _, own in frame.groupby("run"):
        together = own["z"].sum() / np.sqrt(len(own))
        offered, due = own["offered"].sum(), own["expected"].sum()
        if abs(together) > RUN_Z and abs(offered - due) > LEAST_SHARE * due:
            start, end = own["local"].min(), own["local"].max() + step
            yield {"start": start, "end": end, "offered": offered, "expected": due, "z": together}
