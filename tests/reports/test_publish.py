"""What people read is whole at every moment."""

from pathlib import Path

import pytest

from forecast.errors import InputError
from forecast.reports.publish import LATEST, publish
from forecast.store import write_json, write_text


def report_set(folder, plan_id, words="numbers"):
    write_json({"plan_id": plan_id}, folder / "plan.json")
    write_text(words, folder / "plan.html")
    return folder


def test_latest_points_to_the_newest_set_and_the_old_one_stays(tmp_path):
    publish(report_set(tmp_path / "a", "aaa", "first"), tmp_path / "out")
    publish(report_set(tmp_path / "b", "bbb", "second"), tmp_path / "out")
    latest = tmp_path / "out" / LATEST
    assert latest.is_symlink()
    assert (latest / "plan.html").read_text() == "second"
    assert (tmp_path / "out/aaa/plan.html").read_text() == "first"


def test_the_pointer_is_relative_so_that_the_folder_can_move(tmp_path):
    publish(report_set(tmp_path / "a", "aaa"), tmp_path / "out")
    assert (tmp_path / "out" / LATEST).readlink() == Path("aaa")
    (tmp_path / "out").rename(tmp_path / "moved")
    assert (tmp_path / "moved" / LATEST / "plan.html").is_file()


def test_the_same_plan_is_published_once(tmp_path):
    report = report_set(tmp_path / "a", "aaa")
    first = publish(report, tmp_path / "out").stat().st_ino
    assert publish(report, tmp_path / "out").stat().st_ino == first
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"aaa", LATEST}


def test_an_unfinished_set_is_refused_and_the_last_one_stands(tmp_path):
    publish(report_set(tmp_path / "a", "aaa", "good"), tmp_path / "out")
    (tmp_path / "half").mkdir()
    with pytest.raises(InputError, match=r"plan\.json is not there"):
        publish(tmp_path / "half", tmp_path / "out")
    assert (tmp_path / "out" / LATEST / "plan.html").read_text() == "good"
