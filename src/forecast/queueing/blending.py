"""Blending: agents do deferrable work (e-mail, calls out) while calls leave them idle."""

from dataclasses import dataclass

import numpy as np

from forecast.queueing.checks import (
    COUNT,
    NOT_NEGATIVE,
    POSITIVE,
    WHOLE,
    Bools,
    Floats,
    Numbers,
    Rows,
    check,
    check_range,
)
from forecast.queueing.result import (
    Fare,
    QueueResult,
    check_definition,
    merged,
    quiet,
    result_of,
)
from forecast.queueing.search import Ints, least
from forecast.queueing.staffing import Target
from forecast.queueing.waits import behind


@dataclass(frozen=True)
class BlendResult:
    """Calls with deferrable work beside.

    Attributes
    ----------
    queue
        How calls fare. Its ``occupancy`` counts both kinds of work.
    deferrable
        Deferrable work done, in erlangs: the agents that it keeps busy on average.
    deferrable_per_hour
        Deferrable contacts done in an hour.
    """

    queue: QueueResult
    deferrable: Floats
    deferrable_per_hour: Floats


def blend(
    load: Numbers,
    agents: Numbers,
    reserve: Numbers,
    *,
    aht_s: Numbers,
    answer_within_s: Numbers,
    patience_s: Numbers | None = None,
    definition: str = "offered",
) -> BlendResult:
    """Return how calls fare, and how much else gets done, when idle agents do deferrable work.

    Whenever more than ``reserve`` agents are idle, one of them takes a deferrable contact, of which
    there is no end; nobody leaves one for a call.

    Parameters
    ----------
    load
        Offered load of calls in erlangs, >= 0.
    agents
        Whole number of agents, >= 1.
    reserve
        Agents kept idle for calls, whole, 0 to ``agents``. With all of them in reserve there is no
        deferrable work (Erlang C or A); with none, all agents are always busy and every call waits.
    aht_s
        Average handle time of calls and of deferrable contacts alike, in seconds, > 0.
    answer_within_s, patience_s, definition
        As in ``erlang_a``; without patience nobody hangs up.

    Notes
    -----
    The number of busy agents is Erlang's chain cut off below ``agents - reserve``. With equal
    handle times such a threshold is the best of all policies. Where deferrable contacts take
    longer, calls wait longer than this says.

    References
    ----------
    Bhulai & Koole (2003), A queueing model for call blending in call centers. Gans & Zhou (2003), A
    call-routing problem with service-level constraints.

    Examples
    --------
    >>> r = blend(10, 16, 4, aht_s=180, answer_within_s=20)
    >>> round(float(r.queue.service_level), 3), round(float(r.deferrable), 2)
    (0.905, 3.64)
    """
    known = check_definition(definition)
    rows = Rows.of(
        check("load", load, NOT_NEGATIVE),
        check("agents", agents, COUNT),
        check("reserve", reserve, WHOLE),
        check("aht_s", aht_s, POSITIVE),
        check("answer_within_s", answer_within_s, NOT_NEGATIVE),
        check("patience_s", 1.0 if patience_s is None else patience_s, POSITIVE),
    )
    a, n, kept, aht, limit, patience = rows.columns
    check_range("reserve", kept, kept <= n, "at most agents")
    some = a > 0
    log_free, busy = _some_free(a[some], n[some], kept[some])
    ease = None if patience_s is None else (patience / aht)[some]
    waits, answered = behind(log_free, n[some], a[some], ease, (limit / aht)[some])
    busy = busy + waits.p_wait * (n[some] - busy)
    fare = Fare(waits.p_wait, waits.ends, waits.mean * aht[some], busy / n[some])
    # Nobody calls: all but the reserve are busy with the rest.
    still = quiet(a.size)
    rest = Fare(still.p_wait, still.ends, still.asa_s, (n - kept) / n)
    beside, speed = n - kept, np.zeros(a.shape)
    beside[some] = np.maximum(busy - a[some] * waits.ends.answered, 0.0) * (kept[some] < n[some])
    speed[some] = answered * aht[some]
    queue = result_of(rows, merged(some, fare, rest), speed, known)
    return BlendResult(queue, rows.shaped(beside), rows.shaped(beside * 3600 / aht))


def blend_reserve(
    load: Numbers,
    agents: Numbers,
    *,
    aht_s: Numbers,
    target: Target,
    patience_s: Numbers | None = None,
) -> Ints:
    """Return the least reserve at which calls meet the target: so most deferrable work gets done.

    Arguments are those of ``blend`` and ``required_agents``; numbers of the target may be arrays.
    A ceiling of occupancy counts both kinds of work.

    Raises
    ------
    ValueError
        Also where the agents do not meet the target even without deferrable work.

    Examples
    --------
    >>> int(blend_reserve(10, 16, aht_s=180, target=Target(0.8, 20)))
    3
    """
    goals = target.goals_for(patience_s)
    rows = Rows.of(
        check("load", load, NOT_NEGATIVE),
        check("agents", agents, COUNT),
        check("aht_s", aht_s, POSITIVE),
        check("patience_s", 1.0 if patience_s is None else patience_s, POSITIVE),
        *goals.values(),
    )
    a, n, aht, patience, *values = rows.columns

    def met(at: Ints, reserve: Floats) -> Bools:
        asked = {name: v[at] for name, v in zip(goals, values, strict=True)}
        result = blend(
            a[at],
            n[at],
            reserve,
            aht_s=aht[at],
            answer_within_s=asked.get("answer_within_s", 0.0),
            patience_s=None if patience_s is None else patience[at],
        )
        return Target(**asked, definition=target.definition).met(result.queue)

    able = met(np.arange(a.size), n)
    check_range("agents", n, able, "enough for the target without deferrable work")
    found = least(lambda at, r: (r >= n[at]) | met(at, np.minimum(r, n[at])), np.sqrt(n))
    return np.asarray(rows.shaped(found))


def _some_free(load: Floats, agents: Floats, reserve: Floats) -> tuple[Floats, Floats]:
    """Return log time with an agent free over time with just one free, and the busy ones then."""
    log_sum = np.where(reserve > 0, 0.0, -np.inf)
    busy = agents - reserve
    for step in range(1, int(reserve.max(initial=0.0))):
        now = step < reserve
        at_work = agents - reserve + step
        grown = np.logaddexp(0.0, np.log(at_work / load) + log_sum)
        log_sum = np.where(now, grown, log_sum)
        weight = np.where(now, np.exp(-log_sum), 0.0)
        busy = busy + weight * (at_work - busy)
    return log_sum, busy
