"""Step shifts: REQUIREMENT -> HEADS, SHIFTS and COVERAGE of one week, and what the mix saves."""

from datetime import date
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from forecast.capacity.money.planned import paid_days
from forecast.capacity.shifts import Week, plan_shifts
from forecast.capacity.shifts.asked import ask_of, full_time_of
from forecast.capacity.shifts.contracts import Ask
from forecast.capacity.shifts.dated import dated_week, days_of, fullest_week
from forecast.capacity.shifts.plan import Compared, full_time_alone
from forecast.capacity.shifts.tables import CHEAPEST, FULL_TIME, tables_of
from forecast.console import PARAMS, InFolder, OutFolder, ParamsFile, say
from forecast.errors import InputError
from forecast.params import Params, ShiftsParams
from forecast.schema import CALENDAR, COVERAGE, FORECAST, HEADS, REQUIREMENT, SHIFTS
from forecast.store import read_table, write_tables

Scenario = Annotated[str, typer.Option(help="scenario of params.yaml whose requirement is planned")]
FirstDay = Annotated[
    str | None, typer.Option("--week", help="first of the seven days, like 2026-03-02")
]


def shifts(
    interim: InFolder,
    processed: InFolder,
    out: OutFolder,
    scenario: Scenario = "base",
    week: FirstDay = None,
    params: ParamsFile = PARAMS,
) -> None:
    """Plan a week of shifts: heads by contract, the cheapest mix, its saving over full-time."""
    settings = Params.load(params)
    tables = (HEADS.empty(), SHIFTS.empty(), COVERAGE.empty())
    if settings.shifts is None:
        say("shifts: the section shifts of the settings is null: nothing is planned")
    else:
        tables = _planned(settings, settings.shifts, interim, processed, scenario, week)
    heads, worked, coverage = tables
    write_tables(
        {"heads": (heads, HEADS), "shifts": (worked, SHIFTS), "coverage": (coverage, COVERAGE)}, out
    )


def requirement_of(processed: Path, scenario: str) -> pd.DataFrame:
    """Return REQUIREMENT of a scenario from the last run.

    Raises
    ------
    InputError
        When the run has no such scenario.
    """
    name = "requirement" if scenario == "base" else "scenario_requirement"
    table = read_table(processed / f"{name}.parquet", REQUIREMENT)
    own = table[table["scenario"] == scenario].reset_index(drop=True)
    if own.empty:
        known = ", ".join(sorted(set(table["scenario"])))
        raise InputError(f"--scenario must be one of the last run ({known}); found {scenario!r}")
    return own


def day_told(text: str) -> date:
    """Return the date that an option names."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--week must be a date like 2026-03-02; found {text!r}") from None


def _planned(
    settings: Params,
    asked: ShiftsParams,
    interim: Path,
    processed: Path,
    scenario: str,
    week: str | None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    requirement = requirement_of(processed, scenario)
    forecast = read_table(processed / "forecast.parquet", FORECAST)
    zone = settings.ingest.zone
    told = day_told(week) if week else asked.first_day
    if told is not None:
        _refuse_outside(told, days_of(forecast, zone))
    first = told or fullest_week(requirement, forecast, zone)
    sites = sorted(set(requirement["site"]))
    dated = dated_week(Week(settings.features.interval_min), first, sites, zone)
    calendar = None
    if settings.costs is not None:
        calendar = read_table(interim / "calendar.parquet", CALENDAR)
    ask = ask_of(
        settings,
        dated,
        dated.required(requirement, zone),
        paid_days(calendar, "statutory_holiday"),
        paid_days(calendar, "makeup_workday"),
    )
    asks, plans = {CHEAPEST: ask}, {CHEAPEST: plan_shifts(ask, asked.gap_max)}
    full_time = full_time_of(ask, asked)
    if 0 < len(full_time) < len(ask.contracts):
        asks[FULL_TIME] = full_time_alone(ask, full_time)
        plans[FULL_TIME] = plan_shifts(asks[FULL_TIME], asked.gap_max)
    assumed = [*settings.capacity.assumed, *(f"contract {name}" for name in asked.assumed)]
    tables = tables_of(plans, asks, dated, scenario=scenario, assumed=";".join(assumed))
    for line in words(tables[0], ask, first, settings):
        say(f"shifts: {line}")
    if FULL_TIME in plans:
        say(f"shifts: {saving(Compared(plans[CHEAPEST], plans[FULL_TIME]), settings)}")
    say(f"shifts: assumed: {', '.join(assumed) or 'nothing'}")
    return tables


def _refuse_outside(first: date, days: list[date]) -> None:
    week = [first.fromordinal(first.toordinal() + i) for i in range(7)]
    lacking = [day for day in week if day not in days]
    if lacking:
        raise InputError(
            f"the week from {first} must lie in the forecast, {days[0]} to {days[-1]}; "
            f"{len(lacking)} of its days do not, first {lacking[0]}"
        )


def words(heads: pd.DataFrame, ask: Ask, first: date, settings: Params) -> list[str]:
    """Return what a planner reads: heads, hours and cost by contract of the cheapest mix."""
    own = heads[heads["mix"] == CHEAPEST]
    money = settings.capacity.currency
    paid, cost = own["paid_hours"].sum(), own["cost"].sum()
    required = sum(float(need.sum()) for need in ask.required.values()) * ask.week.interval_min / 60
    lines = [
        f"seven days from {first:%A %Y-%m-%d}: {own['heads'].sum():,} heads, {paid:,.0f} paid "
        f"hours for {required:,.0f} required, {money} {cost:,.2f} (proved within "
        f"{own['gap'].max():.2%} of the least)"
    ]
    for row in own.to_dict("records"):
        what = (
            f"{row['missing_hours']:,.1f} hours missing"
            if row["missing_hours"]
            else f"{row['heads']:,} heads, {row['paid_hours']:,.0f} paid hours "
            f"({row['paid_hours'] / max(paid, 1e-9):.0%}), {row['overtime_hours']:,.0f} overtime"
        )
        lines.append(f"{row['site']}, {row['contract']}: {what}, {money} {row['cost']:,.2f}")
    return lines


def saving(compared: Compared, settings: Params) -> str:
    """Return what the mix saves against all full-time, and the mix."""
    money = settings.capacity.currency
    return (
        f"the cheapest mix saves {money} {compared.saving:,.2f} a week "
        f"({compared.saving_share:.1%}) against all full-time, at least {money} "
        f"{max(compared.saving_least, 0):,.2f} of it for certain"
    )
