"""Step ingest: exports -> HISTORY, LEDGER, QUARANTINE."""

from forecast.acd.ingest import ingest as ingest_folder
from forecast.console import PARAMS, InFolder, OutFolder, ParamsFile, say
from forecast.params import Params
from forecast.schema import HISTORY, LEDGER, QUARANTINE
from forecast.store import write_table


def ingest(exports: InFolder, out: OutFolder, params: ParamsFile = PARAMS) -> None:
    """Read all CSV exports below a folder: history, ledger and quarantine, or a refusal."""
    result = ingest_folder(exports, Params.load(params).ingest)
    write_table(result.history, HISTORY, out / "history.parquet")
    write_table(result.ledger, LEDGER, out / "ledger.parquet")
    write_table(result.quarantine, QUARANTINE, out / "quarantine.parquet")
    rows = result.ledger[["rows_in", "rows_accepted", "rows_quarantined"]].sum()
    say(
        f"ingest: {len(result.ledger)} files, {rows['rows_in']:,} rows in, "
        f"{rows['rows_accepted']:,} accepted, {rows['rows_quarantined']:,} quarantined"
    )
