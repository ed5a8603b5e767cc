"""What one sheet becomes: typed rows, its bad cells, what was ignored, and what was noticed."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from forecast.acd.sheets.fields import Context, name_of
from forecast.acd.sheets.fit import used
from forecast.acd.sheets.records import is_total, total_words

SUMS = (
    "answered",
    "abandoned",
    "short_abandoned",
    "answered_in_threshold",
    "talk_s",
    "hold_s",
    "wrap_s",
    "wait_s",
    "agents",
)
NAMES = ("site", "queue", "channel")


@dataclass(frozen=True)
class Reading:
    """The data rows of one sheet, typed; every one of them, good or bad.

    ``rows`` holds ``line``, the names, ``state`` (accepted, quarantined or ignored), ``why``,
    ``offered`` and what the grain has; ``problems`` has row, column and reason.
    """

    rows: pd.DataFrame
    problems: pd.DataFrame
    ignored: dict[str, np.ndarray] = field(default_factory=dict)
    """Reason -> positions in ``rows``."""
    noticed: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Kind of finding -> how many rows, and a sentence."""


def names_of(ctx: Context) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return site, queue and channel by row, each as codes and distinct names."""
    defaults = {"site": ctx.params.site, "queue": "", "channel": ctx.params.channel}
    return {which: name_of(ctx, which, defaults[which]) for which in NAMES}


def categories(names: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, pd.Categorical]:
    """Return the names by row as categoricals, whose categories are distinct and sorted."""
    out = {}
    for which, (codes, distinct) in names.items():
        again, unique = pd.factorize(np.asarray(distinct, dtype=object), sort=True)
        out[which] = pd.Categorical.from_codes(
            again[codes] if len(codes) else codes, categories=pd.Index(unique, dtype="str")
        )
    return out


def series_of(names: dict[str, tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return one number per row that stands for its site, queue and channel."""
    out = np.zeros(len(next(iter(names.values()))[0]), dtype="int64")
    for codes, distinct in names.values():
        out = out * max(len(distinct), 1) + codes
    return out


def total_rows(ctx: Context) -> np.ndarray:
    """Return by row whether it is a sum of others: one of the words where a name or a time is."""
    out = np.zeros(ctx.size, dtype=bool)
    words = total_words(ctx.grid.fit)
    for spellings in used(ctx.profile):
        texts = ctx.grid.texts(spellings)
        if texts is not None and len(texts):
            out |= texts.spread(texts.distinct.map(lambda t: is_total(t, words)).to_numpy(bool))
    return out


def left_out_rows(ctx: Context) -> dict[str, np.ndarray]:
    """Return by reason the rows that the profile does not keep, and the sums of others."""
    out = {"total": total_rows(ctx)}
    for keep in ctx.profile.keep:
        texts = ctx.grid.texts(keep.column)
        if texts is not None and len(texts):
            other = ~texts.distinct.isin(keep.words).to_numpy()
            own = texts.spread(other)
            if keep.why != "total":
                own &= ~out["total"]
            out[keep.why] = out.get(keep.why, np.zeros(ctx.size, dtype=bool)) | own
    return out


def settle(
    ctx: Context,
    rows: pd.DataFrame,
    ignored: dict[str, np.ndarray],
    noticed: dict[str, tuple[int, str]],
) -> Reading:
    """Return a reading in which ignored rows have no problems, and rows with problems are aside."""
    positions = {why: np.flatnonzero(mask) for why, mask in ignored.items() if mask.any()}
    gone = np.zeros(len(rows), dtype=bool)
    for where in positions.values():
        gone[where] = True
    problems = ctx.problems.frame()
    problems = problems[~gone[problems["row"].to_numpy()]].reset_index(drop=True)
    bad = np.zeros(len(rows), dtype=bool)
    bad[problems["row"].to_numpy()] = True
    state = np.where(gone, "ignored", np.where(bad, "quarantined", "accepted"))
    why = np.full(len(rows), "", dtype=object)
    for reason, where in positions.items():
        why[where] = reason
    typed = rows.assign(
        state=pd.Categorical(state, ["accepted", "quarantined", "ignored", "superseded"]),
        why=pd.Categorical(why, ["", *positions]),
    )
    return Reading(typed, problems, positions, noticed)
