"""What arguments may be: every public function asks here and works on flat arrays."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Numbers = npt.ArrayLike
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True)
class Rule:
    """What a number must be, in words and as a test of finite numbers."""

    words: str
    holds: Callable[[Floats], Bools]


NOT_NEGATIVE = Rule("finite and >= 0", lambda v: v >= 0)
POSITIVE = Rule("finite and > 0", lambda v: v > 0)
WHOLE = Rule("finite and >= 0, whole", lambda v: (v >= 0) & (v % 1 == 0))
COUNT = Rule("finite and >= 1, whole", lambda v: (v >= 1) & (v % 1 == 0))
INSIDE = Rule("above 0 and below 1", lambda v: (v > 0) & (v < 1))
SHARE = Rule("at least 0, at most 1", lambda v: (v >= 0) & (v <= 1))
BELOW_ONE = Rule("at least 0 and below 1", lambda v: (v >= 0) & (v < 1))
CEILING = Rule("above 0, at most 1", lambda v: (v > 0) & (v <= 1))


def check(name: str, value: Numbers, rule: Rule) -> Floats:
    """Return the value as floats.

    Raises
    ------
    ValueError
        When one of its numbers breaks the rule, or it is none, naming argument, rule and number.
    """
    try:
        values = np.asarray(value, dtype="float64")
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be {rule.words}; found {value!r}") from None
    finite = np.isfinite(values)
    bad = ~(finite & rule.holds(np.where(finite, values, 0.0)))
    if bad.any():
        raise ValueError(f"{name} must be {rule.words}; found {np.asarray(value)[bad].flat[0]}")
    return values


def check_range(name: str, value: Floats, good: Bools, words: str) -> None:
    """Refuse numbers that depend on others, naming argument, rule and number."""
    if not good.all():
        raise ValueError(f"{name} must be {words}; found {value[~good].flat[0]}")


@dataclass(frozen=True)
class Rows:
    """Arguments broadcast to one shape and laid flat, so that masks work on scalars too."""

    shape: tuple[int, ...]
    columns: tuple[Floats, ...]

    @classmethod
    def of(cls, *values: Floats) -> "Rows":
        """Broadcast values; they may be read and not written."""
        every = np.broadcast_arrays(*values)
        return cls(every[0].shape, tuple(np.ravel(v) for v in every))

    def shaped(self, flat: npt.NDArray[Kind]) -> npt.NDArray[Kind]:
        """Return a flat result in the arguments' shape; scalars came in: a scalar goes out."""
        out: npt.NDArray[Kind] = flat.reshape(self.shape)[()]
        return out


BLOCK = 8192
"""Rows worked on at once, so that what lies between stays in the processor's cache."""


def blocks(size: int) -> Iterator[slice]:
    """Return slices of rows to work on, one after the other."""
    for start in range(0, size, BLOCK):
        yield slice(start, start + BLOCK)
