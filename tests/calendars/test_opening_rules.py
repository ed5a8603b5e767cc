"""Which opening hours hold on which day, and since when they are known."""

import pandas as pd
import pytest

from forecast.calendars.hours.opening import check_names, day_windows, known_days
from forecast.errors import ParamsError
from forecast.settings import WEEKDAYS
from tests.calendars.clerk import SALES, site_days, special, window

EVERY_DAY = " ".join(WEEKDAYS)
DAY = ((480, 1080),)


def hours_of(days: pd.DataFrame, hours, series=SALES, known=None, opened=()) -> dict[str, tuple]:
    """Return the windows of each day by 'month-day'."""
    at = known and pd.Timestamp(known)
    found = day_windows(days, hours, series, at, [pd.Timestamp(day) for day in opened])
    return {f"{day:%m-%d}": windows for day, windows in found.items()}


def on(day: str, hours, day_type: str = "working_day", works_as: int | None = None, **more):
    """Return the windows of one day."""
    turned = {} if works_as is None else {day: works_as}
    (found,) = hours_of(site_days(day, 1, {day: day_type}, turned), hours, **more).values()
    return found


def test_every_day_of_the_site_has_its_windows():
    week = hours_of(site_days("2026-06-29", 7), [window()])
    assert list(week.values()) == [DAY] * 5 + [()] * 2


def test_without_windows_every_day_is_closed():
    assert set(hours_of(site_days("2026-06-29", 7), []).values()) == {()}


def test_windows_are_in_order_and_each_there_once():
    split = [window(times="13:00 18:00"), window(times="08:00 12:00"), window(times="13:00 18:00")]
    assert on("2026-06-29", split) == ((480, 720), (780, 1080))


def test_a_window_past_midnight_ends_beyond_1440():
    assert on("2026-06-29", [window(times="22:00 06:00")]) == ((1320, 1800),)


@pytest.mark.parametrize("name", ["sites", "queues", "channels"])
def test_windows_of_others_do_not_count(name):
    own = {"sites": "main", "queues": "sales", "channels": "voice"}[name]
    assert on("2026-06-29", [window(**{name: ["other"]})]) == ()
    assert on("2026-06-29", [window(**{name: [own, "other"]})]) == DAY


def test_chat_may_be_open_when_voice_is_closed():
    hours = [window(channels=["voice"]), window(EVERY_DAY, "07:00 23:00", channels=["chat"])]
    chat = ("main", "sales", "chat")
    assert (on("2026-07-04", hours), on("2026-07-04", hours, series=chat)) == ((), ((420, 1380),))


@pytest.mark.parametrize("day_type", ["statutory_holiday", "in_lieu_day_off"])
def test_a_holiday_is_closed_even_where_every_day_is_open(day_type):
    always = [window(EVERY_DAY, "00:00 24:00")]
    assert on("2026-07-04", always) == ((0, 1440),)
    assert on("2026-07-04", always, day_type) == ()


def test_a_holiday_may_be_open_as_usual():
    day = "2026-07-03"
    assert on(day, [window()], "statutory_holiday", opened=[day]) == DAY


def test_a_holiday_may_have_its_own_hours():
    hours = [window(), window("holiday", "10:00 14:00")]
    assert on("2026-07-03", hours, "statutory_holiday") == ((600, 840),)
    assert on("2026-07-03", hours) == DAY


def test_a_holiday_that_is_open_as_usual_has_not_the_hours_of_holidays():
    hours = [window(), window("holiday", "10:00 14:00")]
    assert on("2026-07-03", hours, "statutory_holiday", opened=["2026-07-03"]) == DAY


def test_a_new_weekly_pattern_leaves_the_hours_of_holidays():
    hours = [window("holiday", "10:00 14:00"), window(times="07:00 15:00", valid_from="2026-07-01")]
    assert on("2026-07-03", hours, "statutory_holiday") == ((600, 840),)


def test_new_hours_of_holidays_leave_the_weekly_pattern():
    hours = [window(), window("holiday", "10:00 14:00", valid_from="2026-07-01")]
    assert on("2026-07-03", hours) == DAY
    assert on("2026-07-03", hours, "statutory_holiday") == ((600, 840),)
    assert on("2026-06-19", hours, "statutory_holiday") == ()


def test_a_company_closure_is_closed_whatever_the_weekday():
    hours = [window(EVERY_DAY), window("holiday", "10:00 14:00")]
    assert on("2026-07-03", hours, "company_closure", opened=["2026-07-03"]) == ()


def test_a_makeup_sunday_opens_like_the_friday_that_it_stands_for():
    hours = [window("mon tue wed thu"), window("fri", "08:00 16:00"), window("sun", "10:00 12:00")]
    assert on("2026-07-05", hours) == ((600, 720),)
    assert on("2026-07-05", hours, "makeup_workday", works_as=4) == ((480, 960),)


def test_a_special_day_opens_a_closed_day():
    hours = [window(), special("2026-07-04", "10:00 14:00")]
    assert on("2026-07-04", hours) == ((600, 840),)
    assert on("2026-07-04", hours, "statutory_holiday") == ((600, 840),)
    assert on("2026-07-04", hours, "company_closure") == ((600, 840),)


def test_a_special_day_closes_an_open_day():
    hours = [window(), special("2026-07-02")]
    week = hours_of(site_days("2026-06-29", 5), hours)
    assert week == {"06-29": DAY, "06-30": DAY, "07-01": DAY, "07-02": (), "07-03": DAY}


