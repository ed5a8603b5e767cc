"""The champion's rows and a plan -> PATHS of one series: contacts and handle times together."""

from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.distribution import (
    Dependence,
    Drawn,
    count_paths,
    day_noise,
    handle_time_paths,
)
from forecast.select import Selection, SeriesPlan
from forecast.targets import AHT

Floats = npt.NDArray[np.float64]
LEAST_CONTACTS = 0.1
"""Over fewer expected contacts a handle time is as uncertain as over so many."""


def over_contacts(lengths: pd.DataFrame, volume: pd.DataFrame) -> pd.DataFrame:
    """Return handle-time rows as averages over the contacts that are expected.

    Parameters
    ----------
    lengths
        MEANS or FORECAST of handle time; ``unit`` is for one contact each.
    volume
        The champion's FORECAST of the same series and cutoff: its ``mean`` are the contacts.
    """
    expected = lengths["ds"].map(volume.set_index("ds")["mean"]).clip(lower=LEAST_CONTACTS)
    return lengths.assign(weight=expected, unit=lengths["unit"] / expected)


def joint_paths(
    volume: pd.DataFrame,
    lengths: pd.DataFrame | None,
    plan: SeriesPlan,
    *,
    n: int,
    days: int,
    seed: int,
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return contacts and expected handle times (paths x intervals) of one series.

    Series with the same seed, n and days are busy together as their plans say; handle times go with
    the volume as they did in the backtest.

    Parameters
    ----------
    volume, lengths
        The champion's FORECAST rows in the order of time, with their local ``date``; ``lengths``
        may be None, and handle times are then NaN (one row of them).
    plan
        Of the series.
    n, days
        Number of paths, and of local days they may reach.
    seed
        Seed of the run.
    """
    name = "/".join(plan.series)
    fresh = day_noise(n, days + 1, plan.dependence.between, seed, name)
    rng = np.random.default_rng([seed, 2, crc32(name.encode())])
    counts = count_paths(_drawn(volume, plan.selection, plan.dependence), fresh, rng)
    if lengths is None or plan.handle_time is None:
        return counts, np.full((1, len(volume)), np.nan)
    told = plan.handle_time
    alone = day_noise(n, days + 1, 0.0, seed, f"{name}/{AHT}")
    together = told.with_volume * fresh + np.sqrt(1 - told.with_volume**2) * alone
    drawn = _drawn(lengths, told.selection, told.dependence)
    return counts, handle_time_paths(drawn, together, rng)


def _drawn(rows: pd.DataFrame, selection: Selection, dependence: Dependence) -> Drawn:
    calibrations = {h: c.calibrations[c.champion] for h, c in selection.items()}
    return Drawn(rows, calibrations, dependence)
