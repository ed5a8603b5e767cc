"""The scorecard: verdicts by hand, and conflicts that are shown, not averaged away."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from forecast.capacity.kpi import KPIS, conflicts, scorecard
from forecast.errors import InputError
from forecast.params.kpi import KpiParams
from forecast.queueing import erlang_c

GOOD = {
    "service_level": 0.80, "answer_rate": 0.95, "occupancy": 0.75,
    "first_contact_resolution": 0.72, "self_service": 0.41, "attendance": 0.95, "attrition": 0.15,
}  # fmt: skip


def row(card, kpi):
    return card.set_index("kpi").loc[kpi]


def test_targets_that_are_met_to_the_point_are_met():
    card = scorecard(GOOD, KpiParams())
    assert card["verdict"].tolist() == ["met"] * 7
    assert card["by"].tolist() == [0, 0.05, 0.05, 0.02, 0.01, 0, 0]
    assert conflicts(card).empty
    assert card["target"].tolist() == [
        ">= 0.8 in 20 s", ">= 0.9", "0.7 to 0.8", ">= 0.7", ">= 0.4", ">= 0.95", "<= 0.15 a year",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kpi", "value", "verdict", "by"),
    [
        ("service_level", 0.7, "missed", -0.1),
        ("occupancy", 0.84, "missed", -0.04),
        ("occupancy", 0.62, "missed", -0.08),
        ("occupancy", 0.79, "met", 0.01),
        ("attrition", 2.4, "missed", -2.25),  # a fifth of the people every month
        ("attrition", 0.0, "met", 0.15),
        ("attendance", None, "not known", np.nan),
        ("attendance", float("nan"), "not known", np.nan),
    ],
)
def test_verdicts_by_hand(kpi, value, verdict, by):
    found = row(scorecard({**GOOD, kpi: value}, KpiParams()), kpi)
    assert found["verdict"] == verdict
    np.testing.assert_equal(found["by"], by)


def test_what_nobody_measured_is_not_known_and_what_nobody_asks_has_no_target():
    assert set(scorecard({}, KpiParams())["verdict"]) == {"not known"}
    free = scorecard({"attrition": 0.5}, KpiParams(attrition_max=None))
    assert row(free, "attrition")["verdict"] == "no target"


def pairs(**values):
    card = scorecard({**dict.fromkeys(KPIS), **values}, KpiParams())
    found = conflicts(card)
    shown = {(r.kpi, r.other): r.why for r in found.itertuples()}
    # The card names both sides of each pair.
    for kpi, other in shown:
        assert other in row(card, kpi)["pulls_against"]
        assert kpi in row(card, other)["pulls_against"]
    return shown


def test_service_met_by_agents_who_wait():
    found = pairs(service_level=0.86, occupancy=0.64)
    assert list(found) == [("occupancy", "service_level")]


def test_service_missed_and_agents_idle_all_the_same():
    (why,) = pairs(service_level=0.6, occupancy=0.64).values()
    assert "misses and asks for more agents" in why
    assert "occupancy is below its band and asks for fewer" in why


def test_a_ceiling_that_makes_service_better_than_asked():
    # 100 erlangs: at 80 % occupancy nearly everybody is answered at once, as Erlang C says.
    many = erlang_c(100, 125, aht_s=300, answer_within_s=20)
    values = {"service_level": float(many.service_level), "occupancy": float(many.occupancy)}
    (why,) = pairs(**values).values()
    assert why == "the occupancy ceiling sets the agents: service_level is above its target"
    over = pairs(service_level=0.85, answer_rate=0.97, occupancy=0.87)
    assert set(over) == {("occupancy", "service_level"), ("occupancy", "answer_rate")}


def test_easy_contacts_that_went_to_self_service():
    assert list(pairs(self_service=0.5, first_contact_resolution=0.6)) == [
        ("first_contact_resolution", "self_service")
    ]
    assert not pairs(self_service=0.3, first_contact_resolution=0.6)


def test_both_sides_missed_the_same_way_are_no_conflict():
    # Too few agents: callers wait and agents are too busy; one lever mends both.
    assert not pairs(service_level=0.5, answer_rate=0.8, occupancy=0.92)


@given(st.fixed_dictionaries({k: st.none() | st.floats(0, 1) for k in KPIS}))
def test_verdicts_agree_with_the_bounds(values):
    card = scorecard(values, KpiParams())
    assert card["kpi"].tolist() == list(KPIS)
    for found in card.itertuples():
        if np.isnan(found.value):
            assert found.verdict == "not known"
            continue
        inside = not (found.value < found.at_least or found.value > found.at_most)
        assert (found.verdict == "met") == inside or abs(found.by) < 1e-8
        assert (found.by >= 0) == (found.verdict == "met")


def test_values_that_are_no_kpis_are_refused():
    with pytest.raises(InputError, match=r"(?s)asa is no KPI.*occupancy must be 0 to 1: 1.2"):
        scorecard({"asa": 3.0, "occupancy": 1.2}, KpiParams())
    with pytest.raises(ValidationError, match=r"occupancy_min 0.9 is above occupancy_max 0.8"):
        KpiParams(occupancy_min=0.9)
