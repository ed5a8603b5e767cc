"""What made a forecast's staffing wrong: chance, the day's level, its profile, handle time, ...

    agents missed by = noise + day level + profile + handle time + calendar + override

A planner who sees only the sum cannot know whom to ask. Half of it may be chance, which nobody can
mend; a wrong day level asks for another look at trend and events, a wrong profile at opening hours
and breaks, a wrong handle time at training and systems.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.accuracy.local import located
from forecast.accuracy.metrics import AVERAGE, is_count
from forecast.accuracy.staffing import Price, aht_of, hour_price
from forecast.attribution import shapley
from forecast.errors import ForecastError
from forecast.goals import target_of
from forecast.params import CapacityParams
from forecast.queueing.staffing import Target, required_agents
from forecast.schema import ERROR_PARTS, SERIES, SeriesKey

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
PARTS = ("noise", "day level", "profile", "handle time", "calendar", "override")
KEYS = (*SERIES, "model", "horizon")
_ORIGIN = [*SERIES, "model", "cutoff"]
_LEVEL, _PROFILE, _HANDLE = 1, 2, 4
_SHORTEST_S = 1.0
_NOBODY = 1e-6


def error_parts(
    forecast: pd.DataFrame,
    features: pd.DataFrame,
    *,
    aht_s: Mapping[SeriesKey, float],
    params: CapacityParams,
    rng: np.random.Generator,
    planned: pd.DataFrame | None = None,
    keys: Sequence[str] = KEYS,
    draws: int = 8,
    price: Price | None = None,
) -> pd.DataFrame:
    """Return the agent-hours that staffing to the forecast missed by, shared out by cause.

    Parameters
    ----------
    forecast
        FORECAST of counts, and of handle times where they are forecast; rows without truth and
        closed intervals are left out.
    features
        Their FEATURES: which intervals make a day.
    aht_s
        Handle time by series where FORECAST has none; the same for forecast and truth, so that
        nothing is put down to it.
    params
        The section ``capacity``: targets, patience, and the price of an hour.
    rng
        For the draws that say what chance does.
    planned
        FORECAST rows as they were planned with after somebody changed them by hand; what that did
        is the part "override". None: nobody did.
    keys
        Columns of FORECAST, or ``date``, ``weekday``, ``slot_min``, ``lead_day`` and ``occasion``
        (see ``by``), to sum by.
    draws
        Counts drawn around each mean; more make the parts steadier, not their sum.
    price
        What an hour on position costs in each of some rows, as ``staffing_error`` takes it.

    Returns
    -------
    pandas.DataFrame
        ERROR_PARTS: the keys, ``part``, ``hours``, ``cost`` and ``n`` intervals. The hours of a
        group add up to all agent-hours too many and too few, the costs to what those cost. A part
        may be negative: "override" when hands made the forecast better, and another by chance when
        there is little of it.

    Raises
    ------
    ForecastError
        When a series has no AHT, an interval is not in FEATURES, or ``planned`` lacks rows.

    Notes
    -----
    The hours missed by are a function of three things that can be put right one by one: the
    contacts of the day, their shares of it, and the handle time. A thing's part is its Shapley
    value, the mean over all orders of putting them right. The same is done with draws from the
    forecast itself (Poisson counts around its means, handle times that vary as averages of so many
    contacts do): what a planner would miss by who knew the rates. That is the noise, and is taken
    out of the other parts. What is left of level and profile on days with an event or a holiday is
    the calendar's.

    References
    ----------
    Shapley (1953), A value for n-person games.
    """
    rows = _rows(forecast, features, aht_s)
    mean, y, handle_s, came_s, spread_s, minutes = (
        rows[name].to_numpy("float64")
        for name in ("mean", "y", "handle_s", "came_s", "spread_s", "open_min")
    )
    days = rows.groupby([*_ORIGIN, "date"], sort=False).ngroup().to_numpy().astype("int64")
    staffing = _Staffing(minutes, days, target_of(params), params.patience_s)
    came = staffing.shares(mean, handle_s, y, came_s)
    drawn = [
        staffing.shares(mean, handle_s, *_by_chance(mean, handle_s, spread_s, rng))
        for _ in range(draws)
    ]
    chance = np.mean(drawn, axis=0)
    level, profile, handle = came - chance
    special = rows["occasion"].ne("ordinary").to_numpy()
    override = np.zeros(len(rows))
    if planned is not None:
        changed = _changed(planned, rows)
        override = staffing.missed(changed, handle_s, y, came_s)
        override -= staffing.missed(mean, handle_s, y, came_s)
    by_part = (
        chance.sum(axis=0),
        np.where(special, 0.0, level),
        np.where(special, 0.0, profile),
        handle,
        np.where(special, level + profile, 0.0),
        override,
    )
    return _summed(rows, by_part, hour_price(rows, params, price), list(keys))


@dataclass(frozen=True)
class _Staffing:
    """What contacts and handle times ask for in each of some intervals.

    Attributes
    ----------
    minutes
        Open minutes.
    days
        Number of the day, from 0, that each lies in.
    target, patience_s
        The rules.
    """

    minutes: Floats
    days: Ints
    target: Target
    patience_s: float | None

    def agents(self, contacts: Floats, handle_s: Floats) -> Ints:
        """Return the agents that meet the target."""
        load = contacts * handle_s / (60 * self.minutes)
        return required_agents(load, aht_s=handle_s, target=self.target, patience_s=self.patience_s)

    def missed(self, mean: Floats, handle_s: Floats, came: Floats, came_s: Floats) -> Floats:
        """Return the agent-hours by which staffing to the mean misses what came."""
        gap = self.agents(mean, handle_s) - self.agents(came, came_s)
        return np.asarray(np.abs(gap) * self.minutes / 60)

    def shares(self, mean: Floats, handle_s: Floats, came: Floats, came_s: Floats) -> Floats:
        """Return the hours missed, put down to day level, profile and handle time (rows)."""
        expected, total = self._total(mean), self._total(came)
        shape = _share(mean, expected, self.minutes / self._total(self.minutes))
        volume = {
            0: mean,
            _LEVEL: total * shape,
            _PROFILE: expected * _share(came, total, shape),
            _LEVEL | _PROFILE: came,
        }
        needed = self.agents(came, came_s)

        def hours(right: int) -> Floats:
            asked = self.agents(
                volume[right & (_LEVEL | _PROFILE)], came_s if right & _HANDLE else handle_s
            )
            return np.asarray(np.abs(asked - needed) * self.minutes / 60)

        return np.asarray(-shapley(hours, 3))

    def _total(self, contacts: Floats) -> Floats:
        """Return the contacts of each interval's day."""
        return np.asarray(np.bincount(self.days, contacts)[self.days])


