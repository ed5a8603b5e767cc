"""Which profile reads a sheet, and where its header stands."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from forecast.acd.forms.sheet import Record, Sheet
from forecast.acd.profile import COUNTS, DURATIONS, IVR, Profile, all_of, columns_of
from forecast.errors import InputError

HEADER_WITHIN = 60
MEASURES = (*COUNTS, *DURATIONS, IVR, "interval_minutes")
UNSEEN = re.compile(r"[\s_\-]+")


def spelled(name: str) -> str:
    """Return a column's name without what vendors change from version to version.

    Examples
    --------
    >>> spelled(" Calls_Offered") == spelled("callsOffered")
    True
    """
    return UNSEEN.sub("", unicodedata.normalize("NFKC", name)).casefold()


@dataclass(frozen=True)
class Fit:
    """How a sheet is read: profile, delimiter, the header's place and names."""

    profile: Profile
    delimiter: str
    header: tuple[str, ...]
    above: tuple[Record, ...]
    """Records above the header."""

    @cached_property
    def place(self) -> dict[str, int]:
        """Position of each column by its spelling; of two of one name, neither is there."""
        names = [spelled(name) for name in self.header]
        return {name: i for i, name in enumerate(names) if names.count(name) == 1 and name}

    @cached_property
    def shown(self) -> list[bool]:
        """For each column whether it may be shown: known to the profile, and no person in it."""
        profile = self.profile
        known = {self.column(names) for names in used(profile)}
        known |= {self.column([name]) for name in profile.known}
        persons = [profile.columns[n] for n in ("agent", "caller") if n in profile.columns]
        hidden = {self.column(s.column) for s in persons if s.column}
        hidden |= {self.column([name]) for name in profile.private}
        if profile.grain == "queue_log":
            hidden |= {self.column([name]) for name in ("agent", "data2")}
        return [i in known and i not in hidden for i in range(len(self.header))]

    @cached_property
    def measured(self) -> set[int | None]:
        """Positions of the columns that hold numbers, times or words of the profile."""
        profile = self.profile
        sources = [
            s for n, field in profile.columns.items() if n in MEASURES for s in all_of(field)
        ]
        names = [s.column for s in sources if s.column]
        names += [[n] for s in sources for n in (*s.plus, *s.minus)]
        names += [n.split("|") for m in profile.dated().values() for n in columns_of(m)]
        names += [keep.column for keep in profile.keep]
        names += [profile.outcome.column] if profile.outcome else []
        return {self.column(spellings) for spellings in names}

    def column(self, names: Sequence[str]) -> int | None:
        """Return the position of the first of several spellings that the header has."""
        return next((self.place[spelled(n)] for n in names if spelled(n) in self.place), None)

    def position(self, names: str) -> int | None:
        """Return the position of a column given as ``name`` or ``name|other name``."""
        return self.column(names.split("|"))


def needed(profile: Profile) -> list[list[str]]:
    """Return the columns that a profile cannot do without, each with its other spellings."""
    out = [
        name.split("|")
        for moments in (profile.start, profile.arrived)
        if moments
        for name in columns_of(moments)
    ]
    for moments in (profile.entered, profile.answered_at, profile.released_at, profile.end):
        out += [name.split("|") for name in columns_of(moments or [])]
    for field in ("queue", "offered"):
        source = profile.columns.get(field)
        if source:
            out += [source.column] if source.column else [[name] for name in source.plus]
    if profile.outcome:
        out.append(profile.outcome.column)
    return out + [keep.column for keep in profile.keep]


def used(profile: Profile) -> list[list[str]]:
    """Return all columns that a profile reads, each with its other spellings."""
    out = needed(profile)
    for moments in profile.dated().values():
        out += [name.split("|") for name in columns_of(moments)]
    if profile.grain == "queue_log":
        out += [[name] for name in ("callid", "event", "agent", "data2")]
    for source in (s for field in profile.columns.values() for s in all_of(field)):
        out += [source.column] if source.column else []
        out += [[name] for name in (*source.plus, *source.minus)]
    return out


def fits(sheet: Sheet, known: Sequence[Profile]) -> Fit | None:
    """Return the profile that reads a sheet, with its header; None when none does.

    Of several the one that needs, and then knows, most columns is taken.

    Raises
    ------
    InputError
        When two different profiles fit equally well.
    """
    found: list[tuple[tuple[bool, bool, int, int], Fit]] = []
    bound = [p for p in known if p.declared_for(sheet.name)]
    for delimiter in sheet.delimiters:
        head, _ = head_of(sheet, delimiter)
        for profile in bound or [p for p in known if not p.files]:
            if profile.delimiter in (None, delimiter) or delimiter == "":
                fit = _headed(profile, delimiter, head)
                if fit:
                    found.append((_score(profile, fit), fit))
    if not found:
        return None
    best = max(score for score, _ in found)
    first, *others = [fit for score, fit in found if score == best]
    rivals = {fit.profile.name for fit in others} - {first.profile.name}
    if rivals and first.profile.name not in {p.name for p in bound[:1]}:
        raise InputError(
            f"{sheet.name}: the profiles {first.profile.name} and {', '.join(sorted(rivals))} fit "
            'equally well; name the file in one of them (files: ["name*.csv"])'
        )
    return first


def head_of(sheet: Sheet, delimiter: str) -> tuple[list[Record], InputError | None]:
    """Return the first records of a sheet, up to where its bytes stop making sense, and why."""
    head: list[Record] = []
    try:
        for record in islice(sheet.records(delimiter), HEADER_WITHIN):
            head.append(record)
    except InputError as error:
        return head, error
    return head, None


def _headed(profile: Profile, delimiter: str, head: list[Record]) -> Fit | None:
    if profile.header:
        return Fit(profile, delimiter, tuple(profile.header), ())
    for i, (_, cells) in enumerate(head):
        fit = Fit(profile, delimiter, _widened(cells, head[i + 1 :]), tuple(head[:i]))
        if all(fit.column(names) is not None for names in needed(profile)):
            return fit
    return None


def _widened(header: list[str], below: list[Record]) -> tuple[str, ...]:
    """Return the header, with an unnamed column more where every row ends in a delimiter."""
    rows = [cells for _, cells in below if any(cells)]
    longer = rows and all(len(r) == len(header) + 1 and not r[-1].strip() for r in rows)
    return tuple(cell.strip() for cell in header) + (("",) if longer else ())


def _score(profile: Profile, fit: Fit) -> tuple[bool, bool, int, int]:
    names = {fit.column(n) for n in used(profile)} | {fit.column([n]) for n in profile.known}
    return bool(profile.files), profile.own, len(needed(profile)), len(names - {None})
