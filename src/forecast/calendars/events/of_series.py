"""Raw events -> EVENTS: the events of each series, and in which intervals they are on."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.calendars.grid import midnight
from forecast.schema import ALWAYS, EVENTS, LOCAL, UTC, SeriesKey


def events_of(
    raw: pd.DataFrame, keys: Sequence[SeriesKey], zone_of: Callable[[str], ZoneInfo]
) -> pd.DataFrame:
    """Return EVENTS: every raw event on each series that it names.

    A row is withdrawn when the next one of its event is announced, also where that one no longer
    names the series, or at its own ``withdrawn``, whichever is first. Of rows of one event that are
    announced at one instant the last holds.

    Parameters
    ----------
    raw
        Raw events as ``calendars.events.raw.RAW`` describes them. They may have the columns
        ``pool`` (else 'event') and ``withdrawn`` (wall time); ``queues`` and ``sites`` (else 'all')
        and ``source`` may be missing, and ``announced_on`` may be called ``announced``.
    keys
        The series.
    zone_of
        Zone of a site; announcements become instants in it, ``schema.ALWAYS`` is one everywhere.

    Raises
    ------
    SchemaError
        When the result is not EVENTS, for instance because an intensity is below 0.
    """
    table = _complete(raw)
    dated = {site: _dated(table, zone_of(site)) for site in dict.fromkeys(key[0] for key in keys)}
    parts = []
    for site, queue, channel in dict.fromkeys(keys):
        here = dated[site]
        own = here[_names(here["sites"], site) & _names(here["queues"], queue)]
        parts.append(own.assign(site=site, queue=queue, channel=channel)[EVENTS.names])
    filled = [part for part in parts if len(part)]
    return EVENTS.validate(pd.concat(filled, ignore_index=True)) if filled else EVENTS.empty()


def _complete(raw: pd.DataFrame) -> pd.DataFrame:
    """Return raw events with the columns that they may lack."""
    table = raw.rename(columns={"announced": "announced_on"})
    missing = {"queues": "all", "sites": "all", "source": "", "pool": "event"}
    table = table.assign(**{c: v for c, v in missing.items() if c not in table.columns})
    withdrawn = table.get("withdrawn", pd.Series(pd.NaT, index=table.index))
    return table.assign(withdrawn=withdrawn.astype(LOCAL))


def _names(listed: pd.Series, name: str) -> pd.Series:
    """Tell which rows name a site or queue."""
    named: pd.Series = listed.map(lambda names: names == "all" or name in names).astype("bool")
    return named


def _dated(table: pd.DataFrame, zone: ZoneInfo) -> pd.DataFrame:
    """Return raw events with the instants from and up to which each row held, in a zone."""
    told = table.assign(announced=_instants(table["announced_on"], zone))
    told = told.sort_values(["event_id", "announced_on"], kind="stable")
    # Two moments of a skipped hour are one instant.
    told = told[~told.duplicated(["event_id", "announced"], keep="last")]
    after = told.groupby("event_id")["announced"].shift(-1)
    own = _instants(told["withdrawn"], zone)
    return told.assign(withdrawn=own.where(after.isna() | (own < after), after))


def _instants(wall: pd.Series, zone: ZoneInfo) -> pd.Series:
    """Return wall times as instants; a day is its midnight, NaT stays."""
    known = {
        stamp: ALWAYS.tz_localize("UTC") if stamp <= ALWAYS else midnight(stamp, zone)
        for stamp in wall.dropna().unique()
    }
    instants: pd.Series = wall.map(known).astype(UTC)
    return instants


def active_ids(events: pd.DataFrame, local: pd.Series, interval_min: int) -> pd.Series:
    """Return the ids of the events that are on in each interval, joined by ``+``, else ''.

    An event is on in an interval when it covers any part of it; in the hour that the clock goes
    through twice it is on both times.

    Parameters
    ----------
    events
        Rows of one series, a row per event, as ``schema.events_at`` returns them; their order is
        that of the ids.
    local
        Starts of the intervals in wall time, in any order.
    interval_min
        Their length.

    Examples
    --------
    >>> day = pd.Timestamp("2003-11-11")
    >>> sale = pd.DataFrame({"event_id": ["sale"], "start": [day + pd.Timedelta("01:10:00")],
    ...                      "end": [day + pd.Timedelta("02:00:00")]})
    >>> hours = pd.Series(pd.date_range(day, periods=4, freq="1h"))
    >>> active_ids(sale, hours, 60).tolist()
    ['', 'sale', '', '']
    """
    wall = local.to_numpy(dtype=LOCAL)
    order = np.argsort(wall, kind="stable")
    length = np.timedelta64(interval_min, "m")
    # Between two borders, where an event begins or ends, the same events are on.
    on_from = np.searchsorted(wall[order], events["start"].to_numpy(LOCAL) - length, side="right")
    on_to = np.searchsorted(wall[order], events["end"].to_numpy(LOCAL), side="left")
    borders = np.unique(np.concatenate([[0, len(wall)], on_from, on_to]))
    ids = events["event_id"].to_numpy(dtype="object")
    texts = ["+".join(ids[(on_from <= border) & (border < on_to)]) for border in borders[:-1]]
    joined = np.empty(len(wall), dtype="object")
    joined[order] = np.repeat(np.array(texts, dtype="object"), np.diff(borders))
    return pd.Series(joined, index=local.index, name="event", dtype="str")
