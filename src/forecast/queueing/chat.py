"""Chats: an agent has several at once, each the slower for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast.queueing.checks import (
    COUNT,
    NOT_NEGATIVE,
    POSITIVE,
    Bools,
    Floats,
    Numbers,
    Rows,
    check,
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
class ChatResult:
    """A team that chats.

    Attributes
    ----------
    queue
        How chats fare. Its ``occupancy`` is the share of agents' time with at least one chat.
    concurrency
        Chats per agent while he has any; 0 where there are none.
    slots
        Share of all slots (agents times the most chats each) that are taken.
    """

    queue: QueueResult
    concurrency: Floats
    slots: Floats


def chat(
    chats_per_hour: Numbers,
    agents: Numbers,
    *,
    aht_s: Sequence[Numbers],
    answer_within_s: Numbers,
    patience_s: Numbers | None = None,
    definition: str = "offered",
) -> ChatResult:
    """Return waiting when every agent has up to m chats at once.

    Parameters
    ----------
    chats_per_hour
        Offered chats, >= 0.
    agents
        Whole number of agents, >= 1.
    aht_s
        Average time of a chat from its first to its last word, in seconds, while its agent has 1,
        2, ..., m chats: one entry per number of chats, so that its length is the concurrency m.
        ``[300]`` is a telephone; with ``[300, 360, 450]`` three chats at once take half as long
        again each.
    answer_within_s
        Limit to the first answer in seconds, >= 0.
    patience_s
        Mean patience of waiting chatters in seconds, > 0; None: nobody leaves.
    definition
        Of the service level, see ``service_level``.

    Raises
    ------
    ValueError
        For an argument that breaks its rule, naming both and the value.

    Notes
    -----
    New chats go to the agent with fewest, so that with k chats every agent has ``k / agents`` of
    them, rounded up or down; those rates make a birth-death chain. It is exact for m = 1 (Erlang C
    or A) and where chats do not slow each other down; else nearly so, because chats that end leave
    agents a little less evenly loaded than that. Who leaves a chat that has begun is not modelled.
    The work grows with the number of slots.

    References
    ----------
    Luo & Zhang (2013), Staffing and control of instant messaging contact centers. Tezcan & Zhang
    (2014), Routing and staffing in customer service chat systems with impatient customers.

    Examples
    --------
    >>> r = chat(100, 6, aht_s=[300, 360, 450], answer_within_s=30, patience_s=120)
    >>> round(float(r.queue.service_level), 3), round(float(r.concurrency), 2)
    (0.984, 1.69)
    """
    known = check_definition(definition)
    times = _times(aht_s)
    rows = Rows.of(
        check("chats_per_hour", chats_per_hour, NOT_NEGATIVE),
        check("agents", agents, COUNT),
        check("answer_within_s", answer_within_s, NOT_NEGATIVE),
        check("patience_s", 1.0 if patience_s is None else patience_s, POSITIVE),
        *times,
    )
    hourly, n, limit, patience, *columns = rows.columns
    some = hourly > 0
    desk = _Desk(hourly[some] / 3600, n[some], [column[some] for column in columns])
    fare, answered, taken = desk.fare(limit[some], None if patience_s is None else patience[some])
    queue = result_of(rows, merged(some, fare, quiet(hourly.size)), _spread(some, answered), known)
    busy = fare.occupancy * n[some]
    return ChatResult(
        queue,
        rows.shaped(_spread(some, taken / np.maximum(busy, 1e-300))),
        rows.shaped(_spread(some, taken / (n[some] * len(times)))),
    )


def chat_agents(
    chats_per_hour: Numbers,
    *,
    aht_s: Sequence[Numbers],
    target: Target,
    patience_s: Numbers | None = None,
) -> Ints:
    """Return the least whole number of chatting agents that meets the target.

    Arguments are those of ``chat`` and ``required_agents``. The target's ceiling of occupancy is
    for the share of time with at least one chat.

    Examples
    --------
    >>> int(chat_agents(100, aht_s=[300, 360, 450], target=Target(0.8, 30), patience_s=120))
    5
    """
    goals = target.goals_for(patience_s)
    patience = 1.0 if patience_s is None else patience_s
    rows = Rows.of(
        check("chats_per_hour", chats_per_hour, NOT_NEGATIVE),
        check("patience_s", patience, POSITIVE),
        *goals.values(),
        *_times(aht_s),
    )
    hourly, patience, *rest = rows.columns
    values, columns = rest[: len(goals)], rest[len(goals) :]
    some = np.flatnonzero(hourly > 0)

    def enough(at: Ints, agents: Floats) -> Bools:
        rows_at = some[at]
        asked = {name: v[rows_at] for name, v in zip(goals, values, strict=True)}
        result = chat(
            hourly[rows_at],
            agents,
            aht_s=[column[rows_at] for column in columns],
            answer_within_s=asked.get("answer_within_s", 0.0),
            patience_s=None if patience_s is None else patience[rows_at],
        )
        return Target(**asked, definition=target.definition).met(result.queue)

    needed = np.zeros(hourly.shape, dtype="int64")
    speed = len(columns) / columns[-1][some] * 3600
    needed[some] = least(enough, hourly[some] / speed, lowest=1)
    return np.asarray(rows.shaped(needed))


def _times(aht_s: Sequence[Numbers]) -> list[Floats]:
    if len(aht_s) < 1:
        raise ValueError("aht_s must have one entry per number of chats at once; found none")
    return [check("aht_s", value, POSITIVE) for value in aht_s]


def _spread(some: Bools, values: Floats) -> Floats:
    """Return values of some rows, 0 in all others."""
    out = np.zeros(some.shape)
    out[some] = values
    return out


@dataclass(frozen=True)
class _Desk:
    """Flat rows of a chatting team: chats a second, agents, seconds of a chat by concurrency."""

    calls: Floats
    agents: Floats
    times: list[Floats]

    def fare(self, limit: Floats, patience: Floats | None) -> tuple[Fare, Floats, Floats]:
        """Return how chats fare, the mean wait of the answered, and the chats in progress."""
        slots = self.agents * len(self.times)
        log_free, busy, taken = self._some_free(slots)
        waits, answered = behind(log_free, self._speed(slots), self.calls, patience, limit)
        busy = busy + waits.p_wait * (self.agents - busy)
        taken = taken + waits.p_wait * (slots - taken)
        return Fare(waits.p_wait, waits.ends, waits.mean, busy / self.agents), answered, taken

    def _speed(self, chats: Floats) -> Floats:
        """Return the rate at which so many chats end, agents having equally many if they can."""
        each = np.floor(chats / self.agents)
        more = chats - each * self.agents
        speeds = [np.zeros(chats.shape)]
        speeds += [(j + 1) / seconds for j, seconds in enumerate(self.times)]
        table = np.stack([*speeds, speeds[-1]])
        at = each.astype("int64")
        columns = np.arange(chats.size)
        slow, fast = table[at, columns], table[at + 1, columns]
        return np.asarray((self.agents - more) * slow + more * fast)

    def _some_free(self, slots: Floats) -> tuple[Floats, Floats, Floats]:
        """Return log time with a slot free over time with just one free; agents and chats then.

        ``S(k) = 1 + speed(k) / calls x S(k - 1)`` adds up the time with at most k chats over that
        with k; means over it move towards each new state by its weight ``1 / S(k)``.
        """
        log_sum, busy, taken = np.zeros((3, *slots.shape))
        for k in range(1, int(slots.max(initial=0.0))):
            now = k < slots
            chats = np.minimum(float(k), slots)
            grown = np.logaddexp(0.0, np.log(self._speed(chats) / self.calls) + log_sum)
            log_sum = np.where(now, grown, log_sum)
            weight = np.where(now, np.exp(-log_sum), 0.0)
            busy = busy + weight * (np.minimum(chats, self.agents) - busy)
            taken = taken + weight * (chats - taken)
        return log_sum, busy, taken
