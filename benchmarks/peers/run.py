"""Peers' forecasts at past cutoffs of a centre, made once and kept.

In the folder benchmarks: python -m peers.run --centre VANAD --dates 2014-05-05:2014-06-02:7
"""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from centres import CENTRES, Centre
from threadpoolctl import threadpool_limits

from forecast.accuracy import coverage_80, wape
from forecast.console import run
from forecast.errors import ForecastError
from forecast.features import known_at
from forecast.origins import ahead_of, horizon_names
from forecast.params import MIN_OPEN_DAYS
from forecast.schema import SERIES, SeriesKey, as_known, by_series, of_series
from peers import LEVELS, PEERS, quietly
from peers.base import open_rows
from peers.keep import file_of, write

AHEAD_DAYS = 28
"""Days that every peer forecasts, whatever is asked for: what is kept serves all horizons."""
INPUTS = [
    "ds",
    "y",
    "open_min",
    "date",
    "slot_min",
    "weekday",
    "gap_days",
    "after_closure",
    "before_closure",
    "month_day",
    "month_left",
    "holiday_open",
]
"""What peers are given of FEATURES; a new column there leaves what is kept as it is."""
SCORED = ["q05", "q10", "q25", "q50", "q75", "q90", "q95"]
"""Quantiles that the table's pinball loss is over."""
COLUMNS = [*SERIES, "ds", "cutoff", "horizon", "model", "open_min", "y", "mean", *LEVELS, "seconds"]
When = Mapping[SeriesKey, Sequence[pd.Timestamp]] | Sequence[pd.Timestamp]


@dataclass(frozen=True)
class Task:
    """One series at one cutoff: what was known then, and the peers to forecast it."""

    series: SeriesKey
    cutoff: pd.Timestamp
    train: pd.DataFrame
    ahead: pd.DataFrame
    names: tuple[str, ...]
    seed: int


def peer_rows(
    centre: Centre,
    when: When,
    horizons: Mapping[str, int],
    names: Iterable[str] | None = None,
    *,
    cache: Path | None = None,
    processes: int = 2,
) -> pd.DataFrame:
    """Return what peers would have forecast at past cutoffs, and what came.

    Parameters
    ----------
    centre
        FEATURES and settings; the seed is the settings'.
    when
        Local dates for all series, each from its first interval on or after that date; or the
        cutoffs of each series. A series with fewer than ``MIN_OPEN_DAYS`` reported days before a
        cutoff, or none open after it, is left out there.
    horizons
        Buckets of the lead, as ``backtest.horizons``; 28 days at most.
    names
        Peers by their printed names; None: all.
    cache
        Folder in which every forecast is kept; None: nothing is.
    processes
        How many work at a time; 1: this one.

    Returns
    -------
    pandas.DataFrame
        Rows of open intervals whose count came: site, queue, channel, ds, cutoff, horizon, model,
        open_min, y, mean, the quantiles, and the seconds that the peer took for the series and
        cutoff.

    Raises
    ------
    ForecastError
        When a name is no peer's or is not installed, or a horizon is too long.
    """
    chosen = tuple(PEERS if names is None else names)
    unknown = [name for name in chosen if name not in PEERS]
    if unknown:
        raise ForecastError(f"no peers here: {', '.join(unknown)}; there are: {', '.join(PEERS)}")
    if max(horizons.values()) > AHEAD_DAYS:
        raise ForecastError(
            f"peers forecast {AHEAD_DAYS} days; shorten the horizons {dict(horizons)}"
        )
    tasks = list(tasks_of(centre, when, chosen))
    parts = [
        _scored(task, made, centre.features, horizons)
        for task, made in _worked(tasks, cache, processes)
    ]
    if not parts:
        raise ForecastError("no series has enough history before any of these cutoffs")
    rows = pd.concat(parts, ignore_index=True)
    return rows.sort_values([*SERIES, "cutoff", "model", "ds"], ignore_index=True)


def tasks_of(centre: Centre, when: When, names: tuple[str, ...]) -> Iterator[Task]:
    """Yield every series at each of its cutoffs, with what was known then."""
    for series, own in by_series(centre.features):
        for cutoff in _cutoffs(own, series, when):
            known = known_at(own, cutoff)
            train = known[known["ds"] < cutoff]
            seen = train[(train["open_min"] > 0) & train["y"].notna()]
            ahead = ahead_of(known, cutoff, {"all": AHEAD_DAYS})
            if seen["date"].nunique() >= MIN_OPEN_DAYS and (ahead["open_min"] > 0).any():
                told = train[INPUTS], ahead[INPUTS]
                yield Task(series, cutoff, *told, names, centre.params.seed)


def _cutoffs(own: pd.DataFrame, series: SeriesKey, when: When) -> list[pd.Timestamp]:
    if isinstance(when, Mapping):
        return list(when.get(series, []))
    found = (own.loc[own["date"] >= date, "ds"].min() for date in when)
    return [pd.Timestamp(cutoff) for cutoff in found if not pd.isna(cutoff)]


def _worked(
    tasks: list[Task], cache: Path | None, processes: int
) -> Iterator[tuple[Task, pd.DataFrame]]:
    """Yield tasks and what the peers made of them, a line of progress for each."""
    if processes == 1:
        for number, task in enumerate(tasks, 1):
            made = work(task, cache)
            _report(task, made, number, len(tasks))
            yield task, made
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        jobs = {pool.submit(work, task, cache): task for task in tasks}
        for number, job in enumerate(as_completed(jobs), 1):
            _report(jobs[job], job.result(), number, len(tasks))
            yield jobs[job], job.result()


