"""Levers on the rules of staffing and on pay: sections of the settings."""

from dataclasses import replace

from forecast.params import capacity_with
from forecast.params.changes import costs_with, ledger_with, trunks_with
from forecast.params.scenario import Scenario
from forecast.scenarios.case import Case


def rules(case: Case, name: str, scenario: Scenario) -> Case:
    """Change keys of the section ``capacity``."""
    return replace(case, capacity=capacity_with(case.capacity, name, scenario))


def wages(case: Case, name: str, scenario: Scenario) -> Case:
    """Change what an hour is paid: by every contract, else the flat cost of a paid hour."""
    if case.prices is None:
        return rules(case, name, scenario)
    costs = costs_with(case.prices.costs, name, scenario)
    return replace(case, prices=replace(case.prices, costs=costs or case.prices.costs))


def off_position(case: Case, name: str, scenario: Scenario) -> Case:
    """Change what part of paid time is off position: rows of the ledger, else the flat share."""
    ledger = ledger_with(case.ledger, name, scenario)
    return rules(case, name, scenario) if ledger is None else replace(case, ledger=ledger)


def lines(case: Case, name: str, scenario: Scenario) -> Case:
    """Change what lines are planned for: the menu, callers it settles, blocking."""
    trunks = trunks_with(case.trunks, name, scenario)
    prices = None if case.prices is None else replace(case.prices, trunks=trunks)
    return replace(case, trunks=trunks, prices=prices)
