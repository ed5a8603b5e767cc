"""A hiring plan -> its bill: people, and that they come, learn and leave, line by line."""

from collections.abc import Sequence
from typing import TypeVar

import pandas as pd

from forecast.capacity.hiring.plan import HiringPlan
from forecast.capacity.money.costs import cents_of
from forecast.params import CostsParams
from forecast.params.hiring import HiringParams

P = TypeVar("P", bound=HiringParams)
PRICES = {
    "hiring_cost": "per_hire",
    "training_cost_per_week": "per_training_week",
    "leaver_cost": "per_leaver",
}
"""Prices of a site -> those of the section ``costs``."""
COLUMNS = ["line", "quantity", "unit", "rate", "cost"]
Line = tuple[str, float, str, float]


def priced_by(params: P, costs: CostsParams | None) -> P:
    """Return the settings with the section's prices where a site does not give its own.

    Examples
    --------
    >>> from forecast.params.hiring import HiringSite
    >>> site = HiringSite(name="a", wage_per_week=800, class_sizes=(10,), hiring_cost=1500)
    >>> costs = CostsParams(currency="EUR", contracts={"full": {"pay_per_hour": 20}},
    ...     per_hire=900, per_leaver=300)
    >>> one = priced_by(HiringParams(sites=(site,)), costs).sites[0]
    >>> one.hiring_cost, one.leaver_cost
    (1500.0, 300.0)
    """
    if costs is None:
        return params
    sites = []
    for site in params.sites:
        told = {name: getattr(costs, price) for name, price in PRICES.items()}
        new = {k: v for k, v in told.items() if v is not None and k not in site.model_fields_set}
        sites.append(site.model_copy(update=new))
    return params.model_copy(update={"sites": tuple(sites)})


def bill_of(plan: HiringPlan) -> pd.DataFrame:
    """Return the lines of what a hiring plan costs: line, quantity, unit, rate, cost.

    Each is its quantity (to six decimals) times its rate, rounded half up to the cent. They add up
    to the plan's total without its terminal value, but for cents: that one rounds week by week.
    Lines without a price are left out.
    """
    rows = [*_people(plan), *_moves(plan), *_cover(plan)]
    kept = [(line, round(n, 6), unit, rate) for line, n, unit, rate in rows if n > 0 and rate > 0]
    return pd.DataFrame([(*row, cents_of(row[1], row[3]) / 100) for row in kept], columns=COLUMNS)


def _people(plan: HiringPlan) -> Sequence[Line]:
    rows: list[Line] = []
    for site in plan.case.sites:
        own = plan.heads[plan.heads["site"] == site.name]
        classes = int((plan.classes["site"] == site.name).sum())
        rows += [
            (f"wages {site.name}", own["heads"].sum(), "head weeks", site.wage_per_week),
            (f"hires {site.name}", own["joined"].sum(), "hires", site.hiring_cost),
            (f"classes {site.name}", classes, "classes", site.class_cost),
            (
                f"training {site.name}",
                own["in_training"].sum(),
                "trainee weeks",
                site.training_cost_per_week,
            ),
            (f"leavers {site.name}", own["leavers"].sum(), "leavers", site.leaver_cost),
            (f"laid off {site.name}", own["laid_off"].sum(), "heads", site.severance_cost or 0.0),
        ]
    return [(line, float(n), unit, rate) for line, n, unit, rate in rows]


def _moves(plan: HiringPlan) -> list[Line]:
    moves = plan.moves
    rows = []
    for route in plan.case.params.routes:
        there = (moves["source"] == route.source) & (moves["destination"] == route.destination)
        line = f"moves {route.source} to {route.destination}"
        rows.append((line, float(moves.loc[there, "heads"].sum()), "heads", route.cost_per_head))
    return rows


def _cover(plan: HiringPlan) -> list[Line]:
    cover = plan.case.params.cover
    if cover is None:
        return []
    bought = plan.needs.groupby("need")["cover"].sum()
    rate = cover.cost_per_head_week
    return [(f"cover {name}", float(heads), "head weeks", rate) for name, heads in bought.items()]
