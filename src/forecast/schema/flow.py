"""The tables of the flow: from what came to what is forecast, and how it is judged."""

from collections.abc import Mapping

from forecast.schema.series import DS, KNOWN, LOCAL, SERIES, SERIES_COLUMNS, UTC
from forecast.table import Column, Table

QUANTILES: Mapping[str, float] = {
    "q025": 0.025,
    "q05": 0.05,
    "q10": 0.10,
    "q25": 0.25,
    "q50": 0.50,
    "q75": 0.75,
    "q90": 0.90,
    "q95": 0.95,
    "q975": 0.975,
}
"""The quantile columns of FORECAST and their levels."""

_QUANTILE_COLUMNS = tuple(
    Column(name, "float64", "contacts or s", f"quantile {level:g} of what will come", ge=0)
    for name, level in QUANTILES.items()
)


def _sum(name: str, unit: str, description: str) -> Column:
    return Column(name, "float64", unit, description, nullable=True, ge=0)


HISTORY = Table(
    "HISTORY",
    "site, queue, channel, ds",
    (*SERIES, "ds"),
    (
        *SERIES_COLUMNS,
        DS,
        Column("minutes", "int64", "min", "length of the reported interval", ge=1, le=1500),
        Column("offered", "int64", "contacts", "contacts that asked for an agent", ge=0),
        _sum("answered", "contacts", "contacts answered by an agent"),
        _sum("abandoned", "contacts", "contacts that left before an answer"),
        _sum("short_abandoned", "contacts", "abandoned within the short-abandon limit"),
        _sum("answered_in_threshold", "contacts", "answered within the answer-within limit"),
        _sum("talk_s", "s", "sum of talk time"),
        _sum("hold_s", "s", "sum of hold time"),
        _sum("wrap_s", "s", "sum of after-contact work"),
        _sum("wait_s", "s", "sum of waiting time of answered contacts"),
        _sum("agents", "agents", "agents logged in, mean over the interval"),
    ),
)

FEATURES = Table(
    "FEATURES",
    "site, queue, channel, ds, known",
    (*SERIES, "ds", "known"),
    (
        *SERIES_COLUMNS,
        DS,
        KNOWN,
        Column("y", "float64", "contacts", "offered; empty when not reported", True, ge=0),
        Column("aht_s", "float64", "s", "handle time of what was answered", True, ge=0),
        Column("handled", "float64", "contacts", "answered, of which it is the mean", True, ge=0),
        Column("open_min", "float64", "min", "open minutes; 0 when closed", ge=0),
        Column("date", LOCAL, "day", "local date"),
        Column("slot_min", "int64", "min", "local start, minutes since midnight", ge=0, le=1439),
        Column("weekday", "int64", "day", "0 Monday to 6 Sunday, that it works as", ge=0, le=6),
        Column("gap_days", "int64", "days", "days since the last open day, 1 to 14", ge=1, le=14),
        Column("after_closure", "int64", "0/1", "first open day after a closed holiday"),
        Column("before_closure", "int64", "0/1", "last open day before a closed holiday"),
        Column("month_day", "int64", "day", "day of the month", ge=1, le=31),
        Column("month_left", "int64", "days", "days left in the month", ge=0, le=30),
        Column("holiday_open", "int64", "0/1", "public holiday on which the queue is open"),
        Column(
            "doubt", "float64", "share", "chance that the day's type comes otherwise", ge=0, le=1
        ),
    ),
)

_PREDICTION = (
    *SERIES_COLUMNS,
    Column("target", "str", "", "what is forecast: offered, or aht_s"),
    Column("model", "str", "", "name of the model, 'ensemble' or 'champion'"),
    Column("cutoff", UTC, "UTC", "only what was known before it was used"),
    DS,
    Column("horizon", "str", "", "bucket of the lead time, as in params backtest.horizons"),
    Column("open_min", "float64", "min", "open minutes; 0 when closed", ge=0),
    Column("y", "float64", "contacts or s", "what came, where known", nullable=True, ge=0),
    Column(
        "weight", "float64", "contacts", "contacts that the mean is over; offered: 1", True, ge=0
    ),
    Column("unit", "float64", "contacts or s", "what one random arrival is worth", True, ge=0),
    Column("raw_mean", "float64", "contacts or s", "the model's mean, before calibration", ge=0),
    Column("effect", "float64", "factor", "what events do, in the mean; 1: nothing", ge=0),
    Column("effect_var", "float64", "1", "variance of its logarithm, and of days in doubt", ge=0),
)
_PREDICTION_KEY = (*SERIES, "target", "model", "cutoff", "ds")

