"""Persons at the door: callers become keyed hashes or nothing, agents numbers within one file."""

import hashlib
from collections.abc import Iterable

import numpy as np

from forecast.acd.sheets.grid import Texts

HASH_BYTES = 8


def keyed(texts: Iterable[str], key: str, unknown: Iterable[str] = ("", "0")) -> list[str]:
    """Return keyed hashes of callers; empty for unknown ones, and for all where there is no key.

    The key never leaves the caller's environment: without it a number cannot be found by trying.

    Examples
    --------
    >>> keyed(["+49 30 1234", ""], key="") == ["", ""]
    True
    >>> a, b = keyed(["+49 30 1234", "4930 1234"], key="secret")
    >>> a == b, len(a)
    (True, 16)
    """
    nobody = set(unknown)
    secret = hashlib.blake2b(key.encode(), digest_size=32).digest()
    out = []
    for text in texts:
        plain = _bare(text)
        if not key or text in nobody or not plain:
            out.append("")
        else:
            out.append(
                hashlib.blake2b(plain.encode(), key=secret, digest_size=HASH_BYTES).hexdigest()
            )
    return out


def _bare(caller: str) -> str:
    """Return a caller without the marks that one number is written with in several ways."""
    text = caller.removesuffix(".0")  # a spreadsheet's number
    digits = "".join(ch for ch in text if ch.isalnum())
    return digits.lstrip("0").casefold()


def numbered(texts: Texts | None, size: int, nobody: Iterable[str]) -> np.ndarray:
    """Return agents as numbers that mean nothing outside this file; -1 where there is none."""
    if texts is None:
        return np.full(size, -1, dtype="int64")
    known = ~texts.distinct.isin(set(nobody)).to_numpy()
    by_text = np.where(known, np.arange(len(texts.distinct)), -1)
    return texts.spread(by_text).astype("int64") if len(texts) else np.zeros(0, dtype="int64")
