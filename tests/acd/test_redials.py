"""Redials found in simulated centres whose truth is known, and by a second, slower count."""

from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forecast.acd.merging.redials import (
    CONTROL_WEEKS,
    attempts,
    behind_aggregates,
    first_attempts,
    redial_estimate,
)
from forecast.errors import InputError, SchemaError
from forecast.schema import UTC

START = pd.Timestamp("2024-01-01", tz="UTC").as_unit("us")
GIVE_UP = 0.3
DELAY_S = 240.0


def in_utc(site: str) -> ZoneInfo:
    return ZoneInfo("UTC")


def calls_of(
    arrived_s, answered, wait_s, caller, queue="sales", site="main", channel="voice"
) -> pd.DataFrame:
    seconds = np.rint(np.asarray(arrived_s, dtype="float64") * 1e6).astype("int64")
    return pd.DataFrame(
        {
            "site": pd.Series(site, index=range(len(seconds)), dtype="str"),
            "queue": pd.Series(queue, index=range(len(seconds)), dtype="str"),
            "channel": pd.Series(channel, index=range(len(seconds)), dtype="str"),
            "arrived": START + pd.to_timedelta(seconds, unit="us").as_unit("us"),
            "answered": np.asarray(answered, dtype="bool"),
            "wait_s": np.asarray(wait_s, dtype="float64"),
            "caller": pd.Series(caller, index=range(len(seconds)), dtype="str"),
        }
    )


