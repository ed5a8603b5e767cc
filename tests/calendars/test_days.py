"""The days of a site: against the law that sets them, and what every version must keep."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.calendars.days.breaks import breaks
from forecast.calendars.days.overrides import DTYPES, no_days
from forecast.calendars.days.site import (
    COLUMNS,
    holiday_names,
    known_by,
    known_from,
    provisional_years,
    site_days,
)
from forecast.errors import ParamsError
from forecast.params.calendar import Place
from forecast.schema import ALWAYS, DAY_TYPES, LOCAL

MON, THU = 0, 3
US = Place(country="US")


def nth(number: int, weekday: int, month: int, year: int) -> date:
    """Return the first, second, ... Monday (or another weekday) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def last(weekday: int, month: int, year: int) -> date:
    end = date(year, month + 1, 1) - timedelta(days=1)
    return end - timedelta(days=(end.weekday() - weekday) % 7)


def federal_holidays(year: int) -> dict[date, str]:
    """Return the legal public holidays of 5 U.S.C. 6103(a) as it stood in 2003."""
    return {
        date(year, 1, 1): "New Year's Day",
        nth(3, MON, 1, year): "Martin Luther King Jr. Day",
        nth(3, MON, 2, year): "Washington's Birthday",
        last(MON, 5, year): "Memorial Day",
        date(year, 7, 4): "Independence Day",
        nth(1, MON, 9, year): "Labor Day",
        nth(2, MON, 10, year): "Columbus Day",
        date(year, 11, 11): "Veterans Day",
        nth(4, THU, 11, year): "Thanksgiving Day",
        date(year, 12, 25): "Christmas Day",
    }


def days_of(first: str, last: str, place: Place = US, overrides=None, site: str = "main"):
    days = no_days() if overrides is None else overrides
    return site_days(pd.Timestamp(first), pd.Timestamp(last), place, days, site)


def on(days: pd.DataFrame, day: str) -> dict:
    """Return a day as last published."""
    return days[days["date"] == pd.Timestamp(day)].iloc[-1].to_dict()


def override(day: str, day_type: str, name: str = "", known=ALWAYS, site="main", works_as=4.0):
    row = {
        "date": pd.Timestamp(day),
        "site": site,
        "day_type": day_type,
        "name": name,
        "known": pd.Timestamp(known),
        "works_as": works_as if day_type == "makeup_workday" else float("nan"),
    }
    return pd.DataFrame([row]).astype(DTYPES)


def test_the_holidays_of_2003_are_those_of_the_law():
    days = days_of("2003-01-01", "2003-12-31")
    found = days[days["day_type"] == "statutory_holiday"]
    assert dict(zip(found["date"].dt.date, found["holiday"], strict=True)) == federal_holidays(2003)
    assert len(days) == 365
    assert not days["day_type"].isin(["in_lieu_day_off", "makeup_workday"]).any()


def test_the_law_gives_the_days_that_the_almanac_shows():
    # Otherwise the two tests above and below could err together.
    shown = ["01-01", "01-20", "02-17", "05-26", "07-04", "09-01", "10-13", "11-11", "11-27"]
    assert [f"{day:%m-%d}" for day in federal_holidays(2003)] == [*shown, "12-25"]


def test_a_holiday_on_a_weekend_is_a_holiday_and_made_good_on_a_weekday():
    # 5 U.S.C. 6103(b): of a holiday on a Saturday the Friday before is taken, and by Executive
    # Order 11582 of one on a Sunday the Monday after.
    days = days_of("2004-07-01", "2005-01-05")
    assert on(days, "2004-07-04")["day_type"] == "statutory_holiday"
    assert on(days, "2004-07-05")["day_type"] == "in_lieu_day_off"
    assert on(days, "2004-07-05")["holiday"] == "Independence Day (observed)"
    assert on(days, "2004-12-24")["holiday"] == "Christmas Day (observed)"
    assert on(days, "2004-12-24")["festival_day"] == -1
    assert on(days, "2004-12-31")["holiday"] == "New Year's Day (observed)"
    assert on(days, "2005-01-01")["holiday"] == "New Year's Day"


def test_ordinary_days_are_working_days_and_weekends_that_work_as_themselves():
    days = days_of("2003-03-03", "2003-03-09")
    assert days["day_type"].tolist() == ["working_day"] * 5 + ["weekend"] * 2
    assert days["works_as"].tolist() == list(range(7))
    assert (days["holiday"] == "").all()
    assert (days["festival"] == "").all()
    assert days["festival_day"].isna().all()


