"""Erlang A's and Erlang C's figures of half-hours, and how far they are from what happened.

What is learnt is learnt from January to April; May and June are predicted.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from vanad import ANSWER_WITHIN_S

from forecast.queueing import QueueResult, erlang_a, erlang_c, patience_from_waits

LEARNT = ("2014-01", "2014-02", "2014-03", "2014-04")
TESTED = ("2014-05", "2014-06")
MODELS = ("Erlang C", "Erlang A")
FIGURES = ("service_level", "asa_s", "abandonment")
SHARES = np.arange(0.70, 1.201, 0.01)
RESAMPLES = 2000
Floats = npt.NDArray[np.float64]


def is_tested(rows: pd.DataFrame) -> pd.Series:
    """Return which half-hours are of the months that figures are reported of."""
    return rows["ds"].dt.strftime("%Y-%m").isin(TESTED)


def patience_of(rows: pd.DataFrame) -> float:
    """Return mean patience in seconds, from the months learnt from."""
    own = rows[~is_tested(rows)]
    gone = (own["offered"] - own["answered"]).sum()
    return float(patience_from_waits(gone, own["wait_s"].sum()).mean_s)


def predicted(model: str, rows: pd.DataFrame, share: float, patience_s: float) -> pd.DataFrame:
    """Return FIGURES of half-hours by a model when a share of the agents on duty is available.

    Agents come and go, so their mean number is no whole one: the figures of the whole numbers
    about it are mixed.
    """
    agents = rows["agents"].to_numpy() * share
    fewer = np.floor(agents)
    more = agents - fewer
    low, high = (asked(model, rows, n, patience_s) for n in (fewer, fewer + 1))
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(
            {
                name: np.where(more > 0, more * getattr(high, name), 0.0)
                + (1 - more) * getattr(low, name)
                for name in FIGURES
            },
            index=rows.index,
        )


def asked(model: str, rows: pd.DataFrame, agents: Floats, patience_s: float) -> QueueResult:
    load, aht = rows["load"].to_numpy(), rows["aht_s"].to_numpy()
    known = {"aht_s": aht, "answer_within_s": ANSWER_WITHIN_S}
    if model == "Erlang C":
        return erlang_c(load, agents, **known)
    return erlang_a(load, agents, **known, patience_s=patience_s)


def told(rows: pd.DataFrame, shares: float | Mapping[str, float]) -> pd.DataFrame:
    """Return the tested half-hours with each model's figures, as ``Erlang A service_level``.

    Of several units patience is each one's own (column ``unit``).
    """
    parts = []
    for _, own in rows.groupby("unit", sort=False):
        patience, tested = patience_of(own), own[is_tested(own)]
        for model in MODELS:
            share = shares if isinstance(shares, float) else shares[model]
            tested = tested.join(predicted(model, tested, share, patience).add_prefix(f"{model} "))
        parts.append(tested)
    return pd.concat(parts, ignore_index=True)


def error(rows: pd.DataFrame, model: str, figure: str = "service_level") -> float:
    """Return the mean absolute error, weighted by calls."""
    wrong = rows[f"{model} {figure}"] - rows[figure]
    return float(np.average(wrong.abs(), weights=rows["offered"]))


def bias(rows: pd.DataFrame, model: str, figure: str = "service_level") -> float:
    """Return what is predicted less what was observed, over all calls."""
    wrong = rows[f"{model} {figure}"] - rows[figure]
    return float(np.average(wrong, weights=rows["offered"]))


def ratio(rows: pd.DataFrame, better: str = "Erlang A", worse: str = "Erlang C") -> str:
    """Return one model's error of service level over the other's, with its 95 % interval.

    Days are drawn with replacement, the same days for both.
    """
    sums = pd.DataFrame(
        {
            name: (rows[f"{name} service_level"] - rows["service_level"]).abs() * rows["offered"]
            for name in (better, worse)
        }
    )
    by_day = sums.groupby(rows["date"]).sum().to_numpy()
    rng = np.random.default_rng(2014)
    drawn = rng.integers(len(by_day), size=(RESAMPLES, len(by_day)))
    both = by_day[drawn].sum(axis=1)
    low, high = np.quantile(both[:, 0] / both[:, 1], (0.025, 0.975))
    whole = by_day.sum(axis=0)
    return f"{whole[0] / whole[1]:.2f} ({low:.2f} to {high:.2f})"


def learnt_error(rows: pd.DataFrame, model: str, share: float) -> float:
    own = rows[~is_tested(rows)]
    level = predicted(model, own, share, patience_of(rows))["service_level"]
    return float(np.average((level - own["service_level"]).abs(), weights=own["offered"]))


def fitted_share(rows: pd.DataFrame, model: str) -> float:
    """Return the share of agents with which a model errs least from January to April."""
    own = [part for _, part in rows.groupby("unit", sort=False)]

    def wrong(share: float) -> float:
        weights = [part.loc[~is_tested(part), "offered"].sum() for part in own]
        errors = [learnt_error(part, model, share) for part in own]
        return float(np.average(errors, weights=weights))

    return float(min(SHARES, key=wrong))
