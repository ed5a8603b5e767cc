"""A hiring plan -> HIRES and WORKFORCE."""

import pandas as pd

from forecast.capacity.hiring.plan import HiringPlan
from forecast.schema import HIRES, WORKFORCE


def hires_of(plan: HiringPlan, scenario: str, assumed: str) -> pd.DataFrame:
    """Return HIRES: a row per class, with the latest date on which it can still be approved."""
    rows = plan.classes.sort_values(["site", "start"], kind="stable")
    number = rows.groupby("site").cumcount() + 1
    told = rows.assign(slack_weeks=rows["slack_weeks"].astype("float64"))
    return HIRES.validate(told.assign(scenario=scenario, assumed=assumed, **{"class": number}))


def workforce_of(plan: HiringPlan, scenario: str, assumed: str) -> pd.DataFrame:
    """Return WORKFORCE of a plan whose requirement was told for each site."""
    needs = plan.needs.drop(columns="productive").rename(columns={"need": "site"})
    both = plan.heads.merge(needs, on=["site", "week"], validate="one_to_one")
    both[["productive", "gap"]] = both[["productive", "gap"]].clip(lower=0)
    return WORKFORCE.validate(both.assign(scenario=scenario, assumed=assumed))
