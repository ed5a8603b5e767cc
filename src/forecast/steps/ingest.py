"""Step ingest: exports -> HISTORY and the books."""

import os
from pathlib import Path
from typing import Annotated

import typer

from forecast.acd.ingest import Ingested, Sources
from forecast.acd.ingest import ingest as ingest_folder
from forecast.console import PARAMS, InFolder, OutFolder, ParamsFile, say
from forecast.params import Params
from forecast.schema import DEMAND, FINDINGS, HISTORY, LEDGER, QUARANTINE, SELF_SERVICE, SUPERSEDED
from forecast.store import write_table

CALLER_KEY = "FORECAST_CALLER_KEY"
CACHE = ".acd"
ProfilesFolder = Annotated[
    Path, typer.Option("--profiles", help="folder of your own profiles and queue_map.csv")
]
PROFILES = Path("data/profiles")
TABLES = {
    "history": HISTORY,
    "ledger": LEDGER,
    "quarantine": QUARANTINE,
    "findings": FINDINGS,
    "superseded": SUPERSEDED,
    "self_service": SELF_SERVICE,
    "demand": DEMAND,
}


def ingest(
    exports: InFolder,
    out: OutFolder,
    params: ParamsFile = PARAMS,
    profiles: ProfilesFolder = PROFILES,
) -> None:
    """Read all exports below a folder: history, ledger, quarantine, findings; or a refusal."""
    result = ingest_folder(exports, Params.load(params).ingest, sources(profiles, out))
    write_tables(result, out)
    rows = result.ledger[["rows_in", "rows_accepted", "rows_quarantined"]].sum()
    say(
        f"ingest: {len(result.ledger)} files, {rows['rows_in']:,} rows in, "
        f"{rows['rows_accepted']:,} accepted, {rows['rows_quarantined']:,} quarantined, "
        f"{len(result.findings)} findings"
    )


def sources(profiles: Path, out: Path) -> Sources:
    """Return what is read beside the exports; the caller key comes from the environment alone."""
    return Sources(
        own_profiles=profiles if profiles.is_dir() else None,
        cache=out / CACHE,
        caller_key=os.environ.get(CALLER_KEY, ""),
    )


def write_tables(result: Ingested, out: Path) -> None:
    """Write all tables of an ingest as parquet."""
    for name, table in TABLES.items():
        write_table(getattr(result, name), table, out / f"{name}.parquet")
