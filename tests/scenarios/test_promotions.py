"""Promotions added, moved, scaled and dropped have the size that was learned."""

import numpy as np
import pandas as pd
import pytest

from forecast.effects.learn import learn
from forecast.effects.tables import event_days
from forecast.errors import ParamsError
from forecast.scenarios.case import Case
from forecast.scenarios.cost import cost_of
from tests.effects.worlds import DAY, KEY, events, every, factors_of, queue
from tests.scenarios.worlds import contacts, learned, pull, world

MAILING = {"kind": "mailing", "first_day": "2024-01-03"}
AHT = [1, 1, 1.1, 1.1, 1, 1, 1, 1, 1]


def mean_of(factor):
    """Return the mean of a factor that is log-normal, with its 90 % interval within 20 %."""
    return factor * np.exp((np.log(1.2) / 1.645) ** 2 / 2)


@pytest.fixture(scope="module")
def base(params):
    return Case(world(), params.capacity, learned=learned())


def by_day(case, base, queue="orders"):
    """Return the contacts of a queue by day, as multiples of the base's."""
    rows = base.demand.intervals
    its = (rows["queue"] == queue).to_numpy()
    day = rows["local"].dt.day.to_numpy()[its]
    now, was = (np.bincount(day, c.demand.rate.mean(axis=1)[its]) for c in (case, base))
    return (now[1:] / was[1:]).round(9).tolist()


def longer(case, base):
    rows = base.demand.intervals
    its = ((rows["queue"] == "orders") & (rows["local"].dt.hour == 9)).to_numpy()
    return (case.demand.aht_s / base.demand.aht_s)[its][:9].round(9).tolist()


@pytest.mark.parametrize(
    ("told", "volume", "aht"),
    [
        (
            {"add": [MAILING]},
            [1, mean_of(1.1), mean_of(2), mean_of(1.5), mean_of(1.2), 1, 1, 1, 1],
            AHT,
        ),
        # Twice as strong: what comes beside the usual doubles, and calls are no longer for it.
        (
            {"add": [{**MAILING, "intensity": 2}]},
            [1, *(2 * mean_of(f) - 1 for f in (1.1, 2, 1.5, 1.2)), 1, 1, 1, 1],
            AHT,
        ),
        # On for four days: each after the second does what the second does.
        (
            {"add": [{**MAILING, "days": 4}]},
            [
                1,
                mean_of(1.1),
                mean_of(2),
                mean_of(1.5),
                mean_of(1.5),
                mean_of(1.5),
                mean_of(1.2),
                1,
                1,
            ],
            [1, 1, 1.1, 1.1, 1.1, 1.1, 1, 1, 1],
        ),
        # The base has a mailing on the 6th; without it its days have what is usual.
        (
            {"drop": ["january"]},
            [1, 1, 1, 1, 1 / 1.1, 1 / 2, 1 / 1.5, 1 / 1.2, 1],
            [1, 1, 1, 1, 1, 1 / 1.1, 1 / 1.1, 1, 1],
        ),
        ({"scale": {"january": 0.5}}, [1, 1, 1, 1, 1.05 / 1.1, 0.75, 1.25 / 1.5, 1.1 / 1.2, 1], 1),
        (
            {"move": {"january": "2024-01-03"}},
            [1, 1.1, 2, 1.5, 1.2 / 1.1, 1 / 2, 1 / 1.5, 1 / 1.2, 1],
            [1, 1, 1.1, 1.1, 1, 1 / 1.1, 1 / 1.1, 1, 1],
        ),
        # A day later its days overlap with those that it had.
        (
            {"move": {"january": "2024-01-07"}, "scale": {"january": 2}},
            [1, 1, 1, 1, 1 / 1.1, 1.2 / 2, 3 / 1.5, 2 / 1.2, 1.4],
            [1, 1, 1, 1, 1, 1 / 1.1, 1, 1.1, 1],
        ),
    ],
)
def test_a_promotion_does_what_its_kind_does(base, told, volume, aht):
    case = pull(base, promotions=told)
    assert by_day(case, base) == pytest.approx(volume, rel=1e-8 if "add" not in told else 5e-4)
    assert by_day(case, base, "care") == [1] * 9
    assert longer(case, base) == pytest.approx([1] * 9 if aht == 1 else aht, abs=1e-8)
    more = contacts(case) - contacts(base)
    assert np.sign(cost_of(case) - cost_of(base)) == np.sign(more)


