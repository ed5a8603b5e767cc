"""A cap on money or heads -> the plan that answers most contacts in time, and what it lacks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from forecast.capacity.afford.choice import best_choices
from forecast.capacity.afford.curves import Curves, curves, weeks_of
from forecast.capacity.afford.together import together
from forecast.capacity.demand import Demand
from forecast.capacity.money.planned import Prices
from forecast.capacity.requirements import weighted
from forecast.capacity.service import service_by
from forecast.capacity.strata import Floats, Ints
from forecast.errors import InputError
from forecast.params import CapacityParams, ShrinkageParams
from forecast.schema import AFFORD, SERIES

POOR = 0.5


@dataclass(frozen=True)
class Cap:
    """What may be spent.

    Attributes
    ----------
    money
        On paid hours, in the plan's currency; None: as much as it takes.
    heads
        People: so many at once, and ``fte_hours_per_week`` paid hours of each a week; None: any.
    by
        Whether the money is for the whole period or for each week.
    floor
        Least share that must be answered in time in every interval.
    """

    money: float | None = None
    heads: float | None = None
    by: Literal["period", "week"] = "period"
    floor: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no cap."""
        if (self.money is None) == (self.heads is None):
            raise InputError("give a cap on money or one on heads, and not both")
        found = self.money if self.money is not None else self.heads
        if not 0 <= self.floor < 1:
            raise InputError(
                f"the floor must be a share, 0 or more and below 1; found {self.floor:g}"
            )
        if found is None or not 0 < found < float("inf"):
            raise InputError(f"a cap must be finite and > 0; found {found}")


@dataclass(frozen=True)
class Afforded:
    """What a cap buys: positions in each interval of the demand, and AFFORD by team and week.

    ``poor`` is the number of intervals in which fewer than ``POOR`` of the contacts are answered in
    time: where a few agents in each would answer hardly anybody, the best plan gives some intervals
    up. A floor forbids it, at a price.
    """

    agents: Ints
    weeks: pd.DataFrame
    poor: int

    @property
    def service_level(self) -> float:
        """Share of all contacts that are answered in time."""
        return weighted(self.weeks["service_level"], self.weeks["offered"])


def afford(
    demand: Demand,
    params: CapacityParams,
    cap: Cap,
    *,
    ledger: ShrinkageParams | None = None,
    prices: Prices | None = None,
    spent: float = 0.0,
) -> Afforded:
    """Return the plan within a cap on which most contacts are answered in time, and its weeks.

    Every interval in which contacts may come has somebody, ``params.agents_min``, and the cap's
    floor. Contacts of all queues count alike. Among all plans that do so it is exactly the best
    (``best_choices``), on the grouped paths of ``curves``. A week that breaks lacks what its target
    takes at the least beyond what it has.

    Parameters
    ----------
    demand
        Of each team.
    params
        The section ``capacity``.
    cap
        What may be spent: on hours alone, not on seats, minutes, trunks or penalties.
    ledger, prices
        As in a scenario's case; prices None: ``params.cost_per_paid_hour``.
    spent
        Money that is spent otherwise, as on outsourced contacts.

    Raises
    ------
    InputError
        When the least staffing is above the cap; the week, or the instant, and where it takes most.
    ParamsError
        As ``curves``.
    """
    told = curves(demand, params, ledger, prices, cap.floor)
    weight = told.cost if cap.heads is None else told.hours
    chosen = np.zeros(len(demand.intervals), dtype="int64")
    for rows, limit, when in _pots(demand, params, cap, spent):
        _refuse_too_little(demand, told, weight, rows, limit, when, cap)
        offers = together(demand.intervals["ds"], told, weight, rows, cap.heads)
        picked = best_choices([o.weight for o in offers], [o.in_time for o in offers], limit)
        for offer, number in zip(offers, picked, strict=True):
            chosen[offer.rows] = offer.options[number]
    agents = told.agents[chosen]
    weeks = _weeks(demand, params, told, chosen, weight)
    callers = demand.rate.mean(axis=1)
    few = told.in_time[chosen] < POOR * callers
    return Afforded(agents, weeks, int(few.sum()))


