"""How long a hiring plan of 24 months takes, how good it is, and what rules of thumb cost.

`python benchmarks/hiring.py` plans a made-up centre in several forms and writes
benchmarks/hiring.md. Seeds are fixed; only the times differ from run to run.
"""

import os
import platform
import time
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy

from forecast.capacity.hiring import (
    Case,
    Class,
    Cover,
    HiringParams,
    HiringPlan,
    HiringSite,
    Route,
    Terminal,
    decide,
    evaluated,
    follow,
    hiring_plan,
    simulated_heads,
    weekly_attrition,
)
from forecast.capacity.hiring.limits import limits_kept

Floats = npt.NDArray[np.float64]
WEEKS, PATHS, SEED, REPEATS = 105, 400, 1, 3
START = date(2026, 1, 5)
COVER, TERMINAL = Cover(cost_per_head_week=1500), Terminal(value_per_head=9000)


def required(level: float = 200.0) -> Floats:
    """Return paths of required heads: growth, two seasons a year, and doubt that grows."""
    rng = np.random.default_rng(SEED)
    week = np.arange(WEEKS)
    season = sum(np.exp(-((((week % 52) - at) / 4.0) ** 2) / 2) for at in (23, 45))
    mean = level * (1 + 0.001 * week) * (1 + 0.25 * season)
    doubt = rng.normal(0, 0.04, (PATHS, 1)) + rng.normal(0, 0.004, (PATHS, WEEKS)).cumsum(axis=1)
    return np.asarray(mean * np.exp(doubt))


def north(**changed: object) -> HiringSite:
    """Return the centre: six weeks of lead, four of training, eight of ramp."""
    settings = {
        "name": "north",
        "opening_heads": {2: 12, 60: 226},
        "wage_per_week": 800,
        "attrition": {0: 0.03, 13: 0.012},
        "lead_weeks": 6,
        "training_weeks": 4,
        "productivity": tuple(np.linspace(0.6, 1, 9)),
        "aht_factor": tuple(np.linspace(1.3, 1, 9)),
        "class_sizes": tuple(range(8, 21)),
        "training_seats": 60,
        "hiring_cost": 2000,
        "class_cost": 1500,
        "training_cost_per_week": 300,
    }
    return HiringSite.model_validate({**settings, **changed})


def asks() -> dict[str, tuple[HiringParams, Floats]]:
    """Return what is planned: settings and required heads."""

    def of(*sites: HiringSite, level: float = 200.0, **changed: object) -> tuple:
        plain = {"sites": sites or (north(),), "cover": COVER, "terminal": TERMINAL}
        return HiringParams.model_validate({**plain, **changed}), required(level)

    south = north(name="south", wage_per_week=700, opening_heads={60: 98})
    route = Route(source="south", destination="north", cost_per_head=3000, delay_weeks=2)
    monthly = {"attrition": {0: weekly_attrition(0.20, "month")}, "training_seats": None}
    return {
        "one site, P(met) >= 0.9": of(),
        "no terminal value": of(terminal=None),
        "expected shortage priced": of(confidence=None),
        "classes every second week": of(north(class_every_weeks=2)),
        "classes of 10, 15 or 20": of(north(class_sizes=(10, 15, 20))),
        "a small centre, 60 heads": of(north(opening_heads={60: 70}), level=60.0),
        "attrition 20 % a month": of(north(**monthly, classes_per_week_max=2)),
        "attrition 15 % a year": of(north(attrition={0: weekly_attrition(0.15, "year")})),
        "two sites and a route": of(north(opening_heads={60: 140}), south, routes=(route,)),
        "no limit on branches, gap 0.002": of(gap=0.002, branches_max=None),
    }


def timed() -> tuple[list[str], dict[str, HiringPlan]]:
    """Return the table of times and the plans."""
    lines = [
        "| plan | seconds | processor seconds | classes | heads hired | cost | no plan costs less "
        "than | gap |",
        "|---|---|---|---|---|---|---|---|",
    ]
    plans = {}
    for name, (params, heads) in asks().items():
        wall, cpu = [], []
        for _ in range(REPEATS):
            start = time.perf_counter(), time.process_time()
            plan = hiring_plan(heads, START, params)
            wall.append(time.perf_counter() - start[0])
            cpu.append(time.process_time() - start[1])
        plans[name] = plan
        lines.append(
            f"| {name} | {np.median(wall):.2f} | {np.median(cpu):.2f} | {len(plan.classes)} "
            f"| {plan.classes['size'].sum()} | {plan.total:,.0f} | {plan.bound:,.0f} "
            f"| {plan.gap:.2%} |"
        )
    return lines, plans


