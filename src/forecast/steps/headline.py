"""`forecast headline`: what the demonstration's plans would have done, simulated at the truth."""

from typing import Annotated

import typer

from forecast.capacity.base import base_demand
from forecast.console import InFolder, say
from forecast.demo.headline import trial, verdict
from forecast.demo.page import GOAL, LESS, answer, page, periods
from forecast.demo.project import centre_of
from forecast.params import Params
from forecast.schema import FORECAST, HISTORY, PATHS
from forecast.store import read_table, write_text

PAGE = "headline.md"
Replications = Annotated[int, typer.Option(min=2, help="times that the weeks are simulated")]


def headline(folder: InFolder, replications: Replications = 5) -> None:
    """Simulate the plain rule and the forecast's staffing at the truth; write headline.md."""
    centre = centre_of(folder)
    params = Params.load(folder / "params.yaml")
    made, seen = folder / "data/processed", folder / "data/interim"
    demand = base_demand(
        read_table(made / "paths.parquet", PATHS),
        read_table(made / "forecast.parquet", FORECAST),
        read_table(seen / "history.parquet", HISTORY),
        params,
    )
    plans = trial(centre, demand, params.capacity, seed=params.seed, replications=replications)
    sales = centre.sales
    sale = sales.loc[sales["name"].eq("11.11") & (sales["start"] >= centre.cutoff), "presale"].min()
    margin = centre.spec.rule.margin
    write_text(page(plans, sale, margin), folder / PAGE)
    for name, rows in periods(plans, sale).items():
        told = verdict(plans, rows, margin, less=LESS, goal=GOAL)
        say(f"headline: {name}: {answer(told)}")
    say(f"Headline: {folder / PAGE}")
