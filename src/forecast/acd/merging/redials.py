"""The demand behind the counts: who called for the first time, and who called again unanswered.

One customer who gives up twice and is answered the third time is three offered contacts and one
need. Where calls carry a caller the attempts are counted; where only sums exist they are estimated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from forecast.acd.merging.fold import starts_of
from forecast.errors import InputError, SchemaError, listed
from forecast.schema import SERIES, UTC

Bools = npt.NDArray[np.bool_]
CONTROL_WEEKS: Final = (-2, -1, 1, 2)
"""Where to look for calls that would have come anyway: same weekday, same time, other weeks."""
_WEEK_US: Final = 7 * 86_400_000_000
_TEXT = dict.fromkeys((*SERIES, "caller"), "str")
_DTYPES = {**_TEXT, "arrived": UTC, "answered": "bool", "wait_s": "float64"}


@dataclass(frozen=True)
class RedialEstimate:
    """How often a caller who gave up calls again within ``window_s``.

    ``probability`` lies within ``low`` and ``high`` (95 %); all are NaN without abandoned calls.
    ``coincidental`` is the share who would have called anyway, which ``probability`` leaves out;
    it is NaN, and nothing is left out, where the calls span too few weeks to see it. ``redialled``
    of the ``abandoned`` calls were followed by another, coincidence included; ``censored`` ones
    were too near the end to tell. ``unknown_share`` of all abandoned calls have no caller.
    """

    probability: float
    low: float
    high: float
    abandoned: int
    redialled: int
    censored: int
    callers: int
    coincidental: float
    unknown_share: float
    window_s: float


def attempts(calls: pd.DataFrame, window_s: float) -> pd.DataFrame:
    """Return the same rows with ``attempt``: 1 is a first attempt, 2 and more are redials.

    ``calls`` has one row per call that asked for an agent: site, queue, channel, arrived, answered,
    wait_s (until answered or abandoned) and caller ('' where unknown). A call is a redial when a
    call of the same caller, at the same site and channel and in any queue, was abandoned no more
    than ``window_s`` before it, or was still waiting, and no call of that caller was answered in
    between. An unknown caller's attempt is <NA>: it may be either.

    Raises
    ------
    SchemaError
        Listing columns that are missing, of another type, empty or out of bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> minutes = pd.to_timedelta([0, 4, 9, 12], unit="min").as_unit("us")
    >>> calls = pd.DataFrame({"site": "main", "queue": "sales", "channel": "voice",
    ...     "arrived": pd.Timestamp("2024-01-08 09:00Z").as_unit("us") + minutes,
    ...     "answered": [False, False, True, True], "wait_s": 60.0, "caller": "5e1f"})
    >>> attempts(calls, window_s=600)["attempt"].tolist()
    [1, 2, 3, 1]
    """
    known = _known(calls, window_s)
    values = pd.array([pd.NA] * len(calls), dtype="Int64")
    values[known["row"].to_numpy()] = known["attempt"].to_numpy()
    return calls.assign(attempt=values)


def redial_estimate(calls: pd.DataFrame, window_s: float) -> RedialEstimate:
    """Return the probability that an abandoned call is followed by a redial of its caller.

    Of the abandoned calls with a known caller and a whole window before the last call of their
    site and channel, p is the share whose caller's next call is a redial. Some of those would have
    called anyway: c is the share of the same windows, moved by one and two weeks to either side,
    in which the caller called without having just given up. When the two are independent,
    p = 1 - (1 - r)(1 - c), so r = (p - c) / (1 - c), and never below 0.

    The interval is Wilson's, with as many independent calls as the spread between callers leaves,
    and Student's t for few callers: one person who calls all day is one witness, not a hundred.

    Limits: redials later than ``window_s`` are not seen (a longer window shows what they add), nor
    those at another site, channel or number; hours closed and hours missing look like nobody
    calling; unknown callers are taken to behave like known ones.

    Examples
    --------
    >>> import pandas as pd
    >>> hours = pd.to_timedelta([0, 1, 2, 3, 4, 9], unit="h").as_unit("us")
    >>> calls = pd.DataFrame({"site": "main", "queue": "sales", "channel": "voice",
    ...     "arrived": pd.Timestamp("2024-01-08 09:00Z").as_unit("us") + hours,
    ...     "answered": [False, False, True, False, False, True], "wait_s": 60.0,
    ...     "caller": ["a", "a", "a", "b", "", "c"]})
    >>> found = redial_estimate(calls, window_s=3600)
    >>> found.abandoned, found.redialled, round(found.probability, 2), found.unknown_share
    (3, 2, 0.67, 0.25)
    """
    known = _known(calls, window_s)
    gave_up = known[~known["answered"]]
    window_us = round(window_s * 1e6)
    seen = gave_up[gave_up["end_us"] + window_us <= gave_up["last_us"]]
    anyway = _coincidental(seen, known, window_us)
    abandoned = int((~calls["answered"]).sum())
    return RedialEstimate(
        *_probability(seen, anyway),
        abandoned=len(seen),
        redialled=int(seen["redialled"].sum()),
        censored=len(gave_up) - len(seen),
        callers=seen["who"].nunique(),
        coincidental=float(anyway.mean()),
        unknown_share=1 - len(gave_up) / abandoned if abandoned else float("nan"),
        window_s=float(window_s),
    )


def first_attempts(
    calls: pd.DataFrame, window_s: float, minutes: int, zone_of: Callable[[str], ZoneInfo]
) -> pd.DataFrame:
    """Return what each interval's calls were: offered = first_attempts + redials + unknown.

    One row per site, queue, channel and ``ds`` (start in UTC) in which a call arrived; a redial
    counts where it arrived. ``unknown`` are calls of unknown callers, which may be either: where
    they are many, prefer ``behind_aggregates`` with the estimate from the known ones. Callers who
    would have called anyway within ``window_s`` of giving up are among the redials.

    Examples
    --------
    >>> import pandas as pd
    >>> at = pd.to_datetime(["2024-01-08 09:01Z", "2024-01-08 09:04Z", "2024-01-08 09:31Z"])
    >>> calls = pd.DataFrame({"site": "main", "queue": "sales", "channel": "voice", "wait_s": 60.0,
    ...     "arrived": at.as_unit("us"), "answered": [False, True, True], "caller": ["a", "a", ""]})
    >>> counts = first_attempts(calls, window_s=600, minutes=30, zone_of=lambda _: ZoneInfo("UTC"))
    >>> counts[["offered", "first_attempts", "redials", "unknown"]].values.tolist()
    [[2, 1, 1, 0], [1, 0, 0, 1]]
    """
    attempt = attempts(calls, window_s)["attempt"].fillna(0)
    marked = calls[list(SERIES)].assign(
        ds=starts_of(calls, "arrived", minutes, zone_of),
        offered=1,
        first_attempts=(attempt == 1).astype("int64"),
        redials=(attempt > 1).astype("int64"),
        unknown=(attempt == 0).astype("int64"),
    )
    return marked.groupby([*SERIES, "ds"], sort=True).sum().reset_index()


def behind_aggregates(history: pd.DataFrame, redial_probability: float) -> pd.DataFrame:
    """Return estimated ``first_attempts`` and ``redials`` where only sums per interval exist.

    first_attempts = offered - r x abandoned: every offered contact is a first attempt or a redial,
    and r of those who gave up come again. Assumed are one r for every attempt and hour, and
    redials that come soon, in the interval of the abandonment; by day this hardly matters. Callers
    who come back although they were answered stay in. Compare Ding, Koole and van der Mei (2015),
    On the estimation of the true demand in call centers with redials and reconnects, European
    Journal of Operational Research 246(1), 250-262.

    An abandonment may be counted later than its contact, so that r x abandoned exceeds offered.
    There the estimate is 0, and what it lacks is taken from the other intervals of the same UTC
    day in proportion: each day keeps its sum of offered - r x abandoned. The estimate is NaN where
    ``abandoned`` is unknown, and on a day whose sum is below 0.

    Examples
    --------
    >>> import pandas as pd
    >>> ds = pd.to_datetime(["2024-01-08 09:00Z", "2024-01-08 09:30Z"]).as_unit("us")
    >>> history = pd.DataFrame({"site": "main", "queue": "sales", "channel": "voice", "ds": ds,
    ...     "offered": [20, 30], "abandoned": [5.0, 10.0]})
    >>> behind_aggregates(history, redial_probability=0.4)["first_attempts"].tolist()
    [18.0, 26.0]
    """
    r = redial_probability
    if not 0 <= r <= 1:
        raise InputError(f"redial_probability must be a share from 0 to 1; found {r!r}")
    out = history[[*SERIES, "ds", "offered", "abandoned"]].reset_index(drop=True)
    net = out["offered"] - r * out["abandoned"]
    day = [*(out[c] for c in SERIES), out["ds"].dt.floor("D")]
    total = net.groupby(day).transform("sum")
    above = net.clip(lower=0).groupby(day).transform("sum")
    # Nothing above 0 is nothing to scale; sums of fractions may miss 0 by a rounding error.
    scale = (total.clip(lower=0) / above).where(above > 0, 1.0)
    first = (net.clip(lower=0) * scale).where(total > -1e-9)
    return out.assign(redials=out["offered"] - first, first_attempts=first)


def _check(calls: pd.DataFrame, window_s: float) -> None:
    if not 0 < window_s < np.inf:
        raise InputError(f"window_s must be a number of seconds above 0; found {window_s!r}")
    problems = [
        f"column '{c}' must be {dtype}; found {calls[c].dtype if c in calls else 'no such column'}"
        for c, dtype in _DTYPES.items()
        if c not in calls or calls[c].dtype != dtype
    ]
    if not problems:
        problems = [f"column '{c}' has empty values" for c in _DTYPES if calls[c].isna().any()]
    if not problems and not calls["wait_s"].between(0, np.inf, inclusive="left").all():
        found = f"{calls['wait_s'].min()} to {calls['wait_s'].max()}"
        problems = [f"column 'wait_s' must be >= 0 and finite; found {found}"]
    if problems:
        raise SchemaError(f"the calls to count attempts in break their rules:\n{listed(problems)}")


def _known(calls: pd.DataFrame, window_s: float) -> pd.DataFrame:
    """Return the calls of known callers, by caller and arrival, as numbers, with their attempts.

    ``redialled`` says that the caller's next call is a redial; only an abandoned call's can be.
    """
    _check(calls, window_s)
    known = _as_numbers(calls)[(calls["caller"] != "").to_numpy()]
    # Calls at one instant are told apart by what they are, so that the order of rows is no matter.
    keys = ("queue", "answered", "end_us", "arrived_us", "who")
    known = known.iloc[np.lexsort([known[key] for key in keys])].reset_index(drop=True)
    starts = (known["who"] != known["who"].shift()) | known["answered"].shift(fill_value=True)
    # The latest end of all calls since the last answer, because calls of one caller may overlap.
    latest = known["end_us"].groupby(starts.cumsum()).cummax().shift(fill_value=0)
    redial = ~starts & (known["arrived_us"] - latest <= round(window_s * 1e6))
    place = np.arange(len(known))
    attempt = place - np.maximum.accumulate(np.where(redial, 0, place)) + 1
    return known.assign(attempt=attempt, redialled=redial.shift(-1, fill_value=False))


def _as_numbers(calls: pd.DataFrame) -> pd.DataFrame:
    arrived_us = calls["arrived"].astype("int64").to_numpy()
    waited_us = np.rint(calls["wait_s"].to_numpy() * 1e6).astype("int64")
    span = pd.Series(arrived_us).groupby([calls[c].to_numpy() for c in ("site", "channel")])
    return pd.DataFrame(
        {
            "row": np.arange(len(calls)),
            # Not by queue: a redial may well land in another one.
            "who": calls.groupby(["site", "channel", "caller"]).ngroup().to_numpy(),
            "queue": pd.factorize(calls["queue"], sort=True)[0],
            "answered": calls["answered"].to_numpy(),
            "arrived_us": arrived_us,
            "end_us": arrived_us + waited_us,
            "first_us": span.transform("min").to_numpy(),
            "last_us": span.transform("max").to_numpy(),
        }
    )


def _coincidental(seen: pd.DataFrame, known: pd.DataFrame, window_us: int) -> pd.Series:
    """Return, per abandoned call, in what share of its control windows the caller called."""
    calling, within = np.zeros((2, len(seen)))
    low_us, high_us = known["first_us"].min(), known[["last_us", "end_us"]].max(axis=None)
    # One sorted number for caller and time; milliseconds leave room for ten million callers.
    stride = (high_us - low_us + window_us) // 1000 + 1 if len(known) else 1
    arrived = known["who"] * stride + (known["arrived_us"] - low_us) // 1000
    ended = known["who"] * stride + (known["end_us"] - low_us) // 1000
    gave_up = np.sort(ended[~known["answered"]])
    for weeks in CONTROL_WEEKS:
        shift_us = weeks * _WEEK_US
        begin = arrived[seen.index] + shift_us // 1000
        end = ended[seen.index] + (shift_us + window_us) // 1000
        early = seen["arrived_us"] + shift_us < seen["first_us"]
        late = seen["end_us"] + shift_us + window_us > seen["last_us"]
        # Where the caller gave up just before, the calls may be redials.
        valid = ~(early | late | _any_within(gave_up, begin - window_us // 1000, begin))
        calling += valid & _any_within(arrived, begin, end)
        within += valid
    return pd.Series(calling / np.where(within > 0, within, np.nan), seen.index)


def _any_within(times: npt.ArrayLike, begin: pd.Series, end: pd.Series) -> Bools:
    return np.searchsorted(times, end, "right") > np.searchsorted(times, begin, "left")


def _probability(seen: pd.DataFrame, anyway: pd.Series) -> tuple[float, float, float]:
    if seen.empty:
        return np.nan, np.nan, np.nan
    p = float(seen["redialled"].mean())
    c = float(anyway.mean()) if anyway.notna().any() else 0.0
    if c == 1:  # callers who call in every window say nothing about giving up
        return 0.0, 0.0, 1.0
    # What each call adds to the error of r, on the scale of p: c is an estimate as well.
    error = (seen["redialled"] - p) / len(seen)
    error -= (1 - p) / (1 - c) * (anyway - c).fillna(0) / max(anyway.count(), 1)
    low, high = _interval(p, error.groupby(seen["who"]).agg(["sum", "size"]))
    r, r_low, r_high = (max(share - c, 0.0) / (1 - c) for share in (p, low, high))
    return r, r_low, r_high


def _interval(p: float, callers: pd.DataFrame) -> tuple[float, float]:
    """Return Wilson's interval for a share whose errors are independent between callers only."""
    size = callers["size"].to_numpy(dtype="float64")
    witnesses = size.sum() ** 2 / (size**2).sum()
    if witnesses < 2:
        return 0.0, 1.0
    spread = (callers["sum"] ** 2).sum() * witnesses / (witnesses - 1)
    n = min(p * (1 - p) / spread, size.sum()) if 0 < p < 1 and spread > 0 else witnesses
    t = float(stats.t.ppf(0.975, witnesses - 1))  # 95 %, both sides
    centre = (p + t**2 / (2 * n)) / (1 + t**2 / n)
    half = t / (1 + t**2 / n) * np.sqrt(p * (1 - p) / n + t**2 / (4 * n**2))
    return max(float(centre - half), 0.0), min(float(centre + half), 1.0)
