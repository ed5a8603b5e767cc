"""Measures that close a gap in agent-hours, the cheapest first."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from forecast.params import Measure

COLUMNS = ["place", "measure", "hours_most", "cost_per_hour", "hours", "cost", "standing"]
CHOSEN, RESERVE, TOO_LATE = "chosen", "in reserve", "too late"
LEAST_HOURS = 1e-6
"""Less than this is closed."""


@dataclass(frozen=True)
class Gap:
    """What measures have to close.

    Attributes
    ----------
    hours
        Agent-hours that lack.
    open_days
        Open days of the peak.
    contacts
        Expected in it.
    hours_per_contact
        Agent-hours that one contact takes, idle time between contacts included.
    hours_ahead
        Time left until it begins.
    """

    hours: float
    open_days: int
    contacts: float
    hours_per_contact: float
    hours_ahead: float


def chosen_measures(gap: Gap, measures: Sequence[Measure]) -> pd.DataFrame:
    """Return all measures in the order of their price, with what is taken of each.

    Hours cost the same from the first to the last of a measure, so that taking the cheapest first
    costs least. A measure that cannot be arranged in time is named and not taken.

    Parameters
    ----------
    gap
        What lacks.
    measures
        Params ``alerts.measures``.

    Returns
    -------
    place, measure, hours_most, cost_per_hour, hours, cost, standing
        As in PEAK_MEASURES.

    Examples
    --------
    Twelve hours lack on one day. Callbacks take a tenth of 300 calls away, which frees 3 hours.

    >>> some = [Measure(name="overtime", hours_per_day=8, cost_per_hour=45),
    ...     Measure(name="temps", hours_per_day=40, cost_per_hour=60, notice_hours=240),
    ...     Measure(name="callback", contacts_share=0.1, cost_per_contact=1)]
    >>> print(chosen_measures(Gap(12, 1, 300, 0.1, 48), some).to_string(index=False))
     place  measure  hours_most  cost_per_hour  hours  cost standing
         1 callback         3.0           10.0    3.0  30.0   chosen
         2 overtime         8.0           45.0    8.0 360.0   chosen
         3    temps        40.0           60.0    0.0   0.0 too late
    """
    # Where contacts take no time, to move one brings nothing, at any price.
    priced = [_price(gap, measure) for measure in measures]
    order = sorted(range(len(priced)), key=lambda row: (priced[row][1], measures[row].name))
    left, rows = gap.hours, []
    for place, row in enumerate(order, 1):
        most, price = priced[row]
        late = measures[row].notice_hours > gap.hours_ahead
        taken = 0.0 if late or left < LEAST_HOURS else min(most, left)
        left -= taken
        standing = CHOSEN if taken > 0 else TOO_LATE if late else RESERVE
        rows.append((place, measures[row].name, most, price, taken, taken * price, standing))
    return pd.DataFrame(rows, columns=COLUMNS)


def _price(gap: Gap, measure: Measure) -> tuple[float, float]:
    """Return the agent-hours that a measure brings at most, and what one costs."""
    if measure.contacts_share is None or measure.cost_per_contact is None:
        return (measure.hours_per_day or 0.0) * gap.open_days, measure.cost_per_hour or 0.0
    most = measure.contacts_share * gap.contacts * gap.hours_per_contact
    if gap.hours_per_contact <= 0:
        return 0.0, measure.cost_per_contact
    return most, measure.cost_per_contact / gap.hours_per_contact
