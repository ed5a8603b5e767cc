"""A promotions file is taken in whole, or refused with every bad cell in it."""

import csv

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.calendars.events.raw import COLUMNS, RAW, raw_table, read_events, together
from forecast.errors import InputError

HEADER = ",".join(COLUMNS)
LONG = f"{HEADER},reach,sites"
GOOD = "spring,Spring sale,promotion,2003-05-05,2003-05-07,sales;service,1.5,2003-04-28"
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "💥 sale 🧨",
    "\u202eelas\u202c مبيعات",
    "x" * 300,
    '"two"\nlines, and ; a <b>tag</b>',
    "../../etc/passwd",
]


@pytest.fixture
def read(tmp_path):
    """Return a function that reads events from rows of a promotions file."""

    def from_rows(*rows: str, header: str = HEADER) -> pd.DataFrame:
        path = tmp_path / "promotions.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return read_events(path, {"sales", "service"}, {"main", "north"})

    return from_rows


def refusal(read, *rows: str, header: str = HEADER) -> str:
    with pytest.raises(InputError) as caught:
        read(*rows, header=header)
    return str(caught.value)


def test_an_event_is_read_as_it_is_written(read):
    (event,) = read(GOOD).to_dict("records")
    assert event == {
        "event_id": "spring",
        "name": "Spring sale",
        "kind": "promotion",
        "start": pd.Timestamp("2003-05-05"),
        "end": pd.Timestamp("2003-05-08"),
        "queues": ["sales", "service"],
        "sites": "all",
        "intensity": 1.5,
        "announced_on": pd.Timestamp("2003-04-28"),
        "source": "promotions.csv, line 2",
    }


def test_empty_cells_mean_intensity_one_and_announced_at_its_start(read):
    (event,) = read("spring,,,2003-05-05,2003-05-07,all,,").to_dict("records")
    assert event["intensity"] == 1
    assert event["announced_on"] == pd.Timestamp("2003-05-05")
    assert event["queues"] == "all"
    assert (event["name"], event["kind"]) == ("spring", "event")


def test_columns_and_types_are_the_same_with_and_without_events(read, tmp_path):
    none = read_events(tmp_path / "nothing.csv", {"sales"}, {"main"})
    assert none.empty
    assert read().empty
    some = read(GOOD)
    assert list(none.columns) == list(some.columns) == list(RAW)
    assert none.dtypes.to_dict() == some.dtypes.to_dict()


@pytest.mark.parametrize(
    ("start", "end", "begins", "ends"),
    [
        ("2026-11-11", "2026-11-11", "2026-11-11 00:00", "2026-11-12 00:00"),
        ("2026-11-10 20:00", "2026-11-11 23:30", "2026-11-10 20:00", "2026-11-11 23:30"),
        ("2026-11-10 20:00", "2026-11-11", "2026-11-10 20:00", "2026-11-12 00:00"),
        ("2026-11-10", "2026-11-11 02:00", "2026-11-10 00:00", "2026-11-11 02:00"),
        ("2026-11-10 23:59", "2026-11-10", "2026-11-10 23:59", "2026-11-11 00:00"),
    ],
)
def test_an_end_day_is_in_the_event_and_an_end_moment_is_not(read, start, end, begins, ends):
    (event,) = read(f"x,,,{start},{end},all,,").to_dict("records")
    assert (event["start"], event["end"]) == (pd.Timestamp(begins), pd.Timestamp(ends))


def test_reach_is_compared_to_the_first_event_of_the_kind(read):
    events = read(
        "b,,mail-out,2026-03-01,2026-03-01,all,,,10000,",
        "a,,mail-out,2026-02-01,2026-02-01,all,,,40000,",
        "c,,advert,2026-01-01,2026-01-01,all,,,5,",
        "d,,mail-out,2026-04-01,2026-04-01,all,3,,,",
        "e,,mail-out,2026-01-01,2026-01-01,all,,,,",
        header=LONG,
    )
    assert events["intensity"].tolist() == [0.25, 1, 1, 3, 1]


def test_zero_is_cancelled(read):
    assert read("x,,,2003-05-05,2003-05-07,all,0,")["intensity"].tolist() == [0]


