"""The command line: what is offered, and how errors reach a person and a script."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from forecast import __version__
from forecast.cli import COMMANDS, app
from forecast.console import EXIT_DEFECT, guarded, progress
from forecast.errors import ForecastError, InputError, ParamsError, SchemaError


def test_help_offers_every_step_in_the_order_of_the_flow():
    shown = CliRunner().invoke(app(), ["--help"], env={"COLUMNS": "100"}).output
    places = [shown.index(f"│ {name} ") for name in COMMANDS]
    assert places == sorted(places)
    assert "Exit codes" in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_step_says_what_it_does_and_takes(name):
    shown = CliRunner().invoke(app(), [name, "--help"], env={"COLUMNS": "100"})
    assert shown.exit_code == 0
    assert "Arguments" in shown.output or "[required]" in shown.output


def test_version():
    assert CliRunner().invoke(app(), ["--version"]).output.strip() == __version__


@pytest.mark.parametrize("kind", [ForecastError, ParamsError, InputError, SchemaError])
def test_a_foreseen_error_is_one_message_and_its_exit_code(kind, capsys):
    def fail():
        raise kind("x must be y; found z")

    with pytest.raises(SystemExit) as stop:
        guarded(fail)
    assert stop.value.code == kind.exit_code
    assert capsys.readouterr().err == "error: x must be y; found z\n"


def test_exit_codes_differ_by_class():
    codes = [kind.exit_code for kind in (ForecastError, ParamsError, InputError, SchemaError)]
    assert len({*codes, EXIT_DEFECT, 0, 2}) == 7


def test_an_unforeseen_error_is_said_without_a_traceback(capsys, monkeypatch):
    def fail():
        raise KeyError("surprise")

    monkeypatch.delenv("FORECAST_DEBUG", raising=False)
    with pytest.raises(SystemExit) as stop:
        guarded(fail)
    said = capsys.readouterr().err
    assert stop.value.code == EXIT_DEFECT
    assert "defect: KeyError" in said
    assert "Traceback" not in said
    with pytest.raises(SystemExit):
        guarded(fail, debug=True)
    assert "Traceback" in capsys.readouterr().err


def test_a_wrong_folder_gives_four(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "forecast.cli", "ingest", str(tmp_path / "none"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        cwd=Path(__file__).parents[1],
    )
    assert done.returncode == InputError.exit_code
    assert "is no folder" in done.stderr


def test_progress_is_plain_lines_where_there_is_no_terminal(capsys):
    assert list(progress(range(25), "work")) == list(range(25))
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "work: 25 of 25"
    assert 10 <= len(lines) <= 14
    assert not [line for line in lines if "\x1b" in line]


def test_one_step_loads_no_other():
    told = subprocess.run(
        [
            sys.executable, "-c",
            "import sys; from forecast.cli import app; app('staff')\n"
            "print([m for m in sys.modules if m.startswith('forecast.steps.')], "
            "'prophet' in sys.modules, 'matplotlib' in sys.modules)",
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.split() == ["['forecast.steps.staff']", "False", "False"]
    assert len(app("nonsense").registered_commands) == len(COMMANDS)
    assert [group.name for group in app("budget").registered_groups] == ["budget"]
