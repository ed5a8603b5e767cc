"""What the report says of special days, in words and in lines to paste."""

import pandas as pd

from forecast.calendars.events.raw import read_events
from forecast.reports.special import (
    alike,
    felt,
    folded,
    promotions_csv,
    special,
)
from forecast.schema import CALENDAR, EVENT_EFFECTS, EVENTS, KIND_EFFECTS, UNEXPLAINED

FIRST = pd.Timestamp("2026-06-10")
FACTS = {"opening_hours": [], "opening_yaml": "", "provisional_years": {"main": [2027]}}


def effect(event_id="e", start="2026-06-16", end="2026-06-19", **more):
    """Return a row of EVENT_EFFECTS."""
    row = {
        "site": "main", "queue": "sales", "channel": "voice", "target": "offered",
        "event_id": event_id, "name": event_id, "kind": "promotion", "pool": "event",
        "known_events": 4, "start": pd.Timestamp(start), "end": pd.Timestamp(end),
        "intensity": 1.0, "basis": "kind", "during": 1.3, "during_q05": 1.2, "during_q95": 1.4,
        "peak_date": pd.Timestamp(start), "peak": 1.5, "peak_q05": 1.25, "peak_q95": 1.75,
        "extra": 1000.0, "extra_q05": -200.0, "extra_q95": 2100.0,
    }  # fmt: skip
    return {**row, **more}


def calendar_of(days, *, site="main", doubt=0.0, open_min=30.0, holiday=""):
    """Return CALENDAR with one interval a day."""
    local = pd.date_range(FIRST, periods=days, freq="D", unit="us")
    frame = pd.DataFrame({"local": local, "ds": local.tz_localize("UTC")}).assign(
        site=site, queue="sales", channel="voice", known=pd.Timestamp(0, tz="UTC"),
        open_min=open_min, day_type="working_day", works_as=0, holiday=holiday, festival="",
        festival_day=float("nan"), doubt=doubt, event="",
    )  # fmt: skip
    return CALENDAR.validate(frame[CALENDAR.names])


def told(*effects, found=None, calendar=None):
    frame = pd.DataFrame(effects, columns=EVENT_EFFECTS.names)
    return special(
        calendar_of(3) if calendar is None else calendar,
        EVENTS.empty(),
        EVENT_EFFECTS.validate(frame) if len(effects) else EVENT_EFFECTS.empty(),
        UNEXPLAINED.empty() if found is None else found,
        FACTS,
        FIRST,
    )


def found_of(*rows):
    """Return UNEXPLAINED of (queue, start, end, what, offered, expected)."""
    names = ["queue", "start", "end", "what", "offered", "expected"]
    frame = pd.DataFrame(rows, columns=names).assign(site="main", channel="voice", z=9.0)
    for name in ("start", "end"):
        frame[name] = pd.to_datetime(frame[name], format="mixed")
    frame = frame.assign(size=frame["offered"] - frame["expected"])
    frame = frame.astype(dict.fromkeys(("offered", "expected", "size"), "float64"))
    return UNEXPLAINED.validate(frame[UNEXPLAINED.names])


def test_what_is_ahead_comes_soonest_first_and_what_is_past_largest_first():
    rows = told(
        effect("later", "2026-07-01", "2026-07-02"),
        effect("on_now", "2026-06-08", "2026-06-12", basis="own"),
        effect("small", "2026-05-01", "2026-05-02", extra=10.0),
        effect("large", "2026-05-04", "2026-06-10", extra=-900.0),
    )
    assert [row["event_id"] for row in rows["ahead"]["shown"]] == ["on_now", "later"]
    assert [row["event_id"] for row in rows["past"]["shown"]] == ["large", "small"]


def test_volume_and_handle_time_of_an_event_stand_in_one_row():
    longer = effect(target="aht_s", during=1.1, during_q05=1.05, during_q95=1.15, extra=None)
    (row,) = told(effect(intensity=2.0), longer)["ahead"]["shown"]
    assert row["series"] == "main / sales / voice"
    assert (row["peak"], row["extra"], row["intensity"]) == (1.5, 1000.0, 2.0)
    assert (row["during"], row["during_aht"], row["during_q95_aht"]) == (1.3, 1.1, 1.15)
    (alone,) = told(effect())["ahead"]["shown"]
    assert pd.isna(alone["during_aht"])


