"""An invented centre: its history, and the truth behind it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.schema import HISTORY, LOCAL
from forecast.synthetic.events import (
    DAY,
    draw_events,
    hidden_causes,
    hidden_factor,
    true_effects,
)
from forecast.synthetic.spec import CentreSpec, clock_min

HANDLE_TIME_PARTS = {"talk_s": 0.78, "hold_s": 0.06, "wrap_s": 0.16}
"""Shares of handle time."""


@dataclass(frozen=True)
class Centre:
    """A centre's history, and the truth behind it.

    Attributes
    ----------
    spec
        What it was made from.
    history
        HISTORY: a row for every open interval.
    events
        The events as planners know them: event_id, name, kind, start and end (local; the end is
        the midnight after the last day), queues, sites, intensity, announced_on (local), source.
    truth
        By local ``date``: ``base_rate`` (expected contacts without any event; the day's noise is
        in it), ``noise`` (that noise, a factor of mean 1), ``volume_factor`` and ``aht_factor``
        (what all events and hidden causes make of the day) and ``base_aht_s``.
    rates
        By ``ds``, for every open interval: ``rate``, the contacts expected in it, with all effects
        and noise but the chance of single arrivals.
    effects
        By event: ``extra_contacts`` (expected over all days that it touches, the other events
        being there), ``during_factor`` (mean of its own factor over its open days) and
        ``aht_during_factor``.
    day_effects
        By event and date that it touches: ``day`` since its start, ``part`` (before, during,
        after) and its own ``volume_factor`` and ``aht_factor``.
    unannounced
        Hidden causes: date, start, end (local), factor within them, and kind (unannounced or
        outage). On their days no event has an effect.
    """

    spec: CentreSpec
    history: pd.DataFrame
    events: pd.DataFrame
    truth: pd.DataFrame
    rates: pd.DataFrame
    effects: pd.DataFrame
    day_effects: pd.DataFrame
    unannounced: pd.DataFrame


def make_centre(spec: CentreSpec, *, seed: int) -> Centre:
    """Return an invented centre.

    The days' rates, the events and the hidden causes are drawn apart: a spec without events has
    the days of the same spec with them. For events that lie ahead, make more days than are wanted
    and cut ``history`` off.

    Parameters
    ----------
    spec
        What the centre is like.
    seed
        Same spec and seed, same centre, to the byte.

    Raises
    ------
    ParamsError
        When the days are too few for the events, or for the hidden causes beside them.

    Examples
    --------
    >>> from forecast.synthetic import DEFAULT_KINDS
    >>> centre = make_centre(CentreSpec(days=365, kinds=DEFAULT_KINDS[:1]), seed=7)
    >>> len(centre.events), centre.events["kind"].unique().tolist()
    (16, ['promotion'])
    >>> expected = centre.truth["base_rate"] / centre.truth["noise"]
    >>> round(expected[expected > 0].mean())
    1500
    """
    rngs = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(5)]
    days = _ordinary_days(spec, rngs[0])
    events, day_effects = draw_events(spec, days, rngs[1])
    hidden = hidden_causes(spec, days, day_effects["date"], rngs[2])
    grid = _open_intervals(spec)
    share = _shares(spec, grid, rngs[3]) * hidden_factor(grid["local"], hidden)
    factors = day_effects.groupby("date")[["volume_factor", "aht_factor"]].prod()
    factors = factors.reindex(pd.Index(days["date"]), fill_value=1.0).reset_index(drop=True)
    left = np.bincount(grid["day"], share, minlength=spec.days)
    left = np.where(days["date"].isin(hidden["date"]), left, 1.0)
    truth = days.assign(
        volume_factor=factors["volume_factor"] * left, aht_factor=factors["aht_factor"]
    )
    busy = (days["base_rate"] * factors["volume_factor"]).to_numpy()[grid["day"]]
    aht_s = (days["base_aht_s"] * factors["aht_factor"]).to_numpy()[grid["day"]]
    return Centre(
        spec=spec,
        history=_history(spec, grid["ds"], rngs[3].poisson(busy * share), aht_s, rngs[4]),
        events=events,
        truth=truth,
        rates=pd.DataFrame({"ds": grid["ds"], "rate": busy * share}),
        effects=true_effects(events, day_effects, truth),
        day_effects=day_effects,
        unannounced=hidden,
    )


def _ordinary_days(spec: CentreSpec, rng: np.random.Generator) -> pd.DataFrame:
    """Return date, base_rate, noise and base_aht_s of every day."""
    dates = pd.Series(pd.date_range(spec.first_day, periods=spec.days, unit="us"))
    weekday = dates.dt.day_of_week.to_numpy()
    level = np.cumsum(rng.normal(0, spec.level_sd, spec.days))
    year = 2 * np.pi * dates.dt.day_of_year.to_numpy() / 365.25
    expected = np.array(spec.weekdays)[weekday] * np.exp(level + spec.season * np.cos(year))
    noise = _noise(spec, rng)
    aht = np.array(spec.aht_weekdays)[weekday] * _lognormal(rng, spec.aht_day_sd, spec.days)
    return pd.DataFrame(
        {
            "date": dates.astype(LOCAL),
            "base_rate": expected * noise * spec.contacts_per_day / expected[expected > 0].mean(),
            "noise": noise,
            "base_aht_s": spec.aht_s * aht,
        }
    )


def _noise(spec: CentreSpec, rng: np.random.Generator) -> np.ndarray:
    """Return a first-order autoregression on the log, with mean 1."""
    news = rng.normal(0, spec.noise_sd, spec.days)
    out = np.empty(spec.days)
    out[0] = news[0]
    for i in range(1, spec.days):
        out[i] = spec.noise_carry * out[i - 1] + np.sqrt(1 - spec.noise_carry**2) * news[i]
    return np.asarray(np.exp(out - spec.noise_sd**2 / 2))


def _lognormal(rng: np.random.Generator, sd: float | np.ndarray, size: int) -> np.ndarray:
    """Return log-normal factors with mean 1."""
    return np.asarray(np.exp(rng.normal(0, 1, size) * sd - np.square(sd) / 2))


def _open_intervals(spec: CentreSpec) -> pd.DataFrame:
    """Return ds, local and ``day`` (counted from the first) of every open interval."""
    ends = [pd.Timestamp(spec.first_day), pd.Timestamp(spec.first_day) + spec.days * DAY]
    first, last = (
        day.tz_localize(spec.zone, ambiguous=True, nonexistent="shift_forward") for day in ends
    )
    every = f"{spec.interval_min}min"
    stamps = pd.date_range(first, last, freq=every, inclusive="left", unit="us")
    local = pd.Series(stamps.tz_localize(None)).astype(LOCAL)
    midnight = local.dt.normalize()
    minute = (local - midnight) // pd.Timedelta(minutes=1)
    day = (midnight - ends[0]) // DAY
    is_open = (minute >= clock_min(spec.opens)) & (minute < clock_min(spec.closes))
    is_open &= np.array(spec.weekdays)[local.dt.day_of_week] > 0
    grid = pd.DataFrame({"ds": stamps.tz_convert("UTC"), "local": local, "day": day})
    return grid.assign(minute=minute)[is_open].reset_index(drop=True)


def _shares(spec: CentreSpec, grid: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Return each interval's share of its day: two humps, and every day a little otherwise."""
    opens = clock_min(spec.opens)
    at = (grid["minute"] - opens + spec.interval_min / 2) / (clock_min(spec.closes) - opens)
    humps = 0.4 + np.exp(-(((at - 0.25) / 0.15) ** 2)) + 0.7 * np.exp(-(((at - 0.65) / 0.15) ** 2))
    tight = spec.interval_sd**-2
    weight = humps.to_numpy() * rng.gamma(tight, 1 / tight, len(grid))
    return np.asarray(weight / np.bincount(grid["day"], weight)[grid["day"]])


def _history(
    spec: CentreSpec,
    ds: pd.Series,
    offered: np.ndarray,
    aht_s: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    answered = offered - rng.binomial(offered, spec.abandoned_share)
    # The mean of n contacts spreads by cv / sqrt(n); nobody answered, no handle time.
    sd = np.sqrt(np.log1p(spec.aht_contact_cv**2 / np.maximum(answered, 1)))
    handle_s = answered * aht_s * _lognormal(rng, sd, len(answered))
    frame = pd.DataFrame(
        {
            "site": spec.site,
            "queue": spec.queue,
            "channel": spec.channel,
            "ds": ds,
            "minutes": spec.interval_min,
            "offered": offered,
            "answered": answered,
            "abandoned": offered - answered,
            "wait_s": spec.wait_s * rng.gamma(answered),
            **{part: share * handle_s for part, share in HANDLE_TIME_PARTS.items()},
        }
    )
    return HISTORY.validate(frame.reindex(columns=HISTORY.names), "make_centre")
