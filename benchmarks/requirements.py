"""Whether agents for a forecast meet their target as often as was asked for.

`python benchmarks/requirements.py` staffs centres whose true rate is known and writes
benchmarks/requirements.md. First the forecast is the truth's own law, so that only the way from
paths to agents is judged; then the paths are this package's forecasts of synthetic centres.
"""

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.backtest import backtest
from forecast.calendars.build import build_calendar
from forecast.capacity.demand import Demand, demand_of
from forecast.capacity.requirements import agents_at
from forecast.distribution.paths import paths_table
from forecast.features import build_features
from forecast.joint import joint_paths
from forecast.params import CapacityParams, Params
from forecast.queueing import performance
from forecast.schema import by_series
from forecast.select import CHAMPION, plans, replay
from forecast.store import write_text
from forecast.synthetic import CentreSpec, make_centre

HERE = Path(__file__).parent
CONFIDENCES = (0.5, 0.8, 0.9, 0.95)
AHT_S = 300.0
CAPACITY = CapacityParams(
    aht_s=AHT_S, patience_s=180, occupancy_max=1.0, cost_per_paid_hour=1, currency="EUR"
)
KEY = ("main", "service", "voice")
SLOTS, PATHS = 24, 400
LAW_DAYS, LAW_TRUTHS = 60, 400
SEEDS, DAYS, FIRST_JUDGED = (1, 2, 3), 320, 24
Floats = npt.NDArray[np.float64]


def level_of(rate: Floats, agents: npt.NDArray[np.int64]) -> Floats:
    """Return the service level that agents give at a rate per half-hour."""
    return performance(
        rate * AHT_S / 1800,
        agents,
        aht_s=AHT_S,
        answer_within_s=CAPACITY.answer_within_s,
        patience_s=CAPACITY.patience_s,
    ).service_level


def judged(demand: Demand, truth: Floats) -> dict[str, tuple[float, float, float]]:
    """Return, by way of staffing, how often intervals meet the target, and sums of contacts.

    ``truth`` has the true rates of the demand's intervals, one or many of each. The three numbers
    are the intervals that meet it, the contacts served in time and all contacts.
    """
    out = {}
    ways = {f"confident {c:.0%}": ("confident", c) for c in CONFIDENCES}
    ways |= {"mean": ("mean", 0.9), "expected": ("expected", 0.9)}
    for name, (risk, confidence) in ways.items():
        params = CAPACITY.model_copy(update={"confidence": confidence})
        agents = agents_at(demand, params, risk)
        level = level_of(truth, agents.reshape(-1, *[1] * (truth.ndim - 1)))
        met = float((level >= CAPACITY.service_level_target).mean())
        out[name] = (met, float((level * truth).sum()), float(truth.sum()))
    return out


def own_law(calls: float, sd: float) -> dict[str, tuple[float, float, float]]:
    """Return the verdict where paths are drawn from the law of the truth itself."""
    rng = np.random.default_rng(7)
    shape = calls * (0.6 + 0.8 * np.sin(np.linspace(0.2, 2.9, SLOTS)))
    days = rng.lognormal(-(sd**2) / 2, sd, (LAW_DAYS, PATHS))
    counts = rng.poisson(shape[None, :, None] * days[:, None, :])
    start = pd.Timestamp("2024-01-01 08:00", tz="UTC").as_unit("us")
    ds = [
        start + pd.Timedelta(days=d, minutes=30 * s) for d in range(LAW_DAYS) for s in range(SLOTS)
    ]
    rows = pd.DataFrame(
        dict(zip(("site", "queue", "channel"), KEY, strict=True)), index=range(len(ds))
    )
    rows = rows.assign(ds=pd.Series(ds, dtype="datetime64[us, UTC]"), open_min=30.0)
    flat = counts.reshape(-1, PATHS).T
    demand = demand_of(paths_table(rows, flat, np.full((1, 1), np.nan)), {KEY: AHT_S})
    came = rng.lognormal(-(sd**2) / 2, sd, (LAW_DAYS, 1, LAW_TRUTHS)) * shape[None, :, None]
    return judged(demand, came.reshape(-1, LAW_TRUTHS))


def settings(spec: CentreSpec) -> Params:
    """Return the repository's settings for an invented centre, with models that are quick."""
    days = ["mon", "tue", "wed", "thu", "fri", "sat"]
    return Params.load(HERE.parent / "params.yaml").override(
        {
            "ingest.timezone": spec.zone,
            "calendars.open_on_holidays": "all",
            "calendars.opening_hours": [{"days": days, "opens": spec.opens, "closes": spec.closes}],
            "models": {"same_weekday_mean": {"weeks": 6}, "day_level": {}},
            "backtest.weeks": 16,
            "backtest.warmup_weeks": 12,
            "backtest.every_open_days": 5,
            "backtest.horizons": {"1_day": 1, "1_week": 7},
            "forecast.horizon_days": 7,
        }
    )


