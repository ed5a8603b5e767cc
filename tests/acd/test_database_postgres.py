"""Extracts from PostgreSQL, where it is installed: types, errors, its own lock on writing."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
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
PASSWORD = "hush-hush"  # noqa: S105


def refusal(dsn: str, query: str) -> str:
    with pytest.raises(InputError) as caught:
        extract(dsn, query, KNOWN)
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None
    return str(caught.value)


def _server_folder() -> Path | None:
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in folders if (f / "initdb").exists() and (f / "pg_ctl").exists()), None)


def _as_somebody(command: list[str]) -> list[str]:
    """Return a command as it runs without root, which the server refuses to run as."""
    if os.geteuid() != 0:
        return command
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("PostgreSQL does not run as root, and there is no setpriv to become another")
    return [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", *command]


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """Return the DSN of a throw-away server's database, its user being one that may write."""
    folder = _server_folder()
    if folder is None:
        pytest.skip("PostgreSQL (initdb, pg_ctl) is not installed")
    psycopg = pytest.importorskip("psycopg", reason="the driver psycopg is not installed")
    # Not below pytest's own folder, into which nobody else may look.
    home = Path(tempfile.mkdtemp(prefix="acd-"))
    if os.geteuid() == 0:
        os.chown(home, 65534, 65534)
    secret = home / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = {"check": True, "capture_output": True, "cwd": home, "timeout": 120}
    data = home / "data"
    initdb = [str(folder / "initdb"), "-D", str(data), "-U", "me", "-A", "scram-sha-256"]
    subprocess.run(_as_somebody([*initdb, f"--pwfile={secret}", "-E", "UTF8"]), **run)
    options = f"-h 127.0.0.1 -p {port} -k {home} -c timezone=America/New_York -c fsync=off"
    control = [str(folder / "pg_ctl"), "-D", str(data), "-w"]
    subprocess.run(_as_somebody([*control, "-l", str(home / "log"), "-o", options, "start"]), **run)
    try:
        where = f"host=127.0.0.1 port={port} user=me password={PASSWORD} dbname=postgres"
        with psycopg.connect(where, autocommit=True) as base:
            base.execute(
                """
                CREATE SEQUENCE numbers;
                CREATE TABLE report (day date, start time, at timestamptz, queue text,
                    offered numeric(12, 2), answered bigint, zero numeric(20, 10),
                    talk interval, wait double precision, ok boolean);
                INSERT INTO report VALUES
                    ('2024-05-13', '09:00', '2024-05-13 09:00-04', 'Billing', 12.00, 10, 0,
                     interval '1 day 1 hour 2 seconds', 14.5, true),
                    ('2024-05-13', '09:30', '2024-05-13 15:30+02', 'Größe 队列', 7, NULL, 1.5,
                     NULL, NULL, false);
                """
            )
        yield f"postgresql+psycopg://me:{PASSWORD}@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(_as_somebody([*control, "-m", "immediate", "stop"]), **run)
        shutil.rmtree(home)


PG = """SELECT at AS interval_start, queue, 30 AS interval_minutes, offered, answered,
zero AS abandoned, talk AS talk_s, wait AS wait_s FROM report ORDER BY 2"""


def test_typed_cells_become_texts_that_say_the_same(postgres):
    table, about = extract(postgres, PG, KNOWN)
    assert about.profile == "canonical"
    assert about.source == postgres.replace(PASSWORD, "***")
    columns = table.to_pydict()
    assert columns["interval_start"] == ["2024-05-13 09:00:00-04:00", "2024-05-13 09:30:00-04:00"]
    assert columns["queue"] == ["Billing", "Größe 队列"]
    assert columns["offered"] == ["12.00", "7.00"]
    assert columns["answered"] == ["10", ""]
    assert columns["abandoned"] == ["0.0000000000", "1.5000000000"]
    assert columns["talk_s"] == ["25:00:02", ""]
    assert columns["wait_s"] == ["14.5", ""]


def test_dates_times_and_truth_become_texts(postgres):
    query = (
        'SELECT day AS "Date", start AS "Time", ok AS x, answered AS "Calls Inbound" FROM report'
    )
    table, about = extract(postgres, query, KNOWN)
    assert about.profile == "five9_interval"
    assert about.dropped == ("x",)
    assert table.to_pydict()["Date"] == ["2024-05-13", "2024-05-13"]
    assert table.to_pydict()["Time"] == ["09:00:00", "09:30:00"]


def test_an_offset_survives_up_to_history(postgres, tmp_path):
    write_extract(postgres, PG.replace("zero", "0"), KNOWN, tmp_path / "acd" / "report.parquet")
    history = take_in(tmp_path / "acd", IngestParams(timezone="Asia/Shanghai")).history
    assert history["ds"].dt.strftime("%H:%M").tolist() == ["13:00", "13:30"]
    assert history["talk_s"].iloc[0] == 90_002


def test_many_rows_come_piece_by_piece(postgres, tmp_path):
    query = """SELECT timestamptz '2024-01-01 00:00Z' + n * interval '15 minutes' AS interval_start,
        'q' AS queue, 15 AS interval_minutes, n % 7 AS offered FROM generate_series(0, 24999) n"""
    target = tmp_path / "acd" / "many.parquet"
    write_extract(postgres, query, KNOWN, target)
    file = pq.ParquetFile(target)
    assert file.metadata.num_rows == 25_000
    assert file.metadata.num_row_groups == 3
    assert take_in(target.parent, PARAMS).history["offered"].sum() == sum(
        n % 7 for n in range(25_000)
    )


def test_the_server_itself_refuses_to_write(postgres):
    writes = "SELECT nextval('numbers') AS offered, now() AS interval_start, 'q' AS queue"
    assert "cannot execute nextval() in a read-only transaction" in refusal(postgres, writes)


def test_the_server_hands_rows_out_by_a_cursor(postgres):
    query = "SELECT count(*) AS offered, now() AS interval_start, 'q' AS queue FROM pg_cursors"
    assert extract(postgres, query, KNOWN)[0].to_pydict()["offered"] == ["1"]


def test_wrong_passwords_hosts_and_tables_are_told_in_words(postgres):
    wrong = postgres.replace(PASSWORD, "wrong-word")
    message = refusal(wrong, PG)
    assert "no connection" in message
    assert "password authentication failed" in message
    assert "wrong-word" not in message
    port = postgres.rpartition(":")[2].partition("/")[0]
    assert "no connection" in refusal(postgres.replace(f":{port}/", ":1/"), PG)
    assert "no connection" in refusal(postgres.replace("127.0.0.1", "no.such.host.invalid"), PG)
    assert 'relation "other" does not exist' in refusal(postgres, "SELECT * FROM other")
    assert 'database "other" does not exist' in refusal(postgres.replace("/postgres", "/other"), PG)


def test_a_password_among_the_options_is_not_shown(postgres):
    host = postgres.partition("@")[2]
    dsn = f"postgresql+psycopg://me@{host}?password=wrong-word&nonsense=1"
    message = refusal(dsn, PG)
    assert "wrong-word" not in message


def test_a_short_password_hides_the_whole_message(postgres):
    message = refusal(postgres.replace(PASSWORD, "fai"), PG)
    assert message.endswith(
        "no connection (the driver's message is not shown, for the password is "
        "too short to be told in it)"
    )


def test_brackets_around_a_query_are_passed_on(postgres):
    assert extract(postgres, f"({PG})", KNOWN)[0].num_rows == 2
