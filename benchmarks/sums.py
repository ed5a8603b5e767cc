"""Whether sums of the package's paths are calibrated: days, weeks, and workload."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd
from centres import Centre

from forecast.joint import joint_paths, over_contacts
from forecast.schema import as_known, by_series, of_series
from forecast.select import CHAMPION, SeriesPlan, plans
from forecast.targets import OFFERED

PATHS = 300
MIN_CUTOFFS = 5
"""Calibrated cutoffs that tell of the dependence."""
LEVELS = {"80 %": (0.1, 0.9), "95 %": (0.025, 0.975)}
TOTALS = {"contacts": ("day", "week"), "workload": ("interval", "day", "week")}
"""Levels whose totals are shown; intervals of contacts are in the centres' own tables."""


def sum_rows(
    centre: Centre, means: pd.DataFrame, forecast: pd.DataFrame, cutoffs: Sequence[Any]
) -> pd.DataFrame:
    """Return, for every interval, day and week ahead, whether its total lay within the paths'.

    Paths are drawn with what had come true before their cutoff. Columns: queue, cutoff, what
    (contacts, workload), level (interval, day, week), one of ``LEVELS`` each, and width (of 80 %,
    over the total). Workload is the seconds of handling; where handle times are not known, it is
    left out.
    """
    local = as_known(centre.features)
    rows: list[dict[str, Any]] = []
    for key, own in by_series(forecast):
        mine = of_series(means, key)
        handled = of_series(local, key).set_index("ds")[["handled", "aht_s"]]
        dates = of_series(local, key)[["ds", "date"]]
        for cutoff in cutoffs:
            earlier = own[own["cutoff"] < cutoff]
            now = own[(own["cutoff"] == cutoff) & (own["model"] == CHAMPION)]
            now = now.merge(dates, on="ds").sort_values("ds")
            volume, lengths = now[now["target"] == OFFERED], now[now["target"] != OFFERED]
            calibrated = earlier.loc[earlier["target"] == OFFERED, "cutoff"].nunique()
            if volume.empty or calibrated < MIN_CUTOFFS:
                continue
            (plan,) = plans(
                mine, earlier, of_series(local, key), centre.params.select, cutoff=cutoff
            )
            drawn = _drawn(plan, volume, lengths, crc32(f"{key}{cutoff}".encode()))
            about = {"queue": key[1], "cutoff": cutoff}
            y = drawn.volume["y"].to_numpy()
            rows += _totals(drawn, drawn.counts, y, {**about, "what": "contacts"})
            if drawn.seconds is not None:
                told = handled.reindex(drawn.volume["ds"])
                came = np.where(y == 0, 0.0, (told["handled"] * told["aht_s"]).to_numpy())
                rows += _totals(drawn, drawn.seconds, came, {**about, "what": "workload"})
    return pd.DataFrame(rows)


class _Paths(NamedTuple):
    volume: pd.DataFrame
    counts: npt.NDArray[Any]
    seconds: npt.NDArray[np.float64] | None


def _drawn(plan: SeriesPlan, volume: pd.DataFrame, lengths: pd.DataFrame, seed: int) -> _Paths:
    """Return paths of contacts and of seconds handled, the chance of single contacts included."""
    volume = volume[volume["horizon"].isin(list(plan.selection))].reset_index(drop=True)
    told = plan.handle_time.selection if plan.handle_time else {}
    one = lengths.assign(unit=lengths["unit"] * lengths["weight"].where(lengths["weight"] > 0, 1.0))
    one = over_contacts(one[one["horizon"].isin(list(told))], volume).reset_index(drop=True)
    timed = plan.handle_time is not None and one["ds"].tolist() == volume["ds"].tolist()
    days = int((volume["date"].max() - volume["date"].min()).days) + 1
    counts, aht_s = joint_paths(volume, one if timed else None, plan, n=PATHS, days=days, seed=seed)
    if not timed:
        return _Paths(volume, counts, None)
    # Single handle times vary as arrivals of ``unit`` seconds do.
    unit_s = (one["unit"] * one["weight"]).to_numpy()
    rng = np.random.default_rng(seed)
    seconds = rng.gamma(np.maximum(counts * aht_s / unit_s, 1e-12)) * unit_s
    return _Paths(volume, counts, np.where(counts > 0, seconds, 0.0))


def _totals(
    drawn: _Paths,
    paths: npt.NDArray[Any],
    came: npt.NDArray[np.float64],
    about: dict[str, Any],
) -> list[dict[str, Any]]:
    now = drawn.volume
    lead = ((now["ds"] - about["cutoff"]).dt.days // 7).to_numpy()
    groups = {"interval": np.arange(len(now)), "day": now["date"].factorize()[0], "week": lead}
    out: list[dict[str, Any]] = []
    for level, group in groups.items():
        number = np.unique(group, return_inverse=True)[1]
        total = np.bincount(number, came)
        sums = np.zeros((len(total), len(paths)))
        np.add.at(sums, number, paths.T)
        frame = pd.DataFrame({"total": total})
        for name, limits in LEVELS.items():
            low, high = np.quantile(sums, limits, axis=1)
            frame[name] = ((low <= total) & (total <= high)).astype("float64")
            frame["width"] = frame.get("width", high - low)
        told = frame[frame["total"].notna()].assign(level=level, **about)
        out += told.to_dict("records")
    return out


def sum_table(found: Sequence[Any], what: str) -> list[str]:
    """Return the coverage of totals by centre, one to 14 days ahead."""
    head = "".join(f" {level}s: 80 % | 95 % | width of 80 % |" for level in TOTALS[what])
    lines = [
        f"## Totals of {what}, one to 14 days ahead: share within this package's intervals",
        "",
        f"| centre |{head}",
        "|---|" + "---|---|---|" * len(TOTALS[what]),
    ]
    for one in found:
        told = one.sums[one.sums["what"] == what]
        if told.empty:
            continue
        cells = [one.name]
        for level in TOTALS[what]:
            own = told[told["level"] == level]
            cells += [f"{own[name].mean():.1%}" for name in LEVELS]
            cells.append(f"{own['width'].sum() / own['total'].sum():.1%}")
        lines.append(f"| {' | '.join(cells)} |")
    return lines
