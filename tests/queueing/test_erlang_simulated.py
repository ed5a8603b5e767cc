"""Erlang A and C against a simulation that knows nothing of the formulas."""

import heapq

import numpy as np
import pytest
from scipy import stats

from forecast.queueing import erlang_a, erlang_c

CALLERS, WARM_UP, BATCHES = 420_000, 20_000, 40


def simulate(load, agents, aht_s, answer_within_s, patience_s, seed):
    """Return answered in time, hung up and wait of each caller, first come first served."""
    rng = np.random.default_rng(seed)
    arrival = rng.exponential(aht_s / load, CALLERS).cumsum().tolist()
    handling = rng.exponential(aht_s, CALLERS).tolist()
    patience = rng.exponential(patience_s, CALLERS).tolist() if patience_s else None
    free_at = [0.0] * agents
    wait, hung_up = np.zeros(CALLERS), np.zeros(CALLERS)
    for i in range(CALLERS):
        offered = max(free_at[0] - arrival[i], 0.0)
        if patience and patience[i] < offered:
            wait[i], hung_up[i] = patience[i], 1
        else:
            wait[i] = offered
            heapq.heapreplace(free_at, arrival[i] + offered + handling[i])
    in_time = (hung_up == 0) & (wait <= answer_within_s)
    return {"service_level": in_time, "abandonment": hung_up, "asa_s": wait}


def interval_99(values):
    """Return the 99 % confidence interval of the mean: batch means, the warm-up left out."""
    means = values[WARM_UP:].reshape(BATCHES, -1).mean(axis=1)
    half = stats.t.ppf(0.995, BATCHES - 1) * means.std(ddof=1) / np.sqrt(BATCHES)
    return means.mean() - half, means.mean() + half


@pytest.mark.parametrize(
    ("load", "agents", "aht_s", "answer_within_s", "patience_s"),
    [
        pytest.param(48, 50, 60, 5, 120, id="Palm's example"),
        pytest.param(10, 14, 180, 20, 300, id="a quiet team"),
        pytest.param(20, 15, 240, 60, 90, id="overload"),
        pytest.param(3, 3, 300, 30, 600, id="a few patient callers"),
        pytest.param(120, 118, 200, 20, 45, id="a large centre"),
    ],
)
def test_simulated_callers_who_hang_up_fare_as_the_formula_says(
    load, agents, aht_s, answer_within_s, patience_s
):
    formula = erlang_a(
        load, agents, aht_s=aht_s, answer_within_s=answer_within_s, patience_s=patience_s
    )
    callers = simulate(load, agents, aht_s, answer_within_s, patience_s, seed=20240101)
    for name, values in callers.items():
        low, high = interval_99(values)
        assert low <= float(getattr(formula, name)) <= high, name


def test_simulated_callers_who_never_hang_up_fare_as_the_formula_says():
    formula = erlang_c(10, 13, aht_s=180, answer_within_s=20)
    callers = simulate(10, 13, 180, 20, None, seed=20240101)
    for name in ("service_level", "asa_s"):
        low, high = interval_99(callers[name])
        assert low <= float(getattr(formula, name)) <= high, name
