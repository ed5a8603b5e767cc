"""Findings: each is found where it was made, and none in a clean centre."""

import time
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from forecast.acd.quality import coverage, findings
from forecast.schema import FINDINGS, HISTORY
from tests.acd.centre import (
    NEW_YORK,
    RATES,
    at,
    centre,
    on,
    texts,
    wall,
    with_counts,
    without,
    zone_of,
)


@pytest.fixture(scope="module")
def clean():
    return centre()


@pytest.mark.parametrize("seed", range(20))
def test_a_clean_centre_has_no_findings(seed):
    found = findings(centre(seed, days=365), zone_of)
    assert found["text"].tolist() == []


def test_a_clean_centre_round_the_clock_has_no_findings_at_the_clock_changes():
    ds = pd.date_range("2023-01-01 05:00", periods=365 * 24, freq="h", tz="UTC", unit="us")
    offered = np.random.default_rng(3).poisson(12, len(ds))
    frame = pd.DataFrame({"site": "main", "queue": "night", "channel": "voice", "ds": ds})
    frame = frame.assign(minutes=60, offered=offered).reindex(columns=HISTORY.names)
    assert findings(HISTORY.validate(frame), zone_of).empty
    share = coverage(HISTORY.validate(frame), zone_of)["share"]
    assert (share == 1).all()


def test_findings_are_a_table_and_the_history_is_left_alone(clean):
    copy = clean.copy(deep=True)
    out = findings(without(clean, on(clean, "2023-03-06")), zone_of)
    assert FINDINGS.validate(out).equals(out)
    pd.testing.assert_frame_equal(clean, copy)


@pytest.mark.parametrize("rows", [0, 1, 2, 40])
def test_too_little_to_tell_is_no_finding_and_no_error(clean, rows):
    few = clean.head(rows)
    assert findings(few, zone_of).empty
    assert len(coverage(few, zone_of)) == wall(few).dt.normalize().nunique()


def test_a_site_out_for_two_days_is_one_finding(clean):
    out = on(clean, "2023-02-07") | on(clean, "2023-02-08")
    assert texts(without(clean, out), "outage") == [
        "7 to 8 February 2023: no report of any queue of site main. Nothing is filled in, and it "
        "counts as missing where the calendar is open."
    ]


def test_an_outage_over_a_closed_sunday_is_one_and_counts_its_days(clean):
    out = on(clean, "2023-02-11") | on(clean, "2023-02-13")
    found = findings(without(clean, out & (clean["queue"] == "q8")), zone_of)
    text = "11 to 13 February 2023: no report of queue q8 on 2 days that usually have one"
    assert [t.split(".")[0] for t in found["text"]] == [text]
    assert found["size"].tolist() == [2]


def test_a_long_outage_is_found(clean):
    local = wall(clean)
    out = (local >= "2023-02-06") & (local < "2023-03-20") & (clean["queue"] == "q9")
    assert texts(without(clean, out), "outage")[0].startswith("6 February to 18 March 2023:")


def test_outages_of_several_queues_at_once_are_one_finding(clean):
    some = clean["queue"].isin(["q7", "q8", "q9"]) & on(clean, "2023-03-08")
    more = (clean["queue"] == "q9") & on(clean, "2023-03-09")
    (text,) = texts(without(clean, some | more), "outage")
    assert text.startswith("8 to 9 March 2023: no report of queues q7, q8 and q9 on 1 to 2 of")


def test_a_queue_that_is_often_out_has_one_finding(clean):
    days = ["2023-02-07", "2023-02-23", "2023-03-10", "2023-03-29", "2023-04-18"]
    out = wall(clean).dt.strftime("%Y-%m-%d").isin(days) & (clean["queue"] == "q9")
    (text,) = texts(without(clean, out), "outage")
    assert "no report on 5 days that usually have one, 5 times between 7 February 2023" in text