def test_sites_may_be_named(read):
    rows = [f"{i},,,2003-05-05,2003-05-07,all,,,,{s}" for i, s in enumerate(["north", "", "all"])]
    assert read(*rows, header=LONG)["sites"].tolist() == [["north"], "all", "all"]


def test_events_may_overlap_and_names_may_repeat(read):
    other = GOOD.replace("spring,", "again,").replace("sales;service", "sales; sales")
    assert read(GOOD, other)["queues"].tolist() == [["sales", "service"], ["sales"]]


def test_a_moved_event_has_a_row_for_each_announcement(read):
    moved = read(GOOD, "spring,,promotion,2003-06-05,2003-06-07,all,,2003-05-01 14:30")
    assert moved["event_id"].tolist() == ["spring", "spring"]
    assert moved["announced_on"].tolist() == [
        pd.Timestamp("2003-04-28"),
        pd.Timestamp("2003-05-01 14:30"),
    ]


def test_an_event_may_be_announced_after_it_began(read):
    late = read("x,,,2003-05-05,2003-05-07,all,,2003-06-01")
    assert late["announced_on"].tolist() == [pd.Timestamp("2003-06-01")]


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ("x,,,2003-05-05,2003-05-07,sails,,,,", "queues", "'sails' is no queue of the history"),
        ("x,,,2003-05-05,2003-05-07,sales;sails,,,,", "queues", "'sails' is no queue"),
        ("x,,,2003-05-05,2003-05-07,,,,,", "queues", "write 'all' or names separated by ;"),
        ("x,,,2003-05-05,2003-05-07,all,,,,moon", "sites", "'moon' is no site of the history"),
        ("x,,,2003-05-07,2003-05-05,all,,,,", "end", "found 2003-05-07 to 2003-05-05"),
        ("x,,,2003-05-07,2003-05-05,all,,,,", "end", "must not be before start"),
        ("x,,,2003-05-07 20:00,2003-05-07 20:00,all,,,,", "end", "must be after start"),
        ("x,,,2003-05-07,2003-05-07 00:00,all,,,,", "end", "must be after start"),
        ("x,,,05/05/2003,2003-05-07,all,,,,", "start", "found '05/05/2003'"),
        ("x,,,2003-05-05 24:00,2003-05-07,all,,,,", "start", "found '2003-05-05 24:00'"),
        ("x,,,2003-05-05,2003-02-29,all,,,,", "end", "found '2003-02-29'"),
        ("x,,,0203-05-05,2003-02-28,all,,,,", "start", "found '0203-05-05'"),
        ("x,,,２００３-05-05,2003-02-28,all,,,,", "start", "found '２００３-05-05'"),
        ("x,,,,2003-05-07,all,,,,", "start", "must be a day like 2003-11-11, or a moment"),
        ("x,,,2003-05-05,2003-05-07,all,,soon,,", "announced_on", "found 'soon'"),
        ("x,,,2003-05-05,2003-05-07,all,-1,,,", "intensity", "0 (cancelled) or more; found '-1'"),
        ("x,,,2003-05-05,2003-05-07,all,40000,,,", "intensity", "go into the column reach; found"),
        ("x,,,2003-05-05,2003-05-07,all,much,,,", "intensity", "found 'much'"),
        ("x,,,2003-05-05,2003-05-07,all,inf,,,", "intensity", "found 'inf'"),
        ("x,,,2003-05-05,2003-05-07,all,nan,,,", "intensity", "found 'nan'"),
        ('x,,,2003-05-05,2003-05-07,all,"1,5",,,', "intensity", "found '1,5'"),
        ("x,,,2003-05-05,2003-05-07,all,,,0,", "reach", "must be a number above 0; found '0'"),
        ("x,,,2003-05-05,2003-05-07,all,,,40k,", "reach", "above 0; found '40k'"),
        ("x,,,2003-05-05,2003-05-07,all,2,,5,", "reach", "keep one; found '2' and '5'"),
        (",,,2003-05-05,2003-05-07,all,,,,", "event_id", "must not be empty"),
        ("a+b,,,2003-05-05,2003-05-07,all,,,,", "event_id", "must not hold +"),
        (f"{GOOD},,", "event_id", "'spring' occurs twice with announced_on 2003-04-28"),
        (f"{GOOD[:-10]},,", "event_id", "'spring' occurs twice; rows that move an event"),
    ],
)
def test_a_bad_cell_is_shown_with_its_line_and_column(read, row, column, rule):
    message = refusal(read, f"{GOOD},,", row, header=LONG)
    assert "promotions.csv is refused, no event was taken in:" in message
    assert f"line 3, column {column}: " in message
    assert rule in message


