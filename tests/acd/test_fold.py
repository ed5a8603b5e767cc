"""Calls into intervals: counted again call by call, and agents that add up over their queues."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.acd.merging.fold import DUTY_GAP_MIN, fold, on_duty
from forecast.params import IngestParams

ZONE = "America/New_York"
PARAMS = IngestParams(timezone=ZONE, answer_within_s=20, short_abandon_s=5)
steady = settings(derandomize=True, deadline=None, max_examples=25)


def calls_of(rows: list[tuple[float, str, int, float, float]], start: str) -> pd.DataFrame:
    """Return calls of (minutes after start, queue, agent or -1, wait_s, talk_s)."""
    frame = pd.DataFrame(rows, columns=["after_min", "queue", "agent", "wait_s", "talk_s"])
    seconds = (frame["after_min"] * 60).round()
    arrived = pd.Timestamp(start, tz=ZONE).tz_convert("UTC").as_unit("us")
    frame["arrived"] = arrived + pd.to_timedelta(seconds, unit="s")
    answered = frame["agent"] >= 0
    begin = frame["arrived"] + pd.to_timedelta(frame["wait_s"], unit="s")
    end = begin + pd.to_timedelta(frame["talk_s"], unit="s")
    return frame.assign(
        site="main",
        channel="voice",
        file=0,
        offered=1.0,
        answered=answered.astype("float64"),
        abandoned=(~answered).astype("float64"),
        talk_s=frame["talk_s"].where(answered),
        hold_s=np.nan,
        wrap_s=np.nan,
        busy_from=begin.where(answered),
        busy_to=end.where(answered),
    )


call = st.tuples(
    st.integers(0, 5 * 60),
    st.sampled_from(["a", "b", "c"]),
    st.integers(-1, 2),
    st.integers(0, 60),
    st.integers(1, 1800),
)
calls = st.lists(call, min_size=1, max_size=25)


@steady
@given(rows=calls)
def test_every_call_is_counted_once_where_it_asked_for_an_agent(rows):
    made = calls_of(rows, "2024-05-13 09:00")
    history = fold(made, PARAMS).set_index(["queue", "ds"])
    for (queue, ds), row in history.iterrows():
        own = [
            c
            for c in made.to_dict("records")
            if c["queue"] == queue and ds <= c["arrived"] < ds + pd.Timedelta(minutes=15)
        ]
        assert row["offered"] == len(own)
        assert row["answered"] == sum(c["agent"] >= 0 for c in own)
        assert row["short_abandoned"] == sum(c["agent"] < 0 and c["wait_s"] <= 5 for c in own)
        within = sum(c["agent"] >= 0 and c["wait_s"] <= 20 for c in own)
        assert row["answered_in_threshold"] == within
        waited = sum(c["wait_s"] for c in own if c["agent"] >= 0)
        assert row["wait_s"] == pytest.approx(waited)
    assert history["offered"].sum() == len(made)


@steady
@given(rows=calls, gap_min=st.sampled_from([0, 10, DUTY_GAP_MIN]))
def test_agents_of_all_queues_add_up_to_the_people_on_duty(rows, gap_min):
    made = calls_of(rows, "2024-05-13 09:00")
    total = on_duty(made, PARAMS, gap_min).groupby("ds")["agents"].sum()
    spells = []
    for _, own in made.dropna(subset="busy_from").groupby("agent"):
        begun = left = None
        for one in own.sort_values("busy_from").itertuples():
            if left is not None and one.busy_from - left <= pd.Timedelta(minutes=gap_min):
                left = max(left, one.busy_to)
                continue
            spells += [(begun, left)] if left is not None else []
            begun, left = one.busy_from, one.busy_to
        spells.append((begun, left))
    quarter = pd.Timedelta(minutes=15)
    for ds, agents in total.items():
        inside = [min(end, ds + quarter) - max(start, ds) for start, end in spells]
        seconds = sum(max(i.total_seconds(), 0) for i in inside)
        assert agents == pytest.approx(seconds / 900)
    lasted = sum((end - start).total_seconds() for start, end in spells)
    assert (total * 900).sum() == pytest.approx(lasted)


@pytest.mark.parametrize(("day", "quarters"), [("2024-03-10", 92), ("2024-11-03", 100)])
def test_a_logged_day_is_zero_where_nobody_called_and_as_long_as_it_is(day, quarters):
    history = fold(calls_of([(10 * 60, "a", 1, 3, 60)], f"{day} 00:00"), PARAMS)
    assert len(history) == quarters
    assert history["offered"].sum() == 1
    assert set(history["ds"].dt.tz_convert(ZoneInfo(ZONE)).dt.strftime("%Y-%m-%d")) == {day}


def test_a_day_without_any_call_is_missing_not_zero():
    made = calls_of([(0, "a", 1, 3, 60), (2 * 1440, "a", 1, 3, 60)], "2024-05-13 09:00")
    days = fold(made, PARAMS)["ds"].dt.tz_convert(ZoneInfo(ZONE)).dt.day.unique()
    assert days.tolist() == [13, 15]


def test_times_that_the_log_does_not_have_are_not_known():
    history = fold(calls_of([(0, "a", 1, 3, 60), (16, "a", -1, 9, 0)], "2024-05-13 09:00"), PARAMS)
    assert history["hold_s"].isna().all()
    assert history["talk_s"].tolist().count(60.0) == 1
