"""What docs/calendars.md claims of the assessor's office, measured again at a few cutoffs."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


def test_mail_outs_and_deadlines_improve_the_month_ahead():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import calendars as benchmark

    if not benchmark.BERNALILLO.is_dir():
        pytest.skip("the assessor's calls are not beside the repository")
    features, built, params = benchmark.bernalillo()
    params = params.override({"models": {"same_weekday_mean": {"weeks": 6}}})
    starts = features.groupby("date")["ds"].min()
    chosen = list(starts[starts.index >= "2024-09-02"].iloc[:270:30])
    holidays = built.events[built.events["pool"] == "holiday"]
    (told,) = benchmark.wapes(benchmark.ahead(features, built.events, chosen, params))
    (plain,) = benchmark.wapes(benchmark.ahead(features, holidays, chosen, params))
    assert told < 0.92 * plain
