"""A plan's paid hours, seats and minutes on the line -> its bill."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.money.costs import Bill, Counts, priced
from forecast.capacity.money.pay import hour_rates, hours_by_rate
from forecast.capacity.money.penalties import penalty_rows
from forecast.capacity.people import PaidHours
from forecast.capacity.shrinkage import off_position
from forecast.capacity.strata import Bools, Floats, Ints
from forecast.capacity.trunks import trunks_of
from forecast.params import CapacityParams, CostsParams, Params, TrunksParams
from forecast.schema import as_known, local_times

DAYS_PER_MONTH = 365.25 / 12
ANY_CONTRACT = "all"
"""The one contract of a plan without the section ``costs``."""
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
    trunks
        The section ``trunks``; None: no lines are planned, and calls are in no menu.
    """

    costs: CostsParams
    holidays: Mapping[str, frozenset[date]]
    makeup_workdays: Mapping[str, frozenset[date]]
    trunks: TrunksParams | None = None

    @property
    def menu_s(self) -> float:
        """Seconds in the menu for each contact that asks for an agent.

        Callers whom the menu settles spend their time there too, beside those who are forecast.
        """
        return 0.0 if self.trunks is None else self.trunks.ivr_s / (1 - self.trunks.self_service)


def prices_of(
    costs: CostsParams, trunks: TrunksParams | None, calendar: pd.DataFrame | None
) -> Prices:
    """Return what a plan is paid by, with the days of CALENDAR; None: no day is special."""
    return Prices(
        costs,
        paid_days(calendar, "statutory_holiday"),
        paid_days(calendar, "makeup_workday"),
        trunks,
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
    overtime: Floats | None = None,
    judged: Bools | None = None,
) -> Bill:
    """Return what a plan costs, line by line.

    Each contract works its part of every interval's paid hours. A seat is there for every position
    of a site's fullest interval. A call is on the line in the menu, while it waits, and for the
    handle time if it does not hang up. The trunks are those of ``trunks_of``, penalties those of
    ``penalty_rows``. What has no price is no line.

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
    overtime
        Hours of each interval that are overtime, beside those in ``paid``; None: none are.
    judged
        Intervals that penalties and trunks look at; None: all.

    Raises
    ------
    ParamsError, SchemaError
        As ``costs.bill``.
    """
    costs = prices.costs
    mix, team = contract_mix(params, costs), demand
    seats = 0.0 if costs.per_seat_month is None else seat_months(demand, agents)
    minutes = 0.0 if not costs.per_telecom_min else _minutes(demand, result, prices.menu_s)
    if judged is not None:
        team, agents = demand.only(judged), agents[judged]
    lines = 0.0 if not costs.per_trunk_month else _trunk_months(team, agents, params, prices)
    counts = Counts(seat_months=seats, trunk_months=lines, telecom_min=minutes)
    missed = penalty_rows(team, agents, params, costs.penalties)
    return priced(_hours(demand, paid, mix, prices, overtime), counts, costs, missed)


def paid_hour_price(
    intervals: pd.DataFrame, params: CapacityParams, prices: Prices | None
) -> Floats:
    """Return what one paid hour costs in each interval, over the contracts that work it.

    Parameters
    ----------
    intervals, params, prices
        As in ``hour_prices``.
    """
    mix = contract_mix(params, None if prices is None else prices.costs)
    each = hour_prices(intervals, params, prices)
    return np.asarray(sum(part * each[name] for name, part in mix.items()))


