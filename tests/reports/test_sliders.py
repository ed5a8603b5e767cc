"""The page's sliders say between the grid's points what Python says, and nothing else may run."""

import itertools
import shutil
from types import SimpleNamespace

import pandas as pd
import pytest
from jinja2 import Environment, PackageLoader

from forecast.params import Params
from forecast.reports.plan.sliders import script, script_hash, sliders
from forecast.reports.words import of
from forecast.scenarios.grid import AXES, VALUES, between

CHROMIUM = shutil.which("chromium")
POINTS = ([-20.0, 0.0, 30.0], [-10.0, 0.0, 10.0], [0.7, 0.8, 0.9], [-5.0, 0.0, 5.0])


@pytest.fixture(scope="module")
def material(root):
    rows = [dict(zip(AXES, at, strict=True)) for at in itertools.product(*POINTS)]
    table = pd.DataFrame(rows)
    load = (1 + table["volume_pct"] / 100) * (1 + table["aht_pct"] / 100)
    fte = (
        400 * load * table["service_level_target"] ** 0.2 / (0.7 - table["shrinkage_points"] / 100)
    )
    values = {"fte": fte, "cost": 4800 * fte, "peak_agents": 0.7 * fte, "service_level": 0.8}
    table = table.assign(**values, occupancy=0.8)
    return SimpleNamespace(grid=table, params=Params.load(root / "params.yaml"))


def page_of(material):
    told = sliders(material, of("en"))
    inputs = "".join(
        f"<label><output></output><input type='range' name='{a['name']}' min='{a['low']}' "
        f"max='{a['high']}' step='any' value='{a['rest']}'></label>"
        for a in told["axes"]
    )
    rows = "".join(
        f"<tr data-value='{name}'><td class='now'></td><td class='apart'></td></tr>"
        for name in told["shown"]
    )
    return (
        f"<div class='sliders'>{inputs}<button></button><table>{rows}</table></div>"
        f"<script type='application/json' id='grid'>{told['data']}</script>"
        f"<script>{told['script']}</script>"
    )


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_in_a_browser_the_sliders_say_what_python_says(material):
    from playwright.sync_api import sync_playwright

    turn = """at => { for (const [name, value] of Object.entries(at)) {
        const input = document.querySelector(`input[name=${name}]`);
        input.value = value; input.dispatchEvent(new Event('input')); } }"""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content(page_of(material))
        for at in ((7.0, -4.0, 0.73, 2.5), (-20.0, 10.0, 0.9, -5.0), (30.0, 3.0, 0.85, 5.0)):
            setting = dict(zip(AXES, at, strict=True))
            page.evaluate(turn, setting)
            exact = between(material.grid, setting)
            for name in VALUES:
                shown = page.inner_text(f"[data-value={name}] .now").replace(",", "")
                share = shown.endswith("%")
                value = float(shown.rstrip("%")) / (100 if share else 1)
                assert value == pytest.approx(exact[name], abs=0.5 if not share else 6e-4), name
        page.click("button")
        assert page.inner_text("[data-value=fte] .apart") == "0.0"
        browser.close()


def test_the_page_allows_this_script_and_no_other(material):
    loader = PackageLoader("forecast.reports", "templates/plan")
    page = loader.get_source(Environment(), "page.html.j2")[0]  # noqa: S701 - nothing is rendered
    assert "script-src 'sha256-{{ script_hash }}'" in page
    assert "unsafe-inline" not in page.split("script-src")[1].split(">")[0]
    assert len(script_hash()) == 44
    assert "</script" not in script()
    assert "<" not in sliders(material, of("en"))["data"]
