"""A profile: what one vendor's report looks like, as data. Adding a vendor is adding a file.

Profiles lie in ``profiles/`` beside this file; a user's own lie in ``data/profiles/`` and are tried
first. A profile fits a table when the table has every column that the profile cannot do without.
"""

import json
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from forecast.errors import ParamsError, listed
from forecast.params import IngestParams
from forecast.settings import Section
from forecast.yamlfile import read_yaml

BUNDLED = Path(__file__).parent / "profiles"
CALL_TIMES = ("entered", "arrived", "answered_at", "released_at", "ended_at")
NAMES = ("site", "queue", "channel")
COUNTS = ("offered", "answered", "abandoned", "short_abandoned", "answered_in_threshold", "agents")
DURATIONS = ("talk_s", "hold_s", "wrap_s", "wait_s")
IVR = "ivr_s"
IDENTITIES = ("call_id", "agent", "caller")
MISSING = ("", "-", "--", "NULL", "null", "N/A", "n/a")
TOTALS = (
    *("total", "totals", "grand total", "subtotal", "sub-total", "sub total", "summary", "sum"),
    *(
        "all",
        "all queues",
        "overall",
        "合计",
        "总计",
        "小计",
        "汇总",
        "合計",
        "總計",
        "小計",
        "総計",
    ),
    *("합계", "총계", "소계", "gesamt", "gesamtsumme", "summe", "zwischensumme", "totaal"),
    *("total général", "sous-total", "total general", "totale", "totale generale", "total geral"),
    *("итого", "всего", "razem", "suma", "summa", "totalt", "toplam", "genel toplam", "celkem"),
    *("součet", "yhteensä", "i alt"),
)
"""Words that, alone in the cell of a queue, a site or a time, mark a row of sums."""

Unit = Literal["count", "s", "ms", "min", "h", "day", "h:mm", "mm:ss"]


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _short_form(value: Any) -> Any:
    return {"column": value} if isinstance(value, str | list) else value


def _known_encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        raise ValueError(f"'{name}' is no encoding that Python knows; cp1252 is one") from None
    return name


Columns = Annotated[list[str], BeforeValidator(_one_or_many), Field(min_length=1)]
"""Other spellings of one column: the first that the table has is taken."""
Encoding = Annotated[str, AfterValidator(_known_encoding)]


class Source(Section):
    """Where a field comes from: a column, a sum of columns, or an average times a count."""

    column: Columns | None = None
    """Its column; several are other spellings of the same one. ``{answer_within_s}`` and
    ``{short_abandon_s}`` in a name stand for those settings."""
    plus: list[str] = []
    """Columns whose values are added together; instead of ``column``."""
    minus: list[str] = []
    """Columns whose values are taken off."""
    times: str | None = None
    """Field that an average is multiplied with, to give a sum: answered, offered, ..."""
    otherwise: "Source | None" = None
    """Where it comes from in reports that do not have the column."""
    unit: Unit = "count"
    """Of plain numbers; times with colons, like 0:02:14, are read as H:MM:SS, and as MM:SS or H:MM
    only where the unit says so."""

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if bool(self.column) == bool(self.plus):
            raise ValueError("give either column or plus")
        return self


def all_of(source: Source) -> Iterator[Source]:
    """Yield a source and those that stand in for it."""
    at: Source | None = source
    while at is not None:
        yield at
        at = at.otherwise


Field_ = Annotated[Source, BeforeValidator(_short_form)]


class Moment(Section):
    """Where a point of time comes from, and how it is written."""

    column: Columns
    """One column, or a date's and a time's, which are joined; each may be ``a|b``: either name."""
    form: str = "auto"
    """``auto`` (any of the usual forms, told from the whole file), ``unix_s``, ``unix_ms``,
    ``excel_1900``, ``excel_1904``, or a strptime pattern like ``%y%m%d %H:%M:%S``."""
    order: Literal["dmy", "mdy", "ymd"] | None = None
    """Of dates like 03/04/2024; where it is not given the file must tell, or it is refused."""
    zone: str = "site"
    """``site``, ``UTC``, an IANA name, or ``minutes_west:COLUMN`` / ``minutes_east:COLUMN``."""
    after: Columns | None = None
    """A time of the same day that it cannot precede: earlier means past midnight."""
    not_applicable: list[str] = []
    """Cells of its last column that say there is no such time."""
    only: Literal["answered", "abandoned"] | None = None
    """Holds for calls of this outcome alone."""