def position_price(
    params: Params, calendar: pd.DataFrame | None = None
) -> Callable[[pd.DataFrame], Floats]:
    """Return a function from rows of site, ds and open_min to what an hour on position costs there.

    As plans pay it: paid hours by contract, day and hour where there is a section ``costs``, over
    the share of paid time on position by the ledger where there is one.

    Parameters
    ----------
    params
        The sections ``capacity``, ``costs``, ``shrinkage`` and ``ingest`` (zones) are used.
    calendar
        CALENDAR, for days that are paid more; None: there are none.
    """
    prices = None if params.costs is None else prices_of(params.costs, params.trunks, calendar)

    def price(rows: pd.DataFrame) -> Floats:
        own = rows.assign(local=local_times(rows, params.ingest.zone))
        off = off_position(own["local"], params.capacity.shrinkage, params.shrinkage)
        return np.asarray(paid_hour_price(own, params.capacity, prices) / (1 - off))

    return price


def hour_prices(
    intervals: pd.DataFrame, params: CapacityParams, prices: Prices | None
) -> dict[str, Floats]:
    """Return what one paid hour of each contract costs in each interval.

    Parameters
    ----------
    intervals
        Rows of site, local and open_min.
    params
        The section ``capacity``.
    prices
        What hours are paid by; None: ``params.cost_per_paid_hour`` at all times.

    Raises
    ------
    ParamsError, SchemaError
        As ``pay.hours_by_rate``.
    """
    if prices is None:
        return {ANY_CONTRACT: np.full(len(intervals), params.cost_per_paid_hour)}
    out = {name: np.zeros(len(intervals)) for name in contract_mix(params, prices.costs)}
    for site in intervals["site"].unique():
        own = (intervals["site"] == site).to_numpy()
        rows = intervals[own]
        for name, found in out.items():
            found[own] = hour_rates(
                rows["local"],
                rows["open_min"],
                name,
                prices.costs,
                holidays=prices.holidays.get(str(site), NOWHERE),
                makeup_workdays=prices.makeup_workdays.get(str(site), NOWHERE),
            )
    return out


def contract_mix(params: CapacityParams, costs: CostsParams | None) -> dict[str, float]:
    """Return which part of the paid hours each contract works: all of them, where there is one."""
    if costs is None:
        return {ANY_CONTRACT: 1.0}
    return dict(params.contract_mix) or dict.fromkeys(costs.contracts, 1.0)


def _hours(
    demand: Demand,
    paid: PaidHours,
    mix: Mapping[str, float],
    prices: Prices,
    overtime: Floats | None = None,
) -> pd.DataFrame:
    """Return the paid hours by rate of all sites, each by its own days."""
    own = demand.intervals[["site", "local"]].assign(
        minutes=demand.intervals["open_min"].to_numpy(dtype="float64"),
        hours=paid.hours,
        is_overtime=False,
    )
    if overtime is not None:
        own = pd.concat([own, own.assign(hours=overtime, is_overtime=True)])
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


def seat_months(demand: Demand, agents: Ints) -> float:
    """Return the seats of each site's fullest interval, for the months that a demand covers."""
    rows = demand.intervals[["site", "ds"]].assign(agents=agents)
    peaks = rows.groupby(["site", "ds"])["agents"].sum().groupby("site").max()
    return float(peaks.sum()) * demand.weeks * 7 / DAYS_PER_MONTH


def _trunk_months(demand: Demand, agents: Ints, params: CapacityParams, prices: Prices) -> float:
    if prices.trunks is None:
        raise ValueError("trunks have a price: the section trunks must be given")
    table = trunks_of(demand, agents, params, prices.trunks)
    rented = int(table.loc[table["is_plan"], "trunks"].sum())
    return rented * demand.weeks * 7 / DAYS_PER_MONTH


def _minutes(demand: Demand, result: Mapping[str, Floats] | None, menu_s: float) -> float:
    if result is None:
        raise ValueError("minutes on the line have a price: what agents achieve must be given")
    voice = (demand.intervals["channel"] == "voice").to_numpy()
    offered = np.where(voice, demand.mean_rate, 0.0)
    talk_s = (1 - result["abandonment"]) * demand.aht_s
    seconds = np.where(offered > 0, menu_s + result["asa_s"] + talk_s, 0.0)
    return float((offered * seconds).sum() / 60)
