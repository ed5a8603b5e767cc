"""Small histories with known opening hours, for the tests of calendars and features."""

from collections.abc import Iterable

import pandas as pd

from forecast.schema import HISTORY

WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]


def workdays(first: str, last: str) -> list[str]:
    """Return the Mondays to Fridays between two days, both included."""
    return [f"{day:%Y-%m-%d}" for day in pd.bdate_range(first, last)]


def make_calls(
    days: Iterable[str],
    opens: str = "08:00",
    closes: str = "18:00",
    *,
    minutes: int = 30,
    site: str = "main",
    queue: str = "sales",
    channel: str = "voice",
    zone: str = "America/New_York",
    offered: int = 1,
) -> pd.DataFrame:
    """Return HISTORY with ``offered`` contacts in every interval of a daily window."""
    begin, end = (pd.Timedelta(f"{clock}:00") for clock in (opens, closes))
    wall = [
        stamp
        for day in days
        for stamp in pd.date_range(
            pd.Timestamp(day) + begin,
            pd.Timestamp(day) + end,
            freq=f"{minutes}min",
            inclusive="left",
        )
    ]
    frame = pd.DataFrame({"ds": pd.DatetimeIndex(wall).tz_localize(zone).tz_convert("UTC")})
    frame = frame.assign(site=site, queue=queue, channel=channel, minutes=minutes, offered=offered)
    return HISTORY.validate(frame.reindex(columns=HISTORY.names))


def together(*histories: pd.DataFrame) -> pd.DataFrame:
    """Return several histories as one."""
    filled = [history.dropna(axis="columns", how="all") for history in histories]
    return HISTORY.validate(pd.concat(filled).reindex(columns=HISTORY.names))
