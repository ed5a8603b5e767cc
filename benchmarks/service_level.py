"""How well Erlang A and Erlang C tell VANAD's service level, half-hour by half-hour.

`python benchmarks/service_level.py` learns from January to April, predicts every half-hour of May
and June from its calls, handle time and agents, and writes benchmarks/service_level.md and a
calibration figure beside it. It takes one to three minutes; seeds are fixed.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from centres import VANAD_MAIN
from queueing import table
from service_level_causes import causes
from service_level_figure import EDGES, binned, calibration_figure
from vanad import (
    ANSWER_WITHIN_S,
    agents_on_duty,
    available,
    busy_while_waiting,
    groups_of_queues,
    half_hours,
    read_calls,
)
from vanad_predicted import (
    LEARNT,
    MODELS,
    TESTED,
    bias,
    error,
    fitted_share,
    is_tested,
    learnt_error,
    ratio,
    told,
)

from forecast.queueing import patience_from_waits
from forecast.store import write_text

HERE = Path(__file__).parent
GAPS = (5, 10, 15, 30, 60)
"""Minutes without a call after which an agent has gone. In calm hours one in twenty of those who
stay waits longer than seven minutes for a call; a limit below five would send many home."""


def main() -> None:
    if not available():
        print("VANAD's calls are not in ../shared/data: benchmarks/service_level.md stays as it is")
        return
    calls = read_calls([*LEARNT, *TESTED])
    learnt = calls[calls["file"].isin(LEARNT)]
    queues = sorted(calls["queue"].unique())
    measured = {gap: busy_while_waiting(learnt, gap) for gap in GAPS}
    duties = {gap: agents_on_duty(calls, gap) for gap in GAPS}
    centres = {gap: half_hours(calls, duties[gap], queues) for gap in GAPS}
    gap = chosen_gap(centres, measured)
    units = units_of(calls, duties[gap])
    share = measured[gap]
    drawn = {name: told(rows, share) for name, rows in units.items()}
    parts = [
        *head(learnt, gap, share),
        *sizes(units),
        "",
        *compared(units, share),
        "",
        *calibrated(drawn["the centre as one queue"]),
        "",
        *by_gap(centres, measured),
        "",
        *causes(calls, centres[gap].assign(unit="centre"), gap, share),
    ]
    calibration_figure(drawn, MODELS, HERE / "service_level.png")
    write_text("\n".join([*parts, ""]), HERE / "service_level.md")
    print("\n".join(parts))


def chosen_gap(centres: Mapping[int, pd.DataFrame], measured: Mapping[int, float]) -> int:
    """Return the limit at which both models together err least, from January to April."""

    def wrong(gap: int) -> float:
        rows = centres[gap]
        return sum(learnt_error(rows, model, measured[gap]) for model in MODELS)

    return min(GAPS, key=wrong)


def units_of(calls: pd.DataFrame, duty: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the half-hours of the centre as one queue, of groups of queues, of single queues."""
    queues = sorted(calls["queue"].unique())
    groups = groups_of_queues(calls[calls["file"].isin(LEARNT)], VANAD_MAIN)
    named = {
        "the centre as one queue": [queues],
        **{f"queues {', '.join(g)} as one": [list(g)] for g in groups if len(g) > 1},
        "the eight main queues, each alone": [[queue] for queue in VANAD_MAIN],
    }
    return {
        name: pd.concat(
            [half_hours(calls, duty, one).assign(unit=",".join(one)) for one in several],
            ignore_index=True,
        )
        for name, several in named.items()
    }


def head(learnt: pd.DataFrame, gap: int, share: float) -> Iterator[str]:
    gone = int((~learnt["answered"]).sum())
    patience = patience_from_waits(gone, learnt["wait_s"].sum(), confidence=0.95)
    yield "# Service level of a real centre: Erlang A, Erlang C"
    yield ""
    yield "Written by `python benchmarks/service_level.py`: VANAD, a Dutch contact centre, 2014,"
    yield "one row per call. January to April teach, May and June are predicted: each half-hour"
    yield "from its own calls, handle time and agents. Service level is the share of *offered*"
    yield f"calls answered within {ANSWER_WITHIN_S:.0f} s; errors are weighted by calls."
    yield ""
    yield "- *Handle time* runs from the answer to the hang-up, or to the transfer: agents take"
    yield "  their next call then, while the caller talks on with somebody else."
    yield "- *Agents on duty*: from the first to the last call of a stretch; a gap of more than"
    yield f"  {gap} min is a break. The limit errs least of those tried, January to April."
    yield "- *Available*: while anybody waits, an agent who is ready is on a call. Of those on duty"
    yield f"  {share:.1%} are, January to April. This is measured without any service level and is"
    yield "  the same for both models."
    mean, low, high = (float(s) for s in (patience.mean_s, patience.low_s, patience.high_s))
    yield f"- *Patience*: {mean:.0f} s on average ({low:.0f} to {high:.0f}), from waits of January"
    yield "  to April, answered calls censored; each unit below has its own."
    yield "- *Agents of a queue*: who serves several counts in each by the share of his time there,"
    yield "  stretch by stretch. Queues are taken together where each has 80 % of its calls"
    yield "  answered by agents who answer the others, too."
    yield ""


