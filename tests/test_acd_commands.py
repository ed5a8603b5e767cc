"""`forecast acd ...`: what a planner sees in the first hour, and the codes a script tests for."""

import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from forecast.cli import app
from forecast.errors import InputError

GOOD = "interval_start,queue,offered\n" + "".join(
    f"2024-05-{day} {hour:02d}:{minute:02d},sales,{10 + hour}\n"
    for day in (13, 14, 15)
    for hour in range(8, 18)
    for minute in (0, 30)
)
UNKNOWN = "Fecha;Hora;Cola;Llamadas;Agente\n13-05-2024;09:00;Ventas;12;Ana\n"


def forecast(*arguments: object):
    result = CliRunner().invoke(app(), ["acd", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def ingest(tmp_path: Path, **exports: str):
    folder = tmp_path / "in"
    folder.mkdir(exist_ok=True)
    for name, text in exports.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return forecast("ingest", folder, tmp_path / "out", "--tz", "Europe/Madrid")


def test_a_good_folder_is_taken_in(tmp_path):
    result = ingest(tmp_path, calls=GOOD)
    assert result.exit_code == 0
    assert "60 rows" in result.output
    out = tmp_path / "out"
    history = pd.read_parquet(out / "history.parquet")
    assert history["offered"].sum() == pd.read_csv(out / "ledger.csv")["offered_accepted"].item()
    assert (out / "summary.txt").read_text(encoding="utf-8").strip() == result.output.strip()


def test_findings_have_their_own_exit_code(tmp_path):
    result = ingest(tmp_path, calls=GOOD.rstrip("\n"))
    assert result.exit_code == 10
    assert "the last line has no end" in result.output
    assert "cut_off" in set(pd.read_csv(tmp_path / "out" / "findings.csv")["kind"])


def test_a_bad_row_among_good_ones_is_some_input_rejected(tmp_path):
    result = ingest(tmp_path, calls=GOOD + "2024-05-16 08:00,sales,many\n")
    assert result.exit_code == 11
    assert "calls.csv, line 62, column offered" in result.output
    listed = forecast("quarantine", tmp_path / "out")
    assert "2024-05-16 08:00,sales,many" in listed.output
    assert "calls.repaired.csv for calls.csv" in listed.output


def test_a_file_that_nobody_knows_among_good_ones_is_named(tmp_path):
    result = ingest(tmp_path, calls=GOOD, other=UNKNOWN)
    assert result.exit_code == 11
    assert "rejected: other.csv" in result.output


def test_nothing_taken_in_is_all_rejected(tmp_path):
    result = ingest(tmp_path, other=UNKNOWN)
    assert result.exit_code == 12
    assert (tmp_path / "out" / "ledger.csv").is_file()


def test_a_repaired_copy_takes_the_files_place(tmp_path):
    bad = GOOD.replace("2024-05-13 08:00,sales,18", "2024-05-13 08:00,sales,eighteen")
    assert ingest(tmp_path, calls=bad).exit_code == 11
    result = ingest(tmp_path, **{"calls.repaired": GOOD})
    assert result.exit_code == 0
    ledger = pd.read_csv(tmp_path / "out" / "ledger.csv").set_index("file")
    assert ledger.loc["calls.csv", "rows_superseded"] == 60
    assert ledger.loc["calls.repaired.csv", "rows_accepted"] == 60


def test_results_beside_the_exports_are_refused(tmp_path):
    (tmp_path / "calls.csv").write_text(GOOD, encoding="utf-8")
    with pytest.raises(InputError, match="results beside the exports"):
        forecast("ingest", tmp_path, tmp_path / "out")


def test_a_zone_that_is_none_is_refused(tmp_path):
    (tmp_path / "calls.csv").write_text(GOOD, encoding="utf-8")
    with pytest.raises(InputError, match="'Madrid' is no IANA time zone"):
        forecast("ingest", tmp_path, tmp_path.parent / "out", "--tz", "Madrid")


def test_inspect_says_what_is_seen(tmp_path):
    (tmp_path / "calls.csv").write_text("Report\n" + GOOD + "Total,,9\nsoon,sales,4\n")
    result = forecast("inspect", tmp_path / "calls.csv", "--tz", "Europe/Madrid")
    assert result.exit_code == 0
    for told in (
        "utf-8 (every byte fits)",
        "comma; header in line 2",
        "canonical: The canonical layout (interval level)",
        "wall time of the site: Europe/Madrid",
        "60 accepted, 1 quarantined, 1 ignored",
        "ignored      1 rows: preamble",
        "ignored      1 rows: total",
        "2024-05-13 06:00:00+00:00 to 2024-05-15 15:30:00+00:00",
        "30 min (60 rows)",
        "main / sales / voice: 1,350 contacts",
        "line 64, column interval_start",
    ):
        assert told in result.output, told


def test_inspect_starts_a_profile_that_can_be_finished(tmp_path):
    (tmp_path / "in").mkdir()
    file = tmp_path / "in" / "switch.csv"
    file.write_text(UNKNOWN + "13-05-2024;09:30;Ventas;14;Eva\n", encoding="utf-8")
    profile = tmp_path / "profiles" / "switch.yaml"
    profile.parent.mkdir()
    result = forecast("inspect", file, "--profiles", profile.parent, "--write", profile)
    assert result.exit_code == 12
    assert "no profile knows any of its 5 columns" in result.output
    text = profile.read_text(encoding="utf-8")
    assert "Ana" not in text
    assert "- Fecha\n  - Hora\n" in text
    text = text.replace(
        "'WHICH COLUMN NAMES THE QUEUE? (or give constants: {queue: NAME})'", "Cola"
    )
    text = text.replace("WHICH COLUMN COUNTS THE CONTACTS OFFERED?", "Llamadas")
    profile.write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    assert forecast("ingest", file.parent, out, "--profiles", profile.parent).exit_code == 0
    assert pd.read_parquet(out / "history.parquet")["offered"].tolist() == [12, 14]


def test_inspect_overwrites_no_profile(tmp_path):
    (tmp_path / "switch.csv").write_text(UNKNOWN, encoding="utf-8")
    there = tmp_path / "switch.yaml"
    there.write_text("title: mine\n", encoding="utf-8")
    with pytest.raises(InputError, match="is there already"):
        forecast("inspect", tmp_path / "switch.csv", "--write", there)
    assert there.read_text(encoding="utf-8") == "title: mine\n"


def test_extract_writes_what_ingest_reads_and_no_persons(tmp_path, monkeypatch):
    database = tmp_path / "acd.db"
    with sqlite3.connect(database) as connection:
        connection.execute("create table t (interval_start, queue, offered, agent_name)")
        rows = [(f"2024-05-13 09:{m:02d}", "007", 4 + m, "Ann") for m in (0, 30)]
        connection.executemany("insert into t values (?, ?, ?, ?)", rows)
    connection.close()
    monkeypatch.setenv("FORECAST_ACD_DSN", f"sqlite:///{database}")
    monkeypatch.setenv("FORECAST_ACD_QUERY", "select * from t")
    target = tmp_path / "in" / "acd.parquet"
    target.parent.mkdir()
    result = forecast("extract", target)
    assert "left in the database: agent_name" in result.output
    assert b"Ann" not in target.read_bytes()
    assert forecast("ingest", target.parent, tmp_path / "out").exit_code == 0
    history = pd.read_parquet(tmp_path / "out" / "history.parquet")
    assert history[["queue", "offered"]].to_numpy().tolist() == [["007", 4], ["007", 34]]


def test_extract_says_which_variable_is_not_set(tmp_path, monkeypatch):
    monkeypatch.delenv("FORECAST_ACD_DSN", raising=False)
    monkeypatch.delenv("FORECAST_ACD_QUERY", raising=False)
    with pytest.raises(InputError, match="set FORECAST_ACD_DSN and FORECAST_ACD_QUERY"):
        forecast("extract", tmp_path / "acd.parquet")
