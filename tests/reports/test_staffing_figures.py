"""Figures of staffing show the numbers that they are given."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.dates import num2date

from forecast.queueing import erlang_a, erlang_c
from forecast.queueing.transient import Day, sipp, transient_chain
from forecast.reports.staffing_figures import (
    agents_curves,
    day_that_moves,
    days_ranges,
    ways_to_plan,
)
from forecast.reports.style import svg

INTERVAL = {"aht_s": 240, "answer_within_s": 20}


def legend(figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_curves_are_in_percent_and_leave_out_waits_without_bound():
    agents = np.arange(8, 15)
    results = {
        "A": erlang_a(10, agents, patience_s=120, **INTERVAL),
        "C": erlang_c(10, agents, **INTERVAL),
    }
    figure = agents_curves(agents, results, service_level=0.8, occupancy_max=0.85)
    level, busy, wait = figure.axes
    for number, result in enumerate(results.values()):
        np.testing.assert_allclose(level.lines[number].get_ydata(), 100 * result.service_level)
        np.testing.assert_allclose(busy.lines[number].get_ydata(), 100 * result.occupancy)
    assert np.isnan(wait.lines[1].get_ydata()).tolist() == [True] * 3 + [False] * 4
    assert level.lines[2].get_ydata() == [80, 80]
    assert busy.lines[2].get_ydata() == [85, 85]
    assert legend(figure) == ["A", "C", "goal"]


def test_ways_to_plan_stand_in_the_order_given_whatever_the_order_of_the_second_table():
    one = pd.DataFrame({"cost": [1e6, 2e6], "service_level": [0.7, 0.9]}, ["mean", "p90"])
    other = (one * [1.1, 1.05]).iloc[::-1]
    figure = ways_to_plan({"free": one, "ceiling": other}, target=0.8, currency="EUR")
    left, right = figure.axes
    assert left.lines[1].get_xdata().tolist() == pytest.approx([1100, 2200])
    assert right.lines[1].get_xdata().tolist() == pytest.approx([73.5, 94.5])
    assert left.get_ylim() == (1.5, -0.5)
    assert "EUR" in left.get_xlabel()


def test_days_have_their_median_and_range_side_by_side():
    days = pd.DataFrame(
        {
            "start": pd.to_datetime(["2024-01-01", "2024-01-02"]),
            "service_level_p10": [0.60, 0.70],
            "service_level_p50": [0.80, 0.81],
            "service_level_p90": [0.90, 0.95],
        }
    )
    figure = days_ranges({"joint": days, "alone": days}, target=0.8)
    first, second = figure.axes[0].containers
    drawn = first.lines[2][0].get_segments()
    assert [segment[:, 1].tolist() for segment in drawn] == [
        pytest.approx([60, 90]),
        pytest.approx([70, 95]),
    ]
    assert first.lines[0].get_ydata().tolist() == pytest.approx([80, 81])
    moved = [num2date(c.lines[2][0].get_segments()[0][0, 0]) for c in (first, second)]
    assert (moved[1] - moved[0]).total_seconds() == pytest.approx(7 * 3600, abs=1)
    assert sorted(legend(figure)) == ["alone", "joint", "target"]


def test_a_day_that_moves_has_a_stair_for_each_answer_and_is_the_same_picture_twice():
    day = Day([60, 90, 30], [8, 12, 6], interval_s=1800, aht_s=180, answer_within_s=20)
    answers = {"exact": transient_chain(day), "SIPP": sipp(day)}
    figure = day_that_moves(day, answers, opens_h=8, target=0.8)
    top, bottom = figure.axes
    values, edges, _ = bottom.patches[0].get_data()
    np.testing.assert_allclose(values, 100 * answers["exact"].service_level)
    assert edges.tolist() == [8, 8.5, 9, 9.5]
    np.testing.assert_allclose(top.patches[1].get_data()[0], day.load)
    again = day_that_moves(day, answers, opens_h=8, target=0.8)
    assert svg(figure, "day") == svg(again, "day")
