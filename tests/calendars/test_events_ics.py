"""iCalendar files: days, zones and recurrences become wall time; what is unclear is refused."""

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.calendars.events.ics import read_folder, read_ics
from forecast.calendars.events.raw import COLUMNS, RAW
from forecast.errors import InputError

SPAN = (pd.Timestamp("2024-01-01"), pd.Timestamp("2024-12-31"))
NEW_YORK = ZoneInfo("America/New_York")
SHANGHAI = ZoneInfo("Asia/Shanghai")
KNOWN = ({"sales", "service"}, {"main", "north"})
DAY = ("DTSTART;VALUE=DATE:20240109", "DTEND;VALUE=DATE:20240111")


def vevent(*lines: str, uid: str = "sale") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])


def calendar(*parts: str) -> str:
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *parts, "END:VCALENDAR"]
    return "\r\n".join("\n".join(whole).splitlines()) + "\r\n"


@pytest.fixture
def read(tmp_path):
    """Return a function that reads events from the parts of a calendar."""

    def from_parts(*parts: str, zone: ZoneInfo = NEW_YORK, span=SPAN) -> pd.DataFrame:
        path = tmp_path / "team.ics"
        path.write_bytes(calendar(*parts).encode())
        return read_ics(path, *span, *KNOWN, zone)

    return from_parts


def refusal(read, *parts: str) -> str:
    with pytest.raises(InputError) as caught:
        read(*parts)
    return str(caught.value)


def spans(events: pd.DataFrame) -> list[str]:
    ordered = events.sort_values("start")
    return [f"{e.start:%m-%d %H:%M} {e.end:%m-%d %H:%M}" for e in ordered.itertuples()]


def test_an_event_is_read_as_it_is_written(read):
    (event,) = read(
        vevent(
            "SUMMARY:Winter sale\\, all of it",
            "CATEGORIES:Promotion,Other",
            "CATEGORIES:Third",
            *DAY,
            "CREATED:20231202T030000Z",
            "X-FORECAST-QUEUES:sales\\;service",
            "X-FORECAST-SITES:north",
            "X-FORECAST-INTENSITY:1.5",
        )
    ).to_dict("records")
    assert event == {
        "event_id": "sale",
        "name": "Winter sale, all of it",
        "kind": "promotion",
        "start": pd.Timestamp("2024-01-09"),
        "end": pd.Timestamp("2024-01-11"),
        "queues": ["sales", "service"],
        "sites": ["north"],
        "intensity": 1.5,
        "announced_on": pd.Timestamp("2023-12-01"),
        "source": "team.ics, UID sale",
    }


def test_what_is_not_said_is_all_of_one_strength_known_at_its_start(read):
    (event,) = read(vevent(*DAY)).to_dict("records")
    assert (event["name"], event["kind"]) == ("sale", "event")
    assert (event["queues"], event["sites"], event["intensity"]) == ("all", "all", 1)
    assert event["announced_on"] == event["start"]


def test_a_calendar_without_events_is_a_table_without_rows(read):
    assert read().empty
    assert list(read().columns) == list(RAW)


@pytest.mark.parametrize(
    ("lines", "span"),
    [
        (DAY, "01-09 00:00 01-11 00:00"),
        (DAY[:1], "01-09 00:00 01-10 00:00"),
        ((DAY[0], "DURATION:P3D"), "01-09 00:00 01-12 00:00"),
        (("DTSTART:20240109T200000", "DTEND:20240110T020000"), "01-09 20:00 01-10 02:00"),
        (("DTSTART:20240109T200000", "DURATION:PT90M"), "01-09 20:00 01-09 21:30"),
        (("DTSTART:20240110T010000Z", "DURATION:PT1H"), "01-09 20:00 01-09 21:00"),
        (
            ("DTSTART;TZID=Asia/Shanghai:20240110T090000", "DURATION:PT1H"),
            "01-09 20:00 01-09 21:00",
        ),
        (
            ("DTSTART;TZID=China Standard Time:20240110T090000", "DURATION:PT1H"),
            "01-09 20:00 01-09 21:00",
        ),
        (
            ("DTSTART;TZID=Asia/Tokyo:20240110T100000", "DTEND:20240110T030000Z"),
            "01-09 20:00 01-09 22:00",
        ),
    ],
)
def test_times_become_wall_time_of_the_site(read, lines, span):
    assert spans(read(vevent(*lines))) == [span]


def test_whole_days_and_floating_times_are_those_of_any_zone(read):
    parts = [vevent(*DAY), vevent("DTSTART:20240109T200000", "DURATION:PT1H", uid="float")]
    assert spans(read(*parts, zone=SHANGHAI)) == spans(read(*parts))


