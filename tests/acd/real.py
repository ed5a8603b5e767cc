"""Where the real exports lie, and what holds for all of them."""

from pathlib import Path

import pandas as pd
import pytest

from forecast.acd.ingest import Ingested

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real exports are not on this machine ({DATA})"
)


def read_all(folder: Path, **kwargs: object) -> pd.DataFrame:
    parts = [pd.read_csv(p, dtype=str, **kwargs).assign(file=p.name) for p in sorted_files(folder)]
    return pd.concat(parts, ignore_index=True)


def sorted_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.gz"))


def check_books(out: Ingested) -> None:
    """Assert that the books balance, and that HISTORY has what was accepted."""
    ledger = out.ledger
    assert ledger["rejected"].eq("").all(), ledger["rejected"].tolist()
    for what in ("rows", "offered"):
        states = ("accepted", "quarantined", "superseded", "ignored")
        parts = ledger[[f"{what}_{s}" for s in states]].sum(axis=1)
        assert parts.tolist() == ledger[f"{what}_in"].tolist()
    assert out.history["offered"].sum() == ledger["offered_accepted"].sum()


def named(out: Ingested, kind: str) -> str:
    """Return the sentences of all findings of a kind."""
    return "\n".join(out.findings.loc[out.findings["kind"] == kind, "text"])


def local(out: Ingested, zone: str) -> pd.Series:
    return out.history["ds"].dt.tz_convert(zone).dt.tz_localize(None)
