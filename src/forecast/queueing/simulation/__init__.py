"""An event simulator: what formulas cannot answer, and a check on what they do."""

from forecast.queueing.simulation.centre import AgentGroup, CallClass, Centre, Redial, one_queue
from forecast.queueing.simulation.distributions import (
    Deterministic,
    Exponential,
    Gamma,
    Hyperexponential,
    Law,
    Lognormal,
    Never,
)
from forecast.queueing.simulation.results import Estimate, Measures, SimulationResult
from forecast.queueing.simulation.simulate import simulate

__all__ = [
    "AgentGroup",
    "CallClass",
    "Centre",
    "Deterministic",
    "Estimate",
    "Exponential",
    "Gamma",
    "Hyperexponential",
    "Law",
    "Lognormal",
    "Measures",
    "Never",
    "Redial",
    "SimulationResult",
    "one_queue",
    "simulate",
]