def test_a_zone_of_the_file_and_one_of_the_calendar_are_followed(read):
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Office\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE"
    )
    own = vevent("DTSTART;TZID=Office:20240109T120000", "DURATION:PT1H")
    assert spans(read(zone, own)) == ["01-09 04:00 01-09 05:00"]
    floating = vevent("DTSTART:20240109T120000", "DURATION:PT1H")
    assert spans(read("X-WR-TIMEZONE:Asia/Shanghai", floating)) == ["01-08 23:00 01-09 00:00"]


def test_what_recurs_keeps_its_wall_time_over_a_clock_change(read):
    rule = vevent(
        "DTSTART;TZID=America/New_York:20240308T200000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=4"
    )
    at_eight = [f"03-{day:02d} 20:00 03-{day:02d} 21:00" for day in (8, 9, 10, 11)]
    assert spans(read(rule)) == at_eight
    abroad = spans(read(rule, zone=SHANGHAI))
    assert abroad[0].startswith("03-09 09:00")
    assert abroad[-1].startswith("03-12 08:00")


def test_an_event_in_the_doubled_hour_keeps_its_length(read):
    events = read(vevent("DTSTART:20241103T053000Z", "DTEND:20241103T061500Z"))
    assert spans(events) == ["11-03 01:30 11-03 02:15"]
    across = read(vevent("DTSTART:20241103T040000Z", "DTEND:20241103T080000Z"))
    assert spans(across) == ["11-03 00:00 11-03 03:00"]


WEEKLY = vevent(
    "SUMMARY:Billing run",
    "CATEGORIES:Billing",
    "DTSTART;VALUE=DATE:20240101",
    "RRULE:FREQ=WEEKLY;COUNT=5",
    "EXDATE;VALUE=DATE:20240108",
    "X-FORECAST-QUEUES:service",
    "X-FORECAST-REACH:4000",
    "CREATED:20231201T120000Z",
    uid="bill",
)


@pytest.mark.parametrize(
    ("begin", "until"),
    [
        (";VALUE=DATE:20240109", "20240112"),
        (":20240109T200000", "20240112T200000"),
        (":20240109T200000Z", "20240112T200000Z"),
        (";TZID=America/New_York:20240109T200000", "20240113T010000Z"),
    ],
)
def test_a_rule_ends_with_its_last_day(read, begin, until):
    length = "DURATION:P1D" if "DATE" in begin else "DURATION:PT1H"
    assert len(read(vevent(f"DTSTART{begin}", length, f"RRULE:FREQ=DAILY;UNTIL={until}"))) == 4


def test_a_rule_is_followed_without_what_is_taken_out(read):
    events = read(WEEKLY)
    assert events["event_id"].tolist() == [
        f"bill/2024-01-{day}" for day in ("01", "15", "22", "29")
    ]
    assert (events["queues"].map(lambda names: names == ["service"])).all()
    assert (events["announced_on"] == pd.Timestamp("2023-12-01")).all()


def test_a_changed_occurrence_keeps_its_id_and_what_the_series_says(read):
    change = vevent(
        "RECURRENCE-ID;VALUE=DATE:20240115",
        "SUMMARY:Late billing run",
        "DTSTART;VALUE=DATE:20240117",
        "X-FORECAST-ANNOUNCED-ON:2024-01-10",
        uid="bill",
    )
    events = read(WEEKLY, change).set_index("event_id")
    late = events.loc["bill/2024-01-15"]
    assert late["start"] == pd.Timestamp("2024-01-17")
    assert late["name"] == "Late billing run"
    assert (late["queues"], late["kind"]) == (["service"], "billing")
    assert late["announced_on"] == pd.Timestamp("2024-01-10")
    assert len(events) == 4


def test_a_changed_occurrence_may_have_an_intensity_where_the_series_has_a_reach(read):
    change = vevent(
        "RECURRENCE-ID;VALUE=DATE:20240115",
        "DTSTART;VALUE=DATE:20240115",
        "X-FORECAST-INTENSITY:2",
        uid="bill",
    )
    assert sorted(read(WEEKLY, change)["intensity"]) == [1, 1, 1, 2]


def test_a_cancelled_event_has_intensity_zero(read):
    change = vevent(
        "RECURRENCE-ID;VALUE=DATE:20240115",
        "DTSTART;VALUE=DATE:20240115",
        "STATUS:cancelled",
        uid="bill",
    )
    events = read(WEEKLY, change).set_index("event_id")["intensity"]
    assert events.to_dict() == {
        "bill/2024-01-01": 1,
        "bill/2024-01-15": 0,
        "bill/2024-01-22": 1,
        "bill/2024-01-29": 1,
    }
    assert read(vevent(*DAY, "STATUS:CANCELLED"))["intensity"].tolist() == [0]
    assert read(vevent(*DAY, "STATUS:TENTATIVE"))["intensity"].tolist() == [1]


