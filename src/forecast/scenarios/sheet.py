"""LOOKUP as a spreadsheet has it: the same sums in Python, for cached values, errors and tests."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.params import Params
from forecast.scenarios.lookup import COARSE, FINE, MORE, Lookup, lookup

HAIR = 1e-9
"""For 21 / 0.7 may be a little more than 30."""
TOLERANCE = 0.002
"""Share of FTE or cost by which the coarse grid may err on its checks."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Inputs:
    """What a person changes on the sheet.

    Attributes
    ----------
    volume
        Change of the contacts, a share.
    aht_s
        Average handle time.
    shrinkage
        Share of paid time off position; where a ledger gives each interval its own, their mean: a
        change moves all of them by as many points.
    wage
        Pay of a paid hour, mean.
    hours_per_week
        Of a full-time week.
    """

    volume: float
    aht_s: float
    shrinkage: float
    wage: float
    hours_per_week: float


@dataclass(frozen=True)
class Sheet:
    """LOOKUP as a sheet has it: a row per kind of interval, a column per node.

    Attributes
    ----------
    agents, shrinkage
        Of each row.
    hours
        Rows x nodes.
    nodes
        NODES without checks, in the order of the columns.
    base
        The inputs of the base plan.
    weeks
        That the forecast covers.
    """

    agents: npt.NDArray[np.int64]
    shrinkage: Floats
    hours: Floats
    nodes: pd.DataFrame
    base: Inputs
    weeks: float

    @classmethod
    def of(cls, found: Lookup, *, aht_s: float, weeks: float, hours_per_week: float) -> "Sheet":
        """Return the sheet of a plan of known mean handle time, length and full-time week."""
        nodes = found.nodes[~found.nodes["is_check"]].reset_index(drop=True)
        wide = found.hours.pivot_table(
            index=["shrinkage", "agents"], columns=["volume_pct", "aht_pct"], values="hours",
            aggfunc="sum", fill_value=0.0,
        )  # fmt: skip
        order = list(zip(nodes["volume_pct"], nodes["aht_pct"], strict=True))
        wide = wide.reindex(columns=pd.MultiIndex.from_tuples(order), fill_value=0.0)
        rows = wide.index.to_frame(index=False)
        base = nodes[(nodes["volume_pct"] == 0) & (nodes["aht_pct"] == 0)].iloc[0]
        agents, shares = rows["agents"].to_numpy(), rows["shrinkage"].to_numpy()
        own = wide[(0.0, 0.0)].to_numpy() * people(agents, shares)
        mean = float((own * shares).sum() / own.sum()) if own.sum() else float(shares.mean())
        inputs = Inputs(
            0.0,
            aht_s,
            round(mean, 6),
            float(base["pay"] / max(base["paid_hours"], HAIR)),
            hours_per_week,
        )
        return cls(agents, shares, wide.to_numpy(), nodes, inputs, weeks)

    def step(self, name: str) -> float:
        """Return the percent between neighbouring nodes of ``volume_pct`` or ``aht_pct``."""
        return float(np.diff(np.unique(self.nodes[name])).min())

    def weights(self, inputs: Inputs) -> Floats:
        """Return the weight of every node: 1 at it, falling to 0 at its neighbours."""
        volume, aht = inputs.volume * 100, (inputs.aht_s / self.base.aht_s - 1) * 100
        of_volume = 1 - np.abs(volume - self.nodes["volume_pct"]) / self.step("volume_pct")
        of_aht = 1 - np.abs(aht - self.nodes["aht_pct"]) / self.step("aht_pct")
        return np.asarray(of_volume.clip(lower=0) * of_aht.clip(lower=0))

    def paid_hours(self, inputs: Inputs) -> Floats:
        """Return the paid hours at every node."""
        shift = inputs.shrinkage - self.base.shrinkage
        return np.asarray(people(self.agents, self.shrinkage + shift) @ self.hours)

    @property
    def relative_wage(self) -> Floats:
        """Pay of a paid hour at every node, relative to the base plan's."""
        nodes = self.nodes
        wage = nodes["pay"] / nodes["paid_hours"].clip(lower=HAIR)
        return np.asarray(wage / max(self.base.wage, HAIR))

    def results(self, inputs: Inputs) -> dict[str, float]:
        """Return what the sheet reckons: paid hours, FTE, cost and their companions."""
        weights, nodes = self.weights(inputs), self.nodes
        paid = self.paid_hours(inputs)
        pay = float((weights * paid * self.relative_wage).sum()) * inputs.wage
        names = (
            "offered",
            "agent_hours",
            "peak_agents",
            "other_cost",
            "service_level",
            "occupancy",
        )
        told = {
            name: float((weights * nodes[name].fillna(0.0)).sum())
            for name in (*names, "other_cost")
        }
        total = float((weights * paid).sum())
        fte = total / (self.weeks * inputs.hours_per_week)
        cost = pay + told["other_cost"]
        return {**told, "paid_hours": total, "fte": fte, "pay": pay, "cost": cost}


def people(agents: npt.ArrayLike, shrinkage: npt.ArrayLike) -> Floats:
    """Return the people to schedule, as a sheet rounds them up.

    Examples
    --------
    >>> people([21, 22], 0.3).tolist()
    [30.0, 32.0]
    """
    return np.asarray(np.ceil(np.asarray(agents) / (1 - np.asarray(shrinkage)) - HAIR))


def errors(sheet: Sheet, nodes: pd.DataFrame) -> Mapping[str, float]:
    """Return by how much the sheet errs at most on the checks: shares of FTE, and of cost.

    Each check is also made with five points more shrinkage.
    """
    found: dict[str, list[float]] = {"fte": [0.0], "cost": [0.0]}
    for row in nodes[nodes["is_check"]].to_dict("records"):
        at = replace(
            sheet.base,
            volume=row["volume_pct"] / 100,
            aht_s=sheet.base.aht_s * (1 + row["aht_pct"] / 100),
        )
        more = replace(at, shrinkage=at.shrinkage + MORE)
        told = sheet.results(at)
        for inputs, paid in ((at, row["paid_hours"]), (more, row["paid_hours_more"])):
            found["fte"].append(abs(sheet.results(inputs)["paid_hours"] / paid - 1))
        found["cost"].append(abs(told["cost"] / (row["pay"] + row["other_cost"]) - 1))
    return {name: ceil(max(values) * 1e5) / 1e5 for name, values in found.items()}


def fine_enough(demand: Demand, params: Params, calendar: pd.DataFrame | None = None) -> Lookup:
    """Return the plan at the coarse grid, or at the fine one where that errs by too much.

    Parameters
    ----------
    demand, params, calendar
        As ``lookup`` takes them.
    """
    found = lookup(demand, params, calendar, COARSE)
    # Handle time and weeks are no matter for shares of FTE and cost.
    sheet = Sheet.of(found, aht_s=1.0, weeks=1.0, hours_per_week=1.0)
    if max(errors(sheet, found.nodes).values()) <= TOLERANCE:
        return found
    return lookup(demand, params, calendar, FINE)
