"""What a case costs: the lines of its bill, and their sum."""

from collections.abc import Mapping

import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.money.costs import cents_of
from forecast.capacity.money.planned import plan_bill
from forecast.capacity.people import paid_hours_of
from forecast.capacity.pools import pooled
from forecast.capacity.requirements import scheduled
from forecast.capacity.staffing import Staffing
from forecast.capacity.strata import Floats, Ints
from forecast.scenarios.case import Case

OUTSOURCED = "outsourced contacts"
COLUMNS = ["line", "quantity", "unit", "rate", "cost"]


def cost_lines(
    case: Case, demand: Demand, agents: Ints, result: Mapping[str, Floats] | None
) -> pd.DataFrame:
    """Return the lines of what a case costs: line, quantity, unit, rate, cost.

    With the section ``costs`` each is rounded to the cent; else paid hours at their flat cost, and
    what is outsourced, are not rounded.

    Parameters
    ----------
    case
        The scenario.
    demand, agents
        Its teams, and positions in each of their intervals.
    result
        What they achieve, by column; needed where minutes on the line have a price.
    """
    paid = paid_hours_of(scheduled(demand, agents, case.capacity, case.ledger))
    each: dict[float, float] = {}
    for contacts, price in case.outsourced:
        each[price] = each.get(price, 0.0) + contacts
    if case.prices is None:
        rate = case.capacity.cost_per_paid_hour
        own = pd.DataFrame(
            [("paid hours", paid.total, "h", rate, paid.total * rate)], None, COLUMNS
        )
    else:
        lines = plan_bill(demand, agents, paid, result, case.capacity, case.prices).lines
        own = lines.assign(cost=lines["cents"] / 100)[COLUMNS]
        each = {price: round(contacts, 6) for price, contacts in each.items()}
    given = [
        (
            OUTSOURCED if len(each) == 1 else f"{OUTSOURCED} at {price:g}",
            contacts,
            "contacts",
            price,
            contacts * price if case.prices is None else cents_of(contacts, price) / 100,
        )
        for price, contacts in each.items()
    ]
    return pd.concat([own, pd.DataFrame(given, columns=COLUMNS)]) if given else own


def sum_of(case: Case, lines: pd.DataFrame) -> float:
    """Return what lines cost together: whole cents where they are, as floats cannot add them."""
    total = float(lines["cost"].sum())
    return total if case.prices is None else round(total, 2)


def planned_lines(case: Case, staffing: Staffing) -> pd.DataFrame:
    """Return the lines of what a case costs as it is planned."""
    agents = staffing.agents(case.capacity.plan_at)
    asked = case.prices is not None and case.prices.costs.per_telecom_min
    result = staffing.achieved(agents) if asked else None
    return cost_lines(case, staffing.demand, agents, result)


def cost_of(case: Case, staffing: Staffing | None = None) -> float:
    """Return what a case costs as it is planned; how it is staffed may be known."""
    if staffing is None:
        staffing = Staffing(pooled(case.demand, case.capacity.pools), case.capacity)
    return sum_of(case, planned_lines(case, staffing))
