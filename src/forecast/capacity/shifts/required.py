"""REQUIREMENT -> what is required of a week, by site."""

import numpy as np
import pandas as pd

from forecast.capacity.shifts.week import Ints, Week
from forecast.errors import InputError
from forecast.schema import REQUIREMENT


def required_of(requirement: pd.DataFrame, week: Week, monday: pd.Timestamp) -> dict[str, Ints]:
    """Return the people to schedule in a week's intervals, summed over the queues of each site.

    Intervals that REQUIREMENT does not have are closed and require nobody.

    Parameters
    ----------
    requirement
        REQUIREMENT of one scenario, its intervals as long as the week's.
    week, monday
        The axis, and the Monday 00:00 UTC on which it begins.

    Raises
    ------
    InputError
        When there are several scenarios, monday is none, or intervals lie between the week's.
    """
    valid = REQUIREMENT.validate(requirement)
    scenarios = sorted(set(valid["scenario"]))
    if len(scenarios) > 1:
        raise InputError(f"requirement must be of one scenario; found {', '.join(scenarios)}")
    if monday.tz is None or monday.tz_convert("UTC") != monday.tz_convert("UTC").floor("D"):
        raise InputError(f"monday must be 00:00 UTC; found {monday}")
    if monday.day_of_week:
        raise InputError(f"monday must be a Monday; found {monday:%A %Y-%m-%d}")
    length = pd.Timedelta(minutes=week.interval_min)
    at = (valid["ds"] - monday) / length
    own = valid[(at >= 0) & (at < week.intervals)]
    slot = at[own.index].to_numpy()
    if (slot % 1 != 0).any():
        bad = own["ds"].iloc[int(np.argmax(slot % 1 != 0))]
        raise InputError(f"requirement at {bad} is between intervals of {week.interval_min} min")
    out = {}
    for site in sorted(set(valid["site"])):
        mine = (own["site"] == site).to_numpy()
        need = np.zeros(week.intervals, dtype="int64")
        np.add.at(need, slot[mine].astype("int64"), own["scheduled_agents"].to_numpy()[mine])
        out[site] = need
    return out
