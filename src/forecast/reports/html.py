"""The report: one HTML page with everything inside, which opens from a file, offline."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from forecast.acd.quality import coverage
from forecast.params import Params
from forecast.reports import figures
from forecast.reports.calendar_figures import MOST_MONTHS, calendar_year
from forecast.reports.kind_figures import kind_curves
from forecast.reports.special import MOST_CALENDARS, alike, felt
from forecast.reports.style import svg
from forecast.reports.summary import (
    Tables,
    accuracy_rows,
    daily_totals,
    first_day_ahead,
    interval_totals,
    summary,
)
from forecast.schema import SERIES, events_at
from forecast.select import SeriesPlan

PAST_MONTHS = 12
"""Months of the past that the calendar shows before that of the first day ahead."""


def report_figures(tables: Tables, params: Params) -> dict[str, Any]:
    """Return the report's figures by name."""
    keys = [*SERIES, "ds"]
    local = tables.features[keys].assign(
        local=tables.features["date"] + pd.to_timedelta(tables.features["slot_min"], unit="min")
    )
    base = tables.requirement.merge(local, on=keys, validate="many_to_one")
    return {
        "daily": figures.daily(daily_totals(tables), params.report.history_weeks),
        "first_open_day": figures.first_open_day(base, interval_totals(tables, local)),
        "agents": figures.agents_heat_map(base),
        "scenarios": figures.scenario_costs(tables.plan, params.capacity.currency),
        "accuracy": figures.accuracy(accuracy_rows(tables.scores), list(params.backtest.horizons)),
        "coverage": figures.coverage_heat_map(_coverage(tables, params)),
        **calendar_report_figures(tables),
    }


def calendar_report_figures(tables: Tables) -> dict[str, Any]:
    """Return the figures of the calendar and of the kinds of events, each wide and narrow.

    Sites with the same days and events share one; beyond four the others are not drawn.
    """
    out: dict[str, Any] = {}
    ahead_from = first_day_ahead(tables)
    for number, sites in enumerate(alike(tables.calendar, tables.events)[:MOST_CALENDARS], 1):
        here = tables.calendar[tables.calendar["site"] == sites[0]]
        told = events_at(tables.events[tables.events["site"] == sites[0]])
        last = here["local"].max()
        ahead = (last.year - ahead_from.year) * 12 + last.month - ahead_from.month
        for narrow, suffix in ((False, ""), (True, "_narrow")):
            out[f"calendar_{number}{suffix}"] = calendar_year(
                here,
                told,
                ahead_from=ahead_from,
                months=min(PAST_MONTHS + 1 + ahead, MOST_MONTHS),
                narrow=narrow,
            )
    if len(tables.kind_effects):
        kinds = felt(tables.kind_effects, tables.event_effects)
        out |= {"kinds": kind_curves(kinds), "kinds_narrow": kind_curves(kinds, columns=2)}
    return out


def _coverage(tables: Tables, params: Params) -> pd.DataFrame:
    """Return coverage as the settings see it: closed by the calendar is neither here nor absent."""
    days = coverage(tables.history, params.ingest.zone)
    key = [*SERIES, "date"]
    open_min = tables.features.groupby(key)["open_min"].sum().reset_index()
    closed = days[key].merge(open_min, on=key, how="left")["open_min"].eq(0).to_numpy()
    share = days["share"].mask(closed)
    if params.ingest.absent_rows == "zero":
        share = share.mask(share > 0, 1.0)
    return days.assign(share=share)


def render(
    tables: Tables,
    params: Params,
    plans: list[SeriesPlan],
    *,
    calendar: Mapping[str, Any],
    trace: Mapping[str, Any],
) -> str:
    """Return the report as one HTML page.

    Parameters
    ----------
    tables
        What it is made of.
    params
        All parameters.
    plans
        What the select stage chose.
    calendar
        What the calendars stage wrote of the calendar: ``version``, ``opening_source``,
        ``opening_hours``, ``opening_yaml``, ``holidays`` and ``provisional_years``.
    trace
        ``plan_id`` and the manifest of the tables, so that every number can be traced.
    """
    environment = Environment(
        loader=PackageLoader("forecast.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "percent": _percent, "words": _words}
    drawn = {
        name: Markup(svg(figure, name))  # noqa: S704 - made here, text escaped by Matplotlib
        for name, figure in report_figures(tables, params).items()
    }
    page = environment.get_template("report.html.j2").render(
        **summary(tables, params, plans, calendar),
        figures=drawn,
        trace=trace,
        params_json=json.dumps(params.model_dump(mode="json"), indent=2, ensure_ascii=False),
    )
    return page + "\n"


def _number(value: float, digits: int = 0) -> str:
    return "–" if pd.isna(value) else f"{value:,.{digits}f}"


def _percent(value: float, digits: int = 1) -> str:
    return "–" if pd.isna(value) else f"{100 * value:.{digits}f} %"


def _words(name: str) -> str:
    return name.replace("_", " ")
