"""dvc.yaml says the truth about what each stage reads: else a change would go unnoticed."""

import ast
import subprocess
from pathlib import Path

import pytest
import yaml

from forecast.params import Params

ROOT = Path(__file__).parents[1]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
SRC = ROOT / "src"
# Read at run time by name, not by an import statement.
BY_NAME = {
    "src/forecast/models/__init__.py": ["src/forecast/models"],
    "src/forecast/reports/plan/page.py": ["src/forecast/reports/templates"],
    "src/forecast/reports/words/__init__.py": ["src/forecast/reports/words"],
    "src/forecast/tracking/log.py": ["src/forecast/tracking/champion.py"],
}
NAMED = pytest.mark.parametrize("name", STAGES)


def module_file(name: str) -> Path | None:
    path = SRC.joinpath(*name.split("."))
    if (path / "__init__.py").is_file():
        return path / "__init__.py"
    return path.with_suffix(".py") if path.with_suffix(".py").is_file() else None


def imported(path: Path) -> set[Path]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    parts = [name.split(".") for name in names if name.split(".")[0] == "forecast"]
    prefixes = {".".join(p[:i]) for p in parts for i in range(1, len(p) + 1)}
    return {found for name in prefixes if (found := module_file(name))}


def reached(script: Path) -> set[str]:
    """Return the files that a script reaches through imports, and by name."""
    seen, todo, extra = set(), [script], set()
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        todo += imported(path)
        for name in BY_NAME.get(path.relative_to(ROOT).as_posix(), []):
            extra.add(name)
            todo += [ROOT / name] if name.endswith(".py") else []
    return extra | {path.relative_to(ROOT).as_posix() for path in seen}


def script_of(stage: dict) -> Path:
    return ROOT / stage["cmd"].split()[1]


@NAMED
def test_a_stage_lists_the_code_that_it_reaches(name):
    listed = {Path(dep) for dep in STAGES[name]["deps"]}
    lacking = {
        file
        for file in reached(script_of(STAGES[name]))
        # An empty package file holds a docstring and no code.
        if not (file.endswith("__init__.py") and not code_in(ROOT / file))
        and not ({Path(file), *Path(file).parents} & listed)
    }
    assert not lacking, f"stage {name} must list {sorted(lacking)}"


def code_in(path: Path) -> bool:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return (
        any(not isinstance(node, ast.Expr) for node in body)
        and path != SRC / "forecast/__init__.py"
    )


@NAMED
def test_a_stage_lists_no_code_that_it_does_not_reach(name):
    code = {dep for dep in STAGES[name]["deps"] if dep.startswith(("src/", "pipelines/"))}
    files = reached(script_of(STAGES[name]))
    assert not {
        dep for dep in code if not any(Path(dep) in {Path(f), *Path(f).parents} for f in files)
    }


@NAMED
def test_every_data_dependency_is_named_in_the_command(name):
    stage = STAGES[name]
    words = stage["cmd"].split()[2:]
    outs = [next(iter(out)) if isinstance(out, dict) else out for out in stage["outs"]]
    data = [dep for dep in stage["deps"] if dep.startswith(("data/", "models/"))]
    for path in data + outs:
        assert any(path == word or path.startswith(f"{word}/") for word in words), path


@NAMED
def test_every_parameter_exists(name):
    settings = Params.load(ROOT / "params.yaml").model_dump()
    for path in STAGES[name]["params"]:
        node = settings
        for part in path.split("."):
            assert part in node, f"stage {name}: no parameter {path}"
            node = node[part]


def test_every_section_is_read_by_a_stage():
    used = {path.split(".")[0] for stage in STAGES.values() for path in stage["params"]}
    assert used == set(Params.model_fields)


@NAMED
def test_a_stage_reads_the_sections_that_it_lists(name):
    text = "".join((ROOT / f).read_text("utf-8") for f in reached(script_of(STAGES[name]))
                   if f.startswith("src/forecast/steps/"))  # fmt: skip
    listed = {path.split(".")[0] for path in STAGES[name]["params"]}
    read = {s for s in Params.model_fields if f"settings.{s}" in text or f"(params).{s}" in text}
    assert read <= listed, f"stage {name} reads {read - listed} without listing it"


def test_bytecode_is_no_dependency():
    assert "__pycache__" in (ROOT / ".dvcignore").read_text(encoding="utf-8").splitlines()


def test_outputs_are_not_in_git():
    outs = [next(iter(o)) if isinstance(o, dict) else o for s in STAGES.values() for o in s["outs"]]
    known = subprocess.run(
        ["git", "check-ignore", *outs], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if known.returncode == 128:
        pytest.skip("not a git checkout")
    assert set(known.stdout.split()) == set(outs)


@pytest.mark.parametrize("name", ["calendars", "backtest", "forecast"])
def test_a_new_version_of_a_forecasting_library_runs_its_stages_again(name):
    assert "requirements.lock" in STAGES[name]["deps"]
