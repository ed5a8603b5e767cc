"""Quantiles and dependence -> PATHS: joint draws of counts and handle times."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

from forecast.distribution.calibration import Calibration, hour_of
from forecast.distribution.dependence import Dependence
from forecast.schema import PATHS, SERIES

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """FORECAST rows of one series, model, target and cutoff, and what their paths are drawn with.

    ``rows`` have their local ``date`` beside; ``calibrations``, by horizon, are those that the
    quantiles were made with.
    """

    rows: pd.DataFrame
    calibrations: Mapping[str, Calibration]
    dependence: Dependence


def count_paths(drawn: Drawn, fresh: Floats, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return counts (paths x rows, in the order of ``rows``) with the quantiles of the forecast.

    Parameters
    ----------
    drawn
        Of the contacts offered.
    fresh
        White noise (paths x days and one), see ``Dependence.draw``.
    rng
        Source of randomness.
    """
    rows = drawn.rows
    level = ndtr(_scores(rows, drawn.dependence, fresh, rng))
    counts = np.zeros(level.shape, dtype="int64")
    mean, extra = rows["raw_mean"].to_numpy(), rows["effect_var"].to_numpy()
    hour = hour_of(rows)
    for horizon, here in _by_horizon(rows):
        calibration = drawn.calibrations[horizon]
        at = calibration.counts(mean[here], level[:, here], extra[here], hour[here])
        counts[:, here] = np.rint(at).astype("int64")
    return counts


def handle_time_paths(drawn: Drawn, fresh: Floats, rng: np.random.Generator) -> Floats:
    """Return expected handle times (paths x rows), without the chance of single contacts.

    Staffing adds that chance itself. Of the scores' variance, what is common to days is a part of
    what is left without it.
    """
    rows = drawn.rows
    unit, extra = (
        rows["unit"].where(rows["unit"] > 0, 1.0).to_numpy(),
        rows["effect_var"].to_numpy(),
    )
    mean = rows["raw_mean"].to_numpy() / unit
    lasting = _without_chance(drawn, mean)
    score = _scores(rows, lasting, fresh, rng)
    out = np.zeros(score.shape)
    for horizon, here in _by_horizon(rows):
        rates = drawn.calibrations[horizon].rates(mean[here], score[:, here], extra[here])
        out[:, here] = rates * unit[here]
    return out


def paths_table(rows: pd.DataFrame, counts: npt.NDArray[np.int64], aht_s: Floats) -> pd.DataFrame:
    """Return PATHS of one series from its draws (paths x rows); ``aht_s`` may be all NaN."""
    n = len(counts)
    named = rows[[*SERIES, "ds", "open_min"]].reset_index(drop=True)
    repeated = named.loc[np.tile(named.index, n)].reset_index(drop=True)
    columns = {
        "path": np.repeat(np.arange(n), len(rows)),
        "offered": counts.ravel(),
        "aht_s": np.broadcast_to(aht_s, counts.shape).ravel(),
    }
    return PATHS.validate(repeated.assign(**columns)[PATHS.names])


def _scores(
    rows: pd.DataFrame, dependence: Dependence, fresh: Floats, rng: np.random.Generator
) -> Floats:
    """Return normal scores of open intervals; closed ones have 0."""
    is_open = (rows["open_min"] > 0).to_numpy()
    day = rows["date"].factorize(sort=True)[0]
    out = np.zeros((len(fresh), len(rows)))
    horizon = rows["horizon"].to_numpy()
    out[:, is_open] = dependence.draw(day[is_open], horizon[is_open], fresh, rng)
    return out


def _by_horizon(rows: pd.DataFrame) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    is_open = (rows["open_min"] > 0).to_numpy()
    horizon = rows["horizon"].to_numpy()
    names = dict.fromkeys(horizon[is_open].tolist())
    return [(str(name), (horizon == name) & is_open) for name in names]


def _without_chance(drawn: Drawn, mean: Floats) -> Dependence:
    """Return the dependence of what is left of the scores without the chance of single arrivals."""
    parts = {}
    for horizon, here in _by_horizon(drawn.rows):
        extra = drawn.calibrations[horizon].phi * mean[here]
        parts[horizon] = float(np.mean(extra / (1 + extra)))
    return drawn.dependence.of_rates(parts)
