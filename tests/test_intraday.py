"""The rest of a day given its morning: against brute force, simulated days and the laws of both."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import poisson, truncnorm

from forecast.accuracy import pinball_losses
from forecast.distribution import root
from forecast.errors import ForecastError
from forecast.intraday import DayModel, carry_over, rest_of_day, update_day
from forecast.intraday.chance import chance
from forecast.intraday.doubt import level_variance
from forecast.intraday.marginal import LEVELS, observed
from forecast.intraday.past import days_of
from forecast.schema import FEATURES, FORECAST, PATHS, QUANTILES

SLOTS = 20
MEAN = 60 + 80 * np.sin(np.pi * (np.arange(SLOTS) + 0.5) / SLOTS)
MODEL = DayModel(0.05**2, 0.02**2, 0.06**2, 0.02**2, 120.0, 0.1, 100)
FIRST = pd.Timestamp("2024-03-04 08:00", tz="UTC")


def rows_of(quantiles, mean, *, days=(0,), leads=(1,), y=np.nan):
    """Return FORECAST rows of some days, each forecast so many days ahead, in one table.

    ``y`` are the counts of each day (days x intervals).
    """
    lead = np.broadcast_to(leads, len(days))
    midnight = FIRST.normalize() + pd.to_timedelta(np.array(days) - lead + 1, unit="D")
    start = FIRST + pd.to_timedelta(np.array(days), unit="D")
    step = pd.to_timedelta(np.tile(30 * np.arange(len(mean)), len(days)), unit="min")
    each = np.tile(mean, len(days))
    rows = pd.DataFrame(np.tile(quantiles, (len(days), 1)), columns=list(QUANTILES)).assign(
        site="main", queue="sales", channel="voice", target="offered", model="champion",
        cutoff=midnight.repeat(len(mean)), ds=start.repeat(len(mean)) + step, horizon="1_day",
        open_min=30.0, y=np.ravel(y) if np.ndim(y) else y, weight=1.0, unit=1.0, raw_mean=each,
        effect=1.0, effect_var=0.0, mean=each, aht_effect=1.0,
    )  # fmt: skip
    return FORECAST.validate(rows[FORECAST.names])


def features_of(days):
    """Return FEATURES of so many days, all hours there, local time being UTC."""
    ds = pd.date_range(FIRST.normalize(), periods=48 * days, freq="30min", unit="us")
    local = ds.tz_localize(None)
    frame = pd.DataFrame(
        dict.fromkeys(FEATURES.names, 0) | {"ds": ds, "date": local.normalize()}
    ).assign(
        site="main", queue="sales", channel="voice", known=pd.Timestamp("1970-01-01", tz="UTC"),
        slot_min=local.hour * 60 + local.minute, gap_days=1, month_day=1,
    )  # fmt: skip
    return FEATURES.validate(frame)


def simulated(rng, days, mean=MEAN, model=MODEL, memory=None):
    """Return Poisson counts around rates with the model's parts, some days odd, some rough."""
    slots = len(mean)
    number = rng.choice(8, size=days, p=model.odds)
    own = np.sqrt(model.level)
    kind = np.array([own, 3 * own, 9 * own, np.hypot(own, 3.0)])[number % 4]
    rough = np.array([1.0, 1.5])[number // 4]
    level = kind * rng.standard_normal(days)
    if memory is not None:
        for day in range(1, days):
            level[day] = memory * level[day - 1] + np.sqrt(1 - memory**2) * level[day]
    fading = rng.standard_normal((days, slots))
    keep = np.exp(-30 / model.memory_min)
    for slot in range(1, slots):
        fading[:, slot] = keep * fading[:, slot - 1] + np.sqrt(1 - keep**2) * fading[:, slot]
    shape = np.sqrt(2 * model.midday) * np.cos(2 * np.pi * np.arange(slots) / (slots - 1))
    within = (
        np.sqrt(model.fading) * fading
        + shape * rng.standard_normal((days, 1))
        + np.sqrt(model.own) * rng.standard_normal((days, slots))
    )
    error = level[:, None] + rough[:, None] * within
    return rng.poisson(mean * np.maximum(1 + error / 2, 0.05) ** 2)


@pytest.fixture(scope="module")
def truth():
    """The mean and the quantiles of simulated days: a forecast that is right."""
    counts = simulated(np.random.default_rng(1), 40_000)
    return np.quantile(counts + 0.0, LEVELS, axis=0).T, counts.mean(axis=0)


@pytest.fixture(scope="module")
def today(truth):
    return rows_of(*truth)


@pytest.fixture(scope="module")
def past(truth):
    return rows_of(*truth, days=range(150), y=simulated(np.random.default_rng(2), 150))


@pytest.fixture(scope="module")
def learned(past):
    return DayModel.of(past, features_of(151))


def seen_of(today, counts):
    return pd.Series(np.asarray(counts, dtype="float64"), index=today["ds"].iloc[: len(counts)])


def medians(today, count):
    return seen_of(today, today["q50"].iloc[:count])


def width(rows):
    return float((rows["q90"] - rows["q10"]).sum())


# --- the Poisson part ---


@pytest.mark.parametrize("mean", [0.05, 0.7, 3.0, 25.0, 59.0, 61.0, 400.0])
def test_what_chance_does_to_a_root_is_what_the_poisson_distribution_says(mean):
    count = np.arange(2000)

    def moments(rate):
        weight = poisson.pmf(count, rate)
        centre = weight @ (2 * root(count))
        return centre, weight @ (2 * root(count)) ** 2 - centre**2

    told = chance(np.array([mean]))
    centre, variance = moments(mean)
    step = 1e-3
    change = (moments(mean * (1 + step))[0] - moments(mean * (1 - step))[0]) / (2 * step)
    assert told.centre[0] == pytest.approx(centre, rel=1e-3)
    assert told.variance[0] == pytest.approx(variance, rel=0.01)
    assert told.amplitude[0] == pytest.approx(change, rel=0.01)


@pytest.mark.parametrize(("low", "high"), [(-np.inf, -1.0), (0.2, 1.7), (2.5, 3.5), (-0.4, 0.1)])
def test_a_cell_tells_as_much_as_the_normal_law_within_it(low, high):
    value, variance = (float(v[0]) for v in observed(np.array([low]), np.array([high])))
    law = truncnorm(low, high)
    after = 1 / (1 + 1 / variance)
    assert after == pytest.approx(law.var(), rel=0.01)
    assert after * value / variance == pytest.approx(law.mean(), abs=0.01)


# --- learning ---


def test_the_parts_of_simulated_days_are_told_apart(learned):
    assert np.sqrt(learned.level) == pytest.approx(0.05, abs=0.02)
    assert np.sqrt(learned.fading) == pytest.approx(0.06, abs=0.015)
    assert 60 < learned.memory_min < 240
    assert learned.own < 0.04**2
    assert learned.days == 150


def test_no_level_is_found_where_there_is_none():
    rng = np.random.default_rng(3)
    counts = rng.poisson(MEAN, (150, SLOTS))
    quantiles = poisson.ppf(LEVELS[None, :], MEAN[:, None])
    rows = rows_of(quantiles, MEAN, days=range(150), y=counts)
    found = DayModel.of(rows, features_of(151))
    assert np.sqrt(found.level) < 0.015
    assert np.sqrt(found.fading) < 0.03


def test_absurd_intervals_do_not_teach_otherwise(past, learned):
    broken = past.copy()
    broken.loc[(broken["ds"].dt.strftime("%d %H:%M") == "07 11:00"), "y"] = 1e5
    assert (broken["y"] == 1e5).sum() == 5
    found = DayModel.of(broken, features_of(151))
    assert np.sqrt(found.level) == pytest.approx(np.sqrt(learned.level), abs=0.01)
    assert np.sqrt(found.fading) == pytest.approx(np.sqrt(learned.fading), abs=0.02)


def test_a_model_survives_json(learned):
    assert DayModel.from_json(json.loads(json.dumps(learned.to_json()))) == learned


def test_odd_days_are_possible_whatever_was_seen(learned):
    assert DayModel._at(np.array([0, 0, 0, 0, 5, -30.0]), 1).odd == 0.02
    assert DayModel._at(np.array([0, 0, 0, 0, 5, 30.0]), 1).odd == 0.25
    assert learned.odds.sum() == pytest.approx(1)


def test_days_not_wholly_reported_teach_what_they_know(past):
    gaps = past.assign(y=past["y"].mask((past["ds"].dt.day_of_year + past["ds"].dt.hour) % 9 == 0))
    found = DayModel.of(gaps, features_of(151))
    assert found.days == 150
    assert np.sqrt(found.level) == pytest.approx(0.05, abs=0.02)


def test_few_days_one_day_ahead_are_joined_by_leads_up_to_a_week(truth):
    rng = np.random.default_rng(4)
    counts = simulated(rng, 60)
    leads = np.tile(range(1, 10), 5)
    days = np.repeat(range(0, 40, 8), 9) + leads - 1
    few = rows_of(*truth, days=days, leads=leads, y=counts[days])
    enough = rows_of(*truth, days=range(25), y=counts[:25])
    told = days_of(few, features_of(60))
    # Five cutoffs eight days apart: seven days each, of the lead that is shortest.
    assert len(told) == 35
    assert len(days_of(enough, features_of(60))) == 25
    assert DayModel.of(few, features_of(60)).days == 35


def test_what_cannot_be_learned_from_is_refused(past):
    features = features_of(151)
    with pytest.raises(ForecastError, match="found 2 of 'model'"):
        DayModel.of(pd.concat([past, past.assign(model="ensemble")]), features)
    with pytest.raises(ForecastError, match="found 2 of 'queue'"):
        DayModel.of(pd.concat([past, past.assign(queue="service")]), features)
    with pytest.raises(ForecastError, match="must forecast 'offered'; found 'aht_s'"):
        DayModel.of(past.assign(target="aht_s"), features)
    with pytest.raises(ForecastError, match="no day up to a week ahead whose counts are known"):
        DayModel.of(past.assign(y=np.nan), features)
    with pytest.raises(ForecastError, match="do not reach all forecasts"):
        DayModel.of(past, features_of(20))
    with pytest.raises(ForecastError, match="has no rows"):
        DayModel.of(past.iloc[:0], features)


# --- conditioning ---


def brute_force(rows, counts, model, rng, n=400_000):
    """Return quantiles of the rest by weighting draws from the prior with what was seen.

    The parts that intervals share are drawn; how likely each count is, given them, and what comes
    of the rest, follows interval by interval. No matrix is inverted.
    """
    minutes = np.arange(len(rows)) * 30.0
    mean, none = rows["mean"].to_numpy(), np.zeros(len(rows))
    whole = model.covariance(mean, minutes, level_variance(rows, model))
    alone = np.diag(replace(model, level=0, midday=0, fading=0).covariance(mean, minutes, none)[0])
    sd = np.sqrt(np.diag(whole[0]))
    parts = []
    for odds, covariance in zip(model.odds, whole, strict=True):
        shared = covariance - np.diag(alone)
        parts.append(rng.multivariate_normal(none, shared, round(n * odds), method="eigh"))
    shared, own = np.concatenate(parts) / sd, np.sqrt(alone) / sd
    score = shared + own * rng.standard_normal(shared.shape)
    knots = np.quantile(score, LEVELS, axis=0)
    roots = root(rows[list(QUANTILES)].to_numpy()).T

    def line(x, xs, ys):
        slope = (ys[-1] - ys[0]) / (xs[-1] - xs[0])
        inside = np.interp(x, xs, ys)
        return inside + slope * (np.minimum(x - xs[0], 0) + np.maximum(x - xs[-1], 0))

    log_weight = np.zeros(len(score))
    for i, count in enumerate(counts):
        high = line(root(count + 0.5), roots[:, i], knots[:, i])
        low = line(root(count - 0.5), roots[:, i], knots[:, i]) if count else -np.inf
        inside = ndtr((high - shared[:, i]) / own[i]) - ndtr((low - shared[:, i]) / own[i])
        log_weight += np.log(np.maximum(inside, 1e-300))
    weight = np.exp(log_weight - log_weight.max())
    assert weight.sum() ** 2 / (weight**2).sum() > 2000, "too few draws count"
    out = []
    for i in range(len(counts), len(rows)):
        order = np.argsort(score[:, i])
        below = np.cumsum(weight[order]) / weight.sum()
        at = score[order[np.searchsorted(below, LEVELS)], i]
        out.append(np.maximum(line(at, knots[:, i], roots[:, i]), 0) ** 2 - 0.375)
    return np.maximum(np.array(out), 0)


@pytest.mark.parametrize("scale", [1.0, 1.15, 0.8])
def test_conditioning_is_what_weighted_draws_from_the_prior_give(truth, scale):
    rows = rows_of(truth[0][:9], truth[1][:9])
    counts = np.rint(scale * rows["mean"].to_numpy()[:5])
    expected = brute_force(rows, counts, MODEL, np.random.default_rng(5))
    found = update_day(rows, seen_of(rows, counts), MODEL)[list(QUANTILES)].to_numpy()
    assert np.abs(found - expected).max() < 0.02 * rows["mean"].max()
    assert np.abs(found / expected - 1).mean() < 0.008


def test_it_is_close_where_few_call_and_counts_tell_little():
    model = replace(MODEL, level=0.3**2, fading=0.15**2, odd=0.05)
    mean = np.full(10, 2.0)
    days = simulated(np.random.default_rng(6), 40_000, mean, model)
    quantiles = np.quantile(
        days + np.random.default_rng(7).uniform(-0.5, 0.5, days.shape), LEVELS, 0
    )
    rows = rows_of(np.maximum(quantiles.T, 0), mean)
    for counts in ([4, 5, 3, 6, 4, 5], [0, 1, 0, 0, 1, 0], [2, 1, 3, 2, 2, 2]):
        expected = brute_force(rows, counts, model, np.random.default_rng(8))
        found = update_day(rows, seen_of(rows, counts), model)[list(QUANTILES)].to_numpy()
        assert np.abs(found - expected).max() < 0.25
        assert np.abs(found - expected).mean() < 0.08


def test_simulated_days_are_covered_and_better_forecast_than_without_their_morning(truth, learned):
    rng = np.random.default_rng(9)
    counts = simulated(rng, 80).astype(float)
    today = rows_of(*truth)
    inside, sums, losses = [], [], []
    for y in counts:
        seen = seen_of(today, y[:8])
        rows = update_day(today, seen, learned).assign(y=y[8:])
        total = rest_of_day(today, seen, learned, n=300, rng=rng).groupby("path")["offered"].sum()
        inside.append([(rows["y"].between(rows[a].round(), rows[b].round())).mean()
                       for a, b in (("q10", "q90"), ("q025", "q975"))])  # fmt: skip
        limits = np.quantile(total, [0.1, 0.9, 0.025, 0.975])
        sums.append([limits[0] <= y[8:].sum() <= limits[1], limits[2] <= y[8:].sum() <= limits[3]])
        before = today.iloc[8:].assign(y=y[8:])
        losses.append([pinball_losses(rows).mean(), pinball_losses(before).mean()])
    assert np.mean(inside, axis=0) == pytest.approx([0.80, 0.95], abs=0.04)
    assert np.mean(sums, axis=0) == pytest.approx([0.80, 0.95], abs=0.08)
    ours, without = np.mean(losses, axis=0)
    assert ours < 0.85 * without


def test_a_day_34_percent_up_is_believed_within_two_hours(today):
    up = np.rint(1.34 * today["mean"].to_numpy())
    gains = [
        float(later["mean"].sum() / today["mean"].iloc[count:].sum() - 1)
        for count in (1, 2, 4, 8)
        for later in [update_day(today, seen_of(today, up[:count]), MODEL)]
    ]
    assert gains == sorted(gains)
    assert gains[2] > 0.25
    assert gains[3] == pytest.approx(0.34, abs=0.03)
    usual = update_day(today, seen_of(today, up[:4]), replace(MODEL, odd=1e-9))
    assert usual["mean"].sum() / today["mean"].iloc[4:].sum() - 1 < gains[2] - 0.05


# --- what the forecast doubts ---


def wider(rows, factor):
    """Return FORECAST rows whose quantiles lie so many times as far from their median."""
    middle = root(rows["q50"].to_numpy())
    at = {q: middle + factor * (root(rows[q].to_numpy()) - middle) for q in QUANTILES}
    counts = {q: np.maximum(x, root(np.array(0.0))) ** 2 - 0.375 for q, x in at.items()}
    return rows.assign(**{q: np.maximum(x, 0) for q, x in counts.items()})


@pytest.mark.parametrize("doubt", [0.15, 0.4])
def test_a_forecast_wider_than_its_days_doubts_their_level_by_as_much(doubt):
    rng = np.random.default_rng(21)
    days = 30_000
    # Days as the model has them, and a level on top that it knows nothing of.
    factor = np.maximum(1 + doubt * rng.standard_normal((days, 1)) / 2, 0.05) ** 2
    rates = simulated(rng, days, 50 * MEAN) / 50 * factor
    counts = rng.poisson(rates)
    told = np.quantile(counts + 0.0, LEVELS, axis=0).T
    found = level_variance(rows_of(told, counts.mean(axis=0)), MODEL)
    assert np.sqrt(found) == pytest.approx(doubt, rel=0.1)
    assert len(set(found)) == 1


def test_a_forecast_as_wide_as_its_days_doubts_what_events_leave_open(today):
    assert np.sqrt(level_variance(today, MODEL).max()) < 0.02
    assert level_variance(wider(today, 0.5), MODEL).tolist() == [0.0] * SLOTS
    uncertain = today.assign(effect_var=np.where(np.arange(SLOTS) < 5, 0.04, 0.0))
    assert level_variance(uncertain, MODEL)[:5].tolist() == [0.04] * 5
    assert level_variance(wider(uncertain, 4.0), MODEL).min() > 0.04


@pytest.mark.parametrize("scale", [0.75, 1.34, 2.0])
def test_a_day_off_is_believed_more_where_the_forecast_is_wide(today, scale):
    def believed(rows, count=4):
        seen = seen_of(today, np.rint(scale * today["q50"].to_numpy()[:count]))
        middle = update_day(rows, seen, MODEL)["q50"].sum()
        return (middle / today["q50"].iloc[count:].sum() - 1) / (scale - 1)

    assert believed(today) > 0.5
    assert believed(wider(today, 2.5)) > 0.8, "what it is wider than its days is their level"


@pytest.mark.parametrize("scale", [10.0, 50.0])
def test_a_day_of_which_the_forecast_knew_nothing_is_believed(today, scale):
    seen = seen_of(today, np.rint(scale * today["mean"].to_numpy()[:5]))
    rest = today["mean"].iloc[5:].sum()
    later = update_day(today, seen, MODEL)
    assert (later["mean"].sum() / rest - 1) / (scale - 1) > 0.8
    # What was far from the forecast alone is an interval's own matter, not the day's.
    absurd = medians(today, 5)
    absurd.iloc[2] = seen.iloc[2]
    unmoved = update_day(today, medians(today, 5), MODEL)["mean"].sum()
    assert update_day(today, absurd, MODEL)["mean"].sum() == pytest.approx(unmoved, rel=0.06)


# --- laws ---


def test_nothing_seen_leaves_the_forecast_as_it_was(today):
    none = pd.Series(dtype="float64")
    pd.testing.assert_frame_equal(update_day(today, none, MODEL), today)
    unreported = seen_of(today, [np.nan] * 3)
    rest = today.iloc[3:].reset_index(drop=True)
    pd.testing.assert_frame_equal(update_day(today, unreported, MODEL), rest)


def test_paths_of_a_day_of_which_nothing_was_seen_have_the_forecasts_quantiles(today):
    none = pd.Series(dtype="float64")
    paths = rest_of_day(today, none, MODEL, n=6000, rng=np.random.default_rng(10))
    found = paths.groupby("ds")["offered"].quantile([0.1, 0.5, 0.9]).unstack()
    for name, level in (("q10", 0.1), ("q50", 0.5), ("q90", 0.9)):
        assert np.abs(found[level].to_numpy() / today[name] - 1).max() < 0.03


def test_counts_as_forecast_leave_the_median_and_narrow_it(today):
    for count in (1, 5, 12):
        later = update_day(today, medians(today, count), MODEL)
        before = today.iloc[count:]
        assert np.abs(later["q50"].to_numpy() / before["q50"] - 1).max() < 0.01
        assert width(later) < width(before)
        assert later["raw_mean"].to_numpy() == pytest.approx(later["mean"].to_numpy())


def test_a_morning_that_goes_up_and_down_leaves_more_doubt_than_a_smooth_one(today):
    usual = today["q50"].to_numpy()[:8]
    waves = usual * (1 + 0.35 * np.array([1, 1, -1, -1, 1, 1, -1, -1]))
    smooth, rough = (update_day(today, seen_of(today, y), MODEL) for y in (usual, waves))
    assert width(rough) > 1.1 * width(smooth)


def test_the_more_is_seen_the_narrower_is_the_evening(today):
    counts = simulated(np.random.default_rng(11), 12)
    evening = [
        np.mean(
            [width(update_day(today, seen_of(today, y[:count]), MODEL).tail(4)) for y in counts]
        )
        for count in (2, 9, 16)
    ]
    assert evening == sorted(evening, reverse=True)
    assert evening[-1] < 0.95 * evening[0]


def test_what_was_seen_last_tells_most_of_what_comes_next(today):
    usual = today["q50"].to_numpy()[:10]
    late, early = usual.copy(), usual.copy()
    late[-3:] *= 1.15
    early[:3] *= 1.15
    after = [
        update_day(today, seen_of(today, y), MODEL)["mean"].iloc[0] for y in (usual, early, late)
    ]
    assert after[0] < after[1] < after[2]


def test_paths_and_quantiles_of_the_rest_agree(today):
    seen = seen_of(today, 1.2 * today["mean"].to_numpy()[:7])
    later = update_day(today, seen, MODEL)
    paths = rest_of_day(today, seen, MODEL, n=6000, rng=np.random.default_rng(12))
    assert list(paths.columns) == PATHS.names
    found = paths.groupby("ds")["offered"].quantile([0.1, 0.9]).unstack()
    assert np.abs(found[0.1].to_numpy() / later["q10"] - 1).max() < 0.03
    assert np.abs(found[0.9].to_numpy() / later["q90"] - 1).max() < 0.03
    mean = paths["offered"].sum() / 6000
    assert mean == pytest.approx(later["mean"].sum(), rel=0.01)
    again = rest_of_day(today, seen, MODEL, n=6000, rng=np.random.default_rng(12))
    pd.testing.assert_frame_equal(paths, again)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(
    counts=st.lists(
        st.one_of(st.integers(0, 400), st.just(float("nan")), st.integers(0, 10**9)), max_size=SLOTS
    ),
    scale=st.sampled_from([0.002, 0.05, 1.0, 30.0]),
    odd=st.sampled_from([0.02, 0.25]),
)
def test_whatever_was_seen_the_rest_is_ordered_finite_and_not_negative(truth, counts, scale, odd):
    today = rows_of(truth[0] * scale, truth[1] * scale)
    seen = seen_of(today, counts)
    before = today.copy(), seen.copy()
    rows = update_day(today, seen, replace(MODEL, odd=odd))
    values = rows[["mean", "raw_mean", *QUANTILES]].to_numpy()
    assert len(rows) == SLOTS - len(counts)
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    assert (np.diff(rows[list(QUANTILES)], axis=1) >= 0).all()
    pd.testing.assert_frame_equal(today, before[0])
    pd.testing.assert_series_equal(seen, before[1])


# --- strange input ---


def test_one_absurd_count_hardly_moves_the_rest(today):
    usual = today["q50"].to_numpy()[:8]
    plain = update_day(today, seen_of(today, usual), MODEL)
    for place in (0, 4, 7):
        for count in (1e4, 1e6):
            broken = usual.copy()
            broken[place] = count
            moved = update_day(today, seen_of(today, broken), MODEL)
            assert np.abs(moved["mean"] / plain["mean"] - 1).max() < 0.01
    alone = update_day(today, seen_of(today, [1e6]), MODEL)
    assert np.abs(alone["mean"].to_numpy() / today["mean"].iloc[1:] - 1).max() < 0.02


def test_a_morning_of_zeros_brings_the_rest_down_and_not_below_nothing(today):
    rows = update_day(today, seen_of(today, np.zeros(8)), MODEL)
    assert (rows["mean"].to_numpy() < 0.6 * today["mean"].iloc[8:]).all()
    assert (rows[list(QUANTILES)].to_numpy() >= 0).all()


def test_gaps_are_skipped(today):
    counts = 1.2 * today["mean"].to_numpy()[:8]
    whole = seen_of(today, counts)
    gaps = whole.drop(whole.index[[2, 5]])
    empty = whole.where(~whole.index.isin(whole.index[[2, 5]]))
    rows = update_day(today, gaps, MODEL)
    pd.testing.assert_frame_equal(rows, update_day(today, empty, MODEL))
    assert rows["ds"].min() == today["ds"].iloc[8]
    full = update_day(today, whole, MODEL)
    assert today["mean"].iloc[8:].sum() < rows["mean"].sum()
    assert width(full) < width(rows)


def test_what_came_while_closed_says_nothing_and_closed_stays_nothing(today):
    closed = today.index.isin([0, 5, 15])
    zero = dict.fromkeys(["mean", "raw_mean", *QUANTILES, "open_min"], 0.0)
    half_open = today.assign(**{name: today[name].mask(closed, 0.0) for name in zero})
    counts = 1.2 * today["mean"].to_numpy()[:8]
    stray = counts.copy()
    stray[[0, 5]] = 900.0
    rows = update_day(half_open, seen_of(today, stray), MODEL)
    silent = np.where(closed[:8], np.nan, counts)
    pd.testing.assert_frame_equal(rows, update_day(half_open, seen_of(today, silent), MODEL))
    shut = rows.set_index("ds").loc[today["ds"].iloc[15]]
    assert (shut[["mean", *QUANTILES]] == 0).all()
    paths = rest_of_day(
        half_open, seen_of(today, counts), MODEL, n=50, rng=np.random.default_rng(1)
    )
    assert paths.groupby("ds")["offered"].max().loc[today["ds"].iloc[15]] == 0
    assert paths.groupby("ds")["offered"].min().drop(today["ds"].iloc[15]).min() > 0


def test_where_nobody_ever_calls_nothing_is_learned_or_changed(today):
    nobody = today.assign(**dict.fromkeys(("mean", "raw_mean", *QUANTILES), 0.0))
    rows = update_day(nobody, seen_of(today, [0, 3, 0, 1]), MODEL)
    pd.testing.assert_frame_equal(rows, nobody.iloc[4:].reset_index(drop=True))
    found = DayModel.of(nobody.assign(y=0.0), features_of(2))
    assert np.isfinite(list(found.to_json().values())).all()


def test_a_day_wholly_seen_or_wholly_closed_has_no_rest(today):
    counts = seen_of(today, today["q50"])
    assert update_day(today, counts, MODEL).empty
    assert rest_of_day(today, counts, MODEL, n=5, rng=np.random.default_rng(1)).empty
    shut = today.assign(open_min=0.0, **dict.fromkeys(("mean", "raw_mean", *QUANTILES), 0.0))
    rows = update_day(shut, seen_of(today, [0.0, 0.0]), MODEL)
    assert len(rows) == SLOTS - 2
    assert (rows["mean"] == 0).all()
    none = pd.Series(dtype="float64")
    paths = rest_of_day(shut, none, MODEL, n=3, rng=np.random.default_rng(1))
    assert (paths["offered"] == 0).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: pd.concat([t, t.assign(queue="service")]), "found 2 of 'queue'"),
        (lambda t: pd.concat([t, t.assign(model="ensemble")]), "found 2 of 'model'"),
        (lambda t: pd.concat([t, t.assign(ds=t["ds"] + pd.Timedelta(days=1))]), "one local day"),
        (lambda t: t.assign(target="aht_s"), "must forecast 'offered'"),
        (lambda t: t.iloc[:0], "has no rows"),
    ],
)
def test_a_day_that_is_not_one_is_refused(today, change, message):
    with pytest.raises(ForecastError, match=message):
        update_day(change(today), seen_of(today, [50.0]), MODEL)
    with pytest.raises(ForecastError, match=message):
        rest_of_day(change(today), seen_of(today, [50.0]), MODEL, n=2, rng=np.random.default_rng(1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.set_axis(s.index + pd.Timedelta(days=1)), "2 instants that are no interval"),
        (lambda s: s.set_axis(s.index.tz_localize(None)), "must be indexed by instants in UTC"),
        (lambda s: s.reset_index(drop=True), "must be indexed by instants in UTC"),
        (lambda s: pd.concat([s, s]), "more than once"),
        (lambda s: -s, "must hold counts; found -50.0"),
        (lambda s: s * np.inf, "must hold counts; found inf"),
    ],
)
def test_counts_that_are_none_are_refused(today, change, message):
    with pytest.raises(ForecastError, match=message):
        update_day(today, change(seen_of(today, [50.0, 60.0])), MODEL)


