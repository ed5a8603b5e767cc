"""Paid hours -> paid hours by what they are paid: the kind of day, overtime, night."""

from collections.abc import Collection
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.errors import ParamsError, SchemaError
from forecast.params.costs import CostsParams, Premiums
from forecast.settings import WEEKDAYS

HOURS = ("contract", "local", "minutes", "hours", "is_overtime")
KINDS = ("workday", "rest day", "holiday")
DAY_MIN = 24 * 60
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def day_kinds(
    local: pd.Series,
    rest_days: Collection[str],
    holidays: Collection[date] = (),
    makeup_workdays: Collection[date] = (),
) -> Ints:
    """Return what kind of day each local time is on: an index into ``KINDS``.

    A statutory holiday goes before all; a make-up workday is a workday, whatever its weekday.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2024-05-01", "2024-05-11", "2024-05-12"]))
    >>> kinds = day_kinds(days, ["sat", "sun"], [date(2024, 5, 1)], [date(2024, 5, 11)])
    >>> [KINDS[kind] for kind in kinds]
    ['holiday', 'workday', 'rest day']
    """
    both = set(holidays) & set(makeup_workdays)
    if both:
        raise ParamsError(
            f"a day is either a holiday or a make-up workday; found both for {min(both)}"
        )
    day = _minute(local) // DAY_MIN
    # 1970-01-01, day 0, was a Thursday.
    resting = np.isin((day + 3) % 7, [WEEKDAYS.index(name) for name in rest_days])
    made_up, festive = (np.isin(day, _days(dates)) for dates in (makeup_workdays, holidays))
    return np.where(festive, 2, np.where(resting & ~made_up, 1, 0)).astype("int64")


def at_night(local: pd.Series, premiums: Premiums) -> Bools:
    """Return whether each local time lies in the night of the premiums."""
    start, end = _clock(premiums.night_from), _clock(premiums.night_until)
    of_day = _minute(local) % DAY_MIN
    if start < end:
        return (of_day >= start) & (of_day < end)
    return (of_day >= start) | (of_day < end)


def multiplier(premiums: Premiums, kind: str, *, overtime: bool, night: bool) -> float:
    """Return how many times its pay an hour is paid.

    Examples
    --------
    >>> china = Premiums()
    >>> [multiplier(china, kind, overtime=True, night=False) for kind in KINDS]
    [1.5, 2.0, 3.0]
    >>> both = Premiums(night=1.2, several="added")
    >>> multiplier(both, "workday", overtime=True, night=True)
    1.7
    """
    day = {
        ("workday", False): 1.0,
        ("workday", True): premiums.overtime,
        ("rest day", False): premiums.rest_day,
        ("rest day", True): premiums.rest_day_overtime,
        ("holiday", False): premiums.holiday,
        ("holiday", True): premiums.holiday_overtime,
    }[kind, overtime]
    dark = premiums.night if night else 1.0
    several = {"highest": max(day, dark), "compounded": day * dark, "added": day + dark - 1}
    return round(several[premiums.several], 9)


def multipliers(
    local: pd.Series,
    minutes: float,
    params: CostsParams,
    *,
    holidays: Collection[date] = (),
    makeup_workdays: Collection[date] = (),
) -> npt.NDArray[np.float64]:
    """Return how many times its pay an hour of the usual rota is paid in each interval.

    By ``params.premiums``; see ``hours_by_rate`` for the arguments.

    Raises
    ------
    SchemaError
        For an interval that runs across midnight, or into or out of the night.

    Examples
    --------
    >>> costs = CostsParams(currency="EUR", contracts={"full": {"pay_per_hour": 30}},
    ...     premiums=Premiums(night=1.25))
    >>> late = pd.Series(pd.to_datetime(["2024-10-01 21:00", "2024-10-01 22:00"]))
    >>> multipliers(late, 60, costs).tolist()
    [1.0, 1.25]
    """
    premiums = params.premiums
    _refuse_straddling(
        pd.DataFrame({"local": local, "minutes": minutes, "contract": "a"}), premiums
    )
    kinds = day_kinds(local, params.rest_days, holidays, makeup_workdays)
    table = np.array(
        [
            [multiplier(premiums, kind, overtime=False, night=night) for night in (False, True)]
            for kind in KINDS
        ]
    )
    return np.asarray(table[kinds, at_night(local, premiums).astype("int64")])


