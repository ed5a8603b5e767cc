"""China's days 2010 to 2026: an independent package, the notices' own words, and what was known."""

import time

import chinese_calendar
import pandas as pd
import pytest

from forecast.calendars.days import china
from forecast.calendars.days.breaks import MAKEUP, breaks
from forecast.calendars.days.overrides import no_days
from forecast.calendars.days.site import holiday_names, known_by, site_days
from forecast.params.calendar import Place
from tests.calendars.test_days import days_of, on, override

CN = Place(country="CN")
FIRST, LAST = pd.Timestamp("2010-01-01"), pd.Timestamp("2026-12-31")
OFF = ("statutory_holiday", "in_lieu_day_off", "weekend")
NAMES = {
    "New Year's Day": "New Year",
    "Spring Festival": "Spring Festival",
    "Tomb-sweeping Day": "Qingming",
    "Labour Day": "Labour Day",
    "Dragon Boat Festival": "Dragon Boat",
    "Mid-autumn Festival": "Mid-Autumn",
    "National Day": "National Day",
    "Anti-Fascist 70th Day": "Victory Day",
}


@pytest.fixture(scope="module")
def versions():
    return site_days(FIRST, LAST, CN, no_days(), "main")


@pytest.fixture(scope="module")
def days(versions):
    return versions.drop_duplicates("date", keep="last").reset_index(drop=True)


@pytest.fixture(scope="module")
def told(days):
    """What the independent package says of the same days."""
    return pd.DataFrame(
        [
            (chinese_calendar.is_workday(d), chinese_calendar.is_in_lieu(d), *detail)
            for d in days["date"].dt.date
            for detail in [chinese_calendar.get_holiday_detail(d)]
        ],
        columns=["works", "in_lieu", "off", "name"],
    )


def test_every_day_works_or_not_as_the_independent_package_says(days, told):
    assert len(days) == 6209
    off = days["day_type"].isin(OFF)
    wrong = days[off == told["works"]]
    assert wrong.empty, wrong


def test_make_up_workdays_are_the_weekend_days_that_are_worked(days, told):
    makeup = days["day_type"] == "makeup_workday"
    worked = told["works"] & (days["date"].dt.day_of_week > 4)
    assert makeup.equals(worked)
    assert makeup.sum() == 112


def test_days_off_in_exchange_for_a_weekend_are_in_lieu(days, told):
    # The package calls only days in lieu that a weekend is worked for; here also those that make
    # good a holiday on a weekend are. Its one other day is 3 February 2022, the third day of the
    # first month, which is a holiday by law (Order 644).
    in_lieu = days["day_type"] == "in_lieu_day_off"
    unlike = days.loc[told["in_lieu"] & ~in_lieu, "date"]
    assert told["in_lieu"].sum() == 113
    assert unlike.dt.strftime("%Y-%m-%d").tolist() == ["2022-02-03"]


def test_festivals_are_those_of_the_independent_package(days, told):
    named = told["name"].notna() & days["day_type"].isin(["statutory_holiday", "in_lieu_day_off"])
    name = told.loc[named, "name"].map(NAMES)
    assert name.notna().all()
    unlike = days[named][days.loc[named, "festival"] != name]
    # It counts 2012's and 2023's shared breaks to both, and leaves 2020-10-01 to National Day.
    assert set(unlike["festival"]) <= {"Mid-Autumn", "National Day"}
    assert len(unlike) <= 8


def test_as_many_days_are_holidays_as_the_law_gives(days):
    # 11 days (Orders 513 and 644), 13 since 2025 (Order 795); one more in 2015 for the end of the
    # war; in 2020 Mid-Autumn fell on National Day and three days were added to Spring Festival.
    found = days[days["day_type"] == "statutory_holiday"].groupby(days["date"].dt.year).size()
    lawful = {year: 11 if year < 2025 else 13 for year in range(2010, 2027)}
    assert found.to_dict() == {**lawful, 2015: 12, 2020: 13}


