"""What was read of a file is kept, so that the next run reads new and changed files only.

The cache is an accessory: with it or without, the result is the same to the byte. It holds no
agent, and of a caller a hash at most, where a key is set.
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.acd.profile import Profile
from forecast.acd.take import Taken
from forecast.params import IngestParams
from forecast.store import read_json, replacing_folder, sha256, write_json

MARK = "sheets.json"
_CODE = Path(__file__).parent


def setting(known: Sequence[Profile], params: IngestParams, caller_key: str) -> str:
    """Return a digest of all that the reading of a file depends on, beside its bytes."""
    code = [p for p in sorted(_CODE.rglob("*")) if p.suffix in (".py", ".yaml")]
    text = [
        *(p.relative_to(_CODE).as_posix() + p.read_text(encoding="utf-8") for p in code),
        *(profile.model_dump_json() for profile in known),
        params.model_dump_json(),
        hashlib.blake2b(caller_key.encode()).hexdigest() if caller_key else "",
        pd.__version__,
    ]
    return hashlib.sha256("\\0".join(text).encode()).hexdigest()[:16]


class Cache:
    """A folder of readings, found by a file's place, size, and times of change."""

    def __init__(self, folder: Path, settings: str) -> None:
        self._folder = folder
        self._settings = settings

    def get(self, path: Path, root: Path) -> list[Taken] | None:
        """Return what a file became when it was read, if it is the same file still."""
        at = self._place(path, root)
        try:
            kept = read_json(at / MARK)
            if kept["signature"] != _signature(path):
                return None
            if any(sha256(at / name) != told for name, told in kept["sums"].items()):
                return None
            return [
                Taken(
                    **_facts(facts),
                    rows=pd.read_parquet(at / f"{i}.rows.parquet"),
                    quarantine=pd.read_parquet(at / f"{i}.quarantine.parquet"),
                )
                for i, facts in enumerate(kept["sheets"])
            ]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None  # not there, damaged, or of another version: the file is read again

    def put(self, path: Path, root: Path, sheets: Sequence[Taken], signature: list[int]) -> None:
        """Keep what a file became; ``signature`` is of the time before it was read."""
        at = self._place(path, root)
        if signature != _signature(path):
            return
        if at.is_dir() and not (at / MARK).is_file():
            shutil.rmtree(at)  # an entry of ours that lost its list
        with replacing_folder(at, MARK) as folder:
            for i, taken in enumerate(sheets):
                taken.rows.to_parquet(folder / f"{i}.rows.parquet")
                taken.quarantine.to_parquet(folder / f"{i}.quarantine.parquet")
            sums = {p.name: sha256(p) for p in sorted(folder.iterdir())}
            facts = [taken.facts() for taken in sheets]
            write_json({"signature": signature, "sums": sums, "sheets": facts}, folder / MARK)

    def forget_others(self, paths: Sequence[Path], root: Path) -> None:
        """Remove what was kept of files that are gone, and of other settings."""
        keep = {self._place(path, root).name for path in paths}
        for at in sorted(self._folder.iterdir()) if self._folder.is_dir() else []:
            if at.name not in keep and (at / MARK).is_file():
                for file in at.iterdir():
                    file.unlink()
                at.rmdir()

    def _place(self, path: Path, root: Path) -> Path:
        text = json.dumps([path.relative_to(root).as_posix(), self._settings])
        return self._folder / hashlib.sha256(text.encode()).hexdigest()[:24]


def signature_of(path: Path) -> list[int]:
    """Return size and times of change of a file, which together tell a changed one."""
    return _signature(path)


def _signature(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def _facts(kept: dict[str, Any]) -> dict[str, Any]:
    noticed = {kind: tuple(value) for kind, value in kept["noticed"].items()}
    return {**kept, "noticed": noticed}
