"""What events truly did in invented centres is found again, with honest intervals."""

import numpy as np
import pandas as pd
import pytest

from forecast.effects.learn import learn
from forecast.effects.tables import event_effects
from forecast.synthetic import CentreSpec
from tests.effects.worlds import KEY, cells_of_centre

# Seeds 0 to 3 served to choose constants.
SEEDS = (11, 12, 13, 14)
TRUTH = {
    "extra": ("offered", "extra", "extra_contacts"),
    "during": ("offered", "during", "during_factor"),
    "aht": ("aht_s", "during", "aht_during_factor"),
}


def told_and_true(seed):
    """Return by target the table of a centre's events, told beside true."""
    centre, features, events = cells_of_centre(CentreSpec(), seed)
    assert len(events) == 40
    out = []
    for target in ("offered", "aht_s"):
        effects = learn(features, events, target=target)
        days = effects.design.frame[["date", "local"]].assign(usual=effects.usual)
        told = event_effects(effects, events, days, KEY, target)
        out.append(told.merge(centre.effects.drop(columns="kind"), on="event_id"))
    return pd.concat(out).assign(seed=seed)


@pytest.fixture(scope="module")
def tables():
    return pd.concat(told_and_true(seed) for seed in SEEDS)


def covered(tables, name):
    target, told, true = TRUTH[name]
    own = tables[tables["target"] == target]
    return own[true].between(own[f"{told}_q05"], own[f"{told}_q95"])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [("extra", 0.85), ("aht", 0.85), ("during", 0.75)])
def test_true_effects_lie_in_their_90_percent_intervals(tables, name, least):
    assert covered(tables, name).mean() >= least


@pytest.mark.slow
@pytest.mark.parametrize("name", ["during", "aht"])
def test_effects_are_not_told_too_large_or_too_small(tables, name):
    target, told, true = TRUTH[name]
    own = tables[tables["target"] == target]
    assert (own[told] / own[true]).mean() == pytest.approx(1, abs=0.03)
    assert np.median(own[told] / own[true]) == pytest.approx(1, abs=0.03)


@pytest.mark.slow
def test_extra_contacts_of_all_events_sum_to_about_the_truth(tables):
    """Effects that fade for weeks and a drifting level are hard to tell apart: some go astray."""
    own = tables[tables["target"] == "offered"]
    assert own["extra"].sum() == pytest.approx(own["extra_contacts"].sum(), rel=0.15)


@pytest.mark.slow
def test_an_events_own_history_sharpens_what_is_said_of_it(tables):
    own = tables[tables["target"] == "offered"]
    assert (own["basis"] == "own").all()
    width = (own["during_q95"] - own["during_q05"]) / own["during"]
    assert width.median() < 0.15
    # What is said follows the truth, event by event.
    assert np.corrcoef(np.log(own["during"]), np.log(own["during_factor"]))[0, 1] > 0.95
