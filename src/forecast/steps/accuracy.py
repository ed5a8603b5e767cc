"""Step accuracy: what staffing to the past forecasts missed by, in money, and what made it."""

import numpy as np

from forecast.accuracy import error_parts, staffing_error
from forecast.capacity.handle_time import aht_by_series
from forecast.capacity.money.planned import position_price
from forecast.console import PARAMS, InFile, OutFile, ParamsFile, say
from forecast.params import Params
from forecast.schema import CALENDAR, ERROR_PARTS, FEATURES, FORECAST, HISTORY, MISSES, as_known
from forecast.select import CHAMPION, scored
from forecast.store import read_table, write_table


def accuracy(
    backtest: InFile,
    features: InFile,
    history: InFile,
    calendar: InFile,
    out_misses: OutFile,
    out_parts: OutFile,
    params: ParamsFile = PARAMS,
) -> None:
    """Judge the champion's past forecasts by the agents that they would have mis-scheduled."""
    settings = Params.load(params)
    table = as_known(read_table(features, FEATURES))
    past = scored(read_table(backtest, FORECAST), table, settings.backtest)
    champion = past[past["model"] == CHAMPION]
    aht_s = aht_by_series(read_table(history, HISTORY), settings.capacity)
    price = position_price(settings, read_table(calendar, CALENDAR))
    misses = staffing_error(champion, aht_s=aht_s, params=settings.capacity, price=price)
    parts = error_parts(
        champion,
        table,
        aht_s=aht_s,
        params=settings.capacity,
        rng=np.random.default_rng(settings.seed),
        price=price,
    )
    write_table(MISSES.validate(misses), MISSES, out_misses)
    write_table(parts, ERROR_PARTS, out_parts)
    hours, needed = parts["hours"].sum(), misses["agent_hours"].sum()
    by_part = parts.groupby("part")["hours"].sum().sort_values(ascending=False)
    told = ", ".join(f"{name} {share:.0%}" for name, share in (by_part / hours).items() if share)
    say(f"accuracy: staffing missed by {hours / max(needed, 1e-9):.1%} of agent-hours: {told}")
