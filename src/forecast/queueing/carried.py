"""The largest load that agents carry: staffing turned round, and staffing of millions of rows."""

import numpy as np

from forecast.queueing.checks import NOT_NEGATIVE, POSITIVE, WHOLE, Floats, Numbers, Rows, check
from forecast.queueing.search import Ints
from forecast.queueing.staffing import Target, performance, required_agents

MOST_LOADS_AN_AGENT = 4096.0
"""A load beyond so many erlangs an agent is called endless."""
_HALVINGS = 1100
"""Enough to reach the next float from any start."""


def carried_load(
    agents: Numbers, *, aht_s: Numbers, target: Target, patience_s: Numbers | None = None
) -> Floats:
    """Return the largest load at which agents meet the target, in erlangs.

    Parameters
    ----------
    agents
        Whole number of agents, >= 0; none carry nothing.
    aht_s, target, patience_s
        As in ``required_agents``; goals must be numbers.

    Notes
    -----
    Every goal gets harder with the load. The interval that holds the answer is halved until its
    ends are neighbouring floats, so that what is returned meets the target and the next float does
    not: ``required_agents(carried_load(n)) <= n``.

    Examples
    --------
    >>> round(float(carried_load(14, aht_s=180, target=Target(0.80, 20))), 3)
    10.868
    """
    target.goals_for(patience_s)
    rows = Rows.of(
        check("agents", agents, WHOLE),
        check("aht_s", aht_s, POSITIVE),
        check("patience_s", 1.0 if patience_s is None else patience_s, POSITIVE),
    )
    n, aht, patience = rows.columns
    some = np.flatnonzero(n > 0)
    low, high = np.zeros(some.size), MOST_LOADS_AN_AGENT * n[some]
    limit = 0.0 if target.answer_within_s is None else target.answer_within_s
    open_rows = np.arange(some.size)
    for _ in range(_HALVINGS):
        middle = low + (high - low) / 2
        at = middle[open_rows]
        open_rows = open_rows[(at > low[open_rows]) & (at < high[open_rows])]
        if not open_rows.size:
            break
        own = some[open_rows]
        result = performance(
            middle[open_rows], n[own], aht_s=aht[own], answer_within_s=limit,
            patience_s=None if patience_s is None else patience[own],
        )  # fmt: skip
        good = target.met(result)
        low[open_rows[good]] = middle[open_rows[good]]
        high[open_rows[~good]] = middle[open_rows[~good]]
    out = np.zeros(n.shape)
    out[some] = low
    return np.asarray(rows.shaped(out))


def required_by_kind(
    load: Floats,
    *,
    aht_s: Floats,
    target: Target,
    patience_s: float | None = None,
    agents_min: int = 0,
) -> Ints:
    """Return what ``required_agents`` does, for many loads of few handle times.

    What each number of agents carries is found once for each handle time, and loads are sorted in
    between: a hundred times as fast for a year of half-hours.

    Examples
    --------
    >>> load = np.array([10.0, 11.0, 0.0])
    >>> required_by_kind(load, aht_s=np.full(3, 180.0), target=Target(0.80, 20)).tolist()
    [14, 15, 0]
    """
    check("load", load, NOT_NEGATIVE)
    out = np.zeros(load.shape, dtype="int64")
    kinds, kind = np.unique(aht_s, return_inverse=True)
    for number, aht in enumerate(kinds):
        own = kind == number
        some = load[own]
        most = int(
            required_agents(some.max(initial=0.0), aht_s=aht, target=target, patience_s=patience_s)
        )
        carried = carried_load(np.arange(most + 1), aht_s=aht, target=target, patience_s=patience_s)
        # Rounding could let a larger team carry a hair less; the sorting needs order.
        needed = np.searchsorted(np.maximum.accumulate(carried), some, side="left")
        out[own] = np.where(some > 0, np.maximum(np.minimum(needed, most), 1), 0)
    return np.maximum(out, agents_min)