def test_what_is_not_certain_is_more_on_some_paths_than_on_others(base):
    case = pull(base, promotions={"add": [MAILING]})
    rows = base.demand.intervals
    its = (rows["queue"] == "orders").to_numpy() & (rows["local"].dt.day == 3).to_numpy()
    extra = np.log((case.demand.rate / base.demand.rate)[its])
    # The 90 % interval of the factor is from 2 / 1.2 to 2 x 1.2.
    assert extra[0].std() == pytest.approx(np.log(1.2) / 1.645, rel=0.05)
    # One promotion is strong or weak in all its hours and sites.
    assert np.ptp(extra, axis=0).max() < 0.05
    again = pull(base, promotions={"add": [MAILING]})
    np.testing.assert_array_equal(again.demand.rate, case.demand.rate)


def test_a_promotion_is_for_its_sites_alone(base):
    case = pull(base, promotions={"add": [MAILING]}, sites=["south"])
    rows = base.demand.intervals
    same = np.isclose(case.demand.rate, base.demand.rate).all(axis=1)
    assert same[rows["site"] == "north"].all()
    assert not same[rows["site"] == "south"].all()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"add": [{**MAILING, "kind": "x"}]}, r"'x' is no kind of event .*\(mailing\)"),
        ({"add": [{**MAILING, "first_day": "2025-01-01"}]}, "reaches no open interval"),
        ({"drop": ["x"]}, r"'x' is no event that reaches the forecast .*\(january\)"),
        ({"move": {"january": "2024-03-01"}}, "cannot be moved to 2024-03-01: the forecast is"),
    ],
)
def test_promotions_that_cannot_be_are_refused(base, told, why):
    with pytest.raises(ParamsError, match=why):
        pull(base, promotions=told)


def test_what_has_begun_cannot_be_dropped(base, params):
    late = base.demand.only((base.demand.intervals["local"].dt.day > 6).to_numpy())
    case = Case(late, params.capacity, learned=learned())
    with pytest.raises(ParamsError, match="'january' began on 2024-01-06, before the forecast"):
        pull(case, promotions={"drop": ["january"]})


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"drop": ["a"], "scale": {"a": 2}}, "a cannot be dropped and changed"),
        ({"scale": {"a": 0}}, "drop it"),
        ({}, "must add, move, scale or drop something"),
    ],
)
def test_promotions_that_contradict_themselves_are_refused(base, told, why):
    with pytest.raises(ValueError, match=why):
        pull(base, promotions=told)


def test_without_what_was_learned_it_is_refused(params):
    with pytest.raises(ParamsError, match="what events do is not known here"):
        pull(Case(world(), params.capacity), promotions={"add": [MAILING]})


def test_dropping_takes_out_what_the_forecast_has_put_in():
    """EVENT_DAYS against what the effects put on intervals, also where an event starts at noon.

    Around its logarithm contacts are drawn with its variance, which makes their mean that of a
    log-normal factor.
    """
    sales = every(4, 6, "sale")
    effects = learn(queue(200, factors=factors_of(sales, 1.6)), events(*sales))
    ahead = queue(20, start=pd.Timestamp("2024-01-01") + 200 * DAY)
    start = pd.Timestamp("2024-01-01") + 205 * DAY
    told = events(
        *sales,
        {"kind": "sale", "start": start, "days": 3, "event_id": "next"},
        {"kind": "unheard", "start": start + 9.5 * DAY, "days": 1, "event_id": "noon"},
    )
    table = event_days(effects, told, ahead["date"].min(), KEY, "offered")
    local = (ahead["date"] + pd.to_timedelta(ahead["slot_min"], unit="min")).to_numpy()
    for name, own in table.groupby("event_id"):
        at = np.searchsorted(own["local"].to_numpy(), local, side="right") - 1
        same = own["local"].dt.normalize().to_numpy()[at] == ahead["date"].to_numpy()
        factor = np.where((at >= 0) & same, own["effect"].to_numpy()[at], 1.0)
        put = effects.on(ahead, told[told["event_id"] == name])
        np.testing.assert_allclose(factor, np.exp(put["log_effect"] + put["effect_var"] / 2))
    assert {"next", "noon"} <= set(table["event_id"])
