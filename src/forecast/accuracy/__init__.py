"""How forecasts are judged: metrics, sums, breakdowns, and the error in agents and in money.

One metric, called with FORECAST rows, is one number. ``scores`` gives SCORES of all metrics, ``by``
breaks them down, ``sum_coverage`` judges sums along paths, and ``staffing_error`` says what the
errors cost, and ``error_parts`` what made them.

Lower is better for ``wape``, ``mae``, ``mase``, ``pinball`` and the widths; ``coverage_80`` should
be 0.80 and ``coverage_95`` 0.95; ``bias`` is positive when the forecast was too high. ``floor`` and
``pinball_floor`` are what chance alone costs, and ``excess`` is what a better forecast could save.
"""

from forecast.accuracy.metrics import (
    Metric,
    bias,
    coverage_80,
    coverage_95,
    excess,
    floor,
    mae,
    mase,
    pinball,
    pinball_floor,
    pinball_losses,
    wape,
    weights,
    width_80,
    width_95,
)
from forecast.accuracy.parts import PARTS, error_parts
from forecast.accuracy.poisson import mean_deviation, pinball_floors
from forecast.accuracy.staffing import staffing_error
from forecast.accuracy.sums import sum_coverage
from forecast.accuracy.tables import KEYS, METRICS, by, scores

__all__ = [
    "KEYS",
    "METRICS",
    "PARTS",
    "Metric",
    "bias",
    "by",
    "coverage_80",
    "coverage_95",
    "error_parts",
    "excess",
    "floor",
    "mae",
    "mase",
    "mean_deviation",
    "pinball",
    "pinball_floor",
    "pinball_floors",
    "pinball_losses",
    "scores",
    "staffing_error",
    "sum_coverage",
    "wape",
    "weights",
    "width_80",
    "width_95",
]
