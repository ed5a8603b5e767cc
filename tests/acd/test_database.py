"""Queries become exports: only read, streamed, without persons; no message holds a password."""

import hashlib
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from forecast.acd.forms.database import extract, write_extract
from forecast.acd.ingest import take_in
from forecast.acd.profile import profiles
from forecast.errors import InputError
from forecast.params import IngestParams

PARAMS = IngestParams(timezone="America/New_York")
KNOWN = profiles(None, PARAMS)
QUERY = "SELECT * FROM report ORDER BY interval_start"
TALKDESK = "SELECT * FROM calls ORDER BY call_id"
PASSWORD = "hush-hush"  # noqa: S105


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """Return the DSN of a database with an interval report and call records."""
    path = tmp_path / "acd.db"
    with sqlite3.connect(path) as base:
        base.executescript(
            """
            CREATE TABLE report (interval_start TEXT, queue TEXT, interval_minutes INT,
                offered NUMERIC, talk_s REAL, comment TEXT, agent_name TEXT);
            INSERT INTO report VALUES
                ('2024-05-13 09:00', 'Billing', 30, 12, 2400.5, 'x', 'Ann Example'),
                ('2024-05-13 09:30', 'Billing', 30, 7.0, NULL, NULL, 'Bob Example');
            CREATE TABLE calls (call_id TEXT, type TEXT, start_at TEXT, ring_groups TEXT,
                wait_time INT, talk_time INT, user_id TEXT, user_name TEXT,
                contact_phone_number TEXT);
            INSERT INTO calls VALUES
                ('c1', 'inbound', '2024-05-13T13:00:30Z', 'billing', 15, 240,
                 'u1', 'Ann', '+155501'),
                ('c2', 'abandoned', '2024-05-13T13:03:00Z', 'billing', 42, 0,
                 NULL, NULL, '+155502');
            CREATE TABLE none (interval_start TEXT, queue TEXT, offered INT);
            """
        )
    base.close()
    return f"sqlite:///{path}"


def refusal(dsn: str, query: str) -> str:
    with pytest.raises(InputError) as caught:
        extract(dsn, query, KNOWN)
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_an_answer_is_a_table_of_texts(sqlite):
    table, about = extract(sqlite, QUERY, KNOWN)
    assert about.profile == "canonical"
    assert table.to_pylist() == [
        {
            "interval_start": "2024-05-13 09:00",
            "queue": "Billing",
            "interval_minutes": "30",
            "offered": "12",
            "talk_s": "2400.5",
        },
        {
            "interval_start": "2024-05-13 09:30",
            "queue": "Billing",
            "interval_minutes": "30",
            "offered": "7",
            "talk_s": "",
        },
    ]


def test_columns_that_the_profile_does_not_know_are_left_out_and_named(sqlite):
    _, about = extract(sqlite, QUERY, KNOWN)
    assert about.dropped == ("comment", "agent_name")


def test_agents_and_callers_are_never_written(sqlite, tmp_path):
    about = write_extract(sqlite, TALKDESK, KNOWN, tmp_path / "acd" / "calls.parquet")
    assert about.profile == "talkdesk_calls"
    assert about.dropped == ("user_id", "user_name", "contact_phone_number")
    data = (tmp_path / "acd" / "calls.parquet").read_bytes()
    for person in (b"u1", b"Ann", b"+15550"):
        assert person not in data


def test_what_is_written_is_an_export_like_any_other(sqlite, tmp_path):
    target = tmp_path / "acd" / "calls.parquet"
    write_extract(sqlite, TALKDESK, KNOWN, target)
    taken = take_in(target.parent, PARAMS)
    assert taken.ledger[["form", "profile", "rows_accepted"]].values.tolist() == [
        ["parquet", "talkdesk_calls", 2]
    ]
    busy = taken.history[taken.history["offered"] > 0]
    assert busy[["offered", "answered", "abandoned", "talk_s", "wait_s"]].values.tolist() == [
        [2, 1, 1, 240, 15]
    ]


def test_a_file_says_where_it_comes_from(sqlite, tmp_path):
    target = tmp_path / "acd" / "report.parquet"
    write_extract(sqlite, QUERY, KNOWN, target)
    told = pq.read_schema(target).metadata
    assert told[b"forecast.profile"] == b"canonical"
    assert told[b"forecast.source"].decode() == sqlite
    assert told[b"forecast.query_sha256"].decode() == hashlib.sha256(QUERY.encode()).hexdigest()


