"""What missed targets are expected to cost: the chance of each week or day, times the penalty."""

from collections.abc import Sequence

import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.service import service_by
from forecast.capacity.strata import Ints
from forecast.errors import ParamsError
from forecast.params.capacity import CapacityParams
from forecast.params.costs import Penalty
from forecast.schema import SERVICE

SOME_TIME_S = 86_400.0
"""Who is answered within so long is answered at all."""
Row = tuple[str, float, str, float]


def penalty_rows(
    demand: Demand, agents: Ints, params: CapacityParams, penalties: Sequence[Penalty]
) -> list[Row]:
    """Return a line for each penalty: its words, the periods expected to miss, unit, and price.

    A period misses on a path where its target is not met there; expected are all queues' and
    periods' shares of such paths together. Days and weeks that the forecast covers in part count as
    whole ones; those in which nobody calls are not missed.

    Parameters
    ----------
    demand, agents
        Open intervals of each team, and positions in them.
    params
        The section ``capacity``.
    penalties
        Of the section ``costs``.

    Raises
    ------
    ParamsError
        For a penalty on a queue that is not there.
    """
    known = set(demand.intervals["queue"])
    told: dict[tuple[str, float], pd.DataFrame] = {}
    rows = []
    for penalty in penalties:
        own = known if penalty.queues == "all" else set(penalty.queues)
        if own - known:
            raise ParamsError(
                f"costs.penalties: {', '.join(sorted(own - known))} is no queue or pool of the "
                f"plan ({', '.join(sorted(known))})"
            )
        below = params.service_level_target if penalty.below is None else penalty.below
        kind = (penalty.target, below)
        if kind not in told:
            told[kind] = _service(demand, agents, params, *kind)
        table = told[kind]
        its = table[(table["period"] == penalty.per) & table["queue"].isin(own)]
        missed = float((1 - its["p_met"].dropna()).sum())
        rows.append((words(penalty, below), missed, f"missed {penalty.per}s", penalty.cost))
    return rows


def words(penalty: Penalty, below: float) -> str:
    """Return what a penalty is for.

    Examples
    --------
    >>> words(Penalty(cost=5000, queues=["vip"]), 0.8)
    'penalty: week of vip with service level below 0.8'
    """
    of = "" if penalty.queues == "all" else f" of {', '.join(sorted(penalty.queues))}"
    return f"penalty: {penalty.per}{of} with {penalty.target.replace('_', ' ')} below {below:g}"


def _service(
    demand: Demand, agents: Ints, params: CapacityParams, target: str, below: float
) -> pd.DataFrame:
    """Return SERVICE with the chance that a target of the contract is met."""
    asked: dict[str, object] = {"service_level_target": below}
    if target == "answer_rate":
        asked |= {"definition": "offered", "answer_within_s": SOME_TIME_S}
    return SERVICE.validate(service_by(demand, agents, params.model_copy(update=asked)))
