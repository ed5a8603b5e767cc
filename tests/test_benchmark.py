"""The accuracy that the README claims, measured again on the real sample."""

import re
import sys
from pathlib import Path

import pandas as pd
import pytest

from forecast.accuracy import coverage_80, pinball, wape
from forecast.backtest import backtest
from forecast.features import end_of_history
from forecast.origins import cutoffs, first_scored
from forecast.select import CHAMPION, replay

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rows(params, tmp_path_factory):
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import accuracy as benchmark

    features, events = benchmark.sample_features(params, tmp_path_factory.mktemp("sample"))
    past = replay(backtest(features, events, params), params.select)
    past = pd.concat([past, benchmark.copy_of_last_week(features, params)])
    end = end_of_history(features)
    start = first_scored(end, params.backtest)
    scored = [c for c in cutoffs(features, params.backtest, end) if c >= start]
    assert len(scored) >= 8
    peer = [benchmark.prophet_as_it_comes(features, c, params) for c in scored]
    own = past[(past["cutoff"] >= start) & past["y"].notna()]
    return pd.concat([own, *peer])


def test_one_week_ahead_it_beats_last_week_and_prophet_as_it_comes(rows):
    week = rows[rows["horizon"] == "1_week"]
    own = week[week["model"] == CHAMPION]
    naive = week[week["model"].str.startswith("copy of last week")]
    peer = week[week["model"] == "Prophet as it comes"]
    assert len(own) == len(naive) == len(peer)
    assert wape(own) < 0.85 * wape(peer)
    assert wape(own) < 0.75 * wape(naive)
    assert pinball(own) < 0.85 * pinball(peer)
    assert pinball(own) < 0.70 * pinball(naive)


def test_intervals_cover_within_five_points_at_every_lead(rows):
    for horizon, own in rows[rows["model"] == CHAMPION].groupby("horizon"):
        assert coverage_80(own) == pytest.approx(0.80, abs=0.05), horizon


def test_the_committed_table_tells_the_same(rows):
    table = (ROOT / "benchmarks/accuracy.md").read_text(encoding="utf-8")
    section = table.split("## One week ahead")[1].split("##")[0]
    (claimed,) = re.findall(r"selected by this package\*\* \| ([\d.]+)%", section)
    week = rows[(rows["horizon"] == "1_week") & (rows["model"] == CHAMPION)]
    assert 100 * wape(week) == pytest.approx(float(claimed), abs=0.1)
