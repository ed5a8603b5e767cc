"""What names a series, and the columns that nearly every table begins with."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from forecast.table import Column

UTC: Final = "datetime64[us, UTC]"
LOCAL: Final = "datetime64[us]"
SERIES = ("site", "queue", "channel")
SeriesKey = tuple[str, str, str]
"""Site, queue and channel: what names one series."""

SERIES_COLUMNS = (
    Column("site", "str", "", "site whose time zone and calendar apply"),
    Column("queue", "str", "", "queue, spelled as in the export"),
    Column("channel", "str", "", "voice, chat, ..."),
)
DS = Column("ds", UTC, "UTC", "start of the interval")


def by_series(frame: pd.DataFrame) -> Iterator[tuple[SeriesKey, pd.DataFrame]]:
    """Yield (site, queue, channel) and the rows of each series, in the order of the names."""
    for key, own in frame.groupby(list(SERIES), sort=True):
        site, queue, channel = (str(part) for part in key)
        yield (site, queue, channel), own


def of_series(frame: pd.DataFrame, key: SeriesKey) -> pd.DataFrame:
    """Return the rows of one series."""
    site, queue, channel = key
    return frame[
        (frame["site"] == site) & (frame["queue"] == queue) & (frame["channel"] == channel)
    ]
