"""The numbers that a report tells, computed from the tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from forecast.params import Params
from forecast.schema import SERIES, events_at
from forecast.select import CHAMPION, SeriesPlan
from forecast.targets import OFFERED

MENDED_SHOWN = 5
"""Days that are named of each kind."""
COVERAGE_TOLERANCE = 0.05
LONG_LIST = 8
FINDINGS_OF = {
    "outage": "days",
    "missing_share": "intervals",
    "cut_short": "queues",
    "quiet_day": "contacts",
    "busy_day": "contacts",
    "outlier": "contacts",
    "sum_of_others": "intervals",
    "look_alike": "queues",
    "seen_once": "rows",
    "length_change": "times",
    "started": "days",
    "ended": "days",
    "answered_over_offered": "intervals",
    "day_total": "days",
    "later_export": "intervals",
    "other_length": "intervals",
    "repeated_rows": "rows",
    "total_differs": "rows",
    "talk_unit": "rows",
    "hole": "times",
    "date_order": "files",
    "encoding": "files",
    "cut_off": "files",
    "clock_change": "contacts",
    "no_end": "contacts",
    "long_call": "contacts",
    "negative_wait_s": "contacts",
    "negative_talk_s": "contacts",
    "negative_hold_s": "contacts",
    "negative_wrap_s": "contacts",
    "redials": "contacts",
}
"""Kinds of findings in the order of the report, and what their size counts."""
DAY_LEVELS = {"p10": 0.10, "p50": 0.50, "p90": 0.90}


@dataclass(frozen=True)
class Tables:
    """The tables that a report is made of."""

    history: pd.DataFrame
    features: pd.DataFrame
    forecast: pd.DataFrame
    paths: pd.DataFrame
    scores: pd.DataFrame
    requirement: pd.DataFrame
    service: pd.DataFrame
    plan: pd.DataFrame
    cost_lines: pd.DataFrame
    kpis: pd.DataFrame
    ledger: pd.DataFrame
    quarantine: pd.DataFrame
    findings: pd.DataFrame
    calendar: pd.DataFrame
    events: pd.DataFrame
    event_effects: pd.DataFrame
    kind_effects: pd.DataFrame
    unexplained: pd.DataFrame
    mended: pd.DataFrame
    trunks: pd.DataFrame


def daily_totals(tables: Tables) -> pd.DataFrame:
    """Return contacts by local date over all series: reported, and quantiles of the paths' sums.

    Columns: date, y (complete reported days), mean, p10, p50, p90 (days ahead). The quantiles are
    of each day's *sum on a path*, so they hold the correlation within the day.
    """
    local = tables.features[[*SERIES, "ds", "date"]]
    open_rows = tables.features[(tables.features["open_min"] > 0)]
    reported = open_rows.groupby("date")["y"].agg(lambda y: y.sum(skipna=False)).dropna()
    dated = tables.paths[tables.paths["open_min"] > 0].merge(
        local, on=[*SERIES, "ds"], validate="many_to_one"
    )
    sums = dated.groupby(["date", "path"])["offered"].sum().groupby("date")
    ahead = pd.DataFrame(
        {"mean": sums.mean(), **{name: sums.quantile(q) for name, q in DAY_LEVELS.items()}}
    )
    return pd.concat([reported.rename("y"), ahead], axis=1).sort_index().reset_index(names="date")


def interval_totals(tables: Tables, local: pd.DataFrame) -> pd.DataFrame:
    """Return contacts of all series per interval: mean, p10, p90 of the paths' sums, by wall time.

    ``local`` has the keys of the series, ``ds`` and ``local``. Contacts are per ``length`` open
    minutes, the longest in the forecast.
    """
    rows = tables.paths[tables.paths["open_min"] > 0].merge(
        local, on=[*SERIES, "ds"], validate="many_to_one"
    )
    length = rows["open_min"].max()
    sums = rows.assign(contacts=rows["offered"] * length / rows["open_min"])
    by_time = sums.groupby(["local", "path"])["contacts"].sum().groupby("local")
    low, high = by_time.quantile(DAY_LEVELS["p10"]), by_time.quantile(DAY_LEVELS["p90"])
    return pd.DataFrame({"mean": by_time.mean(), "p10": low, "p90": high, "length": length})


def period_total(paths: pd.DataFrame) -> dict[str, float]:
    """Return mean and quantiles of all contacts of the forecast period."""
    sums = paths.groupby("path")["offered"].sum()
    return {
        "mean": float(sums.mean()),
        **{n: float(sums.quantile(q)) for n, q in DAY_LEVELS.items()},
    }


def accuracy_rows(scores: pd.DataFrame, target: str = OFFERED) -> list[dict[str, Any]]:
    """Return one row per series, horizon and model: WAPE, bias, pinball, coverage and width."""
    scores = scores[scores["target"] == target]
    table = scores[scores["level"] == "interval"].pivot_table(
        index=[*SERIES, "horizon", "model", "n"], columns="metric", values="value", sort=False
    )
    rows: list[dict[str, Any]] = []
    for record in table.reset_index().to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        row["series"] = " / ".join(row[name] for name in SERIES)
        row["covers"] = abs(row["coverage_80"] - 0.80) <= COVERAGE_TOLERANCE
        row["is_champion"] = row["model"] == CHAMPION
        rows.append(row)
    return rows


def mended_rows(mended: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one row per series, target and kind of what models did not learn from as it was."""
    keys = [*SERIES, "target", "what"]
    return [
        {
            "series": " / ".join(str(part) for part in key[:3]),
            "target": str(key[3]),
            "what": str(key[4]),
            "n": len(own),
            "days": own["at"].dt.normalize().drop_duplicates().tolist()[-MENDED_SHOWN:],
            "factor": float(own["factor"].iloc[-1]),
        }
        for key, own in mended.sort_values("at").groupby(keys, sort=True)
    ]


