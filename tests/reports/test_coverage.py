"""The heat map of coverage: hostile names, many queues, few days, honest colours."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from forecast.reports.figures import COVERAGE, MOST_QUEUES, coverage_heat_map
from forecast.reports.style import svg


def days_of(queue, share, *, offered=1, site="main", channel="voice"):
    date = pd.date_range("2024-01-01", periods=len(share), freq="D", unit="us")
    return pd.DataFrame(
        {"site": site, "queue": queue, "channel": channel, "date": date, "share": share}
    ).assign(offered=offered)


def labels_of(figure):
    return [text.get_text() for text in figure.axes[0].get_yticklabels()]


def test_the_largest_queue_comes_first_and_those_left_out_are_counted():
    frame = pd.concat([days_of(f"q{i}", [1.0] * 60, offered=i) for i in range(MOST_QUEUES + 3)])
    figure = coverage_heat_map(frame)
    assert labels_of(figure)[0] == f"q{MOST_QUEUES + 2}"
    assert len(labels_of(figure)) == MOST_QUEUES
    assert figure.axes[0].get_xlabel() == "smaller queues left out: 3"
    assert coverage_heat_map(days_of("a", [1.0] * 60)).axes[0].get_xlabel() == ""


@pytest.mark.parametrize("days", [10, 60, 90, 400, 900])
def test_no_two_ticks_say_the_same_day(days):
    figure = coverage_heat_map(days_of("a", [1.0] * days))
    figure.draw_without_rendering()
    axis = figure.axes[0].xaxis
    low, high = sorted(axis.get_view_interval())
    told = [t.get_text() for t, at in zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True)
            if low <= at <= high]  # fmt: skip
    beside = [a == b for a, b in zip(told, told[1:], strict=False)]
    assert len(told) > 1
    assert not any(beside), told


@pytest.mark.parametrize(
    ("share", "name"),
    [
        (1.0, "all"),
        (0.99, "most"),
        (0.9, "most"),
        (0.5, "half"),
        (0.02, "less"),
        (0.0, "none"),
        (np.nan, None),
    ],
)
def test_each_share_has_its_colour(share, name):
    pixels = coverage_heat_map(days_of("a", [share])).axes[0].images[0].get_array()
    assert tuple(pixels[0, 0]) == (to_rgb(COVERAGE[name][1]) if name else (1.0, 1.0, 1.0))


def test_the_darker_the_less_for_eyes_that_see_no_colour():
    grey = [np.dot(to_rgb(colour), (0.3, 0.59, 0.11)) for _, colour in COVERAGE.values()]
    assert (np.diff(grey) < -0.05).all()


def test_one_day_out_is_there_in_three_years():
    share = np.ones(1096)
    share[500] = 0
    pixels = coverage_heat_map(days_of("a", share)).axes[0].images[0].get_array()
    dark = (pixels == to_rgb(COVERAGE["none"][1])).all(axis=2).any(axis=0)
    assert dark.sum() == pixels.shape[1] // 1096


@pytest.mark.parametrize(
    "name", ["<b>&", "$x_1^2$", r"$\frac{", "客服热线" * 9, "two\nlines\x00\u202e", "", "%s {0}"]
)
def test_names_are_shown_as_text_whatever_they_are(name):
    text = svg(coverage_heat_map(days_of(name, [1.0] * 56)), "coverage")
    assert "<b>" not in text
    assert "\x00" not in text
    assert "\u202e" not in text
    if "$" in name:
        assert name in text


def test_long_names_are_cut_and_wide_signs_count_twice():
    assert labels_of(coverage_heat_map(days_of("x" * 90, [1.0])))[0] == "x" * 25 + "…"
    assert labels_of(coverage_heat_map(days_of("客" * 90, [1.0])))[0] == "客" * 12 + "…"


def test_channel_and_site_are_named_where_there_are_several():
    frame = pd.concat(
        [days_of("a", [1.0] * 9), days_of("a", [1.0] * 9, channel="chat", site="south")]
    )
    assert set(labels_of(coverage_heat_map(frame))) == {"a / voice / main", "a / chat / south"}


def test_the_picture_is_the_same_each_time_and_small():
    rng = np.random.default_rng(1)
    frame = pd.concat([days_of(f"q{i}", rng.random(1000), offered=i) for i in range(60)])
    first, second = (svg(coverage_heat_map(frame), "coverage") for _ in range(2))
    assert first == second
    assert len(first) < 400_000
    assert set(re.findall(r'href="([a-z]+:)', first)) <= {"data:"}
