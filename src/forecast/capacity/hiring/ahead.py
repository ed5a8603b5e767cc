"""Demand of the forecast's weeks -> productive heads required, for months to two years."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from forecast.capacity.demand import Demand
from forecast.capacity.pools import pooled
from forecast.capacity.service import least_agents
from forecast.capacity.shrinkage import off_position
from forecast.errors import InputError, ParamsError
from forecast.params import CapacityParams, HiringPlanParams, ShrinkageParams

Floats = npt.NDArray[np.float64]
WEEKS_A_YEAR = 365.25 / 7
ANYWHERE = "all"
"""The entry of every site that has none of its own."""


def whole_weeks(days: Sequence[date]) -> list[date]:
    """Return the first days of the whole weeks in days that follow each other.

    Weeks begin on Mondays; where the days hold no week from Monday to Sunday, on their first day.

    Raises
    ------
    InputError
        When there are less than seven days.

    Examples
    --------
    >>> days = [date(2024, 1, 5) + timedelta(days=i) for i in range(20)]  # from a Friday
    >>> [str(day) for day in whole_weeks(days)]
    ['2024-01-08', '2024-01-15']
    """
    if len(days) < 7:
        raise InputError(
            f"the forecast covers {len(days)} days, and a week of hiring takes 7; "
            "raise forecast.horizon_days"
        )
    monday = days[0] + timedelta(days=-days[0].weekday() % 7)
    first = monday if monday + timedelta(days=6) <= days[-1] else days[0]
    n = ((days[-1] - first).days + 1) // 7
    return [first + timedelta(weeks=i) for i in range(n)]


def heads_of_weeks(
    demand: Demand,
    weeks: Sequence[date],
    capacity: CapacityParams,
    hours_per_week: float,
    ledger: ShrinkageParams | None = None,
) -> dict[str, Floats]:
    """Return the full heads that each path takes in each week, (paths x weeks) by site.

    On a path the rate is known: the least agents that meet the target at it, over the share of paid
    time on position, are paid hours; these over the hours of a head are heads.

    Parameters
    ----------
    demand
        By queue; the section's pools are served by one team.
    weeks
        First days of weeks, local.
    capacity, ledger
        The sections ``capacity`` and ``shrinkage``.
    hours_per_week
        Paid hours of a full head.
    """
    team = pooled(demand, capacity.pools)
    groups = team.strata
    load = np.asarray(groups.load)
    aht = np.repeat(team.aht_s, load.shape[1])
    agents = least_agents(load.ravel(), aht, capacity).reshape(load.shape)
    local = team.intervals["local"]
    away = np.broadcast_to(off_position(local, capacity.shrinkage, ledger), len(local))
    paid = agents * (team.intervals["open_min"].to_numpy() / 60 / (1 - away))[:, None]
    hours = np.take_along_axis(paid, groups.of.astype("int64"), axis=1)
    first = np.datetime64(weeks[0], "D")
    since = (local.to_numpy().astype("datetime64[D]") - first).astype("int64") // 7
    out = {}
    for site in sorted(set(team.intervals["site"])):
        own = (team.intervals["site"] == site).to_numpy()
        sums = [hours[own & (since == week)].sum(axis=0) for week in range(len(weeks))]
        out[str(site)] = np.stack(sums, axis=1) / hours_per_week
    return out


def required_ahead(
    heads: Mapping[str, Floats],
    weeks: Sequence[date],
    params: HiringPlanParams,
    seed: int,
) -> dict[str, Floats]:
    """Return the heads required in every week of the plan, (paths x weeks) by site.

    The forecast's weeks are as they are; a later week is the mean of those on its path, times what
    the settings assume: the level of its months, growth, and a doubt that grows with the square
    root of time (lognormal of mean 1, the same draw for all sites of a path). Only each week's
    spread matters to the plan, not how weeks hang together.

    Parameters
    ----------
    heads, weeks
        Of the forecast's whole weeks: ``heads_of_weeks``, ``whole_weeks``.
    params
        The section ``hiring``.
    seed
        Of the draws.

    Examples
    --------
    >>> from forecast.params.hiring import HiringSite
    >>> site = HiringSite(name="a", wage_per_week=1, class_sizes=(1,))
    >>> params = HiringPlanParams(sites=(site,), weeks=3, month_levels={2: 1.5})
    >>> required_ahead({"a": np.array([[10.0]])}, [date(2024, 1, 15)], params, 1)["a"].round(2)
    array([[10.  , 10.  , 12.86]])
    """
    all_weeks = [weeks[0] + timedelta(weeks=w) for w in range(params.weeks)]
    level = np.array([_level(week, params) for week in all_weeks])
    known = min(len(weeks), params.weeks)
    later = np.arange(1, params.weeks - known + 1) / WEEKS_A_YEAR
    growth = (1 + params.growth_pct / 100) ** later * level[known:]
    sigma = params.doubt_pct / 100 * np.sqrt(later)
    paths = next(iter(heads.values())).shape[0]
    draw = np.random.default_rng(seed).standard_normal((paths, 1))
    doubt = np.exp(sigma * draw - sigma**2 / 2)
    told = np.array([_level(week, params) for week in weeks])
    out = {}
    for site, own in heads.items():
        usual = (own / told).mean(axis=1, keepdims=True)
        out[site] = np.hstack([own[:, :known], usual * growth * doubt])
    return out


def peopled(section: HiringPlanParams, required: Mapping[str, Floats]) -> HiringPlanParams:
    """Return the section with an entry for each site of the forecast, and its people at the start.

    Parameters
    ----------
    section
        The section ``hiring``.
    required
        Heads required, (paths x weeks) by site.

    Raises
    ------
    ParamsError
        When a site has no entry, or an entry no site.

    Examples
    --------
    >>> from forecast.params.hiring import HiringSite
    >>> anywhere = HiringSite(name="all", wage_per_week=1, class_sizes=(1,))
    >>> told = HiringPlanParams(sites=(anywhere,), opening_tenure_weeks=40)
    >>> [(s.name, s.opening_heads) for s in peopled(told, {"a": np.array([[9.5, 12.0]])}).sites]
    [('a', {40: 10})]
    """
    named = {site.name: site for site in section.sites}
    anywhere = named.pop(ANYWHERE, None)
    lost = sorted(set(named) - set(required))
    bare = [] if anywhere else sorted(set(required) - set(named))
    if lost or bare:
        raise ParamsError(
            f"hiring.sites must be the sites of the forecast, {', '.join(sorted(required))}, or "
            f"`all`; found {', '.join(site.name for site in section.sites)}. Write their people "
            "there, or set hiring: null"
        )
    sites = []
    for name, heads in required.items():
        site = named.get(name) or anywhere
        assert site is not None  # noqa: S101 - there is one, or it was refused
        tenure = section.opening_tenure_weeks
        opening = site.opening_heads
        if not opening and tenure is not None:
            share = 0.5 if section.confidence is None else section.confidence
            opening = {tenure: int(np.ceil(np.quantile(heads[:, 0], share, method="higher")))}
        sites.append(site.model_copy(update={"name": name, "opening_heads": opening}))
    return section.model_copy(update={"sites": tuple(sites)})


def _level(week: date, params: HiringPlanParams) -> float:
    """Return the mean level of a week's days."""
    months = [(week + timedelta(days=i)).month for i in range(7)]
    return float(np.mean([params.month_levels.get(month, 1.0) for month in months]))
