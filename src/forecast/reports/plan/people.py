"""People: where paid time goes (the shrinkage ledger), and the classes of the hiring plan."""

from typing import Any

import pandas as pd

from forecast.capacity.shrinkage import plan as ledger_plan
from forecast.params import ShrinkageParams
from forecast.params.shrinkage import ON_POSITION
from forecast.reports.plan.ask import approval
from forecast.reports.plan.material import Material
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
    """Return the hiring plan's classes, soonest approval first; nothing where none is made."""
    if m.classes is None:
        return {"approval": None, "rows": []}
    rows = m.classes.sort_values(["approve_by", "site"], ignore_index=True)
    return {"approval": approval(m.classes), "rows": rows.to_dict("records")}
