"""What names a series, and the columns that nearly every table begins with."""

from collections.abc import Callable, Iterator
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

from forecast.table import Column

UTC: Final = "datetime64[us, UTC]"
LOCAL: Final = "datetime64[us]"
ALWAYS: Final = pd.Timestamp("1970-01-01")
"""Day from which is known what was always known; in UTC or in local time."""
SERIES = ("site", "queue", "channel")
SeriesKey = tuple[str, str, str]
"""Site, queue and channel: what names one series."""

SERIES_COLUMNS = (
    Column("site", "str", "", "site whose time zone and calendar apply"),
    Column("queue", "str", "", "queue, spelled as in the export"),
    Column("channel", "str", "", "voice, chat, ..."),
)
DS = Column("ds", UTC, "UTC", "start of the interval")
KNOWN = Column("known", UTC, "UTC", "since when the row was known; it replaces earlier ones")


def by_series(frame: pd.DataFrame) -> Iterator[tuple[SeriesKey, pd.DataFrame]]:
    """Yield (site, queue, channel) and the rows of each series, in the order of the names."""
    for key, own in frame.groupby(list(SERIES), sort=True):
        site, queue, channel = (str(part) for part in key)
        yield (site, queue, channel), own


def local_time(ds: pd.Series, zone: ZoneInfo) -> pd.Series:
    """Return the wall time of UTC instants in a zone, without the zone."""
    wall: pd.Series = ds.dt.tz_convert(zone).dt.tz_localize(None).astype(LOCAL)
    return wall


def local_times(rows: pd.DataFrame, zone_of: Callable[[str], ZoneInfo]) -> pd.Series:
    """Return the wall time of every row's ``ds`` at its ``site``, in the rows' order."""
    parts = [local_time(own["ds"], zone_of(str(site))) for site, own in rows.groupby("site")]
    if not parts:
        return pd.Series(index=rows.index, dtype=LOCAL)
    wall: pd.Series = pd.concat(parts).reindex(rows.index)
    return wall


def of_series(frame: pd.DataFrame, key: SeriesKey) -> pd.DataFrame:
    """Return the rows of one series."""
    site, queue, channel = key
    return frame[
        (frame["site"] == site) & (frame["queue"] == queue) & (frame["channel"] == channel)
    ]


def as_known(table: pd.DataFrame, cutoff: pd.Timestamp | None = None) -> pd.DataFrame:
    """Return, of a table with a row per ``ds`` and ``known``, the rows that held at a cutoff.

    Parameters
    ----------
    table
        One or more series of CALENDAR or FEATURES, sorted by their keys.
    cutoff
        Rows that became known after it are left out, and of the others those that later ones
        replace; None: all are known.
    """
    told = table if cutoff is None else table[table["known"] <= cutoff]
    return told[~told.duplicated([*SERIES, "ds"], keep="last")]


def events_at(events: pd.DataFrame, cutoff: pd.Timestamp | None = None) -> pd.DataFrame:
    """Return the EVENTS that held at a cutoff; cancelled ones (intensity 0) are left out.

    Parameters
    ----------
    events
        EVENTS of one or more series.
    cutoff
        Rows announced after it are left out, and those that had been replaced by then; None: the
        last row of each event holds.
    """
    if cutoff is None:
        held = events["withdrawn"].isna()
    else:
        replaced = events["withdrawn"].notna() & (events["withdrawn"] <= cutoff)
        held = (events["announced"] <= cutoff) & ~replaced
    return events[held & (events["intensity"] > 0)].reset_index(drop=True)