def test_equal_answers_give_equal_bytes(sqlite, tmp_path):
    paths = [tmp_path / "acd" / f"{n}.parquet" for n in "ab"]
    for path in paths:
        write_extract(sqlite, QUERY, KNOWN, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_an_export_is_never_overwritten(sqlite, tmp_path):
    target = tmp_path / "report.parquet"
    target.write_bytes(b"raw")
    with pytest.raises(InputError, match=r"report\.parquet exists, and exports are never overwr"):
        write_extract(sqlite, QUERY, KNOWN, target)
    assert target.read_bytes() == b"raw"


@pytest.mark.parametrize("query", ["SELECT * FROM none", "SELECT * FROM report WHERE offered > 99"])
def test_an_empty_answer_is_refused_and_leaves_nothing(sqlite, tmp_path, query):
    with pytest.raises(InputError, match="returned no row; nothing was written"):
        write_extract(sqlite, query, KNOWN, tmp_path / "acd" / "none.parquet")
    assert list((tmp_path / "acd").iterdir()) == []
    assert "returned no row" in refusal(sqlite, query)


def test_columns_that_no_profile_knows_are_named(sqlite):
    message = refusal(sqlite, "SELECT queue AS q, offered AS n FROM report")
    assert "no profile knows the query's columns q, n; name them with AS" in message


def test_a_column_that_stands_twice_is_named(sqlite):
    message = refusal(sqlite, "SELECT a.*, b.* FROM report a, report b")
    assert (
        "returns agent_name, comment, interval_minutes, interval_start, offered, queue" in message
    )


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM report",
        "UPDATE report SET offered = 0",
        "DROP TABLE report",
        "SELECT 1; DROP TABLE report",
        "WITH a AS (DELETE FROM report RETURNING *) SELECT * FROM a",
        "SELECT * INTO other FROM report",
        "PRAGMA table_info(report)",
        "/* SELECT */ DELETE FROM report",
        "-- SELECT\nINSERT INTO report SELECT * FROM report",
        "EXPLAIN SELECT 1",
        "SELECT * FROM report FOR UPDATE",
        "",
        " ; ",
        "-- nothing",
    ],
)
def test_a_query_that_does_more_than_read_is_refused_unasked(sqlite, query):
    message = refusal(sqlite, query)
    assert any(
        told in message
        for told in ("must begin with SELECT", "several", "must only read", "the query is empty")
    )
    assert extract(sqlite, QUERY, KNOWN)[0].num_rows == 2


@pytest.mark.parametrize(
    "query",
    [
        QUERY + ";",
        "  -- all of it\n select * from report; ",
        "WITH a AS (SELECT * FROM report) SELECT * FROM a",
        "SELECT *, 'drop; it' AS note, offered AS \"update\" FROM report",
        "SELECT * FROM report WHERE queue LIKE 'B%' AND queue <> ':x' AND queue <> '%s'",
    ],
)
def test_a_query_that_reads_is_passed_on_as_it_is(sqlite, query):
    assert extract(sqlite, query, KNOWN)[0].num_rows == 2


def test_bytes_are_refused_by_their_column(sqlite):
    query = "SELECT interval_start, CAST(queue AS BLOB) AS queue, offered FROM report"
    assert "column 'queue' holds bytes" in refusal(sqlite, query)


@pytest.mark.parametrize(
    ("dsn", "told"),
    [
        ("", "the DSN cannot be read"),
        ("no dsn at all", "the DSN cannot be read"),
        (f"postgresql://me:{PASSWORD}@host:port/base", "the DSN cannot be read"),
        (f"nosuch://me:{PASSWORD}@host/base", "SQLAlchemy knows no database of this kind"),
        (f"oracle+cx_oracle://me:{PASSWORD}@host/base", "its driver cx_Oracle is not installed"),
        ("sqlite:////nowhere/acd.db", "there is no such file"),
    ],
)
def test_a_dsn_that_leads_nowhere_is_told_in_words(dsn, told):
    assert told in refusal(dsn, QUERY)


def test_a_table_that_is_not_there_is_told_in_the_driver_s_words(sqlite):
    assert "no such table: other" in refusal(sqlite, "SELECT * FROM other")


def test_a_missing_sqlite_file_is_not_made(tmp_path):
    refusal(f"sqlite:///{tmp_path / 'new.db'}", QUERY)
    assert list(tmp_path.iterdir()) == []
