"""Leavers, overtime, temps and work from home: direction, and the size that arithmetic gives."""

from dataclasses import replace

import numpy as np
import pytest

from forecast.capacity.money.planned import prices_of
from forecast.capacity.people import paid_hours_of
from forecast.capacity.requirements import agents_at, scheduled
from forecast.errors import ParamsError
from forecast.params.costs import CostsParams
from forecast.params.trunks import TrunksParams
from forecast.scenarios.case import Case
from forecast.scenarios.cost import cost_lines, cost_of
from forecast.scenarios.hours import cost_of_hours, own_share
from forecast.scenarios.quick import planned
from tests.scenarios.worlds import COSTS, MIX, WEEKS, contacts, pull, world

RATE = 30.0


@pytest.fixture(scope="module")
def flat(params):
    return Case(world(), params.capacity)


@pytest.fixture(scope="module")
def priced(flat):
    rules = flat.capacity.model_copy(update={"contract_mix": MIX})
    prices = prices_of(CostsParams.model_validate(COSTS), None, None)
    return Case(flat.demand, rules, prices=prices)


def plan(case):
    """Return positions and paid hours."""
    agents = agents_at(case.demand, case.capacity, case.capacity.plan_at)
    return agents, paid_hours_of(scheduled(case.demand, agents, case.capacity))


def bill(case):
    agents, _ = plan(case)
    result = planned(case).result
    return cost_lines(case, case.demand, agents, result).set_index("line")


def test_what_an_hour_costs_is_what_the_bill_says(priced):
    """Two ways from hours to pay: by interval, and by the lines of the bill."""
    for levers in (
        {},
        {"overtime": {"share": 0.1}},
        {"temps": {"share": 0.2, "cost_per_hour": 41}},
    ):
        case = pull(priced, **levers)
        _, paid = plan(case)
        lines = bill(case)
        pay = lines[lines.index.str.startswith(("pay ", "temp hours"))]
        by_interval = float((cost_of_hours(case, case.demand) * paid.hours).sum())
        assert by_interval == pytest.approx(pay["cost"].sum(), abs=0.1)


def test_overtime_is_paid_more_and_takes_fewer_people(flat, priced):
    case = pull(flat, overtime={"share": 0.1})
    _, paid = plan(flat)
    assert cost_of(case) - cost_of(flat) == pytest.approx(0.1 * paid.total * RATE * 0.5)
    assert planned(case).row["fte"] == pytest.approx(0.9 * planned(flat).row["fte"])
    double = pull(flat, overtime={"share": 0.1, "times": 2})
    assert cost_of(double) - cost_of(flat) == pytest.approx(0.1 * paid.total * RATE)
    # In the bill, by contract and day: on workdays by day 1.5 times 0.75 x 30 + 0.25 x 24.
    lines = bill(pull(priced, overtime={"share": 0.1}))
    usual, over = (
        lines[lines.index.str.match(rf"pay \w+: workday{word}( x [\d.]+)?$")]
        for word in ("", " overtime")
    )
    assert len(usual) == len(over) == 2
    assert over["quantity"].sum() / usual["quantity"].sum() == pytest.approx(0.1 / 0.9, rel=1e-6)
    assert over["rate"].tolist() == [45.0, 36.0]


def test_overtime_in_its_scope_alone(flat):
    _, paid = plan(flat)
    first = flat.demand.intervals["local"].dt.day.le(2).to_numpy()
    case = pull(flat, overtime={"share": 0.2}, last_day="2024-01-02")
    assert cost_of(case) - cost_of(flat) == pytest.approx(0.1 * paid.hours[first].sum() * RATE)


def test_temps_cost_their_price_and_take_longer(flat):
    case = pull(flat, temps={"share": 0.2, "cost_per_hour": 42, "aht_pct": 25})
    assert (case.demand.aht_s / flat.demand.aht_s).round(9).tolist()[0] == round(1 / 0.96, 9)
    _, paid = plan(case)
    expected = paid.total * (0.8 * RATE + 0.2 * 42)
    assert cost_of(case) == pytest.approx(expected)
    assert own_share(case, case.demand, paid) == pytest.approx(0.8)
    lines = bill(case)
    assert lines.loc["temp hours", "quantity"] == pytest.approx(0.2 * paid.total)
    # Who costs the same and is as fast changes nothing but whose people they are.
    same = pull(flat, temps={"share": 0.3, "cost_per_hour": RATE})
    assert cost_of(same) == pytest.approx(cost_of(flat))
    assert planned(same).row["fte"] == pytest.approx(0.7 * planned(flat).row["fte"])


ATTRITION = {"now": 0.02, "then": 0.05, "per": "week", "aht_factor": [1.5, 1.2]}


def long_run(weekly, factors, weeks=400):
    """Return how much longer contacts take, by a crowd of a million that is replaced for years."""
    tenure = np.zeros(weeks)
    tenure[-1] = 1.0
    for _ in range(weeks):
        gone = tenure.sum() * weekly
        tenure = np.concatenate([[gone], tenure[:-1] * (1 - weekly)])
        tenure[-1] += 1 - tenure.sum()
    speed = np.ones(weeks)
    speed[: len(factors)] = 1 / np.array(factors)
    return 1 / float((tenure * speed).sum())


def test_attrition_makes_contacts_longer_by_the_share_of_new_people(flat):
    case = pull(flat, attrition={**ATTRITION, "cost_per_leaver": 0})
    longer = long_run(0.05, [1.5, 1.2]) / long_run(0.02, [1.5, 1.2])
    assert longer > 1.01
    assert case.demand.aht_s / flat.demand.aht_s == pytest.approx(longer, rel=1e-4)