def _share(contacts: Floats, total: Floats, otherwise: Floats) -> Floats:
    """Return the shares of a day's total; others where there are no contacts to tell."""
    return np.asarray(np.divide(contacts, total, out=otherwise.copy(), where=total > _NOBODY))


def _by_chance(
    mean: Floats, handle_s: Floats, spread_s: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return counts and handle times that could come if the forecast's means were the rates."""
    came = rng.poisson(mean).astype("float64")
    came_s = handle_s + spread_s * rng.standard_normal(len(mean))
    return came, np.maximum(came_s, np.minimum(handle_s, _SHORTEST_S))


def _rows(
    forecast: pd.DataFrame, features: pd.DataFrame, aht_s: Mapping[SeriesKey, float]
) -> pd.DataFrame:
    """Return the rows of counts with their handle times: expected, what came, and its chance."""
    known = forecast[(forecast["open_min"] > 0) & forecast["y"].notna()]
    rows = located(known[is_count(known)], features)
    times = known[known["target"] == AVERAGE].assign(
        spread_s=lambda t: np.sqrt(t["mean"] * t["unit"] / t["weight"].where(t["weight"] > 0))
    )
    times = times[[*_ORIGIN, "ds", "mean", "y", "spread_s"]]
    times = times.rename(columns={"mean": "handle_s", "y": "came_s"})
    rows = rows.merge(times, on=[*_ORIGIN, "ds"], how="left", validate="one_to_one")
    lacking = rows["handle_s"].isna()
    rows.loc[lacking, "handle_s"] = aht_of(rows[lacking], aht_s)
    same = rows["came_s"].isna() | (rows["came_s"] <= 0)
    rows["came_s"] = rows["came_s"].where(~same, rows["handle_s"])
    return rows.assign(spread_s=rows["spread_s"].fillna(0.0))


def _changed(planned: pd.DataFrame, rows: pd.DataFrame) -> Floats:
    """Return the contacts that were planned with in some rows."""
    key = [*_ORIGIN, "ds"]
    own = planned[is_count(planned)].set_index(key)["mean"]
    found = own.reindex(pd.MultiIndex.from_frame(rows[key])).to_numpy("float64")
    if np.isnan(found).any():
        first = rows[key][np.isnan(found)].iloc[0]
        raise ForecastError(
            f"planned lacks {int(np.isnan(found).sum())} rows of forecast, first "
            f"{'/'.join(first[[*SERIES, 'model']])} at {first['ds']}; give all rows, changed or not"
        )
    return found


def _summed(
    rows: pd.DataFrame, parts: Sequence[Floats], price: Floats, keys: list[str]
) -> pd.DataFrame:
    """Return the parts' hours and cost by keys, one row a part."""
    own = [
        rows[keys].assign(part=name, hours=hours, cost=hours * price, n=1)
        for name, hours in zip(PARTS, parts, strict=True)
    ]
    out = pd.concat(own).groupby([*keys, "part"], sort=True).sum().reset_index()
    return ERROR_PARTS.validate(out) if tuple(keys) == KEYS else out
