"""Hours within days, gaps, outages, tiny queues and histories that are hardly there."""

import numpy as np
import pandas as pd
import pytest

from forecast.effects.apply import effects_ahead, learned, without_effects
from forecast.effects.explain import explain
from forecast.effects.learn import AT_ONCE, REMEMBERED_DAYS, learn
from forecast.effects.positions import BEFORE, DURING, split_at_moments
from forecast.effects.state import from_state, to_state
from forecast.effects.tables import event_effects, kind_effects
from forecast.effects.unexplained import unexplained
from tests.effects.worlds import DAY, HOURS, KEY, START, events, every, factors_of, queue

DAYS = 200
SALES = every(4, 6, "sale")
NEXT = {"kind": "sale", "start": START + 210 * DAY, "days": 2, "event_id": "next"}


def ahead(days=30):
    return queue(days, start=START + DAYS * DAY).assign(y=np.nan, handled=np.nan, aht_s=np.nan)


def told_of_next(features, *rows):
    """Return the factor and variance that the next sale has on its first day."""
    effects = learn(features, events(*rows))
    told = effects_ahead(ahead(), events(NEXT), effects)
    return told[ahead()["date"] == NEXT["start"]].iloc[0]


def all_tables(features, told, target="offered"):
    """Return everything that is made of a history, checked to be finite."""
    effects = learn(features, told, target=target)
    days = effects.design.frame[["date", "local"]].assign(usual=effects.usual)
    out = [
        event_effects(effects, told, days, KEY, target),
        kind_effects(effects, KEY, target),
        effects.on(features, told),
        without_effects(features, effects)[["y"]],
    ]
    if target == "offered":
        out.append(unexplained(features, effects, KEY, 60))
    if target == "aht_s":
        out[0] = out[0].drop(columns=["extra", "extra_q05", "extra_q95"])
    for table in out:
        assert np.isfinite(table.select_dtypes("number")).all(axis=None)
    assert np.isfinite(effects.surprise).all(axis=None)
    assert np.isfinite(effects.usual).all()
    return effects, out


# ---------------------------------------------------------------------------------- timed events

SPOTS = [
    {"kind": "spot", "start": START + (20 + 9 * i) * DAY + pd.Timedelta(hours=12),
     "end": START + (20 + 9 * i) * DAY + pd.Timedelta(hours=14)}
    for i in range(18)
]  # fmt: skip


def spot_hours(factor):
    hours = [row["start"] + pd.Timedelta(hours=h) for row in SPOTS for h in range(2)]
    return pd.Series(factor, index=pd.DatetimeIndex(hours))


def test_a_spot_acts_on_its_hours_and_splits_its_day():
    features = queue(DAYS, factors=spot_hours(2.0), seed=3)
    effects = learn(features, events(*SPOTS))
    cells = effects.design.frame
    on_air = cells[cells["date"] == SPOTS[0]["start"].normalize()]
    assert on_air["local"].dt.hour.tolist() == [8, 12, 14]
    assert len(cells) == DAYS + 2 * len(SPOTS)
    when = START + 210 * DAY
    spot = {"kind": "spot", "start": when + pd.Timedelta(hours=17),
            "end": when + pd.Timedelta(hours=19), "event_id": "next"}  # fmt: skip
    told = effects_ahead(ahead(), events(spot), effects)
    hour = ahead()["ds"].dt.hour
    by_hour = told["effect"][ahead()["date"] == when].set_axis(hour[ahead()["date"] == when])
    assert by_hour.loc[[17, 18]].to_numpy() == pytest.approx(2.0, rel=0.05)
    assert by_hour.drop([17, 18]).to_numpy() == pytest.approx(1.0, abs=0.04)
    quiet = told["effect"][ahead()["date"] == when + DAY]
    assert quiet.to_numpy() == pytest.approx(1.0, abs=0.04)


def test_a_spot_between_two_intervals_begins_with_the_next():
    spot = events({"kind": "spot", "start": "2024-01-05 10:20", "end": "2024-01-05 11:40"})
    local = pd.Series(pd.date_range("2024-01-05 09:00", periods=5, freq="h", unit="us"))
    parts = split_at_moments(local.dt.normalize(), local, spot)
    assert parts.tolist() == [0, 0, 1, 2, 2]


