"""The tables from which a spreadsheet reckons FTE and cost: the plan, made at a grid of changes."""

from forecast.table import Column, Table

_NODE = (
    Column("volume_pct", "float64", "percent", "change of the contacts", ge=-100),
    Column("aht_pct", "float64", "percent", "change of the handle time", ge=-100),
)

LOOKUP = Table(
    "LOOKUP",
    "volume_pct, aht_pct, shrinkage, agents",
    ("volume_pct", "aht_pct", "shrinkage", "agents"),
    (
        *_NODE,
        Column("shrinkage", "float64", "share", "of paid time off position", ge=0, le=1),
        Column("agents", "int64", "agents", "positions planned in an interval and team", ge=1),
        Column("hours", "float64", "h", "open hours of all intervals and teams with so many", ge=0),
    ),
)

NODES = Table(
    "NODES",
    "volume_pct, aht_pct",
    ("volume_pct", "aht_pct"),
    (
        *_NODE,
        Column("is_check", "bool", "", "made to measure the error between nodes; else a node"),
        Column("offered", "float64", "contacts", "expected contacts", ge=0),
        Column("agent_hours", "float64", "h", "hours on position", ge=0),
        Column("paid_hours", "float64", "h", "hours paid, after shrinkage", ge=0),
        Column("paid_hours_more", "float64", "h", "... with five points more shrinkage", ge=0),
        Column("pay", "float64", "currency", "what paid hours cost", ge=0),
        Column("other_cost", "float64", "currency", "what else is paid for", ge=0),
        Column("peak_agents", "int64", "agents", "most positions in one interval", ge=0),
        Column("service_level", "float64", "share", "expected, weighted by offered", True, 0, 1),
        Column("occupancy", "float64", "share", "expected, weighted by agent time", True, 0, 1),
    ),
)
