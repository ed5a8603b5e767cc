"""Work that may wait: e-mail and callbacks, worked off first come, first served, by a due time."""

from dataclasses import dataclass

import numpy as np

from forecast.queueing.checks import (
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    Bools,
    Floats,
    Numbers,
    check,
    check_range,
)
from forecast.queueing.search import Ints, least


@dataclass(frozen=True)
class BacklogResult:
    """How a backlog is worked off, by interval.

    Attributes
    ----------
    done
        Contacts finished in the interval.
    backlog
        Contacts waiting at its end.
    age_s
        Age of the oldest of these in seconds, 0 where there is none.
    late
        Contacts that *came* in the interval (the first: or waited before) and are finished after
        their due time, or are due and not finished at the end of all.
    occupancy
        Share of agents' time that is used; 0 where nobody works.
    """

    done: Floats
    backlog: Floats
    age_s: Floats
    late: Floats
    occupancy: Floats

    @property
    def in_time(self) -> float:
        """Share of all contacts that are not late; 1 where there is no contact."""
        total = float(self.done.sum() + self.backlog[-1])
        return 1 - float(self.late.sum()) / total if total > 0 else 1.0


def work_off(
    contacts: Numbers,
    agents: Numbers,
    *,
    aht_s: Numbers,
    interval_s: float,
    due_s: float,
    backlog: float = 0.0,
) -> BacklogResult:
    """Return how contacts that may wait are worked off, interval by interval.

    Parameters
    ----------
    contacts
        Contacts that come in each interval, in a row, evenly over it, >= 0.
    agents
        Agents at work on them in each interval, >= 0, may be fractions; 0 where closed.
    aht_s
        Average handle time in seconds, > 0; one, or one per interval.
    interval_s
        Length of an interval in seconds, > 0.
    due_s
        Time from a contact's coming to its due time in seconds, on the clock, closed hours
        included, >= 0.
    backlog
        Contacts waiting at the start, >= 0; they count as having come at that moment.

    Notes
    -----
    Contacts and work are taken as a steady flow: with many contacts and due times of an hour or
    more, chance within an interval does not matter; with less, a queueing formula is the right
    model. It is exact for such flows, which are linear between the times at which a rate changes.

    References
    ----------
    Newell (1982), Applications of Queueing Theory, on cumulative arrivals and departures.

    Examples
    --------
    Sixty e-mails an hour for two hours, 15 of four minutes worked off per agent and hour.

    >>> r = work_off([60, 60, 0, 0], [2, 2, 2, 2], aht_s=240, interval_s=3600, due_s=5400)
    >>> r.backlog.tolist(), r.late.tolist(), round(r.in_time, 2)
    ([30.0, 60.0, 30.0, 0.0], [0.0, 30.0, 0.0, 0.0], 0.75)
    """
    flow = _Flow.of(contacts, agents, aht_s, interval_s, backlog)
    check("due_s", due_s, NOT_NEGATIVE)
    return flow.result(float(due_s))


def backlog_agents(
    contacts: Numbers,
    at_work: Numbers = 1.0,
    *,
    aht_s: Numbers,
    interval_s: float,
    due_s: float,
    late_max: float = 0.0,
    backlog: float = 0.0,
    backlog_max: float = np.inf,
) -> Ints:
    """Return the least whole team that works contacts off in time.

    Parameters
    ----------
    contacts, aht_s, interval_s, due_s, backlog
        As in ``work_off``.
    at_work
        Share of the team at work in each interval, 0 to 1; 0 where closed.
    late_max
        Largest share of contacts that may be late, 0 to 1.
    backlog_max
        Most contacts that may be left at the end. Contacts that come within ``due_s`` of the end
        are never late: so give a limit here, or intervals beyond those of interest.

    Raises
    ------
    ValueError
        Also where no team is large enough, because nobody is at work before contacts are due.

    Examples
    --------
    >>> int(backlog_agents([60, 60, 0, 0], aht_s=240, interval_s=3600, due_s=5400, backlog_max=0))
    3
    """
    share = check("at_work", at_work, SHARE)
    check("late_max", late_max, SHARE)
    check("due_s", due_s, NOT_NEGATIVE)
    left_max = np.asarray(backlog_max, dtype="float64")
    check_range("backlog_max", left_max, left_max >= 0, ">= 0")
    came = np.atleast_1d(check("contacts", contacts, NOT_NEGATIVE))

    def enough(team: float) -> bool:
        flow = _Flow.of(came, team * share, aht_s, interval_s, backlog)
        result = flow.result(float(due_s))
        rounding = 1e-9 * (1 + flow.came[-1])
        few_late = result.late.sum() <= late_max * flow.came[-1] + rounding
        return bool(few_late and result.backlog[-1] <= backlog_max + rounding)

    # A team of nobody passes the checks of all that is left.
    work = _Flow.of(came, 0.0 * share, aht_s, interval_s, backlog).came[-1]
    most = 1.0 + float(work) * float(np.max(aht_s)) / interval_s * 1e6
    if not enough(most):
        raise ValueError(
            "at_work must leave somebody to finish contacts before they are due; found no team "
            f"large enough for due_s {due_s} and late_max {late_max}"
        )

    def met(rows: Ints, team: Floats) -> Bools:
        return np.array([enough(float(size)) for size in team], dtype=bool)

    return np.asarray(least(met, np.zeros(1))[0])


