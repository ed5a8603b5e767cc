"""What a report says about agents and the service that they give."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from forecast.capacity.requirements import weighted
from forecast.params import CapacityParams, Params, ShrinkageParams
from forecast.queueing.result import MEANING
from forecast.schema import SERIES, by_series


def staffing(
    requirement: pd.DataFrame, service: pd.DataFrame, params: CapacityParams
) -> dict[str, Any]:
    """Return what the template needs of the base plan's REQUIREMENT and SERVICE."""
    days = service_rows(service, "day")
    return {
        "by_series": series_rows(requirement),
        "staffed_for": staffed_for(params),
        "measured": MEANING[params.definition].format(limit=f"{params.answer_within_s:g}"),
        "ceiling": ceiling(requirement),
        "weeks": service_rows(service, "week"),
        "hard_days": [row for row in days if row["p_met"] < params.confidence],
    }


def series_rows(requirement: pd.DataFrame) -> list[dict[str, Any]]:
    """Return contacts, agent-hours, peak and service level of each series of one scenario."""
    rows = []
    for key, own in by_series(requirement):
        hours = own["agents"] * own["open_min"] / 60
        rows.append(
            {
                "series": " / ".join(key),
                "offered": own["offered"].sum(),
                "aht_s": weighted(own["aht_s"], own["offered"]),
                "agent_hours": hours.sum(),
                "peak_agents": own["agents"].max(),
                "service_level": weighted(own["service_level"], own["offered"]),
            }
        )
    return rows


def off_position(params: Params) -> str:
    """Return how the people to schedule were found from those on position."""
    ledger = params.shrinkage or ShrinkageParams.flat(params.capacity.shrinkage)
    return ledger.description


def assumptions(params: Params) -> dict[str, str]:
    """Return what is assumed rather than measured, by name; the ledger is said in its words."""
    own = params.capacity
    told: dict[str, str] = {name: str(getattr(own, name)) for name in own.assumed}
    if "shrinkage" in told:
        told["shrinkage"] = off_position(params)
    if "cost_per_paid_hour" in told and params.costs is not None:
        told["cost_per_paid_hour"] = "by contract, section costs"
    return told


def not_priced(params: Params) -> list[str]:
    """Return what the section ``costs`` has a price for and the plan's cost is without."""
    if params.costs is None:
        return []
    told = {"per_seat_month": "seats", "per_telecom_min": "minutes on the line"}
    lacking = [words for key, words in told.items() if getattr(params.costs, key) is None]
    return [*lacking, "hiring, training and leavers", "trunks", "penalties"]


def kpis(table: pd.DataFrame, scenarios: Sequence[str]) -> dict[str, Any]:
    """Return what the template needs of KPIS: the base's scorecard, and what scenarios miss.

    Parameters
    ----------
    table
        KPIS.
    scenarios
        In the order of the report.
    """
    base = table[table["scenario"] == "base"]
    missed = table[(table["verdict"] == "missed") & (table["scenario"] != "base")]
    return {
        "kpis": base.to_dict("records"),
        "conflicts": sorted({why for text in base["why"] for why in text.split(" | ") if why}),
        "missed": [
            {"scenario": name, "kpis": own.to_dict("records")}
            for name in scenarios
            if len(own := missed[missed["scenario"] == name])
        ],
    }


def staffed_for(params: CapacityParams) -> dict[str, str]:
    """Return what each way to staff (``plan_at``) is called, from the leanest to the safest."""
    return {
        "p10": "P10 of the rate",
        "p50": "P50 of the rate",
        "mean": "the mean of the rate",
        "expected": "all contacts that may come",
        "p90": "P90 of the rate",
        "confident": f"the target met with a chance of {params.confidence:.0%}",
    }


def ceiling(requirement: pd.DataFrame) -> dict[str, float]:
    """Return in what share of intervals the ceiling on occupancy decides, and the hours it adds."""
    more = requirement["agents"] - requirement["agents_without_ceiling"]
    return {
        "share": float((more > 0).mean()),
        "hours": float((more * requirement["open_min"]).sum() / 60),
    }


def service_rows(service: pd.DataFrame, period: str) -> list[dict[str, Any]]:
    """Return the service level of every day or week of each series, in the order of time."""
    own = service[(service["period"] == period) & service["service_level"].notna()]
    rows = own.sort_values([*SERIES, "start"]).to_dict("records")
    return [
        {
            **{str(k): v for k, v in row.items()},
            "series": " / ".join(row[k] for k in SERIES),
            "date": f"{row['start']:%Y-%m-%d}",
        }
        for row in rows
    ]
