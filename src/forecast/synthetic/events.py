"""Events and hidden causes of an invented centre, and what each of them truly does."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from forecast.errors import ParamsError
from forecast.schema import LOCAL
from forecast.synthetic.spec import CentreSpec, EventKind, clock_min

ANNOUNCED_DAYS = (10, 40)
"""An event is announced so many days before it starts."""
UNANNOUNCED_FACTORS = ((0.5, 0.7), (1.4, 2.0))
"""Bounds of what an unannounced day is drawn from: quieter, or busier."""
OUTAGE_FACTOR = 0.02
OUTAGE_MIN = (120, 180, 240)
DAY = pd.Timedelta(days=1)

# Columns and dtypes of the tables that the schema does not know.
_EVENTS = {
    "event_id": "str", "name": "str", "kind": "str", "start": LOCAL, "end": LOCAL, "queues": "str",
    "sites": "str", "intensity": "float64", "announced_on": LOCAL, "source": "str",
}  # fmt: skip
_DAY_EFFECTS = {
    "event_id": "str", "date": LOCAL, "day": "int64", "part": "str",
    "volume_factor": "float64", "aht_factor": "float64",
}  # fmt: skip
_HIDDEN = {"date": LOCAL, "start": LOCAL, "end": LOCAL, "factor": "float64", "kind": "str"}


def draw_events(
    spec: CentreSpec, days: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the events, and their factors by event and date."""
    kinds = [kind for kind in spec.kinds for _ in range(kind.events)]
    kinds = [kinds[i] for i in rng.permutation(len(kinds))]
    numbers = dict.fromkeys((kind.name for kind in kinds), 0)
    events: list[dict[str, Any]] = []
    effects: list[dict[str, Any]] = []
    for kind, start in zip(kinds, _starts(spec, days, rng), strict=True):
        numbers[kind.name] += 1
        length = int(rng.integers(kind.days[0], kind.days[1] + 1))
        intensity = float(rng.choice(np.array(spec.intensities)))
        notice = int(rng.integers(ANNOUNCED_DAYS[0], ANNOUNCED_DAYS[1] + 1))
        event = {
            "event_id": f"{kind.name}-{numbers[kind.name]:02d}",
            "name": f"{kind.name} {numbers[kind.name]}",
            "kind": kind.name,
            "start": start,
            "end": start + length * DAY,
            "intensity": intensity,
            "announced_on": start - notice * DAY,
        }
        events.append({**event, "queues": "all", "sites": "all", "source": "synthetic"})
        more, longer = np.exp(rng.normal(0, spec.event_sd, 2))
        for day, part, height in _heights(kind, length):
            volume = 1 + intensity * more * kind.uplift * height
            aht = kind.aht_factor**longer if part == "during" else 1.0
            effect = (event["event_id"], start + day * DAY, day, part, volume, aht)
            effects.append(dict(zip(_DAY_EFFECTS, effect, strict=True)))
    return _frame(events, _EVENTS), _frame(effects, _DAY_EFFECTS)


