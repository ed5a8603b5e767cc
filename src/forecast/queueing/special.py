"""The two integrals that all waiting is made of, without cancellation, underflow or overflow.

With load ``a`` on ``n`` servers, ``1 / B(n, a)`` is an upper incomplete gamma function; what the
queue adds when callers hang up is a lower one. Written as ratios to their integrand's value at 0
both are moderate numbers near the load, and where they are not their logarithms are.

References
----------
Jagerman (1974), Some properties of the Erlang loss function. Palm (1957), Research on telephone
traffic carried by full availability groups. Temme (1979), The asymptotic expansion of the
incomplete gamma functions. NIST Digital Library of Mathematical Functions, chapter 8.
"""

import numpy as np
from scipy.special import gammainc, gammaincc, gammaln

from forecast.queueing.checks import Floats, blocks

_FAR = 4.0
"""Standard deviations from which sums and quadratures converge faster than gamma functions."""
_NEVER = 9.0
"""Standard deviations beyond which a share differs from 1 by less than a rounding."""
_DEEP = 36.0
"""An integrand below exp(-36) of its peak adds nothing to a double."""
_FRACTION_TERMS = 40
_SERIES_TERMS = 60
_FEW_NODES, _FEW_WEIGHTS = np.polynomial.legendre.leggauss(20)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(26)
_MORE_NODES, _MORE_WEIGHTS = np.polynomial.legendre.leggauss(64)


def log_inverse_b(agents: Floats, load: Floats) -> Floats:
    """Return log(1 / B) of Erlang's loss formula for load > 0 and real agents >= 0.

    ``1 / B(n, a) = a^-n exp(a) Gamma(n + 1, a)``, the integral over y of
    ``exp(-y) (1 + y / a)^n``.
    """
    out = np.empty(load.shape)
    for block in blocks(load.size):
        out[block] = np.maximum(_log_inverse_b(agents[block], load[block]), 0.0)
    return out


def _log_inverse_b(agents: Floats, load: Floats) -> Floats:
    out = np.empty(load.shape)
    far = load - agents > _FAR * np.sqrt(load)
    out[far] = np.log(_overloaded(agents[far], load[far]))
    n, a = agents[~far], load[~far]
    share = np.ones(n.shape)
    some = n - a < _NEVER * np.sqrt(n) + _NEVER
    share[some] = gammaincc(n[some] + 1, a[some])
    out[~far] = np.log(share) + log_gamma_ratio(n + 1, a) + np.log(a)
    return out


def _overloaded(agents: Floats, load: Floats) -> Floats:
    """Return 1 / B by Legendre's continued fraction, all terms of which are positive."""
    rest = load - agents
    tail = rest + 2 * _FRACTION_TERMS
    for k in range(_FRACTION_TERMS - 1, -1, -1):
        tail = rest + 2 * k + (k + 1) * (agents - k) / tail
    return np.asarray(load / tail)


def inverse_b_nearly(agents: Floats, load: Floats) -> Floats:
    """Return 1 / B to five digits, for agents > load - 1, in half the time.

    Gauss and Legendre's rule over the part that counts of a gamma density's mass beyond 1.
    """
    spread = np.sqrt(agents + 1)
    left = np.maximum(agents + 1 - 5.0 * spread - load, 0.0) / load
    half = ((agents + 7 + 5.5 * spread - load) / load - left) / 2
    total = np.zeros(agents.shape)
    with np.errstate(over="ignore"):
        for node, weight in zip(_FEW_NODES, _FEW_WEIGHTS, strict=True):
            y = left + half * (1 + node)
            total += weight * np.exp(agents * np.log1p(y) - load * y)
        return np.asarray(load * half * total)


