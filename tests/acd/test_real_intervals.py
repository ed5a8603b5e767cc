"""Real interval reports, read where they lie through profiles of their owner's own.

Every total here is counted a second time, by plain pandas on the files themselves.
"""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from forecast.acd.ingest import Ingested, Sources, take_in
from forecast.params import IngestParams
from tests.acd.real import DATA, check_books, local, named, needs_data, sorted_files

AXA, COUNTY = DATA / "axa_2011_2012", DATA / "bernalillo_2023_2025"
pytestmark = needs_data


def in_folder(folder: Path, files: list[Path], profiles: dict[str, str]) -> tuple[Path, Sources]:
    (folder / "acd").mkdir()
    (folder / "profiles").mkdir()
    for file in files:
        shutil.copy(file, folder / "acd")
    for name, text in profiles.items():
        (folder / "profiles" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder / "acd", Sources(own_profiles=folder / "profiles")


@pytest.fixture(scope="module")
def axa(tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    profile = """
title: Assistance lines by half-hour
start: interval_start
minutes: 30
columns: {queue: queue, offered: calls_received}
"""
    folder, sources = in_folder(tmp_path_factory.mktemp("axa"), sorted_files(AXA), {"axa": profile})
    return take_in(folder, IngestParams(timezone="Europe/Paris"), sources)


@pytest.mark.slow
def test_axa_every_interval_is_where_it_was(axa):
    check_books(axa)
    rows = pd.read_csv(sorted_files(AXA)[0])
    assert axa.ledger["rows_accepted"].tolist() == [len(rows)] == [746_229]
    assert axa.history["offered"].sum() == rows["calls_received"].sum() == 5_686_527
    found = axa.history.assign(at=local(axa, "Europe/Paris"))[["queue", "at", "offered"]]
    wanted = rows.set_axis(["queue", "at", "offered"], axis=1)
    wanted["at"] = pd.to_datetime(wanted["at"]).dt.as_unit("us")
    pd.testing.assert_frame_equal(
        found.sort_values(["queue", "at"], ignore_index=True),
        wanted.sort_values(["queue", "at"], ignore_index=True),
        check_dtype=False,
    )


@pytest.mark.slow
def test_axa_nights_on_which_clocks_change(axa):
    at = local(axa, "Europe/Paris")
    for day in ("2011-03-27", "2012-03-25"):
        assert not at.between(f"{day} 01:30", f"{day} 03:00").any()
    twice = sum(
        ((at >= f"{d} 02:00") & (at < f"{d} 03:00")).sum() for d in ("2011-10-30", "2012-10-28")
    )
    assert twice == 76
    assert "76 rows stand in the hour that comes twice" in named(axa, "clock_change")


@pytest.mark.slow
def test_axa_what_is_absent_is_named_and_not_filled(axa):
    shares = named(axa, "missing_share")
    for queue in ("Evenements", "Crises", "CMS", "Prestataires", "Gestion DZ"):
        assert f"Queue {queue}: " in shares
    assert "Queue Gestion Amex has its last report on 20 August 2012" in named(axa, "ended")
    assert "25 December 2012" in named(axa, "quiet_day")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    hourly = """
title: Calls by hour
start: {column: hour, order: mdy}
minutes: 60
constants: {queue: assessor}
columns: {offered: call_count}
absent_rows: zero
"""
    daily = """
title: Calls by day
start: {column: date, order: mdy}
minutes: 1440
constants: {queue: assessor}
columns: {offered: count of calls}
"""
    files = [COUNTY / "calls.csv", COUNTY / "hourly_call_data.csv"]
    folder, sources = in_folder(
        tmp_path_factory.mktemp("county"), files, {"hourly": hourly, "daily": daily}
    )
    return take_in(folder, IngestParams(timezone="America/Denver"), sources)


@pytest.fixture(scope="module")
def county_rows() -> tuple[pd.Series, pd.Series]:
    """Return contacts by day and by hour, as the two files have them."""
    days = pd.read_csv(COUNTY / "calls.csv", encoding="utf-8-sig")
    hours = pd.read_csv(COUNTY / "hourly_call_data.csv")
    by_day = days.set_index(pd.to_datetime(days["date"], format="%m/%d/%y"))["count of calls"]
    at = pd.to_datetime(hours["hour"], format="%m/%d/%Y %H:%M")
    return by_day, hours.set_index(at)["call_count"]


def test_county_hours_win_over_the_days_that_hold_them(county, county_rows):
    days, hours = county_rows
    check_books(county)
    ledger = county.ledger.set_index("file")
    both = days.index.isin(hours.index.normalize())
    assert ledger.loc["hourly_call_data.csv", "rows_accepted"] == len(hours) == 4_282
    assert ledger.loc["calls.csv", "rows_superseded"] == both.sum() == 477
    assert ledger.loc["calls.csv", "rows_accepted"] == (~both).sum() == 181
    assert county.history["offered"].sum() == hours.sum() + days[~both].sum() == 98_262


def test_county_days_on_which_the_two_files_differ_are_named(county, county_rows):
    days, hours = county_rows
    sums = hours.groupby(hours.index.normalize()).sum().reindex(days.index)
    differ = (sums.notna() & (sums != days)).sum()
    found = county.findings[county.findings["kind"] == "day_total"]
    assert found["size"].tolist() == [differ] == [27]
    assert "27 of 477 days" in found["text"].iloc[0]


def test_county_hours_without_calls_are_zeros_on_days_with_others(county, county_rows):
    _, hours = county_rows
    fine = county.history[county.history["minutes"] == 60]
    at = fine["ds"].dt.tz_convert("America/Denver").dt.tz_localize(None)
    edges = hours.index.to_series().groupby(hours.index.normalize()).agg(["min", "max"])
    spans = (edges["max"] - edges["min"]) / pd.Timedelta(hours=1) + 1
    assert len(fine) == spans.sum()
    assert (fine["offered"] == 0).sum() == spans.sum() - len(hours)
    assert set(at[fine["offered"] > 0]) == set(hours.index)
