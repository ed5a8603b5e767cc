"""What the morning tells about the rest of the day, measured on real centres, one command.

    python benchmarks/intraday.py

Every open day is forecast at its start by the package (three quick models, champion and calibration
by past cutoffs alone). The first 60 % of the days teach the update, the peers and their intervals;
the last 40 % are reported on. At a quarter and at half of a day's open intervals the rest is
forecast again, interval by interval and as one sum. Peers without quantiles get them from their own
errors on the early days, on the root scale and at the same time of the day.
"""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from centres import CENTRES, available
from intraday_peers import LEVELS, NONE, Queue, Spread, peers_of, seen_of

from forecast.accuracy import pinball_floors, pinball_losses
from forecast.backtest import backtest
from forecast.console import progress
from forecast.features import past_and_ahead
from forecast.intraday import DayModel, carry_over, rest_of_day, update_day
from forecast.schema import FORECAST, QUANTILES, as_known, by_series, of_series
from forecast.select import CHAMPION, replay
from forecast.store import write_text

ROOT = Path(__file__).parents[1]
NAMES = ("bank_calls, 30 min", "VANAD", "Anonymous Bank")
LEFT_OUT = {"Anonymous Bank": ["TT"]}
"""Queues left out to save time: a centre's every open day is forecast by three models."""
SETTINGS = {
    "models": {"same_weekday_mean": {"weeks": 6}, "day_level": {}, "lightgbm": {}},
    "aht_models": {},
    "backtest.weeks": 30,
    "backtest.warmup_weeks": 20,
    "backtest.every_open_days": 1,
    "backtest.horizons": {"1_day": 1, "1_week": 7},
    "forecast.horizon_days": 7,
}
SHARES = {0.25: "a quarter", 0.5: "half"}
OURS, CHANCE = "**this update**", "chance alone: none is better"
PATHS, RESAMPLES, SEED = 1000, 2000, 1
FAR_OFF = 0.25


HEAD = (
    "# The rest of the day, given its morning",
    "",
    "Written by `python benchmarks/intraday.py`. Every open day is forecast at its start; update,",
    "peers and their intervals are learned on the first 60 % of the days and measured on the last",
    "40 %. Pinball loss in contacts, over the quantiles of FORECAST and over all queues, of each",
    "interval of the rest and of its sum; ratios below 1: this update is better, with a 90 % band",
    "from resampling days. The best peer is the best on the very days reported on. *Chance* is the",
    "loss that Poisson counts leave who knows their rate; *above chance* is the ratio without it.",
    "Left out to save time: "
    + "; ".join(f"{', '.join(queues)} of {name}" for name, queues in LEFT_OUT.items())
    + ".",
)
QUEUE_HEAD = (
    "Ratios to no update and to the centre's best peer; a quarter seen, then half.",
    "",
    "| queue | contacts a day | intervals / none | / best | sum / none | / best "
    "| intervals: 80 % cover | sum: 80 % covers |",
    "|---|---|---|---|---|---|---|---|",
)
CARRY_HEAD = (
    "Absolute error of later days' sums, forecast at the start of a day, when that day's surprise",
    "is carried over at its end as `carry_over` says (learned on the early days).",
)


class Score(NamedTuple):
    """How well the rest of a day was forecast at one time of it; ``off``: the whole day's error."""

    queue: str
    date: pd.Timestamp
    who: str
    came: float
    off: float
    intervals: int
    interval: float
    total: float
    interval_80: float
    interval_95: float
    total_80: float
    total_95: float


def queues_of(name: str) -> Iterator[Queue]:
    """Yield a centre's series, each open day forecast at its start."""
    centre = CENTRES[name]()
    params = centre.params.override(SETTINGS)
    features, _ = past_and_ahead(centre.features)
    features = features[~features["queue"].isin(LEFT_OUT.get(name, []))]
    for key, own in progress(list(by_series(features)), name):
        past = replay(backtest(own, centre.events, params), params.select)
        yield queue_of(f"{name}: {key[1]}", past[past["model"] == CHAMPION], of_series(own, key))


