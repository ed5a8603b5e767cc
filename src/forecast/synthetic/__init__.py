"""Invented contact centres whose truth is known: for tests, benchmarks and demonstrations.

A day's rate is weekday x level x season x noise, times what events do to it; an interval has its
share of the day, and its count is Poisson. What an event does is written down as one multiplier a
day, so that an estimate can be held against it.
"""

from forecast.synthetic.centre import Centre, make_centre
from forecast.synthetic.spec import DEFAULT_KINDS, CentreSpec, EventKind

__all__ = ["DEFAULT_KINDS", "Centre", "CentreSpec", "EventKind", "make_centre"]
