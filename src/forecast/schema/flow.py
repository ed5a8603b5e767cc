"""The tables of the flow: from what came to what is planned."""

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


def _level(name: str, description: str) -> Column:
    return Column(name, "float64", "share", description, nullable=True, ge=0, le=1)


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
        Column("n", "int64", "", "number of intervals", ge=0),
    ),
)
"""Over the parts, all agent-hours that were too many or too few."""

REQUIREMENT = Table(
    "REQUIREMENT",
    "scenario, site, queue, channel, ds",
    ("scenario", *SERIES, "ds"),
    (
        Column("scenario", "str", "", "name of the scenario"),
        *SERIES_COLUMNS,
        DS,
        Column("open_min", "float64", "min", "open minutes of the interval", ge=0),
        Column("offered", "float64", "contacts", "expected contacts", ge=0),
        Column("aht_s", "float64", "s", "average handle time", ge=0),
        Column("load_erlangs", "float64", "erlangs", "offered load at the mean", ge=0),
        Column(
            "agents_mean", "int64", "agents", "positions that meet the target at the mean", ge=0
        ),
        Column("agents_p10", "int64", "agents", "... at the 10 % quantile of the rate", ge=0),
        Column("agents_p50", "int64", "agents", "... at the median", ge=0),
        Column("agents_p90", "int64", "agents", "... at the 90 % quantile", ge=0),
        Column("agents_expected", "int64", "agents", "... in expectation over contacts", ge=0),
        Column("agents_confident", "int64", "agents", "... with capacity.confidence or more", ge=0),
        Column(
            "agents_without_ceiling", "int64", "agents", "planned if occupancy had no ceiling", ge=0
        ),
        Column("agents", "int64", "agents", "positions planned (params capacity.plan_at)", ge=0),
        Column("scheduled_agents", "int64", "agents", "people to schedule, after shrinkage", ge=0),
        Column("service_level", "float64", "share", "expected over the paths", True, 0, 1),
        Column(
            "service_level_base", "float64", "share", "... with the base plan's people", True, 0, 1
        ),
        Column("p_met", "float64", "share", "of the paths, on which all goals are met", ge=0, le=1),
        Column("asa_s", "float64", "s", "expected wait over the paths", nullable=True, ge=0),
        Column("abandonment", "float64", "share", "expected share that abandons", True, 0, 1),
        Column("occupancy", "float64", "share", "expected over the paths", True, 0, 1),
        Column("assumed", "str", "", "inputs that are assumptions, not measured; ';' between"),
    ),
)

SERVICE = Table(
    "SERVICE",
    "scenario, site, queue, channel, period, start",
    ("scenario", *SERIES, "period", "start"),
    (
        Column("scenario", "str", "", "name of the scenario"),
        *SERIES_COLUMNS,
        Column("period", "str", "", "day or week"),
        Column("start", LOCAL, "", "first local day"),
        Column("offered", "float64", "contacts", "expected contacts", ge=0),
        _level("service_level", "expected over the paths"),
        _level("service_level_p10", "P10 of the paths: a bad one"),
        _level("service_level_p50", "... the median"),
        _level("service_level_p90", "... P90, a good one"),
        _level("p_met", "share of the paths on which it meets its target"),
    ),
)

PLAN = Table(
    "PLAN",
    "scenario, risk",
    ("scenario", "risk"),
    (
        Column("scenario", "str", "", "name of the scenario"),
        Column("risk", "str", "", "what is staffed for (params capacity.plan_at)"),
        Column("is_plan", "bool", "", "whether this is the risk in params capacity.plan_at"),
        Column("offered", "float64", "contacts", "expected contacts", ge=0),
        Column("agent_hours", "float64", "h", "hours on position", ge=0),
        Column("paid_hours", "float64", "h", "hours paid: people scheduled, after shrinkage", ge=0),
        Column("fte", "float64", "FTE", "paid hours in full-time weeks", ge=0),
        Column("peak_agents", "int64", "agents", "most positions in one interval", ge=0),
        Column("cost", "float64", "currency", "of all: the sum of COST_LINES", ge=0),
        Column("cost_outsourced", "float64", "currency", "paid for contacts given away", ge=0),
        Column("lost", "float64", "contacts", "for whom nobody is open", ge=0),
        Column("cost_vs_base", "float64", "currency", "difference to the base plan"),
        Column("service_level", "float64", "share", "expected, weighted by offered", True, 0, 1),
        Column(
            "service_level_base", "float64", "share", "... with the base plan's people", True, 0, 1
        ),
        Column("abandonment", "float64", "share", "expected, weighted by offered", True, 0, 1),
        Column("asa_s", "float64", "s", "expected wait, weighted by offered", nullable=True, ge=0),
        Column("occupancy", "float64", "share", "expected, weighted by agent time", True, 0, 1),
        Column("assumed", "str", "", "inputs that are assumptions, not measured"),
    ),
)

