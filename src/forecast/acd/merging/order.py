"""Which of several exports was made later; a repaired copy takes its original's place."""

import re
from collections.abc import Sequence

import pandas as pd

from forecast.acd.take import Taken

REPAIRED = ".repaired"
_PACKED = (".gz", ".zip")


def made_at(taken: Taken) -> pd.Timestamp | None:
    """Return the earliest time (UTC) at which a sheet can have been exported.

    That is what it says itself, or a date in its name, but not before its last row began.
    """
    times = [pd.Timestamp(taken.stated_at)] if taken.stated_at else []
    last = last_of(taken)
    if last is not None:
        times.append(last.tz_localize(None))
    return max(times).tz_localize("UTC") if times else None


def last_of(taken: Taken) -> pd.Timestamp | None:
    """Return the start of the last row that was not ignored."""
    return _extreme(taken, "max")


def first_of(taken: Taken) -> pd.Timestamp | None:
    """Return the start of the first row that was not ignored."""
    return _extreme(taken, "min")


def _extreme(taken: Taken, which: str) -> pd.Timestamp | None:
    column = "ds" if taken.grain == "interval" else "arrived"
    if column not in taken.rows:
        return None
    own = taken.rows.loc[taken.rows["state"] != "ignored", column].dropna()
    return pd.Timestamp(own.agg(which)) if len(own) else None


def latest_last(sheets: Sequence[Taken]) -> list[Taken]:
    """Return sheets in the order in which they were exported; equal ones by name, v10 after v9."""
    earliest = pd.Timestamp.min.tz_localize("UTC")
    return sorted(sheets, key=lambda t: (made_at(t) or earliest, natural(t.file), natural(t.name)))


def natural(name: str) -> list[tuple[int, int, str]]:
    """Return a key that sorts names as people do, without their endings.

    Examples
    --------
    >>> sorted(["v10.csv", "v9.csv", "v9 (2).csv", "v9.csv.gz"], key=natural)[-1]
    'v10.csv'
    >>> sorted(["calls (2).csv", "calls.csv"], key=natural)
    ['calls.csv', 'calls (2).csv']
    """
    folder, _, base = name.rpartition("/")
    parts = [
        p for p in re.split(r"(\d+)", f"{folder}/{stem(base).removesuffix(REPAIRED)}") if p
    ] + [""]
    return [(1, int(p), "") if p.isdecimal() else (0, 0, p) for p in parts]


def stem(name: str) -> str:
    """Return a file's name without its endings of form: ``a.csv.gz`` is ``a``."""
    for ending in _PACKED:
        name = name.removesuffix(ending)
    return name.rpartition(".")[0] or name


def replaced_by(sheets: Sequence[Taken]) -> dict[str, str]:
    """Return original file -> repaired copy: ``calls.repaired.csv`` stands for ``calls.csv``."""
    files = {t.file for t in sheets}
    out = {}
    for copy in files:
        folder, _, base = copy.rpartition("/")
        if not stem(base).endswith(REPAIRED):
            continue
        original = f"{folder}/{base.replace(REPAIRED, '')}".removeprefix("/")
        for other in (original, *(original + ending for ending in _PACKED)):
            if other in files:
                out[other] = copy
    return out
