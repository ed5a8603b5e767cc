"""How long scenarios of a whole year take.

`python benchmarks/what_if.py` runs what-ifs on 52 weeks of half-hours, day and night, of ten queues
with 200 paths, on one core, and writes benchmarks/what_if.md.
"""

import platform
import resource
import time
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.params import Params
from forecast.scenarios import run_scenarios
from forecast.store import write_text

HERE = Path(__file__).parent
WEEKS, QUEUES, PATHS, SCENARIOS = 52, 10, 200, 20


def year() -> Demand:
    """Return a year of ten queues, of about 5 to 25 erlangs at noon."""
    rng = np.random.default_rng(1)
    n = WEEKS * 7 * 48
    ds = pd.date_range("2024-01-01", periods=n, freq="30min", tz="UTC").as_unit("us")
    shape = np.tile(10 + 60 * np.sin(np.linspace(0, np.pi, 48)), WEEKS * 7)
    rows, rates = [], []
    for queue in range(QUEUES):
        names = {"site": "main", "queue": f"queue {queue}", "channel": "voice"}
        told = {"ds": ds, "open_min": 30.0, "local": ds.tz_localize(None)}
        rows.append(pd.DataFrame({**names, **told}))
        day = np.repeat(rng.normal(1, 0.08, (WEEKS * 7, PATHS)), 48, axis=0)
        rates.append((shape * (1 + queue / 5))[:, None] * day)
    intervals = pd.concat(rows, ignore_index=True)
    return Demand(intervals, np.concatenate(rates), np.full(len(intervals), 240.0), float(WEEKS))


def settings() -> Params:
    """Return the repository's settings with twenty scenarios."""
    told = {f"volume_{i}": {"volume_pct": i} for i in range(1, SCENARIOS + 1)}
    path = HERE.parent / "params.yaml"
    return Params.load(path).override({"scenarios": {"base": {}, **told}})


def main() -> None:
    """Measure, and write the table."""
    params, demand = settings(), year()
    lines = [
        "# What-ifs of a year",
        "",
        f"Written by `python benchmarks/what_if.py`: {WEEKS} weeks x {QUEUES} queues x half-hours",
        f"({len(demand.intervals):,} open intervals), {PATHS} paths, all tables; one core of",
        f"{platform.machine()}. Sorting the paths is done once for a forecast.",
        "",
        "| what | wall s | processor s |",
        "|---|---|---|",
    ]
    spent = {}
    for name, asked in (
        ("sorting the paths", None),
        ("the base", []),
        ("the base and one scenario", ["volume_1"]),
        (f"the base and {SCENARIOS} scenarios", [f"volume_{i}" for i in range(1, SCENARIOS + 1)]),
    ):
        wall, cpu = time.perf_counter(), time.process_time()
        if asked is None:
            _ = demand.strata
        else:
            run_scenarios(demand, params, asked)
        spent[name] = time.perf_counter() - wall, time.process_time() - cpu
        lines.append(f"| {name} | {spent[name][0]:.1f} | {spent[name][1]:.1f} |")
        print(lines[-1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    one = spent["the base and one scenario"][1] - spent["the base"][1]
    lines += [
        "",
        f"One scenario more takes {one:.1f} s of processor time. Peak memory: {peak:.1f} GB.",
    ]
    write_text("\n".join(lines) + "\n", HERE / "what_if.md")
    print(lines[-1])


if __name__ == "__main__":
    main()
