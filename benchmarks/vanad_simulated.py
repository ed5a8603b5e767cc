"""VANAD's days simulated, with one or more of its features that the formulas do not know.

Calls come as a Poisson process with the data's counts as rates, so that what is predicted of the
simulated half-hours can be compared as it is of the real ones.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from vanad import ANSWER_WITHIN_S, HALF_HOUR_S, agents_on_duty, counted
from vanad_predicted import TESTED

from forecast.queueing.simulation import AgentGroup, CallClass, Centre, Exponential, Lognormal
from forecast.queueing.simulation.engine import Log, run

SKILLED = 0.02
"""Share of an agent's calls from which on a skill counts."""
OWN_CLASS = ("20", "2")
"""Queues with skills of their own; who answers any other answers all others."""


@dataclass(frozen=True)
class Variant:
    """What is simulated.

    Attributes
    ----------
    lognormal
        Handle times vary as the data's; else they are exponential.
    minutes
        How often the number of agents changes.
    skills
        Calls of three kinds, agents with the skills that they used; else one queue.
    """

    lognormal: bool = False
    minutes: int = 30
    skills: bool = False


VARIANTS = {
    "the theory's: one queue, exponential handle times": Variant(),
    "handle times lognormal, as varied as the data's": Variant(lognormal=True),
    "agents come and go by 5 minutes": Variant(minutes=5),
    "three kinds of calls, agents with the skills they used": Variant(skills=True),
    "all three": Variant(lognormal=True, minutes=5, skills=True),
}


def simulated_half_hours(
    calls: pd.DataFrame, variant: Variant, gap_min: float, share: float, patience_s: float
) -> pd.DataFrame:
    """Return the half-hours of May and June when the days are simulated, as ``half_hours`` does.

    Agents are those who were there, whole ones, of whom none is away.
    """
    kinds = _kinds(calls, variant.skills)
    tested = calls.assign(kind=kinds)[calls["file"].isin(TESTED)]
    who = _skills(tested)
    duty = agents_on_duty(
        tested.assign(queue=tested["agent"].map(who)), gap_min, variant.minutes
    ).pivot_table(index="ds", columns="queue", values="agents", fill_value=0.0)
    spread = spread_of(calls[~calls["file"].isin(TESTED)])
    rng = np.random.default_rng(6)
    days = []
    for _, own in tested.groupby(tested["ds"].dt.normalize()):
        grid = pd.date_range(own["ds"].min(), own["ds"].max(), freq="30min")
        steps = len(grid) * 30 // variant.minutes
        fine = pd.date_range(grid[0], periods=steps, freq=f"{variant.minutes}min")
        agents = np.round(duty.reindex(fine, fill_value=0.0) * share)
        centre = _centre(own, grid, agents, variant, spread, patience_s)
        log = run(centre, rng.spawn(1)[0], 0.0)
        by_half_hour = agents.sum(axis=1).groupby(fine.floor("30min")).mean()
        days.append(_half_hours(log, grid, by_half_hour))
    return pd.concat(days, ignore_index=True)


def _kinds(calls: pd.DataFrame, skills: bool) -> pd.Series:
    if not skills:
        return pd.Series("all", index=calls.index)
    return calls["queue"].where(calls["queue"].isin(OWN_CLASS), "others")


def _skills(calls: pd.DataFrame) -> pd.Series:
    """Return the kinds of calls that each agent answers, joined by +."""
    answered = calls[calls["answered"]]
    taken = answered.groupby(["agent", "kind"]).size().unstack(fill_value=0)
    able = taken.div(taken.sum(axis=1), axis=0) >= SKILLED
    return able.apply(lambda row: "+".join(row.index[row]), axis=1)


def spread_of(calls: pd.DataFrame) -> float:
    """Return the coefficient of variation of handle times."""
    return float(calls["handle_s"].std() / calls["handle_s"].mean())


def _centre(
    own: pd.DataFrame,
    grid: pd.DatetimeIndex,
    agents: pd.DataFrame,
    variant: Variant,
    spread: float,
    patience_s: float,
) -> Centre:
    """Return a day as it is simulated; who has fewer skills is asked first."""
    parts = 30 // variant.minutes
    classes = []
    for kind, rows in own.groupby("kind"):
        counts = rows.groupby("ds").size().reindex(grid, fill_value=0).to_numpy()
        mean = float(rows["handle_s"].mean())
        law = Lognormal(mean, spread) if variant.lognormal else Exponential(mean)
        rates = np.repeat(counts / parts, parts)
        classes.append(CallClass(str(kind), rates, law, Exponential(patience_s), ANSWER_WITHIN_S))
    there = {one.name for one in classes}
    groups = []
    for name in sorted(agents.columns, key=lambda skills: (skills.count("+"), skills)):
        skills = tuple(skill for skill in name.split("+") if skill in there)
        if skills:
            groups.append(AgentGroup(name, agents[name].to_numpy(), skills))
    return Centre(tuple(classes), tuple(groups), 60.0 * variant.minutes)


def _half_hours(log: Log, grid: pd.DatetimeIndex, agents: pd.Series) -> pd.DataFrame:
    """Return what an observer would count of a simulated day."""
    number = np.minimum(log.arrived // HALF_HOUR_S, len(grid) - 1).astype("int64")
    seen = pd.DataFrame(
        {
            "ds": grid[number],
            "answered": log.group >= 0,
            "wait_s": log.left_queue - log.arrived,
            "handle_s": log.handled_s,
        }
    )
    return counted(seen, agents)
