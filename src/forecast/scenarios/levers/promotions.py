"""Promotions and other events that are added, moved, scaled or dropped."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from forecast.capacity.demand import Demand
from forecast.errors import ParamsError
from forecast.params.levers import AddedPromotion, Promotions
from forecast.params.scenario import Scenario
from forecast.scenarios.case import Bools, Case, Floats
from forecast.scenarios.learned import Learned
from forecast.scenarios.levers.scope import refuse_unknown, scope
from forecast.schema import SERIES
from forecast.targets import OFFERED

NORMAL = float(ndtri(0.95))
"""Standard deviations from the mean to the end of a 90 % interval."""
LEAST = np.exp(-3.0)
"""Smallest factor that is believed of an event, as in ``effects.learn``."""
DAY = pd.Timedelta(days=1)


def promotions(case: Case, name: str, scenario: Scenario) -> Case:
    """Put promotions in, take them out, or do them at another time or of another size.

    One that is added does what the next of its kind is expected to do, more on some paths than on
    others as that is not certain: as the forecast would draw it. One that is dropped takes the
    effect out that the forecast has for it.
    """
    told = scenario.promotions
    if told is None:
        return case
    where = f"scenarios.{name}.promotions"
    learned = case.learned
    if learned is None:
        raise ParamsError(f"{where}: what events do is not known here; give run_scenarios learned")
    within = scope(case.demand, name, scenario)
    case = _changed(case, learned, told, within, where)
    for number, one in enumerate(told.add):
        rng = np.random.default_rng([learned.seed, number])
        case = _added(case, learned, one, within, where, rng)
    return case


def stronger(factor: Floats, times: float) -> Floats:
    """Return an effect at another intensity: what comes beside the usual grows in proportion.

    Examples
    --------
    >>> stronger(np.array([1.5, 0.9]), 2.0).tolist()
    [2.0, 0.8]
    """
    return np.asarray(np.maximum(1 + times * (factor - 1), LEAST))


def _added(
    case: Case,
    learned: Learned,
    told: AddedPromotion,
    within: Bools,
    where: str,
    rng: np.random.Generator,
) -> Case:
    demand = case.demand
    kinds = learned.kinds
    refuse_unknown(f"{where}.add", [told.kind], kinds["kind"], "kind of event in the history")
    own = kinds[kinds["kind"] == told.kind]
    offset = np.asarray((_days(demand) - pd.Timestamp(told.first_day)) / DAY, dtype="float64")
    volume, spread, longer = np.ones(len(within)), np.zeros(len(within)), np.ones(len(within))
    for rows, table in _series_of(demand, own):
        its = rows & within
        offered = table[table["target"] == OFFERED]
        volume[its], spread[its] = _profile(offered, offset[its], told.days)
        longer[its], _ = _profile(table[table["target"] != OFFERED], offset[its], told.days)
    reached = np.flatnonzero((volume != 1) | (spread > 0) | (longer != 1))
    if not reached.size:
        raise ParamsError(
            f"{where}.add: {told.kind!r} from {told.first_day} reaches no open interval of the "
            "forecast in its scope; change its first_day, or the queues, sites and days"
        )
    paths = demand.rate.shape[1]
    z = ndtri((rng.permutation(paths) + 0.5) / paths)
    factor = stronger(volume[reached, None] * np.exp(spread[reached, None] * z), told.intensity)
    rate = demand.rate.copy()
    rate[reached] = _times(rate[reached], factor)
    case = replace(case, demand=demand.with_rate(rate))
    return case.scaled(np.isin(np.arange(len(within)), reached), aht=longer)


def _times(rate: Floats, factor: Floats) -> Floats:
    """Return rates times factors, path by path, their mean that of one times that of the other.

    A draw that chance has put on the busy paths does not make the promotion larger.
    """
    product = rate * factor
    mean = product.mean(axis=1)
    due = rate.mean(axis=1) * factor.mean(axis=1)
    return np.asarray(
        product * np.where(mean > 0, due / np.where(mean > 0, mean, 1.0), 1.0)[:, None]
    )


def _profile(table: pd.DataFrame, offset: Floats, days: int | None) -> tuple[Floats, Floats]:
    """Return effect and deviation of its logarithm at days from an event's first day (0)."""
    effect, sd = np.ones(len(offset)), np.zeros(len(offset))
    on = table[table["phase"] == "during"]
    known = int(on["day"].max()) if len(on) else 1
    long = days or known
    told = {
        (phase, int(day)): i
        for i, (phase, day) in enumerate(zip(table["phase"], table["day"], strict=True))
    }
    logs = np.log(table[["effect_q05", "effect_q95"]].clip(lower=1e-9).to_numpy())
    middle, wide = table["effect"].to_numpy(), (logs[:, 1] - logs[:, 0]) / (2 * NORMAL)
    for day in np.unique(offset):
        if day < 0:
            at = told.get(("before", -int(day)))
        elif day < long:
            at = told.get(("during", min(int(day) + 1, known)))
        else:
            at = told.get(("after", int(day) - long + 1))
        if at is not None:
            effect[offset == day], sd[offset == day] = middle[at], wide[at]
    return effect, sd


