"""The error of a forecast in agents and in money, and the part of it that no forecast can avoid."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import pdtr, pdtrc

from forecast.accuracy.metrics import is_count
from forecast.errors import ForecastError
from forecast.goals import target_of
from forecast.params import CapacityParams
from forecast.queueing.staffing import Target, required_agents
from forecast.schema import SERIES, SeriesKey

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_NEGLIGIBLE = 1e-9
_SIDES = ("over", "under", "floor_over", "floor_under")


Price = Callable[[pd.DataFrame], Floats]
"""What an hour on position costs in each of some rows of FORECAST."""


def staffing_error(
    forecast: pd.DataFrame,
    *,
    aht_s: Mapping[SeriesKey, float],
    params: CapacityParams,
    keys: Sequence[str] = (*SERIES, "model", "horizon"),
    price: Price | None = None,
) -> pd.DataFrame:
    """Return the agent-hours, and their cost, that staffing to the forecast's mean missed by.

    In each open interval the agents that meet the target at the mean are set against those that
    meet it at the count that came. That count is not the rate: even a planner who knew the rate
    would be off by chance. This floor, expected of Poisson counts around the mean as if it were the
    rate, stands beside.

    An hour on position costs ``cost_per_paid_hour`` over the share of paid time on position, or
    what ``price`` says of its interval; an hour that was short is put at the same price, which is
    what it would have cost to have it, and not what the callers' waiting cost.

    Parameters
    ----------
    forecast
        FORECAST; rows without truth, closed intervals and other targets than counts are left out.
    aht_s
        Average handle time by (site, queue, channel), the same for forecast and truth, so that the
        error is that of the volume alone.
    params
        The section ``capacity``: target, patience, shrinkage and cost.
    keys
        Columns of FORECAST to sum by.
    price
        What an hour on position costs in each of some rows of FORECAST, as a plan with the sections
        ``costs`` and ``shrinkage`` pays it: ``capacity.money.planned.position_price``. None: the
        flat cost and shrinkage of ``params``.

    Returns
    -------
    pandas.DataFrame
        The keys; ``agent_hours`` that the counts needed; ``over_hours`` and ``under_hours``, too
        many and too few; ``floor_over_hours`` and ``floor_under_hours``; the four as ``*_cost``;
        and ``n`` intervals.

    Raises
    ------
    ForecastError
        When a series has no AHT.
    """
    counts = forecast[is_count(forecast)]
    rows = counts[(counts["open_min"] > 0) & counts["y"].notna()].reset_index(drop=True)
    rows = rows.assign(aht_s=aht_of(rows, aht_s))
    target = target_of(params)
    hours = pd.DataFrame(0.0, index=rows.index, columns=["agent", *_SIDES])
    mean, y = (rows[name].to_numpy(dtype="float64") for name in ("mean", "y"))
    alike: Any = rows.groupby(["aht_s", "open_min"]).indices
    for (aht, minutes), at in alike.items():
        rule = _Rule(float(aht), float(minutes), target, params.patience_s)
        hours.iloc[at] = rule.misses(mean[at], y[at]) * float(minutes) / 60
    each = hour_price(rows, params, price)
    money = {f"{name}_cost": hours[name] * each for name in _SIDES}
    by = [rows[key] for key in keys]
    sums = hours.assign(n=1, **money).groupby(by, sort=True).sum()
    named = {f"{name}_hours": sums[name] for name in ("agent", *_SIDES)}
    costs = {name: sums[name] for name in money}
    return pd.DataFrame({**named, **costs, "n": sums["n"].astype("int64")}).reset_index()


def hour_price(rows: pd.DataFrame, params: CapacityParams, price: Price | None) -> Floats:
    """Return what an hour on position costs in each of some rows of FORECAST.

    By ``price``, or where that is None by the flat cost and shrinkage of ``params``.
    """
    if price is not None:
        return price(rows)
    return np.full(len(rows), params.cost_per_paid_hour / (1 - params.shrinkage))


def aht_of(rows: pd.DataFrame, aht_s: Mapping[SeriesKey, float]) -> Floats:
    """Return each row's handle time, by its series."""
    keys: Any = rows[list(SERIES)].drop_duplicates()
    named = list(keys.itertuples(index=False, name=None))
    lacking = ["/".join(key) for key in named if key not in aht_s]
    if lacking:
        raise ForecastError(
            f"aht_s has no handle time for {', '.join(lacking)}; give one per series, as "
            "capacity.handle_time.aht_by_series does"
        )
    given = keys.assign(aht_s=[float(aht_s[key]) for key in named])
    joined = rows[list(SERIES)].merge(given, on=list(SERIES), how="left")
    return joined["aht_s"].to_numpy(dtype="float64")


@dataclass(frozen=True)
class _Rule:
    """How many agents contacts need in intervals of one length and handle time."""

    aht_s: float
    open_min: float
    target: Target
    patience_s: float | None

    def agents(self, contacts: Floats) -> Ints:
        """Return the agents that meet the target at each number of contacts."""
        load = contacts * self.aht_s / (60 * self.open_min)
        return required_agents(
            load, aht_s=self.aht_s, target=self.target, patience_s=self.patience_s
        )

    def misses(self, mean: Floats, y: Floats) -> Floats:
        """Return, per interval, the agents needed, over, under, and the floors of these two."""
        most = max(mean.max(initial=0.0), y.max(initial=0.0))
        of_count = self.agents(np.arange(np.ceil(most + 10 * np.sqrt(most) + 20)))
        planned, needed = self._between(mean, of_count), self._between(y, of_count)
        over, under = expected_misses(planned, mean, of_count)
        error = planned - needed
        return np.column_stack([needed, error.clip(min=0), (-error).clip(min=0), over, under])

    def _between(self, contacts: Floats, of_count: Ints) -> Ints:
        """Return ``agents``, worked out only where the whole numbers on either side differ."""
        out: Ints = of_count[np.floor(contacts).astype("int64")]
        unsure = out != of_count[np.ceil(contacts).astype("int64")]
        out[unsure] = self.agents(contacts[unsure])
        return out


def expected_misses(planned: Ints, rate: Floats, of_count: Ints) -> tuple[Floats, Floats]:
    """Return the agents too many and too few to be expected of Poisson counts around each rate.

    The mean of a whole number that is not negative is the sum of its tail probabilities, and more
    than n agents are needed when more contacts come than n can take.

    Parameters
    ----------
    planned
        Agents planned for each rate.
    rate
        Contacts expected.
    of_count
        Agents needed for 0, 1, 2, ... contacts, rising, well beyond the highest rate.

    Examples
    --------
    >>> one_each = np.arange(30)
    >>> over, under = expected_misses(np.array([1]), np.array([1.0]), one_each)
    >>> over.round(4).tolist(), under.round(4).tolist()
    ([0.3679], [0.3679])
    """
    top = int(of_count[-1])
    takes = np.searchsorted(of_count, np.arange(top + 1), side="right") - 1
    over, under = np.zeros(rate.shape), np.zeros(rate.shape)
    for n in range(top):
        above = planned + n
        more = np.where(above < top, pdtrc(takes[np.minimum(above, top)], rate), 0.0)
        below = planned - 1 - n
        fewer = np.where(below >= 0, pdtr(takes[np.maximum(below, 0)], rate), 0.0)
        under, over = under + more, over + fewer
        if max(more.max(initial=0.0), fewer.max(initial=0.0)) < _NEGLIGIBLE:
            break
    return over, under
