"""Every lever has a direction and a size, and acts where it is told to."""

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.demand import demand_of
from forecast.errors import ParamsError
from forecast.params.scenario import Scenario, layers
from forecast.queueing import chat_agents, required_agents
from forecast.queueing.staffing import Target
from forecast.scenarios.case import Case
from forecast.scenarios.levers import ACTIONS, pulls
from forecast.scenarios.run import cost_of, pulled, run_scenarios
from tests.capacity.test_demand import paths_of

DAYS, SLOTS = 14, 24


def paths(site, queue, seed):
    """Return two weeks, 08:00 to 20:00 UTC, with about 100 calls a half-hour."""
    rng = np.random.default_rng(seed)
    shape = 100 + 60 * np.sin(np.linspace(0, np.pi, SLOTS))
    parts = []
    for day in range(DAYS):
        made = paths_of(rng.poisson(shape * rng.normal(1, 0.05, (60, 1))))
        ds = made["ds"] + pd.Timedelta(days=day)
        parts.append(made.assign(site=site, queue=queue, ds=ds.astype(made["ds"].dtype)))
    return pd.concat(parts)


@pytest.fixture(scope="module")
def demand():
    whole = pd.concat(
        [paths("north", "orders", 1), paths("south", "orders", 2), paths("north", "care", 3)]
    )
    aht_s = dict.fromkeys(
        whole[["site", "queue", "channel"]].itertuples(index=False, name=None), 240.0
    )
    return demand_of(whole, aht_s)


@pytest.fixture(scope="module")
def free(params):
    return params.override({"capacity.occupancy_max": 1.0, "capacity.pools": {}})


def pull(demand, params, **levers):
    """Return the case of one scenario."""
    return pulled(Case(demand, params.capacity), pulls({"it": Scenario(**levers)}).values())


def contacts(case):
    return float(case.demand.rate.mean(axis=1).sum())


def workload(case):
    minutes = case.demand.intervals["open_min"].to_numpy() / 60
    return float((case.demand.load_erlangs.mean(axis=1) * minutes).sum())


SIZES = {
    # lever: (contacts, workload), as multiples of the base's
    "volume": ({"volume_pct": 20}, 1.2, 1.2),
    "aht": ({"aht_pct": -10}, 1.0, 0.9),
    "self_service": ({"self_service": {"share": 0.2, "harder_pct": 10}}, 0.8, 0.88),
    # 1.43 and 1.33 contacts a matter, if everybody calls again: 1 / 0.7 against 1 / 0.75.
    "resolution": (
        {"first_contact_resolution": {"now": 0.7, "then": 0.75}},
        0.7 / 0.75,
        0.7 / 0.75,
    ),
    "some_call_again": (
        {"first_contact_resolution": {"now": 0.7, "then": 0.8, "call_again": 0.5}},
        0.85 / 0.9,
        0.85 / 0.9,
    ),
    # A quarter of the positions at 1.5 times the handle time: 1 / (0.75 + 0.25 / 1.5).
    "newcomers": ({"newcomers": {"share": 0.25, "aht_pct": 50}}, 1.0, 1 / (0.75 + 0.25 / 1.5)),
    "outsourced": ({"outsourced": {"share": 0.3, "cost_per_contact": 2}}, 0.7, 0.7),
    # A fifth by chat, half as long again, two at once.
    "chat": ({"to_chat": {"share": 0.2, "at_once": 2, "aht_pct": 50}}, 1.0, 0.8 + 0.2 * 0.75),
    "stay_away": ({"closed": {"starts": "08:00", "ends": "10:00", "lost": 0.0}}, 1.0, 1.0),
}


@pytest.mark.parametrize("name", SIZES)
def test_levers_have_the_size_that_arithmetic_gives(demand, free, name):
    levers, of_contacts, of_workload = SIZES[name]
    base, case = Case(demand, free.capacity), pull(demand, free, **levers)
    assert contacts(case) == pytest.approx(of_contacts * contacts(base), rel=1e-9)
    assert workload(case) == pytest.approx(of_workload * workload(base), rel=1e-6)
    if name not in {"chat", "stay_away"}:  # A team of its own and a fuller day take idle time.
        staff = cost_of(case) - case.outsourced_cost - cost_of(base)
        assert np.sign(staff) == np.sign(of_workload - 1)


def test_growth_is_compounded_from_the_first_interval_on(demand, free):
    case = pull(demand, free, growth_pct_per_year=50)
    ratio = case.demand.rate.mean(axis=1) / demand.rate.mean(axis=1)
    days = (demand.intervals["ds"] - demand.intervals["ds"].min()).dt.total_seconds() / 86_400
    assert ratio[0] == 1
    np.testing.assert_allclose(ratio, 1.5 ** (days / 365.25))