def test_a_spot_shorter_than_an_interval_is_on_in_it():
    short = [{**row, "start": row["start"] + pd.Timedelta(minutes=10),
              "end": row["start"] + pd.Timedelta(minutes=11)} for row in SPOTS]  # fmt: skip
    aired = pd.Series(2.0, index=pd.DatetimeIndex([row["start"] for row in SPOTS]))
    effects = learn(queue(DAYS, factors=aired, seed=3), events(*short))
    when = START + 210 * DAY
    spot = {"kind": "spot", "start": when + pd.Timedelta("17:20:00"),
            "end": when + pd.Timedelta("17:21:00"), "event_id": "next"}  # fmt: skip
    told = effects_ahead(ahead(), events(spot), effects)
    on = ahead()["date"] == when
    by_hour = told["effect"][on].set_axis(ahead()["ds"].dt.hour[on])
    assert by_hour.loc[17] == pytest.approx(2.0, rel=0.1)
    assert by_hour.drop(17).to_numpy() == pytest.approx(1.0, abs=0.06)


def test_an_event_over_midnight_splits_both_days():
    night = {"kind": "night", "start": START + 30 * DAY + pd.Timedelta(hours=18),
             "end": START + 31 * DAY + pd.Timedelta(hours=10)}  # fmt: skip
    effects = learn(queue(60), events(night))
    belief = effects.at(effects.design.frame, effects.design.events)
    frame = effects.design.frame.iloc[belief.pairs.cell]
    on = frame[belief.pairs.phase == DURING]
    assert on["local"].dt.strftime("%d %H").tolist() == ["31 18", "01 08"]
    first = frame[(belief.pairs.phase == BEFORE) & (frame["date"] == START + 30 * DAY)]
    assert first["local"].dt.hour.tolist() == [8]


# ---------------------------------------------------------------------- gaps, outages, zero days


@pytest.fixture(scope="module")
def whole():
    return queue(DAYS, factors=factors_of(SALES, 1.5), seed=5)


def test_days_reported_in_part_do_not_bend_effects(whole):
    on_sale = whole["date"].isin(factors_of(SALES, 1.5).index)
    # Of every sale only the mornings are there, and of every tenth day only the evenings.
    morning = whole["slot_min"] < 13 * 60
    tenth = (whole["date"] - START).dt.days % 10 == 3
    gone = (on_sale & ~morning) | (tenth & ~on_sale & morning)
    plain, parts = told_of_next(whole, *SALES), told_of_next(
        whole.assign(y=whole["y"].mask(gone)), *SALES
    )  # fmt: skip
    assert parts["effect"] == pytest.approx(plain["effect"], rel=0.03)
    assert parts["effect"] == pytest.approx(1.5, rel=0.06)


def test_missing_days_and_rows_do_not_bend_effects(whole):
    week = whole["date"].between(START + 60 * DAY, START + 69 * DAY)
    plain, gaps = told_of_next(whole, *SALES), told_of_next(whole[~week], *SALES)
    assert gaps["effect"] == pytest.approx(plain["effect"], rel=0.04)


def test_missing_is_not_zero(whole):
    """Days without a count and days without rows are one and the same."""
    gone = whole["date"].between(START + 60 * DAY, START + 69 * DAY)
    empty, absent = whole.assign(y=whole["y"].mask(gone)), whole[~gone]
    one, two = (learn(features, events(*SALES)) for features in (empty, absent))
    pd.testing.assert_frame_equal(one.on(ahead(), events(NEXT)), two.on(ahead(), events(NEXT)))


def test_closed_intervals_change_nothing(whole):
    closed = whole.assign(
        ds=whole["ds"] + pd.Timedelta(hours=HOURS), slot_min=0, open_min=0.0, y=0.0
    )
    both = pd.concat([whole, closed]).sort_values(["date", "open_min"])
    one, two = (learn(features, events(*SALES)) for features in (whole, both))
    pd.testing.assert_frame_equal(
        one.on(ahead(), events(NEXT)), two.on(ahead(), events(NEXT)), atol=1e-6
    )


@pytest.mark.parametrize("where", ["far from events", "before an event", "in an event"])
def test_a_dead_day_of_a_busy_queue_does_not_bend_effects(whole, where):
    day = {"far from events": 45, "before an event": 27, "in an event": 28}[where]
    dead = whole.assign(y=whole["y"].mask(whole["date"] == START + day * DAY, 0.0))
    plain, told = told_of_next(whole, *SALES), told_of_next(dead, *SALES)
    assert told["effect"] == pytest.approx(plain["effect"], rel=0.05)
    assert told["effect_var"] < 4 * plain["effect_var"]


def test_an_outage_of_hours_does_not_bend_effects(whole):
    hours = (whole["date"] == START + 85 * DAY) & whole["slot_min"].between(600, 900)
    out = whole.assign(y=whole["y"].mask(hours, 0.0))
    plain, told = told_of_next(whole, *SALES), told_of_next(out, *SALES)
    assert told["effect"] == pytest.approx(plain["effect"], rel=0.03)


