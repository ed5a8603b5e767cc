"""What cannot be simulated is refused: the message names it, its rule and its value."""

import numpy as np
import pytest

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

NAN, INF = float("nan"), float("inf")
NOT_POSITIVE = [0.0, -1.0, NAN, INF]


@pytest.mark.parametrize("value", NOT_POSITIVE)
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("mean", Exponential),
        ("mean", lambda v: Lognormal(v, 1.0)),
        ("cv", lambda v: Lognormal(100.0, v)),
        ("mean", lambda v: Gamma(v, 1.0)),
        ("cv", lambda v: Gamma(100.0, v)),
        ("first", lambda v: Hyperexponential(0.5, v, 1.0)),
        ("second", lambda v: Hyperexponential(0.5, 1.0, v)),
        ("interval_s", lambda v: one_queue([1], [1], interval_s=v, service=1.0)),
    ],
)
def test_a_time_that_is_none_is_refused(name, make, value):
    with pytest.raises(ValueError, match=rf"^{name} must be finite and > 0; found {value}$"):
        make(value)


@pytest.mark.parametrize("value", [-1.0, NAN, INF])
def test_a_negative_time_or_limit_is_refused(value):
    with pytest.raises(ValueError, match=rf"^mean must be finite and >= 0; found {value}$"):
        Deterministic(value)
    with pytest.raises(ValueError, match=rf"^answer_within_s must be finite .* found {value}$"):
        one_queue([1], [1], interval_s=60, service=1.0, answer_within_s=value)
    with pytest.raises(ValueError, match=rf"^warm_up_s must be finite and >= 0; found {value}$"):
        simulate(GOOD, np.random.default_rng(0), warm_up_s=value)
    with pytest.raises(ValueError, match=rf"^calls of 'calls' must be finite .* found {value}$"):
        one_queue([1, value], [1, 1], interval_s=60, service=1.0)


@pytest.mark.parametrize("value", [-0.1, 1.1, NAN])
def test_what_is_no_probability_is_refused(value):
    with pytest.raises(ValueError, match=rf"^probability must be between .* found {value}$"):
        Redial(value, Exponential(1))
    with pytest.raises(ValueError, match=rf"^share must be between 0 and 1; found {value}$"):
        Hyperexponential(value, 1, 2)
    with pytest.raises(ValueError, match=rf"^confidence must be between 0 and 1; found {value}$"):
        simulate(GOOD, np.random.default_rng(0), confidence=value)


GOOD = one_queue([1], [1], interval_s=60, service=1.0)
CALLS = CallClass("a", [1, 2], Exponential(60))
AGENTS = AgentGroup("all", [1, 1], ("a",))


@pytest.mark.parametrize("value", [-1.0, 1.5, NAN, INF])
def test_agents_that_cannot_be_counted_are_refused(value):
    with pytest.raises(ValueError, match=rf"^agents of 'g' must be .*whole; found {value}$"):
        AgentGroup("g", [1, value], ("a",))


@pytest.mark.parametrize("value", [0, 1, 2.5])
def test_days_too_few_for_an_interval_are_refused(value):
    with pytest.raises(ValueError, match=rf"^replications must be whole and >= 2; found {value}$"):
        simulate(GOOD, np.random.default_rng(0), replications=value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AgentGroup("g", [1], ()), "skills of 'g' must be names of classes"),
        (lambda: AgentGroup("g", [1], ("a", "a")), r"each once; found \('a', 'a'\)"),
        (lambda: CallClass("a", [], Exponential(1)), r"calls of 'a' must be a list"),
        (lambda: CallClass("a", [[1.0]], Exponential(1)), r"found shape \(1, 1\)"),
        (lambda: Centre((), (AGENTS,), 60), r"classes must be at least one.*found \(\)"),
        (lambda: Centre((CALLS, CALLS), (AGENTS,), 60), r"found \('a', 'a'\)"),
        (lambda: Centre((CALLS,), (), 60), r"groups must be at least one"),
        (
            lambda: Centre((CALLS,), (AgentGroup("g", [1, 1], ("b",)),), 60),
            r"skills of 'g' must be names of classes, one of \('a',\); found \['b'\]",
        ),
        (
            lambda: Centre((CALLS,), (AgentGroup("g", [1], ("a",)),), 60),
            "agents of 'g' must be 2, one per interval; found 1",
        ),
    ],
)
def test_a_centre_that_does_not_fit_together_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