def test_attrition_costs_its_replacement(flat):
    """By hand: leavers of a week times weeks, each at a price, in training, and covered before."""
    told = {"now": 0.02, "then": 0.05, "per": "week", "cost_per_leaver": 2000}
    told |= {"training_weeks": 4, "vacant_weeks": 6}
    case = pull(flat, attrition=told)
    _, paid = plan(flat)
    heads = paid.total / WEEKS / 40
    leavers = heads * WEEKS * 0.03
    training = leavers * 4 * 40 * RATE
    vacant = 0.05 * 6 / 1.3 - 0.02 * 6 / 1.12
    expected = leavers * 2000 + training + vacant * paid.total * 0.5 * RATE
    assert cost_of(case) - cost_of(flat) == pytest.approx(expected)
    lines = bill(case)
    assert lines.loc["leavers replaced", "quantity"] == pytest.approx(leavers)
    # Fewer leavers than now save as much.
    fewer = pull(flat, attrition={**told, "now": 0.05, "then": 0.02})
    assert cost_of(fewer) - cost_of(flat) == pytest.approx(-expected)


def test_attrition_is_priced_by_the_section_costs(priced):
    case = pull(priced, attrition={"now": 0.1, "then": 0.3, "training_weeks": 3})
    lines = bill(case)
    assert lines.loc["leavers replaced", "rate"] == 1000 + 500 + 3 * 200
    pay = bill(priced)
    pay = pay[pay.index.str.startswith("pay ")]
    mean = pay["cost"].sum() / pay["quantity"].sum()
    assert lines.loc["pay in training", "rate"] == pytest.approx(mean, abs=1e-4)


def test_work_from_home_saves_seats(priced):
    case = pull(priced, remote={"share": 0.25, "cost_per_seat_month": 60}, sites=["south"])
    agents, _ = plan(priced)
    south = (priced.demand.intervals["site"] == "south").to_numpy()
    months = WEEKS * 7 / (365.25 / 12)
    saved = 0.25 * agents[south].max() * months * (210 - 60)
    assert cost_of(priced) - cost_of(case) == pytest.approx(saved, abs=0.02)
    both = pull(priced, remote={"share": 0.25})
    assert cost_of(both) < cost_of(case)


@pytest.mark.parametrize(
    ("levers", "why"),
    [
        ({"remote": {"share": 0.2}}, "needs costs.per_seat_month"),
        ({"attrition": {"now": 0.1, "then": 0.2}}, "needs cost_per_leaver, or the section costs"),
        ({"attrition": {"now": 0.1, "then": 1.2}}, 'give a rate below 1, or of="average"'),
        ({"overtime": {"share": 0.1}, "queues": ["x"]}, r"'x' is no queue .*\(care, orders\)"),
        ({"temps": {"share": 0.1, "cost_per_hour": 1}, "sites": ["x"]}, "'x' is no site"),
    ],
)
def test_levers_on_people_that_cannot_be_say_why(flat, levers, why):
    with pytest.raises(ParamsError, match=why):
        pull(flat, **levers)


def test_prices_say_what_overtime_is_paid(priced):
    with pytest.raises(ParamsError, match="leave out times"):
        pull(priced, overtime={"share": 0.1, "times": 2})
    costs = CostsParams.model_validate({**COSTS, "per_hire": None})
    case = Case(priced.demand, priced.capacity, prices=prices_of(costs, None, None))
    with pytest.raises(ParamsError, match=r"costs\.per_hire is null"):
        pull(case, attrition={"now": 0.1, "then": 0.2})


def test_bands_of_tenure_are_one_harmonic_mean(flat):
    bands = [{"share": 0.2, "aht_pct": 60}, {"share": 0.1, "aht_pct": 20}]
    case = pull(flat, newcomers=bands)
    longer = 1 / (0.7 + 0.2 / 1.6 + 0.1 / 1.2)
    assert case.demand.aht_s / flat.demand.aht_s == pytest.approx(longer)
    with pytest.raises(ValueError, match="add up to 1 at most"):
        pull(flat, newcomers=[{"share": 0.7, "aht_pct": 1}, {"share": 0.5, "aht_pct": 1}])


def test_a_shorter_menu_saves_minutes_on_the_line(priced):
    """Of four callers three ask for an agent, all of them after 30 s in the menu; then after 10."""
    trunks = TrunksParams(ivr_s=30, self_service=0.25)
    costs = priced.prices.costs
    case = replace(priced, prices=prices_of(costs, trunks, None), trunks=trunks)
    shorter = pull(case, trunks={"ivr_s": 10})
    minutes = contacts(case) * (30 - 10) / 0.75 / 60
    assert cost_of(case) - cost_of(shorter) == pytest.approx(minutes * 0.013, abs=0.02)
    with pytest.raises(ParamsError, match="the section trunks, which is null"):
        pull(priced, trunks={"ivr_s": 10})
    with pytest.raises(ParamsError, match=r"trunks\.ivr: is no known key"):
        pull(case, trunks={"ivr": 10})


def test_a_team_of_several_queues_is_in_the_scope_of_each(params):
    rules = params.capacity.model_copy(update={"pools": {"all": ["orders", "care"]}})
    base = Case(world(), rules)
    case = pull(base, overtime={"share": 0.1}, queues=["care"])
    more = cost_of(case) - cost_of(base)
    assert more > 0
    assert more == pytest.approx(cost_of(pull(base, overtime={"share": 0.1})) - cost_of(base))
