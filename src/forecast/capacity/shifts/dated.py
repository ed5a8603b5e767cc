"""Seven dated days of REQUIREMENT -> the week on which shifts are planned, and back."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.capacity.shifts.week import DAY_MIN, Ints, Week
from forecast.errors import InputError
from forecast.schema import SERIES, local_times

WEEK_MIN = 7 * DAY_MIN
MINUTE = pd.Timedelta(minutes=1)


@dataclass(frozen=True)
class DatedWeek:
    """Seven local days, told by one distance from UTC at each site.

    Attributes
    ----------
    week, first_day
        The axis, and the first of the days.
    utc_offset_min
        Minutes that each site's wall time is ahead of UTC at the week's end. Where clocks change
        within the week wall times stay what they are: shifts are planned by the clock on the wall.
    """

    week: Week
    first_day: date
    utc_offset_min: dict[str, int]

    def required(
        self, requirement: pd.DataFrame, zone_of: Callable[[str], ZoneInfo]
    ) -> dict[str, Ints]:
        """Return the people to schedule by site and interval of the week, over all queues.

        Intervals that REQUIREMENT does not have are closed and require nobody. Of an hour that
        comes twice the larger requirement holds.

        Raises
        ------
        InputError
            When intervals lie between the week's.
        """
        local = local_times(requirement, zone_of)
        first = pd.Timestamp(self.first_day)
        within = (local >= first) & (local < first + pd.Timedelta(days=7))
        own, since = requirement[within], ((local[within] - first) / MINUTE).astype("int64")
        ahead = own["site"].map(self.utc_offset_min).astype("int64")
        minute = (since + self.first_day.weekday() * DAY_MIN - ahead) % WEEK_MIN
        if (minute % self.week.interval_min).any():
            bad = own["ds"][minute % self.week.interval_min > 0].iloc[0]
            raise InputError(
                f"requirement at {bad} is between intervals of {self.week.interval_min} min"
            )
        slots = own.assign(slot=minute // self.week.interval_min)
        once = slots.groupby([*SERIES, "slot"], as_index=False)["scheduled_agents"].max()
        out = {name: np.zeros(self.week.intervals, dtype="int64") for name in self.utc_offset_min}
        for site, rows in once.groupby("site"):
            np.add.at(out[str(site)], rows["slot"].to_numpy(), rows["scheduled_agents"].to_numpy())
        return out

    def local(self, site: str) -> pd.Series:
        """Return the wall time at which each interval of the week starts at a site."""
        minute = np.arange(self.week.intervals) * self.week.interval_min
        since = minute + self.utc_offset_min[site] - self.first_day.weekday() * DAY_MIN
        first = pd.Timestamp(self.first_day).as_unit("us")
        return pd.Series(first + pd.to_timedelta(since % WEEK_MIN, unit="min").as_unit("us"))

    def instants(self, site: str) -> pd.Series:
        """Return the instants, in UTC, at which the intervals start, by a site's days."""
        ahead = pd.Timedelta(minutes=self.utc_offset_min[site])
        return (self.local(site) - ahead).dt.tz_localize("UTC")

    def day(self, weekday: int) -> date:
        """Return the date of a weekday, 0 being Monday."""
        return self.first_day + timedelta(days=(weekday - self.first_day.weekday()) % 7)


def dated_week(
    week: Week, first_day: date, sites: Collection[str], zone_of: Callable[[str], ZoneInfo]
) -> DatedWeek:
    """Return seven days from a local date on.

    Examples
    --------
    >>> berlin = dated_week(Week(60), date(2024, 3, 25), ["a"], lambda _: ZoneInfo("Europe/Berlin"))
    >>> berlin.utc_offset_min  # clocks change on Sunday, the last day
    {'a': 120}
    """
    last = pd.Timestamp(first_day) + pd.Timedelta(days=6, hours=12)
    ahead = {}
    for site in sorted(sites):
        offset = last.tz_localize(zone_of(site)).utcoffset()
        ahead[site] = round(offset.total_seconds() / 60) if offset else 0
    return DatedWeek(week, first_day, ahead)


def fullest_week(
    requirement: pd.DataFrame, forecast: pd.DataFrame, zone_of: Callable[[str], ZoneInfo]
) -> date:
    """Return the Monday whose seven days take the most hours, among whole weeks of the forecast.

    Where no week from Monday to Sunday is whole, the first day of the forecast.

    Parameters
    ----------
    requirement
        REQUIREMENT of one scenario.
    forecast
        Rows with ``site`` and ``ds`` of every interval that was forecast, closed ones too.

    Raises
    ------
    InputError
        When the sites do not have seven days in common.
    """
    days = days_of(forecast, zone_of)
    whole = [day for day in days if {day + timedelta(days=i) for i in range(7)} <= set(days)]
    if not whole:
        raise InputError(
            f"the forecast covers {len(days)} days, and a week of shifts takes 7 in a row; "
            "raise forecast.horizon_days"
        )
    local = local_times(requirement, zone_of)
    hours = requirement["scheduled_agents"].groupby(local.dt.date).sum()
    mondays = [day for day in whole if day.weekday() == 0]
    load = {day: sum(hours.get(day + timedelta(days=i), 0) for i in range(7)) for day in mondays}
    return max(mondays, key=lambda day: (load[day], -day.toordinal())) if mondays else whole[0]


def days_of(forecast: pd.DataFrame, zone_of: Callable[[str], ZoneInfo]) -> list[date]:
    """Return the local days that the forecast has at every site, in order."""
    rows = forecast[["site", "ds"]].drop_duplicates()
    local = local_times(rows, zone_of).dt.date
    sets = [set(own) for _, own in local.groupby(rows["site"])]
    return sorted(set.intersection(*sets)) if sets else []
