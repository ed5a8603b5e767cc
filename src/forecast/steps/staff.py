"""`forecast staff`: agents for one interval at a known rate, without any file."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

import numpy as np
import typer

from forecast.console import say
from forecast.errors import InputError
from forecast.queueing import QueueResult, Target, performance, required_agents, scheduled_agents
from forecast.queueing.checks import NOT_NEGATIVE, POSITIVE, Rule, check
from forecast.queueing.result import MEANING, check_definition

SECONDS = {"s": 1, "min": 60, "h": 3600}
BESIDE = 2
"""Agents fewer and more that are shown beside those required."""
BAND = (0.70, 0.80)
"""Occupancy that people stand in the long run."""
LARGEST_LOAD = 1e6
"""Erlangs; beyond any centre, and ten times what the formulas are measured for."""
TIME = Rule("from 0.1 to 10,000,000 seconds", lambda v: (v >= 0.1) & (v <= 1e7))
TEAM = Rule("whole, from 0 to 10,000,000", lambda v: (v >= 0) & (v <= 1e7) & (v % 1 == 0))
AWAY = Rule("from 0 to 0.99", lambda v: (v >= 0) & (v <= 0.99))
BUSY = Rule("from 0.1 to 1", lambda v: (v >= 0.1) & (v <= 1))
HEAD = ("agents", "scheduled", "service level", "P(wait)", "ASA", "abandonment", "occupancy", "")

Calls = Annotated[float, typer.Option(help="calls expected in the interval")]
Per = Annotated[str, typer.Option(help="length of the interval: 30min, 900s, 1h")]
Aht = Annotated[float, typer.Option(help="average handle time in seconds")]
Goal = Annotated[str, typer.Option(help="percent of calls / seconds to answer within: 80/20")]
Patience = Annotated[
    float | None,
    typer.Option(help="mean patience in seconds (Erlang A); without: nobody hangs up (Erlang C)"),
]
Shrinkage = Annotated[float, typer.Option(help="share of paid time not on position, up to 0.99")]
Definition = Annotated[
    str, typer.Option(help="of service level: offered, answered, excluded, met or missed")
]
Ceiling = Annotated[float, typer.Option(help="most that agents may be busy; 1: no ceiling")]
Agents = Annotated[int | None, typer.Option(help="agents on position whose results to show")]


@dataclass(frozen=True)
class Question:
    """One interval to staff; every argument has passed its check."""

    calls: float
    per: str
    load: float
    aht_s: float
    patience_s: float | None
    shrinkage: float
    percent: Decimal
    target: Target

    def required(self, target: Target | None = None) -> int:
        """Return the least number of agents on position that meets a target, or its own."""
        return int(
            required_agents(
                self.load,
                aht_s=self.aht_s,
                target=target or self.target,
                patience_s=self.patience_s,
            )
        )

    def with_agents(self, agents: int) -> QueueResult:
        """Return what so many agents achieve."""
        return performance(
            self.load,
            agents,
            aht_s=self.aht_s,
            answer_within_s=self.limit,
            patience_s=self.patience_s,
            definition=self.target.definition,
        )

    @property
    def limit(self) -> float:
        """Seconds to answer within."""
        return float(np.asarray(self.target.answer_within_s))

    @property
    def ceiling(self) -> float:
        """Largest occupancy; 1: none."""
        return float(np.asarray(self.target.occupancy_max))


def staff(
    calls: Calls,
    per: Per,
    aht: Aht,
    target: Goal,
    patience: Patience = None,
    shrinkage: Shrinkage = 0.0,
    definition: Definition = "offered",
    occupancy_max: Ceiling = 0.85,
    agents: Agents = None,
) -> None:
    """Say how many agents one interval takes, and what one agent more or less does.

    The rate is taken as known; `capacity` staffs a forecast, whose rate is not.
    """
    with _refusals():
        load = offered_load(calls, per, aht)
        if patience is not None:
            check("--patience", patience, TIME)
        check("--shrinkage", shrinkage, AWAY)
        check("--occupancy-max", occupancy_max, BUSY)
        check("--agents", agents or 0, TEAM)
        percent, limit = target_of(target)
        goals = Target(float(percent / 100), limit, occupancy_max, _definition(definition))
    asked = Question(calls, per, load, aht, patience, shrinkage, percent, goals)
    for line in answer(asked, agents):
        say(line)


def offered_load(calls: float, per: str, aht_s: float) -> float:
    """Return the load in erlangs of calls in a length of time written like 30min.

    Examples
    --------
    >>> offered_load(120, "30min", 180)
    12.0
    """
    check("--calls", calls, NOT_NEGATIVE)
    check("--aht", aht_s, TIME)
    written = re.fullmatch(r"(\d+(?:\.\d+)?) ?(s|min|h)", per.strip())
    if not written:
        raise ValueError(f"--per must be a number with s, min or h, like 30min; found {per}")
    seconds = check("--per", float(written[1]) * SECONDS[written[2]], POSITIVE)
    load = calls * (aht_s / float(seconds))
    if load > LARGEST_LOAD:
        raise ValueError(
            "--calls x --aht / --per must be a load of at most 1,000,000 erlangs; "
            f"found {load:,.0f}"
        )
    return load


def target_of(text: str) -> tuple[Decimal, float]:
    """Return percent and seconds of a target written like 80/20.

    Examples
    --------
    >>> target_of("80/20")
    (Decimal('80'), 20.0)
    """
    written = re.fullmatch(r"(\d+(?:\.\d+)?) ?%? ?/ ?(\d+(?:\.\d+)?) ?s?", text.strip())
    if not written:
        raise ValueError(f"--target must be percent / seconds, like 80/20; found {text}")
    percent = Decimal(written[1])
    if percent < 1 or float(percent / 100) >= 1:
        raise ValueError(
            "--target must ask for at least 1 and less than 100 percent of calls, like 80/20; "
            f"found {text}"
        )
    return percent, float(check("--target", float(written[2]), NOT_NEGATIVE))


def answer(asked: Question, agents: int | None) -> list[str]:
    """Return what a planner reads."""
    needed = asked.required()
    fewest = max(needed - BESIDE, 0)
    shown = sorted({*range(fewest, needed + BESIDE + 1), *([] if agents is None else [agents])})
    limit = f"{asked.limit:g}"
    measured = MEANING[check_definition(asked.target.definition)].format(limit=limit)
    lines = [
        f"load      {asked.load:,.2f} erlangs: {asked.calls:,.10g} calls per {asked.per}, "
        f"{asked.aht_s:g} s each",
        f"model     {_model(asked.patience_s)}",
        f"target    {asked.percent} % {measured} (definition: {asked.target.definition})",
        f"          {_ceiling(asked.ceiling)}",
        f"required  {_people(asked, needed)}",
        *_deciding(asked, needed),
        f"          {_achieved(asked, needed)}",
    ]
    if agents is not None:
        lines += [f"asked     {_people(asked, agents)}", f"          {_achieved(asked, agents)}"]
    return [*lines, "", *_table([HEAD, *(_row(asked, n, needed, agents) for n in shown)])]


def _model(patience_s: float | None) -> str:
    if patience_s is None:
        return "Erlang C: nobody hangs up"
    return f"Erlang A: callers hang up after {patience_s:g} s on average"


def _ceiling(occupancy_max: float) -> str:
    return "no ceiling on occupancy" if occupancy_max == 1 else f"occupancy <= {occupancy_max:.4g}"


def _people(asked: Question, agents: int) -> str:
    people = int(scheduled_agents(agents, asked.shrinkage))
    return f"{agents:,} on position, {people:,} scheduled (shrinkage {asked.shrinkage:g})"


def _deciding(asked: Question, needed: int) -> list[str]:
    goals = asked.target
    level = Target(goals.service_level, goals.answer_within_s, definition=goals.definition)
    alone = asked.required(level)
    if alone == needed:
        return []
    return [f"          the ceiling on occupancy decides; the service level alone takes {alone:,}"]


def _achieved(asked: Question, agents: int) -> str:
    result = asked.with_agents(agents)
    low, high = BAND
    occupancy = float(result.occupancy)
    where = "below" if occupancy < low else "above" if occupancy > high else "within"
    verdict = "meets" if asked.target.met(result) else "MISSES"
    return (
        f"{verdict} the target: service level {result.service_level:.1%}, "
        f"P(wait) {result.p_wait:.1%}, ASA {_seconds(result.asa_s)}, "
        f"abandonment {result.abandonment:.1%}, "
        f"occupancy {occupancy:.1%} ({where} the band of 70 to 80 %)"
    )


def _row(asked: Question, n: int, needed: int, agents: int | None) -> tuple[str, ...]:
    result = asked.with_agents(n)
    marks = ["meets" if asked.target.met(result) else "misses"]
    marks += ["required"] * (n == needed) + ["asked"] * (n == agents)
    return (
        f"{n:,}",
        f"{int(scheduled_agents(n, asked.shrinkage)):,}",
        f"{result.service_level:.1%}",
        f"{result.p_wait:.1%}",
        _seconds(result.asa_s),
        f"{result.abandonment:.1%}",
        f"{result.occupancy:.1%}",
        ", ".join(marks),
    )


def _seconds(wait: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    return f"{wait:,.1f} s" if np.isfinite(wait) else "no end"


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lined = ([*map(str.rjust, row[:-1], widths), row[-1]] for row in rows)
    return ["  ".join(cells).rstrip() for cells in lined]


def _definition(name: str) -> str:
    try:
        return check_definition(name)
    except ValueError as error:
        raise ValueError(f"--{error}") from None


@contextmanager
def _refusals() -> Iterator[None]:
    """Say a broken rule as a person's error, not as a defect."""
    try:
        yield
    except ValueError as error:
        raise InputError(str(error)) from None
