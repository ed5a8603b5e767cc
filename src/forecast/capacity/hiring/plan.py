"""The hiring plan: dated classes, heads, needs and costs, week by week."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.hiring.books import (
    WITHIN,
    cost_lines,
    cover_of,
    heads_wanted,
    level_of,
    total_of,
)
from forecast.capacity.hiring.case import Case, case_of
from forecast.capacity.hiring.course import Course, Decisions, follow
from forecast.capacity.hiring.lacking import infeasible
from forecast.capacity.hiring.latest import delays, next_start_costs
from forecast.capacity.hiring.solve import cheapest
from forecast.params.hiring import HiringParams


@dataclass(frozen=True, eq=False)
class HiringPlan:
    """Decisions and what comes of them, in expected heads.

    Attributes
    ----------
    case, decisions
        What was asked and decided.
    classes
        A row per class: site, size, approve_by (start less lead time), start, productive (the
        first day after training), latest_approval (the last date on which it can still be approved
        with all else as planned: see ``latest.delays``; empty where the plan does without it),
        slack_weeks, the weeks between the two, and next_start_cost, what the plan costs more when
        the class waits for the next start that its site allows and cover is bought for what lacks
        (empty where there is none, or cover cannot).
    heads
        A row per site and week: joined, moved_in, moved_out (when they set off), laid_off;
        in_training, ramping, full (work as they always will), on_the_way, heads (all of them, on
        the payroll), leavers (at the week's end), productive (their work in full heads).
    needs
        A row per need and week: required (at the confidence asked for, or expected), productive,
        cover (overtime and temps), gap (what lacks after it) and p_met, the share of the paths on
        which productive heads, with cover that was bought, suffice.
    moves
        A row per decision to move or lay off: week, heads, source, destination (empty: laid off).
    costs
        A row per week: the cost lines and their total.
    total
        The sum of all lines.
    bound
        No plan costs less; NaN where decisions were not searched for.
    gap
        How far the plan may be from the cheapest: (total - bound) / cost before the terminal value.
    """

    case: Case
    decisions: Decisions
    classes: pd.DataFrame
    heads: pd.DataFrame
    needs: pd.DataFrame
    moves: pd.DataFrame
    costs: pd.DataFrame
    total: float
    bound: float
    gap: float


def hiring_plan(
    required: npt.ArrayLike | Mapping[str, npt.ArrayLike], first_week: date, params: HiringParams
) -> HiringPlan:
    """Return the cheapest plan of classes that keeps the requirement.

    Only the requirement is random, so P(met) >= confidence in a week is the same as enough heads
    for the confidence quantile of its paths: no approximation. Attrition is taken as expected;
    ``simulated_heads`` tells what chance makes of it.

    Parameters
    ----------
    required
        Productive heads by week, or by path and week; of all sites together, or of each by name.
        ``by_week`` makes weeks of months.
    first_week
        The first day of the plan: classes can be approved from it on.
    params
        Sites, risk, cover, routes, terminal value.

    Raises
    ------
    InputError
        When the requirement is not what it must be.
    HiringInfeasible
        When no plan keeps it: names weeks, heads lacking and the reason.

    Examples
    --------
    >>> from forecast.params.hiring import HiringSite
    >>> site = HiringSite(name="north", opening_heads={52: 20}, wage_per_week=700,
    ...     lead_weeks=2, training_weeks=1, class_sizes=(5, 10), hiring_cost=1000)
    >>> plan = hiring_plan([20] * 4 + [24] * 4, date(2026, 1, 5), HiringParams(sites=(site,)))
    >>> plan.classes[["size", "approve_by", "start", "productive"]].astype(str).values.tolist()
    [['5', '2026-01-12', '2026-01-26', '2026-02-02']]
    >>> plan.total  # 160 weeks of 20 heads, 5 weeks of 5 and what they cost to hire
    134500.0
    """
    case = case_of(required, first_week, params)
    found = cheapest(case)
    if found is None:
        raise infeasible(case)
    return evaluated(case, found.decisions, bound=found.bound)


def evaluated(case: Case, decisions: Decisions, *, bound: float = float("nan")) -> HiringPlan:
    """Return what comes of decisions, also of some that miss the requirement."""
    course = follow(case, decisions)
    lines = cost_lines(case, decisions, course)
    total = total_of(lines)
    week = [case.date_of(w) for w in range(case.weeks)]
    costs = pd.DataFrame({"week": pd.to_datetime(week), **lines})
    costs["total"] = np.round(np.sum(list(lines.values()), axis=0), 2)
    terminal = case.params.terminal
    worth = (
        0.0
        if terminal is None
        else terminal.value_per_head * sum(heads_wanted(case, need) for need in case.needs)
    )
    spent = total + worth
    return HiringPlan(
        case=case,
        decisions=decisions,
        classes=_classes(case, decisions, course),
        heads=_heads(case, decisions, course),
        needs=_needs(case, course),
        moves=_moves(case, decisions),
        costs=costs,
        total=total,
        bound=bound,
        gap=max(0.0, (total - bound) / spent) if spent > 0 else 0.0,
    )


def _classes(case: Case, decisions: Decisions, course: Course) -> pd.DataFrame:
    rows = []
    late_by = delays(case, decisions, course)
    prices = next_start_costs(case, decisions)
    for one, late, price in zip(decisions.classes, late_by, prices, strict=True):
        site = case.sites[one.site]
        approve = one.week - site.lead_weeks
        rows.append(
            {
                "site": site.name,
                "size": one.size,
                "approve_by": pd.Timestamp(case.date_of(approve)),
                "start": pd.Timestamp(case.date_of(one.week)),
                "productive": pd.Timestamp(case.date_of(one.week + site.training_weeks)),
                "latest_approval": pd.NaT
                if late is None
                else pd.Timestamp(case.date_of(approve + late)),
                "slack_weeks": pd.NA if late is None else late,
                "next_start_cost": price,
            }
        )
    columns = ["site", "size", "approve_by", "start", "productive", "latest_approval"]
    table = pd.DataFrame(rows, columns=[*columns, "slack_weeks", "next_start_cost"])
    dates = dict.fromkeys(columns[2:], "datetime64[us]")
    return table.astype(
        {"size": "int64", "slack_weeks": "Int64", "next_start_cost": "float64", **dates}
    )


def _heads(case: Case, decisions: Decisions, course: Course) -> pd.DataFrame:
    joining = decisions.joining()
    tables = []
    for k, site in enumerate(case.sites):
        tenure, heads = case.tenures[k], course.heads[0, k]
        ramped = site.training_weeks + max(len(site.productivity), len(site.aht_factor)) - 1
        routes = list(enumerate(case.params.routes))
        none = np.zeros(case.weeks)
        moved_in = [course.moved[0, i] for i, r in routes if r.destination == site.name]
        moved_out = [course.moved[0, i] for i, r in routes if r.source == site.name]
        tables.append(
            pd.DataFrame(
                {
                    "site": site.name,
                    "week": pd.to_datetime([case.date_of(w) for w in range(case.weeks)]),
                    "joined": joining[k],
                    "moved_in": sum(moved_in, none),
                    "moved_out": sum(moved_out, none),
                    "laid_off": course.laid_off[0, k],
                    "in_training": heads[:, : site.training_weeks].sum(axis=1),
                    "ramping": heads[:, site.training_weeks : ramped].sum(axis=1),
                    "full": heads[:, ramped:].sum(axis=1),
                    "on_the_way": course.on_the_way[0, k],
                    "heads": course.present[0, k],
                    "leavers": course.leavers[0, k],
                    "productive": heads @ tenure.work,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _needs(case: Case, course: Course) -> pd.DataFrame:
    tables = []
    for need, heads in zip(case.needs, course.productive(case)[0], strict=True):
        required, cover = level_of(case, need), cover_of(case, need, heads)
        there = heads if case.params.confidence is None else heads + cover
        lacking = required - heads - cover
        tables.append(
            pd.DataFrame(
                {
                    "need": need.name,
                    "week": pd.to_datetime([case.date_of(w) for w in range(case.weeks)]),
                    "required": required,
                    "productive": heads,
                    "cover": cover,
                    "gap": np.where(lacking > WITHIN, lacking, 0.0),
                    "p_met": need.p_met(there, WITHIN),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _moves(case: Case, decisions: Decisions) -> pd.DataFrame:
    rows = []
    for i, w in np.argwhere(decisions.moved):
        route = case.params.routes[i]
        rows.append((w, decisions.moved[i, w], route.source, route.destination))
    for k, w in np.argwhere(decisions.laid_off):
        rows.append((w, decisions.laid_off[k, w], case.sites[k].name, ""))
    table = pd.DataFrame(rows, columns=["week", "heads", "source", "destination"])
    table["week"] = pd.to_datetime([case.date_of(int(w)) for w in table["week"]])
    return table.sort_values("week", kind="stable", ignore_index=True)
