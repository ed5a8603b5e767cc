"""Step features: HISTORY + CALENDAR -> FEATURES."""

from forecast.console import PARAMS, InFile, OutFile, ParamsFile, say
from forecast.features import build_features, ended_series
from forecast.params import Params
from forecast.schema import CALENDAR, FEATURES, HISTORY
from forecast.store import read_table, write_table


def features(history: InFile, calendar: InFile, out: OutFile, params: ParamsFile = PARAMS) -> None:
    """Put counts on the planning grid, with what the calendar says of each interval."""
    settings = Params.load(params)
    calls = read_table(history, HISTORY)
    table = build_features(calls, read_table(calendar, CALENDAR), settings)
    write_table(table, FEATURES, out)
    for key, reason in ended_series(calls, settings).items():
        say(f"features: {'/'.join(key)} is not forecast: {reason}")
    known = int((table["y"].notna() & (table["open_min"] > 0)).sum())
    say(f"features: {known:,} open intervals of {settings.features.interval_min} min with a count")
