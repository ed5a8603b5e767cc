"""Step forecast: the next weeks -> FORECAST, PATHS, the fitted models, and what events do."""

import pandas as pd

from forecast.borrowing import LENT
from forecast.console import (
    PARAMS,
    InFile,
    InFolder,
    OutFolder,
    ParamsFile,
    progress,
    say,
)
from forecast.params import Params
from forecast.predict import Live, live_forecast
from forecast.schema import (
    EVENT_DAYS,
    EVENT_EFFECTS,
    EVENTS,
    FEATURES,
    FORECAST,
    KIND_EFFECTS,
    MENDED,
    PATHS,
    SERIES,
    UNEXPLAINED,
)
from forecast.select import SeriesPlan
from forecast.store import read_json, read_table, write_models, write_table
from forecast.targets import AHT, OFFERED

TARGET_WORDS = {OFFERED: "contacts", AHT: "handle time"}


def predict(
    interim: InFolder,
    selection: InFile,
    out: OutFolder,
    out_models: OutFolder,
    params: ParamsFile = PARAMS,
) -> None:
    """Fit the models to the whole history and forecast the weeks ahead, with sample paths."""
    settings = Params.load(params)
    parts = [read_table(interim / f"{name}.parquet", FEATURES) for name in ("features", "ahead")]
    live = live_forecast(
        FEATURES.validate(pd.concat(parts, ignore_index=True)),
        read_table(interim / "events.parquet", EVENTS),
        [SeriesPlan.from_json(plan) for plan in read_json(selection)["series"]],
        settings,
        progress=progress,
    )
    write_table(live.forecast, FORECAST, out / "forecast.parquet")
    write_table(live.paths, PATHS, out / "paths.parquet")
    write_table(live.explained.event_effects, EVENT_EFFECTS, out / "event_effects.parquet")
    write_table(live.explained.event_days, EVENT_DAYS, out / "event_days.parquet")
    write_table(live.explained.kind_effects, KIND_EFFECTS, out / "kind_effects.parquet")
    write_table(live.explained.unexplained, UNEXPLAINED, out / "unexplained.parquet")
    write_table(live.mended, MENDED, out / "mended.parquet")
    write_models(live.states, out_models)
    total = live.paths["offered"].sum() / settings.forecast.paths
    say(
        f"forecast: {total:,.0f} contacts in "
        f"{settings.forecast.horizon_days} days, {settings.forecast.paths} paths"
    )
    for line in warnings_of(live):
        say(f"forecast: {line}")


def warnings_of(live: Live) -> list[str]:
    """Return what a planner should know: kinds of events never seen, odd data, events to name."""
    effects = live.explained.event_effects
    cutoff = live.forecast["cutoff"].min().tz_localize(None)
    new = effects[(effects["basis"] == "pool") & (effects["end"] > cutoff)]
    new = new[(new["target"] == "offered") & (new["pool"] == "event")]
    lines = [
        f"no event of kind '{kind}' is in the history; what it does is guessed from other kinds: "
        f"{', '.join(sorted(set(own['event_id'])))}"
        for kind, own in new.groupby("kind", sort=True)
    ]
    keys = [*SERIES, "target", "what"]
    for (*series, target, what), own in live.mended.groupby(keys, sort=True):
        last, name = own.iloc[-1], "/".join(map(str, series))
        if what == LENT:
            lines.append(
                f"{name} is young: it began {last['at']:%Y-%m-%d}, with {last['factor']:.1%} of "
                "what all others have; the weeks before were lent by them"
            )
            continue
        lines.append(
            f"{name}: {len(own)} x {what} in {TARGET_WORDS[str(target)]}, last "
            f"{last['at']:%Y-%m-%d} ({last['factor']:.2f} of the usual); the models learned from "
            "it as mended"
        )
    count = len(live.explained.unexplained)
    if count:
        lines.append(f"{count} days or hours that the calendar does not explain are in the report")
    return lines
