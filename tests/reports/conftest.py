"""A small centre's whole material of the page, two queues with hostile names."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecast.accuracy import error_parts, scores, staffing_error
from forecast.acd.quality import findings
from forecast.backtest import backtest
from forecast.calendars.build import build_calendar
from forecast.capacity.demand import demand_of
from forecast.capacity.handle_time import aht_by_series
from forecast.capacity.money.planned import position_price
from forecast.capacity.service import service_by
from forecast.features import build_features
from forecast.params import Params
from forecast.predict import live_forecast
from forecast.reports.plan.material import Material
from forecast.reports.plan.page import Page, render
from forecast.reports.summary import Tables
from forecast.scenarios import run_scenarios
from forecast.scenarios.case import Case
from forecast.scenarios.grid import AXES, VALUES
from forecast.scenarios.trade_off import of_all, positions, trade_off
from forecast.schema import GRID, LEDGER, MISSES, QUARANTINE, as_known
from forecast.select import plans, replay, scored
from forecast.steps.report import INTERIM, PLANS, PROCESSED
from forecast.totals import past_totals
from tests.conftest import make_history, raw_event, raw_events

HOSTILE = ["<script>alert(1)</script> $x_1^2$", "\U0001f389\u202e" + "长x" * 150]
"""A script and a formula; an emoji, a sign that turns the direction, and 300 signs."""
FACTS = {
    "version": "holidays",
    "opening_source": "given",
    "opening_hours": [{"days": ["mon", "sun"], "opens": "08:00", "closes": "18:00"}],
    "opening_yaml": "",
    "holidays": [{"date": "2024-04-01", "name": "<i>All Fools</i>", "open": True}],
    "provisional_years": {"main": []},
}
SALES = [
    raw_event("sale_1", "2024-02-06", "2024-02-08", name="Spring <i>sale</i>"),
    raw_event("sale_2", "2024-04-02", "2024-04-03", "2024-03-20", name="Easter <i>sale</i>"),
]
TRACE = {
    "plan_id": "abc123",
    "calendar_version": "holidays",
    "tables": {name: {"rows": 1, "sha256": "0" * 64} for name in (*INTERIM, *PROCESSED, *PLANS)},
}


def ledgers() -> pd.DataFrame:
    """Return LEDGER of a file that was taken, and of one that was not."""
    taken = {c.name: "=1+1" if c.dtype == "str" else 1 for c in LEDGER.columns}
    taken |= {"profile": "cells", "form": "csv", "encoding": "", "rejected": "", "replaced_by": ""}
    refused = taken | {"file": "b<i>.csv", "profile": "", "rejected": "no <b> column"}
    return pd.DataFrame([taken | {"ignored": "total:4;blank:1"}, refused | {"ignored": ""}])


def grid() -> pd.DataFrame:
    """Return GRID of two points an axis, all plans alike."""
    ends = [(0.0, 10.0), (0.0, 10.0), (0.7, 0.8), (0.0, 5.0)]
    rows = pd.DataFrame(itertools.product(*ends), columns=AXES)
    return GRID.validate(rows.assign(**dict.fromkeys(VALUES, 0.5))[GRID.names])


@pytest.fixture(scope="session")
def material(small_params: Params) -> Material:
    # Few cutoffs and paths: what the page says is tested, not how good the forecast is.
    small_params = small_params.override({"backtest.every_open_days": 5, "forecast.paths": 60})
    history = pd.concat([make_history(90, queue=q, seed=i) for i, q in enumerate(HOSTILE)])
    out = (history["queue"] == HOSTILE[0]) & (history["ds"].dt.strftime("%m-%d") == "03-04")
    history = history[~out].reset_index(drop=True)
    built = build_calendar(history, raw_events(*SALES), small_params)
    features = build_features(history, built.calendar, built.events, small_params)
    means = backtest(features, built.events, small_params)
    past = replay(means, small_params.select)
    chosen = plans(means, past, features, small_params.select)
    totals = past_totals(means, past, features, small_params.select, seed=1)
    live = live_forecast(features, built.events, chosen, small_params)
    rules = small_params.capacity
    demand = demand_of(live.paths, aht_by_series(history, rules), aht_effect=live.forecast)
    what_if = run_scenarios(demand, small_params)
    base = what_if.requirement[what_if.requirement["scenario"] == "base"]
    agents = base["agents"].to_numpy()
    tables = Tables(
        history=history,
        features=as_known(features),
        forecast=live.forecast,
        paths=live.paths,
        scores=scores(scored(past, features, small_params.backtest), features, totals),
        requirement=base,
        service=service_by(demand, agents, rules),
        plan=what_if.plan,
        cost_lines=what_if.cost_lines,
        kpis=what_if.kpis,
        trunks=what_if.trunks,
        ledger=ledgers(),
        quarantine=QUARANTINE.empty(),
        findings=findings(history, small_params.ingest.zone),
        calendar=as_known(built.calendar),
        events=built.events,
        event_effects=live.explained.event_effects,
        kind_effects=live.explained.kind_effects,
        unexplained=live.explained.unexplained,
        mended=live.mended,
    )
    staffs = {"base": agents, "fewer": positions(agents, 0.9)}
    together = [
        of_all(demand, there, rules, period).assign(scenario=name)
        for name, there in staffs.items()
        for period in ("day", "week")
    ]
    return Material(
        tables, small_params, chosen, FACTS, TRACE,
        steps=what_if.steps,
        trade_off=trade_off(Case(demand, rules), demand, agents),
        together=pd.concat(together, ignore_index=True),
        grid=grid(),
        **errors_of(past, features, history, small_params),
    )  # fmt: skip


def errors_of(past, features, history, params):
    """Return MISSES and ERROR_PARTS of past forecasts, by the names that a page takes."""
    told: dict = {"aht_s": aht_by_series(history, params.capacity), "params": params.capacity}
    now = as_known(features)
    own = scored(past[past["model"] == "champion"], now, params.backtest)
    told["price"] = position_price(params, None)
    missed = staffing_error(own, **told)
    parts = error_parts(own, now, rng=np.random.default_rng(1), **told)
    return {"misses": MISSES.validate(missed), "error_parts": parts}


@pytest.fixture(scope="session")
def pages(material: Material) -> dict[str, Page]:
    return {language: render(in_language(material, language)) for language in ("en", "zh")}


def in_language(material: Material, language: str) -> Material:
    """Return the material with another language."""
    return replace(material, params=material.params.override({"report.language": language}))
