"""Queues renamed, merged and split: every contact is kept, on the right local day."""

from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.acd.merging.queue_map import map_queues, read_queue_map
from forecast.errors import InputError
from forecast.schema import HISTORY, LOCAL

HEAD = "site,queue,valid_from,valid_to,to,share"
A_SHARE = "above 0 and up to 1 like 0.25, or empty"
NEW_YORK = ZoneInfo("America/New_York")


def zone_of(site: str) -> ZoneInfo:
    return {"main": NEW_YORK, "berlin": ZoneInfo("Europe/Berlin")}[site]


@pytest.fixture
def write(tmp_path: Path):
    def write(*lines: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
        file = tmp_path / "queue_map.csv"
        file.write_bytes("\n".join((head, *lines)).encode(encoding))
        return file

    return write


@pytest.fixture
def refused(write):
    """Return what is said about a file that must be refused."""

    def refused(*lines: str, **how: str) -> str:
        file = write(*lines, **how)
        with pytest.raises(InputError) as caught:
            read_queue_map(file)
        assert str(file) in str(caught.value)
        return str(caught.value)

    return refused


def rows(queue, offered, start="2024-03-04 14:00", site="main", minutes=30, **sums):
    """Return HISTORY rows of one queue, one after the other from ``start`` in UTC."""
    first = pd.Timestamp(start, tz="UTC").as_unit("us")
    step = pd.to_timedelta(np.arange(len(offered)) * minutes, unit="min").as_unit("us")
    columns = {"site": site, "queue": queue, "channel": "voice", "ds": first + step}
    frame = pd.DataFrame({**columns, "minutes": minutes, "offered": offered, **sums})
    return frame.reindex(columns=HISTORY.names)


def history_of(*parts: pd.DataFrame) -> pd.DataFrame:
    return HISTORY.validate(pd.concat(parts))


def rules(*lines: tuple) -> pd.DataFrame:
    """Return a map of (queue, to, share, first day, last day, site), two of them at least."""
    blank = ("", "", 1.0, "0001-01-01", "9999-12-31", "")
    filled = [(*line, *blank[len(line) :]) for line in lines]
    table = pd.DataFrame(filled, columns=["queue", "to", "share", "valid_from", "valid_to", "site"])
    text = dict.fromkeys(("queue", "to", "site"), "str")
    days = dict.fromkeys(("valid_from", "valid_to"), LOCAL)
    return table.assign(line=range(2, 2 + len(lines))).astype({**text, **days, "share": "float64"})


def counts(history: pd.DataFrame) -> dict[str, list[int]]:
    return {str(q): own["offered"].tolist() for q, own in history.groupby("queue")}


# --- the file


def test_a_file_is_read_as_it_is_meant(write):
    file = write(
        "main,old,2024-03-01,2024-06-30,new,",
        ",sales,,,vip,0.25",
        ",,,,,",
        ', sales ,,,"sales, other",.75',
        encoding="utf-8-sig",
    )
    table = read_queue_map(file)
    assert table[["site", "queue", "to", "share", "line"]].to_numpy().tolist() == [
        ["main", "old", "new", 1.0, 2],
        ["", "sales", "vip", 0.25, 3],
        ["", "sales", "sales, other", 0.75, 5],
    ]
    assert table["valid_from"].dt.strftime("%Y-%m-%d").tolist() == [
        "2024-03-01",
        *["0001-01-01"] * 2,
    ]
    assert table["valid_to"].dt.strftime("%Y-%m-%d").tolist() == ["2024-06-30", *["9999-12-31"] * 2]
    assert (table.dtypes == read_queue_map(file.with_name("none.csv")).dtypes).all()


def test_columns_may_stand_in_another_order(write):
    file = write("new,,old,,,", head="to,share,queue,site,valid_from,valid_to")
    assert read_queue_map(file)[["queue", "to"]].to_numpy().tolist() == [["old", "new"]]


def test_no_file_maps_nothing(tmp_path):
    assert len(read_queue_map(tmp_path / "none.csv")) == 0


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (",,,,new,", "line 2, column queue: must be a name; found ''"),
        (",old,,,,", "line 2, column to: must be a name; found ''"),
        (",old,2024-02-30,,new,", "column valid_from: must be a day like 2024-03-31, "),
        (",old,20240301,,new,", "column valid_from: must be a day like 2024-03-31, "),
        (",old,2024-3-1,,new,", "found '2024-3-1'"),
        (",old,,01.03.2024,new,", "column valid_to: must be a day like 2024-03-31, "),
        (
            ",old,2024-03-02,2024-03-01,new,",
            "column valid_to: must not be before valid_from; found 2024-03-02 to 2024-03-01",
        ),
        *(
            (f",old,,,new,{share}", f"column share: must be {A_SHARE}; found '{share}'")
            for share in ("0", "0.0", "-0.5", "1.5", "1.01", "nan", "inf", "50%", "1e-1", "half")
        ),
        (',old,,,new,"0,5"', "found '0,5'"),
        (",old,,,new", "line 2, more or fewer fields than the 6 of the header"),
        (",old,,,new,,", "line 2, more or fewer fields than the 6 of the header"),
        (",old,,,new,0.9", "line 2, column share: must add to 1; found 0.9"),
        (',old,,,"new,', "line 2: not valid CSV"),
    ],
)
def test_a_bad_row_is_refused_with_its_place(refused, line, complaint):
    assert complaint in refused(line)


