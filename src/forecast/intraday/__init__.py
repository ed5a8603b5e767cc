"""The morning is known: what will the rest of the day bring? Nothing is refitted.

How a day's counts deviate from their forecast is learned once (``DayModel``): the level of the day,
a shape, a part that fades within hours, and chance. Counts seen since the morning then tell about
the intervals ahead as one normal variable tells about another, and the forecast's own quantiles are
moved accordingly (``update_day``, ``rest_of_day``; ``rest_of_today`` for all queues, from reports).
``carry_over`` says what a day's surprise means for the days after it.
"""

from forecast.intraday.carry import carry_over
from forecast.intraday.model import DayModel
from forecast.intraday.today import Today, rest_of_today
from forecast.intraday.update import rest_of_day, update_day

__all__ = ["DayModel", "Today", "carry_over", "rest_of_day", "rest_of_today", "update_day"]
