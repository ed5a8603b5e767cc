"""How well a day's service level is known without simulating it, and how long it takes.

`python benchmarks/queueing_time.py` simulates a few days, asks SIPP, lagged SIPP, the modified
offered load and the transient chain for the same days, times the chain and the simulator, and
writes benchmarks/queueing_time.md. Seeds are fixed; only the times differ from run to run.
"""

import os
import platform
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy

from forecast.queueing.simulation import Centre, Exponential, SimulationResult, one_queue, simulate
from forecast.queueing.simulation.engine import run
from forecast.queueing.transient import (
    Day,
    lagged_sipp,
    modified_offered_load,
    sipp,
    transient_chain,
)

HERE = Path(__file__).parent
METHODS: dict[str, Callable[[Day], Any]] = {
    "SIPP": sipp,
    "lagged SIPP": lagged_sipp,
    "modified offered load": modified_offered_load,
    "transient chain": transient_chain,
}
SIMULATED_CALLS = 4_000_000


def hump(intervals: int, width: float) -> npt.NDArray[np.float64]:
    """Return the shape of a day with one peak of 1."""
    at = np.arange(intervals) + 0.5
    return np.asarray(np.exp(-(((at - intervals / 2) / (width * intervals)) ** 2) / 2))


def staffed(load: npt.NDArray[np.float64], beta: float) -> npt.NDArray[np.float64]:
    """Return agents by the square-root rule."""
    return np.asarray(np.ceil(load + beta * np.sqrt(load)))


def days() -> dict[str, Day]:
    """Return the days: what is hard differs from one to the next."""
    half = {"interval_s": 1800.0, "answer_within_s": 20.0}
    smooth = 80 * hump(24, 0.25)
    steep = 60 * hump(32, 0.12)
    short = staffed(1.2 * smooth, 0.3)
    short[10:14] = np.floor(0.85 * smooth[10:14])
    small = np.array([2, 4, 7, 9, 8, 5, 7, 8, 6, 4, 2, 1.0])
    flat = np.full(12, 40.0)
    coming_and_going = np.array([44, 44, 34, 48, 48, 36, 50, 44, 30, 52, 44, 44])
    return {
        "smooth day, AHT 180 s, patience 120 s": Day(
            smooth * 10, staffed(smooth, 0.3), aht_s=180, patience_s=120, **half
        ),
        "the same, nobody hangs up": Day(smooth * 10, staffed(smooth, 0.6), aht_s=180, **half),
        "steep day of quarter-hours, AHT 900 s, patience 300 s": Day(
            steep,
            staffed(steep, 0.5),
            interval_s=900,
            aht_s=900,
            answer_within_s=20,
            patience_s=300,
        ),
        "two hours 15 % short of agents, 20 % to spare else, nobody hangs up": Day(
            smooth * 10, short, aht_s=180, **half
        ),
        "flat, agents come and go by the quarter-hour, patience 120 s": Day(
            flat * 5,
            coming_and_going,
            interval_s=900,
            aht_s=180,
            answer_within_s=20,
            patience_s=120,
        ),
        "small team, 1 to 12 agents, patience 90 s": Day(
            small * 7.2, staffed(small, 0.6), aht_s=250, patience_s=90, **half
        ),
    }


def centre_of(day: Day) -> Centre:
    """Return the day as it is simulated."""
    return one_queue(
        day.calls,
        day.agents,
        interval_s=day.interval_s,
        service=float(day.aht[0]),
        answer_within_s=day.answer_within_s,
        patience=None if day.patience_s is None else Exponential(day.patience_s),
    )


def errors(day: Day, drawn: SimulationResult) -> list[tuple[str, float, float, float]]:
    """Return for every method mean and largest error of the intervals, and that of the day.

    In points of service level; the mean over intervals and the day are weighted by calls. A last
    row has the half-widths of the simulation.
    """
    truth = drawn.by_interval.service_level.value
    rows = []
    for name, method in METHODS.items():
        wrong = 100 * (method(day).service_level - truth)
        of_day = float(np.average(wrong, weights=day.calls))
        mean = float(np.average(abs(wrong), weights=day.calls))
        rows.append((name, mean, float(abs(wrong).max()), of_day))
    noise = 100 * drawn.by_interval.service_level.half_width
    of_day = float(100 * drawn.overall.service_level.half_width)
    mean = float(np.average(noise, weights=day.calls))
    return [*rows, ("*99 % half-width of the simulation*", mean, float(noise.max()), of_day)]


