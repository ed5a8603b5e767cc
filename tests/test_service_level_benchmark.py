"""What docs/queueing.md claims of a real centre's service level, on two months of it.

How calls become half-hours is checked on a few calls counted by hand.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import vanad
import vanad_predicted as by_model
from service_level_figure import binned

DAY = pd.Timestamp("2014-05-05", tz="UTC")


def calls_of(rows: list[tuple[str, str, str, str | None, str]]) -> pd.DataFrame:
    """Return calls of: queue, agent, came, answered, and left (clock times)."""
    came, answered, left = (
        pd.Series([DAY + pd.Timedelta(row[i]) if row[i] else pd.NaT for row in rows])
        for i in (2, 3, 4)
    )
    made = pd.DataFrame({"queue": [row[0] for row in rows], "agent": [row[1] for row in rows]})
    return made.assign(
        site="vanad",
        channel="voice",
        file="2014-05",
        arrived=came,
        ds=came.dt.floor("30min"),
        busy_from=answered,
        busy_to=left.where(answered.notna()),
        answered=answered.notna(),
        wait_s=(answered.fillna(left) - came).dt.total_seconds(),
        handle_s=(left - answered).dt.total_seconds(),
    )


SMALL = [
    ("5", "a", "09:00:00", "09:00:20", "09:10:00"),
    ("5", "a", "09:05:00", "09:10:00", "09:15:00"),
    ("20", "b", "09:01:00", "09:01:21", "09:12:00"),
    ("5", "", "09:02:00", None, "09:03:40"),
    ("5", "a", "09:30:00", "09:30:00", "09:40:00"),
]


def test_half_hours_are_those_counted_by_hand():
    calls = calls_of(SMALL)
    duty = vanad.agents_on_duty(calls, gap_min=60)
    whole = vanad.half_hours(calls, duty, ["5", "20"])
    assert whole["offered"].tolist() == [4, 1]
    assert whole["in_time"].tolist() == [1, 1], "20 s are in time, 21 s are not"
    assert whole["abandonment"].tolist() == [0.25, 0]
    assert whole["asa_s"].tolist() == [(20 + 300 + 21 + 100) / 4, 0]
    assert whole["aht_s"].tolist() == [pytest.approx((580 + 300 + 639) / 3), 600]
    assert whole["load"][0] == pytest.approx(4 * (580 + 300 + 639) / 3 / 1800)
    assert whole["agents"][0] == pytest.approx((1800 - 20 + 639) / 1800)
    alone = vanad.half_hours(calls, duty, ["20"])
    assert alone["agents"].tolist() == [pytest.approx(639 / 1800)]


def test_a_gap_beyond_the_limit_is_a_break():
    calls = calls_of(SMALL)
    (first, _) = vanad.half_hours(calls, vanad.agents_on_duty(calls, 10), ["5"])["agents"]
    assert first == pytest.approx((900 - 20) / 1800), "from 09:15 on he has gone"


def test_who_is_on_no_call_while_somebody_waits_is_not_available():
    calls = calls_of(
        [
            ("5", "a", "09:00:00", "09:00:00", "09:10:00"),
            ("5", "b", "09:00:00", "09:00:00", "09:04:00"),
            ("5", "b", "09:03:55", "09:06:00", "09:10:00"),
        ]
    )
    # From 09:04 to 09:06 one of two is on a call while the last caller waits.
    assert vanad.busy_while_waiting(calls, gap_min=10) == pytest.approx(0.5)
    assert vanad.busy_while_waiting(calls, gap_min=1) == 1.0, "then b has gone meanwhile"


def test_queues_that_share_their_agents_are_one_group():
    rows = []
    for i in range(60):
        clock = f"{9 + i // 60:02d}:{i % 60:02d}:00"
        rows += [("5", "a", clock, clock, clock), ("11", "a", clock, clock, clock)]
        rows.append(("20", "b", clock, clock, clock))
    groups = vanad.groups_of_queues(calls_of(rows), ["5", "20", "11"])
    assert groups == [("5", "11"), ("20",)]


def test_a_number_of_agents_between_two_whole_ones_mixes_their_figures():
    rows = pd.DataFrame({"agents": [10.0, 10.25, 11.0], "load": 9.0, "aht_s": 200.0})
    for model in by_model.MODELS:
        few, between, many = by_model.predicted(model, rows, 1.0, 300.0)["service_level"]
        assert between == pytest.approx(0.75 * few + 0.25 * many)
    over = by_model.predicted("Erlang C", rows.assign(load=20.0), 1.0, 300.0)
    assert over["service_level"].eq(0).all()
    assert np.isinf(over["asa_s"]).all()


def test_erlang_a_tells_a_real_centre_better_than_erlang_c():
    if not vanad.available():
        pytest.skip(f"the calls of VANAD are not on this machine ({vanad.VANAD})")
    calls = vanad.read_calls(["2014-04", "2014-05"])
    share = vanad.busy_while_waiting(calls[calls["file"] == "2014-04"], gap_min=10)
    assert 0.90 < share < 0.97
    duty = vanad.agents_on_duty(calls, gap_min=10)
    centre = vanad.half_hours(calls, duty, sorted(calls["queue"].unique()))
    assert 700 < by_model.patience_of(centre) < 1000
    found = by_model.told(centre.assign(unit="centre"), share)
    error = {model: by_model.error(found, model) for model in by_model.MODELS}
    assert error["Erlang A"] < 0.75 * error["Erlang C"]
    assert abs(by_model.bias(found, "Erlang A")) < 0.04 < -by_model.bias(found, "Erlang C")
    # Calibrated: in the middle Erlang A is right within ten points, Erlang C nowhere near.
    off = {}
    for model in by_model.MODELS:
        bins = binned(found, model)
        middle = bins[bins["predicted"].between(0.1, 0.6)]
        wrong = (middle["observed"] - middle["predicted"]).abs()
        off[model] = np.average(wrong, weights=middle["calls"])
    assert off["Erlang A"] < 0.10 < 0.20 < off["Erlang C"]