def test_an_id_holds_the_day_of_the_recurrence_in_the_zone_of_the_site(read):
    daily = vevent(
        "DTSTART;TZID=America/New_York:20240109T200000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3"
    )
    moved = vevent("RECURRENCE-ID:20240111T010000Z", "DTSTART:20240111T020000Z", "DURATION:PT1H")
    assert read(daily, moved).set_index("event_id")["start"].dt.hour.to_dict() == {
        "sale/2024-01-09": 20,
        "sale/2024-01-10": 21,
        "sale/2024-01-11": 20,
    }


def test_a_change_to_all_that_follow_gives_each_an_id(read):
    daily = vevent("DTSTART:20240109T200000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=4")
    change = vevent(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20240111T200000",
        "DTSTART:20240111T180000",
        "DURATION:PT3H",
    )
    events = read(daily, change)
    assert events["event_id"].tolist() == [f"sale/2024-01-{n:02d}" for n in (9, 10, 11, 12)]
    assert events["start"].dt.hour.tolist() == [20, 20, 18, 18]


def test_of_two_versions_the_later_holds(read):
    old = vevent(*DAY, "SEQUENCE:0", "SUMMARY:old")
    new = vevent(*DAY, "SEQUENCE:2", "SUMMARY:new")
    assert read(new, old)["name"].tolist() == ["new"]


