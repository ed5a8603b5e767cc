"""What can be turned on the what-if page, and the scenario that the knobs stand for."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, get_args

import pandas as pd

from forecast.params import Params, Risk
from forecast.params.scenario import Scenario
from forecast.scenarios import Learned

Setting = float | str | bool
HOLIDAY = "holiday: "
"""How kinds of events begin that no planner can call off."""
MIX = "contract_mix"


@dataclass(frozen=True)
class Knob:
    """One thing to turn.

    Attributes
    ----------
    name
        Its own; also its words in the catalogue, where ``words`` is empty.
    path
        The dotted key of a scenario that it sets; "" for a switch, which sets ``along`` alone.
    rest
        Its setting when nothing is changed.
    low, high, step
        Its range, when it is a slider.
    unit
        "%", "points", "share", ... as it is shown.
    choices
        What it can be, when it is a list.
    words
        Its words in the catalogue, with ``of`` filled in.
    of
        What it is about, as people wrote it: a contract, a promotion.
    along
        Keys of the scenario that are set with it.
    lacks
        Word of what is not there, without which it cannot be turned; empty: it can.
    """

    name: str
    path: str
    rest: Setting
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    unit: str = ""
    choices: Sequence[str] = ()
    words: str = ""
    of: str = ""
    along: Mapping[str, Any] = field(default_factory=dict)
    lacks: str = ""


def knobs_for(
    params: Params, learned: Learned | None = None, ahead: pd.Series | None = None
) -> list[Knob]:
    """Return the knobs of a plan, at rest where the settings stand.

    What the plan at hand has no use for is among them, with what it lacks: attrition is told by
    the first scenario of the settings that has it, the mix of contracts by the section ``costs``
    with two or more, promotions by the calendar (each can be called off) and by scenarios that set
    promotions and nothing else.

    Parameters
    ----------
    params
        All parameters.
    learned
        What events do; None: not known.
    ahead
        Local times that are planned; events that begin before the first cannot be called off.
    """
    capacity = params.capacity
    return [
        Knob("volume", "volume_pct", 0.0, -30, 50, 1, "%"),
        Knob("aht", "aht_pct", 0.0, -30, 50, 1, "%"),
        Knob("shrinkage", "shrinkage_points", 0.0, -15, 25, 0.5, "points"),
        Knob(
            "target",
            "capacity.service_level_target",
            capacity.service_level_target,
            0.50,
            0.99,
            0.01,
            "share",
        ),
        Knob("risk", "capacity.plan_at", capacity.plan_at, choices=get_args(Risk)),
        Knob("wage", "wage_pct", 0.0, -20, 30, 1, "%"),
        _attrition(params.scenarios),
        *_mix(params),
        *_promotions(params.scenarios, learned, ahead),
    ]


def _attrition(scenarios: Mapping[str, Scenario]) -> Knob:
    """Return the knob of attrition: the rate that a scenario's own terms are asked at."""
    told = next((one.attrition for one in scenarios.values() if one.attrition), None)
    if told is None:
        return Knob("attrition", "attrition.then", 0.0, unit="share", lacks="no_attrition")
    terms = told.model_dump(exclude_defaults=True)
    most = 2 * max(told.now, told.then, 0.05)
    return Knob(
        "attrition",
        "attrition.then",
        told.now,
        high=min(most, 0.95) if told.of == "start" else most,
        step=0.01 if told.per == "year" else 0.001,
        unit="share",
        words=f"attrition_{told.per}",
        along={"attrition": terms},
    )


def _mix(params: Params) -> list[Knob]:
    """Return a knob for the hours of each contract but the first, which works the rest."""
    contracts = [] if params.costs is None else list(params.costs.contracts)
    if len(contracts) < 2:
        return [Knob("mix", MIX, 0.0, unit="share", lacks="no_mix")]
    now = {name: params.capacity.contract_mix.get(name, 0.0) for name in contracts}
    return [
        Knob(
            f"mix {name}",
            f"{MIX}.{number}",
            now[name],
            unit="share",
            words="mix_of",
            of=name,
            along={MIX: now},
        )
        for number, name in enumerate(contracts)
        if number
    ]


def _promotions(
    scenarios: Mapping[str, Scenario], learned: Learned | None, ahead: pd.Series | None
) -> list[Knob]:
    """Return a switch for each promotion ahead, on, and for each that a scenario sets, off."""
    found = []
    if learned is not None and ahead is not None:
        days = learned.days.drop_duplicates("event_id")
        can = days["start"].between(ahead.min().normalize(), ahead.max())
        can &= ~days["kind"].str.startswith(HOLIDAY)
        for event in days.loc[can].sort_values(["start", "event_id"])["event_id"]:
            gone = {"promotions": {"drop": [event]}}
            found.append(_switch(f"promotion {event}", True, "promotion_of", event, gone))
    for name, scenario in scenarios.items():
        told = scenario.promotions
        if learned is not None and told is not None and scenario == Scenario(promotions=told):
            levers = {"promotions": told.model_dump(mode="json", exclude_defaults=True)}
            found.append(_switch(f"scenario {name}", False, "promotion_more", name, levers))
    return found or [Knob("promotion", "", False, lacks="no_promotion")]


def _switch(name: str, rest: bool, words: str, of: str, along: Mapping[str, Any]) -> Knob:
    return Knob(name, "", rest, words=words, of=of, along=along)


def scenario_of(knobs: Sequence[Knob], settings: Mapping[str, Setting]) -> dict[str, Any]:
    """Return the levers of a scenario; a knob at rest pulls none.

    Of a mix of contracts the first works what the others leave.

    Parameters
    ----------
    knobs
        All knobs.
    settings
        By the knobs' names; those that are not named rest.

    Examples
    --------
    >>> knobs = [Knob("volume", "volume_pct", 0.0), Knob("target", "capacity.target", 0.8)]
    >>> scenario_of(knobs, {"volume": 5.0, "target": 0.9})
    {'volume_pct': 5.0, 'capacity': {'target': 0.9}}
    >>> scenario_of(knobs, {"volume": 0.0})
    {}
    """
    levers: dict[str, Any] = {}
    turned = [knob for knob in knobs if settings.get(knob.name, knob.rest) != knob.rest]
    for knob in turned:
        levers = _joined(levers, knob.along)
    for knob in turned:
        *above, last = knob.path.split(".")
        at = levers
        for key in above:
            at = at.setdefault(key, {})
        if above == [MIX]:
            at[knob.of] = settings[knob.name]
        elif last:
            at[last] = settings[knob.name]
    if MIX in levers:
        first, *others = levers[MIX]
        levers[MIX][first] = round(1 - sum(levers[MIX][name] for name in others), 6)
    return levers


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return two scenarios' levers as one: lists one after the other, mappings key by key."""
    out = deepcopy(dict(one))
    for key, value in other.items():
        if key in out and isinstance(value, Mapping):
            out[key] = _joined(out[key], value)
        elif key in out and isinstance(value, list):
            out[key] = out[key] + value
        else:
            out[key] = deepcopy(value)
    return out
