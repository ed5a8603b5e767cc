"""Levers on how many contacts come."""

from dataclasses import replace

from forecast.params.scenario import Scenario
from forecast.scenarios.case import Case
from forecast.scenarios.levers.scope import scope

YEAR = 365.25


def volume(case: Case, name: str, scenario: Scenario) -> Case:
    """Multiply the contacts."""
    return case.scaled(scope(case.demand, name, scenario), 1 + scenario.volume_pct / 100)


def growth(case: Case, name: str, scenario: Scenario) -> Case:
    """Let contacts grow from the first interval ahead on, compounded."""
    ds = case.demand.intervals["ds"]
    years = ((ds - ds.min()).dt.total_seconds() / 86_400 / YEAR).to_numpy()
    rate = 1 + scenario.growth_pct_per_year / 100
    return case.scaled(scope(case.demand, name, scenario), rate**years)


def self_service(case: Case, name: str, scenario: Scenario) -> Case:
    """Take away contacts that need no agent; the rest is harder."""
    if scenario.self_service is None:
        return case
    own = scenario.self_service
    within = scope(case.demand, name, scenario)
    return case.scaled(within, 1 - own.share, 1 + own.harder_pct / 100)


def first_contact_resolution(case: Case, name: str, scenario: Scenario) -> Case:
    """Change how many contacts one matter takes.

    Of those not settled a share r calls again, each time: 1 / (1 - (1 - f) r) contacts a matter at
    a resolution of f.
    """
    if scenario.first_contact_resolution is None:
        return case
    own = scenario.first_contact_resolution
    now, then = (1 - (1 - f) * own.call_again for f in (own.now, own.then))
    return case.scaled(scope(case.demand, name, scenario), now / then)


def outsourced(case: Case, name: str, scenario: Scenario) -> Case:
    """Give contacts to somebody else, at a price each."""
    if scenario.outsourced is None:
        return case
    own = scenario.outsourced
    within = scope(case.demand, name, scenario)
    given = own.share * float(case.demand.mean_rate[within].sum())
    paid = (*case.outsourced, (given, own.cost_per_contact))
    return replace(case.scaled(within, 1 - own.share), outsourced=paid)
