"""What the simulator must do beyond Erlang: other laws, skills, priorities, redials, shifts."""

import numpy as np
import pytest
from scipy import stats

from forecast.queueing import erlang_a, erlang_c
from forecast.queueing.simulation import (
    AgentGroup,
    CallClass,
    Centre,
    Deterministic,
    Exponential,
    Gamma,
    Hyperexponential,
    Lognormal,
    Redial,
    one_queue,
    simulate,
)
from forecast.queueing.simulation.engine import run

AHT = 200.0


def steady(centre, seed, **settings):
    rng = np.random.default_rng(seed)
    return simulate(
        centre, rng, **{"replications": 20, "confidence": 0.99, "warm_up_s": 12_000.0} | settings
    )


def holds(estimate, value):
    return bool((estimate.low <= value).all() and (value <= estimate.high).all())


@pytest.mark.parametrize(
    "service",
    [Deterministic(AHT), Lognormal(AHT, 1.5), Gamma(AHT, 0.5), Hyperexponential(0.8, 100, 600)],
    ids=lambda law: type(law).__name__,
)
def test_one_agent_makes_callers_wait_as_pollaczek_and_khinchine_say(service):
    draws = service.sample(np.random.default_rng(5), 2_000_000)
    cv2 = {"Deterministic": 0, "Lognormal": 2.25, "Gamma": 0.25, "Hyperexponential": 3.0}
    load, cv2 = 0.6, cv2[type(service).__name__]
    assert draws.mean() == pytest.approx(service.mean, rel=0.005)
    assert draws.var() / draws.mean() ** 2 == pytest.approx(cv2, rel=0.03, abs=1e-9)
    found = steady(one_queue([4000], [1], interval_s=4000 * AHT / load, service=service), seed=11)
    assert holds(found.overall.asa_s, AHT * load / (1 - load) * (1 + cv2) / 2)


@pytest.mark.parametrize(("load", "agents", "patience"), [(9, 10, 30.0), (20, 18, 100.0)])
def test_callers_of_one_same_patience_fare_as_their_virtual_wait_says(load, agents, patience):
    # M/M/n+D (Baccelli & Hebuterne 1981): while the virtual wait is below the patience its density
    # is that of M/M/n, lambda pi(n-1) exp((lambda - n mu) x); beyond it nobody joins.
    rate, drain = load / AHT, agents / AHT
    below = np.cumprod(np.r_[1.0, load / np.arange(1, agents)])
    slope = rate - drain
    waiting = rate * below[-1] * np.expm1(slope * patience) / slope
    lost = rate * below[-1] * np.exp(slope * patience) / drain
    p_lost = lost / (below.sum() + waiting + lost)
    centre = one_queue(
        [4000],
        [agents],
        interval_s=4000 * AHT / load,
        service=AHT,
        patience=Deterministic(patience),
    )
    assert holds(steady(centre, seed=12).overall.abandonment, p_lost)


def test_redials_settle_where_the_hang_ups_of_the_offered_calls_feed_them():
    # Delays long beside the waits make redials as good as Poisson: offered = first + p x hung up.
    first, again, patience = 24.0, 0.6, 90.0
    offered = first
    for _ in range(200):
        said = erlang_a(offered, 25, aht_s=AHT, answer_within_s=20, patience_s=patience)
        offered = first + again * offered * float(said.abandonment)
    centre = one_queue(
        [4000],
        [25],
        interval_s=4000 * AHT / first,
        service=AHT,
        patience=Exponential(patience),
        redial=Redial(again, Exponential(3000.0)),
    )
    found = steady(centre, seed=13, warm_up_s=40_000.0).overall
    assert holds(found.abandonment, said.abandonment)
    assert found.offered.value / 4000 == pytest.approx(offered / first, rel=0.01)
    # Of those who hung up, 60 % call again.
    p, count = again, float(found.abandoned.value) * 20
    spread = stats.norm.ppf(0.995) * np.sqrt(p * (1 - p) / count)
    assert float(found.redials.value / found.abandoned.value) == pytest.approx(p, abs=2 * spread)


def two_kinds(groups, *, calls=4000, load=8.0, **second):
    seconds = calls * AHT / load
    kinds = (
        CallClass("sales", [calls], Exponential(AHT)),
        CallClass("help", [calls], Exponential(AHT), **second),
    )
    return Centre(kinds, tuple(AgentGroup(n, [k], s) for n, k, s in groups), seconds)


BOTH = ("sales", "help")


def test_agents_of_all_skills_are_one_pooled_team():
    found = steady(two_kinds([("all", 19, BOTH)]), seed=14)
    pooled = erlang_c(16, 19, aht_s=AHT, answer_within_s=20)
    for name in ("p_wait", "service_level", "asa_s"):
        assert holds(getattr(found.overall, name), getattr(pooled, name)), name
        assert holds(getattr(found.by_class, name), getattr(pooled, name)), name


def test_specialists_are_two_teams():
    found = steady(two_kinds([("a", 10, ("sales",)), ("b", 9, ("help",))]), seed=15)
    apart = erlang_c(8, np.array([10, 9]), aht_s=AHT, answer_within_s=20)
    for name in ("p_wait", "service_level", "asa_s"):
        assert holds(getattr(found.by_class, name), getattr(apart, name)), name
    assert holds(found.occupancy_by_group, apart.occupancy)


