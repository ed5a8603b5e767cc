"""PEAKS in words and as a calendar file: what a planner is told, and when."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any
from unicodedata import category

import pandas as pd
from icalendar import Alarm, Calendar, Event

from forecast.params import Params
from forecast.peaks.measures import CHOSEN, LEAST_HOURS
from forecast.reports.words import catalogue
from forecast.schema import SERIES, of_series

PRODUCT = "-//contact-centre-forecast//peaks//EN"
DAY_HOURS = 24
MANY_HOURS = 96
"""From so many hours on, a time ahead is said in days."""
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that turn the direction of all that follows; letters from right to left need none."""
Words = Mapping[str, str]


def peak_words(
    peak: Mapping[Any, Any], measures: pd.DataFrame, params: Params, words: Words
) -> list[str]:
    """Return one peak as lines for people: title, then what is known of it.

    Parameters
    ----------
    peak
        A row of PEAKS.
    measures
        Its rows of PEAK_MEASURES.
    params
        ``capacity`` (confidence, currency) is used.
    words
        ``catalogue("alerts", language)``.
    """
    told = {str(column): value for column, value in peak.items()}
    told |= {"name": name_of(peak, words), "confidence": params.capacity.confidence}
    told["ahead"] = _span(peak["hours_ahead"], words)
    told["above"] = peak["contacts"] / peak["usual"] - 1 if peak["usual"] > 0 else 0.0
    told["currency"] = params.capacity.currency
    told["left"] = max(peak["gap_hours"] - peak["closed_hours"], 0.0)
    has_gap = peak["gap_hours"] >= LEAST_HOURS
    lines = [
        words["title"].format(**told) + ": " + words[peak["verdict"]],
        words["when"].format(**told) + ", " + _due(peak["lead_due_hours"], words),
        words["volume"].format(**told),
        words["chance"].format(**told),
        words["gap" if has_gap else "no_gap"].format(**told),
    ]
    for row in measures.sort_values("place").to_dict("records"):
        named = {str(column): value for column, value in row.items()}
        named |= {"measure": words.get(row["measure"], row["measure"])}
        named |= {"standing": words[row["standing"]], "currency": params.capacity.currency}
        kind = "measure" if row["standing"] == CHOSEN else "reserve_line"
        lines.append("  " + words[kind].format(**named))
    lines += [words["closed"].format(**told)] if has_gap and len(measures) else []
    return lines + _lines_words(peak, words)


def name_of(peak: Mapping[Any, Any], words: Words) -> str:
    """Return what a peak is called."""
    return str(peak["name"] or words["unnamed"])


def _due(lead: float, words: Words) -> str:
    return words["not_due"] if pd.isna(lead) else words["due"].format(lead=_span(lead, words))


def _span(hours: float, words: Words) -> str:
    if hours >= MANY_HOURS:
        return words["days"].format(n=round(hours / DAY_HOURS, 1))
    return words["hours"].format(n=round(hours))


def _lines_words(peak: Mapping[Any, Any], words: Words) -> list[str]:
    if peak["lines_note"]:
        return [words["lines_unknown"].format(why=words[peak["lines_note"]])]
    out = []
    for kind, column in (("lines", "trunks"), ("ports", "ports")):
        needed, there = peak[f"{column}_needed"], peak[column]
        which = "only" if pd.isna(there) else "ok" if needed <= there else "short"
        text = words[f"{kind}_{which}"]
        out.append(text.format(needed=needed, there=there, lacking=needed - there))
    return out


def all_words(peaks: pd.DataFrame, measures: pd.DataFrame, params: Params) -> list[list[str]]:
    """Return the words of every peak, the next first."""
    words = catalogue("alerts", params.report.language)
    ordered = in_order(peaks)
    return [
        peak_words(row, measures_of(measures, row), params, words)
        for row in ordered.to_dict("records")
    ]


def in_order(peaks: pd.DataFrame) -> pd.DataFrame:
    """Return PEAKS with the next first."""
    return peaks.sort_values(["starts_at", *SERIES, "peak_id"], ignore_index=True)


