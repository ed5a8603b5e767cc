"""The solver's rows and costs are those of the recursion, for any decisions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.capacity.hiring import Terminal, follow
from forecast.capacity.hiring.books import cost_lines, heads_wanted, total_of
from forecast.capacity.hiring.solve import _shortage_missed, _touch, decisions_of, run_milp
from forecast.capacity.hiring.system import system_of
from tests.capacity.hiring.test_course import WEEKS, decisions_of_all_kinds, two_sites

TERMINAL = Terminal(value_per_head=2500, heads_max=40)


def held_at(system, decisions):
    """Hold what is decided, a class for each week and site; leave the rest to the solver."""
    fixed = np.full(len(system.cost), np.nan)
    joining = decisions.joining()
    for r, run in enumerate(system.runs):
        fixed[system.blocks["heads", r]] = joining[run.site]
        fixed[system.blocks["classes", r]] = joining[run.site] > 0
    for i, row in enumerate(decisions.moved):
        fixed[system.blocks["moved", i]] = row
    for k, row in enumerate(decisions.laid_off):
        fixed[system.blocks["laid_off", k]] = row
    return fixed


@given(decisions_of_all_kinds(), st.sampled_from([0.9, None]), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_it_tells_the_cost_of_any_decisions(decisions, confidence, seed):
    first = {(one.site, one.week): one for one in decisions.classes}
    decisions = type(decisions)(
        tuple(sorted(first.values())), decisions.moved, decisions.laid_off * [[0], [1]]
    )
    paths = np.random.default_rng(seed).uniform(5, 25, (30, WEEKS))
    case = two_sites(
        required=paths, confidence=confidence, cover={"cost_per_head_week": 1100}, terminal=TERMINAL
    )
    system = system_of(case)
    fixed, none = held_at(system, decisions), system.is_of("nothing")
    for _ in range(8):
        result = run_milp(system, none, 0.0, fixed)
        if _shortage_missed(system, result.x[:-1]) < 1e-6:
            break
        _touch(system, result.x[:-1])
    course = follow(case, decisions)
    worth = TERMINAL.value_per_head * sum(heads_wanted(case, need) for need in case.needs)
    told = total_of(cost_lines(case, decisions, course))
    assert result.fun - worth == pytest.approx(told, abs=0.5)
    x = result.x[:-1]
    for k in range(2):
        np.testing.assert_allclose(
            x[system.blocks["tenured", k]], course.heads[0, k, :, -1], atol=1e-6
        )
    np.testing.assert_allclose(
        x[system.blocks["productive", 0]], course.productive(case)[0, 0], atol=1e-6
    )
    assert decisions_of(system, x).classes == decisions.classes
