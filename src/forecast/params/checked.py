"""Settings are checked, and every key at fault is named by its path."""

from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from forecast.errors import ParamsError, listed

M = TypeVar("M", bound=BaseModel)


def validated(model: type[M], data: Any, where: str, prefix: str = "") -> M:
    """Return settings that were checked.

    Raises
    ------
    ParamsError
        Listing every key that is unknown, missing or out of bounds, with its path.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ParamsError(f"{where} is refused:\n{listed(_messages(error, prefix))}") from None


def _messages(error: ValidationError, prefix: str = "") -> list[str]:
    lines = []
    for item in error.errors():
        path = ".".join([*([prefix] if prefix else []), *(str(part) for part in item["loc"])])
        if item["type"] == "extra_forbidden":
            rule = "is no known key"
        else:
            rule = item["msg"].removeprefix("Value error, ").replace("Input should", "must")
        missing_or_unknown = item["type"] in {"extra_forbidden", "missing"}
        found = item["input"]
        shown = isinstance(found, str | int | float | bool | date) or found is None
        lines.append(
            f"{path or 'params'}: {rule}"
            + (f"; found {found!r}" if shown and not missing_or_unknown else "")
        )
    return lines
