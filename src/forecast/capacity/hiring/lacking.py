"""An ask that cannot be met: which weeks lack how many heads, and why."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.hiring.books import WITHIN
from forecast.capacity.hiring.case import Case
from forecast.capacity.hiring.solve import run_milp
from forecast.capacity.hiring.system import system_of
from forecast.errors import ParamsError, listed

Floats = npt.NDArray[np.float64]


class HiringInfeasible(ParamsError):
    """No plan keeps the requirement; ``lacking`` tells need, week, required, lacking, reason."""

    def __init__(self, message: str, lacking: pd.DataFrame) -> None:
        super().__init__(message)
        self.lacking = lacking


def infeasible(case: Case) -> HiringInfeasible:
    """Return the error that says which weeks lack how many heads, and what keeps them from coming.

    The case is solved again with heads that may lack and nothing else that costs: their sum is the
    least that any plan lacks. What lacks even with classes of any size and number is owed to time.
    """
    least, free = _least_lacking(case), _least_lacking(_without_limits(case))
    confidence = case.params.confidence or 0.0
    rows = []
    for g, need in enumerate(case.needs):
        required = need.at(confidence)
        for week in np.flatnonzero(least[g] > WITHIN):
            why = "time" if free[g][week] > WITHIN else "class limits"
            rows.append((need.name, case.date_of(int(week)), required[week], least[g][week], why))
    lacking = pd.DataFrame(rows, columns=["need", "week", "required", "lacking", "reason"])
    told = [
        f"{need}, week of {week}: required {heads:.1f}, lacking {short:.1f} ({why})"
        for need, week, heads, short, why in rows
    ]
    message = (
        f"no plan keeps the requirement with confidence {confidence:g}: at least "
        f"{lacking['lacking'].sum():.1f} head-weeks lack, for instance so\n{listed(told)}\n"
        f"{_mend(case, set(lacking['reason']))}"
    )
    return HiringInfeasible(message, lacking)


def _least_lacking(case: Case) -> list[Floats]:
    """Return the heads lacking by need and week where their sum is least."""
    system = system_of(case, elastic=True)
    whole = system.is_of("classes", "heads", "moved", "laid_off")
    result = run_milp(system, np.zeros_like(whole), 0.0)
    if result.status == 0 and result.fun <= WITHIN:
        result = run_milp(system, whole, 0.01)
    if result.status != 0:
        raise RuntimeError(f"the solver stopped without a plan: {result.message}")
    return [result.x[system.blocks["lacking", g]] for g in range(len(case.needs))]


def _without_limits(case: Case) -> Case:
    anything = {
        "class_sizes": (1,),
        "classes_per_week_max": None,
        "class_every_weeks": 1,
        "training_seats": None,
    }
    sites = tuple(
        site.model_copy(update=anything) if site.classes_per_week_max != 0 else site
        for site in case.sites
    )
    return Case(case.params.model_copy(update={"sites": sites}), case.first_week, case.needs)


def _mend(case: Case, reasons: set[str]) -> str:
    said = []
    if "time" in reasons:
        first = "; ".join(
            f"{site.name} {case.date_of(site.lead_weeks + site.training_weeks)}"
            for site in case.sites
        )
        said.append(f"time: the first class can be productive on: {first}")
    if "class limits" in reasons:
        said.append(
            "class limits: raise class_sizes, classes_per_week_max or training_seats, or lower "
            "class_every_weeks"
        )
    said.append("or give cover (overtime, temps), raise its heads_max, or ask for less confidence")
    return "\n".join(said)