def centre(seed, redial, delay_s=DELAY_S, *, callers=300, days=42, often=0.0, known=1.0):
    """Return calls of a centre: ``redial`` of those who give up call again after a while.

    All call now and then by day, with rates of their own; ``often`` is the daily rate of one
    caller in twenty. ``redial`` may be one probability per caller.
    """
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.0, 0.2, callers)
    rate[: callers // 20] = np.maximum(rate[: callers // 20], often)
    count = rng.poisson(rate * days)
    who = np.repeat(np.arange(callers), count)
    at = (rng.integers(0, days, len(who)) + 8 / 24 + 10 / 24 * rng.beta(2, 2, len(who))) * 86_400
    tendency = np.broadcast_to(redial, callers)
    rounds = []
    while len(who):
        gave_up = rng.random(len(who)) < GIVE_UP
        wait = rng.exponential(60, len(who)) + 1
        rounds.append((at, ~gave_up, wait, who, np.full(len(who), len(rounds))))
        again = gave_up & (rng.random(len(who)) < tendency[who])
        at = (at + wait + rng.exponential(delay_s, len(who)))[again]
        who = who[again]
    at, answered, wait, who, order = map(np.concatenate, zip(*rounds, strict=True))
    named = np.where(rng.random(len(who)) < known, np.char.add("c", who.astype("str")), "")
    calls = calls_of(at, answered, wait, named).assign(order=order)
    return calls.iloc[rng.permutation(len(calls))]


def within(redial, delay_s, window_s):
    """Return the share who call again within the window, of exponential delays."""
    return redial * (1 - np.exp(-window_s / delay_s))


CENTRES = [
    pytest.param(0.0, 120.0, 900.0, 0.0, id="nobody calls again"),
    pytest.param(0.1, 240.0, 1800.0, 6.0, id="few do, some call all day anyway"),
    pytest.param(0.3, 120.0, 900.0, 0.0, id="some do, soon"),
    pytest.param(0.3, 600.0, 3600.0, 6.0, id="some do, late, and call all day anyway"),
    pytest.param(0.6, 600.0, 1200.0, 2.0, id="many do, some past the window"),
    pytest.param(0.9, 240.0, 1800.0, 2.0, id="nearly all do"),
]


@pytest.mark.parametrize(("redial", "delay_s", "window_s", "often"), CENTRES)
def test_a_known_probability_is_recovered_and_covered(redial, delay_s, window_s, often):
    truth = within(redial, delay_s, window_s)
    found = [
        redial_estimate(centre(seed, redial, delay_s, often=often), window_s) for seed in range(40)
    ]
    error = np.array([e.probability for e in found]) - truth
    assert abs(error.mean()) < 0.015
    if often < 6:
        assert abs(error).max() < 0.05
    else:  # a few callers who call all day are few witnesses; the interval says so
        assert np.quantile(abs(error), 0.9) < 0.05
    assert np.mean([e.low <= truth <= e.high for e in found]) >= 0.9
    assert all(0 <= e.low <= e.probability <= e.high <= 1 for e in found)


def test_callers_who_would_have_called_anyway_are_taken_out():
    found = [redial_estimate(centre(seed, 0.2, often=8.0), 3600) for seed in range(40)]
    naive = np.mean([e.redialled / e.abandoned for e in found])
    assert naive > 0.35
    probability = np.array([e.probability for e in found])
    assert probability.mean() == pytest.approx(0.2, abs=0.02)
    # The interval is about as wide as the estimates scatter: no needless width either.
    width = np.mean([e.high - e.low for e in found])
    assert 0.8 < width / (2 * 1.96 * probability.std()) < 1.4


def test_the_interval_allows_for_callers_with_habits_of_their_own():
    covered = []
    tendency = np.random.default_rng(0).beta(0.4, 0.6, 100_000)
    # Who redials more gives up more often.
    truth = within(np.average(tendency, weights=1 / (1 - GIVE_UP * tendency)), DELAY_S, 1800)
    for seed in range(40):
        habits = np.random.default_rng(seed + 1000).beta(0.4, 0.6, 300)
        found = redial_estimate(centre(seed, habits), 1800)
        covered.append(found.low <= truth <= found.high)
    assert np.mean(covered) >= 0.9


def test_attempts_tell_first_calls_from_redials_as_simulated():
    calls = centre(1, 0.5, delay_s=60)
    found = attempts(calls, 900)["attempt"]
    assert ((found - 1) == calls["order"]).mean() > 0.97


def test_unknown_callers_are_neither_and_change_nothing_else():
    calls = centre(2, 0.4, known=0.6)
    unknown = calls["caller"] == ""
    marked = attempts(calls, 1800)
    assert (marked["attempt"].isna() == unknown).all()
    alone = attempts(calls[~unknown], 1800)["attempt"]
    pd.testing.assert_series_equal(marked.loc[~unknown, "attempt"], alone)
    found = redial_estimate(calls, 1800)
    gave_up = ~calls["answered"]
    assert found.unknown_share == pytest.approx((gave_up & unknown).sum() / gave_up.sum())
    counts = first_attempts(calls, 1800, 30, in_utc)
    assert counts["unknown"].sum() == unknown.sum()


def test_calls_of_unknown_callers_alone_give_no_estimate():
    found = redial_estimate(calls_of([0, 60], [False, False], [5, 5], ""), 600)
    assert np.isnan([found.probability, found.low, found.high, found.coincidental]).all()
    assert (found.abandoned, found.censored, found.unknown_share) == (0, 0, 1.0)


def test_no_calls_are_no_attempts_and_no_estimate():
    calls = calls_of([], [], [], [])
    assert attempts(calls, 600)["attempt"].tolist() == []
    assert len(first_attempts(calls, 600, 30, in_utc)) == 0
    found = redial_estimate(calls, 600)
    assert found.abandoned == 0
    assert np.isnan(found.probability)
    assert np.isnan(found.unknown_share)


def test_one_caller_is_one_witness():
    found = redial_estimate(calls_of([0, 60, 9000], [False, True, True], 1.0, "a"), 600)
    assert (found.probability, found.low, found.high) == (1, 0, 1)
    assert np.isnan(found.coincidental)


def test_few_callers_have_a_wider_interval():
    # Twenty callers of one abandoned call each, eight of whom call again.
    again = [100.0 * i + 30 for i in range(8)]
    calls = calls_of(
        [*(100.0 * i for i in range(20)), *again, 9000],
        [False] * 20 + [True] * 9,
        1.0,
        [f"c{i}" for i in [*range(20), *range(8), 99]],
    )
    found = redial_estimate(calls, 60)
    assert found.probability == 0.4
    for limit in (found.low, found.high):  # Wilson's limits are where the score is Student's t
        score = (0.4 - limit) / np.sqrt(limit * (1 - limit) / 19)
        assert abs(score) == pytest.approx(2.093024)  # t of 97.5 % for 19 degrees, from tables


@pytest.mark.parametrize("window_s", [0, -1, np.nan, np.inf])
def test_a_window_is_a_positive_number(window_s):
    with pytest.raises(InputError, match="window_s must be a number of seconds above 0; found"):
        attempts(calls_of([], [], [], []), window_s)


def test_every_fault_of_the_calls_is_named():
    calls = calls_of([0, 60], [True, False], [5, 5], "a").drop(columns="caller")
    calls["wait_s"] = ["5", "6"]
    with pytest.raises(SchemaError) as caught:
        attempts(calls, 600)
    assert "column 'caller' must be str; found no such column" in str(caught.value)
    assert "column 'wait_s' must be float64; found str" in str(caught.value)
    with pytest.raises(SchemaError, match="column 'wait_s' has empty values"):
        attempts(calls_of([0], [True], [np.nan], "a"), 600)
    with pytest.raises(SchemaError, match=r"column 'wait_s' must be >= 0 and finite; found -1.0"):
        attempts(calls_of([0, 1], [True, True], [-1, 2], "a"), 600)


# The rules, one case each: seconds of arrival, answered or not, waits.
@pytest.mark.parametrize(
    ("arrived_s", "answered", "wait_s", "expected"),
    [
        pytest.param([0, 70], [0, 1], [10, 5], [1, 2], id="at the window's end"),
        pytest.param([0, 71], [0, 1], [10, 5], [1, 1], id="past the window's end"),
        pytest.param([0, 20], [1, 1], [10, 5], [1, 1], id="answered before"),
        pytest.param([0, 20, 40], [0, 1, 1], [5, 5, 5], [1, 2, 1], id="answered in between"),
        pytest.param([0, 50, 100], [0, 0, 0], [5, 5, 5], [1, 2, 3], id="a chain"),
        pytest.param([0, 50, 200, 230], [0, 0, 0, 0], [5] * 4, [1, 2, 1, 2], id="two chains"),
        pytest.param([0, 10], [0, 1], [99, 5], [1, 2], id="while still waiting"),
        pytest.param([0, 10, 150], [0, 0, 1], [99, 5, 5], [1, 2, 3], id="after the longer wait"),
        pytest.param([0, 0], [0, 1], [0, 3], [1, 2], id="in one instant"),
    ],
)
def test_what_a_redial_is(arrived_s, answered, wait_s, expected):
    calls = calls_of(arrived_s, answered, wait_s, "a", queue=[f"q{i}" for i in range(len(wait_s))])
    assert attempts(calls, 60)["attempt"].tolist() == expected
    assert attempts(calls[::-1], 60)["attempt"].tolist() == expected[::-1]


def test_another_site_channel_or_caller_is_another_person():
    pair = {"arrived_s": [0, 20], "answered": [0, 1], "wait_s": [5, 5], "caller": "a"}
    for other in ({"caller": ["a", "b"]}, {"site": ["x", "y"]}, {"channel": ["voice", "chat"]}):
        assert attempts(calls_of(**{**pair, **other}), 60)["attempt"].tolist() == [1, 1]


def test_calls_too_near_the_end_of_their_site_do_not_count():
    # A redial of the last abandonment is in the data: counting it would favour redials.
    calls = calls_of(
        [0, 1000, 2000, 2020, 9000],
        [False, True, False, True, True],
        10.0,
        ["a", "b", "c", "c", "d"],
        site=["near", "near", "near", "near", "far"],
    )
    found = redial_estimate(calls, 60)
    assert (found.abandoned, found.redialled, found.censored) == (1, 0, 1)
    assert attempts(calls, 60)["attempt"].tolist() == [1, 1, 1, 2, 1]


def test_the_end_of_the_data_does_not_bias():
    # Two hours a week, cut off: a third of the abandonments has its redial past the end.
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        at, gone = rng.uniform(0, 7200, 2000), rng.random(2000) < 0.5
        again = at[gone] + 10 + rng.exponential(1200, gone.sum())
        calls = calls_of(
            np.concatenate([at, again]),
            np.concatenate([~gone, np.ones(gone.sum(), dtype="bool")]),
            10.0,
            [f"c{i}" for i in [*range(2000), *np.flatnonzero(gone)]],
        )
        found.append(redial_estimate(calls[calls["arrived"] < START + pd.Timedelta("2h")], 3600))
    assert np.mean([e.probability for e in found]) == pytest.approx(within(1, 1200, 3600), abs=0.01)
    assert min(e.censored for e in found) > 300


WEEK_S = 7 * 86_400
# Weeks apart, and where it matters: at, before and behind the ends of windows.
SECONDS = st.builds(
    lambda weeks, second: weeks * WEEK_S + second,
    st.integers(0, 4),
    st.sampled_from([0, 1, 2, 9, 10, 11, 12, 59, 60, 61, 100]),
)
CALLS = st.lists(
    st.tuples(
        SECONDS,
        st.booleans(),
        st.sampled_from([0, 1, 2, 40]),
        st.sampled_from(["", "a", "b"]),
        st.sampled_from(["sales", "help"]),
        st.sampled_from(["main", "east"]),
    ),
    max_size=25,
)


# Control windows outside the time of the known callers, and others to mistake them for.
BEFORE_THE_KNOWN = [
    (0, False, 0, "", "q", "main"),
    (0, False, 0, "", "q", "east"),
    (1, False, 0, "a", "q", "main"),
    (WEEK_S, False, 0, "b", "q", "east"),
    (2 * WEEK_S, False, 0, "a", "q", "east"),
]
AFTER_THE_KNOWN = [
    (0, False, 1, "a", "q", "main"),
    (WEEK_S, True, 0, "b", "q", "main"),
    (4 * WEEK_S + 1, False, 2, "", "q", "main"),
]


def by_hand(rows, window_s):
    """Return attempts, and (redialled, control share) of each abandoned call that counts."""
    order = sorted(
        range(len(rows)),
        key=lambda i: (rows[i][0], rows[i][0] + rows[i][2], rows[i][1], rows[i][4]),
    )
    found, followed = [pd.NA] * len(rows), set()
    open_runs = {}
    for i in order:
        at, answered, _, caller, _, site = rows[i]
        if not caller:
            continue
        run = open_runs.setdefault((site, caller), [])
        again = any(at - rows[j][0] - rows[j][2] <= window_s for j in run)
        found[i] = found[run[-1]] + 1 if again else 1
        followed |= {run[-1]} if again else set()
        run.append(i)
        if answered:
            open_runs[site, caller] = []
    return found, [
        (i in followed, control_share(rows, i, window_s))
        for i in order
        if not rows[i][1]
        and rows[i][3]
        and rows[i][0] + rows[i][2] + window_s <= max(r[0] for r in rows if r[5] == rows[i][5])
    ]


def control_share(rows, i, window_s):
    at, _, wait, caller, _, site = rows[i]
    here = [r[0] for r in rows if r[5] == site]
    mine = [r for r in rows if r[3] == caller and r[5] == site]
    hits = []
    for weeks in CONTROL_WEEKS:
        begin = at + weeks * WEEK_S
        end = begin + wait + window_s
        before = any(not r[1] and begin - window_s <= r[0] + r[2] <= begin for r in mine)
        if begin >= min(here) and end <= max(here) and not before:
            hits.append(any(begin <= r[0] <= end for r in mine))
    return np.mean(hits) if hits else np.nan


@settings(max_examples=80, deadline=None)
@given(rows=CALLS, window_s=st.sampled_from([10, 60, 100_000]))
@example(rows=BEFORE_THE_KNOWN, window_s=10)
@example(rows=AFTER_THE_KNOWN, window_s=10)
def test_a_second_slower_count_agrees(rows, window_s):
    at, answered, wait, caller, queue, site = zip(*rows, strict=True) if rows else [()] * 6
    calls = calls_of(at, answered, wait, list(caller), list(queue), list(site))
    before = calls.copy(deep=True)
    expected, seen = by_hand(rows, window_s)
    marked = attempts(calls, window_s)
    assert marked["attempt"].tolist() == expected
    found = redial_estimate(calls, window_s)
    assert (found.abandoned, found.redialled) == (len(seen), sum(again for again, _ in seen))
    shares = [share for _, share in seen if not np.isnan(share)]
    c = np.mean(shares) if shares else 0
    if shares:
        assert found.coincidental == pytest.approx(c)
    if seen and c < 1:
        p = np.mean([again for again, _ in seen])
        assert found.probability == pytest.approx(max(p - c, 0) / (1 - c), abs=1e-12)
    pd.testing.assert_frame_equal(calls, before)


@settings(max_examples=30, deadline=None)
@given(rows=CALLS, minutes=st.sampled_from([1, 15, 60]))
def test_every_call_is_counted_once(rows, minutes):
    at, answered, wait, caller, queue, site = zip(*rows, strict=True) if rows else [()] * 6
    calls = calls_of(at, answered, wait, list(caller), list(queue), list(site))
    counts = first_attempts(calls, 60, minutes, in_utc)
    assert counts["offered"].sum() == len(calls)
    parts = counts["first_attempts"] + counts["redials"] + counts["unknown"]
    assert (parts == counts["offered"]).all()
    assert counts["ds"].dtype == UTC
    keys = calls.assign(ds=calls["arrived"].dt.floor(f"{minutes}min"))
    expected = keys.groupby(["site", "queue", "channel", "ds"]).size()
    assert counts["offered"].tolist() == expected.tolist()


def test_intervals_are_those_of_the_sites_wall_clock():
    calls = calls_of([0, 3600], [True, True], 5.0, "a")
    counts = first_attempts(calls, 60, 60, lambda site: ZoneInfo("Asia/Kolkata"))
    assert counts["ds"].dt.strftime("%H:%M").tolist() == ["23:30", "00:30"]


def sums_of(offered, abandoned, ds=None, queue="sales") -> pd.DataFrame:
    stamps = START + pd.to_timedelta(np.arange(len(offered)) * 30, unit="min").as_unit("us")
    return pd.DataFrame(
        {
            "site": "main",
            "queue": queue,
            "channel": "voice",
            "ds": stamps if ds is None else ds,
            "offered": np.asarray(offered, dtype="int64"),
            "abandoned": np.asarray(abandoned, dtype="float64"),
        }
    )


def test_aggregates_with_the_estimate_come_near_the_truth():
    calls = centre(5, 0.5, callers=800)
    r = redial_estimate(calls, 1800).probability
    by_half_hour = calls.groupby(calls["arrived"].dt.floor("30min"))["answered"]
    history = sums_of(
        by_half_hour.size(), by_half_hour.agg(lambda a: (~a).sum()), by_half_hour.size().index
    )
    found = behind_aggregates(history, r)
    assert found["first_attempts"].sum() == pytest.approx((calls["order"] == 0).sum(), rel=0.02)


def test_unknown_abandonments_stay_unknown():
    found = behind_aggregates(sums_of([10, 10, 10], [4, np.nan, 0]), 0.5)
    assert found["first_attempts"].tolist()[::2] == [8, 10]
    assert np.isnan(found["first_attempts"][1])
    assert np.isnan(found["redials"][1])


def test_what_an_interval_lacks_is_taken_from_its_day():
    found = behind_aggregates(sums_of([0, 10, 30], [8, 0, 0]), 0.5)
    assert found["first_attempts"].tolist() == [0, 9, 27]


def test_a_day_that_lacks_contacts_has_no_estimate():
    day = [START, START + pd.Timedelta("1D"), START + pd.Timedelta("25h")]
    found = behind_aggregates(sums_of([10, 0, 1], [2, 4, 0], day), 0.5)
    assert found["first_attempts"].tolist()[0] == 9
    assert found["first_attempts"][1:].isna().all()


@pytest.mark.parametrize("r", [-0.1, 1.1, np.nan])
def test_a_probability_is_a_share(r):
    with pytest.raises(InputError, match="must be a share from 0 to 1; found"):
        behind_aggregates(sums_of([1], [0]), r)


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 40), st.one_of(st.just(np.nan), st.integers(0, 40))), max_size=120
    ),
    r=st.floats(0, 1),
)
def test_each_day_keeps_its_sum(rows, r):
    offered, abandoned = zip(*rows, strict=True) if rows else [(), ()]
    history = sums_of(offered, abandoned)
    found = behind_aggregates(history, r)
    assert not (found["first_attempts"] < 0).any()
    net = history["offered"] - r * history["abandoned"]
    day = history["ds"].dt.floor("D")
    for _, rows_of_day in net.groupby(day):
        mine = found["first_attempts"][rows_of_day.index]
        if rows_of_day.sum() >= 0:
            assert (mine.isna() == rows_of_day.isna()).all()
            assert mine.sum() == pytest.approx(rows_of_day.sum(), abs=1e-6)
    whole = found.dropna()
    total = whole["first_attempts"] + whole["redials"]
    np.testing.assert_allclose(total, whole["offered"].astype("float64"))


def test_callers_of_a_real_bank_call_again(root: Path):
    file = root.parent / "shared" / "data" / "anonymous_bank_1999" / "1999-08.tsv.gz"
    if not file.exists():
        pytest.skip("the call-by-call data of the 'Anonymous Bank' are not beside the repository")
    raw = pd.read_csv(file, sep="\t", dtype="str")
    day = pd.to_datetime(raw["date"], format="%y%m%d", errors="coerce")
    arrived = day + pd.to_timedelta(raw["vru_exit"], errors="coerce")
    wait_s = pd.to_numeric(raw["q_time"], errors="coerce")
    answered = raw["outcome"] == "AGENT"
    asked = arrived.notna() & (answered | (raw["outcome"].eq("HANG") & (wait_s > 0)))
    calls = calls_of(
        ((arrived - START.tz_localize(None)) / pd.Timedelta("1s"))[asked],
        answered[asked],
        wait_s[asked],
        raw.loc[asked, "customer_id"].replace("0", "").tolist(),
    )
    found = redial_estimate(calls, 3600)
    assert found.abandoned > 1000
    assert 0.3 < found.low < found.probability < found.high < 0.5
    assert 0.02 < found.coincidental < 0.12
