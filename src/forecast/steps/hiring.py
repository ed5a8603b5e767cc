"""Step hiring: PATHS -> HIRES, WORKFORCE and COST_LINES of the next months."""

from collections.abc import Hashable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.capacity.base import base_demand
from forecast.capacity.hiring import HiringPlan, hiring_plan
from forecast.capacity.hiring.ahead import heads_of_weeks, peopled, required_ahead, whole_weeks
from forecast.capacity.hiring.bill import bill_of, priced_by
from forecast.capacity.hiring.tables import hires_of, workforce_of
from forecast.capacity.shifts.dated import days_of
from forecast.capacity.shifts.tables import CHEAPEST
from forecast.console import PARAMS, InFolder, OutFolder, ParamsFile, say
from forecast.params import HiringPlanParams, Params
from forecast.schema import (
    COST_LINES,
    FORECAST,
    HEADS,
    HIRES,
    HISTORY,
    PATHS,
    WORKFORCE,
)
from forecast.store import read_table, write_tables

BASE = "base"


def hiring(
    interim: InFolder,
    processed: InFolder,
    shifts: InFolder,
    out: OutFolder,
    params: ParamsFile = PARAMS,
) -> None:
    """Plan classes for months: when each must be approved at the latest, and what all costs."""
    settings = Params.load(params)
    hires, workforce, lines = HIRES.empty(), WORKFORCE.empty(), COST_LINES.empty()
    if settings.hiring is None:
        say("hiring: the section hiring of the settings is null: nothing is planned")
    else:
        section = priced_by(settings.hiring, settings.costs)
        heads = read_table(shifts / "heads.parquet", HEADS)
        plan, factors = _planned(settings, section, interim, processed, heads)
        bill = bill_of(plan)
        assumed = ";".join([*settings.capacity.assumed, *section.assumed])
        hires, workforce = hires_of(plan, BASE, assumed), workforce_of(plan, BASE, assumed)
        lines = bill.assign(scenario=BASE)
        for line in words(plan, bill, settings.capacity.currency, factors):
            say(f"hiring: {line}")
        say(f"hiring: assumed: {assumed.replace(';', ', ') or 'nothing'}")
    write_tables(
        {
            "hires": (hires, HIRES),
            "workforce": (workforce, WORKFORCE),
            "cost_lines": (lines, COST_LINES),
        },
        out,
    )


def _planned(
    settings: Params,
    section: HiringPlanParams,
    interim: Path,
    processed: Path,
    heads: pd.DataFrame,
) -> tuple[HiringPlan, dict[str, float]]:
    forecast = read_table(processed / "forecast.parquet", FORECAST)
    demand = base_demand(
        read_table(processed / "paths.parquet", PATHS),
        forecast,
        read_table(interim / "history.parquet", HISTORY),
        settings,
    )
    weeks = whole_weeks(days_of(forecast, settings.ingest.zone))
    full = heads_of_weeks(
        demand, weeks, settings.capacity, section.hours_per_week, settings.shrinkage
    )
    factors = {site: rota_factor(site, section, heads) for site in full}
    paid = {site: own * factors[site] for site, own in full.items()}
    required = required_ahead(paid, weeks, section, settings.seed)
    return hiring_plan(required, weeks[0], peopled(section, required)), factors


def rota_factor(site: str, section: HiringPlanParams, heads: pd.DataFrame) -> float:
    """Return the paid hours over those required: as given, as the shift plan has them, or 1."""
    if section.rota_factor is not None:
        return section.rota_factor
    own = heads[(heads["site"] == site) & (heads["mix"] == CHEAPEST)]
    required = own["required_hours"].max() - own["missing_hours"].sum()
    return max(1.0, float(own["paid_hours"].sum() / required)) if len(own) and required else 1.0


def words(
    plan: HiringPlan, bill: pd.DataFrame, currency: str, factors: dict[str, float]
) -> list[str]:
    """Return what a planner reads: the bill, and each class with its latest approval."""
    needs, heads = plan.needs, plan.heads
    at = heads.groupby("week")["heads"].sum()
    lines = [
        f"{plan.case.weeks} weeks from {plan.case.first_week}: {at.iloc[0]:,.0f} heads at the "
        f"start, {at.iloc[-1]:,.0f} at the end, {heads['leavers'].sum():,.0f} leave; "
        f"{len(plan.classes)} classes of {heads['joined'].sum():,.0f} heads; "
        f"{currency} {bill['cost'].sum():,.2f} in all (proved within {plan.gap:.2%} of the least)",
        f"enough heads with a chance of {needs['p_met'].min():.0%} in the worst week; cover in "
        f"{int((needs['cover'] > 0).sum())} weeks, {needs['cover'].max():,.1f} heads at most",
        *(
            f"{site}: {factor:.3f} paid hours for an hour required, by the shift plan or settings"
            for site, factor in factors.items()
        ),
    ]
    lines += [
        f"{row['line']}: {row['quantity']:,.1f} {row['unit']} at {row['rate']:,.2f}: "
        f"{currency} {row['cost']:,.2f}"
        for row in bill.to_dict("records")
    ]
    for row in plan.classes.sort_values(["approve_by", "site"]).to_dict("records"):
        lines.append(f"{_class(row)}; {_latest(row, currency)}")
    return lines


def _class(row: Mapping[Hashable, Any]) -> str:
    return (
        f"{row['site']}, class of {row['size']}: starts {_day(row['start'])}, productive "
        f"{_day(row['productive'])}, approval planned {_day(row['approve_by'])}"
    )


def _latest(row: Mapping[Hashable, Any], currency: str) -> str:
    if pd.isna(row["latest_approval"]):
        return "no latest approval: the plan does without it to its end"
    wait = row["next_start_cost"]
    price = "" if pd.isna(wait) else f"; to wait for the next start: {currency} {wait:+,.0f}"
    return f"latest approval {_day(row['latest_approval'])}{price}"


def _day(day: pd.Timestamp) -> date:
    return day.date()
