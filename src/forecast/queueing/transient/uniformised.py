"""What a Markov chain with constant rates does over a stretch of time, by uniformisation.

For a matrix A of rates whose diagonal is at least ``-rate``, ``P = I + A / rate`` has no negative
entry and ``exp(A t) = sum over k of Poisson(k; rate t) P^k``: sums of positive terms only, so
nothing cancels and the error is the tail of a Poisson law (Jensen 1953; Grassmann 1977).

Where P is tridiagonal, its powers are taken in leaps of 16 steps, ``P^(16 j + i) v = P^i (P^16)^j
v``, and the short steps once for all leaps together: a sixteenth of the calls, the same sum.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.linalg.blas import dgbmv
from scipy.special import gammaln

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_LEAP = 16
_WORTH_LEAPING = 256
_BLOCK = 64


Product = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Uniformised:
    """A chain with constant rates, ready to be run over any time.

    Attributes
    ----------
    rate
        Events per second of the uniformised chain; at least every rate of leaving a state.
    matrix
        P.
    step
        P v, what one event does to a vector.
    leap
        What 16 events do, where P is tridiagonal; else None.
    """

    rate: float
    matrix: sparse.csr_array
    step: Product
    leap: Product | None

    def over(self, start: Floats, seconds: float) -> tuple[Floats, Floats]:
        """Return exp(A t) v, and the integral of exp(A s) v over 0 <= s <= t.

        Parameters
        ----------
        start
            The vector v.
        seconds
            The time t.
        """
        if seconds <= 0 or self.rate == 0:
            return start, start * max(seconds, 0.0)
        weights = _poisson(self.rate * seconds)
        after, area = self._mixed(start, np.stack([weights, self._times(weights)]))
        return after, area

    def after(self, start: Floats, seconds: float) -> Floats:
        """Return exp(A t) v alone."""
        if seconds <= 0 or self.rate == 0:
            return start
        after: Floats = self._mixed(start, _poisson(self.rate * seconds)[None])[0]
        return after

    def area(self, start: Floats, seconds: float) -> Floats:
        """Return the integral alone."""
        if seconds <= 0 or self.rate == 0:
            return start * max(seconds, 0.0)
        area: Floats = self._mixed(start, self._times(_poisson(self.rate * seconds))[None])[0]
        return area

    def _times(self, weights: Floats) -> Floats:
        """Return the mean time that passes after the k-th event, P(more than k events) / rate."""
        return (weights[::-1].cumsum()[::-1] - weights) / self.rate

    def _mixed(self, start: Floats, weights: Floats) -> Floats:
        """Return the sums over k of weights x P^k v, one per row of weights."""
        size, leap = 1, self.step
        if self.leap is not None and weights.shape[1] > _WORTH_LEAPING:
            size, leap = _LEAP, self.leap
        count = -(-weights.shape[1] // size)
        padded = np.zeros((len(weights), count * size))
        padded[:, : weights.shape[1]] = weights
        sums = _mixed(leap, start, padded.reshape(-1, count, size))
        total: Floats = sums[:, -1]
        for i in range(size - 2, -1, -1):
            total = np.stack([self.step(one) for one in total]) + sums[:, i]
        return total

    def moved(self, vector: Floats) -> Floats:
        """Return A v, the change of a vector per second."""
        return self.rate * (self.step(vector) - vector)


def uniformised(
    to: Ints, source: Ints, rates: Floats, leaving: Floats, *, tridiagonal: bool
) -> Uniformised:
    """Return the chain whose vector's entry ``to`` gains ``rates`` x entry ``source`` a second.

    Parameters
    ----------
    to, source, rates
        One item per transition.
    leaving
        What each entry loses a second, one item per state; it may exceed the gains of others.
    tridiagonal
        Whether all transitions are between neighbours.
    """
    states = len(leaving)
    rate = float(leaving.max(initial=0.0))
    here = np.arange(states)
    scale = rate if rate > 0 else 1.0
    matrix = sparse.csr_array(
        (
            np.concatenate([rates / scale, 1 - leaving / scale]),
            (np.concatenate([to, here]), np.concatenate([source, here])),
        ),
        shape=(states, states),
    )
    if not tridiagonal or states <= 2 * _LEAP:
        return Uniformised(rate, matrix, matrix.__matmul__, None)
    power = matrix
    for _ in range(_LEAP.bit_length() - 1):
        power = power @ power
    return Uniformised(rate, matrix, _banded(matrix, 1), _banded(power, _LEAP))


def _banded(matrix: sparse.csr_array, width: int) -> Product:
    """Return the product with a matrix that has ``width`` diagonals on either side, by BLAS."""
    diagonals, n = matrix.todia(), matrix.shape[0]
    # BLAS has the entry (i, j) in row `width` + i - j, scipy the same one on diagonal j - i.
    bands = np.zeros((2 * width + 1, n), order="F")
    bands[width - diagonals.offsets, : diagonals.data.shape[1]] = diagonals.data

    def product(vector: Floats) -> Floats:
        return np.asarray(dgbmv(n, n, width, width, 1.0, bands, vector))

    return product


def _mixed(leap: Product, start: Floats, weights: Floats) -> Floats:
    """Return for every (sum, short step) the weighted sum of leap^j v over j, block by block.

    ``weights`` is indexed by sum, leap and short step. In most blocks they are 0, or all alike.
    """
    out = np.zeros((weights.shape[0], weights.shape[2], len(start)))
    powers = np.empty((_BLOCK, len(start)))
    vector = start
    for begin in range(0, weights.shape[1], _BLOCK):
        block = weights[:, begin : begin + _BLOCK]
        for j in range(block.shape[1]):
            powers[j] = vector
            vector = leap(vector)
        done = powers[: block.shape[1]]
        for total, weight in zip(out, block, strict=True):
            low, high = weight.min(), weight.max()
            if low < high:
                total += weight.T @ done
            elif high > 0:
                total += high * done.sum(axis=0)
    return out


def _poisson(mean: float) -> Floats:
    """Return the Poisson probabilities of 0, 1, ... events, but for tails below 1e-14."""
    count = np.arange(int(mean + 8 * np.sqrt(mean) + 30))
    weights: Floats = np.exp(count * np.log(mean) - mean - gammaln(count + 1))
    weights[weights < 1e-18] = 0.0
    weights = weights[: int(np.flatnonzero(weights).max()) + 1]
    # The terms of the logarithm are of the size of mean x log(mean) and leave a common factor.
    return np.asarray(weights / weights.sum())
