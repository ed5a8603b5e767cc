"""Opening windows as settings: what is refused, and the text that a planner can confirm."""

from datetime import date

import pytest
import yaml
from hypothesis import given, settings
from pydantic import ValidationError

from forecast.calendars.hours.opening import as_yaml
from forecast.params.calendar import OpeningHours
from tests.calendars.clerk import special, window
from tests.calendars.test_open_minutes import given_windows

NEEDS_DAYS = "a window needs days (mon, ..., holiday) or dates, and not both"
NEEDS_TIMES = "a window needs opens and closes"
WHOLE_DAY = "opens and closes are equal; round the clock is 00:00 to 24:00"
SHUT = "closed stands with dates, and without opens and closes"
TIMES = {"opens": "08:00", "closes": "18:00"}


@pytest.mark.parametrize(
    ("given_keys", "message"),
    [
        (TIMES, NEEDS_DAYS),
        ({"days": ["mon"], "dates": ["2026-07-01"], **TIMES}, NEEDS_DAYS),
        (
            {"dates": ["2026-07-01"], "valid_from": "2026-07-01", **TIMES},
            "valid_from and valid_to belong to days, not to dates",
        ),
        (
            {"dates": ["2026-07-01"], "valid_to": "2026-07-01", **TIMES},
            "valid_from and valid_to belong to days, not to dates",
        ),
        (
            {"days": ["mon"], "valid_from": "2026-07-02", "valid_to": "2026-07-01", **TIMES},
            "valid_to 2026-07-01 is before valid_from 2026-07-02",
        ),
        ({"days": ["mon"], "closed": True}, SHUT),
        ({"dates": ["2026-07-01"], "closed": True, "opens": "08:00"}, SHUT),
        ({"dates": ["2026-07-01"], "closed": True, "closes": "08:00"}, SHUT),
        ({"days": ["mon"]}, NEEDS_TIMES),
        ({"days": ["mon"], "opens": "08:00"}, NEEDS_TIMES),
        ({"dates": ["2026-07-01"], "closes": "08:00"}, NEEDS_TIMES),
        ({"days": ["mon"], "opens": "08:00", "closes": "08:00"}, WHOLE_DAY),
        ({"days": ["mon"], "opens": "8:00", "closes": "08:00"}, WHOLE_DAY),
        ({"days": ["mon"], "opens": 480, "closes": "18:00"}, "write times in quotes"),
        ({"days": ["mon"], "opens": "8", "closes": "18:00"}, "'8' is no time of day; write it"),
        ({"days": ["mon"], "opens": "08:00", "closes": "24:01"}, "00:00 to 24:00 is"),
        ({"days": ["monday"], **TIMES}, "Input should be 'mon', 'tue'"),
        ({"dates": ["2026-02-30"], **TIMES}, "Input should be a valid date"),
        ({"queues": "sales", "days": ["mon"], **TIMES}, "Input should be 'all'"),
        ({"days": ["mon"], "until": "18:00", **TIMES}, "Extra inputs are not permitted"),
    ],
)
def test_a_window_that_says_too_little_or_too_much_is_refused(given_keys, message):
    with pytest.raises(ValidationError) as caught:
        OpeningHours(**given_keys)
    assert message in str(caught.value)


def read(text: str) -> list[OpeningHours]:
    return [OpeningHours(**entry) for entry in yaml.safe_load(text)]


def test_the_text_has_only_what_is_set():
    assert as_yaml([window("mon tue"), special("2026-07-02", queues=["sales"])]) == (
        '- days: [mon, tue]\n  opens: "08:00"\n  closes: "18:00"\n'
        "- queues: [sales]\n  dates: [2026-07-02]\n  closed: true\n"
    )


def test_every_key_comes_back():
    full = window(
        sites=["main"],
        queues=["sales"],
        channels=["voice"],
        valid_from=date(2026, 7, 1),
        valid_to=date(2026, 7, 1),
        known_on=date(2026, 7, 1),
    )
    text = as_yaml([full, full])
    assert read(text) == [full, full]
    assert "&" not in text


@pytest.mark.parametrize(
    "name", ["yes", "12", "a: b", "- x", "it's", '"q"', "# no", "销售", "a, b", "[", " ", "21:05"]
)
def test_names_come_back_whatever_they_look_like(name):
    hours = [window(queues=[name, "sales"])]
    assert read(as_yaml(hours)) == hours


def test_no_windows_are_an_empty_list():
    assert yaml.safe_load(as_yaml([])) == []


@settings(derandomize=True, deadline=None, max_examples=100)
@given(hours=given_windows())
def test_any_window_comes_back(hours):
    assert read(as_yaml([hours])) == [hours]
