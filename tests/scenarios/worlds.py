"""A small centre for levers: two sites, two queues, nine days of hours, and what events do."""

import numpy as np
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.params.scenario import Scenario
from forecast.scenarios import Learned
from forecast.scenarios.case import Case
from forecast.scenarios.levers import pulls
from forecast.scenarios.run import pulled
from forecast.schema import EVENT_DAYS, KIND_EFFECTS

DAYS, HOURS, PATHS = 9, 10, 40
START = pd.Timestamp("2024-01-01")
WEEKS = 2.0
COSTS = {
    "currency": "USD",
    "contracts": {"full": {"pay_per_hour": 30}, "part": {"pay_per_hour": 24}},
    "premiums": {"night": 1.25, "night_from": "17:00", "night_until": "06:00", "rest_day": 1.1},
    "per_hire": 1000,
    "per_leaver": 500,
    "per_training_week": 200,
    "per_seat_month": 210,
    "per_telecom_min": 0.013,
}
MIX = {"full": 0.75, "part": 0.25}


def world(per_hour: float = 120.0, days: int = DAYS, seed: int = 1) -> Demand:
    """Return orders at north and south, care at north: 08:00 to 18:00 UTC, 240 s a call."""
    rng = np.random.default_rng(seed)
    rows, rates = [], []
    busy = rng.normal(1, 0.06, (days, PATHS))
    shape = per_hour * (1 + 0.4 * np.sin(np.linspace(0, np.pi, HOURS)))
    for site, queue, size in (
        ("north", "care", 0.5),
        ("north", "orders", 1.0),
        ("south", "orders", 0.8),
    ):
        local = pd.Series(
            [START + pd.Timedelta(days=d, hours=8 + h) for d in range(days) for h in range(HOURS)]
        ).astype("datetime64[us]")
        named = {"site": site, "queue": queue, "channel": "voice"}
        ds = local.dt.tz_localize("UTC")
        rows.append(pd.DataFrame({**named, "ds": ds, "open_min": 60.0, "local": local}))
        own = busy * rng.normal(1, 0.02, (days, PATHS))
        rates.append(size * np.tile(shape, days)[:, None] * np.repeat(own, HOURS, axis=0))
    intervals = pd.concat(rows, ignore_index=True)
    return Demand(intervals, np.concatenate(rates), np.full(len(intervals), 240.0), WEEKS)


def learned() -> Learned:
    """Return what mailings do (two days, twice the calls, a tail), and one that is on the 6th.

    The learnt one: a day before +10 %, on its two days x 2 and x 1.5, the day after x 1.2, for
    orders alone; calls last 1.1 times as long on its days. Its 90 % interval is within 20 %.
    """
    kinds, days = [], []
    course = [("before", 1, 1.1), ("during", 1, 2.0), ("during", 2, 1.5), ("after", 1, 1.2)]
    longer = [("before", 1, 1.0), ("during", 1, 1.1), ("during", 2, 1.1), ("after", 1, 1.0)]
    start = START + pd.Timedelta(days=5)
    for site in ("north", "south"):
        own = {"site": site, "queue": "orders", "channel": "voice"}
        for target, told in (("offered", course), ("aht_s", longer)):
            for at, (phase, day, effect) in enumerate(told):
                row = {**own, "target": target, "kind": "mailing", "pool": "event"}
                row |= {"known_events": 3, "phase": phase, "day": day, "effect": effect}
                kinds.append(row | {"effect_q05": effect / 1.2, "effect_q95": effect * 1.2})
                row = {**own, "target": target, "event_id": "january", "kind": "mailing"}
                local = start + pd.Timedelta(days=at - 1)
                days.append(row | {"start": start, "local": local, "effect": effect})
    return Learned(
        KIND_EFFECTS.validate(pd.DataFrame(kinds)[KIND_EFFECTS.names]),
        EVENT_DAYS.validate(_in_us(pd.DataFrame(days))[EVENT_DAYS.names]),
        seed=7,
    )


def _in_us(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({"start": "datetime64[us]", "local": "datetime64[us]"})


def pull(case: Case, **levers: object) -> Case:
    """Return a case with the levers of one scenario pulled."""
    return pulled(case, pulls({"it": Scenario.model_validate(levers)}).values())


def contacts(case: Case) -> float:
    """Return the expected contacts that the centre's own people answer."""
    return float(case.demand.rate.mean(axis=1).sum())
