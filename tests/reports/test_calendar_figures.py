"""The calendar's figures: hostile and long names, one day and three years, many events and none."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from forecast.calendars.build import build_calendar
from forecast.reports.calendar_figures import COLOURS, calendar_year
from forecast.reports.calendar_notes import (
    days_of,
    event_notes,
    holiday_notes,
    lanes_of,
    packed,
    plain,
    shown_events,
)
from forecast.reports.kind_figures import MOST_KINDS, kind_curves
from forecast.reports.style import svg
from forecast.reports.words import of
from forecast.schema import DAY_TYPES, EVENTS, KIND_EFFECTS, as_known, events_at
from tests.conftest import make_history, raw_event, raw_events

DAY = pd.Timedelta(days=1)
HOSTILE = ["<b>&\"'", "$x_1^2$", r"$\frac{", "客服热线" * 9, "two\nlines\x00\u202e", "", "%s {0}"]


def calendar_of(params, country, first, days, events=()):
    """Return CALENDAR and EVENTS of a centre that reports in the hours of ``small_params``."""
    history = make_history(days)
    later = pd.Timestamp(first, tz="UTC") - pd.Timestamp("2024-01-01", tz="UTC")
    history = history.assign(ds=history["ds"] + later)
    own = params.override({"calendars.country": country, "calendars.open_on_holidays": []})
    built = build_calendar(history, raw_events(*events), own)
    return as_known(built.calendar), events_at(built.events)


def many_events(first, count):
    start = pd.Timestamp(first)
    return [
        raw_event(f"e{i}", f"{start + 8 * i * DAY}", f"{start + (8 * i + 1 + i % 20) * DAY}")
        for i in range(count)
    ]


@pytest.fixture(scope="module")
def cn(small_params):
    """China 2025 and 2026, with an evening's event and one past the new year."""
    events = [
        raw_event("evening", "2025-11-10 20:00", "2025-11-10 23:30", name="opening night"),
        raw_event("long", "2025-12-28", "2026-01-03", name="year's end"),
    ]
    return calendar_of(small_params, "CN", "2025-01-01", 730, events)


def texts(figure):
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_every_day_type_has_a_colour():
    assert set(COLOURS) == set(DAY_TYPES)


