"""Step select: MEANS -> calibrated FORECAST of the past, SCORES, and what the live one will use."""

from forecast.accuracy import scores
from forecast.console import PARAMS, InFile, OutFile, ParamsFile, say
from forecast.params import Params
from forecast.schema import FEATURES, FORECAST, MEANS, SCORES, as_known
from forecast.select import CHAMPION, plans, replay, scored
from forecast.store import read_table, write_json, write_table
from forecast.targets import OFFERED
from forecast.totals import past_totals


def select(
    means: InFile,
    features: InFile,
    out_forecast: OutFile,
    out_scores: OutFile,
    out_selection: OutFile,
    params: ParamsFile = PARAMS,
) -> None:
    """Calibrate, weigh and choose, at every cutoff from earlier ones alone; score the result."""
    settings = Params.load(params)
    expected = read_table(means, MEANS)
    table = as_known(read_table(features, FEATURES))
    past = replay(expected, settings.select)
    totals = past_totals(expected, past, table, settings.select, seed=settings.seed)
    result = scores(scored(past, table, settings.backtest), table, totals)
    horizons = settings.backtest.horizons
    chosen = plans(expected, past, table, settings.select, horizons=horizons)
    write_table(past, FORECAST, out_forecast)
    write_table(result, SCORES, out_scores)
    write_json({"series": [plan.to_json() for plan in chosen]}, out_selection)
    champion = result[(result["model"] == CHAMPION) & (result["metric"] == "wape")]
    champion = champion[champion["target"] == OFFERED]
    by_lead = (
        champion[champion["level"] == "interval"].groupby("horizon", sort=False)["value"].mean()
    )
    order = [h for h in settings.backtest.horizons if h in by_lead.index]
    said = ", ".join(f"{h.replace('_', ' ')} {by_lead[h]:.1%}" for h in order)
    say(f"select: WAPE of the champion by lead time: {said}")
