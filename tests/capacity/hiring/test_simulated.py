"""Attrition by chance: around the expected course, and as wide as the binomial says."""

import numpy as np
import pytest
from scipy.stats import binom

from forecast.capacity.hiring import (
    Class,
    Cover,
    Decisions,
    Route,
    decide,
    follow,
    simulated_course,
    simulated_heads,
)
from tests.capacity.hiring.cases import asked, site

WEEKS = 26


def north(**changed):
    return site(opening_heads={0: 6, 2: 10, 30: 120}, **changed)


def test_the_mean_of_many_courses_is_the_expected_one():
    south = site(name="south", opening_heads={40: 60})
    route = Route(source="north", destination="south", delay_weeks=2)
    case = asked(np.full((3, WEEKS), 50.0), north(), south, routes=(route,))
    moved = np.zeros((1, WEEKS), dtype=int)
    moved[0, [4, 9]] = 5
    laid_off = np.zeros((2, WEEKS), dtype=int)
    laid_off[0, 6] = 3
    decisions = Decisions((Class(2, 0, 3), Class(8, 1, 2)), moved, laid_off)
    draws = 4000
    drawn = simulated_course(case, decisions, draws=draws, seed=5)
    told = follow(case, decisions)
    for got, mean in (
        (drawn.present, told.present),
        (drawn.leavers, told.leavers),
        (drawn.productive(case), told.productive(case)),
        (drawn.heads.sum(axis=2), told.heads.sum(axis=2)),
    ):
        error = got.std(axis=0) / np.sqrt(draws)
        assert (abs(got.mean(axis=0) - mean[0]) <= 4.5 * error + 1e-9).all()


def test_every_draw_is_whole_people_and_loses_none():
    case = asked(np.full(WEEKS, 50.0), north())
    drawn = simulated_course(case, decide(case, Class(3, 0, 3)), draws=50, seed=2)
    assert (drawn.heads % 1 == 0).all()
    present = drawn.present[:, 0]
    gone = drawn.leavers[:, 0, :-1].sum(axis=1)
    np.testing.assert_array_equal(136 + 3, gone + present[:, -1])


def test_p10_and_p90_are_those_of_the_binomial():
    case = asked(np.full(WEEKS, 50.0), site(opening_heads={30: 200}, attrition={0: 0.02}))
    table = simulated_heads(case, decide(case), draws=4000, seed=3)
    stay = 0.98 ** np.arange(WEEKS)
    for name, share in (("heads_p10", 0.1), ("heads_p90", 0.9)):
        assert (abs(table[name] - binom.ppf(share, 200, stay)) <= 1).all()


def test_the_chance_to_meet_counts_leavers_and_paths():
    # With certain staff it is the share of paths; with certain paths the share of draws.
    paths = np.random.default_rng(0).normal(190, 10, (400, WEEKS))
    loyal = asked(paths, site(opening_heads={30: 200}, attrition={0: 0.0}))
    table = simulated_heads(loyal, decide(loyal), draws=10)
    np.testing.assert_allclose(table["p_met"], (paths <= 200).mean(axis=0))
    sure = asked(np.full(WEEKS, 175.0), site(opening_heads={30: 200}, attrition={0: 0.02}))
    table = simulated_heads(sure, decide(sure), draws=4000)
    exact = binom.sf(174, 200, 0.98 ** np.arange(WEEKS))
    assert (abs(table["p_met"] - exact) < 0.04).all()


def test_cover_that_was_bought_helps_whoever_leaves():
    case = asked(
        np.full(WEEKS, 200.0),
        site(opening_heads={30: 200}, attrition={0: 0.01}),
        cover=Cover(cost_per_head_week=10),
    )
    table = simulated_heads(case, decide(case), draws=400)
    assert table["p_met"].iloc[0] == 1
    assert table["p_met"].iloc[1:].between(0.3, 0.8).all()


def test_the_seed_alone_decides():
    case = asked(np.full(WEEKS, 50.0), north())
    first = simulated_heads(case, decide(case), draws=20, seed=1)
    assert first.equals(simulated_heads(case, decide(case), draws=20, seed=1))
    other = simulated_heads(case, decide(case), draws=20, seed=2)
    assert not first["heads_mean"].equals(other["heads_mean"])
    assert first["heads_mean"].iloc[0] == pytest.approx(136)
