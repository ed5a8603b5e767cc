"""Rows that contradict each other: sums of others, more handled than came, other lengths."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecast.acd.checks.days import Array, Grid, ZoneOf
from forecast.acd.checks.words import Finding, Labels, counted, day_text, place
from forecast.schema import SeriesKey

FEWEST_SUMS = 20
SUM_SHARE = 0.95
FEW_ROWS = 10
FEW_SHARE = 0.01
RULE_SHARE = 0.01
SHOWN_CHANGES = 3


def sums_of_others(
    history: pd.DataFrame, codes: Array, keys: list[SeriesKey], labels: Labels
) -> list[Finding]:
    """Return the queues that are the sum of all others of their site and channel."""
    pools = pd.factorize(pd.Series([(site, channel) for site, _, channel in keys]))[0]
    pool_queues = np.bincount(pools)
    several = (pool_queues >= 2)[pools][codes]
    if not several.any():
        return []
    codes = codes[several]
    offered = history["offered"].to_numpy()[several]
    utc = history["ds"].dt.tz_localize(None).to_numpy()[several]
    seconds = utc.astype("datetime64[s]").astype("int64")
    # One number for pool and instant: factorizing numbers is many times faster than grouping.
    moment, _ = pd.factorize(pools[codes] * (1 << 40) + seconds)
    total = np.bincount(moment, weights=offered)[moment]
    others_with = np.bincount(moment, weights=offered > 0)[moment] - (offered > 0)
    equal = (2 * offered == total) & (offered > 0)
    tested = np.bincount(codes[total > 0], minlength=len(keys))
    fit = np.bincount(codes[equal], minlength=len(keys))
    least = np.minimum(2, pool_queues[pools[codes]] - 1)
    strong = np.bincount(codes[equal & (others_with >= least)], minlength=len(keys))
    found = np.flatnonzero((strong >= FEWEST_SUMS) & (fit >= SUM_SHARE * tested))
    return [
        Finding(
            "sum_of_others",
            place(*keys[code]),
            float(fit[code]),
            f"{labels.queue(keys[code])} equals the sum of the other "
            f"{pool_queues[pools[code]] - 1} queues in {fit[code]:,} of {tested[code]:,} "
            "intervals: a total, it seems, that would be counted twice. It stays in; name it in "
            "ingest.leave_out to leave it out.",
        )
        for code in found
    ]


def answered_over_offered(
    history: pd.DataFrame, codes: Array, keys: list[SeriesKey], labels: Labels
) -> list[Finding]:
    """Return the series with intervals in which more contacts were handled than came."""
    known = (history["answered"].notna() | history["abandoned"].notna()).to_numpy()
    parts = history[["answered", "abandoned"]].fillna(0.0).to_numpy()
    handled, offered = parts.sum(axis=1), history["offered"].to_numpy()
    over = known & (handled > offered + 1e-6)
    n = [np.bincount(codes[which], minlength=len(keys)) for which in (known, over)]
    sums = [
        np.bincount(codes[known], weights=w[known], minlength=len(keys)) for w in (handled, offered)
    ]
    excess = np.bincount(codes[over], weights=(handled - offered)[over], minlength=len(keys))
    out = []
    for code in np.flatnonzero(n[1]):
        is_rule = sums[0][code] > (1 + RULE_SHARE) * sums[1][code]
        why = (
            f"and {sums[0][code] / max(sums[1][code], 1) - 1:.0%} more over all, so that offered "
            "seems to count something else than these; check the export's columns. All stay in."
            if is_rule
            else f"by {counted(excess[code], 'contact')} in sum, as when calls are answered in the "
            "next interval. They stay in."
        )
        text = (
            f"{labels.queue(keys[code])}: answered and abandoned are more than offered in "
            f"{n[1][code]:,} of {counted(n[0][code], 'interval')}, {why}"
        )
        where = place(*keys[code])
        out.append(Finding("answered_over_offered", where, float(n[1][code]), text))
    return out


def seen_once(codes: Array, keys: list[SeriesKey], labels: Labels) -> list[Finding]:
    """Return the series with a handful of rows beside others with many."""
    rows = np.bincount(codes, minlength=len(keys))
    few = np.flatnonzero((rows <= FEW_ROWS) & (rows <= FEW_SHARE * rows.max()))
    return [
        Finding(
            "seen_once",
            place(*keys[code]),
            float(rows[code]),
            f"{labels.queue(keys[code])} has {counted(rows[code], 'row')} only: a slip of the pen, "
            "a shifted column, or hardly used. It is kept as a queue of its own.",
        )
        for code in few
    ]


def length_changes(
    history: pd.DataFrame, codes: Array, grids: Sequence[Grid], zone_of: ZoneOf, labels: Labels
) -> list[Finding]:
    """Return the series whose intervals become shorter or longer."""
    minutes = history["minutes"].to_numpy()
    lowest = np.full(len(grids), 1 << 30)
    highest = np.zeros(len(grids), "int64")
    np.minimum.at(lowest, codes, minutes)
    np.maximum.at(highest, codes, minutes)
    out = []
    for code in np.flatnonzero(lowest < highest).tolist():
        own = history.loc[codes == code, ["ds", "minutes"]]
        changes = _changes(own, grids[code], zone_of)
        if not changes:
            continue
        told = [f"on {day_text(day)} from {a} to {b} minutes" for day, a, b in changes]
        more = len(told) - SHOWN_CHANGES
        text = (
            f"{labels.queue(grids[code].key)} changes its interval length "
            f"{', '.join(told[:SHOWN_CHANGES])}{f', and {more} times more' if more > 0 else ''}. "
            "Both stay in."
        )
        out.append(Finding("length_change", place(*grids[code].key), float(len(told)), text))
    return out


def _changes(own: pd.DataFrame, grid: Grid, zone_of: ZoneOf) -> list[tuple[int, int, int]]:
    """Return day, old and new length of each change of the length that most of a day has."""
    local = own["ds"].dt.tz_convert(zone_of(grid.key[0])).dt.tz_localize(None)
    day = local.to_numpy().astype("datetime64[D]").astype("int64")
    counts = own.groupby([day, own["minutes"]]).size()
    frame = counts.rename("n").rename_axis(["day", "minutes"]).reset_index()
    frame = frame.sort_values(["n", "minutes"], kind="stable").drop_duplicates("day", keep="last")
    frame = frame.sort_values("day")
    lengths, days = frame["minutes"].to_numpy(), frame["day"].to_numpy()
    at = np.flatnonzero(np.diff(lengths)) + 1
    return [(int(days[i]), int(lengths[i - 1]), int(lengths[i])) for i in at]
