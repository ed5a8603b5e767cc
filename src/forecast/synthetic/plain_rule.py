"""The plain rule of many centres: same day last week x growth of orders x a margin."""

import numpy as np
import numpy.typing as npt

from forecast.synthetic.commerce_spec import PlainRule

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
TALK_SHARE = 0.78
"""Talk time in handle time: what the standard of contacts per agent rests on."""


def plain_forecast(offered: Floats, growth: Floats, margin: float) -> Floats:
    """Return the contacts that the rule expects: same day last week x growth x margin.

    Where that day was closed, the last open one of its weekday counts. The first week, which has
    none before it, counts as if the one before had been like it.

    Parameters
    ----------
    offered
        Contacts of every day and interval (days x intervals), from a Monday on; NaN: closed.
    growth
        Of each week: orders planned for it over orders of the week before.
    margin
        What is put on top, as a factor.

    Examples
    --------
    >>> weeks = np.repeat([[100.0], [110.0]], 7, axis=0)
    >>> plain_forecast(weeks, np.array([1.0, 1.2]), 1.15)[[0, 7]].ravel().round(1).tolist()
    [115.0, 138.0]
    """
    known = offered.copy()
    for day in range(7, len(known)):
        known[day] = np.where(np.isnan(known[day]), known[day - 7], known[day])
    before = np.concatenate([known[:7], known[:-7]])
    return np.asarray(before * np.repeat(growth, 7)[:, None] * margin)


def agents_in_shifts(contacts: Floats, aht_s: float, interval_min: int, rule: PlainRule) -> Ints:
    """Return the agents of every interval, constant over each shift, by the standard.

    Contacts of a shift over (contacts per agent and hour x hours), rounded, and at least one. The
    standard is ``rule.occupancy`` x 3600 / talk time.

    Parameters
    ----------
    contacts
        Expected contacts (days x intervals); NaN: closed.
    aht_s
        Handle time, of which talk is a share ``TALK_SHARE``.
    interval_min
        Length of an interval.
    rule
        Occupancy and length of shifts.

    Examples
    --------
    >>> agents_in_shifts(np.full((1, 8), 50.0), 200, 30, PlainRule(occupancy=0.9)).tolist()
    [[5, 5, 5, 5, 5, 5, 5, 5]]
    """
    per_shift = rule.block_min // interval_min
    days, intervals = contacts.shape
    summed = contacts.reshape(days, intervals // per_shift, per_shift).sum(axis=2)
    standard = rule.occupancy * 3600 / (TALK_SHARE * aht_s)
    agents = np.round(summed / (standard * rule.block_min / 60))
    agents = np.where(np.isnan(agents), 0, np.maximum(agents, 1))
    return np.repeat(agents.astype("int64"), per_shift, axis=1)
