"""Deal the days of a plan out to heads: that every week can be worked, shown by doing it."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from forecast.capacity.shifts.contracts import Ask, Contract
from forecast.capacity.shifts.result import ShiftPlan
from forecast.capacity.shifts.week import Floats


def tours(ask: Ask, plan: ShiftPlan) -> pd.DataFrame:
    """Return a week for every head, without names: who works which shift on which day.

    Days are laid one after the other around the ring of a template's heads, which gives nobody a
    day twice and all nearly the same number of days (McNaughton 1959, Scheduling with deadlines and
    loss functions). Where overtime or time off is limited a head, a small programme deals them out.

    Returns
    -------
    pandas.DataFrame
        ``site``, ``contract``, ``template``, ``head`` (1, 2, ... of the template), ``day``,
        ``shift``, ``variant``; one row per day worked.
    """
    contracts = {(one.site, one.name): one for one in ask.contracts}
    keys = ["site", "contract", "template"]
    counts = {tuple(row[:3]): row[3] for row in plan.heads.itertuples(index=False)}
    rows: list[dict[str, Any]] = []
    for key, own in plan.shifts.groupby(keys, sort=False):
        site, name, template = (str(part) for part in key)
        heads, contract = int(counts[site, name, template]), contracts[site, name]
        least, most = _days(contract, template)
        plain = contract.overtime is None and contract.time_off is None
        dealt = _ring(own, heads) if plain else _dealt(own, heads, contract, least, most)
        about = dict(zip(keys, key, strict=True))
        rows += [{**about, "head": head + 1, **shift} for head, shift in dealt]
    names = [*keys, "head", "day", "shift", "variant"]
    return pd.DataFrame(rows, columns=names).sort_values([*keys, "head", "day"], ignore_index=True)


def _days(contract: Contract, name: str) -> tuple[int, int]:
    return contract.days(next(one for one in contract.templates if one.name == name))


def _ring(own: pd.DataFrame, heads: int) -> list[tuple[int, dict[str, Any]]]:
    out, at = [], 0
    for row in own.sort_values("day", kind="stable").to_dict("records"):
        told = {name: row[name] for name in ("day", "shift", "variant")}
        out += [((at + i) % heads, told) for i in range(row["heads"])]
        at += row["heads"]
    return out


def _dealt(
    own: pd.DataFrame, heads: int, contract: Contract, least: int, most: int
) -> list[tuple[int, dict[str, Any]]]:
    """Assign each head at most one shift a day, within its days and its overtime."""
    shifts = own.to_dict("records")
    n = len(shifts)
    each = sparse.kron(np.ones((1, heads)), sparse.eye_array(n))
    limits: list[Floats] = [np.ones(n)]
    lower, upper = [float(least)], [float(most)]
    for day in range(7):
        limits.append(np.where(own["day"] == day, 1.0, 0.0))
        lower.append(0.0)
        upper.append(1.0)
    for name, beyond in (("overtime", contract.overtime), ("time off", contract.time_off)):
        limits.append(np.where(own["variant"] == name, 1.0, 0.0))
        lower.append(0.0)
        upper.append(float(np.ceil(beyond.days_max)) if beyond else 0.0)
    by_head = sparse.kron(sparse.eye_array(heads), np.array(limits))
    need = own["heads"].to_numpy(dtype="float64")
    result = milp(
        np.zeros(n * heads),
        constraints=[
            LinearConstraint(sparse.csc_array(each), need, need),
            LinearConstraint(sparse.csc_array(by_head), lower * heads, upper * heads),
        ],
        bounds=Bounds(0, 1),
        integrality=np.ones(n * heads, dtype="int64"),
    )
    taken = np.argwhere(np.round(np.asarray(result.x).reshape(heads, n)) > 0)
    names = ("day", "shift", "variant")
    return [(int(h), {name: shifts[j][name] for name in names}) for h, j in taken]
