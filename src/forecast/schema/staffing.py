"""The tables of plans: agents, what they achieve, what they cost, what if."""

from forecast.schema.series import DS, LOCAL, SERIES, SERIES_COLUMNS
from forecast.table import Column, Table


def _level(name: str, description: str) -> Column:
    return Column(name, "float64", "share", description, nullable=True, ge=0, le=1)


def _ends(name: str, unit: str) -> tuple[Column, Column]:
    """Return the columns for the P10 and the P90 of a measure of a whole plan."""
    most = 1 if unit == "share" else None
    low, high = (f"P{end} of the paths, over the whole plan" for end in (10, 90))
    return (
        Column(f"{name}_p10", "float64", unit, low, True, 0, most),
        Column(f"{name}_p90", "float64", unit, high, True, 0, most),
    )


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
        Column("p_met", "float64", "share", "of the paths, on which all goals are met", True, 0, 1),
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
        _level("abandonment", "of contacts, expected over the paths"),
        _level("abandonment_p10", "P10 of the paths: a good one"),
        _level("abandonment_p90", "... P90, a bad one"),
        Column("asa_s", "float64", "s", "expected wait; empty: without bound", True, 0),
        Column("asa_s_p10", "float64", "s", "P10 of the paths: a good one", True, 0),
        Column("asa_s_p90", "float64", "s", "... P90, a bad one", True, 0),
        _level("occupancy", "of agent time, expected over the paths"),
        _level("occupancy_p10", "P10 of the paths: a calm one"),
        _level("occupancy_p90", "... P90, a busy one"),
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
        Column("fte", "float64", "FTE", "... less overtime and temps, in full-time weeks", ge=0),
        Column("heads", "int64", "heads", "least people whose contracts hold that FTE", ge=0),
        Column("heads_by_contract", "str", "heads", "of each contract; ';' between"),
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
        *_ends("service_level", "share"),
        *_ends("abandonment", "share"),
        *_ends("asa_s", "s"),
        *_ends("occupancy", "share"),
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
        Column("quantity", "float64", "its unit", "how much; below 0: less than in the base"),
        Column("unit", "str", "", "unit of the quantity"),
        Column("rate", "float64", "currency", "price of one", ge=0),
        Column("cost", "float64", "currency", "of the line, as planned; they add up to PLAN"),
    ),
)

TRUNKS = Table(
    "TRUNKS",
    "scenario, site, quantile",
    ("scenario", "site", "quantile"),
    (
        Column("scenario", "str", "", "name of the scenario"),
        Column("site", "str", "", "the site whose calls share the lines"),
        Column(
            "quantile", "float64", "share", "of the paths, on which they are enough", ge=0, le=1
        ),
        Column("is_plan", "bool", "", "whether this is params trunks.peak_quantile"),
        Column("peak_erlangs", "float64", "erlangs", "lines taken in the busiest interval", ge=0),
        Column("trunks", "int64", "lines", "least that turn away params trunks.blocking_max", ge=0),
        Column("menu_erlangs", "float64", "erlangs", "... of them in the menu, at its peak", ge=0),
        Column("ports", "int64", "ports", "places in the menu for the same blocking", ge=0),
    ),
)

AFFORD = Table(
    "AFFORD",
    "site, queue, channel, start",
    (*SERIES, "start"),
    (
        *SERIES_COLUMNS,
        Column("start", LOCAL, "", "Monday of the local week"),
        Column("offered", "float64", "contacts", "expected contacts", ge=0),
        Column("agent_hours", "float64", "h", "on position, that the cap buys", ge=0),
        Column("paid_hours", "float64", "h", "hours paid for them", ge=0),
        Column("cost", "float64", "currency", "what these are paid", ge=0),
        _level("service_level", "expected over the paths"),
        _level("p_met", "share of the paths on which the week meets its target"),
        Column("breaks", "bool", "", "whether the expected service level misses the target"),
        Column("at_target", "float64", "currency or h", "least that the target takes", ge=0),
        Column("lacking", "float64", "currency or h", "... beyond what the week has", ge=0),
    ),
)

KPIS = Table(
    "KPIS",
    "scenario, place",
    ("scenario", "place"),
    (
        Column("scenario", "str", "", "name of the scenario"),
        Column("place", "int64", "", "place in the order of params kpi", ge=1),
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
