"""How an invented centre was staffed by the plain rule, and how its customers fared."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.queueing import performance
from forecast.schema import HISTORY
from forecast.synthetic.centre import HANDLE_TIME_PARTS
from forecast.synthetic.commerce_spec import (
    INTERVAL_MIN,
    CommerceSpec,
    PlainRule,
    QueueSpec,
    SiteSpec,
)
from forecast.synthetic.plain_rule import agents_in_shifts, plain_forecast
from forecast.synthetic.spec import clock_min

ANSWER_WITHIN_S = 20.0
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def plain_agents(
    offered: pd.DataFrame, site: SiteSpec, aht_s: float, orders: pd.DataFrame, rule: PlainRule
) -> Ints:
    """Return the agents that the plain rule puts into every interval of one queue.

    Each week is planned when the one before has ended, from its contacts and from the orders that
    are planned.

    Parameters
    ----------
    offered
        ``local`` and ``offered`` of every open interval, whole weeks from a Monday on.
    site
        Where the queue is.
    aht_s
        Its usual handle time.
    orders
        By week: ``week``, ``orders`` and ``planned``; see ``sales.weekly_orders``.
    rule
        The rule's margin, occupancy and shifts.
    """
    first = pd.Timestamp(orders["week"].iloc[0])
    day = ((offered["local"].dt.normalize() - first) // pd.Timedelta(days=1)).to_numpy()
    minute = (offered["local"] - offered["local"].dt.normalize()) // pd.Timedelta(minutes=1)
    slot = ((minute - clock_min(site.opens)) // INTERVAL_MIN).to_numpy()
    slots = (clock_min(site.closes) - clock_min(site.opens)) // INTERVAL_MIN
    came = np.full((7 * len(orders), slots), np.nan)
    came[day, slot] = offered["offered"]
    before = orders["orders"].shift(1).fillna(orders["planned"])
    growth = (orders["planned"] / before).to_numpy()
    contacts = plain_forecast(came, growth, rule.margin)
    return np.asarray(agents_in_shifts(contacts, aht_s, INTERVAL_MIN, rule)[day, slot])


def history_of(
    spec: CommerceSpec,
    queue: QueueSpec,
    truth: pd.DataFrame,
    orders: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return HISTORY of one queue, whose agents are those of the plain rule.

    Who gives up, and who is answered in time, is drawn with the probabilities of Erlang A for the
    true rate, handle time and agents of the interval.
    """
    offered = rng.poisson(truth["rate"])
    came = truth[["local"]].assign(offered=offered)
    agents = plain_agents(came, spec.site(queue.site), queue.aht_s, orders, spec.rule)
    aht_s = truth["aht_s"].to_numpy()
    fared = performance(
        truth["rate"].to_numpy() * aht_s / (60 * INTERVAL_MIN),
        agents.astype("float64"),
        aht_s=aht_s,
        answer_within_s=ANSWER_WITHIN_S,
        patience_s=spec.patience_s,
    )
    lost = np.clip(fared.abandonment, 0, 1)
    answered = offered - rng.binomial(offered, lost)
    in_time = np.clip(fared.service_level / np.maximum(1 - lost, 1e-9), 0, 1)
    sd = np.sqrt(np.log1p(spec.aht_contact_cv**2 / np.maximum(answered, 1)))
    handle_s = answered * aht_s * np.exp(rng.normal(0, 1, len(sd)) * sd - sd**2 / 2)
    frame = truth[["site", "queue", "channel", "ds"]].assign(
        minutes=INTERVAL_MIN,
        offered=offered,
        answered=answered,
        abandoned=offered - answered,
        answered_in_threshold=rng.binomial(answered, in_time),
        wait_s=fared.asa_s * rng.gamma(np.maximum(answered, 1e-9)),
        agents=agents.astype("float64"),
        **{part: share * handle_s for part, share in HANDLE_TIME_PARTS.items()},
    )
    return frame.reindex(columns=HISTORY.names)
