"""The edge to a person's terminal: one error boundary, exit codes, progress, typed arguments."""

import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from forecast.errors import ForecastError

EXIT_DEFECT = 70
"""Exit code of an error that this package did not foresee."""
PLAIN_LINES = 10

InFile = Annotated[Path, typer.Argument(help="file to read")]
InFolder = Annotated[Path, typer.Argument(help="folder to read")]
OutFile = Annotated[Path, typer.Argument(help="file to write")]
OutFolder = Annotated[Path, typer.Argument(help="folder to write")]
ParamsFile = Annotated[Path, typer.Option("--params", help="settings, see params.yaml")]
PARAMS = Path("params.yaml")


def run(step: Callable[..., None]) -> NoReturn:
    """Run one pipeline step as a program, with its arguments from the command line."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(step)
    guarded(app)


def guarded(app: Callable[[], Any], *, debug: bool = False) -> NoReturn:
    """Run a program so that errors reach a person as one message and a script as an exit code.

    With ``debug``, or FORECAST_DEBUG set in the environment, the traceback is shown as well.
    """
    debug = debug or bool(os.environ.get("FORECAST_DEBUG"))
    try:
        app()
    except ForecastError as error:
        if debug:
            traceback.print_exc()
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        if debug:
            traceback.print_exc()
        print(f"error: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(ForecastError.exit_code)
    except Exception as error:  # the last resort: nothing is hidden, it is said in one line
        if debug:
            traceback.print_exc()
        print(
            f"defect: {type(error).__name__}: {error}\n"
            "This should have been a clear message. Set FORECAST_DEBUG=1 for the traceback, "
            "and please report it.",
            file=sys.stderr,
        )
        sys.exit(EXIT_DEFECT)
    sys.exit(0)


def say(text: str) -> None:
    """Print a line of result."""
    print(text, flush=True)


def progress(steps: Iterable[Any], label: str) -> Iterator[Any]:
    """Yield the steps, with a moving bar on a terminal and a few plain lines elsewhere."""
    todo = list(steps)
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import track

        yield from track(todo, description=label, console=Console(stderr=True))
        return
    every = max(1, len(todo) // PLAIN_LINES)
    for number, step in enumerate(todo, 1):
        yield step
        if number % every == 0 or number == len(todo):
            print(f"{label}: {number} of {len(todo)}", file=sys.stderr, flush=True)