def _changed(case: Case, learned: Learned, told: Promotions, within: Bools, where: str) -> Case:
    """Return the case without the events that are changed, and with them as they are now."""
    if not told.changed:
        return case
    table = learned.days
    refuse_unknown(where, told.changed, table["event_id"], "event that reaches the forecast")
    _refuse_the_past(case.demand, table, told, where)
    local = case.demand.intervals["local"]
    for rows, own in _series_of(case.demand, table):
        for event in sorted(told.changed & set(own["event_id"])):
            days = own[own["event_id"] == event]
            offered, length = (days[days["target"].eq(OFFERED) == is_it] for is_it in (True, False))
            moved = pd.Timedelta(0)
            if event in told.move:
                moved = pd.Timestamp(told.move[event]) - days["start"].iloc[0].normalize()
            now, then = _at(offered, local), _at(offered, local - moved)
            longer = _at(length, local - moved) / _at(length, local)
            if event in told.drop:
                then, longer = np.ones(len(local)), 1 / _at(length, local)
            then = stronger(then, told.scale.get(event, 1.0))
            case = case.scaled(rows & within, then / now, longer)
    return case


def _refuse_the_past(demand: Demand, table: pd.DataFrame, told: Promotions, where: str) -> None:
    day = _days(demand)
    first, last = day.min(), day.max()
    for event in sorted(told.changed):
        start = table.loc[table["event_id"] == event, "start"].iloc[0]
        if start < first:
            raise ParamsError(
                f"{where}: {event!r} began on {start:%Y-%m-%d}, before the forecast; what has "
                "happened cannot be changed"
            )
    for event, to in told.move.items():
        if not first <= pd.Timestamp(to) <= last:
            raise ParamsError(
                f"{where}.move: {event!r} cannot be moved to {to}: the forecast is from "
                f"{first:%Y-%m-%d} to {last:%Y-%m-%d}; drop it instead"
            )


def _at(days: pd.DataFrame, local: pd.Series) -> Floats:
    """Return an event's effect at wall times; 1 on days that it does not reach."""
    if days.empty:
        return np.ones(len(local))
    since = days.sort_values("local")
    place = np.searchsorted(since["local"].to_numpy(), local.to_numpy(), side="right") - 1
    found = since.iloc[np.maximum(place, 0)]
    same = found["local"].dt.normalize().to_numpy() == local.dt.normalize().to_numpy()
    return np.where((place >= 0) & same, found["effect"].to_numpy(), 1.0)


def _series_of(demand: Demand, table: pd.DataFrame) -> list[tuple[Bools, pd.DataFrame]]:
    """Return the rows of each series of a demand that a table tells of, and its part of it."""
    keys = demand.intervals[list(SERIES)]
    return [
        ((keys == list(map(str, key))).all(axis=1).to_numpy(), own)
        for key, own in table.groupby(list(SERIES), sort=True)
    ]


def _days(demand: Demand) -> pd.Series:
    day: pd.Series = demand.intervals["local"].dt.normalize()
    return day
