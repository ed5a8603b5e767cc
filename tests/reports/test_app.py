"""The what-if page: its answers are those of `run_scenarios`, its knobs move them, in a browser."""

import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from html import escape
from pathlib import Path

import pandas as pd
import pytest
import yaml

from forecast.capacity.base import base_demand
from forecast.errors import ParamsError
from forecast.params import Params
from forecast.reports.app import Desk, what_if
from forecast.scenarios import Learned, run_scenarios
from forecast.schema import CALENDAR, EVENT_DAYS, FORECAST, HISTORY, KIND_EFFECTS, PATHS
from forecast.store import read_table
from tests.conftest import HOSTILE_NAME
from tests.scenarios.worlds import learned as mailings
from tests.scenarios.worlds import world

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
TURNED = [
    {"volume": 12.0},
    {"aht": -7.0, "shrinkage": 4.5},
    {"target": 0.95, "risk": "p90"},
    {"wage": 10.0, "volume": -5.0, "risk": "mean"},
    {"attrition": 0.6, "volume": 5.0},
    {f"promotion {HOSTILE_NAME}": False},
    {"mix part": 0.4, f"promotion {HOSTILE_NAME}": False},
    {"mix part": 0.3, "mix night": 0.2, "attrition": 0.1},
]
PRICED = {
    "costs": {
        "currency": "USD",
        "contracts": {
            "full": {"pay_per_hour": 30},
            "part": {"pay_per_hour": 22},
            "night": {"pay_per_hour": 41},
        },
    },
    "capacity.contract_mix": {"full": 0.8, "part": 0.2},
}


@pytest.fixture(scope="module")
def asked(small_project):
    params = Params.load(small_project / "params.yaml")
    interim, processed = small_project / "data/interim", small_project / "data/processed"
    demand = base_demand(
        read_table(processed / "paths.parquet", PATHS),
        read_table(processed / "forecast.parquet", FORECAST),
        read_table(interim / "history.parquet", HISTORY),
        params,
    )
    learned = Learned(
        read_table(processed / "kind_effects.parquet", KIND_EFFECTS),
        read_table(processed / "event_days.parquet", EVENT_DAYS),
    )
    return demand, params, read_table(interim / "calendar.parquet", CALENDAR), learned


@pytest.fixture(scope="module")
def desk(asked):
    return Desk(*asked)


@pytest.fixture(scope="module")
def priced(asked):
    demand, params, *others = asked
    return Desk(demand, params.override(PRICED), *others)


@pytest.mark.parametrize("settings", TURNED, ids=range(len(TURNED)))
def test_an_answer_is_what_the_scenario_says(asked, desk, priced, settings):
    demand, _, calendar, learned = asked
    desk = priced if "mix part" in settings else desk
    told = desk.params.override({"scenarios": {"base": {}, "asked": desk.scenario(settings)}})
    ran = run_scenarios(demand, told, ["asked"], calendar, learned)
    plan = ran.plan[ran.plan["is_plan"]].set_index("scenario")
    found = desk.answer(settings)
    lines = ran.cost_lines.groupby(["scenario", "line"])["cost"].sum()
    for name in ("base", "asked"):
        bill = found.bill.loc[found.bill[name] != 0, name].to_dict()
        assert bill == pytest.approx(lines[name].to_dict())
    for name, row in (("base", found.base), ("asked", found.row)):
        for column, value in row.items():
            assert value == pytest.approx(plan.loc[name, column], rel=1e-9), (name, column)
    hours = found.agents["asked"].sum() / 2
    assert hours == pytest.approx(found.row["agent_hours"])


def test_knobs_at_rest_pull_no_lever(desk):
    assert desk.scenario({knob.name: knob.rest for knob in desk.knobs}) == {}
    found = desk.answer({})
    assert found.row == found.base
    assert (found.agents["base"] == found.agents["asked"]).all()