def test_a_week_before_and_after_a_break_is_near_its_festival():
    days = days_of("2003-11-15", "2003-12-20").set_index("date")
    near = days[days["festival"] == "Thanksgiving Day"]
    assert near["festival_day"].tolist() == list(range(-7, 8))
    assert near.index[0] == pd.Timestamp("2003-11-20")
    assert near.loc["2003-11-27", "festival_day"] == 0
    # Christmas is on a Thursday: its week begins on the 18th.
    assert days.loc["2003-12-17", "festival"] == ""
    assert days.loc["2003-12-18", "festival"] == "Christmas Day"


def test_a_day_between_two_festivals_belongs_to_the_nearer():
    days = days_of("2003-12-25", "2004-01-01").set_index("date")["festival"]
    assert days.loc["2003-12-28"] == "Christmas Day"
    assert days.loc["2003-12-29"] == "New Year's Day"


def test_the_weekend_is_the_countrys():
    # The Emirates moved theirs from Friday and Saturday to Saturday and Sunday in 2022.
    days = days_of("2021-06-01", "2022-06-30", Place(country="AE"))
    weekend = days[days["day_type"] == "weekend"]
    by_year = weekend.groupby(weekend["date"].dt.year)["works_as"].unique()
    assert set(by_year[2021]) == {4, 5}
    assert set(by_year[2022]) == {5, 6}


def test_holidays_of_a_part_of_the_country_need_its_code():
    patriots_day = "2003-04-21"
    assert on(days_of(patriots_day, patriots_day), patriots_day)["day_type"] == "working_day"
    massachusetts = Place(country="US", subdivision="MA")
    found = on(days_of(patriots_day, patriots_day, massachusetts), patriots_day)
    assert found["holiday"] == "Patriots' Day"


def test_other_countries_make_up_workdays_work_as_the_day_off_that_they_pay_for():
    # Hungary: Friday 27 December 2024 was off, and Saturday 7 December worked for it, by the
    # government's decree on 2024 (Tuesday 24 December by another Saturday).
    days = days_of("2024-12-01", "2024-12-31", Place(country="HU"))
    assert on(days, "2024-12-07")["day_type"] == "makeup_workday"
    assert on(days, "2024-12-07")["works_as"] == on(days, "2024-12-24")["works_as"]
    assert on(days, "2024-12-27")["day_type"] == "in_lieu_day_off"
    assert on(days, "2024-12-14")["works_as"] == 4


def test_names_are_single_and_the_festivals_own():
    names = holiday_names(days_of("2004-01-01", "2004-12-31"))
    assert names == set(federal_holidays(2004).values())


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (Place(country="ZZ"), "country ZZ"),
        (Place(country="US", subdivision="QQ"), "subdivision QQ"),
        (Place(country="US", categories=["bank holidays"]), "categories ['bank holidays']"),
        (Place(country="CN", subdivision="QQ"), "subdivision QQ"),
    ],
)
def test_an_unknown_country_or_category_is_refused(place, shown):
    with pytest.raises(ParamsError) as caught:
        days_of("2003-01-01", "2003-01-02", place)
    assert str(caught.value).startswith("calendars: the holidays library refuses")
    assert shown in str(caught.value)


def test_only_china_has_provisional_years():
    first, last = pd.Timestamp("2025-01-01"), pd.Timestamp("2029-12-31")
    assert provisional_years(first, last, US) == []
    assert provisional_years(first, last, Place(country="CN")) == [2027, 2028, 2029]


def test_a_break_is_the_run_of_days_off_around_a_festival():
    events = breaks(days_of("2003-12-01", "2005-01-31")).set_index("event_id")
    assert events["withdrawn"].isna().all()
    assert (events["announced"] == ALWAYS).all()
    spans = {
        "christmas_day_2003": ("2003-12-25", "2003-12-26"),
        "independence_day_2004": ("2004-07-03", "2004-07-06"),
        "labor_day_2004": ("2004-09-04", "2004-09-07"),
        "new_year_s_day_2005": ("2004-12-31", "2005-01-03"),
    }
    for event_id, (start, end) in spans.items():
        event = events.loc[event_id]
        assert (event["start"], event["end"]) == (pd.Timestamp(start), pd.Timestamp(end))
    assert events.loc["labor_day_2004", "name"] == "Labor Day 2004"
    assert events.loc["labor_day_2004", "kind"] == "holiday: Labor Day"


