"""Days and weeks that the past forecasts foretold: quantiles of sums, and how they are judged."""

import numpy as np
import pandas as pd
import pytest

from forecast.accuracy import scores
from forecast.backtest import backtest
from forecast.schema import QUANTILES, SERIES
from forecast.select import CHAMPION, replay
from forecast.totals import past_totals

LEVELS = list(QUANTILES)


@pytest.fixture(scope="module")
def means(small_told, small_params):
    return backtest(*small_told, small_params)


@pytest.fixture(scope="module")
def past(means, small_params):
    return replay(means, small_params.select)


@pytest.fixture(scope="module")
def totals(means, past, small_features, small_params):
    return past_totals(means, past, small_features, small_params.select, seed=1)


def champion_days(past, features):
    """Return the champion's rows with their local date, from the second calibrated cutoff on."""
    rows = past[past["model"] == CHAMPION].merge(features[["ds", "date"]], on="ds")
    return rows[rows["cutoff"] > rows["cutoff"].min()]


def test_every_day_and_week_of_all_cutoffs_but_the_first_is_told(past, small_features, totals):
    rows = champion_days(past, small_features)
    days = totals[totals["days"] == 1]
    told = set(zip(days["cutoff"], days["first"], strict=True))
    assert told == set(zip(rows["cutoff"], rows["date"], strict=True))
    weeks = totals[totals["days"] == 7]
    assert (weeks["first"] == weeks["cutoff"].dt.tz_localize(None).dt.normalize()).all()
    assert weeks["cutoff"].is_unique
    values = totals[LEVELS].to_numpy()
    assert (np.diff(values, axis=1) >= 0).all()
    assert (values >= 0).all()


def test_a_sum_lies_about_the_sum_of_the_means_and_is_narrower_than_the_sum_of_widths(
    past, small_features, totals
):
    rows = champion_days(past, small_features)
    summed = rows.groupby(["cutoff", "date"])[["mean", "q10", "q90"]].sum()
    days = totals[totals["days"] == 1].set_index(["cutoff", "first"])
    ratio = days["q50"] / summed["mean"].rename_axis(days.index.names)
    assert ratio.between(0.97, 1.03).all()
    widths = (summed["q90"] - summed["q10"]).rename_axis(days.index.names)
    # Of 20 intervals: a fifth of the width if nothing hung together, all of it if everything did.
    narrower = (days["q90"] - days["q10"]) / widths
    assert narrower.between(0.15, 0.9).all()


def test_truth_after_a_cutoff_changes_no_total_told_at_it(
    means, past, small_features, small_params, totals
):
    cutoff = sorted(totals["cutoff"].unique())[4]
    later = means["ds"] >= cutoff
    moved = means.assign(y=means["y"].where(~later, means["y"] * 3 + 50))
    after = small_features["ds"] >= cutoff
    seen = small_features.assign(y=small_features["y"].where(~after, 9999.0))
    again = past_totals(
        moved, replay(moved, small_params.select), seen, small_params.select, seed=1
    )
    upto = totals["cutoff"] <= cutoff
    pd.testing.assert_frame_equal(totals[upto], again[again["cutoff"] <= cutoff])
    assert not totals[~upto].equals(again[again["cutoff"] > cutoff])


def table_of(past, features, totals):
    rows = past[past["cutoff"] > past["cutoff"].min()]
    return scores(rows, features, totals)


def test_their_scores_are_counted_by_hand(past, small_features, totals):
    table = table_of(past, small_features, totals)
    found = table.set_index(["level", "horizon", "model", "metric"])["value"]
    rows = champion_days(past, small_features)
    rows = rows[rows["horizon"] == "1_day"]
    came = rows.groupby(["cutoff", "date"])["y"].sum(min_count=20).dropna()
    days = totals[totals["days"] == 1].set_index(["cutoff", "first"]).loc[came.index]
    inside = (came >= days["q10"].round()) & (came <= days["q90"].round())
    assert found["day", "1_day", CHAMPION, "coverage_80"] == pytest.approx(inside.mean())
    width = (days["q90"] - days["q10"]).sum() / came.sum()
    assert found["day", "1_day", CHAMPION, "width_80"] == pytest.approx(width)
    loss = [
        np.maximum(level * (came - days[name]), (level - 1) * (came - days[name])).mean()
        for name, level in QUANTILES.items()
    ]
    assert found["day", "1_day", CHAMPION, "pinball"] == pytest.approx(np.mean(loss))
    assert found["week", "1_week", CHAMPION, "coverage_95"] >= 0.5
    assert ("day", "1_day", "seasonal_naive", "pinball") not in found.index
    # As many as the means of the same days are judged over.
    of_level = table[(table["model"] == CHAMPION) & (table["level"] == "day")]
    assert (of_level.groupby("horizon")["n"].nunique() == 1).all()


def test_a_horizon_of_which_a_total_is_not_told_has_no_such_scores(past, small_features, totals):
    one = sorted(totals["cutoff"].unique())[5]
    table = table_of(past, small_features, totals[totals["cutoff"] != one])
    days = table[(table["level"] == "day") & (table["metric"] == "pinball")]
    assert days.empty
    without = scores(past[past["cutoff"] > past["cutoff"].min()], small_features)
    pd.testing.assert_frame_equal(table, without)


def test_several_series_are_told_apart(means, past, small_features, small_params, totals):
    def twice(table):
        other = table.assign(queue="other")
        return pd.concat([table, other], ignore_index=True)

    two = past_totals(twice(means), twice(past), twice(small_features), small_params.select, seed=1)
    own = two[two["queue"] == "sales"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, totals)
    assert set(map(tuple, two[list(SERIES)].drop_duplicates().to_numpy())) == {
        ("main", "sales", "voice"), ("main", "other", "voice"),
    }  # fmt: skip
