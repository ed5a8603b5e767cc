"""Step backtest: every model from rolling cutoffs -> MEANS."""

from forecast.backtest import backtest as run_backtest
from forecast.console import PARAMS, InFile, OutFile, ParamsFile, progress, say
from forecast.params import Params
from forecast.schema import EVENTS, FEATURES, MEANS
from forecast.store import read_table, write_table


def backtest(features: InFile, events: InFile, out: OutFile, params: ParamsFile = PARAMS) -> None:
    """Let every model forecast the last weeks again, from what was known at each cutoff."""
    settings = Params.load(params)
    table, told = read_table(features, FEATURES), read_table(events, EVENTS)
    means = run_backtest(table, told, settings, progress=progress)
    write_table(means, MEANS, out)
    say(f"backtest: {len(settings.models)} models at {means['cutoff'].nunique()} cutoffs")
