"""The numbers of the page's sections, found a second way."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.kpi import conflicts, scorecard
from forecast.params import KpiParams, ShrinkageParams
from forecast.reports.lines import line_name
from forecast.reports.plan.accuracy import level_rows
from forecast.reports.plan.calendar import basis_words, dates_words, share_words, window_words
from forecast.reports.plan.capacity import hardest_day, heat, peak, week_hours
from forecast.reports.plan.demand import busiest, first_open_day, marked, week_totals
from forecast.reports.plan.kpi import conflict_of
from forecast.reports.plan.page import render_section
from forecast.reports.plan.peaks import busiest_days, what_is_on
from forecast.reports.plan.people import heads_by_contract, hours_by_activity
from forecast.reports.plan.quality import reported
from forecast.reports.plan.scenarios import in_order, scenarios
from forecast.reports.summary import first_day_ahead, period_total, rows_ahead
from forecast.reports.words import of
from forecast.schema import HEADS

EN, ZH = of("en"), of("zh")


def test_hours_of_the_weeks_add_up_to_the_plans(material):
    weeks, base = week_hours(material), material.base
    assert weeks["planned"].sum() == pytest.approx(base["agent_hours"])
    assert weeks["paid"].sum() == pytest.approx(base["paid_hours"])
    at_p90 = material.tables.plan.query("scenario == 'base' and risk == 'p90'")
    assert weeks["p90"].sum() == pytest.approx(at_p90["agent_hours"].item())
    assert (weeks["start"].dt.day_of_week == 0).all()
    assert weeks["days"].sum() == material.timed["day"].nunique()


def test_the_heat_map_is_the_mean_over_days(material):
    table, cells = material.timed, heat(material)
    monday = table[(table["day"].dt.day_of_week == 0) & (table["minute"] == 600)]
    days = monday["day"].nunique()
    assert cells.loc[0, 600] == pytest.approx(monday["agents"].sum() / days)


def test_the_peak_and_the_hardest_day_are_those_of_all_queues(material):
    table = material.timed
    sums: dict[pd.Timestamp, int] = {}
    for at, agents in zip(table["local"], table["agents"], strict=True):
        sums[at] = sums.get(at, 0) + agents
    assert peak(material)["agents"] == max(sums.values()) == material.base["peak_agents"]
    days = material.together.query("scenario == 'base' and period == 'day'").set_index("start")
    assert days["p_met"][hardest_day(material)] == days["p_met"].min()


def test_week_totals_are_sums_along_the_paths(material):
    weeks = week_totals(material)
    total = period_total(material.tables.paths)
    assert weeks["mean"].sum() == pytest.approx(total["mean"])
    assert (weeks["p10"] <= weeks["p50"]).all()
    assert (weeks["p50"] <= weeks["p90"]).all()
    # Joint: a sum of quantiles is not the quantile of the sum.
    assert weeks["p90"].sum() >= total["p90"]
    assert busiest(material)["mean"] == material.days["mean"].max()


def test_special_days_ahead_are_marked_and_the_busiest_days_named(material):
    names = marked(material)["name"].tolist()
    assert "Easter <i>sale</i>" in names
    assert "Spring <i>sale</i>" not in names, "it is past"
    days = busiest_days(material, 3)
    assert [day["date"] for day in days] == sorted(day["date"] for day in days)
    ahead = material.days.dropna(subset="mean")
    assert {day["date"] for day in days} == set(ahead.nlargest(3, "p90")["date"])


def test_a_day_is_named_by_all_that_is_on_from_its_first_to_its_last(material):
    first = material.tables.events.loc[material.tables.events["pool"] == "event", "start"].max()
    long = material.tables.events.assign(end=first + pd.Timedelta(days=3))
    m = replace(material, tables=replace(material.tables, events=long))
    for day in range(3):
        assert "Easter <i>sale</i>" in what_is_on(m, first.normalize() + pd.Timedelta(days=day))
    assert "Easter <i>sale</i>" not in what_is_on(m, first.normalize() + pd.Timedelta(days=4))


def test_the_ledgers_hours_add_up_to_the_paid_ones(material):
    rows = [
        {"name": n, "share": s, "of": of_, "place": p, "planned": n != "sick"}
        for n, s, of_, p in [("leave", 0.1, "paid", "out of office"),
        ("sick", 0.1, "rostered", "out of office"), ("breaks", 0.2, "office", "in office")]
    ]  # fmt: skip
    hours = hours_by_activity(material, ShrinkageParams(activities=rows))
    paid = material.base["paid_hours"]
    assert sum(hours.values()) == pytest.approx(paid)
    assert hours["breaks"] == pytest.approx(0.162 * paid)


@pytest.mark.parametrize("level", [0.7, 0.8, 0.9])
@pytest.mark.parametrize("busy", [0.6, 0.75, 0.795, 0.85])
def test_why_kpis_conflict_is_what_the_scorecard_says(level, busy):
    said = {
        "by agents who wait": "idle",
        "do not come at the same times": "mismatch",
        "without them": "overloaded",
        "ceiling sets the agents": "ceiling",
    }
    card = scorecard({"service_level": level, "occupancy": busy}, KpiParams())
    rows = card.set_index("kpi").to_dict("index")
    for why in conflicts(card)["why"]:
        (wanted,) = [code for words, code in said.items() if words in why]
        assert conflict_of(rows["service_level"], rows["occupancy"]) == wanted


def test_scenarios_and_their_steps_keep_the_order_of_the_settings(material):
    names = list(material.params.scenarios)
    told = scenarios(material, EN)
    assert [row["code"] for row in told["rows"]] == names
    order = in_order(material)["scenario"].drop_duplicates().tolist()
    assert order == [name for name in names if name in order]
    by_name = {row["code"]: row for row in told["rows"]}
    assert by_name["volume_up_20"]["what"] == "", "its name says it all"
    assert "ceiling on occupancy: 100\xa0%" in by_name["ninety_in_fifteen"]["what"]
    assert by_name["base"]["cost_share"] == 0


def test_a_bills_lines_are_named_part_by_part():
    zh = line_name("pay full <b>: rest day overtime night x 2", ZH)
    assert zh == "工资 full <b>：休息日 加班 夜班 × 2"
    assert line_name("pay part: workday", EN) == "pay part: workday"
    assert line_name("seat months", ZH) == "席位（月）"
    assert line_name("outsourced contacts at 3.5", EN) == "outsourced contacts at 3.5"


def test_closed_days_are_neither_reported_nor_absent(material):
    closed = material.tables.features["date"] == pd.Timestamp("2024-03-04")
    shut = material.tables.features["open_min"].mask(closed, 0.0)
    features = material.tables.features.assign(open_min=shut)
    told = replace(material, tables=replace(material.tables, features=features))
    for m, wanted in ((material, [0.0, 1.0]), (told, [])):
        own = reported(m)
        share = own.loc[own["date"] == pd.Timestamp("2024-03-04"), "share"].dropna()
        assert sorted(share.tolist()) == wanted


ROW = {"basis": "own", "start": pd.Timestamp("2026-06-01"), "known_events": 4}


@pytest.mark.parametrize(
    ("basis", "start", "said"),
    [
        ("own", "2026-06-01", "its own days"),
        ("own", "2026-06-16", "the days before it, and its kind (4 known)"),
        ("kind", "2026-06-16", "its kind (4 known)"),
        ("pool", "2026-06-16", "guessed from other kinds"),
    ],
)
def test_it_says_what_an_effect_rests_on(basis, start, said):
    row = ROW | {"basis": basis, "start": pd.Timestamp(start)}
    assert basis_words(row, EN, pd.Timestamp("2026-06-10")) == said


def test_effects_are_told_with_their_range():
    row = {"peak": 1.14, "peak_q05": 0.97, "peak_q95": 1.34}
    minus = "\N{MINUS SIGN}"
    assert share_words(row, "peak", EN) == ["+14\xa0%", f"{minus}3\xa0% to +34\xa0%"]
    assert share_words(dict.fromkeys(row, np.nan), "peak", ZH) == ["–", ""]


def test_hours_are_told_only_where_they_matter():
    day, half = pd.Timestamp("2026-06-16"), pd.Timedelta(hours=12)
    assert dates_words(day, day + 2 * half, EN) == "16 Jun 2026"
    assert dates_words(day, day + half, ZH) == "2026年6月16日至12:00"
    late = pd.Timestamp("2026-11-10 20:00")
    assert dates_words(late, pd.Timestamp("2026-11-12"), EN) == "10 Nov 2026 20:00 to 11 Nov 2026"


def test_opening_windows_are_told_with_what_is_set():
    window = {"days": ["sat"], "opens": "09:00", "closes": "12:00", "queues": ["a", "b"],
              "sites": ["north"], "valid_from": "2026-01-01", "known_on": "2025-12-01"}  # fmt: skip
    told = (
        "Sat 09:00 to 12:00 (site: north, queue: a, b, from: 1 Jan 2026, known since: 1 Dec 2025)"
    )
    assert window_words(window, EN) == told
    closed = {"dates": ["2026-02-17"], "closed": True}
    assert window_words(closed, ZH) == "2026年2月17日 不营业"


def test_the_first_day_ahead_is_one_for_sites_whose_midnights_differ(material):
    shift = pd.Timedelta(hours=12)
    t = material.tables
    both = {
        name: pd.concat([table, table.assign(site="east", ds=table["ds"] - shift)])
        for name, table in (("features", t.features), ("forecast", t.forecast))
    }
    two = replace(t, **both)
    assert first_day_ahead(two) == first_day_ahead(t)
    assert len(rows_ahead(two)) == 2 * len(rows_ahead(t))
    assert first_open_day(replace(material, tables=two)) == first_open_day(material)


@pytest.mark.parametrize("metric", ["pinball", "coverage_80", "width_80"])
def test_quantiles_are_told_of_every_level_that_was_scored(material, metric):
    scores = material.tables.scores
    own = scores[(scores["model"] == "champion") & (scores["target"] == "offered")]
    own = own[own["metric"] == metric]
    found = level_rows(scores, list(material.params.backtest.horizons))
    for level in ("interval", "day"):
        told = [row[metric] for row in found if row["level"] == level]
        scored = own.loc[own["level"] == level, "value"].tolist()
        assert sorted(value for value in told if value == value) == sorted(scored)
        assert scored


def week_of_shifts(*rows):
    """Return HEADS of contracts: mix, contract, heads, hours missing, cost."""
    fixed = {
        "scenario": "base", "site": "main", "first_day": pd.Timestamp("2024-04-01"),
        "overtime_hours": 0.0, "required_hours": 800.0, "gap": 0.0, "assumed": "",
    }  # fmt: skip
    told = [
        {**fixed, "mix": mix, "contract": contract, "heads": heads, "missing_hours": missing,
         "paid_hours": 40.0 * heads, "cost": cost}
        for mix, contract, heads, missing, cost in rows
    ]  # fmt: skip
    frame = pd.DataFrame(told)[HEADS.names]
    return HEADS.validate(frame.astype({c.name: c.dtype for c in HEADS.columns}))


def test_the_shift_plans_heads_and_what_its_mix_saves_are_told(material):
    heads = week_of_shifts(
        ("cheapest", "full", 15, 0.0, 18000.0),
        ("cheapest", "part <b>", 1200, 0.0, 6000.0),
        ("cheapest", "nobody", 0, 4.0, 1000.0),
        ("full-time", "full", 26, 0.0, 31250.0),
        ("full-time", "nobody", 0, 0.0, 0.0),
    )
    m = replace(material, heads=heads)
    told = heads_by_contract(m, of("en"))
    assert told["saving"] == pytest.approx(1 - 25000 / 31250)
    assert [(row["mix"], row["contract"]) for row in told["rows"]] == [
        ("cheapest", "full"), ("cheapest", "nobody"), ("cheapest", "part <b>"),
        ("all full-time", "full"),
    ]  # fmt: skip
    page = render_section(m, "hiring")
    assert "1,200" in page
    assert "20.0\xa0% less than all full-time" in page
    assert "part &lt;b&gt;" in page
    assert heads_by_contract(material, of("en")) is None
    assert "hours nobody covers" not in render_section(material, "hiring")
