"""Queues that one team serves: their demand as one."""

import numpy as np
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.errors import ParamsError


def pooled(demand: Demand, pools: dict[str, list[str]]) -> Demand:
    """Return the demand with the queues of each pool as one, named after it.

    One team serves a pool, within each site and channel; whoever is free takes the next contact.
    Rates and loads are added path by path, so what queues have in common stays; the handle time is
    the mean over contacts.

    Raises
    ------
    ParamsError
        When a pool names a queue that the demand does not have, or two pools the same.
    """
    team_of = _teams(demand, pools)
    keys = demand.intervals.assign(queue=demand.intervals["queue"].replace(team_of))
    number = keys.groupby(["site", "queue", "channel", "ds"], sort=True).ngroup().to_numpy()
    if len(np.unique(number)) == len(number):
        return demand if not team_of else Demand(
            keys, demand.rate, demand.aht_s, demand.weeks, demand.aht_factor
        )  # fmt: skip
    one = keys.assign(number=number).groupby("number").agg(
        {"site": "first", "queue": "first", "channel": "first", "ds": "first", "open_min": "max"}
    )  # fmt: skip
    rate, load = np.zeros((2, len(one), demand.rate.shape[1]))
    np.add.at(rate, number, demand.rate)
    np.add.at(load, number, demand.load_erlangs)
    seconds = one["open_min"].to_numpy() * 60
    mean = rate.mean(axis=1)
    plain = pd.Series(demand.aht_s).groupby(number).mean().to_numpy()
    aht_s = np.where(mean > 0, load.mean(axis=1) * seconds / np.where(mean > 0, mean, 1), plain)
    alone = rate * (aht_s / seconds)[:, None]
    factor = np.where(alone > 0, load / np.where(alone > 0, alone, 1.0), 1.0)
    return Demand(one.reset_index(drop=True), rate, aht_s, demand.weeks, factor)


def _teams(demand: Demand, pools: dict[str, list[str]]) -> dict[str, str]:
    """Return the pool of each queue that has one."""
    known = set(demand.intervals["queue"])
    out: dict[str, str] = {}
    for name, queues in pools.items():
        for queue in queues:
            if queue not in known:
                raise ParamsError(
                    f"capacity.pools.{name}: {queue!r} is no queue of the forecast "
                    f"({', '.join(sorted(known))})"
                )
            if queue in out:
                raise ParamsError(
                    f"capacity.pools.{name}: {queue!r} is in the pool {out[queue]!r} already; "
                    "a queue is served by one team"
                )
            out[queue] = name
        if name in known - set(queues):
            raise ParamsError(
                f"capacity.pools.{name}: there is a queue of that name outside of the pool; "
                "name the pool otherwise"
            )
    return out
