"""Days and hours that nobody announced are found, and hardly anything else."""

import numpy as np
import pandas as pd
import pytest

from forecast.effects.learn import learn
from forecast.effects.unexplained import unexplained
from forecast.synthetic import CentreSpec
from tests.effects.worlds import DAY, KEY, START, cells_of_centre, events, every, factors_of, queue

# Thresholds were chosen on seeds 0 to 9.
SEEDS = (20, 21, 22)
HIDDEN = CentreSpec(unannounced=12, outages=6)
YEARS = CentreSpec().days / 365
HOUR = pd.Timedelta(hours=1)


def listed(features, told, interval_min=60):
    return unexplained(features, learn(features, told), KEY, interval_min)


def overlapping(table, start, end):
    return table[(table["start"] < end) & (table["end"] > start)]


# ----------------------------------------------------------------------------- invented centres


@pytest.fixture(scope="module")
def hidden():
    """By seed: the true hidden causes, and what is listed."""
    out = {}
    for seed in SEEDS:
        centre, features, told = cells_of_centre(HIDDEN, seed)
        out[seed] = centre.unannounced, listed(features, told, 30)
    return out


@pytest.mark.slow
def test_hidden_causes_are_found(hidden):
    found = []
    for causes, table in hidden.values():
        clear = causes[(causes["factor"] > 1.5) | (causes["factor"] < 0.6)]
        assert len(clear) > 10
        for cause in clear.itertuples():
            found.append(len(overlapping(table, cause.start, cause.end)) > 0)
    assert np.mean(found) >= 0.9


@pytest.mark.slow
def test_what_is_listed_is_told_as_it_was(hidden):
    for causes, table in hidden.values():
        for cause in causes.itertuples():
            for entry in overlapping(table, cause.start, cause.end).itertuples():
                quiet = cause.factor < 1
                assert (entry.size < 0) == quiet
                assert entry.what in ({"quiet", "silent"} if quiet else {"busy"})
                assert entry.size == pytest.approx(entry.offered - entry.expected)
                if entry.end - entry.start == cause.end - cause.start:
                    share = entry.offered / entry.expected
                    assert share == pytest.approx(cause.factor, abs=0.25)
        outages = causes[causes["kind"] == "outage"]
        silent = table[table["what"] == "silent"]
        assert len(silent) >= 0.8 * len(outages)


@pytest.mark.slow
def test_hardly_anything_is_listed_where_nothing_is_hidden(hidden):
    for seed in SEEDS:
        causes, table = hidden[seed]
        beside = [not len(overlapping(causes, row.start, row.end)) for row in table.itertuples()]
        assert sum(beside) <= 3 * YEARS
        _, features, told = cells_of_centre(CentreSpec(), seed)
        assert len(listed(features, told, 30)) <= 3 * YEARS


@pytest.mark.slow
def test_causes_that_are_named_leave_the_list():
    """Named as events of a kind, and outages kept out as FEATURES keep them out."""
    centre, features, told = cells_of_centre(HIDDEN, SEEDS[0])
    causes = centre.unannounced
    named = events(
        *[
            {"kind": "rush" if cause.factor > 1 else "lull", "start": cause.start,
             "end": cause.end, "event_id": f"named{i}"}
            for i, cause in enumerate(causes.itertuples())
            if cause.kind == "unannounced"
        ]
    )  # fmt: skip
    local = features["date"] + pd.to_timedelta(features["slot_min"], unit="min")
    kept = features
    for cause in causes[causes["kind"] == "outage"].itertuples():
        kept = kept.assign(y=kept["y"].mask((local >= cause.start) & (local < cause.end)))
    before = listed(features, told, 30)
    after = listed(kept, pd.concat([told, named], ignore_index=True), 30)
    assert len(before) >= 16
    still = [len(overlapping(after, c.start, c.end)) > 0 for c in causes.itertuples()]
    assert np.mean(still) <= 0.1
    assert len(after) <= 3


# -------------------------------------------------------------------------------- small queues


def with_change(first, last, factor, hours=None):
    features = queue(120, seed=7)
    at = features["date"].between(START + first * DAY, START + last * DAY)
    if hours:
        at &= features["slot_min"].between(60 * hours[0], 60 * hours[1] - 1)
    return features.assign(y=features["y"].where(~at, (features["y"] * factor).round()))


def test_an_ordinary_queue_has_nothing_unexplained():
    assert listed(queue(120, seed=7), events()).empty


