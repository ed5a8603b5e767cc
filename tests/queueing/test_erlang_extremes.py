"""Absurd numbers, in all combinations: an answer that can be, and never a warning."""

import numpy as np
import pytest

from forecast.queueing import (
    DEFINITIONS,
    Target,
    blend,
    chat,
    engset,
    erlang_a,
    erlang_b,
    erlang_c,
    extended_erlang_b,
    finite_room,
    patience_from_abandonment,
    performance,
    priority,
    required_agents,
    with_redials,
)

ROWS = 20_000
SHARES = (
    "p_wait",
    "service_level",
    "abandonment",
    "occupancy",
    "answered_in_time",
    "abandoned_in_time",
)


def absurd(seed=5):
    rng = np.random.default_rng(seed)

    def between(low, high):
        return np.exp(rng.uniform(np.log(low), np.log(high), ROWS))

    load = between(1e-12, 1e8)
    near = np.maximum(np.floor(load + rng.normal(0, 5, ROWS) * np.sqrt(load)), 0)
    return {
        "load": load,
        "agents": np.where(rng.random(ROWS) < 0.5, near, np.floor(between(1, 1e8))),
        "aht_s": between(1e-3, 1e6),
        "answer_within_s": np.where(rng.random(ROWS) < 0.1, 0, between(1e-6, 1e8)),
        "patience_s": between(1e-6, 1e12),
        "goal": rng.uniform(1e-6, 1 - 1e-9, ROWS),
    }


def queue(row, patient):
    known = {name: row[name] for name in ("aht_s", "answer_within_s")}
    if patient:
        return erlang_c(row["load"], row["agents"], **known)
    return erlang_a(row["load"], row["agents"], **known, patience_s=row["patience_s"])


@pytest.mark.parametrize("patient", [True, False])
def test_shares_are_shares_and_waits_are_waits(patient):
    r = queue(absurd(), patient)
    for name in SHARES:
        share = getattr(r, name)
        assert ((share >= 0) & (share <= 1)).all(), name
    assert (r.answered_in_time + r.abandonment <= 1 + 1e-12).all()
    for wait in (r.asa_s, r.asa_answered_s):
        assert (wait >= 0).all()


def test_blocking_is_a_share():
    row = absurd()
    share = erlang_b(row["load"], row["agents"])
    assert ((share >= 0) & (share <= 1)).all()


@pytest.mark.parametrize("definition", [None, *DEFINITIONS])
def test_requirements_are_exact_all_the_same(definition):
    row = absurd(6)
    patience = None if definition is None else row["patience_s"]
    target = Target(row["goal"], row["answer_within_s"], definition=definition or "offered")
    agents = required_agents(row["load"], aht_s=row["aht_s"], target=target, patience_s=patience)
    known = {
        "aht_s": row["aht_s"],
        "answer_within_s": row["answer_within_s"],
        "patience_s": patience,
    }
    assert target.met(performance(row["load"], agents, **known)).all()
    assert not (target.met(performance(row["load"], agents - 1, **known)) & (agents > 1)).any()


GOOD = {
    blend: {"load": 5, "agents": 8, "reserve": 2, "aht_s": 60, "answer_within_s": 20},
    engset: {"load_per_source": 0.5, "sources": 4, "agents": 2},
    extended_erlang_b: {"load": 5, "agents": 8, "retry": 0.5},
    finite_room: {"load": 5, "agents": 8, "trunks": 12, "aht_s": 60, "answer_within_s": 20},
    patience_from_abandonment: {"load": 48, "agents": 50, "abandonment": 0.03, "aht_s": 60},
    priority: {"load_high": 2, "load_low": 3, "agents": 8, "aht_s": 60, "answer_within_s": 20},
    with_redials: {
        "load": 5,
        "agents": 8,
        "redial": 0.5,
        "aht_s": 60,
        "answer_within_s": 20,
        "patience_s": 60,
    },
}
POSITIONAL = 3


@pytest.mark.parametrize(
    ("formula", "name"), [(f, name) for f, known in GOOD.items() for name in known]
)
@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_every_argument_is_checked_and_named(formula, name, bad):
    known = GOOD[formula] | {name: [GOOD[formula][name], bad]}
    first = [key for key in known if not key.endswith("_s")][:POSITIONAL]
    if formula in (extended_erlang_b, with_redials):
        first = first[:2]
    rest = {key: value for key, value in known.items() if key not in first}
    with pytest.raises(ValueError, match=rf"^{name} must be .*; found {bad}$"):
        formula(*(known[key] for key in first), **rest)


@pytest.mark.parametrize(
    "changed", [{"chats_per_hour": -1.0}, {"agents": 0}, {"answer_within_s": -1.0}, {"aht_s": [0]}]
)
def test_every_argument_of_chats_is_checked_and_named(changed):
    known = {"chats_per_hour": 10, "agents": 2, "aht_s": [300, 400], "answer_within_s": 30}
    name = next(iter(changed))
    with pytest.raises(ValueError, match=f"^{name} must be .*; found"):
        chat(**known | changed)


@pytest.mark.parametrize("patience_s", [None, 180.0])
def test_a_load_that_is_hardly_a_number_takes_one_agent(patience_s):
    load = np.array([0.0, 5e-324, 1e-308, 1e-250, 1e-20])
    found = required_agents(load, aht_s=180, target=Target(0.8, 20), patience_s=patience_s)
    assert found.tolist() == [0, 1, 1, 1, 1]