def test_the_list_of_laws_has_the_librarys_holidays(days):
    later = site_days(pd.Timestamp("2000-01-01"), pd.Timestamp("2009-12-31"), CN, no_days(), "x")
    count = later[later["day_type"] == "statutory_holiday"].groupby(later["date"].dt.year).size()
    assert set(count.loc[2000:2007]) == {10}
    # In 2009 Mid-Autumn fell on the third day of National Day.
    assert count.loc[2008:2009].to_dict() == {2008: 11, 2009: 10}
    assert (later["known"] == pd.Timestamp("1970-01-01")).sum() == len(later["date"].unique())


NOTICES = {
    "2012": [
        ("New Year", "2012-01-01", "2012-01-03"),
        ("Spring Festival", "2012-01-22", "2012-01-28"),
        ("Qingming", "2012-04-02", "2012-04-04"),
        ("Labour Day", "2012-04-29", "2012-05-01"),
        ("Dragon Boat", "2012-06-22", "2012-06-24"),
        ("National Day", "2012-09-30", "2012-10-07"),
    ],
    "2023": [
        ("New Year", "2022-12-31", "2023-01-02"),
        ("Spring Festival", "2023-01-21", "2023-01-27"),
        ("Qingming", "2023-04-05", "2023-04-05"),
        ("Labour Day", "2023-04-29", "2023-05-03"),
        ("Dragon Boat", "2023-06-22", "2023-06-24"),
        ("National Day", "2023-09-29", "2023-10-06"),
    ],
    "2026": [
        ("New Year", "2026-01-01", "2026-01-03"),
        ("Spring Festival", "2026-02-15", "2026-02-23"),
        ("Qingming", "2026-04-04", "2026-04-06"),
        ("Labour Day", "2026-05-01", "2026-05-05"),
        ("Dragon Boat", "2026-06-19", "2026-06-21"),
        ("Mid-Autumn", "2026-09-25", "2026-09-27"),
        ("National Day", "2026-10-01", "2026-10-07"),
    ],
}


@pytest.mark.parametrize("year", NOTICES)
def test_breaks_are_those_in_the_notices_words(versions, year):
    events = breaks(versions)
    current = events[events["withdrawn"].isna()].set_index("name")
    for family, first, last in NOTICES[year]:
        event = current.loc[f"{family} {year}"]
        assert event["start"] == pd.Timestamp(first), family
        assert event["end"] == pd.Timestamp(last) + pd.Timedelta(days=1), family
        assert event["kind"] == f"holiday: {family}"
        assert event["intensity"] == 1.0


def test_a_shared_break_is_national_days_and_mid_autumn_has_its_own_day(versions, days):
    events = breaks(versions)
    current = events[events["withdrawn"].isna()].set_index("event_id")
    for day in ("2012-09-30", "2017-10-04", "2020-10-01", "2023-09-29", "2025-10-06"):
        event = current.loc[f"mid_autumn_{day[:4]}"]
        assert event["start"] == pd.Timestamp(day)
        assert event["end"] == pd.Timestamp(day) + pd.Timedelta(days=1)
    own = on(days, "2025-10-06")
    assert (own["festival"], own["festival_day"]) == ("Mid-Autumn", 0)
    assert (own["holiday"], own["day_type"]) == ("Mid-Autumn", "statutory_holiday")
    after = on(days, "2025-10-07")
    assert (after["festival"], after["festival_day"]) == ("National Day", 6)
    assert after["holiday"] == "National Day (day off in lieu)"
    both = on(days, "2020-10-01")
    assert set(both["holiday"].split("; ")) == {"Mid-Autumn", "National Day"}
    assert (both["festival"], both["festival_day"]) == ("National Day", 0)


def test_new_years_eve_is_the_day_before_spring_festival(days):
    eve = on(days, "2026-02-16")
    assert (eve["festival"], eve["festival_day"]) == ("Spring Festival", -1)
    assert on(days, "2026-02-17")["festival_day"] == 0
    # The first day of the first month, from an almanac.
    for day in ("2010-02-14", "2014-01-31", "2019-02-05", "2023-01-22", "2025-01-29"):
        assert on(days, day)["festival_day"] == 0