def sizes(units: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    rows = []
    for name, unit in units.items():
        for months, own in (
            ("January to April", unit[~is_tested(unit)]),
            ("May, June", unit[is_tested(unit)]),
        ):
            n = own["offered"].sum()
            rows.append(
                (
                    name,
                    months,
                    f"{n:,.0f}",
                    f"{len(own):,}",
                    f"{own['in_time'].sum() / n:.1%}",
                    f"{own['wait_s'].sum() / n:.0f} s",
                    f"{1 - own['answered'].sum() / n:.1%}",
                    f"{np.average(own['load'], weights=own['offered']):.1f}",
                    f"{own['load'].sum() / own['agents'].sum():.0%}",
                )
            )
    yield "## What happened"
    yield ""
    yield "Load in erlangs is that of the half-hour of an average call."
    yield ""
    heads = ("unit", "months", "calls", "half-hours", "service level", "ASA", "abandonment")
    yield from table((*heads, "load", "load over agents on duty"), rows)


def compared(units: Mapping[str, pd.DataFrame], share: float) -> Iterator[str]:
    rows, others = [], []
    for name, unit in units.items():
        fitted = {model: fitted_share(unit, model) for model in MODELS}
        ways: dict[str, float | dict[str, float]] = {
            f"measured, {share:.3f}": share,
            "all on duty": 1.0,
            f"best for each: C {fitted['Erlang C']:.2f}, A {fitted['Erlang A']:.2f}": fitted,
        }
        for way, shares in ways.items():
            found = told(unit, shares)
            cells = [
                f"{100 * measure(found, model):{sign}.1f}"
                for measure, sign in ((error, ""), (bias, "+"))
                for model in MODELS
            ]
            rows.append((name, way, *cells, ratio(found)))
            others.append((name, way, *other_figures(found)))
    yield "## Service level, May and June"
    yield ""
    yield "Points of service level; bias is predicted less observed; the ratio has its 95 %"
    yield "interval over days. *Best for each* is the share of agents with which a model errs"
    yield "least from January to April, one share for each model; above 1 it adds agents whom"
    yield "nobody saw."
    yield ""
    heads = ("error, C", "error, A", "bias, C", "bias, A", "error of A over C")
    yield from table(("unit", "share available", *heads), rows)
    yield ""
    yield "![Calibration](service_level.png)"
    yield ""
    yield "Abandonment and ASA (of all callers), errors weighted by calls. Erlang C has no"
    yield "hang-ups, and no ASA in half-hours with more load than agents: its ASA is compared in"
    yield "the others, with Erlang A's in the same."
    yield ""
    heads = ("abandonment: error, C", "A", "bias, A", "ASA: error, A", "bias, A")
    more = ("calls in overload", "elsewhere ASA: error, C", "A")
    yield from table(("unit", "share available", *heads, *more), others)


def calibrated(found: pd.DataFrame) -> Iterator[str]:
    rows = []
    bins = [binned(found, model) for model in MODELS]
    for place in sorted(set(bins[0].index) | set(bins[1].index)):
        cells = [f"{100 * EDGES[place]:.0f} to {100 * EDGES[place + 1]:.0f}"]
        for one in bins:
            if place not in one.index:
                cells += ["", "", ""]
                continue
            at = one.loc[place]
            interval = f"({100 * at['low']:.0f} to {100 * at['high']:.0f})"
            cells += [f"{at['calls']:,.0f}", f"{100 * at['predicted']:.0f}"]
            cells.append(f"{100 * at['observed']:.0f} {interval}")
        rows.append(tuple(cells))
    yield "The figure's numbers for the centre as one queue, with 95 % intervals over days:"
    yield ""
    heads = [h for model in MODELS for h in (f"{model}: calls", "says", "observed")]
    yield from table(("predicted", *heads), rows)


def other_figures(found: pd.DataFrame) -> Iterator[str]:
    yield from (f"{100 * error(found, model, 'abandonment'):.1f}" for model in MODELS)
    yield f"{100 * bias(found, 'Erlang A', 'abandonment'):+.1f}"
    yield f"{error(found, 'Erlang A', 'asa_s'):.0f} s"
    yield f"{bias(found, 'Erlang A', 'asa_s'):+.0f} s"
    calm = found[np.isfinite(found["Erlang C asa_s"])]
    yield f"{1 - calm['offered'].sum() / found['offered'].sum():.0%}"
    yield from (f"{error(calm, model, 'asa_s'):.0f} s" for model in MODELS)


def by_gap(centres: Mapping[int, pd.DataFrame], measured: Mapping[int, float]) -> Iterator[str]:
    rows = []
    for gap, centre in centres.items():
        named = centre.assign(unit="centre")
        fitted = {model: fitted_share(named, model) for model in MODELS}
        cells = [f"{gap} min", f"{measured[gap]:.3f}"]
        cells += [f"{100 * learnt_error(centre, m, measured[gap]):.1f}" for m in MODELS]
        for shares in (measured[gap], 1.0, fitted):
            found = told(named, shares)
            cells += [f"{100 * error(found, m):.1f}" for m in MODELS]
            cells.append(ratio(found))
        rows.append(tuple(cells))
    yield "## Other limits for breaks"
    yield ""
    yield "The centre as one queue; errors in points of service level."
    yield ""
    heads = ["limit", "available", "January to April: C", "A"]
    for way in ("May, June, measured", "all on duty", "best for each"):
        heads += [f"{way}: C", "A", "A over C"]
    yield from table(tuple(heads), rows)


if __name__ == "__main__":
    main()
