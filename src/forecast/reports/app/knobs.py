"""What can be turned on the what-if page, and the scenario that the knobs stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from forecast.params import Params, Risk

Setting = float | str | bool


@dataclass(frozen=True)
class Knob:
    """One thing to turn.

    Attributes
    ----------
    name
        In the catalogue of words.
    path
        The dotted key of a scenario that it sets.
    rest
        Its setting when nothing is changed.
    low, high, step
        Its range, when it is a slider.
    unit
        "%", "points", "share", ... as it is shown.
    choices
        What it can be, when it is a list.
    """

    name: str
    path: str
    rest: Setting
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    unit: str = ""
    choices: Sequence[str] = ()


def knobs_for(params: Params) -> list[Knob]:
    """Return the knobs that the settings allow, at rest where the settings stand.

    The mix of contracts can be turned where the section ``costs`` has two or more, and every
    scenario of the settings that sets a promotion is a switch.
    """
    capacity = params.capacity
    knobs = [
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
    ]
    return knobs


def scenario_of(knobs: Sequence[Knob], settings: Mapping[str, Setting]) -> dict[str, Any]:
    """Return the levers of a scenario; a knob at rest pulls none.

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
    for knob in knobs:
        setting = settings.get(knob.name, knob.rest)
        if setting == knob.rest:
            continue
        *above, last = knob.path.split(".")
        at = levers
        for key in above:
            at = at.setdefault(key, {})
        at[last] = setting
    return levers