# --- the next days ---


def week_ahead_of_each_day(counts, truth, cutoffs):
    leads = np.tile(range(1, 8), cutoffs)
    days = np.repeat(range(cutoffs), 7) + leads - 1
    return rows_of(*truth, days=days, leads=leads, y=counts[days])


def test_a_surprise_that_lasts_is_carried_over_and_one_that_does_not_is_not(truth):
    days = 120
    model = replace(MODEL, level=0.12**2, odd=0.02)
    rng = np.random.default_rng(13)
    lasting = simulated(rng, days + 7, model=model, memory=0.8)
    fleeting = simulated(rng, days + 7, model=model)
    carry = carry_over(week_ahead_of_each_day(lasting, truth, days), features_of(days + 8))
    assert list(carry) == [2, 3, 4, 5, 6, 7]
    assert list(carry.values()) == sorted(carry.values(), reverse=True)
    assert carry[2] == pytest.approx(0.7, abs=0.15)  # 0.8, less what is chance and trust
    assert carry[7] < 0.4
    none = carry_over(week_ahead_of_each_day(fleeting, truth, days), features_of(days + 8))
    assert max(none.values()) < 0.2


def test_without_surprises_or_later_days_nothing_is_carried_over(truth, today):
    exact = week_ahead_of_each_day(np.tile(truth[1], (12, 1)), truth, 5)
    assert set(carry_over(exact, features_of(13)).values()) == {0.0}
    assert set(carry_over(today.assign(y=50.0), features_of(2)).values()) == {0.0}