def test_the_colours_are_apart_also_for_those_who_do_not_see_red_or_green():
    # Machado, Oliveira & Fernandes (2009): protan- and deuteranopia, on linear light.
    seen_by = {
        "all": np.eye(3),
        "protanopia": [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
        "deuteranopia": [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
    }
    for matrix in seen_by.values():
        linear = np.array([to_rgb(colour) for colour in COLOURS.values()]) ** 2.2
        seen = np.clip(linear @ np.array(matrix).T, 0, 1) ** (1 / 2.2)
        for one, other in combinations(seen, 2):
            assert np.linalg.norm(one - other) > 0.15
    assert min(np.dot(to_rgb(c), (0.3, 0.59, 0.11)) for c in COLOURS.values()) > 0.5


def test_chinas_make_up_workdays_and_breaks_are_named(cn):
    calendar, events = cn
    told = texts(calendar_year(calendar, events))
    assert "1 New Year · 26 works as Mon · 28–31 Spring Festival" in told
    assert "1–3 National Day · 6 Mid-Autumn · 7–8 National Day" in told
    # A weekend inside a break does not cut it.
    assert "1–7 National Day · 10 works as Wed" in told


def test_the_figures_speak_the_language_that_they_are_asked_in(cn):
    figure = calendar_year(*cn, ahead_from=pd.Timestamp("2026-12-20"), words=of("zh"))
    told = legend(figure)
    assert {"工作日", "调休上班", "调休放假", "不营业", "安排尚未公布", "促销或事件"} <= set(told)
    assert "1 New Year · 26 按周一上班 · 28–31 Spring Festival" in texts(figure)
    kinds = kind_curves(kind_rows(), words=of("zh"))
    assert kinds.axes[0].get_title(loc="left") == "促销\n历史 3 次"
    assert legend(kinds) == ["来电量", "90% 区间", "事件期间"]


def test_an_event_is_named_in_each_of_its_months(cn):
    calendar, events = cn
    told = texts(calendar_year(calendar, events))
    assert {"10 opening night", "28–31 year's end", "1–2 year's end"} <= set(told)


def test_the_legend_has_what_is_there_and_no_more(small_params, cn):
    plain_days, none = calendar_of(small_params, "US", "2024-02-26", 3)
    assert legend(calendar_year(plain_days, none)) == ["working day", "weekend"]
    told = legend(calendar_year(*cn, ahead_from=pd.Timestamp("2026-12-20")))
    assert {"make-up workday", "day off in lieu", "closed", "not published yet"} <= set(told)
    assert {"promotion or event", "past | ahead"} <= set(told)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    ("country", "first", "days", "count"),
    [("US", "2024-03-01", 1, 0), ("CN", "2024-01-15", 1090, 40), ("US", "2024-01-15", 365, 40)],
)
def test_it_is_drawn_for_a_day_and_for_three_years(
    small_params, country, first, days, count, narrow
):
    calendar, events = calendar_of(small_params, country, first, days, many_events(first, count))
    figure = calendar_year(calendar, events, ahead_from=pd.Timestamp(first), narrow=narrow)
    text = svg(figure, "calendar")
    assert text.startswith("<svg")
    assert len(text) < 200_000
    wide, high = figure.get_size_inches()
    for word in figure.axes[0].texts:
        x, y = word.get_position()
        assert 0 <= x < wide
        assert 0 <= y < high


def test_only_the_last_months_are_drawn(cn):
    figure = calendar_year(*cn, months=3)
    assert [text for text in texts(figure) if text[:3].isalpha()] == ["Nov 2026", "Dec", "Jan 2027"]


def test_the_stair_stands_before_the_first_day_ahead(cn):
    figure = calendar_year(*cn, ahead_from=pd.Timestamp("2026-12-01"), months=2)
    stair = figure.axes[0].lines[-1]
    assert stair.get_xdata()[1] == stair.get_xdata()[3]
    none = calendar_year(*cn, ahead_from=pd.Timestamp("2029-01-01"), months=2)
    assert len(none.axes[0].lines) == len(figure.axes[0].lines) - 1


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_shown_as_text_whatever_they_are(small_params, name):
    sale = raw_event("sale", "2024-03-02", "2024-03-05", name=name)
    calendar, events = calendar_of(small_params, "US", "2024-03-01", 10, [sale])
    calendar = calendar.assign(holiday=calendar["holiday"].where(calendar["ds"].dt.day != 7, name))
    kinds = kind_rows(kind=name)
    for figure in (calendar_year(calendar, events), kind_curves(kinds)):
        text = svg(figure, "x")
        assert "<b>" not in text
        assert "\x00" not in text
        assert "\u202e" not in text
        if "$" in name:
            assert name in text


def test_long_names_are_cut_and_long_lists_are_counted():
    assert plain("x" * 90, 10) == "x" * 9 + "…"
    assert plain("客" * 90, 10) == "客" * 4 + "…"
    lines = packed([f"{i} name" for i in range(40)], 40)
    assert len(lines) == 3
    shown = sum(line.count("name") for line in lines)
    assert lines[-1].endswith(f"+ {40 - shown}")
    assert all(len(line) <= 40 for line in lines)
    assert packed([], 40) == []


def test_events_on_at_one_time_lie_in_lanes_of_their_own():
    day = pd.Timestamp("2024-03-01")
    spans = [(0, 5), (1, 3), (3, 4), (3, 6), (4, 9), (9, 10)]
    frame = pd.DataFrame([(day + a * DAY, day + b * DAY) for a, b in spans])
    assert lanes_of(frame.set_axis(["start", "end"], axis=1)) == [0, 1, 1, 2, 1, 0]


def test_holidays_are_no_bars_and_events_outside_are_left_out(small_params):
    events = [raw_event(f"e{month}", f"2024-{month}-01", f"2024-{month}-02") for month in (1, 2, 9)]
    calendar, told = calendar_of(small_params, "US", "2024-01-30", 20, events)
    shown = shown_events(told, days_of(calendar))
    assert shown["event_id"].tolist() == ["e2"]
    assert [note.text for note in event_notes(shown)] == ["1 e2"]
    named = [note.text for note in holiday_notes(days_of(calendar))]
    assert named == ["19 Washington's Birthday"]


def test_the_pictures_are_the_same_each_time(cn):
    kinds = pd.concat([kind_rows(kind=f"k{i}") for i in range(3)])
    for draw in (lambda: calendar_year(*cn), lambda: kind_curves(kinds)):
        assert svg(draw(), "x") == svg(draw(), "x")


def kind_rows(*, kind="promotion", most=1.5, target="offered", pool="event", queue="sales"):
    """Return KIND_EFFECTS of one kind: three days before, two during, twenty after."""
    phases = [("before", 3), ("during", 2), ("after", 20)]
    rows = [
        {"phase": phase, "day": day, "effect": most if phase == "during" else 1.0}
        for phase, days in phases
        for day in range(1, days + 1)
    ]
    frame = pd.DataFrame(rows).assign(
        site="main", queue=queue, channel="voice", target=target, kind=kind, pool=pool,
        known_events=3,
    )  # fmt: skip
    frame = frame.assign(effect_q05=frame["effect"] * 0.9, effect_q95=frame["effect"] * 1.1)
    return KIND_EFFECTS.validate(frame[KIND_EFFECTS.names])


def test_kinds_are_drawn_in_percent_around_their_start():
    rows = pd.concat([kind_rows(most=1.5), kind_rows(most=1.1, target="aht_s")])
    figure = kind_curves(rows)
    ax = figure.axes[0]
    volume, handle_time = (line for line in ax.lines if len(line.get_xdata()) > 2)
    assert volume.get_xdata()[:6].tolist() == [-3, -2, -1, 0, 1, 2]
    assert volume.get_ydata()[2:6] == pytest.approx([0, 50, 50, 0])
    assert handle_time.get_ydata()[3] == pytest.approx(10)
    assert volume.get_xdata()[-1] == 15, "two weeks after its end"
    assert legend(figure) == ["contacts", "handle time", "90 % band", "while it is on"]
    assert [text.get_text() for text in ax.get_xticklabels()] == [
        "3 d\nbefore",
        "start",
        "14 d\nafter",
    ]


def test_the_largest_kinds_are_drawn_in_whichever_direction():
    sizes = {f"k{i}": 1 + i / 100 for i in range(10)} | {"holiday: Rest": 0.2}
    figure = kind_curves(pd.concat([kind_rows(kind=k, most=m) for k, m in sizes.items()]))
    titles = [ax.get_title(loc="left") for ax in figure.axes if ax.get_visible()]
    assert titles[:2] == ["Rest\nholiday, 3 known", "k9\n3 known"]
    assert len(titles) == MOST_KINDS


def test_with_several_series_each_panel_names_its_own():
    figure = kind_curves(pd.concat([kind_rows(queue="a"), kind_rows(queue="b")]), columns=2)
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == [f"promotion\n3 known\nmain / {queue} / voice" for queue in "ab"]


def test_no_kinds_and_no_events_are_no_errors(small_params):
    assert "No kind of event" in svg(kind_curves(KIND_EFFECTS.empty()), "kinds")
    calendar, _ = calendar_of(small_params, "US", "2024-03-01", 5)
    assert "promotion or event" not in legend(calendar_year(calendar, EVENTS.empty()))