def test_new_opening_days_are_no_outage_of_the_days_before_them(clean):
    early = wall(clean) < pd.Timestamp("2023-03-20")
    assert findings(without(clean, early & (wall(clean).dt.day_of_week == 5)), zone_of).empty


def test_a_single_worked_sunday_makes_no_other_sunday_an_outage(clean):
    sunday = clean[on(clean, "2023-03-11")].assign(ds=lambda f: f["ds"] + pd.Timedelta(days=1))
    assert texts(HISTORY.validate(pd.concat([clean, sunday])), "outage") == []


def test_days_without_rows_are_no_outage_where_zeros_are_left_out():
    found = findings(centre(zeros=False), zone_of)
    assert set(found["kind"]) == {"missing_share"}
    (text,) = found["text"]
    assert "set ingest.absent_rows: zero" in text
    assert "none with 0 contacts is there" in text


@pytest.mark.parametrize(
    ("factor", "kind"), [(0.1, "quiet_day"), (0.0, "quiet_day"), (5, "busy_day")]
)
def test_quiet_and_busy_days_are_found_and_nothing_else(clean, factor, kind):
    day = on(clean, "2023-03-15") & (clean["queue"] == "q9")
    odd = with_counts(clean, day, (clean["offered"] * factor).astype("int64"))
    found = findings(odd, zone_of)
    assert found["kind"].tolist() == [kind]
    assert found["text"][0].startswith("15 March 2023, a Wednesday: queue q9 has ")
    assert found["text"][0].endswith("stay in.")


