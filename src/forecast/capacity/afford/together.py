"""What teams can do with the people of one instant: their options put together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.capacity.afford.curves import Curves
from forecast.capacity.strata import Floats, Ints
from forecast.errors import InputError


@dataclass(frozen=True)
class Offer:
    """What the teams of some intervals can do together.

    ``options`` has, for each joint option, the option of every interval in ``rows``; the rest is
    what they take, how many people they are, and whom they answer in time.
    """

    rows: Ints
    options: Ints
    people: Ints
    weight: Floats
    in_time: Floats


def together(
    ds: pd.Series, told: Curves, weight: Floats, rows: Ints, heads: float | None
) -> list[Offer]:
    """Return the options of each interval, or of each instant where there is a cap on heads.

    Parameters
    ----------
    ds
        Start of every interval.
    told, weight
        Options, and what each takes of the cap.
    rows
        Intervals that are asked for.
    heads
        Most people at once; None: any.

    Raises
    ------
    InputError
        When the fewest people of an instant are more.
    """
    first = np.searchsorted(told.row, rows, side="left")
    last = np.searchsorted(told.row, rows, side="right")
    single = [
        _offer(row, np.arange(a, b), told, weight)
        for row, a, b in zip(rows, first, last, strict=True)
    ]
    if heads is None:
        return single
    number = pd.factorize(ds.iloc[rows], sort=True)[0]
    out = []
    for instant in range(int(number.max()) + 1):
        own = [single[i] for i in np.flatnonzero(number == instant)]
        fewest = sum(int(offer.people.min()) for offer in own)
        if fewest > heads:
            raise InputError(
                f"{heads:g} heads are fewer than the least staffing (somebody wherever contacts "
                "may come, capacity.agents_min, the floor) at "
                f"{ds.iloc[own[0].rows[0]]:%Y-%m-%d %H:%M} UTC: it takes {fewest} people in "
                f"{len(own)} teams. Raise the cap, pool queues, or cut opening hours"
            )
        joint = _within(own[0], heads)
        for offer in own[1:]:
            joint = _joined(joint, offer, heads)
        out.append(joint)
    return out


def _offer(row: int, options: Ints, told: Curves, weight: Floats) -> Offer:
    return Offer(
        np.array([row]),
        options[:, None],
        told.people[options],
        weight[options],
        told.in_time[options],
    )


def _within(offer: Offer, heads: float) -> Offer:
    return _taken(offer, np.flatnonzero(offer.people <= heads))


def _taken(offer: Offer, which: Ints) -> Offer:
    return Offer(
        offer.rows,
        offer.options[which],
        offer.people[which],
        offer.weight[which],
        offer.in_time[which],
    )


def _joined(one: Offer, other: Offer, heads: float) -> Offer:
    """Return the joint options within the heads that none with as many people beats."""
    left, right = np.divmod(np.arange(len(one.people) * len(other.people)), len(other.people))
    fits = np.flatnonzero(one.people[left] + other.people[right] <= heads)
    left, right = left[fits], right[fits]
    both = Offer(
        np.concatenate([one.rows, other.rows]),
        np.concatenate([one.options[left], other.options[right]], axis=1),
        one.people[left] + other.people[right],
        one.weight[left] + other.weight[right],
        one.in_time[left] + other.in_time[right],
    )
    order = np.lexsort((-both.in_time, both.weight, both.people))
    people, value = both.people[order], pd.Series(both.in_time[order])
    before = value.groupby(people).cummax().groupby(people).shift(fill_value=-1.0)
    return _taken(both, order[(value > before).to_numpy()])
