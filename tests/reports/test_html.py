"""The page and its figures, for one queue and for several with hostile names."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from forecast.accuracy import scores
from forecast.acd.quality import findings
from forecast.backtest import backtest
from forecast.capacity.demand import demand_of
from forecast.capacity.handle_time import aht_by_series
from forecast.predict import live_forecast
from forecast.reports.figures import COVERAGE, svg
from forecast.reports.html import render, report_figures
from forecast.reports.summary import Tables, daily_totals, headline, period_total
from forecast.scenarios import run_scenarios
from forecast.schema import LEDGER, QUARANTINE
from forecast.select import plans, replay
from tests.conftest import features_of, make_history

HOSTILE = ["<script>alert(1)</script>", "$x_1^2$ & 客服"]
FACTS = {
    "version": "holidays",
    "opening_source": "given",
    "opening_hours": [],
    "holidays": [{"date": "2024-04-01", "name": "<i>All Fools</i>", "open": True}],
}
TRACE = {"plan_id": "abc", "tables": {}, "calendar_version": "holidays"}


@pytest.fixture(scope="module")
def made(small_params):
    history = pd.concat([make_history(90, queue=q, seed=i) for i, q in enumerate(HOSTILE)])
    out = (history["queue"] == HOSTILE[0]) & (history["ds"].dt.strftime("%m-%d") == "03-04")
    history = history[~out].reset_index(drop=True)
    features = features_of(history, small_params)
    means = backtest(features, small_params)
    past = replay(means, small_params.select)
    chosen = plans(means, past, features, small_params.select)
    live = live_forecast(features, chosen, small_params)
    demand = demand_of(live.paths, aht_by_series(history, small_params.capacity))
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
        plan=what_if.plan,
        ledger=ledger,
        quarantine=quarantine,
        findings=findings(history, small_params.ingest.zone),
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
    assert re.search(r"share of <em>offered</em> contacts answered within 20 s", page)
    assert "aht_s = 240.0" in page


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
    assert set(first) == {"daily", "first_open_day", "agents", "scenarios", "accuracy", "coverage"}
    assert all(text.startswith("<svg") for text in first.values())


def test_the_headline_has_the_plans_numbers(made, small_params):
    tables, _ = made
    words = headline(tables, small_params, "abc")
    base = tables.plan[(tables.plan["scenario"] == "base") & tables.plan["is_plan"]].iloc[0]
    assert f"{base['cost']:,.0f}" in words
    assert f"{base['fte']:,.1f} FTE" in words
    assert "assumed, not measured: aht_s" in words