def _pots(
    demand: Demand, params: CapacityParams, cap: Cap, spent: float
) -> Iterator[tuple[Ints, float, str]]:
    """Yield the intervals that share a part of the cap, that part, and its name."""
    week = weeks_of(demand.intervals)
    share = _shares(demand, week)
    for start, part in share.items():
        rows = np.flatnonzero(week == start)
        when = f"the week from {start:%Y-%m-%d}"
        if cap.heads is not None:
            yield rows, cap.heads * params.fte_hours_per_week * part, when
        elif cap.by == "week":
            yield rows, (cap.money or 0.0) * part - spent * part / sum(share.values()), when
    if cap.heads is None and cap.by == "period":
        yield np.arange(len(week)), (cap.money or 0.0) - spent, "the period"


def _shares(demand: Demand, week: pd.Series) -> dict[pd.Timestamp, float]:
    """Return which part of each calendar week the demand covers, closed days included."""
    first = demand.intervals["local"].min().normalize()
    end = first + pd.Timedelta(days=round(demand.weeks * 7))
    day, seven = pd.Timedelta(days=1), pd.Timedelta(days=7)
    return {
        start: max((min(start + seven, end) - max(start, first)) / seven, day / seven)
        for start in sorted(week.unique())
    }


def _refuse_too_little(
    demand: Demand, told: Curves, weight: Floats, rows: Ints, limit: float, when: str, cap: Cap
) -> None:
    """Refuse a cap that the least staffing is above, with the interval that takes most."""
    first = np.flatnonzero(np.diff(told.row, prepend=-1))
    least = weight[first]
    if least[rows].sum() <= limit * (1 + 1e-12):
        return
    most = rows[int(least[rows].argmax())]
    place = demand.intervals.iloc[most]
    unit = "paid hours" if cap.heads is not None else "in pay"
    raise InputError(
        f"the cap leaves {limit:,.2f} {unit} for {when}, and the least staffing (somebody wherever "
        f"contacts may come, capacity.agents_min, the floor) takes {least[rows].sum():,.2f}: "
        f"most of it, {least[most]:,.2f} an interval, at {place['local']:%Y-%m-%d %H:%M} of "
        f"{'/'.join(place[name] for name in SERIES)}. Raise the cap, or cut opening hours"
    )


def _weeks(
    demand: Demand, params: CapacityParams, told: Curves, chosen: Ints, weight: Floats
) -> pd.DataFrame:
    """Return AFFORD of the options that were chosen."""
    own = demand.intervals[list(SERIES)].assign(
        start=weeks_of(demand.intervals),
        row=np.arange(len(chosen)),
        agent_hours=told.agents[chosen] * demand.intervals["open_min"].to_numpy() / 60,
        paid_hours=told.hours[chosen],
        cost=told.cost[chosen],
        taken=weight[chosen],
    )
    keys = [*SERIES, "start"]
    sums = own.groupby(keys)[["agent_hours", "paid_hours", "cost", "taken"]].sum()
    least = {
        key: least_for_target(demand, params, told, weight, rows["row"].to_numpy())
        for key, rows in own.groupby(keys)
    }
    sums["at_target"] = pd.Series(least)
    service = service_by(demand, told.agents[chosen], params)
    found = service[service["period"] == "week"].merge(sums.reset_index(), on=keys)
    level = found["service_level"].fillna(1.0)
    lacking = (found["at_target"] - found["taken"]).clip(lower=0.0)
    breaks = level < params.service_level_target
    found = found.assign(breaks=breaks, lacking=lacking.where(breaks, 0.0))
    return AFFORD.validate(found[AFFORD.names])


def least_for_target(
    demand: Demand, params: CapacityParams, told: Curves, weight: Floats, rows: Ints
) -> float:
    """Return the least weight with which some intervals together meet the service-level target."""
    options = [np.flatnonzero(told.row == row) for row in rows]
    most = [float(told.in_time[own].max()) for own in options]
    asked = params.service_level_target * float(demand.rate[rows].mean(axis=1).sum())
    # The same question turned round: the most weight saved while no more contacts are given up.
    given_up = [top - told.in_time[own] for top, own in zip(most, options, strict=True)]
    picked = best_choices(given_up, [-weight[own] for own in options], max(sum(most) - asked, 0.0))
    return float(sum(weight[own[k]] for own, k in zip(options, picked, strict=True)))