def queue_of(name: str, past: pd.DataFrame, features: pd.DataFrame) -> Queue:
    """Return a queue from its champion's forecasts."""
    local = as_known(features)[["ds", "date", "slot_min"]]
    rows = past[(past["horizon"] == "1_day") & (past["open_min"] > 0)].merge(local, on="ds")
    days = [day.sort_values("ds") for _, day in rows.groupby("date") if day["y"].notna().all()]
    return Queue(name, [day for day in days if len(day) >= 4], features, past)


def scores_of_peers(queue: Queue, share: float) -> Iterator[Score]:
    """Yield every peer's scores on the late days."""
    early, late = queue.parts()
    for name, rest in peers_of(queue, share).items():
        pairs = [(rest(day), day["y"].to_numpy()[seen_of(day, share) :]) for day in early]
        sums = [(mean.sum(keepdims=True), y.sum(keepdims=True)) for mean, y in pairs]
        by_interval, by_sum = Spread.of(pairs), Spread.of(sums)
        for day in late:
            mean = rest(day)
            quantiles = by_interval.quantiles(mean)
            if name == NONE:
                quantiles = day[list(QUANTILES)].to_numpy()[seen_of(day, share) :]
            total = by_sum.quantiles(mean.sum(keepdims=True))[0]
            yield scored(queue, day, share, name, quantiles, total)


def scores_of_ours(queue: Queue, share: float, took: list[float]) -> Iterator[Score]:
    """Yield the update's scores on the late days; note how long each took, in milliseconds."""
    early, late = queue.parts()
    before = late[0]["cutoff"].min()
    own = queue.past[(queue.past["ds"] < before) & (queue.past["cutoff"] < before)]
    assert own["ds"].max() <= early[-1]["ds"].max()
    model = DayModel.of(own, queue.features)
    rng = np.random.default_rng(SEED)
    for day in late:
        seen = day.set_index("ds")["y"][: seen_of(day, share)]
        today = day[FORECAST.names].assign(y=np.nan)
        start = time.process_time()
        updated = update_day(today, seen, model)
        took.append(1000 * (time.process_time() - start))
        paths = rest_of_day(today, seen, model, n=PATHS, rng=rng)
        total = np.quantile(paths.groupby("path")["offered"].sum(), LEVELS)
        ours = scored(queue, day, share, OURS, updated[list(QUANTILES)].to_numpy(), total)
        each, whole = pinball_floors(updated["mean"]), pinball_floors(updated["mean"].sum())
        yield from (ours, ours._replace(who=CHANCE, interval=each.sum(), total=float(whole)))


def scored(
    queue: Queue, day: pd.DataFrame, share: float, who: str, each: np.ndarray, total: np.ndarray
) -> Score:
    """Return the score of the quantiles of a day's rest, of each interval and of their sum."""
    y = day["y"].to_numpy()[seen_of(day, share) :]
    rows = pd.DataFrame(each, columns=list(QUANTILES)).assign(y=y)
    whole = pd.DataFrame(total[None, :], columns=list(QUANTILES)).assign(y=y.sum())
    return Score(
        queue.name,
        day["date"].iloc[0],
        who,
        day["y"].sum(),
        abs(day["y"].sum() / max(day["mean"].sum(), 1.0) - 1),
        len(y),
        float(pinball_losses(rows).sum()),
        float(pinball_losses(whole).sum()),
        covers(rows, "q10", "q90"),
        covers(rows, "q025", "q975"),
        covers(whole, "q10", "q90"),
        covers(whole, "q025", "q975"),
    )


def covers(rows: pd.DataFrame, low: str, high: str) -> float:
    """Return the share of counts within two quantiles, rounded: counts are whole."""
    return float(((rows["y"] >= rows[low].round()) & (rows["y"] <= rows[high].round())).mean())