MEANS = Table("MEANS", "series, target, model, cutoff, ds", _PREDICTION_KEY, _PREDICTION)
"""What each model expected at each past cutoff, before calibration (the backtest's result)."""

FORECAST = Table(
    "FORECAST",
    "series, target, model, cutoff, ds",
    _PREDICTION_KEY,
    (
        *_PREDICTION,
        Column("mean", "float64", "contacts or s", "what is expected, events included", ge=0),
        *_QUANTILE_COLUMNS,
        Column("aht_effect", "float64", "factor", "what events do to the handle time", ge=0),
    ),
)

PATHS = Table(
    "PATHS",
    "series, path, ds",
    (*SERIES, "path", "ds"),
    (
        *SERIES_COLUMNS,
        Column("path", "int64", "", "number of the sample path", ge=0),
        DS,
        Column("open_min", "float64", "min", "open minutes; 0 when closed", ge=0),
        Column("offered", "int64", "contacts", "count on this path, 0 when closed", ge=0),
        Column("aht_s", "float64", "s", "expected handle time on this path", True, ge=0),
    ),
)

SCORES = Table(
    "SCORES",
    "series, model, target, metric, horizon, level",
    (*SERIES, "target", "model", "horizon", "level", "metric"),
    (
        *SERIES_COLUMNS,
        Column("target", "str", "", "what was forecast"),
        Column("model", "str", "", "name of the model, 'ensemble' or 'champion'"),
        Column("horizon", "str", "", "lead-time bucket"),
        Column("level", "str", "", "interval, day or week"),
        Column("metric", "str", "", "name of the metric, see forecast.accuracy"),
        Column("value", "float64", "", "its value", nullable=True),
        Column("n", "int64", "", "number of forecasts it is over", ge=0),
    ),
)

MISSES = Table(
    "MISSES",
    "series, model, horizon",
    (*SERIES, "model", "horizon"),
    (
        *SERIES_COLUMNS,
        Column("model", "str", "", "name of the model, 'ensemble' or 'champion'"),
        Column("horizon", "str", "", "lead-time bucket"),
        Column("agent_hours", "float64", "h", "that what came needed", ge=0),
        Column("over_hours", "float64", "h", "agent-hours too many", ge=0),
        Column("under_hours", "float64", "h", "agent-hours too few", ge=0),
        Column("floor_over_hours", "float64", "h", "too many by chance alone", ge=0),
        Column("floor_under_hours", "float64", "h", "too few by chance alone", ge=0),
        Column("over_cost", "float64", "currency", "of the hours too many", ge=0),
        Column("under_cost", "float64", "currency", "what the hours too few would cost", ge=0),
        Column("floor_over_cost", "float64", "currency", "too many by chance alone", ge=0),
        Column("floor_under_cost", "float64", "currency", "too few by chance alone", ge=0),
        Column("n", "int64", "", "number of intervals", ge=0),
    ),
)
"""What staffing to a forecast's mean missed by."""

ERROR_PARTS = Table(
    "ERROR_PARTS",
    "series, model, horizon, part",
    (*SERIES, "model", "horizon", "part"),
    (
        *SERIES_COLUMNS,
        Column("model", "str", "", "name of the model, 'ensemble' or 'champion'"),
        Column("horizon", "str", "", "lead-time bucket"),
        Column("part", "str", "", "what is to blame, see forecast.accuracy.error_parts"),
        Column("hours", "float64", "h", "agent-hours that staffing missed by because of it"),
        Column("cost", "float64", "currency", "what these hours would cost"),
        Column("n", "int64", "", "number of intervals", ge=0),
    ),
)
"""Over the parts, all agent-hours that were too many or too few."""
