"""The transient chain against matrix exponentials, stationary formulas and the simulator."""

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import expm

from forecast.queueing import erlang_a, erlang_c
from forecast.queueing.simulation import Exponential, one_queue, simulate
from forecast.queueing.transient import Day, transient_chain

NAMES = ("p_wait", "service_level", "asa_s", "abandonment", "occupancy")
LONGEST = 30


class Dense:
    """A second implementation: pairs (busy, queue), dense matrices, quadrature, no cleverness."""

    def __init__(self, day):
        self.day, self.most = day, int(max(day.agents))
        self.states = [(b, q) for b in range(self.most + 1) for q in range(LONGEST + 1)]
        self.number = {state: i for i, state in enumerate(self.states)}
        self.hangup = 0.0 if day.patience_s is None else 1 / day.patience_s
        # Whoever comes within the limit of a change meets two numbers of agents.
        at, weights = np.polynomial.legendre.leggauss(12)
        cut = 1 - day.answer_within_s / day.interval_s
        self.at = np.concatenate([(at + 1) / 2 * cut, cut + (at + 1) / 2 * (1 - cut)])
        self.weights = np.concatenate([weights / 2 * cut, weights / 2 * (1 - cut)])

    def queue(self, i):
        """Return the generator of the queue in interval i."""
        rate, agents, done = self.day.rates[i], self.day.agents[i], 1 / self.day.aht[i]
        out = np.zeros((len(self.states),) * 2)
        for (b, q), here in self.number.items():
            moves = [((b + 1, q) if b < agents else (b, q + 1), rate)]
            moves += [((b, q - 1) if q > 0 and b <= agents else (b - 1, q), b * done)]
            moves += [((b, q - 1), q * self.hangup)]
            for to, speed in moves:
                if speed > 0 and to in self.number:
                    out[here, self.number[to]] += speed
                    out[here, here] -= speed
        return out

    def caller(self, i):
        """Return the generator of (busy, ahead in the queue), and the rate of being answered."""
        agents, done = self.day.agents[i], 1 / self.day.aht[i]
        out, answered = np.zeros((len(self.states),) * 2), np.zeros(len(self.states))
        for (b, q), here in self.number.items():
            out[here, here] = -b * done - (q + 1) * self.hangup
            if q > 0:
                out[here, self.number[b, q - 1]] += q * self.hangup
            if b > agents:
                out[here, self.number[b - 1, q]] += b * done
            elif q > 0:
                out[here, self.number[b, q - 1]] += b * done
            else:
                answered[here] += b * done
        return out, answered

    def change(self, i, value_of_answered, values):
        """Return a waiting caller's value before agents change to those of interval i."""
        out = np.empty(len(self.states))
        for (b, q), here in self.number.items():
            come = max(int(self.day.agents[i]) - b, 0)
            out[here] = value_of_answered if come > q else values[self.number[b + come, q - come]]
        return out

    def law_after_change(self, i, law):
        out = np.zeros_like(law)
        for (b, q), here in self.number.items():
            come = min(max(int(self.day.agents[i]) - b, 0), q)
            out[self.number[b + come, q - come]] += law[here]
        return out

    def waits(self):
        """Return the mean wait of a caller in each state at the beginning of each interval."""
        last = self.day.intervals - 1
        values = np.linalg.solve(self.caller(last)[0], -np.ones(len(self.states)))
        out = [values]
        for i in range(last, -1, -1):
            values = self.over(self.caller(i)[0], np.ones(len(self.states)), out[-1], i)
            out.append(values if i == 0 else self.change(i, 0.0, values))
        return out[::-1]

    def over(self, rates, gain, final, i, seconds=None):
        """Return exp(R t) final + the integral of exp(R s) gain, over an interval or less of it."""
        n = len(gain)
        wide = np.zeros((n + 1, n + 1))
        wide[:n, :n], wide[:n, n] = rates, gain
        end = expm(wide * (self.day.interval_s if seconds is None else seconds))
        return end[:n, :n] @ final + end[:n, n]

    def result(self):
        """Return the figures of each interval."""
        day, span = self.day, self.day.interval_s
        law, waits = np.zeros(len(self.states)), self.waits()
        law[0] = 1.0
        busy, queue = np.array(self.states).T
        out = {name: np.zeros(day.intervals) for name in (*NAMES, "queue_end")}
        for i in range(day.intervals):
            law = self.law_after_change(i, law)
            full = busy >= day.agents[i]
            on_duty = np.maximum(busy, day.agents[i])
            rates, (alone, answered) = self.queue(i), self.caller(i)
            present = work = 0.0
            for at, weight in zip(self.at * span, self.weights, strict=True):
                now = law @ expm(rates * at)
                out["p_wait"][i] += weight * now[full].sum()
                work, present = work + weight * (now @ busy), present + weight * (now @ on_duty)
                # Who finds b busy and q waiting has q ahead.
                wait = self.over(alone, np.ones(len(law)), waits[i + 1], i, span - at)
                out["asa_s"][i] += weight * (now[full] @ wait[full])
                out["service_level"][i] += weight * now[~full].sum()
                to_go, limit = span - at, day.answer_within_s
                if limit <= to_go or i + 1 == day.intervals:
                    chance = self.over(alone, answered, np.zeros(len(law)), i, limit)
                else:
                    after = self.caller(i + 1)
                    later = self.over(*after, np.zeros(len(law)), i, limit - to_go)
                    chance = self.over(alone, answered, self.change(i + 1, 1.0, later), i, to_go)
                out["service_level"][i] += weight * (now[full] @ chance[full])
            law = law @ expm(rates * span)
            out["occupancy"][i] = work / present
            out["queue_end"][i] = law @ queue
        out["abandonment"] = out["asa_s"] * self.hangup
        return out


