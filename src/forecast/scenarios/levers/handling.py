"""Levers on how long contacts take."""

from forecast.params.levers import Newcomers
from forecast.params.scenario import Scenario
from forecast.scenarios.case import Case
from forecast.scenarios.levers.scope import scope


def handle_time(case: Case, name: str, scenario: Scenario) -> Case:
    """Multiply the handle time."""
    within = scope(case.demand, name, scenario)
    return case.scaled(within, aht=1 + scenario.aht_pct / 100)


def newcomers(case: Case, name: str, scenario: Scenario) -> Case:
    """Let shares of the positions be filled by agents who take longer."""
    told = scenario.newcomers
    if told is None:
        return case
    bands = [told] if isinstance(told, Newcomers) else told
    longer = times_as_long([(band.share, 1 + band.aht_pct / 100) for band in bands])
    return case.scaled(scope(case.demand, name, scenario), aht=longer)


def times_as_long(bands: list[tuple[float, float]]) -> float:
    """Return how many times as long contacts take, on average over contacts.

    Who takes longer answers fewer, so the mean over contacts is the harmonic one: with shares s of
    the positions and times a as long, 1 / sum(s / a); all others take as long as usual.

    Examples
    --------
    A quarter of the positions at half as long again: 1 / (0.75 + 0.25 / 1.5).

    >>> round(times_as_long([(0.25, 1.5)]), 6)
    1.090909
    """
    usual = 1 - sum(share for share, _ in bands)
    return 1 / (usual + sum(share / longer for share, longer in bands))