def outside(day: Day, drawn: SimulationResult) -> str:
    """Return how many of the chain's figures lie outside the 99 % interval of the simulation.

    By more than 0.001, a tenth of a point or a millisecond.
    """
    found = transient_chain(day)
    called = drawn.by_interval
    pairs = [
        (called.p_wait, found.p_wait),
        (called.service_level, found.service_level),
        (called.asa_s, found.asa_s),
        (drawn.occupancy_by_interval, found.occupancy),
        (drawn.queue_end, found.queue_end),
    ]
    if day.patience_s is not None:
        pairs.append((called.abandonment, found.abandonment))
    # Where not one call in thousands differs, there is no spread to make an interval of.
    missed = sum(int((abs(value - e.value) > e.half_width + 1e-3).sum()) for e, value in pairs)
    return f"{missed} of {len(pairs) * day.intervals}"


def compared() -> list[str]:
    """Return the table of errors."""
    lines = [
        "| day | service level | method | mean error | largest | whole day | outside 99 % |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, day in days().items():
        replications = int(np.ceil(SIMULATED_CALLS / np.sum(day.calls)))
        rng = np.random.default_rng(2024)
        drawn = simulate(centre_of(day), rng, replications=replications, confidence=0.99)
        level = drawn.overall.service_level
        for i, (method, mean, most, of_day) in enumerate(errors(day, drawn)):
            first = f"{name} | {100 * level.value:.1f} % +- {100 * level.half_width:.2f}"
            last = outside(day, drawn) if method == "transient chain" else ""
            lines.append(
                f"| {first if i == 0 else ' | '} | {method} | {mean:.2f} | {most:.2f} "
                f"| {of_day:+.2f} | {last} |"
            )
    return lines


def best_of(what: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """Return wall and processor seconds, the least of some runs."""
    walls, works = [], []
    for _ in range(times):
        wall, work = time.perf_counter(), time.process_time()
        what()
        walls.append(time.perf_counter() - wall)
        works.append(time.process_time() - work)
    return min(walls), min(works)


def timed() -> list[str]:
    """Return the tables of times."""
    lines = [
        "| transient day | patience | seconds | processor seconds | neglected probability |",
        "|---|---|---|---|---|",
    ]
    for intervals, seconds in ((48, 1800.0), (96, 900.0)):
        for agents in (100, 300):
            for patience in (120.0, None):
                load = agents * 0.95 * hump(intervals, 0.2)
                day = Day(
                    load * seconds / 180,
                    staffed(load, 0.5),
                    interval_s=seconds,
                    aht_s=180,
                    answer_within_s=20,
                    patience_s=patience,
                )
                wall, work = best_of(partial(transient_chain, day))
                lines.append(
                    f"| {intervals} intervals, up to {int(max(day.agents))} agents "
                    f"| {patience or 'never'} | {wall:.2f} | {work:.2f} "
                    f"| {transient_chain(day).error:.0e} |"
                )
    centre = one_queue(
        [100_000], [50], interval_s=400_000, service=195.0, patience=Exponential(120.0)
    )
    wall, work = best_of(lambda: run(centre, np.random.default_rng(1), 0.0))
    lines += [
        "",
        f"The simulator takes {wall:.2f} s for 100,000 calls of one queue with 50 agents "
        f"({work:.2f} s of processor time): {100_000 / wall:,.0f} calls a second.",
    ]
    return lines


def main() -> None:
    """Compare, measure and write the tables."""
    lines = [
        "# Queues over a day: error and time",
        "",
        f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}, "
        f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} when it began. "
        "Service level is the share of offered calls answered within 20 s. Errors are in points of "
        f"it, against {SIMULATED_CALLS:,} simulated calls of each day: the mean over intervals "
        "weighted by calls, the largest of an interval, and that of the whole day. *Outside 99 %* "
        "counts the chain's figures (all of them, by interval) beyond the simulation's 99 % "
        "interval by more than 0.001; one in a hundred is chance, and the figures of a day go "
        "together.",
        "",
        *compared(),
        "",
        *timed(),
    ]
    (HERE / "queueing_time.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
