"""FEATURES: missing, zero and closed stay three things, and nothing of the future leaks."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import InputError
from forecast.features import (
    end_of_history,
    first_unknown_day,
    known_at,
    lead_days,
    missing_days,
    past_and_ahead,
    reaching,
)
from forecast.params import Params
from forecast.schema import EVENTS, FEATURES, events_at
from forecast.store import write_table
from tests.calendars.calls import WORKDAYS, make_calls, together, workdays
from tests.conftest import Told, raw_event, told_of

NEW_YORK = "America/New_York"
WEEK = workdays("2003-05-05", "2003-05-09")
ORDINARY = {"gap_days": 1, "after_closure": 0, "before_closure": 0, "holiday_open": 0}


@pytest.fixture(scope="session")
def bank(params: Params) -> Params:
    """Weekdays 08:00 to 18:00 in New York; open on Columbus Day."""
    window = {"days": WORKDAYS, "opens": "08:00", "closes": "18:00"}
    changes = {
        "ingest": {"timezone": NEW_YORK, "site_timezones": {"island": "Australia/Lord_Howe"}},
        "calendars": {
            "country": "US",
            "open_on_holidays": ["Columbus Day"],
            "opening_hours": [window],
        },
        "features.interval_min": 30,
        "forecast.horizon_days": 7,
    }
    return params.override(changes)


def hours(opens: str, closes: str) -> dict[str, object]:
    days = [*WORKDAYS, "sat", "sun"]
    return {"calendars.opening_hours": [{"days": days, "opens": opens, "closes": closes}]}


def features(history: pd.DataFrame, settings: Params, *events: dict) -> pd.DataFrame:
    return told_of(history, settings, *events).features


def local(frame: pd.DataFrame) -> pd.Series:
    return frame["ds"].dt.tz_convert(NEW_YORK).dt.strftime("%m-%d %H:%M")


def y_at(frame: pd.DataFrame, stamp: str) -> float:
    return frame.loc[local(frame) == stamp, "y"].item()


def day(frame: pd.DataFrame, date: str) -> dict[str, int]:
    """Return what the columns say that hold one value a day."""
    columns = ["gap_days", "after_closure", "before_closure", "holiday_open"]
    (only,) = frame.loc[frame["date"] == date, columns].drop_duplicates().to_dict("records")
    return only


def without(history: pd.DataFrame, *stamps: str) -> pd.DataFrame:
    return history[~local(history).isin(stamps)]


def test_missing_zero_and_closed_are_three_things(bank):
    history = without(make_calls(WEEK), "05-06 10:00")
    history = history.assign(offered=history["offered"].where(local(history) != "05-06 11:00", 0))
    got = features(history, bank)
    assert np.isnan(y_at(got, "05-06 10:00"))
    assert y_at(got, "05-06 11:00") == 0
    closed = got[got["open_min"] == 0]
    assert y_at(closed, "05-06 20:00") == 0
    assert y_at(got, "05-06 12:00") == 1


def test_nothing_is_known_after_the_last_day(bank):
    got = features(make_calls(WEEK), bank)
    assert got.loc[got["date"] > "2003-05-09", "y"].isna().all()
    assert got.loc[got["date"] <= "2003-05-09", "y"].notna().all()


def test_a_partly_reported_interval_is_missing(bank):
    got = features(without(make_calls(WEEK, minutes=5), "05-06 10:15"), bank)
    assert np.isnan(y_at(got, "05-06 10:00"))
    assert got.loc[got["date"] == "2003-05-06", "y"].isna().sum() == 1


def test_a_partly_open_interval_is_whole_when_its_open_minutes_are_reported(bank):
    settings = bank.override(hours("08:00", "18:05"))
    got = features(make_calls(WEEK, "08:00", "18:05", minutes=5), settings)
    assert y_at(got, "05-06 18:00") == 1


def test_contacts_that_came_while_closed_are_not_lost(bank):
    late = make_calls(["2003-05-06"], "20:00", "20:30", offered=3)
    got = features(together(make_calls(WEEK), late), bank)
    assert y_at(got, "05-06 20:00") == 3
    assert got["y"].sum() == 5 * 20 + 3


@pytest.mark.parametrize("minutes", [5, 10, 15, 30])
def test_the_grid_holds_the_sums_of_shorter_intervals(bank, minutes):
    rng = np.random.default_rng(7)
    history = make_calls(workdays("2003-10-20", "2003-10-31"), "00:00", "24:00", minutes=minutes)
    history = history.assign(offered=rng.poisson(5, len(history)))
    got = features(history, bank.override(hours("00:00", "24:00")))
    half_hours = history.groupby(history["ds"].dt.floor("30min"))["offered"].sum()
    known = got[got["y"] > 0].set_index("ds")["y"]
    assert known.to_dict() == half_hours[half_hours > 0].to_dict()


def test_an_autumn_day_has_25_hours_of_counts(bank):
    stamps = pd.date_range("2003-10-26", periods=50, freq="30min", tz=NEW_YORK)
    history = make_calls(["2003-10-24"]).head(1)
    history = pd.concat([history] * 50).assign(ds=stamps.tz_convert("UTC"))
    got = features(history, bank.override(hours("00:00", "24:00")))
    sunday = got[got["date"] == "2003-10-26"]
    assert (len(sunday), sunday["y"].sum()) == (50, 50)


def test_longer_intervals_than_the_grid_are_refused(bank):
    with pytest.raises(InputError, match=r"60 minutes, longer.* interval of 30 .*multiple"):
        features(make_calls(WEEK, minutes=60), bank)


def test_daily_totals_are_told_as_what_they_are(bank):
    days = make_calls(WEEK).groupby("queue").head(1).assign(minutes=1500)
    with pytest.raises(InputError, match=r"daily totals.*export the report by interval"):
        features(days, bank)


def test_intervals_that_cross_the_grid_are_refused(bank):
    # Of 20-minute rows on a half-hour grid, the one from 08:20 belongs to two intervals.
    with pytest.raises(InputError):
        features(make_calls(WEEK, minutes=20), bank)


def test_no_contact_is_lost_where_clocks_move_by_half_an_hour(bank):
    # On a grid of full hours; to refuse such a grid there is as good.
    days, zone = ["2024-10-06", "2024-10-07", "2024-10-08"], "Australia/Lord_Howe"
    history = make_calls(days, minutes=60, site="island", zone=zone)
    settings = bank.override({"features.interval_min": 60, **hours("08:00", "18:00")})
    with suppress(InputError):
        assert features(history, settings)["y"].sum() == history["offered"].sum()


def test_a_closed_holiday_has_no_open_minutes_and_no_calls(bank):
    days = [d for d in workdays("2003-05-19", "2003-05-30") if d != "2003-05-26"]
    got = features(make_calls(days), bank)
    holiday = got[got["date"] == "2003-05-26"]
    assert holiday["open_min"].sum() == 0
    assert (holiday["y"] == 0).all()


def test_days_around_memorial_day(bank):
    days = [d for d in workdays("2003-05-19", "2003-05-30") if d != "2003-05-26"]
    got = features(make_calls(days), bank)
    assert day(got, "2003-05-22") == ORDINARY
    assert day(got, "2003-05-23") == {**ORDINARY, "before_closure": 1}
    assert day(got, "2003-05-27") == {**ORDINARY, "after_closure": 1, "gap_days": 4}
    assert day(got, "2003-05-28") == ORDINARY
    # An ordinary weekend is a gap, but no closure.
    assert day(got, "2003-06-02") == {**ORDINARY, "gap_days": 3}
    for closed in ("2003-05-24", "2003-05-25", "2003-05-26"):
        assert (day(got, closed)["after_closure"], day(got, closed)["before_closure"]) == (0, 0)


def test_a_holiday_that_is_worked_is_no_closure(bank):
    got = features(make_calls(workdays("2003-10-06", "2003-10-17")), bank)
    assert day(got, "2003-10-13")["holiday_open"] == 1
    assert day(got, "2003-10-14") == ORDINARY


@pytest.fixture(scope="session")
def promoted(bank: Params) -> Told:
    return told_of(
        make_calls(WEEK), bank, raw_event("sale", "2003-05-07", "2003-05-09", "2003-05-06")
    )


@pytest.mark.parametrize(("cutoff", "ids"), [("2003-05-05", []), ("2003-05-06", ["sale"])])
def test_an_event_is_known_from_the_day_of_its_announcement(promoted, cutoff, ids):
    then = events_at(promoted.events, pd.Timestamp(cutoff, tz=NEW_YORK))
    assert then.loc[then["pool"] == "event", "event_id"].tolist() == ids


def test_an_event_changes_no_feature(bank, promoted):
    # What it does is learned and put upon the forecast (forecast.effects).
    assert promoted.features.equals(features(make_calls(WEEK), bank))


def outage(start: str, end: str, announced_on: str = "", **more: object) -> dict:
    return raw_event("line_down", start, end, announced_on, kind="outage", **more)


def test_an_outage_empties_the_intervals_that_it_touches(bank):
    # From 10:10 to 11:30: the half-hour in which it began was not a whole one.
    event = outage("2003-05-06 10:10", "2003-05-06 11:30")
    got = features(make_calls(WEEK), bank, event)
    lost = got["y"].isna() & (got["date"] < first_unknown_day(got))
    assert local(got[lost]).tolist() == ["05-06 10:00", "05-06 10:30", "05-06 11:00"]
    missing = missing_days(got, end_of_history(got))
    assert missing["missing"].tolist() == [3]


def test_only_the_kinds_of_the_settings_and_the_queues_named_are_kept_out(bank):
    history = together(make_calls(WEEK), make_calls(WEEK, queue="service"))
    event = outage("2003-05-06", "2003-05-07", queues=["service"])
    got = features(history, bank, event, raw_event("sale", "2003-05-07", "2003-05-08"))
    empty = got[got["y"].isna() & (got["date"] <= "2003-05-09")]
    assert set(empty["queue"]) == {"service"}
    assert set(empty["date"]) == {pd.Timestamp("2003-05-06")}
    counted = bank.override({"calendars.keep_out": []})
    assert features(history, counted, event)["y"].sum() == len(history)


def test_an_outage_that_was_moved_or_taken_back_keeps_nothing_out_where_it_was(bank):
    said = outage("2003-05-06", "2003-05-07", "2003-05-06")
    moved = features(make_calls(WEEK), bank, said, outage("2003-05-07", "2003-05-08", "2003-05-08"))
    past = moved[moved["date"] <= "2003-05-09"]
    assert past.loc[past["y"].isna(), "date"].unique().tolist() == [pd.Timestamp("2003-05-07")]
    gone = outage("2003-05-06", "2003-05-07", "2003-05-08", intensity=0.0)
    assert features(make_calls(WEEK), bank, said, gone).equals(features(make_calls(WEEK), bank))


def test_handle_time_is_that_of_the_answered(bank):
    history = make_calls(WEEK, minutes=15, offered=10).assign(answered=8.0)
    timed = local(history).str.endswith((":00", ":15"))
    history = history.assign(
        talk_s=np.where(timed, np.where(local(history).str.endswith(":00"), 800.0, 2400.0), np.nan),
        wrap_s=np.where(timed, 80.0, np.nan),
    )
    got = features(history, bank)
    at_ten = got[local(got) == "05-06 10:00"]
    assert at_ten["handled"].item() == 16
    assert at_ten["aht_s"].item() == (800 + 2400 + 160) / 16
    untimed = got[local(got) == "05-06 10:30"]
    assert untimed["y"].item() == 20
    assert untimed[["aht_s", "handled"]].isna().all(axis=None)


def test_handle_times_from_the_cutoff_on_are_not_known(bank):
    history = make_calls(WEEK, offered=10).assign(answered=8.0, talk_s=800.0)
    got = features(history, bank)
    cutoff = pd.Timestamp("2003-05-07", tz=NEW_YORK)
    then = known_at(got, cutoff)
    later = then["ds"] >= cutoff
    assert then.loc[later, ["y", "aht_s", "handled"]].isna().all(axis=None)
    assert then.loc[~later & (then["open_min"] > 0), "aht_s"].eq(100).all()


def test_the_past_and_its_events_do_not_change_with_what_lies_ahead(bank, tmp_path: Path):
    # What is written is compared byte by byte: a stage of the pipeline runs again only if it must.
    history = make_calls(workdays("2003-05-05", "2003-05-23"))
    settings = bank.override({"forecast.horizon_days": 28})
    known = [
        raw_event("first", "2003-05-12", "2003-05-14"),
        raw_event("soon", "2003-05-28", "2003-05-30", "2003-05-20"),
    ]
    later = raw_event("later", "2003-06-02", "2003-06-05", "2003-05-10")
    written = []
    for number, events in enumerate([known, [*known, later]]):
        told = told_of(history, settings, *events)
        past, ahead = past_and_ahead(told.features)
        folder = tmp_path / str(number)
        write_table(past, FEATURES, folder / "past.parquet")
        reached = reaching(told.events, past)
        write_table(reached, EVENTS, folder / "events.parquet")
        written.append([(folder / f"{n}.parquet").read_bytes() for n in ("past", "events")])
        own = reached[reached["pool"] == "event"]
        assert own["event_id"].tolist() == ["first", "soon"]
        assert FEATURES.validate(pd.concat([past, ahead])).equals(told.features)
        assert past["date"].max() == pd.Timestamp("2003-05-23")
        assert past["y"].notna().all()
        assert ahead["y"].isna().all()
    assert written[0] == written[1]


def test_known_counts_end_at_the_cutoff(promoted):
    cutoff = pd.Timestamp("2003-05-07", tz=NEW_YORK)
    then = known_at(promoted.features, cutoff)
    assert then.loc[then["ds"] < cutoff, "y"].notna().all()
    assert then.loc[then["ds"] >= cutoff, "y"].isna().all()


@settings(derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32), back=st.integers(0, 6 * 48))
def test_no_count_from_the_cutoff_on_can_be_seen(promoted, seed, back):
    table = promoted.features
    cutoff = end_of_history(table) - pd.Timedelta(minutes=30 * back)
    other = np.random.default_rng(seed).choice([0.0, 7.0, 999.0, np.nan], len(table))
    changed = table.assign(y=table["y"].where(table["ds"] < cutoff, other))
    assert known_at(changed, cutoff).equals(known_at(table, cutoff))


def test_a_later_history_does_not_change_what_was_known(bank):
    long = features(make_calls(workdays("2003-05-05", "2003-05-23")), bank)
    short = features(make_calls(WEEK), bank)
    cutoff = end_of_history(short)
    assert known_at(long, cutoff).head(len(short)).equals(known_at(short, cutoff))


def test_days_that_were_not_wholly_reported_are_listed(bank):
    history = without(make_calls(WEEK), "05-06 10:00", "05-06 10:30")
    got = features(history[history["ds"].dt.day != 8], bank)
    missing = missing_days(got, end_of_history(got))
    told = missing.assign(date=missing["date"].dt.strftime("%m-%d"))
    assert told[["date", "missing", "open_intervals"]].to_numpy().tolist() == [
        ["05-06", 2, 20],
        ["05-08", 20, 20],
    ]


def test_leads_count_local_days_from_the_cutoff(bank):
    got = features(make_calls(WEEK), bank)
    cutoff = end_of_history(got)
    assert cutoff == pd.Timestamp("2003-05-10", tz=NEW_YORK)
    leads = pd.Series(lead_days(got, cutoff), index=got["date"].dt.strftime("%m-%d"))
    assert leads.groupby(level=0).unique().map(list).to_dict()["05-10"] == [1]
    assert leads.max() == 7