def test_only_what_touches_the_span_is_read(read):
    forever = vevent("DTSTART;VALUE=DATE:19000101", "RRULE:FREQ=DAILY")
    one = pd.Timestamp("2024-02-29")
    assert read(forever, span=(one, one))["event_id"].tolist() == ["sale/2024-02-29"]
    across = vevent("DTSTART;VALUE=DATE:20231225", "DTEND;VALUE=DATE:20240102")
    assert len(read(across)) == 1
    assert read(vevent("DTSTART;VALUE=DATE:20231225", "DTEND;VALUE=DATE:20240101")).empty
    far = [vevent(f"DTSTART;VALUE=DATE:{year}0102", uid=year) for year in ("1601", "2190")]
    assert read(*far).empty
    late = vevent("DTSTART:20241231T235900", "DURATION:PT2M", uid="late")
    assert len(read(late)) == 1


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("X-FORECAST-ANNOUNCED-ON:2023-11-05", "2023-11-05"),
        ("X-FORECAST-ANNOUNCED-ON:20231105", "2023-11-05"),
        ("X-FORECAST-ANNOUNCED-ON:2023-11-05 14:30", "2023-11-05 14:30"),
        ("CREATED:20231106T030000Z", "2023-11-05"),
        # Written where the program did not know: the event counts as known from its start.
        ("CREATED:19000101T120000Z", "2024-01-09"),
        ("CREATED:00001231T000000Z", "2024-01-09"),
    ],
)
def test_an_event_is_known_from_its_announcement_or_creation(read, line, day):
    assert read(vevent(*DAY, line))["announced_on"].tolist() == [pd.Timestamp(day)]


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ((), "needs a DTSTART"),
        (("DTSTART:2024",), "DTSTART: Expected datetime"),
        (("DTSTART;VALUE=TIME:100000",), "needs a DTSTART that is a day"),
        ((*DAY, "DTSTART;VALUE=DATE:20240110"), "DTSTART stands twice"),
        ((*DAY, "DURATION:P1D"), "has DTEND and DURATION; keep one"),
        (("DTSTART:20240109T200000",), "a time alone has no length"),
        (("DTSTART:20240109T200000", "DTEND:20240109T200000"), "must end after it starts"),
        (("DTSTART:20240109T200000", "DTEND:20240109T190000"), "must end after it starts"),
        (("DTSTART;VALUE=DATE:20240109", "DURATION:-P1D"), "must end after it starts"),
        (("DTSTART;VALUE=DATE:20240109", "DTEND;VALUE=DATE:20240109"), "must end after"),
        (("DTSTART:20240109T200000", "DTEND;VALUE=DATE:20240110"), "must both be days, or both"),
        (("DTSTART:20240109T200000", "DTEND:20240110T200000Z"), "must both have a zone, or both"),
        (("DTSTART;TZID=Mars/Base:20240109T200000", "DURATION:PT1H"), "'Mars/Base' is no known"),
        ((DAY[0], "DURATION:P99999999W"), "cannot be followed (OverflowError"),
        ((*DAY, "RRULE:FREQ=NEVER"), "RRULE: Expected frequency"),
        ((*DAY, "RRULE:FREQ=SECONDLY"), "FREQ must be one of DAILY"),
        ((*DAY, "RRULE:FREQ=DAILY;INTERVAL=0"), "INTERVAL must be 1 or more; found 0"),
        ((*DAY, "RRULE:FREQ=DAILY;BYHOUR=9,15"), "an event can recur once a day"),
        ((*DAY, "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"), "RRULE stands twice"),
        (
            ("DTSTART:20240109T200000", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20240112"),
            "UNTIL must have a time as DTSTART has; found 2024-01-12",
        ),
        (
            ("DTSTART:20240109T200000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20240112T200000"),
            "UNTIL must be in UTC where DTSTART has a zone",
        ),
        ((*DAY, "EXRULE:FREQ=DAILY"), "EXRULE is not read"),
        ((*DAY, "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:soon"), "EXDATE: Expected datetime"),
        ((*DAY, "no line of a calendar"), "a line: Content line could not be parsed"),
        (
            (*DAY, "X-FORECAST-QUEUES:sails"),
            "X-FORECAST-QUEUES: 'sails' is no queue of the history",
        ),
        ((*DAY, "X-FORECAST-SITES:moon"), "'moon' is no site of the history (main, north)"),
        ((*DAY, "X-FORECAST-INTENSITY:-1"), "X-FORECAST-INTENSITY: must be a number"),
        ((*DAY, "X-FORECAST-REACH:0"), "X-FORECAST-REACH: must be a number above 0; found '0'"),
        ((*DAY, "X-FORECAST-REACH:5", "X-FORECAST-INTENSITY:1"), "stands beside an intensity"),
        ((*DAY, "X-FORECAST-ANNOUNCED-ON:soon"), "X-FORECAST-ANNOUNCED-ON: must be a day"),
        ((*DAY, "CREATED:yesterday"), "CREATED: Expected datetime"),
        (("DTSTART;VALUE=DATE:99991231",), "must end by the year 2199"),
        ((DAY[0], "DTEND;VALUE=DATE:99991231"), "must end by the year 2199; found 9999-12-31"),
        ((*DAY, "RRULE:FREQ=DAILY;UNTIL=20240120T"), "RRULE: Expected datetime"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_event(read, lines, rule):
    message = refusal(read, vevent(*lines), vevent(*DAY, uid="good"))
    assert "team.ics is refused, no event was taken in:" in message
    assert "event 'sale': " in message
    assert rule in message
    assert "good" not in message


def test_events_that_cannot_be_told_apart_are_refused(read):
    assert "stands twice with one SEQUENCE" in refusal(read, vevent(*DAY), vevent(*DAY))
    without = vevent("SUMMARY:Lost", *DAY).replace("UID:sale\n", "")
    assert "event 'Lost': has no UID" in refusal(read, without)
    daily = vevent("DTSTART:20240109T080000", "DURATION:PT1H", "RDATE:20240109T160000")
    assert "event 'sale/2024-01-09' stands 2 times in the file" in refusal(read, daily)


def test_all_problems_of_a_file_are_told_together(read):
    message = refusal(
        read, vevent(uid="one"), vevent(*DAY, "X-FORECAST-QUEUES:sails", "X-FORECAST-REACH:x")
    )
    assert message.count("\n") == 3


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "is no iCalendar file"),
        (b"hello", "is no iCalendar file"),
        (b"PK\x03\x04\xff", "line 1: byte 0xff is not UTF-8"),
        (calendar(vevent(*DAY)).replace("END:VCALENDAR\r\n", "").encode(), "or has no end"),
        (calendar(vevent(*DAY)).replace("END:VEVENT\r\n", "").encode(), "is no iCalendar file"),
        (
            (calendar(vevent(*DAY)) + calendar(vevent(*DAY, uid="b"))[:-15]).encode(),
            "or has no end",
        ),
        (vevent(*DAY).encode(), "or has no end"),
    ],
)
def test_a_file_that_is_no_calendar_or_not_whole_is_refused(tmp_path, data, rule):
    path = tmp_path / "team.ics"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_ics(path, *SPAN, *KNOWN, NEW_YORK)
    assert "team.ics" in str(caught.value)
    assert rule in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_ics(tmp_path / "none.ics", *SPAN, *KNOWN, NEW_YORK)


