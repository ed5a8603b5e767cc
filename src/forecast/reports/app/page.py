"""The what-if page of widgets, for a notebook or for Voila."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets as widgets
import yaml

from forecast.errors import ForecastError
from forecast.reports.app.desk import ASKED, Answer, Desk
from forecast.reports.app.drawn import by_hour
from forecast.reports.app.knobs import Knob, Setting
from forecast.reports.lines import line_name
from forecast.reports.style import svg
from forecast.reports.words import catalogue, of

_WIDE = widgets.Layout(width="auto", flex="1 1 300px", max_width="440px")
_FIGURE = widgets.Layout(width="auto", flex="2 1 340px")
_NUMBERS = {
    "fte": "{:,.1f}",
    "cost": "{:,.0f}",
    "peak_agents": "{:,.0f}",
    "service_level": "{:.1%}",
    "asa_s": "{:.1f}",
    "abandonment": "{:.1%}",
    "occupancy": "{:.1%}",
}
"""What is shown of PLAN, and how."""
_APART = {"fte": "{:+,.1f}", "cost": "{:+,.0f}", "peak_agents": "{:+,.0f}"}
"""Of which the difference is shown too."""
FINEST = 0.01
"""Steps of a share that whole percents can show."""
LONGEST = 32
"""Signs of a name beside its knob; all of it stands in the tooltip."""


def what_if(desk: Desk, language: str = "en") -> widgets.Widget:
    """Return the page: knobs on one side, what they cost and a figure on the other.

    Every turn of a knob is answered at once; what cannot be planned is said, and the last answer
    stays. The levers stand at the end as a scenario to copy into a file.

    Parameters
    ----------
    desk
        The base plan.
    language
        "en" or "zh".
    """
    words = catalogue("app", language)
    turned = {knob.name: _widget(knob, words) for knob in desk.knobs}
    reasons = [
        widgets.HTML(
            f"<small style='display:block;line-height:1.4'>{escape(words[knob.lacks])}</small>"
        )
        for knob in desk.knobs
        if knob.lacks
    ]
    numbers, figure, said, file = (widgets.HTML() for _ in range(4))
    back = widgets.Button(description=words["reset"], icon="undo", layout={"width": "auto"})

    def settings() -> dict[str, Setting]:
        return {name: _setting(widget) for name, widget in turned.items()}

    def show(_: Any = None) -> None:
        try:
            answer = desk.answer(settings())
        except ForecastError as why:
            said.value = f"<p role='alert'>{escape(words['refused'].format(reason=why))}</p>"
            return
        said.value = ""
        numbers.value = table(answer, desk.params.capacity.currency, words)
        numbers.value += bill(answer, words, language)
        figure.value = svg(by_hour(answer, words), "what_if")
        file.value = _as_file(desk.scenario(settings()), words)

    def reset(_: Any) -> None:
        for knob in desk.knobs:
            turned[knob.name].value = knob.rest

    for widget in turned.values():
        widget.observe(show, "value")
    back.on_click(reset)
    show()
    left = widgets.VBox([*turned.values(), *reasons, back, said], layout=_WIDE)
    right = widgets.VBox([numbers, figure, file], layout=_FIGURE)
    intro = widgets.HTML(f"<p style='line-height:1.5'>{escape(words['intro'])}</p>")
    flow = widgets.Layout(flex_flow="row wrap", width="100%")
    return widgets.VBox([intro, widgets.Box([left, right], layout=flow)])


def table(answer: Answer, currency: str, words: Mapping[str, str]) -> str:
    """Return the numbers of both plans side by side, as HTML."""
    rows = []
    for name, form in _NUMBERS.items():
        was, now = answer.base[name], answer.row[name]
        apart = _APART[name].format(now - was) if name in _APART else ""
        rows.append(
            f"<tr><th scope='row'>{escape(words[name].format(currency=currency))}</th>"
            f"<td>{form.format(was)}</td><td data-what='{name}'>{form.format(now)}</td>"
            f"<td>{apart}</td></tr>"
        )
    return _framed("", rows, words)


def bill(answer: Answer, words: Mapping[str, str], language: str) -> str:
    """Return the lines that make up the cost of both plans, as HTML; nothing where there is one."""
    if len(answer.bill) < 2:
        return ""
    names = of(language)
    rows = [
        f"<tr><th scope='row'>{escape(line_name(str(line), names))}</th>"
        f"<td>{was:,.0f}</td><td>{now:,.0f}</td><td>{now - was:+,.0f}</td></tr>"
        for line, was, now in answer.bill[["base", ASKED]].itertuples()
    ]
    return _framed(words["bill"], rows, words)


def _framed(title: str, rows: Sequence[str], words: Mapping[str, str]) -> str:
    """Return rows of two plans and their difference as a table."""
    head = "".join(f"<th scope='col'>{escape(words[w])}</th>" for w in ("plan", "asked", "against"))
    return (
        "<table class='what-if' style='border-spacing:12px 4px;text-align:right'>"
        f"<thead><tr><td>{escape(title)}</td>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _as_file(levers: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Return levers as a scenario to copy; nothing where none is pulled."""
    if not levers:
        return ""
    told = yaml.safe_dump({"asked": dict(levers)}, allow_unicode=True)
    return f"<p>{escape(words['as_file'])}</p><pre style='line-height:1.4'>{escape(told)}</pre>"


def _widget(knob: Knob, words: Mapping[str, str]) -> Any:
    """Return the widget of a knob, its name in front; one that lacks something cannot be moved."""
    # Isolated, for what people wrote may run from right to left.
    about = f"\N{FIRST STRONG ISOLATE}{_short(knob.of)}\N{POP DIRECTIONAL ISOLATE}"
    look = {
        "description": words[knob.words or knob.name].format(of=about),
        "tooltip": knob.of or None,
        "style": {"description_width": "125px"},
        "layout": {"width": "98%"},
        "disabled": bool(knob.lacks),
    }
    if knob.choices:
        options = [(words[choice], choice) for choice in knob.choices]
        return widgets.Dropdown(options=options, value=knob.rest, **look)
    if isinstance(knob.rest, bool):
        return widgets.Checkbox(value=knob.rest, indent=False, **look)
    share = ".0%" if knob.step >= FINEST else ".1%"
    form = {"share": share, "points": "+.1f", "%": "+.0f"}[knob.unit]
    return widgets.FloatSlider(
        value=knob.rest,
        min=knob.low,
        max=knob.high,
        step=knob.step,
        readout_format=form,
        continuous_update=False,
        **look,
    )


def _short(name: str) -> str:
    """Return a name that fits beside its knob."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _setting(widget: Any) -> Setting:
    value = widget.value
    # 0.1 + 0.2 is no number that anybody set.
    return round(value, 6) if isinstance(value, float) else value
