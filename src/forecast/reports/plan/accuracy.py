"""How far to trust the forecast: accuracy and coverage of past ones, by lead time and level."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from forecast.reports.plan.axes import canvas, percents
from forecast.reports.plan.material import Material
from forecast.reports.style import GREEN, style
from forecast.reports.summary import (
    accuracy_rows,
    chosen_rows,
    horizon_order,
    lead_days_of,
    mended_rows,
)
from forecast.reports.words import Words
from forecast.schema import SERIES
from forecast.select import CHAMPION
from forecast.targets import AHT, OFFERED

LEVELS = ("interval", "day", "week")
METRICS = ["wape", "floor", "excess", "bias", "mase", "pinball", "coverage_80", "width_80"]
"""By level; NaN where a level has none."""
SHADES = ("#9dbad5", "#6795c0", "#1f5f99", "#123a5e")
"""Of the lead times, the shortest first."""


def accuracy(m: Material, words: Words) -> dict[str, Any]:
    """Return how champions and all models did by lead time, levels, and what was chosen."""
    horizons = m.params.backtest.horizons
    rows = horizon_order(accuracy_rows(m.tables.scores), horizons)
    timed = [row for row in accuracy_rows(m.tables.scores, AHT) if row["is_champion"]]
    return {
        "champion": [row for row in rows if row["is_champion"]],
        "levels": level_rows(m.tables.scores, list(horizons)),
        "models": rows,
        "timed": horizon_order(timed, horizons),
        "leads": lead_days_of(horizons),
        "mended": mended_rows(m.tables.mended),
        "chosen": chosen_rows(m.plans),
        "lead_name": lambda name: lead_name(name, words),
        "model_name": lambda name: words.name("model", name),
    }


def lead_name(name: str, words: Words) -> str:
    """Return a lead-time bucket in words: ``2_weeks`` and the like by number and unit.

    Examples
    --------
    >>> from forecast.reports.words import of
    >>> lead_name("2_weeks", of("en")), lead_name("2_weeks", of("zh")), lead_name("far", of("en"))
    ('2 weeks', '2 周', 'far')
    """
    number, _, unit = name.partition("_")
    if number.isdigit() and unit in {"day", "days", "week", "weeks", "month", "months"}:
        return words.text(f"lead.{unit}", n=number)
    return words.name("lead", name)


def level_rows(scores: pd.DataFrame, horizons: list[str]) -> list[dict[str, Any]]:
    """Return the champion's metrics by series, lead and level; NaN where a level has none."""
    own = scores[(scores["target"] == OFFERED) & (scores["model"] == CHAMPION)]
    own = own[own["metric"].isin(METRICS)]
    table = own.pivot_table(
        index=[*SERIES, "horizon", "level", "n"], columns="metric", values="value", sort=False
    ).reindex(columns=METRICS)
    rows: list[dict[str, Any]] = []
    for record in table.reset_index().to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        rows.append(row | {"series": " / ".join(row[name] for name in SERIES)})
    order = {name: number for number, name in enumerate(horizons)}
    level = {name: number for number, name in enumerate(LEVELS)}
    return sorted(rows, key=lambda r: (r["series"], level[r["level"]], order[r["horizon"]]))


def models(m: Material, words: Words, wide: bool) -> Figure:
    """Return pinball loss by model and lead time, and the coverage of the 80 % interval."""
    rows = pd.DataFrame(accuracy_rows(m.tables.scores))
    table = rows.groupby(["model", "horizon"])[["pinball", "coverage_80"]].mean().reset_index()
    worst_first = table.groupby("model")["pinball"].mean().sort_values(ascending=False)
    at = {model: number for number, model in enumerate(worst_first.index)}
    with style():
        high = 1.1 + 0.34 * len(at)
        figure = canvas(wide, high, 2 * high + 0.3)
        left, right = figure.subplots(1, 2, sharey=True) if wide else figure.subplots(2, 1)
        right.axvspan(0.75, 0.85, color=GREEN, alpha=0.15, lw=0)
        right.axvline(0.80, color=GREEN, lw=1)
        for number, horizon in enumerate(m.params.backtest.horizons):
            own = table[table["horizon"] == horizon]
            y, shade = own["model"].map(at), SHADES[number % len(SHADES)]
            look = {"color": shade, "markersize": 7}
            left.plot(own["pinball"], y, "o", label=lead_name(horizon, words), **look)
            right.plot(own["coverage_80"], y, "o", **look)
        for ax in (left, right):
            ax.set_yticks(range(len(at)), [words.name("model", model) for model in at])
        left.set_xlim(left=0)
        left.set_xlabel(words.text("accuracy.pinball_axis"))
        right.set_xlabel(words.text("accuracy.coverage_axis"))
        percents(right.xaxis, words)
        figure.legend(loc="outside upper left", frameon=False, ncols=4 if wide else 2)
        return figure
