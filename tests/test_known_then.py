"""What was published, agreed or noticed later is unseen at an earlier cutoff, down to the means."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast.backtest import expected_at
from forecast.calendars.build import Built, build_calendar
from forecast.calendars.days.overrides import COLUMNS, read_days
from forecast.distribution import Calibration, with_quantiles
from forecast.features import build_features, known_at
from forecast.params import Params
from forecast.schema import as_known, events_at
from tests.calendars.calls import WORKDAYS, make_calls, together, workdays
from tests.conftest import raw_events

MODELS = {"same_weekday_mean": {"weeks": 4}}
BANK = {"days": WORKDAYS, "opens": "08:00", "closes": "18:00"}
LATE = {**BANK, "closes": "20:00", "valid_from": "2003-06-16", "known_on": "2003-06-02"}
SUMMER = workdays("2003-05-05", "2003-07-11")
NEW_YORK = {"ingest.timezone": "America/New_York", "calendars.country": "US"}
SHANGHAI = {"ingest.timezone": "Asia/Shanghai", "calendars.country": "CN"}


@dataclass(frozen=True)
class Case:
    """A day of which something became known, with its open hours before and after."""

    published: str
    day: str
    hours: tuple[float, float]
    history: pd.DataFrame
    settings: dict[str, Any] = field(default_factory=dict)
    rows: tuple[str, ...] = ()


def calls(days: list[str], closes: str = "18:00", zone: str = "America/New_York") -> pd.DataFrame:
    return make_calls(days, "08:00", closes, zone=zone, offered=20)


CHINA = calls(workdays("2023-09-04", "2024-02-23"), zone="Asia/Shanghai")
LONGER = together(
    calls(workdays("2003-01-06", "2003-06-27")),
    calls(workdays("2003-06-30", "2003-10-31"), "20:00"),
)
CASES = {
    "a day off in lieu": Case(
        "2023-10-25", "2024-02-16", (10, 0), CHINA, {**SHANGHAI, "calendars.opening_hours": [BANK]}
    ),
    "a make-up workday": Case(
        "2023-10-25",
        "2024-02-04",
        (10, 8),  # expected to work as a Friday, it works as a Thursday, which closes at 16:00
        CHINA,
        {
            **SHANGHAI,
            "calendars.opening_hours": [
                {**BANK, "days": ["mon", "tue", "wed", "fri"]},
                {**BANK, "days": ["thu"], "closes": "16:00"},
            ],
        },
    ),
    "a company's own closure": Case(
        "2003-06-02",
        "2003-06-20",
        (10, 0),
        calls(SUMMER),
        {**NEW_YORK, "calendars.opening_hours": [BANK]},
        ("2003-06-20,all,company_closure,Stocktaking,2003-06-02",),
    ),
    "new opening hours": Case(
        "2003-06-02",
        "2003-06-18",
        (10, 12),
        calls(SUMMER),
        {**NEW_YORK, "calendars.opening_hours": [BANK, LATE]},
    ),
    "hours that the history showed": Case(
        "2003-07-12",
        "2003-07-23",
        (10, 12),
        LONGER,
        {**NEW_YORK, "calendars.opening_hours": "learn"},
    ),
}


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES)
def case(request) -> Case:
    return request.param


def built_of(case: Case, params: Params, folder, rows: tuple[str, ...] | None = None) -> Built:
    rows = case.rows if rows is None else rows
    path = folder / "days.csv"
    path.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    return build_calendar(case.history, raw_events(), params, read_days(path, {"main"}))


@pytest.fixture(scope="module")
def settings(case, params) -> Params:
    sections = {"sites": {}, "open_on_holidays": []}
    changes = {f"calendars.{name}": value for name, value in sections.items()}
    return params.override({**changes, **case.settings, "forecast.horizon_days": 7})


@pytest.fixture(scope="module")
def built(case, settings, tmp_path_factory) -> Built:
    return built_of(case, settings, tmp_path_factory.mktemp("calendars"))


@pytest.fixture(scope="module")
def features(case, settings, built) -> pd.DataFrame:
    return build_features(case.history, built.calendar, built.events, settings)


@pytest.fixture(scope="module")
def cutoffs(case, settings) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the day before the publication and the day of it."""
    zone = settings.ingest.zone("main")
    published = pd.Timestamp(case.published)
    return (published - pd.Timedelta(days=1)).tz_localize(zone), published.tz_localize(zone)


def test_the_calendar_has_the_day_as_it_was_known(case, built, cutoffs):
    own = built.calendar[built.calendar["local"].dt.normalize() == case.day]
    for cutoff, hours in zip(cutoffs, case.hours, strict=True):
        assert as_known(own, cutoff)["open_min"].sum() / 60 == hours


def test_the_features_have_the_day_as_it_was_known(case, features, cutoffs):
    own = features[features["date"] == case.day]
    for cutoff, hours in zip(cutoffs, case.hours, strict=True):
        assert known_at(own, cutoff)["open_min"].sum() / 60 == hours


