"""Validated tables and fitted models to disk and back: atomic, with sums and checksums.

A file is written beside its place and renamed, so a reader sees the old one or the new one, whole.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from forecast.errors import InputError, SchemaError
from forecast.table import Table

# A cell that starts like this is run as a formula by spreadsheet programs.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Signs that begin a formula, blanks that a reader may take off before one, and the full-width
signs that some spreadsheets take for theirs."""


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it takes its place, else it is removed."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: str | Path, marker: str) -> Iterator[Path]:
    """Yield a temporary folder beside ``path``; on success it takes its place, whole.

    Raises
    ------
    InputError
        When ``path`` holds files and no ``marker``: it is not one of ours, and is not removed.
    """
    target = Path(path)
    if target.is_dir() and any(target.iterdir()) and not (target / marker).is_file():
        raise InputError(
            f"{target} holds files that this step did not write (there is no {marker}); "
            "name another folder, or empty it yourself"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as name:
        made = Path(name) / target.name
        made.mkdir()
        yield made
        if target.exists():
            target.rename(Path(name) / "old")
        made.rename(target)


def write_text(text: str, path: str | Path) -> None:
    """Write text, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_bytes(data: bytes, path: str | Path) -> None:
    """Write bytes, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_json(data: Mapping[str, Any], path: str | Path) -> None:
    """Write JSON with sorted keys, so that equal data give equal bytes."""
    write_text(json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n", path)


def read_json(path: str | Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(_existing(path).read_text(encoding="utf-8"))


def write_table(frame: pd.DataFrame, table: Table, path: str | Path) -> None:
    """Write a table as parquet, after validation, with each column's unit as metadata."""
    valid = table.validate(frame, str(path))
    arrow = pa.Table.from_pandas(valid, preserve_index=False)
    units = {column.name: column.unit for column in table.columns}
    meta = {b"forecast.table": table.name.encode(), b"forecast.units": json.dumps(units).encode()}
    with replacing(path) as temporary:
        pq.write_table(
            arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **meta}), temporary
        )


def write_tables(frames: Mapping[str, tuple[pd.DataFrame, Table]], folder: str | Path) -> None:
    """Write tables into a folder of their own, each as parquet and as CSV, whole or not at all."""
    with replacing_folder(folder, f"{next(iter(frames))}.parquet") as made:
        for name, (frame, table) in frames.items():
            write_table(frame, table, made / f"{name}.parquet")
            write_csv(table.validate(frame), made / f"{name}.csv")


def read_table(path: str | Path, table: Table) -> pd.DataFrame:
    """Return a table from a parquet file, validated."""
    return table.validate(pd.read_parquet(_existing(path)), str(path))


def write_csv(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a frame as CSV for people; text that a spreadsheet would run gets a leading quote.

    Times in UTC end in Z, wall times do not.
    """
    text: list[str] = frame.select_dtypes(["str", "object", "category"]).columns.tolist()
    wall: list[str] = frame.select_dtypes("datetime").columns.tolist()
    safe = frame.assign(
        **{name: frame[name].map(defused) for name in text},
        **{name: frame[name].dt.strftime("%Y-%m-%dT%H:%M:%S") for name in wall},
    )
    with replacing(path) as temporary:
        safe.to_csv(temporary, index=False, float_format="%.10g", date_format="%Y-%m-%dT%H:%M:%SZ")


def defused(cell: Any) -> Any:
    """Return a cell that no spreadsheet program takes for a formula; what is no text, as it is.

    Examples
    --------
    >>> defused("=cmd()"), defused("billing")
    ("'=cmd()", 'billing')
    """
    runs = isinstance(cell, str) and cell.startswith(_FORMULA_STARTS)
    return f"'{cell}" if runs else cell


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(_existing(path).read_bytes()).hexdigest()


def manifest(paths: Mapping[str, str | Path]) -> dict[str, dict[str, Any]]:
    """Return rows, sums of the numeric columns and SHA-256 of parquet tables, by name."""
    out = {}
    for name, path in paths.items():
        frame = pd.read_parquet(_existing(path))
        sums = {c: float(frame[c].sum()) for c in frame.select_dtypes("number").columns}
        out[name] = {"rows": len(frame), "sums": sums, "sha256": sha256(path)}
    return out


def write_models(states: Mapping[str, Mapping[str, Any]], folder: str | Path) -> None:
    """Write fitted models' states as JSON files, and their checksums in manifest.json last."""
    with replacing_folder(folder, "manifest.json") as root:
        sums = {}
        for name, state in states.items():
            write_json(state, root / f"{name}.json")
            sums[f"{name}.json"] = sha256(root / f"{name}.json")
        write_json(sums, root / "manifest.json")


def read_models(folder: str | Path) -> dict[str, dict[str, Any]]:
    """Return the states that ``write_models`` wrote, each checked against its checksum.

    Raises
    ------
    SchemaError
        When a file is not the one that was written.
    """
    root = Path(folder)
    states = {}
    for name, expected in read_json(root / "manifest.json").items():
        found = sha256(root / name)
        if found != expected:
            raise SchemaError(
                f"{root / name} must have SHA-256 {expected[:12]}..., found {found[:12]}...; "
                "it was changed after it was written. Run the forecast stage again."
            )
        states[name.removesuffix(".json")] = read_json(root / name)
    return states


def _existing(path: str | Path) -> Path:
    if not Path(path).is_file():
        raise InputError(f"{path} is not there; run the stage that makes it (`make run` runs all)")
    return Path(path)
