"""All tables -> PEAKS and PEAK_MEASURES."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.pools import pooled
from forecast.params import Params
from forecast.peaks.gaps import available_agents, gap_of, sums_of_paths
from forecast.peaks.lines import lines_of
from forecast.peaks.measures import LEAST_HOURS, Gap, chosen_measures
from forecast.peaks.windows import of_teams, peak_windows
from forecast.schema import (
    PEAK_MEASURES,
    PEAKS,
    SERIES,
    as_known,
    local_times,
    of_series,
)
from forecast.targets import OFFERED

CHAMPION = "champion"
LOW, HIGH = 0.1, 0.9
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Peaks:
    """PEAKS, and what could be done about each."""

    peaks: pd.DataFrame
    measures: pd.DataFrame


def find_peaks(
    forecast: pd.DataFrame,
    paths: pd.DataFrame,
    features: pd.DataFrame,
    events: pd.DataFrame,
    requirement: pd.DataFrame,
    demand: Demand,
    params: Params,
) -> Peaks:
    """Return the coming peaks of every team, and the measures that would close their gaps.

    Parameters
    ----------
    forecast, paths
        FORECAST (its champion is used) and its PATHS; sites have cutoffs of their own, midnight
        being another moment in each time zone.
    features
        FEATURES of the past, for what is usual.
    events
        EVENTS.
    requirement
        REQUIREMENT of the base plan: the people it schedules.
    demand
        ``base_demand`` of the same paths, by queue.
    params
        All parameters; ``alerts``, ``capacity``, ``shrinkage``, ``trunks``, ``calendars.keep_out``,
        ``features`` and ``ingest`` (zones) are used.
    """
    champion = forecast[(forecast["model"] == CHAMPION) & (forecast["target"] == OFFERED)]
    asof = champion["cutoff"].max()
    ahead = _ahead(champion, params)
    windows, ahead = peak_windows(
        ahead, _past(features), events, params.alerts, keep_out=params.calendars.keep_out
    )
    pools = params.capacity.pools
    team = {queue: name for name, queues in pools.items() for queue in queues}
    plan = _plan(demand, requirement, params)
    ahead, paths = (
        t.assign(queue=t["queue"].replace(team)) for t in (ahead, paths[paths["open_min"] > 0])
    )
    rows, measures = [], []
    for window in of_teams(windows, pools).to_dict("records"):
        row, own = _one(window, ahead, paths, plan, asof, params)
        rows.append(row)
        measures.append(own.assign(**{n: row[n] for n in (*SERIES, "peak_id")}))
    found = pd.DataFrame(rows) if rows else PEAKS.empty()
    taken = [own for own in measures if len(own)]
    told = pd.concat(taken, ignore_index=True) if taken else PEAK_MEASURES.empty()
    return Peaks(
        PEAKS.validate(found[PEAKS.names]), PEAK_MEASURES.validate(told[PEAK_MEASURES.names])
    )


@dataclass(frozen=True)
class _Plan:
    """Teams, and their agents on position in each interval."""

    demand: Demand
    available: Ints

    def during(self, start: pd.Timestamp, end: pd.Timestamp, **named: str) -> "_Plan":
        """Return the plan of a window of wall time, of a site or of one team."""
        rows = self.demand.intervals
        keep = ((rows["local"] >= start) & (rows["local"] < end)).to_numpy()
        for column, value in named.items():
            keep = keep & (rows[column] == value).to_numpy()
        return _Plan(self.demand.only(keep), self.available[keep])


def _ahead(champion: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return the open intervals ahead, with wall times of their start and end."""
    rows = champion[champion["open_min"] > 0].reset_index(drop=True)
    local = local_times(rows, params.ingest.zone)
    step = pd.Timedelta(minutes=params.features.interval_min)
    columns = [*SERIES, "ds", "open_min", "mean", "effect"]
    return rows[columns].assign(local=local, until=local + step)


def _past(features: pd.DataFrame) -> pd.DataFrame:
    """Return the contacts of each day that was reported whole."""
    known = as_known(features)
    days = known[known["open_min"] > 0].groupby([*SERIES, "date"])["y"]
    sums = days.agg(lambda y: y.sum(skipna=False)).rename("contacts").reset_index()
    return sums[sums["contacts"].notna()]


def _plan(demand: Demand, requirement: pd.DataFrame, params: Params) -> _Plan:
    teams = pooled(demand, params.capacity.pools)
    key = [*SERIES, "ds"]
    people = requirement.set_index(key)["scheduled_agents"]
    scheduled = people.loc[pd.MultiIndex.from_frame(teams.intervals[key])].to_numpy(dtype="int64")
    there = available_agents(teams, scheduled, params.capacity, params.alerts, params.shrinkage)
    return _Plan(teams, there)


def _one(
    window: Mapping[Any, Any],
    ahead: pd.DataFrame,
    paths: pd.DataFrame,
    plan: _Plan,
    asof: pd.Timestamp,
    params: Params,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return one row of PEAKS, and its measures."""
    site, queue, channel = (str(window[name]) for name in SERIES)
    start, end = window["start"], window["end"]
    rows = of_series(ahead, (site, queue, channel))
    rows = rows[(rows["local"] >= start) & (rows["local"] < end)]
    own = plan.during(start, end, site=site, queue=queue, channel=channel)
    its = of_series(paths, (site, queue, channel))
    sums = sums_of_paths(its[its["ds"].isin(rows["ds"])])
    first, last = rows["ds"].min(), rows["ds"].max()
    hours_ahead = max((first - asof) / pd.Timedelta(hours=1), 0.0)
    row: dict[str, Any] = {
        **window,
        "starts_at": first,
        "ends_at": last + (rows["until"] - rows["local"]).iloc[0],
        "asof": asof,
        "hours_ahead": hours_ahead,
        "lead_due_hours": lead_due(hours_ahead, params.alerts.leads_hours),
        "open_days": rows["local"].dt.normalize().nunique(),
        "contacts": sums.mean(),
        "contacts_p10": np.quantile(sums, LOW),
        "contacts_p90": np.quantile(sums, HIGH),
        "usual": rows["usual"].sum(),
        **gap_of(own.demand, own.available, params.capacity),
    }
    all_teams = plan.during(start, end, site=site)
    row |= lines_of(
        all_teams.demand,
        all_teams.available,
        site,
        params.trunks,
        params.alerts,
        params.capacity.patience_s,
    )
    return _with_measures(row, params)


def _with_measures(row: dict[str, Any], params: Params) -> tuple[dict[str, Any], pd.DataFrame]:
    each = row["required_hours"] / row["contacts"] if row["contacts"] > 0 else 0.0
    gap = Gap(row["gap_hours"], row["open_days"], row["contacts"], each, row["hours_ahead"])
    measures = chosen_measures(gap, params.alerts.measures)
    closed = float(measures["hours"].sum())
    left = row["gap_hours"] - closed
    verdict = "closable" if left < LEAST_HOURS else "short"
    done = {"closed_hours": closed, "measures_cost": float(measures["cost"].sum())}
    verdict = "enough" if row["gap_hours"] < LEAST_HOURS else verdict
    return {**row, **done, "verdict": verdict}, measures


def lead_due(hours_ahead: float, leads_hours: Sequence[float]) -> float:
    """Return the shortest lead that a peak lies within; NaN: its alert is not due yet.

    Examples
    --------
    >>> lead_due(60, [336, 72, 24]), lead_due(400, [336, 72, 24])
    (72, nan)
    """
    return min((lead for lead in leads_hours if hours_ahead <= lead), default=float("nan"))
