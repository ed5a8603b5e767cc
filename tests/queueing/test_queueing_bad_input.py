"""A number that makes no sense is refused: the message names it, its rule and its value."""

import re

import numpy as np
import pytest

from forecast.queueing import (
    Target,
    erlang_a,
    erlang_b,
    erlang_c,
    required_agents,
    scheduled_agents,
)

NAN, INF = float("nan"), float("inf")
GOOD = {"load": 10, "agents": 14, "aht_s": 180, "answer_within_s": 20, "patience_s": 300}
TAKES = {
    erlang_b: ("load", "agents"),
    erlang_c: ("load", "agents", "aht_s", "answer_within_s"),
    erlang_a: tuple(GOOD),
}
NOT_NEGATIVE = [-1.0, -1e-9, NAN, INF, -INF]
BAD = {
    "load": ("finite and >= 0", NOT_NEGATIVE),
    "agents": ("finite and >= 0, whole", [-1.0, 2.5, NAN, INF, -INF]),
    "aht_s": ("finite and > 0", [0.0, *NOT_NEGATIVE]),
    "answer_within_s": ("finite and >= 0", NOT_NEGATIVE),
    "patience_s": ("finite and > 0", [0.0, *NOT_NEGATIVE]),
}
# Erlang B has an answer for fractions of servers.
OWN = {(erlang_b, "agents"): ("finite and >= 0", NOT_NEGATIVE)}
CASES = [
    pytest.param(formula, name, rule, value, id=f"{formula.__name__}-{name}-{value}")
    for formula, names in TAKES.items()
    for name in names
    for rule, values in [OWN.get((formula, name), BAD[name])]
    for value in values
]


def ask(formula, **changed):
    known = {name: value for name, value in GOOD.items() if name in TAKES[formula]} | changed
    return formula(known.pop("load"), known.pop("agents"), **known)


@pytest.mark.parametrize(("formula", "name", "rule", "value"), CASES)
def test_a_senseless_number_is_refused(formula, name, rule, value):
    with pytest.raises(ValueError, match=rf"^{name} must be {rule}; found {value}$"):
        ask(formula, **{name: value})


@pytest.mark.parametrize(("formula", "name", "rule", "value"), CASES)
def test_one_senseless_number_among_good_ones_is_found(formula, name, rule, value):
    column = np.array([float(GOOD[name]), value, float(GOOD[name])])
    with pytest.raises(ValueError, match=rf"^{name} must be {rule}; found {value}$"):
        ask(formula, **{name: column})


@pytest.mark.parametrize("patience", [None, 300.0])
@pytest.mark.parametrize("load", NOT_NEGATIVE)
def test_nobody_can_staff_for_a_senseless_load(load, patience):
    with pytest.raises(ValueError, match=rf"^load must be finite and >= 0; found {load}$"):
        required_agents(load, aht_s=180, target=Target(0.8, 20), patience_s=patience)


@pytest.mark.parametrize("aht", BAD["aht_s"][1])
def test_nobody_can_staff_for_a_senseless_handle_time(aht):
    with pytest.raises(ValueError, match=rf"^aht_s must be finite and > 0; found {aht}$"):
        required_agents(10, aht_s=aht, target=Target(0.8, 20))


@pytest.mark.parametrize("patience", BAD["patience_s"][1])
def test_nobody_can_staff_for_a_senseless_patience(patience):
    with pytest.raises(ValueError, match=rf"^patience_s must be finite and > 0; found {patience}$"):
        required_agents(10, aht_s=180, target=Target(0.8, 20), patience_s=patience)


@pytest.mark.parametrize("goal", [0, 1, 0.0, 1.0, 1.2, -0.1, 80, NAN])
def test_a_service_level_that_no_team_can_reach_or_miss_is_refused(goal):
    words = rf"^service_level must be above 0 and below 1; found {goal}$"
    with pytest.raises(ValueError, match=words):
        Target(goal, 20)


@pytest.mark.parametrize("value", ["ten", None, [[1, 2], [3]], 1j])
def test_what_is_no_number_is_refused_by_name(value):
    words = rf"^load must be finite and >= 0; found {re.escape(repr(value))}$"
    with pytest.raises(ValueError, match=words):
        erlang_b(value, 5)


@pytest.mark.parametrize("limit", [-1, -0.5, NAN])
def test_a_target_with_a_negative_limit_is_refused(limit):
    with pytest.raises(ValueError, match=rf"^answer_within_s must be .*>= 0; found {limit}$"):
        Target(0.8, limit)


@pytest.mark.parametrize("ceiling", [0, -0.1, 1.01, 85, NAN])
def test_an_occupancy_ceiling_outside_its_bounds_is_refused(ceiling):
    with pytest.raises(
        ValueError, match=rf"^occupancy_max must be above 0, at most 1; found {ceiling}$"
    ):
        Target(0.8, 20, ceiling)


@pytest.mark.parametrize("shrinkage", [1, 1.0, 1.3, -0.01, 30, NAN, INF])
def test_a_shrinkage_that_leaves_nobody_is_refused(shrinkage):
    with pytest.raises(
        ValueError, match=rf"^shrinkage must be at least 0 and below 1; found {shrinkage}$"
    ):
        scheduled_agents(21, shrinkage)


@pytest.mark.parametrize("agents", [-1, 21.5, NAN, INF, [20.0, 21.5]])
def test_a_team_that_cannot_be_counted_is_not_scheduled(agents):
    bad = agents[-1] if isinstance(agents, list) else agents
    with pytest.raises(ValueError, match=rf"^agents must be .*whole.*; found {bad}"):
        scheduled_agents(agents, 0.30)
