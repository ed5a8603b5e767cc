"""What a peer forecast is kept on disk, under a name that changes with all that it depends on.

Those are the peer's name and code, the series, the cutoff, the seed and the data. Libraries are
not among them: empty the folder after an upgrade.
"""

import ast
import hashlib
import inspect
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pandas as pd

from forecast.schema import SeriesKey
from peers.base import Peer


def file_of(
    name: str,
    peer: Peer,
    series: SeriesKey,
    cutoff: pd.Timestamp,
    seed: int,
    data: tuple[pd.DataFrame, ...],
) -> str:
    """Return the name of the file that keeps what a peer made of some data."""
    digest = hashlib.sha256()
    for part in (name, *series, cutoff.isoformat(), str(seed), code_of(peer.__module__)):
        digest.update(part.encode() + b"\0")
    for frame in data:
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return f"{digest.hexdigest()[:32]}.parquet"


def write(frame: pd.DataFrame, file: Path) -> None:
    """Write a table whole or not at all, whoever else writes the same."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(f".{os.getpid()}")
    frame.to_parquet(beside, index=False)
    beside.replace(file)


@cache
def code_of(module: str) -> str:
    """Return a module's code and that of all of this folder that it imports, without comments."""
    return "\n".join(_bare(sys.modules[name]) for name in sorted(_reached(module)))


def _reached(module: str) -> set[str]:
    reached: set[str] = set()
    found = {module}
    while found - reached:
        name = (found - reached).pop()
        reached.add(name)
        found |= set(_used(sys.modules[name]))
    return reached


def _used(module: ModuleType) -> Iterator[str]:
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("peers."):
            yield str(node.module)


def _bare(module: ModuleType) -> str:
    tree = ast.parse(inspect.getsource(module))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [part for part in node.body if not _is_text(part)]
    return ast.unparse(tree)


def _is_text(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
