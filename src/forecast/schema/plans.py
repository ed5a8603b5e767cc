"""The tables of plans beyond the interval: shifts, sites that share, hiring."""

from forecast.schema.series import DS, LOCAL, SERIES, SERIES_COLUMNS
from forecast.table import Column, Table

_SCENARIO = Column("scenario", "str", "", "name of the scenario")
_SITE = Column("site", "str", "", "site")
_ASSUMED = Column("assumed", "str", "", "inputs that are assumptions, not measured; ';' between")
_MIX = Column("mix", "str", "", "cheapest: of all contracts; full-time: of those alone")


def _heads(name: str, description: str) -> Column:
    return Column(name, "float64", "heads", description, ge=0)


HEADS = Table(
    "HEADS",
    "scenario, mix, site, contract",
    ("scenario", "mix", "site", "contract"),
    (
        _SCENARIO,
        _MIX,
        _SITE,
        Column("contract", "str", "", "contract; 'nobody': heads that are missing"),
        Column("first_day", LOCAL, "day", "first day of the planned week"),
        Column("heads", "int64", "heads", "people to have on the contract", ge=0),
        Column("paid_hours", "float64", "h", "paid in the week, overtime included", ge=0),
        Column("overtime_hours", "float64", "h", "... of which overtime", ge=0),
        Column("missing_hours", "float64", "h", "required and covered by nobody", ge=0),
        Column("required_hours", "float64", "h", "required of the site in the week", ge=0),
        Column("cost", "float64", "currency", "of the week, premiums included", ge=0),
        Column("gap", "float64", "share", "of the plan's cost over its proved bound", ge=0, le=1),
        _ASSUMED,
    ),
)

SHIFTS = Table(
    "SHIFTS",
    "scenario, mix, site, contract, template, day, shift, variant",
    ("scenario", "mix", "site", "contract", "template", "day", "shift", "variant"),
    (
        _SCENARIO,
        _MIX,
        _SITE,
        Column("contract", "str", "", "contract"),
        Column("template", "str", "", "the shifts that one head keeps to all week"),
        Column("day", LOCAL, "day", "local day on which the shift begins"),
        Column("shift", "str", "", "start, end and break, local"),
        Column("variant", "str", "", "shift, overtime or time off"),
        Column("heads", "int64", "heads", "who work it", ge=0),
        _ASSUMED,
    ),
)

COVERAGE = Table(
    "COVERAGE",
    "scenario, mix, site, ds",
    ("scenario", "mix", "site", "ds"),
    (
        _SCENARIO,
        _MIX,
        Column("site", "str", "", "site; 'all' where load is pooled"),
        DS,
        Column("required", "int64", "heads", "people to schedule, shrinkage included", ge=0),
        Column("scheduled", "int64", "heads", "people on shift", ge=0),
        Column("understaffed", "int64", "heads", "missing", ge=0),
        Column("overstaffed", "int64", "heads", "more than required", ge=0),
        _ASSUMED,
    ),
)

SITE_COSTS = Table(
    "SITE_COSTS",
    "scenario, arrangement, site",
    ("scenario", "arrangement", "site"),
    (
        _SCENARIO,
        Column("arrangement", "str", "", "own, shared, pooled, or 'without' a site"),
        Column("site", "str", "", "site; 'nobody': agents that are missing"),
        Column("agent_hours", "float64", "h", "on position; of nobody: missing", ge=0),
        Column("paid_hours", "float64", "h", "paid, after the site's shrinkage", ge=0),
        Column("peak_agents", "float64", "agents", "most in one interval", ge=0),
        Column("seats", "float64", "seats", "of the site; empty: enough for all", True, 0),
        Column("cost", "float64", "currency", "of the hours; of nobody: their price", ge=0),
        _ASSUMED,
    ),
)

SITE_LOAD = Table(
    "SITE_LOAD",
    "scenario, arrangement, site, queue, channel, ds, served_at",
    ("scenario", "arrangement", *SERIES, "ds", "served_at"),
    (
        _SCENARIO,
        Column("arrangement", "str", "", "as in SITE_COSTS"),
        *SERIES_COLUMNS,
        DS,
        Column("served_at", "str", "", "site whose agents serve it; 'nobody': missing"),
        Column("agents", "float64", "agents", "on position for it", ge=0),
    ),
)

HIRES = Table(
    "HIRES",
    "scenario, site, class",
    ("scenario", "site", "class"),
    (
        _SCENARIO,
        _SITE,
        Column("class", "int64", "", "number of the class at its site", ge=1),
        Column("size", "int64", "heads", "who start", ge=1),
        Column("approve_by", LOCAL, "day", "approval in the plan: start less lead time"),
        Column("start", LOCAL, "day", "start of the class"),
        Column("productive", LOCAL, "day", "first day after training"),
        Column("latest_approval", LOCAL, "day", "last that keeps the plan; empty: spare", True),
        Column("slack_weeks", "float64", "weeks", "between the two", True, 0),
        Column("next_start_cost", "float64", "currency", "of waiting for the next start", True),
        _ASSUMED,
    ),
)

WORKFORCE = Table(
    "WORKFORCE",
    "scenario, site, week",
    ("scenario", "site", "week"),
    (
        _SCENARIO,
        _SITE,
        Column("week", LOCAL, "day", "its first day"),
        _heads("required", "productive heads required, with the confidence asked for"),
        _heads("joined", "started a class"),
        _heads("moved_in", "came from other sites"),
        _heads("moved_out", "left for other sites"),
        _heads("laid_off", "laid off"),
        _heads("in_training", "paid and not productive"),
        _heads("ramping", "less productive than they will be"),
        _heads("full", "work as they always will"),
        _heads("on_the_way", "between two sites"),
        _heads("heads", "on the payroll"),
        _heads("leavers", "leave at the week's end"),
        _heads("productive", "work of all, in full heads"),
        _heads("cover", "bought as overtime and temps"),
        _heads("gap", "lacking after cover"),
        Column("p_met", "float64", "share", "of the paths, on which heads suffice", ge=0, le=1),
        _ASSUMED,
    ),
)
