"""A plan's KPIs beside their targets, and which of them pull against each other.

Never folded into one number: a weighted sum would hide that one is bought with another.
"""

from collections.abc import Mapping
from math import isfinite, isnan
from typing import Any

import pandas as pd

from forecast.errors import InputError
from forecast.params.kpi import KpiParams

KPIS = (
    "service_level",
    "answer_rate",
    "occupancy",
    "first_contact_resolution",
    "self_service",
    "attendance",
    "attrition",
)
AT_CEILING = 0.01
"""Occupancy this close below its ceiling is held there by it."""


def scorecard(values: Mapping[str, float | None], params: KpiParams) -> pd.DataFrame:
    """Return every KPI beside its target.

    Parameters
    ----------
    values
        KPI -> value, shares 0 to 1; attrition a year. None, NaN or left out: not known.
    params
        The section ``kpi``.

    Returns
    -------
    One row per KPI: ``kpi``, ``target`` in words, ``at_least``, ``at_most`` (NaN: no such bound),
    ``value``, ``verdict`` ("met", "missed", "not known" or "no target"), ``by`` (how much is in
    hand to the nearest bound; negative: how much is missing; NaN where not known) and
    ``pulls_against``: the KPIs of ``conflicts``, ``;`` between.

    Raises
    ------
    InputError
        For a KPI that is not known by name, and a value that is no share.

    Examples
    --------
    >>> card = scorecard({"service_level": 0.86, "occupancy": 0.64}, KpiParams())
    >>> print(card.loc[[0, 2], ["kpi", "target", "value", "verdict", "by"]].to_string(index=False))
              kpi         target  value verdict    by
    service_level >= 0.8 in 20 s   0.86     met  0.06
        occupancy     0.7 to 0.8   0.64  missed -0.06
    """
    known = _known(values)
    rows = [_row(kpi, known.get(kpi), *_bounds(kpi, params), params) for kpi in KPIS]
    columns = ["kpi", "target", "at_least", "at_most", "value", "verdict", "by"]
    card = pd.DataFrame(rows, columns=columns)
    numbers = ["at_least", "at_most", "value", "by"]
    card[numbers] = card[numbers].astype("float64")
    pairs = conflicts(card)
    against = {
        kpi: [*pairs.loc[pairs["kpi"] == kpi, "other"], *pairs.loc[pairs["other"] == kpi, "kpi"]]
        for kpi in KPIS
    }
    return card.assign(pulls_against=[";".join(against[kpi]) for kpi in card["kpi"]])


def conflicts(card: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of KPIs of a scorecard that cannot be mended, or were met, apart.

    More agents raise service level and answer rate and lower occupancy, so the two sides of that
    scale conflict wherever one is missed and the other would follow it. Self-service takes the easy
    contacts, so it pulls against first-contact resolution.

    Returns
    -------
    One row per pair: ``kpi``, ``other``, ``why``. By how much is in the scorecard's ``by``, so that
    plans with the same conflict give the same words.

    Examples
    --------
    >>> card = scorecard({"service_level": 0.86, "occupancy": 0.64}, KpiParams())
    >>> print(conflicts(card)["why"].item())
    service_level is met by agents who wait: occupancy is below its band
    """
    at: dict[Any, dict[Any, Any]] = card.set_index("kpi").to_dict("index")
    out = [
        ("occupancy", kpi, why)
        for kpi in ("service_level", "answer_rate")
        if (why := _scale(kpi, at[kpi], at["occupancy"]))
    ]
    easy, solved = at["self_service"], at["first_contact_resolution"]
    if easy["verdict"] == "met" and solved["verdict"] == "missed":
        why = (
            "self_service is met and takes the easy contacts: first_contact_resolution of the rest "
            "misses"
        )
        out.append(("first_contact_resolution", "self_service", why))
    return pd.DataFrame(out, columns=["kpi", "other", "why"]).astype("str")


def _scale(kpi: str, service: Mapping[Any, Any], occupancy: Mapping[Any, Any]) -> str:
    """Return why a service KPI and occupancy pull against each other; empty where they do not."""
    verdict, busy = service["verdict"], occupancy["value"]
    if verdict not in {"met", "missed"} or isnan(busy):
        return ""
    if busy < occupancy["at_least"]:
        if verdict == "met":
            return f"{kpi} is met by agents who wait: occupancy is below its band"
        return (
            f"{kpi} misses and asks for more agents; occupancy is below its band and asks for "
            "fewer: contacts and agents do not come at the same times"
        )
    if verdict == "met" and busy > occupancy["at_most"]:
        return f"occupancy is above its band and asks for more agents; {kpi} is met without them"
    if verdict == "met" and service["by"] > 0 and busy >= occupancy["at_most"] - AT_CEILING:
        return f"the occupancy ceiling sets the agents: {kpi} is above its target"
    return ""


def _bounds(kpi: str, params: KpiParams) -> tuple[float | None, float | None]:
    if kpi == "occupancy":
        return params.occupancy_min, params.occupancy_max
    if kpi == "attrition":
        return None, params.attrition_max
    low: float | None = getattr(params, f"{kpi}_target")
    return low, None


def _row(
    kpi: str, value: float | None, low: float | None, high: float | None, params: KpiParams
) -> tuple[str, str, float | None, float | None, float | None, str, float | None]:
    words = "none"
    if low is not None and high is not None:
        words = f"{low:g} to {high:g}"
    elif low is not None or high is not None:
        words = f">= {low:g}" if low is not None else f"<= {high:g}"
    if kpi == "service_level" and low is not None:
        words += f" in {params.answer_within_s:g} s"
    if kpi == "attrition" and high is not None:
        words += " a year"
    # To nine decimals: 0.8 - 0.7999999999 is no miss that anybody means.
    slack = [] if value is None else [round(value - low, 9)] if low is not None else []
    slack += [round(high - value, 9)] if value is not None and high is not None else []
    if low is None and high is None:
        return kpi, words, low, high, value, "no target", None
    if not slack:
        return kpi, words, low, high, value, "not known", None
    return kpi, words, low, high, value, "met" if min(slack) >= 0 else "missed", min(slack)


def _known(values: Mapping[str, float | None]) -> dict[str, float]:
    """Return the values that are numbers, or say which cannot be."""
    strange = [f"{name} is no KPI; {', '.join(KPIS)} are" for name in values if name not in KPIS]
    known = {k: float(v) for k, v in values.items() if v is not None and not isnan(v)}
    for name, value in known.items():
        most = float("inf") if name == "attrition" else 1.0
        if not (isfinite(value) and 0 <= value <= most):
            strange.append(f"{name} must be {'>= 0' if name == 'attrition' else '0 to 1'}: {value}")
    if strange:
        raise InputError("the scorecard cannot take these values:\n  - " + "\n  - ".join(strange))
    return known
