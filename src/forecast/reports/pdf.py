"""A page as PDF, where WeasyPrint is installed (extra ``pdf``)."""

from collections.abc import Callable
from typing import Any

from forecast.errors import ForecastError

MISSING = (
    "a PDF needs the package WeasyPrint, which is not there{why}: "
    "pip install 'contact-centre-forecast[pdf]', and Pango of the system (Debian: "
    "apt install libpango-1.0-0 libpangoft2-1.0-0). Or print plan.html from a browser"
)


def printer() -> Callable[[str, str], bytes]:
    """Return the function that makes a PDF of a page and an identifier.

    The page holds everything, pictures within figures as ``data:``; whatever else it asked for is
    refused, and there is no PDF then. The identifier stands in the place of a random one, so that
    the same page gives the same file.

    Raises
    ------
    ForecastError
        When WeasyPrint cannot be imported; says which packages are needed. From the function: when
        the page asks for something that it does not hold.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import FatalURLFetchingError, URLFetcher
    except ImportError:
        raise ForecastError(MISSING.format(why="")) from None
    except OSError as error:  # WeasyPrint is there, the libraries that it loads are not
        raise ForecastError(MISSING.format(why=f" in full ({error})")) from None

    inside = URLFetcher(allowed_protocols=("data",))

    def fetched(url: str, *_: Any, **__: Any) -> Any:
        if not url.startswith("data:"):
            # Any other error is caught by WeasyPrint, and the figure would be missing.
            raise FatalURLFetchingError(f"the page must hold everything; found a link to {url}")
        return inside.fetch(url)

    def printed(page: str, identifier: str) -> bytes:
        asked = HTML(string=page, url_fetcher=fetched)
        try:
            made: bytes = asked.write_pdf(pdf_identifier=identifier.encode())
        except FatalURLFetchingError as error:
            raise ForecastError(str(error)) from None
        return made

    return printed
