"""`forecast demo`: an invented e-commerce centre as a project folder."""

from typing import Annotated

import typer

from forecast.console import OutFolder, say
from forecast.demo.project import SEED, write_project

Seed = Annotated[int, typer.Option(help="source of all chance; another seed, another centre")]


def demo(folder: OutFolder, seed: Seed = SEED) -> None:
    """Write three years of an invented e-commerce centre as a project; `make demo` runs it."""
    written = write_project(folder, seed=seed)
    say(
        f"demo: {written.rows:,} intervals of exports, {written.sales} sales, history until "
        f"{written.cutoff - written.cutoff.resolution:%Y-%m-%d} -> {folder}"
    )
