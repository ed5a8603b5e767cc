"""Figures -> inline SVG for a wide page and for a phone, with a text alternative."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup, escape
from matplotlib.figure import Figure

from forecast.reports.style import svg

WIDE_IN, NARROW_IN = 9.5, 4.2
"""Width of figures in inches, on a page and on a phone."""
Draw = Callable[[bool], Figure]
"""Makes a figure, for a wide page if true."""


@dataclass(frozen=True)
class Drawn:
    """A figure in both widths."""

    wide: Markup
    narrow: Markup


def drawn(name: str, draw: Draw, alt: str) -> Drawn:
    """Return a figure as inline SVG.

    Parameters
    ----------
    name
        Unique on the page: ids within the SVG come from it.
    draw
        Makes the figure.
    alt
        Its text alternative: what it says to whom does not see it.
    """
    return Drawn(_inline(draw(True), name, alt), _inline(draw(False), f"{name}_narrow", alt))


def _inline(figure: Figure, name: str, alt: str) -> Markup:
    text = svg(figure, name)
    # Metadata name sites that nothing needs, and groups have ids that many figures share.
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    text = text.replace("<svg ", f'<svg role="img" aria-label="{escape(alt)}" ', 1)
    return Markup(text)  # noqa: S704 - made here, text escaped by Matplotlib