def test_one_wild_event_of_six_does_not_set_its_kind(whole):
    wild = factors_of(SALES[2:3], 6.0)
    told = told_of_next(whole.assign(y=whole["y"] * whole["date"].map(wild).fillna(1.0)), *SALES)
    assert told["effect"] == pytest.approx(1.5, rel=0.25)


# ---------------------------------------------------------------------------------- little to see


def test_a_tiny_queue_gives_finite_numbers_and_hardly_a_claim():
    features = queue(DAYS, per_hour=0.2, factors=factors_of(SALES, 1.5), seed=9)
    assert features["y"].mean() == pytest.approx(0.3, abs=0.05)
    effects, _ = all_tables(features, events(*SALES))
    told = effects_ahead(ahead(), events(NEXT), effects)
    assert told["effect"].between(0.6, 2.5).all()
    assert told["effect_var"].max() > 0.01


def test_a_tiny_queue_is_not_told_off():
    """Counts of 0 and 1 lie far from nothing: hardly a day is listed, no effect is found."""
    sizes, listed = [], 0
    for seed in range(6):
        features = queue(365, per_hour=0.2, seed=seed, noise_sd=0)
        effects = learn(features, events(*SALES))
        told = effects_ahead(ahead(), events(NEXT), effects)
        sizes.append(np.log(told["effect"]).iloc[(NEXT["start"] - START).days - DAYS])
        listed += len(unexplained(features, effects, KEY, 60))
    assert abs(np.mean(sizes)) < 0.1
    assert listed <= 6


def test_a_queue_without_a_single_contact():
    features = queue(60, per_hour=0.0)
    effects, tables = all_tables(features, events(*SALES[:2]))
    assert np.exp(tables[2]["log_effect"]).to_numpy() == pytest.approx(1, abs=0.05)
    assert learn(features, events(*SALES[:2]), target="aht_s") is None
    assert unexplained(features, effects, KEY, 60).empty


