"""What a case costs: the lines of its bill, and their sum."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.money.costs import cents_of
from forecast.capacity.money.planned import plan_bill
from forecast.capacity.people import PaidHours, paid_hours_of
from forecast.capacity.pools import pooled
from forecast.capacity.requirements import scheduled
from forecast.capacity.staffing import Staffing
from forecast.capacity.strata import Floats, Ints
from forecast.scenarios.case import Case, Row
from forecast.scenarios.hours import USUAL_OVERTIME, Hours, hours_of
from forecast.scenarios.waiting import with_waiting

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
    teams = len(agents)
    demand, agents = with_waiting(case.waiting, demand, agents)
    if result is not None:
        more = len(agents) - len(result["asa_s"])
        result = {name: np.pad(values, (0, more)) for name, values in result.items()}
    paid = paid_hours_of(scheduled(demand, agents, case.capacity, case.ledger))
    hours = hours_of(case, demand, paid)
    rows = [("temp hours", float(own.sum()), "h", price) for own, price in hours.temps]
    for lines in case.lines:
        rows += lines(case, demand, agents, paid)
    rows += [(OUTSOURCED, contacts, "contacts", price) for contacts, price in case.outsourced]
    if case.prices is None:
        return _told([*_flat(case, hours), *_as_one(rows)], in_cents=False)
    overtime = hours.over if hours.overtime else None
    regular = PaidHours(hours.regular)
    judged = np.arange(len(agents)) < teams if case.waiting else None
    bill = plan_bill(
        demand, agents, regular, result, case.capacity, case.prices, overtime, judged
    ).lines
    own_lines = bill.assign(cost=bill["cents"] / 100)[COLUMNS]
    return pd.concat([own_lines, _told(_as_one(rows), in_cents=True)]) if rows else own_lines


def _flat(case: Case, hours: Hours) -> list[Row]:
    """Return the lines of paid hours at their flat cost."""
    rate = case.capacity.cost_per_paid_hour
    rows: list[Row] = [("paid hours", float(hours.regular.sum()), "h", rate)]
    for own, times in hours.overtime:
        paid = rate * (USUAL_OVERTIME if times is None else times)
        rows.append(("overtime hours", float(own.sum()), "h", paid))
    return rows


def _as_one(rows: list[Row]) -> list[Row]:
    """Return lines of one name and price as one; of several prices each says its own."""
    sums: dict[tuple[str, str, float], float] = {}
    for line, quantity, unit, rate in rows:
        sums[line, unit, rate] = sums.get((line, unit, rate), 0.0) + quantity
    names = [line for line, _, _ in sums]
    return [
        (line if names.count(line) == 1 else f"{line} at {rate:g}", quantity, unit, rate)
        for (line, unit, rate), quantity in sums.items()
    ]


def _told(rows: list[Row], *, in_cents: bool) -> pd.DataFrame:
    told = [
        (line, round(quantity, 6) if in_cents else quantity, unit, rate)
        for line, quantity, unit, rate in rows
    ]
    cost = [
        cents_of(quantity, rate) / 100 if in_cents else quantity * rate
        for _, quantity, _, rate in told
    ]
    return pd.DataFrame(told, columns=COLUMNS[:-1]).assign(cost=cost)


def sum_of(case: Case, lines: pd.DataFrame) -> float:
    """Return what lines cost together: whole cents where they are, as floats cannot add them."""
    total = float(lines["cost"].sum())
    return total if case.prices is None else round(total, 2)


def planned_lines(case: Case, staffing: Staffing) -> pd.DataFrame:
    """Return the lines of what a case costs as it is planned."""
    agents = case.limited(staffing.demand, staffing.agents(case.capacity.plan_at))
    asked = case.prices is not None and case.prices.costs.per_telecom_min
    result = staffing.achieved(agents) if asked else None
    return cost_lines(case, staffing.demand, agents, result)


def cost_of(case: Case, staffing: Staffing | None = None) -> float:
    """Return what a case costs as it is planned; how it is staffed may be known."""
    if staffing is None:
        staffing = Staffing(pooled(case.demand, case.capacity.pools), case.capacity)
    return sum_of(case, planned_lines(case, staffing))
