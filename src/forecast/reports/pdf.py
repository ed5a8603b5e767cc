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

    The page holds everything; whatever else it asked for would be refused. The identifier stands in
    the place of a random one, so that the same page gives the same file.

    Raises
    ------
    ForecastError
        When WeasyPrint cannot be imported; says which packages are needed.
    """
    try:
        from weasyprint import HTML
    except ImportError:
        raise ForecastError(MISSING.format(why="")) from None
    except OSError as error:  # WeasyPrint is there, the libraries that it loads are not
        raise ForecastError(MISSING.format(why=f" in full ({error})")) from None

    def printed(page: str, identifier: str) -> bytes:
        made: bytes = HTML(string=page, url_fetcher=_refuse).write_pdf(
            pdf_identifier=identifier.encode()
        )
        return made

    return printed


def _refuse(url: str, *_: Any, **__: Any) -> Any:
    raise ValueError(f"the page must hold everything; found a link to {url}")