@pytest.mark.parametrize("days", [1, 2, 14])
@pytest.mark.parametrize("target", ["offered", "aht_s"])
def test_a_short_history_works(days, target):
    sale = {"kind": "sale", "start": START + (days // 2) * DAY, "days": 1}
    features = queue(days, factors=factors_of([sale], 1.5))
    effects, _ = all_tables(features, events(sale), target)
    told = effects.on(ahead(), events(NEXT))
    # One event in a fortnight says little; the pool's own width is not forgotten.
    assert told["effect_var"].max() > 0.01
    assert np.exp(told["log_effect"]).between(0.8, 1.7).all()
    back = from_state(to_state(effects))
    pd.testing.assert_frame_equal(back.on(ahead(), events(NEXT)), told, rtol=1e-9)


def test_two_weeks_without_events_give_an_event_ahead_the_expected_width():
    effects = learn(queue(14), events())
    told = effects_ahead(ahead(), events(NEXT), effects)
    first = told[ahead()["date"] == NEXT["start"]].iloc[0]
    assert first["effect"] == 1
    assert first["effect_var"] == pytest.approx(0.15**2 + 0.4**2 + 0.1**2)


def test_a_history_without_any_open_day_teaches_nothing(whole):
    closed = whole.assign(open_min=0.0, y=0.0)
    unreported = whole.assign(y=np.nan)
    for features in (closed, unreported, whole.iloc[:0]):
        for target in ("offered", "aht_s"):
            assert learn(features, events(*SALES), target=target) is None
        assert learned(features, events(*SALES)) is None
    told = effects_ahead(ahead(), events(NEXT), None)
    assert (told["effect"] == 1).all()


def test_handle_times_that_are_missing_or_zero_are_left_out(whole):
    missing = whole.assign(aht_s=whole["aht_s"].mask(whole["slot_min"] < 700))
    plain = learn(whole, events(*SALES), target="aht_s").on(ahead(), events(NEXT))
    told = learn(missing, events(*SALES), target="aht_s").on(ahead(), events(NEXT))
    pd.testing.assert_frame_equal(told, plain, atol=0.01)
    dead = whole.assign(aht_s=whole["aht_s"].mask(whole["date"] == START + 45 * DAY, 0.0))
    effects, _ = all_tables(dead, events(*SALES), "aht_s")
    told = effects.on(ahead(), events(NEXT))
    pd.testing.assert_frame_equal(told, plain, atol=0.02)


def test_of_a_long_history_the_last_years_are_learned_from():
    features = queue(4 * 366, seed=11)
    odd = features["date"] == START + 1200 * DAY
    features = features.assign(y=features["y"].where(~odd, features["y"] * 2))
    effects = learn(features, events(*every(12, 16, "sale")))
    assert len(effects.design) == REMEMBERED_DAYS
    found = unexplained(features, effects, KEY, 60)
    assert found["start"].tolist() == [START + 1200 * DAY]


def test_an_event_that_no_day_of_the_history_knows(whole):
    """Far ahead or long ago, it is in EVENTS and changes nothing that is learned."""
    far = [{"kind": "sale", "start": START + d * DAY, "days": 2, "event_id": f"far{d}"}
           for d in (-400, 900)]  # fmt: skip
    one, two = learn(whole, events(*SALES)), learn(whole, events(*SALES, *far))
    pd.testing.assert_frame_equal(one.on(ahead(), events(NEXT)), two.on(ahead(), events(NEXT)))
    assert kind_effects(two, KEY, "offered")["known_events"].unique().tolist() == [6]


def test_tables_say_on_what_they_rest(whole):
    effects = learn(whole, events(*SALES))
    future = ahead()[["date"]].drop_duplicates().assign(usual=1000.0)
    days = pd.concat(
        [
            effects.design.frame[["date", "local"]].assign(usual=effects.usual),
            future.assign(local=future["date"]),
        ],
        ignore_index=True,
    )
    told = events(*SALES, NEXT, {**NEXT, "kind": "unheard", "event_id": "new"})
    table = event_effects(effects, told, days, KEY, "offered").set_index("event_id")
    assert table["basis"].value_counts().to_dict() == {"own": 6, "kind": 1, "pool": 1}
    assert table["known_events"].tolist() == [6] * 6 + [0, 6]
    past = table[table["basis"] == "own"]
    truth = 0.5 * queue(DAYS, seed=None).groupby("date")["y"].sum()
    for event, row in past.iterrows():
        first = table.loc[event, "start"]
        true = truth.loc[first : first + DAY].sum()
        assert row["extra_q05"] < row["extra"] < row["extra_q95"]
        assert row["extra"] == pytest.approx(true, rel=0.5)
        assert row["peak_date"] in (first, first + DAY)
    width = np.log(table["during_q95"] / table["during_q05"])
    assert width["new"] > 2 * width["next"] > 2 * width["e00"]


def test_a_few_cells_at_a_time_are_told_as_all_at_once(whole):
    effects = learn(whole, events(*SALES))
    frame, told = effects.design.frame, effects.design.events
    assert len(frame) > 2 * AT_ONCE
    for few, all_at_once in zip(
        effects.of_cells(frame, told), effects.at(frame, told).of_cells(len(frame)), strict=True
    ):
        np.testing.assert_allclose(few, all_at_once, atol=1e-12)


def test_an_event_whose_kind_is_called_as_a_holiday_is_no_holiday(whole):
    kind = "holiday: Fair"
    fair = {"kind": kind, "start": START + 100 * DAY, "event_id": "fair", "pool": "holiday"}
    market = {"kind": kind, "start": START + 130 * DAY, "event_id": "market"}
    effects = learn(whole, events(*SALES, fair, market))
    table = kind_effects(effects, KEY, "offered")
    both = table[table["kind"] == kind].groupby("pool")
    assert both["known_events"].unique().map(list).to_dict() == {"event": [1], "holiday": [1]}
    assert both.size().to_dict() == {"event": 7 + 1 + 35, "holiday": 5 + 1 + 7}
    days = effects.design.frame[["date", "local"]].assign(usual=effects.usual)
    told = event_effects(effects, effects.design.events, days, KEY, "offered")
    assert told.set_index("event_id").loc[["fair", "market"], "known_events"].tolist() == [1, 1]


def test_kinds_are_told_day_by_day(whole):
    effects = learn(whole, events(*SALES))
    table = kind_effects(effects, KEY, "offered")
    assert table.groupby("phase").size().to_dict() == {"after": 35, "before": 7, "during": 2}
    on = table[table["phase"] == "during"]
    assert on["effect"].to_numpy() == pytest.approx(1.5, rel=0.08)
    assert (table["effect_q05"] < table["effect"]).all()
    off = table[(table["phase"] != "during") & (table["day"] > 1)]
    assert off["effect"].to_numpy() == pytest.approx(1.0, abs=0.05)


def test_effects_are_told_without_any_day_ahead():
    features, told = queue(DAYS), events(*SALES)
    none = ahead().head(0).assign(usual=0.0)
    effects = learn(features, told)
    found = explain(
        features, none, told, KEY, volume=effects, handle_time=None, interval_min=60
    ).event_effects
    assert set(found["event_id"]) == set(told["event_id"])
