"""What knowing the calendar is worth: recovered effects, and errors with and without events.

    make benchmark-calendars

*Synthetic centres* have promotions with known effects (three years of half-hours, about 40 events
each); what is recovered is compared with what was put in, and each 28-day block of the last year is
forecast by the same model with and without the events. *Bernalillo* is a county assessor's office
(../shared/data, skipped where absent): tax bills and notices are mailed, payments fall due. The
constants of the effect model were chosen on seeds 0 to 9 and on Bernalillo's cutoffs up to August
2024; both are left out here.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.backtest import expected_at
from forecast.calendars.build import Built, build_calendar
from forecast.calendars.days.overrides import no_days
from forecast.calendars.events.raw import raw_table
from forecast.console import progress
from forecast.effects.explain import explain
from forecast.effects.learn import learn
from forecast.features import build_features, known_at
from forecast.params import Params
from forecast.schema import HISTORY, as_known, by_series, events_at
from forecast.store import write_text
from forecast.synthetic import Centre, CentreSpec, make_centre

ROOT = Path(__file__).parents[1]
BERNALILLO = ROOT.parent / "shared" / "data" / "bernalillo_2023_2025"
SEEDS = range(20, 26)
MODELS = {"same_weekday_mean": {"weeks": 6}, "lightgbm": {}, "prophet": {}}
SYNTHETIC_MODELS = {"same_weekday_mean": {"weeks": 6}, "prophet": {}}
DAYS_AHEAD = 28
KINDS = {
    "bill_mailed": "tax bills mailed",
    "nov_mailed": "notices of value mailed",
    "first_half_due": "payment due",
    "second_half_due": "payment due",
    "late_fee_start": "interest starts",
    "late_fee_second": "interest starts",
    "days_to_protest_deadline": "protest window",
}
"""Mail-outs and deadlines among the office's events; the file has 2025's protest window twice."""


def settings(**changes: object) -> Params:
    """Return the repository's settings, changed."""
    base = {
        "calendars.country": "US",
        "calendars.open_on_holidays": [],
        "models": MODELS,
        "forecast.horizon_days": DAYS_AHEAD,
    }
    return Params.load(ROOT / "params.yaml").override({**base, **changes})


def centre_of(seed: int) -> tuple[pd.DataFrame, Built, Params, Centre]:
    """Return FEATURES, calendar, settings and the centre itself, of one seed."""
    spec = CentreSpec()
    centre = make_centre(spec, seed=seed)
    days = ["mon", "tue", "wed", "thu", "fri", "sat"]
    params = settings(
        **{
            "models": SYNTHETIC_MODELS,
            "ingest.timezone": spec.zone,
            "calendars.open_on_holidays": "all",
            "calendars.opening_hours": [{"days": days, "opens": spec.opens, "closes": spec.closes}],
        }
    )
    built = build_calendar(centre.history, centre.events, params)
    return (
        build_features(centre.history, built.calendar, built.events, params),
        built,
        params,
        centre,
    )


def recovered(features: pd.DataFrame, built: Built, centre: Centre) -> dict[str, float]:
    """Return the share of events whose true effect lies in its 90 % interval."""
    key, own = next(by_series(features))
    train = known_at(own, own["ds"].max())
    train = train[train["y"].notna()]
    events = events_at(built.events)
    events = events[events["pool"] == "event"]
    told = explain(
        train,
        train.head(0).assign(usual=0.0),
        events,
        key,
        volume=learn(train, events),
        handle_time=learn(train, events, target="aht_s"),
        interval_min=30,
    ).event_effects.merge(centre.effects, on="event_id", suffixes=("", "_true"))
    out = {"events": float(told["event_id"].nunique())}
    for name, target, column, true in (
        ("extra contacts", "offered", "extra", "extra_contacts"),
        ("volume while on", "offered", "during", "during_factor"),
        ("handle time while on", "aht_s", "during", "aht_during_factor"),
    ):
        rows = told[told["target"] == target]
        inside = (rows[f"{column}_q05"] <= rows[true]) & (rows[true] <= rows[f"{column}_q95"])
        out[name] = float(inside.mean())
    return out


