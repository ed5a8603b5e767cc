"""The headline: what staffing on the distribution is worth beside the plain rule, simulated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from forecast.capacity.demand import Demand
from forecast.demo.rules import by_distribution, by_plain_rule
from forecast.demo.trial import Fared, fared
from forecast.params import CapacityParams
from forecast.schema import SERIES
from forecast.synthetic.commerce import Commerce
from forecast.synthetic.commerce_spec import INTERVAL_MIN

MARGINS = (0.95, 1.05, 1.15, 1.30, 1.50)
TARGETS = (0.80, 0.85, 0.90, 0.93, 0.96)
PLAIN, DISTRIBUTION = "plain rule", "distribution"
CONFIDENCE = 0.95
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """One way to staff the weeks: its rule and setting, paid hours by week, how contacts fared.

    ``hours`` are by row of ``fared.weeks``.
    """

    rule: str
    setting: float
    hours: Floats
    fared: Fared


@dataclass(frozen=True)
class Figure:
    """A simulated share or ratio, and the half-width of its 95 % confidence interval."""

    value: float
    half_width: float

    def __str__(self) -> str:
        """Return it in percent."""
        return f"{self.value:.1%} ± {self.half_width:.1%}"


def trial(
    centre: Commerce,
    demand: Demand,
    params: CapacityParams,
    *,
    seed: int,
    replications: int = 5,
    margins: Sequence[float] = MARGINS,
    targets: Sequence[float] = TARGETS,
) -> list[Plan]:
    """Return both rules over a range of settings, simulated at the true rates of the weeks ahead.

    Parameters
    ----------
    centre
        The invented centre with its weeks ahead.
    demand
        The forecast's demand in them.
    params
        The section ``capacity``.
    seed
        Of the simulation; every plan meets the same callers.
    replications
        Times that the weeks are simulated.
    margins
        Of the plain rule.
    targets
        Answer rates that the distribution is staffed for.
    """
    truth = centre.rates
    ahead = (truth["local"] >= centre.cutoff).to_numpy()
    later = truth[ahead].reset_index(drop=True)
    agents = [(PLAIN, m, by_plain_rule(centre, m)[ahead]) for m in margins]
    for target in targets:
        found = by_distribution(demand, centre, params, target)
        agents.append((DISTRIBUTION, target, _in_rows(found, demand, later)))
    plans = []
    for rule, setting, on in agents:
        result = fared(later, on, centre.spec, replications=replications, seed=seed)
        plans.append(Plan(rule, setting, _paid_hours(later, on, params.shrinkage), result))
    return plans


def _in_rows(
    agents: npt.NDArray[np.int64], demand: Demand, later: pd.DataFrame
) -> npt.NDArray[np.int64]:
    """Return agents of a demand's intervals in the order of other rows of the same intervals."""
    key = [*SERIES, "ds"]
    named = pd.Series(agents, index=pd.MultiIndex.from_frame(demand.intervals[key]))
    return named.loc[pd.MultiIndex.from_frame(later[key])].to_numpy()


def _paid_hours(later: pd.DataFrame, agents: npt.NDArray[np.int64], shrinkage: float) -> Floats:
    """Return the paid hours of each series and week, in the order of ``Fared.weeks``."""
    day = later["local"].dt.normalize()
    week = (day - pd.to_timedelta(day.dt.day_of_week, unit="D")).rename("week")
    hours = pd.Series(agents, index=later.index) * INTERVAL_MIN / 60 / (1 - shrinkage)
    summed = hours.groupby([*(later[name] for name in SERIES), week], sort=True).sum()
    return summed.to_numpy(dtype="float64")


def answer_rate(plan: Plan, rows: npt.NDArray[np.bool_]) -> Floats:
    """Return the answer rate over some rows of ``fared.weeks``, by replication."""
    return np.asarray(plan.fared.answered[rows].sum(axis=0) / plan.fared.offered[rows].sum(axis=0))


def service_level(plan: Plan, rows: npt.NDArray[np.bool_]) -> Floats:
    """Return the share of offered contacts answered in time, by replication."""
    return np.asarray(plan.fared.in_time[rows].sum(axis=0) / plan.fared.offered[rows].sum(axis=0))


def figure(values: Floats) -> Figure:
    """Return the mean of replications and its half-width (Student's t).

    Examples
    --------
    >>> str(figure(np.array([0.90, 0.91, 0.92])))
    '91.0% ± 2.5%'
    """
    t = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1))
    return Figure(float(values.mean()), float(t * values.std(ddof=1) / np.sqrt(len(values))))


@dataclass(frozen=True)
class Verdict:
    """The headline over some weeks; all relative to the plain rule as the company uses it.

    Attributes
    ----------
    plain, hours
        Its answer rate and paid hours.
    at_less
        Answer rate of the distribution with 10 % fewer paid hours.
    gain
        That less the plain rule's, in the same simulated weeks.
    labour_at_same
        Paid hours that the distribution takes for the plain rule's answer rate, as a share of them.
    labour_at_goal, plain_at_goal
        What 92 % takes, by the distribution and by the plain rule with more margin; NaN where no
        setting that was tried reaches it.
    """

    plain: Figure
    hours: float
    at_less: Figure
    gain: Figure
    labour_at_same: Figure
    labour_at_goal: Figure
    plain_at_goal: Figure


def verdict(
    plans: Sequence[Plan], rows: npt.NDArray[np.bool_], margin: float, *, less: float, goal: float
) -> Verdict:
    """Return the headline over some weeks.

    Between two settings that were simulated, answer rate and labour are taken on a straight line.

    Parameters
    ----------
    plans
        As ``trial`` returns them.
    rows
        Rows of ``fared.weeks`` to count.
    margin
        The plain rule's, as the company uses it.
    less
        Share of paid hours to be saved.
    goal
        Answer rate to be reached.
    """
    own = next(p for p in plans if p.rule == PLAIN and p.setting == margin)
    usual, hours = answer_rate(own, rows), float(own.hours[rows].sum())
    curves: Mapping[str, tuple[Floats, Floats]] = {
        rule: _curve([p for p in plans if p.rule == rule], rows) for rule in (PLAIN, DISTRIBUTION)
    }
    paid, rates = curves[DISTRIBUTION]
    at_less = np.array([_on_line(hours * (1 - less), paid, one) for one in rates.T])
    same = np.array([_on_line(u, one, paid) for u, one in zip(usual, rates.T, strict=True)])
    at_goal = {
        rule: np.array([_on_line(goal, one, x) for one in y.T]) for rule, (x, y) in curves.items()
    }
    return Verdict(
        plain=figure(usual),
        hours=hours,
        at_less=figure(at_less),
        gain=figure(at_less - usual),
        labour_at_same=figure(same / hours),
        labour_at_goal=figure(at_goal[DISTRIBUTION] / hours),
        plain_at_goal=figure(at_goal[PLAIN] / hours),
    )


def _curve(plans: Sequence[Plan], rows: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return paid hours of each setting, and answer rates (settings x replications)."""
    ordered = sorted(plans, key=lambda p: p.setting)
    hours = np.array([p.hours[rows].sum() for p in ordered])
    return hours, np.array([answer_rate(p, rows) for p in ordered])


def _on_line(at: float, x: Floats, y: Floats) -> float:
    """Return y at a point of x on straight lines, NaN beyond the ends."""
    return float(np.interp(at, x, y, left=np.nan, right=np.nan))