def test_a_make_up_workday_works_as_the_day_off_that_it_pays_for(days):
    # 2024's Spring Festival: 4 February pays for Thursday the 15th, 18 February for the Friday.
    assert on(days, "2024-02-04")["works_as"] == 3
    assert on(days, "2024-02-18")["works_as"] == 4
    makeup = days[days["day_type"] == "makeup_workday"]
    assert makeup["works_as"].between(0, 4).all()


def test_names_are_the_planners(days):
    assert holiday_names(days) == set(NAMES.values())


@pytest.mark.parametrize(
    ("day", "published", "before", "after"),
    [
        ("2024-02-18", "2023-10-25", "weekend", "makeup_workday"),
        ("2024-05-11", "2023-10-25", "weekend", "makeup_workday"),
        ("2018-12-31", "2018-12-06", "working_day", "in_lieu_day_off"),
        ("2018-12-29", "2018-12-06", "weekend", "makeup_workday"),
        ("2019-05-02", "2019-03-22", "working_day", "in_lieu_day_off"),
        ("2019-05-05", "2019-03-22", "weekend", "makeup_workday"),
        ("2020-02-01", "2020-01-27", "makeup_workday", "statutory_holiday"),
        ("2020-01-31", "2020-01-27", "working_day", "statutory_holiday"),
        ("2015-09-03", "2015-05-13", "working_day", "statutory_holiday"),
        ("2015-09-06", "2015-05-13", "weekend", "makeup_workday"),
        ("2025-05-02", "2024-11-12", "in_lieu_day_off", "statutory_holiday"),
        ("2014-02-02", "2013-12-11", "weekend", "statutory_holiday"),
        ("2014-01-30", "2013-12-11", "statutory_holiday", "working_day"),
    ],
)
def test_a_cutoff_sees_what_had_been_published(versions, day, published, before, after):
    eve = pd.Timestamp(published) - pd.Timedelta(days=1)
    assert on(known_by(versions, eve), day)["day_type"] == before
    since = on(known_by(versions, pd.Timestamp(published)), day)
    assert since["day_type"] == after
    assert since["doubt"] == 0


def test_the_extension_of_2020_withdrew_the_shorter_break(versions):
    events = breaks(versions)
    spring = events[events["event_id"] == "spring_festival_2020"].tail(2)
    assert spring["end"].dt.strftime("%m-%d").tolist() == ["01-31", "02-03"]
    assert spring["withdrawn"].iloc[0] == spring["announced"].iloc[1] == pd.Timestamp("2020-01-27")
    gone = events[events["event_id"] == "makeup_2020-02-01"].iloc[-1]
    assert gone["withdrawn"] == pd.Timestamp("2020-01-27")
    assert gone["kind"] == MAKEUP


@pytest.mark.parametrize("cutoff", ["2012-03-01", "2018-06-01", "2023-01-01"])
def test_nothing_published_later_changes_what_was_known(versions, monkeypatch, cutoff):
    day = pd.Timestamp(cutoff)
    full = china.published()
    cut = full.model_copy(
        update={
            "laws": [law for law in full.laws if pd.Timestamp(law.announced) <= day],
            "notices": {y: d for y, d in full.notices.items() if pd.Timestamp(d) <= day},
            "changes": [c for c in full.changes if pd.Timestamp(c.announced) <= day],
        }
    )
    monkeypatch.setattr(china, "published", lambda: cut)
    less = site_days(FIRST, LAST, CN, no_days(), "main")
    pd.testing.assert_frame_equal(
        known_by(less, day).reset_index(drop=True), known_by(versions, day).reset_index(drop=True)
    )


