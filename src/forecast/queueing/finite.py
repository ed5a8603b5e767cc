"""A finite waiting room: who finds all trunks taken is turned away (M/M/n/K and M/M/n/K+M)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaincc, gammainc, gammaincc

from forecast.queueing.checks import (
    NOT_NEGATIVE,
    POSITIVE,
    WHOLE,
    Floats,
    Numbers,
    Rows,
    check,
    check_range,
)
from forecast.queueing.result import Ends, Fare, QueueResult, check_definition, result_of
from forecast.queueing.special import log_inverse_b

_TINY = 1e-300


def finite_room(
    load: Numbers,
    agents: Numbers,
    trunks: Numbers,
    *,
    aht_s: Numbers,
    answer_within_s: Numbers,
    patience_s: Numbers | None = None,
    definition: str = "offered",
) -> QueueResult:
    """Return waiting, hanging up and blocking when no more than ``trunks`` calls fit in.

    Parameters
    ----------
    load
        Offered load in erlangs, >= 0, calls turned away included.
    agents
        Whole number of agents, >= 0.
    trunks
        Whole number of calls that fit in, served and waiting together, >= agents.
    aht_s
        Average handle time in seconds, > 0.
    answer_within_s
        Answer-within limit in seconds, >= 0.
    patience_s
        Mean patience in seconds, > 0; None: nobody hangs up.
    definition
        Of the service level, see ``service_level``. Callers turned away count as offered and
        missed, except where only answered callers count ("answered", "missed").

    Returns
    -------
    Shares are of offered calls, ``blocking`` among them; ``asa_s`` is the mean wait of those who
    were let in.

    Notes
    -----
    A birth-death chain, stable at any load. Who finds k callers waiting is answered after k + 1
    departures at the rates of agents and of the patience of those in front: ``exp(-wait /
    patience)`` has a beta distribution with parameters ``agents patience / aht`` and ``k + 1``;
    without patience the wait has a gamma distribution. With ``trunks = agents`` this is Erlang B,
    with many trunks Erlang C or A. The work grows with the largest waiting room.

    References
    ----------
    Riordan (1962), Stochastic Service Systems. Gross & Harris, Fundamentals of Queueing Theory,
    section on M/M/c/K.

    Examples
    --------
    >>> r = finite_room(10, 10, 14, aht_s=180, answer_within_s=20)
    >>> round(float(r.blocking), 3), round(float(r.service_level), 3), round(float(r.asa_s), 1)
    (0.115, 0.55, 23.5)
    """
    known = check_definition(definition)
    rows = Rows.of(
        check("load", load, NOT_NEGATIVE),
        check("agents", agents, WHOLE),
        check("trunks", trunks, WHOLE),
        check("aht_s", aht_s, POSITIVE),
        check("answer_within_s", answer_within_s, NOT_NEGATIVE),
        check("patience_s", 1.0 if patience_s is None else patience_s, POSITIVE),
    )
    a, n, places, aht, limit, patience = rows.columns
    check_range("trunks", places, places >= n, "at least agents")
    calls = a > 0
    hurry = np.zeros(a.shape) if patience_s is None else aht / patience
    room = _Room(np.where(calls, a, 1.0), n, places - n, hurry, limit / aht)
    sums = room.sums()
    answered = sums["at once"] + sums["answered"]
    in_time = np.minimum(sums["at once"] + sums["in time"], answered)
    abandoned_late = np.clip(sums["longer"] - (answered - in_time), 0.0, sums["abandoned"])
    share = calls / sums["all"]
    ends = Ends(
        answered_in_time=np.where(calls, in_time * share, 1.0),
        answered_late=(answered - in_time) * share,
        abandoned_in_time=(sums["abandoned"] - abandoned_late) * share,
        abandoned_late=abandoned_late * share,
        blocked=sums["blocked"] * share,
    )
    let_in = sums["at once"] + sums["waiting"]
    # Each second of waiting carries the same risk of hanging up.
    waited = np.where(hurry > 0, sums["abandoned"] / np.where(hurry > 0, hurry, 1), sums["waited"])
    fare = Fare(
        p_wait=sums["waiting"] * share,
        ends=ends,
        asa_s=_ratio(waited, let_in) * calls * aht,
        occupancy=np.minimum(_ratio(a * ends.answered * calls, n), 1.0),
    )
    asa_answered = np.where(answered > 0, _ratio(sums["waited"], answered), np.inf)
    return result_of(rows, fare, np.where(calls, asa_answered * aht, 0.0), known)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, 0 where there is no whole."""
    return np.asarray(np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 0.0))


