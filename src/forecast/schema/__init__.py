"""The named tables of the project: columns, dtypes, units, keys and bounds, in one place.

Every function of the library takes and returns these tables. All are long: one row per key, never
one column per model. ``ds`` is the start of an interval in UTC; local wall time is derived from the
site's time zone.
"""

from collections.abc import Mapping

from forecast.schema.books import (
    DEMAND,
    FINDINGS,
    LEDGER,
    QUARANTINE,
    SELF_SERVICE,
    SUPERSEDED,
)
from forecast.schema.flow import (
    ERROR_PARTS,
    FEATURES,
    FORECAST,
    HISTORY,
    MEANS,
    MISSES,
    PATHS,
    QUANTILES,
    SCORES,
)
from forecast.schema.lookup import LOOKUP, NODES
from forecast.schema.peaks import PEAK_MEASURES, PEAKS
from forecast.schema.series import (
    ALWAYS,
    LOCAL,
    SERIES,
    UTC,
    SeriesKey,
    as_known,
    by_series,
    events_at,
    local_time,
    local_times,
    of_series,
)
from forecast.schema.special import (
    CALENDAR,
    CLOSING_TYPES,
    DAY_TYPES,
    EVENT_EFFECTS,
    EVENTS,
    HOLIDAY_TYPES,
    KIND_EFFECTS,
    MENDED,
    UNEXPLAINED,
)
from forecast.schema.staffing import (
    COST_LINES,
    GRID,
    KPIS,
    PLAN,
    REQUIREMENT,
    SERVICE,
    STEPS,
    TRADE_OFF,
)
from forecast.table import Table

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        HISTORY,
        CALENDAR,
        EVENTS,
        EVENT_EFFECTS,
        KIND_EFFECTS,
        MENDED,
        UNEXPLAINED,
        FEATURES,
        MEANS,
        FORECAST,
        PATHS,
        SCORES,
        ERROR_PARTS,
        MISSES,
        REQUIREMENT,
        SERVICE,
        PLAN,
        STEPS,
        GRID,
        COST_LINES,
        KPIS,
        TRADE_OFF,
        PEAKS,
        PEAK_MEASURES,
        LOOKUP,
        NODES,
        LEDGER,
        QUARANTINE,
        FINDINGS,
        SUPERSEDED,
        SELF_SERVICE,
        DEMAND,
    )
}

__all__ = [
    "ALWAYS",
    "CALENDAR",
    "CLOSING_TYPES",
    "COST_LINES",
    "DAY_TYPES",
    "DEMAND",
    "ERROR_PARTS",
    "EVENTS",
    "EVENT_EFFECTS",
    "FEATURES",
    "FINDINGS",
    "FORECAST",
    "GRID",
    "HISTORY",
    "HOLIDAY_TYPES",
    "KIND_EFFECTS",
    "KPIS",
    "LEDGER",
    "LOCAL",
    "LOOKUP",
    "MEANS",
    "MENDED",
    "MISSES",
    "NODES",
    "PATHS",
    "PEAKS",
    "PEAK_MEASURES",
    "PLAN",
    "QUANTILES",
    "QUARANTINE",
    "REQUIREMENT",
    "SCORES",
    "SELF_SERVICE",
    "SERIES",
    "SERVICE",
    "STEPS",
    "SUPERSEDED",
    "TABLES",
    "TRADE_OFF",
    "UNEXPLAINED",
    "UTC",
    "SeriesKey",
    "as_known",
    "by_series",
    "events_at",
    "local_time",
    "local_times",
    "of_series",
]
