"""Histories that are not as they should be: each has a treatment, is named, and stays sensible.

``docs/strange_histories.md`` has the table of them; a queue of known rates is spoilt in one way at
a time and goes through the whole call in memory.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from forecast.calendars.build import build_calendar
from forecast.effects.faults import dead_days
from forecast.errors import ForecastError, InputError, SchemaError
from forecast.features import build_features, ended_series
from forecast.origins import cutoffs
from forecast.params import Params
from forecast.recovery import recovered
from forecast.schema import HISTORY, QUANTILES
from forecast.workflow import Forecasted, forecast_weeks
from tests.conftest import ROOT, features_of, raw_events

ZONE = "America/New_York"
NAME = "main/sales/voice"
ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAY = np.array([1.3, 1.1, 1.0, 1.0, 0.9, 0.6, 0.5])
OPENS, CLOSES = 8, 16
LAST = pd.Timestamp("2024-03-06")
"""Last day of the histories: the clocks go forward on the fourth day ahead."""
DAYS, AHEAD = 98, 7


def hours(days: list[str], opens: str, closes: str) -> dict[str, object]:
    return {"calendars.opening_hours": [{"days": days, "opens": opens, "closes": closes}]}


SETTINGS = Params.load(ROOT / "params.yaml").override(
    {
        "ingest.timezone": ZONE,
        "calendars.country": "US",
        "calendars.open_on_holidays": "all",
        **hours(ALL_DAYS, "08:00", "16:00"),
        "models": {"same_weekday_mean": {"weeks": 4}, "day_level": {}},
        "aht_models": {},
        "backtest.weeks": 2,
        "backtest.warmup_weeks": 2,
        "backtest.every_open_days": 7,
        "backtest.horizons": {"1_week": AHEAD},
        "select.min_cutoffs": 2,
        "forecast.horizon_days": AHEAD,
        "forecast.paths": 100,
    }
)

CHEAP = SETTINGS.override({"models": {"same_weekday_mean": {"weeks": 4}}})
"""For what is the same with any model."""


def rates(ds: pd.Series, per_half_hour: float = 20.0, minutes: int = 30) -> np.ndarray:
    """Return the true mean of intervals: busy Mondays, a bow over the opening hours."""
    wall = local(ds)
    into = (wall.dt.hour + wall.dt.minute / 60 - OPENS) / (CLOSES - OPENS)
    bow = 1 + 0.5 * np.sin(np.pi * np.clip(into, 0, 1))
    return (per_half_hour * minutes / 30 * bow * WEEKDAY[wall.dt.day_of_week]).to_numpy()


def history(
    days: int = DAYS,
    *,
    queue: str = "sales",
    minutes: int = 30,
    window: tuple[int, int] = (OPENS, CLOSES),
    last: pd.Timestamp = LAST,
    per_half_hour: float = 20.0,
    seed: int = 1,
) -> pd.DataFrame:
    """Return HISTORY of one queue: Poisson counts around rates that differ by 3 % day by day."""
    rng = np.random.default_rng(seed)
    first = last - pd.Timedelta(days=days - 1)
    grid = pd.date_range(
        first.tz_localize(ZONE),
        (last + pd.Timedelta(days=1)).tz_localize(ZONE),
        freq=f"{minutes}min",
        inclusive="left",
        unit="us",
    )
    hour = grid.hour
    ds = pd.Series(grid[(hour >= window[0]) & (hour < window[1])].tz_convert("UTC"))
    day = (local(ds).dt.normalize() - first).dt.days.to_numpy()
    level = np.exp(rng.normal(0, 0.03, days))[day]
    frame = pd.DataFrame(
        {
            "site": "main",
            "queue": queue,
            "channel": "voice",
            "ds": ds,
            "minutes": minutes,
            "offered": rng.poisson(rates(ds, per_half_hour, minutes) * level),
        }
    )
    return HISTORY.validate(frame.reindex(columns=HISTORY.names))


def local(ds: pd.Series) -> pd.Series:
    return ds.dt.tz_convert(ZONE).dt.tz_localize(None)


def ago(frame: pd.DataFrame) -> np.ndarray:
    """Return how many days before the last one each row is."""
    return (LAST - local(frame["ds"]).dt.normalize()).dt.days.to_numpy()


def silent(frame: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Return a history with zeros on some rows."""
    return frame.assign(offered=frame["offered"].where(~rows, 0))


