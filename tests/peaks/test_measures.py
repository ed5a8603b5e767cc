"""The cheapest first costs least: a linear program finds nothing better."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from forecast.errors import ParamsError
from forecast.params import Measure, Params
from forecast.peaks.measures import Gap, chosen_measures

price = st.floats(0, 200)
hours = st.tuples(st.floats(0.1, 100), price, st.sampled_from([0.0, 48.0, 400.0]))


@given(st.lists(hours, min_size=1, max_size=7), st.floats(0, 400), st.integers(1, 3))
def test_no_other_choice_closes_as_much_for_less(told, gap, days):
    measures = [
        Measure(name=f"m{i}", hours_per_day=most, cost_per_hour=cost, notice_hours=notice)
        for i, (most, cost, notice) in enumerate(told)
    ]
    found = chosen_measures(Gap(gap, days, 100, 0.1, 72), measures)
    limits = [days * most if notice <= 72 else 0.0 for most, _, notice in told]
    closed = min(gap, sum(limits))
    best = linprog(
        [cost for _, cost, _ in told],
        A_eq=np.ones((1, len(told))),
        b_eq=[closed],
        bounds=[(0, limit) for limit in limits],
    )
    assert found["hours"].sum() == pytest.approx(closed, abs=1e-5)
    assert found["cost"].sum() == pytest.approx(best.fun, rel=1e-6, abs=1e-3)
    assert len(found) == len(measures)


def test_what_comes_too_late_is_named_and_not_counted_on():
    temps = Measure(name="temps", hours_per_day=80, cost_per_hour=10, notice_hours=240)
    over = Measure(name="overtime", hours_per_day=20, cost_per_hour=45)
    found = chosen_measures(Gap(30, 1, 100, 0.1, 72), [over, temps]).set_index("measure")
    assert found.loc["temps", ["hours", "standing"]].tolist() == [0.0, "too late"]
    assert found.loc["overtime", ["hours", "cost"]].tolist() == [20.0, 900.0]
    spare = chosen_measures(Gap(0, 1, 100, 0.1, 72), [over])
    assert spare["standing"].tolist() == ["in reserve"]


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ({"name": "x"}, "found none"),
        ({"name": "x", "hours_per_day": 8}, "found hours_per_day"),
        (
            {"name": "x", "hours_per_day": 8, "cost_per_hour": 1, "contacts_share": 0.1},
            "found hours_per_day, contacts_share",
        ),
        ({"name": "x", "hours_per_day": -8, "cost_per_hour": 1}, "greater than 0"),
    ],
)
def test_a_measure_has_one_limit_and_its_price(params: Params, measure, words):
    with pytest.raises(ParamsError, match=words):
        params.override({"alerts.measures": [measure]})


def test_measures_have_names_of_their_own_and_leads_fall(params: Params):
    one = {"name": "x", "hours_per_day": 8, "cost_per_hour": 1}
    with pytest.raises(ParamsError, match=r"found \['x'\] twice"):
        params.override({"alerts.measures": [one, one]})
    with pytest.raises(ParamsError, match=r"leads_hours must be there and fall"):
        params.override({"alerts.leads_hours": [24, 72]})
