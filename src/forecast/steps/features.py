"""Step features: HISTORY + CALENDAR + EVENTS -> FEATURES of the past, and of the days ahead."""

from forecast.console import PARAMS, InFile, OutFile, ParamsFile, say
from forecast.features import build_features, ended_series, past_and_ahead, reaching
from forecast.params import Params
from forecast.schema import CALENDAR, EVENTS, FEATURES, HISTORY
from forecast.store import read_table, write_table


def features(
    history: InFile,
    calendar: InFile,
    events: InFile,
    out: OutFile,
    out_ahead: OutFile,
    out_events: OutFile,
    params: ParamsFile = PARAMS,
) -> None:
    """Put counts on the planning grid, with what the calendar says of each interval.

    The past stands apart from the days ahead, and so do the events that reach it: what changes
    only ahead does not touch the backtest.
    """
    settings = Params.load(params)
    calls = read_table(history, HISTORY)
    told = read_table(events, EVENTS)
    table = build_features(calls, read_table(calendar, CALENDAR), told, settings)
    past, ahead = past_and_ahead(table)
    write_table(past, FEATURES, out)
    write_table(ahead, FEATURES, out_ahead)
    write_table(reaching(told, past), EVENTS, out_events)
    for key, reason in ended_series(calls, settings).items():
        say(f"features: {'/'.join(key)} is not forecast: {reason}")
    known = int((past["y"].notna() & (past["open_min"] > 0)).sum())
    say(f"features: {known:,} open intervals of {settings.features.interval_min} min with a count")