def test_a_busy_day_is_one_entry():
    table = listed(with_change(50, 50, 2.0), events())
    assert len(table) == 1
    entry = table.iloc[0]
    assert entry["start"] == START + 50 * DAY
    assert entry["end"] == START + 51 * DAY
    assert entry["what"] == "busy"
    assert entry["offered"] / entry["expected"] == pytest.approx(2, rel=0.1)
    assert entry["z"] > 4


def test_neighbouring_days_to_one_side_are_one_entry():
    table = listed(with_change(50, 52, 0.4), events())
    assert len(table) == 1
    assert table["start"].iloc[0] == START + 50 * DAY
    assert table["end"].iloc[0] == START + 53 * DAY
    assert table["what"].iloc[0] == "quiet"


def test_neighbouring_days_to_two_sides_are_two_entries():
    features = with_change(50, 50, 2.0)
    other = with_change(51, 51, 0.3)
    features = features.assign(
        y=features["y"].where(features["date"] != START + 51 * DAY, other["y"])
    )
    assert listed(features, events())["what"].tolist() == ["busy", "quiet"]


def test_silent_hours_are_named_by_the_hour():
    table = listed(with_change(50, 50, 0.0, hours=(10, 12)), events())
    assert len(table) == 1
    entry = table.iloc[0]
    assert entry["start"] == START + 50 * DAY + 10 * HOUR
    assert entry["end"] == START + 50 * DAY + 12 * HOUR
    assert entry["what"] == "silent"
    assert entry["offered"] == 0


def test_an_outage_that_empties_a_day_is_named_by_its_hours():
    table = listed(with_change(50, 50, 0.0, hours=(10, 14)), events())
    assert len(table) == 1
    assert table["start"].iloc[0] == START + 50 * DAY + 10 * HOUR
    assert table["end"].iloc[0] == START + 50 * DAY + 14 * HOUR
    assert table["what"].iloc[0] == "silent"


def test_a_day_that_is_dead_for_the_most_part_is_one_entry():
    table = listed(with_change(50, 50, 0.0, hours=(8, 17)), events())
    assert table["start"].tolist() == [START + 50 * DAY]
    assert table["what"].tolist() == ["quiet"]


def test_a_divided_day_with_two_sides_is_listed_by_its_hours():
    """Before the spot it is too busy, after it too quiet: no two entries begin alike."""
    spots = [
        {"kind": "spot", "start": START + (d * 24 + 12) * HOUR, "end": START + (d * 24 + 14) * HOUR}
        for d in range(10, 111, 8)
    ]
    morning = with_change(50, 50, 2.0, hours=(8, 12))
    evening = with_change(50, 50, 0.5, hours=(14, 20))
    late = (morning["date"] == START + 50 * DAY) & (morning["slot_min"] >= 14 * 60)
    table = listed(morning.assign(y=morning["y"].where(~late, evening["y"])), events(*spots))
    assert table["what"].tolist() == ["busy", "quiet"]
    assert table["start"].iloc[0] == START + 50 * DAY + 8 * HOUR
    assert table["end"].iloc[1] == START + 50 * DAY + 20 * HOUR


def test_a_missing_day_is_no_event():
    features = queue(120, seed=7)
    gone = features["date"] == START + 50 * DAY
    assert listed(features.assign(y=features["y"].mask(gone)), events()).empty


def test_days_that_an_event_explains_are_not_listed():
    sales = every(4, 3, "sale", days=1)
    features = queue(120, factors=factors_of(sales, 1.8), seed=7)
    assert len(listed(features, events())) == 3
    assert listed(features, events(*sales)).empty


def test_hours_that_an_event_explains_are_not_listed():
    spots = [
        {"kind": "spot", "start": START + (20 + 9 * i) * DAY + pd.Timedelta(hours=18),
         "end": START + (20 + 9 * i) * DAY + pd.Timedelta(hours=20)}
        for i in range(10)
    ]  # fmt: skip
    hours = pd.DatetimeIndex(
        [row["start"] + pd.Timedelta(hours=h) for row in spots for h in (0, 1)]
    )
    features = queue(120, factors=pd.Series(2.0, index=hours), seed=7)
    without = listed(features, events())
    assert len(without) == 10
    assert without["start"].tolist() == [row["start"] for row in spots]
    assert listed(features, events(*spots)).empty


def test_the_order_of_rows_does_not_matter():
    features = with_change(50, 50, 0.0, hours=(10, 12))
    straight = listed(features, events())
    mixed = listed(features.sample(frac=1, random_state=1), events())
    pd.testing.assert_frame_equal(straight, mixed, rtol=1e-3)
