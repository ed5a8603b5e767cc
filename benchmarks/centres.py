"""The real centres that accuracy is measured on, each as FEATURES, EVENTS and settings.

All but bank_calls lie in ../shared/data and are left out where they are absent. Each goes the way
of anybody's export: HISTORY, calendar, FEATURES.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from forecast.acd.ingest import ingest
from forecast.calendars.build import Built, build_calendar
from forecast.calendars.days.overrides import no_days
from forecast.calendars.events.raw import raw_table
from forecast.features import build_features
from forecast.params import Params
from forecast.sample import FILE, bank_calls
from forecast.schema import HISTORY
from forecast.steps.calendars import calendar_of
from forecast.store import write_csv

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
BANK, VANAD = DATA / "anonymous_bank_1999", DATA / "vanad_2014"
AXA, COUNTY = DATA / "axa_2011_2012", DATA / "bernalillo_2023_2025"
WEEK = ["mon", "tue", "wed", "thu", "fri"]
VANAD_MAIN = ("5", "20", "2", "11", "9", "0", "18", "13")
"""The eight queues with most calls; the others have less than one in a half-hour."""
AXA_MIN_CALLS = 50_000
"""Queues with fewer calls in the two years have less than two in a half-hour."""
COUNTY_EVENTS = {
    "bill_mailed": "tax bills mailed",
    "nov_mailed": "notices of value mailed",
    "first_half_due": "payment due",
    "second_half_due": "payment due",
    "late_fee_start": "interest starts",
    "late_fee_second": "interest starts",
    "days_to_protest_deadline": "protest window",
}
"""Mail-outs and deadlines among the office's events; the file has 2025's protest window twice."""


@dataclass(frozen=True)
class Centre:
    """One set of calls: ``features`` and ``events`` of its queues, and the settings made with."""

    features: pd.DataFrame
    events: pd.DataFrame
    params: Params
    built: Built


def settings(**changes: object) -> Params:
    """Return the repository's settings, changed."""
    return Params.load(ROOT / "params.yaml").override(changes)


def _made(history: pd.DataFrame, built: Built, params: Params) -> Centre:
    features = build_features(history, built.calendar, built.events, params)
    return Centre(features, built.events, params, built)


def bank_calls_at(interval_min: int) -> Centre:
    """Return the sample at a planning interval: a North American bank, 2003."""
    params = settings(**{"features.interval_min": interval_min})
    with TemporaryDirectory() as folder:
        write_csv(bank_calls(), Path(folder) / FILE)
        history = ingest(folder, params.ingest).history
    built = calendar_of(history, ROOT / "data/raw/calendars", params)
    return _made(history, built, params)


def anonymous_bank() -> Centre:
    """Return an Israeli bank's six types of calls, 1999, whose weekend is Friday and Saturday."""
    params = settings(
        **{
            "ingest.timezone": "Asia/Jerusalem",
            "ingest.calls_interval_min": 30,
            "ingest.quarantine_share_max": 0.001,  # five shifted rows
            "calendars.country": "IL",
            "calendars.open_on_holidays": "all",
            "calendars.opening_hours": "learn",
            "capacity.aht_s": None,
            "capacity.assumed": [],
        }
    )
    return _from_exports(BANK, params)


def vanad() -> Centre:
    """Return the eight main queues of a Dutch contact centre, 2014."""
    params = settings(
        **{
            "ingest.timezone": "Europe/Amsterdam",
            "ingest.calls_interval_min": 30,
            "calendars.country": "NL",
            "calendars.open_on_holidays": "all",
            "calendars.opening_hours": "learn",
            "capacity.aht_s": None,
            "capacity.assumed": [],
        }
    )
    return _from_exports(VANAD, params, keep=VANAD_MAIN)


def axa() -> Centre:
    """Return an insurer's assistance lines with most calls, 2011 and 2012."""
    rows = pd.read_csv(next(AXA.glob("*.csv.gz")))
    rows = rows.rename(columns={"calls_received": "offered"})
    calls = rows.groupby("queue")["offered"].transform("sum")
    params = settings(
        **{
            "ingest.timezone": "Europe/Paris",
            "calendars.country": "FR",
            "calendars.open_on_holidays": "all",
            "calendars.opening_hours": "learn",
        }
    )
    history = _counts(rows[calls >= AXA_MIN_CALLS], "interval_start", 30, "Europe/Paris")
    return _made(history, build_calendar(history, _no_events(), params), params)


