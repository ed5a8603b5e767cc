"""What chance alone costs: the errors of a forecast that knows the true rate of a Poisson count.

Contacts come at random around any rate, so that no forecast is without error. Where the rate is
known exactly, the error that is left is a formula of the rate.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, pdtr, pdtri, xlogy

from forecast.schema import QUANTILES

Floats = npt.NDArray[np.float64]


def mean_deviation(rate: npt.ArrayLike) -> Floats:
    """Return the expected distance E|Y - rate| of a Poisson count from its rate, in contacts.

    It is twice the rate times the probability of the whole number at or below the rate; for large
    rates close to sqrt(2 rate / pi).

    References
    ----------
    Crow (1958), The mean deviation of the Poisson distribution. Biometrika 45.
    Diaconis & Zabell (1991), Closed form summation for classical distributions. Statistical
    Science 6.

    Examples
    --------
    >>> mean_deviation([0.0, 1.0, 100.0]).round(4).tolist()
    [0.0, 0.7358, 7.9722]
    """
    given = np.asarray(rate, dtype="float64")
    return np.asarray(2 * given * _probability(np.floor(given), given))


def quantile(rate: npt.ArrayLike, level: float) -> Floats:
    """Return the quantiles of Poisson counts: the least k with P(Y <= k) at the level or above.

    A number k is enough up to the rate at which P(Y <= k) falls to the level. These rates rise with
    k: a list to look up in, many times as fast as solving for each rate.

    Examples
    --------
    >>> quantile([0.1, 10.0, 100.0], 0.9).tolist()
    [0.0, 14.0, 113.0]
    """
    given = np.asarray(rate, dtype="float64")
    most = given.max(initial=0.0)
    enough_up_to = pdtri(np.arange(np.ceil(most + 10 * np.sqrt(most) + 20)), level)
    return np.searchsorted(enough_up_to, given).astype("float64")


def pinball_floors(rate: npt.ArrayLike) -> Floats:
    """Return the expected pinball loss of a Poisson count's own quantiles, in contacts.

    Averaged over the levels of FORECAST. No quantiles have a lower one.
    """
    given = np.asarray(rate, dtype="float64")
    total = np.zeros(given.shape)
    for level in QUANTILES.values():
        at = quantile(given, level)
        below = np.where(at > 0, pdtr(np.maximum(at - 1, 0), given), 0.0)
        last = np.where(at > 0, _probability(np.maximum(at - 1, 0), given), 0.0)
        # E[max(q - Y, 0)] = q P(Y < q) - rate P(Y < q - 1), because y p(y) = rate p(y - 1).
        total += level * (given - at) + at * below - given * (below - last)
    return np.asarray(total / len(QUANTILES))


def _probability(count: Floats, rate: Floats) -> Floats:
    return np.asarray(np.exp(xlogy(count, rate) - rate - gammaln(count + 1)))
