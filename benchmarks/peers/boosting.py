"""LightGBM the way its manuals and the forecasting competitions go about it.

One model per class of leads (direct forecasts), so that every lag that it is given is known at the
lead; counts as Poisson for the mean, and one quantile model for each level.

References
----------
Ke et al. (2017), LightGBM. NeurIPS 30.
Makridakis, Spiliotis & Assimakopoulos (2022), M5 accuracy competition. Int. J. of Forecasting 38.
"""

from typing import Any

import numpy as np
import pandas as pd

from peers.base import BUCKETS, LEVELS, Peer, forecast, latest, open_rows, reported, usual_min
from peers.residuals import bucket_of

WEEKS = 104
CALENDAR = (
    "weekday",
    "slot_min",
    "month_day",
    "month_left",
    "gap_days",
    "after_closure",
    "before_closure",
    "holiday_open",
)
LAGS = (0, 7, 14, 21)
"""Days before the latest same weekday that the lead allows: 7, 14, 21 and 28 in the first week."""
ROLLING_DAYS = (7, 28)
# Leaves as small as by default single out days of a short history (two bank days are 58 rows).
SETTINGS: dict[str, Any] = {
    "n_estimators": 150,
    "learning_rate": 0.07,
    "num_leaves": 31,
    "min_child_samples": 100,
    "n_jobs": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


def by_the_book(train: pd.DataFrame, ahead: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return the forecast of LightGBM models per class of leads and quantile.

    Inputs are the calendar's columns, the rates of four same weekdays at that time and their mean,
    and mean rates of the last 7 and 28 days known. Trained on the last two years, on rows that
    have a lag at least; where a short history has none for a class of leads, on all.
    """
    known, asked = latest(reported(train), WEEKS), open_rows(ahead)
    grid = _Grid(known, ahead["date"].max())
    full = usual_min(known)
    parts = []
    for number, last_lead in enumerate(BUCKETS):
        rows = asked[bucket_of(asked["lead"]) == number]
        if len(rows):
            inputs = grid.inputs(known, last_lead)
            lagged = inputs["lag_mean"].notna()
            use = lagged if lagged.any() else pd.Series(True, index=inputs.index)
            future = grid.inputs(rows, last_lead)
            mean, levels = _fitted(inputs[use], known[use], future, full, seed)
            minutes = rows["open_min"].to_numpy()
            parts.append(forecast(rows, mean * minutes, levels.T * minutes[:, None]))
    return pd.concat(parts).loc[asked.index]


def _fitted(
    inputs: pd.DataFrame, known: pd.DataFrame, future: pd.DataFrame, full: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the future's mean rates and, levels first, its quantiles of the rate.

    Counts of a full interval are learned, each weighed by the minutes that it was open: for Poisson
    counts that is an offset.
    """
    from lightgbm import LGBMRegressor

    target, weight = known["rate"] * full, known["open_min"] / full

    def predicted(**objective: Any) -> np.ndarray:
        model = LGBMRegressor(**SETTINGS, **objective, random_state=seed)
        model.fit(inputs, target, sample_weight=weight)
        return np.asarray(model.predict(future)) / full

    mean = predicted(objective="poisson") if target.sum() > 0 else np.zeros(len(future))
    levels = [predicted(objective="quantile", alpha=level) for level in LEVELS.values()]
    return mean, np.array(levels)


class _Grid:
    """Rates as a matrix of consecutive dates x times of day, to look lags up in."""

    def __init__(self, known: pd.DataFrame, last: pd.Timestamp) -> None:
        table = known.pivot_table(index="date", columns="slot_min", values="rate", aggfunc="mean")
        self.rates = table.reindex(pd.date_range(table.index.min(), last, freq="D", unit="us"))
        days = self.rates.mean(axis=1)
        self.rolling = {n: days.rolling(n, min_periods=1).mean() for n in ROLLING_DAYS}

    def inputs(self, rows: pd.DataFrame, last_lead: int) -> pd.DataFrame:
        """Return the inputs of rows, known ``last_lead`` days before each."""
        weeks = -(-last_lead // 7) * 7
        lags = {f"lag_{lag}": self._rate(rows, weeks + lag) for lag in LAGS}
        own = rows[list(CALENDAR)].astype({"weekday": "category"}).assign(**lags)
        own["lag_mean"] = own[list(lags)].mean(axis=1)
        day = rows["date"] - pd.Timedelta(days=last_lead)
        for days, level in self.rolling.items():
            own[f"rolling_{days}"] = level.reindex(day).to_numpy()
        return own

    def _rate(self, rows: pd.DataFrame, lag: int) -> np.ndarray:
        day = self.rates.index.get_indexer(pd.Index(rows["date"] - pd.Timedelta(days=lag)))
        slot = self.rates.columns.get_indexer(pd.Index(rows["slot_min"]))
        rate = self.rates.to_numpy()[day, slot]
        return np.where((day >= 0) & (slot >= 0), rate, np.nan)


PEERS: dict[str, Peer] = {"LightGBM by the book": by_the_book}