def test_the_means_are_of_the_hours_that_were_known(case, built, features, cutoffs):
    horizons = {"all": (pd.Timestamp(case.day) - pd.Timestamp(case.published)).days + 3}
    dates = features.drop_duplicates("ds").set_index("ds")["date"]
    for cutoff, hours in zip(cutoffs, case.hours, strict=True):
        means = expected_at(features, built.events, cutoff, MODELS, horizons, seed=1).means
        own = means[means["ds"].map(dates) == case.day]
        assert own["open_min"].sum() / 60 == hours
        assert (own["raw_mean"] > 0).all()


def test_every_cutoff_has_one_row_for_each_interval(built, features, cutoffs):
    for table in (built.calendar, features):
        intervals = table["ds"].drop_duplicates().tolist()
        for cutoff in (*cutoffs, None):
            assert as_known(table, cutoff)["ds"].tolist() == intervals


@pytest.mark.parametrize("name", ["a company's own closure", "new opening hours"])
def test_before_it_was_published_the_calendar_is_the_one_without_it(name, params, tmp_path):
    case = CASES[name]
    zone = "America/New_York"
    plain = {**case.settings, "calendars.opening_hours": [BANK]}
    common = {"calendars.open_on_holidays": [], "forecast.horizon_days": 7}
    full = built_of(case, params.override({**common, **case.settings}), tmp_path).calendar
    without = built_of(case, params.override({**common, **plain}), tmp_path, ()).calendar
    cutoff = pd.Timestamp(case.published, tz=zone) - pd.Timedelta(minutes=1)
    then = as_known(full, cutoff).reset_index(drop=True)
    pd.testing.assert_frame_equal(then, without)


def china(params: Params) -> tuple[Built, pd.DataFrame]:
    case = CASES["a make-up workday"]
    changes = {"calendars.open_on_holidays": [], "forecast.horizon_days": 7}
    settings = params.override({**changes, **case.settings})
    built = build_calendar(CHINA, raw_events(), settings)
    return built, build_features(CHINA, built.calendar, built.events, settings)


@pytest.fixture(scope="module")
def spring(params) -> tuple[Built, pd.DataFrame]:
    """Return calendar and features around the Spring Festival of 2024."""
    return china(params)


def test_a_makeup_workday_works_as_the_weekday_it_stands_for(spring):
    built, features = spring
    told = as_known(built.calendar)
    sundays = told[told["day_type"] == "makeup_workday"].groupby(told["local"].dt.normalize())
    assert sundays["works_as"].first()[pd.Timestamp("2024-02-04")] == 3
    own = as_known(features)
    own = own[own["date"] == "2024-02-04"]
    assert set(own["weekday"]) == {3}
    is_open = own[own["open_min"] > 0]
    assert (is_open["slot_min"].min(), is_open["slot_min"].max()) == (8 * 60, 15 * 60 + 30)
    assert set(own["gap_days"]) == {2}


def test_days_that_nobody_has_published_yet_are_in_doubt(spring):
    built, features = spring
    day = features["date"] == "2024-02-16"
    zone = "Asia/Shanghai"
    before = known_at(features[day], pd.Timestamp("2023-10-24", tz=zone))
    after = known_at(features[day], pd.Timestamp("2023-10-25", tz=zone))
    assert (before["doubt"] > 0.1).all()
    assert (after["doubt"] == 0).all()
    assert built.provisional_years == {"main": []}


def test_doubt_widens_the_forecast_and_moves_it_not(spring):
    built, features = spring
    cutoff = pd.Timestamp("2023-10-24", tz="Asia/Shanghai")
    certain = features.assign(doubt=0.0)
    made = [
        expected_at(table, built.events, cutoff, MODELS, {"all": 130}, seed=1).means
        for table in (features, certain)
    ]
    in_doubt = made[0]["ds"].map(known_at(features, cutoff).set_index("ds")["doubt"])
    extra = made[0]["effect_var"] - made[1]["effect_var"]
    assert (extra[in_doubt > 0] > 0).all()
    assert (extra[in_doubt == 0] == 0).all()
    assert (in_doubt > 0).any()
    assert made[0]["raw_mean"].equals(made[1]["raw_mean"])
    past = np.full(1000, 20.0)
    came = np.random.default_rng(1).poisson(past)
    calibration = Calibration.of(
        past, came, np.zeros(1000), np.zeros(1000, dtype="int64"), periods=50
    )
    wide, narrow = (with_quantiles(means, calibration) for means in made)
    here = in_doubt > 0
    assert ((wide["q90"] - wide["q10"]) > (narrow["q90"] - narrow["q10"]))[here].all()


def test_a_later_announcement_changes_no_earlier_mean(spring):
    built, features = spring
    cutoff = pd.Timestamp("2023-12-01", tz="Asia/Shanghai")
    mine = events_at(built.events, cutoff)
    later = mine.head(1).assign(
        event_id="later",
        kind="promotion",
        pool="event",
        start=pd.Timestamp("2023-12-04").as_unit("us"),
        end=pd.Timestamp("2023-12-08").as_unit("us"),
        announced=cutoff.tz_convert("UTC").as_unit("us") + pd.Timedelta(minutes=1),
    )
    made = [
        expected_at(features, events, cutoff, MODELS, {"all": 30}, seed=1).means
        for events in (built.events, pd.concat([built.events, later], ignore_index=True))
    ]
    pd.testing.assert_frame_equal(*made)