def hours_by_rate(
    hours: pd.DataFrame,
    params: CostsParams,
    *,
    holidays: Collection[date] = (),
    makeup_workdays: Collection[date] = (),
) -> pd.DataFrame:
    """Return the paid hours of each contract by kind of day, overtime and night.

    Parameters
    ----------
    hours
        Rows of ``contract``, ``local`` (wall time at which an interval starts), ``minutes`` (its
        length), ``hours`` (paid in it, of all people) and ``is_overtime``; any number of rows for
        one contract and interval. Overtime hours are rows of their own.
    params
        Contracts, premiums, rest days.
    holidays, makeup_workdays
        Local dates.

    Returns
    -------
    Rows of contract, kind, is_overtime, is_night (where nights have a premium) and hours.

    Raises
    ------
    ParamsError
        For a contract without pay.
    SchemaError
        For columns and numbers that are missing or negative, and for an interval that runs across
        midnight, or into or out of the night: it would be paid by its start alone.
    """
    _check(hours)
    codes, names = pd.factorize(hours["contract"], sort=True)
    _refuse_unknown([str(name) for name in names], params)
    kind = day_kinds(hours["local"], params.rest_days, holidays, makeup_workdays)
    night = np.zeros(len(hours), dtype="bool")
    for premiums in {params.premiums_of(str(name)) for name in names}:
        its = np.isin(codes, [i for i, n in enumerate(names) if params.premiums_of(n) == premiums])
        rows = hours if its.all() else hours[its]
        _refuse_straddling(rows, premiums)
        night[its] = (premiums.night > 1) & at_night(rows["local"], premiums)
    overtime = hours["is_overtime"].to_numpy(dtype="bool")
    cell = ((codes * len(KINDS) + kind) * 2 + overtime) * 2 + night
    sums = np.bincount(cell, hours["hours"].to_numpy(dtype="float64"))
    found = np.flatnonzero(sums)
    return pd.DataFrame(
        {
            "contract": np.asarray(names, dtype="object")[found // (4 * len(KINDS))],
            "kind": np.array(KINDS, dtype="object")[found // 4 % len(KINDS)],
            "is_overtime": (found // 2 % 2).astype("bool"),
            "is_night": (found % 2).astype("bool"),
            "hours": sums[found],
        }
    ).astype({"contract": "str", "kind": "str"})


def hour_rates(
    local: pd.Series,
    minutes: pd.Series,
    contract: str,
    params: CostsParams,
    *,
    holidays: Collection[date] = (),
    makeup_workdays: Collection[date] = (),
) -> npt.NDArray[np.float64]:
    """Return what one paid hour of a contract costs in each interval, at its usual hours.

    Parameters
    ----------
    local, minutes
        Wall time at which each interval starts, and its length.
    contract, params, holidays, makeup_workdays
        As in ``hours_by_rate``.

    Raises
    ------
    ParamsError, SchemaError
        As ``hours_by_rate``.

    Examples
    --------
    >>> params = CostsParams(currency="CNY", contracts={"full": {"pay_per_hour": 30}})
    >>> days = pd.Series(pd.to_datetime(["2024-10-01 10:00", "2024-10-08 10:00"]))
    >>> half_hours = pd.Series([30.0, 30.0])
    >>> hour_rates(days, half_hours, "full", params, holidays=[date(2024, 10, 1)]).tolist()
    [90.0, 30.0]
    """
    _refuse_unknown([contract], params)
    premiums = params.premiums_of(contract)
    rows = pd.DataFrame({"contract": contract, "local": local, "minutes": minutes})
    _refuse_straddling(rows, premiums)
    kind = day_kinds(local, params.rest_days, holidays, makeup_workdays)
    night = (premiums.night > 1) & at_night(local, premiums)
    times = np.array(
        [
            [multiplier(premiums, name, overtime=False, night=dark) for dark in (False, True)]
            for name in KINDS
        ]
    )
    return np.asarray(params.contracts[contract].pay_per_hour * times[kind, night.astype("int64")])


def _minute(local: pd.Series) -> Ints:
    return np.asarray(local.to_numpy(dtype="datetime64[m]").astype("int64"))


def _days(dates: Collection[date]) -> Ints:
    return np.array(sorted(dates), dtype="datetime64[D]").astype("int64")


def _clock(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _check(hours: pd.DataFrame) -> None:
    lacking = [name for name in HOURS if name not in hours]
    if lacking:
        raise SchemaError(f"hours must have columns {', '.join(HOURS)}; without {lacking}")
    if hours["local"].dtype.kind != "M" or hours["local"].dt.tz is not None:
        raise SchemaError(
            f"hours: local must be wall time without a zone; found {hours['local'].dtype}"
        )
    if len(hours) and hours["is_overtime"].dtype != "bool":
        raise SchemaError(f"hours: is_overtime must be bool; found {hours['is_overtime'].dtype}")
    paid, minutes = hours["hours"].to_numpy("float64"), hours["minutes"].to_numpy("float64")
    bad = ~(np.isfinite(paid) & (paid >= 0) & (minutes > 0)) | hours["local"].isna().to_numpy()
    bad |= hours["contract"].isna().to_numpy()
    if bad.any():
        raise SchemaError(
            "hours must have a contract, a local time, minutes > 0 and finite hours >= 0; "
            f"{int(bad.sum())} rows have not, first {hours[bad].iloc[0].to_dict()}"
        )


def _refuse_unknown(names: list[str], params: CostsParams) -> None:
    unknown = [name for name in names if name not in params.contracts]
    if unknown:
        raise ParamsError(
            f"costs.contracts must have pay for {', '.join(map(repr, unknown))}, which has hours; "
            f"found {', '.join(params.contracts)}"
        )


def _refuse_straddling(hours: pd.DataFrame, premiums: Premiums) -> None:
    start = _minute(hours["local"]) % DAY_MIN
    end = start + hours["minutes"].to_numpy(dtype="float64")
    edges = {DAY_MIN}
    if premiums.night > 1:
        edges |= {_clock(premiums.night_from), _clock(premiums.night_until)}
    for edge in sorted(edges):
        across = (start < edge) & (end > edge)
        if across.any():
            first = hours[across].iloc[0]
            raise SchemaError(
                f"hours: an interval must not run across {edge // 60:02d}:{edge % 60:02d}, where "
                f"pay may change; {int(across.sum())} do, first {first['contract']} at "
                f"{first['local']} of {first['minutes']:g} min. Give shorter intervals"
            )
