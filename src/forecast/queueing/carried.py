"""The largest load that agents carry: staffing turned round, and so that of millions of rows."""

import numpy as np

from forecast.queueing.checks import NOT_NEGATIVE, POSITIVE, WHOLE, Floats, Numbers, Rows, check
from forecast.queueing.erlang_a import erlang_a_fare
from forecast.queueing.erlang_c import erlang_c_fare
from forecast.queueing.redials import with_redials
from forecast.queueing.result import Fare, QueueResult, check_definition, level_of
from forecast.queueing.search import Ints
from forecast.queueing.staffing import Target
from forecast.queueing.task import met

MOST_LOADS_AN_AGENT = 4096.0
"""A load beyond so many erlangs an agent is called endless."""
_HALVINGS = 1100
"""Enough to reach the next float from any start."""


def carried_load(
    agents: Numbers,
    *,
    aht_s: Numbers,
    target: Target,
    patience_s: Numbers | None = None,
    redial: float = 0.0,
) -> Floats:
    """Return the largest load at which agents meet the target, in erlangs.

    Parameters
    ----------
    agents
        Whole number of agents, >= 0; none carry nothing.
    aht_s, target, patience_s
        As in ``required_agents``; goals must be numbers.
    redial
        Share of those who hang up who call again; then the load is that of first calls.

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
    goals, known = target.goals_for(patience_s), check_definition(target.definition)
    rows = Rows.of(
        check("agents", agents, WHOLE),
        check("aht_s", aht_s, POSITIVE),
        check("patience_s", 1.0 if patience_s is None else patience_s, POSITIVE),
        goals.get("answer_within_s", np.zeros(())),
    )
    n, aht, patience, limit = rows.columns
    some = np.flatnonzero(n > 0)
    low, high = np.zeros(some.size), MOST_LOADS_AN_AGENT * n[some]
    open_rows = np.arange(some.size)
    for _ in range(_HALVINGS):
        middle = low + (high - low) / 2
        at = middle[open_rows]
        open_rows = open_rows[(at > low[open_rows]) & (at < high[open_rows])]
        if not open_rows.size:
            break
        own = some[open_rows]
        wait = None if patience_s is None else patience[own]
        fare = _fare(middle[open_rows], n[own], aht[own], limit[own], wait, redial)
        good = met(goals, level_of(fare.ends, known), fare)
        low[open_rows[good]] = middle[open_rows[good]]
        high[open_rows[~good]] = middle[open_rows[~good]]
    out = np.zeros(n.shape)
    out[some] = low
    return np.asarray(rows.shaped(out))


def _fare(
    load: Floats, agents: Floats, aht: Floats, limit: Floats, patience: Floats | None, redial: float
) -> Fare | QueueResult:
    if patience is None:
        return erlang_c_fare(load, agents, aht, limit)
    if not redial:
        return erlang_a_fare(load, agents, aht, limit, patience)
    return with_redials(
        load, agents, redial=redial, aht_s=aht, answer_within_s=limit, patience_s=patience
    ).queue


def least_carrying(load: Floats, carried: Floats) -> Ints:
    """Return the least agents that carry each load, given what 0, 1, 2, ... agents carry.

    It is ``required_agents`` looked up: where anybody calls at least one agent is there; a load
    that none of the teams carries gets the largest.

    Examples
    --------
    >>> carried = carried_load(np.arange(20), aht_s=180, target=Target(0.80, 20))
    >>> least_carrying(np.array([10.0, 11.0, 0.0]), carried).tolist()
    [14, 15, 0]
    """
    check("load", load, NOT_NEGATIVE)
    # Rounding could let a larger team carry a hair less; the sorting needs order.
    needed = np.searchsorted(np.maximum.accumulate(carried), load, side="left")
    return np.where(load > 0, np.clip(needed, 1, carried.size - 1), 0).astype("int64")
