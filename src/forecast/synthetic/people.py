"""The people of an invented centre, month by month: who left and who was hired."""

import numpy as np
import pandas as pd

from forecast.synthetic.commerce_spec import INTERVAL_MIN, CommerceSpec

HOURS_ON_POSITION = 118
"""Of one head in a month: 168 paid hours less a shrinkage of 30 %."""


def people_by_month(
    staffed: pd.DataFrame, spec: CommerceSpec, rng: np.random.Generator
) -> pd.DataFrame:
    """Return site, month, heads at its beginning, left, and hired within it.

    Everybody leaves in a month with the same probability; at its end as many are hired as the
    next month's positions take.

    Parameters
    ----------
    staffed
        Rows of site, ``local`` and ``agents``, one per queue and interval.
    spec
        Attrition.
    rng
        Source of chance.
    """
    month = staffed["local"].dt.strftime("%Y-%m").rename("month")
    hours = staffed["agents"].groupby([staffed["site"], month]).sum() * INTERVAL_MIN / 60
    days = staffed["local"].dt.normalize().groupby([staffed["site"], month]).nunique()
    heads = np.ceil(hours / days * 30 / HOURS_ON_POSITION).astype("int64")
    out: pd.DataFrame = heads.rename("heads").reset_index()
    out["left"] = rng.binomial(out["heads"], spec.attrition_per_month)
    stay = out["heads"] - out["left"]
    wanted = out.groupby("site")["heads"].shift(-1).fillna(out["heads"])
    out["hired"] = np.maximum(wanted - stay, 0).astype("int64")
    # Who is left when fewer are wanted is lent to others: heads begin anew each month.
    return out
