"""Call-level records: a grid -> one typed row per call, whoever called and answered left out."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecast.acd.profile import Moment
from forecast.acd.sheets.fields import Context, number_of
from forecast.acd.sheets.grid import Texts
from forecast.acd.sheets.moments import Stamps, absent_rows, stamps_of, utc_of, with_second
from forecast.acd.sheets.privacy import keyed, numbered
from forecast.acd.sheets.reading import Reading, categories, left_out_rows, names_of, settle
from forecast.schema import UTC

LONG_CALL_S = 4 * 3600
NO_AGENT = ("", "NO_SERVER", "NONE", "NULL")
DURATIONS = ("wait_s", "talk_s", "hold_s", "wrap_s", "ivr_s")
Names = dict[str, tuple[np.ndarray, np.ndarray]]


def read_calls(ctx: Context) -> Reading:
    """Return the rows of a call-level report.

    Columns beside those of every reading: ``arrived`` and ``entered`` (UTC), ``answered``,
    ``abandoned`` (0/1), ``wait_s``, ``talk_s``, ``hold_s``, ``wrap_s``, ``ivr_s``, ``busy_from``,
    ``busy_to`` (UTC; the agent's time), ``agent`` (a number), ``caller`` (a hash) and ``call_id``.
    """
    profile, names = ctx.profile, names_of(ctx)
    ignored = left_out_rows(ctx)
    gone = np.any(list(ignored.values()), axis=0)
    noticed: dict[str, tuple[int, str]] = {}
    answered, abandoned, no_customer = (mask & ~gone for mask in _outcomes(ctx, gone))
    ignored["not_offered"] = no_customer
    arrived = _moment(ctx, profile.arrived, names, gone, noticed, answered, abandoned)
    entered = _moment(ctx, profile.entered, names, gone, noticed)
    nothing = arrived.isna().to_numpy() & ~gone & ~no_customer & ~_bad(ctx, "queue")
    if profile.entered:
        ignored["self_service"] = nothing & ~answered
        nothing &= answered
    ctx.problems.add(nothing, _column(ctx, profile.arrived), "must not be empty")
    answered_at = _moment(ctx, profile.answered_at, names, gone, noticed, since=arrived)
    began = answered_at.where(answered_at.notna(), arrived)
    ended_at = _moment(ctx, profile.ended_at, names, gone, noticed, since=began)
    released_at = _moment(ctx, profile.released_at, names, gone, noticed, since=began)
    # Who transfers a call takes the next one, while the caller talks on with somebody else.
    released_at = released_at.where(released_at.notna(), ended_at)
    rows = pd.DataFrame(
        {
            "line": ctx.grid.lines,
            **categories(names),
            "offered": (~np.any(list(ignored.values()), axis=0)).astype("float64"),
            "arrived": arrived,
            "entered": entered if profile.entered else arrived,
            "answered": answered.astype("float64"),
            "abandoned": abandoned.astype("float64"),
            **_durations(ctx, arrived, answered_at, released_at, ended_at, answered, noticed),
            "agent": numbered(_texts(ctx, "agent"), ctx.size, (*profile.missing, *NO_AGENT)),
            "caller": _callers(ctx),
            "caller_no": numbered(_texts(ctx, "caller"), ctx.size, ()),
            "call_id": _ids(ctx),
        }
    )
    rows = rows.assign(**_busy(rows, answered_at, released_at))
    return settle(ctx, rows, ignored, noticed)


def _outcomes(ctx: Context, gone: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return by row: answered, abandoned, no customer."""
    profile = ctx.profile
    none = np.zeros(ctx.size, dtype=bool)
    if profile.outcome is None:
        absent = [absent_rows(ctx, moment) for moment in profile.answered_at or []]
        answered = ~np.logical_and.reduce(absent)
        return answered, ~answered, none
    texts = ctx.grid.texts(profile.outcome.column)
    if texts is None or not len(texts):
        return none, none, none
    words = (profile.outcome.answered, profile.outcome.abandoned, profile.outcome.not_offered)
    answered, abandoned, other = (texts.spread(texts.distinct.isin(w).to_numpy()) for w in words)
    strange = ~(answered | abandoned | other) & ~gone
    known = ", ".join(w for group in words for w in group)
    ctx.problems.add(strange, ctx.header(profile.outcome.column), f"must be one of {known}", texts)
    return answered, abandoned, other


def _moment(
    ctx: Context,
    moments: Sequence[Moment] | None,
    names: Names,
    gone: np.ndarray,
    noticed: dict[str, tuple[int, str]],
    answered: np.ndarray | None = None,
    abandoned: np.ndarray | None = None,
    since: pd.Series | None = None,
) -> pd.Series:
    """Return a point of time in UTC by row: the first of the alternatives that applies."""
    out = pd.Series(pd.NaT, index=range(ctx.size), dtype=UTC)
    for moment in moments or []:
        stamps = stamps_of(ctx, moment, required=False)
        only = {"answered": answered, "abandoned": abandoned, None: None}[moment.only]
        wall = stamps.wall.mask(gone if only is None else gone | ~only)
        utc, twice, never = utc_of(stamps, wall, names["site"], ctx.params)
        ctx.problems.add(
            never, stamps.column, "does not exist: clocks are set forward over it", stamps.texts
        )
        if twice.any() and since is not None:
            # What came before its own beginning was in the second of the two hours.
            late = np.flatnonzero(twice & (utc < since).to_numpy())
            utc = with_second(utc, wall, late, stamps, names["site"], ctx.params)
        elif twice.any():
            utc = _folded(ctx, stamps, wall, utc, twice, names, noticed)
        out = out.where(out.notna(), utc)
    return out


def _folded(
    ctx: Context,
    stamps: Stamps,
    wall: pd.Series,
    utc: pd.Series,
    twice: np.ndarray,
    names: Names,
    noticed: dict[str, tuple[int, str]],
) -> pd.Series:
    """Return UTC with calls of the second occurrence of the doubled hour put there.

    A log in the order of its calls jumps back by an hour once, when the clocks do.
    """
    out = utc
    days = wall.dt.normalize()
    for day in days[twice].unique():
        of_day = np.flatnonzero((days == day).to_numpy())
        step, both = wall[of_day].diff(), twice[of_day]
        both = both & np.r_[False, both[:-1]]
        back = np.flatnonzero((step < -pd.Timedelta(minutes=30)).to_numpy() & both)
        forward = (step > pd.Timedelta(0)).sum() > (step < pd.Timedelta(0)).sum()
        if len(back) != 1 or not forward:
            count = int(twice[of_day].sum())
            noticed["clock_change"] = (
                count,
                f"{count} calls came in the hour that comes twice when the clocks are set back; "
                "the file does not tell which of the two, so they were taken as the first",
            )
            continue
        second = of_day[back[0] :]
        second = second[twice[second]]
        out = with_second(out, wall, second, stamps, names["site"], ctx.params)
    return out


def _bad(ctx: Context, but: str) -> np.ndarray:
    """Return by row whether it has a problem in a column other than that of one field."""
    source = ctx.profile.columns.get(but)
    column = ctx.header(source.column) if source and source.column else ""
    found = ctx.problems.frame()
    out = np.zeros(ctx.size, dtype=bool)
    out[found.loc[found["column"] != column, "row"].to_numpy(dtype="int64")] = True
    return out


def _column(ctx: Context, moments: Sequence[Moment] | None) -> str:
    names = moments[0].column if moments else [""]
    return " + ".join(ctx.header(n.split("|")) for n in names)


def _texts(ctx: Context, name: str) -> Texts | None:
    source = ctx.profile.columns.get(name)
    return ctx.grid.texts(source.column) if source and source.column else None


def _callers(ctx: Context) -> np.ndarray:
    texts = _texts(ctx, "caller")
    if texts is None or not len(texts):
        return np.full(ctx.size, "", dtype=object)
    hashes = keyed(texts.distinct, ctx.caller_key, (*ctx.profile.missing, "0"))
    return texts.spread(np.array(hashes, dtype=object))


def _ids(ctx: Context) -> np.ndarray:
    texts = _texts(ctx, "call_id")
    if texts is None or not len(texts):
        return np.full(ctx.size, "", dtype=object)
    return texts.spread(texts.distinct.to_numpy())


def _durations(
    ctx: Context,
    arrived: pd.Series,
    answered_at: pd.Series,
    released_at: pd.Series,
    ended_at: pd.Series,
    answered: np.ndarray,
    noticed: dict[str, tuple[int, str]],
) -> dict[str, np.ndarray]:
    """Return wait, talk, hold, wrap and IVR time, given or told from the points of time."""
    given = {name: number_of(ctx, name, negative=True) for name in DURATIONS}
    if "wait_s" not in ctx.profile.columns:
        left = answered_at.where(answered, ended_at)
        given["wait_s"] = _seconds(arrived, left)
    if "talk_s" not in ctx.profile.columns:
        given["talk_s"] = _seconds(answered_at, released_at)
    for name in ("talk_s", "hold_s", "wrap_s"):
        given[name] = np.where(answered, given[name], np.nan)
    out = {name: _not_negative(name, values, noticed) for name, values in given.items()}
    _notice_talk(out["talk_s"], answered, noticed)
    return out


def _seconds(start: pd.Series, end: pd.Series) -> np.ndarray:
    return (end - start).dt.total_seconds().to_numpy(dtype="float64")


def _not_negative(name: str, values: np.ndarray, noticed: dict[str, tuple[int, str]]) -> np.ndarray:
    bad = values < 0
    if bad.any():
        noticed[f"negative_{name}"] = (
            int(bad.sum()),
            f"{int(bad.sum())} calls have a {name} below zero; it was taken as not known, and the "
            "calls stay in",
        )
    return np.where(bad, np.nan, values)


def _notice_talk(
    talk_s: np.ndarray, answered: np.ndarray, noticed: dict[str, tuple[int, str]]
) -> None:
    long = int((talk_s > LONG_CALL_S).sum())
    if long:
        noticed["long_call"] = (
            long,
            f"{long} calls of more than {LONG_CALL_S // 3600} hours, the longest of "
            f"{np.nanmax(talk_s) / 3600:.1f}; they stay in",
        )
    endless = int((answered & np.isnan(talk_s)).sum())
    if endless and np.isfinite(talk_s).any():
        noticed["no_end"] = (
            endless,
            f"{endless} answered calls have no end, or no talk time; they count as answered, and "
            "the talk time of their intervals is not known",
        )


def _busy(
    rows: pd.DataFrame, answered_at: pd.Series, released_at: pd.Series
) -> dict[str, pd.Series]:
    """Return when the agent of each answered call was busy with it."""
    wait = pd.to_timedelta(rows["wait_s"], unit="s")
    begin = answered_at.where(answered_at.notna(), rows["arrived"] + wait)
    lasted = rows[["talk_s", "hold_s"]].sum(axis=1, min_count=1)
    end = released_at.where(released_at.notna(), begin + pd.to_timedelta(lasted, unit="s"))
    end = end + pd.to_timedelta(rows["wrap_s"].fillna(0), unit="s")
    sane = (rows["answered"] > 0) & (end >= begin) & (rows["agent"] >= 0)
    return {"busy_from": begin.where(sane).astype(UTC), "busy_to": end.where(sane).astype(UTC)}
