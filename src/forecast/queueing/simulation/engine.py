"""One day of a centre, event by event: calls come, are answered, hang up, call again.

Arrivals, handle times and patience are drawn for all calls at once beforehand, each from a
generator of its own, so that other agents or other handle times meet the same calls. Hanging up
needs no event: who has lost patience is passed over when the queue is served; only where it leads
to a redial it has to happen on time.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt

from forecast.queueing.simulation.centre import Centre
from forecast.queueing.simulation.distributions import Floats

# Kinds of events, in the order in which they happen at one moment.
_CHANGE, _DONE, _HANGUP, _REDIAL = range(4)
_BLOCK = 256


@dataclass(frozen=True)
class Log:
    """What happened to every call; one item per call, times in seconds from the day's beginning.

    Attributes
    ----------
    kind
        Number of its class.
    arrived
        When it came; negative in the warm-up.
    left_queue
        When it was answered or given up; infinite if neither.
    group
        Number of the group that answered it, -1 if none did.
    handled_s
        Its handle time, if it is answered.
    first
        Whether it is a first attempt.
    overtime_s
        For each group and interval, what agents worked beyond their shift to finish a call.
    """

    kind: npt.NDArray[np.int64]
    arrived: Floats
    left_queue: Floats
    group: npt.NDArray[np.int64]
    handled_s: Floats
    first: npt.NDArray[np.bool_]
    overtime_s: Floats


def run(centre: Centre, rng: np.random.Generator, warm_up_s: float) -> Log:
    """Return what happened on one day.

    Parameters
    ----------
    centre
        Calls and agents.
    rng
        Source of all chance.
    warm_up_s
        How long the first interval's rates and agents hold before the day begins.
    """
    day = _Run(centre, rng, warm_up_s)
    day.go()
    group = np.array(day.group, dtype="int64")
    return Log(
        kind=np.array(day.kind, dtype="int64"),
        arrived=np.array(day.arrived),
        left_queue=np.where(group >= 0, np.array(day.begun), np.array(day.deadline)),
        group=group,
        handled_s=np.array(day.handling),
        first=np.arange(len(day.kind)) < day.first_attempts,
        overtime_s=np.array(day.overtime)[:, 1:-1],
    )


def _arrivals(
    centre: Centre, rng: np.random.Generator, warm_up_s: float
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return class and time of all first attempts, in order of time."""
    kinds, times = [], []
    span = centre.interval_s
    begins = np.concatenate([[-warm_up_s], np.arange(centre.intervals) * span])
    lengths = np.concatenate([[warm_up_s], np.full(centre.intervals, span)])
    for number, one in enumerate(centre.classes):
        expected = np.array([one.calls[0] * warm_up_s / span, *one.calls])
        counts = rng.poisson(expected)
        moments = rng.random(int(counts.sum()))
        times.append(np.repeat(begins, counts) + np.repeat(lengths, counts) * moments)
        kinds.append(np.full(len(moments), number))
    kind, time = np.concatenate(kinds), np.concatenate(times)
    order = np.argsort(time, kind="stable")
    return kind[order], time[order]


def _endless(sample: Callable[[int], Floats]) -> Iterator[float]:
    """Return draws one by one, taken in blocks."""
    while True:
        yield from sample(_BLOCK).tolist()


