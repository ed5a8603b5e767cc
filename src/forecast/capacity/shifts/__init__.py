"""Required heads per interval -> contracts, heads and shifts of a week, at the least cost."""

from forecast.capacity.shifts.contracts import Ask, Contract, Overtime, Share, Site, TimeOff
from forecast.capacity.shifts.diagnosis import what_gives_way
from forecast.capacity.shifts.plan import (
    Compared,
    plan_shifts,
    price_of_not_pooling,
    saving_of_mix,
)
from forecast.capacity.shifts.required import required_of
from forecast.capacity.shifts.result import ShiftPlan
from forecast.capacity.shifts.templates import Break, Shift, Template, split_shift, window
from forecast.capacity.shifts.tours import tours
from forecast.capacity.shifts.week import Week, premium

__all__ = [
    "Ask",
    "Break",
    "Compared",
    "Contract",
    "Overtime",
    "Share",
    "Shift",
    "ShiftPlan",
    "Site",
    "Template",
    "TimeOff",
    "Week",
    "plan_shifts",
    "premium",
    "price_of_not_pooling",
    "required_of",
    "saving_of_mix",
    "split_shift",
    "tours",
    "what_gives_way",
    "window",
]
