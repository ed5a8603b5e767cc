"""Invented centres: what came agrees with the truth that they tell."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from forecast.errors import ParamsError
from forecast.schema import HISTORY
from forecast.synthetic import DEFAULT_KINDS, CentreSpec, EventKind, make_centre

TABLES = ("history", "events", "truth", "effects", "day_effects", "unannounced")
KINDS = {kind.name: kind for kind in DEFAULT_KINDS}
HIDDEN = CentreSpec(unannounced=12, outages=6)


@pytest.fixture(scope="module")
def centre():
    return make_centre(HIDDEN, seed=7)


@pytest.fixture(scope="module")
def by_day(centre):
    """Sums of the history beside the truth, for open days."""
    history = centre.history
    sums = history.groupby(history["ds"].dt.tz_localize(None).dt.normalize())
    sums = sums[["offered", "answered", "talk_s", "hold_s", "wrap_s"]].sum()
    days = centre.truth.merge(sums, left_on="date", right_index=True, validate="one_to_one")
    return days.assign(rate=days["base_rate"] * days["volume_factor"])


def text_of(centre):
    return [getattr(centre, name).to_csv() for name in TABLES]


def test_same_seed_same_bytes():
    spec = CentreSpec(days=400, kinds=DEFAULT_KINDS[:1], unannounced=3, outages=2)
    assert text_of(make_centre(spec, seed=7)) == text_of(make_centre(spec, seed=7))


def test_another_seed_is_another_centre():
    spec = CentreSpec(days=400, kinds=DEFAULT_KINDS[:1], unannounced=3, outages=2)
    one, two = text_of(make_centre(spec, seed=7)), text_of(make_centre(spec, seed=8))
    assert all(a != b for a, b in zip(one, two, strict=True))


def test_history_keeps_its_contract(centre):
    pd.testing.assert_frame_equal(HISTORY.validate(centre.history), centre.history)
    parts = ["answered", "abandoned", "talk_s", "hold_s", "wrap_s", "wait_s"]
    assert centre.history[parts].notna().all(axis=None)


def test_what_is_offered_is_answered_or_abandoned(centre):
    history = centre.history
    assert (history["answered"] + history["abandoned"] == history["offered"]).all()
    share = history["abandoned"].sum() / history["offered"].sum()
    assert share == pytest.approx(centre.spec.abandoned_share, rel=0.02)


def test_counts_are_poisson_around_the_truth(by_day):
    assert by_day["offered"].sum() == pytest.approx(
        by_day["rate"].sum(), abs=4 * np.sqrt(by_day["rate"].sum())
    )
    z = (by_day["offered"] - by_day["rate"]) / np.sqrt(by_day["rate"])
    assert z.var() == pytest.approx(1, abs=4 * np.sqrt(2 / len(z)))
    assert z.abs().max() < 5


def test_handle_time_follows_the_truth(by_day, centre):
    handled = by_day["talk_s"] + by_day["hold_s"] + by_day["wrap_s"]
    expected = by_day["answered"] * by_day["base_aht_s"] * by_day["aht_factor"]
    z = (handled / expected - 1) * np.sqrt(by_day["answered"]) / centre.spec.aht_contact_cv
    assert abs(z.mean()) < 4 / np.sqrt(len(z))
    assert z.std() == pytest.approx(1, abs=0.15)


def test_days_without_events_have_the_mean_that_was_asked_for(centre):
    truth = centre.truth[centre.truth["base_rate"] > 0]
    assert (truth["base_rate"] / truth["noise"]).mean() == pytest.approx(1500)
    noise = np.log(truth["noise"])
    assert noise.std() == pytest.approx(centre.spec.noise_sd, rel=0.15)
    assert np.corrcoef(noise[1:], noise[:-1])[0, 1] > 0.3


def test_sundays_are_closed(centre):
    assert 6 not in set(centre.history["ds"].dt.day_of_week)
    sundays = centre.truth["date"].dt.day_of_week == 6
    assert ((centre.truth["base_rate"] == 0) == sundays).all()


def test_forty_events_in_three_years_as_planners_write_them(centre):
    events = centre.events
    assert len(events) == 40
    assert 13 <= (events["start"] >= "2023-01-01").sum() <= 17
    for event in events.itertuples():
        shortest, longest = KINDS[event.kind].days
        assert shortest <= (event.end - event.start).days <= longest
        assert 10 <= (event.start - event.announced_on).days <= 40
        assert event.start.day_of_week != 6
    assert set(events["intensity"]) == {0.5, 1.0, 2.0}
    assert events["event_id"].is_unique
    assert events["start"].is_monotonic_increasing


def test_effects_are_the_truth_recomputed_the_obvious_way(centre):
    base = centre.truth.set_index("date")["base_rate"]
    factors = {}
    for row in centre.day_effects.itertuples():
        factors.setdefault(row.date, {})[row.event_id] = row.volume_factor
    assert max(len(on) for on in factors.values()) > 1, "no two events overlap"
    events = centre.events.set_index("event_id")
    for effect in centre.effects.itertuples():
        extra, during = 0.0, []
        start, end = events.loc[effect.event_id, ["start", "end"]]
        for day, on in factors.items():
            if effect.event_id not in on:
                continue
            with_it = np.prod(list(on.values()))
            without = np.prod([f for name, f in on.items() if name != effect.event_id])
            extra += base[day] * (with_it - without)
            if start <= day < end and base[day] > 0:
                during.append(on[effect.event_id])
        assert effect.extra_contacts == pytest.approx(extra)
        assert effect.during_factor == pytest.approx(np.mean(during))


def test_overlapping_events_multiply(centre):
    product = centre.day_effects.groupby("date")[["volume_factor", "aht_factor"]].prod()
    told = centre.truth.set_index("date").loc[product.index, product.columns]
    pd.testing.assert_frame_equal(told, product)


def test_factors_are_one_far_from_events(centre):
    touched = pd.Series(False, index=centre.truth.index)
    dates = centre.truth["date"]
    for event in centre.events.itertuples():
        kind = KINDS[event.kind]
        lead, after = pd.Timedelta(days=kind.lead_days), pd.Timedelta(days=kind.after_days)
        touched |= (dates >= event.start - lead) & (dates < event.end + after)
    assert (centre.truth.loc[touched, "volume_factor"] > 1).all()
    far = centre.truth[~touched & ~dates.isin(centre.unannounced["date"])]
    assert len(far) > 300
    assert (far[["volume_factor", "aht_factor"]] == 1).all(axis=None)


def test_the_uplift_is_proportional_to_intensity_and_varies_by_event():
    kind = EventKind(name="sale", events=20, days=(4, 4), uplift=0.5, after=0.4, after_days=2)
    alike = make_centre(CentreSpec(kinds=(kind,), event_sd=0), seed=1)
    by_event = alike.events.merge(alike.effects, on="event_id")
    assert by_event["during_factor"].to_numpy() == pytest.approx(1 + 0.5 * by_event["intensity"])
    effects = alike.day_effects.merge(alike.events, on="event_id")
    fading = effects.loc[effects["day"] == 5, ["volume_factor", "intensity"]]
    assert fading["volume_factor"].to_numpy() == pytest.approx(1 + 0.05 * fading["intensity"])
    varied = make_centre(CentreSpec(kinds=(kind,)), seed=1)
    by_event = varied.events.merge(varied.effects, on="event_id")
    uplift = np.log((by_event["during_factor"] - 1) / by_event["intensity"])
    assert uplift.std() == pytest.approx(0.2, rel=0.4)


def test_a_sharp_event_is_highest_on_its_first_day(centre):
    launches = centre.day_effects[centre.day_effects["event_id"].str.startswith("launch")]
    for _, own in launches.groupby("event_id"):
        during = own.loc[own["part"] == "during", "volume_factor"]
        assert during.is_monotonic_decreasing
        assert own["volume_factor"].max() == during.iloc[0]


def test_hidden_causes_are_in_the_truth_and_in_no_event(centre):
    hidden = centre.unannounced
    assert hidden["kind"].value_counts().to_dict() == {"unannounced": 12, "outage": 6}
    assert not hidden["date"].isin(centre.day_effects["date"]).any()
    told = hidden.merge(centre.truth, on="date")
    whole = told[told["kind"] == "unannounced"]
    assert whole["volume_factor"].to_numpy() == pytest.approx(whole["factor"].to_numpy())
    part = told.loc[told["kind"] == "outage", "volume_factor"]
    assert part.between(0.3, 0.95).all()


def test_hardly_anything_comes_in_an_outage(centre):
    local = centre.history["ds"].dt.tz_localize(None)
    for outage in centre.unannounced.query("kind == 'outage'").itertuples():
        within = centre.history[(local >= outage.start) & (local < outage.end)]
        assert len(within) >= 4
        assert within["offered"].mean() < 5


def test_the_true_rates_of_intervals_add_up_to_their_days_and_counts_come_around_them(centre):
    rates = centre.rates.set_index("ds")["rate"]
    came = centre.history.set_index("ds")["offered"]
    assert rates.index.equals(came.index)
    chance = ((came - rates) / np.sqrt(rates.clip(lower=1))).to_numpy()
    assert abs(chance.mean()) < 0.05
    assert chance.std() == pytest.approx(1, abs=0.05)
    wanted = (centre.truth["base_rate"] * centre.truth["volume_factor"]).sum()
    assert rates.sum() == pytest.approx(wanted, rel=1e-6)


def test_hidden_causes_leave_the_days_and_the_events_as_they_were(centre):
    plain = make_centre(CentreSpec(), seed=7)
    assert plain.unannounced.empty
    pd.testing.assert_frame_equal(plain.events, centre.events)
    pd.testing.assert_series_equal(plain.truth["base_rate"], centre.truth["base_rate"])
    bare = make_centre(CentreSpec(kinds=()), seed=7)
    assert bare.events.empty
    assert bare.effects.empty
    assert (bare.truth["volume_factor"] == 1).all()
    pd.testing.assert_series_equal(bare.truth["base_rate"], centre.truth["base_rate"])
    for name in TABLES:
        assert (getattr(bare, name).dtypes == getattr(centre, name).dtypes).all(), name


def test_opening_hours_are_wall_time_over_both_clock_changes():
    spec = CentreSpec(zone="America/New_York", days=365, kinds=())
    local = make_centre(spec, seed=1).history["ds"].dt.tz_convert("America/New_York")
    assert local.dt.hour.min() == 8
    assert local.dt.hour.max() == 19
    assert set(local.groupby(local.dt.date).size()) == {24}


def test_round_the_clock_a_day_has_23_to_25_hours():
    spec = CentreSpec(
        zone="Europe/Berlin", days=365, kinds=(), interval_min=60,
        opens="00:00", closes="24:00", weekdays=(1,) * 7,
    )  # fmt: skip
    made = make_centre(spec, seed=1)
    local = made.history["ds"].dt.tz_convert("Europe/Berlin")
    assert local.groupby(local.dt.date).size().value_counts().to_dict() == {24: 363, 23: 1, 25: 1}
    assert made.history["offered"].sum() == pytest.approx(made.truth["base_rate"].sum(), rel=0.01)


def test_too_few_days_are_refused():
    with pytest.raises(ParamsError, match="days must be more for 40 events; found 150"):
        make_centre(CentreSpec(days=150), seed=1)
    with pytest.raises(ParamsError, match="at most 24, the open days"):
        make_centre(CentreSpec(days=28, kinds=(), unannounced=20, outages=5), seed=1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"zone": "Mars/Olympus"}, "no IANA time zone"),
        ({"opens": "20:00", "closes": "08:00"}, "one after the other"),
        ({"closes": "20:10"}, "starts of intervals of 30 minutes"),
        ({"weekdays": (0,) * 7}, "never open"),
        ({"kinds": DEFAULT_KINDS * 2}, "different names"),
        ({"promotions": 3}, "Extra inputs"),
    ],
)
def test_a_spec_that_cannot_be_is_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        CentreSpec(**changes)


def test_lengths_of_a_kind_are_shortest_then_longest():
    with pytest.raises(ValidationError, match="shortest, then the longest"):
        EventKind(name="sale", events=1, days=(5, 3), uplift=0.1)