def test_a_quiet_day_of_all_queues_is_one_finding(clean):
    odd = with_counts(clean, on(clean, "2023-02-20"), clean["offered"] // 10)
    (text,) = texts(odd, "quiet_day")
    assert text.startswith("20 February 2023, a Monday: queues q9, q8, q7 and ")
    assert "Unless it is a holiday, find out why" in text


def test_a_quiet_day_that_is_reported_in_part_says_so(clean):
    part = on(clean, "2023-03-15") & (clean["queue"] == "q9") & (wall(clean).dt.hour >= 9)
    (text,) = texts(without(clean, part), "quiet_day")
    assert "with 2 of the usual 24 intervals reported" in text


@pytest.mark.parametrize(
    "course",
    [
        lambda day: np.where(day >= 150, 8.0, 1.0),
        lambda day: np.where(day >= 150, 0.1, 1.0),
        lambda day: np.exp(day / 60),
        lambda day: np.exp(-day / 60),
    ],
)
def test_saturdays_steps_and_trends_are_not_quiet_or_busy(course):
    assert findings(centre(days=280, course=course), zone_of)["text"].tolist() == []


def test_a_tiny_queue_is_not_quiet_when_nobody_calls(clean):
    day = on(clean, "2023-03-15") & clean["queue"].isin(["q0", "q1", "q2"])
    assert findings(with_counts(clean, day, 0), zone_of).empty


def test_single_counts_that_are_hard_to_believe_are_found(clean):
    stamp = "2023-03-15 11:00"
    (text,) = texts(with_counts(clean, at(clean, "q5", stamp), 4000), "outlier")
    assert text.startswith("15 March 2023, 11:00: queue q5 has 4,000 contacts where ")
    (text,) = texts(with_counts(clean, at(clean, "q9", stamp), 0), "outlier")
    assert text.startswith("15 March 2023, 11:00: queue q9 has 0 contacts where ")


def test_an_outlier_does_not_make_its_day_busy(clean):
    odd = with_counts(clean, at(clean, "q5", "2023-03-15 11:00"), 4000)
    assert findings(odd, zone_of)["kind"].tolist() == ["outlier"]


@pytest.mark.parametrize(("hours", "factor"), [((16, 19), 9), ((10, 15), 0)])
def test_part_of_a_day_that_is_off_is_one_outlier(clean, hours, factor):
    hour = wall(clean).dt.hour
    part = on(clean, "2023-03-15") & (clean["queue"] == "q9") & hour.between(hours[0], hours[1] - 1)
    found = findings(with_counts(clean, part, clean["offered"] * factor), zone_of)
    told = f"{2 * (hours[1] - hours[0])} intervals from {hours[0]:02d}:00: queue q9"
    assert found["kind"].tolist() == ["outlier"]
    assert told in found["text"][0]


def test_late_starts_and_early_ends_are_named(clean):
    day = pd.Timestamp("2023-03-20")
    late = (clean["queue"] == "q8") & (wall(clean) < day)
    early = (clean["queue"] == "q9") & (wall(clean) >= day)
    moved = without(clean, late | early)
    assert texts(moved, "started")[0].startswith(
        "Queue q8 has its first report on 20 March 2023, 77 days after its site"
    )
    assert texts(moved, "ended")[0].startswith("Queue q9 has its last report on 18 March 2023")
    assert set(findings(moved, zone_of)["kind"]) == {"started", "ended"}


def test_absent_intervals_are_told_against_usual_hours(clean):
    gap = on(clean, "2023-03-15") & (clean["queue"] == "q5") & wall(clean).dt.hour.between(10, 15)
    (text,) = texts(without(clean, gap), "missing_share")
    assert text.startswith("Queue q5: 12 of ")
    assert "most on 15 March 2023 (12 of 24)" in text


def test_new_opening_hours_are_no_absent_intervals(clean):
    evening = (wall(clean).dt.hour >= 18) & (wall(clean) < pd.Timestamp("2023-03-20"))
    assert findings(without(clean, evening), zone_of).empty


def test_a_cut_export_is_named(clean):
    last = wall(clean).max().normalize()
    cut = without(clean, wall(clean) >= last + pd.Timedelta(hours=12))
    (text,) = texts(cut, "cut_short")
    assert "the last day of queues q0, q1, q2 and 7 more, has 8 intervals of q0" in text
    assert texts(cut, "missing_share") == []


def test_sites_have_their_own_days_and_are_named_where_there_are_several(clean):
    tokyo = clean[clean["queue"] == "q9"].assign(site="tokyo")
    both = HISTORY.validate(pd.concat([clean, tokyo]))

    def zones(site):
        return ZoneInfo("Asia/Tokyo") if site == "tokyo" else NEW_YORK

    out = both["ds"].dt.tz_convert("Asia/Tokyo").dt.strftime("%Y-%m-%d") == "2023-03-08"
    found = findings(without(both, out & (both["site"] == "tokyo")), zones)
    assert [t.split(".")[0] for t in found["text"]] == [
        "8 March 2023: no report of queue q9 of site tokyo"
    ]


def test_coverage_tells_absent_from_closed_and_not_started(clean):
    half = on(clean, "2023-03-15") & (wall(clean).dt.hour >= 14)
    late = wall(clean) < pd.Timestamp("2023-01-16")
    gaps = (half | on(clean, "2023-03-16") | late) & (clean["queue"] == "q9")
    shown = coverage(without(clean, gaps), zone_of)
    own = shown[shown["queue"] == "q9"].set_index("date")
    share = own["share"]
    assert share["2023-03-15"] == 0.5
    assert share["2023-03-16"] == 0
    assert np.isnan(share["2023-03-12"])
    assert share[:"2023-01-15"].isna().all()
    assert set(share.drop(["2023-03-15", "2023-03-16"]).dropna()) == {1.0}
    assert shown.groupby("queue").size().nunique() == 1
    assert own["offered"].sum() == without(clean, gaps).query("queue == 'q9'")["offered"].sum()


def test_a_million_rows_take_seconds():
    history = centre(days=730, rates=RATES * 2, step=5)
    assert len(history) > 1_000_000
    begin = time.perf_counter()
    findings(history, zone_of)
    coverage(history, zone_of)
    assert time.perf_counter() - begin < 15
