"""The PDF is WeasyPrint's; without it, it is said what to install."""

import sys
from types import SimpleNamespace

import pytest

from forecast.errors import ForecastError
from forecast.reports.pdf import printer


def test_without_weasyprint_the_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(
        ForecastError, match=r"WeasyPrint.*contact-centre-forecast\[pdf\].*libpango"
    ):
        printer()


def test_the_page_is_printed_as_it_is_and_nothing_is_fetched(monkeypatch):
    asked = {}

    class Html:
        def __init__(self, string, url_fetcher):
            asked.update(string=string, fetch=url_fetcher)

        def write_pdf(self, pdf_identifier):
            return b"%PDF " + pdf_identifier

    monkeypatch.setitem(sys.modules, "weasyprint", SimpleNamespace(HTML=Html))
    assert printer()("<p>page</p>", "abc") == b"%PDF abc"
    assert asked["string"] == "<p>page</p>"
    with pytest.raises(ValueError, match="must hold everything"):
        asked["fetch"]("https://example.org/style.css")


def test_with_weasyprint_installed_a_page_is_a_pdf_twice_the_same():
    pytest.importorskip("weasyprint", exc_type=(ImportError, OSError))
    one, two = (printer()("<h1>计划 plan</h1>", "0123456789ab") for _ in range(2))
    assert one.startswith(b"%PDF")
    assert one == two
