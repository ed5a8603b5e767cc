"""How much of a day's surprise the days after it share."""

import numpy as np
import pandas as pd

from forecast.intraday.past import WEEK, with_lead

TRUST_DAYS = 10.0
"""So many days of surprises would have to be seen before they count for half."""
FARTHEST = 0.6
"""A day's logarithmic error is taken for no larger: 80 % up, or 45 % down."""


def carry_over(past: pd.DataFrame, features: pd.DataFrame) -> dict[int, float]:
    """Return, by lead in days from 2 to 7, which share of today's surprise carries over.

    When a day ends a factor ``r`` above what was forecast at its start, the same forecast for the
    day ``lead`` is better multiplied by ``r ** carry[lead]``. Shares are slopes of the later days'
    logarithmic errors on the first day's at the same cutoff, shrunk towards 0, between 0 and 1, and
    never rise with the lead. Leads of which no pair has come true have the share of the one before,
    and 0 where there is none.

    Parameters
    ----------
    past
        FORECAST rows of one series, target and model at past cutoffs.
    features
        FEATURES that hold the series, for local dates.

    Raises
    ------
    ForecastError
        As ``DayModel.of``.
    """
    rows = with_lead(past, features)
    whole = rows["y"].notna().groupby([rows["cutoff"], rows["lead"]]).transform("all")
    days = rows[whole & (rows["lead"] <= WEEK)].groupby(["cutoff", "lead"])[["y", "mean"]].sum()
    log_error = pd.Series(np.log((days["y"] + 1) / (days["mean"] + 1)), index=days.index)
    error = log_error.clip(-FARTHEST, FARTHEST).unstack("lead").reindex(columns=range(1, WEEK + 1))
    today = error[1]
    doubt = TRUST_DAYS * float((today**2).mean())
    carry: dict[int, float] = {}
    for lead in range(2, WEEK + 1):
        both = today.notna() & error[lead].notna()
        share = carry.get(lead - 1, 0.0)
        if both.any():
            shared = float((today[both] * error.loc[both, lead]).sum())
            seen = float((today[both] ** 2).sum()) + doubt
            share = float(np.clip(shared / max(seen, 1e-12), 0.0, carry.get(lead - 1, 1.0)))
        carry[lead] = share
    return carry
