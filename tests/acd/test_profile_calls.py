"""Call records of each vendor become exactly these intervals; all numbers were found by hand."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.acd.forms.packed import read_drop
from forecast.acd.ingest import Ingested, Sources, take_in
from forecast.acd.profile import profiles
from forecast.acd.take import take
from forecast.errors import ParamsError
from forecast.params import IngestParams
from tests.acd.real import check_books

LAYOUTS = Path(__file__).parent / "layouts"
NEW_YORK = "America/New_York"
X = np.nan
SUMS = ["answered", "abandoned", "short_abandoned", "answered_in_threshold"]
TIMES = ["talk_s", "hold_s", "wrap_s", "wait_s"]
COLUMNS = ["queue", "ds", "offered", *SUMS, *TIMES, "agents"]
# File -> zone, reasons of ignored rows, and the intervals with contacts (UTC, 15 minutes).
EXPECTED = {
    "anonymous_bank_1999.tsv": (
        "Asia/Jerusalem",
        "not_offered:1;self_service:1",
        [  # one call asks for an agent at 0:00:10, after midnight; A01 and A02 talk 180 and 90 s
            ("NW", "1999-05-10 06:00", 1, 0, 1, 0, 0, 0, X, X, 0, 0),
            ("NW", "1999-05-10 21:00", 1, 1, 0, 0, 0, 100, X, X, 60, 100 / 900),
            ("PS", "1999-05-10 06:00", 3, 2, 1, 1, 1, 270, X, X, 30, 270 / 900),
        ],
    ),
    "asterisk_queue_log": (
        NEW_YORK,
        "begun_in_another_file:1;event:4;other_event:2",
        [  # the call of orders timed out: neither answered nor abandoned
            ("billing", "2024-05-13 13:00", 2, 1, 1, 1, 0, 210, X, X, 30, 210 / 900),
            ("orders", "2024-05-13 13:15", 1, 0, 0, 0, 0, 0, X, X, 0, X),
        ],
    ),
    "nice_cxone_contacts.csv": (
        NEW_YORK,
        "outbound:1",
        [  # two agents, from the end of the wait: 240 and 360 s
            ("Billing", "2024-05-13 13:00", 3, 2, 1, 1, 1, 500, X, 100, 43, 600 / 900),
        ],
    ),
    "talkdesk_calls.csv": (
        NEW_YORK,
        "outbound:1",
        [  # 240 s and 15 s of hold
            ("billing", "2024-05-13 13:00", 2, 1, 1, 0, 1, 240, 15, X, 15, 255 / 900),
            ("billing", "2024-05-13 13:15", 2, 0, 2, 1, 0, 0, 0, X, 0, 0),
        ],
    ),
    "talkdesk_contacts.csv": (
        NEW_YORK,
        "outbound:1",
        [  # a call that was passed on is one contact of each queue
            ("billing", "2024-05-13 13:00", 2, 1, 1, 0, 1, 200, 10, 30, 18, 240 / 900),
            ("orders", "2024-05-13 13:00", 1, 1, 0, 0, 0, 100, 0, 20, 25, 120 / 900),
        ],
    ),
    "tencent_cloud_ccc.csv": (
        "Asia/Shanghai",
        "outbound:1;self_service:1",
        [("售后", "2024-05-13 01:00", 2, 1, 1, 1, 1, 180, X, X, 10, 180 / 900)],
    ),
    "vanad_2014.csv": (
        "Europe/Amsterdam",
        "",
        [  # the call of 11 has no end; one of 240 s, one handed on after 60 of its 120 s
            ("11", "2014-03-31 07:15", 1, 1, 0, 0, 1, X, X, X, 5, X),
            ("5", "2014-03-31 07:00", 3, 2, 1, 1, 1, 300, X, X, 40, 300 / 900),
        ],
    ),
}
KINDS = {"anonymous_bank_1999.tsv": ["negative_ivr_s"], "vanad_2014.csv": ["no_end"]}


def taken(file: str, folder: Path, params: IngestParams) -> Ingested:
    shutil.copy(LAYOUTS / file, folder)
    out = take_in(folder, params)
    assert out.ledger["rejected"].tolist() == [""], out.ledger["rejected"].tolist()
    return out


@pytest.mark.parametrize("file", sorted(EXPECTED))
def test_call_records_become_exactly_these_intervals(file, tmp_path):
    zone, ignored, rows = EXPECTED[file]
    out = taken(file, tmp_path, IngestParams(timezone=zone))
    wanted = pd.DataFrame(rows, columns=COLUMNS)
    wanted["ds"] = pd.to_datetime(wanted["ds"], utc=True).dt.as_unit("us")
    found = out.history[out.history["offered"] > 0][COLUMNS].reset_index(drop=True)
    # What a report never says may stand as 0 where nobody was answered: no contacts have no time.
    for column in ("hold_s", "wrap_s"):
        unsaid = wanted[column].isna() & (found["answered"] == 0)
        found[column] = found[column].where(~unsaid)
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False)
    assert out.quarantine.empty
    assert out.ledger["ignored"].tolist() == [ignored]
    assert set(out.history["minutes"]) == {15}
    check_books(out)


@pytest.mark.parametrize("file", sorted(EXPECTED))
def test_a_day_with_calls_is_whole(file, tmp_path):
    zone, _, rows = EXPECTED[file]
    history = taken(file, tmp_path, IngestParams(timezone=zone)).history
    queues = {row[0] for row in rows}
    days = 2 if file.startswith("anonymous") else 1
    most = history.groupby("queue").size()
    assert set(most.index) == queues
    assert most.max() == 96 * days
    assert history["offered"].sum() == sum(row[2] for row in rows)


@pytest.mark.parametrize("file", sorted(EXPECTED))
def test_what_is_odd_is_named_and_nothing_else(file, tmp_path):
    out = taken(file, tmp_path, IngestParams(timezone=EXPECTED[file][0]))
    assert sorted(set(out.findings["kind"])) == KINDS.get(file, [])


TRANSFERS = """
title: a log with transfers
grain: call
arrived: {column: came}
answered_at: {column: taken}
released_at: {column: handed on}
ended_at: {column: left}
columns: {queue: queue, agent: agent}
"""


def of_log(tmp_path, rows, profile=TRANSFERS):
    folder, own = tmp_path / "in", tmp_path / "own"
    folder.mkdir()
    own.mkdir()
    (own / "ours.yaml").write_text(profile)
    (folder / "log.csv").write_text("came,queue,agent,taken,handed on,left\n" + rows)
    return take_in(folder, IngestParams(timezone="UTC"), Sources(own_profiles=own))


def test_an_agents_time_ends_where_the_call_is_handed_on(tmp_path):
    # a takes the second call while the first caller talks on: one agent, busy for 60 and 200 s.
    day = "2024-05-13"
    rows = (
        f"{day} 09:00:00,s,a,{day} 09:00:10,{day} 09:01:10,{day} 09:10:10\n"
        f"{day} 09:01:00,s,a,{day} 09:01:20,,{day} 09:04:40\n"
        f"{day} 09:02:00,s,,,,{day} 09:02:30\n"
    )
    out = of_log(tmp_path, rows)
    (busy,) = out.history[out.history["offered"] > 0].to_dict("records")
    assert (busy["talk_s"], busy["wait_s"], busy["abandoned"]) == (260, 30, 1)
    assert busy["agents"] == pytest.approx(270 / 900), "from 9:00:10 to 9:04:40, on duty once"
    whole = TRANSFERS.replace("released_at: {column: handed on}\n", "known: [handed on]\n")
    (tmp_path / "whole").mkdir()
    to_the_end = of_log(tmp_path / "whole", rows, whole).history
    assert to_the_end["talk_s"].sum() == 600 + 200


def test_a_release_before_the_answer_is_not_known_and_named(tmp_path):
    day = "2024-05-13"
    out = of_log(tmp_path, f"{day} 09:00:00,s,a,{day} 09:00:10,{day} 09:00:05,{day} 09:03:00\n")
    (busy,) = out.history[out.history["offered"] > 0].to_dict("records")
    assert np.isnan(busy["talk_s"])
    assert "negative_talk_s" in set(out.findings["kind"])


def test_nobody_is_released_who_did_not_answer(tmp_path):
    wrong = TRANSFERS.replace("answered_at: {column: taken}\n", "") + (
        'outcome: {column: how, answered: ["yes"], abandoned: ["no"]}\n'
    )
    with pytest.raises(ParamsError, match="released_at needs answered_at"):
        of_log(tmp_path, "", wrong)


def test_who_ended_in_the_ivr_is_counted_apart(tmp_path):
    params = IngestParams(timezone="Asia/Jerusalem")
    alone = taken("anonymous_bank_1999.tsv", tmp_path, params).self_service
    assert alone[["queue", "contacts", "ivr_s"]].values.tolist() == [["PS", 1, 45]]
    assert alone["ds"].tolist() == [pd.Timestamp("1999-05-10 06:00Z")]


def test_who_ended_in_the_ivr_needs_no_queue(tmp_path):
    text = (LAYOUTS / "tencent_cloud_ccc.csv").read_text(encoding="utf-8")
    text = text.replace(",0,0,售后,a3", ",0,0,,a3")
    (tmp_path / "cdr.csv").write_text(text, encoding="utf-8")
    out = take_in(tmp_path, IngestParams(timezone="Asia/Shanghai"))
    assert out.quarantine.empty, out.quarantine["reason"].tolist()
    assert out.ledger["ignored"].tolist() == ["outbound:1;self_service:1"]


def test_callers_are_hashes_under_a_key_and_nothing_without():
    params = IngestParams(timezone=NEW_YORK)
    drop = read_drop(LAYOUTS / "talkdesk_calls.csv", LAYOUTS)
    known = profiles(None, params)
    (with_key,) = take(drop, known, params, "secret")
    (without,) = take(drop, known, params)
    hashes = with_key.rows.loc[with_key.rows["state"] == "accepted", "caller"]
    assert hashes.nunique() == 4
    assert hashes.str.fullmatch("[0-9a-f]{16}").all()
    assert without.rows["caller"].eq("").all()
