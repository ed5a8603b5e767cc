"""EVENTS of each series: whom an event touches, since when it was known, when it is on."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.calendars.events.of_series import active_ids, events_of
from forecast.calendars.events.peaks import shopping_peaks
from forecast.calendars.events.raw import raw_table, scaled
from forecast.calendars.grid import interval_grid
from forecast.schema import ALWAYS, EVENTS, LOCAL, events_at
from tests.conftest import raw_event, raw_events

SALES = ("main", "sales", "voice")
SERVICE = ("main", "service", "voice")
CHAT = ("north", "sales", "chat")
KEYS = [SALES, SERVICE, CHAT]
ZONES = {"main": ZoneInfo("America/New_York"), "north": ZoneInfo("Asia/Shanghai")}
DAY = pd.Timedelta(days=1)


def row(event_id="sale", start="2003-05-05", end="2003-05-08", announced_on="2003-05-01", **more):
    return raw_event(event_id, start, end, announced_on, **more)


def events(*rows, keys=KEYS):
    return events_of(raw_events(*rows), keys, ZONES.__getitem__)


def series_of(table):
    return list(zip(table["site"], table["queue"], table["channel"], strict=True))


def test_an_event_stands_on_every_series_that_it_names():
    assert series_of(events(row())) == KEYS
    assert series_of(events(row(queues=["service"]))) == [SERVICE]
    assert series_of(events(row(queues=["sales", "service"], sites=["main"]))) == [SALES, SERVICE]
    assert series_of(events(row(queues=["service"], sites=["north"]))) == []


def test_nothing_is_events_without_rows():
    for none in (events(), events(row(), keys=[])):
        assert none.dtypes.to_dict() == EVENTS.empty().dtypes.to_dict()
        assert none.empty


def test_an_announcement_is_the_midnight_of_each_site():
    announced = events(row()).set_index("site")["announced"]
    assert set(announced["main"]) == {pd.Timestamp("2003-05-01T04:00Z")}
    assert announced["north"] == pd.Timestamp("2003-04-30T16:00Z")


def test_an_announcement_may_have_a_time():
    (told,) = events(row(announced_on="2003-05-01 09:30"), keys=[SALES])["announced"]
    assert told == pd.Timestamp("2003-05-01T13:30Z")


def test_what_was_always_known_is_one_instant_everywhere():
    peaks = shopping_peaks(["618"], pd.Timestamp("2003-01-01"), pd.Timestamp("2003-12-31"))
    table = events_of(peaks, KEYS, ZONES.__getitem__)
    assert (table["announced"] == ALWAYS.tz_localize("UTC")).all()
    assert table["withdrawn"].isna().all()
    assert (table["pool"] == "event").all()


@pytest.mark.parametrize(
    ("zone", "day"), [("America/Santiago", "2024-09-08"), ("America/Havana", "2024-11-03")]
)
def test_an_announcement_may_fall_on_a_clock_change_at_midnight(zone, day):
    raw = scaled(raw_table([row(announced_on=day)]))
    (told,) = events_of(raw, [SALES], lambda _: ZoneInfo(zone))["announced"]
    # In Santiago that day begins at 01:00 summer time, in Havana with the first of two midnights.
    assert told == pd.Timestamp(f"{day}T04:00Z")


def test_two_announcements_in_a_skipped_hour_are_one_and_the_last_holds():
    rows = [row(announced_on="2003-04-06 02:10"), row(announced_on="2003-04-06 02:40", end="2004")]
    (only,) = events(*rows, keys=[SALES]).to_dict("records")
    assert only["end"] == pd.Timestamp("2004")
    assert pd.isna(only["withdrawn"])


MOVED = [
    row(announced_on="2003-05-01"),
    row(announced_on="2003-05-03", start="2003-05-12", end="2003-05-15"),
    row(announced_on="2003-05-10", start="2003-05-12", end="2003-05-15", intensity=0.0),
]


def test_a_moved_event_is_withdrawn_when_its_next_row_is_announced():
    table = events(*reversed(MOVED), keys=[SALES])
    assert table["withdrawn"].tolist()[:2] == table["announced"].tolist()[1:]
    assert pd.isna(table["withdrawn"].iloc[2])


@pytest.mark.parametrize(
    ("cutoff", "starts"),
    [
        ("2003-05-01T03:59Z", []),
        ("2003-05-01T04:00Z", ["05-05"]),
        ("2003-05-03T03:59Z", ["05-05"]),
        ("2003-05-03T04:00Z", ["05-12"]),
        ("2003-05-10T04:00Z", []),
        (None, []),
    ],
)
def test_a_cutoff_sees_an_event_as_it_was_told_then(cutoff, starts):
    when = None if cutoff is None else pd.Timestamp(cutoff)
    seen = events_at(events(*MOVED, keys=[SALES]), when)
    assert seen["start"].dt.strftime("%m-%d").tolist() == starts


def test_without_a_cutoff_the_last_row_holds():
    assert events_at(events(*MOVED[:2], keys=[SALES]))["start"].dt.day.tolist() == [12]


def test_a_row_that_no_longer_names_a_series_ends_the_event_there():
    rows = [row(), row(announced_on="2003-05-03", queues=["sales"])]
    assert series_of(events_at(events(*rows))) == [SALES, CHAT]
    before = events_at(events(*rows), pd.Timestamp("2003-05-02T12:00Z"))
    assert series_of(before) == KEYS


def test_breaks_of_holidays_come_in_without_what_they_lack():
    breaks = pd.DataFrame(
        {
            "event_id": ["spring festival 2024", "spring festival 2024"],
            "name": "Spring Festival",
            "kind": "spring festival",
            "pool": "holiday",
            "start": pd.to_datetime(["2024-02-09", "2024-02-10"]),
            "end": pd.to_datetime(["2024-02-17", "2024-02-18"]),
            "intensity": 1.0,
            "announced": [ALWAYS, pd.Timestamp("2023-10-25")],
            "withdrawn": [pd.Timestamp("2023-10-20"), pd.NaT],
        }
    )
    kept = breaks.copy(deep=True)
    table = events_of(breaks, [CHAT], ZONES.__getitem__)
    assert table["withdrawn"].tolist()[0] == pd.Timestamp("2023-10-19T16:00Z")
    assert (table["pool"] == "holiday").all()
    assert (table["source"] == "").all()
    assert events_at(table, pd.Timestamp("2023-10-22T00:00Z")).empty
    assert len(events_at(table)) == 1
    pd.testing.assert_frame_equal(breaks, kept)


def test_a_withdrawn_event_without_successor_is_gone():
    raw = scaled(raw_table([row()])).assign(withdrawn=pd.Timestamp("2003-05-04"))
    table = events_of(raw, [SALES], ZONES.__getitem__)
    assert events_at(table).empty
    assert len(events_at(table, pd.Timestamp("2003-05-04T03:59Z"))) == 1
    assert events_at(table, pd.Timestamp("2003-05-04T04:00Z")).empty


days = st.integers(0, 40).map(lambda n: pd.Timestamp("2003-05-01") + DAY * n)


@settings(max_examples=60, deadline=None)
@given(
    told=st.lists(
        st.tuples(st.sampled_from("abc"), days, days, st.sampled_from([0.0, 1.0, 2.0])),
        max_size=8,
        unique_by=lambda r: r[:2],
    ),
    cutoff=days.map(lambda day: day.tz_localize("UTC")),
)
def test_at_any_cutoff_an_event_has_one_row_and_nothing_of_the_future(told, cutoff):
    rows = [
        row(i, announced_on=a, start=s, end=s + DAY, intensity=strength)
        for i, a, s, strength in told
    ]
    table = events(*rows, keys=[SALES])
    seen = events_at(table, cutoff)
    past = table[table["announced"] <= cutoff]
    last = past[~past.duplicated("event_id", keep="last")]
    pd.testing.assert_frame_equal(seen, last[last["intensity"] > 0].reset_index(drop=True))
    by_then = [r for r in rows if r["announced_on"].tz_localize("America/New_York") <= cutoff]
    as_told = events_at(events(*by_then, keys=[SALES]), cutoff)
    columns = [c for c in EVENTS.names if c != "withdrawn"]
    assert seen[columns].to_numpy().tolist() == as_told[columns].to_numpy().tolist()


def test_an_event_is_on_where_it_covers_any_part_of_an_interval():
    table = events(row(start="2003-05-05 08:10", end="2003-05-05 09:00"), keys=[SALES])
    local = pd.Series(
        pd.date_range("2003-05-05 07:00", periods=6, freq="30min"), index=range(5, 11)
    )
    on = active_ids(table, local, 30)
    assert on.tolist() == ["", "", "sale", "sale", "", ""]
    assert on.index.tolist() == local.index.tolist()
    assert on.dtype == "str"


def test_overlapping_events_are_joined():
    rows = [row("a"), row("b", start="2003-05-07", end="2003-05-09"), row("c", end="2003-05-06")]
    local = pd.Series(pd.date_range("2003-05-04", periods=6, freq="1D"))
    assert active_ids(events(*rows, keys=[SALES]), local, 24 * 60).tolist() == [
        *("", "a+c", "a", "a+b", "b", "")
    ]


def test_there_may_be_no_events_and_no_intervals():
    local = pd.Series(pd.date_range("2003-05-05", periods=3, freq="30min"))
    assert active_ids(EVENTS.empty(), local, 30).tolist() == ["", "", ""]
    assert active_ids(events(row(), keys=[SALES]), local[:0], 30).empty


def test_in_the_doubled_hour_an_event_is_on_twice_and_in_the_skipped_one_not_at_all():
    table = events(row(start="2003-10-26 01:00", end="2003-10-26 02:00"), keys=[SALES])
    autumn = interval_grid(pd.Timestamp("2003-10-26"), 1, 30, ZONES["main"])["local"]
    assert (active_ids(table, autumn, 30) == "sale").sum() == 4
    skipped = events(row(start="2003-04-06 02:00", end="2003-04-06 03:00"), keys=[SALES])
    spring = interval_grid(pd.Timestamp("2003-04-06"), 1, 30, ZONES["main"])["local"]
    assert set(active_ids(skipped, spring, 30)) == {""}


moments = st.integers(0, 48).map(
    lambda n: pd.Timestamp("2003-05-05") + pd.Timedelta(minutes=25 * n)
)


@settings(max_examples=80, deadline=None)
@given(
    spans=st.lists(st.tuples(moments, moments).filter(lambda s: s[0] < s[1]), max_size=6),
    local=st.lists(moments, max_size=30),
    interval_min=st.sampled_from([5, 30, 60]),
)
def test_active_ids_are_those_that_a_look_at_each_interval_finds(spans, local, interval_min):
    table = pd.DataFrame(
        {
            "event_id": pd.Series([f"e{i}" for i in range(len(spans))], dtype="str"),
            "start": pd.Series([s for s, _ in spans], dtype=LOCAL),
            "end": pd.Series([e for _, e in spans], dtype=LOCAL),
        }
    )
    length = pd.Timedelta(minutes=interval_min)
    expected = [
        "+".join(f"e{i}" for i, (s, e) in enumerate(spans) if at < e and at + length > s)
        for at in local
    ]
    assert active_ids(table, pd.Series(local, dtype=LOCAL), interval_min).tolist() == expected


def test_a_decade_of_intervals_and_a_hundred_events_are_quick():
    local = pd.Series(pd.date_range("2010", periods=100_000, freq="30min", unit="us"))
    starts = local.to_numpy()[np.linspace(0, 99_000, 100).astype(int)]
    table = pd.DataFrame(
        {
            "event_id": [f"event {i}" for i in range(100)],
            "start": starts,
            "end": starts + np.timedelta64(30, "D"),
        }
    )
    on = active_ids(table, local, 30)
    assert on.str.count(r"\+").max() >= 1
    assert on.iloc[0] == "event 0"
