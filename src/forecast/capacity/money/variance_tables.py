"""What a budget and its actuals say per period and queue, and what they must not leave out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.errors import SchemaError, listed
from forecast.schema.series import LOCAL
from forecast.table import Column, Table

ROW = ("period", "queue")
_KEY = (
    Column("period", LOCAL, "day", "first day of the period, local"),
    Column("queue", "str", "", "queue, or group of queues with agents of its own"),
)
DRIVERS = Table(
    "DRIVERS",
    "period, queue",
    ROW,
    (
        *_KEY,
        Column("offered", "float64", "contacts", "contacts that asked for an agent", ge=0),
        Column("aht_s", "float64", "s", "average handle time; may be empty without contacts", True),
        Column("required_hours", "float64", "h", "hours on position that the target takes", ge=0),
        Column("position_hours", "float64", "h", "hours on position that were staffed", ge=0),
    ),
)
PAY = Table(
    "PAY",
    "period, queue, contract",
    (*ROW, "contract"),
    (
        *_KEY,
        Column("contract", "str", "", "contract type"),
        Column("hours", "float64", "h", "paid hours, off position too", ge=0),
        Column("cost", "float64", "currency", "what they cost, rounded to the cent", ge=0),
    ),
)


@dataclass(frozen=True)
class Account:
    """What was planned, or what came: DRIVERS, and the PAY that goes with them."""

    drivers: pd.DataFrame
    pay: pd.DataFrame


def checked(account: Account, where: str) -> Account:
    """Return validated copies of the tables of an account.

    Raises
    ------
    SchemaError
        Naming the period and queue of every number that is missing, and of rows that cannot be:
        pay for no hours, more hours on position than paid, paid hours with nobody on position.
    """
    problems = _missing(account.drivers, "drivers") + _missing(account.pay, "pay")
    if problems:
        raise SchemaError(
            f"{where} must be complete; an unknown number is not a zero:\n{listed(problems)}"
        )
    drivers, pay = DRIVERS.validate(account.drivers, where), PAY.validate(account.pay, where)
    pay = pay.assign(cost=np.rint(pay["cost"] * 100) / 100)
    problems = _impossible(drivers, pay) if len(drivers) else ["it has no period"]
    if problems:
        raise SchemaError(f"{where} cannot be right:\n{listed(problems)}")
    return Account(drivers, pay)


def _missing(table: pd.DataFrame, name: str) -> list[str]:
    if not set(ROW) <= set(table.columns) or table["period"].isna().any():
        return []  # The table's own check says so.
    wanted = ("offered", "required_hours", "position_hours", "hours", "cost")
    empty = {c: table[c].isna() for c in wanted if c in table}
    if {"aht_s", "offered"} <= set(table.columns):
        empty["aht_s"] = ~(table["aht_s"] > 0) & ~(table["offered"] == 0)
    return [
        f"{name} {row.period:%Y-%m-%d} {row.queue}: {column} is {row.value}"
        for column, gone in empty.items()
        for row in table.assign(value=table[column])[gone].itertuples()
    ]


def _impossible(drivers: pd.DataFrame, pay: pd.DataFrame) -> list[str]:
    sums = pay.groupby(list(ROW), as_index=False)["hours"].sum()
    both = drivers.merge(sums, on=list(ROW), how="outer", validate="one_to_one", indicator=True)
    alone = both["_merge"] == "right_only"
    paid, position = both["hours"].fillna(0.0), both["position_hours"]
    rules = {
        "pay without drivers": alone,
        "more hours on position than paid hours": position > paid * (1 + 1e-9),
        "paid hours and nobody on position": (paid > 0) & (position == 0),
    }
    told = [
        f"{row.period:%Y-%m-%d} {row.queue}: {rule} ({row.position_hours:g} of {row.hours:g} h)"
        for rule, broken in rules.items()
        for row in both[broken].itertuples()
    ]
    return told + [
        f"{row.period:%Y-%m-%d} {row.queue}: {row.contract} costs {row.cost:.2f} for no hours"
        for row in pay[(pay["cost"] > 0) & (pay["hours"] == 0)].itertuples()
    ]