def test_the_first_of_two_that_share_an_id_needs_its_announcement_too(read):
    message = refusal(read, GOOD[:-10], GOOD)
    assert "line 2, column announced_on: 'spring' occurs again below" in message


def test_all_problems_of_a_file_are_told_together_in_the_order_of_its_lines(read):
    message = refusal(
        read,
        GOOD,
        "autumn,,,2003-05-07,2003-05-05,sails,much,soon",
        "short,row",
        ",,,x,y,all,-1,",
        GOOD,
    )
    places = [
        "line 3, column queues",
        "line 3, column intensity",
        "line 3, column announced_on",
        "line 3, column end",
        "line 4: 2 fields where the header has 8",
        "line 5, column intensity",
        "line 5, column start",
        "line 5, column end",
        "line 5, column event_id",
        "line 6, column event_id: 'spring' occurs twice",
    ]
    found = [message.find(place) for place in places]
    assert -1 not in found
    assert found == sorted(found)


def test_what_is_unknown_is_shown_beside_what_exists(read):
    message = refusal(read, "x,,,2003-05-05,2003-05-07,sails,,,,moon", header=LONG)
    assert "(sales, service)" in message
    assert "(main, north)" in message


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (",".join(COLUMNS[:-1]), "announced_on"),
        (f"{LONG},budget", "budget"),
        (HEADER.replace("event_id", "id"), "event_id, id"),
    ],
)
def test_other_columns_are_refused(read, header, shown):
    message = refusal(read, header=header)
    assert "promotions.csv, line 1: the columns must be event_id, name, kind" in message
    assert message.endswith(f"missing or unknown: {shown}")


def test_the_file_is_not_changed(read, tmp_path):
    refusal(read, GOOD, GOOD)
    assert (tmp_path / "promotions.csv").read_text() == "\n".join([HEADER, GOOD, GOOD, ""])


@pytest.mark.parametrize("text", HOSTILE)
def test_names_stay_plain_text(tmp_path, text):
    path = tmp_path / "promotions.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        row = [text, text, text, "2003-05-05", "2003-05-07", "all", "", ""]
        csv.writer(file).writerows([COLUMNS, row])
    (event,) = read_events(path, {"sales"}, {"main"}).to_dict("records")
    assert [event[c] for c in ("event_id", "name", "kind")] == [text] * 3


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cell=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    column=st.sampled_from([*COLUMNS, "reach", "sites"]),
)
def test_any_text_is_read_or_refused_by_its_place(tmp_path, cell, column):
    row = {
        **dict.fromkeys(("event_id", "name", "kind"), "x"),
        **{"start": "2003-05-05", "end": "2003-05-07", "queues": "all", column: cell},
    }
    path = tmp_path / "promotions.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*COLUMNS, "reach", "sites"], restval="")
        writer.writeheader()
        writer.writerow(row)
    told = ""
    try:
        events = read_events(path, {"sales"}, {"main"})
    except InputError as error:
        told = str(error)
    if told:
        assert f"column {column}: " in told
    else:
        assert (events["end"] > events["start"]).all()
        assert events["intensity"].between(0, float("inf"), inclusive="left").all()


def test_two_files_must_not_share_an_id(read):
    one = read(GOOD)
    assert len(together([one, one.assign(event_id="other")])) == 2
    assert together([]).dtypes.to_dict() == raw_table([]).dtypes.to_dict()
    with pytest.raises(InputError) as caught:
        together([one, one.assign(source="team.ics, UID spring")])
    assert "'spring' stands in promotions.csv, line 2 and in team.ics, UID spring" in str(
        caught.value
    )
