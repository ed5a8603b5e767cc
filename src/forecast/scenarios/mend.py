"""Levers that mend what a cap cannot buy: what each is worth, in the cap's own unit."""

from collections.abc import Mapping

import pandas as pd

from forecast.capacity.afford.plan import Afforded, Cap, afford
from forecast.capacity.pools import pooled
from forecast.errors import InputError, ParamsError
from forecast.params.levers import SelfService
from forecast.params.scenario import Scenario, layers
from forecast.scenarios.case import Case
from forecast.scenarios.levers import pulls
from forecast.scenarios.run import pulled

USUAL: Mapping[str, Scenario] = {
    "handle time 5 % shorter": Scenario(aht_pct=-5),
    "self-service 5 % more": Scenario(self_service=SelfService(share=0.05)),
    "answer within 30 s": Scenario(capacity={"answer_within_s": 30}),
}
"""Levers to try where nobody names others."""
BEYOND = (
    "attrition",
    "temps",
    "overtime",
    "remote",
    "to_email",
    "voluntary_time_off",
    "heads_max",
    "spend_max_per_week",
)
"""Levers on what a cap does not look at: who is paid how, work that may wait, other caps."""
COLUMNS = ("lever", "service_level", "points", "breaks", "lacking", "worth", "worth_per_point")


def beyond(name: str, scenarios: Mapping[str, Scenario]) -> list[str]:
    """Return the levers of a scenario, and of what it extends, of which a cap tells nothing.

    Examples
    --------
    >>> beyond("a", {"a": Scenario(voluntary_time_off=0.1, volume_pct=-5)})
    ['voluntary_time_off']
    """
    pulled_all = {one for told in layers(name, scenarios).values() for one in told.pulled()}
    return [lever for lever in BEYOND if lever in pulled_all]


def bought(case: Case, cap: Cap) -> Afforded:
    """Return what a cap buys in a case; contacts that somebody else answers are paid first."""
    return afford(
        pooled(case.demand, case.capacity.pools),
        case.capacity,
        cap,
        ledger=case.ledger,
        prices=case.prices,
        spent=0.0 if cap.money is None else case.outsourced_cost,
    )


def mended(base: Case, cap: Cap, now: Afforded, scenarios: Mapping[str, Scenario]) -> pd.DataFrame:
    """Return what each lever does to a plan within a cap, the one that mends most first.

    Parameters
    ----------
    base
        The case without levers.
    cap, now
        The cap, and what it buys without levers.
    scenarios
        Candidates, by name.

    Returns
    -------
    One row per candidate that the cap allows: ``service_level`` that the same cap buys, ``points``
    (of a hundred) more than now, weeks that still break (``breaks``), what these lack in the cap's
    unit (``lacking``), what the lever makes up for (``worth``: it may cost as much before more
    money or hours are the cheaper way), and that by point of service level.

    Raises
    ------
    ParamsError
        For a candidate with a lever that is ``beyond`` a cap.
    """
    for name in scenarios:
        if beyond(name, scenarios):
            raise ParamsError(
                f"scenarios.{name}: what {', '.join(beyond(name, scenarios))} would mend is not "
                "told by a cap; take it out, or ask forecast whatif"
            )
    lacking, level = now.weeks["lacking"].sum(), now.service_level
    rows = []
    for name in scenarios:
        case = pulled(base, pulls(layers(name, scenarios)).values())
        try:
            then = bought(case, cap)
        except InputError:
            continue  # Not even its least staffing is within the cap: it mends nothing.
        points = 100 * (then.service_level - level)
        left = float(then.weeks["lacking"].sum())
        worth = float(lacking) - left
        each = worth / points if points > 1e-9 else float("nan")
        breaks = int(then.weeks["breaks"].sum())
        rows.append((name, then.service_level, points, breaks, left, worth, each))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["breaks", "lacking", "lever"], ignore_index=True)
