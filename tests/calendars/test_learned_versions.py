"""Learned hours change when the queue's do, and no backtest knows of it before."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from forecast.calendars.hours.learned import learned_hours
from forecast.calendars.hours.opening import day_windows, known_days
from forecast.params.calendar import OpeningHours
from tests.calendars.calls import make_calls, together, workdays
from tests.calendars.clerk import SALES, site_days
from tests.calendars.test_learned_hours import MON_FRI, every, few, learned

YEAR = workdays("2003-01-06", "2003-12-26")
CHANGE = "2003-06-30"
BEFORE = [day for day in YEAR if day < CHANGE]
AFTER = [day for day in YEAR if day >= CHANGE]


def versions(hours: list[OpeningHours]) -> list[tuple]:
    return [(" ".join(w.days), w.opens, w.closes, w.valid_from, w.known_on) for w in hours]


def changed(opens: str, closes: str, minutes: int = 30) -> list[OpeningHours]:
    """Return what is learned of hours that were 08:00 to 18:00 until the change."""
    old, new = (
        make_calls(BEFORE, minutes=minutes),
        make_calls(AFTER, opens, closes, minutes=minutes),
    )
    return learned(together(old, new))


def test_hours_that_never_change_were_always_known():
    assert versions(learned(make_calls(YEAR))) == [(MON_FRI, "08:00", "18:00", None, None)]


def test_longer_hours_are_seen_at_the_end_of_the_block():
    found = changed("08:00", "20:00")
    assert versions(found) == [
        (MON_FRI, "08:00", "18:00", None, None),
        (MON_FRI, "08:00", "20:00", date(2003, 6, 14), date(2003, 7, 12)),
    ]
    # Blocks of four weeks end on the history's last day.
    assert (date(2003, 12, 26) - date(2003, 7, 11)).days % 28 == 0


def test_shorter_hours_are_seen_once_a_block_shows_them():
    assert versions(changed("08:00", "17:00"))[1:] == [
        (MON_FRI, "08:00", "17:00", date(2003, 7, 12), date(2003, 8, 9))
    ]


def test_five_minutes_less_a_day_are_a_change():
    assert versions(changed("08:00", "17:55", minutes=5))[1:] == [
        (MON_FRI, "08:00", "17:55", date(2003, 7, 12), date(2003, 8, 9))
    ]


def test_hours_that_move_end_where_they_moved_to():
    assert versions(changed("10:00", "20:00"))[-1][:3] == (MON_FRI, "10:00", "20:00")


def test_a_saturday_that_ends_closes():
    saturdays = make_calls(every("2003-01-11", 24), "10:00", "14:00")
    found = versions(learned(together(make_calls(YEAR), saturdays)))
    assert found == [
        (MON_FRI, "08:00", "18:00", None, None),
        ("sat", "10:00", "14:00", None, None),
        (MON_FRI, "08:00", "18:00", date(2003, 7, 12), date(2003, 8, 9)),
    ]


def test_half_an_hour_less_on_one_weekday_takes_eight_weeks_to_see():
    saturdays = every("2003-01-11", 50)
    old = [day for day in saturdays if day < CHANGE]
    new = [day for day in saturdays if day >= CHANGE]
    ten = make_calls(old, "10:00", "14:00"), make_calls(new, "10:00", "13:30")
    found = versions(learned(together(make_calls(YEAR), *ten)))
    assert found[2:] == [
        (MON_FRI, "08:00", "18:00", date(2003, 8, 9), date(2003, 9, 6)),
        ("sat", "10:00", "13:30", date(2003, 8, 9), date(2003, 9, 6)),
    ]


def test_a_short_summer_comes_and_goes():
    summer = [day for day in YEAR if "2003-06-16" <= day < "2003-09-01"]
    rest = [day for day in YEAR if day not in summer]
    found = learned(together(make_calls(rest), make_calls(summer, "08:00", "14:00")))
    assert [w.closes for w in found] == ["18:00", "14:00", "18:00"]


def test_a_fortnight_of_other_hours_is_no_change():
    fortnight = [day for day in YEAR if "2003-06-16" <= day < "2003-06-28"]
    rest = [day for day in YEAR if day not in fortnight]
    assert len(learned(together(make_calls(rest), make_calls(fortnight, "08:00", "12:00")))) == 1


def test_a_pause_is_no_change():
    paused = [day for day in YEAR if not "2003-05-01" <= day < "2003-08-15"]
    assert len(learned(make_calls(paused))) == 1


@pytest.mark.parametrize("share", [0.15, 0.25, 0.35])
def test_a_time_that_is_now_busy_now_quiet_changes_nothing(share):
    rng = np.random.default_rng(5)
    late = [day for day in YEAR if rng.random() < share]
    assert len(learned(together(make_calls(YEAR), make_calls(late, "18:00", "18:30")))) == 1


def test_chance_seldom_changes_the_hours_of_few_contacts():
    changes = 0
    for seed in range(10):
        local = few(10, {MON_FRI: (8, 18)}, weeks=52, seed=seed, stray_per_week=0.5)
        found = learned_hours(local, pd.Series(30, local.index), SALES)
        changes += len(known_days(found))
    assert changes <= 2


def test_a_queue_that_begins_with_a_test_call_is_learned_when_it_opens():
    found = learned(together(make_calls(["2003-01-08"], "23:00", "23:30"), make_calls(AFTER)))
    assert versions(found)[-1][:3] == (MON_FRI, "08:00", "18:00")


def test_hours_are_not_learned_from_a_handful_of_days():
    trial = make_calls(BEFORE[:8], "10:00", "11:00")
    found = learned(together(trial, make_calls([day for day in YEAR if day >= "2003-02-21"])))
    assert versions(found) == [(MON_FRI, "08:00", "18:00", None, None)]


def test_hours_after_a_holiday_that_came_alone_count_as_known_always():
    history = together(make_calls(["2003-01-01"], "10:00", "12:00"), make_calls(AFTER))
    assert versions(learned(history, ("2003-01-01",))) == [(MON_FRI, "08:00", "18:00", None, None)]


def test_a_cutoff_sees_only_what_had_been_learned_by_then():
    found = changed("08:00", "17:00")
    days = site_days("2003-07-14", 5)
    for known, closes in (("2003-08-08", 1080), ("2003-08-09", 1020)):
        seen = day_windows(days, found, SALES, pd.Timestamp(known))
        assert set(seen.values()) == {((480, closes),)}
    assert known_days(found) == [pd.Timestamp("2003-08-09")]


def known_in_august(history: pd.DataFrame) -> list[OpeningHours]:
    return [w for w in learned(history) if not w.known_on or w.known_on <= date(2003, 9, 1)]


@pytest.mark.parametrize(
    ("opens", "closes", "minutes"),
    [("09:00", "12:00", 30), ("07:00", "22:00", 30), ("09:00", "16:30", 5)],
)
def test_what_comes_later_does_not_change_what_was_known(opens, closes, minutes):
    first = [day for day in YEAR if day < "2003-09-01"]
    then = [day for day in YEAR if day >= "2003-09-01"]
    saturdays = every("2003-01-11", 34)
    past = together(
        make_calls(first),
        make_calls([day for day in saturdays if day < "2003-06-16"], "10:00", "14:00"),
        make_calls([day for day in saturdays if day >= "2003-06-16"], "10:00", "13:30"),
    )
    as_before = together(past, make_calls(then))
    otherwise = together(past, make_calls(then, opens, closes, minutes=minutes))
    assert known_in_august(as_before) == known_in_august(otherwise)


def test_many_contacts_later_do_not_change_what_few_had_shown():
    past = few(6, {MON_FRI: (8, 18)}, minutes=5, weeks=8)
    found = []
    for per_day in (6, 600):
        later = few(per_day, {MON_FRI: (8, 18)}, minutes=5, weeks=60) + pd.Timedelta(weeks=8)
        end = pd.Timestamp("2025-03-20 12:00")
        local = pd.concat([past, later[later < end], pd.Series([end])], ignore_index=True)
        hours = learned_hours(local, pd.Series(5, local.index), SALES)
        found.append([w for w in hours if w.known_on is None])
    assert found[0] == found[1]


def test_a_short_history_is_learned_from_as_a_whole():
    found = learned(make_calls(YEAR[:15]))
    assert versions(found) == [(MON_FRI, "08:00", "18:00", None, None)]