def test_all_problems_of_a_file_are_listed_together(refused):
    message = refused(",old,x,y,new,2", ",,,,b,", ",c,,,d,", ",c,,,e,", ",f,,,g,0.5")
    for complaint in (
        "line 2, column valid_from:",
        "line 2, column valid_to:",
        "line 2, column share:",
        "line 3, column queue:",
        "line 4, 5, column share: must add to 1; found 2",
        "line 6, column share: must add to 1; found 0.5",
    ):
        assert complaint in message


def test_a_bad_part_is_not_blamed_for_the_sum_as_well(refused):
    message = refused(",old,x,,a,0.5", ",old,,,b,0.5")
    assert "line 2, column valid_from: " in message
    assert "must add to 1" not in message


@pytest.mark.parametrize(
    ("shares", "total"),
    [
        (["0.5", "0.4999999999999999999"], "0.9999999999999999999"),
        (["0.1"] * 9, "0.9"),
        (["0.333", "0.333", "0.333"], "0.999"),
        (["1", "0.5"], "1.5"),
    ],
)
def test_shares_must_add_to_one_exactly(refused, shares, total):
    message = refused(*(f",old,,,new{i},{share}" for i, share in enumerate(shares)))
    assert f"column share: must add to 1; found {total}" in message


@pytest.mark.parametrize("shares", [["0.1"] * 10, ["0.3333", "0.3333", "0.3334"], ["1.00"]])
def test_shares_that_add_to_one_are_taken(write, shares):
    table = read_queue_map(write(*(f",old,,,new{i},{share}" for i, share in enumerate(shares))))
    assert len(table) == len(shares)


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        (",old,,2024-03-10,a,", ",old,2024-03-10,,b,", True),
        (",old,,2024-03-09,a,", ",old,2024-03-10,,b,", False),
        (",old,,,a,0.5", ",old,2024-03-10,,b,0.5", True),
        (",old,,,a,", "main,old,,,b,", True),
        ("east,old,,,a,", "main,old,,,b,", False),
        (",old,,,a,", ",older,,,b,", False),
    ],
)
def test_periods_of_one_queue_must_not_overlap(write, refused, first, second, clash):
    if clash:
        assert "line 3: this period of queue 'old' overlaps with line 2; " in refused(first, second)
    else:
        assert len(read_queue_map(write(first, second))) == 2


@pytest.mark.parametrize(
    ("lines", "chained"),
    [
        (
            [",a,,,b,", ",b,,,c,"],
            "column to: 'b' is itself mapped at the same time, in line 3; name",
        ),
        ([",b,,,c,", ",a,,,b,"], "line 3, column to: 'b'"),
        ([",a,,,b,", ",b,,,a,"], "line 3, column to: 'a'"),
        ([",a,,,b,", ",b,,,b,0.5", ",b,,,c,0.5"], "line 2, column to: 'b'"),
        ([",a,,2024-03-09,b,", ",b,2024-03-10,,c,"], ""),
        (["east,a,,,b,", "main,b,,,c,"], ""),
        ([",b,,,b,0.5", ",b,,,c,0.5"], ""),
    ],
)
def test_a_chain_is_refused(write, refused, lines, chained):
    if chained:
        assert chained in refused(*lines)
    else:
        assert len(read_queue_map(write(*lines))) == len(lines)


