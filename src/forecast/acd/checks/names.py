"""Queue names that a person takes for one, and a computer for several."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

import numpy as np

from forecast.acd.checks.days import Array
from forecast.acd.checks.words import LONGEST_NAME, Finding, joined, place
from forecast.schema import SeriesKey

# Letters of other scripts, and signs, by what they are taken for in most fonts.
_LOOKS_LIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТХҮԚԜаеорсухіјѕһԁԛԝьΑΒΕΖΗΙΚΜΝΟΡΤΥΧαινορυ–—‐‑−‒ʼ’‘´`",
    "ABESIJKMHOPCTXYQWaeopcyxijshdqwbABEZHIKMNOPTYXaivopu------'''''",
)
_SAME_STROKE = str.maketrans("I1|O", "lll0")
_NUMBER = re.compile(r"[+-]?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?")
_LEADING_ZEROS = re.compile(r"(?<![\d.,])0+(?=\d)")


def plain(name: str) -> str:
    r"""Return a name without case, blanks, invisible signs and full-width or half-width forms.

    Examples
    --------
    >>> plain("\uff33ales  EU"), plain("sales\u00a0eu")
    ('saleseu', 'saleseu')
    """
    wide = unicodedata.normalize("NFKC", name)
    seen = (c for c in wide if unicodedata.category(c)[0] not in "ZC")
    return unicodedata.normalize("NFKC", "".join(seen).casefold())


def seen_as(name: str) -> str:
    r"""Return a name with signs that look alike made one.

    Examples
    --------
    >>> seen_as("S\u0430les") == seen_as("Sales"), seen_as("Q1O") == seen_as("Ql0")
    (True, True)
    """
    latin = unicodedata.normalize("NFKC", name).translate(_LOOKS_LIKE)
    return plain(latin.translate(_SAME_STROKE))


def as_number(name: str) -> str | Decimal:
    """Return a name as the number that it is, else without leading zeros.

    Examples
    --------
    >>> as_number("1E5") == as_number("100000"), as_number("Q007")
    (True, 'q7')
    """
    text = plain(name)
    return Decimal(text) if _NUMBER.fullmatch(text) else _LEADING_ZEROS.sub("", text)


_FORMS: tuple[tuple[Callable[[str], object], str], ...] = (
    (plain, "case, blanks or full-width and half-width forms"),
    (seen_as, "signs that look alike"),
    (as_number, "leading zeros or the way a number is written"),
)


def look_alikes(codes: Array, keys: list[SeriesKey]) -> list[Finding]:
    """Return the queue names of one site that differ in ways that a reader overlooks."""
    rows: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, n in zip(keys, np.bincount(codes, minlength=len(keys)), strict=True):
        rows[key[0]][key[1]] += int(n)
    out = []
    for site, own in rows.items():
        told: set[tuple[str, ...]] = set()
        for form, what in _FORMS:
            alike: dict[object, list[str]] = defaultdict(list)
            for name in own:
                alike[form(name)].append(name)
            for names in alike.values():
                group = tuple(sorted(names))
                if len(group) > 1 and group not in told:
                    told.add(group)
                    out.append(_look_alike(site, group, what, own))
    return out


def _look_alike(site: str, group: tuple[str, ...], what: str, rows: dict[str, int]) -> Finding:
    names = [f"{spelt(name)} ({rows[name]:,} rows)" for name in group]
    text = (
        f"Queues {joined(names, 5)} of site {spelt(site)} differ only by {what}. "
        "All are kept apart; mend the export if they are one."
    )
    return Finding("look_alike", place(site, *group), float(len(group)), text)


def spelt(name: str) -> str:
    r"""Return a name in quotes, with signs that cannot be seen or told apart called by name.

    Examples
    --------
    >>> spelt("sales"), spelt("客服\u200b")
    ("'sales'", "'客服' [ZERO WIDTH SPACE]")
    """
    odd = [c for c in dict.fromkeys(name) if _is_odd(c)]
    cut = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    line = "".join(c for c in cut if unicodedata.category(c)[0] != "C")
    called = ", ".join(unicodedata.name(c, f"U+{ord(c):04X}") for c in odd[:3])
    return f"'{line}' [{called}]" if odd else f"'{line}'"


def _is_odd(sign: str) -> bool:
    invisible = unicodedata.category(sign)[0] in "ZC" and sign != " "
    return invisible or (not sign.isascii() and sign.translate(_LOOKS_LIKE).isascii())
