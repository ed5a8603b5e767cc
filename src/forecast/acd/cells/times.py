"""Texts of times -> wall time or UTC; the form is told from the whole column, never per row."""

import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from forecast.acd.cells.forms import EARLIEST, FORMS, LATEST, moment_of, shape_of
from forecast.acd.forms.sheet import Epoch
from forecast.schema import LOCAL

LONGEST_PAUSE_DAYS = 27
_PLAIN_LOCAL = r"^\d{4}-\d{2}-\d{2}[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$"
_PLAIN_FIXED = _PLAIN_LOCAL[:-1] + r"(Z|[+-](0\d|1[0-4]):?[0-5]\d)$"
MANY = 5_000
_ORDERS = {"ymd": "abc", "chinese": "abc", "compact": "abc", "named": "cba", "named_us": "cab"}
_TOLD = {"dmy": "cba", "mdy": "cab", "ymd": "abc"}
_EPOCHS = {"excel_1900": "1899-12-30", "excel_1904": "1904-01-01"}


@dataclass(frozen=True)
class Times:
    """By distinct text: wall time (or UTC where ``fixed``), length told by it, and problems."""

    wall: pd.Series
    fixed: np.ndarray
    """Whether the text itself says the offset: then ``wall`` is UTC."""
    minutes: np.ndarray
    """Length told by texts like 09:00-09:30; NaN elsewhere."""
    problems: list[str]
    untold: str = ""
    """Why the whole column cannot be read: its days and months can be told in two ways."""
    doubt: str = ""
    """What speaks against the order of day and month that was told; else empty."""
    ends: bool = False
    """Whether a time 24:00 tells that the times are ends."""


def read_times(texts: pd.Series, form: str, order: str | None, epoch: Epoch | None) -> Times:
    """Return the times of a column's distinct texts.

    Parameters
    ----------
    texts
        Distinct texts, dates and times of day joined by a blank.
    form, order
        As ``profile.Moment`` has them.
    epoch
        How bare day numbers count, where the form of the file says it.

    Examples
    --------
    >>> read_times(pd.Series(["13/02/2024 9:00", "01/02/2024 24:00"]), "auto", None, None).wall[1]
    Timestamp('2024-02-02 00:00:00')
    >>> read_times(pd.Series(["01/02/2024 9:00"]), "auto", None, None).untold
    'dates like 01/02/2024 9:00 can be day-month or month-day; give order (dmy, mdy) in the profile'
    """
    if form in ("unix_s", "unix_ms"):
        return _numbered(texts, "s" if form == "unix_s" else "ms", "1970-01-01", fixed=True)
    if form in _EPOCHS:
        return _numbered(texts, "D", _EPOCHS[form])
    if form in ("hhmm", "hour"):
        return read_times(texts.map(lambda t: _colon(t, form)), "auto", order, epoch)
    if form != "auto":
        return _patterned(texts, form)
    ranges = _are_ranges(texts)
    plain, fixed = _plain(texts)
    if ranges:
        plain, fixed = plain.mask(fixed), np.zeros(len(texts), dtype=bool)
    other = np.flatnonzero(plain.isna())
    if len(other) == 0 or len(texts) - len(other) > max(len(other), MANY):
        return _with_plain(texts, plain, fixed, other)
    if not ranges:
        texts = texts.map(_offset_apart)
    shapes = [shape_of(text) for text in texts]
    known = pd.Series([s for s in shapes if s], dtype=object)
    usual = str(known.mode().iloc[0]) if len(known) else "ymd"
    if usual == "serial":
        return _serials(texts, epoch)
    read = _told(texts, shapes, usual, order)
    turned = _half_turned(texts, shapes)
    return replace(read, untold=turned) if turned else read


_EITHER = re.compile(r"([ T])(\d{1,2}):(\d{2})(:\d{2}(?:\.\d+)?)?\s*-\s*(\d{2}):(\d{2})$")
LONGEST_RANGE_MIN = 240


def _are_ranges(texts: pd.Series) -> bool:
    """Return whether what ends like 09:00-09:30 are intervals; else it is an offset, -09:30.

    An interval has its end as precise as its start, comes after a blank, and is short.
    """
    maybe = pc.match_substring_regex(pa.array(texts, type=pa.string()), r"\d\s*-\s*\d\d:\d\d$")
    hits = [hit for text in texts[np.asarray(maybe, dtype=bool)] if (hit := _EITHER.search(text))]
    if any(hit[1] == "T" or hit[4] for hit in hits):
        return False
    lengths = [(int(h[5]) * 60 + int(h[6]) - int(h[2]) * 60 - int(h[3])) % 1440 for h in hits]
    return bool(hits) and max(lengths) <= LONGEST_RANGE_MIN


