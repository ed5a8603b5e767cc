"""The sample: the bank's published calls come through ingest and calendar to the last contact."""

from pathlib import Path

import pandas as pd
import pytest

from forecast.acd.ingest import Ingested, ingest
from forecast.calendars.build import build_calendar
from forecast.features import build_features, end_of_history, missing_days
from forecast.params import Params
from forecast.sample import FILE, bank_calls
from tests.conftest import raw_events

ROWS, CONTACTS, DAYS = 27_716, 5_323_661, 164


@pytest.fixture(scope="module")
def calls() -> pd.DataFrame:
    return bank_calls()


@pytest.fixture(scope="module")
def taken(calls: pd.DataFrame, params: Params, tmp_path_factory) -> Ingested:
    folder: Path = tmp_path_factory.mktemp("acd")
    calls.to_csv(folder / FILE, index=False)
    return ingest(folder, params.ingest)


@pytest.fixture(scope="module")
def features(taken: Ingested, params: Params) -> pd.DataFrame:
    built = build_calendar(taken.history, raw_events(), params)
    return build_features(taken.history, built.calendar, built.events, params)


def test_the_sample_is_the_published_series(calls):
    start = pd.to_datetime(calls["interval_start"])
    assert (len(calls), calls["offered"].sum()) == (ROWS, CONTACTS)
    assert start.dt.normalize().nunique() == DAYS
    assert (start.min(), start.max()) == (
        pd.Timestamp("2003-03-03 07:00"),
        pd.Timestamp("2003-10-24 21:00"),
    )


def test_the_bank_opens_at_seven_on_both_sides_of_the_clock_change(calls):
    start = pd.to_datetime(calls["interval_start"])
    first = start.groupby(start.dt.normalize()).min()
    assert set(first.dt.strftime("%H:%M")) == {"07:00"}
    assert set(start.dt.day_of_week) == {0, 1, 2, 3, 4}


def test_every_row_is_accepted(taken):
    ledger = taken.ledger.iloc[0]
    assert (ledger["rows_in"], ledger["rows_accepted"]) == (ROWS, ROWS)
    assert (ledger["offered_in"], ledger["offered_accepted"]) == (CONTACTS, CONTACTS)
    assert taken.quarantine.empty


def test_the_bank_opens_an_hour_earlier_by_utc_in_summer(taken):
    ds = taken.history["ds"]
    opening = ds.groupby(ds.dt.tz_convert("America/New_York").dt.date).min()
    winter = opening < pd.Timestamp("2003-04-06T07:00Z")
    assert (opening.dt.hour == winter.map({True: 12, False: 11})).all()
    assert set(taken.history["minutes"]) == {5}


def test_every_contact_is_in_the_features_or_in_an_interval_that_is_missing(taken, features):
    sums = taken.history.groupby(taken.history["ds"].dt.floor("30min"))["offered"].sum()
    counted = features.set_index("ds")["y"]
    missing = sums[counted.reindex(sums.index).isna()]
    assert counted[counted > 0].to_dict() == sums.drop(missing.index).to_dict()
    assert counted.sum() + missing.sum() == CONTACTS
    days = missing.index.tz_convert("America/New_York").strftime("%m-%d")
    assert set(days) <= {"04-04", "04-07", "10-14"}


def test_the_three_days_that_were_not_wholly_reported_are_named(features):
    missing = missing_days(features, end_of_history(features))
    assert missing["date"].dt.strftime("%Y-%m-%d").tolist() == [
        "2003-04-04",
        "2003-04-07",
        "2003-10-14",
    ]


def test_the_bank_was_closed_on_its_holidays_and_open_on_columbus_day(features):
    opened = features.groupby(features["date"].dt.strftime("%m-%d"))["open_min"].sum()
    assert opened[["05-26", "07-04", "09-01"]].tolist() == [0, 0, 0]
    assert opened["10-13"] == opened["10-15"] == 845