GRID = Table(
    "GRID",
    "volume_pct, aht_pct, service_level_target, shrinkage_points",
    ("volume_pct", "aht_pct", "service_level_target", "shrinkage_points"),
    (
        Column("volume_pct", "float64", "%", "change of contacts", ge=-100),
        Column("aht_pct", "float64", "%", "change of handle time", ge=-100),
        Column("service_level_target", "float64", "share", "asked for", ge=0, le=1),
        Column("shrinkage_points", "float64", "points", "change of shrinkage"),
        Column("fte", "float64", "FTE", "paid hours in full-time weeks", ge=0),
        Column("cost", "float64", "currency", "of the plan", ge=0),
        Column("peak_agents", "float64", "agents", "most positions in one interval", ge=0),
        Column("service_level", "float64", "share", "expected", True, 0, 1),
        Column("occupancy", "float64", "share", "expected", True, 0, 1),
    ),
)
"""Plans on a grid of changes, for sliders that have no server behind them."""

STEPS = Table(
    "STEPS",
    "scenario, step",
    ("scenario", "step"),
    (
        Column("scenario", "str", "", "name of the scenario"),
        Column("step", "int64", "", "place in the order", ge=1),
        Column("lever", "str", "", "what is pulled"),
        Column("method", "str", "", "shapley: mean over all orders; sequential: in this order"),
        Column("cost_before", "float64", "currency", "before the step"),
        Column("cost", "float64", "currency", "what the lever adds"),
        Column("cost_after", "float64", "currency", "after the step"),
    ),
)

COST_LINES = Table(
    "COST_LINES",
    "scenario, line",
    ("scenario", "line"),
    (
        Column("scenario", "str", "", "name of the scenario"),
        Column("line", "str", "", "what is paid for"),
        Column("quantity", "float64", "its unit", "how much of it", ge=0),
        Column("unit", "str", "", "unit of the quantity"),
        Column("rate", "float64", "currency", "price of one", ge=0),
        Column("cost", "float64", "currency", "of the line, as planned; they add up to PLAN", ge=0),
    ),
)

KPIS = Table(
    "KPIS",
    "scenario, kpi",
    ("scenario", "kpi"),
    (
        Column("scenario", "str", "", "name of the scenario"),
        Column("kpi", "str", "", "what is scored"),
        Column("target", "str", "", "in words"),
        Column("at_least", "float64", "share", "bound of the target; empty: none", True),
        Column("at_most", "float64", "share", "bound of the target; empty: none", True),
        Column("value", "float64", "share", "of the plan; empty: not known", True, ge=0),
        Column("verdict", "str", "", "met, missed, not known or no target"),
        Column("by", "float64", "share", "in hand to the nearest bound; negative: missing", True),
        Column("pulls_against", "str", "", "KPIs that conflict with it; ';' between"),
        Column("why", "str", "", "... and why, a sentence each; '|' between"),
    ),
)

TRADE_OFF = Table(
    "TRADE_OFF",
    "share, more",
    ("share", "more"),
    (
        Column("share", "float64", "share", "of the planned positions in each interval", ge=0),
        Column("more", "int64", "agents", "positions more in each open interval; -1: one less"),
        Column("heads", "int64", "heads", "least people by their contracts' hours", ge=0),
        Column("agent_hours", "float64", "h", "hours on position", ge=0),
        Column("paid_hours", "float64", "h", "hours paid", ge=0),
        Column("fte", "float64", "FTE", "paid hours in full-time weeks", ge=0),
        Column("cost", "float64", "currency", "of the period", ge=0),
        _level("service_level", "expected, weighted by offered"),
        _level("abandonment", "expected, weighted by offered"),
        Column("asa_s", "float64", "s", "expected wait, weighted by offered", nullable=True, ge=0),
        _level("occupancy", "expected, weighted by agent time"),
        _level("week_p10", "P10 of the service level of the worst week, all queues together"),
        _level("week_p_met", "chance of the target in the week where it is least"),
    ),
)
"""What fewer or more agents than planned do; share 1 and more 0 are the plan."""
