"""What agents achieve over all rates that may come: by interval, by day and by week."""

from dataclasses import fields

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.strata import Floats, Ints
from forecast.params import CapacityParams
from forecast.queueing.redials import required_agents_with_redials, with_redials
from forecast.queueing.result import Ends, QueueResult, level_of, together
from forecast.queueing.search import least
from forecast.queueing.staffing import Target, performance, required_agents
from forecast.schema import SERIES, SERVICE

LEVELS = {"service_level_p10": 0.1, "service_level_p50": 0.5, "service_level_p90": 0.9}


def target_of(params: CapacityParams) -> Target:
    """Return the goals of the section ``capacity``."""
    return Target(
        params.service_level_target,
        params.answer_within_s,
        params.occupancy_max,
        params.definition,
        asa_max_s=params.asa_max_s,
        abandonment_max=params.abandonment_max,
        p_wait_max=params.p_wait_max,
    )


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
    return required_agents(
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
    result = performance(
        load,
        agents.astype("float64"),
        aht_s=aht_s,
        answer_within_s=params.answer_within_s,
        patience_s=params.patience_s,
        definition=params.definition,
    )
    return result, np.ones(np.shape(result.p_wait))


def achieved(demand: Demand, agents: Ints, params: CapacityParams) -> QueueResult:
    """Return what agents achieve in each interval, expected over the demand's paths.

    Shares of callers and waits are weighted by the contacts of each path, occupancy is the mean
    over paths. Without contacts on any path caller measures are NaN; a wait without bound on some
    path (Erlang C in overload) is infinite.
    """
    groups = demand.strata
    result, times = served(groups.load, agents[:, None], demand.aht_s[:, None], params)
    return together(result, groups.callers * times, params.definition)


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
        return target.met(together(result, groups.callers[own] * times, params.definition))

    needed = np.full(len(usual), params.agents_min, dtype="int64")
    least_found = least(enough, usual[some].astype("float64"), lowest=1)
    needed[some] = np.maximum(least_found, needed[some])
    return needed


def chance_met(demand: Demand, agents: Ints, params: CapacityParams) -> Floats:
    """Return the share of paths on which agents meet the target, by interval.

    Whether they do falls with the load: so the busiest path that they still serve is looked for.
    """
    target = target_of(params)
    ordered = np.sort(demand.load_erlangs, axis=1)
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
    of = groups.of.astype("int64")
    callers = demand.rate * np.take_along_axis(times, of, axis=1)
    parts = {
        f.name: np.take_along_axis(getattr(result.ends, f.name), of, axis=1) for f in fields(Ends)
    }
    keys = demand.intervals[list(SERIES)]
    tables = []
    for kind, start in _periods(demand.intervals["local"]).items():
        starts = keys.assign(start=start.to_numpy())
        by = starts.groupby([*SERIES, "start"], sort=True).ngroup()
        number: Ints = np.asarray(by, dtype="int64")
        named = starts.assign(number=number).drop_duplicates("number").sort_values("number")
        total = _summed(callers, number)
        ends = {name: _summed(callers * share, number) for name, share in parts.items()}
        tables.append(
            named.drop(columns="number").assign(
                scenario=scenario,
                period=kind,
                offered=total.mean(axis=1),
                **_levels(ends, total, params),
            )
        )
    return SERVICE.validate(pd.concat(tables, ignore_index=True)[SERVICE.names])


def _periods(local: pd.Series) -> dict[str, pd.Series]:
    """Return the day and the week, from Monday, that wall times are in."""
    day = local.dt.normalize()
    return {"day": day, "week": day - pd.to_timedelta(day.dt.day_of_week, unit="D")}


def _levels(ends: dict[str, Floats], callers: Floats, params: CapacityParams) -> dict[str, Floats]:
    """Return the columns of SERVICE from sums of callers (periods x paths) by how they end."""
    of_all = Ends(**{name: own.sum(axis=1) for name, own in ends.items()})
    some = np.where(callers > 0, callers, np.nan)
    paths = level_of(Ends(**{name: own / some for name, own in ends.items()}), params.definition)
    told = np.where(np.isnan(paths), 1.0, paths)
    anybody = callers.sum(axis=1) > 0
    shares = Ends(
        *(getattr(of_all, f.name) / np.where(anybody, callers.sum(axis=1), 1) for f in fields(Ends))
    )
    level = level_of(shares, params.definition)
    columns = {"service_level": level}
    columns |= {name: np.quantile(told, q, axis=1) for name, q in LEVELS.items()}
    columns["p_met"] = (told >= params.service_level_target).mean(axis=1)
    return {
        name: np.where(anybody, np.clip(values, 0, 1), np.nan) for name, values in columns.items()
    }


def _summed(values: Floats, number: Ints) -> Floats:
    """Return the sums of rows by their number, 0, 1, 2, ..."""
    order = np.argsort(number, kind="stable")
    first = np.flatnonzero(np.diff(number[order], prepend=-1))
    return np.asarray(np.add.reduceat(values[order], first, axis=0))
