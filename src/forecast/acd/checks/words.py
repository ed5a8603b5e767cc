"""How findings are worded: days, names, lists, and one row of FINDINGS."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from forecast.schema import SeriesKey

SHOWN_NAMES = 3
LONGEST_NAME = 40


class Finding(NamedTuple):
    """One row of FINDINGS."""

    kind: str
    place: str
    size: float
    text: str


def date_of(day: int) -> pd.Timestamp:
    """Return the date of a day counted from 1970-01-01."""
    return pd.Timestamp(day, unit="D")


def day_text(day: int) -> str:
    """Return a day in words.

    Examples
    --------
    >>> day_text(10603)
    '12 January 1999'
    """
    date = date_of(day)
    return f"{date.day} {date:%B %Y}"


def weekday(day: int) -> str:
    """Return a day's weekday."""
    return f"{date_of(day):%A}"


def days_text(first: int, last: int) -> str:
    """Return a span of days in words, without saying a month or year twice.

    Examples
    --------
    >>> days_text(10602, 10603)
    '11 to 12 January 1999'
    >>> days_text(10590, 10603)
    '30 December 1998 to 12 January 1999'
    """
    a, b = date_of(first), date_of(last)
    if first == last:
        return day_text(first)
    if a.year != b.year:
        return f"{day_text(first)} to {day_text(last)}"
    return f"{a.day if a.month == b.month else f'{a.day} {a:%B}'} to {day_text(last)}"


def shown(name: str) -> str:
    r"""Return a name as it can stand in a sentence: one line, no invisible signs, not too long.

    Examples
    --------
    >>> shown("two\nlines\u200b")
    'two lines'
    """
    seen = (c for c in name if unicodedata.category(c) not in {"Cf", "Cs", "Cn"})
    line = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in seen)
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"


def joined(names: Sequence[str], most: int = SHOWN_NAMES) -> str:
    """Return names as a list in words, with a count of those that are left out.

    Examples
    --------
    >>> joined(["a", "b"]), joined(["a", "b", "c", "d", "e"])
    ('a and b', 'a, b, c and 2 more')
    """
    if len(names) == 1:
        return names[0]
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def counted(number: float, thing: str) -> str:
    """Return a number with its noun, which takes an s unless there is one of it.

    Examples
    --------
    >>> counted(1, "day"), counted(1200, "row")
    ('1 day', '1,200 rows')
    """
    return f"{number:,.0f} {thing}{'' if number == 1 else 's'}"


class Labels:
    """What series are called: by queue, and by channel and site where there are several."""

    def __init__(self, keys: Iterable[SeriesKey]) -> None:
        known = list(keys)
        self._sites = {key[0] for key in known}
        self._channels = {key[2] for key in known}

    def name(self, key: SeriesKey) -> str:
        """Return a series without the word queue and without its site."""
        queue, channel = shown(key[1]), shown(key[2])
        return f"{queue} ({channel})" if len(self._channels) > 1 else queue

    def of_site(self, site: str) -> str:
        """Return the site as an addition, empty where there is only one."""
        return f" of site {shown(site)}" if len(self._sites) > 1 else ""

    def queue(self, key: SeriesKey) -> str:
        """Return one series as it stands in a sentence."""
        return f"queue {self.name(key)}{self.of_site(key[0])}"

    def queues(self, keys: Sequence[SeriesKey]) -> str:
        """Return several series of one site as they stand in a sentence."""
        if len(keys) == 1:
            return self.queue(keys[0])
        return f"queues {joined([self.name(key) for key in keys])}{self.of_site(keys[0][0])}"


def place(*parts: str) -> str:
    """Return where a finding is, as a key."""
    return " / ".join(parts)


def iso(day: int) -> str:
    """Return a day as a key that sorts."""
    return f"{date_of(day):%Y-%m-%d}"


def sentence(text: str) -> str:
    """Return a text with a capital letter in front."""
    return text[:1].upper() + text[1:]
