"""Small weeks that the tests plan."""

import numpy as np

from forecast.capacity.shifts import Ask, Contract, Site, Week, premium, window

WEEK = Week(240)  # 6 intervals a day
OPEN = slice(2, 5)


def need(levels, at=(2, 3, 4)):
    """Return what is required: a level a day, in some of its six intervals."""
    out = np.zeros((7, 6), dtype="int64")
    for day, level in enumerate(levels):
        out[day, list(at)] = level
    return out.ravel()


def full_time(**changes):
    """Return 5 days of 8 hours, from 08:00 or from 12:00."""
    told = {
        "name": "full",
        "site": "a",
        "wage_per_hour": 20.0,
        "templates": (window("early", (480,), 480), window("late", (720,), 480)),
        "hours_min": 40,
        "hours_max": 40,
    }
    return Contract(**{**told, **changes})


def part_time(**changes):
    """Return 4 to 6 days of 4 hours, a little dearer by the hour."""
    told = {
        "name": "part",
        "site": "a",
        "wage_per_hour": 21.0,
        "templates": (window("mornings", (480,), 240), window("evenings", (960,), 240)),
        "hours_min": 16,
        "hours_max": 24,
    }
    return Contract(**{**told, **changes})


def site(**changes):
    """Return a site that pays evenings and weekends more."""
    premiums = {
        "night": premium(WEEK, 0.25, from_min=960, to_min=480),
        "weekend": premium(WEEK, 0.5, days=(5, 6)),
    }
    return Site(**{"name": "a", "premiums": premiums, **changes})


def ask(levels, contracts=None, *, price=50.0, sites=None, **changes):
    """Return a week of one site."""
    contracts = contracts or (full_time(), part_time())
    told = {"understaffing_cost": price, "required": {"a": need(levels)}}
    return Ask(WEEK, sites or (site(),), contracts, **{**told, **changes})
