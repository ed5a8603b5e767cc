"""The sites of the section ``sites``: open hours, skills and the price of an hour, by instant."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.capacity.money.pay import multipliers
from forecast.capacity.money.planned import NOWHERE
from forecast.capacity.shrinkage import off_position
from forecast.capacity.sites.share import Bools, Floats
from forecast.params import Params, SitesParams
from forecast.params.sites import SitePlace
from forecast.schema import local_time
from forecast.settings import WEEKDAYS

Dates = Mapping[str, frozenset[date]]


@dataclass(frozen=True, eq=False)
class Grid:
    """What is needed on one axis of instants: (instants x queues), and the hours of each."""

    ds: pd.DatetimeIndex
    series: list[tuple[str, str, str]]
    need: Floats
    hours: Floats


@dataclass(frozen=True, eq=False)
class Places:
    """The sites, and what they cost and can at any instant."""

    asked: SitesParams
    params: Params
    zone_of: Callable[[str], ZoneInfo]
    interval_min: int
    holidays: Dates
    makeup_workdays: Dates

    @property
    def names(self) -> list[str]:
        """Names of the sites, in the order of the settings."""
        return list(self.asked.places)

    def local(self, name: str, ds: pd.DatetimeIndex) -> pd.Series:
        """Return a site's wall time at instants."""
        zone = self.asked.places[name].timezone
        return local_time(pd.Series(ds), self.zone_of(name) if zone is None else ZoneInfo(zone))

    def paid(self, name: str, ds: pd.DatetimeIndex) -> Floats:
        """Return the paid hours of an hour on position."""
        own = self.asked.places[name].shrinkage
        flat = self.params.capacity.shrinkage if own is None else own
        ledger = self.params.shrinkage if own is None else None
        away = off_position(self.local(name, ds), flat, ledger)
        return np.asarray(np.broadcast_to(1 / (1 - np.asarray(away)), len(ds)))

    def price(self, name: str, ds: pd.DatetimeIndex) -> Floats:
        """Return what an hour on position costs."""
        pay = self.asked.places[name].pay_per_hour * self.paid(name, ds)
        if self.params.costs is None:
            return pay
        times = multipliers(
            self.local(name, ds),
            self.interval_min,
            self.params.costs,
            holidays=self.holidays.get(name, NOWHERE),
            makeup_workdays=self.makeup_workdays.get(name, NOWHERE),
        )
        return np.asarray(pay * times)

    def able(self, grid: Grid) -> Bools:
        """Return whether each site has the skills and the language of each queue."""
        tongue = self.asked.queue_languages
        return np.array(
            [
                [
                    (place.queues == "all" or queue in place.queues)
                    and (queue not in tongue or tongue[queue] in place.languages)
                    for place in self.asked.places.values()
                ]
                for _, queue, _ in grid.series
            ]
        )

    def open(self, grid: Grid) -> Bools:
        """Return whether each site is open at each instant."""
        places = self.asked.places
        return np.stack([is_open(places[n], self.local(n, grid.ds)) for n in self.names], axis=1)

    def why(self, able: Bools, there: Bools) -> str:
        """Return why no more people serve a queue."""
        skilled = [name for name, yes in zip(self.names, able, strict=True) if yes]
        if not skilled:
            return "no site has its skill and language"
        both = [n for n, yes in zip(self.names, able & there, strict=True) if yes]
        if not both:
            return f"{', '.join(skilled)} can serve it and none of them is open then"
        return f"all seats of {', '.join(both)} are taken, and no other site can serve it then"


def is_open(place: SitePlace, local: pd.Series) -> Bools:
    """Return whether a site is open at each wall time.

    A night over midnight belongs to the day on which it began.

    Examples
    --------
    >>> night = SitePlace(pay_per_hour=1, opens="22:00", closes="06:00", days=["mon"])
    >>> is_open(night, pd.Series(pd.to_datetime(["2024-01-01 05:30", "2024-01-01 22:00",
    ...     "2024-01-02 05:30", "2024-01-02 22:00"]))).tolist()
    [False, True, True, False]
    """
    opens, closes = (int(t[:2]) * 60 + int(t[3:]) for t in (place.opens, place.closes))
    minute = (local.dt.hour * 60 + local.dt.minute).to_numpy()
    day = local.dt.day_of_week.to_numpy()
    works = np.array([name in place.days for name in WEEKDAYS])
    if opens < closes:
        return np.asarray(works[day] & (minute >= opens) & (minute < closes))
    late, early = works[day] & (minute >= opens), works[(day - 1) % 7] & (minute < closes)
    return np.asarray(late | early)
