"""What a report tells of agents and the service that they give."""

from typing import Any

import pandas as pd

from forecast.capacity.requirements import weighted
from forecast.params import Params
from forecast.schema import SERIES, by_series


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


def not_priced(params: Params) -> list[str]:
    """Return codes of what has no price in the section ``costs``, and of what no plan here holds.

    Nothing where there is no such section.
    """
    if params.costs is None:
        return []
    told = {
        "per_seat_month": "seat_months",
        "per_telecom_min": "telecom_min",
        "per_trunk_month": "trunks",
    }
    lacking = [code for key, code in told.items() if getattr(params.costs, key) is None]
    lacking += [] if params.costs.penalties else ["penalties"]
    return [*lacking, "people_coming_and_going"]


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