def run(frame: pd.DataFrame, settings: Params = SETTINGS) -> Forecasted:
    """Return the forecast of a history, after what must hold of every forecast."""
    built = build_calendar(frame, raw_events(), settings)
    made = forecast_weeks(frame, built.calendar, built.events, settings)
    for table in (made.live.forecast, made.past):
        quantiles = table[list(QUANTILES)].to_numpy()
        numbers = table[["raw_mean", "mean", "effect", "effect_var"]].to_numpy()
        assert np.isfinite(quantiles).all()
        assert np.isfinite(numbers).all()
        assert (quantiles >= 0).all()
        assert (numbers >= 0).all()
        assert (np.diff(quantiles, axis=1) >= 0).all()
        closed = table["open_min"] == 0
        assert (table.loc[closed, ["mean", *QUANTILES]] == 0).all(axis=None)
    paths = made.live.paths
    assert (paths["offered"] >= 0).all()
    assert (paths.loc[paths["open_min"] == 0, "offered"] == 0).all()
    dates = local(paths["ds"]).dt.normalize()
    assert dates.nunique() == settings.forecast.horizon_days
    rows = made.live.forecast
    told = rows.loc[rows["model"] == "champion", "mean"].sum()
    assert paths["offered"].sum() / settings.forecast.paths == pytest.approx(told, rel=0.1, abs=2)
    return made


def champion(made: Forecasted, queue: str = "sales") -> pd.DataFrame:
    """Return the open intervals ahead as the champion forecasts them."""
    rows = made.live.forecast
    rows = rows[(rows["model"] == "champion") & (rows["open_min"] > 0)]
    return rows[rows["queue"] == queue]


def missed(made: Forecasted, per_half_hour: float = 20.0) -> float:
    """Return the error of the week's total, relative to the true rates'."""
    rows = champion(made)
    return float(rows["mean"].sum() / rates(rows["ds"], per_half_hour).sum() - 1)


def mended(made: Forecasted) -> dict[str, int]:
    """Return how often each kind of mending is in MENDED."""
    return {str(what): int(n) for what, n in made.live.mended["what"].value_counts().items()}


@cache
def with_1e9_long_ago() -> Forecasted:
    return run(spoilt(60))


@cache
def clean() -> Forecasted:
    return run(history())


def widest(made: Forecasted) -> float:
    """Return the largest 97.5 % quantile beside its mean."""
    rows = champion(made)
    return float((rows["q975"] / rows["mean"]).max())


def test_a_history_as_it_should_be_has_nothing_mended():
    made = clean()
    assert abs(missed(made)) < 0.05
    assert mended(made) == {}
    assert made.live.explained.unexplained.empty


# --- nothing, always the same, hardly anything ---------------------------------------------------


def test_all_zeros_give_zeros():
    made = run(history().assign(offered=0))
    rows = champion(made)
    assert rows["mean"].sum() < 0.5
    assert rows["q975"].max() == 0
    assert made.live.paths["offered"].sum() == 0
    assert mended(made) == {}


def test_a_queue_of_zeros_has_no_hours_to_learn():
    learn = SETTINGS.override({"calendars.opening_hours": "learn"})
    with pytest.raises(InputError, match=r"queue 'sales' .*no opening hours; give it a window"):
        run(history().assign(offered=0), learn)


def test_a_constant_is_forecast_as_it_is():
    made = run(history().assign(offered=20))
    rows = champion(made)
    assert rows["mean"].to_numpy() == pytest.approx(20, rel=0.01)
    assert rows["q025"].min() >= 19
    assert rows["q975"].max() <= 21
    assert mended(made) == {}


@pytest.mark.parametrize("per_day", [0.1, 0.7, 4.0])
def test_in_an_ordinary_queue_with_few_contacts_nothing_is_mended(per_day):
    for seed in range(4):
        rare = history(150, per_half_hour=per_day / 21, seed=seed)
        found = recovered(features_of(rare, SETTINGS).query("date <= @LAST"))
        parts = (found.absurd, found.dead, found.lost, found.odd, found.shifts)
        assert [len(part) for part in parts] == [0] * 5


@pytest.mark.parametrize("calls", [1, 30])
def test_one_day_with_calls_in_a_silent_history_makes_no_other_day_dead(calls):
    whole = history()
    place = whole.index[ago(whole) == 3][4]
    once = whole.assign(offered=np.where(whole.index == place, calls, 0))
    found = recovered(features_of(once, SETTINGS).query("date <= @LAST"))
    parts = (found.absurd, found.dead, found.lost, found.odd, found.shifts)
    assert [len(part) for part in parts] == [0] * 5


