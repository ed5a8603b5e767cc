"""The page and its figures, for one queue and for several with hostile names."""

import re

import pandas as pd
import pytest

from forecast.accuracy import scores
from forecast.backtest import backtest
from forecast.capacity.demand import demand_of
from forecast.capacity.handle_time import aht_by_series
from forecast.predict import live_forecast
from forecast.reports.figures import svg
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
    features = features_of(history, small_params)
    means = backtest(features, small_params)
    past = replay(means, small_params.select)
    chosen = plans(means, past, features, small_params.select)
    live = live_forecast(features, chosen, small_params)
    demand = demand_of(live.paths, aht_by_series(history, small_params.capacity))
    what_if = run_scenarios(demand, small_params)
    base = what_if.requirement[what_if.requirement["scenario"] == "base"]
    ledger = pd.DataFrame([{c.name: "=1+1" if c.dtype == "str" else 1 for c in LEDGER.columns}])
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
    )
    return tables, chosen


@pytest.fixture(scope="module")
def page(made, small_params):
    tables, chosen = made
    return render(tables, small_params, chosen, calendar=FACTS, trace=TRACE)


def test_names_from_data_are_text_and_nothing_else(page):
    assert "<script" not in page
    assert "<i>All" not in page
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
    assert set(first) == {"daily", "first_open_day", "agents", "scenarios", "accuracy"}
    assert all(text.startswith("<svg") for text in first.values())


def test_the_headline_has_the_plans_numbers(made, small_params):
    tables, _ = made
    words = headline(tables, small_params, "abc")
    base = tables.plan[(tables.plan["scenario"] == "base") & tables.plan["is_plan"]].iloc[0]
    assert f"{base['cost']:,.0f}" in words
    assert f"{base['fte']:,.1f} FTE" in words
    assert "assumed, not measured: aht_s" in words
