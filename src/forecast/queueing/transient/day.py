"""A day of intervals: calls and agents of each, with handle time, patience and a time limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Day:
    """Expected calls and agents in consecutive intervals of one length.

    Within an interval calls come as a Poisson process of constant rate; handle times and patience
    are exponential.

    Parameters
    ----------
    calls
        Expected calls offered in each interval, >= 0.
    agents
        Agents on position in each interval, whole, >= 0.
    interval_s
        Length of an interval, > 0.
    aht_s
        Average handle time, > 0; one number, or one per interval.
    answer_within_s
        Answer-within limit, >= 0.
    patience_s
        Mean patience, > 0; None: nobody hangs up.

    Raises
    ------
    ValueError
        For a number that breaks its rule, or lists of different lengths.

    Examples
    --------
    >>> Day([30, 45], [4, 5], interval_s=900, aht_s=100, answer_within_s=20).load
    array([3.33333333, 5.        ])
    """

    calls: Sequence[float] | npt.NDArray[Any]
    agents: Sequence[float] | npt.NDArray[Any]
    interval_s: float
    aht_s: float | Sequence[float] | npt.NDArray[Any]
    answer_within_s: float
    patience_s: float | None = None

    def __post_init__(self) -> None:
        """Keep own, read-only arrays, and refuse what makes no sense."""
        calls = _checked("calls", self.calls)
        agents = _checked("agents", self.agents, whole=True)
        if calls.ndim != 1 or len(calls) == 0:
            raise ValueError(f"calls must be a list of at least one; found shape {calls.shape}")
        if agents.shape != calls.shape:
            raise ValueError(
                f"agents must be one per interval, {len(calls)} in all; found shape {agents.shape}"
            )
        _checked("interval_s", self.interval_s, positive=True, single=True)
        _checked("answer_within_s", self.answer_within_s, single=True)
        if self.patience_s is not None:
            _checked("patience_s", self.patience_s, positive=True, single=True)
        aht = _checked("aht_s", self.aht_s, positive=True)
        if aht.shape not in {(), calls.shape}:
            raise ValueError(
                f"aht_s must be one number or {len(calls)}, one per interval; "
                f"found shape {aht.shape}"
            )
        aht = np.broadcast_to(aht, calls.shape)
        for name, values in (("calls", calls), ("agents", agents), ("aht_s", aht)):
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    @property
    def intervals(self) -> int:
        """Number of intervals."""
        return len(self.calls)

    @property
    def rates(self) -> Floats:
        """Calls per second in each interval."""
        return np.asarray(self.calls) / self.interval_s

    @property
    def aht(self) -> Floats:
        """Average handle time of each interval, in seconds."""
        return np.asarray(self.aht_s)

    @property
    def load(self) -> Floats:
        """Offered load of each interval in erlangs, as if the interval stood alone."""
        return self.rates * self.aht


def _checked(
    name: str,
    value: npt.ArrayLike,
    *,
    positive: bool = False,
    whole: bool = False,
    single: bool = False,
) -> Floats:
    """Return a copy as floats, or say which value breaks which rule."""
    values = np.array(value, dtype="float64")
    if single and values.ndim:
        raise ValueError(f"{name} must be one number; found shape {values.shape}")
    bad = ~np.isfinite(values) | (values <= 0 if positive else values < 0)
    if whole:
        bad |= np.where(bad, 0.0, values) % 1 != 0
    if bad.any():
        rule = ("finite and > 0" if positive else "finite and >= 0") + (", whole" if whole else "")
        raise ValueError(f"{name} must be {rule}; found {values[bad].flat[0]}")
    return values
