"""Several exports of one time: the later wins, nothing is lost on the way, nothing counts twice."""

import pytest

from forecast.acd.ingest import Sources, take_in
from forecast.params import IngestParams

PARAMS = IngestParams(timezone="UTC")
HEAD = "interval_start,queue,interval_minutes,offered\n"
LOG = "time,queue,id,taken,left,agent\n"
LOG_PROFILE = """
title: a log
grain: call
arrived: {column: time}
answered_at: {column: taken}
ended_at: {column: left}
columns: {queue: queue, call_id: id, agent: agent}
"""
PARTS_PROFILE = """
title: parts
start: {column: at}
minutes: 30
same_interval: sum
columns: {queue: queue, offered: calls}
"""


@pytest.fixture
def taken(tmp_path):
    def take(profile: str = "", **exports: str):
        folder, own = tmp_path / "in", tmp_path / "own"
        folder.mkdir(exist_ok=True)
        own.mkdir(exist_ok=True)
        if profile:
            (own / "ours.yaml").write_text(profile)
        for name, text in exports.items():
            (folder / f"{name}.csv").write_text(text)
        return take_in(folder, PARAMS, Sources(own_profiles=own))

    return take


def half_hours(first: int, last: int, offered: int, day: str = "2024-05-13") -> str:
    times = [(h, m) for h in range(first, last) for m in (0, 30)]
    return HEAD + "".join(f"{day} {h:02d}:{m:02d},sales,30,{offered}\n" for h, m in times)


def test_a_days_total_does_not_push_out_exports_that_do_not_overlap(taken):
    total = HEAD + "2024-05-13 00:00,sales,1440,32\n"
    out = taken(a=half_hours(8, 12, 2), b=half_hours(12, 16, 2), d=total)
    assert (len(out.history), out.history["offered"].sum()) == (16, 32)
    assert out.findings.empty


def test_a_days_total_that_differs_is_named(taken):
    total = HEAD + "2024-05-13 00:00,sales,1440,40\n"
    out = taken(a=half_hours(8, 12, 2), d=total)
    assert out.history["offered"].sum() == 16
    assert out.findings["kind"].tolist() == ["day_total"]


def test_a_days_total_stands_where_the_finer_rows_contradict_each_other(taken):
    rows = "2024-05-13 09:00,sales,30,4\n2024-05-13 09:00,sales,15,2\n"
    out = taken(a=HEAD + rows, d=HEAD + "2024-05-13 00:00,sales,1440,40\n")
    assert out.history["offered"].tolist() == [40]
    assert out.ledger["rows_quarantined"].sum() == 2


def test_a_later_export_that_contradicts_itself_leaves_the_earlier_value(taken):
    torn = half_hours(8, 9, 7) + "2024-05-13 08:00,sales,30,8\n2024-05-13 09:00,sales,30,1\n"
    out = taken(a=half_hours(8, 9, 9), b=torn)
    assert out.history["offered"].tolist() == [9, 7, 1]
    assert out.ledger.set_index("file").loc["b.csv", "rows_quarantined"] == 2


def test_a_sum_with_a_bad_part_is_no_sum(taken):
    good = "at,queue,calls\n2024-05-13 09:00,sales,10\n2024-05-13 09:00,sales,20\n"
    bad = good.replace("20", "many") + "2024-05-13 09:30,sales,5\n"
    out = taken(PARTS_PROFILE, a=good, b=bad)
    assert out.history["offered"].tolist() == [30, 5]
    assert set(out.quarantine["file"]) == {"b.csv"}


def test_equal_parts_exported_twice_count_once_and_are_no_news(taken):
    good = "at,queue,calls\n2024-05-13 09:00,sales,10\n2024-05-13 09:00,sales,10\n"
    out = taken(PARTS_PROFILE, a=good, b=good)
    assert out.history["offered"].tolist() == [20]
    assert out.findings.empty


def test_ids_that_begin_again_every_day_are_other_calls(taken):
    def day(date: str) -> str:
        rows = [f"{date} 09:{n:02d}:00,sales,{n},,{date} 09:{n:02d}:30,\n" for n in range(10)]
        return LOG + "".join(rows)

    out = taken(LOG_PROFILE, a=day("2024-05-13"), b=day("2024-05-14"))
    assert out.history["offered"].sum() == 20


def test_a_corrected_call_is_one_call(taken):
    call = "2024-05-13 09:00:00,sales,7,{},2024-05-13 09:02:00,{}\n"
    later = LOG + call.format("2024-05-13 09:00:10", "Ann") + "2024-05-14 09:00:00,sales,8,,,\n"
    out = taken(LOG_PROFILE, a=LOG + call.format("", ""), b=later)
    assert out.history["offered"].sum() == 2
    assert out.history["answered"].sum() == 1
    assert "Ann" not in out.history.to_csv() + out.quarantine.to_csv() + out.superseded.to_csv()


def test_a_day_without_an_answered_call_is_a_day_like_others(taken):
    answered = "2024-05-13 09:00:00,sales,1,2024-05-13 09:00:05,2024-05-13 09:01:00,Ann\n"
    lost = "2024-05-14 09:00:00,sales,2,,2024-05-14 09:00:30,\n"
    out = taken(LOG_PROFILE, a=LOG + answered, b=LOG + lost)
    assert out.history["offered"].sum() == 2
    assert out.history["answered"].sum() == 1


def test_a_repaired_copy_replaces_its_own_original_alone(tmp_path, taken):
    (tmp_path / "in").mkdir(exist_ok=True)
    other = half_hours(8, 9, 5).replace("sales", "service")
    (tmp_path / "in" / "may.txt").write_text(other)
    out = taken(**{"may": "broken", "may.repaired": half_hours(8, 9, 3)})
    assert out.history.groupby("queue")["offered"].sum().to_dict() == {"sales": 6, "service": 10}