def ahead(
    features: pd.DataFrame, events: pd.DataFrame, cutoffs: list[pd.Timestamp], params: Params
) -> pd.DataFrame:
    """Return day sums expected and seen: model, cutoff, date, mean, y."""
    own = features
    parts = []
    dates = as_known(own)[["ds", "date"]]
    for cutoff in cutoffs:
        made = expected_at(own, events, cutoff, params.models, {"month": DAYS_AHEAD}, seed=1)
        rows = made.means.merge(dates, on="ds")
        days = rows.groupby(["model", "cutoff", "date"])[["raw_mean", "y"]].sum(min_count=1)
        parts.append(days.dropna().reset_index())
    return pd.concat(parts, ignore_index=True)


def wapes(days: pd.DataFrame) -> pd.Series:
    """Return the daily WAPE of each model."""
    error = (days["raw_mean"] - days["y"]).abs().groupby(days["model"]).sum()
    return error / days["y"].groupby(days["model"]).sum()


def synthetic_table() -> list[str]:
    """Return the part of the report on synthetic centres."""
    shares, rows = [], []
    for seed in progress(SEEDS, "synthetic centres"):
        features, built, params, centre = centre_of(seed)
        shares.append({"seed": seed, **recovered(features, built, centre)})
        starts = features.groupby("date")["ds"].min()
        last = starts.index.max()
        cutoffs = [starts[last - pd.Timedelta(days=364 - DAYS_AHEAD * k)] for k in range(13)]
        touched = centre.truth.loc[(centre.truth["volume_factor"] - 1).abs() > 0.05, "date"]
        for name, events in (("with", built.events), ("without", built.events.head(0))):
            days = ahead(features, events, cutoffs, params)
            on = days["date"].isin(touched)
            rows.append(wapes(days[on]).rename("on").to_frame().assign(
                off=wapes(days[~on]), calendar=name, seed=seed
            ).reset_index())  # fmt: skip
    found, wape = pd.DataFrame(shares).set_index("seed"), pd.concat(rows)
    lines = [
        "## Synthetic centres: effects recovered",
        "",
        f"{len(found)} centres (seeds {SEEDS.start} to {SEEDS.stop - 1}), "
        f"{found['events'].sum():.0f} events. Share of events whose true effect lies within the "
        "90 % interval:",
        "",
        "| effect | all centres | worst centre |",
        "|---|---|---|",
    ]
    for name in found.columns[1:]:
        lines.append(f"| {name} | {found[name].mean():.1%} | {found[name].min():.1%} |")
    lines += [
        "",
        "## Synthetic centres: daily WAPE one to 28 days ahead, last year",
        "",
        "Days on which events move the volume by more than 5 %, and all others; mean over centres.",
        "",
        "| model | event days, with events | without | error saved | worst centre | "
        "other days, with | without |",
        "|---|---|---|---|---|---|---|",
    ]
    for model, own in wape.groupby("model"):
        by = own.pivot_table(index="seed", columns="calendar", values=["on", "off"])
        saved = 1 - by["on"]["with"] / by["on"]["without"]
        on, off = by["on"].mean(), by["off"].mean()
        cells = [f"{on['with']:.1%}", f"{on['without']:.1%}"]
        cells += [f"{1 - on['with'] / on['without']:.0%}", f"{saved.min():.0%}"]
        cells += [f"{off['with']:.1%}", f"{off['without']:.1%}"]
        lines.append(f"| {' | '.join([model, *cells])} |")
    return lines


