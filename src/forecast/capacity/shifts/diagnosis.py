"""Why nothing covers the week: what must give way, where, and by how much."""

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from forecast.capacity.shifts.contracts import Ask
from forecast.capacity.shifts.model import Model, model_of
from forecast.capacity.shifts.week import Floats
from forecast.errors import listed

SMALL = 1e-6


def what_gives_way(ask: Ask) -> pd.DataFrame:
    """Return the least that must give way for all else to be kept.

    Solved again with a slack on every requirement, seat limit, head limit and share, their sum the
    least. A seat, a head and an hour count for twice the intervals that they could cover, so that
    coverage gives way first, in the fewest intervals, and limits only where they contradict each
    other. Empty when the week can be covered.

    Returns
    -------
    pandas.DataFrame
        ``constraint`` (coverage, seats, heads, share), ``name`` of pool, site, contract or rule,
        ``interval`` (-1: the whole week), ``at`` (UTC), ``amount`` (heads; hours of a share), and
        ``because``, which for coverage names the limits that are used up.

    Examples
    --------
    >>> from forecast.capacity.shifts import Contract, Site, Week, window
    >>> need = np.zeros(168, dtype=int)
    >>> need[8:16] = 3
    >>> day = window("day", (8 * 60,), 7 * 60)
    >>> full = Contract("full-time", "a", 20.0, (day,), hours_min=7, hours_max=35)
    >>> way = what_gives_way(Ask(Week(60), (Site("a"),), (full,), {"a": need}))
    >>> way[["at", "amount", "because"]].to_numpy().tolist()
    [['Mon 15:00', 3.0, 'no shift is worked then']]
    """
    model = model_of(ask)
    slack, x = _slack(model, whole=False)
    if slack.sum() <= SMALL:
        # Possible in fractions of heads alone.
        slack, x = _slack(model, whole=True)
    rows = [
        {
            "constraint": row.kind,
            "name": row.name,
            "interval": row.interval,
            "at": ask.week.at(row.interval) if row.interval >= 0 else "",
            "amount": float(amount),
            "because": _because(model, x, i) if row.kind == "coverage" else "",
        }
        for i, (row, amount) in enumerate(zip(model.rows, slack, strict=True))
        if amount > SMALL
    ]
    names = ["constraint", "name", "interval", "at", "amount", "because"]
    return pd.DataFrame(rows, columns=names)


def refusal(ask: Ask) -> str:
    """Return ``what_gives_way`` in words, for an error."""
    units = {"coverage": "heads short", "seats": "seats short", "share": "hours or heads off"}
    told = []
    for row in what_gives_way(ask).to_dict("records"):
        where = f" at {row['at']} UTC (interval {row['interval']})" if row["at"] else ""
        unit = units.get(row["constraint"], "heads off the limits")
        why = f"; {row['because']}" if row["because"] else ""
        told.append(
            f"{row['constraint']} of '{row['name']}'{where}: {row['amount']:.4g} {unit}{why}"
        )
    return (
        "no plan keeps every rule; the least that must give way:\n"
        f"{listed(told)}\nGive an understaffing_cost, or loosen what is named"
    )


def _slack(model: Model, *, whole: bool) -> tuple[Floats, Floats]:
    """Return each row's least slack, and the columns."""
    soft = np.array([row.kind != "template" for row in model.rows])
    per_hour = 2 * 60 / model.ask.week.interval_min
    of_week = per_hour * max(contract.hours_max for contract in model.ask.contracts)
    price = {"coverage": 1.0, "seats": 2.0, "heads": of_week, "share": per_hour}
    weight = np.array([price.get(row.kind, 0.0) for row in model.rows])[soft]
    n, columns = int(soft.sum()), len(model.cost)
    up = sparse.eye_array(len(model.rows), format="csc")[:, soft]
    result = milp(
        np.concatenate([np.zeros(columns), weight, weight]),
        constraints=LinearConstraint(
            sparse.hstack([model.matrix, up, -up], format="csc"), model.lower, model.upper
        ),
        bounds=Bounds(
            np.zeros(columns + 2 * n), np.concatenate([model.most, np.full(2 * n, np.inf)])
        ),
        integrality=np.concatenate([model.is_whole & whole, np.zeros(2 * n, dtype=bool)]).astype(
            "int64"
        ),
        options={"mip_rel_gap": 0.01},
    )
    out = np.zeros(len(model.rows))
    x = np.asarray(result.x)
    out[soft] = x[columns : columns + n] + x[columns + n :]
    return out, x[:columns]


def _because(model: Model, x: Floats, row: int) -> str:
    """Return which limits keep more heads from working in a row's interval."""
    interval, pool = model.rows[row].interval, model.rows[row].name
    reaching = model.on[[interval], :].toarray()[0] > 0
    able = {
        column.contract.name: column.contract
        for column, here in zip(model.columns, reaching, strict=True)
        if here and model.ask.pool(column.contract) == pool
    }
    if not able:
        return "no shift is worked then"
    used = model.matrix @ x
    out = []
    for i, other in enumerate(model.rows):
        if model.upper[i] - used[i] > SMALL:
            continue
        if other.kind == "heads" and other.name in able:
            out.append(f"contract '{other.name}' has all its {model.upper[i]:g} heads")
        seated = {contract.site for contract in able.values() if not contract.remote}
        if other.kind == "seats" and other.interval == interval and other.name in seated:
            out.append(f"all {model.upper[i]:g} seats of '{other.name}' are taken")
    return " and ".join(out) or "what else is asked of the week leaves nobody"
