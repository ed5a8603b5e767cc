"""Trunks and menu ports of a site while a peak lasts."""

from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.capacity.demand import Demand
from forecast.capacity.trunks import trunk_table
from forecast.errors import InputError
from forecast.params import AlertsParams, TrunksParams

QUANTILE = 0.9
VOICE = "voice"
UNKNOWN = {"trunks_needed": np.nan, "ports_needed": np.nan}
NO_SECTION = "no section trunks"
NO_VOICE = "no calls"
ENDLESS = "callers wait without end"


def lines_of(
    demand: Demand,
    agents: npt.NDArray[np.int64],
    site: str,
    trunks: TrunksParams | None,
    alerts: AlertsParams,
    patience_s: float | None,
) -> dict[str, Any]:
    """Return the lines and ports that a site needs and has, as columns of PEAKS.

    Parameters
    ----------
    demand, agents
        All teams of the site within the peak's window, and the agents on position.
    site
        Its name.
    trunks, alerts
        The sections; without ``trunks`` nothing can be checked, which ``lines_note`` says.
    patience_s
        As in the section ``capacity``.
    """
    there = {
        "trunks": float(alerts.trunks.get(site, np.nan)),
        "ports": float(alerts.ports.get(site, np.nan)),
    }
    if trunks is None:
        return {**UNKNOWN, **there, "lines_note": NO_SECTION}
    if not (demand.intervals["channel"] == VOICE).any():
        return {**UNKNOWN, **there, "lines_note": NO_VOICE}
    try:
        table = trunk_table(
            demand,
            agents,
            ivr_s=trunks.ivr_s,
            blocking_max=trunks.blocking_max,
            self_service=trunks.self_service,
            patience_s=patience_s,
            quantiles=[QUANTILE],
        )
    except InputError:  # too few agents, and nobody hangs up: a fact about the peak, not an error
        return {**UNKNOWN, **there, "lines_note": ENDLESS}
    row = table.iloc[0]
    needed = {"trunks_needed": float(row["trunks"]), "ports_needed": float(row["ports"])}
    return {**needed, **there, "lines_note": ""}
