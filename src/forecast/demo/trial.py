"""How plans would have done: the weeks ahead, simulated call by call at the true rate."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.queueing.simulation import Exponential, Lognormal, one_queue
from forecast.queueing.simulation.engine import run
from forecast.queueing.simulation.results import tally
from forecast.schema import SERIES
from forecast.synthetic.commerce_spec import INTERVAL_MIN, CommerceSpec
from forecast.synthetic.staffed import ANSWER_WITHIN_S

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
COUNTS = {"offered": 0, "answered": 2, "in_time": 5}
"""Place of each count among those of a simulated day."""


@dataclass(frozen=True)
class Fared:
    """Contacts by row of ``weeks`` and replication: offered, answered, and answered in time."""

    weeks: pd.DataFrame
    offered: Floats
    answered: Floats
    in_time: Floats


def fared(
    truth: pd.DataFrame,
    agents: Ints,
    spec: CommerceSpec,
    *,
    replications: int,
    seed: int,
) -> Fared:
    """Return how contacts of each series and week fare with these agents.

    Every day of every series is simulated alone. Its calls, handle times and patience come from
    the same random numbers whatever the agents, so that two plans meet the same callers.

    Parameters
    ----------
    truth
        ``Commerce.rates`` of whole days: site, queue, channel, ds, local, rate, aht_s (one a day).
    agents
        Agents on position in each of its rows.
    spec
        Patience and spread of handle times.
    replications
        Times that the weeks are simulated.
    seed
        Source of all chance.
    """
    days = truth.assign(agents=agents, day=truth["local"].dt.normalize())
    named: list[tuple[Any, ...]] = []
    counts = []
    for number, (key, own) in enumerate(days.groupby([*SERIES, "day"], sort=True)):
        named.append(tuple(key))
        centre = one_queue(
            own["rate"].to_numpy(),
            own["agents"].to_numpy(),
            interval_s=INTERVAL_MIN * 60.0,
            service=Lognormal(float(own["aht_s"].iloc[0]), spec.aht_contact_cv),
            answer_within_s=ANSWER_WITHIN_S,
            patience=Exponential(spec.patience_s),
        )
        rngs = np.random.default_rng([seed, number]).spawn(replications)
        sums = [tally(centre, run(centre, rng, 0.0)).calls.sum(axis=(1, 2)) for rng in rngs]
        counts.append([[one[place] for one in sums] for place in COUNTS.values()])
    table = pd.DataFrame(named, columns=[*SERIES, "day"])
    table["week"] = table["day"] - pd.to_timedelta(table["day"].dt.day_of_week, unit="D")
    weeks = table.groupby([*SERIES, "week"], sort=True).ngroup().to_numpy()
    summed = np.zeros((len(COUNTS), weeks.max() + 1, replications))
    for day, week in enumerate(weeks):
        summed[:, week] += counts[day]
    first = table.drop_duplicates([*SERIES, "week"])[[*SERIES, "week"]]
    first = first.sort_values([*SERIES, "week"], ignore_index=True)
    return Fared(first, *summed)