def log_waiting(c: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Return log K and the share that 1 - exp(-u) has in K, for c > 0 and x > 0.

    ``K`` is the integral over u > 0 of ``exp(x (1 - exp(-u)) - c u)``, that is
    ``exp(x) x^-c`` times the lower incomplete gamma function. In Erlang A, with times in mean
    patiences, the integrand is the density of the offered wait and ``1 - exp(-u)`` the risk to hang
    up before; the share is the abandonment of those who wait.
    """
    log_k, share = np.empty(c.shape), np.empty(c.shape)
    for block in blocks(c.size):
        log_k[block], share[block] = _log_waiting(c[block], x[block])
    return log_k, share


def _log_waiting(c: Floats, x: Floats) -> tuple[Floats, Floats]:
    log_k, share = np.empty(c.shape), np.empty(c.shape)
    light = x <= c / 2
    calm = ~light & (c - x > _FAR * np.sqrt(c))
    for rows, method in ((light, _by_series), (calm, _by_quadrature), (~light & ~calm, _by_gamma)):
        if rows.any():
            log_k[rows], share[rows] = method(c[rows], x[rows])
    return log_k, share


def _by_series(c: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Return ``log_waiting`` by the sum over k of x^k / (c (c + 1) ... (c + k)), for x <= c / 2."""
    term = 1 / c
    total, leaving = np.zeros(c.shape), np.zeros(c.shape)
    for k in range(_SERIES_TERMS):
        total += term
        leaving += term * ((k + 1) / (c + k + 1))
        term = term * (x / (c + k + 1))
    return np.log(total), leaving / total


def _by_quadrature(c: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Return ``log_waiting`` by Gauss and Legendre's rule, for x well below a large c."""
    spare = c - x
    curve = spare**2 / x
    # Where the exponent, bounded by that of a normal density, has fallen to -_DEEP.
    end = 2 * _DEEP / (1 + np.sqrt(1 + 2 * _DEEP / curve)) / spare
    total, leaving = np.zeros(c.shape), np.zeros(c.shape)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        u = end * ((1 + node) / 2)
        gone = -np.expm1(-u)
        part = weight * np.exp(-spare * u - x * (u - gone))
        total += part
        leaving += part * gone
    return np.log(total * end / 2), leaving / total


def _by_gamma(c: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Return ``log_waiting`` by the regularised incomplete gamma function."""
    share = np.ones(c.shape)
    some = x - c < _NEVER * np.sqrt(x) + _NEVER
    share[some] = gammainc(c[some], x[some])
    log_k = log_gamma_ratio(c, x) + np.log(share)
    # K(c) - K(c + 1) with c K(c) = 1 + x K(c + 1), which is integration by parts.
    with np.errstate(over="ignore"):
        rest = np.exp(-log_k)
    return log_k, ((x - c) + rest) / x


def mean_wait(c: Floats, x: Floats) -> Floats:
    """Return the mean of u > 0 with density proportional to exp(x (1 - exp(-u)) - c u), c >= 1.

    The density is log-concave with its mode at log(x / c), or at 0 for x <= c; Gauss and
    Legendre's rule runs over the part of it that a double can see.
    """
    out = np.empty(c.shape)
    for block in blocks(c.size):
        out[block] = _mean_wait(c[block], x[block])
    return out


def _mean_wait(c: Floats, x: Floats) -> Floats:
    mode = np.log(np.maximum(x / c, 1.0))
    spare = np.maximum(c - x, 0.0)
    curve = np.minimum(c, x)
    # Bounds of where exp(w) - 1 - w and v - 1 + exp(-v) reach _DEEP / curve on either side.
    depth = _DEEP / curve
    left = np.maximum(mode - np.log1p(depth + np.sqrt(2 * depth)), 0.0)
    right = (depth + np.sqrt(depth) * np.sqrt(depth + 8)) / 2
    right = mode + np.minimum(right, _DEEP / np.maximum(spare, _DEEP / right))
    total, moment = np.zeros(c.shape), np.zeros(c.shape)
    for node, weight in zip(_MORE_NODES, _MORE_WEIGHTS, strict=True):
        u = left + (right - left) * ((1 + node) / 2)
        v = u - mode
        part = weight * np.exp(-spare * v - curve * (v + np.expm1(-v)))
        total += part
        moment += part * u
    return moment / total


def log_gamma_ratio(c: Floats, x: Floats) -> Floats:
    """Return log(exp(x) x^-c Gamma(c)), its large terms taken together before they can cancel."""
    d = (x - c) / c
    near = np.abs(d) < 0.4
    scale = c * np.where(near, _d_less_log1p(np.where(near, d, 0.0)), d - np.log(x / c))
    return np.asarray(scale + 0.5 * np.log(2 * np.pi / c) + stirling_rest(c))


def _d_less_log1p(d: Floats) -> Floats:
    """Return d - log(1 + d) near 0, by the series of the inverse hyperbolic tangent."""
    t = d / (2 + d)
    t2 = t**2
    odd = np.zeros(d.shape)
    for k in range(21, 1, -2):
        odd = 1 / k + t2 * odd
    return np.asarray(d * t - 2 * t * t2 * odd)


def stirling_rest(c: Floats) -> Floats:
    """Return log Gamma(c) less Stirling's formula for it, c > 0."""
    large = np.maximum(c, 10.0)
    v = 1 / large**2
    far = (1 / 12 - v * (1 / 360 - v * (1 / 1260 - v * (1 / 1680 - v * (1 / 1188))))) / large
    out = np.array(far)
    few = c < 10
    s = c[few]
    out[few] = gammaln(s) - (s - 0.5) * np.log(s) + s - 0.5 * np.log(2 * np.pi)
    return out
