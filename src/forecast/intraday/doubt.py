"""What a forecast doubts of its day beside what its days usually deviate by: the day's level.

``DayModel`` learns how days deviate over all of the past, while a forecast is as wide as its own
last weeks: after a day at three times its forecast it stays wide for weeks. Within a day calls
come as they always did. What the forecast is wider than the model is therefore doubt about the
level: the wider a forecast, the more its morning tells.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from forecast.distribution import root
from forecast.intraday.chance import Floats, chance
from forecast.intraday.marginal import LEVELS, Mixture
from forecast.intraday.model import DayModel, minutes_of
from forecast.schema import QUANTILES

LOW, HIGH = "q10", "q90"
_APART_SD = float(ndtri(QUANTILES[HIGH]) - ndtri(QUANTILES[LOW]))
_SIDES = np.searchsorted(LEVELS, [QUANTILES[LOW], QUANTILES[HIGH]])


def level_variance(day: pd.DataFrame, model: DayModel) -> Floats:
    """Return the variance of each interval's level beside the model's, relative to the rate's.

    It is what events make uncertain, or by how much the forecast's P10 to P90 are wider than the
    model's, whichever is more. A forecast that is narrower than the model takes nothing off.

    Parameters
    ----------
    day
        FORECAST rows of the open intervals of one day.
    model
        What is known of the series' days.
    """
    mean, effect_var = day["mean"].to_numpy(), day["effect_var"].to_numpy()
    covariances = model.covariance(mean, minutes_of(day), np.zeros(len(mean)))
    sd = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    usual = Mixture(model.odds, np.zeros_like(sd), sd).quantiles()[:, _SIDES]
    told = 2 * root(day[[LOW, HIGH]].to_numpy())
    wider = _rate_variance(told, mean) - _rate_variance(usual, mean)
    return np.asarray(np.maximum(effect_var, wider))


def _rate_variance(sides: Floats, mean: Floats) -> float:
    """Return the relative variance of a day's rates that P10 and P90 of doubled roots amount to.

    Chance is left out; intervals count as the rate shows in them.
    """
    part = chance(mean)
    width = (sides[:, 1] - sides[:, 0]) / _APART_SD
    shown = max(float((part.amplitude**2).sum()), 1e-9)
    return float((width**2 - part.variance).sum()) / shown
