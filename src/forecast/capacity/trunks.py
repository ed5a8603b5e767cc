"""Trunks and menu ports for the peak: calls hold a line in the menu, while waiting and in talk."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import gammaln

from forecast.capacity.demand import Demand
from forecast.errors import InputError
from forecast.params import CapacityParams, TrunksParams
from forecast.queueing.erlang_b import trunks_for_blocking
from forecast.queueing.staffing import performance
from forecast.schema import TRUNKS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
QUANTILES = (0.5, 0.9, 0.99)
TRUNKS_MAX = 50_000


@dataclass(frozen=True)
class Callers:
    """The queues that share trunks at one time; arrays of one value a queue.

    Attributes
    ----------
    per_s
        Calls a second that ask for an agent.
    aht_s
        Average handle time, > 0.
    agents
        On position, whole.
    patience_s
        Mean patience; None: nobody hangs up.
    menu_erlangs
        Calls in the menu on average, of all queues and of those who stay there.
    """

    per_s: Floats
    aht_s: Floats
    agents: Ints
    patience_s: float | None
    menu_erlangs: float


def blocking_by_trunks(callers: Callers, most: int) -> Floats:
    """Return the share of calls that find all trunks taken, for 0, 1, ... ``most`` trunks.

    Notes
    -----
    The menu (as many servers as calls) and the queues (Erlang A or C) are a Jackson network whose
    arrivals stop while all trunks are taken. So the numbers of calls in each are independent but
    for their sum (Jackson 1963): the time with k lines taken is the convolution of the queues'
    own, and an arriving call sees it as it is. Without the menu and for one queue this is
    ``finite_room``; with agents for every trunk it is Erlang B. Erlang B with the mean holding time
    is not enough: waits are long just when many lines are taken.

    References
    ----------
    Jackson (1963), Jobshop-like queueing systems, Management Science 10.

    Examples
    --------
    Ten erlangs of talk with 100 agents, and no menu: Erlang B's 3.65 % on 15 lines.

    >>> calls = Callers(np.array([0.05]), np.array([200.0]), np.array([100]), 60.0, 0.0)
    >>> round(float(blocking_by_trunks(calls, 15)[15]), 4)
    0.0365
    """
    k = np.arange(most + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        menu = np.where(k > 0, k * np.log(callers.menu_erlangs), 0.0) - gammaln(k + 1)
        time = _scaled(menu)
        for queue in range(len(callers.per_s)):
            time = np.convolve(time, _scaled(_log_time(callers, queue, k)))[: most + 1]
            time = time / time.max()
        # Where all is too small to tell, far below the load, nearly every call is turned away.
        return np.nan_to_num(time / np.cumsum(time), nan=1.0)


def _scaled(log_time: Floats) -> Floats:
    return np.asarray(np.exp(log_time - log_time.max()))


def _log_time(callers: Callers, queue: int, k: Ints) -> Floats:
    """Return the log time with k calls in a queue, served or waiting, but for a constant."""
    served = np.minimum(k[1:], callers.agents[queue]) / callers.aht_s[queue]
    waiting = np.maximum(k[1:] - callers.agents[queue], 0)
    gone = 0.0 if callers.patience_s is None else waiting / callers.patience_s
    steps = np.log(callers.per_s[queue]) - np.log(served + gone)
    return np.concatenate([[0.0], np.cumsum(steps)])


def trunks_for(callers: Callers, blocking_max: float) -> int:
    """Return the least number of trunks that turn away no more than a share of the calls.

    Raises
    ------
    InputError
        When no number does, because callers who never hang up wait without end.

    Examples
    --------
    Ten erlangs of talk, two in the menu: with 40 agents nobody waits, and the twelve erlangs take
    20 lines (Erlang B). With twelve agents callers wait on theirs.

    >>> many = Callers(np.array([0.05]), np.array([200.0]), np.array([40]), None, 2.0)
    >>> few = Callers(np.array([0.05]), np.array([200.0]), np.array([12]), None, 2.0)
    >>> trunks_for(many, 0.01), trunks_for(few, 0.01)
    (20, 26)
    """
    if not 0 < blocking_max < 1:
        raise ValueError(f"blocking_max must be between 0 and 1; found {blocking_max}")
    talk = float((callers.per_s * callers.aht_s).sum()) + callers.menu_erlangs
    if talk == 0:
        return 0
    most = int(talk + 8 * np.sqrt(talk) + 30)
    while True:
        enough = np.flatnonzero(blocking_by_trunks(callers, most) <= blocking_max)
        if enough.size:
            return int(enough[0])
        if callers.patience_s is None and _overloaded(callers).any():
            raise InputError(
                "no number of trunks is enough: callers wait without end, for "
                f"{talk:.1f} erlangs meet {int(callers.agents.sum())} agents and nobody hangs up. "
                "Give capacity.patience_s, or more agents"
            )
        if most > TRUNKS_MAX:
            raise InputError(f"more than {most} trunks would be needed for {talk:.0f} erlangs")
        most *= 2


def _overloaded(callers: Callers) -> npt.NDArray[np.bool_]:
    return np.asarray(callers.per_s * callers.aht_s >= callers.agents) & (callers.per_s > 0)


def trunk_table(
    demand: Demand,
    agents: Ints,
    *,
    ivr_s: float,
    blocking_max: float,
    self_service: float = 0.0,
    patience_s: float | None = None,
    quantiles: Sequence[float] = QUANTILES,
    channels: Sequence[str] = ("voice",),
) -> pd.DataFrame:
    """Return the trunks and menu ports that each site needs, by quantile of its peak.

    Parameters
    ----------
    demand
        Demand over any time, such as the peak days.
    agents
        On position in each of its intervals.
    ivr_s
        Mean time in the menu of every call, before it asks for an agent or ends there.
    blocking_max
        Share of calls that may find all lines taken in the busiest interval.
    self_service
        Share of calls that end in the menu; they are not in the demand.
    patience_s
        Mean patience; None: nobody hangs up.
    quantiles
        0.9: on nine paths of ten these trunks are enough in every interval.
    channels
        Those that hold a line.

    Returns
    -------
    One row per site and quantile: ``peak_erlangs`` (lines taken on average in the busiest interval
    if there were enough), ``trunks``, ``menu_erlangs``, ``ports``. On each path the busiest
    interval is that with the most lines taken; waiting counts, also of those who hang up.

    Raises
    ------
    InputError
        When callers wait without end in an interval, or no series is of the channels.
    """
    _check(ivr_s, self_service, quantiles)
    voice = demand.intervals["channel"].isin(channels).to_numpy()
    if not voice.any():
        raise InputError(
            f"no series is of the channels that hold a line: {', '.join(channels)}; a centre "
            "without calls has no section trunks"
        )
    flow = _flow(demand, voice, np.asarray(agents)[voice], ivr_s / (1 - self_service), patience_s)
    tables = []
    for site in sorted(set(flow.site)):
        peaks = _peaks(flow, flow.site == site, blocking_max)
        cuts = np.quantile(peaks, quantiles, axis=1, method="inverted_cdf")
        tables.append(
            pd.DataFrame(cuts, columns=list(PEAKS))
            .astype({"trunks": "int64", "ports": "int64"})
            .assign(site=site, quantile=list(quantiles))
        )
    return pd.concat(tables, ignore_index=True)[["site", "quantile", *PEAKS]]


def trunks_of(
    demand: Demand,
    agents: Ints,
    capacity: CapacityParams,
    params: TrunksParams,
    *,
    scenario: str = "base",
) -> pd.DataFrame:
    """Return TRUNKS of a plan: by site, at ``QUANTILES`` and at the quantile that is planned for.

    Parameters
    ----------
    demand, agents
        Open intervals of each team, and positions in them.
    capacity, params
        The sections ``capacity`` and ``trunks``.
    scenario
        Its name.

    Raises
    ------
    InputError
        As ``trunk_table``.
    """
    table = trunk_table(
        demand,
        agents,
        ivr_s=params.ivr_s,
        blocking_max=params.blocking_max,
        self_service=params.self_service,
        patience_s=capacity.patience_s,
        quantiles=sorted({*QUANTILES, params.peak_quantile}),
    )
    own = table["quantile"] == params.peak_quantile
    return TRUNKS.validate(table.assign(scenario=scenario, is_plan=own))


PEAKS = ("peak_erlangs", "trunks", "menu_erlangs", "ports")


@dataclass(frozen=True)
class _Flow:
    """Voice intervals: names per interval; the rest over intervals x paths."""

    site: npt.NDArray[np.object_]
    ds: npt.NDArray[np.datetime64]
    agents: Ints
    per_s: Floats
    aht_s: Floats
    menu: Floats
    lines: Floats
    patience_s: float | None


def _flow(
    demand: Demand,
    voice: npt.NDArray[np.bool_],
    agents: Ints,
    menu_s: float,
    patience_s: float | None,
) -> _Flow:
    own = demand.intervals[voice]
    per_s = demand.rate[voice] / (own["open_min"].to_numpy() * 60)[:, None]
    factor = 1.0 if demand.aht_factor is None else demand.aht_factor[voice]
    aht = np.broadcast_to(demand.aht_s[voice][:, None] * factor, per_s.shape)
    # How long a call holds its line where it cannot make the peak: no more than this.
    held = np.where(per_s > 0, aht if patience_s is None else np.minimum(aht, patience_s), 0.0)
    may = _may_be_peaks(own, per_s, aht, menu_s, patience_s)
    busy = np.broadcast_to(agents[:, None], per_s.shape)[may]
    fare = performance(
        (per_s * aht)[may], busy, aht_s=aht[may], answer_within_s=0, patience_s=patience_s
    )
    held[may] = np.where(per_s[may] > 0, fare.asa_s + (1 - fare.abandonment) * aht[may], 0.0)
    endless = ~np.isfinite(held)
    if endless.any():
        first = own.iloc[int(np.argmax(endless.any(axis=1)))]
        raise InputError(
            f"callers wait without end in {int(endless.any(axis=1).sum())} intervals, first "
            f"{first['queue']} at {first['ds']}, so no number of trunks is enough. "
            "Give capacity.patience_s, or more agents"
        )
    return _Flow(
        own["site"].to_numpy(dtype="object"),
        own["ds"].to_numpy(dtype="datetime64[us]"),
        agents,
        per_s,
        aht,
        per_s * menu_s,
        per_s * (menu_s + held),
        patience_s,
    )


def _may_be_peaks(
    rows: pd.DataFrame, per_s: Floats, aht: Floats, menu_s: float, patience_s: float | None
) -> npt.NDArray[np.bool_]:
    """Return which intervals may be their site's busiest, on each path.

    A call that is served or hangs up is there for no less than the shorter of handle time and
    patience on average, and no more than the longer: so most intervals cannot be.
    """
    if patience_s is None:
        return np.ones(per_s.shape, dtype=bool)
    time = np.asarray(rows.groupby(["site", "ds"]).ngroup(), dtype="int64")
    site = np.asarray(rows.groupby("site").ngroup(), dtype="int64")
    least = _by_time(per_s * (menu_s + np.minimum(aht, patience_s)), time, int(time.max()) + 1)
    most = _by_time(per_s * (menu_s + np.maximum(aht, patience_s)), time, int(time.max()) + 1)
    out = np.zeros(per_s.shape, dtype=bool)
    for one in range(int(site.max()) + 1):
        own = site == one
        out[own] = most[time[own]] >= least[time[own]].max(axis=0)
    return out


def _peaks(flow: _Flow, here: npt.NDArray[np.bool_], blocking_max: float) -> Floats:
    """Return, over paths, what the busiest interval takes: a row for each of ``PEAKS``."""
    times, at = np.unique(flow.ds[here], return_inverse=True)
    lines, menu = (_by_time(values[here], at, len(times)) for values in (flow.lines, flow.menu))
    trunks = []
    for path, busiest in enumerate(lines.argmax(axis=0)):
        rows = np.flatnonzero(here)[at == busiest]
        rows = rows[flow.per_s[rows, path] > 0]
        callers = Callers(
            flow.per_s[rows, path],
            flow.aht_s[rows, path],
            flow.agents[rows],
            flow.patience_s,
            float(menu[busiest, path]),
        )
        trunks.append(trunks_for(callers, blocking_max))
    ports = trunks_for_blocking(menu.max(axis=0), blocking_max)
    return np.array([lines.max(axis=0), trunks, menu.max(axis=0), ports], dtype="float64")


def _by_time(values: Floats, at: npt.NDArray[np.intp], times: int) -> Floats:
    out = np.zeros((times, values.shape[1]))
    np.add.at(out, at, values)
    return out


def _check(ivr_s: float, self_service: float, quantiles: Sequence[float]) -> None:
    if not 0 <= ivr_s < np.inf:
        raise ValueError(f"ivr_s must be finite and >= 0; found {ivr_s}")
    if not 0 <= self_service < 1:
        raise ValueError(f"self_service must be at least 0 and below 1; found {self_service}")
    if not quantiles or not all(0 < q < 1 for q in quantiles):
        raise ValueError(f"quantiles must be between 0 and 1; found {list(quantiles)}")
