"""The queueing formulas' accuracy, exactness and speed, one command.

    python benchmarks/queueing.py

Needs mpmath, and pyworkforce for the comparison, in an environment on top of the project's (see
requirements-peers.txt); what is not installed is left out. One thread; every time is the best of a
few runs, in processor seconds, so that a busy machine does not matter.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from forecast.queueing import (
    DEFINITIONS,
    Target,
    erlang_a,
    erlang_b,
    erlang_c,
    required_agents,
    service_level,
)
from forecast.store import write_text

HEAD = (
    "# The queueing formulas: accuracy, exactness, speed",
    "",
    "Written by `python benchmarks/queueing.py`.",
)
LOADS = (1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5)
DISTANCES = (-10.0, -5.0, -3.0, -1.0, -0.1, 0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)
"""Agents less load, in square roots of the load."""
FEW = (1, 2, 5, 20)
TIMES = ((180.0, 20.0, 120.0), (300.0, 0.0, 900.0), (60.0, 120.0, 10.0), (600.0, 5.0, 6000.0))
"""AHT, limit and mean patience in seconds."""
FIGURES = ("p_wait", "service_level", "asa_s", "abandonment", "occupancy")
ROWS = 100_000
RNG = np.random.default_rng(6)
LEAST = 1e-60


def main() -> None:
    parts = [*HEAD]
    if find_spec("mpmath"):
        parts += ["", *accuracy()]
    parts += ["", *exactness(), "", *published(), "", *definitions(), "", *speed()]
    write_text("\n".join([*parts, ""]), Path(__file__).with_suffix(".md"))


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    for cells in (head, ("---",) * len(head), *rows):
        yield "| " + " | ".join(cells) + " |"


def accuracy() -> Iterator[str]:
    """Compare with mpmath at 90 digits, and yield the worst relative error by load."""
    rows = []
    for load in LOADS:
        agents = {*FEW, *(round(load + z * load**0.5) for z in DISTANCES)}
        worst = dict.fromkeys(("B", "C", "A", "A service"), 0.0)
        points = 0
        for n, times in itertools.product(sorted(k for k in agents if k > 0), TIMES):
            points += 1
            for name, error in errors(load, n, times):
                worst[name] = max(worst[name], error)
        rows.append((f"{load:g}", str(points), *(f"{e:.0e}" for e in worst.values())))
    yield "## Relative error against mpmath (90 digits)"
    yield ""
    yield "Largest of all figures over teams of 1, 2, 5 and 20 agents and of 10 square roots of the"
    yield "load below it to 10 above, handle times of 60 to 600 s, limits of 0 to 120 s and"
    yield "patience of 10 s to 100 minutes. *Erlang A* is p_wait, ASA, abandonment and occupancy."
    yield "Shares below 1e-60 are left out."
    yield ""
    heads = ("load", "points", "Erlang B", "Erlang C", "Erlang A", "its service level")
    yield from table(heads, rows)


def errors(load: float, n: int, times: tuple[float, float, float]) -> Iterator[tuple[str, float]]:
    """Yield the relative error of every figure of one team."""
    import mpmath as mp

    mp.mp.dps = 90
    aht, limit, patience = map(mp.mpf, times)
    a = mp.mpf(load)
    free = mp.mpf(1)
    for k in range(1, n):
        free = 1 + k / a * free
    yield "B", off(erlang_b(load, n), 1 / (1 + n / a * free))
    known = {"aht_s": times[0], "answer_within_s": times[1]}
    if n > load:
        wait = 1 / (1 + (n - a) / a * free)
        exact = (wait, 1 - wait * mp.exp(-(n - a) * limit / aht), wait * aht / (n - a), 0, a / n)
        got = erlang_c(load, n, **known)
        for name, value in zip(FIGURES, exact, strict=True):
            yield "C", off(getattr(got, name), value)
    c, r, t = n * patience / aht, a * patience / aht, limit / patience
    x = r * mp.exp(-t)
    all_wait, all_kept = (kummer(s, r) for s in (c, c + 1))
    late = r * mp.exp(r - x - (c + 1) * t) * kummer(c + 1, x)
    whole = free + r * all_wait
    gone = r * (all_wait - all_kept) / whole
    service = (free + r * all_kept - late) / whole
    exact = (r * all_wait / whole, service, gone * patience, gone, a * (1 - gone) / n)
    got = erlang_a(load, n, **known, patience_s=times[2])
    for name, value in zip(FIGURES, exact, strict=True):
        kind = "A service" if name == "service_level" else "A"
        yield kind, off(getattr(got, name), value)


def kummer(c: Any, x: Any) -> Any:
    """Return the lower incomplete gamma function of c at x over x^c exp(-x)."""
    import mpmath as mp

    return mp.hyp1f1(1, c + 1, x, maxterms=10**7) / c


def off(got: Any, exact: Any) -> float:
    return float(abs(float(got) / exact - 1)) if exact > LEAST else 0.0


def random_rows(load: Any) -> dict[str, Any]:
    return {
        "load": load,
        "aht": np.exp(RNG.uniform(np.log(30), np.log(1200), ROWS)),
        "patience": np.exp(RNG.uniform(np.log(10), np.log(3000), ROWS)),
        "goal": RNG.uniform(0.05, 0.99, ROWS),
        "limit": RNG.uniform(0, 120, ROWS),
    }


def exactness() -> Iterator[str]:
    """Yield how many of many random requirements are not the least that is enough."""
    row = random_rows(np.exp(RNG.uniform(np.log(1e-3), np.log(5000), ROWS)))
    load, aht = row["load"], row["aht"]
    rows = []
    for name in ("Erlang C", *(f"Erlang A, {d}" for d in DEFINITIONS)):
        patience = None if name == "Erlang C" else row["patience"]
        definition = "offered" if patience is None else name.split()[-1]
        target = Target(row["goal"], row["limit"], definition=definition)
        n = required_agents(load, aht_s=aht, target=target, patience_s=patience)
        known = {"aht_s": aht, "answer_within_s": row["limit"]}
        if patience is None:
            at, below = (erlang_c(load, k, **known) for k in (n, n - 1))
        else:
            at, below = (erlang_a(load, k, **known, patience_s=patience) for k in (n, n - 1))
        missed = int((~target.met(at)).sum())
        wasted = int((target.met(below) & (n > 1)).sum())
        rows.append((name, f"{ROWS:,}", str(missed), str(wasted)))
    yield "## Requirements: n meets, n - 1 misses"
    yield ""
    yield "Random loads of 0.001 to 5,000 erlangs, handle times, limits, patience and goals."
    yield ""
    yield from table(("model", "rows", "n misses", "n - 1 meets"), rows)


def published() -> Iterator[str]:
    palm = erlang_a(48, 50, aht_s=60, answer_within_s=20, patience_s=120)
    large = 1_000_000
    half = erlang_c(large, large + 506, aht_s=60, answer_within_s=0).p_wait
    even = erlang_a(large, large, aht_s=60, answer_within_s=0, patience_s=60).p_wait
    rows = [
        ("Palm: 48 calls a minute, 50 agents, 2 min of patience: abandonment", "3.1 %"),
        ("the same: average speed of answer", "3.6 s"),
        ("Garnett, Mandelbaum & Reiman (2002), Table 1: mean wait of all", "3.7 s"),
        ("Halfin & Whitt (1981): p_wait at beta = 0.506", "0.5"),
        ("Garnett et al.: p_wait at beta = 0, patience of a handle time", "0.5"),
    ]
    found = (
        f"{float(palm.abandonment):.1%}",
        f"{float(palm.asa_answered_s):.1f} s",
        f"{float(palm.asa_s):.1f} s",
        f"{float(half):.4f}",
        f"{float(even):.4f}",
    )
    yield "## Published values"
    yield ""
    yield "Limits by a million erlangs; more in `tests/golden/erlang.csv` and `tests/queueing`."
    yield ""
    both = [(*row, value) for row, value in zip(rows, found, strict=True)]
    yield from table(("what", "published", "here"), both)


def definitions() -> Iterator[str]:
    rows = []
    for limit, patience in ((20, 300), (20, 120), (20, 60), (30, 60)):
        needs = [
            int(
                required_agents(
                    100, aht_s=300, target=Target(0.8, limit, definition=d), patience_s=patience
                )
            )
            for d in DEFINITIONS
        ]
        at_100 = erlang_a(100, 100, aht_s=300, answer_within_s=limit, patience_s=patience)
        levels = [f"{float(service_level(at_100, d)):.1%}" for d in DEFINITIONS]
        cells = [f"{n} ({level})" for n, level in zip(needs, levels, strict=True)]
        rows.append((f"{limit} s", f"{patience} s", *cells))
    yield "## The definition of service level, in agents"
    yield ""
    yield "100 erlangs, 300 s per call: agents for 80 %, and the service level of 100 agents."
    yield ""
    yield from table(("limit", "patience", *DEFINITIONS), rows)


def speed() -> Iterator[str]:
    rows = []
    for words, load, some in (
        ("median 25", RNG.lognormal(np.log(25), 1.0, ROWS), 1000),
        ("100 to 2,000", RNG.uniform(100, 2000, ROWS), 100),
    ):
        row = random_rows(load)
        took = {name: best(work) for name, work in tasks(row).items()}
        rows += [(words, name, f"{seconds:.3f} s", "") for name, seconds in took.items()]
        if find_spec("pyworkforce"):
            peer = looped(row["load"], row["aht"], some)
            ratio = peer / took["Erlang C requirements"]
            name = "Erlang C requirements, looping over pyworkforce"
            rows.append((words, name, f"{peer:.0f} s", f"{ratio:,.0f} x"))
    yield f"## Seconds for {ROWS:,} rows"
    yield ""
    yield "80 % in 20 s; erlangs lognormal around 25 (sigma 1), or uniform. The loop over"
    yield "pyworkforce is timed on 1,000 and 100 of the rows and scaled up."
    yield ""
    yield from table(("loads", "what", "processor time", "over ours"), rows)


def tasks(row: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    load, aht, patience = row["load"], row["aht"], row["patience"]
    target = Target(0.8, 20)
    n = required_agents(load, aht_s=aht, target=target)
    c = {"aht_s": aht, "answer_within_s": 20}
    a = {**c, "patience_s": patience}
    c_need = {"aht_s": aht, "target": target}
    a_need = {**c_need, "patience_s": patience}
    return {
        "Erlang C metrics": lambda: erlang_c(load, n, **c),
        "Erlang C requirements": lambda: required_agents(load, **c_need),
        "Erlang A metrics": lambda: erlang_a(load, n, **a),
        "Erlang A requirements": lambda: required_agents(load, **a_need),
    }


def best(work: Callable[[], Any], runs: int = 5) -> float:
    taken = []
    for _ in range(runs):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def looped(load: Any, aht: Any, some: int) -> float:
    """Return the seconds that pyworkforce would take for all rows, from some of them."""
    from pyworkforce.queuing import ErlangC

    start = time.process_time()
    for a, seconds in zip(load[:some], aht[:some], strict=True):
        minutes = seconds / 60
        calls = a * 30 / minutes
        queue = ErlangC(transactions=calls, aht=minutes, asa=20 / 60, interval=30, shrinkage=0.0)
        queue.required_positions(service_level=0.8, max_occupancy=1.0)
    return (time.process_time() - start) / some * len(load)


if __name__ == "__main__":
    main()
