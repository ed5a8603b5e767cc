"""Data quality: what was reported, what was left out, what looks odd, and the files' ledger."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from forecast.acd.quality import coverage
from forecast.features import ended_series, missing_days
from forecast.reports.figures import coverage_heat_map
from forecast.reports.plan.material import Material
from forecast.reports.summary import (
    FINDINGS_OF,
    LONG_LIST,
    finding_groups,
    outside_hours,
)
from forecast.reports.words import Words
from forecast.schema import SERIES

SHOWN_DAYS = 20
SHOWN_CELLS = 50
FIRST_FINDINGS = 3
SENTENCES_IN = "en"
"""The language of FINDINGS."""


def quality(m: Material, words: Words) -> dict[str, Any]:
    """Return days that lack reports, queues that ended, findings, and the ledger of the files."""
    t, start = m.tables, m.tables.forecast["ds"].min()
    gaps = missing_days(t.features, start)
    return {
        "gaps": gaps.tail(SHOWN_DAYS).to_dict("records"),
        "gaps_before": max(0, len(gaps) - SHOWN_DAYS),
        "ended": [
            {"series": " / ".join(key), "reason": reason}
            for key, reason in ended_series(t.history, m.params).items()
        ],
        "outside": outside_hours(t.features, start),
        "findings": [_group(group, words) for group in finding_groups(t.findings)],
        "ledger": [ledger_row(row, words) for row in t.ledger.to_dict("records")],
        "rejected": t.ledger.loc[t.ledger["rejected"] != "", ["file", "rejected"]].to_dict(
            "records"
        ),
        "cells": t.quarantine.head(SHOWN_CELLS).to_dict("records"),
        "cells_in_all": len(t.quarantine),
        "weekday_of": lambda day: words.weekday(day.weekday()),
    }


def _group(group: dict[str, Any], words: Words) -> dict[str, Any]:
    """Return findings of one kind: a heading, those that are shown, and those folded away."""
    told = [_told(group["kind"], row, words) for row in group["rows"]]
    shown = len(told) if len(told) <= LONG_LIST else FIRST_FINDINGS
    heading = words.name("finding", group["kind"])
    return {"heading": heading, "shown": told[:shown], "rest": told[shown:]}


def _told(kind: str, row: dict[str, Any], words: Words) -> dict[str, str]:
    """Return a finding in the report's language, and its own sentence where that is another's."""
    text, place = row["text"], row["place"]
    if words.language == SENTENCES_IN or kind not in FINDINGS_OF or row["size"] == 0:
        return {"told": text, "sentence": ""}
    # Of a whole site, the queues are counted in which intervals are absent.
    of_site = kind == "missing_share" and " / " not in place
    unit = "queues" if of_site else FINDINGS_OF[kind]
    size = words.text(f"finding_size.{unit}", n=words.number(row["size"]))
    return {"told": words.text("finding.told", place=place, size=size), "sentence": text}


def ledger_row(row: dict[Any, Any], words: Words) -> dict[str, Any]:
    """Return a file's row of LEDGER with how it was read, in words."""
    read_as = words.listed(part for part in (row["profile"], row["form"], row["encoding"]) if part)
    if row["replaced_by"]:
        read_as = words.text("quality.replaced_by", file=row["replaced_by"])
    elif row["rejected"]:
        read_as = words.text("quality.rejected")
    ignored = [
        words.text("quality.ignored", what=words.name("ignored", what), n=n)
        for what, _, n in (part.partition(":") for part in row["ignored"].split(";") if part)
    ]
    told = {str(name): value for name, value in row.items()}
    return told | {"read_as": read_as, "ignored_words": words.listed(ignored)}


def reported(m: Material) -> pd.DataFrame:
    """Return coverage as the settings see it: closed by the calendar is neither here nor absent."""
    days = coverage(m.tables.history, m.params.ingest.zone)
    key = [*SERIES, "date"]
    open_min = m.tables.features.groupby(key)["open_min"].sum().reset_index()
    closed = days[key].merge(open_min, on=key, how="left")["open_min"].eq(0).to_numpy()
    share = days["share"].mask(closed)
    if m.params.ingest.absent_rows == "zero":
        share = share.mask(share > 0, 1.0)
    return days.assign(share=share)


def coverage_figure(m: Material, words: Words, wide: bool) -> Figure:
    """Return the share of each day's usual intervals that were reported, by queue and day."""
    return coverage_heat_map(reported(m), narrow=not wide, words=words)
