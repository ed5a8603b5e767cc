"""Metrics against sums done by hand."""

import numpy as np
import pandas as pd
import pytest

from forecast.accuracy import bias, coverage_80, mae, pinball, scores, wape, width_80
from forecast.schema import QUANTILES


def rows_of(y, mean, spread=0.0):
    n = len(y)
    frame = pd.DataFrame(
        {"y": np.array(y, dtype="float64"), "mean": np.array(mean, dtype="float64")}
    )
    start = pd.Timestamp("2024-01-01", tz="UTC").as_unit("us")
    levels = {name: frame["mean"] + (level - 0.5) * 2 * spread for name, level in QUANTILES.items()}
    return frame.assign(
        site="a", queue="b", channel="voice", target="offered", model="m", horizon="1_day",
        cutoff=start, open_min=30.0, raw_mean=frame["mean"],
        ds=[start + pd.Timedelta(minutes=30 * i) for i in range(n)], **levels,
    )  # fmt: skip


def scored(rows):
    return scores(rows, features_of(rows))


def features_of(rows):
    return rows[["site", "queue", "channel", "ds"]].assign(date=rows["ds"].dt.floor("D"))


def test_errors_by_hand():
    rows = rows_of([10, 20, 30], [12, 20, 24])
    assert wape(rows) == pytest.approx(8 / 60)
    assert mae(rows) == pytest.approx(8 / 3)


def test_bias_is_positive_when_the_forecast_was_too_high():
    assert bias(rows_of([10, 10], [11, 12])) == pytest.approx(3 / 20)
    assert bias(rows_of([10, 10], [9, 10])) < 0


def test_pinball_equals_the_loop_over_its_definition():
    rows = rows_of([10, 25, 31], [12, 20, 24], spread=6)
    total = 0.0
    for _, row in rows.iterrows():
        for name, level in QUANTILES.items():
            error = row["y"] - row[name]
            total += level * error if error >= 0 else (level - 1) * error
    assert pinball(rows) == pytest.approx(total / (3 * len(QUANTILES)))


def test_coverage_and_width_by_hand():
    rows = rows_of([10, 16, 21, 40], [10, 10, 20, 20], spread=5)  # q10 = mean - 4, q90 = mean + 4
    assert coverage_80(rows) == 0.5
    assert width_80(rows) == pytest.approx(4 * 8 / 87)


def test_truth_that_is_not_known_does_not_count():
    rows = rows_of([10, np.nan], [12, 50])
    table = scored(rows).set_index(["level", "metric"])["value"]
    assert table["interval", "wape"] == pytest.approx(0.2)


def test_a_day_with_a_missing_interval_is_not_scored_as_a_day():
    whole = scored(rows_of([10, 20], [12, 18]))
    assert whole.set_index(["level", "metric"])["value"]["day", "wape"] == 0
    holed = scored(rows_of([10, np.nan], [12, 18]))
    assert "day" not in set(holed["level"])
