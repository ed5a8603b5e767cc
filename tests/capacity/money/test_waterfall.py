"""Steps between two plans add up to the cent, whatever the levers do together."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.attribution import shapley, whole_cents
from forecast.capacity.money.waterfall import waterfall
from forecast.errors import ParamsError

MONEY = st.floats(-1e8, 1e8, allow_nan=False)
METHODS = ["sequential", "shapley"]


def any_total(draw_from, levers):
    """Return a total for every set of levers, of no structure at all."""
    rng = np.random.default_rng(draw_from)
    found = {}
    return lambda pulled: found.setdefault(pulled, float(rng.normal(0, 1e6)))


@pytest.mark.parametrize("method", METHODS)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 5))
def test_steps_add_up_to_the_difference_to_the_cent(method, seed, count):
    levers = [f"lever {i}" for i in range(count)]
    total = any_total(seed, levers)
    steps = waterfall(levers, total, method=method)
    start, end = round(total(frozenset()) * 100), round(total(frozenset(levers)) * 100)
    assert steps["cents"].sum() == end - start
    assert steps["from_cents"].iloc[0] == start
    assert steps["to_cents"].iloc[-1] == end
    assert (steps["from_cents"] + steps["cents"] == steps["to_cents"]).all()
    assert (steps["from_cents"].to_numpy()[1:] == steps["to_cents"].to_numpy()[:-1]).all()


@given(seed=st.integers(0, 10**6), order=st.permutations(["a", "b", "c", "d"]))
def test_shapley_steps_do_not_depend_on_the_order(seed, order):
    total = any_total(seed, order)
    one = waterfall(sorted(order), total, method="shapley").set_index("lever")["cents"]
    other = waterfall(order, total, method="shapley").set_index("lever")["cents"]
    assert one.to_dict() == other.to_dict()


@given(seed=st.integers(0, 10**6))
def test_shapley_is_the_mean_of_all_sequences(seed):
    levers = ["a", "b", "c", "d"]
    total = any_total(seed, levers)
    of_all = [
        waterfall(order, total, method="sequential").set_index("lever")["cents"]
        for order in permutations(levers)
    ]
    mean = sum(of_all) / len(of_all)
    own = waterfall(levers, total, method="shapley").set_index("lever")["cents"]
    np.testing.assert_allclose(own, mean[own.index], atol=1.5)


def test_a_lever_that_does_nothing_has_no_step_and_order_counts_in_a_sequence():
    def total(pulled):
        return 100.0 * (1.2 if "volume" in pulled else 1) * (1.5 if "wage" in pulled else 1)

    steps = waterfall(["volume", "idle", "wage"], total, method="sequential")
    assert steps["cents"].tolist() == [2000, 0, 6000]
    turned = waterfall(["wage", "idle", "volume"], total, method="sequential")
    assert turned["cents"].tolist() == [5000, 0, 3000]
    assert waterfall(["volume", "idle", "wage"], total)["cents"].tolist() == [2500, 0, 5500]


def test_the_three_players_of_the_textbooks_glove_game():
    # Two left gloves and a right one: a pair is worth 1. Shapley gives 1/6, 1/6, 2/3.
    def pairs(chosen):
        return float(bool(chosen & 4 and chosen & 3))

    np.testing.assert_allclose(shapley(pairs, 3), [1 / 6, 1 / 6, 2 / 3])


def test_many_levers_are_pulled_one_after_the_other_and_that_is_said():
    levers = list("abcdefg")
    calls = []

    def total(pulled):
        calls.append(pulled)
        return float(len(pulled))

    steps = waterfall(levers, total)
    assert set(steps["method"]) == {"sequential"}
    assert len(calls) == 8
    assert set(waterfall(levers[:6], total)["method"]) == {"shapley"}


@pytest.mark.parametrize(
    ("levers", "method", "message"),
    [
        (list("abcdefg"), "shapley", "at most 6 levers; found 7"),
        (["a", "a"], "auto", "each once"),
        ([], "auto", "at least one"),
        (["a"], "best", "must be auto, shapley or sequential; found 'best'"),
    ],
)
def test_what_makes_no_steps_is_refused(levers, method, message):
    with pytest.raises(ParamsError, match=message):
        waterfall(levers, lambda pulled: 0.0, method=method)


def test_a_total_that_is_no_number_names_its_levers():
    def total(pulled):
        return float("nan") if "wage" in pulled else 1.0

    with pytest.raises(ValueError, match="with levers volume, wage it is nan"):
        waterfall(["volume", "wage"], total, method="sequential")


@given(st.lists(MONEY, min_size=1, max_size=8))
def test_whole_cents_add_up_and_stay_within_a_cent(effects):
    exact = np.array(effects)
    total = round(float(exact.sum()))
    whole = whole_cents(exact, total)
    assert whole.sum() == total
    assert np.abs(whole - exact).max() <= 1.5
