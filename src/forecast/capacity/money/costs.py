"""Hours and counts -> what they cost, line by line, and a total to the cent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from forecast.capacity.money.pay import hours_by_rate, multiplier
from forecast.errors import ParamsError
from forecast.params.costs import CostsParams

LINES = ("line", "quantity", "unit", "rate", "cents")
COUNTED = {
    "hires": ("per_hire", "hires"),
    "training_weeks": ("per_training_week", "trainee weeks"),
    "leavers": ("per_leaver", "leavers"),
    "outsourced_contacts": ("per_outsourced_contact", "contacts"),
    "outsourced_hours": ("per_outsourced_hour", "h"),
    "seat_months": ("per_seat_month", "seat months"),
    "trunk_months": ("per_trunk_month", "trunk months"),
    "telecom_min": ("per_telecom_min", "min"),
}
"""What is counted -> its price in params, and its unit."""


@dataclass(frozen=True)
class Counts:
    """What a plan takes besides paid hours; all >= 0."""

    hires: float = 0
    training_weeks: float = 0
    leavers: float = 0
    outsourced_contacts: float = 0
    outsourced_hours: float = 0
    seat_months: float = 0
    trunk_months: float = 0
    telecom_min: float = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be counted."""
        for name in COUNTED:
            value = getattr(self, name)
            if not 0 <= value < float("inf"):
                raise ValueError(f"{name} must be finite and >= 0; found {value}")


@dataclass(frozen=True)
class Bill:
    """Cost lines: each is its quantity times its rate, rounded half up to the cent.

    ``lines`` has line, quantity (to six decimals), unit, rate and cents. The total is their sum, so
    what is printed can be added up by hand.
    """

    lines: pd.DataFrame
    currency: str

    @property
    def total_cents(self) -> int:
        """Sum of the lines in whole cents."""
        return int(self.lines["cents"].sum())

    @property
    def total(self) -> Decimal:
        """The same in the currency's unit."""
        return Decimal(self.total_cents) / 100


def bill(
    hours: pd.DataFrame,
    counts: Counts,
    params: CostsParams,
    *,
    holidays: Collection[date] = (),
    makeup_workdays: Collection[date] = (),
) -> Bill:
    """Return what paid hours and counts cost.

    Parameters
    ----------
    hours
        Paid hours by contract and interval, see ``pay.hours_by_rate``.
    counts
        All else that has a price.
    params
        The prices.
    holidays, makeup_workdays
        Local dates.

    Raises
    ------
    ParamsError
        For hours of a contract without pay, and for counts whose price is null.
    SchemaError
        For hours that cannot be paid as they stand, see ``pay.hours_by_rate``.

    Examples
    --------
    Six people work an hour of a statutory holiday, and two an hour of overtime a week later.

    >>> params = CostsParams(currency="CNY", contracts={"full": {"pay_per_hour": 30}}, per_hire=900)
    >>> hours = pd.DataFrame({"contract": "full", "local": pd.to_datetime(["2024-10-01 20:00",
    ...     "2024-10-08 22:00"]), "minutes": 60, "hours": [6.0, 2.0], "is_overtime": [False, True]})
    >>> cost = bill(hours, Counts(hires=1), params, holidays=[date(2024, 10, 1)])
    >>> print(cost.lines.to_string(index=False))
                                line  quantity  unit  rate  cents
    pay full: workday overtime x 1.5       2.0     h  45.0   9000
               pay full: holiday x 3       6.0     h  90.0  54000
                               hires       1.0 hires 900.0  90000
    >>> print(cost.total, cost.currency)
    1530 CNY
    """
    table = hours_by_rate(hours, params, holidays=holidays, makeup_workdays=makeup_workdays)
    return priced(table, counts, params)


def priced(
    table: pd.DataFrame,
    counts: Counts,
    params: CostsParams,
    more: Sequence[tuple[str, float, str, float]] = (),
) -> Bill:
    """Return what hours by what they are paid (``pay.hours_by_rate``) and counts cost.

    Lines with a price of their own, such as penalties, come after: line, quantity, unit and rate.

    Raises
    ------
    ParamsError
        For counts whose price is null.
    """
    rows = [*_pay_rows(table, params), *_count_rows(counts, params), *more]
    lines = pd.DataFrame(rows, columns=["line", "quantity", "unit", "rate"])
    quantity, rate = lines["quantity"].round(6), lines["rate"]
    lines = lines.assign(quantity=quantity, cents=list(map(cents_of, quantity, rate)))
    return Bill(lines.astype({"cents": "int64"})[list(LINES)], params.currency)


def _pay_rows(table: pd.DataFrame, params: CostsParams) -> list[tuple[str, float, str, float]]:
    rows: Any = table.itertuples(index=False)
    out = []
    for row in rows:
        premiums = params.premiums_of(row.contract)
        times = multiplier(premiums, row.kind, overtime=row.is_overtime, night=row.is_night)
        words = [row.kind, "overtime" * row.is_overtime, "night" * row.is_night]
        line = f"pay {row.contract}: {' '.join(w for w in words if w)}"
        pay = Decimal(str(params.contracts[row.contract].pay_per_hour)) * Decimal(str(times))
        out.append((line + f" x {times:g}" * (times != 1), row.hours, "h", float(pay)))
    return out


def _count_rows(counts: Counts, params: CostsParams) -> list[tuple[str, float, str, float]]:
    rows, unpriced = [], []
    for name, (price, unit) in COUNTED.items():
        quantity, rate = getattr(counts, name), getattr(params, price)
        if rate is not None:
            rows.append((name.replace("_", " "), float(quantity), unit, rate))
        elif quantity > 0:
            unpriced.append(f"{quantity:g} {name} and costs.{price} is null")
    if unpriced:
        raise ParamsError(
            f"a plan must not leave out what it costs; found {'; '.join(unpriced)}: "
            "give the price, 0 if there is none"
        )
    return rows


def cents_of(quantity: float, rate: float) -> int:
    """Return quantity times rate in cents, rounded half up.

    Examples
    --------
    >>> cents_of(10.25, 27.5), cents_of(0.5, 0.01)
    (28188, 1)
    """
    cost = Decimal(str(quantity)) * Decimal(str(rate)) * 100
    return int(cost.quantize(Decimal(1), ROUND_HALF_UP))