def _offset_apart(text: str) -> str:
    """Return a text in which an offset like -04:00 is written -0400, which no interval is."""
    return _EITHER.sub(lambda h: f"{h[1]}{h[2]}:{h[3]}{h[4] or ''}-{h[5]}{h[6]}", text)


def _plain(texts: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Return the times written like 2024-05-01 09:30:00, all at once, and which say an offset."""
    arrow = pa.array(texts, type=pa.string())
    out = pd.Series(pd.NaT, index=range(len(texts)), dtype=LOCAL)
    fixed = np.asarray(pc.match_substring_regex(arrow, _PLAIN_FIXED), dtype=bool)
    local = np.asarray(pc.match_substring_regex(arrow, _PLAIN_LOCAL), dtype=bool)
    for here in (fixed, local):
        told = pd.to_datetime(texts[here], format="ISO8601", errors="coerce", utc=True)
        out[here] = told.dt.tz_localize(None).to_numpy(dtype="M8[us]")
    year = out.dt.year
    good = (year >= EARLIEST) & (year <= LATEST)
    return out.where(good).astype(LOCAL), fixed & good.to_numpy()


def _with_plain(texts: pd.Series, plain: pd.Series, fixed: np.ndarray, other: np.ndarray) -> Times:
    """Return times nearly all of which are plain, and so written year first: others one by one."""
    wall, minutes, problems = plain.copy(), np.full(len(texts), np.nan), [""] * len(texts)
    if len(other):
        rest = texts.iloc[other].map(_offset_apart).reset_index(drop=True)
        hits = [FORMS["ymd"].fullmatch(text) for text in rest]
        read = _read(rest, hits, _ORDERS["ymd"], timed=True)
        wall.iloc[other] = read.wall.to_numpy()
        fixed = fixed.copy()
        fixed[other], minutes[other] = read.fixed, read.minutes
        for i, problem in zip(other, read.problems, strict=True):
            problems[i] = problem
    ends = bool(len(other)) and read.ends
    return Times(wall, fixed, minutes, problems, ends=ends)


def _half_turned(texts: pd.Series, shapes: list[str]) -> str:
    """Return why dates of two forms cannot be read: a spreadsheet program has swapped half of them.

    Opening 05/03/2024 where months come first makes it 3 May, and leaves 13/03/2024 a text.
    """
    first = [FORMS["ymd"].fullmatch(t) for t, s in zip(texts, shapes, strict=True) if s == "ymd"]
    other = [t for t, s in zip(texts, shapes, strict=True) if s.startswith("slashed")]
    hits = [FORMS[shape_of(t)].fullmatch(t) for t in other]
    if not (first and hits):
        return ""
    small = all(int(hit["c"]) <= 12 for hit in first if hit)
    large = all(max(int(hit["a"]), int(hit["b"])) > 12 for hit in hits if hit)
    if not (small and large):
        return ""
    return (
        f"some dates are written year first and others like {other[0]}: a spreadsheet program may "
        "have swapped day and month of the first; export the report again and drop it unopened"
    )


def _told(texts: pd.Series, shapes: list[str], usual: str, order: str | None) -> Times:
    found = [
        FORMS[usual].fullmatch(text) if shape == usual else None
        for text, shape in zip(texts, shapes, strict=True)
    ]
    if usual in _ORDERS:
        return _read(texts, found, _ORDERS[usual])
    candidates = [order] if order else ["dmy", "mdy", *(["ymd"] if "short" in usual else [])]
    reads = {o: _read(texts, found, _TOLD[o]) for o in candidates}
    good = {o: frozenset(np.flatnonzero(t.wall.notna())) for o, t in reads.items()}
    best = [o for o in candidates if all(good[o] >= good[other] for other in candidates)]
    if len(best) == 1:
        return replace(reads[best[0]], doubt="" if order else _jumps(reads[best[0]].wall, best[0]))
    example = next((t for t, hit in zip(texts, found, strict=True) if hit), texts.iloc[0])
    why = (
        f"dates like {example} can be day-month or month-day"
        if best
        else "some dates are day-month and others month-day (a spreadsheet program may have turned "
        f"part of them), like {example}"
    )
    first = reads[candidates[0]]
    names = ", ".join(candidates)
    return Times(
        first.wall,
        first.fixed,
        first.minutes,
        first.problems,
        f"{why}; give order ({names}) in the profile",
    )


def _jumps(wall: pd.Series, order: str) -> str:
    """Return a doubt where the days, in the order of the file, run neither forward nor backward."""
    steps = wall.dropna().dt.normalize().drop_duplicates().diff().dropna()
    steady = (steps > pd.Timedelta(0)).all() or (steps < pd.Timedelta(0)).all()
    if steady and (steps.abs() <= pd.Timedelta(days=LONGEST_PAUSE_DAYS)).all():
        return ""
    return (
        f"days and months were read as {order}, which alone reads all dates, and the days jump "
        "by weeks or back and forth; if the file mixes two orders, some are wrong: give order in "
        "the profile"
    )


def _read(
    texts: pd.Series, found: list[re.Match[str] | None], order: str, timed: bool = False
) -> Times:
    wall = np.full(len(texts), np.datetime64("NaT", "us"))
    fixed = np.zeros(len(texts), dtype=bool)
    minutes = np.full(len(texts), np.nan)
    problems = [""] * len(texts)
    timed = timed or any(hit["hhmm"] for hit in found if hit)
    for i, hit in enumerate(found):
        if hit is None:
            problems[i] = "must be a time written like the rest of its column"
            continue
        try:
            if timed and not hit["hhmm"]:
                raise ValueError("it has no time of day, as others have; midnight is 00:00")
            wall[i], minutes[i] = moment_of(hit, order)
            fixed[i] = bool(hit["off"])
        except ValueError as error:
            problems[i] = f"must be a time that exists ({error})"
    ends = any(hit is not None and hit["h"] == "24" for hit in found)
    return Times(pd.Series(wall).astype(LOCAL), fixed, minutes, problems, ends=ends)


def _colon(text: str, form: str) -> str:
    """Return ``2024-05-01 930`` as ``2024-05-01 9:30``: times as numbers, without a colon."""
    day, blank, clock = text.rpartition(" ")
    if not clock.isdigit() or not blank:
        return text
    number = int(clock) * (100 if form == "hour" else 1)
    return f"{day} {number // 100}:{number % 100:02d}"


def _serials(texts: pd.Series, epoch: Epoch | None) -> Times:
    if epoch:
        return _numbered(texts, "D", _EPOCHS[epoch])
    out = _numbered(texts, "D", _EPOCHS["excel_1900"])
    why = (
        f"numbers like {texts.iloc[0]} may be days of a spreadsheet; give form (excel_1900) in the "
        "profile"
    )
    return Times(out.wall, out.fixed, out.minutes, out.problems, why)


def _numbered(texts: pd.Series, unit: str, origin: str, fixed: bool = False) -> Times:
    plain = texts.where(texts.str.fullmatch(r"\d+(?:\.\d+)?").astype(bool))
    number = pd.to_numeric(plain, errors="coerce").to_numpy(dtype="float64")
    # Whole seconds: day fractions of spreadsheets are rounded binary numbers.
    each = {"D": 86400.0, "s": 1.0, "ms": 0.001}[unit]
    seconds = np.round(number * each, 0 if unit == "D" else 3)
    inside = (seconds >= 0) & (seconds < 6e9)
    micro = np.where(inside, seconds, 0.0) * 1e6
    wall = pd.Series(np.datetime64(origin, "us") + micro.round().astype("int64").astype("m8[us]"))
    year = wall.dt.year
    good = inside & ((year >= EARLIEST) & (year <= LATEST)).to_numpy()
    problems = ["" if ok else "must be a number that is a time" for ok in good]
    return Times(
        wall.astype(LOCAL).where(good),
        np.full(len(texts), fixed),
        np.full(len(texts), np.nan),
        problems,
    )


def _patterned(texts: pd.Series, pattern: str) -> Times:
    wall = pd.to_datetime(texts, format=pattern, errors="coerce").astype(LOCAL)
    problems = ["" if ok else f"must be a time like {pattern}" for ok in wall.notna()]
    return Times(
        wall.reset_index(drop=True),
        np.zeros(len(texts), dtype=bool),
        np.full(len(texts), np.nan),
        problems,
    )
