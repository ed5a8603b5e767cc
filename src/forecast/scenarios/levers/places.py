"""Levers on where and when contacts are served."""

from dataclasses import replace

from forecast.params.scenario import Scenario
from forecast.scenarios.case import Case
from forecast.scenarios.levers.scope import refuse_unknown, scope
from forecast.scenarios.move import closed_hours, moved_to_other_sites, opened_hours
from forecast.scenarios.one_site import as_one_site


def closed(case: Case, name: str, scenario: Scenario) -> Case:
    """Cut opening hours; who does not stay away comes in other open hours."""
    if scenario.closed is None:
        return case
    within = scope(case.demand, name, scenario)
    demand, lost = closed_hours(case.demand, within, scenario.closed)
    return replace(case, demand=demand, lost=case.lost + lost)


def lost_sites(case: Case, name: str, scenario: Scenario) -> Case:
    """Send the contacts of sites that are out to the others."""
    where = f"scenarios.{name}.lost_sites"
    gone = frozenset(scenario.lost_sites)
    refuse_unknown(where, gone, case.demand.intervals["site"], "site")
    demand, lost = moved_to_other_sites(case.demand, gone, where)
    return replace(case, demand=demand, lost=case.lost + lost)


def opened(case: Case, name: str, scenario: Scenario) -> Case:
    """Open at more hours; who comes in them leaves the others, but for those who are new."""
    if scenario.opened is None:
        return case
    within = scope(case.demand, name, scenario)
    where = f"scenarios.{name}.opened"
    return replace(case, demand=opened_hours(case.demand, within, scenario.opened, where))


def pooled_sites(case: Case, name: str, scenario: Scenario) -> Case:
    """Serve the same queues of several sites by one team."""
    for pool, sites in scenario.pooled_sites.items():
        where = f"scenarios.{name}.pooled_sites.{pool}"
        refuse_unknown(where, sites, case.demand.intervals["site"], "site")
        case = as_one_site(case, pool, sites, where)
    return case
