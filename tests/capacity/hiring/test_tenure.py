"""Attrition, survival and ramp by tenure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.capacity.hiring.tenure import tenure_of, tenured_from, weekly_attrition
from forecast.errors import ParamsError
from forecast.params.hiring import HiringSite
from tests.capacity.hiring.cases import site

RATES = st.dictionaries(st.integers(1, 9), st.floats(0, 0.5), max_size=3)


@pytest.mark.parametrize(("rate", "per", "times"), [(0.20, "month", 12), (0.15, "year", 1)])
def test_a_rate_told_at_the_start_comes_back_after_its_time(rate, per, times):
    weekly = weekly_attrition(rate, per)
    left = (1 - weekly) ** (365.25 / 7)
    assert left == pytest.approx((1 - rate) ** times)


def test_a_rate_over_average_heads_comes_back_where_leavers_are_replaced():
    weekly = weekly_attrition(1.2, "year", of="average")
    assert 100 * weekly * 365.25 / 7 == pytest.approx(120)


@pytest.mark.parametrize(("rate", "of"), [(-0.1, "start"), (1.0, "start"), (60, "average")])
def test_rates_that_leave_no_share_are_refused(rate, of):
    with pytest.raises(ParamsError, match=r"a year of the .* leaves no weekly share"):
        weekly_attrition(rate, "year", of=of)


@given(start=st.floats(0, 0.9), later=RATES, training=st.integers(0, 5), ramp=st.integers(1, 5))
def test_survival_is_the_product_of_those_who_stay(start, later, training, ramp):
    own = HiringSite(
        name="a",
        wage_per_week=1,
        class_sizes=(1,),
        attrition={0: start, **later},
        training_weeks=training,
        productivity=(0.5,) * ramp,
    )
    tenure = tenure_of(own)
    there, told = 1.0, []
    for week in range(40):
        told.append(there)
        there *= 1 - own.attrition[max(w for w in own.attrition if w <= week)]
    np.testing.assert_allclose(tenure.survives(40), told)
    np.testing.assert_allclose(tenure.survives(3), told[:3])
    weeks = np.arange(tenure.last + 1)
    expected = [told[a + training] / told[a] for a in weeks]
    np.testing.assert_allclose(tenure.still_there(), expected)
    paid = [sum(told[b] / told[a] for b in range(a + 1, training)) for a in weeks]
    np.testing.assert_allclose(tenure.training_to_go(), paid, atol=1e-9)


def test_a_new_hire_of_aht_factor_1_3_counts_as_one_over_1_3():
    own = site(training_weeks=2, productivity=(1,), aht_factor=(1.3, 1.1, 1.0))
    work = tenure_of(own).works(7)
    np.testing.assert_allclose(work, [0, 0, 1 / 1.3, 1 / 1.1, 1, 1, 1])


def test_heads_are_tenured_when_neither_work_nor_attrition_change_any_more():
    assert tenured_from(site()) == 3
    assert tenured_from(site(attrition={0: 0.1, 26: 0.01})) == 26
    assert tenured_from(site(training_weeks=6)) == 7
