"""Several sites whose queues one team serves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from forecast.capacity.demand import one_per_interval
from forecast.capacity.money.planned import NOWHERE, Prices
from forecast.errors import ParamsError
from forecast.scenarios.case import Case


def as_one_site(case: Case, name: str, sites: Sequence[str], where: str) -> Case:
    """Return the case with sites planned as one; contacts wait in one queue for whoever is free.

    Wall times are those of the first site named.

    Raises
    ------
    ParamsError
        When there is a site of that name outside, or what depends on the wall time (pay by the
        hour, the ledger, holidays) differs between the sites.
    """
    rows = case.demand.intervals
    if name in set(rows["site"]) - set(sites) or len(set(sites)) < 2:
        raise ParamsError(f"{where}: must have a name of its own and two sites at least")
    own = rows["site"].isin(sites)
    if case.prices is not None or (case.ledger is not None and not case.ledger.is_flat):
        _refuse_other_clocks(rows[own], where)
    order = pd.concat([rows["site"].eq(site) for site in sites], axis=1).to_numpy().argmax(axis=1)
    first = pd.Series(order, rows.index).sort_values(kind="stable").index
    demand = case.demand
    one = one_per_interval(
        rows.assign(site=rows["site"].where(~own, name)).loc[first],
        demand.rate[first],
        demand.load_erlangs[first],
        demand.aht_s[first],
        demand.weeks,
    )
    prices = None if case.prices is None else _as_one(case.prices, name, sites, where)
    goes = dict.fromkeys(sites, name)
    return replace(case, demand=one, prices=prices, sites={**case.sites, **goes})


def _refuse_other_clocks(rows: pd.DataFrame, where: str) -> None:
    clocks = rows.groupby("ds")["local"].nunique()
    if (clocks > 1).any():
        raise ParamsError(
            f"{where}: at {clocks[clocks > 1].index[0]} the clocks of the sites differ, and pay or "
            "shrinkage depends on the hour; pool sites of one time zone, or plan without costs and "
            "shrinkage"
        )


def _as_one(prices: Prices, name: str, sites: Sequence[str], where: str) -> Prices:
    days: list[dict[str, frozenset[date]]] = []
    for told in (prices.holidays, prices.makeup_workdays):
        kinds = {told.get(site, NOWHERE) for site in sites}
        if len(kinds) > 1:
            raise ParamsError(f"{where}: holidays of the sites differ, so that their pay does too")
        days.append({**told, name: kinds.pop()})
    return replace(prices, holidays=days[0], makeup_workdays=days[1])