def ratio(scores: pd.DataFrame, column: str, peer: str) -> tuple[float, float, float]:
    """Return this update's loss over a peer's, with a 90 % band from resampling days."""
    daily = scores.pivot_table(index="date", columns="who", values=column, aggfunc="sum")
    ours, theirs = daily[OURS].to_numpy(), daily[peer].to_numpy()
    picks = np.random.default_rng(SEED).integers(0, len(daily), (RESAMPLES, len(daily)))
    drawn = ours[picks].sum(axis=1) / theirs[picks].sum(axis=1)
    low, high = np.quantile(drawn, [0.05, 0.95])
    return float(ours.sum() / theirs.sum()), float(low), float(high)


def best_peer(scores: pd.DataFrame, column: str) -> str:
    """Return the peer with the lowest loss on the days reported on."""
    losses = scores[~scores["who"].isin([OURS, CHANCE])].groupby("who")[column].sum()
    return str(losses.idxmin())


def above_chance(scores: pd.DataFrame, column: str, peer: str) -> float:
    """Return what of this update's loss is not the Poisson part's, over the same of a peer's."""
    losses = scores.groupby("who")[column].sum() - scores.loc[scores["who"] == CHANCE, column].sum()
    return float(losses[OURS] / losses[peer])


def told(scores: pd.DataFrame, column: str, peer: str) -> str:
    """Return the ratio and its band as text."""
    return "{:.2f} ({:.2f}-{:.2f})".format(*ratio(scores, column, peer))


def table(scores: pd.DataFrame) -> list[str]:
    """Return the lines of one centre at one time of the day."""
    lines = [
        "| forecast of the rest | pinball, intervals | this / it | pinball, sum | this / it "
        "| intervals: 80 % / 95 % cover | sum: 80 % / 95 % cover |",
        "|---|---|---|---|---|---|---|",
    ]
    for who in dict.fromkeys(scores["who"]):
        own = scores[scores["who"] == who]
        count = own["intervals"]
        each = [float(np.average(own[f"interval_{c}"], weights=count)) for c in (80, 95)]
        total = [float(own[f"total_{c}"].mean()) for c in (80, 95)]
        told_each, told_total = told(scores, "interval", who), told(scores, "total", who)
        covers_each = f"{each[0]:.1%} / {each[1]:.1%}"
        covers_total = f"{total[0]:.1%} / {total[1]:.1%}"
        if who == OURS:
            told_each = told_total = ""
        if who == CHANCE:
            covers_each = covers_total = ""
        lines.append(
            f"| {who} | {own['interval'].sum() / count.sum():.2f} | {told_each} "
            f"| {own['total'].mean():.1f} | {told_total} | {covers_each} | {covers_total} |"
        )
    return lines