def test_a_special_day_has_not_the_weekly_hours_besides():
    assert on("2026-07-02", [window(), special("2026-07-02", "06:00 07:00")]) == ((360, 420),)


def test_a_special_day_may_have_several_windows():
    hours = [special("2026-07-04", "10:00 12:00"), special("2026-07-04", "14:00 16:00")]
    assert on("2026-07-04", hours) == ((600, 720), (840, 960))


def test_a_special_day_of_another_queue_closes_nothing():
    assert on("2026-07-02", [window(), special("2026-07-02", queues=["other"])]) == DAY


def test_the_last_word_on_a_special_day_counts():
    hours = [
        special("2026-07-02", "10:00 12:00"),
        special("2026-07-02", known_on="2026-06-01"),
        special("2026-07-02", "10:00 14:00", known_on="2026-06-15"),
    ]
    known = {day: on("2026-07-02", hours, known=day) for day in ("2026-05-31", "2026-06-14")}
    assert known == {"2026-05-31": ((600, 720),), "2026-06-14": ()}
    assert on("2026-07-02", hours) == on("2026-07-02", hours, known="2026-06-15") == ((600, 840),)


def test_of_two_words_of_one_day_closed_counts():
    assert on("2026-07-02", [special("2026-07-02", "10:00 12:00"), special("2026-07-02")]) == ()


def test_summer_hours_begin_and_end():
    summer = window("mon", "07:00 15:00", valid_from="2026-07-01", valid_to="2026-08-31")
    mondays = site_days("2026-06-22", 85).iloc[::7]
    found = hours_of(mondays, [window(), summer])
    assert {day for day, windows in found.items() if windows == ((420, 900),)} == {
        f"{day:%m-%d}" for day in pd.date_range("2026-07-06", "2026-08-31", freq="7D")
    }
    assert found["06-29"] == found["09-07"] == DAY


def test_bounds_are_days_of_the_pattern():
    only = [window(valid_from="2026-06-30", valid_to="2026-07-02")]
    assert list(hours_of(site_days("2026-06-29", 5), only).values()) == [(), DAY, DAY, DAY, ()]


def test_a_new_pattern_closes_the_weekdays_that_it_leaves_out():
    hours = [window(EVERY_DAY), window(times="07:00 15:00", valid_from="2026-07-01")]
    week = hours_of(site_days("2026-06-27", 9), hours)
    assert week["06-27"] == DAY
    assert (week["07-03"], week["07-04"], week["07-05"]) == (((420, 900),), (), ())


def test_windows_that_begin_together_are_one_pattern():
    first = "2026-07-01"
    hours = [
        window(EVERY_DAY),
        window("mon tue wed thu fri", "07:00 12:00", valid_from=first),
        window("mon tue wed thu fri sat", "13:00 15:00", valid_from=first, valid_to="2026-07-04"),
    ]
    week = hours_of(site_days("2026-07-03", 4), hours)
    assert week["07-03"] == ((420, 720), (780, 900))
    assert week["07-04"] == ((780, 900),)
    assert (week["07-05"], week["07-06"]) == ((), ((420, 720),))


def test_a_new_pattern_of_one_queue_leaves_the_others():
    hours = [window(), window(times="07:00 15:00", queues=["other"], valid_from="2026-07-01")]
    assert on("2026-07-02", hours) == DAY


def test_a_pattern_counts_from_the_day_on_which_it_became_known():
    hours = [window(), window(times="07:00 15:00", valid_from="2026-07-01", known_on="2026-06-10")]
    assert on("2026-07-02", hours, known="2026-06-09") == DAY
    assert on("2026-07-02", hours, known="2026-06-10") == ((420, 900),)
    assert on("2026-06-30", hours, known="2026-06-10") == DAY


def test_what_was_always_known_is_known_at_any_time():
    assert on("2026-07-02", [window()], known="1999-01-01") == DAY


def test_known_days_begin_the_versions():
    hours = [
        window(),
        window(known_on="2026-06-10"),
        special("2026-07-02", known_on="2026-05-01"),
        special("2026-07-03", known_on="2026-06-10"),
    ]
    assert known_days(hours) == [pd.Timestamp("2026-05-01"), pd.Timestamp("2026-06-10")]
    assert known_days([window()]) == []


def test_the_tables_are_not_changed():
    days = site_days("2026-06-29", 7)
    before = days.copy(deep=True)
    day_windows(days, [window(), special("2026-07-02")], SALES)
    assert days.equals(before)


def refused(*hours) -> str:
    with pytest.raises(ParamsError) as caught:
        check_names(hours, {"main"}, {"sales", "service"}, {"voice"})
    return str(caught.value)


def test_names_of_the_history_are_accepted():
    check_names(
        [window(), window(sites=["main"], queues=["service", "sales"], channels=["voice"])],
        ["main"],
        ["sales", "service"],
        ["voice"],
    )


@pytest.mark.parametrize(
    ("field", "kind", "names"),
    [
        ("sites", "site", "main"),
        ("queues", "queue", "sales, service"),
        ("channels", "channel", "voice"),
    ],
)
def test_unknown_names_are_refused(field, kind, names):
    message = refused(window(**{field: ["x"]}), special("2026-07-02", **{field: ["y", "x"]}))
    assert message == f"calendars.opening_hours: 'x', 'y' is no {kind} of the history ({names})"


def test_unknown_names_of_all_kinds_are_refused_together():
    message = refused(window(sites=["delft"], queues=["sale"]), window(channels=["chat"]))
    for part in ("'delft' is no site", "'sale' is no queue", "'chat' is no channel"):
        assert f"calendars.opening_hours: {part} of the history" in message
