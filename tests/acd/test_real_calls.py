"""Real call records, read where they lie: nothing lost, and all that is wrong with them is named.

Every total here is counted a second time, by plain pandas on the files themselves.
"""

import pandas as pd
import pytest

from forecast.acd.ingest import Ingested, take_in
from forecast.params import IngestParams
from tests.acd.real import DATA, check_books, local, named, needs_data, read_all

BANK, VANAD = DATA / "anonymous_bank_1999", DATA / "vanad_2014"
SUMS = ["offered", "answered", "abandoned", "talk_s", "wait_s"]
pytestmark = needs_data


def assert_same_intervals(out: Ingested, calls: pd.DataFrame, zone: str) -> None:
    """Assert that the intervals with contacts are those of calls: queue, at (local) and sums."""
    at = calls["at"].dt.floor("15min").dt.tz_localize(zone).dt.tz_convert("UTC").dt.as_unit("us")
    wanted = calls.assign(ds=at).groupby(["queue", "ds"])[SUMS].sum().reset_index()
    found = out.history[out.history["offered"] > 0][["queue", "ds", *SUMS]]
    pd.testing.assert_frame_equal(
        found.sort_values(["queue", "ds"], ignore_index=True), wanted, check_dtype=False
    )


@pytest.fixture(scope="module")
def bank() -> Ingested:
    return take_in(BANK, IngestParams(timezone="Asia/Jerusalem"))


@pytest.fixture(scope="module")
def bank_rows() -> pd.DataFrame:
    rows = read_all(BANK, sep="\t", keep_default_na=False)
    return rows.assign(shifted=~rows["outcome"].isin(["AGENT", "HANG", "PHANTOM"]))


