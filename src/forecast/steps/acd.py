"""`forecast acd ...`: exports on their own, outside any project."""

import os
from pathlib import Path
from typing import Annotated

import typer

from forecast.acd.forms.database import write_extract
from forecast.acd.ingest import Ingested, take_in
from forecast.acd.inspect import inspect as inspect_file
from forecast.acd.profile import profiles as all_profiles
from forecast.acd.words import summary_of
from forecast.console import InFile, InFolder, OutFile, OutFolder, say
from forecast.errors import InputError
from forecast.params import IngestParams
from forecast.schema import QUARANTINE
from forecast.steps.ingest import PROFILES, ProfilesFolder, sources, write_tables
from forecast.store import read_table, write_csv, write_text

DSN, QUERY = "FORECAST_ACD_DSN", "FORECAST_ACD_QUERY"
OK, FINDINGS, SOME_REJECTED, ALL_REJECTED = 0, 10, 11, 12
EPILOG = (
    "Exit codes: 0 all taken in, 10 taken in with findings, 11 some input rejected or quarantined, "
    "12 all input rejected; 2 to 5 and 70 as for all commands."
)
Zone = Annotated[
    str, typer.Option("--tz", help="time zone of the sites' wall time, like Asia/Shanghai")
]
app = typer.Typer(
    help="Exports on their own, outside any project.", epilog=EPILOG, no_args_is_help=True
)


@app.command(epilog=EPILOG)
def ingest(
    exports: InFolder,
    out: OutFolder,
    zone: Zone = "UTC",
    profiles: ProfilesFolder = PROFILES,
) -> None:
    """Take in all exports below a folder: history.parquet, ledger.csv, quarantine.csv, summary.txt.

    Only new and changed files are read again.
    """
    if out.resolve() == exports.resolve() or exports.resolve() in out.resolve().parents:
        raise InputError(
            f"{out} lies in {exports}; results beside the exports would be read as some"
        )
    result = take_in(exports, _settings(zone), sources(profiles, out))
    write_tables(result, out)
    write_csv(result.ledger, out / "ledger.csv")
    write_csv(result.quarantine, out / "quarantine.csv")
    write_csv(result.findings, out / "findings.csv")
    text = summary_of(result)
    write_text(text, out / "summary.txt")
    say(text.rstrip())
    raise typer.Exit(exit_code(result))


def exit_code(result: Ingested) -> int:
    """Return how it went: all taken in, with findings, some rejected, all rejected."""
    ledger = result.ledger
    if result.history.empty:
        return ALL_REJECTED
    if (ledger["rejected"] != "").any() or ledger["rows_quarantined"].any():
        return SOME_REJECTED
    return FINDINGS if len(result.findings) else OK


@app.command()
def inspect(
    file: InFile,
    zone: Zone = "UTC",
    profiles: ProfilesFolder = PROFILES,
    write: Annotated[
        Path | None, typer.Option("--write", help="where to write a starting profile")
    ] = None,
) -> None:
    """Say what a file is seen to be; where no profile fits, start one."""
    if not file.is_file():
        raise InputError(f"{file} is not there")
    seen = inspect_file(file, _settings(zone), profiles if profiles.is_dir() else None)
    say(seen.text.rstrip())
    if seen.starting_profile and write is None:
        say(f"\nA profile to start from (--write {PROFILES}/NAME.yaml writes it):\n")
        say(seen.starting_profile.rstrip())
    elif seen.starting_profile and write is not None:
        if write.exists():
            raise InputError(f"{write} is there already; name another file")
        write_text(seen.starting_profile, write)
        say(f"\n{write}: a profile to start from; fill in what it asks for, and inspect again")
    raise typer.Exit(OK if seen.understood else ALL_REJECTED)


@app.command()
def quarantine(folder: InFolder) -> None:
    """List what an ingest has set aside: file, line, column, reason, and the row as it was."""
    table = read_table(folder / "quarantine.parquet", QUARANTINE)
    for row in table.itertuples():
        say(f"{row.file}, line {row.line}, column {row.column}: {row.reason}\n    {row.text}")
    if table.empty:
        say("nothing is in quarantine")
    else:
        say(
            f"\n{len(table)} cells. Mend them in a copy named like the file with .repaired before "
            "its ending (calls.repaired.csv for calls.csv) beside it, and run again: the copy "
            "takes the file's place."
        )


@app.command()
def extract(out: OutFile, zone: Zone = "UTC", profiles: ProfilesFolder = PROFILES) -> None:
    """Write the answer to a query as a parquet file to drop among the exports.

    FORECAST_ACD_DSN holds the database's address, FORECAST_ACD_QUERY the query.
    """
    asked = {name: os.environ.get(name, "") for name in (DSN, QUERY)}
    lacking = [name for name, value in asked.items() if not value]
    if lacking:
        raise InputError(f"set {' and '.join(lacking)} in the environment; see docs/exports.md")
    known = all_profiles(profiles if profiles.is_dir() else None, _settings(zone))
    made = write_extract(asked[DSN], asked[QUERY], known, out)
    say(f"{out}: read by profile {made.profile}, columns {', '.join(made.kept)}")
    if made.dropped:
        say(f"left in the database: {', '.join(made.dropped)}")


def _settings(zone: str) -> IngestParams:
    try:
        return IngestParams(timezone=zone)
    except ValueError:
        raise InputError(
            f"--tz: '{zone}' is no IANA time zone; write one like Asia/Shanghai"
        ) from None
