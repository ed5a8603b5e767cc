"""What sharing agents between queues can gain at most."""

import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.pools import pooled
from forecast.capacity.requirements import agents_at
from forecast.params import CapacityParams

TEAM = ["site", "channel"]


def pooling_gain(demand: Demand, params: CapacityParams) -> pd.DataFrame:
    """Return, by site, channel and interval, the agents of separate teams and of one for all.

    They bound whatever skills people have: no routing needs fewer than one team of people who can
    do everything at the same handle time, and none that shares anybody more than separate teams.

    Returns
    -------
    pandas.DataFrame
        site, channel, ds, open_min, ``agents_separate``, ``agents_pooled``, and ``gain``.
    """
    everybody = {"everybody": sorted(demand.intervals["queue"].unique())}
    apart = demand.intervals.assign(agents=agents_at(demand, params, params.plan_at))
    one = pooled(demand, everybody)
    together = one.intervals.assign(agents=agents_at(one, params, params.plan_at))
    by = [*TEAM, "ds"]
    out = together.groupby(by)[["open_min"]].max()
    out["agents_separate"] = apart.groupby(by)["agents"].sum()
    out["agents_pooled"] = together.groupby(by)["agents"].sum()
    return out.assign(gain=out["agents_separate"] - out["agents_pooled"]).reset_index()
