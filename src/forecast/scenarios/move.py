"""Contacts that come at another time, at another site, or by another channel."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.errors import ParamsError
from forecast.params.scenario import Closed
from forecast.schema import SERIES

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 1440


def closed_hours(demand: Demand, within: Bools, hours: Closed) -> tuple[Demand, float]:
    """Return the demand without the intervals that start in some hours, and the contacts lost.

    Contacts that do not stay away come in the queue's other open hours of that day, or, where none
    is left, of the next day that has any: in proportion to those who come there anyway.
    """
    rows = demand.intervals
    shut = within & in_hours(rows["local"], hours)
    if not shut.any():
        return demand, 0.0
    if shut.all():
        raise ParamsError("closed: no open interval would be left; leave some hours")
    left = demand.only(~shut)
    keys = [*SERIES, "day"]
    day = rows.assign(day=rows["local"].dt.normalize())
    places = left.intervals.assign(day=left.intervals["local"].dt.normalize())
    number = places.groupby(keys, sort=True).ngroup()
    open_days = places.assign(number=number)[[*keys, "number"]].drop_duplicates()
    leaving = day[shut][keys].reset_index().sort_values("day")
    found = pd.merge_asof(
        leaving, open_days.sort_values("day"), on="day", by=list(SERIES), direction="forward"
    ).set_index("index")["number"]
    target = found.reindex(np.flatnonzero(shut)).to_numpy()
    stay = demand.rate[shut] * (1 - hours.lost)
    gone = float(demand.rate[shut].mean(axis=1).sum() - stay[~np.isnan(target)].mean(axis=1).sum())
    moved = _received(left, np.asarray(number, dtype="int64"), stay, target)
    return left.with_rate(left.rate + moved), gone


def in_hours(local: pd.Series, hours: Closed) -> Bools:
    """Return which wall times lie in some hours; after midnight they are of the day before."""
    minute = (local - local.dt.normalize()) // pd.Timedelta(minutes=1)
    start, end = (int(at[:2]) * 60 + int(at[3:]) for at in (hours.starts, hours.ends))
    end = end if end > start else end + DAY_MIN
    named = [WEEKDAYS.index(day) for day in hours.days]
    weekday = local.dt.day_of_week
    today = (minute >= start) & (minute < end) & weekday.isin(named)
    late = (minute + DAY_MIN < end) & ((weekday - 1) % 7).isin(named)
    return np.asarray(today | late)


def moved_to_other_sites(demand: Demand, gone: frozenset[str], where: str) -> tuple[Demand, float]:
    """Return the demand without some sites, and the contacts for whom no other site is open.

    Each contact goes to another site that has the same queue and channel and is open at that time,
    in proportion to what comes there anyway, and takes as long as contacts there do.
    """
    out = demand.intervals["site"].isin(gone).to_numpy()
    if not out.any():
        return demand, 0.0
    if out.all():
        raise ParamsError(f"{where}: no site would be left; name fewer")
    left = demand.only(~out)
    keys = ["queue", "channel", "ds"]
    number = left.intervals.groupby(keys, sort=True).ngroup()
    places = left.intervals[keys].assign(number=number).drop_duplicates()
    target = demand.intervals.loc[out, keys].merge(places, on=keys, how="left")["number"].to_numpy()
    stay = demand.rate[out]
    lost = float(stay[np.isnan(target)].mean(axis=1).sum())
    moved = _received(left, np.asarray(number, dtype="int64"), stay, target)
    return left.with_rate(left.rate + moved), lost


def _received(
    demand: Demand, number: npt.NDArray[np.int64], rate: Floats, target: Floats
) -> Floats:
    """Return what intervals receive: rates sent to numbered groups, shared as their own means are.

    A target that is NaN receives nothing.
    """
    groups = int(number.max()) + 1
    sent = np.zeros((groups, rate.shape[1]))
    known = ~np.isnan(target)
    np.add.at(sent, target[known].astype("int64"), rate[known])
    own = demand.rate.mean(axis=1)
    total = np.bincount(number, own, minlength=groups)
    size = np.bincount(number, minlength=groups)
    share = np.where(
        total[number] > 0, own / np.where(total[number] > 0, total[number], 1.0), 1 / size[number]
    )
    return np.asarray(sent[number] * share[:, None])


def split_channel(
    demand: Demand, within: Bools, channel: str, share: float, longer: float
) -> Demand:
    """Return the demand with a share of some intervals' contacts in another channel.

    They are added to the queue's own contacts of that channel where it has any, at the mean of both
    handle times.
    """
    rows = demand.intervals
    rate = np.where(within[:, None], demand.rate * (1 - share), demand.rate)
    stay = Demand(rows, rate, demand.aht_s, demand.weeks, demand.aht_factor)
    new = demand.only(within)
    new = Demand(
        new.intervals.assign(channel=channel),
        new.rate * share,
        new.aht_s * longer,
        new.weeks,
        new.aht_factor,
    )
    return stay.joined(new)
