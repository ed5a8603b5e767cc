"""Step sites: PATHS -> SITE_COSTS and SITE_LOAD: who serves whom, and what not sharing costs."""

from pathlib import Path

import pandas as pd

from forecast.capacity.base import base_demand
from forecast.capacity.money.planned import paid_days
from forecast.capacity.sites import OWN, POOLED, SHARED, Sharing, sharing_of
from forecast.capacity.sites.arrangements import NOBODY, validated
from forecast.console import PARAMS, InFolder, OutFolder, ParamsFile, say
from forecast.params import Params
from forecast.schema import CALENDAR, FORECAST, HISTORY, PATHS, SITE_COSTS, SITE_LOAD
from forecast.store import read_table, write_tables


def sites(
    interim: InFolder, processed: InFolder, out: OutFolder, params: ParamsFile = PARAMS
) -> None:
    """Share load between sites by cost and capacity; say what not pooling and an outage cost."""
    settings = Params.load(params)
    costs, load = SITE_COSTS.empty(), SITE_LOAD.empty()
    if settings.sites is None:
        say("sites: the section sites of the settings is null: each site serves its own")
    else:
        sharing = _shared(settings, interim, processed)
        costs, load = sharing.costs, sharing.load
        for line in words(sharing, settings.capacity.currency):
            say(f"sites: {line}")
    write_tables({"site_costs": (costs, SITE_COSTS), "site_load": (load, SITE_LOAD)}, out)


def _shared(settings: Params, interim: Path, processed: Path) -> Sharing:
    demand = base_demand(
        read_table(processed / "paths.parquet", PATHS),
        read_table(processed / "forecast.parquet", FORECAST),
        read_table(interim / "history.parquet", HISTORY),
        settings,
    )
    calendar = None
    if settings.costs is not None:
        calendar = read_table(interim / "calendar.parquet", CALENDAR)
    found = sharing_of(
        demand,
        settings,
        settings.ingest.zone,
        settings.features.interval_min,
        paid_days(calendar, "statutory_holiday"),
        paid_days(calendar, "makeup_workday"),
    )
    return validated(found, "base", ";".join(settings.capacity.assumed))


def words(sharing: Sharing, currency: str) -> list[str]:
    """Return what a planner reads: each arrangement, the price of not pooling, every outage."""

    def told(arrangement: str) -> str:
        missing = sharing.missing(arrangement)
        lack = f", {missing:,.1f} hours missing" if missing else ""
        return f"{currency} {sharing.total(arrangement):,.2f}{lack}"

    own, shared, pooled = (sharing.total(name) for name in (OWN, SHARED, POOLED))
    lines = [
        f"each serves its own: {told(OWN)}",
        f"queues apart, load shared: {told(SHARED)}",
        f"queues pooled, load shared: {told(POOLED)}",
        f"the price of not pooling: {currency} {own - pooled:,.2f} ({_part(own - pooled, own)}); "
        f"{currency} {own - shared:,.2f} by sharing, {currency} {shared - pooled:,.2f} by pooling",
    ]
    here = sharing.costs[sharing.costs["arrangement"] == POOLED]
    for row in here[here["site"] != NOBODY].to_dict("records"):
        seats = "" if pd.isna(row["seats"]) else f" of {row['seats']:,.0f} seats"
        lines.append(
            f"{row['site']}: {row['agent_hours']:,.0f} hours on position, up to "
            f"{row['peak_agents']:,.0f} agents{seats}, {currency} {row['cost']:,.2f}"
        )
        without = f"without {row['site']}"
        more = sharing.total(without) - pooled
        lines.append(f"{without}: {told(without)} ({currency} {more:+,.2f})")
    return lines


def _part(gain: float, whole: float) -> str:
    return f"{gain / whole:.1%}" if whole > 0 else "nothing"
