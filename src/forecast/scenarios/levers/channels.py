"""Levers on the channel by which contacts come."""

from dataclasses import replace

from forecast.errors import ParamsError
from forecast.params.scenario import Scenario
from forecast.scenarios.case import Bools, Case
from forecast.scenarios.levers.scope import scope
from forecast.scenarios.move import split_channel
from forecast.scenarios.waiting import e_mails


def to_chat(case: Case, name: str, scenario: Scenario) -> Case:
    """Let calls come as chats, of which an agent has several at once."""
    if scenario.to_chat is None:
        return case
    own = scenario.to_chat
    within = _voice(case, name, scenario, "to_chat")
    longer = (1 + own.aht_pct / 100) / own.at_once
    return replace(case, demand=split_channel(case.demand, within, "chat", own.share, longer))


def to_email(case: Case, name: str, scenario: Scenario) -> Case:
    """Let calls come as e-mails, which are worked off by their due time."""
    if scenario.to_email is None:
        return case
    within = _voice(case, name, scenario, "to_email")
    left = case.scaled(within, 1 - scenario.to_email.share)
    return replace(
        left, waiting=(*left.waiting, e_mails(case.demand.only(within), scenario.to_email))
    )


def _voice(case: Case, name: str, scenario: Scenario, lever: str) -> Bools:
    voice = (case.demand.intervals["channel"] == "voice").to_numpy()
    within = scope(case.demand, name, scenario) & voice
    if not within.any():
        raise ParamsError(f"scenarios.{name}.{lever}: no queue in its scope is of channel voice")
    return within
