"""Interval reports of each vendor become exactly these rows; all numbers were found by hand."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.acd.ingest import Ingested, take_in
from forecast.params import IngestParams
from tests.acd.real import check_books

LAYOUTS = Path(__file__).parent / "layouts"
NEW_YORK, SHANGHAI = "America/New_York", "Asia/Shanghai"
X = np.nan
SUMS = ["answered", "abandoned", "short_abandoned", "answered_in_threshold"]
TIMES = ["talk_s", "hold_s", "wrap_s", "wait_s"]
COLUMNS = ["queue", "channel", "ds", "minutes", "offered", *SUMS, *TIMES, "agents"]
# File -> zone and the rows expected: UTC, and NaN (X) for what the report does not say.
EXPECTED = {
    "alibaba_cloud_ccc.csv": (
        SHANGHAI,
        [
            ("售后", "voice", "2024-05-13 01:00", 60, 30, 27, 3, X, X, 5400, 90, 810, X, X),
            ("售后", "voice", "2024-05-13 02:00", 60, 12, 12, 0, X, X, 1800, 0, 240, X, X),
        ],
    ),
    "amazon_connect.csv": (  # talk is (handle - wrap) x handled: (300 - 60) x 10, 400 x 3
        NEW_YORK,
        [
            ("Billing", "voice", "2024-05-13 13:00", 30, 12, 10, 2, X, 8, 2400, X, 600, 145, X),
            ("Billing", "voice", "2024-05-13 13:30", 30, 1, 0, 1, X, X, 0, X, 0, 0, X),
            ("Orders", "chat", "2024-05-13 13:00", 30, 3, 3, 0, X, 3, 1200, X, 61.5, 18, X),
        ],
    ),
    "avaya_aacc.csv": (  # within the threshold: 9 - 3
        NEW_YORK,
        [
            ("Billing_App", "voice", "2024-05-13 13:00", 15, 11, 9, 2, X, 6, 2700, X, 300, 180, X),
            ("Billing_App", "voice", "2024-05-13 13:15", 15, 4, 4, 0, X, 4, 900, X, 100, 20, X),
        ],
    ),
    "avaya_cms_hsplit.csv": (  # starttime 0, 30 and 930
        NEW_YORK,
        [
            ("11", "voice", "2024-05-13 04:00", 30, 1, 1, 0, X, 1, 120, 0, 30, 4, X),
            ("11", "voice", "2024-05-13 04:30", 30, 0, 0, 0, X, 0, 0, 0, 0, 0, X),
            ("11", "voice", "2024-05-13 13:30", 30, 14, 12, 2, X, 9, 2400, 120, 360, 150, X),
            ("12", "voice", "2024-05-13 13:30", 30, 3, 3, 0, X, 3, 600, 0, 90, 12, X),
        ],
    ),
    "avaya_cms_warehouse.csv": (  # the first interval of Motor is two rows: 6 + 3, 5 + 3, ...
        "Europe/Paris",
        [
            ("Motor", "voice", "2024-05-13 07:00", 30, 9, 8, 1, X, X, 1600, 50, 180, 60, X),
            ("Motor", "voice", "2024-05-13 07:30", 30, 2, 2, 0, X, X, 300, 10, 40, 8, X),
            ("Travel", "voice", "2024-05-13 07:00", 30, 1, 0, 1, X, X, 0, 0, 0, 0, X),
        ],
    ),
    "canonical.csv": (
        SHANGHAI,
        [
            ("Billing", "voice", "2024-05-13 13:00", 30, 10, 9, 1, 0, 8, 1800, 60, 270, 90, 5.5),
            ("Billing", "voice", "2024-05-13 13:30", 30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5),
        ],
    ),
    "chinese_interval.csv": (  # 18 x 3 minutes, 18 x 30 s, 18 x 12 s
        SHANGHAI,
        [
            ("售前", "voice", "2024-05-13 01:00", 30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2),
            ("售后", "voice", "2024-05-13 01:00", 30, 20, 18, 2, 1, 15, 3240, 120, 540, 216, 6),
            ("售后", "voice", "2024-05-13 15:30", 30, 2, 1, 1, 0, 1, 90, 0, 10, 8, 1.5),
        ],
    ),
    "cisco_ucce_call_type_interval.csv": (  # 01:00 twice: 240 and then 300 minutes west
        NEW_YORK,
        [
            ("5001", "voice", "2024-11-03 05:00", 30, 5, 4, 1, 0, 4, 800, 50, 150, 30, X),
            ("5001", "voice", "2024-11-03 05:30", 30, 3, 2, 1, 1, 2, 400, 0, 100, 12, X),
            ("5001", "voice", "2024-11-03 06:00", 30, 2, 2, 0, 0, 2, 360, 20, 40, 6, X),
            ("5001", "voice", "2024-11-03 06:30", 30, 1, 0, 1, 0, 0, 0, 0, 0, 0, X),
        ],
    ),
    "five9_interval.csv": (  # 5/6/2024 is the 6th of May; 9 x 300 s
        NEW_YORK,
        [
            ("five9", "voice", "2024-05-06 15:30", 30, 10, 9, 1, X, X, 2700, X, X, 180, X),
            ("five9", "voice", "2024-05-06 16:00", 30, 4, 4, 0, X, X, 962, X, X, 20, X),
        ],
    ),
    "genesys_cloud_queue.csv": (  # milliseconds; 7 x 12 s
        NEW_YORK,
        [
            ("Billing", "voice", "2024-05-13 13:00", 30, 9, 7, 2, 1, 4, 1400, 140, 420, 84, X),
            ("Billing", "voice", "2024-05-13 13:30", 30, 0, 0, 0, 0, 0, X, X, X, 0, X),
        ],
    ),
    "genesys_cloud_queue_screen.csv": (  # H:MM:SS; 4 x 10 s
        NEW_YORK,
        [
            ("Orders", "chat", "2024-05-13 16:45", 15, 1, 1, 0, X, 1, 300, 0, 30, 2, X),
            ("Orders", "voice", "2024-05-13 13:00", 15, 4, 4, 0, X, 4, 1200, 90, 240, 40, X),
        ],
    ),
    "nice_cxone_skills.csv": (  # 7 x 250.5 s, 7 x 9 s
        NEW_YORK,
        [
            ("Billing", "voice", "2024-05-13 13:00", 15, 8, 7, 1, X, X, 1753.5, X, X, 63, X),
            ("Billing", "voice", "2024-05-13 13:15", 15, 2, 2, 0, X, X, 200, X, X, 6, X),
        ],
    ),
    "ringcentral_engage.csv": (  # offered direct and overflowed in: 7 + 2
        NEW_YORK,
        [
            ("Billing", "voice", "2024-05-13 13:00", 15, 9, 8, 1, 0, 6, 1600, X, 240, 120, X),
            ("Billing", "voice", "2024-05-13 13:15", 15, 3, 1, 1, 1, 1, 150, X, 20, 10, X),
        ],
    ),
    "twilio_taskrouter.csv": (
        NEW_YORK,
        [
            ("WQ01", "voice", "2024-05-13 13:00", 15, 9, 7, 1, 0, 5, X, X, X, 147, X),
            ("WQ01", "voice", "2024-05-13 13:15", 15, 2, 1, 1, 1, 1, X, X, X, 4, X),
        ],
    ),
}
# Rows that are no data, by reason; all others are accepted.
IGNORED = {
    "chinese_interval.csv": "preamble:1;total:1",
    "genesys_cloud_queue.csv": "incomplete:1",
    "nice_cxone_skills.csv": "outbound:1",
}


def taken(file: str, folder: Path, params: IngestParams) -> Ingested:
    shutil.copy(LAYOUTS / file, folder)
    out = take_in(folder, params)
    assert out.ledger["rejected"].tolist() == [""], out.ledger["rejected"].tolist()
    return out


@pytest.mark.parametrize("file", sorted(EXPECTED))
def test_an_export_becomes_exactly_these_rows(file, tmp_path):
    zone, rows = EXPECTED[file]
    out = taken(file, tmp_path, IngestParams(timezone=zone))
    wanted = pd.DataFrame(rows, columns=COLUMNS)
    wanted["ds"] = pd.to_datetime(wanted["ds"], utc=True).dt.as_unit("us")
    found = out.history[COLUMNS].sort_values(["queue", "channel", "ds"], ignore_index=True)
    wanted = wanted.sort_values(["queue", "channel", "ds"], ignore_index=True)
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False)
    assert set(out.history["site"]) == {"north" if file == "canonical.csv" else "main"}
    assert out.quarantine.empty
    assert out.ledger["ignored"].tolist() == [IGNORED.get(file, "")]
    check_books(out)


def test_settings_that_stand_in_a_column_s_name_choose_the_column(tmp_path):
    params = IngestParams(timezone=NEW_YORK, short_abandon_s=15, answer_within_s=30)
    history = taken("amazon_connect.csv", tmp_path, params).history
    assert history["short_abandoned"].tolist() == [1, 0, 0]
    assert history["answered_in_threshold"].isna().all()


def test_the_chinese_report_is_read_in_the_encoding_of_chinese_windows(tmp_path):
    text = (LAYOUTS / "chinese_interval.csv").read_text(encoding="utf-8")
    (tmp_path / "report.csv").write_bytes(text.encode("gb18030"))
    out = take_in(tmp_path, IngestParams(timezone=SHANGHAI))
    assert out.ledger[["encoding", "profile"]].iloc[0].tolist() == ["gb18030", "chinese_interval"]
    assert sorted(out.history["queue"].unique()) == ["售前", "售后"]


@pytest.mark.parametrize("queue", ["技能组名称", "队列", " 队列名称 "])
@pytest.mark.parametrize("offered", ["呼入总量", "人工呼入量", "进线量"])
@pytest.mark.parametrize("time", ["时段", "统计时间"])
def test_other_spellings_of_chinese_headers(queue, offered, time, drop):
    folder = drop(calls=f"日期,{time},{queue},{offered}\n2024年5月13日,09:00-09:30,售后,4\n")
    out = take_in(folder, IngestParams(timezone=SHANGHAI))
    assert out.history[["queue", "minutes", "offered"]].values.tolist() == [["售后", 30, 4]]


def test_rows_of_one_split_and_interval_on_two_switches_are_refused(tmp_path):
    text = (LAYOUTS / "avaya_cms_hsplit.csv").read_text(encoding="utf-8")
    (tmp_path / "cms.csv").write_text(text.replace(";1;12;1;", ";2;11;1;"), encoding="utf-8")
    out = take_in(tmp_path, IngestParams(timezone=NEW_YORK))
    assert out.quarantine["line"].tolist() == [4, 5]
    assert out.quarantine["reason"].str.contains("another value for the same interval").all()
    assert out.history["offered"].tolist() == [1, 0]