def bernalillo() -> tuple[pd.DataFrame, Built, Params]:
    """Return FEATURES, calendar and settings of the assessor's office.

    Events count as announced 60 days before they begin, by assumption: the dates of bills and
    payments are the law's.
    """
    hours = pd.read_csv(BERNALILLO / "hourly_call_data.csv", encoding="utf-8-sig")
    local = pd.to_datetime(hours["hour"], format="%m/%d/%Y %H:%M").astype("datetime64[us]")
    zone = "America/Denver"
    ds = local.dt.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    frame = pd.DataFrame({"ds": ds.dt.tz_convert("UTC"), "offered": hours["call_count"]})
    # One hour of the night in which clocks go back stands twice.
    frame = frame.groupby("ds", as_index=False)["offered"].sum()
    frame = frame.assign(site="main", queue="assessor", channel="voice", minutes=60)
    history = HISTORY.validate(frame.reindex(columns=HISTORY.names))
    told = pd.read_csv(BERNALILLO / "assessor_events.csv")
    told = told[told["feature"].isin(KINDS)]
    start = pd.to_datetime(told["start_date"], format="%m/%d/%Y").astype("datetime64[us]")
    end = pd.to_datetime(told["end_date"], format="%m/%d/%Y").astype("datetime64[us]")
    told = told.assign(start=start, end=end.fillna(start) + pd.Timedelta(days=1))
    told = told.drop_duplicates(["feature", "start"])
    events = raw_table(
        [
            {
                "event_id": f"{event['feature']} {event['start']:%Y-%m-%d}",
                "name": event["event"],
                "kind": KINDS[event["feature"]],
                "start": event["start"],
                "end": event["end"],
                "queues": "all",
                "sites": "all",
                "intensity": 1.0,
                "announced_on": event["start"] - pd.Timedelta(days=60),
                "source": "assessor_events.csv",
            }
            for event in told.to_dict("records")
        ]
    ).drop(columns="reach")
    closed = pd.read_excel(BERNALILLO / "bernco_holidays.xlsx", engine="calamine").iloc[:, 0]
    closures = pd.DataFrame(
        {
            "date": pd.to_datetime(closed).astype("datetime64[us]"),
            "site": "main",
            "day_type": "company_closure",
            "name": "office closed",
            "known": pd.Timestamp("1970-01-01"),
            "works_as": np.nan,
        }
    ).astype(no_days().dtypes.to_dict())
    days = ["mon", "tue", "wed", "thu", "fri"]
    params = settings(
        **{
            "ingest.timezone": zone,
            "ingest.absent_rows": "zero",
            "features.interval_min": 60,
            "calendars.open_on_holidays": ["Washington's Birthday"],
            "calendars.opening_hours": [{"days": days, "opens": "08:00", "closes": "17:00"}],
        }
    )
    built = build_calendar(history, events, params, closures)
    return build_features(history, built.calendar, built.events, params), built, params


def bernalillo_table() -> list[str]:
    """Return the part of the report on the assessor's office."""
    if not BERNALILLO.is_dir():
        return ["## Bernalillo", "", "Not measured: the data are not on this machine."]
    features, built, params = bernalillo()
    starts = features.groupby("date")["ds"].min()
    begin, last = pd.Timestamp("2024-09-02"), starts.index.max() - pd.Timedelta(days=27)
    chosen = starts[(starts.index >= begin) & (starts.index <= last)].iloc[::7]
    holidays = built.events[built.events["pool"] == "holiday"]
    every = ahead(features, built.events, list(chosen), params)
    plain = ahead(features, holidays, list(chosen), params)
    lines = [
        "## Bernalillo: daily WAPE one to 28 days ahead",
        "",
        f"{len(chosen)} cutoffs, a week apart, {chosen.index.min():%Y-%m-%d} to "
        f"{chosen.index.max():%Y-%m-%d}. Holidays are known in both.",
        "",
        "| model | with mail-outs and deadlines | without | error saved |",
        "|---|---|---|---|",
    ]
    with_events, without = wapes(every), wapes(plain)
    for model in with_events.index:
        saved = 1 - with_events[model] / without[model]
        lines.append(f"| {model} | {with_events[model]:.1%} | {without[model]:.1%} | {saved:.0%} |")
    return lines


def main() -> None:
    """Measure, print and write the report."""
    lines = [
        "# What knowing the calendar is worth",
        "",
        "Written by `make benchmark-calendars`.",
        "",
    ]
    lines += [*bernalillo_table(), "", *synthetic_table()]
    text = "\n".join(lines) + "\n"
    write_text(text, Path(__file__).with_suffix(".md"))
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
