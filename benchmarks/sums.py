"""Whether sums of the package's paths are calibrated: days, weeks, and workload."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd
from centres import Centre

from forecast.distribution import Drawn, count_paths, day_noise
from forecast.schema import as_known, by_series, of_series
from forecast.select import CHAMPION, plans
from forecast.targets import OFFERED

PATHS = 300
LEVELS = {"80 %": (0.1, 0.9), "95 %": (0.025, 0.975)}


def sum_rows(
    centre: Centre, means: pd.DataFrame, forecast: pd.DataFrame, cutoffs: Sequence[Any]
) -> pd.DataFrame:
    """Return, for every day and week ahead, whether its total lay within the paths' intervals.

    Paths are drawn with what had come true before their cutoff. Columns: queue, cutoff, level
    (day, week), one of ``LEVELS`` each, and width (of 80 %, over the total).
    """
    local = as_known(centre.features)
    rows: list[dict[str, Any]] = []
    for key, own in by_series(forecast[forecast["target"] == OFFERED]):
        mine = of_series(means, key)
        mine = mine[mine["target"] == OFFERED]
        dates = of_series(local, key)[["ds", "date"]]
        for cutoff in cutoffs:
            now = own[(own["cutoff"] == cutoff) & (own["model"] == CHAMPION)]
            now = now.merge(dates, on="ds").sort_values("ds").reset_index(drop=True)
            earlier = own[own["cutoff"] < cutoff]
            if now.empty or earlier["cutoff"].nunique() < 5:
                continue
            (plan,) = plans(mine, earlier, local, centre.params.select, cutoff=cutoff)
            calibrations = {h: c.calibrations[c.champion] for h, c in plan.selection.items()}
            now = now[now["horizon"].isin(list(calibrations))].reset_index(drop=True)
            seed = crc32(f"{key}{cutoff}".encode())
            days = int(now["date"].nunique())
            fresh = day_noise(PATHS, days + 1, 0.0, seed, "sums")
            drawn = Drawn(now, calibrations, plan.dependence)
            counts = count_paths(drawn, fresh, np.random.default_rng(seed))
            rows += _totals(key[1], cutoff, now, counts)
    return pd.DataFrame(rows)


def _totals(
    queue: str, cutoff: Any, now: pd.DataFrame, counts: npt.NDArray[np.int64]
) -> list[dict[str, Any]]:
    lead = (now["ds"] - cutoff).dt.days.to_numpy()
    y = now["y"].to_numpy()
    out: list[dict[str, Any]] = []
    for level, group in (("day", now["date"].factorize()[0]), ("week", lead // 7)):
        for number in np.unique(group):
            at = group == number
            total = y[at].sum()
            if np.isnan(total):
                continue
            paths = counts[:, at].sum(axis=1)
            row: dict[str, Any] = {"queue": queue, "cutoff": cutoff, "level": level}
            for name, limits in LEVELS.items():
                low, high = np.quantile(paths, limits)
                row[name] = float(low <= total <= high)
            low, high = np.quantile(paths, LEVELS["80 %"])
            out.append({**row, "width": high - low, "total": total})
    return out


def sum_table(found: Sequence[Any]) -> list[str]:
    """Return the coverage of totals of days and weeks by centre, one to 14 days ahead."""
    lines = [
        "## Totals of days and weeks, one to 14 days ahead: share within this package's intervals",
        "",
        "| centre | days: 80 % | 95 % | width of 80 % | weeks: 80 % | 95 % | width of 80 % |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in found:
        cells = [one.name]
        for level in ("day", "week"):
            own = one.sums[one.sums["level"] == level]
            cells += [f"{own[name].mean():.1%}" for name in LEVELS]
            cells.append(f"{own['width'].sum() / own['total'].sum():.1%}")
        lines.append(f"| {' | '.join(cells)} |")
    return lines
