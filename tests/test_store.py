"""To disk and back, whole or not at all."""

import pandas as pd
import pytest

from forecast.errors import InputError, SchemaError
from forecast.schema import HISTORY
from forecast.store import (
    manifest,
    read_json,
    read_models,
    read_table,
    replacing,
    sha256,
    write_csv,
    write_json,
    write_models,
    write_table,
)


def test_a_table_comes_back_as_it_went(small_history, tmp_path):
    write_table(small_history, HISTORY, tmp_path / "h.parquet")
    pd.testing.assert_frame_equal(read_table(tmp_path / "h.parquet", HISTORY), small_history)


def test_the_same_table_gives_the_same_bytes(small_history, tmp_path):
    write_table(small_history, HISTORY, tmp_path / "a.parquet")
    write_table(small_history.sample(frac=1, random_state=1), HISTORY, tmp_path / "b.parquet")
    assert sha256(tmp_path / "a.parquet") == sha256(tmp_path / "b.parquet")


def test_a_failed_write_leaves_the_old_file_and_no_other(small_history, tmp_path):
    write_table(small_history, HISTORY, tmp_path / "h.parquet")
    before = sha256(tmp_path / "h.parquet")
    with pytest.raises(SchemaError):
        write_table(small_history.assign(offered=-1), HISTORY, tmp_path / "h.parquet")
    with pytest.raises(RuntimeError, match="power cut"):
        fail_half_way(tmp_path / "h.parquet")
    assert sha256(tmp_path / "h.parquet") == before
    assert [p.name for p in tmp_path.iterdir()] == ["h.parquet"]


def fail_half_way(path):
    with replacing(path) as half:
        half.write_text("half")
        raise RuntimeError("power cut")


def test_a_missing_file_says_what_makes_it(tmp_path):
    with pytest.raises(InputError, match="is not there; run the stage that makes it"):
        read_json(tmp_path / "none.json")


def test_models_are_checked_before_they_are_read(tmp_path):
    write_models({"a": {"x": 1.5}, "b": {"y": [1, 2]}}, tmp_path)
    assert read_models(tmp_path) == {"a": {"x": 1.5}, "b": {"y": [1, 2]}}
    write_json({"x": 99}, tmp_path / "a.json")
    with pytest.raises(SchemaError, match="was changed after it was written"):
        read_models(tmp_path)


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
@pytest.mark.parametrize(
    "name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\n=1", "\uff1d1+1"]
)
def test_a_name_that_a_spreadsheet_would_run_is_defused(name, dtype, tmp_path):
    frame = pd.DataFrame({"queue": pd.Series([name], dtype=dtype), "offered": [-1]})
    write_csv(frame, tmp_path / "f.csv")
    read = pd.read_csv(tmp_path / "f.csv", dtype="str", keep_default_na=False)
    assert read["queue"][0] == f"'{name}"
    assert read["offered"][0] == "-1"


def test_what_is_no_text_is_written_as_it_is(tmp_path):
    frame = pd.DataFrame({"found": pd.Series([-1, None, True], dtype="object")})
    write_csv(frame, tmp_path / "f.csv")
    assert (tmp_path / "f.csv").read_text().splitlines() == ["found", "-1", '""', "True"]


def test_a_manifest_has_rows_sums_and_hash(small_history, tmp_path):
    write_table(small_history, HISTORY, tmp_path / "h.parquet")
    entry = manifest({"history": tmp_path / "h.parquet"})["history"]
    assert entry["rows"] == len(small_history)
    assert entry["sums"]["offered"] == small_history["offered"].sum()
    assert entry["sha256"] == sha256(tmp_path / "h.parquet")
