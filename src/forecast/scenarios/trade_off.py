"""What fewer or more agents than planned do: the curves of service, occupancy and cost."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.requirements import columns_of, totals
from forecast.capacity.service import achieved, service_by
from forecast.capacity.strata import Ints
from forecast.params import CapacityParams
from forecast.scenarios.case import Case
from forecast.scenarios.cost import cost_lines, sum_of
from forecast.scenarios.hours import heads_of
from forecast.schema import SERIES, TRADE_OFF

SHARES = (0.80, 0.85, 0.90, 0.95, 1.05, 1.10, 1.15)
"""Shares of the planned positions that are tried."""
ALL = "all"
"""What all queues together are called in SERVICE."""
_COLUMNS = ("service_level", "abandonment", "asa_s", "occupancy")


def trade_off(
    case: Case, team: Demand, agents: Ints, *, shares: Sequence[float] = SHARES
) -> pd.DataFrame:
    """Return TRADE_OFF: the plan, a share of its positions, and one position less or more.

    Positions are a share of each interval's plan, rounded to whole ones; *one less* takes nobody
    from an interval with a single agent. All else is as planned.

    Parameters
    ----------
    case
        The base plan's question.
    team, agents
        Its demand as teams serve it, and the positions planned in each interval.
    shares
        Shares of the planned positions beside 1.
    """
    steps = [(share, 0) for share in sorted({*shares, 1.0})] + [(1.0, -1), (1.0, 1)]
    rows = [_row(case, team, agents, share, more) for share, more in steps]
    return TRADE_OFF.validate(pd.DataFrame(rows))


def _row(case: Case, team: Demand, agents: Ints, share: float, more: int) -> dict[str, Any]:
    there = positions(agents, share, more)
    result = columns_of(achieved(team, there, case.capacity))
    own = totals(team, there, result, case.capacity, case.ledger)
    weeks = of_all(team, there, case.capacity, "week")
    return {
        "share": share,
        "more": more,
        "heads": sum(heads_of(own["fte"], case.capacity, case.prices).values()),
        **{name: own[name] for name in ("agent_hours", "paid_hours", "fte", *_COLUMNS)},
        "cost": sum_of(case, cost_lines(case, team, there, result)),
        "week_p10": weeks["service_level_p10"].min(),
        "week_p_met": weeks["p_met"].min(),
    }


def positions(agents: Ints, share: float, more: int = 0) -> Ints:
    """Return a share of the planned positions, rounded, and so many more; one stays where any was.

    Examples
    --------
    >>> planned = np.array([0, 1, 18])
    >>> positions(planned, 0.9).tolist(), positions(planned, 1, -1).tolist()
    ([0, 1, 16], [0, 1, 17])
    """
    there = np.rint(agents * share).astype("int64") + more
    return np.where(agents > 0, np.maximum(there, 1), 0)


def of_all(demand: Demand, agents: Ints, params: CapacityParams, period: str) -> pd.DataFrame:
    """Return SERVICE of all queues together, by day or week: a path is the same for all of them."""
    one = demand.intervals.assign(**dict.fromkeys(SERIES, ALL))
    service = service_by(replace(demand, intervals=one), agents, params)
    return service[service["period"] == period].reset_index(drop=True)
