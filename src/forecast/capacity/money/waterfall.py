"""From one plan's total to another's in steps, one for each lever, that add up to the cent."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from forecast.attribution import Ints, shapley, whole_cents
from forecast.errors import ParamsError

SHAPLEY_LEVERS_MAX = 6
"""With more, all sets of levers would be more than 64 plans to compute."""
Method = Literal["shapley", "sequential"]
Value = Callable[[frozenset[str]], float]


def waterfall(
    levers: Sequence[str], value: Value, *, method: Method | Literal["auto"] = "auto"
) -> pd.DataFrame:
    """Return the steps from the total without levers to the total with all of them.

    Parameters
    ----------
    levers
        Names, in the order in which they are shown and, sequentially, pulled.
    value
        The total when a set of levers is pulled, for instance the cost of that scenario. Called
        once for each set that is needed.
    method
        "sequential": each step is what its lever adds to those before it, which depends on the
        order; one plan more than levers. "shapley": the mean over all orders, which does not;
        2 ** levers plans, up to ``SHAPLEY_LEVERS_MAX`` levers. "auto": "shapley" up to there, else
        "sequential"; the column ``method`` says which it was.

    Returns
    -------
    One row per lever: ``step``, ``lever``, ``method``, ``from_cents``, ``cents``, ``to_cents``:
    whole hundredths of the total's unit. Each step starts where the one before ended.

    Raises
    ------
    ParamsError
        For levers named twice, none, or too many for "shapley".
    ValueError
        When a total is not finite; its levers are named.

    Examples
    --------
    >>> def cost(pulled):
    ...     return (1100 if "volume" in pulled else 1000) * (33 if "pay" in pulled else 30)
    >>> waterfall(["volume", "pay"], cost)["cents"].tolist()
    [315000, 315000]
    >>> waterfall(["volume", "pay"], cost, method="sequential")["cents"].tolist()
    [300000, 330000]
    """
    chosen = _method(levers, method)
    start, steps = (_sequential if chosen == "sequential" else _shapley)(levers, value)
    ends = start + np.cumsum(steps)
    return pd.DataFrame(
        {
            "step": np.arange(1, len(levers) + 1),
            "lever": list(levers),
            "method": chosen,
            "from_cents": ends - steps,
            "cents": steps,
            "to_cents": ends,
        }
    )


def _sequential(levers: Sequence[str], value: Value) -> tuple[int, Ints]:
    totals = [_cents(value, levers[:k]) for k in range(len(levers) + 1)]
    return totals[0], np.diff(np.array(totals, dtype="int64"))


def _shapley(levers: Sequence[str], value: Value) -> tuple[int, Ints]:
    # By name, so that not even a cent of rounding depends on the order.
    named = sorted(levers)
    found: dict[int, int] = {}

    def total(bits: int) -> int:
        found[bits] = _cents(value, [name for i, name in enumerate(named) if bits >> i & 1])
        return found[bits]

    effects = shapley(total, len(named))
    steps = whole_cents(effects, found[2 ** len(named) - 1] - found[0])
    return found[0], steps[[named.index(lever) for lever in levers]]


def _method(levers: Sequence[str], method: str) -> Method:
    if not levers or len(set(levers)) < len(levers):
        raise ParamsError(f"levers must be names, at least one, each once; found {list(levers)}")
    few = len(levers) <= SHAPLEY_LEVERS_MAX
    if method == "sequential" or (method == "auto" and not few):
        return "sequential"
    if method not in {"auto", "shapley"}:
        raise ParamsError(f"method must be auto, shapley or sequential; found {method!r}")
    if not few:
        raise ParamsError(
            f"method shapley takes at most {SHAPLEY_LEVERS_MAX} levers; found {len(levers)}: "
            "put some together, or take the method sequential"
        )
    return "shapley"


def _cents(value: Value, pulled: Sequence[str]) -> int:
    total = float(value(frozenset(pulled)))
    if not np.isfinite(total):
        named = ", ".join(sorted(pulled)) or "none"
        raise ValueError(f"the total must be finite; with levers {named} it is {total}")
    return round(total * 100)