@dataclass(frozen=True)
class _Flow:
    """Contacts come and done, cumulative, at all times between which both are linear."""

    times: Floats
    came: Floats
    done: Floats
    edges: Floats
    capacity: Floats

    @classmethod
    def of(
        cls, contacts: Numbers, agents: Numbers, aht_s: Numbers, interval_s: float, backlog: float
    ) -> "_Flow":
        """Follow the backlog through the intervals."""
        length = float(check("interval_s", interval_s, POSITIVE))
        waiting = float(check("backlog", backlog, NOT_NEGATIVE))
        given = (
            check("contacts", contacts, NOT_NEGATIVE),
            check("agents", agents, NOT_NEGATIVE),
            check("aht_s", aht_s, POSITIVE),
        )
        calls, team, aht = (np.ravel(v) for v in np.broadcast_arrays(*given))
        if not calls.size:
            raise ValueError("contacts must be those of at least one interval; found none")
        capacity = team * length / aht
        points = [(0.0, waiting, 0.0)]
        for i, (new, room) in enumerate(zip(calls, capacity, strict=True)):
            start, came, done = i * length, points[-1][1], points[-1][2]
            left = came - done
            if 0 < left < room - new:
                part = left / (room - new)
                points.append((start + part * length, came + part * new, came + part * new))
            finished = min(done + room, came + new)
            points.append((start + length, came + new, finished))
        times, every, out = np.array(points).T
        edges = np.arange(calls.size + 1, dtype="float64") * length
        return cls(times, every, out, edges, np.asarray(capacity, dtype="float64"))

    def result(self, due_s: float) -> BacklogResult:
        """Return what the flow means by interval."""
        came, done = (np.interp(self.edges, self.times, v) for v in (self.came, self.done))
        left = came[1:] - done[1:]
        left[left < 1e-12 * (1 + came[1:])] = 0.0
        oldest = self._time_at(self.came, done[1:], after=True)
        finished = np.diff(done)
        used = finished / np.where(self.capacity > 0, self.capacity, 1.0)
        return BacklogResult(
            done=finished,
            backlog=left,
            age_s=np.where(left > 0, self.edges[1:] - oldest, 0.0),
            late=self._late(due_s, came),
            occupancy=np.minimum(used, 1.0),
        )

    def _late(self, due_s: float, came: Floats) -> Floats:
        """Return late contacts by interval of their coming."""
        level = np.unique(np.concatenate([[0.0], self.came, self.done]))
        out = np.zeros(self.edges.size - 1)
        low, high = level[:-1], level[1:]
        start, end = (
            self._time_at(self.done, at, after) - self._time_at(self.came, at, after)
            for at, after in ((low, True), (high, False))
        )
        never = low >= self.done[-1]
        # What is left at the end is late where it is due by then.
        last = self.times[-1]
        start[never] = last - self._time_at(self.came, low[never], after=True)
        end[never] = last - self._time_at(self.came, high[never], after=False)
        least_delay, most = np.minimum(start, end), np.maximum(start, end)
        slack = 1e-9 * (1 + due_s)
        spread = np.where(most > least_delay, most - least_delay, 1.0)
        share = np.clip((most - due_s) / spread, 0.0, 1.0)
        share = np.where(most <= due_s + slack, 0.0, np.where(least_delay > due_s, 1.0, share))
        interval = np.clip(np.searchsorted(came, (low + high) / 2) - 1, 0, out.size - 1)
        np.add.at(out, interval, share * (high - low))
        return out

    def _time_at(self, cumulative: Floats, level: Floats, after: bool) -> Floats:
        """Return when a cumulative count passes a level, just after it or just before."""
        above = np.searchsorted(cumulative, level, side="right" if after else "left")
        i = np.clip(above, 1, cumulative.size - 1)
        rise = cumulative[i] - cumulative[i - 1]
        part = (level - cumulative[i - 1]) / np.where(rise > 0, rise, 1.0)
        part = np.clip(part, 0.0, 1.0)
        return np.asarray(self.times[i - 1] + part * (self.times[i] - self.times[i - 1]))
