"""Levers: each is one function from a case to a case."""

from collections.abc import Callable, Mapping

from forecast.params.scenario import Scenario
from forecast.scenarios.case import Case
from forecast.scenarios.levers.channels import to_chat, to_email
from forecast.scenarios.levers.demand import (
    first_contact_resolution,
    growth,
    outsourced,
    self_service,
    volume,
)
from forecast.scenarios.levers.handling import handle_time, newcomers
from forecast.scenarios.levers.limits import heads_max, spend_max_per_week, voluntary_time_off
from forecast.scenarios.levers.people import attrition, overtime, remote, temps
from forecast.scenarios.levers.places import closed, lost_sites, opened, pooled_sites
from forecast.scenarios.levers.promotions import promotions
from forecast.scenarios.levers.rules import lines, off_position, rules, wages

CAPACITY = "capacity"
Lever = Callable[[Case], Case]

ACTIONS: Mapping[str, Callable[[Case, str, Scenario], Case]] = {
    "volume_pct": volume,
    "growth_pct_per_year": growth,
    "promotions": promotions,
    "first_contact_resolution": first_contact_resolution,
    "self_service": self_service,
    "aht_pct": handle_time,
    "newcomers": newcomers,
    "attrition": attrition,
    "temps": temps,
    "closed": closed,
    "opened": opened,
    "lost_sites": lost_sites,
    "outsourced": outsourced,
    "to_chat": to_chat,
    "to_email": to_email,
    "pooled_sites": pooled_sites,
    "wage_pct": wages,
    "contract_mix": rules,
    "shrinkage": off_position,
    "shrinkage_points": off_position,
    CAPACITY: rules,
    "overtime": overtime,
    "remote": remote,
    "trunks": lines,
    "voluntary_time_off": voluntary_time_off,
    "heads_max": heads_max,
    "spend_max_per_week": spend_max_per_week,
}
"""What each lever does, in the order in which they are pulled."""


def pulls(layers: Mapping[str, Scenario]) -> dict[str, Lever]:
    """Return the levers of a scenario and of what it extends, by name, in the order of pulling."""
    out: dict[str, Lever] = {}
    for layer, scenario in layers.items():
        kept = scenario.model_dump(include={"queues", "sites", "first_day", "last_day"})
        for lever in ACTIONS:
            if getattr(scenario, lever) == getattr(Scenario(), lever):
                continue
            alone = Scenario(**kept, **{lever: getattr(scenario, lever)})
            title = lever if len(layers) == 1 else f"{layer}: {lever}"
            out[title] = _pull(lever, layer, alone)
    return out


def _pull(lever: str, layer: str, alone: Scenario) -> Lever:
    return lambda case: ACTIONS[lever](case, layer, alone)
