"""Promises of the repository itself."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_the_lock_has_hashes_and_names_no_index_host():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    pinned = re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==", text, flags=re.M | re.I)
    blocks = re.split(r"^(?=[a-z0-9._-]+(?:\[[^\]]*\])?==)", text, flags=re.M | re.I)[1:]
    assert len(pinned) > 200
    assert all("--hash=sha256:" in block for block in blocks)


def test_every_dependency_is_in_the_lock():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = re.findall(r'^    "([A-Za-z0-9_.-]+)[><=]', project, flags=re.M)
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").lower()
    assert not [name for name in wanted if f"\n{name.lower()}==" not in text]


def test_every_dependency_has_its_reason():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    runtime = project.split("[project.optional-dependencies]")[0]
    wanted = re.findall(r'^    "([A-Za-z0-9_.-]+)[><=]', runtime, flags=re.M)
    reasons = (ROOT / "docs/design.md").read_text(encoding="utf-8")
    assert not [name for name in wanted if name not in reasons]


def test_no_file_holds_a_path_of_somebodys_machine():
    own = Path(__file__).name
    for path in tracked():
        if path.suffix in {".png"} or path.name == own:
            continue
        found = re.search(r"(?<![\w.])/(?:home|root|Users)/\w", path.read_text(encoding="utf-8"))
        assert not found, path


def test_the_readmes_commands_are_the_makefiles():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.M))
    assert set(re.findall(r"`?make ([a-z]+)", readme)) <= targets
    assert "make test" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_every_file_that_the_readme_names_is_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:docs|notebooks|benchmarks)/[\w./]+)`", readme))
    named |= set(re.findall(r"\]\(([\w./]+)\)", readme))
    assert named
    assert not [name for name in named if not (ROOT / name).exists()]


def test_the_glossary_knows_the_columns_of_the_staffing_tables():
    from forecast.schema import REQUIREMENT

    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    unit_bearing = [c.name for c in REQUIREMENT.columns if c.unit in {"erlangs", "share", "s"}]
    own = [c for c in unit_bearing if c != "service_level_base"]
    assert not [name for name in own if f"`{name}`" not in glossary]