@pytest.mark.parametrize("aht", [40.0, [40.0, 30.0, 60.0]])
def test_a_small_day_is_that_of_dense_matrix_exponentials(aht):
    # Agents leave while on calls at 100 s, and come back to a queue at 200 s.
    day = Day([7, 3, 6], [3, 1, 2], interval_s=100, aht_s=aht, answer_within_s=30, patience_s=35)
    found, dense = transient_chain(day), Dense(day).result()
    for name in (*NAMES, "queue_end"):
        np.testing.assert_allclose(getattr(found, name), dense[name], atol=1e-8, err_msg=name)
    assert found.error < 1e-8


@pytest.mark.parametrize(
    ("load", "agents", "patience"),
    [(4, 6, 120), (25, 22, 60), (60, 64, 300), (0.2, 1, 50), (8, 11, None), (40, 46, None)],
)
def test_a_constant_day_comes_to_rest_where_the_formulas_are(load, agents, patience):
    aht = 150.0
    day = Day(
        [load * 1800 / aht] * 40,
        [agents] * 40,
        interval_s=1800,
        aht_s=aht,
        answer_within_s=20,
        patience_s=patience,
    )
    found = transient_chain(day)
    if patience is None:
        said = erlang_c(load, agents, aht_s=aht, answer_within_s=20)
    else:
        said = erlang_a(load, agents, aht_s=aht, answer_within_s=20, patience_s=patience)
    for name in NAMES:
        last = getattr(found, name)[-1]
        assert last == pytest.approx(float(getattr(said, name)), rel=1e-7, abs=1e-8), name


RAMP = [20, 45, 80, 120, 150, 150, 130, 110, 60, 40, 10, 0]
SHIFTS = [6, 8, 12, 16, 22, 14, 14, 20, 8, 6, 2, 0]


@pytest.mark.parametrize("patience", [90.0, None])
def test_a_day_of_ramp_drop_and_overload_is_that_of_the_simulator(patience):
    # 48 or 60 figures at 99 % each: Bonferroni for all, and no more outside than a binomial allows.
    agents = SHIFTS if patience else [*SHIFTS[:-1], 3]
    day = Day(RAMP, agents, interval_s=900, aht_s=120, answer_within_s=30, patience_s=patience)
    law = None if patience is None else Exponential(patience)
    centre = one_queue(
        RAMP, agents, interval_s=900, service=120.0, answer_within_s=30, patience=law
    )
    days = 300
    drawn = simulate(centre, np.random.default_rng(99), replications=days, confidence=0.99)
    found = transient_chain(day)
    called = drawn.by_interval
    pairs = [
        (getattr(called, name), getattr(found, name), np.array(RAMP) > 0)
        for name in ("p_wait", "service_level", "asa_s", "abandonment")[: 4 if patience else 3]
    ]
    pairs.append((drawn.occupancy_by_interval, found.occupancy, np.array(agents) > 0))
    pairs.append((drawn.queue_end, found.queue_end, np.array(RAMP) > 0))
    far = np.concatenate([(value - e.value)[some] / e.half_width[some] for e, value, some in pairs])
    one = stats.t.ppf(0.995, days - 1)
    assert abs(far).max() < stats.t.ppf(1 - 0.005 / len(far), days - 1) / one
    assert stats.binom.sf((abs(far) > 1).sum() - 1, len(far), 0.01) > 0.005
    assert found.asa_s.max() > 25