def summary(scores: Mapping[tuple[str, float], pd.DataFrame]) -> list[str]:
    """Return this update against the best peer, by centre and time, and on days far off."""
    far = f"on days off by over {FAR_OFF:.0%}"
    lines = [
        "| centre | seen | intervals: this / best peer | above chance | which "
        f"| sum: this / best peer | which | intervals, {far} | sum, {far} |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for (name, share), own in scores.items():
        each, total = best_peer(own, "interval"), best_peer(own, "total")
        odd = own[own["off"] > FAR_OFF]
        lines.append(
            f"| {name} | {SHARES[share]} | {told(own, 'interval', each)} "
            f"| {above_chance(own, 'interval', each):.2f} | {each} "
            f"| {told(own, 'total', total)} | {total} "
            + (
                f"| {told(odd, 'interval', each)} | {told(odd, 'total', total)} |"
                if len(odd)
                else "| none | none |"
            )
        )
    return lines


def by_queue(scores: pd.DataFrame) -> list[str]:
    """Return this update against no update and the centre's best peer, queue by queue."""
    each, total = best_peer(scores, "interval"), best_peer(scores, "total")
    lines = []
    for name, own in scores.groupby("queue", sort=False):
        ours = own[own["who"] == OURS]
        cells = [
            f"{ratio(own, column, peer)[0]:.2f}"
            for column, peers in (("interval", (NONE, each)), ("total", (NONE, total)))
            for peer in peers
        ]
        cells += [f"{ours['interval_80'].mean():.0%}", f"{ours['total_80'].mean():.0%}"]
        lines.append(f"| {name} | {ours['came'].mean():.0f} | " + " | ".join(cells) + " |")
    return lines


def carried(queues: Sequence[Queue]) -> list[str]:
    """Return, by lead, the error of later days' sums with today's surprise carried over / without.

    Shares are learned on the early days; errors are absolute, over all queues' late days.
    """
    parts = []
    for queue in queues:
        late = queue.parts()[1][0]["cutoff"].min()
        before = queue.past["ds"] < late
        carry = carry_over(queue.past[before], queue.features)
        rows = queue.past[queue.past["cutoff"] >= late].merge(
            as_known(queue.features)[["ds", "date"]], on="ds"
        )
        days = rows.groupby(["cutoff", "date"])[["y", "mean"]].sum(min_count=1).reset_index()
        start = days.groupby("cutoff")["date"].transform("min")
        days = days.assign(lead=(days["date"] - start).dt.days + 1)
        today = days[days["lead"] == 1].set_index("cutoff")
        surprise = days["cutoff"].map((today["y"] + 1) / (today["mean"] + 1)).clip(0.55, 1.8)
        moved = days["mean"] * surprise ** days["lead"].map(carry).fillna(0.0)
        parts.append(
            days.assign(
                with_it=(moved - days["y"]).abs(), without=(days["mean"] - days["y"]).abs()
            ).dropna()
        )
    sums = pd.concat(parts).groupby("lead")[["with_it", "without"]].sum()
    return [
        f"| {lead} | {r['with_it'] / r['without']:.2f} |" for lead, r in sums.iloc[1:].iterrows()
    ]


class Measured(NamedTuple):
    """One centre: all scores by the share of the day seen, and the lines on later days."""

    scores: dict[float, pd.DataFrame]
    carried: list[str]
    took: list[float]


def measured(name: str, queues: Sequence[Queue]) -> Measured:
    """Return how well the rest of a centre's days is forecast."""
    took: list[float] = []
    scores = {
        share: pd.DataFrame(
            [
                score
                for queue in progress(queues, f"{name}, {SHARES[share]}")
                for score in (*scores_of_ours(queue, share, took), *scores_of_peers(queue, share))
            ]
        )
        for share in SHARES
    }
    return Measured(scores, carried(queues), took)


def report(centres: Mapping[str, Measured]) -> str:
    """Return the text of benchmarks/intraday.md."""
    took = [ms for own in centres.values() for ms in own.took]
    scores = {(name, share): own.scores[share] for name, own in centres.items() for share in SHARES}
    lines = [*HEAD, "", *summary(scores), ""]
    lines += [
        f"One update takes {np.median(took):.0f} ms (median of {len(took)}; 95 %: "
        f"{np.quantile(took, 0.95):.0f} ms).",
    ]
    for (name, share), part in scores.items():
        days = part["date"].nunique()
        lines += ["", f"## {name}, {SHARES[share]} of the day seen ({days} days)", "", *table(part)]
    lines += ["", "## Queue by queue", "", *QUEUE_HEAD]
    for part in scores.values():
        lines += by_queue(part)
    lines += ["", "## Carried over to the next days", "", *CARRY_HEAD]
    for name, own in centres.items():
        lines += ["", f"{name}:", "", "| lead, days | error with / without |", "|---|---|"]
        lines += own.carried
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print and write benchmarks/intraday.md."""
    there = [name for name in NAMES if name in available()]
    text = report({name: measured(name, list(queues_of(name))) for name in there})
    write_text(text, ROOT / "benchmarks/intraday.md")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
