"""What settings are made of: the base of every section, and types that say their rule."""

from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DayKind = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]
Share = Annotated[float, Field(ge=0, le=1)]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"'{name}' is no IANA time zone; write one like America/New_York")
    return name


def _clock(text: Any) -> str:
    if not isinstance(text, str):
        raise ValueError('write times in quotes, like "21:05": YAML reads 21:05 as a number')
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdigit() and minutes.isdigit() and len(minutes) == 2):
        raise ValueError(f"'{text}' is no time of day; write it like \"07:30\", in quotes")
    if not (int(minutes) < 60 and int(hours) * 60 + int(minutes) <= 24 * 60):
        raise ValueError(f"'{text}' is no time of day; 00:00 to 24:00 is")
    return f"{int(hours):02d}:{minutes}"


Zone = Annotated[str, AfterValidator(_known_zone)]
Clock = Annotated[str, BeforeValidator(_clock)]


class Section(BaseModel):
    """Base of every section: frozen, and a key that nobody reads is an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )
