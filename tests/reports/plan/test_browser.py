"""plan.html in a real browser: nothing is fetched, nothing overflows, nobody is shut out."""

from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}")


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def files(pages, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for language, page in pages.items():
        (folder / f"{language}.html").write_text(page.html, encoding="utf-8")
    return folder


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_open_to_all_at_every_width(browser, files, language, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto((files / f"{language}.html").as_uri())
    for summary in page.locator("summary").all():
        summary.click()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in asked if url.startswith("file:")]) == 1
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.Axe().run(page).response["violations"]
    grave = [fault for fault in found if fault["impact"] in {"serious", "critical"}]
    assert [(f["id"], f["nodes"][0]["html"][:200]) for f in grave] == []
    page.close()


def test_figures_fit_the_width_and_names_are_not_clipped(browser, files):
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto((files / "en.html").as_uri())
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.narrow svg')].flatMap(svg => {
            const box = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')].filter(text => {
                const own = text.getBoundingClientRect();
                return own.width && (own.left < box.left - 8 || own.right > box.right + 8);
            }).map(text => text.textContent);
        })"""
    )
    assert outside == []
    wide = page.evaluate(
        "[...document.querySelectorAll('.wide')].filter(one => one.offsetParent).length"
    )
    assert wide == 0
    page.close()


def test_it_prints_without_scrolling_and_with_its_first_screen_on_the_first_page(browser, files):
    page = browser.new_page(viewport={"width": 794, "height": 1123})
    page.goto((files / "en.html").as_uri())
    page.emulate_media(media="print")
    hidden = "getComputedStyle(document.querySelector('nav')).display"
    assert page.evaluate(hidden) == "none"
    overflow = "[...document.querySelectorAll('.scroll')].map(e => getComputedStyle(e).overflowX)"
    assert set(page.evaluate(overflow)) == {"visible"}
    cards = page.locator(".cards").bounding_box()
    assert cards["y"] + cards["height"] < 1123
    page.close()
