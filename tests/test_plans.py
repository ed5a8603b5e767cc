"""What is chosen, and what hangs together, where the truth behind MEANS is known."""

import numpy as np
import pandas as pd
import pytest

from forecast.accuracy import pinball
from forecast.params import SelectParams
from forecast.schema import ALWAYS, MEANS
from forecast.select import CHAMPION, ENSEMBLE, SeriesPlan, plans, replay, select

START = pd.Timestamp("2024-01-01", tz="UTC").as_unit("us")
SLOTS = 12
DAY = pd.Timedelta(days=1)
HORIZONS = {"1_day": 1, "1_week": 7}
PARAMS = SelectParams()
MEAN, AHT_S = 120.0, 240.0


def truth(days, *, together=0.0, seed=1):
    """Return counts and handle times by interval; their days' surprises are correlated.

    Days are 10 % busier or quieter, calls 5 % longer or shorter; single calls have a cv of 1.
    """
    rng = np.random.default_rng(seed)
    z, other = rng.standard_normal((2, days))
    long = together * z + np.sqrt(1 - together**2) * other
    day = np.repeat(np.arange(days), SLOTS)
    slot = np.tile(np.arange(SLOTS), days)
    y = rng.poisson(MEAN * (1 + 0.1 * z[day])).astype("float64")
    chance = rng.standard_normal(len(y)) / np.sqrt(y)
    ds = START + pd.to_timedelta(day * 1440 + 480 + slot * 30, unit="min")
    return pd.DataFrame(
        {
            "site": "a", "queue": "b", "channel": "voice", "ds": ds,
            "known": ALWAYS.tz_localize("UTC"), "date": ds.floor("D").tz_localize(None),
            "slot_min": 480 + slot * 30, "offered": y,
            "aht_s": AHT_S * (1 + 0.05 * long[day] + chance),
        }
    )  # fmt: skip


def means_of(table, target, models, *, every=3):
    """Return MEANS of models, each a function of a cutoff's number that is a factor on the truth's.

    A cutoff stands before every k-th day.
    """
    mean = MEAN if target == "offered" else AHT_S
    weight = table["offered"] if target == "aht_s" else 1.0
    base = table.assign(
        target=target, y=table[target], weight=weight, open_min=30.0, effect=1.0, effect_var=0.0,
        unit=AHT_S / table["offered"] if target == "aht_s" else 1.0,
    )  # fmt: skip
    parts = []
    last = (table["date"].max() - table["date"].min()).days
    for number, first in enumerate(range(1, last - 5, every)):
        cutoff = START + first * DAY
        lead = (table["ds"] - cutoff) // DAY + 1
        own = base[(lead >= 1) & (lead <= 7)].assign(cutoff=cutoff)
        own = own.assign(horizon=np.where(lead[own.index] == 1, "1_day", "1_week"))
        parts += [own.assign(model=m, raw_mean=mean * of(number)) for m, of in models.items()]
    return MEANS.validate(pd.concat(parts, ignore_index=True)[MEANS.names])


def exact(number):
    return 1.0


def wobbly(number):
    return 1.0 + 0.3 * (-1) ** number


def worse(number):
    return 1.0 + 0.15 * (-1) ** number


def chosen(means):
    given = replay(means, PARAMS)
    return given, select(given, means["ds"].max() + DAY, PARAMS)


def test_baselines_are_no_members_of_the_ensemble():
    models = {"day_level": worse, "lightgbm": wobbly, "seasonal_naive": exact,
              "same_weekday_mean": exact}  # fmt: skip
    given, selection = chosen(means_of(truth(60), "offered", models))
    for choice in selection.values():
        assert choice.weights["seasonal_naive"] == choice.weights["same_weekday_mean"] == 0
        assert choice.weights["day_level"] + choice.weights["lightgbm"] == pytest.approx(1)
        losses = choice.losses
        # To the power of minus eight: a loss of twice the other's weighs 1/256 as much.
        wanted = (losses["lightgbm"] / losses["day_level"]) ** 8
        found = choice.weights["day_level"] / choice.weights["lightgbm"]
        assert found == pytest.approx(wanted)
    # In what was given, the ensemble is nowhere nearer to the baselines than its members are.
    wide = given.pivot(index=["cutoff", "ds"], columns="model", values="raw_mean")
    low, high = (wide[["day_level", "lightgbm"]].agg(f, axis=1) for f in ("min", "max"))
    assert (wide[ENSEMBLE] >= low - 1e-9).all()
    assert (wide[ENSEMBLE] <= high + 1e-9).all()
    assert (wide[ENSEMBLE] - MEAN).abs().min() > 0.1 * MEAN


