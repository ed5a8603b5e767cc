"""One call in memory gives what the steps give, and at a cutoff only what was known then."""

import pandas as pd

from forecast.backtest import backtest
from forecast.calendars.build import build_calendar
from forecast.predict import live_forecast
from forecast.schema import FORECAST, PATHS
from forecast.select import plans, replay
from forecast.workflow import forecast_weeks
from tests.conftest import make_history, raw_event, raw_events


def test_it_gives_what_the_steps_give(small_told, small_history, small_params):
    built = build_calendar(small_history, raw_events(), small_params)
    made = forecast_weeks(small_history, built.calendar, built.events, small_params)
    means = backtest(small_told.features, small_told.events, small_params)
    past = replay(means, small_params.select)
    chosen = plans(means, past, small_told.features, small_params.select)
    live = live_forecast(small_told.features, small_told.events, chosen, small_params)
    key = list(FORECAST.key)
    numbers = ["mean", "q10", "q90"]
    ours, theirs = (t.forecast.set_index(key)[numbers] for t in (made.live, live))
    pd.testing.assert_frame_equal(ours, theirs)
    assert len(made.live.paths) == len(PATHS.validate(made.live.paths))


def test_at_a_cutoff_later_reports_and_announcements_are_unknown(small_params):
    history = make_history(90)
    cutoff = pd.Timestamp("2024-03-18", tz="UTC")
    later = raw_event("sale", "2024-03-20", "2024-03-22", announced_on="2024-03-25", intensity=3)
    told = build_calendar(history, raw_events(later), small_params)
    before = history[history["ds"] < cutoff]
    plain = build_calendar(before, raw_events(), small_params)
    one = forecast_weeks(history, told.calendar, told.events, small_params, cutoff=cutoff)
    two = forecast_weeks(before, plain.calendar, plain.events, small_params)
    columns = ["ds", "model", "mean", "q10", "q90"]
    ours = one.live.forecast[columns]
    assert ours["ds"].min() == cutoff
    pd.testing.assert_frame_equal(ours, two.live.forecast[columns])
