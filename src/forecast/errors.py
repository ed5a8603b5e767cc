"""The errors that reach a person, each with the exit code that a script can test for.

Every message says what, where, what was found and how to mend it (design rule 2).
"""

from collections.abc import Sequence

SHOWN_PROBLEMS = 20


class ForecastError(ValueError):
    """Base of all errors that are reported as one message, without a traceback."""

    exit_code = 1


class ParamsError(ForecastError):
    """params.yaml holds an unknown key, or a value that breaks a rule."""

    exit_code = 3


class InputError(ForecastError):
    """A file that a person dropped in (export, calendar, promotions) cannot be understood."""

    exit_code = 4


class SchemaError(ForecastError):
    """A table does not keep the contract of ``forecast.schema``."""

    exit_code = 5


def listed(problems: Sequence[str], shown: int = SHOWN_PROBLEMS) -> str:
    """Return problems as indented lines, the first ``shown`` of them and a count of the rest.

    Examples
    --------
    >>> print(listed(["a", "b", "c"], shown=2))
      - a
      - b
      ... and 1 more
    """
    lines = [f"  - {problem}" for problem in problems[:shown]]
    if len(problems) > shown:
        lines.append(f"  ... and {len(problems) - shown} more")
    return "\n".join(lines)
