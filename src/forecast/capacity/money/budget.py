"""A plan, and what came instead, as the accounts that a variance is made of."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from forecast.capacity.handle_time import aht_by_series
from forecast.capacity.money.planned import contract_mix, hour_prices, prices_of
from forecast.capacity.money.variance_tables import DRIVERS, PAY, ROW, Account
from forecast.capacity.service import least_agents
from forecast.errors import InputError, SchemaError, listed
from forecast.params import Params
from forecast.schema import SERIES, local_times

SHOWN = 10
NO_PAY = (
    "paid hours: as budgeted for each hour on position, of the same contracts at the same rates"
)
NO_AGENTS = "hours on position: as budgeted, for HISTORY has no agents"
NO_AHT = "handle time: capacity.aht_s, as in the plan"


@dataclass(frozen=True)
class Came:
    """What came: an account, and what of it was assumed because nobody gave it."""

    account: Account
    assumed: tuple[str, ...]


def planned_account(
    requirement: pd.DataFrame, params: Params, calendar: pd.DataFrame | None
) -> Account:
    """Return a plan's account by local week and team.

    Pay is that of the plan's bill: paid hours by contract, day and hour, without its other lines.

    Parameters
    ----------
    requirement
        REQUIREMENT of one scenario.
    params
        Those of the plan; ``capacity``, ``costs`` and ``ingest`` (zones) are used.
    calendar
        CALENDAR, for days that are paid more; None: there are none.
    """
    rows = _by_week(requirement, params)
    hours = rows["open_min"] / 60
    sums = rows.assign(
        handled=rows["offered"] * rows["aht_s"],
        required_hours=rows["agents"] * hours,
        position_hours=rows["agents"] * hours,
    )
    wanted = ["offered", "handled", "required_hours", "position_hours"]
    drivers = sums.groupby(list(ROW))[wanted].sum().reset_index()
    some = drivers["offered"] > 0
    aht = (drivers["handled"] / drivers["offered"].where(some)).where(some)
    prices = None
    if params.costs is not None:
        prices = prices_of(params.costs, params.trunks, calendar)
    paid = rows["scheduled_agents"] * hours
    mix = contract_mix(params.capacity, params.costs)
    tables = []
    for contract, price in hour_prices(rows, params.capacity, prices).items():
        own = rows[list(ROW)].assign(hours=paid * mix[contract], contract=contract)
        own = own.assign(cost=own["hours"] * price)
        tables.append(own.groupby([*ROW, "contract"])[["hours", "cost"]].sum().reset_index())
    pay = pd.concat(tables, ignore_index=True)
    return Account(
        DRIVERS.validate(drivers.assign(aht_s=aht)[DRIVERS.names]),
        PAY.validate(pay.assign(cost=pay["cost"].round(2))[PAY.names]),
    )


def actual_account(
    planned: Account,
    requirement: pd.DataFrame,
    params: Params,
    history: pd.DataFrame,
    paid: pd.DataFrame | None = None,
) -> Came:
    """Return what came in the budget's weeks that are over.

    The required hours are those that the budget's target takes at the counts that came, each
    interval by itself.

    Parameters
    ----------
    planned, requirement, params
        Of the budget: its account, the REQUIREMENT that it was made of, and its settings.
    history
        HISTORY until today.
    paid
        PAY of those weeks, with ``position_hours`` where they are known (else NaN); None: nobody
        knows, and it is assumed.

    Raises
    ------
    InputError
        When no week of the budget is over.
    SchemaError
        For budgeted days of these weeks that HISTORY has nothing of: a missing day is not a zero;
        and for weeks or queues that ``paid`` lacks.
    """
    ours = _by_week(requirement, params)
    came = _in_teams(history, params)
    weeks = _over(ours, came)
    ours = ours[ours["period"].isin(weeks)]
    days = ours[["queue", "day"]].drop_duplicates()
    came = came.merge(days, on=["queue", "day"])
    _refuse_missing_days(days, came)
    rows = [_driver(key, own, came, params) for key, own in ours.groupby(list(ROW))]
    drivers = pd.DataFrame(rows).set_index(list(ROW))
    before = planned.drivers.set_index(list(ROW)).loc[drivers.index]
    assumed = [] if params.capacity.aht_s is None else [NO_AHT]
    pay = _assumed_pay(planned.pay, weeks) if paid is None else _given(paid, drivers)
    position = _position(came, drivers.index)
    if paid is not None and paid["position_hours"].notna().all():
        position = paid.groupby(list(ROW))["position_hours"].sum().reindex(drivers.index)
    elif position is None:
        assumed.append(NO_AGENTS)
        position = before["position_hours"]
    if paid is None:
        assumed.append(NO_PAY)
        part = (position / before["position_hours"]).fillna(0.0).rename("part").reset_index()
        pay = pay.merge(part, on=list(ROW))
        pay = pay.assign(hours=pay["hours"] * pay["part"], cost=pay["cost"] * pay["part"])
    drivers = drivers.assign(position_hours=position).reset_index()
    pay = pay.assign(cost=pay["cost"].round(2))
    return Came(
        Account(DRIVERS.validate(drivers[DRIVERS.names]), PAY.validate(pay[PAY.names])),
        tuple(assumed),
    )


def _by_week(requirement: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return REQUIREMENT with local time, day, period, and a team's name for its queue."""
    local = local_times(requirement, params.ingest.zone)
    day = local.dt.normalize()
    period = day - pd.to_timedelta(day.dt.day_of_week, unit="D")
    team = requirement["site"] + "/" + requirement["queue"] + "/" + requirement["channel"]
    return requirement.assign(local=local, day=day, period=period, queue=team)


