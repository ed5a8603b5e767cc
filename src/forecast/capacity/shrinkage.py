"""The shrinkage ledger: which part of paid time each activity takes, in any interval or year.

Paid hours shrink in three steps, and a share is of what is left at its step::

    paid  - planned absence (leave, holiday)             = rostered
          - other absence (sickness, lateness)           = in the office
          - activities in the office (breaks, training)  = on position
"""

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.errors import ParamsError
from forecast.params.shrinkage import ON_POSITION, Activity, ShrinkageParams, When
from forecast.settings import WEEKDAYS

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
PERIODS = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


def compounded(ledger: ShrinkageParams, shares: list[float]) -> list[Fraction]:
    """Return each activity's share of *paid* time, given its share of what it is a share of.

    Exact: shares are taken as the decimals that they are written as, so that parts add up to their
    total without a rest.

    Examples
    --------
    A tenth on leave; of the others a tenth sick; of those who are there a fifth in breaks.

    >>> rows = [{"name": n, "share": s, "of": of, "place": place, "planned": n != "sick"}
    ...     for n, s, of, place in [("leave", 0.1, "paid", "out of office"),
    ...     ("sick", 0.1, "rostered", "out of office"), ("breaks", 0.2, "office", "in office")]]
    >>> parts = compounded(ShrinkageParams(activities=rows), [0.1, 0.1, 0.2])
    >>> [float(part) for part in parts], float(sum(parts))
    ([0.1, 0.09, 0.162], 0.352)
    """
    rows = list(zip(ledger.activities, (Fraction(str(s)) for s in shares), strict=True))
    left = {"paid": Fraction(1)}
    away = [(a, share) for a, share in rows if a.place == "out of office"]
    left["rostered"] = 1 - sum((share for a, share in away if a.planned), Fraction(0))
    others = (share * left[a.of] for a, share in away if not a.planned)
    left["office"] = left["rostered"] - sum(others, Fraction(0))
    return [share * left[a.of] for a, share in rows]