def test_without_a_promotion_its_days_have_what_is_usual(desk):
    def on_the_day(name):
        agents = desk.answer({f"promotion {HOSTILE_NAME}": False}).agents
        return agents.loc[agents["local"].dt.strftime("%m-%d") == "03-13", name].sum()

    # Half as many again is called off; square-root staffing saves a little less than a third.
    assert 0.66 < on_the_day("asked") / on_the_day("base") < 0.72


def test_the_first_contract_works_what_the_others_leave(priced):
    mix = priced.scenario({"mix part": 0.5, "mix night": 0.1})["contract_mix"]
    assert mix == {"full": 0.4, "part": 0.5, "night": 0.1}
    # 80 % at 30 and 20 % at 22 are 28.40 an hour; 40, 50 and 10 % are 27.10.
    found = priced.answer({"mix part": 0.5, "mix night": 0.1})
    assert found.row["cost"] / found.base["cost"] == pytest.approx(27.1 / 28.4, abs=1e-6)
    with pytest.raises(ParamsError, match="greater than or equal to 0"):
        priced.answer({"mix part": 0.9, "mix night": 0.3})


def test_what_a_plan_has_no_use_for_says_what_is_missing(asked, desk):
    demand, params, calendar, _ = asked
    bare = Desk(demand, params.override({"scenarios": {"base": {}}}), calendar)
    lacking = {knob.name for knob in bare.knobs if knob.lacks}
    assert lacking == {"attrition", "mix", "promotion"}
    assert {knob.name for knob in desk.knobs if knob.lacks} == {"mix"}
    page = what_if(bare)
    still = [w for kind in ("FloatSlider", "Checkbox") for w in of_kind(page, kind).values()]
    assert [w.description for w in still if w.disabled] == [
        "Attrition",
        "Mix of contracts",
        "Promotion",
    ]
    told = html_of(page)
    assert "no scenario of params.yaml has its rates" in told
    assert "no section costs with two contracts" in told
    assert "none that begins in the days planned" in told


def test_promotions_ahead_and_those_of_scenarios_are_switched_together(params):
    demand, learned = world(days=7), mailings()
    sale = {"add": [{"kind": "mailing", "first_day": str(demand.intervals["local"].min().date())}]}
    own = {"base": {}, "sale": {"promotions": sale}, "more": {"volume_pct": 5, "promotions": sale}}
    desk = Desk(demand, params.override({"scenarios": own}), None, learned)
    switches = [knob for knob in desk.knobs if isinstance(knob.rest, bool)]
    # What sets volume too is no switch of a promotion.
    assert [knob.name for knob in switches] == ["promotion january", "scenario sale"]
    both = {"promotion january": False, "scenario sale": True}
    assert desk.scenario(both) == {"promotions": {"drop": ["january"], **sale}}
    told = desk.params.override({"scenarios": {"base": {}, "asked": desk.scenario(both)}})
    plan = run_scenarios(demand, told, ["asked"], learned=learned).plan
    row = plan[plan["is_plan"] & (plan["scenario"] == "asked")].iloc[0]
    assert desk.answer(both).row["cost"] == pytest.approx(row["cost"])
    late = learned.days.assign(start=demand.intervals["local"].min() - pd.Timedelta(days=1))
    begun = Desk(demand, desk.params, None, replace(learned, days=late))
    assert "promotion january" not in {knob.name for knob in begun.knobs}


@pytest.mark.parametrize("name", [HOSTILE_NAME, "=cmd|'/c calc'!A1", "\u202eשלום 🎉"], ids=range(3))
def test_names_from_data_are_text_on_the_page(asked, name):
    demand, params, *others = asked
    demand = replace(demand, intervals=demand.intervals.assign(queue=name, site=name))
    contracts = {"full": {"pay_per_hour": 30}, name: {"pay_per_hour": 22}}
    costs = {"currency": "USD", "contracts": contracts}
    told = params.override({"costs": costs, "capacity.contract_mix": {"full": 0.8, name: 0.2}})
    page = what_if(Desk(demand, told, *others))
    mix = next(w for w in of_kind(page, "FloatSlider").values() if "Hours of" in w.description)
    mix.value = 0.5
    shown = html_of(page)
    assert f"pay {escape(name)}: workday" in shown
    assert not re.search("<(script|img)", shown)
    # A sign that turns the direction does so for the name alone, and the words fit.
    assert re.fullmatch("Hours of \u2068.{1,32}\u2069", mix.description)