def test_counts_of_a_million_are_forecast_as_counts_of_twenty():
    made = run(history(per_half_hour=1e6))
    assert abs(missed(made, 1e6)) < 0.05
    assert mended(made) == {}


# --- short, dead, woken --------------------------------------------------------------------------


def test_three_days_are_refused_by_name():
    whole = history()
    with pytest.raises(ForecastError, match=rf"series {NAME} has no cutoff with 10 .*leave_out"):
        run(whole[ago(whole) < 3])


def test_too_few_cutoffs_are_refused_with_the_settings_that_give_more():
    whole = history()
    with pytest.raises(
        ForecastError, match=rf"series {NAME}: 1 cutoffs are too few .*warmup_weeks"
    ):
        run(whole[ago(whole) < 13])


def test_three_days_beside_another_queue_borrow_from_it_and_say_so():
    whole = history()
    other = history(queue="other", seed=5, per_half_hour=40)
    made = run(pd.concat([whole[ago(whole) < 3], other], ignore_index=True))
    assert mended(made) == {"lent by others": 1}
    assert abs(missed(made)) < 0.2


def test_dead_days_before_a_queue_was_in_use_do_not_count():
    made = run(
        silent(whole := history(240), ago(whole) >= 40),
        SETTINGS.override({"backtest.warmup_weeks": 6}),
    )
    assert mended(made) == {"dead day": 200}
    assert abs(missed(made)) < 0.08
    assert widest(made) < 1.5 * widest(clean())
    # No cutoff lies in the time in which nobody forecast it.
    assert made.past["cutoff"].min() > (LAST - pd.Timedelta(days=30)).tz_localize(ZONE)


def test_a_queue_that_woke_days_ago_is_as_young_as_one_without_a_past():
    whole = history()
    with pytest.raises(ForecastError, match=f"series {NAME} has no cutoff with 10"):
        run(silent(whole, ago(whole) >= 5))


def test_no_cutoff_is_made_while_a_queue_is_paused_nor_on_the_day_it_wakes():
    whole = history()
    features = features_of(silent(whole, (ago(whole) >= 10) & (ago(whole) < 25)), SETTINGS)
    daily = SETTINGS.override({"backtest.every_open_days": 1}).backtest
    end = (LAST + pd.Timedelta(days=1)).tz_localize(ZONE)
    at = [(LAST - local(pd.Series([c])).iloc[0]).days for c in cutoffs(features, daily, end)]
    assert sorted(at) == [*range(9), *range(25, 28)]


def test_after_a_pause_the_level_is_that_of_before():
    whole = history()
    longer = SETTINGS.override({"backtest.warmup_weeks": 4})
    made = run(silent(whole, (ago(whole) >= 10) & (ago(whole) < 25)), longer)
    assert mended(made) == {"dead day": 15}
    assert abs(missed(made)) < 0.2


def test_a_queue_that_is_dead_up_to_now_is_believed():
    whole = history()
    made = run(silent(whole, ago(whole) < 30))
    rows = champion(made)
    assert rows["mean"].sum() < 2
    assert rows["q975"].max() <= 1
    assert mended(made) == {"level shift": 1}
    assert made.live.mended["at"].iloc[0] == LAST - pd.Timedelta(days=29)


def test_a_day_lost_before_the_forecast_changes_neither_it_nor_its_widths():
    made = run(silent(whole := history(), ago(whole) == 0))
    assert mended(made) == {"lost day": 1}
    assert abs(missed(made)) < 0.08
    assert widest(made) < 1.2 * widest(clean())
    listed = made.live.explained.unexplained
    assert listed[["start", "what"]].to_numpy().tolist() == [[LAST, "silent"]]


def test_a_day_lost_in_one_of_two_queues_leaves_the_other_as_it_was():
    one, two = history(70), history(70, queue="other", seed=5, per_half_hour=40)
    plain = run(two, CHEAP)
    made = run(pd.concat([silent(one, ago(one) == 3), two], ignore_index=True), CHEAP)
    assert made.live.mended[["queue", "what"]].to_numpy().tolist() == [["sales", "lost day"]]
    rows, as_before = (champion(m, "other") for m in (made, plain))
    assert rows["mean"].tolist() == as_before["mean"].tolist()


# --- counts that cannot be -----------------------------------------------------------------------


