"""`forecast budget ...`: a plan frozen as the budget, and why the actuals differ."""

import re
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from forecast.capacity.money.budget import actual_account, planned_account
from forecast.capacity.money.variance import EFFECTS, Budget, Variance
from forecast.capacity.money.variance import freeze as frozen
from forecast.capacity.money.variance import variance as variance_of
from forecast.capacity.money.variance_tables import DRIVERS, PAY, Account
from forecast.console import InFile, InFolder, say
from forecast.csvfile import read_csv_file
from forecast.errors import InputError, SchemaError, listed
from forecast.params import Params
from forecast.params.checked import validated
from forecast.schema import CALENDAR, HISTORY, REQUIREMENT
from forecast.store import (
    read_json,
    read_table,
    replacing_folder,
    sha256,
    write_csv,
    write_json,
    write_table,
)

BUDGETS = Path("data/budgets")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
PAID = ("week", "queue", "contract", "paid_hours", "cost")
app = typer.Typer(help="A plan frozen as the budget, and its variance.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="name of the budget: letters, digits, - and _")]
Budgets = Annotated[Path, typer.Option(help="folder of the budgets")]
Paid = Annotated[
    Path | None,
    typer.Option(help="CSV of week, queue, contract, paid_hours, cost (docs/budget.md)"),
]
Out = Annotated[Path | None, typer.Option(help="folder for effects.csv and totals.csv")]


@app.command()
def freeze(name: Name, interim: InFolder, processed: InFolder, budgets: Budgets = BUDGETS) -> None:
    """Write the plan of the last report as a budget, which nothing overwrites."""
    folder = _folder(name, budgets)
    if folder.exists():
        raise InputError(f"{folder} is there already; a budget is not overwritten, name another")
    trace = read_json(processed / "report" / "plan.json")
    table = processed / "requirement.parquet"
    told = {"requirement": table, "calendar": interim / "calendar.parquet"}
    for part, path in told.items():
        if sha256(path) != trace["tables"][part]["sha256"]:
            raise SchemaError(
                f"{path} is not the one that plan {trace['plan_id']} was reported with; run the "
                "report again (`make run`), then freeze"
            )
    params = _params(trace["params"], "plan.json")
    requirement = read_table(table, REQUIREMENT)
    calendar = read_table(told["calendar"], CALENDAR)
    account = planned_account(requirement, params, calendar)
    budget = frozen(trace["plan_id"], account)
    with replacing_folder(folder, "budget.json") as made:
        write_table(budget.account.drivers, DRIVERS, made / "drivers.parquet")
        write_table(budget.account.pay, PAY, made / "pay.parquet")
        write_table(requirement, REQUIREMENT, made / "requirement.parquet")
        note = {"name": name, "plan_id": budget.plan_id, "seal": budget.seal}
        note["requirement_sha256"] = sha256(made / "requirement.parquet")
        write_json({**note, "params": trace["params"]}, made / "budget.json")
    weeks = budget.account.drivers["period"]
    total = budget.account.pay["cost"].sum()
    say(
        f"budget {name}: plan {budget.plan_id}, {weeks.nunique()} weeks from "
        f"{weeks.min():%Y-%m-%d}, {params.capacity.currency} {total:,.2f} of pay -> {folder}"
    )


@app.command()
def variance(
    name: Name,
    history: InFile,
    paid: Paid = None,
    budgets: Budgets = BUDGETS,
    out: Out = None,
) -> None:
    """Say why the weeks that are over cost more, or less, than the budget."""
    folder = _folder(name, budgets)
    note = read_json(folder / "budget.json")
    if sha256(folder / "requirement.parquet") != note["requirement_sha256"]:
        raise SchemaError(f"{folder / 'requirement.parquet'} was changed after it was frozen")
    params = _params(note["params"], str(folder / "budget.json"))
    drivers, pay = (
        read_table(folder / "drivers.parquet", DRIVERS),
        read_table(folder / "pay.parquet", PAY),
    )
    budget = Budget(note["plan_id"], Account(drivers, pay), note["seal"])
    came = actual_account(
        budget.account,
        read_table(folder / "requirement.parquet", REQUIREMENT),
        params,
        read_table(history, HISTORY),
        None if paid is None else read_paid(paid),
    )
    found = variance_of(budget, came.account)
    for line in words(found, came.assumed, params.capacity.currency):
        say(line)
    if out is not None:
        with replacing_folder(out, "effects.csv") as made:
            write_csv(found.rows, made / "effects.csv")
            write_csv(found.totals, made / "totals.csv")


def words(found: Variance, assumed: tuple[str, ...], currency: str) -> list[str]:
    """Return the variance week by week and rolling, each with the effects that add up to it."""
    rows = found.rows.groupby(["period", "effect"])["cents"].sum().unstack("effect")
    totals = found.totals.groupby("period")[["budget_cents", "actual_cents"]].sum()
    table = totals.join(rows[list(EFFECTS)])
    head = ("week from", "budget", "actual", "more", *EFFECTS)
    lines = []
    for title, row in [
        *((f"{period:%Y-%m-%d}", row) for period, row in table.iterrows()),
        ("together", table.sum()),
    ]:
        more = row["actual_cents"] - row["budget_cents"]
        money = (row["budget_cents"], row["actual_cents"], more, *(row[name] for name in EFFECTS))
        lines.append((title, *(f"{cents / 100:,.2f}" for cents in money)))
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    out = ["  ".join(map(str.rjust, cells, widths)) for cells in (head, *lines)]
    return [*out, f"in {currency}", *(f"assumed: {what}" for what in assumed)]


def read_paid(path: Path) -> pd.DataFrame:
    """Return PAY, and hours on position, of a CSV.

    Raises
    ------
    InputError
        With every cell that cannot be read, by line and column.
    """
    told = read_csv_file(path)
    lacking = [name for name in PAID if name not in told.columns]
    if lacking or told.ragged:
        raise InputError(
            f"{path} must have the columns {', '.join(PAID)}, and position_hours where known; "
            f"without {lacking}, {len(told.ragged)} rows of another length"
        )
    rows = told.rows
    problems: list[str] = []
    numbers = {}
    for column in ("paid_hours", "cost", "position_hours"):
        text = rows[column] if column in rows else pd.Series("", index=rows.index, dtype="str")
        value = pd.to_numeric(text, errors="coerce").astype("float64")
        bad = ~(value >= 0) & ~((text == "") & (column == "position_hours"))
        problems += [
            f"line {line}, column {column}: {cell!r} is no number >= 0"
            for line, cell in zip(rows["line"][bad], text[bad], strict=True)
        ]
        numbers[column] = value
    week = pd.to_datetime(rows["week"], format="%Y-%m-%d", errors="coerce")
    bad = week.isna() | (week.dt.day_of_week != 0)
    problems += [
        f"line {line}, column week: {cell!r} is no Monday like 2026-03-02"
        for line, cell in zip(rows["line"][bad], rows["week"][bad], strict=True)
    ]
    if problems:
        raise InputError(f"{path} cannot be read:\n{listed(problems[:20])}")
    own = rows[["queue", "contract"]].assign(
        period=week.astype("datetime64[us]"),
        hours=numbers["paid_hours"],
        cost=numbers["cost"],
        position_hours=numbers["position_hours"],
    )
    PAY.validate(own[PAY.names], str(path))
    return own


def _folder(name: str, budgets: Path) -> Path:
    if not NAME.fullmatch(name):
        raise InputError(
            f"a budget's name has letters, digits, - and _, and starts with a letter or digit; "
            f"found {name!r}"
        )
    return budgets / name


def _params(data: Any, where: str) -> Params:
    return validated(Params, data, where)
