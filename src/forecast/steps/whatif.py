"""`forecast whatif`: scenarios of a file beside the base plan, in seconds."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from forecast.capacity.base import base_demand
from forecast.console import PARAMS, InFolder, ParamsFile, say
from forecast.errors import ParamsError
from forecast.params import Params
from forecast.params.scenario import layers
from forecast.scenarios import Learned, WhatIf, run_scenarios
from forecast.schema import CALENDAR, EVENT_DAYS, FORECAST, HISTORY, KIND_EFFECTS, PATHS
from forecast.store import read_table, replacing_folder, write_csv
from forecast.yamlfile import read_yaml

File = Annotated[
    Path,
    typer.Argument(help="YAML: names of scenarios, each with its levers (docs/what_if.md)"),
]
Out = Annotated[
    Path | None,
    typer.Option(help="folder for plan.csv, requirement.csv and the other tables"),
]
HEAD = ("scenario", "FTE", "peak", "cost", "against base", "service", "abandon", "ASA", "busy")


def whatif(
    file: File,
    interim: InFolder,
    processed: InFolder,
    out: Out = None,
    params: ParamsFile = PARAMS,
) -> None:
    """Say what scenarios take and cost beside the base plan; nothing is forecast again."""
    settings, names = with_scenarios(Params.load(params), file)
    demand = base_demand(
        read_table(processed / "paths.parquet", PATHS),
        read_table(processed / "forecast.parquet", FORECAST),
        read_table(interim / "history.parquet", HISTORY),
        settings,
    )
    calendar = None
    if settings.costs is not None:
        calendar = read_table(interim / "calendar.parquet", CALENDAR)
    learned = learned_in(processed, settings, names)
    found = run_scenarios(demand, settings, names, calendar, learned)
    for line in words(found, settings):
        say(line)
    if out is not None:
        with replacing_folder(out, "plan.csv") as folder:
            for name in ("plan", "requirement", "service", "steps", "cost_lines", "kpis", "trunks"):
                write_csv(getattr(found, name), folder / f"{name}.csv")


def learned_in(processed: Path, params: Params, names: Sequence[str]) -> Learned | None:
    """Return what the last run learned of events; None where no scenario asks for it."""
    asked = {one for name in names for one in layers(name, params.scenarios)}
    if not any(params.scenarios[name].promotions for name in asked):
        return None
    return Learned(
        read_table(processed / "kind_effects.parquet", KIND_EFFECTS),
        read_table(processed / "event_days.parquet", EVENT_DAYS),
        params.seed,
    )


def with_scenarios(params: Params, file: Path) -> tuple[Params, list[str]]:
    """Return the settings with a file's scenarios beside their own, and the names in the file.

    Raises
    ------
    ParamsError
        When it holds no scenarios, one of the base's name, or one that is in the settings already
        with other levers.
    """
    told: Any = read_yaml(file)
    if not isinstance(told, dict) or not told:
        raise ParamsError(f"{file}: must hold scenarios, a name and its levers each; found {told}")
    taken = [str(name) for name in told if name in params.scenarios]
    if taken:
        raise ParamsError(
            f"{file}: {', '.join(taken)} is a scenario of the settings; give it another name"
        )
    levers = {f"scenarios.{name}": told[name] or {} for name in told}
    return params.override(levers, str(file)), [str(name) for name in told]


def words(found: WhatIf, params: Params) -> list[str]:
    """Return what a budget owner reads: scenarios side by side, weeks at risk, steps of cost."""
    plan = found.plan[found.plan["is_plan"]].set_index("scenario", drop=False)
    plan = plan.loc[[name for name in params.scenarios if name in plan.index]]
    rows = [
        (
            str(row["scenario"]),
            f"{row['fte']:,.1f}",
            f"{row['peak_agents']:,.0f}",
            f"{row['cost']:,.0f}",
            f"{row['cost_vs_base']:+,.0f}",
            f"{row['service_level']:.1%}",
            f"{row['abandonment']:.1%}",
            "no end" if pd.isna(row["asa_s"]) else f"{row['asa_s']:.1f} s",
            f"{row['occupancy']:.1%}",
        )
        for row in plan.to_dict("records")
    ]
    widths = [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]
    lines = [
        "  ".join([cells[0].ljust(widths[0]), *map(str.rjust, cells[1:], widths[1:])])
        for cells in [HEAD, *rows]
    ]
    lines += [f"cost in {params.capacity.currency}; service: {_definition(params)}, or its own"]
    lines += [f"{row['scenario']}: {range_of(row)}" for row in plan.to_dict("records")]
    for name, own in found.steps.groupby("scenario", sort=False):
        steps = ", ".join(f"{r['lever']} {r['cost']:+,.0f}" for r in own.to_dict("records"))
        lines.append(f"{name}: {steps}")
    lines += missed(found.kpis, list(plan.index))
    lines += conflicts(found.kpis, list(plan.index))
    lines += [
        f"{r['scenario']}: {r['site']}: {r['trunks']} trunks, {r['ports']} menu ports, enough on "
        f"{r['quantile']:.0%} of the paths"
        for name in plan.index
        for r in found.trunks[found.trunks["scenario"] == name].to_dict("records")
        if r["is_plan"]
    ]
    for row in plan[plan["lost"] > 0].to_dict("records"):
        lines.append(
            f"{row['scenario']}: {row['lost']:,.0f} contacts stay away or find nobody open"
        )
    weeks = found.service[(found.service["period"] == "week") & found.service["p_met"].notna()]
    for row in weeks[weeks["p_met"] < params.capacity.confidence].to_dict("records"):
        lines.append(
            f"{row['scenario']}: {row['site']}/{row['queue']}/{row['channel']}, week from "
            f"{row['start']:%Y-%m-%d}: meets its target with a chance of {row['p_met']:.0%}"
        )
    return lines


def range_of(row: Mapping[Hashable, Any]) -> str:
    """Return a row of PLAN's heads and how it may fare, from P10 to P90 of the paths.

    Examples
    --------
    >>> ends = {"service_level_p10": 0.71, "service_level_p90": 0.9, "abandonment_p10": 0.01,
    ...     "abandonment_p90": 0.05, "asa_s_p10": 6.0, "asa_s_p90": float("nan"),
    ...     "occupancy_p10": 0.75, "occupancy_p90": 0.82}
    >>> told = range_of({"heads_by_contract": "full_time 448", **ends})
    >>> told.split("; ")[1].split(", ")[:3]
    ['P10 to P90: service 71.0% to 90.0%', 'abandon 1.0% to 5.0%', 'ASA 6.0 s to no end']
    """
    low, high = (
        "no end" if pd.isna(row[f"asa_s_{end}"]) else f"{row[f'asa_s_{end}']:.1f} s"
        for end in ("p10", "p90")
    )
    shares = {"service": "service_level", "abandon": "abandonment", "busy": "occupancy"}
    told = {
        word: f"{row[f'{name}_p10']:.1%} to {row[f'{name}_p90']:.1%}"
        for word, name in shares.items()
    }
    return (
        f"heads: {row['heads_by_contract']}; P10 to P90: service {told['service']}, "
        f"abandon {told['abandon']}, ASA {low} to {high}, busy {told['busy']}"
    )


def missed(kpis: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return a sentence for every scenario that misses targets of the section ``kpi``.

    Examples
    --------
    >>> row = {"scenario": "base", "kpi": "occupancy", "target": "0.7 to 0.8", "value": 0.85,
    ...     "verdict": "missed"}
    >>> missed(pd.DataFrame([row]), ["base"])
    ['base: misses occupancy 0.7 to 0.8 at 0.85']
    """
    lines = []
    for name in names:
        own = kpis[(kpis["scenario"] == name) & (kpis["verdict"] == "missed")]
        told = [f"{r['kpi']} {r['target']} at {r['value']:.3g}" for r in own.to_dict("records")]
        lines += [f"{name}: misses {', '.join(told).replace('_', ' ')}"] if told else []
    return lines


def conflicts(kpis: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return a sentence for each conflict between KPIs, with the scenarios that it holds for.

    Examples
    --------
    >>> row = {"kpi": "occupancy", "why": "a pulls against b"}
    >>> two = pd.DataFrame([{"scenario": "base", **row}, {"scenario": "more", **row}])
    >>> conflicts(two, ["base", "more"])
    ['a pulls against b: base, more']
    """
    held: dict[str, list[str]] = {}
    for name in names:
        own = kpis.loc[kpis["scenario"] == name, "why"]
        for why in dict.fromkeys(why for text in own for why in text.split(" | ") if why):
            held.setdefault(why, []).append(name)
    return [f"{why}: {', '.join(where)}".replace("_", " ") for why, where in held.items()]


def _definition(params: Params) -> str:
    return f"{params.capacity.definition}, within {params.capacity.answer_within_s:g} s"