def test_levers_act_on_their_queues_sites_and_days(demand, free):
    scope = {
        "queues": ["orders"],
        "sites": ["north"],
        "first_day": "2024-01-03",
        "last_day": "2024-01-04",
    }
    case = pull(demand, free, volume_pct=50, **scope)
    rows = demand.intervals.assign(ratio=case.demand.rate.mean(axis=1) / demand.rate.mean(axis=1))
    day = rows["local"].dt.strftime("%m-%d")
    within = (rows["queue"] == "orders") & (rows["site"] == "north") & day.isin(["01-03", "01-04"])
    assert within.sum() == 2 * SLOTS
    np.testing.assert_allclose(rows.loc[within, "ratio"], 1.5)
    np.testing.assert_allclose(rows.loc[~within, "ratio"], 1.0)


def test_what_is_outsourced_costs_its_price(demand, free):
    case = pull(demand, free, outsourced={"share": 0.3, "cost_per_contact": 2.5})
    assert case.outsourced_cost == pytest.approx(0.3 * contacts(Case(demand, free.capacity)) * 2.5)


def test_closed_hours_are_empty_and_who_does_not_stay_away_comes_at_other_hours(demand, free):
    hours = {"days": ["mon"], "starts": "18:00", "ends": "20:00", "lost": 0.25}
    case = pull(demand, free, closed=hours)
    base = demand.intervals.assign(rate=demand.rate.mean(axis=1))
    now = case.demand.intervals.assign(rate=case.demand.rate.mean(axis=1))
    monday = lambda rows: rows["local"].dt.day_of_week == 0  # noqa: E731
    late = monday(base) & (base["local"].dt.hour >= 18)
    assert late.sum() == 3 * 2 * 4
    assert not (monday(now) & (now["local"].dt.hour >= 18)).any()
    assert case.lost == pytest.approx(0.25 * base.loc[late, "rate"].sum())
    by_queue = ["site", "queue"]
    came = now[monday(now)].groupby(by_queue)["rate"].sum()
    kept = base[monday(base)].groupby(by_queue)["rate"].sum()
    stay = base[late].groupby(by_queue)["rate"].sum() * 0.25
    np.testing.assert_allclose(came, kept - stay)
    other = now[~monday(now)].groupby(by_queue)["rate"].sum()
    np.testing.assert_allclose(other, base[~monday(base)].groupby(by_queue)["rate"].sum())


def test_a_closed_day_comes_on_the_next_open_one(demand, free):
    case = pull(
        demand,
        free,
        closed={"days": ["sun"], "starts": "00:00", "ends": "00:00"},
    )
    rows = case.demand.intervals.assign(rate=case.demand.rate.mean(axis=1))
    base = demand.intervals.assign(rate=demand.rate.mean(axis=1))
    day = rows.groupby(rows["local"].dt.normalize())["rate"].sum()
    usual = base.groupby(base["local"].dt.normalize())["rate"].sum()
    assert len(day) == DAYS - 2
    sunday, monday = pd.Timestamp("2024-01-07"), pd.Timestamp("2024-01-08")
    assert day[monday] == pytest.approx(usual[monday] + usual[sunday])
    # The last Sunday has no day after it in the forecast.
    assert case.lost == pytest.approx(usual[pd.Timestamp("2024-01-14")])


def test_hours_over_midnight_belong_to_the_day_they_begin_on(demand, free):
    case = pull(demand, free, closed={"days": ["mon"], "starts": "19:00", "ends": "08:30"})
    gone = demand.intervals.merge(case.demand.intervals, how="left", indicator=True)
    gone = gone[gone["_merge"] == "left_only"]["local"]
    assert set(gone.dt.day_of_week) == {0, 1}
    assert set(gone[gone.dt.day_of_week == 0].dt.hour) == {19}
    assert set(gone[gone.dt.day_of_week == 1].dt.hour) == {8}


def test_a_site_that_is_out_sends_its_contacts_to_the_others(demand, free):
    case = pull(demand, free, lost_sites=["south"])
    assert set(case.demand.intervals["site"]) == {"north"}
    assert contacts(case) == pytest.approx(contacts(Case(demand, free.capacity)))
    assert case.lost == 0
    # Nobody else has the queue care.
    case = pull(demand, free, lost_sites=["north"])
    care = (demand.intervals["queue"] == "care").to_numpy()
    assert case.lost == pytest.approx(demand.rate[care].mean(axis=1).sum())
    assert contacts(case) + case.lost == pytest.approx(contacts(Case(demand, free.capacity)))


def test_agents_for_chats_are_nearly_those_of_the_chat_model():
    # Two chats at once as half the handle time, beside the model with two places an agent.
    for load in (5.0, 20.0, 80.0):
        plain = int(required_agents(load * 1.4 / 2, aht_s=240 * 1.4 / 2, target=Target(0.8, 20)))
        exact = int(chat_agents(load * 15, aht_s=[240, 336], target=Target(0.8, 20)))
        assert abs(plain - exact) <= max(1, 0.04 * exact)