def bank_calls(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the calls that asked for an agent, and when, told without the package."""
    queued = rows["q_start"] != "0:00:00"
    asked = rows[~rows["shifted"] & (rows["outcome"] != "PHANTOM")]
    asked = asked[queued[asked.index] | (asked["outcome"] == "AGENT")]
    when = asked["q_start"].where(queued[asked.index], asked["vru_exit"])
    at, entered = (
        pd.to_datetime("19" + asked["date"] + " " + clock, format="%Y%m%d %H:%M:%S")
        for clock in (when, asked["vru_entry"])
    )
    at = at.where(at >= entered - pd.Timedelta(hours=1), at + pd.Timedelta(days=1))
    served = (asked["outcome"] == "AGENT").astype(int)
    return pd.DataFrame(
        {
            "queue": asked["type"].str.strip(),
            "at": at,
            "offered": 1,
            "answered": served,
            "abandoned": 1 - served,
            "talk_s": asked["ser_time"].astype(float) * served,
            "wait_s": asked["q_time"].astype(float) * served,
        }
    )


@pytest.mark.slow
def test_bank_every_row_is_accounted_for(bank, bank_rows):
    check_books(bank)
    assert bank.ledger["rows_in"].sum() == len(bank_rows) == 294_368
    assert set(bank.ledger["profile"]) == {"anonymous_bank_1999"}
    assert bank.ledger["rows_superseded"].sum() == 0, "no two rows of it are equal"


@pytest.mark.slow
def test_bank_intervals_are_those_counted_by_hand(bank, bank_rows):
    calls = bank_calls(bank_rows)
    assert len(calls) == bank.ledger["rows_accepted"].sum()
    assert_same_intervals(bank, calls, "Asia/Jerusalem")


@pytest.mark.slow
def test_bank_shifted_rows_are_set_aside_and_customers_masked(bank, bank_rows):
    shifted = bank_rows[bank_rows["shifted"]]
    aside = bank.quarantine.drop_duplicates(["file", "line"])
    assert len(aside) == len(shifted) == 5
    assert set(aside["file"]) == {"1999-07.tsv.gz"}
    assert aside["text"].str.contains("AA0\\d+,\\d+,\\*\\*\\*,").all()
    assert bank.quarantine["reason"].str.contains("must be one of AGENT, HANG, PHANTOM").sum() == 5


@pytest.mark.slow
def test_bank_phantoms_and_self_service_are_counted_apart(bank, bank_rows):
    alone = (bank_rows["outcome"] == "HANG") & (bank_rows["q_start"] == "0:00:00")
    phantoms = bank_rows["outcome"] == "PHANTOM"
    wanted = [
        f"not_offered:{phantoms[own].sum()};self_service:{alone[own].sum()}"
        for own in bank_rows.groupby("file").groups.values()
    ]
    assert bank.ledger.sort_values("file")["ignored"].tolist() == wanted
    assert bank.self_service["contacts"].sum() == alone.sum() == 16_629


@pytest.mark.slow
def test_bank_odd_durations_are_named(bank, bank_rows):
    found = bank.findings
    seconds = bank_rows.loc[bank_rows["outcome"] == "AGENT", "ser_time"].astype(int)
    assert found.loc[found["kind"] == "long_call", "size"].sum() == (seconds > 4 * 3600).sum() == 6
    assert f"the longest of {seconds.max() / 3600:.1f}" in named(bank, "long_call")
    below = bank_rows.loc[~bank_rows["shifted"], ["outcome", "vru_time"]]
    below = below[below["vru_time"].astype(int) < 0]
    told = found.loc[found["kind"] == "negative_ivr_s", "size"].sum()
    assert (below["outcome"] != "PHANTOM").sum() <= told <= len(below) == 292


@pytest.mark.slow
def test_bank_days_that_are_missing_or_odd_are_named(bank):
    assert "11 to 12 January 1999: no report of any queue" in named(bank, "outage")
    days = set(local(bank, "Asia/Jerusalem").dt.strftime("%m-%d"))
    assert not {"01-11", "01-12"} & days
    assert "23 May 1999" in named(bank, "outlier") + named(bank, "busy_day")
    assert "6 April 1999" in named(bank, "quiet_day")


@pytest.fixture(scope="module")
def vanad() -> Ingested:
    return take_in(VANAD, IngestParams(timezone="Europe/Amsterdam"))


@pytest.fixture(scope="module")
def vanad_rows() -> pd.DataFrame:
    return read_all(VANAD)


@pytest.mark.slow
def test_vanad_every_row_is_accounted_for(vanad, vanad_rows):
    check_books(vanad)
    repeated = vanad_rows.duplicated()
    assert vanad.ledger["rows_in"].sum() == len(vanad_rows) == 791_464
    assert repeated.sum() == 13
    assert vanad.ledger["rows_superseded"].sum() == 13
    assert vanad.quarantine.empty


@pytest.mark.slow
def test_vanad_intervals_are_those_counted_by_hand(vanad, vanad_rows):
    rows = vanad_rows.drop_duplicates()
    names = ("date_received", "answered", "transfer", "hangup")
    times = {c: pd.to_datetime(rows[c]) for c in names}
    served = times["answered"].notna()
    # Who hands a call on is free then.
    free = times["transfer"].fillna(times["hangup"])
    talk = (free - times["answered"]).dt.total_seconds()
    assert talk.mean() == pytest.approx(256, abs=1)
    calls = pd.DataFrame(
        {
            "queue": rows["queue_name"],
            "at": times["date_received"],
            "offered": 1,
            "answered": served.astype(int),
            "abandoned": 1 - served.astype(int),
            "talk_s": talk.where(served, 0.0),
            "wait_s": (times["answered"] - times["date_received"]).dt.total_seconds().fillna(0.0),
        }
    )
    assert_same_intervals(vanad, calls, "Europe/Amsterdam")
    # The one call without a hang-up was handed on before.
    endless = served & times["hangup"].isna()
    assert endless.sum() == 1
    assert times["transfer"][endless].notna().all()
    assert "no_end" not in set(vanad.findings["kind"])


@pytest.mark.slow
def test_vanad_queues_that_start_and_stop_and_holidays_are_named(vanad):
    assert "Queue 18 has its first report on 3 March 2014" in named(vanad, "started")
    assert "Queue 14 has its last report on 11 March 2014" in named(vanad, "ended")
    for day in ("21 April 2014", "29 May 2014", "9 June 2014"):
        assert f"{day}: no report of any queue" in named(vanad, "outage")
    assert "26 May 2014, a Monday: queue 11 has 2,565 contacts" in named(vanad, "busy_day")


@pytest.mark.slow
def test_vanad_clocks_are_set_forward_on_30_march(vanad):
    first = vanad.history.assign(day=local(vanad, "Europe/Amsterdam").dt.strftime("%m-%d"))
    first = first.groupby("day")["ds"].min().dt.strftime("%m-%d %H:%M")
    assert first["03-28"] == "03-27 23:00"
    assert first["03-31"] == "03-30 22:00"
    assert "03-30" not in first  # a Sunday
