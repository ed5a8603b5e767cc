"""Breaks and make-up workdays as events, so that what they do to contacts can be learned."""

import pandas as pd

from forecast.calendars.days.festivals import breaks_of, occurrences
from forecast.calendars.days.site import known_by, single_names
from forecast.schema import LOCAL

COLUMNS = ("event_id", "name", "kind", "start", "end", "intensity", "announced", "withdrawn")
MAKEUP = "holiday: make-up workday"
_DAY = pd.Timedelta(days=1)


def breaks(days: pd.DataFrame) -> pd.DataFrame:
    """Return festivals with their breaks, and make-up workdays, in every version ever published.

    The run of days off that holds a festival is its break; of several festivals in one run the one
    with the most days by law has it, and the others have their own days.

    Parameters
    ----------
    days
        As ``site_days`` returns them. Breaks end where the days do.

    Returns
    -------
    pandas.DataFrame
        One row per event and version: ``event_id``, ``name``, ``kind`` ('holiday: ' and the
        festival's family), ``start`` and ``end`` (local midnights, the end is the day after the
        last), ``intensity`` (1), ``announced`` (``schema.ALWAYS`` for what was always known) and
        ``withdrawn``, the day on which the version was replaced or given up; empty when it holds.

    Examples
    --------
    >>> from forecast.calendars.days.site import site_days
    >>> from forecast.calendars.days.overrides import no_days
    >>> from forecast.params.calendar import Place
    >>> first, last = pd.Timestamp("2003-12-01"), pd.Timestamp("2003-12-31")
    >>> days = site_days(first, last, Place(country="US"), no_days(), "main")
    >>> breaks(days)[["event_id", "start", "end"]].astype("str").to_dict("records")
    [{'event_id': 'christmas_day_2003', 'start': '2003-12-25', 'end': '2003-12-26'}]
    """
    published = pd.Series(sorted(days["known"].unique()), dtype=LOCAL)
    versions = [
        pd.concat([_festivals(known), _makeup_workdays(known)]).assign(version=number)
        for number, known in enumerate(known_by(days, day) for day in published)
    ]
    events = pd.concat(versions).sort_values(["event_id", "version"], ignore_index=True)
    said = events[["event_id", "name", "start", "end"]]
    goes_on = (said == said.shift()).all(axis=1) & (events["version"].diff() == 1)
    events = events.assign(until=events["version"] + 1)
    kept = events.groupby((~goes_on).cumsum()).agg(
        {**dict.fromkeys(events.columns, "first"), "until": "last"}
    )
    kept = kept.assign(
        intensity=1.0,
        announced=kept["version"].map(published).astype(LOCAL),
        withdrawn=kept["until"].map(published).astype(LOCAL),
    )
    return kept[list(COLUMNS)].sort_values(["event_id", "announced"], ignore_index=True)


def _festivals(days: pd.DataFrame) -> pd.DataFrame:
    """Return one event per festival; ``days`` is one version of consecutive days."""
    days = days.reset_index(drop=True)
    public = days[days["day_type"].isin(["statutory_holiday", "in_lieu_day_off"])]
    said = public.assign(raw=public["holiday"].str.split("; ")).explode("raw", ignore_index=True)
    own = said.assign(
        family=single_names(said["raw"]),
        statutory=said["day_type"] == "statutory_holiday",
    )
    # A day off in lieu that is named after a break is no day of the festival itself.
    own = own[(own["raw"] != "") & ~own["raw"].str.endswith("(day off in lieu)")]
    at = (own["date"] - pd.to_timedelta(own["festival_day"], unit="D")).astype(LOCAL)
    own = own.assign(anchor=at.where(own["festival"] == own["family"]))
    found = breaks_of(days, occurrences(own))
    year = found["anchor"].dt.year.astype("str")
    slug = found["family"].str.lower().str.replace(r"\W+", "_", regex=True).str.strip("_")
    number = found.groupby([found["family"], year]).cumcount() + 1
    again = ("_" + number.astype("str")).where(number > 1, "")
    return pd.DataFrame(
        {
            "event_id": slug + "_" + year + again,
            "name": found["family"] + " " + year,
            "kind": "holiday: " + found["family"],
            "start": found["start"],
            "end": found["end"] + _DAY,
        }
    )


def _makeup_workdays(days: pd.DataFrame) -> pd.DataFrame:
    date = days.loc[days["day_type"] == "makeup_workday", "date"]
    day = date.dt.strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "event_id": "makeup_" + day,
            "name": "Make-up workday " + day,
            "kind": MAKEUP,
            "start": date,
            "end": date + _DAY,
        }
    )
