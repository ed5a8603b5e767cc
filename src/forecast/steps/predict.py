"""Step forecast: the next weeks -> FORECAST, PATHS and the fitted models."""

from forecast.console import PARAMS, InFile, OutFile, OutFolder, ParamsFile, progress, say
from forecast.params import Params
from forecast.predict import live_forecast
from forecast.schema import FEATURES, FORECAST, PATHS
from forecast.select import SeriesPlan
from forecast.store import read_json, read_table, write_models, write_table


def predict(
    features: InFile,
    selection: InFile,
    out_forecast: OutFile,
    out_paths: OutFile,
    out_models: OutFolder,
    params: ParamsFile = PARAMS,
) -> None:
    """Fit the models to the whole history and forecast the weeks ahead, with sample paths."""
    settings = Params.load(params)
    live = live_forecast(
        read_table(features, FEATURES),
        [SeriesPlan.from_json(plan) for plan in read_json(selection)["series"]],
        settings,
        progress=progress,
    )
    write_table(live.forecast, FORECAST, out_forecast)
    write_table(live.paths, PATHS, out_paths)
    write_models(live.states, out_models)
    total = live.paths["offered"].sum() / settings.forecast.paths
    say(
        f"forecast: {total:,.0f} contacts in "
        f"{settings.forecast.horizon_days} days, {settings.forecast.paths} paths"
    )
