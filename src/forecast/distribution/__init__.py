"""Means and past errors -> quantiles, and joint sample paths whose sums are calibrated too."""

from forecast.distribution.calibration import Calibration, hour_of, root, with_quantiles
from forecast.distribution.dependence import (
    Dependence,
    Shares,
    between_series,
    common_parts,
    day_noise,
    dependence_of,
    scores_of,
)
from forecast.distribution.paths import Drawn, count_paths, handle_time_paths, paths_table

__all__ = [
    "Calibration",
    "Dependence",
    "Drawn",
    "Shares",
    "between_series",
    "common_parts",
    "count_paths",
    "day_noise",
    "dependence_of",
    "handle_time_paths",
    "hour_of",
    "paths_table",
    "root",
    "scores_of",
    "with_quantiles",
]