def _heights(kind: EventKind, length: int) -> list[tuple[int, str, float]]:
    """Return day since the start, part and height (1: the full uplift) where an event acts.

    The lead-up is a stair of two steps; a sharp event has the shape of a gamma density from its
    mode on; the end fades as a square, to 0 on the first day that is not touched.
    """
    during = np.ones(length)
    if kind.during == "sharp":
        at = 1 + np.arange(length) / 2
        during = np.sqrt(at) * np.exp((1 - at) / 2)
    day = np.arange(-kind.lead_days, length + kind.after_days)
    before = kind.lead * np.where(day >= -((kind.lead_days + 1) // 2), 1.0, 0.5)
    faded = 1 - (day - length) / max(kind.after_days, 1)
    after = kind.after * during[-1] * faded**2
    within = during[np.clip(day, 0, length - 1)]
    height = np.select([day < 0, day < length], [before, within], after)
    part = np.select([day < 0, day < length], ["before", "during"], "after")
    return list(zip(day.tolist(), part.tolist(), height.tolist(), strict=True))


def _starts(spec: CentreSpec, days: pd.DataFrame, rng: np.random.Generator) -> list[pd.Timestamp]:
    """Return an open day for each event to start on: one at random in each of equal slots."""
    count = sum(kind.events for kind in spec.kinds)
    longest = max((kind.days[1] + kind.after_days for kind in spec.kinds), default=0)
    lead = max((kind.lead_days for kind in spec.kinds), default=0)
    span = days.iloc[max(spec.quiet_days, lead) : max(spec.days - longest, 0)]
    free = span.loc[span["base_rate"] > 0, "date"]
    if len(free) < count:
        raise ParamsError(
            f"days must be more for {count} events; found {spec.days}, of which {len(free)} are "
            "open, after quiet_days, and leave the longest event its end; make days more, or "
            "events or quiet_days fewer"
        )
    edges = np.linspace(0, len(free), count + 1)
    at = rng.uniform(edges[:-1], edges[1:]).astype("int64")
    return [pd.Timestamp(start) for start in free.iloc[at]]


def true_effects(events: pd.DataFrame, by_day: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Return what each event truly did."""
    days = by_day.merge(
        truth[["date", "base_rate", "volume_factor"]], on="date", suffixes=("", "_of_all")
    )
    with_it = days["base_rate"] * days["volume_factor_of_all"]
    extra = (with_it - with_it / days["volume_factor"]).groupby(days["event_id"]).sum()
    on = days[(days["part"] == "during") & (days["base_rate"] > 0)].groupby("event_id")
    ids = events["event_id"]
    return events[["event_id", "kind"]].assign(
        extra_contacts=extra.reindex(ids).to_numpy(),
        during_factor=on["volume_factor"].mean().reindex(ids).to_numpy(),
        aht_during_factor=on["aht_factor"].mean().reindex(ids).to_numpy(),
    )


def hidden_causes(
    spec: CentreSpec, days: pd.DataFrame, touched: pd.Series, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the hidden causes, each on an open day that no event touches."""
    free = days.loc[(days["base_rate"] > 0) & ~days["date"].isin(touched), "date"]
    wanted = spec.unannounced + spec.outages
    if len(free) < wanted:
        raise ParamsError(
            f"unannounced and outages must be at most {len(free)}, the open days that no event "
            f"touches; found {wanted}"
        )
    found = []
    open_min = clock_min(spec.closes) - clock_min(spec.opens)
    for i, at in enumerate(rng.permutation(len(free))[:wanted]):
        day = pd.Timestamp(free.iloc[at])
        if i < spec.unannounced:
            low, high = UNANNOUNCED_FACTORS[int(rng.integers(len(UNANNOUNCED_FACTORS)))]
            window = (day, day + DAY, float(rng.uniform(low, high)), "unannounced")
        else:
            lasts = min(int(rng.choice(OUTAGE_MIN)), open_min)
            waits = int(rng.integers((open_min - lasts) // spec.interval_min + 1))
            begins = clock_min(spec.opens) + waits * spec.interval_min
            start = day + pd.Timedelta(minutes=begins)
            window = (start, start + pd.Timedelta(minutes=lasts), OUTAGE_FACTOR, "outage")
        found.append(dict(zip(_HIDDEN, (day, *window), strict=True)))
    return _frame(found, _HIDDEN).sort_values("date", ignore_index=True)


def hidden_factor(local: pd.Series, hidden: pd.DataFrame) -> np.ndarray:
    """Return what the hidden causes make of each interval."""
    factor = np.ones(len(local))
    for start, end, by in zip(hidden["start"], hidden["end"], hidden["factor"], strict=True):
        factor[((local >= start) & (local < end)).to_numpy()] = by
    return factor


def _frame(rows: list[dict[str, Any]], types: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(types)).astype(types)