def by_rule(case: Case, wanted: Floats) -> HiringPlan:
    """Return what comes of filling up, week by week, to the heads wanted.

    Each week the heads present and those in approved classes are counted; if they lack a whole
    class of those wanted, one as large as allowed and needed is approved.
    """
    site, classes = case.sites[0], []
    for week in range(case.weeks - site.lead_weeks):
        present = follow(case, decide(case, *classes)).present[0, 0, week]
        lacking = int(wanted[week] - present - sum(c.size for c in classes if c.week > week))
        fitting = [size for size in site.class_sizes if size <= lacking]
        new = [Class(week + site.lead_weeks, 0, max(fitting))] if fitting else []
        if limits_kept(case, decide(case, *classes, *new)):
            classes += new
    return evaluated(case, decide(case, *classes))


def compared(plan: HiringPlan) -> list[str]:
    """Return the table of rules of thumb, each with cover bought for what lacks."""
    case = plan.case
    level = case.needs[0].at(0.9)
    site = case.sites[0]
    ahead = site.lead_weeks + site.training_weeks
    seen = [level[min(w + ahead, WEEKS - 1) : w + ahead + 4] for w in range(WEEKS)]
    opening = float(sum(site.opening_heads.values()))
    rules = {
        "the plan": plan,
        "replace leavers as they go": by_rule(case, np.full(WEEKS, opening)),
        "hire for the peak and keep it": by_rule(case, np.full(WEEKS, level.max())),
        "hire for what is required when trained": by_rule(
            case, np.array([one.max() for one in seen])
        ),
    }
    lines = [
        "| | cost | over the plan | heads hired | wages | hiring and training | cover | head-weeks "
        "of cover | terminal value |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in rules.items():
        sums = one.costs.sum(numeric_only=True)
        lines.append(
            f"| {name} | {one.total:,.0f} | {one.total / plan.total - 1:+.1%} "
            f"| {one.classes['size'].sum()} | {sums['wages']:,.0f} "
            f"| {sums['hiring'] + sums['training']:,.0f} | {sums['shortage']:,.0f} "
            f"| {one.needs['cover'].sum():,.0f} | {sums['terminal_value']:,.0f} |"
        )
    return lines


def strayed(plan: HiringPlan) -> str:
    """Return what chance in attrition does to the plan's P(met)."""
    table = simulated_heads(plan.case, plan.decisions, draws=2000, seed=SEED)
    width = (table["productive_p90"] - table["productive_p10"]).iloc[-1]
    return (
        "Attrition by chance (2,000 draws of the first plan, whole people): productive heads of "
        f"the last week lie between P10 {table['productive_p10'].iloc[-1]:.0f} and P90 "
        f"{table['productive_p90'].iloc[-1]:.0f}, {width:.0f} apart. With it, P(met) is "
        f"{table['p_met'].mean():.3f} on average over the weeks and {table['p_met'].min():.3f} in "
        f"the worst; with attrition as expected it is {plan.needs['p_met'].mean():.3f} and "
        f"{plan.needs['p_met'].min():.3f}."
    )


def main() -> None:
    """Measure, print, and write benchmarks/hiring.md."""
    times, plans = timed()
    plain = plans["one site, P(met) >= 0.9"]
    lines = [
        "# Hiring plans of 24 months",
        "",
        f"Written by `python benchmarks/hiring.py`. Python {platform.python_version()}, SciPy "
        f"{scipy.__version__}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at "
        f"the end. {WEEKS} weeks, {PATHS} paths of required heads, about 200 with two seasons a "
        "year that take a quarter more; six weeks from approval to a class, four of training, nine "
        "of ramp in work and handle time, 3 % leave a week in the first 13 and 1.2 % after; "
        "classes of 8 to 20, one a week, at most 60 in training; overtime and temps at 1,500 a "
        "head and week where heads cost 800.",
        "",
        f"Seconds are the median of {REPEATS} plans with all tables, latest approvals included. "
        "*Gap* is how far the plan may be from the cheapest one, over its cost before the terminal "
        "value is taken off.",
        "",
        *times,
        "",
        "## Against rules of thumb",
        "",
        "The same centre with the same lead, seats and sizes; what lacks at the 90 % quantile is "
        "bought as cover, and the same heads are worth the same at the end. Rules approve a class "
        "when the heads present and approved lack one of the heads wanted.",
        "",
        *compared(plain),
        "",
        strayed(plain),
    ]
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
