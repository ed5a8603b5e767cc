"""Effects -> tables for people: what each event did or will do, and what a kind does day by day."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from forecast.effects.learn import Belief, Effects, scaled
from forecast.effects.positions import AFTER_DAYS, BEFORE_DAYS, DAY, DURING
from forecast.schema import EVENT_DAYS, EVENT_EFFECTS, KIND_EFFECTS, SeriesKey

Floats = npt.NDArray[np.float64]
DRAWS = 400
PHASES = ("before", "during", "after")
EDGES = (0.05, 0.95)
NORMAL = float(ndtri(EDGES[1]))
"""Standard deviations from the mean to an edge."""


def event_effects(
    effects: Effects, events: pd.DataFrame, days: pd.DataFrame, key: SeriesKey, target: str
) -> pd.DataFrame:
    """Return EVENT_EFFECTS: for every event that reaches some days, what it does to them.

    Parameters
    ----------
    effects
        What was learned of one series.
    events
        EVENTS of the series, past and future.
    days
        Columns ``date``, ``local`` and ``usual``: days (or parts of them) and the contacts that
        they have without any event.
    key
        The series.
    target
        ``offered`` or ``aht_s``.
    """
    total, _ = effects.of_cells(days, events)
    rng = np.random.default_rng(0)
    seen = _seen(effects)
    own = set(seen["event_id"])
    rows = []
    for number, event in enumerate(events.to_dict("records")):
        belief = effects.at(days, events.iloc[[number]])
        cell = belief.pairs.cell
        if not len(cell):
            continue
        mean, draws = _drawn(belief, rng)
        alike = seen[(seen["pool"] == event["pool"]) & (seen["kind"] == event["kind"])]
        others = np.exp(total[cell] - mean)
        extra = (np.expm1(draws) * others * days["usual"].to_numpy()[cell]).sum(axis=1)
        during = belief.pairs.phase == DURING
        peak = int(np.abs(mean).argmax())
        rows.append(
            {
                **{name: event[name] for name in ("event_id", "name", "kind", "pool")},
                **{name: event[name] for name in ("start", "end", "intensity")},
                "known_events": len(alike),
                "basis": "own" if event["event_id"] in own else "kind" if len(alike) else "pool",
                **_range("during", np.exp(draws[:, during]).mean(axis=1) if during.any() else None),
                "peak_date": days["date"].iloc[cell[peak]],
                **_range("peak", np.exp(draws[:, peak])),
                **_range("extra", extra if target == "offered" else None),
            }
        )
    frame = pd.DataFrame(rows, columns=EVENT_EFFECTS.names[4:])
    return EVENT_EFFECTS.validate(_named(frame, key, target)[EVENT_EFFECTS.names])


def _seen(effects: Effects) -> pd.DataFrame:
    """Return the events that had begun in the history: what leads up to one does not tell it."""
    pairs = effects.design.pairs
    return effects.design.events.iloc[np.unique(pairs.event[pairs.phase >= DURING])]


def kind_effects(effects: Effects, key: SeriesKey, target: str) -> pd.DataFrame:
    """Return KIND_EFFECTS: what the next event of each kind is expected to do, day by day.

    Such an event lasts as long as the kind's median one, in whole days, and has intensity 1.
    """
    seen = _seen(effects)
    parts = []
    for (name, kind), own in seen.groupby(["pool", "kind"], sort=True):
        pool = str(name)
        length = (own["end"] - own["start"]).dt.total_seconds().median() / DAY.total_seconds()
        days = max(1, round(length))
        start = pd.Timestamp("2001-01-01").as_unit("us")
        event = own.iloc[[0]].assign(
            event_id="", start=start, end=start + days * DAY, intensity=1.0
        )
        first = start - BEFORE_DAYS[pool] * DAY
        span = BEFORE_DAYS[pool] + days + AFTER_DAYS[pool]
        dates = pd.Series(pd.date_range(first, periods=span, freq="D", unit="us"))
        belief = effects.at(pd.DataFrame({"date": dates, "local": dates}), event)
        sd = np.sqrt(np.maximum(np.diag(belief.covariance), 0.0))
        near = belief.pairs.near + (belief.pairs.phase == DURING)
        parts.append(
            pd.DataFrame(
                {
                    "kind": kind,
                    "pool": pool,
                    "known_events": len(own),
                    "phase": np.array(PHASES)[belief.pairs.phase],
                    "day": near.astype("int64"),
                    "effect": np.exp(belief.mean),
                    "effect_q05": np.exp(belief.mean - NORMAL * sd),
                    "effect_q95": np.exp(belief.mean + NORMAL * sd),
                }
            )
        )
    if not parts:
        return KIND_EFFECTS.empty()
    frame = pd.concat(parts, ignore_index=True)
    return KIND_EFFECTS.validate(_named(frame, key, target)[KIND_EFFECTS.names])


def event_days(
    effects: Effects, events: pd.DataFrame, since: pd.Timestamp, key: SeriesKey, target: str
) -> pd.DataFrame:
    """Return EVENT_DAYS: what each event that reaches the days ahead does, on all days it reaches.

    ``effect`` is the factor that it puts on the mean of the forecast.

    Parameters
    ----------
    effects
        What was learned of one series.
    events
        EVENTS of the series, past and future.
    since
        Local midnight of the first day ahead.
    key
        The series.
    target
        ``offered`` or ``aht_s``.
    """
    parts = []
    for number, event in enumerate(events.to_dict("records")):
        pool, start, end = str(event["pool"]), event["start"], event["end"]
        first = start.normalize() - BEFORE_DAYS[pool] * DAY
        last = (end - pd.Timedelta(microseconds=1)).normalize() + AFTER_DAYS[pool] * DAY
        if last < since:
            continue
        moments = {*pd.date_range(first, last, freq="D"), start, end}
        local = pd.Series(pd.DatetimeIndex(sorted(moments)).as_unit("us"))
        cells = pd.DataFrame({"date": local.dt.normalize(), "local": local})
        log_effect, variance = effects.of_cells(cells, events.iloc[[number]])
        # Contacts are drawn around the effect on the log scale, so that their mean is above it.
        more = variance / 2 if target == "offered" else 0.0
        factor = np.exp(log_effect + more)
        own = {name: event[name] for name in ("event_id", "kind", "start")}
        parts.append(pd.DataFrame({**own, "local": local, "effect": factor}))
    if not parts:
        return EVENT_DAYS.empty()
    frame = pd.concat(parts, ignore_index=True)
    return EVENT_DAYS.validate(_named(frame, key, target)[EVENT_DAYS.names])


def _drawn(belief: Belief, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the mean log effects of one event's pairs, and joint draws of them."""
    n = len(belief.pairs)
    mean, _ = scaled(belief.mean, belief.intensity)
    root = np.linalg.cholesky(belief.covariance + 1e-9 * np.eye(n))
    raw = belief.mean + rng.standard_normal((DRAWS, n)) @ root.T
    return mean, scaled(raw, belief.intensity)[0]


def _range(name: str, values: Floats | None) -> dict[str, float]:
    """Return the median and the ends of the 90 % interval, empty without values."""
    low, high = (np.nan, np.nan) if values is None else np.quantile(values, EDGES)
    middle = np.nan if values is None else np.median(values)
    return {name: float(middle), f"{name}_q05": float(low), f"{name}_q95": float(high)}


def _named(frame: pd.DataFrame, key: SeriesKey, target: str) -> pd.DataFrame:
    site, queue, channel = key
    return frame.assign(site=site, queue=queue, channel=channel, target=target)