def forecasts(calls: float, seed: int) -> Iterator[tuple[Demand, Floats]]:
    """Yield the demand of each late cutoff's week ahead, and the true rates of its intervals."""
    spec = CentreSpec(kinds=(), days=DAYS, contacts_per_day=calls * SLOTS, aht_s=AHT_S)
    centre = make_centre(spec, seed=seed)
    params = settings(spec)
    # Without handle times, which are known here.
    history = centre.history.assign(talk_s=np.nan, hold_s=np.nan, wrap_s=np.nan)
    built = build_calendar(history, centre.events, params)
    features = build_features(history, built.calendar, built.events, params)
    means = backtest(features, built.events, params)
    past = replay(means, params.select)
    rates = centre.rates.set_index("ds")["rate"]
    ((_, own),) = by_series(past)
    dates = features[["ds", "date"]].drop_duplicates("ds")
    for cutoff in sorted(own["cutoff"].unique())[FIRST_JUDGED:]:
        earlier = own[own["cutoff"] < cutoff]
        (plan,) = plans(means, earlier, features, params.select, cutoff=cutoff)
        now = own[(own["cutoff"] == cutoff) & (own["model"] == CHAMPION) & own["y"].notna()]
        now = now.merge(dates, on="ds").sort_values("ds").reset_index(drop=True)
        now = now[now["horizon"].isin(list(plan.selection)) & now["ds"].isin(rates.index)]
        seed_of = crc32(f"{seed}{cutoff}".encode())
        counts, aht_s = joint_paths(now, None, plan, n=PATHS, days=8, seed=seed_of)
        demand = demand_of(paths_table(now, counts, aht_s), {KEY: AHT_S})
        yield demand, rates.loc[demand.intervals["ds"]].to_numpy()


def whole(calls: float) -> tuple[dict[str, tuple[float, float, float]], int]:
    """Return the verdict over all forecasts of all seeds, and how many intervals there were."""
    found, sizes = [], []
    for seed in SEEDS:
        for demand, truth in forecasts(calls, seed):
            found.append(judged(demand, truth))
            sizes.append(len(truth))
    weights = np.array(sizes) / sum(sizes)
    out = {}
    for way in found[0]:
        met, served, all_of = np.array([one[way] for one in found]).T
        out[way] = (float(met @ weights), float(served.sum()), float(all_of.sum()))
    return out, sum(sizes)


def row(name: str, verdict: dict[str, tuple[float, float, float]]) -> str:
    """Return one centre's row of a table."""
    cells = [f"{verdict[f'confident {c:.0%}'][0]:.1%}" for c in CONFIDENCES]
    cells.append(f"{verdict['mean'][0]:.1%}")
    cells += [f"{verdict[way][1] / verdict[way][2]:.1%}" for way in ("mean", "expected")]
    return f"| {name} | {' | '.join(cells)} |"


HEAD = [
    "| centre | asked: 50 % | 80 % | 90 % | 95 % | Erlang at the mean | service level of the same "
    "| of `expected` |",
    "|---|---|---|---|---|---|---|---|",
]


def main() -> None:
    """Measure, and write the table."""
    lines = [
        "# Agents for a forecast: is the target met as often as was asked for?",
        "",
        "Written by `python benchmarks/requirements.py`. Target: 80 % of offered in 20 s, 300 s of",
        "handling, 180 s of patience, no ceiling on occupancy. The true rate of every interval is",
        "known; the table has the share of intervals whose true service level meets the target",
        "with `plan_at: confident`, and with agents for the mean; then the service level over all",
        "contacts of agents for the mean and of `plan_at: expected`.",
        "",
        "## The way from paths to agents: the paths follow the law of the truth",
        "",
        "Agents are whole, so that a small team is a part of an agent too many.",
        "",
        *HEAD,
    ]
    for calls in (30, 150, 600):
        for sd in (0.05, 0.1):
            name = f"{calls} calls a half-hour, days vary by {sd:.0%}"
            lines.append(row(name, own_law(calls, sd)))
            print(lines[-1])
    lines += [
        "",
        "## The whole way: this package's forecasts, one to seven days ahead",
        "",
        f"{len(SEEDS)} synthetic centres of each size, {DAYS} days, forecast by two models (so it",
        "takes minutes); judged on the late cutoffs.",
        "",
        *HEAD,
    ]
    for calls in (30, 150, 600):
        verdict, intervals = whole(calls)
        lines.append(row(f"{calls} calls a half-hour, {intervals:,} intervals", verdict))
        print(lines[-1])
    write_text("\n".join(lines) + "\n", HERE / "requirements.md")


if __name__ == "__main__":
    main()
