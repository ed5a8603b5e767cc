"""The PDF is WeasyPrint's; without it, it is said what to install."""

import re
import sys
from types import SimpleNamespace

import pytest

from forecast.errors import ForecastError
from forecast.reports.pdf import printer

try:
    import weasyprint
except (ImportError, OSError):
    weasyprint = None
INSTALLED = pytest.mark.skipif(weasyprint is None, reason="the extra pdf is not installed")


def test_without_weasyprint_the_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(
        ForecastError, match=r"WeasyPrint.*contact-centre-forecast\[pdf\].*libpango"
    ):
        printer()


def test_the_page_is_printed_as_it_is_and_nothing_is_fetched(monkeypatch):
    class FatalError(BaseException):
        """As WeasyPrint's own: no Exception, or it would be caught."""

    class Html:
        def __init__(self, string, url_fetcher):
            self.string, self.fetch = string, url_fetcher

        def write_pdf(self, pdf_identifier):
            for link in re.findall("src='(.*?)'", self.string):
                assert self.fetch(link) == "a picture"
            return b"%PDF " + pdf_identifier

    inside = SimpleNamespace(fetch=lambda url: "a picture")
    urls = {"FatalURLFetchingError": FatalError, "URLFetcher": lambda allowed_protocols: inside}
    monkeypatch.setitem(sys.modules, "weasyprint", SimpleNamespace(HTML=Html))
    monkeypatch.setitem(sys.modules, "weasyprint.urls", SimpleNamespace(**urls))
    assert printer()("<img src='data:image/png;base64,AA'>", "abc") == b"%PDF abc"
    with pytest.raises(ForecastError, match=r"must hold everything; .*example\.org/a\.png"):
        printer()("<img src='https://example.org/a.png'>", "abc")


@INSTALLED
def test_what_is_not_in_the_page_is_not_fetched_and_there_is_no_pdf():
    with pytest.raises(
        ForecastError, match=r"must hold everything; .*https://example.org/style.css"
    ):
        printer()("<link rel=stylesheet href='https://example.org/style.css'>", "abc")
    with pytest.raises(ForecastError, match=r"must hold everything; .*file:///etc/hostname"):
        printer()("<img src='file:///etc/hostname'>", "abc")


@INSTALLED
def test_a_page_is_a_pdf_twice_the_same():
    one, two = (printer()("<h1>计划 plan</h1>", "0123456789ab") for _ in range(2))
    assert one.startswith(b"%PDF")
    assert one == two


@INSTALLED
@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_whole_page_prints_with_every_figure_and_without_what_nobody_can_move(
    pages, language, caplog
):
    html = pages[language].html
    document = weasyprint.HTML(string=html).render()
    # A figure that cannot be drawn is an error in WeasyPrint's log, and white paper.
    assert [told.getMessage() for told in caplog.records if told.levelname == "ERROR"] == []
    shown = [box for page in document.pages for box in page._page_box.descendants()]
    ids = {box.element.get("id") for box in shown if box.element is not None}
    assert {"ask", "capacity", "sources"} <= ids
    assert "sliders" not in ids
    edge = document.pages[0].width
    cells = [box for box in shown if box.element_tag in ("td", "th")]
    assert max(box.position_x + box.width for box in cells) <= edge
