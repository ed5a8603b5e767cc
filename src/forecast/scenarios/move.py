"""Contacts that come at another time, at another site, or by another channel."""

from functools import reduce

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from forecast.capacity.demand import Demand
from forecast.errors import ParamsError
from forecast.params.levers import Closed, Opened
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
    left = demand.only(~shut, in_groups=False)
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


def in_hours(local: pd.Series, hours: Closed | Opened) -> Bools:
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
    left = demand.only(~out, in_groups=False)
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
    known = np.flatnonzero(~np.isnan(target))
    to = target[known].astype("int64")
    order = np.argsort(to, kind="stable")
    ends = np.append(0, np.cumsum(np.bincount(to, minlength=groups)))
    sent = sparse.csr_array((np.ones(to.size), known[order], ends), (groups, len(rate))) @ rate
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


def opened_hours(demand: Demand, within: Bools, hours: Opened, where: str) -> Demand:
    """Return the demand with the intervals that start in some hours open too.

    On each of their days a share of what the queue has on its mean open day comes in them, evenly.
    Those of it who are not new leave the queue's other hours, in proportion to who comes there.

    Raises
    ------
    ParamsError
        When nothing would be opened, or more would leave the other hours than come in them.
    """
    parts = [demand]
    rate = demand.rate.copy()
    number = demand.intervals.groupby(list(SERIES), sort=True).ngroup().to_numpy()
    for series in np.unique(number[within]):
        own = np.flatnonzero((number == series) & within)
        added = _added_intervals(demand.intervals.iloc[own], hours)
        if added.empty:
            continue
        rows = demand.intervals.iloc[own]
        open_days = rows["local"].dt.normalize().nunique()
        a_day = demand.rate[own].sum(axis=0) / open_days * hours.share
        each = added.groupby(added["day"])["ds"].transform("size").to_numpy()
        came = a_day[None, :] / each[:, None]
        stay = 1 - (1 - hours.new) * came.sum(axis=0) / demand.rate[own].sum(axis=0)
        if (stay < 0).any():
            raise ParamsError(
                f"{where}: more contacts would leave the other hours than come in them; lower share"
            )
        rate[own] *= stay
        aht = np.average(demand.aht_s[own], weights=demand.rate[own].mean(axis=1) + 1e-9)
        parts.append(
            Demand(added.drop(columns="day"), came, np.full(len(added), aht), demand.weeks)
        )
    if len(parts) == 1:
        raise ParamsError(f"{where}: all of these hours are open already; name others")
    parts[0] = demand.with_rate(rate)
    return reduce(Demand.joined, parts)


def _added_intervals(rows: pd.DataFrame, hours: Opened) -> pd.DataFrame:
    """Return the intervals of one series that are to be opened, and the day each belongs to."""
    step = rows["ds"].sort_values().diff().min()
    first, last = rows["local"].min().normalize(), rows["local"].max().normalize()
    local = pd.Series(pd.date_range(first, last + pd.Timedelta(days=1), freq=step, unit="us"))
    local = local[in_hours(local, hours) & (local < last + pd.Timedelta(days=1))]
    # The clock differs from UTC as it does at the nearest interval that is open.
    told = rows[["local", "ds"]].sort_values("local")
    ahead = (told["local"] - told["ds"].dt.tz_localize(None)).rename("ahead")
    clock = pd.DataFrame({"local": told["local"], "ahead": ahead})
    grid = pd.merge_asof(local.rename("local").to_frame(), clock, on="local", direction="nearest")
    ds = (grid["local"] - grid["ahead"]).astype("datetime64[us]").dt.tz_localize("UTC")
    new = ~ds.isin(rows["ds"])
    names = {name: rows[name].iloc[0] for name in SERIES}
    out = pd.DataFrame({**names, "ds": ds[new], "local": grid["local"][new]})
    out["open_min"] = step / pd.Timedelta(minutes=1)
    out["day"] = out["local"].dt.normalize()
    return out[[*rows.columns, "day"]].reset_index(drop=True)
