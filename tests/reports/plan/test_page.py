"""plan.html: what it says, that it needs nothing, and that names from data are harmless."""

import re
import time
from dataclasses import replace

import pandas as pd
import pytest

from forecast.reports.plan.material import traded
from forecast.reports.plan.page import SECTIONS, render, render_section
from forecast.reports.words import of
from forecast.schema import UNEXPLAINED
from tests.reports.conftest import FACTS, HOSTILE, in_language

LANGUAGES = ["en", "zh"]
SCRIPT = "&lt;script&gt;alert(1)&lt;/script&gt;"


def section_of(page, name):
    start = page.index(f'<section id="{name}"')
    return page[start : page.index("</section>", start)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_from_data_are_text_and_nothing_else(pages, language):
    page = pages[language].html
    assert page.count("<script") == 2, "the sliders and their grid"
    assert "<script>alert" not in page
    assert SCRIPT in page
    assert "<i>" not in page
    assert "&lt;i&gt;All Fools" in page
    assert "Easter &lt;i&gt;sale&lt;/i&gt;" in page
    assert "&lt;b&gt; column" in page
    # The sign that turns the direction is text in tables and not in figures.
    drawn = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert not any("\u202e" in figure for figure in drawn)
    assert HOSTILE[1][:40] in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_needs_nothing_from_outside(pages, language):
    page = pages[language].html
    links = re.findall(r"""(?:src|href|url|action)\s*[=(]\s*["']?([^"'\s)>]*)""", page)
    assert {link.split(",")[0][:5] for link in links if not link.startswith("#")} <= {"data:"}
    assert "@import" not in page
    assert "http" not in re.sub(r'xmlns(:xlink)?="[^"]*"|http-equiv', "", page)
    assert len(page.encode()) < 3_000_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_within_the_page_leads_somewhere(pages, language):
    page = pages[language].html
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) - set(ids) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_are_whole_and_figures_have_a_text(pages, language):
    page = pages[language].html
    for table in re.findall(r"<table.*?</table>", page, flags=re.DOTALL):
        header, *rows = re.findall(r"<tr.*?</tr>", table, flags=re.DOTALL)
        assert 'scope="col"' in header
        for row in rows:
            cells = [part.count("<td") + part.count("<th") for part in (row, header)]
            assert cells[0] == cells[1], row
            assert '<th scope="row"' in row
    svgs = re.findall(r"<svg[^>]*>", page)
    assert len(svgs) == 2 * len(pages[language].figures) >= 24
    assert all('role="img" aria-label="' in svg for svg in svgs)


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_are_in_order_and_the_language_is_said(pages, language):
    page = pages[language].html
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page)]
    assert levels[:2] == [1, 2]
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    assert levels.count(1) == 1
    assert levels.count(2) == len(SECTIONS)
    assert f'<html lang="{of(language).text("page.lang")}">' in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_to_fill_in(pages, language):
    page = re.sub(r"<(style|pre|script)[ >].*?</\1>", "", pages[language].html, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", page)
    assert not re.search(r"\bnan\b|NaN|NaT|\bNone\b(?! is)|\{\w*\}", text)
    if language == "zh":
        # Only codes, names from data, file names and the trade's abbreviations are Latin.
        told = re.sub(r'<(\w+)[^>]*lang="en".*?</\1>|<code>.*?</code>', "", page, flags=re.DOTALL)
        english = {"the", "and", "with", "agents", "hours", "contacts", "week", "day", "expected"}
        words = re.findall(r"(?<![\w./-])[a-z]+(?![\w./-])", re.sub(r"<[^>]*>", " ", told))
        assert not english & set(words)


def test_the_same_input_gives_the_same_page_in_time(pages, material):
    begin = time.process_time()
    assert render(material).html == pages["en"].html
    assert time.process_time() - begin < 15


def test_the_first_screen_has_the_plans_numbers(pages, material):
    ask = section_of(pages["en"].html, "ask")
    plan, fewer = traded(material.trade_off, 1.0), traded(material.trade_off, 0.9)
    assert f"<dd>{plan['heads']:,.0f}</dd>" in ask
    assert f"<dd>{material.base['fte']:,.1f}</dd>" in ask
    assert f"<dd>USD {material.base['cost']:,.0f}</dd>" in ask
    assert f"{100 * material.base['service_level']:.1f}\xa0%" in ask
    assert f"{100 * fewer['service_level']:.1f}\xa0%" in ask
    assert f"USD {plan['cost'] - fewer['cost']:,.0f}" in ask
    worst = material.weeks().sort_values("p_met").iloc[0]
    assert f"chance of {100 * worst['p_met']:.0f}\xa0%" in ask
    assert "No hiring plan is made" in ask
    assert "AHT: 240 s" in ask


def test_the_last_day_to_approve_is_the_soonest_of_all_classes(material):
    classes = pd.DataFrame(
        {
            "site": ["<b>north", "south", "south"],
            "size": [8, 12, 4],
            "approve_by": pd.to_datetime(["2024-04-01", "2024-04-08", "2024-05-06"]),
            "start": pd.to_datetime(["2024-05-13", "2024-05-20", "2024-06-17"]),
            "productive": pd.to_datetime(["2024-06-10", "2024-06-17", "2024-07-15"]),
            "latest_approval": pd.to_datetime(["2024-04-15", "2024-04-08", None]),
            "slack_weeks": [2.0, 0.0, None],
            "next_start_cost": [10.0, 20.0, None],
        }
    )
    told = replace(material, classes=classes)
    ask = render_section(told, "ask")
    assert "<dd>8 Apr 2024</dd>" in ask
    assert "the first class, of 12 people" in ask
    assert "3 classes, 24 hires" in ask
    hiring = render_section(told, "hiring")
    assert "&lt;b&gt;north" in hiring
    assert "<td>–</td>" in hiring
    none = replace(material, classes=classes.assign(latest_approval=pd.NaT))
    assert "No class has a last date" in render_section(none, "ask")
    assert "needs no class" in render_section(replace(material, classes=classes.head(0)), "hiring")


def test_coming_peaks_are_told_with_what_was_chosen_against_them(material):
    where = {"site": "main", "queue": HOSTILE[0], "channel": "voice", "peak_id": "618"}
    peak = where | {
        "name": "<i>618", "start": pd.Timestamp("2024-06-18 20:00"),
        "end": pd.Timestamp("2024-06-18 23:30"), "contacts": 900.0, "contacts_p10": 700.0,
        "contacts_p90": 1200.0, "p_short": 0.31, "gap_agents": 12, "gap_hours": 30.5,
        "worst_start": pd.Timestamp("2024-06-18 21:00"), "verdict": "short",
    }  # fmt: skip
    measures = [
        where | {"place": 1, "measure": "overtime", "hours": 8.0, "cost": 360.0,
                 "standing": "chosen"},
        where | {"place": 2, "measure": "temps", "hours": 0.0, "cost": 0.0,
                 "standing": "too late"},
    ]  # fmt: skip
    told = replace(material, peaks=pd.DataFrame([peak]), measures=pd.DataFrame(measures))
    section = render_section(in_language(told, "zh"), "peaks")
    assert "&lt;i&gt;618" in section
    assert "2024年6月18日 20:00至23:30" in section
    assert "<td>31%</td>" in section
    assert "加班 8 小时（360 美元）" in section
    assert "临时" not in section
    assert "尚未生成高峰清单" in render_section(in_language(material, "zh"), "peaks")
    none = replace(material, peaks=pd.DataFrame([peak]).head(0), measures=None)
    assert "No event, holiday" in render_section(none, "peaks")


def test_an_event_of_a_kind_never_seen_is_marked(material):
    effects = material.tables.event_effects.assign(basis="pool", kind="<u>new</u>")
    guessed = replace(material, tables=replace(material.tables, event_effects=effects))
    section = render_section(guessed, "calendar")
    assert '<td class="text off">guessed from other kinds !</td>' in section
    assert "<u>" not in section


def test_the_page_stands_with_empty_tables_of_events(material):
    names = ("events", "event_effects", "kind_effects", "unexplained")
    none = {name: getattr(material.tables, name).head(0) for name in names}
    section = render_section(replace(material, tables=replace(material.tables, **none)), "calendar")
    assert "No holiday, promotion or event reaches into the forecast." in section
    assert "is explained by the calendar and by chance" in section
    assert section.count("<svg") == 2


def test_events_to_name_have_lines_to_paste(material):
    row = {
        "site": "main", "queue": HOSTILE[0], "channel": "voice",
        "start": pd.Timestamp("2024-02-01 09:00"), "end": pd.Timestamp("2024-02-01 11:00"),
        "what": "silent", "offered": 3.0, "expected": 120.0, "size": -117.0, "z": -20.0,
    }  # fmt: skip
    found = UNEXPLAINED.validate(pd.DataFrame([row]))
    told = replace(material, tables=replace(material.tables, unexplained=found))
    section = render_section(told, "calendar")
    assert "\N{MINUS SIGN}117" in section
    assert "\N{MINUS SIGN}98\xa0%" in section
    line = "silent 2024-02-01,outage,2024-02-01 09:00,2024-02-01 11:00,"
    assert f"to-name-2024-02-01 {SCRIPT}" in section
    assert line in section


def test_days_in_doubt_and_learned_hours_are_told(material):
    late = material.tables.calendar["local"] >= pd.Timestamp("2024-04-01")
    calendar = material.tables.calendar.assign(doubt=late * 0.5)
    facts = FACTS | {
        "provisional_years": {"main": [2024]},
        "opening_source": "learned",
        "opening_yaml": "- queues: [<i>]\n",
    }
    tables = replace(material.tables, calendar=calendar)
    section = render_section(replace(material, tables=tables, calendar=facts), "calendar")
    assert "make-up workdays of 2024 are not published yet" in section
    assert "with a chance of up to 50\xa0%" in section
    assert "by up to ± 25\xa0%" in section
    assert "not published yet" in section[section.index("<svg") : section.index("</svg>")]
    assert "<pre>calendars:\n  opening_hours:\n  - queues: [&lt;i&gt;]\n</pre>" in section


def test_a_day_without_a_report_is_a_gap_and_a_finding(pages):
    quality = section_of(pages["en"].html, "quality")
    assert f"Mon 4 Mar 2024 {SCRIPT} $x_1^2$, 20 of 20 intervals" in quality
    assert "4 March 2024: no report of queue &lt;script&gt;" in quality
    assert "total 4, blank 1" in quality
    assert "rejected" in quality
    zh = section_of(pages["zh"].html, "quality")
    assert "全天没有上报" in zh
    assert ' / voice / 2024-03-04：1 天。 <span class="soft" lang="en">4 March 2024' in zh
    assert '<span class="soft" lang="en">' not in quality


def test_long_lists_of_findings_are_folded_and_unknown_kinds_have_a_heading(material):
    rows = [("outage", i) for i in range(9)] + [("new_kind", i) for i in range(2)]
    many = pd.DataFrame(
        [{"kind": k, "place": f"{i}", "size": float(i), "text": f"{k} of {i}"} for k, i in rows]
    )
    tables = replace(material.tables, findings=many)
    page = render_section(replace(material, tables=tables), "quality")
    folded = page.index("<summary>6 more</summary>")
    assert page.index("outage of 6") < folded < page.index("outage of 5")
    assert "<h3>new kind</h3>" in page
    none = replace(material, tables=replace(material.tables, findings=many.head(0)))
    assert "No outage, odd day" in render_section(none, "quality")


def test_a_baseline_that_stepped_in_is_named_as_one(material):
    def with_champion(plan, name):
        chosen = {h: replace(c, champion=name) for h, c in plan.selection.items()}
        return replace(plan, selection=chosen)

    for champion, wanted in (("seasonal_naive", 2 * len(material.plans)), ("ensemble", 0)):
        plans = [with_champion(plan, champion) for plan in material.plans]
        shown = render_section(replace(material, plans=plans), "accuracy")
        assert shown.count("a simple baseline that was better than all models") == wanted


def test_the_plan_is_marked_among_the_ways_to_staff(pages):
    capacity = section_of(pages["en"].html, "capacity")
    assert re.search(r'<tr class="strong"><th scope="row">all contacts [^<]*\(the plan\)', capacity)
    assert "of offered contacts that are answered within 20 s" in capacity
