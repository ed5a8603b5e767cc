"""What the seen part of a day says about the rest: a normal law conditioned in each class of days.

References
----------
Rasmussen & Williams (2006), Gaussian processes for machine learning, 2.2 (conditioning) and 5.4.2
(each observation against all others).
"""

from typing import NamedTuple

import numpy as np

from forecast.intraday.chance import Floats
from forecast.intraday.model import DayModel, normal_log_density

FARTHEST_SD = 4.0
"""An interval so many standard deviations off what all others say counts less, as much as makes it
no farther: one absurd count does not move the day."""
STRAY_LOG_ODDS = -3.0
"""Prior log odds of such an interval."""
_ROUNDS = 3


class Posterior(NamedTuple):
    """Odds of each class of days, and means and covariances of the scores ahead in each."""

    odds: Floats
    mean: Floats
    covariance: Floats


def scaled(model: DayModel, mean: Floats, minutes: Floats, effect_var: Floats) -> Floats:
    """Return the covariances of a day's scores by class: variance 1 on an ordinary day."""
    covariances = model.covariance(mean, minutes, effect_var)
    sd = np.sqrt(np.diag(covariances[0]))
    return np.asarray(covariances / np.outer(sd, sd))


def conditioned(
    odds: Floats,
    covariances: Floats,
    seen: np.ndarray,
    ahead: np.ndarray,
    value: Floats,
    variance: Floats,
) -> Posterior:
    """Return what is known of the scores ahead.

    Parameters
    ----------
    odds, covariances
        Prior odds of the classes, and the day's covariances in each.
    seen, ahead
        Which intervals were observed, and which are asked for.
    value, variance
        Observations of those seen, and the variance of their errors.
    """
    log_odds, means, rests = np.log(odds), [], []
    for number, prior in enumerate(covariances):
        among = prior[np.ix_(seen, seen)] + np.diag(variance)
        stray = _stray(among, value)
        among = among + np.diag(stray)
        weights = np.linalg.solve(among, prior[np.ix_(seen, ahead)]).T
        means.append(weights @ value)
        rests.append(prior[np.ix_(ahead, ahead)] - weights @ prior[np.ix_(seen, ahead)])
        fit = float(normal_log_density(value[None, :], among)[0])
        log_odds[number] += fit + STRAY_LOG_ODDS * int((stray > 0).sum())
    likely = np.exp(log_odds - log_odds.max())
    return Posterior(likely / likely.sum(), np.array(means), np.array(rests))


def _stray(among: Floats, value: Floats) -> Floats:
    """Return the variance to add to each observation so that none lies too far from the others."""
    extra = np.zeros(len(value))
    for _ in range(_ROUNDS):
        precision = np.linalg.inv(among + np.diag(extra))
        alone = 1 / np.diag(precision)
        off = (precision @ value) * alone
        extra = np.maximum(off**2 / FARTHEST_SD**2 - (alone - extra), 0.0)
    return extra