@dataclass(frozen=True)
class _Room:
    """Flat rows: load > 0, agents, waiting places, and times in handle times."""

    load: Floats
    agents: Floats
    places: Floats
    hurry: Floats
    limit: Floats

    def sums(self) -> dict[str, Floats]:
        """Return time, of the offered calls, by what becomes of them, in one arbitrary unit.

        "waited" is not a time but the sum of waits of those who are answered.
        """
        before, log_waiting = self._log_free(), np.zeros(self.load.shape)
        peak = np.maximum(before, 0.0)
        deepest = int(self.places.max(initial=0.0))
        for k in range(1, deepest + 1):
            log_waiting = log_waiting + self._log_ratio(k)
            peak = np.where(k <= self.places, np.maximum(peak, log_waiting), peak)
        names = ("waiting", "answered", "abandoned", "in time", "longer", "waited", "blocked")
        out = {name: np.zeros(self.load.shape) for name in names}
        out["at once"] = np.exp(before - peak)
        log_waiting, wait = np.zeros(self.load.shape), np.zeros(self.load.shape)
        for k in range(deepest + 1):
            weight = np.exp(log_waiting - peak)
            out["blocked"] += np.where(k == self.places, weight, 0.0)
            weight = np.where(k < self.places, weight, 0.0)
            leaving = self.agents + (k + 1) * self.hurry
            answered = weight * self.agents / np.maximum(leaving, _TINY)
            wait = wait + 1 / np.maximum(leaving, _TINY)
            in_time, longer = self._by_limit(k)
            out["waiting"] += weight
            out["answered"] += answered
            out["abandoned"] += weight * (k + 1) * self.hurry / np.maximum(leaving, _TINY)
            out["in time"] += answered * in_time
            out["longer"] += weight * longer
            out["waited"] += np.where(answered > 0, answered * wait, 0.0)
            log_waiting = log_waiting + self._log_ratio(k + 1)
        out["all"] = out["at once"] + out["waiting"] + out["blocked"]
        return out

    def _log_free(self) -> Floats:
        """Return log time with an agent free, over time with all busy and nobody waiting."""
        out = np.full(self.load.shape, -np.inf)
        some = self.agents > 0
        a, n = self.load[some], self.agents[some]
        out[some] = log_inverse_b(n - 1, a) + np.log(n / a)
        return out

    def _log_ratio(self, waiting: int) -> Floats:
        leaving = np.maximum(self.agents + waiting * self.hurry, _TINY)
        return np.log(self.load) - np.log(leaving)

    def _by_limit(self, ahead: int) -> tuple[Floats, Floats]:
        """Return the share of the answered that is in time, and the share that waits longer."""
        in_time = gammainc(ahead + 1, self.agents * self.limit)
        longer = gammaincc(ahead + 1, self.agents * self.limit)
        some = (self.hurry > 0) & (self.agents > 0)
        risk = self.hurry[some] * self.limit[some]
        work = self.agents[some] / self.hurry[some]
        gone = -np.expm1(-risk)
        in_time[some] = betainc(ahead + 1, work + 1, gone)
        longer[some] = np.exp(-risk) * betaincc(ahead + 1, work, gone)
        nobody = self.agents == 0
        longer[nobody] = np.exp(-self.hurry[nobody] * self.limit[nobody])
        return in_time, longer