class _Run:
    """The state of a centre while its day goes by."""

    def __init__(self, centre: Centre, rng: np.random.Generator, warm_up_s: float) -> None:
        """Draw the calls, and let the agents come."""
        arrivals, service, patience, again = rng.spawn(4)
        kind, arrived = _arrivals(centre, arrivals, warm_up_s)
        handling, patient = np.empty(len(kind)), np.empty(len(kind))
        for number, one in enumerate(centre.classes):
            mine = kind == number
            handling[mine] = one.service.sample(service, int(mine.sum()))
            patient[mine] = one.patience.sample(patience, int(mine.sum()))
        self.first_attempts = len(kind)
        self.kind: list[int] = kind.tolist()
        self.arrived: list[float] = arrived.tolist()
        self.handling: list[float] = handling.tolist()
        self.deadline: list[float] = (arrived + patient).tolist()
        self.begun: list[float] = [np.inf] * len(kind)
        self.group: list[int] = [-1] * len(kind)
        self.end = centre.intervals * centre.interval_s
        self._set_rules(centre, service, patience, again)
        self.agents = [[g.agents[0], *g.agents, g.agents[-1]] for g in centre.groups]
        self.staff = [numbers[0] for numbers in self.agents]
        self.busy = [0] * len(centre.groups)
        self.overtime = [[0.0] * (centre.intervals + 2) for _ in centre.groups]
        self.queues: list[deque[int]] = [deque() for _ in centre.classes]
        # Interval 0 is the warm-up, the last one follows the day.
        self.interval, self.since = 0, -warm_up_s
        self.events: list[tuple[float, int, int]] = [
            (i * centre.interval_s, _CHANGE, i + 1) for i in range(centre.intervals + 1)
        ]

    def _set_rules(self, centre: Centre, *rngs: np.random.Generator) -> None:
        """Set who answers what, and who calls again."""
        service, patience, again = rngs
        names = centre.class_names
        self.groups_of = [
            [g for g, group in enumerate(centre.groups) if name in group.skills] for name in names
        ]
        self.tiers = []
        for group in centre.groups:
            mine = [k for k, name in enumerate(names) if name in group.skills]
            levels = sorted({centre.classes[k].priority for k in mine})
            self.tiers.append(
                [[k for k in mine if centre.classes[k].priority == level] for level in levels]
            )
        self.redials = [one.redial for one in centre.classes]
        self.chance = _endless(again.random)
        self.next_delay = [
            _endless(partial(one.redial.delay.sample, again)) if one.redial else iter(())
            for one in centre.classes
        ]
        self.next_handling = [_endless(partial(c.service.sample, service)) for c in centre.classes]
        self.next_patience = [
            _endless(partial(c.patience.sample, patience)) for c in centre.classes
        ]

    def go(self) -> None:
        """Let the day go by, until nothing more can happen."""
        times, events = [*self.arrived, np.inf], self.events
        heappush(events, (np.inf, _REDIAL, 0))
        doing = {
            _CHANGE: self._change,
            _DONE: self._done,
            _HANGUP: self._hang_up,
            _REDIAL: self._redial,
        }
        arrive, i = self._arrive, 0
        while True:
            now = times[i]
            if now < events[0][0]:
                arrive(i, now)
                i += 1
                continue
            now, what, which = heappop(events)
            if now == np.inf:
                return
            doing[what](which, now)

    def _arrive(self, call: int, now: float) -> None:
        kind = self.kind[call]
        for group in self.groups_of[kind]:
            if self.busy[group] < self.staff[group]:
                self._answer(call, group, now)
                return
        self.queues[kind].append(call)
        if self.redials[kind] is not None and self.deadline[call] < np.inf:
            heappush(self.events, (self.deadline[call], _HANGUP, call))

    def _answer(self, call: int, group: int, now: float) -> None:
        self.begun[call] = now
        self.group[call] = group
        self.busy[group] += 1
        heappush(self.events, (now + self.handling[call], _DONE, group))

    def _done(self, group: int, now: float) -> None:
        self.busy[group] -= 1
        if self.busy[group] >= self.staff[group]:
            # She stayed only to finish this call.
            self.overtime[group][self.interval] += now - self.since
            return
        self._serve(group, now)

    def _serve(self, group: int, now: float) -> bool:
        """Let an idle agent take the next call; return whether there was one."""
        deadline, arrived = self.deadline, self.arrived
        for tier in self.tiers[group]:
            best, longest = None, np.inf
            for kind in tier:
                queue = self.queues[kind]
                while queue and deadline[queue[0]] <= now:
                    queue.popleft()
                if queue and arrived[queue[0]] < longest:
                    best, longest = queue, arrived[queue[0]]
            if best is not None:
                self._answer(best.popleft(), group, now)
                return True
        return False

    def _change(self, interval: int, now: float) -> None:
        """Let agents come and go."""
        for group, numbers in enumerate(self.agents):
            beyond = max(self.busy[group] - self.staff[group], 0)
            self.overtime[group][self.interval] += beyond * (now - self.since)
            self.staff[group] = numbers[interval]
        self.interval, self.since = interval, now
        for group in range(len(self.agents)):
            while self.busy[group] < self.staff[group] and self._serve(group, now):
                pass

    def _hang_up(self, call: int, now: float) -> None:
        kind = self.kind[call]
        redial = self.redials[kind]
        if self.group[call] < 0 and redial is not None and next(self.chance) < redial.probability:
            when = now + next(self.next_delay[kind])
            if when < self.end:
                heappush(self.events, (when, _REDIAL, kind))

    def _redial(self, kind: int, now: float) -> None:
        call = len(self.kind)
        self.kind.append(kind)
        self.arrived.append(now)
        self.handling.append(next(self.next_handling[kind]))
        self.deadline.append(now + next(self.next_patience[kind]))
        self.begun.append(np.inf)
        self.group.append(-1)
        self._arrive(call, now)
