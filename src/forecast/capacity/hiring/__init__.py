"""The hiring plan: which classes to start when, for months to two years of required heads.

Time runs in weeks, so that lead times and trainings are exact; ``by_week`` makes weeks of months.
Heads are expected ones: a class of 12 with 2 % leaving a week counts 11.76 a week later, and only
what is decided (classes, moves, layoffs) is whole. ``simulated_heads`` tells what chance adds.
"""

from forecast.capacity.hiring.case import Case, Need, by_week, case_of
from forecast.capacity.hiring.course import Class, Course, Decisions, decide, follow
from forecast.capacity.hiring.lacking import HiringInfeasible
from forecast.capacity.hiring.plan import HiringPlan, evaluated, hiring_plan
from forecast.capacity.hiring.simulated import simulated_course, simulated_heads
from forecast.capacity.hiring.tenure import weekly_attrition
from forecast.params.hiring import Cover, HiringParams, HiringSite, Route, Terminal

__all__ = [
    "Case",
    "Class",
    "Course",
    "Cover",
    "Decisions",
    "HiringInfeasible",
    "HiringParams",
    "HiringPlan",
    "HiringSite",
    "Need",
    "Route",
    "Terminal",
    "by_week",
    "case_of",
    "decide",
    "evaluated",
    "follow",
    "hiring_plan",
    "simulated_course",
    "simulated_heads",
    "weekly_attrition",
]
