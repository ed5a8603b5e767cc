"""The bundled shopping days fall on their days."""

import pandas as pd
import pytest

from forecast.calendars.events.peaks import PEAKS, shopping_peaks
from forecast.calendars.events.raw import RAW
from forecast.errors import ParamsError
from forecast.schema import ALWAYS

YEAR = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-12-31")


def days_of(name: str, year: int) -> list[str]:
    peaks = shopping_peaks([name], pd.Timestamp(year, 6, 1), pd.Timestamp(year, 12, 31))
    (peak,) = peaks[peaks["event_id"] == f"{name} {year}"].to_dict("records")
    days = pd.date_range(peak["start"], peak["end"], inclusive="left")
    return [f"{day:%m-%d}" for day in days]


@pytest.mark.parametrize(
    ("name", "year", "days"),
    [
        ("618", 2024, ["06-16", "06-17", "06-18"]),
        ("11.11", 2026, ["11-10", "11-11"]),
        ("12.12", 2026, ["12-12"]),
        # As the retail press had them: the month begins on a Thursday, a Friday, a Saturday.
        ("Black Friday", 2018, ["11-23"]),
        ("Black Friday", 2019, ["11-29"]),
        ("Black Friday", 2024, ["11-29"]),
        ("Black Friday", 2025, ["11-28"]),
        ("Cyber Monday", 2018, ["11-26"]),
        ("Cyber Monday", 2019, ["12-02"]),
        ("Cyber Monday", 2024, ["12-02"]),
        ("Cyber Monday", 2025, ["12-01"]),
    ],
)
def test_a_peak_is_on_its_days(name, year, days):
    assert days_of(name, year) == days


def test_weekdays_hold_in_all_years():
    peaks = shopping_peaks(
        ["Black Friday", "Cyber Monday"], pd.Timestamp("1990"), pd.Timestamp("2090")
    )
    weekdays = peaks.groupby("kind")["start"].agg(lambda s: set(s.dt.day_name()))
    assert weekdays.to_dict() == {"Black Friday": {"Friday"}, "Cyber Monday": {"Monday"}}
    friday = peaks.loc[peaks["kind"] == "Black Friday", "start"]
    assert friday.dt.strftime("%m%d").astype(int).between(1123, 1129).all()


def test_peaks_are_raw_events_known_always_for_all():
    peaks = shopping_peaks(list(PEAKS), *YEAR)
    assert list(peaks.columns) == list(RAW)
    assert (peaks["announced_on"] == ALWAYS).all()
    assert (peaks["queues"] == "all").all()
    assert (peaks["sites"] == "all").all()
    assert (peaks["intensity"] == 1).all()
    assert peaks["event_id"].is_unique
    assert set(peaks["kind"]) == set(PEAKS)


def test_there_is_one_event_a_year_and_a_margin_around_the_span():
    peaks = shopping_peaks(["12.12", "618"], pd.Timestamp("2024-01-20"), pd.Timestamp("2025-05-08"))
    assert peaks["event_id"].tolist() == ["12.12 2023", "12.12 2024", "618 2024", "618 2025"]
    short = shopping_peaks(["12.12", "618"], pd.Timestamp("2024-01-22"), pd.Timestamp("2025-05-05"))
    assert short["event_id"].tolist() == ["12.12 2024", "618 2024"]


def test_no_names_are_no_events_and_a_name_twice_counts_once():
    assert shopping_peaks([], *YEAR).empty
    assert len(shopping_peaks(["618", "618"], *YEAR)) == 1


def test_an_unknown_peak_is_refused_beside_those_that_are_known():
    with pytest.raises(ParamsError) as caught:
        shopping_peaks(["Boxing Day", "618", "=1+1"], *YEAR)
    message = str(caught.value)
    assert "'Boxing Day' is no shopping day of the package" in message
    assert "'=1+1'" in message
    assert "618, 11.11, 12.12, Black Friday, Cyber Monday" in message
