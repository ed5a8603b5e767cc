"""A scenario as it is planned, without other risks, weeks and steps: for sliders and grids."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.pools import pooled
from forecast.capacity.requirements import agents_at, columns_of
from forecast.capacity.service import achieved
from forecast.capacity.strata import Floats, Ints
from forecast.params import Params
from forecast.params.scenario import layers
from forecast.scenarios.case import Case, case_of
from forecast.scenarios.cost import cost_lines, sum_of
from forecast.scenarios.learned import Learned
from forecast.scenarios.levers import pulls
from forecast.scenarios.plan import totals_of
from forecast.scenarios.run import pulled

NAME = "asked"


@dataclass(frozen=True)
class Planned:
    """A case as it is planned.

    Attributes
    ----------
    row
        The totals of PLAN: hours, FTE, peak, cost and expected service.
    lines
        What makes up the cost, as ``cost.cost_lines`` returns it.
    team
        The demand as teams serve it.
    agents
        Positions in each of its intervals.
    result
        What they achieve, as ``columns_of`` returns it.
    """

    row: Mapping[str, float]
    lines: pd.DataFrame
    team: Demand
    agents: Ints
    result: Mapping[str, Floats]


def base_case(
    demand: Demand,
    params: Params,
    calendar: pd.DataFrame | None = None,
    learned: Learned | None = None,
) -> Case:
    """Return the question of the base plan; see ``run_scenarios``."""
    return case_of(demand, params, calendar, learned)


def asked(base: Case, params: Params, levers: Mapping[str, Any]) -> Case:
    """Return the base plan's question with a scenario's levers pulled.

    Raises
    ------
    ParamsError
        When the levers cannot be, with the reason.
    """
    told = params.override({f"scenarios.{NAME}": dict(levers)}, NAME)
    return pulled(base, pulls(layers(NAME, told.scenarios)).values())


def planned(case: Case, like: Planned | None = None) -> Planned:
    """Return a case as it is planned, at ``capacity.plan_at`` alone.

    Parameters
    ----------
    case
        The question.
    like
        A plan with the same demand and goals, whose positions are taken over: only who is paid
        for them, and what, is asked anew.
    """
    if like is None:
        team = pooled(case.demand, case.capacity.pools)
        agents = case.limited(team, agents_at(team, case.capacity, case.capacity.plan_at))
        result: Mapping[str, Floats] = columns_of(achieved(team, agents, case.capacity))
    else:
        team, agents, result = like.team, like.agents, like.result
    row = totals_of(case, team, agents, result)
    lines = cost_lines(case, team, agents, result)
    return Planned({**row, "cost": sum_of(case, lines)}, lines, team, agents, result)
