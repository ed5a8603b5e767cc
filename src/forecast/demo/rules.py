"""Two ways to staff the same shifts: the plain rule, and the forecast's distribution."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.service import achieved
from forecast.params import CapacityParams
from forecast.queueing.search import least
from forecast.schema import SERIES, SeriesKey, by_series
from forecast.synthetic.commerce import Commerce
from forecast.synthetic.spec import clock_min
from forecast.synthetic.staffed import plain_agents

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def by_plain_rule(centre: Commerce, margin: float) -> Ints:
    """Return the plain rule's agents for every row of ``centre.rates``.

    Each week is planned when the one before has ended: the rule sees more than a forecast that was
    made once, before the first of them.
    """
    rows = centre.rates[[*SERIES, "local"]].assign(offered=centre.history["offered"])
    rule = centre.spec.rule.model_copy(update={"margin": margin})
    usual: dict[SeriesKey, float] = {
        (q.site, q.queue, q.channel): q.aht_s for q in centre.spec.queues
    }
    parts = [
        plain_agents(own, centre.spec.site(key[0]), usual[key], centre.orders, rule)
        for key, own in by_series(rows)
    ]
    return np.concatenate(parts)


def shifts_of(intervals: pd.DataFrame, opens_min: Sequence[int], block_min: int) -> Ints:
    """Return which shift of its series and local day each interval is in, numbered from 0.

    Parameters
    ----------
    intervals
        Rows with site, queue, channel and ``local``.
    opens_min
        For each of them, when its site opens, in minutes from midnight.
    block_min
        Length of a shift.
    """
    day = intervals["local"].dt.normalize()
    minute = (intervals["local"] - day) // pd.Timedelta(minutes=1)
    block = ((minute - np.asarray(opens_min)) // block_min).rename("block")
    number = intervals.groupby([*(intervals[name] for name in SERIES), day, block]).ngroup()
    return np.asarray(number, dtype="int64")


def by_distribution(
    demand: Demand, centre: Commerce, params: CapacityParams, answer_rate: float
) -> Ints:
    """Return the least agents of every shift whose expected answer rate is the target.

    Expected over all contacts that may come: over the paths of the forecast, by Erlang A.

    Parameters
    ----------
    demand
        The forecast's demand.
    centre
        Its opening hours and shifts are used.
    params
        The section ``capacity``, with a patience.
    answer_rate
        Share of offered contacts to be answered, in every shift.
    """
    opens = {site.name: clock_min(site.opens) for site in centre.spec.sites}
    shift = shifts_of(
        demand.intervals,
        [opens[site] for site in demand.intervals["site"]],
        centre.spec.rule.block_min,
    )
    offered = demand.rate.mean(axis=1)
    load = demand.load_erlangs.mean(axis=1)
    whole = np.bincount(shift, offered)

    def enough(shifts: Ints, agents: Floats) -> npt.NDArray[np.bool_]:
        wanted = np.zeros(len(whole))
        wanted[shifts] = agents
        rows = np.isin(shift, shifts)
        result = achieved(demand.only(rows), wanted[shift[rows]].astype("int64"), params)
        lost = np.nan_to_num(result.abandonment) * offered[rows]
        lost_of = np.bincount(shift[rows], lost, minlength=len(whole))[shifts]
        return np.asarray(lost_of <= (1 - answer_rate) * whole[shifts])

    mean_load = np.bincount(shift, load) / np.bincount(shift)
    start = np.maximum(np.ceil(mean_load), 1)
    return least(enough, start, lowest=1)[shift]