def chosen_rows(plans: list[SeriesPlan]) -> list[dict[str, Any]]:
    """Return what was chosen for the volume of each series and lead."""
    return [
        {
            "series": " / ".join(plan.series),
            "horizon": horizon,
            "champion": choice.champion,
            "weights": dict(choice.weights),
            "guarded": choice.guarded,
            "measured_on": choice.measured_on,
        }
        for plan in plans
        for horizon, choice in plan.selection.items()
    ]


def horizon_order(rows: list[dict[str, Any]], horizons: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return accuracy rows by series, lead time, and pinball loss."""
    order = list(horizons)
    return sorted(
        rows,
        key=lambda r: (
            r["site"],
            r["queue"],
            r["channel"],
            order.index(r["horizon"]),
            r["pinball"],
        ),
    )


def lead_days_of(horizons: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return name, first and last day of each lead-time bucket.

    Examples
    --------
    >>> lead_days_of({"1_day": 1, "1_week": 7})[1]
    {'name': '1_week', 'first': 2, 'last': 7}
    """
    lasts = list(horizons.values())
    firsts = [1, *(last + 1 for last in lasts)]
    return [
        {"name": name, "first": first, "last": last}
        for name, first, last in zip(horizons, firsts, lasts, strict=False)
    ]


def finding_groups(findings: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the findings by kind, the largest first: kind, and rows of FINDINGS.

    Examples
    --------
    >>> row = {"kind": "outage", "place": "main", "size": 2.0, "text": "Two days."}
    >>> finding_groups(pd.DataFrame([row]))
    [{'kind': 'outage', 'rows': [{'place': 'main', 'size': 2.0, 'text': 'Two days.'}]}]
    """
    order = {kind: number for number, kind in enumerate(FINDINGS_OF)}
    kinds = sorted(findings["kind"].unique(), key=lambda kind: (order.get(kind, len(order)), kind))
    largest = findings.sort_values(["size", "place"], ascending=[False, True], kind="stable")
    told = largest[["place", "size", "text"]]
    return [
        {"kind": kind, "rows": told[largest["kind"] == kind].to_dict("records")} for kind in kinds
    ]


def outside_hours(features: pd.DataFrame, before: pd.Timestamp) -> int:
    """Return how many contacts came while their queue was closed by the calendar."""
    closed = features[(features["open_min"] == 0) & (features["ds"] < before)]
    return int(closed["y"].sum())


def rows_ahead(tables: Tables) -> pd.DataFrame:
    """Return FEATURES of the days ahead.

    All series start on the same local day, which begins at another moment in each time zone.
    """
    rows = tables.features
    first = tables.forecast.groupby(list(SERIES))["ds"].min()
    starts = first.reindex(pd.MultiIndex.from_frame(rows[list(SERIES)])).set_axis(rows.index)
    return rows.loc[rows["ds"] >= starts]


def first_day_ahead(tables: Tables) -> pd.Timestamp:
    """Return the first local day of the forecast."""
    return pd.Timestamp(rows_ahead(tables)["date"].min())


def kept_out(events: pd.DataFrame, kinds: Sequence[str]) -> list[str]:
    """Return the names of the events whose intervals are kept out of training and scores."""
    held = events_at(events)
    named: pd.Series = held.loc[held["kind"].isin(kinds), "name"].drop_duplicates()
    return named.tolist()


def special_days(calendar: Mapping[str, Any], first: pd.Timestamp) -> list[dict[str, str]]:
    """Return the holidays from a day on, with whether the centre is open."""
    return [day for day in calendar["holidays"] if day["date"] >= f"{first:%Y-%m-%d}"]


def headline(tables: Tables, params: Params, plan_id: str) -> str:
    """Return what was found, in a few lines for a terminal."""
    base = tables.plan[tables.plan["scenario"] == "base"].set_index("risk")
    planned, at_p90 = base.loc[params.capacity.plan_at], base.loc["p90"]
    total = period_total(tables.paths)
    money = params.capacity.currency
    lines = [
        f"Plan {plan_id}: the next {params.forecast.horizon_days} days",
        f"  contacts      {total['mean']:,.0f} expected "
        f"(P10 {total['p10']:,.0f}, P90 {total['p90']:,.0f})",
        f"  agents        {planned['peak_agents']:,.0f} at the peak, "
        f"{planned['agent_hours']:,.0f} hours on position, {planned['fte']:,.1f} FTE",
        f"  cost          {money} {planned['cost']:,.0f}; "
        f"to staff for P90 {money} {at_p90['cost']:,.0f}",
        f"  service level {planned['service_level']:.1%} expected in "
        f"{params.capacity.answer_within_s:g} s (target "
        f"{params.capacity.service_level_target:.0%} of offered)",
    ]
    champions = [row for row in accuracy_rows(tables.scores) if row["is_champion"]]
    name = "series" if len({row["series"] for row in champions}) > 1 else "queue"
    for row in horizon_order(champions, params.backtest.horizons):
        lines.append(
            f"  tested        {row[name]}, {row['horizon'].replace('_', ' ')} ahead: "
            f"WAPE {row['wape']:.1%}, 80 % interval covers {row['coverage_80']:.1%}"
        )
    if params.capacity.assumed:
        lines.append(f"  assumed, not measured: {', '.join(params.capacity.assumed)}")
    return "\n".join(lines) + "\n"
