"""`forecast ...`: the pipeline's steps one by one; each command is a function of ``steps``."""

from importlib import import_module
from typing import Annotated, NoReturn

import typer

from forecast import __version__
from forecast.console import guarded

# In the order of the flow, then what stands alone; each is a module of forecast.steps with a
# function of its name.
COMMANDS = (
    "sample",
    "ingest",
    "calendars",
    "features",
    "backtest",
    "select",
    "predict",
    "capacity",
    "scenarios",
    "trade",
    "alerts",
    "lookup",
    "shifts",
    "sites",
    "hiring",
    "report",
    "track",
    "publish",
    "update",
    "staff",
    "whatif",
    "export",
    "afford",
    "demo",
    "headline",
)

GROUPS = ("acd", "budget")
"""Modules with commands of their own."""
_EPILOG = (
    "Exit codes: 0 done, 1 another refusal, 2 wrong usage, 3 params.yaml refused, "
    "4 an input file refused, 5 a table broke its contract, 70 a defect. "
    "`make run` runs all steps in order."
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


def app(asked: str | None = None) -> typer.Typer:
    """Return the command line with all steps, or with the one that is ``asked`` for.

    What is not asked for is not loaded: one step takes a second, all of them four.
    """
    names = (*COMMANDS, *GROUPS)
    loaded = {asked} if asked in names else set(names)
    out = typer.Typer(
        help="From ACD exports and calendars to forecasts, staffing and what-if plans.",
        epilog=_EPILOG,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )

    @out.callback()
    def options(
        version: Annotated[
            bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")
        ] = False,
        debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    ) -> None:
        """Take the options that stand before a command."""

    for name in filter(loaded.__contains__, COMMANDS):
        out.command(name)(getattr(import_module(f"forecast.steps.{name}"), name))
    for name in filter(loaded.__contains__, GROUPS):
        out.add_typer(import_module(f"forecast.steps.{name}").app, name=name)
    return out


def main() -> NoReturn:
    """Run the command line."""
    import sys

    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    guarded(app(asked), debug="--debug" in sys.argv)


if __name__ == "__main__":
    main()
