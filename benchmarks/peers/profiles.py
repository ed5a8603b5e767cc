"""Methods of the call-centre literature: days as a whole, and the shape of a day.

Both draw futures by the bootstrap: day-to-day errors and errors within the day are drawn from their
own past.

References
----------
Brown et al. (2005), Statistical analysis of a telephone call center. JASA 100(469) (root-unroot,
day levels with first-order autoregression).
Aldor-Noiman, Feigin & Mandelbaum (2009), Workload forecasting for a call center. Annals of Applied
Statistics 3(4).
Shen & Huang (2008), Interday forecasting and intraday updating of call center arrivals.
Manufacturing & Service Operations Management 10(3).
"""

import numpy as np
import pandas as pd

from peers.base import DRAWS, Peer, latest, of_draws, open_rows, reported, usual_min
from peers.days import Days, taken_apart

WEEKS = 26
RIDGE = 2.0
MEMORY_MAX = 0.98
PARTS = 4
"""Components of the singular value decomposition that are kept."""
FILLING_ROUNDS = 10


def day_total_ar(train: pd.DataFrame, ahead: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return day totals by weekday, calendar and yesterday, x the mean weekday profile.

    The root of a day's total is its weekday's mean, plus what the day before and after a closure,
    worked holidays and the turn of the month add (ridge), plus an AR(1) error over open days.
    Trained on the last 26 weeks.
    """
    rng = np.random.default_rng(seed)
    known, asked = reported(train), open_rows(ahead)
    days = taken_apart(known, WEEKS)
    past, future = _calendar(known), _calendar(asked)
    past = past.loc[days.totals.index]
    roots = np.sqrt(days.totals.to_numpy() + 0.375)
    weights, memory, errors = _ar_regression(_design(past), roots)
    shocks = rng.choice(errors[1:] - memory * errors[:-1], (len(future), DRAWS))
    paths = _ar_paths(shocks, np.full(DRAWS, errors[-1]), memory)
    drawn = (_design(future) @ weights)[:, None] + paths
    totals = np.maximum(np.maximum(drawn, 0.0) ** 2 - 0.375, 0.0)
    at = future.index.get_indexer(pd.Index(asked["date"]))
    means = days.shape.spread(totals[at], asked)
    counts = _with_past_errors(means, asked, _within_day(days), rng)
    return of_draws(asked, means.mean(axis=1), counts)


def _calendar(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, by date, the weekday and flags of what makes a day unlike others."""
    days = rows.groupby("date").first()
    return pd.DataFrame(
        {
            "weekday": days["weekday"],
            "after_closure": days["after_closure"],
            "before_closure": days["before_closure"],
            "holiday_open": days["holiday_open"],
            "month_start": (days["month_day"] <= 3).astype("int64"),
            "month_end": (days["month_left"] <= 2).astype("int64"),
        }
    )


def _design(days: pd.DataFrame) -> np.ndarray:
    """Return a column of ones, one of each weekday, and the flags."""
    weekdays = days["weekday"].to_numpy()[:, None] == np.arange(7)
    flags = days.drop(columns="weekday").to_numpy()
    return np.hstack([np.ones((len(days), 1)), weekdays, flags]).astype("float64")


def _ar_regression(design: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Return weights, first autocorrelation and errors of a ridge regression with AR(1) errors.

    Cochrane & Orcutt (1949): the regression of quasi-differences and the autocorrelation of its
    errors, in turn.
    """
    penalty = RIDGE * np.eye(design.shape[1])
    # Weekdays are always told apart; the flags come up a few times only.
    penalty[:8] *= 0.01
    memory = 0.0
    for _ in range(5):
        x, z = design[1:] - memory * design[:-1], y[1:] - memory * y[:-1]
        weights = np.linalg.solve(x.T @ x + penalty, x.T @ z)
        errors = y - design @ weights
        memory = _memory(errors)
    return weights, memory, errors


def _memory(errors: np.ndarray) -> float:
    square = float(errors[:-1] @ errors[:-1])
    return min(max(float(errors[1:] @ errors[:-1]) / square, 0.0), MEMORY_MAX) if square else 0.0


def _ar_paths(shocks: np.ndarray, start: np.ndarray, memory: float) -> np.ndarray:
    """Return first-order autoregressions from a start, by shocks (steps first)."""
    paths = np.empty_like(shocks)
    for step, shock in enumerate(shocks):
        start = paths[step] = memory * start + shock
    return paths


def _within_day(days: Days) -> pd.DataFrame:
    """Return errors on the square root around the profile, given the day's total, by hour."""
    rows, mean = days.profiled()
    error = np.sqrt(rows["y"] + 0.375) - np.sqrt(mean + 0.375)
    return pd.DataFrame({"error": error, "hour": rows["slot_min"] // 60})


def _with_past_errors(
    means: np.ndarray, asked: pd.DataFrame, errors: pd.DataFrame, rng: np.random.Generator
) -> np.ndarray:
    """Return counts drawn around expected ones, by errors of the same hour of the day."""
    roots = np.sqrt(means + 0.375)
    hours = (asked["slot_min"] // 60).to_numpy()
    by_hour = {hour: own.to_numpy() for hour, own in errors.groupby("hour")["error"]}
    for hour in np.unique(hours):
        rows = hours == hour
        pool = by_hour.get(hour, errors["error"].to_numpy())
        roots[rows] += rng.choice(pool, roots[rows].shape)
    return np.maximum(roots, np.sqrt(0.375)) ** 2 - 0.375


def svd_profile(train: pd.DataFrame, ahead: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return Shen & Huang's forecast: a few shapes of the day, each with a score per day.

    The matrix days x times of roots sqrt(N + 1/4) is split into four shapes; a score is its
    weekday's mean plus an AR(1) error over open days. Errors of all scores are drawn together,
    those that the shapes leave by time of day. Trained on the last 26 weeks; knows no holidays.
    With fewer than five days or times there are fewer shapes.
    """
    rng = np.random.default_rng(seed)
    known, asked = reported(train), open_rows(ahead)
    recent, full = latest(known, WEEKS), usual_min(known)
    weekday = recent.groupby("date")["weekday"].first()
    rates = recent.pivot_table(index="date", columns="slot_min", values="rate")
    table = (rates * full + 0.25) ** 0.5
    scores, shapes, errors = _shapes(table, weekday)
    future = asked.groupby("date")["weekday"].first()
    days = _scores_ahead(scores, weekday, future, rng) @ shapes
    # A time that was never reported has the shape of the nearest one.
    gap = np.abs(asked["slot_min"].to_numpy()[:, None] - table.columns.to_numpy())
    slot = gap.argmin(axis=1)
    roots = days[:, future.index.get_indexer(pd.Index(asked["date"])), slot].T
    for number in np.unique(slot):
        rows, own = slot == number, errors[:, number]
        roots[rows] += rng.choice(own[~np.isnan(own)], roots[rows].shape)
    length = asked["open_min"].to_numpy()[:, None] / full
    counts = (np.maximum(roots, 0.5) ** 2 - 0.25) * length
    return of_draws(asked, counts.mean(axis=1), counts)


def _shapes(table: pd.DataFrame, weekday: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scores (days x shapes), shapes (shapes x times) and what they leave (NaN: unknown).

    What was closed or not reported is filled with the weekday's mean at that time, or that of all
    days, and then with what the shapes say, until they agree.
    """
    unknown = table.isna().to_numpy()
    usual = table.groupby(weekday).transform("mean").fillna(table.mean())
    full = table.fillna(usual).to_numpy()
    for _ in range(FILLING_ROUNDS):
        u, size, shapes = np.linalg.svd(full, full_matrices=False)
        scores, shapes = u[:, :PARTS] * size[:PARTS], shapes[:PARTS]
        said = scores @ shapes
        if not unknown.any():
            break
        full = np.where(unknown, said, full)
    return scores, shapes, np.where(unknown, np.nan, full - said)


def _scores_ahead(
    scores: np.ndarray, weekday: pd.Series, future: pd.Series, rng: np.random.Generator
) -> np.ndarray:
    """Return drawn scores of the days ahead (draws x days x shapes)."""
    past = pd.DataFrame(scores, index=weekday.index)
    means = past.groupby(weekday).mean()
    errors = (past - past.groupby(weekday).transform("mean")).to_numpy()
    ahead = means.reindex(future).fillna(means.mean()).to_numpy()
    picks = rng.integers(1, len(errors), (len(future), DRAWS))
    out = np.empty((DRAWS, len(future), scores.shape[1]))
    for part, own in enumerate(errors.T):
        memory = _memory(own)
        shocks = own[picks] - memory * own[picks - 1]
        paths = _ar_paths(shocks, np.full(DRAWS, own[-1]), memory)
        out[:, :, part] = (ahead[:, part, None] + paths).T
    return out


PEERS: dict[str, Peer] = {
    "AR(1) of day totals x profile": day_total_ar,
    "SVD profile (Shen & Huang)": svd_profile,
}