def spoilt(back: int, count: float = 1e9) -> pd.DataFrame:
    """Return a history with one count on the fifth interval of a day so many days ago."""
    whole = history()
    place = whole.index[ago(whole) == back][4]
    other = whole["offered"].astype("float64").where(whole.index != place, count)
    return whole.assign(offered=other if count != 1e9 else other.astype("int64"))


def test_a_count_of_1e9_long_ago_changes_nothing():
    made = with_1e9_long_ago()
    assert mended(made) == {"absurd count": 1}
    ours, theirs = champion(made), champion(clean())
    assert ours["mean"].sum() == pytest.approx(theirs["mean"].sum(), rel=0.02)
    assert ours["q975"].to_numpy() == pytest.approx(theirs["q975"].to_numpy(), abs=2)


def test_a_count_of_1e9_makes_nothing_else_look_odd():
    assert with_1e9_long_ago().live.explained.unexplained.empty


def test_a_count_of_1e9_in_the_weeks_that_calibrate_changes_nothing():
    made = run(spoilt(2))
    assert mended(made) == {"absurd count": 1}
    assert abs(missed(made)) < 0.05
    assert widest(made) < 1.2 * widest(clean())


def test_1e9_in_a_queue_of_zeros_is_no_sign_of_life():
    whole = spoilt(20)
    frame = whole.assign(offered=whole["offered"].where(whole["offered"] == 1e9, 0).astype("int64"))
    found = recovered(features_of(frame, SETTINGS).query("date <= @LAST"))
    assert len(found.absurd) == 1
    assert found.train["y"].max() == 0
    assert dead_days(found.train).empty


def test_contacts_while_closed_are_kept_and_not_learned_from():
    whole = history()
    night = spoilt(60).query("offered == 1e9")
    night = night.assign(ds=night["ds"].dt.normalize() + pd.Timedelta(hours=7))
    plain, features = (
        features_of(frame, SETTINGS).query("date <= @LAST")
        for frame in (whole, pd.concat([whole, night], ignore_index=True))
    )
    assert features["y"].sum() == whole["offered"].sum() + 1e9
    is_open = features["open_min"] > 0
    pd.testing.assert_frame_equal(recovered(features).train[is_open], plain[is_open])


def test_five_days_of_silence_are_named():
    whole = history()
    made = run(silent(whole, (ago(whole) >= 40) & (ago(whole) < 45)), CHEAP)
    (row,) = made.live.explained.unexplained.itertuples()
    assert (row.what, row.start, row.end) == (
        "silent",
        LAST - pd.Timedelta(days=44),
        LAST - pd.Timedelta(days=39),
    )
    assert abs(missed(made)) < 0.05


@pytest.mark.parametrize("count", [np.nan, np.inf, -np.inf, -5.0, 1.5])
def test_what_is_no_count_is_refused_with_its_place(count):
    place = rf"1 rows of HISTORY .* first {NAME} at 2024-03-04 15:00 UTC: {count}; leave out"
    with pytest.raises(InputError, match=place):
        run(spoilt(2, count))


# --- rows missing, twice, out of order -----------------------------------------------------------


def test_missing_intervals_and_days_are_not_zeros():
    whole, rng = history(), np.random.default_rng(3)
    lost = rng.random(len(whole)) < 0.2
    days = np.isin(ago(whole), rng.choice(DAYS - 1, 20, replace=False) + 1)
    made = run(whole[~(lost | days)])
    assert abs(missed(made)) < 0.08
    assert mended(made) == {}


def test_a_gap_of_a_month_in_the_middle_changes_little():
    whole = history()
    made = run(whole[(ago(whole) < 35) | (ago(whole) >= 65)])
    assert abs(missed(made)) < 0.1
    assert mended(made) == {}


def test_after_a_gap_of_a_month_three_days_tell_the_level():
    whole = history()
    settings = SETTINGS.override({"backtest.warmup_weeks": 6})
    made = run(whole[(ago(whole) < 3) | (ago(whole) >= 33)], settings)
    assert abs(missed(made)) < 0.2


def test_a_queue_without_reports_up_to_the_cutoff_keeps_its_level_or_is_named():
    whole, other = history(), history(queue="other", seed=5)
    settings = CHEAP.override({"backtest.warmup_weeks": 6})
    quiet = pd.concat([whole[ago(whole) >= 28], other], ignore_index=True)
    assert abs(missed(run(quiet, settings))) < 0.2
    ended = pd.concat([whole[ago(whole) >= 30], other], ignore_index=True)
    assert ended_series(ended, SETTINGS) == {
        ("main", "sales", "voice"): "no report after 2024-02-05"
    }
    assert set(features_of(ended, SETTINGS)["queue"]) == {"other"}