def _moments(value: Any) -> Any:
    if isinstance(value, str):
        return [{"column": value}]
    return [value] if isinstance(value, dict) else value


Moments = Annotated[list[Moment], BeforeValidator(_moments), Field(min_length=1)]
"""Alternatives: the first that applies to a row is taken."""
OneMoment = Annotated[list[Moment], BeforeValidator(_moments), Field(min_length=1, max_length=1)]


class Outcome(Section):
    """The column that says how a call ended, and its words."""

    column: Columns
    answered: list[str]
    abandoned: list[str]
    not_offered: list[str] = []
    """Rows that are no customers."""


class Keep(Section):
    """Rows to take: those with one of the words in a column. Others are ignored, by name."""

    column: Columns
    words: list[str] = Field(min_length=1)
    why: str = Field(min_length=1)
    """Reason under which the others stand in the ledger, like 'outbound'."""


class Profile(Section):
    """One vendor's report."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    own: bool = False
    """Set by whoever reads it: a user's own comes before those of the package."""
    title: str = Field(min_length=1)
    seen_in: str = ""
    """Where the columns are known from."""
    grain: Literal["interval", "call", "queue_log"] = "interval"
    files: list[str] = []
    """Patterns of file names; where given the profile is for these files alone."""
    encoding: Encoding | None = None
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    header: list[str] = []
    """Names of the columns of a report that comes without a header line."""
    decimal: Literal[".", ",", "auto"] = "auto"
    missing: list[str] = list(MISSING)
    """Cells that say: no value. Never zero."""
    zero: list[str] = []
    """Cells of counts and durations that say: zero."""
    start: OneMoment | None = None
    """Start of the interval (grain interval)."""
    end: OneMoment | None = None
    """End of the interval, where the report has both."""
    label: Literal["start", "end"] = "start"
    """Whether ``start`` is written at the interval's start or at its end."""
    minutes: int | None = Field(None, ge=1, le=1440)
    """Length of all intervals, where the report has one alone."""
    entered: Moments | None = None
    """When a call came in (grain call), where it may end without having asked for an agent: then a
    call without ``arrived`` is self-service, and counted apart."""
    arrived: Moments | None = None
    """When a call asked for an agent (grain call)."""
    answered_at: Moments | None = None
    released_at: Moments | None = None
    """When the agent who answered was free again, where that is not the call's end: at a transfer,
    after which the caller talks on with somebody else. A call without it ends for both at once."""
    ended_at: Moments | None = None
    outcome: Outcome | None = None
    """Else a call with ``answered_at`` is answered, and any other abandoned."""
    keep: list[Keep] = []
    columns: dict[str, Field_] = {}
    """Fields of HISTORY (or of a call) and where they come from."""
    constants: dict[str, str] = {}
    """site, queue or channel of the whole report."""
    words: dict[str, dict[str, str]] = {}
    """Other words for the cells of site, queue or channel: ``channel: {Voice: voice}``."""
    known: list[str] = []
    """Further columns of the report: known, not used, no person in them. They are shown where a row
    is quarantined; all other columns are masked."""
    private: list[str] = []
    """Columns with persons in them: never stored. All columns that are not named are treated so."""
    fill_down: list[str] = []
    """Columns in which an empty cell repeats the one above (merged cells)."""
    totals: list[str] = list(TOTALS)
    ignore_lines: list[str] = []
    """Regular expressions; a line that one matches in its first cell is a title or a footer."""
    same_interval: Literal["refuse", "sum"] = "refuse"
    """What several rows of one file for one queue and interval are: a contradiction, or parts."""
    absent_rows: Literal["missing", "zero"] = "missing"
    """What an interval without a row is, on a day with other rows of the site."""
    exported_at: str | None = None
    """Regular expression whose group is the time of the export, searched in the lines above the
    header: ``Generated:? (.+)``."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        fields = {
            "interval": {*NAMES, "interval_minutes", *COUNTS, *DURATIONS},
            "call": {*NAMES, *DURATIONS, *IDENTITIES, IVR},
            "queue_log": {*NAMES},
        }[self.grain]
        problems = [
            f"columns: '{c}' is no field of grain {self.grain}"
            for c in self.columns
            if c not in fields
        ]
        problems += [
            f"constants: '{c}' must be one of {', '.join(NAMES)}"
            for c in self.constants
            if c not in NAMES
        ]
        if self.grain == "interval" and not (self.start and "offered" in self.columns):
            problems.append("grain interval needs start and columns.offered")
        if self.grain == "call" and not self.arrived:
            problems.append("grain call needs arrived")
        if self.grain == "call" and not (self.outcome or self.answered_at):
            problems.append("grain call needs outcome or answered_at")
        if self.released_at and not self.answered_at:
            problems.append("released_at needs answered_at: nobody is released who did not answer")
        if self.grain == "queue_log" and not (self.header and self.arrived):
            problems.append("grain queue_log needs header and arrived")
        if "queue" not in self.columns and "queue" not in self.constants:
            problems.append("queue must be in columns or in constants")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def dated(self) -> dict[str, list[Moment]]:
        """Return the fields that are points of time, with where they come from."""
        fields = {"start": self.start, "end": self.end, **{t: getattr(self, t) for t in CALL_TIMES}}
        return {name: moments for name, moments in fields.items() if moments}

    def settled(self, params: IngestParams) -> Self:
        """Return a copy whose column names have the settings that they name filled in."""
        text = json.dumps(self.model_dump(), ensure_ascii=False)
        if "_s}" not in text:
            return self
        for name in ("answer_within_s", "short_abandon_s"):
            text = text.replace(f"{{{name}}}", f"{getattr(params, name):g}")
        return self.model_validate_json(text)

    def declared_for(self, file: str) -> bool:
        """Return whether this profile is named for a file."""
        path = file.partition("!")[0]
        return any(fnmatch(path, p) or fnmatch(Path(path).name, p) for p in self.files)


def read_profile(path: Path) -> Profile:
    """Return one profile.

    Raises
    ------
    ParamsError
        Listing every key that is unknown, missing or breaks its rule.
    """
    try:
        keys = read_yaml(path) or {}
        if "own" in keys:
            raise ParamsError(f"{path} is no profile: own is not for profiles to say")
        return Profile.model_validate({"name": path.stem, **keys})
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, e['loc'])) or 'profile'}: {e['msg']}" for e in error.errors()
        ]
        raise ParamsError(f"{path} is no profile:\n{listed(problems)}") from None
    except TypeError:
        raise ParamsError(f"{path} is no profile: it must hold keys and values") from None


def profiles(own: Path | None, params: IngestParams) -> list[Profile]:
    """Return a user's own profiles and those of the package, in this order, by name.

    An own profile takes the place of a bundled one of the same name.

    Raises
    ------
    ParamsError
        When one of them is not a profile.
    """
    found: dict[str, Profile] = {}
    theirs = _in(own) if own else ()
    for profile in (*theirs, *bundled()):
        mine = any(profile is p for p in theirs)
        settled = profile.settled(params).model_copy(update={"own": mine})
        found.setdefault(profile.name, settled)
    return list(found.values())


def _in(folder: Path) -> tuple[Profile, ...]:
    paths = sorted(folder.glob("*.y*ml")) if folder.is_dir() else []
    return tuple(read_profile(path) for path in paths)


@cache
def bundled() -> tuple[Profile, ...]:
    """Return the profiles that come with the package; they do not change while it runs."""
    return _in(BUNDLED)


def encoding_for(known: Sequence[Profile], file: str) -> str | None:
    """Return the encoding that a profile declares for a file by its name, if one does."""
    return next((p.encoding for p in known if p.encoding and p.declared_for(file)), None)


def columns_of(moments: Sequence[Moment]) -> Iterator[str]:
    """Yield the columns that points of time are read from."""
    for moment in moments:
        yield from moment.column
        yield from moment.after or []
        if ":" in moment.zone:
            yield moment.zone.partition(":")[2]
