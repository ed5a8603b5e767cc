"""Whose the paid hours are, and what each costs: own people's, overtime and temps."""

from dataclasses import dataclass

import numpy as np

from forecast.capacity.demand import Demand
from forecast.capacity.money.pay import KINDS, at_night, day_kinds, multiplier
from forecast.capacity.money.planned import NOWHERE, Prices, contract_mix, paid_hour_price
from forecast.capacity.people import PaidHours, heads_for
from forecast.params import CapacityParams
from forecast.scenarios.case import Case, Floats, Part

FULL_TIME = "full_time"
"""What the contract is called where there is but one."""
USUAL_OVERTIME = 1.5
"""Pay of overtime where nothing is said: the least of the Labour Law of the PRC, article 44."""


@dataclass(frozen=True)
class Hours:
    """Paid hours of each interval.

    Attributes
    ----------
    regular
        Of own people, in their usual time.
    overtime
        Of own people, and what each is paid, in multiples of the pay (None: by ``costs``).
    temps
        Of an agency's people, and what each costs.
    """

    regular: Floats
    overtime: tuple[tuple[Floats, float | None], ...]
    temps: tuple[tuple[Floats, float], ...]

    @property
    def over(self) -> Floats:
        """All overtime."""
        return np.asarray(sum((own for own, _ in self.overtime), np.zeros(len(self.regular))))


def hours_of(case: Case, demand: Demand, paid: PaidHours) -> Hours:
    """Return whose the paid hours of each interval are.

    Temps have their part of all hours, overtime its part of what is left for own people.
    """
    temps = tuple(
        (paid.hours * _share(part, case, demand), part.price or 0.0) for part in case.temps
    )
    own = paid.hours - sum((hours for hours, _ in temps), np.zeros(len(paid.hours)))
    over = tuple((own * _share(part, case, demand), part.price) for part in case.overtime)
    return Hours(own - sum((hours for hours, _ in over), np.zeros(len(own))), over, temps)


def _share(part: Part, case: Case, demand: Demand) -> Floats:
    return np.where(part.where(case, demand), part.share, 0.0)


def own_share(case: Case, demand: Demand, paid: PaidHours) -> float:
    """Return the part of the paid hours that own people work in their usual time."""
    total = paid.total
    return float(hours_of(case, demand, paid).regular.sum()) / total if total > 0 else 1.0


def heads_of(fte: float, capacity: CapacityParams, prices: Prices | None) -> dict[str, int]:
    """Return, by contract, the least people whose hours are those of so many FTE.

    Each contract works its part of the hours; without the section ``costs`` all are full-time. It
    takes hours to fall where they are needed: shifts and their rules ask for more.

    Examples
    --------
    >>> flat = CapacityParams(cost_per_paid_hour=30, currency="EUR")
    >>> heads_of(10.2, flat, None)
    {'full_time': 11}
    """
    hours = fte * capacity.fte_hours_per_week
    costs = None if prices is None else prices.costs
    if costs is None:
        parts = {FULL_TIME: (1.0, capacity.fte_hours_per_week)}
    else:
        mix = contract_mix(capacity, costs)
        parts = {name: (mix[name], costs.contracts[name].hours_per_week) for name in mix}
    return {
        name: heads_for(
            PaidHours(np.array([hours * part])), weeks=1, contract_hours_per_week=weekly
        )
        for name, (part, weekly) in parts.items()
        if part
    }


def cost_of_hours(case: Case, demand: Demand) -> Floats:
    """Return what a paid hour costs in each interval, over all who work it."""
    one = hours_of(case, demand, PaidHours(np.ones(len(demand.intervals))))
    usual = pay_of_hours(case, demand)
    total = one.regular * usual
    for hours, times in one.overtime:
        total = total + hours * overtime_pay(case, demand, times)
    for hours, price in one.temps:
        total = total + hours * price
    return np.asarray(total)


def pay_of_hours(case: Case, demand: Demand) -> Floats:
    """Return what an hour of own people is paid in each interval, in their usual time."""
    return paid_hour_price(demand.intervals, case.capacity, case.prices)


def overtime_pay(case: Case, demand: Demand, times: float | None) -> Floats:
    """Return what an hour of overtime is paid in each interval."""
    if case.prices is None:
        return pay_of_hours(case, demand) * (USUAL_OVERTIME if times is None else times)
    return _overtime_paid(case, case.prices, demand)


def _overtime_paid(case: Case, prices: Prices, demand: Demand) -> Floats:
    costs, rows = prices.costs, demand.intervals
    mix = contract_mix(case.capacity, costs)
    out = np.zeros(len(rows))
    for site in rows["site"].unique():
        its = np.flatnonzero(rows["site"] == site)
        local = rows["local"].iloc[its]
        days = (told.get(str(site), NOWHERE) for told in (prices.holidays, prices.makeup_workdays))
        kind = day_kinds(local, costs.rest_days, *days)
        for contract, part in mix.items():
            premiums = costs.premiums_of(contract)
            dark = at_night(local, premiums) & (premiums.night > 1)
            times = np.array(
                [
                    [multiplier(premiums, k, overtime=True, night=n) for k in KINDS]
                    for n in (False, True)
                ]
            )
            out[its] += (
                part * costs.contracts[contract].pay_per_hour * times[dark.astype(int), kind]
            )
    return out
