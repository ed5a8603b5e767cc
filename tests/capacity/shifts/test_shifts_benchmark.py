"""The gap that the benchmark's table claims, proved again."""

import re
import sys
from pathlib import Path

import pytest

from forecast.capacity.shifts import plan_shifts

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def benchmark():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import shifts

    return shifts


def test_a_realistic_week_is_within_a_thousandth_of_the_bound(benchmark):
    asked = benchmark.week_of(400, 2)
    plan = plan_shifts(asked)
    assert sum(len(t.shifts) for c in asked.contracts for t in c.templates) == 168
    assert plan.gap <= 0.001
    table = (ROOT / "benchmarks/shifts.md").read_text(encoding="utf-8")
    (cost, claimed) = re.findall(
        r"400 at the peak, starts up to 30 min apart .* \| ([\d,]+) \| [\d,]+ \| ([\d.]+)% \|",
        table,
    )[0]
    assert plan.cost == pytest.approx(float(cost.replace(",", "")), rel=0.001)
    assert 100 * plan.gap == pytest.approx(float(claimed), abs=0.05)
