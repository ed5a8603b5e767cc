"""MEANS -> the ensemble, the champion per horizon, and FORECAST; never with a look ahead."""

from forecast.select.choice import (
    CHAMPION,
    ENSEMBLE,
    SPECIAL_VARIANCE,
    Choice,
    Selection,
    apply,
    select,
)
from forecast.select.plan import HandleTime, SeriesPlan, plans
from forecast.select.replay import replay, scored

__all__ = [
    "CHAMPION",
    "ENSEMBLE",
    "SPECIAL_VARIANCE",
    "Choice",
    "HandleTime",
    "Selection",
    "SeriesPlan",
    "apply",
    "plans",
    "replay",
    "scored",
    "select",
]
