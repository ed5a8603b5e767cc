"""The what-if page: its answers are those of `run_scenarios`, its knobs move them, in a browser."""

import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from forecast.capacity.base import base_demand
from forecast.errors import ParamsError
from forecast.params import Params
from forecast.reports.app import Desk, what_if
from forecast.scenarios import run_scenarios
from forecast.schema import CALENDAR, FORECAST, HISTORY, PATHS
from forecast.store import read_table

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
TURNED = [
    {"volume": 12.0},
    {"aht": -7.0, "shrinkage": 4.5},
    {"target": 0.95, "risk": "p90"},
    {"wage": 10.0, "volume": -5.0, "risk": "mean"},
]


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
    return demand, params, read_table(interim / "calendar.parquet", CALENDAR)


@pytest.fixture(scope="module")
def desk(asked):
    return Desk(*asked)


@pytest.mark.parametrize("settings", TURNED, ids=str)
def test_an_answer_is_what_the_scenario_says(asked, desk, settings):
    demand, params, calendar = asked
    told = params.override({"scenarios": {"base": {}, "asked": desk.scenario(settings)}})
    plan = run_scenarios(demand, told, ["asked"], calendar).plan
    plan = plan[plan["is_plan"]].set_index("scenario")
    found = desk.answer(settings)
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
