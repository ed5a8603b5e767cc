"""Five service levels: their formulas, their order, and the agents between them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.queueing import (
    DEFINITIONS,
    Ends,
    QueueResult,
    Target,
    erlang_a,
    erlang_c,
    finite_room,
    required_agents,
    service_level,
)
from tests.queueing.chains import birth_death, tagged

LAW = settings(derandomize=True, deadline=None, max_examples=150)


def of_counts(answered_in_time, answered, abandoned_in_time, abandoned):
    """Return the five definitions from counts of callers, as an ACD would print them."""
    offered = answered + abandoned
    return {
        "offered": answered_in_time / offered,
        "answered": answered_in_time / answered,
        "excluded": answered_in_time / (offered - abandoned_in_time),
        "met": (answered_in_time + abandoned_in_time) / offered,
        "missed": answered_in_time / (answered + abandoned_in_time),
    }


def test_the_definitions_are_those_of_counted_callers():
    # The example that ICMI's QueueTips (2002) works through: 1000 answered, 860 of them in time,
    # 60 hung up, 20 of them in time: 83 %, 86 %, 81 %, 83 % by its first four formulas.
    printed = {"met": 0.83, "answered": 0.86, "offered": 0.81, "excluded": 0.83}
    counts = of_counts(860, 1000, 20, 60)
    ends = Ends(*(np.array(count / 1060) for count in (860, 140, 20, 40, 0)))
    result = QueueResult(
        p_wait=0.5,
        service_level=ends.answered_in_time,
        asa_s=9.0,
        abandonment=ends.abandoned,
        occupancy=0.9,
        asa_answered_s=9.0,
        ends=ends,
    )
    for name in DEFINITIONS:
        assert float(service_level(result, name)) == pytest.approx(counts[name], rel=1e-12)
    for name, value in printed.items():
        assert float(service_level(result, name)) == pytest.approx(value, abs=5e-3)


@pytest.mark.parametrize(
    ("load", "agents", "limit", "patience"),
    [(4, 5, 20, 90), (6, 4, 45, 60), (2, 1, 10, 30), (9, 10, 120, 80)],
)
def test_the_definitions_of_erlang_a_are_those_of_a_chain_of_tagged_callers(
    load, agents, limit, patience
):
    aht, deep = 100.0, 32
    up = np.full(agents + deep, load / aht)
    busy = np.minimum(np.arange(1, agents + deep + 1), agents)
    waiting = np.arange(1, agents + deep + 1) - busy
    shares = birth_death(up, busy / aht + waiting / patience)
    ends = {"in": shares[:agents].sum(), "late": 0.0, "gone": 0.0, "gone late": 0.0}
    for ahead, share in enumerate(shares[agents:-1]):
        answered, gone = tagged(agents / aht, 1 / patience, ahead, limit)
        ever, lost = tagged(agents / aht, 1 / patience, ahead, 1e5)
        ends["in"] += share * answered
        ends["late"] += share * (ever - answered)
        ends["gone"] += share * gone
        ends["gone late"] += share * (lost - gone)
    expected = of_counts(
        ends["in"], ends["in"] + ends["late"], ends["gone"], ends["gone"] + ends["gone late"]
    )
    for name in DEFINITIONS:
        got = erlang_a(
            load,
            agents,
            aht_s=aht,
            answer_within_s=limit,
            patience_s=patience,
            definition=name,
        )
        assert float(got.service_level) == pytest.approx(expected[name], rel=1e-7), name
        assert float(service_level(got, name)) == pytest.approx(expected[name], rel=1e-7), name


loads, teams = st.floats(1e-3, 300), st.integers(0, 320)
limits, patiences = st.one_of(st.just(0.0), st.floats(0.1, 600)), st.floats(1, 3600)


@LAW
@given(loads, teams, limits, patiences)
def test_the_definitions_keep_their_order(load, agents, limit, patience):
    r = erlang_a(load, agents, aht_s=180, answer_within_s=limit, patience_s=patience)
    level = {name: float(service_level(r, name)) for name in DEFINITIONS}
    slack = 1e-12
    assert level["offered"] <= level["excluded"] + slack
    assert level["excluded"] <= level["met"] + slack
    assert level["offered"] <= level["missed"] + slack
    assert level["missed"] <= level["answered"] + slack


@LAW
@given(loads, st.integers(1, 320), limits, patiences, st.sampled_from(DEFINITIONS))
def test_every_definition_rises_with_every_agent(load, agents, limit, patience, name):
    fewer, more = (
        erlang_a(
            load, n, aht_s=180, answer_within_s=limit, patience_s=patience, definition=name
        ).service_level
        for n in (agents, agents + 1)
    )
    assert more >= fewer - 1e-11


def test_without_hang_ups_the_definitions_are_one():
    for name in DEFINITIONS:
        r = erlang_c([5, 9, 0, 20], 10, aht_s=180, answer_within_s=20, definition=name)
        plain = erlang_c([5, 9, 0, 20], 10, aht_s=180, answer_within_s=20)
        np.testing.assert_allclose(r.service_level, plain.service_level, rtol=1e-14)


def test_callers_turned_away_are_missed_where_offered_ones_count():
    known = {"aht_s": 100, "answer_within_s": 20, "patience_s": 60}
    r = finite_room(12, 10, 12, **known)
    a, b, lost = r.answered_in_time, r.abandoned_in_time, r.blocking
    answered = 1 - r.abandonment - lost
    expected = of_counts(a, answered, b, 1 - answered)
    for name in DEFINITIONS:
        got = finite_room(12, 10, 12, **known, definition=name).service_level
        assert got == pytest.approx(expected[name], rel=1e-12), name


@pytest.mark.parametrize(("limit", "spread"), [(20, 8), (30, 17)])
def test_at_100_erlangs_the_definitions_are_many_agents_apart(limit, spread):
    needs = {
        name: int(
            required_agents(
                100, aht_s=300, target=Target(0.8, limit, definition=name), patience_s=60
            )
        )
        for name in DEFINITIONS
    }
    assert needs["offered"] == max(needs.values())
    assert needs["met"] == min(needs.values())
    assert needs["offered"] - needs["met"] == spread, needs


def test_a_definition_that_is_none_is_refused():
    words = r"definition must be one of offered, .*missed; found abandons"
    for ask in (
        lambda d: erlang_c(5, 9, aht_s=180, answer_within_s=20, definition=d),
        lambda d: erlang_a(5, 9, aht_s=180, answer_within_s=20, patience_s=60, definition=d),
        lambda d: Target(0.8, 20, definition=d),
        lambda d: service_level(erlang_c(5, 9, aht_s=180, answer_within_s=20), d),
    ):
        with pytest.raises(ValueError, match=words):
            ask("abandons")
