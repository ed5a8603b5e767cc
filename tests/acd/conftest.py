"""A folder to drop exports into, the two ways to take them in, and what must always add up."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from forecast.params import IngestParams


@pytest.fixture
def drop(tmp_path: Path) -> Callable[..., Path]:
    """Write exports, ``name=text`` or ``name=bytes``, into one folder and return the folder."""
    folder = tmp_path / "acd"
    folder.mkdir()

    def write(**exports: str | bytes) -> Path:
        for name, content in exports.items():
            data = content.encode() if isinstance(content, str) else content
            (folder / f"{name}.csv").write_bytes(data)
        return folder

    return write


@pytest.fixture(scope="session")
def strict() -> IngestParams:
    return IngestParams(timezone="America/New_York")


@pytest.fixture(scope="session")
def lenient() -> IngestParams:
    return IngestParams(timezone="America/New_York", quarantine_share_max=1)


@pytest.fixture(scope="session")
def check_balance() -> Callable[[pd.DataFrame], None]:
    """Assert that every file's rows and contacts are all accounted for."""

    def check(ledger: pd.DataFrame) -> None:
        rows = ledger[["rows_accepted", "rows_quarantined", "rows_superseded", "rows_ignored"]]
        sums = ledger[["offered_accepted", "offered_quarantined", "offered_superseded"]]
        assert rows.sum(axis=1).tolist() == ledger["rows_in"].tolist()
        assert sums.sum(axis=1).tolist() == ledger["offered_in"].tolist()

    return check
