"""A plan's paid hours, seats and minutes on the line -> its bill."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.money.costs import Bill, Counts, priced
from forecast.capacity.money.pay import hours_by_rate
from forecast.capacity.people import PaidHours
from forecast.capacity.strata import Floats, Ints
from forecast.params import CapacityParams, CostsParams, TrunksParams
from forecast.schema import as_known

DAYS_PER_MONTH = 365.25 / 12
NOWHERE: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Prices:
    """What a plan is paid by.

    Attributes
    ----------
    costs
        The section ``costs``.
    holidays, makeup_workdays
        Local dates by site, see ``paid_days``.
    menu_s
        Seconds in the menu for each contact that asks for an agent.
    """

    costs: CostsParams
    holidays: Mapping[str, frozenset[date]]
    makeup_workdays: Mapping[str, frozenset[date]]
    menu_s: float = 0.0


def prices_of(
    costs: CostsParams, trunks: TrunksParams | None, calendar: pd.DataFrame | None
) -> Prices:
    """Return what a plan is paid by, with the days of CALENDAR; None: no day is special.

    Callers whom the menu settles spend their time there too, beside those who are forecast.
    """
    menu_s = 0.0 if trunks is None else trunks.ivr_s / (1 - trunks.self_service)
    return Prices(
        costs,
        paid_days(calendar, "statutory_holiday"),
        paid_days(calendar, "makeup_workday"),
        menu_s,
    )


def paid_days(calendar: pd.DataFrame | None, day_type: str) -> dict[str, frozenset[date]]:
    """Return the local dates of a day type by site, as CALENDAR has them now.

    A day off in lieu and a closure of the company are no statutory holidays.
    """
    if calendar is None:
        return {}
    told = as_known(calendar)
    told = told[told["day_type"] == day_type]
    return {
        str(site): frozenset(own["local"].dt.date.unique()) for site, own in told.groupby("site")
    }


def plan_bill(
    demand: Demand,
    agents: Ints,
    paid: PaidHours,
    result: Mapping[str, Floats] | None,
    params: CapacityParams,
    prices: Prices,
) -> Bill:
    """Return what a plan costs, line by line.

    Each contract works its part of every interval's paid hours. A seat is there for every position
    of a site's fullest interval. A call is on the line in the menu, while it waits, and for the
    handle time if it does not hang up. Seats and minutes without a price are no lines.

    Parameters
    ----------
    demand, agents, paid
        Open intervals, positions, and paid hours in each.
    result
        ``columns_of`` what the agents achieve; needed where minutes have a price.
    params
        The section ``capacity``.
    prices
        What it is paid by.

    Raises
    ------
    ParamsError, SchemaError
        As ``costs.bill``.
    """
    costs = prices.costs
    mix = params.contract_mix or dict.fromkeys(costs.contracts, 1.0)
    seats = 0.0 if costs.per_seat_month is None else _seat_months(demand, agents)
    minutes = 0.0 if not costs.per_telecom_min else _minutes(demand, result, prices.menu_s)
    counts = Counts(seat_months=seats, telecom_min=minutes)
    return priced(_hours(demand, paid, mix, prices), counts, costs)


def _hours(
    demand: Demand, paid: PaidHours, mix: Mapping[str, float], prices: Prices
) -> pd.DataFrame:
    """Return the paid hours by rate of all sites, each by its own days."""
    own = demand.intervals[["site", "local"]].assign(
        minutes=demand.intervals["open_min"].to_numpy(dtype="float64"),
        hours=paid.hours,
        is_overtime=False,
    )
    found = []
    for site, rows in own.groupby("site"):
        one = pd.concat(
            [rows.assign(contract=name, hours=rows["hours"] * part) for name, part in mix.items()]
        )
        holidays, makeup = (
            days.get(str(site), NOWHERE) for days in (prices.holidays, prices.makeup_workdays)
        )
        table = hours_by_rate(
            one.astype({"contract": "str"}), prices.costs, holidays=holidays, makeup_workdays=makeup
        )
        found.append(table)
    key = ["contract", "kind", "is_overtime", "is_night"]
    return pd.concat(found).groupby(key)[["hours"]].sum().reset_index()


def _seat_months(demand: Demand, agents: Ints) -> float:
    rows = demand.intervals[["site", "ds"]].assign(agents=agents)
    peaks = rows.groupby(["site", "ds"])["agents"].sum().groupby("site").max()
    return float(peaks.sum()) * demand.weeks * 7 / DAYS_PER_MONTH


def _minutes(demand: Demand, result: Mapping[str, Floats] | None, menu_s: float) -> float:
    if result is None:
        raise ValueError("minutes on the line have a price: what agents achieve must be given")
    voice = (demand.intervals["channel"] == "voice").to_numpy()
    offered = np.where(voice, demand.rate.mean(axis=1), 0.0)
    talk_s = (1 - result["abandonment"]) * demand.aht_s
    seconds = np.where(offered > 0, menu_s + result["asa_s"] + talk_s, 0.0)
    return float((offered * seconds).sum() / 60)
