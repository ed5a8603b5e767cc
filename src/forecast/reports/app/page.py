"""The what-if page of widgets, for a notebook or for Voila."""

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets as widgets
import yaml

from forecast.errors import ForecastError
from forecast.reports.app.desk import Answer, Desk
from forecast.reports.app.drawn import by_hour
from forecast.reports.app.knobs import Knob, Setting
from forecast.reports.catalogue import catalogue
from forecast.reports.style import svg

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


def what_if(desk: Desk, language: str = "en") -> widgets.Widget:
    """Return the page: knobs on one side, what they cost and a figure on the other.

    Every turn of a knob is answered at once; what cannot be planned is said, and the last answer
    stays. The levers stand below as a scenario to copy into a file.

    Parameters
    ----------
    desk
        The base plan.
    language
        "en" or "zh".
    """
    words = catalogue("app", language)
    turned = {knob.name: _widget(knob, words) for knob in desk.knobs}
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
        figure.value = svg(by_hour(answer, words), "what_if")
        file.value = _as_file(desk.scenario(settings()), words)

    def reset(_: Any) -> None:
        for knob in desk.knobs:
            turned[knob.name].value = knob.rest

    for widget in turned.values():
        widget.observe(show, "value")
    back.on_click(reset)
    show()
    left = widgets.VBox([*turned.values(), back, said, file], layout=_WIDE)
    right = widgets.VBox([numbers, figure], layout=_FIGURE)
    flow = widgets.Layout(flex_flow="row wrap", width="100%")
    return widgets.Box([left, right], layout=flow)


def table(answer: Answer, currency: str, words: Mapping[str, str]) -> str:
    """Return the numbers of both plans side by side, as HTML."""
    head = "".join(f"<th scope='col'>{escape(words[w])}</th>" for w in ("plan", "asked", "against"))
    rows = []
    for name, form in _NUMBERS.items():
        was, now = answer.base[name], answer.row[name]
        apart = _APART[name].format(now - was) if name in _APART else ""
        rows.append(
            f"<tr><th scope='row'>{escape(words[name].format(currency=currency))}</th>"
            f"<td>{form.format(was)}</td><td data-what='{name}'>{form.format(now)}</td>"
            f"<td>{apart}</td></tr>"
        )
    return (
        "<table class='what-if' style='border-spacing:12px 4px;text-align:right'>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _as_file(levers: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Return levers as a scenario to copy; nothing where none is pulled."""
    if not levers:
        return ""
    told = yaml.safe_dump({"asked": dict(levers)}, allow_unicode=True)
    return f"<p>{escape(words['as_file'])}</p><pre>{escape(told)}</pre>"


def _widget(knob: Knob, words: Mapping[str, str]) -> Any:
    """Return the widget of a knob, its name in front."""
    look = {
        "description": words[knob.name],
        "style": {"description_width": "125px"},
        "layout": {"width": "98%"},
    }
    if knob.choices:
        options = [(words[choice], choice) for choice in knob.choices]
        return widgets.Dropdown(options=options, value=knob.rest, **look)
    if isinstance(knob.rest, bool):
        return widgets.Checkbox(value=knob.rest, **look)
    form = {"share": ".0%", "points": "+.1f", "%": "+.0f"}[knob.unit]
    return widgets.FloatSlider(
        value=knob.rest,
        min=knob.low,
        max=knob.high,
        step=knob.step,
        readout_format=form,
        continuous_update=False,
        **look,
    )


def _setting(widget: Any) -> Setting:
    value = widget.value
    # 0.1 + 0.2 is no number that anybody set.
    return round(value, 6) if isinstance(value, float) else value
