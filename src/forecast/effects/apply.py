"""Effects off a history and on a forecast, so that every model sees days as they usually are."""

import numpy as np
import pandas as pd

from forecast.effects.learn import Effects, learn

DOUBT_SD = 0.5
"""Working days and days off differ by about this much, on the log scale, where nobody has told."""
NONE = {"log_effect": 0.0, "effect_var": 0.0}


def learned(
    train: pd.DataFrame, events: pd.DataFrame, *, target: str = "offered"
) -> Effects | None:
    """Return what ``learn`` does, and None where no event is known: it takes time for nothing."""
    return learn(train, events, target=target) if len(events) else None


def without_effects(
    train: pd.DataFrame, effects: Effects | None, *, column: str = "y"
) -> pd.DataFrame:
    """Return FEATURES with the counts that would have come without any event.

    ``column`` is ``aht_s`` where ``effects`` are those on the handle time.
    """
    if effects is None:
        return train
    factor = np.exp(effects.on(train, effects.design.events)["log_effect"])
    return train.assign(**{column: train[column] / factor})


def effects_ahead(
    future: pd.DataFrame, events: pd.DataFrame, effects: Effects | None
) -> pd.DataFrame:
    """Return ``effect`` (a factor) and ``effect_var`` of each interval ahead.

    ``effect_var`` is the variance of the factor's logarithm. Days whose type is in doubt add to it:
    with a chance p of coming otherwise, by p (1 - p) times the square of how much working days and
    days off differ.
    """
    told = (
        effects.on(future, events)
        if effects is not None
        else pd.DataFrame(NONE, index=future.index)
    )
    doubt = future["doubt"] * (1 - future["doubt"]) * DOUBT_SD**2
    return pd.DataFrame(
        {"effect": np.exp(told["log_effect"]), "effect_var": told["effect_var"] + doubt}
    )
