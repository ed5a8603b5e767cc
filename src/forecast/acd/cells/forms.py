"""The forms in which one time is written, and what a text in one of them says."""

import re

import numpy as np

EARLIEST, LATEST = 1980, 2100
_MONTHS = {
    name: number
    for number, name in enumerate(
        (
            *("january", "february", "march", "april", "may", "june", "july", "august"),
            *("september", "october", "november", "december"),
        ),
        1,
    )
}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}
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
FORMS = {shape: re.compile(rf"(?:{date}){_TIME}") for shape, date in _DATES.items()}
_SERIAL = re.compile(r"\d{4,6}(?:\.\d+)?")


def shape_of(text: str) -> str:
    """Return the form that a text is written in; empty when it is none.

    Examples
    --------
    >>> shape_of("2024-05-01 9:00"), shape_of("1/5/24 9:00 PM"), shape_of("soon")
    ('ymd', 'slashed_short', '')
    """
    for shape, pattern in FORMS.items():
        if pattern.fullmatch(text):
            return shape
    return "serial" if _SERIAL.fullmatch(text) else ""


def moment_of(hit: re.Match[str], order: str) -> tuple[np.datetime64, float]:
    """Return the time that a text says (UTC where it says an offset), and the length of a range.

    ``order`` names the groups of year, month and day. The length is in minutes, NaN where the text
    is no range.

    Raises
    ------
    ValueError
        When there is no such day, time or offset.
    """
    year, month, day = (hit[part] for part in order)
    month_no = _MONTHS.get(month.casefold(), 0) if month.isalpha() else int(month)
    year_no = int(year) + (0 if len(year) == 4 else 1900 if int(year) >= 69 else 2000)
    if not EARLIEST <= year_no <= LATEST:
        raise ValueError(f"year {year_no} is not between {EARLIEST} and {LATEST}")
    if not 1 <= month_no <= 12:
        raise ValueError(f"there is no month {month}")
    start = np.datetime64(f"{year_no}-{month_no:02d}-01", "us")
    date: np.datetime64 = start + np.timedelta64(int(day) - 1, "D")
    if int(day) < 1 or date.astype("M8[M]") != start.astype("M8[M]"):
        raise ValueError(f"there is no day {day} in month {year_no}-{month_no:02d}")
    if hit["off"]:
        date = date - _offset(hit["off"])
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
    if hours > 14 or minutes > 59:
        raise ValueError(f"there is no offset {text}")
    return np.timedelta64((hours * 60 + minutes) * (-1 if text[0] == "-" else 1), "m")
