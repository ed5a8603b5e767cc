"""How well paths foretell sums: of a day, a week, or several queues."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from forecast.errors import ForecastError
from forecast.schema import QUANTILES


def sum_coverage(
    y: npt.ArrayLike, draws: npt.ArrayLike, levels: Sequence[float] = (0.80, 0.95)
) -> Mapping[str, float]:
    """Return coverage, width and pinball loss of sums that were foretold by paths.

    Quantiles of intervals do not add up to those of their sum; sums along paths have quantiles of
    their own, which this judges.

    Parameters
    ----------
    y
        What came: one sum of contacts per group, for instance a cutoff's week.
    draws
        The same sums along the paths drawn at the cutoff: one row per group, one column per path.
    levels
        Shares that the central intervals should cover.

    Returns
    -------
    Mapping
        Per level ``coverage_80``, the share of sums within (limits rounded to whole contacts), and
        ``width_80``, the mean width over the mean sum; ``pinball`` at the levels of FORECAST; and
        ``n`` sums.

    Raises
    ------
    ForecastError
        When the shapes do not fit or a sum is not known.

    Examples
    --------
    >>> paths = [[80.0, 90.0, 100.0, 110.0, 120.0]] * 2
    >>> found = sum_coverage([100.0, 125.0], paths, levels=[0.5])
    >>> found["coverage_50"], round(found["width_50"], 4)
    (0.5, 0.1778)
    """
    came, drawn = np.asarray(y, dtype="float64"), np.asarray(draws, dtype="float64")
    if came.ndim != 1 or drawn.ndim != 2 or len(came) != len(drawn) or not drawn.size:
        raise ForecastError(
            "draws must have a row of paths for each sum in y; "
            f"found shapes {drawn.shape} and {came.shape}"
        )
    if not (np.isfinite(came).all() and np.isfinite(drawn).all()):
        raise ForecastError("some sums are empty or infinite; leave out groups without truth")
    whole = float(came.sum())
    out: dict[str, float] = {}
    for level in levels:
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
        name = f"{100 * level:g}"
        inside = (came >= low.round()) & (came <= high.round())
        out[f"coverage_{name}"] = float(inside.mean())
        out[f"width_{name}"] = float((high - low).sum()) / whole if whole > 0 else float("nan")
    at = np.array(list(QUANTILES.values()))[:, None]
    error = came - np.quantile(drawn, at.ravel(), axis=1)
    out["pinball"] = float(np.maximum(at * error, (at - 1) * error).mean())
    return {**out, "n": float(len(came))}
