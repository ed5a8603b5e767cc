"""The ledger, the costs and the flat figures that they replace: what fits together."""

import pytest

from forecast.errors import ParamsError
from forecast.params.shrinkage import ShrinkageParams

LEAVE = {
    "name": "leave",
    "share": 0.1,
    "of": "paid",
    "place": "out of office",
    "planned": True,
    "when": [{"share": 0.2, "months": [7]}],
}
BREAKS = {"name": "breaks", "share": 0.2, "of": "office", "place": "in office", "planned": True}
LEDGER = {"activities": [LEAVE, BREAKS]}
TWO = {
    "currency": "USD",
    "contracts": {"full": {"pay_per_hour": 30}, "part": {"pay_per_hour": 24}},
}
MIX = {"full": 0.7, "part": 0.3}


def test_the_sections_are_null_and_change_nothing(params):
    assert params.shrinkage is params.costs is params.trunks is None
    assert params.shrinkage_of("shrinkage_up_5") is params.costs_of("shrinkage_up_5") is None
    assert params.capacity_of("shrinkage_up_5").shrinkage == 0.35


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"shrinkage": LEDGER, "capacity.shrinkage": 0.25},
            r"capacity\.shrinkage is 0\.25 and there is a section shrinkage.*keep one",
        ),
        (
            {"shrinkage": LEDGER, "scenarios.x": {"capacity": {"shrinkage": 0.3}}},
            r"scenarios\.x sets capacity\.shrinkage, which the section shrinkage replaces",
        ),
        (
            {"shrinkage": LEDGER, "scenarios.x": {"shrinkage": {"brakes": 0.1}}},
            r"scenarios\.x: 'brakes' is no activity of the section shrinkage \(leave, breaks\)",
        ),
        (
            {"shrinkage": LEDGER, "scenarios.x": {"shrinkage_points": -1}},
            r"scenarios\.x: points of shrinkage must be >= 0 beside the section",
        ),
        (
            {"scenarios.x": {"shrinkage": {"leave": 0.1}}},
            r"scenarios\.x\.shrinkage names activities, and the section shrinkage is null",
        ),
        (
            {"costs": {**TWO, "currency": "CNY"}, "capacity.contract_mix": MIX},
            r"costs\.currency must be capacity\.currency, USD; found CNY",
        ),
        ({"costs": TWO}, r"capacity\.contract_mix must say which part.*full, part.*it is empty"),
        (
            {"costs": TWO, "capacity.contract_mix": {"fall": 1.0}},
            r"contract_mix must say.*found fall",
        ),
        ({"capacity.contract_mix": {"full": 0.7}}, r"contract_mix must add up to 1; found"),
        ({"capacity.contract_mix": MIX}, r"names full, part, and the section costs is null"),
        (
            {
                "costs": TWO,
                "capacity.contract_mix": MIX,
                "scenarios.x": {"capacity": {"cost_per_paid_hour": 9}},
            },
            r"scenarios\.x sets capacity\.cost_per_paid_hour, which the section costs replaces",
        ),
        (
            {
                "costs": {**TWO, "per_telecom_min": 0.01},
                "capacity.contract_mix": MIX,
                "scenarios.x": {"capacity": {"patience_s": None, "assumed": []}},
            },
            r"scenarios\.x: costs\.per_telecom_min needs capacity\.patience_s",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(params, changes, message):
    with pytest.raises(ParamsError, match=message):
        params.override(changes)


def test_points_are_a_row_of_paid_time(params):
    told = params.override({"shrinkage": LEDGER, "scenarios.x": {"shrinkage_points": 5}})
    row = told.shrinkage_of("x").activities[-1]
    assert (row.name, row.share, row.of, row.place) == ("scenario", 0.05, "paid", "in office")
    assert told.capacity_of("x").shrinkage == 0.30  # never on the flat share too


def test_a_named_activity_has_its_new_share_at_all_times(params):
    told = params.override({"shrinkage": LEDGER, "scenarios.x": {"shrinkage": {"leave": 0.05}}})
    leave, breaks = told.shrinkage_of("x").activities
    assert (leave.share, leave.when, breaks.share) == (0.05, [], 0.2)
    assert told.shrinkage == ShrinkageParams(**LEDGER)  # the base keeps its own


def test_wages_and_contracts_are_levers(params):
    told = params.override(
        {
            "costs": {**TWO, "per_seat_month": 100},
            "capacity.contract_mix": MIX,
            "scenarios.x": {"wage_pct": 10, "contract_mix": {"part": 1.0}},
        }
    )
    costs = told.costs_of("x")
    assert {k: c.pay_per_hour for k, c in costs.contracts.items()} == {"full": 33.0, "part": 26.4}
    assert costs.per_seat_month == 100
    assert told.capacity_of("x").contract_mix == {"part": 1.0}
    both = {"contract_mix": {"part": 1.0}, "capacity": {"contract_mix": MIX}}
    with pytest.raises(ParamsError, match=r"sets capacity\.contract_mix and contract_mix"):
        told.override({"scenarios.y": both})
