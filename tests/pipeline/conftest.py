"""A copy of the project with a short backtest, run as a person would run it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SHORT = {
    "backtest": {
        "weeks": 2,
        "warmup_weeks": 3,
        "every_open_days": 2,
        "horizons": {"1_day": 1, "1_week": 7},
    },
    "forecast": {"horizon_days": 7, "paths": 60},
}


class Project:
    """A project folder and its commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in (
            "pipelines",
            "src",
            ".dvc/config",
            ".dvcignore",
            "dvc.yaml",
            "requirements.lock",
            "data/raw",
            "data/profiles",
        ):
            source, target = ROOT / name, folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                ignore = shutil.ignore_patterns("__pycache__", "sample")
                shutil.copytree(source, target, ignore=ignore)
            else:
                shutil.copy(source, target)
        (folder / ".dvc/config.local").write_text("[core]\n    no_scm = true\n")
        settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        self.write_params(settings | SHORT)

    @property
    def params(self) -> dict:
        return yaml.safe_load((self.folder / "params.yaml").read_text(encoding="utf-8"))

    def write_params(self, settings: dict) -> None:
        text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
        (self.folder / "params.yaml").write_text(text, encoding="utf-8")

    def run(self, *command: str, **env: str) -> subprocess.CompletedProcess:
        bin_folder = Path(sys.executable).parent
        path = f"{bin_folder}{os.pathsep}{os.environ['PATH']}"
        quiet = {"DVC_NO_ANALYTICS": "1", "MLFLOW_DISABLE_TELEMETRY": "true", "CI": "true"}
        kept = {k: v for k, v in os.environ.items() if k != "MLFLOW_TRACKING_URI"}
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**kept, **quiet, "PATH": path, **env},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def publish(self) -> subprocess.CompletedProcess:
        tracking = "data/processed/tracking.json"
        return self.run(
            "forecast", "publish", "data/processed/report", "data/published", "--tracking", tracking
        )

    def tables(self) -> dict[str, bytes]:
        found = [
            *self.folder.glob("data/*/*.parquet"),
            *self.folder.glob("data/processed/report/*"),
        ]
        found += [
            *self.folder.glob("models/champion/*"),
            self.folder / "data/processed/selection.json",
        ]
        return {
            str(p.relative_to(self.folder)): p.read_bytes() for p in sorted(found) if p.is_file()
        }


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Project:
    """A project whose pipeline ran once; tests that change it take a copy."""
    project = Project(tmp_path_factory.mktemp("project"))
    done = project.run("dvc", "repro")
    assert done.returncode == 0, done.stdout + done.stderr
    published = project.publish()
    assert published.returncode == 0, published.stderr
    return project


@pytest.fixture
def project(finished, tmp_path) -> Project:
    """A copy of the finished project, to be broken."""
    copy = object.__new__(Project)
    copy.folder = tmp_path / "project"
    shutil.copytree(finished.folder, copy.folder, symlinks=True)
    return copy
