"""`forecast afford`: what a cap on money or heads can buy, and what mends the weeks it breaks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import typer

from forecast.capacity.afford.plan import Afforded, Cap
from forecast.capacity.base import base_demand
from forecast.capacity.money.planned import prices_of
from forecast.console import PARAMS, InFolder, ParamsFile, say
from forecast.params import Params
from forecast.params.scenario import Scenario
from forecast.scenarios.case import Case
from forecast.scenarios.mend import USUAL, beyond, bought, mended
from forecast.schema import CALENDAR, FORECAST, HISTORY, PATHS
from forecast.steps.whatif import with_scenarios
from forecast.store import read_table, replacing_folder, write_csv

Money = Annotated[float | None, typer.Option(help="most that paid hours may cost")]
Heads = Annotated[float | None, typer.Option(help="most people at once; each has a full week")]
By = Annotated[
    Literal["period", "week"], typer.Option(help="whether the money is for all weeks or for each")
]
Floor = Annotated[float, typer.Option(help="least share answered in time in every interval")]
Levers = Annotated[
    Path | None, typer.Option(help="YAML of scenarios to try as levers; else those of the settings")
]
Out = Annotated[Path | None, typer.Option(help="folder for afford.csv and levers.csv")]


def afford(
    interim: InFolder,
    processed: InFolder,
    money: Money = None,
    heads: Heads = None,
    by: By = "period",
    floor: Floor = 0.0,
    levers: Levers = None,
    out: Out = None,
    params: ParamsFile = PARAMS,
) -> None:
    """Say what service a cap buys week by week, which weeks break, and what would mend them."""
    cap = Cap(money, heads, by, floor)
    settings = Params.load(params)
    both = {**USUAL, **settings.scenarios}
    candidates: Mapping[str, Scenario] = {k: v for k, v in both.items() if not beyond(k, both)}
    if levers is not None:
        settings, names = with_scenarios(settings, levers)
        candidates = {name: settings.scenarios[name] for name in names}
    demand = base_demand(
        read_table(processed / "paths.parquet", PATHS),
        read_table(processed / "forecast.parquet", FORECAST),
        read_table(interim / "history.parquet", HISTORY),
        settings,
    )
    prices = None
    if settings.costs is not None:
        calendar = read_table(interim / "calendar.parquet", CALENDAR)
        prices = prices_of(settings.costs, settings.trunks, calendar)
    base = Case(demand, settings.capacity, ledger=settings.shrinkage, prices=prices)
    found = bought(base, cap)
    tried = pd.DataFrame()
    if found.weeks["breaks"].any():
        named = {k: v for k, v in candidates.items() if k != "base"}
        tried = mended(base, cap, found, named)
    for line in words(found, tried, cap, settings):
        say(line)
    if out is not None:
        with replacing_folder(out, "afford.csv") as folder:
            write_csv(found.weeks, folder / "afford.csv")
            write_csv(tried, folder / "levers.csv")


def words(found: Afforded, tried: pd.DataFrame, cap: Cap, params: Params) -> list[str]:
    """Return what a budget owner reads."""
    unit = f"{params.capacity.currency} of pay" if cap.heads is None else "paid hours"
    target = params.capacity.service_level_target
    lines = [f"the best that it buys: {found.service_level:.1%} answered in time"]
    for row in found.weeks.to_dict("records"):
        has = row["cost"] if cap.heads is None else row["paid_hours"]
        lines.append(
            f"{row['site']}/{row['queue']}/{row['channel']}, week from {row['start']:%Y-%m-%d}: "
            f"{row['service_level']:.1%} for {has:,.0f} {unit}"
            + (f": breaks its {target:.0%}, lacks {row['lacking']:,.0f}" if row["breaks"] else "")
        )
    if found.poor:
        lines.append(
            f"in {found.poor} intervals fewer than half are answered in time: giving them up "
            "answers most in the others; --floor sets a least share for every interval"
        )
    helps = tried["worth"] > 0
    for row in tried[helps].to_dict("records"):
        weeks = "1 week breaks" if row["breaks"] == 1 else f"{row['breaks']} weeks break"
        lines.append(
            f"lever {row['lever']}: {row['points']:+.1f} points with the same cap, {weeks}; "
            f"as good as {row['worth']:,.0f} {unit}"
        )
    if not helps.all():
        lines.append(f"levers that do not help: {', '.join(tried.loc[~helps, 'lever'])}")
    return lines
