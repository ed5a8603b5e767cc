"""Texts of numbers and durations -> floats; a mark that can be read in two ways is refused."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from forecast.acd.profile import Unit

LARGEST = 1e12
"""Beyond this a number is a mistake, and sums would lose whole contacts."""
SECONDS = {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0, "day": 86400.0}
_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_COMMA_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_POINT_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?")
_THREE = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_MARKED = {",": _COMMA, ".": re.compile(r"[+-]?[0-9]+\.[0-9]+")}
_MILLIONS = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_CLOCK = re.compile(r"(-?)(?:([0-9]+)[d.] ?)?([0-9]+):([0-9]{2}):([0-9]{2}(?:[.,][0-9]+)?)")
_PAIR = re.compile(r"(-?)([0-9]+):([0-9]{2}(?:\.[0-9]+)?)")
Decimal = Literal[".", ",", "both"]


@dataclass(frozen=True)
class Numbers:
    """Values by distinct text, NaN where there is none; and why a text is no number, else empty."""

    values: np.ndarray
    problems: list[str]


def decimal_mark(texts: pd.Series, declared: str, delimiter: str = ",") -> Decimal:
    """Return what divides whole from fraction in a file's numbers, told from all of them together.

    ``both``: every mark stands before three digits, so it may be either; such cells are refused.
    1,234,567 tells of thousands, as 0.5 and a plain 1234 tell of none.

    Examples
    --------
    >>> decimal_mark(pd.Series(["3", "12,5", "1,500"]), "auto")
    ','
    >>> decimal_mark(pd.Series(["3", "1,500"]), "auto")
    'both'
    """
    if declared != "auto":
        return "," if declared == "," else "."
    if delimiter == "":
        return "."  # numbers of a workbook or a database are no texts
    told = [t for t in texts if t and t[-1].isdigit()]
    if any(_MILLIONS.fullmatch(t.replace(",", ".")) for t in told):
        return "," if any(_MILLIONS.fullmatch(t) for t in told) else "."
    # A thousand written without a mark says that no mark divides thousands.
    bare = any(t.isdigit() and len(t) > 3 and t[0] != "0" for t in told)
    commas, points = ([t for t in told if mark in t] for mark in ",.")
    for mark, marked in ((",", commas), (".", points)):
        if any(_fraction(t, mark) for t in marked) or (marked and bare):
            return "," if mark == "," else "."
    return "both" if commas or points else "."


def _fraction(text: str, mark: str) -> bool:
    """Return whether a number's mark cannot divide thousands."""
    return bool(_MARKED[mark].fullmatch(text)) and not _THREE.fullmatch(text)


def read_numbers(
    texts: pd.Series, unit: Unit, decimal: Decimal, missing: frozenset[str], zero: frozenset[str]
) -> Numbers:
    """Return counts, or seconds where the unit is one of time.

    Examples
    --------
    >>> none = frozenset([""])
    >>> read_numbers(pd.Series(["4", "", "1,234"]), "count", "both", none, frozenset()).problems[2]
    'may be 1234 or 1.234: give decimal in the profile'
    >>> read_numbers(pd.Series(["0:02:14"]), "s", ".", none, frozenset()).values.tolist()
    [134.0]
    """
    values = np.full(len(texts), np.nan)
    problems = [""] * len(texts)
    for i, text in enumerate(texts):
        if text in missing:
            continue
        if text in zero:
            values[i] = 0.0
            continue
        values[i], problems[i] = _number(text, unit, decimal)
    return Numbers(values, problems)


def _number(text: str, unit: Unit, decimal: Decimal) -> tuple[float, str]:
    if ":" in text and unit != "count":
        return _clock(text, unit)
    if unit in ("h:mm", "mm:ss"):
        return np.nan, f"must be a time like 2:05 ({unit})"
    if decimal == "both" and _THREE.fullmatch(text):
        whole, part = re.split("[.,]", text)
        return np.nan, f"may be {whole}{part} or {whole}.{part}: give decimal in the profile"
    if _PLAIN.fullmatch(text) and not (decimal == "," and "." in text):
        return _sized(float(text) * SECONDS.get(unit, 1.0))
    plain_text = _without_marks(text, decimal)
    if plain_text is None:
        return np.nan, "must be a number with a decimal point and no thousands mark"
    return _sized(float(plain_text) * SECONDS.get(unit, 1.0))


def _without_marks(text: str, decimal: Decimal) -> str | None:
    """Return a number with thousands or decimal marks as Python writes it; None when it is none."""
    if decimal == ",":
        if _COMMA.fullmatch(text) or _POINT_THOUSANDS.fullmatch(text):
            return text.replace(".", "").replace(",", ".")
    elif decimal == "." and _COMMA_THOUSANDS.fullmatch(text):
        return text.replace(",", "")
    return None


def _sized(value: float) -> tuple[float, str]:
    if abs(value) > LARGEST:
        return np.nan, f"must be a number up to {LARGEST:.0e}"
    return value, ""


def _clock(text: str, unit: Unit) -> tuple[float, str]:
    whole = _CLOCK.fullmatch(text)
    if whole:
        sign, days, hours, minutes, seconds = whole.groups()
        if int(minutes) > 59 or float(seconds.replace(",", ".")) >= 60:
            return np.nan, "must be a time H:MM:SS with minutes and seconds below 60"
        total = int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60
        total_s = total + float(seconds.replace(",", "."))
        return (-total_s if sign else total_s), ""
    pair = _PAIR.fullmatch(text)
    if pair and unit in ("h:mm", "mm:ss"):
        sign, large, small = pair.groups()
        if float(small) >= 60:
            return np.nan, f"must be a time {unit} with its second part below 60"
        value = int(large) * (3600 if unit == "h:mm" else 60)
        value_s = value + float(small) * (60 if unit == "h:mm" else 1)
        return (-value_s if sign else value_s), ""
    if pair:
        return np.nan, "may be minutes:seconds or hours:minutes; give unit (mm:ss, h:mm)"
    return np.nan, "must be seconds, or a time like 0:02:14"