def test_rows_twice_are_refused_with_the_first():
    whole = history()
    with pytest.raises(SchemaError, match=r"20 rows share a key, first .*sales.* Remove the dup"):
        run(pd.concat([whole, whole.iloc[100:110]], ignore_index=True))


def test_reports_that_overlap_are_refused():
    whole = history()
    half = whole.iloc[[100]].assign(ds=whole["ds"].iloc[100] + pd.Timedelta(minutes=15), minutes=15)
    with pytest.raises(InputError, match=r"'sales': 1 reported intervals run into the next, first"):
        run(pd.concat([whole, half], ignore_index=True))


def test_the_order_of_rows_is_no_matter():
    mixed = history().sample(frac=1, random_state=1)
    built = build_calendar(mixed, raw_events(), SETTINGS)
    features = build_features(mixed, built.calendar, built.events, SETTINGS)
    pd.testing.assert_frame_equal(features, features_of(history(), SETTINGS))


# --- other lengths, other hours, other clocks ----------------------------------------------------


def turned(days: int, back: int) -> pd.DataFrame:
    """Return a history in quarters of an hour until a day so long ago, in halves from it on."""
    fine, coarse = history(days, minutes=15), history(days, seed=2)
    return pd.concat([fine[ago(fine) >= back], coarse[ago(coarse) < back]], ignore_index=True)


def test_a_year_of_quarters_that_turn_into_halves_is_one_history():
    frame = turned(366, 180)
    features = features_of(frame, SETTINGS).query("date <= @LAST")
    assert features["y"].sum() == frame["offered"].sum()
    assert features.loc[features["open_min"] > 0, "y"].notna().all()
    halves = frame.groupby(frame["ds"].dt.floor("30min"))["offered"].sum()
    assert features.set_index("ds")["y"].reindex(halves.index).tolist() == halves.tolist()


def test_quarters_that_turned_into_halves_are_forecast_in_halves():
    made = run(turned(DAYS, 40), CHEAP)
    assert abs(missed(made)) < 0.05
    assert mended(made) == {}


def test_halves_cannot_be_forecast_in_quarters():
    refusal = r"intervals of 30 minutes, longer than the planning interval of 15 \(first: queue 's"
    with pytest.raises(InputError, match=refusal):
        run(turned(DAYS, 40), SETTINGS.override({"features.interval_min": 15}))


def test_a_single_open_interval_a_day():
    frame = history()
    first = local(frame["ds"]).dt.strftime("%H:%M") == "08:00"
    made = run(frame[first], SETTINGS.override(hours(ALL_DAYS, "08:00", "08:30")))
    assert len(champion(made)) == AHEAD
    assert abs(missed(made)) < 0.2
    assert mended(made) == {}


def test_a_queue_that_opens_on_mondays_only():
    frame = history(200)
    monday = local(frame["ds"]).dt.day_of_week == 0
    own = {"backtest.warmup_weeks": 8, "backtest.every_open_days": 2}
    settings = SETTINGS.override({**hours(["mon"], "08:00", "16:00"), **own})
    made = run(pd.concat([frame[monday], frame[ago(frame) == 0].assign(offered=0)]), settings)
    rows = champion(made)
    assert local(rows["ds"]).dt.day_of_week.unique().tolist() == [0]
    assert abs(missed(made)) < 0.1


@pytest.mark.parametrize(
    ("last", "change", "intervals"),
    [("2024-03-06", "2024-03-10", 46), ("2024-10-30", "2024-11-03", 50)],
)
def test_clocks_that_change_ahead_lengthen_or_shorten_a_day(last, change, intervals):
    frame = history(70, window=(0, 24), last=pd.Timestamp(last), per_half_hour=5)
    made = run(frame, SETTINGS.override(hours(ALL_DAYS, "00:00", "24:00")))
    rows = champion(made)
    on_day = rows[local(rows["ds"]).dt.normalize() == change]
    assert len(on_day) == intervals
    assert len(rows) == 6 * 48 + intervals
    true = rates(on_day["ds"], 5).sum()
    assert on_day["mean"].sum() == pytest.approx(true, rel=0.15)
    assert abs(missed(made, 5)) < 0.06