def test_a_baseline_that_is_clearly_better_steps_in_and_says_so():
    models = {"day_level": wobbly, "same_weekday_mean": exact}
    given, selection = chosen(means_of(truth(66), "offered", models))
    for choice in selection.values():
        assert choice.champion == "same_weekday_mean"
        assert choice.guarded
        assert choice.losses[ENSEMBLE] > 1.3 * choice.losses["same_weekday_mean"]
    # And what was given at the cutoffs was the better for it.
    late = given[given["cutoff"] > given["cutoff"].min() + 20 * DAY]
    loss = {m: pinball(late[late["model"] == m]) for m in (CHAMPION, ENSEMBLE)}
    assert loss[CHAMPION] < 0.8 * loss[ENSEMBLE]


@pytest.mark.parametrize("baseline", [worse, wobbly])
def test_a_baseline_that_is_as_good_as_the_models_or_worse_does_not(baseline):
    models = {"day_level": worse, "same_weekday_mean": baseline}
    _, selection = chosen(means_of(truth(66), "offered", models))
    for choice in selection.values():
        assert choice.champion == ENSEMBLE
        assert not choice.guarded


def test_a_member_is_never_the_champion_however_good():
    models = {"day_level": exact, "lightgbm": wobbly, "same_weekday_mean": wobbly}
    _, selection = chosen(means_of(truth(66), "offered", models))
    assert {choice.champion for choice in selection.values()} == {ENSEMBLE}
    assert selection["1_week"].weights["day_level"] > 0.99


def test_a_horizon_never_measured_is_wider_than_the_one_it_leans_on():
    # The last cutoffs have seen days, and no week: all that is known of weeks is left out.
    table = truth(60)
    means = means_of(table, "offered", {"day_level": exact})
    early = means.assign(y=means["y"].where(means["horizon"] == "1_day"))
    given, selection = chosen(early)
    assert selection["1_week"].measured_on == "1_day"
    late = given[(given["cutoff"] == given["cutoff"].max()) & (given["model"] == CHAMPION)]
    shown = (late["q90"] - late["q10"]).groupby(late["horizon"]).mean()
    assert shown["1_week"] > shown["1_day"]
    # Chance and the rate's variance make the width together: its square is as 1 / mean + phi.
    told = [selection[h].calibrations["day_level"] for h in ("1_day", "1_week")]
    near, far = (np.diff(one.counts(np.array(MEAN), np.array([0.1, 0.9])))[0] for one in told)
    phi, extra = told[0].phi, 0.04 * 6 / 365
    wanted = np.sqrt((1 / MEAN + phi + extra) / (1 / MEAN + phi))
    assert far / near == pytest.approx(wanted, rel=0.002)
    assert wanted > 1.01


@pytest.mark.parametrize("together", [0.8, -0.6])
def test_what_volume_and_handle_time_have_in_common_is_found_again(together):
    table = truth(176, together=together, seed=3)
    means = pd.concat(
        [means_of(table, t, {"day_level": exact}, every=7) for t in ("offered", "aht_s")],
        ignore_index=True,
    )
    (plan,) = plans(means, replay(means, PARAMS), table, PARAMS)
    assert plan.handle_time is not None
    # Of the day's surprise a part is chance: 1440 calls vary by 2.6 % beside 10 % and 5 %.
    chance = 1 / np.sqrt(MEAN * SLOTS)
    left = 0.10 / np.hypot(0.10, chance) * 0.05 / np.hypot(0.05, chance)
    assert plan.handle_time.with_volume == pytest.approx(together * left, abs=0.12)
    assert SeriesPlan.from_json(plan.to_json()) == plan


def test_handle_time_that_is_too_young_leaves_the_volume_its_plan():
    table = truth(60)
    timed = means_of(table, "aht_s", {"day_level": exact})
    timed = timed[timed["cutoff"] >= sorted(timed["cutoff"].unique())[-2]]
    means = pd.concat([means_of(table, "offered", {"day_level": exact}), timed], ignore_index=True)
    (plan,) = plans(means, replay(means, PARAMS), table, PARAMS)
    assert set(plan.selection) == set(HORIZONS)
    assert plan.handle_time is None


def test_handle_times_are_judged_by_their_contacts():
    # One model is right where many call, the other where few do: the first is the better.
    table = truth(60)
    busy = table["slot_min"] < 480 + 3 * 30
    table = table.assign(offered=np.where(busy, 1000.0, 20.0), aht_s=AHT_S)
    means = means_of(table, "aht_s", {"day_level": exact, "lightgbm": exact})
    on_busy = means["ds"].dt.hour * 60 + means["ds"].dt.minute < 480 + 3 * 30
    wrong = on_busy == (means["model"] == "lightgbm")
    off = np.where(means["cutoff"].rank(method="dense") % 2 == 0, 1.2, 0.85)
    means = means.assign(raw_mean=means["raw_mean"] * np.where(wrong, off, 1.0))
    _, selection = chosen(means)
    for choice in selection.values():
        assert choice.losses["day_level"] < 0.5 * choice.losses["lightgbm"]
        assert choice.weights["day_level"] > 0.99
