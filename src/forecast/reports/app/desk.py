"""A plan to ask what-ifs of: the base is worked out once, each question in less than a second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from forecast.capacity.demand import Demand
from forecast.params import Params
from forecast.reports.app.knobs import Knob, Setting, knobs_for, scenario_of
from forecast.scenarios import Learned
from forecast.scenarios.quick import Planned, asked, base_case, planned

ASKED = "asked"


@dataclass(frozen=True)
class Answer:
    """The plan that was asked for, beside the base.

    ``row`` and ``base`` have PLAN's columns of totals; ``agents`` is positions by interval of both
    (columns ``local``, ``base``, ``asked``), all teams together. ``bill`` is what makes up the cost
    of both, in the currency of the settings: by line the columns ``base`` and ``asked``.
    """

    row: Mapping[str, float]
    base: Mapping[str, float]
    agents: pd.DataFrame
    bill: pd.DataFrame


class Desk:
    """A base plan and the knobs that may be turned."""

    def __init__(
        self,
        demand: Demand,
        params: Params,
        calendar: pd.DataFrame | None = None,
        learned: Learned | None = None,
    ) -> None:
        """Work out the base plan.

        Parameters
        ----------
        demand
            What ``capacity.base.base_demand`` returns.
        params
            All parameters.
        calendar
            CALENDAR, for the days that the section ``costs`` pays more for.
        learned
            What promotions do; None: not known, and none can be switched.
        """
        self.params = params
        self.knobs: Sequence[Knob] = knobs_for(params, learned, demand.intervals["local"])
        self._case = base_case(demand, params, calendar, learned)
        self._base = planned(self._case)

    def answer(self, settings: Mapping[str, Setting]) -> Answer:
        """Return the plan for knobs turned so; those that are not named rest.

        Raises
        ------
        ParamsError
            When the settings cannot be, with the reason.
        """
        found = planned(asked(self._case, self.params, self.scenario(settings)))
        plans = {"base": self._base, ASKED: found}
        return Answer(found.row, self._base.row, _side_by_side(plans), _bills(plans))

    def scenario(self, settings: Mapping[str, Setting]) -> dict[str, Any]:
        """Return the levers, as they stand in a file for `forecast whatif`."""
        return scenario_of(self.knobs, settings)


def _side_by_side(plans: Mapping[str, Planned]) -> pd.DataFrame:
    """Return the positions of plans by local interval, all teams together."""
    sums = {
        name: pd.Series(plan.agents).groupby(plan.team.intervals["local"].to_numpy()).sum()
        for name, plan in plans.items()
    }
    return pd.DataFrame(sums).fillna(0.0).rename_axis("local").reset_index()


def _bills(plans: Mapping[str, Planned]) -> pd.DataFrame:
    """Return what plans cost line by line, in the order of their bills; 0 where one has none."""
    sums = {
        name: plan.lines.groupby("line", sort=False)["cost"].sum() for name, plan in plans.items()
    }
    order = list(dict.fromkeys(line for bill in sums.values() for line in bill.index))
    return pd.DataFrame(sums).reindex(order).fillna(0.0).rename_axis("line")