def test_a_calendar_of_another_kind_and_a_wrong_zone_are_refused(read):
    assert "Only Gregorian" in refusal(read, "CALSCALE:CHINESE", vevent(*DAY))
    assert "No time zone found with key Nowhere" in refusal(
        read, "X-WR-TIMEZONE:Nowhere", vevent(*DAY)
    )


def test_several_calendars_and_a_byte_order_mark_are_read(tmp_path):
    path = tmp_path / "team.ics"
    both = calendar(vevent(*DAY)) + calendar(vevent(*DAY, uid="b"))
    path.write_text("\ufeff" + both, encoding="utf-8", newline="")
    assert read_ics(path, *SPAN, *KNOWN, NEW_YORK)["event_id"].tolist() == ["sale", "b"]


def folded(line: str) -> str:
    """Return a content line in pieces of 20 characters, as RFC 5545, 3.1 folds it."""
    pieces = [line[i : i + 20] for i in range(0, len(line), 20)]
    return "\n ".join(pieces)


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0",
        "💥 sale 🧨",
        "\u202eelas\u202c مبيعات",
        "x" * 300,
        "<script>alert(1)</script>",
        "{{ 7 * 7 }} %(x)s {0}",
    ],
)
def test_names_stay_plain_text(read, text):
    (event,) = read(
        vevent(folded(f"SUMMARY:{text}"), folded(f"CATEGORIES:{text}"), *DAY, uid=folded(text))
    ).to_dict("records")
    assert (event["name"], event["kind"], event["event_id"]) == (text, text.lower(), text)


def test_a_plus_sign_does_not_join_ids(read):
    assert read(vevent(*DAY, uid="a+b"))["event_id"].tolist() == ["a%2Bb"]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    start=st.datetimes(dt.datetime(2024, 1, 3), dt.datetime(2024, 12, 30)),
    minutes=st.integers(1, 3000),
    zone=st.sampled_from(["America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
)
def test_an_instant_is_its_wall_time_and_no_event_is_empty(read, start, minutes, zone):
    start = start.replace(microsecond=0)
    (event,) = read(
        vevent(f"DTSTART:{start:%Y%m%dT%H%M%S}Z", f"DURATION:PT{minutes}M"), zone=ZoneInfo(zone)
    ).to_dict("records")
    instant = pd.Timestamp(start, tz="UTC")
    assert event["start"] == instant.tz_convert(zone).tz_localize(None)
    assert event["end"] > event["start"]
    length = event["end"] - event["start"]
    assert abs(length - pd.Timedelta(minutes=minutes)) <= pd.Timedelta(hours=1)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(["DTSTART", "DTEND", "RRULE", "EXDATE", "CREATED", "SEQUENCE", "UID"]),
    value=st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), max_size=15),
)
def test_any_value_is_read_or_refused(read, name, value):
    lines = [line for line in DAY if not line.startswith(name)]
    try:
        events = read(vevent(*lines, f"{name}:{value}"))
    except InputError as error:
        told = str(error)
        assert "team.ics" in told
    else:
        assert (events["end"] > events["start"]).all()


def write_folder(folder, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8", newline="")


ROW = "spring,,mail-out,2024-05-05,2024-05-07,all,,,20000"
CSV = "\n".join([",".join([*COLUMNS, "reach"]), ROW]) + "\n"
MAIL = vevent(*DAY, "CATEGORIES:Mail-out", "X-FORECAST-REACH:40000")


def test_a_folder_holds_the_events_of_all_its_files(tmp_path):
    write_folder(tmp_path, promotions_csv=CSV, b_ics=calendar(MAIL), readme_txt="not read")
    write_folder(tmp_path, a_ICS=calendar(vevent(*DAY, uid="other")))
    events = read_folder(tmp_path, *SPAN, *KNOWN, NEW_YORK)
    assert events["event_id"].tolist() == ["other", "sale", "spring"]
    # Half as many as the first mail-out, which stands in another file.
    assert events["intensity"].tolist() == [1, 1, 0.5]
    assert list(events.columns) == list(RAW)


def test_a_folder_without_files_or_that_is_not_there_holds_no_events(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        assert read_folder(folder, *SPAN, *KNOWN, NEW_YORK).empty


def test_two_files_with_one_id_are_refused_by_name(tmp_path):
    shared = calendar(vevent(*DAY, uid="spring"))
    write_folder(tmp_path, promotions_csv=CSV, b_ics=shared)
    with pytest.raises(InputError) as caught:
        read_folder(tmp_path, *SPAN, *KNOWN, NEW_YORK)
    message = str(caught.value)
    assert "'spring' stands in b.ics, UID spring and in promotions.csv, line 2" in message
