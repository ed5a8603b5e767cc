"""How figures look: colours, style, names that they can hold, and their SVG."""

import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

BLUE, ORANGE, GREY, GREEN = "#1f5f99", "#d9730d", "#8a8f98", "#2f7d4f"
LONGEST_NAME = 24
_STYLE: Any = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e8eb",
    "axes.axisbelow": True,
}


@contextmanager
def style(**changes: Any) -> Iterator[None]:
    """Draw in the style of all figures, some of it changed (``font_size=8``)."""
    changed: Any = {name.replace("_", ".", 1): value for name, value in changes.items()}
    with mpl.rc_context({**_STYLE, **changed}):
        yield


def plain(text: str, longest: int = LONGEST_NAME) -> str:
    """Return a name without signs that a figure cannot hold, cut; wide signs count twice.

    Examples
    --------
    >>> plain("Chinese New Year" + chr(0), 9)
    'Chinese …'
    """
    seen = [sign for sign in text if unicodedata.category(sign)[0] != "C"]
    if length(seen) <= longest:
        return "".join(seen)
    while length(seen) >= longest:
        seen.pop()
    return "".join(seen) + "…"


def length(signs: Iterable[str]) -> int:
    """Return how many places signs take; wide ones take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in signs)


def svg(figure: Figure, name: str) -> str:
    """Return a figure as inline SVG, the same bytes for the same figure."""
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        out = StringIO()
        with warnings.catch_warnings():
            # Text stays text in the SVG, so that whoever reads it brings the letters.
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :]