def test_a_split_into_one_name_is_refused(refused):
    message = refused(",old,,,new,0.5", ",old,,,new,0.5")
    assert "line 2, 3, column to: the parts of a split need different names" in message


@pytest.mark.parametrize("head", ["site,queue,to", f"{HEAD},note", HEAD.replace(",", ";")])
def test_unknown_columns_are_refused(refused, head):
    message = refused(head=head)
    assert f"line 1: columns must be {HEAD.replace(',', ', ')}, separated by commas; " in message
    assert "; found " in message


def test_other_encodings_are_refused(refused):
    message = refused(",a,,,b,", ",müll,,,b,", encoding="cp1252")
    assert "line 3: byte 0xfc is not UTF-8; save it as 'CSV UTF-8'" in message


# --- the mapping


def test_a_rename_begins_at_local_midnight():
    # Midnight in New York is 05:00 UTC on 1 March, in Berlin 23:00 UTC the day before.
    night = rows("old", list(range(1, 19)), "2024-02-29 22:00")
    history = history_of(night, night.assign(site="berlin"))
    out = map_queues(history, rules(("old", "new", 1.0, "2024-03-01")), zone_of)
    first = out[out["queue"] == "new"].groupby("site")["ds"].min()
    assert first["main"] == pd.Timestamp("2024-03-01 05:00Z")
    assert first["berlin"] == pd.Timestamp("2024-02-29 23:00Z")


@pytest.mark.parametrize(
    ("day", "start", "hours"),
    [("2024-03-10", "2024-03-10 05:00", 23), ("2024-11-03", "2024-11-03 04:00", 25)],
)
def test_a_day_of_a_clock_change_is_mapped_whole(day, start, hours):
    history = history_of(rows("old", [1] * 96, pd.Timestamp(start) - pd.Timedelta("10h")))
    out = map_queues(history, rules(("old", "new", 1.0, day, day)), zone_of)
    moved = out.loc[out["queue"] == "new", "ds"]
    assert len(moved) == 2 * hours
    assert moved.min() == pd.Timestamp(start, tz="UTC")
    assert len(out) == len(history)


def test_a_rename_changes_the_name_alone():
    history = history_of(rows("old", [3, 0], answered=[2.0, 0.0], talk_s=[99.5, 0.0], agents=4.0))
    out = map_queues(history, rules(("old", "new")), zone_of)
    pd.testing.assert_frame_equal(out, history.assign(queue="new").astype({"queue": "str"}))


def test_a_site_of_its_own_is_mapped_alone():
    history = history_of(rows("old", [3]), rows("old", [4], site="berlin"))
    rule = rules(("old", "new", 1.0, "0001-01-01", "9999-12-31", "berlin"))
    assert counts(map_queues(history, rule, zone_of)) == {"new": [4], "old": [3]}


def test_queues_that_become_one_add_up_and_what_is_missing_stays_missing():
    history = history_of(
        rows("a", [1, 2], answered=[1.0, 2.0], talk_s=[10.0, np.nan], agents=2.0),
        rows("b", [3, 4], answered=[3.0, 4.0], talk_s=[30.0, 40.0], agents=[1.0, np.nan]),
        rows("all", [5], answered=[5.0], talk_s=[50.0], agents=1.0),
        rows("other", [9]),
    )
    out = map_queues(history, rules(("a", "all"), ("b", "all")), zone_of)
    assert counts(out) == {"all": [9, 6], "other": [9]}
    merged = out[out["queue"] == "all"]
    assert merged["answered"].tolist() == [9, 6]
    np.testing.assert_array_equal(merged["talk_s"], [90, np.nan])
    np.testing.assert_array_equal(merged["agents"], [4, np.nan])
    assert merged["wait_s"].isna().all()


def test_an_interval_that_one_queue_reports_alone_has_its_contacts():
    history = history_of(rows("a", [1, 2]), rows("b", [3]))
    out = map_queues(history, rules(("a", "all"), ("b", "all")), zone_of)
    assert counts(out) == {"all": [4, 2]}


