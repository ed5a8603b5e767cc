"""A plan to ask what-ifs of: the base is worked out once, each question in less than a second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from forecast.capacity.demand import Demand
from forecast.params import Params
from forecast.reports.app.knobs import Knob, Setting, knobs_for, scenario_of
from forecast.scenarios.quick import Planned, asked, base_case, planned

ASKED = "asked"


@dataclass(frozen=True)
class Answer:
    """The plan that was asked for, beside the base.

    ``row`` and ``base`` have PLAN's columns of totals; ``agents`` is positions by interval of both
    (columns ``local``, ``base``, ``asked``), all teams together.
    """

    row: Mapping[str, float]
    base: Mapping[str, float]
    agents: pd.DataFrame


class Desk:
    """A base plan and the knobs that may be turned."""

    def __init__(
        self, demand: Demand, params: Params, calendar: pd.DataFrame | None = None
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
        """
        self.params = params
        self.knobs: Sequence[Knob] = knobs_for(params)
        self._case = base_case(demand, params, calendar)
        self._base = planned(self._case)

    def answer(self, settings: Mapping[str, Setting]) -> Answer:
        """Return the plan for knobs turned so; those that are not named rest.

        Raises
        ------
        ParamsError
            When the settings cannot be, with the reason.
        """
        found = planned(asked(self._case, self.params, self.scenario(settings)))
        return Answer(found.row, self._base.row, _side_by_side(self._base, found))

    def scenario(self, settings: Mapping[str, Setting]) -> dict[str, Any]:
        """Return the levers, as they stand in a file for `forecast whatif`."""
        return scenario_of(self.knobs, settings)


def _side_by_side(base: Planned, found: Planned) -> pd.DataFrame:
    """Return the positions of both plans by local interval, all teams together."""
    columns = {"base": base, ASKED: found}
    sums = {
        name: pd.Series(plan.agents).groupby(plan.team.intervals["local"].to_numpy()).sum()
        for name, plan in columns.items()
    }
    return pd.DataFrame(sums).fillna(0.0).rename_axis("local").reset_index()
