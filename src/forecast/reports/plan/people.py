"""People: where paid time goes (the shrinkage ledger), and the classes of the hiring plan."""

from typing import Any

import pandas as pd

from forecast.capacity.shifts.tables import CHEAPEST, FULL_TIME, NOBODY
from forecast.capacity.shrinkage import plan as ledger_plan
from forecast.params import ShrinkageParams
from forecast.params.shrinkage import ON_POSITION
from forecast.reports.plan.ask import approval
from forecast.reports.plan.material import BASE, Material
from forecast.reports.words import Words


def shrinkage(m: Material, words: Words) -> dict[str, Any]:
    """Return the ledger's activities with the paid hours that each takes in the period."""
    ledger = m.params.shrinkage or ShrinkageParams.flat(m.params.capacity.shrinkage)
    hours = hours_by_activity(m, ledger)
    paid = sum(hours.values())
    rows = [
        {
            "name": words.name("activity", one.name, as_is=True),
            "share": one.share,
            "of": words.name("shrinkage.of", one.of),
            "place": words.name("shrinkage.place", one.place),
            "planned": words.text("page.yes" if one.planned else "page.no"),
            "moves": bool(one.when),
            "hours": hours[one.name],
            "of_paid": hours[one.name] / paid if paid else float("nan"),
        }
        for one in ledger.activities
    ]
    left = hours[ON_POSITION]
    return {
        "is_flat": ledger.is_flat,
        "rows": rows,
        "paid": paid,
        "left": left,
        "left_share": left / paid if paid else float("nan"),
        "total": 1 - left / paid if paid else float("nan"),
    }


def hours_by_activity(m: Material, ledger: ShrinkageParams) -> dict[str, float]:
    """Return the paid hours of the base plan by activity; with those on position, all of them."""
    table = m.timed
    paid = table["scheduled_agents"] * table["hours"]
    told = ledger_plan(ledger, pd.DatetimeIndex(table["local"]), paid.to_numpy())
    return {str(name): float(own) for name, own in told.groupby("activity")["hours"].sum().items()}


def hiring(m: Material, words: Words) -> dict[str, Any]:
    """Return the hiring plan's classes, soonest approval first, and the shift plan's heads."""
    shifts = heads_by_contract(m, words)
    if m.classes is None:
        return {"approval": None, "rows": [], "shifts": shifts}
    rows = m.classes.sort_values(["approve_by", "site"], ignore_index=True)
    return {"approval": approval(m.classes), "rows": rows.to_dict("records"), "shifts": shifts}


def heads_by_contract(m: Material, words: Words) -> dict[str, Any] | None:
    """Return the base plan's week of shifts: heads, hours and cost by mix and contract.

    ``saving`` is the cheapest mix's share of what all full-time would cost, None where that has no
    plan. None: no shifts are planned.
    """
    if m.heads is None:
        return None
    own = m.heads[m.heads["scenario"] == BASE]
    if own.empty:
        return None
    cost = own.groupby("mix")["cost"].sum()
    full, cheapest = cost.get(FULL_TIME), cost.get(CHEAPEST)
    rows = own[(own["heads"] > 0) | (own["missing_hours"] > 0)].sort_values(
        ["mix", "site", "contract"]
    )
    return {
        "first_day": own["first_day"].min(),
        "several_sites": own["site"].nunique() > 1,
        "saving": None if full is None or cheapest is None or not full else 1 - cheapest / full,
        "rows": [
            {str(name): value for name, value in row.items()}
            | {
                "mix": words.name("mix", row["mix"]),
                "contract": words.text("hiring.nobody")
                if row["contract"] == NOBODY
                else row["contract"],
                "is_nobody": row["contract"] == NOBODY,
            }
            for row in rows.to_dict("records")
        ],
    }
