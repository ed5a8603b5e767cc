"""Coming peaks: when, how large, what lacks, what would close the gap; the busiest days ahead."""

from typing import Any

import pandas as pd

from forecast.reports.plan.calendar import dates_words
from forecast.reports.plan.demand import marked
from forecast.reports.plan.material import BASE, Material
from forecast.reports.words import Words, catalogue
from forecast.schema import SERIES, events_at

MOST_DAYS = 5
CHOSEN = "chosen"


def peaks(m: Material, words: Words) -> dict[str, Any]:
    """Return the coming peaks in words, soonest first, and the busiest days ahead."""
    return {
        "rows": [] if m.peaks is None else peak_rows(m.peaks, m.measures, m.currency, words),
        "is_looked_for": m.peaks is not None,
        "days": busiest_days(m),
    }


def peak_rows(
    table: pd.DataFrame, measures: pd.DataFrame | None, currency: str, words: Words
) -> list[dict[str, Any]]:
    """Return PEAKS in words, each with the measures that were chosen for it."""
    said = catalogue("alerts", words.language)
    rows: list[dict[str, Any]] = []
    for peak in table.sort_values(["start", *SERIES, "peak_id"]).to_dict("records"):
        told = {str(name): value for name, value in peak.items()}
        rows.append(
            told
            | {
                "title": peak["name"] or said["unnamed"],
                "series": " / ".join(peak[name] for name in SERIES),
                "window": dates_words(peak["start"], peak["end"], words),
                "verdict_words": said[peak["verdict"]],
                "is_short": peak["verdict"] == "short",
                "taken": _taken(peak, measures, currency, words),
            }
        )
    return rows


def _taken(
    peak: dict[Any, Any], measures: pd.DataFrame | None, currency: str, words: Words
) -> list[str]:
    """Return the measures that were chosen for a peak: what, hours, and cost."""
    if measures is None:
        return []
    said = catalogue("alerts", words.language)
    own = measures[measures["standing"] == CHOSEN]
    for name in (*SERIES, "peak_id"):
        own = own[own[name] == peak[name]]
    return [
        words.text(
            "peaks.measure",
            measure=said.get(row["measure"], row["measure"]),
            hours=words.number(row["hours"]),
            cost=words.money(row["cost"], currency),
        )
        for row in own.sort_values("place").to_dict("records")
    ]


def busiest_days(m: Material, most: int = MOST_DAYS) -> list[dict[str, Any]]:
    """Return the days with the highest P90, in the order of time, with what is on them.

    Each with ``mean``, ``p10``, ``p90`` of its contacts, the chance ``p_met`` that it meets its
    target, and ``what`` is on.
    """
    ahead = m.days.dropna(subset="mean")
    top = ahead.nlargest(most, "p90").sort_values("date")
    own = m.together[(m.together["scenario"] == BASE) & (m.together["period"] == "day")]
    met = own.set_index("start")["p_met"]
    return [
        {str(name): value for name, value in row.items()}
        | {"p_met": met.get(row["date"], float("nan")), "what": what_is_on(m, row["date"])}
        for row in top.to_dict("records")
    ]


def what_is_on(m: Material, date: pd.Timestamp) -> list[str]:
    """Return the names of the holidays and events of a day, and of the peaks that reach it."""
    special = marked(m)
    events = events_at(m.tables.events)
    spans = [events[events["pool"] == "event"], *([] if m.peaks is None else [m.peaks])]
    names = special.loc[special["date"] == date, "name"].tolist()
    for spans_of in spans:
        on = (spans_of["start"].dt.normalize() <= date) & (spans_of["end"] > date)
        names += spans_of.loc[on & (spans_of["name"] != ""), "name"].tolist()
    return list(dict.fromkeys(names))