DIRECTIONS = {
    "wage_pct": ({"wage_pct": 10}, 1),
    "shrinkage_points": ({"shrinkage_points": 5}, 1),
    "definition": ({"capacity": {"definition": "met"}}, -1),
    # Who hangs up early leaves the queue to the others.
    "impatience": ({"capacity": {"patience_s": 60}}, -1),
    "redial": ({"capacity": {"redial": 0.6}}, 1),
    "target": ({"capacity": {"service_level_target": 0.9}}, 1),
    "limit": ({"capacity": {"answer_within_s": 60}}, -1),
    "risk": ({"capacity": {"plan_at": "confident"}}, 1),
    "leaner": ({"capacity": {"plan_at": "p10"}}, -1),
    "ceiling": ({"capacity": {"occupancy_max": 0.75}}, 1),
    "minimum": ({"capacity": {"agents_min": 30}}, 1),
    "abandonment": ({"capacity": {"abandonment_max": 0.01}}, 1),
    "pool": ({"capacity": {"pools": {"all": ["orders", "care"]}}}, -1),
}


@pytest.mark.parametrize("name", DIRECTIONS)
def test_rules_have_a_direction(demand, free, name):
    levers, sign = DIRECTIONS[name]
    more = cost_of(pull(demand, free, **levers)) - cost_of(Case(demand, free.capacity))
    assert np.sign(more) == sign


def test_wages_have_a_size(demand, free):
    base = cost_of(Case(demand, free.capacity))
    assert cost_of(pull(demand, free, wage_pct=10)) == pytest.approx(1.1 * base)


def test_every_lever_does_nothing_unless_it_is_set(demand, free):
    case = Case(demand, free.capacity)
    assert pulls({"it": Scenario()}) == {}
    assert set(ACTIONS) <= set(Scenario.model_fields)
    assert cost_of(pulled(case, [])) == cost_of(case)


def test_steps_add_up_to_the_cent(demand, free):
    both = free.override(
        {
            "scenarios.more": {"volume_pct": 15, "aht_pct": 5, "wage_pct": 3},
            "scenarios.bot": {"self_service": {"share": 0.1}},
            "scenarios.all": {"extends": ["more", "bot"], "capacity": {"answer_within_s": 40}},
        }
    )
    found = run_scenarios(demand, both, ["all"])
    steps = found.steps
    assert steps["lever"].tolist() == [
        "more: volume_pct", "more: aht_pct", "more: wage_pct", "bot: self_service", "all: capacity",
    ]  # fmt: skip
    plan = found.plan[found.plan["is_plan"]].set_index("scenario")
    assert round(steps["cost"].sum() * 100) == round(plan.loc["all", "cost_vs_base"] * 100)
    assert steps["cost_after"].iloc[-1] == pytest.approx(plan.loc["all", "cost"], abs=0.006)
    assert (np.sign(steps["cost"]) == [1, 1, 1, -1, -1]).all()


@pytest.mark.parametrize(
    ("scenarios", "why"),
    [
        ({"a": {"extends": ["a"]}}, "a extends a, in a circle"),
        ({"a": {"extends": ["b"]}, "b": {"extends": ["a"]}}, "in a circle"),
        ({"a": {"extends": ["none"]}}, "'none' is no scenario"),
        (
            {"a": {"volume_pct": 1}, "b": {"extends": ["a"], "volume_pct": 2}},
            "a and b both set volume_pct",
        ),
        (
            {
                "a": {"capacity": {"patience_s": 9}},
                "b": {"extends": ["a"], "capacity": {"patience_s": 8}},
            },
            r"both set capacity\.patience_s",
        ),
        (
            {"a": {"shrinkage_points": 1}, "b": {"extends": ["a"], "capacity": {"shrinkage": 0.2}}},
            "both set shrinkage_points",
        ),
    ],
)
def test_scenarios_that_contradict_are_refused(scenarios, why):
    told = {name: Scenario(**levers) for name, levers in scenarios.items()}
    with pytest.raises(ParamsError, match=why):
        layers(list(told)[-1] if "circle" not in why else "a", told)


def test_the_same_lever_for_other_queues_or_days_is_no_contradiction():
    one = {"volume_pct": 1, "queues": ["x"], "last_day": "2024-01-31"}
    for other in ({"queues": ["y"]}, {"queues": ["x"], "first_day": "2024-02-01"}):
        told = {"a": Scenario(**one), "b": Scenario(extends=["a"], volume_pct=2, **other)}
        assert list(layers("b", told)) == ["a", "b"]


@pytest.mark.parametrize(
    ("levers", "why"),
    [
        (
            {"volume_pct": 5, "queues": ["x"]},
            r"it\.queues: 'x' is no queue of the forecast \(care, orders\)",
        ),
        ({"volume_pct": 5, "sites": ["x"]}, r"it\.sites: 'x' is no site"),
        ({"volume_pct": 5, "first_day": "2030-01-01"}, "no interval of the forecast"),
        ({"lost_sites": ["x"]}, r"it\.lost_sites: 'x' is no site"),
        ({"lost_sites": ["north", "south"]}, "no site would be left"),
        ({"closed": {"starts": "00:00", "ends": "23:59"}}, "no open interval would be left"),
        ({"capacity": {"patience": 5}}, r"scenarios\.it\.capacity\.patience"),
    ],
)
def test_levers_that_cannot_be_pulled_say_why(demand, free, levers, why):
    with pytest.raises(ParamsError, match=why):
        pull(demand, free, **levers)
