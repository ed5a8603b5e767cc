"""One option from each of many lists, worth the most together within a cap: solved exactly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.errors import ForecastError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
EXACT = 1e-10
"""What is left to the bound, in parts of the total value, counts as nothing."""
STATES_MAX = 4_000_000
_HALVINGS = 200


def best_choices(weights: Sequence[Floats], values: Sequence[Floats], cap: float) -> Ints:
    """Return the option to take from each list so that the values add up to the most.

    Parameters
    ----------
    weights, values
        What each option of each list takes and is worth, in any order.
    cap
        Most that the chosen weights may add up to.

    Raises
    ------
    ValueError
        When the lightest options together are above the cap.

    Notes
    -----
    Values need not be concave in the weights, so taking the best next step (greedy) can fail. A
    price on weight gives the upper concave envelope of each list, and with the right price a bound
    that no choice beats (Lagrange; Sinha and Zoltners 1979). What an option is worth less than its
    list's best at this price is its loss. The best choice has the least sum of losses and unused
    weight, and is found by going through the lists with all sums that no other beats, while none
    that loses more than the best known is kept (Pisinger 1995).

    References
    ----------
    Sinha, Zoltners (1979), The multiple-choice knapsack problem, Operations Research 27. Pisinger
    (1995), A minimal algorithm for the multiple-choice knapsack problem, EJOR 83.

    Examples
    --------
    Two steps at once are worth more here than one step each.

    >>> weights = [np.arange(3.0), np.arange(3.0)]
    >>> values = [np.array([0.0, 1.0, 9.0]), np.array([0.0, 2.0, 3.0])]
    >>> best_choices(weights, values, 2.0).tolist()
    [2, 0]
    """
    table = _table(weights, values)
    least = float(table.weight[:, 0].sum())
    spare = 1e-12 * max(abs(cap), float(np.abs(table.weight[np.isfinite(table.weight)]).max()))
    if least > cap + spare:
        raise ValueError(f"the lightest options take {least:g}, and the cap is {cap:g}")
    price, start = _price(table, cap + spare)
    at = np.arange(len(start))
    slack = cap - float(table.weight[at, start].sum())
    worth = table.value - price * np.where(np.isfinite(table.weight), table.weight, 0.0)
    loss = worth[at, start][:, None] - worth
    more = table.weight - table.weight[at, start][:, None]
    none = EXACT * max(
        1.0, float(np.abs(table.value[:, -1:][np.isfinite(table.value[:, -1:])]).sum())
    )
    taken = _least_loss(_Moves(loss, more, start, price, slack, spare, none))
    return np.asarray(table.option[at, taken])


@dataclass(frozen=True)
class _Table:
    """Options by list, rising in weight and in value; padded with weightless nothing (-inf)."""

    weight: Floats
    value: Floats
    option: Ints


def _table(weights: Sequence[Floats], values: Sequence[Floats]) -> _Table:
    """Return the options that no other of their list beats."""
    kept = []
    for weight, value in zip(weights, values, strict=True):
        order = np.lexsort((-value, weight))
        highest = np.maximum.accumulate(value[order])
        kept.append(order[np.append(True, highest[1:] > highest[:-1])])
    most = max(map(len, kept))
    shape = (len(kept), most)
    weight, value = np.full(shape, np.inf), np.full(shape, -np.inf)
    option = np.zeros(shape, dtype="int64")
    for i, own in enumerate(kept):
        weight[i, : len(own)], value[i, : len(own)] = weights[i][own], values[i][own]
        option[i, : len(own)] = own
    return _Table(weight, value, option)


def _price(table: _Table, cap: float) -> tuple[float, Ints]:
    """Return the least price of weight at which the best options fit, and these."""
    finite = np.where(np.isfinite(table.weight), table.weight, 0.0)
    at = np.arange(len(finite))

    def best(price: float) -> Ints:
        return np.asarray((table.value - price * finite).argmax(axis=1))

    def fits(chosen: Ints) -> bool:
        return bool(table.weight[at, chosen].sum() <= cap)

    high, chosen = 0.0, best(0.0)
    if fits(chosen):
        return 0.0, chosen
    low, high = 0.0, 1.0
    while not fits(best(high)):
        low, high = high, high * 8
        if high > 1e300:
            return high, np.zeros(len(finite), dtype="int64")
    for _ in range(_HALVINGS):
        middle = low + (high - low) / 2
        if not low < middle < high:
            break
        low, high = (low, middle) if fits(best(middle)) else (middle, high)
    return high, best(high)


@dataclass(frozen=True)
class _Moves:
    """What options lose, and take more, than those that are best at the price."""

    loss: Floats
    more: Floats
    start: Ints
    price: float
    slack: float
    spare: float
    none: float


def _least_loss(moves: _Moves) -> Ints:
    """Return the choice with the least losses and unused weight together."""
    best = moves.price * max(moves.slack, 0.0)
    chosen = moves.start.copy()
    if best <= moves.none:
        return chosen
    lists = _order(moves, best)
    more, loss = np.zeros(1), np.zeros(1)
    steps: list[tuple[int, Ints, Ints]] = []
    for number, one in enumerate(lists):
        near = np.flatnonzero(moves.loss[one] < best)
        grown = more[:, None] + moves.more[one, near]
        lost = loss[:, None] + moves.loss[one, near]
        parent, option = np.divmod(np.arange(grown.size), len(near))
        down, up = _reach(moves, lists[number + 1 :], best)
        keep = _worth_keeping(moves, grown.ravel(), lost.ravel(), best, down, up)
        more, loss = grown.ravel()[keep], lost.ravel()[keep]
        steps.append((one, parent[keep], near[option[keep]]))
        if more.size > STATES_MAX:
            raise ForecastError(
                f"the best choice among {len(moves.start)} lists is not found with "
                f"{STATES_MAX:,} sums at a time; ask for fewer weeks or queues at once"
            )
        left = moves.slack - more
        total = np.where(left >= -moves.spare, loss + moves.price * np.maximum(left, 0), np.inf)
        if total.size and total.min() < best:
            state, best = int(total.argmin()), float(total.min())
            chosen = _traced(moves.start, steps, state)
        if best <= moves.none or not more.size:
            break
    return chosen


def _order(moves: _Moves, best: float) -> Ints:
    """Return the lists that may be moved in, those with the smallest loss first."""
    other = moves.loss.copy()
    other[np.arange(len(other)), moves.start] = np.inf
    nearest = other.min(axis=1)
    order = np.argsort(nearest, kind="stable")
    return np.asarray(order[nearest[order] < best])


def _reach(moves: _Moves, lists: Ints, best: float) -> tuple[float, float]:
    """Return how much less, and more, weight the lists that are left can take."""
    possible = np.where(moves.loss[lists] < best, moves.more[lists], 0.0)
    if not possible.size:
        return 0.0, 0.0
    return float(possible.min(axis=1).sum()), float(possible.max(axis=1).sum())


def _worth_keeping(
    moves: _Moves, more: Floats, loss: Floats, best: float, down: float, up: float
) -> Ints:
    """Return the sums that can still win, and that no lighter one beats, by weight."""
    unused = moves.price * np.maximum(moves.slack - more - up, 0.0)
    can = np.flatnonzero((loss + unused < best) & (more + down <= moves.slack + moves.spare))
    order = can[np.lexsort((loss[can], more[can]))]
    value = moves.price * more[order] - loss[order]
    highest = np.maximum.accumulate(value) if value.size else value
    first = np.append(True, value[1:] > highest[:-1] + moves.none / 1e3)[: value.size]
    return np.asarray(order[first])


def _traced(start: Ints, steps: list[tuple[int, Ints, Ints]], state: int) -> Ints:
    chosen = start.copy()
    for one, parent, option in reversed(steps):
        chosen[one], state = option[state], int(parent[state])
    return chosen
