"""A control character in a cell stands for something that was lost: it is no space."""

import pytest

from forecast.acd.ingest import ingest
from forecast.errors import InputError
from forecast.params import IngestParams

EXPORT = """interval_start,queue,interval_minutes,offered,answered,talk_s
2024-05-13 09:00,sales,30,{},20,{}
"""
PARAMS = IngestParams(timezone="UTC")


def put(folder, offered, talk_s):
    (folder / "calls.csv").write_text(EXPORT.format(offered, talk_s), encoding="utf-8")
    return ingest(folder, PARAMS).history


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x1f", "\x85"])
def test_a_number_that_lost_its_first_digit_is_refused(tmp_path, sign):
    with pytest.raises(InputError, match=r"calls\.csv, line 2, column talk_s: must be a number"):
        put(tmp_path, "20", f"{sign}615")


@pytest.mark.parametrize("space", [" ", "\t", "\u00a0", "\u3000"])
def test_spaces_around_a_number_are_cut_off(tmp_path, space):
    history = put(tmp_path, f"{space}20{space}", "6615")
    assert history["offered"].tolist() == [20]
    assert history["talk_s"].tolist() == [6615.0]
