"""The page: its sections in their order, each a function, a template and figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from forecast.reports.plan import (
    accuracy,
    ask,
    calendar,
    capacity,
    demand,
    kpi,
    missed,
    peaks,
    people,
    quality,
    scenarios,
    sliders,
    sources,
    trade_off,
)
from forecast.reports.plan.drawn import Drawn, drawn
from forecast.reports.plan.material import Material
from forecast.reports.special import MOST_CALENDARS
from forecast.reports.summary import rows_ahead
from forecast.reports.words import Words, of

Context = Callable[[Material, Words], dict[str, Any]]
Draw = Callable[[Material, Words, bool], Figure]


@dataclass(frozen=True)
class Section:
    """A part of the page: its name is that of its template, of its anchor and of its title."""

    name: str
    context: Context
    figures: Mapping[str, Draw] = field(default_factory=dict)


SECTIONS = (
    Section("ask", ask.ask, {"service_by_week": ask.service_by_week}),
    Section("peaks", peaks.peaks),
    Section("demand", demand.demand, {"daily": demand.daily, "first_day": demand.first_day}),
    Section(
        "capacity",
        capacity.capacity,
        {
            "week_hours": capacity.weeks_figure,
            "heat": capacity.heat_figure,
            "hardest_day": capacity.day_figure,
        },
    ),
    Section("sliders", sliders.sliders),
    Section("trade_off", trade_off.trade_off, {"curves": trade_off.curves}),
    Section(
        "scenarios",
        scenarios.scenarios,
        {"scenario_costs": scenarios.costs, "waterfall": scenarios.waterfall},
    ),
    Section("kpi", kpi.kpi),
    Section("shrinkage", people.shrinkage),
    Section("hiring", people.hiring),
    Section(
        "calendar",
        calendar.calendar,
        {
            "kinds": calendar.kinds,
            **{f"calendar_{n + 1}": calendar.year(n) for n in range(MOST_CALENDARS)},
        },
    ),
    Section("accuracy", accuracy.accuracy, {"models": accuracy.models}),
    Section("missed", missed.missed, {"error_parts": missed.parts}),
    Section("quality", quality.quality, {"coverage": quality.coverage_figure}),
    Section("assumptions", sources.assumptions),
    Section("sources", sources.sources),
    Section("glossary", sources.glossary),
)
"""In the order of the page; the first is the first screen."""


@dataclass(frozen=True)
class Page:
    """plan.html, and its figures for a wide page by name."""

    html: str
    figures: Mapping[str, str]


def render(m: Material) -> Page:
    """Return plan.html in the language of ``report.language``: one page with everything inside."""
    words = of(m.params.report.language)
    environment = _environment(words)
    figures: dict[str, str] = {}
    parts = [
        (section.name, Markup(_part(section, m, words, environment, figures)))  # noqa: S704
        for section in SECTIONS
    ]
    page = environment.get_template("page.html.j2").render(**_shared(m), parts=parts)
    return Page(page.strip() + "\n", figures)


def render_section(m: Material, name: str) -> str:
    """Return one section alone, without its title."""
    words = of(m.params.report.language)
    section = next(one for one in SECTIONS if one.name == name)
    return _part(section, m, words, _environment(words), {})


def _part(
    section: Section, m: Material, words: Words, environment: Environment, made: dict[str, str]
) -> str:
    template = environment.get_template(f"{section.name}.html.j2")
    figures = _figures(section, m, words, made)
    return template.render(**_shared(m), **section.context(m, words), figures=figures)


def _figures(
    section: Section, m: Material, words: Words, made: dict[str, str]
) -> Callable[[str], Drawn]:
    """Return what draws a section's figure when its template asks for it; ``made`` keeps it."""

    def figure(name: str) -> Drawn:
        draw = section.figures[name]
        alt = words.text(f"figure.{name.rstrip('_1234567890')}")
        both = drawn(name, lambda wide: draw(m, words, wide), alt)
        made[name] = str(both.wide)
        return both

    return figure


def _shared(m: Material) -> dict[str, Any]:
    """Return what every template may use."""
    days = rows_ahead(m.tables)["date"]
    return {
        "params": m.params,
        "rules": m.params.capacity,
        "base": {str(name): value for name, value in m.base.items()},
        "currency": m.currency,
        "first_day": days.min(),
        "last_day": days.max(),
        "plan_id": m.trace["plan_id"],
        "several": m.several,
        "script_hash": sliders.script_hash(),
    }


def _environment(words: Words) -> Environment:
    environment = Environment(
        loader=PackageLoader("forecast.reports", "templates/plan"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"t": words.html, "words": words}
    environment.filters |= {
        "number": words.number,
        "percent": words.percent,
        "money": words.money,
        "money_short": words.money_short,
        "date": words.date,
        "day": words.day,
        "moment": words.moment,
    }
    return environment