def parts(ledger: ShrinkageParams, local: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the share of paid time that each activity takes in intervals.

    Parameters
    ----------
    ledger
        The section ``shrinkage``.
    local
        Wall time at which each interval starts, without a zone.

    Returns
    -------
    One row per interval, one column per activity.

    Raises
    ------
    ParamsError
        Where the activities take more than ``total_max`` of paid time; the first such interval and
        its parts are named.
    """
    found, of = _exact(ledger, local)
    table = np.array(found, dtype="float64").reshape(-1, len(ledger.activities))
    return pd.DataFrame(table[of], index=local, columns=[a.name for a in ledger.activities])


def shrinkage(ledger: ShrinkageParams, local: pd.DatetimeIndex) -> Floats:
    """Return the share of paid time that is not on position, in intervals.

    It is the exact sum of the parts, turned into a float once: what ``scheduled_agents`` takes.

    Parameters
    ----------
    ledger, local
        As in ``parts``.

    Examples
    --------
    Breaks do not fall at night.

    >>> breaks = {"name": "breaks", "share": 0.15, "of": "office", "place": "in office",
    ...     "planned": True, "when": [{"share": 0, "starts": "22:00", "ends": "06:00"}]}
    >>> ledger = ShrinkageParams(activities=[breaks])
    >>> shrinkage(ledger, pd.DatetimeIndex(["2024-01-01 21:30", "2024-01-01 22:00"])).tolist()
    [0.15, 0.0]
    """
    found, of = _exact(ledger, local)
    return np.array([float(sum(row)) for row in found], dtype="float64")[of]


def off_position(
    local: pd.Series, flat: float, ledger: ShrinkageParams | None = None
) -> float | Floats:
    """Return the share of paid time off position: by interval of a ledger, else the flat one.

    Parameters
    ----------
    local
        Wall time at which each interval starts, of any number of series.
    flat
        ``capacity.shrinkage``.
    ledger
        The section ``shrinkage``; None: there is none.

    Raises
    ------
    ParamsError
        As ``parts``.

    Examples
    --------
    >>> off_position(pd.Series(pd.to_datetime(["2024-01-01 09:00"])), 0.3)
    0.3
    """
    return flat if ledger is None else shrinkage(ledger, pd.DatetimeIndex(local))


def attendance(
    ledger: ShrinkageParams, local: pd.DatetimeIndex, paid_hours: npt.ArrayLike
) -> float:
    """Return the share of rostered hours that are attended; NaN where none are.

    Parameters
    ----------
    ledger, local
        As in ``parts``.
    paid_hours
        Paid hours in each interval.

    Examples
    --------
    A fifth on leave; of the 80 rostered hours in a hundred a tenth sick.

    >>> rows = [{"name": n, "share": s, "of": of, "place": "out of office", "planned": p}
    ...     for n, s, of, p in [("leave", 0.2, "paid", True), ("sick", 0.1, "rostered", False)]]
    >>> attendance(ShrinkageParams(activities=rows), pd.DatetimeIndex(["2024-01-01"]), [100.0])
    0.9
    """
    hours = parts(ledger, local).mul(np.asarray(paid_hours, dtype="float64"), axis=0).sum()
    away = [row for row in ledger.activities if row.place == "out of office"]
    planned = sum(float(hours[row.name]) for row in away if row.planned)
    missed = sum(float(hours[row.name]) for row in away if not row.planned)
    rostered = float(np.sum(paid_hours)) - planned
    return 1 - missed / rostered if rostered > 0 else float("nan")


def plan(
    ledger: ShrinkageParams, local: pd.DatetimeIndex, paid_hours: npt.ArrayLike, by: str = "year"
) -> pd.DataFrame:
    """Return the paid hours that each activity takes in every period, from the same ledger.

    Parameters
    ----------
    ledger, local
        As in ``parts``.
    paid_hours
        Paid hours in each interval: the weights. A year's shrinkage depends on when people work.
    by
        "day", "week" (from Monday), "month", "quarter" or "year", of local time.

    Returns
    -------
    One row per period and activity: ``period`` (its first day), ``activity``, ``planned``,
    ``place``, ``hours``, ``share`` of the period's paid hours. The last row of each period, *on
    position*, is what is left, so that hours add up to the paid hours and shares to 1.
    """
    if by not in PERIODS:
        raise ValueError(f"by must be one of {', '.join(PERIODS)}; found {by!r}")
    hours = np.asarray(paid_hours, dtype="float64")
    if hours.shape != (len(local),) or not np.isfinite(hours).all() or (hours < 0).any():
        raise ValueError(f"paid_hours must be {len(local)} finite numbers >= 0, one per interval")
    first = local.to_period(PERIODS[by]).start_time.as_unit("us")
    taken = parts(ledger, local).mul(hours, axis=0).groupby(first).sum()
    paid = pd.Series(hours, index=local).groupby(first).sum()
    table = taken.assign(**{ON_POSITION: paid - taken.sum(axis=1)})
    long = table.rename_axis("period").melt(
        ignore_index=False, var_name="activity", value_name="hours"
    )
    rows = {a.name: a for a in ledger.activities}
    told = long.reset_index().assign(
        planned=[rows[n].planned if n in rows else True for n in long["activity"]],
        place=[rows[n].place if n in rows else "in office" for n in long["activity"]],
        share=(long["hours"] / paid.where(paid > 0).reindex(long.index)).to_numpy(),
    )
    order = told["activity"].map({name: i for i, name in enumerate(table.columns)})
    told = told.assign(order=order).sort_values(["period", "order"], ignore_index=True)
    return told[["period", "activity", "planned", "place", "hours", "share"]]


def _exact(
    ledger: ShrinkageParams, local: pd.DatetimeIndex
) -> tuple[list[list[Fraction]], npt.NDArray[np.int64]]:
    """Return the few different rows of parts that there are, and which each interval has."""
    if local.tz is not None or local.hasnans:
        found_instead = "empty times" if local.hasnans else local.dtype
        raise ValueError(f"local must be wall time without a zone; found {found_instead}")
    of = np.zeros(len(local), dtype="int64")
    columns = []
    for activity in ledger.activities:
        shares = _shares(activity, local)
        values, codes = np.unique(shares, return_inverse=True)
        columns.append(shares)
        of = of * len(values) + codes
        of = np.unique(of, return_inverse=True)[1]
    first = np.unique(of, return_index=True)[1]
    found = [compounded(ledger, [float(column[i]) for column in columns]) for i in first]
    for i, row in zip(first, found, strict=True):
        _refuse_too_much(ledger, row, local[i])
    return found, of


def _shares(activity: Activity, local: pd.DatetimeIndex) -> Floats:
    shares = np.full(len(local), activity.share)
    for when in activity.when:
        shares[_holds(when, local)] = when.share
    return shares


def _holds(when: When, local: pd.DatetimeIndex) -> Bools:
    holds = np.ones(len(local), dtype="bool")
    if when.months:
        holds &= np.isin(local.month, when.months)
    if when.days:
        holds &= np.isin(local.day_of_week, [WEEKDAYS.index(day) for day in when.days])
    if when.first_day and when.last_day:
        after = pd.Timestamp(when.last_day) + pd.Timedelta(days=1)
        holds &= np.asarray((local >= pd.Timestamp(when.first_day)) & (local < after))
    if when.starts and when.ends:
        start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (when.starts, when.ends))
        of_day = np.asarray(local.hour * 60 + local.minute)
        inside, late = of_day >= start, of_day < end
        holds &= (inside & late) if start < end else (inside | late)
    return holds


def _refuse_too_much(ledger: ShrinkageParams, found: list[Fraction], at: pd.Timestamp) -> None:
    total = sum(found, Fraction(0))
    if total > Fraction(str(ledger.total_max)):
        listed = ", ".join(
            f"{a.name} {float(part):.3g}"
            for a, part in zip(ledger.activities, found, strict=True)
            if part
        )
        raise ParamsError(
            f"shrinkage must be at most shrinkage.total_max = {ledger.total_max:g}; at "
            f"{at:%Y-%m-%d %H:%M} it is {float(total):.3g} of paid time ({listed}). Lower a share, "
            "or raise total_max if it is meant"
        )
