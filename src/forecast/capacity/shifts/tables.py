"""A shift plan -> HEADS, SHIFTS and COVERAGE."""

from collections.abc import Mapping

import pandas as pd

from forecast.capacity.shifts.contracts import Ask
from forecast.capacity.shifts.dated import DatedWeek
from forecast.capacity.shifts.result import ShiftPlan
from forecast.schema import COVERAGE, HEADS, SHIFTS

CHEAPEST, FULL_TIME = "cheapest", "full-time"
"""Mixes: of all contracts, and of the full-time ones alone."""
NOBODY = "nobody"
"""The contract of heads that are missing."""
KEY = ["site", "contract"]


def heads_of(plan: ShiftPlan, ask: Ask, dated: DatedWeek) -> pd.DataFrame:
    """Return the rows of HEADS of one plan, without scenario, mix and what is assumed.

    Premiums are in the cost of their contract; what heads missing cost stands with ``NOBODY``.
    """
    costs = plan.costs.assign(contract=plan.costs["contract"].replace("", NOBODY))
    by = costs.groupby(KEY)
    rows = pd.DataFrame({"cost": by["cost"].sum().round(2)})
    own = plan.heads.groupby(KEY)[["heads", "paid_hours"]].sum()
    rows = rows.join(own, how="outer")
    for name, line in (("overtime_hours", "overtime"), ("missing_hours", "understaffing")):
        rows[name] = costs[costs["line"] == line].groupby(KEY)["hours"].sum()
    told = rows.fillna(0.0).astype({"heads": "int64"}).reset_index()
    told["required_hours"] = told["site"].map(_required_hours(ask))
    return _short(told).assign(first_day=pd.Timestamp(dated.first_day), gap=plan.gap)


def shifts_of(plan: ShiftPlan, dated: DatedWeek) -> pd.DataFrame:
    """Return the rows of SHIFTS of one plan, their days dated."""
    days = {weekday: pd.Timestamp(dated.day(weekday)) for weekday in range(7)}
    return _short(plan.shifts.assign(day=plan.shifts["day"].map(days)))


def coverage_of(plan: ShiftPlan, dated: DatedWeek) -> pd.DataFrame:
    """Return the rows of COVERAGE of one plan; a pool of all sites goes by the first one's days."""
    first = next(iter(dated.utc_offset_min))
    parts = []
    for pool, own in plan.coverage.groupby("pool"):
        site = str(pool) if pool in dated.utc_offset_min else first
        parts.append(own.assign(site=pool, ds=dated.instants(site).array))
    return pd.concat(parts, ignore_index=True).drop(columns=["pool", "interval", "at"])


def tables_of(
    plans: Mapping[str, ShiftPlan], asks: Mapping[str, Ask], dated: DatedWeek, **told: str
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return HEADS, SHIFTS and COVERAGE of plans by the name of their mix.

    Parameters
    ----------
    plans, asks
        By mix.
    dated
        The week that they plan.
    told
        The columns ``scenario`` and ``assumed``.
    """
    heads, shifts, coverage = [HEADS.empty()], [SHIFTS.empty()], [COVERAGE.empty()]
    for mix, plan in plans.items():
        heads.append(heads_of(plan, asks[mix], dated).assign(mix=mix, **told))
        shifts.append(shifts_of(plan, dated).assign(mix=mix, **told))
        coverage.append(coverage_of(plan, dated).assign(mix=mix, **told))
    return (
        HEADS.validate(pd.concat(heads, ignore_index=True)),
        SHIFTS.validate(pd.concat(shifts, ignore_index=True)),
        COVERAGE.validate(pd.concat(coverage, ignore_index=True)),
    )


def _required_hours(ask: Ask) -> dict[str, float]:
    """Return the hours required of each site, and of each pool."""
    hours = ask.week.interval_min / 60
    both = {**ask.demand, **ask.required}
    return {name: float(need.sum()) * hours for name, need in both.items()}


def _short(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the names that contracts have in the settings."""
    names = [
        contract.removesuffix(f" at {site}")
        for site, contract in zip(rows["site"], rows["contract"], strict=True)
    ]
    return rows.assign(contract=names)