def test_long_lists_are_folded():
    rows = told(*(effect(f"e{i:02d}") for i in range(25)))["ahead"]
    assert (len(rows["shown"]), len(rows["rest"])) == (20, 5)
    assert folded([]) == {"shown": [], "rest": []}


def test_doubt_is_told_with_what_it_does_to_the_width():
    one, none = told(calendar=calendar_of(2, doubt=0.5)), told(calendar=calendar_of(2))
    (row,) = one["provisional"]
    assert row == {"site": "main", "years": "2027", "days": 2, "chance": 0.5, "wider": 0.25}
    assert none["provisional"][0]["days"] == 0


def test_doubt_without_a_provisional_year_is_told_too():
    (row,) = told(calendar=calendar_of(1, doubt=0.1, site="other"))["provisional"]
    assert (row["site"], row["years"], row["days"]) == ("other", "", 1)


def test_sites_with_one_calendar_share_it():
    same = pd.concat([calendar_of(3, site="a"), calendar_of(3, site="c")])
    other = calendar_of(3, site="b", holiday="Feast")
    calendar = CALENDAR.validate(pd.concat([same, other]))
    assert alike(calendar, EVENTS.empty()) == [["a", "c"], ["b"]]


def test_the_lines_to_paste_are_a_file_of_events(tmp_path):
    found = found_of(
        ("sales", "2026-03-02", "2026-03-04", "busy", 300, 200),
        ("sales", "2026-04-01 07:00", "2026-04-01 09:30", "silent", 0, 90),
        ('a "b", c', "2026-04-01 22:00", "2026-04-02", "quiet", 20, 60),
    )
    path = tmp_path / "promotions.csv"
    path.write_text(promotions_csv(found, with_sites=True), encoding="utf-8")
    events = read_events(path, {"sales", 'a "b", c'}, {"main"})
    assert events["event_id"].is_unique
    kept = events.sort_values("start", ignore_index=True)
    order = found.sort_values("start", ignore_index=True)
    assert kept[["start", "end"]].equals(order[["start", "end"]])
    assert kept["queues"].str[0].tolist() == order["queue"].tolist()
    assert kept["kind"].tolist() == ["unnamed busy", "outage", "unnamed quiet"]
    assert (kept["announced_on"] >= kept["end"]).all(), "nobody knew of it before it was over"


def test_nothing_to_name_is_a_header_alone():
    header = "event_id,name,kind,start,end,queues,intensity,announced_on\n"
    assert promotions_csv(UNEXPLAINED.empty(), with_sites=False) == header


def test_the_largest_to_name_come_first():
    rows = told(
        found=found_of(
            ("sales", "2026-03-02", "2026-03-03", "busy", 300, 200),
            ("sales", "2026-03-05", "2026-03-06", "silent", 0, 900),
        )
    )["unexplained"]["shown"]
    assert [(row["offered"], row["expected"]) for row in rows] == [(0, 900), (300, 200)]


def test_nothing_is_told_of_days_on_which_a_kind_found_the_queue_closed():
    effects = EVENT_EFFECTS.validate(
        pd.DataFrame(
            [effect(), effect("h", kind="rest", during=None, during_q05=None, during_q95=None)]
        )[EVENT_EFFECTS.names]
    )
    rows = [
        {"kind": kind, "phase": phase, "day": 1, "effect": 1.2}
        for kind in ("promotion", "rest")
        for phase in ("before", "during")
    ]
    kinds = pd.DataFrame(rows).assign(
        site="main", queue="sales", channel="voice", target="offered", pool="event",
        known_events=1, effect_q05=1.0, effect_q95=1.4,
    )  # fmt: skip
    untold = felt(KIND_EFFECTS.validate(kinds[KIND_EFFECTS.names]), effects)
    empty = untold[untold["effect"].isna()]
    assert empty[["kind", "phase"]].to_numpy().tolist() == [["rest", "during"]]
