"""What knowing the events is worth: the error of one model a month ahead, with and without them."""

import pandas as pd
import pytest

from forecast.backtest import expected_at
from forecast.synthetic import CentreSpec
from tests.effects.worlds import DAY, cells_of_centre

MODELS = {"same_weekday_mean": {"weeks": 6}}
HORIZON_DAYS = 28
LEAST_GAIN = 0.40


def month_ahead(features, events, cutoff):
    """Return what was expected and what came, by date."""
    known_from = cutoff.tz_localize("UTC")
    made = expected_at(features, events, known_from, MODELS, {"4_weeks": HORIZON_DAYS}, seed=0)
    days = made.means["ds"].dt.tz_localize(None).dt.normalize()
    return made.means.groupby(days)[["raw_mean", "y"]].sum()


def daily_wape(parts, days):
    together = pd.concat(parts)
    own = together[together.index.isin(days)]
    return (own["y"] - own["raw_mean"]).abs().sum() / own["y"].sum(), len(own)


def errors(seed):
    """Return the WAPE on the days of events and far from them, with EVENTS and without.

    An event counts from its announcement on, 10 to 40 days before it starts.
    """
    centre, features, events = cells_of_centre(CentreSpec(), seed)
    last = features["date"].max() + DAY
    cutoffs = [last - (HORIZON_DAYS + 48 * k) * DAY for k in range(7)]
    on = centre.day_effects.query("part == 'during'")["date"]
    far = centre.truth.loc[~centre.truth["date"].isin(centre.day_effects["date"]), "date"]
    out = {}
    for name, told in (("with", events), ("without", events.iloc[:0])):
        parts = [month_ahead(features, told, cutoff) for cutoff in cutoffs]
        out[name], days = daily_wape(parts, on)
        out[f"{name}, far"], _ = daily_wape(parts, far)
        assert days >= 20
    return out


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_events_take_two_fifths_off_the_error_on_their_days(seed):
    wape = errors(seed)
    assert wape["with"] <= (1 - LEAST_GAIN) * wape["without"]
    # Days that no event touches do not pay for it.
    assert wape["with, far"] <= wape["without, far"] + 0.005
