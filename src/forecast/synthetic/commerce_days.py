"""What holidays and make-up workdays do to the contacts of an invented shop."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.calendars.days.overrides import no_days
from forecast.calendars.days.site import site_days
from forecast.synthetic.commerce_spec import SiteSpec

OFF = ("statutory_holiday", "in_lieu_day_off")
DAY_OFF = 0.8
SPRING = (-3, 5, 0.45)
"""Days around Spring Festival on which parcels stand still, and what is left of contacts."""
CATCH_UP = (6, 13, 1.2)
"""Days after it on which they move again."""


def day_factors(
    dates: pd.Series, site: SiteSpec, weekdays: Sequence[float]
) -> npt.NDArray[np.float64]:
    """Return what a site's calendar makes of each local day; 0: closed.

    A make-up workday is as busy as the weekday that it stands for; days off are quieter, those
    around Spring Festival most, and the week after catches up.

    Parameters
    ----------
    dates
        Local days, without a gap.
    site
        Country and rules of the site.
    weekdays
        How busy Monday to Sunday are.

    Examples
    --------
    >>> from forecast.synthetic.commerce_spec import SITES
    >>> days = pd.Series(pd.to_datetime(["2024-02-04", "2024-02-10", "2024-02-20"]))
    >>> week = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5)
    >>> day_factors(days, SITES[0], week).tolist()  # make-up workday, festival, back at work
    [2.0, 0.45, 1.2]
    """
    days = _days(dates.iloc[0], dates.iloc[-1], site).loc[dates]
    off = days["day_type"].isin(OFF).to_numpy()
    if site.closed_on_holidays:
        return np.where(off, 0.0, 1.0)
    pattern = np.array(weekdays)
    own = pattern[dates.dt.day_of_week.to_numpy()]
    factor = pattern[days["works_as"].to_numpy(dtype="int64")] / own
    factor = np.where(off, DAY_OFF, factor)
    near = (days["festival"] == "Spring Festival").to_numpy()
    distance = days["festival_day"].to_numpy(dtype="float64")
    for first, last, level in (SPRING, CATCH_UP):
        factor = np.where(near & (distance >= first) & (distance <= last), level, factor)
    return np.asarray(factor)


@cache
def _days(first: pd.Timestamp, last: pd.Timestamp, site: SiteSpec) -> pd.DataFrame:
    """Return what each day was in the end, by date; kept, for all queues of a site ask for it."""
    told = site_days(first, last, site.place(), no_days(), site.name)
    return told.drop_duplicates("date", keep="last").set_index("date")
