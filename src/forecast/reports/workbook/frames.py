"""The tables of the workbook's sheets."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from forecast.capacity.requirements import weighted
from forecast.params import Params
from forecast.reports.lines import line_name
from forecast.reports.summary import Tables, daily_totals
from forecast.reports.words import catalogue, of
from forecast.schema import SERIES, local_times
from forecast.select import CHAMPION

SCORED = ("wape", "bias", "mase", "excess", "coverage_80", "coverage_95", "pinball")
LEVELS = ("interval", "day", "week")


def with_hours(requirement: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return REQUIREMENT with local ``date`` and ``week`` (its Monday), agent and paid hours."""
    local = local_times(requirement, params.ingest.zone)
    date = local.dt.normalize()
    hours = requirement["open_min"] / 60
    return requirement.assign(
        date=date,
        week=date - pd.to_timedelta(date.dt.day_of_week, unit="D"),
        agent_hours=requirement["agents"] * hours,
        paid_hours=requirement["scheduled_agents"] * hours,
    )


def days(tables: Tables, params: Params) -> pd.DataFrame:
    """Return one row per coming local day over all teams.

    Contacts and their P10 and P90 are of the paths' sums; the service level is weighted by
    contacts; the peak is the most positions at one time.
    """
    rows = with_hours(tables.requirement, params)
    found = rows.groupby("date")[["agent_hours", "paid_hours"]].sum()
    at_once = rows.groupby(["date", "ds"])[["agents", "scheduled_agents"]].sum()
    found = found.join(at_once.groupby("date").max())
    found["service_level"] = [
        weighted(own["service_level"], own["offered"]) for _, own in rows.groupby("date")
    ]
    contacts = daily_totals(tables).set_index("date")[["mean", "p10", "p90"]]
    return contacts.join(found, how="inner").reset_index()


def weeks(tables: Tables, params: Params) -> pd.DataFrame:
    """Return one row per team and coming week, with the range of its service level."""
    rows = with_hours(tables.requirement, params)
    keys = [*SERIES, "week"]
    found = rows.groupby(keys).agg(
        offered=("offered", "sum"),
        agent_hours=("agent_hours", "sum"),
        paid_hours=("paid_hours", "sum"),
        agents=("agents", "max"),
    )
    found["fte"] = found["paid_hours"] / params.capacity.fte_hours_per_week
    service = tables.service[tables.service["period"] == "week"]
    service = service.rename(columns={"start": "week"}).set_index(keys)
    levels = [
        "service_level", "service_level_p10", "service_level_p90", "p_met", "abandonment", "asa_s",
        "occupancy",
    ]  # fmt: skip
    return found.join(service[levels]).reset_index()


def plans(tables: Tables, params: Params) -> pd.DataFrame:
    """Return the planned row of every scenario, in the settings' order."""
    planned = tables.plan[tables.plan["is_plan"]].set_index("scenario", drop=False)
    words = of(params.report.language)
    told = planned.loc[list(params.scenarios)].reset_index(drop=True)
    return told.assign(scenario=[words.name("scenario", name) for name in told["scenario"]])


def cost_lines(tables: Tables, params: Params) -> pd.DataFrame:
    """Return COST_LINES in the scenarios' order, with names for people."""
    words = of(params.report.language)
    table = _by_scenario(tables.cost_lines, params)
    return table.assign(
        line=[line_name(line, words) for line in table["line"]],
        unit=[words.name("unit", unit) for unit in table["unit"]],
    )


def kpis(tables: Tables, params: Params) -> pd.DataFrame:
    """Return KPIS in the scenarios' order, words for people in place of names."""
    words = catalogue("workbook", params.report.language)
    table = _by_scenario(tables.kpis, params)

    def named(kpi: str) -> str:
        return words.get(f"kpi_{kpi}", kpi.replace("_", " "))

    pulls = [[named(k) for k in text.split(";") if k] for text in table["pulls_against"]]
    return table.assign(
        kpi=[named(name) for name in table["kpi"]],
        verdict=[words[f"verdict_{name}"] for name in table["verdict"]],
        pulls_against=[", ".join(names) for names in pulls],
    )


def _by_scenario(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    order = {name: number for number, name in enumerate(params.scenarios)}
    place = table["scenario"].map(order)
    words = of(params.report.language)
    named = [words.name("scenario", name) for name in table["scenario"]]
    told = table.assign(place=place, scenario=named)
    return told.sort_values("place", kind="stable", ignore_index=True)


def accuracy(tables: Tables, params: Params) -> pd.DataFrame:
    """Return the champion's scores: a row per series, target, level and lead."""
    words = catalogue("workbook", params.report.language)
    own = tables.scores[tables.scores["model"] == CHAMPION]
    index = [*SERIES, "target", "level", "horizon", "n"]
    wide = own.pivot_table(index=index, columns="metric", values="value").reset_index()
    wide = wide.reindex(columns=[*index, *SCORED])
    order = {name: number for number, name in enumerate(params.backtest.horizons)}
    wide = wide.assign(
        place=wide["level"].map({name: n for n, name in enumerate(LEVELS)}),
        lead=wide["horizon"].map(order),
    ).sort_values(["target", *SERIES, "place", "lead"], ascending=[False, *[True] * 5])
    return wide.assign(
        target=[words[f"target_{name}"] for name in wide["target"]],
        level=[words[f"level_{name}"] for name in wide["level"]],
        horizon=[_lead(name, params, words) for name in wide["horizon"]],
    ).reset_index(drop=True)


def _lead(name: str, params: Params, words: Mapping[str, str]) -> str:
    ends = list(params.backtest.horizons.values())
    place = list(params.backtest.horizons).index(name)
    first = 1 + (ends[place - 1] if place else 0)
    which = "lead_day" if first == ends[place] else "lead_days"
    return words[which].format(first=first, last=ends[place])


def mean_aht(requirement: pd.DataFrame) -> float:
    """Return the handle time of REQUIREMENT's contacts, mean over contacts."""
    return weighted(requirement["aht_s"], requirement["offered"])


def peaks(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the peaks' sheet from ``alerts.peaks_table``; empty where none is coming."""
    names = [
        "title", *SERIES, "cause_words", "start", "end", "contacts", "contacts_p10",
        "contacts_p90", "usual", "p_short", "p_short_any", "worst_start", "gap_agents",
        "gap_hours", "closed_hours", "measures_cost", "verdict_words", "trunks_needed", "trunks",
        "ports_needed", "ports",
    ]  # fmt: skip
    return pd.DataFrame([{name: row[name] for name in names} for row in rows], columns=names)


def measures(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the measures of all peaks, in the order of both."""
    whose = ["title", "site", "queue"]
    names = ["measure_words", "hours_most", "cost_per_hour", "hours", "cost", "standing_words"]
    told = [
        {name: row[name] for name in whose} | {name: own[name] for name in names}
        for row in rows
        for own in row["measures"]
    ]
    return pd.DataFrame(told, columns=[*whose, *names])


def is_empty(value: Any) -> bool:
    """Return whether a cell stays empty: nothing is known, or it is no finite number."""
    if isinstance(value, float | np.floating):
        return not np.isfinite(value)
    return value is None or value is pd.NaT
