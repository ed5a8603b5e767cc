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

_EPILOG = (
    "Exit codes: 0 done, 1 another refusal, 2 wrong usage, 3 params.yaml refused, "
    "4 an input file refused, 5 a table broke its contract, 70 a defect. "
    "`make run` runs all steps in order."
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


def app() -> typer.Typer:
    """Return the command line with all steps."""
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

    for name in COMMANDS:
        out.command(name)(getattr(import_module(f"forecast.steps.{name}"), name))
    for name in ("acd", "budget"):
        out.add_typer(import_module(f"forecast.steps.{name}").app, name=name)
    return out


def main() -> NoReturn:
    """Run the command line."""
    import sys

    guarded(app(), debug="--debug" in sys.argv)


if __name__ == "__main__":
    main()