def bernalillo() -> Centre:
    """Return a county assessor's office, 2023 to 2025.

    Events count as announced 60 days before they begin, by assumption: the dates of bills and
    payments are the law's.
    """
    hours = pd.read_csv(COUNTY / "hourly_call_data.csv", encoding="utf-8-sig")
    hours = hours.rename(columns={"call_count": "offered"}).assign(queue="assessor")
    hours = hours.assign(hour=pd.to_datetime(hours["hour"], format="%m/%d/%Y %H:%M"))
    params = settings(
        **{
            "ingest.timezone": "America/Denver",
            "ingest.absent_rows": "zero",
            "features.interval_min": 60,
            "calendars.country": "US",
            "calendars.open_on_holidays": ["Washington's Birthday"],
            "calendars.opening_hours": [{"days": WEEK, "opens": "08:00", "closes": "17:00"}],
        }
    )
    history = _counts(hours, "hour", 60, "America/Denver")
    built = build_calendar(history, _county_events(), params, _county_closures())
    return _made(history, built, params)


def _from_exports(folder: Path, params: Params, keep: tuple[str, ...] = ()) -> Centre:
    history = ingest(folder, params.ingest).history
    if keep:
        history = history[history["queue"].isin(keep)].reset_index(drop=True)
    return _made(history, build_calendar(history, _no_events(), params), params)


def _no_events() -> pd.DataFrame:
    return raw_table([]).drop(columns="reach")


def _counts(rows: pd.DataFrame, at: str, minutes: int, zone: str) -> pd.DataFrame:
    """Return HISTORY of counts by wall time; the hour that autumn doubles is counted once."""
    local = pd.to_datetime(rows[at]).astype("datetime64[us]")
    ds = local.dt.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    frame = rows[["queue", "offered"]].assign(ds=ds.dt.tz_convert("UTC"))
    frame = frame.groupby(["queue", "ds"], as_index=False)["offered"].sum()
    frame = frame.assign(site="main", channel="voice", minutes=minutes)
    return HISTORY.validate(frame.reindex(columns=HISTORY.names))


def _county_events() -> pd.DataFrame:
    told = pd.read_csv(COUNTY / "assessor_events.csv")
    told = told[told["feature"].isin(COUNTY_EVENTS)]
    start = pd.to_datetime(told["start_date"], format="%m/%d/%Y").astype("datetime64[us]")
    end = pd.to_datetime(told["end_date"], format="%m/%d/%Y").astype("datetime64[us]")
    told = told.assign(start=start, end=end.fillna(start) + pd.Timedelta(days=1))
    told = told.drop_duplicates(["feature", "start"])
    rows: list[dict[str, Any]] = [
        {
            "event_id": f"{event['feature']} {event['start']:%Y-%m-%d}",
            "name": event["event"],
            "kind": COUNTY_EVENTS[event["feature"]],
            "start": event["start"],
            "end": event["end"],
            "queues": "all",
            "sites": "all",
            "intensity": 1.0,
            "announced_on": event["start"] - pd.Timedelta(days=60),
            "source": "assessor_events.csv",
        }
        for event in told.to_dict("records")
    ]
    return raw_table(rows).drop(columns="reach")


def _county_closures() -> pd.DataFrame:
    closed = pd.read_excel(COUNTY / "bernco_holidays.xlsx", engine="calamine").iloc[:, 0]
    return pd.DataFrame(
        {
            "date": pd.to_datetime(closed).astype("datetime64[us]"),
            "site": "main",
            "day_type": "company_closure",
            "name": "office closed",
            "known": pd.Timestamp("1970-01-01"),
            "works_as": np.nan,
        }
    ).astype(no_days().dtypes.to_dict())


CENTRES: Mapping[str, Callable[[], Centre]] = {
    "bank_calls, 30 min": lambda: bank_calls_at(30),
    "bank_calls, 5 min": lambda: bank_calls_at(5),
    "Anonymous Bank": anonymous_bank,
    "VANAD": vanad,
    "AXA": axa,
    "Bernalillo": bernalillo,
}


def available() -> list[str]:
    """Return the names of the centres whose data are on this machine."""
    return [name for name in CENTRES if name.startswith("bank_calls") or DATA.is_dir()]