def test_what_cannot_be_is_refused_with_its_reason(desk):
    with pytest.raises(ParamsError, match="shrinkage"):
        desk.answer({"shrinkage": 90.0})


def of_kind(page, kind):
    found = {}
    for widget in [page, *getattr(page, "children", ())]:
        if widget is not page:
            found |= of_kind(widget, kind)
        elif type(widget).__name__ == kind:
            found[getattr(widget, "description", "") or id(widget)] = widget
    return found


def html_of(page):
    return " ".join(widget.value for widget in of_kind(page, "HTML").values())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_turn_moves_the_numbers_and_the_button_brings_them_back(desk, language):
    page = what_if(desk, language)
    before = html_of(page)
    volume, *_ = of_kind(page, "FloatSlider").values()
    volume.value = 20.0
    after = html_of(page)
    assert f"{desk.answer({'volume': 20.0}).row['cost']:,.0f}" in after
    assert "volume_pct: 20.0" in after
    assert "<svg" in after
    (back,) = of_kind(page, "Button").values()
    back.click()
    assert html_of(page) == before


def test_what_cannot_be_planned_is_said_and_the_last_answer_stays(desk):
    page = what_if(desk)
    before = html_of(page)
    slider = next(w for name, w in of_kind(page, "FloatSlider").items() if "Shrinkage" in name)
    slider.max = 95
    slider.value = 90
    after = html_of(page)
    assert "This cannot be planned" in after
    assert re.search(r"data-what='cost'>[\d,]+", after)[0] in before


@contextmanager
def served(project):
    """Serve the notebook as `make app` does, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(Path(sys.executable).parent / "voila"), str(ROOT / "notebooks/04_what_if.ipynb"),
        "--no-browser", "--Voila.ip=127.0.0.1", f"--port={port}", "--strip_sources=True",
    ]  # fmt: skip
    env = {**os.environ, "FORECAST_PROJECT": str(project)}
    server = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    try:
        lines = iter(server.stderr.readline, "")
        yield next(m[0] for line in lines if (m := re.search(r"http://127[\d.:]+/", line)))
    finally:
        server.terminate()
        server.communicate(timeout=20)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_in_a_browser_a_slider_moves_the_number_and_the_figure(small_project):
    from playwright.sync_api import sync_playwright

    with served(small_project) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(address, timeout=120_000)
        cost = page.locator("td[data-what=cost]")
        cost.wait_for(timeout=120_000)
        before, drawn = cost.inner_text(), page.locator("svg").first.inner_html()
        page.locator(".noUi-handle").first.focus()
        page.keyboard.press("PageUp")
        changed = "before => document.querySelector('td[data-what=cost]').innerText != before"
        page.wait_for_function(changed, arg=before, timeout=20_000)
        page.wait_for_timeout(500)
        assert page.locator("svg").first.inner_html() != drawn
        before = cost.inner_text()
        page.get_by_text("Promotion").click()
        page.wait_for_function(changed, arg=before, timeout=20_000)
        page.get_by_text("drop:").wait_for(timeout=20_000)
        file = yaml.safe_load(page.locator("pre").inner_text())
        assert file["asked"]["promotions"] == {"drop": [HOSTILE_NAME]}
        assert page.title() != "run"
        wide = page.evaluate("document.documentElement.scrollWidth")
        browser.close()
    assert wide <= 390


def test_the_page_says_the_same_things_in_both_languages():
    folder = ROOT / "src/forecast/reports/words"
    en, zh = (
        yaml.safe_load((folder / f"app.{name}.yaml").read_text("utf-8")) for name in ("en", "zh")
    )
    assert en.keys() == zh.keys()
    for key in en:
        assert set(re.findall(r"{\w+", en[key])) == set(re.findall(r"{\w+", zh[key])), key
