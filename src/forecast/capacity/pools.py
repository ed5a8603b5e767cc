"""Queues that one team serves: their demand as one."""

from forecast.capacity.demand import Demand, one_per_interval
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
    if not pools:
        return demand
    team_of = _teams(demand, pools)
    shared = demand.intervals["queue"].isin(list(team_of)).to_numpy()
    own = demand.only(shared)
    keys = own.intervals.assign(queue=own.intervals["queue"].replace(team_of))
    one = one_per_interval(keys, own.rate, own.load_erlangs, own.aht_s, demand.weeks)
    return one if shared.all() else demand.only(~shared).beside(one)


def _teams(demand: Demand, pools: dict[str, list[str]]) -> dict[str, str]:
    """Return the pool of each queue that has one."""
    known = set(demand.intervals["queue"].unique())
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
