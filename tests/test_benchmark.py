"""The accuracy that the README claims, measured again on the real sample."""

import re
import sys
from pathlib import Path

import pandas as pd
import pytest

from forecast.accuracy import coverage_80, coverage_95, pinball, wape

ROOT = Path(__file__).parents[1]
NAME = "bank_calls, 30 min"
PEERS = ["seasonal naive", "Prophet as it comes"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def benchmark():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import accuracy

    return accuracy


@pytest.fixture(scope="module")
def rows(benchmark):
    centre, origins = benchmark.CENTRES[NAME](), benchmark.ORIGINS[NAME]
    _, forecast = benchmark.ours(centre, origins)
    own = benchmark.scored(forecast, centre, origins)
    dates = benchmark.scored_dates(centre, origins)
    peers = benchmark.peer_rows(centre, dates, benchmark.HORIZONS, PEERS, processes=1)
    return pd.concat([own, peers], ignore_index=True)


def of(rows, model, horizon="1_week"):
    return rows[(rows["model"] == model) & (rows["horizon"] == horizon)]


def test_one_week_ahead_it_beats_last_week_and_prophet_as_it_comes(rows, benchmark):
    own = of(rows, benchmark.OURS)
    naive, peer = (of(rows, name) for name in PEERS)
    assert len(own) == len(naive) == len(peer) > 0
    assert wape(own) < 0.60 * wape(naive)
    assert wape(own) < 0.70 * wape(peer)
    assert pinball(own) < 0.60 * pinball(naive)
    assert pinball(own) < 0.70 * pinball(peer)


def test_intervals_cover_nearly_what_they_promise_at_every_lead(rows, benchmark):
    for horizon in benchmark.HORIZONS:
        own = of(rows, benchmark.OURS, horizon)
        assert 0.75 < coverage_80(own) < 0.92, horizon
        assert 0.92 < coverage_95(own) < 0.995, horizon


def test_the_committed_table_tells_the_same(rows, benchmark):
    table = (ROOT / "benchmarks/accuracy.md").read_text(encoding="utf-8")
    section = table.split(f"\n## {NAME}\n")[1].split("### 1 week")[1].split("###")[0]
    (claimed,) = re.findall(r"this package\*\* \| [\d.]+ \| ([\d.]+)%", section)
    assert 100 * wape(of(rows, benchmark.OURS)) == pytest.approx(float(claimed), abs=0.1)
