"""The page and its figures, for one queue and for several with hostile names."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from forecast.accuracy import scores
from forecast.acd.quality import findings
from forecast.backtest import backtest
from forecast.calendars.build import build_calendar
from forecast.capacity.demand import demand_of
from forecast.capacity.handle_time import aht_by_series
from forecast.capacity.service import service_by
from forecast.features import build_features
from forecast.predict import live_forecast
from forecast.reports.figures import COVERAGE
from forecast.reports.html import render, report_figures
from forecast.reports.special import MOST_CALENDARS
from forecast.reports.staffing import series_rows
from forecast.reports.style import svg
from forecast.reports.summary import Tables, daily_totals, headline, period_total
from forecast.scenarios import run_scenarios
from forecast.schema import LEDGER, QUARANTINE, UNEXPLAINED, as_known
from forecast.select import plans, replay
from tests.conftest import make_history, raw_event, raw_events

HOSTILE = ["<script>alert(1)</script>", "$x_1^2$ & 客服"]
FACTS = {
    "version": "holidays",
    "opening_source": "given",
    "opening_hours": [],
    "opening_yaml": "",
    "holidays": [{"date": "2024-04-01", "name": "<i>All Fools</i>", "open": True}],
    "provisional_years": {"main": []},
}
SALES = [
    raw_event("sale_1", "2024-02-06", "2024-02-08", name="Spring <i>sale</i>"),
    raw_event("sale_2", "2024-04-02", "2024-04-03", "2024-03-20", name="Easter <i>sale</i>"),
]
TRACE = {"plan_id": "abc", "tables": {}, "calendar_version": "holidays"}


@pytest.fixture(scope="module")
def made(small_params):
    history = pd.concat([make_history(90, queue=q, seed=i) for i, q in enumerate(HOSTILE)])
    out = (history["queue"] == HOSTILE[0]) & (history["ds"].dt.strftime("%m-%d") == "03-04")
    history = history[~out].reset_index(drop=True)
    built = build_calendar(history, raw_events(*SALES), small_params)
    features = build_features(history, built.calendar, built.events, small_params)
    means = backtest(features, built.events, small_params)
    past = replay(means, small_params.select)
    chosen = plans(means, past, features, small_params.select)
    live = live_forecast(features, built.events, chosen, small_params)
    aht_s = aht_by_series(history, small_params.capacity)
    demand = demand_of(live.paths, aht_s, aht_effect=live.forecast)
    what_if = run_scenarios(demand, small_params)
    base = what_if.requirement[what_if.requirement["scenario"] == "base"]
    taken = {c.name: "=1+1" if c.dtype == "str" else 1 for c in LEDGER.columns}
    taken |= {"profile": "cells", "form": "csv", "encoding": "", "rejected": "", "replaced_by": ""}
    refused = taken | {"file": "b<i>.csv", "profile": "", "rejected": "no <b> column"}
    ledger = pd.DataFrame([taken | {"ignored": "total:4;blank:1"}, refused])
    quarantine = pd.DataFrame({c.name: pd.Series(dtype=c.dtype) for c in QUARANTINE.columns})
    tables = Tables(
        history=history,
        features=features,
        forecast=live.forecast,
        paths=live.paths,
        scores=scores(past, features),
        requirement=base,
        service=service_by(demand, base["agents"].to_numpy(), small_params.capacity),
        plan=what_if.plan,
        cost_lines=what_if.cost_lines,
        kpis=what_if.kpis,
        ledger=ledger,
        quarantine=quarantine,
        findings=findings(history, small_params.ingest.zone),
        calendar=as_known(built.calendar),
        events=built.events,
        event_effects=live.explained.event_effects,
        kind_effects=live.explained.kind_effects,
        unexplained=live.explained.unexplained,
        mended=live.mended,
    )
    return tables, chosen


@pytest.fixture(scope="module")
def page(made, small_params):
    tables, chosen = made
    return render(tables, small_params, chosen, calendar=FACTS, trace=TRACE)


def test_names_from_data_are_text_and_nothing_else(page):
    assert "<script" not in page
    assert "<i>" not in page
    assert "&lt;i&gt;All Fools" in page
    assert "&lt;script&gt;" in page
    assert "客服" in page


def test_the_page_needs_nothing_from_outside(page):
    outside = re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?([a-z]+:)', page)
    assert set(outside) <= {"data:"}


def test_the_same_input_gives_the_same_page(page, made, small_params):
    tables, chosen = made
    assert render(tables, small_params, chosen, calendar=FACTS, trace=TRACE) == page


def test_every_table_row_has_as_many_cells_as_its_header(page):
    for table in re.findall(r"<table>.*?</table>", page, flags=re.S):
        header, *rows = re.findall(r"<tr.*?</tr>", table, flags=re.S)
        for row in rows:
            assert row.count("<td") == header.count("<th"), row


def test_the_page_names_the_service_level_and_the_assumptions(page):
    assert re.search(
        r"definition <em>offered</em>: what share of offered calls are answered within 20 s", page
    )
    assert "aht_s = 240.0" in page


def test_the_calendar_is_a_section_of_its_own_before_the_accuracy(page):
    section = calendar_section(page)
    assert section.count("<svg") == 4
    assert "Easter &lt;i&gt;sale&lt;/i&gt;" in section[section.index("<h3>Ahead") :]
    assert "Spring &lt;i&gt;sale&lt;/i&gt;" in section[section.index("<h3>Past") :]
    assert "Events of the kind <code>outage</code> are kept out of training" in section
    assert "None is in the calendar." in section


def calendar_section(page):
    return page[page.index("<h2>Calendar:") : page.index("<h2>How far to trust it")]


def test_sites_with_calendars_of_their_own_have_figures_of_their_own(made, small_params):
    tables, chosen = made
    sites = [
        tables.calendar.assign(site=f"<b>{number}", holiday=f"feast {number}")
        for number in range(MOST_CALENDARS + 2)
    ]
    tables = replace(tables, calendar=pd.concat([tables.calendar, *sites], ignore_index=True))
    section = calendar_section(render(tables, small_params, chosen, calendar=FACTS, trace=TRACE))
    assert section.count("<figure") == MOST_CALENDARS + 1
    assert "&lt;b&gt;0. What is special when" in section
    assert "Not drawn: the calendars of &lt;b&gt;4, &lt;b&gt;5, main." in section


def test_an_event_of_a_kind_never_seen_is_marked(made, small_params):
    tables, chosen = made
    effects = tables.event_effects.assign(basis="pool", kind="<u>new</u>")
    guessed = replace(tables, event_effects=effects)
    section = calendar_section(render(guessed, small_params, chosen, calendar=FACTS, trace=TRACE))
    assert '<td class="text off">guessed from other kinds !</td>' in section
    assert "<u>" not in section


def test_the_page_stands_with_empty_tables_of_events(made, small_params):
    tables, chosen = made
    none = {
        name: getattr(tables, name).head(0)
        for name in ("events", "event_effects", "kind_effects", "unexplained")
    }
    page = render(replace(tables, **none), small_params, chosen, calendar=FACTS, trace=TRACE)
    section = calendar_section(page)
    assert "No holiday, promotion or event reaches into the forecast." in section
    assert "is explained by the calendar and by chance" in section
    assert section.count("<svg") == 2


def test_events_to_name_have_lines_to_paste(made, small_params):
    tables, chosen = made
    row = {
        "site": "main", "queue": HOSTILE[0], "channel": "voice",
        "start": pd.Timestamp("2024-02-01 09:00"), "end": pd.Timestamp("2024-02-01 11:00"),
        "what": "silent", "offered": 3.0, "expected": 120.0, "size": -117.0, "z": -20.0,
    }  # fmt: skip
    found = UNEXPLAINED.validate(pd.DataFrame([row]))
    tables = replace(tables, unexplained=found)
    section = calendar_section(render(tables, small_params, chosen, calendar=FACTS, trace=TRACE))
    assert "-117 (-98 %)" in section
    queue = "&lt;script&gt;alert(1)&lt;/script&gt;"
    line = f"to-name-2024-02-01 {queue},silent 2024-02-01,outage,2024-02-01 09:00,2024-02-01 11:00,"
    assert f"{line}{queue},1,2024-02-02" in section


def test_opening_hours_are_told_with_the_keys_that_are_set(made, small_params):
    tables, chosen = made
    window = {"dates": ["2024-12-24"], "closed": True, "queues": ["<i>sales</i>"]}
    given = FACTS | {"opening_hours": [window]}
    page = render(tables, small_params, chosen, calendar=given, trace=TRACE)
    assert "2024-12-24 closed (queue &lt;i&gt;sales&lt;/i&gt;)." in page
    learned = FACTS | {"opening_source": "learned", "opening_yaml": "- queues: [<i>]\n"}
    page = render(tables, small_params, chosen, calendar=learned, trace=TRACE)
    assert "<pre>calendars:\n  opening_hours:\n  - queues: [&lt;i&gt;]\n</pre>" in page


def test_days_in_doubt_are_told(made, small_params):
    tables, chosen = made
    late = tables.calendar["local"] >= pd.Timestamp("2024-04-01")
    calendar = tables.calendar.assign(doubt=late * 0.5)
    facts = FACTS | {"provisional_years": {"main": [2024]}}
    tables = replace(tables, calendar=calendar)
    section = calendar_section(render(tables, small_params, chosen, calendar=facts, trace=TRACE))
    assert "make-up workdays of 2024 are not published yet" in section
    assert re.search(r"\d days in the forecast .* up to 50 %", section)
    assert "by up to ± 25 %" in section
    assert "not published yet" in section[section.index("<svg") : section.index("</svg>")]


def test_data_quality_is_a_section_of_its_own_before_the_files(page):
    quality, files = page.index("<h2>Data quality</h2>"), page.index("<h2>What it was made from")
    assert page.index("<h2>How far to trust it") < quality < files
    assert "Days without any report" in page[quality:files]
    out = (
        "4 March 2024: no report of queue &lt;script&gt;alert(1)&lt;/script&gt;. Nothing is filled"
    )
    assert out in page[quality:files]
    assert "2024-03-04 (Mon) &lt;script&gt;" in page[quality:files]


def test_what_has_no_findings_says_so(made, small_params):
    tables, chosen = made
    none = replace(tables, findings=tables.findings.head(0))
    page = render(none, small_params, chosen, calendar=FACTS, trace=TRACE)
    assert "No outage, odd day or interval" in page


def test_long_lists_of_findings_are_folded_and_unknown_kinds_have_a_heading(made, small_params):
    tables, chosen = made
    rows = [("outage", 9), ("new_kind", 2)]
    many = pd.DataFrame(
        [
            {"kind": k, "place": f"{i}", "size": float(i), "text": f"{k} of size {i}"}
            for k, n in rows
            for i in range(n)
        ]
    )
    page = render(replace(tables, findings=many), small_params, chosen, calendar=FACTS, trace=TRACE)
    folded = page.index("<summary>The others</summary>")
    assert page.index("outage of size 6") < folded < page.index("outage of size 5")
    assert page.count("<summary>The others</summary>") == 1
    assert "<b>New kind</b>" in page


def test_the_ledger_says_how_a_file_was_read_and_why_another_was_not(page):
    assert '<td class="text">cells, csv</td>' in page
    assert "(total 4, blank 1)" in page
    assert '<td class="text">rejected</td>' in page
    assert "Nothing was taken from:</b> b&lt;i&gt;.csv (no &lt;b&gt; column)." in page


def test_coverage_leaves_out_days_that_the_calendar_calls_closed(made, small_params):
    tables, _ = made
    closed = tables.features["date"] == pd.Timestamp("2024-03-04")
    shut = tables.features.assign(open_min=tables.features["open_min"].mask(closed, 0.0))
    for features, gap in ((tables.features, True), (shut, False)):
        figure = report_figures(replace(tables, features=features), small_params)["coverage"]
        pixels = figure.axes[0].images[0].get_array()
        assert bool((pixels == to_rgb(COVERAGE["none"][1])).all(axis=2).any()) == gap


def test_daily_totals_add_up_over_queues(made):
    tables, _ = made
    totals = daily_totals(tables).set_index("date")
    day = pd.Timestamp("2024-02-05")
    own = tables.history[tables.history["ds"].dt.strftime("%Y-%m-%d") == "2024-02-05"]
    assert totals.loc[day, "y"] == own["offered"].sum()
    ahead = totals["mean"].dropna()
    assert ahead.sum() == pytest.approx(period_total(tables.paths)["mean"])
    assert (totals["p10"].dropna() <= totals["p90"].dropna()).all()


def test_figures_are_drawn_for_all_and_are_the_same_each_time(made, small_params):
    tables, _ = made
    first = {n: svg(f, n) for n, f in report_figures(tables, small_params).items()}
    second = {n: svg(f, n) for n, f in report_figures(tables, small_params).items()}
    assert first == second
    plain = {"daily", "first_open_day", "agents", "scenarios", "accuracy", "coverage"}
    calendar = {"calendar_1", "calendar_1_narrow", "kinds", "kinds_narrow"}
    assert set(first) == plain | calendar
    assert all(text.startswith("<svg") for text in first.values())


def test_the_headline_has_the_plans_numbers(made, small_params):
    tables, _ = made
    words = headline(tables, small_params, "abc")
    base = tables.plan[(tables.plan["scenario"] == "base") & tables.plan["is_plan"]].iloc[0]
    assert f"{base['cost']:,.0f}" in words
    assert f"{base['fte']:,.1f} FTE" in words
    assert "assumed, not measured: aht_s" in words


def test_a_baseline_that_stepped_in_is_named_as_one(made, small_params):
    tables, chosen = made
    words = "a simple baseline that was better than all models"
    for champion, wanted in (("seasonal_naive", 1), ("ensemble", 0)):
        (first, *others) = (
            replace(
                plan,
                selection={h: replace(c, champion="ensemble") for h, c in plan.selection.items()},
            )
            for plan in chosen
        )
        choice = replace(first.selection["1_week"], champion=champion)
        guarded = replace(first, selection={**first.selection, "1_week": choice})
        shown = render(tables, small_params, [guarded, *others], calendar=FACTS, trace=TRACE)
        assert shown.count(words) == wanted


def test_the_handle_time_of_a_series_is_the_mean_over_its_contacts():
    # 100 contacts of 200 s and 300 of 300 s: 110 000 s over 400.
    rows = pd.DataFrame({"site": "a", "queue": "b", "channel": "voice", "offered": [100.0, 300.0],
                         "aht_s": [200.0, 300.0], "agents": 10, "open_min": 30.0,
                         "service_level": 0.8})  # fmt: skip
    (row,) = series_rows(rows)
    assert row["aht_s"] == pytest.approx(275)