@pytest.mark.parametrize("start", ["2024-03-04 14:00", "2024-03-04 14:15"])
def test_intervals_of_different_lengths_are_not_added(start):
    history = history_of(rows("a", [1]), rows("b", [3], start, minutes=15))
    with pytest.raises(InputError) as caught:
        map_queues(history, rules(("a", "all"), ("b", "all")), zone_of)
    message = str(caught.value)
    assert (
        "differ in length; export both in one length, or map them only where they agree" in message
    )
    assert "site 'main', queue 'all': " in message
    assert "30 minutes of 'a' from 2024-03-04 14:00:00+00:00" in message
    assert f"15 of 'b' from {start}" in message or "15 minutes of 'b'" in message


def test_lengths_may_differ_where_nothing_is_merged():
    history = history_of(rows("a", [1, 2]), rows("b", [3, 4], "2024-03-05 14:00", minutes=15))
    assert counts(map_queues(history, rules(("a", "all"), ("b", "all")), zone_of)) == {
        "all": [1, 2, 3, 4]
    }


def test_single_contacts_are_split_without_bias():
    history = history_of(rows("old", [1] * 1000, talk_s=60.0))
    split = rules(("old", "a", 0.3), ("old", "b", 0.1), ("old", "c", 0.6))
    out = map_queues(history, split, zone_of)
    shared = out.groupby("queue")[["offered", "talk_s"]].sum()
    assert shared["offered"].to_dict() == {"a": 300, "b": 100, "c": 600}
    assert (shared["talk_s"] == 60 * shared["offered"]).all()
    assert len(out) == 3000


def test_other_sums_go_with_the_contacts_and_agents_by_share():
    history = history_of(
        rows("old", [4, 1, 0], answered=[2.0, 1.0, 0.0], abandoned=[2.0, 0.0, 1.0], agents=10.0)
    )
    out = map_queues(history, rules(("old", "a", 0.25), ("old", "b", 0.75)), zone_of)
    assert counts(out) == {"a": [1, 0, 0], "b": [3, 1, 0]}
    a = out[out["queue"] == "a"]
    assert a["answered"].tolist() == [0.5, 0.0, 0.0]
    assert a["abandoned"].tolist() == [0.5, 0.0, 0.25]
    assert a["agents"].tolist() == [2.5] * 3


def test_a_split_may_keep_its_own_name_and_meet_another_queue():
    history = history_of(rows("old", [10, 10]), rows("vip", [1, 2]))
    out = map_queues(history, rules(("old", "old", 0.8), ("old", "vip", 0.2)), zone_of)
    assert counts(out) == {"old": [8, 8], "vip": [3, 4]}


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        (("Slaes", "new"), "line 2, column queue: no 'Slaes' in the history, but sales"),
        (("SALES", "new"), "line 2, column queue: no 'SALES' in the history, but sales"),
        (("xyz", "new"), "no 'xyz' in the history, but claims, sales"),
        (
            ("claims", "new", 1.0, "0001-01-01", "9999-12-31", "berlin"),
            "no 'claims' in the history at site 'berlin', but sales",
        ),
        (
            ("sales", "new", 1.0, "0001-01-01", "9999-12-31", "rome"),
            "no 'sales' in the history at site 'rome', but none",
        ),
    ],
)
def test_a_queue_that_never_was_is_named_with_the_nearest(rule, complaint):
    history = history_of(rows("sales", [1]), rows("claims", [1]), rows("sales", [1], site="berlin"))
    with pytest.raises(InputError, match="the queue map does not fit the history") as caught:
        map_queues(history, rules(rule), zone_of)
    assert complaint in str(caught.value)


def test_file_and_mapping_agree(write):
    table = read_queue_map(
        write(",old,2024-03-05,,new,", ",a,,2024-03-04,b,.5", ",a,,2024-03-04,c,.5")
    )
    history = history_of(*(rows(q, [2] * 4, "2024-03-05 04:00") for q in ("old", "a")))
    out = map_queues(history, table, zone_of)
    assert counts(out) == {"a": [2, 2], "b": [1, 1], "c": [1, 1], "new": [2, 2], "old": [2, 2]}


# --- laws

COUNT = st.integers(0, 5)
VALUE = st.one_of(st.just(np.nan), st.floats(0, 1000))