def _in_teams(history: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return HISTORY by team, as the budget pools its queues."""
    team = {queue: name for name, own in params.capacity.pools.items() for queue in own}
    return _by_week(history.assign(queue=history["queue"].replace(team)), params)


def _over(ours: pd.DataFrame, came: pd.DataFrame) -> list[pd.Timestamp]:
    """Return the budgeted weeks whose last day HISTORY has reached."""
    last = ours.groupby("period")["day"].max()
    over = list(last[last <= came["day"].max()].index)
    if not over:
        raise InputError(
            f"no week of the budget is over: its first ends on {last.min():%Y-%m-%d}, and HISTORY "
            f"on {came['day'].max():%Y-%m-%d}; take in later exports first"
        )
    return over


def _refuse_missing_days(days: pd.DataFrame, came: pd.DataFrame) -> None:
    both = days.merge(came[["queue", "day"]].drop_duplicates(), how="left", indicator=True)
    lacking = both[both["_merge"] == "left_only"].sort_values(["day", "queue"])
    if len(lacking):
        told = [f"{row.day:%Y-%m-%d} {row.queue}" for row in lacking.itertuples()]
        raise SchemaError(
            f"HISTORY has nothing of {len(told)} budgeted days, and a missing day is not a zero; "
            f"take in their exports:\n{listed(told[:SHOWN])}"
        )


def _driver(key: Any, ours: pd.DataFrame, came: pd.DataFrame, params: Params) -> dict[str, object]:
    """Return contacts, handle time and required hours of one week and team."""
    period, queue = key
    own = came[(came["queue"] == queue) & (came["period"] == period)]
    offered = float(own["offered"].sum())
    aht = float("nan")
    if offered > 0:
        alike = own.assign(**dict(zip(SERIES, ("all", "all", "all"), strict=True)))
        (aht,) = aht_by_series(alike, params.capacity).values()
    slot = own["ds"].dt.floor(f"{params.features.interval_min}min")
    counts = own["offered"].groupby(slot).sum().reindex(ours["ds"], fill_value=0)
    minutes = ours["open_min"].to_numpy(dtype="float64")
    length = np.full(len(ours), aht if offered > 0 else 1.0)
    load = counts.to_numpy(dtype="float64") * length / (minutes * 60)
    agents = least_agents(load, length, params.capacity)
    required = float((agents * minutes / 60).sum())
    return {
        "period": period,
        "queue": queue,
        "offered": offered,
        "aht_s": aht,
        "required_hours": required,
    }


def _position(came: pd.DataFrame, index: "pd.Index[Any]") -> "pd.Series[float] | None":
    """Return the hours on position that HISTORY tells; None where it does not for all."""
    if came["agents"].isna().any():
        return None
    open_rows = came.assign(hours=came["agents"] * came["minutes"] / 60)
    return open_rows.groupby(list(ROW))["hours"].sum().reindex(index)


def _assumed_pay(pay: pd.DataFrame, weeks: list[pd.Timestamp]) -> pd.DataFrame:
    return pay[pay["period"].isin(weeks)]


def _given(paid: pd.DataFrame, drivers: pd.DataFrame) -> pd.DataFrame:
    """Return the pay of the weeks that are over, or name those that it lacks."""
    there = pd.MultiIndex.from_frame(paid[list(ROW)])
    lacking = [f"{period:%Y-%m-%d} {queue}" for period, queue in drivers.index.difference(there)]
    if lacking:
        raise SchemaError(
            f"the paid hours lack weeks or queues that are over:\n{listed(lacking[:SHOWN])}"
        )
    return paid[there.isin(drivers.index)]