def test_a_festival_that_comes_twice_in_a_year_is_two_events():
    # The Islamic year is eleven days shorter: Eid al-Fitr begins and ends 2000.
    events = breaks(days_of("2000-01-01", "2000-12-31", Place(country="SA")))
    eid = events[events["event_id"].str.contains("fitr")]
    assert eid["event_id"].tolist() == ["eid_al_fitr_holiday_2000", "eid_al_fitr_holiday_2000_2"]
    assert eid["start"].dt.month.tolist() == [1, 12]


def test_days_without_holidays_have_no_breaks():
    assert breaks(days_of("2003-03-03", "2003-03-09")).empty


PLACES = [
    Place(country="CN"),
    Place(country="CN", categories=["public", "half_day"]),
    US,
    Place(country="GB", subdivision="SCT"),
    Place(country="HU"),
    Place(country="KR"),
    Place(country="SA"),
]


@settings(max_examples=20, deadline=None)
@given(
    place=st.sampled_from(PLACES),
    start=st.dates(date(2005, 1, 1), date(2029, 6, 1)),
    length=st.integers(0, 500),
    changes=st.lists(
        st.tuples(
            st.integers(0, 500),
            st.sampled_from(DAY_TYPES),
            st.dates(date(2004, 1, 1), date(2029, 1, 1)),
        ),
        max_size=4,
        unique_by=lambda change: (change[0], change[2]),
    ),
)
def test_versions_are_sorted_differ_and_leave_no_gap(place, start, length, changes):
    first = pd.Timestamp(start)
    own = [
        override(str(first + pd.Timedelta(days=ahead))[:10], day_type, "Own day", known)
        for ahead, day_type, known in changes
    ]
    overrides = pd.concat([no_days(), *own], ignore_index=True).astype(DTYPES)
    days = site_days(first, first + pd.Timedelta(days=length), place, overrides, "main")
    assert tuple(days.columns) == COLUMNS
    assert days["date"].dtype == LOCAL
    assert days["known"].dtype == LOCAL
    assert days["works_as"].dtype == "int64"
    assert not days.duplicated(["date", "known"]).any()
    assert days.equals(days.sort_values(["date", "known"], ignore_index=True))
    earliest = days.drop_duplicates("date")
    assert (earliest["known"] == ALWAYS).all()
    span = pd.date_range(first, periods=length + 1, unit="us")
    assert earliest["date"].tolist() == span.tolist()
    said = days.drop(columns="known").fillna({"festival_day": 1e6})
    assert not (said == said.shift()).all(axis=1).any()
    assert days["day_type"].isin(DAY_TYPES).all()
    assert days["doubt"].between(0, 0.5).all()
    assert (days.loc[days["day_type"] == "statutory_holiday", "doubt"] == 0).all()
    assert days["festival_day"].isna().equals(days["festival"] == "")
    own_weekday = days["day_type"] != "makeup_workday"
    assert (days["works_as"] == days["date"].dt.day_of_week)[own_weekday].all()
    events = breaks(days)
    assert not events.duplicated(["event_id", "announced"]).any()
    assert (events["start"] < events["end"]).all()
    assert (events["withdrawn"].isna() | (events["withdrawn"] > events["announced"])).all()


def test_a_days_versions_do_not_depend_on_the_span_asked_for():
    china = Place(country="CN")
    long = days_of("2022-06-01", "2024-06-30", china)
    short = days_of("2023-09-25", "2023-10-10", china)
    same = long[long["date"].between(short["date"].min(), short["date"].max())]
    pd.testing.assert_frame_equal(same.reset_index(drop=True), short)


def test_who_looks_from_a_day_on_sees_the_same_with_fewer_versions():
    days = days_of("2019-01-01", "2020-12-31", Place(country="CN"))
    seen = known_from(days, pd.Timestamp("2019-01-01"))
    assert len(seen) < len(days)
    for day in ("2019-01-01", "2019-03-22", "2019-11-20", "2020-01-26", "2020-01-27"):
        left, right = (known_by(d, pd.Timestamp(day)).drop(columns="known") for d in (days, seen))
        pd.testing.assert_frame_equal(left.reset_index(drop=True), right.reset_index(drop=True))
