"""Bundled profiles: each is whole, reads its own vendor's layout alone; own ones come first."""

import shutil
from pathlib import Path

import pytest

from forecast.acd.forms.packed import read_drop, sheets_of
from forecast.acd.ingest import Sources, take_in
from forecast.acd.profile import BUNDLED, encoding_for, profiles, read_profile
from forecast.acd.sheets.fit import fits
from forecast.errors import ParamsError
from forecast.params import IngestParams

LAYOUTS = Path(__file__).parent / "layouts"
FILES = sorted(p.name for p in LAYOUTS.iterdir())
NAMES = sorted(p.stem for p in BUNDLED.glob("*.yaml"))
PARAMS = IngestParams(timezone="America/New_York")
OWN = """
title: Ours
start: {column: when}
minutes: 30
constants: {queue: all}
columns: {offered: calls}
"""


def named_after(file: str) -> str:
    """Return the profile that an export here is named after."""
    return Path(file).stem.removesuffix("_screen")


def profile_of(folder: Path, sources: Sources = Sources()) -> str:  # noqa: B008
    ledger = take_in(folder, PARAMS, sources).ledger
    assert ledger["rejected"].tolist() == [""], ledger["rejected"].tolist()
    return str(ledger["profile"].iloc[0])


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "profiles"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_says_what_it_is_and_where_its_columns_are_known_from(name):
    profile = read_profile(BUNDLED / f"{name}.yaml")
    assert profile.name == name
    assert profile.title
    assert profile.seen_in


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_begins_with_a_comment_on_what_is_assumed(name):
    text = (BUNDLED / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert max(len(line) for line in text.splitlines()) <= 120


def test_every_profile_has_an_export():
    assert {named_after(f) for f in FILES} == set(NAMES)


@pytest.mark.parametrize("file", FILES)
def test_an_export_is_read_by_its_own_profile_and_fits_no_other(file):
    known = profiles(None, PARAMS)
    sheets = sheets_of(read_drop(LAYOUTS / file, LAYOUTS), lambda n: encoding_for(known, n))
    fitting = [p.name for p in known if any(fits(sheet, [p]) for sheet in sheets)]
    assert fitting == [named_after(file)]


@pytest.mark.parametrize("file", FILES)
def test_an_export_is_told_among_all_profiles(file, tmp_path):
    shutil.copy(LAYOUTS / file, tmp_path)
    assert profile_of(tmp_path) == named_after(file)


@pytest.mark.parametrize("name", NAMES)
def test_no_column_is_both_shown_and_private(name):
    profile = read_profile(BUNDLED / f"{name}.yaml")
    assert not set(profile.known) & set(profile.private)
    for field in ("agent", "caller"):
        source = profile.columns.get(field)
        assert source is None or set(source.column or []) & set(profile.private)


def test_agents_and_callers_are_masked_where_a_row_is_set_aside(tmp_path):
    lines = (LAYOUTS / "talkdesk_calls.csv").read_text(encoding="utf-8").splitlines()
    text = "\n".join([lines[0], lines[1].replace("2024-05-13T13:00:30Z", "soon")]) + "\n"
    (tmp_path / "calls.csv").write_text(text, encoding="utf-8")
    shown = take_in(tmp_path, PARAMS).quarantine["text"].iloc[0]
    assert shown.startswith("c1,CA1,inbound,***,")
    for person in ("+15550100", "u1", "Ann Example"):
        assert person not in shown


def test_an_own_profile_reads_what_no_bundled_one_knows(tmp_path, own, drop):
    (own / "ours.yaml").write_text(OWN, encoding="utf-8")
    folder = drop(calls="when,calls\n2024-05-13 09:00,7\n")
    assert profile_of(folder, Sources(own)) == "ours"


def test_an_own_profile_takes_the_place_of_a_bundled_one_of_its_name(own, drop):
    text = OWN.replace("when", "interval_start").replace("calls", "offered")
    (own / "canonical.yaml").write_text(text.replace("all", "ours"), encoding="utf-8")
    folder = drop(calls="interval_start,queue,offered\n2024-05-13 09:00,theirs,7\n")
    taken = take_in(folder, PARAMS, Sources(own))
    assert taken.history["queue"].tolist() == ["ours"]


def test_an_own_profile_of_another_name_comes_before_a_bundled_one(own, drop):
    text = OWN.replace("when", "interval_start").replace("calls", "offered")
    (own / "ours.yaml").write_text(text, encoding="utf-8")
    folder = drop(calls="interval_start,queue,offered\n2024-05-13 09:00,theirs,7\n")
    assert profile_of(folder, Sources(own)) == "ours"


def test_an_own_profile_can_be_named_for_files(own, drop):
    text = OWN.replace("when", "interval_start").replace("calls", "offered")
    (own / "ours.yaml").write_text(text + 'files: ["ours*.csv"]\n', encoding="utf-8")
    export = "interval_start,queue,offered\n2024-05-13 09:00,theirs,7\n2024-05-13 09:30,theirs,7\n"
    folder = drop(ours_may=export, theirs_may=export)
    ledger = take_in(folder, PARAMS, Sources(own)).ledger.set_index("file")
    assert ledger["profile"].to_dict() == {"ours_may.csv": "ours", "theirs_may.csv": "canonical"}


def test_a_broken_profile_is_refused_with_all_that_is_wrong(own):
    broken = """
title: ""
grain: hour
minuets: 30
start: {column: when, order: dym}
columns: {offered: {column: calls, unit: minutes}, talk_s: {plus: []}}
keep: [{column: a, words: []}]
"""
    (own / "ours.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        profiles(own, PARAMS)
    message = str(caught.value)
    assert str(own / "ours.yaml") in message
    for place in (
        "title",
        "grain",
        "minuets",
        "start.0.order",
        "columns.offered.unit",
        "columns.talk_s",
        "keep.0.words",
        "keep.0.why",
    ):
        assert place in message, place


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("title: x\ncolumns: {offered: a}\n", "start"),
        ("title: x\nstart: when\ncolumns: {offered: a}\n", "queue must be in columns"),
        ("title: x\ngrain: call\nconstants: {queue: q}\n", "grain call needs arrived"),
        ("title: x\ngrain: call\narrived: a\nconstants: {queue: q}\n", "outcome or answered_at"),
        ("title: x\nstart: a\ncolumns: {offered: b, agent: c}\n", "'agent' is no field of grain"),
        ("title: x\nencoding: utf-9\n", "no encoding that Python knows"),
        ("- a\n- b\n", "keys and values"),
    ],
)
def test_what_a_profile_lacks_is_said(own, text, found):
    (own / "ours.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ParamsError, match=r"ours\.yaml is no profile") as caught:
        profiles(own, PARAMS)
    assert found in str(caught.value)
