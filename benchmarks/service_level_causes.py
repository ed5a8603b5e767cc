"""Why predicted and observed service levels part: tables of splits, of time, of simulations."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from queueing import table
from vanad import ANSWER_WITHIN_S, HALF_HOUR_S, busy_while_waiting
from vanad_predicted import (
    LEARNT,
    MODELS,
    TESTED,
    Floats,
    bias,
    error,
    fitted_share,
    patience_of,
    predicted,
    ratio,
    told,
)
from vanad_simulated import VARIANTS, simulated_half_hours, spread_of

from forecast.queueing.transient import Day, transient_chain
from forecast.queueing.transient.approximations import infinite_server_mean

BANDS = (0.0, 0.8, 0.9, 1.0, 1.1, np.inf)
"""Load over available agents."""
WAITS_S = (0, 10, 30, 60, 120, 240, 480, np.inf)
MONTHS = {"January to April": LEARNT, "May, June": TESTED}


def causes(calls: pd.DataFrame, centre: pd.DataFrame, gap: int, share: float) -> Iterator[str]:
    """Yield all tables, of the centre as one queue."""
    yield "## By load"
    yield ""
    yield "The centre as one queue, May and June, the measured share available."
    yield ""
    yield from by_load(told(centre, share), share)
    yield ""
    yield "## What a half-hour leaves behind"
    yield ""
    yield "The same, every half-hour alone, and with the load that calls of earlier half-hours"
    yield "bring along (*carried*: the modified offered load). The chain passes on the callers who"
    yield "wait, too (its agents are rounded)."
    yield ""
    yield from over_time(centre, share)
    yield ""
    yield "## Patience and availability"
    yield ""
    yield "Callers who hang up per 1,000 s of waiting, by how long they have waited: exponential"
    yield "patience would make it one number. Available is the share of agents on duty who are on"
    yield "a call while anybody waits."
    yield ""
    yield from steadiness(calls, gap)
    yield ""
    yield "## A centre in which the theory is true"
    yield ""
    yield "May and June simulated day by day with the data's calls, handle times and agents, then"
    yield "predicted as the data were, and with the carried load; points of service level."
    yield f"Handle times have a standard deviation of {spread_of(calls):.2f} means."
    yield ""
    yield from simulations(calls, centre, gap, share)


def by_load(found: pd.DataFrame, share: float) -> Iterator[str]:
    busy = found["load"] / (found["agents"] * share).clip(lower=1e-9)
    rows = []
    for low, high in zip(BANDS[:-1], BANDS[1:], strict=True):
        own = found[(busy >= low) & (busy < high)]
        n = own["offered"]
        means = [
            f"{100 * np.average(own[f'{name}service_level'], weights=n):.1f}"
            for name in ("", *(f"{model} " for model in MODELS))
        ]
        wrong = [f"{100 * error(own, model):.1f}" for model in MODELS]
        name = f"{low:.1f} to {high:.1f}" if np.isfinite(high) else f"{low:.1f} and more"
        rows.append((name, f"{n.sum():,.0f}", *means, *wrong))
    heads = ("calls", "observed", "Erlang C says", "Erlang A says", "error, C", "error, A")
    yield from table(("load over available agents", *heads), rows)


def by_day(
    rows: pd.DataFrame, share: float, patience_s: float, asked: Callable[[Day], Any]
) -> Floats:
    """Return what is asked of each day of half-hours, in the order of the rows."""
    parts = []
    for _, one in rows.groupby(rows["ds"].dt.normalize(), sort=False):
        own = one.set_index("ds")
        own = own.reindex(pd.date_range(own.index.min(), own.index.max(), freq="30min"))
        day = Day(
            own["offered"].fillna(0.0).to_numpy(),
            np.round(own["agents"].fillna(0.0) * share).to_numpy(),
            interval_s=HALF_HOUR_S,
            aht_s=own["aht_s"].fillna(one["aht_s"].mean()).to_numpy(),
            answer_within_s=ANSWER_WITHIN_S,
            patience_s=patience_s,
        )
        parts.append(asked(day)[own["offered"].notna().to_numpy()])
    return np.concatenate(parts)


def carried(rows: pd.DataFrame) -> pd.DataFrame:
    """Return half-hours with the mean load that unlimited agents would see."""
    return rows.assign(load=by_day(rows, 1.0, 1.0, lambda day: infinite_server_mean(day)[1]))


def over_time(centre: pd.DataFrame, share: float) -> Iterator[str]:
    rows = []
    for name, made in (("alone", centre), ("carried", carried(centre))):
        fitted = {model: fitted_share(made, model) for model in MODELS}
        best = f"best for each: C {fitted['Erlang C']:.2f}, A {fitted['Erlang A']:.2f}"
        for way, shares in ((f"measured, {share:.3f}", share), (best, fitted)):
            found = told(made, shares)
            wrong = [f"{100 * error(found, model):.1f}" for model in MODELS]
            off = [f"{100 * bias(found, model):+.1f}" for model in MODELS]
            rows.append((name, way, *wrong, *off, ratio(found)))
    found = told(centre, share)
    patience = patience_of(centre)
    found["chain service_level"] = by_day(
        found, share, patience, lambda day: transient_chain(day).service_level
    )
    cells = ("", f"{100 * error(found, 'chain'):.1f}", "", f"{100 * bias(found, 'chain'):+.1f}")
    against = ratio(found, "chain", "Erlang C")
    rows.append(("transient chain, with hang-ups", f"measured, {share:.3f}", *cells, against))
    heads = ("error, C", "error, A", "bias, C", "bias, A", "error of A over C")
    yield from table(("half-hours", "share available", *heads), rows)
    yield ""
    yield f"The chain's error over Erlang A's, alone: {ratio(found, 'chain', 'Erlang A')}."


def steadiness(calls: pd.DataFrame, gap: int) -> Iterator[str]:
    rows = []
    for months, files in MONTHS.items():
        own = calls[calls["file"].isin(files)]
        wait, gone = own["wait_s"].to_numpy(), ~own["answered"].to_numpy()
        cells = []
        for low, high in zip(WAITS_S[:-1], WAITS_S[1:], strict=True):
            exposed = np.clip(wait, low, high).sum() - low * len(wait)
            left = (gone & (wait >= low) & (wait < high)).sum()
            cells.append(f"{1000 * left / exposed:.2f}")
        whole = f"{1000 * gone.sum() / wait.sum():.2f}"
        rows.append((months, f"{busy_while_waiting(own, gap):.3f}", whole, *cells))
    names = [f"{low} to {high} s" for low, high in zip(WAITS_S[:-2], WAITS_S[1:-1], strict=True)]
    heads = ("months", "available", "all waits", *names, f"{WAITS_S[-2]} s and more")
    yield from table(heads, rows)


def simulations(calls: pd.DataFrame, centre: pd.DataFrame, gap: int, share: float) -> Iterator[str]:
    patience, rows = patience_of(centre), []
    for name, variant in VARIANTS.items():
        made = simulated_half_hours(calls, variant, gap, share, patience)
        ways = [_figured(one, patience) for one in (made, carried(made))]
        rows.append((name, *_cells(*ways)))
    ways = [told(one, share) for one in (centre, carried(centre))]
    rows.append(("*VANAD itself*", *_cells(*ways)))
    heads = ("error: C", "A", "bias: C", "A", "carried, error: C", "A", "bias: C", "A")
    yield from table(("centre", "service level", *heads), rows)


def _figured(made: pd.DataFrame, patience_s: float) -> pd.DataFrame:
    for model in MODELS:
        made = made.join(predicted(model, made, 1.0, patience_s).add_prefix(f"{model} "))
    return made


def _cells(*ways: pd.DataFrame) -> Iterator[str]:
    yield f"{100 * ways[0]['in_time'].sum() / ways[0]['offered'].sum():.1f}"
    for found in ways:
        yield from (f"{100 * error(found, model):.1f}" for model in MODELS)
        yield from (f"{100 * bias(found, model):+.1f}" for model in MODELS)