def measures_of(measures: pd.DataFrame, peak: Mapping[Any, Any]) -> pd.DataFrame:
    """Return the rows of PEAK_MEASURES of one peak."""
    site, queue, channel = (str(peak[name]) for name in SERIES)
    own = of_series(measures, (site, queue, channel))
    its: pd.DataFrame = own[own["peak_id"] == peak["peak_id"]]
    return its


def peaks_table(
    peaks: pd.DataFrame, measures: pd.DataFrame, params: Params
) -> list[dict[str, Any]]:
    """Return the peaks for a report's section: each row of PEAKS with its words and measures.

    Beside the columns of PEAKS a row has ``title`` (what it is called), ``verdict_words``,
    ``cause_words``, ``lines`` (all that is said of it) and ``measures``: dicts of PEAK_MEASURES
    with ``measure_words`` and ``standing_words``.
    """
    words = catalogue("alerts", params.report.language)
    rows = []
    for peak, lines in zip(
        in_order(peaks).to_dict("records"), all_words(peaks, measures, params), strict=True
    ):
        own = [
            {
                **{str(name): value for name, value in row.items()},
                "measure_words": words.get(row["measure"], row["measure"]),
                "standing_words": words[row["standing"]],
            }
            for row in measures_of(measures, peak).sort_values("place").to_dict("records")
        ]
        rows.append(
            {
                **{str(name): value for name, value in peak.items()},
                "title": name_of(peak, words),
                "verdict_words": words[peak["verdict"]],
                "cause_words": words[peak["cause"]],
                "lines": lines,
                "measures": own,
            }
        )
    return rows


def calendar_file(
    peaks: pd.DataFrame,
    texts: Sequence[Sequence[str]],
    leads_hours: Sequence[float],
    words: Words,
) -> bytes:
    """Return PEAKS as an iCalendar file: an entry each, with an alarm for every lead.

    The same peak has the same UID in every run, so that a calendar that takes the file again moves
    its entry. Times are in UTC; the entry's own time stamp is the forecast's cutoff.

    Parameters
    ----------
    peaks
        PEAKS in the order of ``in_order``.
    texts
        ``all_words`` of them.
    leads_hours
        How long before the peak alarms ring.
    words
        ``catalogue("alerts", language)``.
    """
    out = Calendar()
    out.add("prodid", PRODUCT)
    out.add("version", "2.0")
    out.add("x-wr-calname", words["calendar_name"])
    for peak, lines in zip(peaks.to_dict("records"), texts, strict=True):
        entry = Event()
        entry.add("uid", uid(peak))
        entry.add("dtstamp", peak["asof"].to_pydatetime())
        entry.add("dtstart", peak["starts_at"].to_pydatetime())
        entry.add("dtend", peak["ends_at"].to_pydatetime())
        title, *rest = map(plain, lines)
        entry.add("summary", title)
        entry.add("description", "\n".join(rest))
        for lead in leads_hours:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("trigger", -timedelta(hours=lead))
            alarm.add("description", title)
            entry.add_component(alarm)
        out.add_component(entry)
    return bytes(out.to_ical())


def plain(line: str) -> str:
    r"""Return a line that stays one in a calendar: no controls, nothing that turns its direction.

    Examples
    --------
    >>> plain("a\rBEGIN:VALARM"), plain("sale \u202e2024")
    ('a BEGIN:VALARM', 'sale 2024')
    """
    kinds = {"Cc": " ", "Zl": " ", "Zp": " "}
    return "".join("" if c in TURNING else kinds.get(category(c), c) for c in line)


def uid(peak: Mapping[Any, Any]) -> str:
    """Return what names a peak in every run: made of its team and id, and of nothing that moves.

    Examples
    --------
    >>> uid({"site": "main", "queue": "sales", "channel": "voice", "peak_id": "618 2024"})
    '50f3cafb3e9ab8b26199@contact-centre-forecast'
    """
    named = "\x1f".join(str(peak[name]) for name in (*SERIES, "peak_id"))
    return f"{sha256(named.encode()).hexdigest()[:20]}@contact-centre-forecast"
