"""The what-if page: knobs that a planner turns, and what they cost at once."""

from forecast.reports.app.desk import Answer, Desk
from forecast.reports.app.knobs import Knob, knobs_for, scenario_of
from forecast.reports.app.page import what_if

__all__ = ["Answer", "Desk", "Knob", "knobs_for", "scenario_of", "what_if"]
