"""What was taken in, in words: for a terminal and for summary.txt."""

import pandas as pd

from forecast.acd.ingest import Ingested

SHOWN = 12


def summary_of(ingested: Ingested) -> str:
    """Return in a few lines what was read, what was set aside and why, and what was noticed."""
    ledger, history = ingested.ledger, ingested.history
    rows = ledger[[c for c in map(str, ledger) if c.startswith(("rows_", "offered_"))]].sum()
    lines = [
        f"{len(ledger)} files or sheets: {rows['rows_in']:,} rows, {rows['offered_in']:,} contacts",
        *(
            f"  {state:<12} {rows[f'rows_{state}']:>12,} rows "
            f"{rows[f'offered_{state}']:>14,} contacts"
            for state in ("accepted", "quarantined", "superseded", "ignored")
        ),
    ]
    if len(history):
        first, last = history["ds"].min(), history["ds"].max()
        series = history[["site", "queue", "channel"]].drop_duplicates()
        lines.append(
            f"history: {len(history):,} intervals of {len(series)} series, "
            f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC, "
            f"{history['offered'].sum():,} contacts"
        )
    if len(ingested.self_service):
        count = int(ingested.self_service["contacts"].sum())
        lines.append(f"self-service: {count:,} calls that never asked for an agent, counted apart")
    counted = ingested.demand[ingested.demand["told_by"] == "callers"]
    if len(counted):
        first, again = counted["first_attempts"].sum(), counted["redials"].sum()
        lines.append(
            f"demand: {first:,.0f} first attempts and {again:,.0f} redials where callers are known"
        )
    lines += [f"rejected: {text}" for text in ledger["rejected"] if text]
    lines += _quarantined(ingested.quarantine)
    lines += _noticed(ingested.findings)
    return "\n".join(lines) + "\n"


def _quarantined(quarantine: pd.DataFrame) -> list[str]:
    lines = [
        f"quarantined: {row.file}, line {row.line}, column {row.column}: {row.reason}"
        for row in quarantine.head(SHOWN).itertuples()
    ]
    if len(quarantine) > SHOWN:
        lines.append(
            f"quarantined: ... and {len(quarantine) - SHOWN:,} more cells, see quarantine.csv"
        )
    return lines


def _noticed(findings: pd.DataFrame) -> list[str]:
    lines = []
    for kind, own in findings.groupby("kind", sort=True):
        lines += [f"{kind}: {text}" for text in own["text"].head(3)]
        if len(own) > 3:
            lines.append(f"{kind}: ... and {len(own) - 3} more, see findings.csv")
    return lines
