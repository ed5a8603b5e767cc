"""Step scenarios: PATHS -> REQUIREMENT, PLAN, its costs and KPIs of every scenario."""

from forecast.capacity.base import base_demand
from forecast.console import PARAMS, InFile, OutFile, ParamsFile, say
from forecast.params import Params
from forecast.scenarios import Learned, run_scenarios
from forecast.schema import (
    CALENDAR,
    COST_LINES,
    EVENT_DAYS,
    FORECAST,
    HISTORY,
    KIND_EFFECTS,
    KPIS,
    PATHS,
    PLAN,
    REQUIREMENT,
    SERVICE,
    STEPS,
)
from forecast.store import read_table, write_table


def scenarios(
    paths: InFile,
    forecast: InFile,
    history: InFile,
    calendar: InFile,
    kind_effects: InFile,
    event_days: InFile,
    out_requirement: OutFile,
    out_plan: OutFile,
    out_service: OutFile,
    out_steps: OutFile,
    out_cost_lines: OutFile,
    out_kpis: OutFile,
    params: ParamsFile = PARAMS,
) -> None:
    """Run every scenario of params.yaml and compare it with the base."""
    settings = Params.load(params)
    demand = base_demand(
        read_table(paths, PATHS),
        read_table(forecast, FORECAST),
        read_table(history, HISTORY),
        settings,
    )
    learned = Learned(
        read_table(kind_effects, KIND_EFFECTS), read_table(event_days, EVENT_DAYS), settings.seed
    )
    what_if = run_scenarios(
        demand, settings, calendar=read_table(calendar, CALENDAR), learned=learned
    )
    write_table(what_if.requirement, REQUIREMENT, out_requirement)
    write_table(what_if.plan, PLAN, out_plan)
    write_table(what_if.service, SERVICE, out_service)
    write_table(what_if.steps, STEPS, out_steps)
    write_table(what_if.cost_lines, COST_LINES, out_cost_lines)
    write_table(what_if.kpis, KPIS, out_kpis)
    planned = what_if.plan[what_if.plan["is_plan"]].set_index("scenario")
    money = settings.capacity.currency
    for name in settings.scenarios:
        row = planned.loc[name]
        say(
            f"scenarios: {name}: {row['fte']:.1f} FTE, {money} {row['cost']:,.0f} "
            f"({row['cost_vs_base']:+,.0f}), service level {row['service_level']:.1%}"
        )
