"""REQUIREMENT in the forms that schedulers read. Files are written by ``store.write_csv``."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from forecast.capacity.shifts.templates import Shift, worked
from forecast.capacity.shifts.week import DAY_MIN, Week
from forecast.errors import InputError, listed
from forecast.schema import REQUIREMENT, SeriesKey, by_series

CANONICAL = ["scenario", "site", "queue", "channel", "ds", "interval_min", "offered", "aht_s"]
CANONICAL += ["agents", "scheduled_agents"]
CONNECT = ["QueueName", "QueueId", "ChannelType", "TimeStamp", "IntervalDuration"]
CONNECT += ["IncomingContactVolume", "AverageHandleTime"]
CHANNELS = {"voice": "VOICE", "chat": "CHAT"}
GENESYS_MIN = 15


def canonical(requirement: pd.DataFrame, interval_min: int) -> pd.DataFrame:
    """Return one row per series and interval: contacts, handle time, positions and people.

    ``ds`` is the interval's start in UTC; ``agents`` are on position, ``scheduled_agents`` include
    shrinkage. ``store.write_csv`` writes it, names of queues defused.
    """
    valid = _one_scenario(requirement)
    return valid.assign(interval_min=interval_min)[CANONICAL]


def connect_override(
    requirement: pd.DataFrame, queue_ids: Mapping[SeriesKey, str], interval_min: int
) -> pd.DataFrame:
    """Return the forecast override of Amazon Connect, for ``store.write_csv``.

    Connect takes contacts and handle time and computes its own staffing from them: what it does not
    take is the number of agents. Contacts must be whole; what rounding takes from one interval the
    next gets, so that the sum of a series is kept to within half a contact. A queue's name that a
    spreadsheet would run as a formula is defused in the file; Connect knows it by its id.

    Parameters
    ----------
    requirement
        REQUIREMENT of one scenario.
    queue_ids
        Connect's id of each series' queue: what follows ``/queue/`` in its ARN.
    interval_min
        15 or 30, as Connect is set.

    Raises
    ------
    InputError
        When a series has no id, or Connect has no such interval or channel.

    References
    ----------
    Amazon Connect Administrator Guide, "Override a forecast",
    docs.aws.amazon.com/connect/latest/adminguide/override-forecast.html: the seven columns,
    ``CHAT`` or ``VOICE``, ISO 8601 in UTC, ``15mins`` or ``30mins``. The exact form of the
    timestamp is not said there; it is written as 2024-01-31T08:00:00Z.
    """
    if interval_min not in {15, 30}:
        raise InputError(f"Amazon Connect has intervals of 15 or 30 min; found {interval_min}")
    valid = _one_scenario(requirement)
    _refuse_unknown(valid, queue_ids, "Amazon Connect queue id")
    parts = []
    for key, own in by_series(valid):
        channel = CHANNELS.get(key[2])
        if channel is None:
            raise InputError(
                f"Amazon Connect overrides channels {', '.join(CHANNELS)}; found '{'/'.join(key)}'"
            )
        running = np.round(own["offered"].cumsum().to_numpy()).astype("int64")
        parts.append(
            pd.DataFrame(
                {
                    "QueueName": key[1],
                    "QueueId": queue_ids[key],
                    "ChannelType": channel,
                    "TimeStamp": own["ds"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").to_numpy(),
                    "IntervalDuration": f"{interval_min}mins",
                    "IncomingContactVolume": np.diff(running, prepend=0),
                    "AverageHandleTime": own["aht_s"].round().astype("int64").to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)[CONNECT]


def genesys_forecast(
    requirement: pd.DataFrame,
    planning_groups: Mapping[SeriesKey, str],
    week_start: pd.Timestamp,
    interval_min: int,
    *,
    description: str = "imported forecast",
) -> dict[str, Any]:
    """Return the body of Genesys Cloud's import of a short-term forecast, for one week, as JSON.

    No way to import a *staffing requirement* into Genesys Cloud could be verified: its public
    interface only gives staffing requirements out (``shorttermforecasts/{id}/staffingrequirement``)
    and computes them from contacts and handle time. This is therefore the import of the forecast
    behind the requirement, not of the agents. Contacts of longer intervals are spread evenly over
    their quarter-hours; series of one planning group are added, handle times weighted by contacts.

    Parameters
    ----------
    requirement
        REQUIREMENT of one scenario.
    planning_groups
        Genesys' planning group id of each series.
    week_start
        Start of the business unit's week. Seven days of 24 hours are written; how a week with a
        change of clocks is imported could not be verified.
    interval_min
        Length of the intervals, a multiple of 15.
    description
        What the forecast is called.

    Raises
    ------
    InputError
        When a series has no planning group, or intervals are no multiple of 15 min.

    References
    ----------
    Genesys' own SDK documentation, model ``ForecastPlanningGroupData`` (MyPureCloud on GitHub):
    ``planningGroupId``, ``offeredPerInterval`` and ``averageHandleTimeSecondsPerInterval``, by
    quarter-hour. The keys around them (``description``, ``weekCount``, ``canUseForScheduling``)
    could not be verified with Genesys: they are those of a public program that uses the interface.
    There the body goes compressed (gzip) to the address that
    ``.../shorttermforecasts/import/uploadurl`` gives.
    """
    if interval_min % GENESYS_MIN:
        raise InputError(f"Genesys takes quarter-hours; {interval_min} min is no multiple of 15")
    valid = _one_scenario(requirement)
    _refuse_unknown(valid, planning_groups, "Genesys planning group id")
    parts = interval_min // GENESYS_MIN
    first = np.round((valid["ds"] - week_start) / pd.Timedelta(minutes=GENESYS_MIN)).astype("int64")
    quarters = 7 * DAY_MIN // GENESYS_MIN
    groups: dict[str, Any] = {}
    keys = valid[["site", "queue", "channel"]].itertuples(index=False, name=None)
    rows = zip(keys, first, valid["offered"], valid["aht_s"], strict=True)
    for key, start, offered, aht_s in rows:
        sums = groups.setdefault(planning_groups[key], np.zeros((2, quarters)))
        at = np.arange(start, start + parts)
        at = at[(at >= 0) & (at < quarters)]
        sums[:, at] += np.array([[offered / parts], [offered / parts * aht_s]])
    told = [
        {
            "planningGroupId": name,
            "offeredPerInterval": np.round(sums[0], 2).tolist(),
            "averageHandleTimeSecondsPerInterval": np.round(
                sums[1] / np.where(sums[0] > 0, sums[0], 1.0), 2
            ).tolist(),
        }
        for name, sums in groups.items()
    ]
    return {
        "description": description,
        "weekCount": 1,
        "planningGroups": told,
        "canUseForScheduling": True,
    }


def pyworkforce_input(
    requirement: pd.DataFrame, interval_min: int, shifts: Sequence[Shift], *, heads_max: int
) -> dict[str, Any]:
    """Return the arguments of pyworkforce's ``MinAbsDifference`` and ``MinRequiredResources``.

    People to schedule are summed over all series; days and shifts are of UTC, and intervals that
    REQUIREMENT does not have require nobody. Shifts over midnight wrap within the day, as they do
    there.

    Parameters
    ----------
    requirement
        REQUIREMENT of one scenario.
    interval_min
        Length of its intervals.
    shifts
        Shifts of a day.
    heads_max
        Most heads at once, and most on one shift.

    References
    ----------
    rodrigo-arenas/pyworkforce on GitHub, examples/shifts/min_abs_difference.py: rows are days,
    entries periods of the day; a shift has 1 in the periods that it covers.
    """
    valid = _one_scenario(requirement)
    week = Week(interval_min)
    periods = DAY_MIN // interval_min
    day = valid["ds"].dt.floor("D")
    days = pd.date_range(day.min(), day.max(), freq="D")
    minute = (valid["ds"] - day) / pd.Timedelta(minutes=interval_min)
    if (minute % 1 != 0).any():
        raise InputError(f"requirement has intervals that are not of {interval_min} min")
    need = np.zeros((len(days), periods), dtype="int64")
    at = ((day - days[0]) / pd.Timedelta(days=1)).astype("int64").to_numpy()
    np.add.at(need, (at, minute.astype("int64").to_numpy()), valid["scheduled_agents"].to_numpy())
    covered = {
        shift.name: worked(shift, 0, week, 0).on.reshape(7, periods).any(axis=0).astype("int64")
        for shift in shifts
    }
    return {
        "num_days": len(days),
        "periods": periods,
        "shifts_coverage": {name: on.tolist() for name, on in covered.items()},
        "required_resources": need.tolist(),
        "max_period_concurrency": heads_max,
        "max_shift_concurrency": heads_max,
    }


def _one_scenario(requirement: pd.DataFrame) -> pd.DataFrame:
    valid = REQUIREMENT.validate(requirement)
    scenarios = sorted(set(valid["scenario"]))
    if len(scenarios) != 1:
        raise InputError(
            f"an export must be of one scenario; found {', '.join(scenarios) or 'none'}"
        )
    return valid


def _refuse_unknown(valid: pd.DataFrame, ids: Mapping[SeriesKey, str], what: str) -> None:
    lacking = ["/".join(key) for key, _ in by_series(valid) if key not in ids]
    if lacking:
        raise InputError(f"no {what} was given for:\n{listed(lacking)}")