def test_a_few_agents_of_both_skills_bring_most_of_the_pooling_gain():
    waits = [
        float(steady(two_kinds(groups), seed=16).overall.asa_s.value)
        for groups in (
            [("a", 10, ("sales",)), ("b", 10, ("help",))],
            [("a", 8, ("sales",)), ("b", 8, ("help",)), ("ab", 4, BOTH)],
            [("ab", 20, BOTH)],
        )
    ]
    apart = float(erlang_c(8, 10, aht_s=AHT, answer_within_s=20).asa_s)
    pooled = float(erlang_c(16, 20, aht_s=AHT, answer_within_s=20).asa_s)
    assert waits[0] > waits[1] > waits[2]
    assert apart - waits[1] > 0.5 * (apart - pooled)


def test_first_class_callers_wait_as_cobham_says():
    # M/M/n, two classes of one handle time, without interruption: Cobham (1954).
    found = steady(two_kinds([("all", 18, BOTH)], priority=1), seed=17).by_class.asa_s
    one = erlang_c(16, 18, aht_s=AHT, answer_within_s=20)
    first = float(one.p_wait) * AHT / (18 - 8)
    assert holds(found, np.array([first, first / (1 - 16 / 18)]))


def test_an_agent_whose_shift_ends_finishes_her_call_and_takes_no_other():
    # Calls of 100 s; at 60 s all but five agents leave.
    centre = one_queue([40, 40, 0], [20, 5, 5], interval_s=60, service=Deterministic(100.0))
    log = run(centre, np.random.default_rng(3), 0.0)
    begun, done = log.left_queue, log.left_queue + log.handled_s
    for at in np.unique(np.r_[begun, done, 60.0]):
        busy = int(((begun <= at) & (at < done)).sum())
        newly = int((begun == at).sum())
        assert busy <= 20
        assert at <= 60 or newly == 0 or busy <= 5
    still_busy = (begun < 60) & (done > 60)
    beyond = np.sort(done[still_busy])[: still_busy.sum() - 5] - 60
    assert still_busy.sum() > 5
    assert log.overtime_s[0, 1] + log.overtime_s[0, 2] == pytest.approx(beyond.clip(0, 120).sum())


def restless():
    rng = np.random.default_rng(8)
    calls, agents = rng.integers(0, 60, (2, 12)), rng.integers(0, 9, (3, 12))
    kinds = (
        CallClass(
            "x", calls[0], Lognormal(80, 1), Exponential(60), redial=Redial(0.5, Gamma(90, 1))
        ),
        CallClass("y", calls[1], Exponential(120)),
    )
    skills = [("x",), ("y",), ("x", "y")]
    groups = tuple(AgentGroup(str(g), agents[g], skills[g]) for g in range(3))
    return Centre(kinds, groups, 300.0)


def test_every_call_is_answered_or_hung_up_or_left():
    centre = restless()
    nobody_left = Centre(
        centre.classes, tuple(AgentGroup(g.name, [0] * 12, g.skills) for g in centre.groups), 300.0
    )
    for case in (centre, nobody_left):
        found = simulate(case, np.random.default_rng(1), replications=5)
        for view in (found.overall, found.by_class, found.by_interval, found.by_class_and_interval):
            ends = view.answered.value + view.abandoned.value + view.left.value
            np.testing.assert_allclose(view.offered.value, ends, rtol=1e-12)
        parts = found.by_class_and_interval.offered.value
        assert found.overall.offered.value == pytest.approx(parts.sum())
    assert found.overall.answered.value == 0
    assert found.overall.left.value > 0


def test_nobody_is_served_before_she_came_or_by_more_agents_than_there_are():
    centre = restless()
    log = run(centre, np.random.default_rng(2), 600.0)
    assert (log.left_queue >= log.arrived).all()
    for group in range(3):
        mine = log.group == group
        assert set(log.kind[mine]) <= [{0}, {1}, {0, 1}][group]
        begun, done = log.left_queue[mine], (log.left_queue + log.handled_s)[mine]
        for at in begun:
            interval = min(max(int(at // 300), 0), 11)
            assert ((begun <= at) & (at < done)).sum() <= centre.groups[group].agents[interval]


def test_the_same_seed_gives_the_same_day_and_another_seed_another():
    results = [simulate(restless(), np.random.default_rng(s), replications=3) for s in (1, 1, 2)]
    waits = [r.by_class_and_interval.asa_s.value for r in results]
    np.testing.assert_array_equal(waits[0], waits[1])
    assert not np.array_equal(waits[0], waits[2], equal_nan=True)


def test_other_agents_meet_the_same_calls():
    logs = [
        run(one_queue([200], [n], interval_s=900, service=60.0), np.random.default_rng(4), 0.0)
        for n in (10, 20)
    ]
    np.testing.assert_array_equal(logs[0].arrived, logs[1].arrived)
    np.testing.assert_array_equal(logs[0].handled_s, logs[1].handled_s)
    assert (logs[0].left_queue >= logs[1].left_queue).all()
