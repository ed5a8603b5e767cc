"""What is read without a problem and hard to believe: units, and totals that are none."""

import numpy as np
import pandas as pd

SHORTEST_TALK_S, LONGEST_TALK_S = 2.0, 4 * 3600.0
MOST_LEVELS = 3
"""Totals of the day, of the week and of the file."""


def doubts(rows: pd.DataFrame, total: np.ndarray) -> dict[str, tuple[int, str]]:
    """Return findings on a sheet's rows: kind -> how many rows, and a sentence.

    Parameters
    ----------
    rows
        ``offered`` and HISTORY's sums, as read.
    total
        By row, whether a word marks it as a sum of others.
    """
    return {**_talk(rows[~total]), **_totals(rows["offered"].to_numpy(), total)}


def _talk(rows: pd.DataFrame) -> dict[str, tuple[int, str]]:
    """Return a finding where a contact's talk time is a blink or a day: the unit is another."""
    contacts = rows["answered"].where(rows["answered"].notna(), rows["offered"])
    here = rows["talk_s"].notna() & (contacts > 0)
    talk_s, count = rows.loc[here, "talk_s"].sum(), contacts[here].sum()
    if not count or talk_s == 0 or SHORTEST_TALK_S <= talk_s / count <= LONGEST_TALK_S:
        return {}
    return {
        "talk_unit": (
            int(here.sum()),
            f"talk_s is {talk_s / count:.3g} seconds a contact; is its unit another (s, ms, min, "
            "day)? Say so in the profile; it stays in as it is",
        )
    }


def _totals(offered: np.ndarray, total: np.ndarray) -> dict[str, tuple[int, str]]:
    """Return a finding where rows that a word marks as totals are not the sums of the others."""
    count = int(total.sum())
    marked, others = np.nansum(offered[total]), np.nansum(offered[~total])
    if not count or any(marked == levels * others for levels in range(1, MOST_LEVELS + 1)):
        return {}
    return {
        "total_differs": (
            count,
            f"{count} rows are named as totals and left out, but with {marked:,.0f} contacts they "
            f"are not the sum of the other rows ({others:,.0f}); rows may be missing, or it is the "
            "name of a queue: then say totals: [] in the profile",
        )
    }
