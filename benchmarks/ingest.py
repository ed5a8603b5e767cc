"""How long it takes to take in exports, and how much memory: ten million intervals, a call log.

`make benchmark-ingest` runs each case in a process of its own and writes benchmarks/ingest.md. The
plain reading of the same file by pandas, which checks nothing, is the floor that it is compared to.
"""

import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc

from forecast.acd.ingest import Sources, take_in
from forecast.params import IngestParams

HERE = Path(__file__).parent
VANAD = HERE.parents[1] / "shared" / "data" / "vanad_2014"
QUEUES, INTERVALS = 100, 100_000


def write_intervals(path: Path) -> None:
    """Write ten million quarter-hours of a hundred queues, with counts, talk time and an offset."""
    rng = np.random.default_rng(1)
    start = pd.date_range("2021-01-01", periods=INTERVALS, freq="15min", tz="UTC")
    text = np.array(start.tz_convert("Europe/Paris").strftime("%Y-%m-%dT%H:%M:%S%z"))
    size = QUEUES * INTERVALS
    offered = rng.poisson(12, size)
    table = pa.table(
        {
            "interval_start": np.repeat(text, QUEUES),
            "queue": np.tile([f"queue {i:03d}" for i in range(QUEUES)], INTERVALS),
            "interval_minutes": np.full(size, 15),
            "offered": offered,
            "answered": rng.binomial(offered, 0.95),
            "talk_s": rng.integers(0, 5000, size),
        }
    )
    pc.write_csv(table, path, pc.WriteOptions(quoting_style="none"))


def measure(folder: str, zone: str, cache: str) -> None:
    """Print seconds, peak memory in GB and rows of one ingest, and seconds of pandas alone."""
    begun = time.perf_counter()
    out = take_in(folder, IngestParams(timezone=zone), Sources(cache=Path(cache)))
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    begun = time.perf_counter()
    again = take_in(folder, IngestParams(timezone=zone), Sources(cache=Path(cache)))
    seconds_again = time.perf_counter() - begun
    same = again.history.equals(out.history)
    begun = time.perf_counter()
    for path in sorted(Path(folder).iterdir()):
        pd.read_csv(path)
    plain = time.perf_counter() - begun
    rows = int(out.ledger["rows_in"].sum())
    print(rows, f"{seconds:.1f}", f"{peak:.1f}", f"{seconds_again:.1f}", f"{plain:.1f}", same)


def row(name: str, folder: Path, zone: str) -> str:
    """Return a table row of one case, measured in a process of its own."""
    with TemporaryDirectory() as cache:
        command = [sys.executable, __file__, "measure", str(folder), zone, cache]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    rows, seconds, peak, again, plain, same = told
    return (
        f"| {name} | {int(rows):,} | {seconds} | {peak} | {again} | {plain} | "
        f"{float(seconds) / float(plain):.0f} | {same} |"
    )


def main() -> None:
    """Measure all cases and write the table."""
    lines = [
        "# Taking in exports: time and memory",
        "",
        f"Python {platform.python_version()}, pandas {pd.__version__}, {os.cpu_count()} cores. "
        "Reading, every check, the findings, and the cache are within; *again* is the next run, "
        "which finds nothing new. Plain is `pandas.read_csv` of the same files, without any check.",
        "",
        "| case | rows | seconds | peak GB | seconds again | plain seconds | ratio | same result |",
        "|---|---|---|---|---|---|---|---|",
    ]
    with TemporaryDirectory() as name:
        write_intervals(Path(name) / "intervals.csv")
        lines.append(row("interval report, csv", Path(name), "Europe/Paris"))
    if VANAD.is_dir():
        lines.append(row("VANAD, call log, csv.gz", VANAD, "Europe/Amsterdam"))
    (HERE / "ingest.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    measure(*sys.argv[2:]) if sys.argv[1:2] == ["measure"] else main()