@st.composite
def histories(draw):
    parts = []
    for site in ("main", "berlin"):
        for queue in ("a", "b", "c"):
            n = draw(st.integers(1, 6))
            sums = {
                c: draw(st.lists(VALUE, min_size=n, max_size=n)) for c in ("answered", "talk_s")
            }
            start = draw(st.sampled_from(["2024-03-10 03:30", "2024-03-10 04:30"]))
            offered = draw(st.lists(COUNT, min_size=n, max_size=n))
            parts.append(rows(queue, offered, start, site, **sums))
    return history_of(*parts)


@st.composite
def splits(draw):
    """Return a map that splits queue a, from some day, into parts that may be queues themselves."""
    n = draw(st.integers(1, 4))
    weight = draw(st.lists(st.integers(1, 20), min_size=n, max_size=n))
    names = draw(st.permutations(["a", "b", "x", "y"]))
    day = draw(st.sampled_from(["0001-01-01", "2024-03-10"]))
    site = draw(st.sampled_from(["", "main"]))
    shares = [float(Fraction(w, sum(weight))) for w in weight]
    return rules(
        *(("a", to, s, day, "9999-12-31", site) for to, s in zip(names, shares, strict=False))
    )


@settings(max_examples=25, deadline=None)
@given(history=histories(), split=splits())
def test_all_contacts_are_kept_interval_by_interval(history, split):
    before = history.copy(deep=True)
    out = map_queues(history, split, zone_of)
    pd.testing.assert_frame_equal(history, before)
    for keys in (["site", "ds"], ["site"]):
        expected = history.groupby(keys)["offered"].sum()
        pd.testing.assert_series_equal(out.groupby(keys)["offered"].sum(), expected)
    for column in ("answered", "talk_s"):
        known = history.groupby("site")[column].sum(skipna=False).dropna()
        mapped = out.groupby("site")[column].sum(skipna=False)
        np.testing.assert_allclose(mapped[known.index], known, atol=1e-6)
    untouched = history[history["queue"] == "c"].reset_index(drop=True)
    pd.testing.assert_frame_equal(out[out["queue"] == "c"].reset_index(drop=True), untouched)
    mixed = map_queues(history.sample(frac=1, random_state=0), split, zone_of)
    pd.testing.assert_frame_equal(mixed, out)


@settings(max_examples=25, deadline=None)
@given(
    offered=st.lists(st.integers(0, 3), min_size=1, max_size=80),
    weight=st.lists(st.integers(1, 50), min_size=2, max_size=5),
)
def test_no_part_drifts_from_its_share(offered, weight):
    names = [f"q{i}" for i in range(len(weight))]
    share = np.array(weight) / sum(weight)
    split = rules(*(("old", q, s) for q, s in zip(names, share, strict=True)))
    out = map_queues(history_of(rows("old", offered)), split, zone_of)
    wide = out.pivot(index="ds", columns="queue", values="offered")[names]
    assert wide.sum(axis=1).tolist() == offered
    drift = wide.cumsum().to_numpy() - np.outer(np.cumsum(offered), share)
    assert np.abs(drift).max() <= (len(weight) - 1) / 2 + 1e-6


@settings(max_examples=10, deadline=None)
@given(history=histories())
def test_an_empty_map_changes_nothing(history):
    pd.testing.assert_frame_equal(map_queues(history, rules(), zone_of), history)


@settings(max_examples=12, deadline=None)
@given(history=histories())
def test_a_merge_is_the_sum_of_its_queues(history):
    merged = map_queues(history, rules(("a", "all"), ("b", "all"), ("c", "all")), zone_of)
    assert set(merged["queue"]) == {"all"}
    groups = history.groupby(["site", "channel", "ds"])
    expected = groups["offered"].sum()
    assert merged["offered"].tolist() == expected.tolist()
    np.testing.assert_allclose(merged["talk_s"], groups["talk_s"].sum(skipna=False))


def test_no_history_has_no_queues_to_map():
    empty = HISTORY.validate(rows("a", [])[:0].astype({"site": "str", "queue": "str"}))
    assert len(map_queues(empty, rules(), zone_of)) == 0
    with pytest.raises(InputError, match="no 'a' in the history, but none"):
        map_queues(empty, rules(("a", "b")), zone_of)