def _report(task: Task, made: pd.DataFrame, number: int, of: int) -> None:
    seconds = made.groupby("model")["seconds"].first().sum()
    about = f"{'/'.join(task.series)} {task.ahead['date'].min():%Y-%m-%d}"
    line = f"{number} of {of}: {about}, peers took {seconds:.1f} s"
    print(line, file=sys.stderr, flush=True)


def work(task: Task, cache: Path | None) -> pd.DataFrame:
    """Return the forecasts of a task's peers, from the cache or made now: by ds and model."""
    return pd.concat([_one(task, name, cache) for name in task.names], ignore_index=True)


def _one(task: Task, name: str, cache: Path | None) -> pd.DataFrame:
    data = (task.train, task.ahead)
    if cache is None:
        return _made(task, name)
    file = cache / file_of(name, PEERS[name], task.series, task.cutoff, task.seed, data)
    if not file.exists():
        write(_made(task, name), file)
    return pd.read_parquet(file)


def _made(task: Task, name: str) -> pd.DataFrame:
    began = time.perf_counter()
    try:
        with quietly(), threadpool_limits(1):
            answer = PEERS[name](task.train, task.ahead, seed=task.seed)
    except Exception as error:  # whatever a library raises: what it was about is said as well
        where = f"{'/'.join(task.series)} at {task.cutoff}"
        raise ForecastError(f"{name}, {where}: {type(error).__name__}: {error}") from error
    seconds = time.perf_counter() - began
    rows = open_rows(task.ahead).loc[answer.index, ["ds", "lead", "open_min"]]
    return rows.join(answer).assign(model=name, seconds=seconds).reset_index(drop=True)


def _scored(
    task: Task, made: pd.DataFrame, features: pd.DataFrame, horizons: Mapping[str, int]
) -> pd.DataFrame:
    """Return the rows within the horizons whose count came, with it."""
    came = as_known(of_series(features, task.series)).set_index("ds")["y"]
    rows = made[made["lead"] <= max(horizons.values())]
    rows = rows.assign(y=rows["ds"].map(came)).dropna(subset="y")
    named = dict(zip(SERIES, task.series, strict=True))
    horizon = horizon_names(rows["lead"].to_numpy(), horizons)
    return rows.assign(**named, cutoff=task.cutoff, horizon=horizon)[COLUMNS]


def table(rows: pd.DataFrame) -> list[str]:
    """Return lines of pinball loss, WAPE and coverage by bucket of the lead, a line per peer.

    ``seconds`` is the mean that a peer takes for one series at one cutoff.
    """
    buckets = list(rows["horizon"].drop_duplicates())
    heads = [f"{b}: pinball | WAPE | 80 % covers" for b in buckets]
    lines = [f"| peer | {' | '.join(heads)} | seconds |", "|---" * (2 + 3 * len(buckets)) + "|"]
    by_name = dict(iter(rows.groupby("model")))
    for name in [name for name in PEERS if name in by_name]:
        own, cells = by_name[name], []
        for bucket in buckets:
            part = own[own["horizon"] == bucket]
            cells.append(f"{_pinball(part):.3f} | {wape(part):.2%} | {coverage_80(part):.1%}")
        seconds = own.drop_duplicates([*SERIES, "cutoff"])["seconds"].mean()
        lines.append(f"| {name} | {' | '.join(cells)} | {seconds:.1f} |")
    return lines


def _pinball(rows: pd.DataFrame) -> float:
    error = rows["y"].to_numpy()[:, None] - rows[SCORED].to_numpy()
    level = np.array([LEVELS[name] for name in SCORED])
    return float(np.maximum(level * error, (level - 1) * error).mean())


def dates_of(centre: Centre, period: str, *, open_days: bool) -> list[pd.Timestamp]:
    """Return the dates of a period written first:last:every, all days or the open ones counted."""
    try:
        first, last, every = period.split(":")
        days = pd.date_range(first, last, freq="D", unit="us")
        step = int(every)
    except ValueError as error:
        raise ForecastError(
            f"--dates is '{period}'; write the first day, the last and the step, for instance "
            "2014-05-05:2014-06-02:7"
        ) from error
    if open_days:
        told = as_known(centre.features)
        days = days[days.isin(told.loc[told["open_min"] > 0, "date"])]
    return list(days[::step])


def main(
    centre: Annotated[str, typer.Option(help="as benchmarks/centres.py names it")],
    dates: Annotated[str, typer.Option(help="cutoffs: first:last:every, local days")],
    cache: Annotated[Path | None, typer.Option(help="folder to keep the forecasts in")] = None,
    open_days: Annotated[bool, typer.Option(help="count open days only")] = False,
    processes: Annotated[int, typer.Option(help="how many work at a time")] = 2,
    peer: Annotated[list[str] | None, typer.Option(help="one of them; may be repeated")] = None,
) -> None:
    """Make the peers' forecasts of a centre, keep them and print how accurate they were."""
    if centre not in CENTRES:
        raise ForecastError(f"no centre '{centre}'; there are: {', '.join(CENTRES)}")
    built = CENTRES[centre]()
    when = dates_of(built, dates, open_days=open_days)
    horizons = built.params.backtest.horizons
    rows = peer_rows(built, when, horizons, peer, cache=cache, processes=processes)
    print("\n".join([f"## {centre}, {rows['cutoff'].nunique()} cutoffs", "", *table(rows)]))


if __name__ == "__main__":
    run(main)
