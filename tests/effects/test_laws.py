"""Laws that effects obey whatever the history: scale, order, overlap, time, what is not there."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.effects.apply import effects_ahead, learned, without_effects
from forecast.effects.learn import learn
from forecast.effects.positions import AFTER_DAYS, BEFORE_DAYS
from forecast.effects.state import from_state, to_state
from forecast.effects.tables import event_effects, kind_effects
from forecast.features import LEAD_UP_DAYS
from tests.effects.worlds import DAY, KEY, START, events, every, factors_of, queue

DAYS = 200
SALES = every(4, 5, "sale")
MAILS = every(4, 3, "mail", first=42)
AHEAD = START + 230 * DAY


def known_events():
    return events(*SALES, *MAILS)


def history(seed=1, **options):
    by_day = pd.concat([factors_of(SALES, 1.6), factors_of(MAILS, 1.3)])
    return queue(DAYS, factors=by_day, seed=seed, **options)


def ahead(days=60):
    """Return FEATURES of days after the history, no counts in them."""
    return queue(days, start=START + DAYS * DAY).assign(y=np.nan, handled=np.nan, aht_s=np.nan)


def next_one(kind, **changes):
    return events({"kind": kind, "start": AHEAD, "days": 2, "event_id": f"next {kind}", **changes})


@pytest.fixture(scope="module")
def volume():
    return learn(history(), known_events())


@pytest.fixture(scope="module")
def handle_time():
    features = history()
    longer = features["date"].map(factors_of(SALES, 1.25)).fillna(1.0)
    told = events(*[{**row, "intensity": 0.5 + i} for i, row in enumerate(SALES)])
    return learn(features.assign(aht_s=features["aht_s"] * longer), told, target="aht_s")


def during(effects, told):
    """Return log effect and variance in the first hour of the event ahead."""
    on = effects.on(ahead(), told)
    row = on[(ahead()["date"] == told["start"].iloc[0].normalize())].iloc[0]
    return row["log_effect"], row["effect_var"]


# ------------------------------------------------------------------------------ nothing there


def test_without_events_nothing_is_learned_and_nothing_done():
    features = history()
    effects = learned(features, events())
    assert effects is None
    assert without_effects(features, effects) is features
    told = effects_ahead(ahead(), events(), effects)
    assert (told["effect"] == 1).all()
    assert (told["effect_var"] == 0).all()


def test_without_events_what_is_learned_does_exactly_nothing():
    effects = learn(history(), events())
    on = effects.on(ahead(), events())
    assert (on == 0).all(axis=None)
    assert kind_effects(effects, KEY, "offered").empty
    days = effects.design.frame[["date", "local"]].assign(usual=effects.usual)
    assert event_effects(effects, events(), days, KEY, "offered").empty


def test_days_out_of_reach_are_exactly_as_usual(volume):
    told = effects_ahead(ahead(90), next_one("sale"), volume)
    date = ahead(90)["date"]
    first = AHEAD - BEFORE_DAYS["event"] * DAY
    last = AHEAD + (1 + AFTER_DAYS["event"]) * DAY
    within = (date >= first) & (date <= last)
    assert (told["effect"][~within] == 1).all()
    assert (told["effect_var"][~within] == 0).all()
    assert (told["effect_var"][within] > 0).all()


def test_holidays_reach_as_far_as_their_pool():
    rows = [{**row, "kind": "feast", "pool": "holiday"} for row in SALES]
    effects = learn(history(), events(*rows))
    feast = next_one("feast", pool="holiday")
    reached = ahead()["date"][effects.on(ahead(), feast)["effect_var"] > 0]
    assert reached.min() == AHEAD - BEFORE_DAYS["holiday"] * DAY
    assert reached.max() == AHEAD + (1 + AFTER_DAYS["holiday"]) * DAY


def test_days_in_doubt_are_wider_with_and_without_events(volume):
    doubtful = ahead().assign(doubt=0.3)
    plain = effects_ahead(ahead(), next_one("sale"), volume)
    told = effects_ahead(doubtful, next_one("sale"), volume)
    assert (told["effect"] == plain["effect"]).all()
    more = told["effect_var"] - plain["effect_var"]
    assert more.to_numpy() == pytest.approx(0.3 * 0.7 * 0.25)
    alone = effects_ahead(doubtful, events(), None)
    assert alone["effect_var"].to_numpy() == pytest.approx(0.3 * 0.7 * 0.25)


# ------------------------------------------------------------------------------- what is learned


def test_the_next_event_of_a_kind_is_expected_as_the_last_ones_were(volume):
    sale, mail = during(volume, next_one("sale")), during(volume, next_one("mail"))
    assert np.exp(sale[0]) == pytest.approx(1.6, rel=0.08)
    assert np.exp(mail[0]) == pytest.approx(1.3, rel=0.08)


def test_effects_taken_off_the_history_leave_an_ordinary_one(volume):
    features = history()
    plain = without_effects(features, volume).groupby("date")["y"].sum()
    true = queue(DAYS, seed=None).groupby("date")["y"].sum()
    on = plain.index.isin(factors_of(SALES, 1.6).index)
    assert plain[on].sum() / true[on].sum() == pytest.approx(
        plain[~on].sum() / true[~on].sum(), rel=0.04
    )


def test_a_kind_never_seen_is_near_its_pool_and_wider(volume):
    sale, mail = during(volume, next_one("sale")), during(volume, next_one("mail"))
    mean, variance = during(volume, next_one("unheard of"))
    assert 0 < mean < max(sale[0], mail[0])
    assert variance > 2 * max(sale[1], mail[1])
    # Neither of the kinds that there are would surprise much.
    assert abs(mean - np.log(1.6)) < 2 * np.sqrt(variance)
    assert abs(mean - np.log(1.3)) < 2 * np.sqrt(variance)


def test_a_pool_never_seen_is_expected_to_do_nothing_sure(volume):
    mean, variance = during(volume, next_one("feast", pool="holiday"))
    assert mean == 0
    assert variance > during(volume, next_one("sale"))[1]


def test_more_events_of_a_kind_make_it_surer():
    widths = []
    for count in (1, 3, 6):
        rows = every(4, count, "sale")
        features = queue(DAYS, factors=factors_of(rows, 1.5), seed=4)
        effects = learn(features, events(*rows))
        widths.append(during(effects, next_one("sale"))[1])
    assert widths[0] > widths[1] > widths[2]


def test_an_event_that_has_been_is_known_better_than_the_next(volume):
    on = volume.on(history(), known_events())
    first = on[history()["date"] == SALES[0]["start"]].iloc[0]
    assert first["effect_var"] < during(volume, next_one("sale"))[1]


# --------------------------------------------------------------------------------- intensity


@settings(max_examples=20, deadline=None)
@given(intensity=st.floats(0.1, 4))
def test_extra_contacts_are_proportional_to_intensity(volume, intensity):
    once = effects_ahead(ahead(), next_one("sale"), volume)["effect"] - 1
    more = effects_ahead(ahead(), next_one("sale", intensity=intensity), volume)["effect"] - 1
    assert more.to_numpy() == pytest.approx(intensity * once.to_numpy(), abs=1e-9)


def test_twice_the_intensity_is_twice_the_extra_contacts_in_the_table(volume):
    days = pd.DataFrame({"date": ahead()["date"].unique()})
    days = days.assign(local=days["date"], usual=1000.0)
    table = [
        event_effects(volume, next_one("sale", intensity=i), days, KEY, "offered").iloc[0]
        for i in (1.0, 2.0)
    ]
    assert table[1]["extra"] == pytest.approx(2 * table[0]["extra"], rel=1e-6)
    assert table[0]["extra"] > 1000


def test_intensities_in_the_history_are_allowed_for():
    rows = [{**row, "intensity": i} for row, i in zip(SALES, (0.5, 1, 2, 1, 2), strict=True)]
    by_day = pd.concat([factors_of([row], 1 + 0.4 * row["intensity"]) for row in rows])
    effects = learn(queue(DAYS, factors=by_day, seed=2), events(*rows))
    for intensity in (0.5, 1.0, 2.0):
        mean, _ = during(effects, next_one("sale", intensity=intensity))
        assert np.exp(mean) == pytest.approx(1 + 0.4 * intensity, rel=0.08)


def test_handle_time_does_not_grow_with_intensity(handle_time):
    weak = handle_time.on(ahead(), next_one("sale", intensity=0.5))
    strong = handle_time.on(ahead(), next_one("sale", intensity=4.0))
    pd.testing.assert_frame_equal(weak, strong)
    assert np.exp(during(handle_time, next_one("sale"))[0]) == pytest.approx(1.25, rel=0.05)


def test_an_effect_however_strong_stays_a_positive_finite_factor(volume):
    for intensity in (1e-3, 1e3):
        told = effects_ahead(ahead(), next_one("sale", intensity=intensity), volume)
        assert np.isfinite(told).all(axis=None)
        assert (told["effect"] > 0).all()
        assert (told["effect_var"] >= 0).all()


# ------------------------------------------------------------------------------ order and state


def test_the_order_of_rows_does_not_matter(volume):
    features, told = history(), known_events()
    mixed = learn(features.sample(frac=1, random_state=1), told.sample(frac=1, random_state=2))
    asked = events(*SALES[:1], {"kind": "sale", "start": AHEAD, "days": 2, "event_id": "next"})
    straight = volume.on(ahead(), asked)
    turned = mixed.on(ahead().sample(frac=1, random_state=3), asked.iloc[::-1])
    pd.testing.assert_frame_equal(straight, turned.sort_index(), atol=1e-6, rtol=1e-6)


def test_the_order_of_what_is_asked_does_not_matter(volume):
    asked = events(*SALES, {"kind": "mail", "start": AHEAD, "days": 2, "event_id": "next"})
    straight = volume.on(ahead(), asked)
    turned = volume.on(ahead().sample(frac=1, random_state=3), asked.iloc[::-1])
    pd.testing.assert_frame_equal(straight, turned.sort_index(), atol=1e-10, rtol=1e-10)


def test_the_same_history_gives_the_same_bits(volume):
    again = learn(history(), known_events())
    assert dict(again.scales) == dict(volume.scales)
    pd.testing.assert_frame_equal(
        volume.on(ahead(), next_one("sale")), again.on(ahead(), next_one("sale")), check_exact=True
    )
    days = volume.design.frame[["date", "local"]].assign(usual=volume.usual)
    tables = [event_effects(e, known_events(), days, KEY, "offered") for e in (volume, again)]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_nothing_handed_in_is_changed():
    features, told = history(), known_events()
    before = features.copy(), told.copy()
    effects = learn(features, told)
    effects.on(features, told)
    pd.testing.assert_frame_equal(features, before[0])
    pd.testing.assert_frame_equal(told, before[1])


@pytest.mark.parametrize("which", ["volume", "handle_time"])
def test_a_saved_state_predicts_the_same(request, which):
    effects = request.getfixturevalue(which)
    back = from_state(json.loads(json.dumps(to_state(effects))))
    asked = events(
        *SALES,
        {"kind": "sale", "start": AHEAD, "days": 2, "intensity": 3.0, "event_id": "strong"},
        {"kind": "other", "start": AHEAD + DAY, "days": 2, "event_id": "new"},
    )
    for days in (history(), ahead()):
        pd.testing.assert_frame_equal(
            effects.on(days, asked), back.on(days, asked), atol=1e-9, rtol=1e-9
        )
    assert back.usual == pytest.approx(effects.usual, rel=1e-9)
    pd.testing.assert_frame_equal(back.surprise, effects.surprise, rtol=1e-9)
    assert to_state(back) == to_state(effects)


def test_a_saved_state_without_events_comes_back():
    effects = learn(history(), events())
    back = from_state(json.loads(json.dumps(to_state(effects))))
    pd.testing.assert_frame_equal(back.surprise, effects.surprise)
    on = back.on(ahead(), next_one("sale"))
    pd.testing.assert_frame_equal(on, effects.on(ahead(), next_one("sale")))


# -------------------------------------------------------------------------- overlap and moving


def test_overlapping_events_multiply(volume):
    sale, mail = next_one("sale"), next_one("mail", start=AHEAD + DAY)
    both = effects_ahead(ahead(), pd.concat([sale, mail], ignore_index=True), volume)["effect"]
    product = effects_ahead(ahead(), sale, volume)["effect"]
    product = product * effects_ahead(ahead(), mail, volume)["effect"]
    assert both.to_numpy() == pytest.approx(product.to_numpy())


def test_overlapping_events_of_the_history_are_told_apart():
    sales, mails = every(4, 5, "sale"), every(4, 3, "mail", first=42)
    mails += [{"kind": "mail", "start": row["start"] + DAY, "days": 2} for row in sales[:2]]
    by_day = factors_of(sales, 1.6).mul(factors_of(mails, 1.3), fill_value=1.0)
    effects = learn(queue(DAYS, factors=by_day, seed=6), events(*sales, *mails))
    assert np.exp(during(effects, next_one("sale"))[0]) == pytest.approx(1.6, rel=0.08)
    assert np.exp(during(effects, next_one("mail"))[0]) == pytest.approx(1.3, rel=0.08)


@pytest.mark.parametrize("days", [-9, 1, 14])
def test_a_moved_event_moves_its_effect(volume, days):
    at = effects_ahead(ahead(), next_one("sale"), volume).groupby(ahead()["date"]).first()
    moved = next_one("sale", start=AHEAD + days * DAY)
    there = effects_ahead(ahead(), moved, volume).groupby(ahead()["date"]).first()
    shifted = at.set_index(at.index + days * DAY)
    common = shifted.index.intersection(there.index)
    pd.testing.assert_frame_equal(shifted.loc[common], there.loc[common], check_freq=False)
    assert there["effect"].idxmax() == at["effect"].idxmax() + days * DAY


def test_events_that_reach_the_past_are_those_that_the_features_keep_for_it():
    # Else a backtest would miss what leads up to an event just after the history.
    assert max(BEFORE_DAYS.values()) + 1 == LEAD_UP_DAYS
