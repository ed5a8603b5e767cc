"""Texts of times -> wall time or UTC; the form is told from the whole column, never per row."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from forecast.acd.forms.sheet import Epoch
from forecast.schema import LOCAL

EARLIEST, LATEST = 1980, 2100
_MONTHS = {
    m: i
    for i, m in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_DATES = {
    "ymd": r"(?P<a>\d{4})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{1,2})",
    "chinese": r"(?P<a>\d{4})年(?P<b>\d{1,2})月(?P<c>\d{1,2})日",
    "compact": r"(?P<a>\d{4})(?P<b>\d{2})(?P<c>\d{2})",
    "slashed": r"(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{4})",
    "slashed_short": r"(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{2})",
    "named": r"(?P<a>\d{1,2})[- ](?P<b>[A-Za-z]{3,9})[- ,]+(?P<c>\d{4})",
    "named_us": r"(?P<a>[A-Za-z]{3,9}) (?P<b>\d{1,2}),? (?P<c>\d{4})",
}
_CLOCK = r"(?P<h>\d{1,2})[:时](?P<m>\d{2})分?(?::?(?P<s>\d{2})秒?(?:[.,](?P<f>\d{1,9}))?)?"
_TIME = (
    rf"(?:[T ]+(?P<cn>上午|下午)?(?P<hhmm>{_CLOCK})\s*(?P<ap>[AaPp]\.?[Mm]\.?)?"
    r"(?:\s*[-~–至]\s*(?P<h2>\d{1,2}):(?P<m2>\d{2})(?::(?P<s2>\d{2}))?)?)?"
    r"\s*(?P<off>Z|z|[+-]\d{2}:?\d{2})?"
)
_FORMS = {shape: re.compile(rf"(?:{date}){_TIME}") for shape, date in _DATES.items()}
_PLAIN_LOCAL = r"^\d{4}-\d{2}-\d{2}[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$"
_PLAIN_FIXED = _PLAIN_LOCAL[:-1] + r"(Z|[+-]\d{2}:?\d{2})$"
MANY = 5_000
_SERIAL = re.compile(r"\d{4,6}(?:\.\d+)?")
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
    shapes = [_shape(text) for text in texts]
    known = pd.Series([s for s in shapes if s], dtype=object)
    usual = str(known.mode().iloc[0]) if len(known) else "ymd"
    if usual == "serial":
        return _serials(texts, epoch)
    return _told(texts, shapes, usual, order)


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
        hits = [_FORMS["ymd"].fullmatch(text) for text in rest]
        read = _read(rest, hits, _ORDERS["ymd"], timed=True)
        wall.iloc[other] = read.wall.to_numpy()
        fixed = fixed.copy()
        fixed[other], minutes[other] = read.fixed, read.minutes
        for i, problem in zip(other, read.problems, strict=True):
            problems[i] = problem
    return Times(wall, fixed, minutes, problems)


def _shape(text: str) -> str:
    for shape, pattern in _FORMS.items():
        if pattern.fullmatch(text):
            return shape
    return "serial" if _SERIAL.fullmatch(text) else ""


def _told(texts: pd.Series, shapes: list[str], usual: str, order: str | None) -> Times:
    found = [
        _FORMS[usual].fullmatch(text) if shape == usual else None
        for text, shape in zip(texts, shapes, strict=True)
    ]
    if usual in _ORDERS:
        return _read(texts, found, _ORDERS[usual])
    candidates = [order] if order else ["dmy", "mdy", *(["ymd"] if "short" in usual else [])]
    reads = {o: _read(texts, found, _TOLD[o]) for o in candidates}
    good = {o: frozenset(np.flatnonzero(t.wall.notna())) for o, t in reads.items()}
    best = [o for o in candidates if all(good[o] >= good[other] for other in candidates)]
    if len(best) == 1:
        return reads[best[0]]
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
            wall[i], minutes[i] = _moment(hit, order)
        except ValueError as error:
            problems[i] = f"must be a time that exists ({error})"
            continue
        offset = hit["off"]
        if offset:
            fixed[i] = True
            wall[i] -= _offset(offset)
    return Times(pd.Series(wall).astype(LOCAL), fixed, minutes, problems)


def _moment(hit: re.Match[str], order: str) -> tuple[np.datetime64, float]:
    year, month, day = (hit[part] for part in order)
    month_no = _MONTHS.get(month[:3].casefold(), 0) if month.isalpha() else int(month)
    year_no = int(year) + (0 if len(year) == 4 else 1900 if int(year) >= 69 else 2000)
    if not EARLIEST <= year_no <= LATEST:
        raise ValueError(f"year {year_no} is not between {EARLIEST} and {LATEST}")
    if not 1 <= month_no <= 12:
        raise ValueError(f"there is no month {month}")
    start = np.datetime64(f"{year_no}-{month_no:02d}-01", "us")
    date = start + np.timedelta64(int(day) - 1, "D")
    if int(day) < 1 or date.astype("M8[M]") != start.astype("M8[M]"):
        raise ValueError(f"there is no day {day} in month {year_no}-{month_no:02d}")
    if hit["hhmm"] is None:
        return date, np.nan
    seconds = _seconds(hit)
    length = np.nan
    if hit["h2"]:
        end = int(hit["h2"]) * 3600 + int(hit["m2"]) * 60 + int(hit["s2"] or 0)
        # 23:30-00:00 ends at midnight; 09:00-09:29 and 09:00-09:29:59 name their last minute.
        length = np.round(((end - seconds) % 86400 or 86400) / 60, 4)
        length = float(np.ceil(length)) if hit["s2"] == "59" else length
        length += 1 if hit["s2"] is None and int(hit["m2"]) % 5 == 4 else 0
    micro = round(seconds * 1e6)
    return date + np.timedelta64(micro, "us"), float(length)


def _seconds(hit: re.Match[str]) -> float:
    hour, minute, second = int(hit["h"]), int(hit["m"]), int(hit["s"] or 0)
    half = (hit["ap"] or "")[:1].casefold() or {"上午": "a", "下午": "p"}.get(hit["cn"] or "", "")
    if half and hit["ap"] and not 1 <= hour <= 12:
        raise ValueError(f"there is no {hour} o'clock {hit['ap']}")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    midnight = hour == 24 and minute == second == 0
    if (hour > 23 and not midnight) or minute > 59 or second > 59:
        raise ValueError(f"there is no time {hit['hhmm']}")
    return hour * 3600 + minute * 60 + second + float(f"0.{hit['f'] or 0}")


def _offset(text: str) -> np.timedelta64:
    if text in "Zz":
        return np.timedelta64(0, "m")
    hours, minutes = int(text[1:3]), int(text[-2:])
    return np.timedelta64((hours * 60 + minutes) * (-1 if text[0] == "-" else 1), "m")


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
