"""How large each part of the variance is: learned by marginal likelihood, with a weak prior."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import Bounds, minimize

from forecast.effects.design import EXPECTED_SD, SHARED

Floats = npt.NDArray[np.float64]
PRIOR_LOG_SD = 0.75
"""How far a standard deviation may lie from what is expected: the standard deviation of its log."""
FARTHEST, FARTHEST_SPECIAL, FARTHEST_STRENGTH = 2.5, 1.25, 0.5
"""The most that the logarithm may differ. What events and holidays do is seen a few times: one
strange day must not make all of them uncertain. Strength, a share of an effect that is uncertain
itself, would else stand for the whole effect where each kind has one event."""
MAX_STEPS = 12


def _farthest(name: str) -> float:
    if name.endswith("strength"):
        return FARTHEST_STRENGTH
    return FARTHEST_SPECIAL if name.endswith(SHARED) else FARTHEST


def learned_scales(level: Floats, fixed: Floats, parts: Mapping[str, Floats]) -> dict[str, float]:
    """Return the most probable standard deviation of each part, and of the noise.

    Parameters
    ----------
    level
        Log levels of the cells.
    fixed
        Covariance that is not to be learned, chance included.
    parts
        By name, the shape of each further part; the noise is one of them without a matrix.

    References
    ----------
    Rasmussen & Williams (2006), Gaussian processes for machine learning, 5.4.1 (the gradient of the
    log marginal likelihood).
    """
    names = ["noise", *parts]
    start = np.log([EXPECTED_SD[name] for name in names])
    farthest = np.array([_farthest(name) for name in names])

    def loss(log_sd: Any) -> tuple[float, Floats]:
        variance = np.exp(2 * log_sd)
        total = fixed + variance[0] * np.eye(len(level))
        for share, part in zip(variance[1:], parts.values(), strict=True):
            total += share * part
        factor = cho_factor(total, lower=True, overwrite_a=True, check_finite=False)
        inverse = cho_solve(factor, np.eye(len(level)), check_finite=False)
        alpha = inverse @ level
        off = (log_sd - start) / PRIOR_LOG_SD
        value = 0.5 * level @ alpha + np.log(np.diag(factor[0])).sum() + 0.5 * off @ off
        slope = [np.trace(inverse) - alpha @ alpha]
        slope += [np.vdot(inverse, part) - alpha @ part @ alpha for part in parts.values()]
        return float(value), np.asarray(slope) * variance + off / PRIOR_LOG_SD

    bounds: Any = Bounds(start - farthest, start + farthest)
    steps: Any = {"maxiter": MAX_STEPS}
    found: Any = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=steps)
    return dict(zip(names, np.exp(found.x).tolist(), strict=True))
