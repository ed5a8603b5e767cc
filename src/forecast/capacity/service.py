"""What agents achieve over all rates that may come: by interval, by day and by week."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.strata import Floats, Ints
from forecast.goals import target_of
from forecast.params import CapacityParams
from forecast.queueing.carried import required_by_kind
from forecast.queueing.gridded import gridded
from forecast.queueing.redials import required_agents_with_redials, with_redials
from forecast.queueing.result import QueueResult, check_definition, counted, merged_rows, together
from forecast.queueing.search import least
from forecast.queueing.staffing import performance, required_agents
from forecast.schema import SERIES, SERVICE

MANY_ROWS, ROWS_A_KIND = 20_000, 2_000
"""Intervals, and those of one handle time, that make a grid worth its while."""
LEVELS = {"service_level_p10": 0.1, "service_level_p50": 0.5, "service_level_p90": 0.9}


def least_agents(load: Floats, aht_s: Floats, params: CapacityParams) -> Ints:
    """Return the least agents that meet the target at a load that is known."""
    target = target_of(params)
    if params.redial and params.patience_s is not None:
        return required_agents_with_redials(
            load,
            redial=params.redial,
            aht_s=aht_s,
            target=target,
            patience_s=params.patience_s,
            agents_min=params.agents_min,
        )
    required = required_by_kind if _few_kinds(aht_s) else required_agents
    return required(
        load,
        aht_s=aht_s,
        target=target,
        patience_s=params.patience_s,
        agents_min=params.agents_min,
    )


def served(
    load: Floats, agents: npt.NDArray[np.generic], aht_s: Floats, params: CapacityParams
) -> tuple[QueueResult, Floats]:
    """Return how contacts fare, and how many come for each first one (redials among them)."""
    if params.redial and params.patience_s is not None:
        called = with_redials(
            load,
            agents.astype("float64"),
            redial=params.redial,
            aht_s=aht_s,
            answer_within_s=params.answer_within_s,
            patience_s=params.patience_s,
            definition=params.definition,
        )
        times = np.where(load > 0, called.load / np.where(load > 0, load, 1.0), 1.0)
        return called.queue, times
    if params.patience_s is not None and _few_kinds(aht_s):
        return _gridded(load, agents, aht_s, params), np.ones(load.shape)
    result = performance(
        load,
        agents.astype("float64"),
        aht_s=aht_s,
        answer_within_s=params.answer_within_s,
        patience_s=params.patience_s,
        definition=params.definition,
    )
    return result, np.ones(np.shape(result.p_wait))


def _few_kinds(aht_s: Floats) -> bool:
    """Return whether there are so many intervals of so few handle times that a grid is faster."""
    return aht_s.size > MANY_ROWS and np.unique(aht_s).size <= aht_s.size / ROWS_A_KIND


def _gridded(
    load: Floats, agents: npt.NDArray[np.generic], aht_s: Floats, params: CapacityParams
) -> QueueResult:
    """Return how contacts fare, handle time by handle time on a grid of loads."""
    teams = np.broadcast_to(agents.astype("int64"), load.shape)
    length = aht_s[:, 0] if aht_s.ndim > 1 else aht_s
    found: list[tuple[Ints, QueueResult]] = []
    for aht in np.unique(length):
        own = np.flatnonzero(length == aht)
        result = gridded(
            load[own],
            teams[own],
            aht_s=float(aht),
            answer_within_s=params.answer_within_s,
            patience_s=params.patience_s or 0.0,
            definition=params.definition,
        )
        found.append((own, result))
    return found[0][1] if len(found) == 1 else merged_rows(found, len(load))


def achieved(demand: Demand, agents: Ints, params: CapacityParams) -> QueueResult:
    """Return what agents achieve in each interval, expected over the demand's paths.

    Shares of callers and waits are weighted by the contacts of each path, occupancy is the mean
    over paths. Without contacts on any path caller measures are NaN; a wait without bound on some
    path (Erlang C in overload) is infinite.
    """
    groups = demand.strata
    result, times = served(groups.load, agents[:, None], demand.aht_s[:, None], params)
    return together(result, groups.callers * times, params.definition, share=groups.share)


def agents_in_expectation(demand: Demand, params: CapacityParams) -> Ints:
    """Return the least agents per interval whose expected result meets the target.

    The service level over all contacts that may come: busier paths weigh more, for more callers
    live through them.
    """
    target, groups = target_of(params), demand.strata
    some = np.flatnonzero(groups.callers.sum(axis=1) > 0)
    usual = least_agents(demand.load_erlangs.mean(axis=1), demand.aht_s, params)

    def enough(rows: Ints, agents: Floats) -> npt.NDArray[np.bool_]:
        own = some[rows]
        result, times = served(groups.load[own], agents[:, None], demand.aht_s[own, None], params)
        return target.met(
            together(result, groups.callers[own] * times, params.definition, share=groups.share)
        )

    needed = np.full(len(usual), params.agents_min, dtype="int64")
    least_found = least(enough, usual[some].astype("float64"), lowest=1)
    needed[some] = np.maximum(least_found, needed[some])
    return needed


def chance_met(demand: Demand, agents: Ints, params: CapacityParams) -> Floats:
    """Return the share of paths on which agents meet the target, by interval.

    Whether they do falls with the load: so the busiest path that they still serve is looked for.
    """
    target = target_of(params)
    ordered = demand.strata.ordered
    paths = ordered.shape[1]

    def missed(rows: Ints, rank: Floats) -> npt.NDArray[np.bool_]:
        at = np.minimum(rank, paths - 1).astype("int64")
        result, _ = served(ordered[rows, at], agents[rows], demand.aht_s[rows], params)
        return np.asarray((rank >= paths) | ~target.met(result))

    start = np.full(len(ordered), np.floor(params.confidence * paths))
    return np.asarray(least(missed, start) / paths)


def service_by(
    demand: Demand, agents: Ints, params: CapacityParams, *, scenario: str = "base"
) -> pd.DataFrame:
    """Return the service level of whole days and weeks: expected, P10 to P90, and P(met).

    Paths are joint: a busy morning comes with a busy afternoon, and a bad day is not averaged away
    by others. The chance of single contacts around the rate is not in the range.

    Parameters
    ----------
    demand
        The demand, its paths joint.
    agents
        Positions per interval of the demand.
    params
        The section ``capacity``.
    scenario
        Its name.

    Returns
    -------
    pandas.DataFrame
        SERVICE.
    """
    groups = demand.strata
    result, times = served(groups.load, agents[:, None], demand.aht_s[:, None], params)
    shares = [times * part for part in counted(result.ends, check_definition(params.definition))]
    number = demand.intervals.groupby(list(SERIES), sort=True).ngroup().to_numpy()
    tables = []
    for one in range(int(number.max()) + 1):
        own = np.flatnonzero(number == one)
        rows = demand.intervals.iloc[own]
        of = groups.of[own].astype("int64")
        rate = demand.rate[own]
        parts = [rate * np.take_along_axis(share[own], of, axis=1) for share in shares]
        day, by_day = _by_day(rows, [rate, *parts])
        week = day - pd.to_timedelta(day.day_of_week, unit="D")
        first, by_week = week.unique(), [_summed(sums, week.factorize()[0]) for sums in by_day]
        named = {name: rows[name].iloc[0] for name in SERIES}
        for period, start, sums in (("day", day, by_day), ("week", first, by_week)):
            rate_sum, in_time, asked = sums
            columns = pd.DataFrame(_levels(rate_sum, in_time, asked, params))
            tables.append(columns.assign(**named, period=period, start=start))
    found = pd.concat(tables, ignore_index=True).assign(scenario=scenario)
    return SERVICE.validate(found[SERVICE.names])


def _by_day(rows: pd.DataFrame, values: list[Floats]) -> tuple[pd.DatetimeIndex, list[Floats]]:
    """Return the local days of one series' intervals, and the sums of values over each."""
    code, day = pd.factorize(rows["local"].dt.normalize(), sort=True)
    return pd.DatetimeIndex(day), [_summed(value, code) for value in values]


def _levels(
    callers: Floats, in_time: Floats, asked: Floats, params: CapacityParams
) -> dict[str, Floats]:
    """Return the columns of SERVICE from sums over periods (rows) and paths."""
    anybody = callers.sum(axis=1) > 0
    whole = in_time.sum(axis=1) / np.maximum(asked.sum(axis=1), 1e-300)
    # A path on which nobody calls has missed nobody.
    paths = np.where(asked > 0, in_time / np.where(asked > 0, asked, 1.0), 1.0)
    columns = {"service_level": whole}
    columns |= dict(zip(LEVELS, np.quantile(paths, list(LEVELS.values()), axis=1), strict=True))
    columns["p_met"] = (paths >= params.service_level_target).mean(axis=1)
    told = {n: np.where(anybody, np.clip(v, 0, 1), np.nan) for n, v in columns.items()}
    return {"offered": callers.mean(axis=1), **told}


def _summed(values: Floats, number: Ints) -> Floats:
    """Return the sums of rows by their number, 0, 1, 2, ..."""
    order = np.argsort(number, kind="stable")
    first = np.flatnonzero(np.diff(number[order], prepend=-1))
    return np.asarray(np.add.reduceat(values[order], first, axis=0))
