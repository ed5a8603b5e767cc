"""The books: LEDGER of every file, QUARANTINE of every bad cell. They balance, always."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from forecast.acd.merging.order import first_of, last_of, made_at
from forecast.acd.take import GRID_REASONS, Taken
from forecast.errors import SchemaError
from forecast.schema import LEDGER, QUARANTINE

STATES = ("accepted", "quarantined", "superseded", "ignored")


def ledger_of(
    sheets: Sequence[Taken], states: Mapping[str, pd.Series], replaced: Mapping[str, str]
) -> pd.DataFrame:
    """Return LEDGER: one row per sheet of each file.

    Parameters
    ----------
    sheets
        All sheets as taken in.
    states
        By sheet: the final state of each of its rows.
    replaced
        File -> the repaired copy that stands for it.

    Raises
    ------
    SchemaError
        When rows or contacts in are not those accepted, set aside, superseded and ignored.
    """
    rows = [_account(t, states.get(t.name), replaced.get(t.file)) for t in sheets]
    ledger = LEDGER.validate(pd.DataFrame(rows, columns=LEDGER.names))
    _check_balance(ledger)
    return ledger


def _account(taken: Taken, state: pd.Series | None, copy: str | None) -> dict[str, object]:
    outside = sum(n for why, n in taken.ignored.items() if why in GRID_REASONS)
    rows, offered = dict.fromkeys(STATES, 0), dict.fromkeys(STATES, 0)
    if state is not None and len(state):
        # Whole parts only, row by row: a count of 2.5 is quarantined, and still has its place here.
        contacts = np.trunc(taken.rows["offered"].fillna(0))
        rows |= {str(k): int(v) for k, v in state.value_counts().items()}
        offered |= {str(k): int(v) for k, v in contacts.groupby(state.to_numpy()).sum().items()}
        rows_in, offered_in = len(taken.rows), int(contacts.sum())
    else:
        rows_in = offered_in = 0
    aside = "superseded" if copy else "quarantined"
    rows[aside] += taken.ragged
    rows["ignored"] += outside
    why = {k: n for k, n in taken.ignored.items() if n}
    return {
        "file": taken.name,
        "sha256": taken.sha256,
        "form": taken.form,
        "encoding": taken.encoding,
        "profile": taken.profile,
        "exported_at": made_at(taken),
        "first": first_of(taken),
        "last": last_of(taken),
        "rows_in": rows_in + taken.ragged + outside,
        **{f"rows_{s}": rows[s] for s in STATES},
        "ignored": ";".join(f"{k}:{why[k]}" for k in sorted(why)),
        "offered_in": offered_in,
        **{f"offered_{s}": offered[s] for s in STATES},
        "columns_ignored": taken.columns_ignored,
        "rejected": "" if copy else taken.rejected,
        "replaced_by": copy or "",
    }


def _check_balance(ledger: pd.DataFrame) -> None:
    rows = ledger[[f"rows_{s}" for s in STATES]].sum(axis=1)
    offered = ledger[[f"offered_{s}" for s in STATES]].sum(axis=1)
    off = ledger[(rows != ledger["rows_in"]) | (offered != ledger["offered_in"])]
    if len(off):
        raise SchemaError(f"LEDGER does not balance for {', '.join(off['file'])}; this is a defect")


def quarantine_of(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return QUARANTINE of all sheets' parts, the first reason of each cell."""
    full = [part for part in parts if len(part)]
    if not full:
        return QUARANTINE.empty()
    every = pd.concat(full, ignore_index=True)[QUARANTINE.names]
    return QUARANTINE.validate(every.drop_duplicates(list(QUARANTINE.key)))
