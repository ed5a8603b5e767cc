"""The plan of a week: heads, shifts, coverage, seats and cost."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.capacity.shifts.contracts import Ask
from forecast.capacity.shifts.model import HEADS, OVERTIME, REGULAR, UNDERSTAFFING, Model
from forecast.capacity.shifts.week import Floats


@dataclass(frozen=True)
class ShiftPlan:
    """What covers the week, and at what cost.

    Attributes
    ----------
    heads
        By site, contract and template: ``heads``, ``days`` worked by all of them, ``paid_hours``.
    shifts
        By site, contract, template, local ``day`` (0 is Monday), ``shift`` and ``variant`` (shift,
        overtime, time off): ``heads``.
    coverage
        By pool and interval: ``at`` (UTC), ``required``, ``scheduled``, ``understaffed``,
        ``overstaffed``.
    seats
        By site and interval: ``taken`` and ``seats`` (NaN: enough for all).
    costs
        By site, contract and line (regular, overtime, each premium, heads, understaffing):
        ``hours`` and ``cost``, in cents exactly. Hours of premiums are of regular and overtime
        hours; understaffing belongs to a pool and no contract.
    cost
        Sum of all lines.
    bound
        No plan costs less, as the solver has proved.
    gap
        (cost - bound) / cost.
    """

    heads: pd.DataFrame
    shifts: pd.DataFrame
    coverage: pd.DataFrame
    seats: pd.DataFrame
    costs: pd.DataFrame
    cost: float
    bound: float
    gap: float

    @property
    def paid_hours(self) -> float:
        """Hours paid, overtime included."""
        return float(self.heads["paid_hours"].sum())

    def share(self, contracts: tuple[str, ...]) -> float:
        """Return some contracts' share of the paid hours."""
        own = self.heads["contract"].isin(contracts)
        return float(self.heads.loc[own, "paid_hours"].sum() / max(self.paid_hours, 1e-9))


def plan_of(model: Model, x: Floats, bound: float) -> ShiftPlan:
    """Return the plan that a solution of the programme means."""
    own = np.round(x[: len(model.columns)])
    coverage = _coverage(model, own)
    costs = _costs(model, own, coverage)
    cost = round(sum(round(100 * float(line)) for line in costs["cost"]) / 100, 2)
    low = min(bound, cost)
    return ShiftPlan(
        heads=_heads(model, own),
        shifts=_shifts(model, own),
        coverage=coverage,
        seats=_seats(model, own),
        costs=costs,
        cost=cost,
        bound=low,
        gap=(cost - low) / cost if cost > 0 else 0.0,
    )


def _heads(model: Model, x: Floats) -> pd.DataFrame:
    hours = model.hours[REGULAR] + model.hours[OVERTIME]
    frame = pd.DataFrame(
        {
            "site": [column.contract.site for column in model.columns],
            "contract": [column.contract.name for column in model.columns],
            "template": [column.template.name for column in model.columns],
            "heads": np.where(model.is_heads[: len(x)], x, 0).astype("int64"),
            "days": np.where(model.is_heads[: len(x)], 0, x).astype("int64"),
            "paid_hours": hours * x,
        }
    )
    keys = ["site", "contract", "template"]
    total = frame.groupby(keys, sort=False, as_index=False).sum()
    return total[total["heads"] > 0].reset_index(drop=True)


def _shifts(model: Model, x: Floats) -> pd.DataFrame:
    rows = [
        (c.contract.site, c.contract.name, c.template.name, c.day, c.shift.name, c.variant, int(n))
        for c, n in zip(model.columns, x, strict=True)
        if c.shift is not None and n > 0
    ]
    names = ["site", "contract", "template", "day", "shift", "variant", "heads"]
    return pd.DataFrame(rows, columns=names)


def _coverage(model: Model, x: Floats) -> pd.DataFrame:
    week = model.ask.week
    parts = []
    for pool, required in model.ask.demand.items():
        own = np.array([model.ask.pool(column.contract) == pool for column in model.columns])
        scheduled = np.round(model.on @ (x * own)).astype("int64")
        parts.append(
            pd.DataFrame(
                {
                    "pool": pool,
                    "interval": np.arange(week.intervals),
                    "at": [week.at(i) for i in range(week.intervals)],
                    "required": required,
                    "scheduled": scheduled,
                    "understaffed": np.maximum(required - scheduled, 0),
                    "overstaffed": np.maximum(scheduled - required, 0),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _seats(model: Model, x: Floats) -> pd.DataFrame:
    parts = []
    for site in model.ask.sites:
        own = [c.contract.site == site.name and not c.contract.remote for c in model.columns]
        taken = np.round(model.seated @ (x * np.array(own))).astype("int64")
        limit = np.nan if site.seats is None else float(site.seats)
        frame = {"site": site.name, "interval": np.arange(len(taken)), "taken": taken}
        parts.append(pd.DataFrame({**frame, "seats": limit}))
    return pd.concat(parts, ignore_index=True)


def _costs(model: Model, x: Floats, coverage: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for contract in model.ask.contracts:
        own = np.array([column.contract == contract for column in model.columns])
        for line, price in model.lines.items():
            hours, cost = float((model.hours[line] * x)[own].sum()), float((price * x)[own].sum())
            if hours > 0 or (line == HEADS and cost > 0):
                rows.append((contract.site, contract.name, line, hours, round(cost, 2)))
    rows += _missing(model.ask, coverage)
    return pd.DataFrame(rows, columns=["site", "contract", "line", "hours", "cost"])


def _missing(ask: Ask, coverage: pd.DataFrame) -> list[tuple[str, str, str, float, float]]:
    out = []
    for pool, own in coverage.groupby("pool", sort=False):
        missing = int(own["understaffed"].sum())
        if missing:
            hours = missing * ask.week.interval_min / 60
            cost = round(missing * (ask.understaffing_cost or 0.0), 2)
            out.append((str(pool), "", UNDERSTAFFING, hours, cost))
    return out
