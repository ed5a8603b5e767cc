"""Alerts in words, and as a calendar file that any program takes."""

import re
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest
from icalendar import Calendar

from forecast.peaks import find_peaks
from forecast.reports.alerts import all_words, calendar_file, in_order, peaks_table, uid
from forecast.reports.words import FOLDER, catalogue
from forecast.schema import FEATURES
from forecast.store import write_csv
from tests.peaks.conftest import event, events_of

HOSTILE = {
    "formula": "=cmd|'/c calc'!A1",
    "script": "<script>alert(1)</script>",
    "emoji": "🎉" * 20,
    "long": "x" * 300,
    "right to left": "\u202eshalom שלום",
    "calendar": "a,b;c\\n\nBEGIN:VALARM",
    "line ends": "a\rBEGIN:VALARM\r\nBEGIN:VALARM\x0b\x0c\x1c\x85\u2028BEGIN:VALARM",
    "controls": "a\x00b\x1bc",
}


def peaks_of(sale, params, *events):
    given = {**sale, "features": FEATURES.empty(), "events": events_of(*(events or [event()]))}
    return find_peaks(params=params, **given)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_all_that_is_known_of_a_peak_is_said(sale, peak_params, language):
    params = peak_params.override({"report.language": language})
    (lines,) = all_words(*vars(peaks_of(sale, params)).values(), params)
    text = "\n".join(lines)
    assert "Spring sale" in lines[0]
    assert "2024-03-12 09:00" in lines[1]
    assert re.search(r"P10 [\d,]+.*P90 [\d,]+", text)
    for measure in params.alerts.measures:
        assert catalogue("alerts", language)[measure.name] in text
    assert "{" not in text
    assert "nan" not in text


def test_both_languages_have_the_same_words_and_blanks():
    for name in {path.name.split(".")[0] for path in FOLDER.glob("*.*.yaml")}:
        one, other = catalogue(name, "en"), catalogue(name, "zh")
        assert one.keys() == other.keys()
        for key, text in one.items():
            blanks = [sorted(re.findall(r"{(\w+)", t)) for t in (text, other[key])]
            assert blanks[0] == blanks[1], key
    assert not set("，。：；（）") & set("".join(catalogue("alerts", "en").values()))


def test_the_calendar_file_has_an_alarm_for_every_lead_and_stays_the_same(sale, peak_params):
    found = peaks_of(sale, peak_params)
    texts = all_words(found.peaks, found.measures, peak_params)
    words = catalogue("alerts", "en")
    made = calendar_file(in_order(found.peaks), texts, [336, 72, 24], words)
    assert made == calendar_file(in_order(found.peaks), texts, [336, 72, 24], words)
    (entry,) = Calendar.from_ical(made).walk("VEVENT")
    alarms = [alarm["trigger"].dt for alarm in entry.walk("VALARM")]
    assert alarms == [-timedelta(days=14), -timedelta(days=3), -timedelta(days=1)]
    assert entry["dtstart"].dt == pd.Timestamp("2024-03-12 09:00", tz="UTC")
    assert entry["dtend"].dt == pd.Timestamp("2024-03-12 17:00", tz="UTC")
    assert entry["dtstamp"].dt == found.peaks["asof"].iloc[0]
    # A later forecast that moves the window keeps the entry's name.
    moved = found.peaks.iloc[0].to_dict() | {"starts_at": pd.Timestamp("2024-03-11", tz="UTC")}
    assert str(entry["uid"]) == uid(moved)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_names_from_data_are_harmless(sale, peak_params, tmp_path, name):
    found = peaks_of(sale, peak_params, event(name=name))
    found = replace(
        found,
        peaks=found.peaks.assign(queue=name, site=name),
        measures=found.measures.assign(queue=name, site=name),
    )
    texts = all_words(found.peaks, found.measures, peak_params)
    words = catalogue("alerts", "en")
    made = calendar_file(in_order(found.peaks), texts, [24], words)
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\r(?!\n)", made)
    assert max(map(len, made.split(b"\r\n"))) <= 75
    calendar = Calendar.from_ical(made)
    (entry,) = calendar.walk("VEVENT")
    assert len(entry.walk("VALARM")) == 1
    assert name.splitlines()[0].strip("\u202e").partition("\0")[0] in str(entry["summary"])
    assert "\u202e" not in made.decode()
    write_csv(found.peaks, tmp_path / "peaks.csv")
    back = pd.read_csv(tmp_path / "peaks.csv")
    assert len(back) == 1
    for column in ("name", "queue", "site"):
        assert not back[column].iloc[0].startswith(("=", "+", "-", "@"))


def test_the_reports_table_has_the_next_peak_first(sale, peak_params):
    late = event(
        "late", name="Later", start=pd.Timestamp("2024-03-14"), end=pd.Timestamp("2024-03-15")
    )
    found = peaks_of(sale, peak_params, late, event("soon"))
    rows = peaks_table(found.peaks, found.measures, peak_params)
    assert [row["peak_id"] for row in rows] == ["soon", "late"]
    assert rows[0]["title"] == "Spring sale"
    assert [m["place"] for m in rows[0]["measures"]] == list(range(1, len(rows[0]["measures"]) + 1))