def test_published_years_are_certain_and_others_doubtful():
    days = days_of("2026-01-01", "2028-12-31", CN).drop_duplicates("date", keep="last")
    doubtful = days[days["doubt"] > 0]
    assert doubtful["date"].min() > pd.Timestamp("2026-12-22")
    assert (days["doubt"] <= 0.5).all()
    # By law alone: a festival, and what makes good its weekend days.
    assert on(days, "2027-02-05")["day_type"] == "statutory_holiday"
    assert on(days, "2027-02-09")["day_type"] == "in_lieu_day_off"
    # In every year so far National Day had seven days.
    seventh = on(days, "2027-10-07")
    assert seventh["day_type"] == "in_lieu_day_off"
    assert 0 < seventh["doubt"] < 0.15
    far = days[(days["festival"] == "") & (days["date"].dt.month == 8)]
    assert (far["doubt"] == 0).all()


def test_a_weekend_that_became_a_holiday_tells_of_no_makeup_workday():
    # The second Sunday after Spring Festival was worked in 2024, not in 2017, and in 2020 it was
    # off by the longer break: one of three.
    days = days_of("2026-12-01", "2027-12-31", CN).drop_duplicates("date", keep="last")
    sunday = on(days, "2027-02-14")
    assert sunday["day_type"] == "weekend"
    assert 0.3 < sunday["doubt"] < 0.5


def test_expected_days_come_so_more_often_than_the_law_alone_says(versions):
    parts = []
    for year in range(2014, 2027):
        eve = pd.Timestamp(china.published().notices[year]) - pd.Timedelta(days=1)
        span = versions[versions["date"].dt.year == year]
        before = known_by(span, eve).set_index("date")
        off = known_by(span, LAST).set_index("date")["day_type"].isin(OFF)
        wrong = before["day_type"].isin(OFF) != off
        by_weekday = (before.index.day_of_week > 4) | (before["day_type"] == "statutory_holiday")
        parts.append(before.assign(wrong=wrong, plainly_wrong=by_weekday != off))
    days = pd.concat(parts)
    assert days["wrong"].sum() < 0.45 * days["plainly_wrong"].sum()
    # The doubt is what it says: the chance that a day comes otherwise.
    assert days["wrong"].sum() == pytest.approx(days["doubt"].sum(), rel=0.2)
    for low, high in ((0.0, 0.15), (0.15, 0.35), (0.35, 0.51)):
        some = days[(days["doubt"] > low) & (days["doubt"] <= high)]
        assert len(some) > 50
        assert low - 0.1 < some["wrong"].mean() < high + 0.1


def test_who_enters_a_festivals_days_settles_it():
    # As if 2027's notice gave Dragon Boat nothing but its own day, a Wednesday.
    notice = override("2027-06-09", "statutory_holiday", "Dragon Boat", "2026-11-20")
    days = days_of("2026-12-01", "2027-12-31", CN, notice)
    june = days["date"].between(pd.Timestamp("2027-05-31"), pd.Timestamp("2027-06-18"))
    before = known_by(days[june], pd.Timestamp("2026-11-19"))
    after = known_by(days[june], pd.Timestamp("2026-11-20"))
    assert (before["doubt"] > 0).any()
    assert (after["doubt"] == 0).all()
    assert set(after["day_type"]) == {"working_day", "weekend", "statutory_holiday"}
    autumn = days[days["festival"] == "Mid-Autumn"]
    assert (known_by(autumn, LAST)["doubt"] > 0).any()


def test_half_days_are_named_when_asked_for():
    place = Place(country="CN", categories=["public", "half_day"])
    days = days_of("2024-05-01", "2024-06-01", place)
    assert "Youth Day" in on(days, "2024-05-04")["holiday"]
    assert on(days, "2024-05-03")["day_type"] == "in_lieu_day_off"


def test_seventeen_years_take_under_two_seconds():
    taken = []
    for _ in range(3):
        start = time.process_time()
        site_days(FIRST, LAST, CN, no_days(), "main")
        taken.append(time.process_time() - start)
    assert min(taken) < 2