def test_a_backlog_is_carried_on_and_a_stationary_formula_is_not_told():
    day = Day([300, 100], [20, 20], interval_s=900, aht_s=100, answer_within_s=20)
    said = erlang_c(day.load, 20, aht_s=100, answer_within_s=20)
    found = transient_chain(day)
    # As a fluid: all are busy after 100 ln(33.3 / 13.3) = 92 s, then 0.133 calls a second wait.
    assert found.queue_end[0] == pytest.approx(0.1333 * (900 - 91.6), rel=0.03)
    assert said.service_level[1] > 0.99
    assert found.service_level[1] < 0.4


def test_a_day_cut_finer_is_the_same_day():
    coarse = Day([90, 30], [8, 6], interval_s=900, aht_s=80, answer_within_s=20, patience_s=100)
    fine = Day(
        [30] * 3 + [10] * 3,
        [8] * 3 + [6] * 3,
        interval_s=300,
        aht_s=80,
        answer_within_s=20,
        patience_s=100,
    )
    one, other = transient_chain(coarse), transient_chain(fine)
    for name in NAMES:
        if name != "occupancy":
            parts = getattr(other, name).reshape(2, 3).mean(axis=1)
            np.testing.assert_allclose(getattr(one, name), parts, atol=1e-8, err_msg=name)
    np.testing.assert_allclose(one.queue_end, other.queue_end[[2, 5]], atol=1e-8)


def test_a_limit_of_several_intervals_counts_all_who_are_ever_answered():
    # Patience of 15 s: beyond 200 s nobody waits, so in time or hung up is all there is.
    day = Day(
        [20, 2, 20, 30, 4, 25],
        [5, 9, 3, 0, 8, 7],
        interval_s=60,
        aht_s=90,
        answer_within_s=400,
        patience_s=15,
    )
    found = transient_chain(day)
    np.testing.assert_allclose(found.service_level, 1 - found.abandonment, atol=1e-8)
    assert found.abandonment.max() > 0.5


def test_calls_in_the_system_at_the_start_are_served_first():
    # 1 agent and 5 calls, nobody hangs up: a caller of the first moments waits for 5 handle times.
    day = Day([1e-6, 1e-6], [1, 1], interval_s=1e-3, aht_s=50, answer_within_s=20)
    found = transient_chain(day, in_system=5)
    assert found.asa_s[0] == pytest.approx(5 * 50, rel=1e-3)
    assert found.service_level[0] == pytest.approx(stats.gamma.cdf(20, 5, scale=50), rel=1e-3)
    assert found.queue_end[0] == pytest.approx(4, rel=1e-3)


def test_closed_intervals_have_nobody_waiting_and_nobody_working():
    day = Day([0, 10, 0], [0, 4, 0], interval_s=900, aht_s=60, answer_within_s=20, patience_s=60)
    found = transient_chain(day)
    for name, value in {"p_wait": 0, "service_level": 1, "asa_s": 0, "abandonment": 0}.items():
        assert getattr(found, name)[0] == value
        assert getattr(found, name)[2] == value
    assert found.occupancy[0] == 0
    assert found.occupancy[2] == pytest.approx(1)  # who stays on finishes a call


def test_nobody_to_answer_means_that_everybody_hangs_up():
    day = Day([10, 10], [0, 0], interval_s=900, aht_s=60, answer_within_s=20, patience_s=60)
    found = transient_chain(day)
    np.testing.assert_allclose(found.asa_s, 60, rtol=1e-8)
    np.testing.assert_allclose(found.abandonment, 1, rtol=1e-8)
    np.testing.assert_allclose(found.service_level, 0, atol=1e-12)
    # An infinite-server queue of the waiting: its mean is rate x patience in the end.
    np.testing.assert_allclose(found.queue_end, 10 / 15 * (1 - np.exp([-15, -30])), rtol=1e-8)
