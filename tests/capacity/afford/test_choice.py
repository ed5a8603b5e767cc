"""The best choice within a cap: against trying all, and against an integer program."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from forecast.capacity.afford.choice import best_choices

OPTION = st.tuples(st.integers(0, 12), st.integers(0, 20))


def totals(weights, values, chosen):
    picked = list(enumerate(chosen))
    return sum(weights[i][k] for i, k in picked), sum(values[i][k] for i, k in picked)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(OPTION, min_size=1, max_size=5), min_size=1, max_size=5),
    st.floats(0, 1),
    st.sampled_from([1.0, 0.1, 31.37]),
)
def test_it_is_the_best_of_all(lists, part, unit):
    weights = [np.array([w * unit for w, _ in one]) for one in lists]
    values = [np.array([float(v) for _, v in one]) for one in lists]
    low, high = (sum(float(f(w)) for w in weights) for f in (np.min, np.max))
    cap = low + part * (high - low)
    weight, value = totals(weights, values, best_choices(weights, values, cap))
    assert weight <= cap * (1 + 1e-9)
    every = (totals(weights, values, c) for c in product(*(range(len(w)) for w in weights)))
    best = max(v for w, v in every if w <= cap * (1 + 1e-12))
    assert value == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_many_s_shaped_lists_are_those_of_an_integer_program(seed):
    rng = np.random.default_rng(seed)
    weights, values = [], []
    for _ in range(40):
        n = np.arange(25)
        middle, scale = rng.uniform(4, 18), rng.uniform(5, 60)
        values.append(scale / (1 + np.exp(-(n - middle) / rng.uniform(0.5, 2))))
        # People after shrinkage: one or two more for each position.
        weights.append(np.ceil(n / 0.7) * rng.choice([15.0, 22.51]))
    cap = 0.45 * sum(w[-1] for w in weights)
    weight, value = totals(weights, values, best_choices(weights, values, cap))
    assert weight <= cap
    size = sum(map(len, weights))
    one = np.zeros((40, size))
    for i in range(40):
        one[i, 25 * i : 25 * (i + 1)] = 1
    rows = [LinearConstraint(one, 1, 1), LinearConstraint(np.concatenate(weights), ub=cap)]
    told = milp(
        -np.concatenate(values), integrality=np.ones(size), bounds=Bounds(0, 1), constraints=rows,
        options={"mip_rel_gap": 1e-9},
    )  # fmt: skip
    assert value == pytest.approx(-told.fun, rel=1e-7)
    assert value >= -told.fun * (1 - 1e-9)


def test_greedy_steps_would_fail_here():
    # The first agent of the large queue answers nobody in time, the third nearly everybody.
    weights = [np.arange(4.0), np.arange(4.0)]
    values = [np.array([0.0, 0.5, 2.0, 30.0]), np.array([0.0, 6.0, 9.0, 10.0])]
    assert best_choices(weights, values, 3.0).tolist() == [3, 0]


def test_a_cap_below_the_lightest_is_refused():
    with pytest.raises(ValueError, match="the lightest options take 3, and the cap is 2"):
        best_choices([np.array([3.0, 4.0])], [np.array([1.0, 2.0])], 2.0)


def test_a_cap_above_the_heaviest_buys_all():
    assert best_choices([np.arange(3.0)] * 2, [np.arange(3.0)] * 2, 9.0).tolist() == [2, 2]
