"""Handle times as counts: how much of an average is chance, and in which unit."""

import numpy as np
import pandas as pd
import pytest

from forecast.targets import CV2_RANGE, MIN_INTERVALS, USUAL_CV2, Grain, as_counts

AHT_S = 240.0


def single(rng, kind, cv2, size):
    """Return handle times of single contacts, of mean 1."""
    if kind == "gamma":
        return rng.gamma(1 / cv2, cv2, size)
    sd = np.sqrt(np.log1p(cv2))
    return rng.lognormal(-(sd**2) / 2, sd, size)


def averages(rng, contacts, kind="gamma", cv2=1.0, factor=1.0):
    """Return FEATURES-like rows: the mean over so many contacts, each drawn alone."""
    whole = np.repeat(np.arange(len(contacts)), contacts)
    times = AHT_S * single(rng, kind, cv2, len(whole))
    sums = np.bincount(whole, times, len(contacts)) * factor
    slot = np.arange(len(contacts)) % 20
    return pd.DataFrame(
        {
            "aht_s": sums / contacts,
            "handled": contacts.astype("float64"),
            "weekday": (np.arange(len(contacts)) // 20) % 7,
            "slot_min": 480 + 30 * slot,
            "open_min": 30.0,
            "y": contacts.astype("float64"),
        }
    )


@pytest.mark.parametrize(
    ("kind", "cv2"),
    [("gamma", 0.5), ("gamma", 1.0), ("gamma", 2.0), ("lognormal", 0.5), ("lognormal", 1.0)],
)
def test_the_spread_of_single_contacts_is_found_from_averages(kind, cv2):
    rng = np.random.default_rng(1)
    rows = averages(rng, rng.integers(3, 60, 6000), kind, cv2)
    found = Grain.of(rows)
    assert found.cv2 == pytest.approx(cv2, rel=0.15)
    assert found.mean_s == pytest.approx(AHT_S, rel=0.02)
    assert found.unit_s == found.mean_s * found.cv2


def test_what_differs_from_day_to_day_is_not_taken_for_chance():
    # Days 10 % longer or shorter: beside averages over many contacts that is most of the spread.
    rng = np.random.default_rng(2)
    contacts = rng.integers(3, 200, 8000)
    days = np.repeat(rng.normal(1, 0.1, 400), 20)
    found = Grain.of(averages(rng, contacts, "gamma", 1.0, days))
    assert found.cv2 == pytest.approx(1.0, rel=0.15)


def test_what_differs_by_time_of_day_is_not_taken_for_chance():
    rng = np.random.default_rng(3)
    contacts = rng.integers(3, 60, 6000)
    late = np.where(np.arange(6000) % 20 >= 10, 1.6, 0.8)
    assert Grain.of(averages(rng, contacts, factor=late)).cv2 == pytest.approx(1.0, rel=0.15)


def test_few_intervals_take_what_is_usual_and_the_mean_weighs_by_contacts():
    rows = averages(np.random.default_rng(4), np.array([1, 3] * (MIN_INTERVALS // 2 - 1)))
    rows = rows.assign(aht_s=np.where(rows["handled"] == 1, 400.0, 200.0))
    # A contact of 400 s and three of 200 s: 1000 s over 4.
    assert Grain.of(rows) == Grain(250.0, USUAL_CV2)


def test_a_spread_that_no_centre_has_is_kept_within_what_was_measured():
    rng = np.random.default_rng(5)
    rows = averages(rng, rng.integers(3, 60, 600))
    assert Grain.of(rows.assign(aht_s=AHT_S)).cv2 == CV2_RANGE[0]
    wild = rows.assign(aht_s=AHT_S * rng.lognormal(0, 3, 600))
    assert Grain.of(wild).cv2 <= CV2_RANGE[1]


def test_rows_that_nobody_was_handled_in_tell_nothing():
    rng = np.random.default_rng(6)
    rows = averages(rng, rng.integers(3, 60, 600))
    empty = rows.head(100).assign(handled=0.0, aht_s=np.nan)
    assert Grain.of(pd.concat([rows, empty])) == Grain.of(rows)


@pytest.mark.parametrize("contacts", [4, 40])
@pytest.mark.parametrize("cv2", [0.5, 2.0])
def test_in_its_unit_a_handle_time_varies_as_a_count(contacts, cv2):
    # A Poisson count's variance is its mean, here contacts / cv^2.
    rng = np.random.default_rng(7)
    rows = averages(rng, np.full(40_000, contacts), "gamma", cv2)
    told = as_counts(rows, Grain(AHT_S, cv2))
    assert told["y"].mean() == pytest.approx(contacts / cv2, rel=0.02)
    assert told["y"].var() == pytest.approx(told["y"].mean(), rel=0.05)
    # So the rate per minute, of which there are as many, is 1.
    np.testing.assert_allclose(told["open_min"], contacts / cv2)


def test_where_nobody_was_handled_there_is_no_count_and_one_contact():
    rows = averages(np.random.default_rng(8), np.full(4, 10)).assign(
        handled=[10.0, 0.0, np.nan, 10.0],
        aht_s=[240.0, np.nan, np.nan, 120.0],
        open_min=[30, 30, 30, 0],
    )
    told = as_counts(rows, Grain(240.0, 0.5))
    # Ten contacts of the mean length are twenty arrivals of half the chance.
    assert told["y"].tolist()[0] == 20
    assert told["y"].isna().tolist() == [False, True, True, False]
    assert told["open_min"].tolist() == [20, 2, 2, 0]
