"""SIPP, lagged SIPP and the modified offered load, and what none of the day's methods accepts."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from forecast.queueing import erlang_a, erlang_c
from forecast.queueing.simulation import one_queue, simulate
from forecast.queueing.transient import (
    Day,
    infinite_server_mean,
    lagged_sipp,
    modified_offered_load,
    sipp,
    transient_chain,
)

NAN, INF = float("nan"), float("inf")
GOOD = {
    "calls": [30.0, 60.0, 20.0],
    "agents": [5, 9, 4],
    "interval_s": 900.0,
    "aht_s": 120.0,
    "answer_within_s": 20.0,
    "patience_s": 100.0,
}


def day(**changed):
    return Day(**(GOOD | changed))


def test_sipp_is_the_formula_of_each_interval_alone():
    alone = [c / 900 * 120 for c in GOOD["calls"]]
    a = erlang_a(alone, GOOD["agents"], aht_s=120, answer_within_s=20, patience_s=100)
    c = erlang_c(alone, GOOD["agents"], aht_s=120, answer_within_s=20)
    np.testing.assert_array_equal(sipp(day()).service_level, a.service_level)
    np.testing.assert_array_equal(sipp(day(patience_s=None)).service_level, c.service_level)


def test_lagged_sipp_looks_one_handle_time_back():
    # A third of each interval, moved back by 300 s, lies in the interval before.
    lagged = np.array([30 * 2 / 3, 30 / 3 + 60 * 2 / 3, 60 / 3 + 20 * 2 / 3]) / 900 * 300
    said = erlang_c(lagged, [30, 30, 30], aht_s=300, answer_within_s=20)
    found = lagged_sipp(day(aht_s=300.0, agents=[30, 30, 30], patience_s=None))
    np.testing.assert_allclose(found.occupancy, said.occupancy, rtol=1e-12)


def test_methods_agree_where_nothing_changes():
    steady = day(calls=[60] * 30, agents=[9] * 30)
    ways = [f(steady) for f in (sipp, lagged_sipp, modified_offered_load, transient_chain)]
    for way in ways[1:]:
        assert way.service_level[-1] == pytest.approx(float(ways[0].service_level[-1]), rel=1e-7)


def test_unlimited_agents_have_the_load_of_the_differential_equation():
    case = day(aht_s=[100.0, 300.0, 50.0])

    def slope(t, m):
        i = min(int(t // 900), 2)
        return [case.rates[i] - m[0] / case.aht[i], m[0]]

    m, area, at_end, over = 4.0, 0.0, [], []
    for i in range(3):
        inside = (900 * i + 1e-9, 900 * (i + 1) - 1e-9)
        end = solve_ivp(slope, inside, [m, 0.0], rtol=1e-11, atol=1e-12).y[:, -1]
        m, area = end
        at_end.append(m)
        over.append(area / 900)
    found = infinite_server_mean(case, start=4.0)
    np.testing.assert_allclose(found[0], at_end, rtol=1e-7)
    np.testing.assert_allclose(found[1], over, rtol=1e-7)


def test_unlimited_agents_are_as_busy_as_simulated_ones():
    case = day(calls=[100, 20, 0], agents=[500, 500, 500], aht_s=600.0)
    centre = one_queue(case.calls, [500] * 3, interval_s=900, service=600.0)
    drawn = simulate(centre, np.random.default_rng(3), replications=200, confidence=0.99)
    busy = drawn.occupancy_by_interval
    over = infinite_server_mean(case)[1]
    assert (abs(busy.value * 500 - over) < busy.half_width * 500).all()


def test_on_a_ramp_the_load_of_unlimited_agents_errs_least():
    # Long calls on a steep ramp: the load lags behind the rate (Jennings et al. 1996).
    calls = np.array([20, 60, 100, 140, 180, 140, 100, 60, 20])
    case = day(
        calls=calls, agents=np.ceil(calls * 0.9 + 12), aht_s=900.0, interval_s=900.0, patience_s=900
    )
    exact = transient_chain(case).service_level
    wrong = [
        float(np.average(abs(way(case).service_level - exact), weights=calls))
        for way in (sipp, lagged_sipp, modified_offered_load)
    ]
    assert wrong[2] < wrong[1] < wrong[0]
    assert wrong[2] < 0.25 * wrong[0]


BAD = {
    "calls": ("finite and >= 0", [-1.0, NAN, INF]),
    "agents": ("finite and >= 0, whole", [-1.0, 2.5, NAN, INF]),
    "interval_s": ("finite and > 0", [0.0, -1.0, NAN, INF]),
    "aht_s": ("finite and > 0", [0.0, -1.0, NAN, INF]),
    "answer_within_s": ("finite and >= 0", [-1.0, NAN, INF]),
    "patience_s": ("finite and > 0", [0.0, -1.0, NAN, INF]),
}


@pytest.mark.parametrize(
    ("name", "rule", "value"),
    [(name, rule, value) for name, (rule, values) in BAD.items() for value in values],
)
def test_a_senseless_number_is_refused(name, rule, value):
    given = [GOOD[name][0], value, GOOD[name][2]] if isinstance(GOOD[name], list) else value
    with pytest.raises(ValueError, match=rf"^{name} must be {rule}; found {value}$"):
        day(**{name: given})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"calls": []}, r"^calls must be a list of at least one; found shape \(0,\)$"),
        ({"calls": 5.0}, r"^calls must be a list of at least one; found shape \(\)$"),
        ({"agents": [5]}, r"^agents must be one per interval, 3 in all; found shape \(1,\)$"),
        ({"aht_s": [5.0, 6.0]}, r"^aht_s must be one number or 3, one per interval; found shape"),
        ({"interval_s": [900.0]}, r"^interval_s must be one number; found shape \(1,\)$"),
    ],
)
def test_lists_that_do_not_fit_together_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        day(**changed)


@pytest.mark.parametrize("value", [-1, 1.5, NAN])
def test_a_system_that_cannot_be_counted_is_refused(value):
    with pytest.raises(ValueError, match=rf"^in_system must be whole and >= 0; found {value}$"):
        transient_chain(day(), in_system=value)
    if value != 1.5:
        with pytest.raises(ValueError, match=rf"^start must be finite and >= 0; found {value}$"):
            infinite_server_mean(day(), start=value)


def test_a_day_does_not_change_with_the_lists_that_it_was_made_from():
    calls = np.array([30.0, 60.0])
    case = day(calls=calls, agents=[5, 9])
    calls[:] = 0
    np.testing.assert_array_equal(case.calls, [30, 60])
    with pytest.raises(ValueError, match="read-only"):
        case.calls[0] = 1
