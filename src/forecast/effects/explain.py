"""One series, now: what its events did and will do, and what nothing explains."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.effects.cells import cells_of
from forecast.effects.faults import without_faults
from forecast.effects.learn import Effects, learn
from forecast.effects.tables import event_days, event_effects, kind_effects
from forecast.effects.unexplained import unexplained
from forecast.schema import EVENT_DAYS, EVENT_EFFECTS, KIND_EFFECTS, UNEXPLAINED, SeriesKey


@dataclass(frozen=True)
class Explained:
    """EVENT_EFFECTS, EVENT_DAYS, KIND_EFFECTS and UNEXPLAINED of one series or of several."""

    event_effects: pd.DataFrame
    event_days: pd.DataFrame
    kind_effects: pd.DataFrame
    unexplained: pd.DataFrame

    @classmethod
    def together(cls, parts: "list[Explained]") -> "Explained":
        """Return the tables of several series as one."""
        return cls(
            EVENT_EFFECTS.validate(pd.concat([p.event_effects for p in parts])),
            EVENT_DAYS.validate(pd.concat([p.event_days for p in parts])),
            KIND_EFFECTS.validate(pd.concat([p.kind_effects for p in parts])),
            UNEXPLAINED.validate(pd.concat([p.unexplained for p in parts])),
        )


def explain(
    train: pd.DataFrame,
    future: pd.DataFrame,
    events: pd.DataFrame,
    key: SeriesKey,
    *,
    volume: Effects | None,
    handle_time: Effects | None,
    interval_min: int,
) -> Explained:
    """Return what is known of the events of one series.

    Parameters
    ----------
    train, future
        FEATURES of one series as known now: up to the cutoff, and from it on with a column
        ``usual``: the contacts expected without any event.
    events
        Its EVENTS as known now.
    key
        The series.
    volume, handle_time
        What was learned of events; None: there are none.
    interval_min
        Length of the planning interval.
    """
    # Lost days taught nothing, and are to be named all the same.
    whole = without_faults(train, events)["y"].equals(train["y"])
    plain = volume if volume is not None and whole else learn(train, events)
    found = (
        unexplained(train, plain, key, interval_min) if plain is not None else UNEXPLAINED.empty()
    )
    told = [EVENT_EFFECTS.empty()]
    by_day = [EVENT_DAYS.empty()]
    kinds = [KIND_EFFECTS.empty()]
    since = future["date"].min()
    for target, effects in (("offered", volume), ("aht_s", handle_time)):
        if effects is not None:
            days = _days(effects, future, events)
            told.append(event_effects(effects, events, days, key, target))
            by_day.append(event_days(effects, events, since, key, target))
            kinds.append(kind_effects(effects, key, target))
    return Explained(pd.concat(told), pd.concat(by_day), pd.concat(kinds), found)


def _days(effects: Effects, future: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return date, local and usual contacts of the cells of the past and of those ahead."""
    past = effects.design.frame[["date", "local"]].assign(usual=effects.usual)
    is_open = future[future["open_min"] > 0]
    if is_open.empty:
        return past
    cells = cells_of(is_open, events)
    usual = np.bincount(cells.of, is_open["usual"].to_numpy(), minlength=len(cells.frame))
    ahead = cells.frame[["date", "local"]].assign(usual=usual)
    return pd.concat([past, ahead], ignore_index=True)
