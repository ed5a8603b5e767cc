"""MEANS -> the ensemble, the champion per horizon, and FORECAST; never with a look ahead.

At each cutoff the calibration, the ensemble's weights and the champion come from earlier cutoffs
alone, and of those from intervals that had passed. What is scored is thereby what a planner would
have been given on that day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from forecast.accuracy import pinball_losses
from forecast.distribution import Calibration, Dependence, between_series, with_quantiles
from forecast.errors import ForecastError
from forecast.params import SelectParams
from forecast.schema import FORECAST, SERIES, SeriesKey, as_known, by_series, of_series

ENSEMBLE = "ensemble"
CHAMPION = "champion"
MEMORY_PERIODS = 40
MIN_DAY_SHARE = 0.02
"""Below it a series' days have hardly a common part that others could share."""


@dataclass(frozen=True)
class Choice:
    """What is used for one series and horizon.

    ``measured_on`` is the horizon whose errors calibrate it: its own, or the next shorter one when
    too few of its own have come true.
    """

    champion: str
    weights: Mapping[str, float]
    calibrations: Mapping[str, Calibration]
    losses: Mapping[str, float]
    measured_on: str

    def to_json(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "champion": self.champion,
            "weights": dict(self.weights),
            "calibrations": {m: c.to_json() for m, c in self.calibrations.items()},
            "losses": dict(self.losses),
            "measured_on": self.measured_on,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Choice":
        """Return the choice that ``to_json`` gave."""
        calibrations = {m: Calibration.from_json(c) for m, c in data["calibrations"].items()}
        return cls(
            data["champion"], data["weights"], calibrations, data["losses"], data["measured_on"]
        )


Selection = Mapping[str, Choice]
"""One series' choices by horizon."""


@dataclass(frozen=True)
class SeriesPlan:
    """What the live forecast of one series is made with."""

    series: SeriesKey
    selection: Selection
    dependence: Dependence

    def to_json(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "series": list(self.series),
            "horizons": {h: choice.to_json() for h, choice in self.selection.items()},
            "dependence": self.dependence.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "SeriesPlan":
        """Return the plan that ``to_json`` gave."""
        site, queue, channel = data["series"]
        selection = {h: Choice.from_json(choice) for h, choice in data["horizons"].items()}
        return cls((site, queue, channel), selection, Dependence(**data["dependence"]))


def replay(means: pd.DataFrame, params: SelectParams) -> pd.DataFrame:
    """Return FORECAST of all models, the ensemble and the champion at every cutoff that allows it.

    Parameters
    ----------
    means
        MEANS of any number of series.
    params
        The section ``select``.

    Raises
    ------
    ForecastError
        When a series has too few cutoffs to calibrate any.
    """
    parts = [_replay_series(own, params) for _, own in by_series(means)]
    return FORECAST.validate(pd.concat(parts, ignore_index=True))


def _replay_series(means: pd.DataFrame, params: SelectParams) -> pd.DataFrame:
    past: list[pd.DataFrame] = []
    done: list[pd.DataFrame] = []
    for cutoff, now in means.groupby("cutoff", sort=True):
        selection = select(pd.concat(past), pd.Timestamp(str(cutoff)), params) if past else {}
        if selection:
            # A bucket that no cutoff has filled yet is left out until one has.
            made = apply(selection, now[now["horizon"].isin(list(selection))])
            done.append(made)
            past.append(made[made["model"] != CHAMPION])
        past.append(_with_ensemble(now[~now["horizon"].isin(list(selection))], {}))
    if not done:
        raise _too_few(means, params)
    return pd.concat(done, ignore_index=True)


def select(past: pd.DataFrame, cutoff: pd.Timestamp, params: SelectParams) -> Selection:
    """Return the choice for each horizon from what had come true before a cutoff.

    A horizon of which fewer than ``min_cutoffs`` cutoffs have come true uses the choice of the
    next shorter one; where there is none either, the horizon is left out.

    Parameters
    ----------
    past
        Rows of models and ensemble at earlier cutoffs: MEANS, and quantiles where they were given.
    cutoff
        Only truth before it counts.
    params
        The section ``select``.
    """
    known = past[past["y"].notna() & (past["ds"] < cutoff) & (past["model"] != CHAMPION)]
    shortest_first = (
        (past["ds"] - past["cutoff"]).groupby(past["horizon"]).min().sort_values().index
    )
    selection: dict[str, Choice] = {}
    before: Choice | None = None
    for horizon in shortest_first:
        own = _remembered(known[known["horizon"] == horizon])
        if own["cutoff"].nunique() >= params.min_cutoffs:
            before = _choice(own, str(horizon), params)
        if before is not None:
            selection[str(horizon)] = before
    return selection


def _choice(own: pd.DataFrame, horizon: str, params: SelectParams) -> Choice:
    periods = _periods(own)
    calibrations = {
        str(model): Calibration.of(
            rows["raw_mean"].to_numpy(),
            rows["y"].to_numpy(),
            rows["effect_var"].to_numpy(),
            periods=periods,
        )
        for model, rows in own.groupby("model", sort=True)
    }
    judged = own[own["q50"].notna()] if "q50" in own else own.iloc[:0]
    by_cutoff = (
        judged.assign(loss=pinball_losses(judged)).pivot_table(
            index="cutoff", columns="model", values="loss", aggfunc="mean"
        )
        if len(judged)
        else pd.DataFrame()
    )
    losses = {str(model): float(loss) for model, loss in by_cutoff.mean().items()}
    members = [model for model in calibrations if model != ENSEMBLE]
    raw = {m: max(losses[m], 1e-9) ** -params.weight_power if losses else 1.0 for m in members}
    weights = {m: w / sum(raw.values()) for m, w in raw.items()}
    return Choice(_champion(by_cutoff), weights, calibrations, losses, horizon)


def _remembered(own: pd.DataFrame) -> pd.DataFrame:
    """Return one bucket's rows of the last ``MEMORY_PERIODS`` periods of its own length.

    Errors change with the season and as a model's history grows: those of next day tell enough in
    six weeks, those of the fourth week never do.
    """
    lead = (own["ds"] - own["cutoff"]).dt.days
    days = MEMORY_PERIODS * (lead.max() - lead.min() + 1) if len(own) else 0
    late: pd.Series = own["cutoff"] > own["cutoff"].max() - pd.Timedelta(days=days)
    return own[late]


def _periods(own: pd.DataFrame) -> float:
    """Return how many periods of the bucket's own length the days that came true would fill."""
    lead = (own["ds"] - own["cutoff"]).dt.days
    day = own["cutoff"].dt.floor("D") + pd.to_timedelta(lead, unit="D")
    return float(((day.max() - day.min()).days + 1) / (lead.max() - lead.min() + 1))


def _champion(losses: pd.DataFrame) -> str:
    """Return the model with the lowest loss, or the ensemble when the lead is within the noise.

    A single model must beat the ensemble by more than one standard error of their paired difference
    over the cutoffs: of two that the data cannot tell apart, the average is the safer.

    References
    ----------
    Breiman, Friedman, Olshen & Stone (1984), Classification and regression trees, 3.4.3 (the rule
    of one standard error).
    """
    if losses.empty:
        return ENSEMBLE
    best = str(losses.mean().idxmin())
    lead = losses[ENSEMBLE] - losses[best]
    noise = lead.std() / np.sqrt(len(lead)) if len(lead) > 1 else np.inf
    return best if lead.mean() > noise else ENSEMBLE


def apply(selection: Selection, means: pd.DataFrame) -> pd.DataFrame:
    """Return FORECAST rows of the models, the ensemble and the champion for one cutoff's MEANS."""
    parts = []
    for horizon, rows in means.groupby("horizon", sort=False):
        choice = selection[str(horizon)]
        for model, own in _with_ensemble(rows, choice.weights).groupby("model", sort=True):
            given = with_quantiles(own, choice.calibrations[str(model)])
            parts.append(given)
            if model == choice.champion:
                parts.append(given.assign(model=CHAMPION))
    return pd.concat(parts, ignore_index=True)


def _with_ensemble(means: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Return the rows and, below them, their weighted mean; no weights: all count alike."""
    if means.empty:
        return means
    weight = means["model"].map(dict(weights)) if weights else pd.Series(1.0, index=means.index)
    members = means.assign(weight=weight, part=weight * means["raw_mean"])
    sums = members.groupby("ds")[["weight", "part"]].sum()
    one = means.drop_duplicates("ds").set_index("ds")
    mean = sums["part"] / sums["weight"]
    ensemble = one.assign(model=ENSEMBLE, raw_mean=mean).reset_index()[means.columns]
    return pd.concat([means, ensemble], ignore_index=True)


def plans(
    means: pd.DataFrame, forecast: pd.DataFrame, features: pd.DataFrame, params: SelectParams
) -> list[SeriesPlan]:
    """Return, per series, what the live forecast is made with, from the whole backtest.

    Parameters
    ----------
    means
        MEANS of the backtest.
    forecast
        FORECAST of the backtest, as ``replay`` returns it.
    features
        FEATURES, for local dates and times of day.
    params
        The section ``select``.
    """
    chosen: dict[SeriesKey, Selection] = {}
    told: dict[SeriesKey, Dependence] = {}
    daily: dict[str, pd.Series] = {}
    for key, own in by_series(forecast):
        mine = of_series(features, key)
        # Cutoffs before the first calibrated one still tell how far the models' means fell.
        early = of_series(means, key)
        early = early[~early["cutoff"].isin(own["cutoff"].unique())]
        ensembles = [_with_ensemble(now, {}) for _, now in early.groupby("cutoff", sort=True)]
        chosen[key] = select(pd.concat([*ensembles, own]), mine["ds"].max(), params)
        scores = _champion_scores(own, mine, chosen[key])
        told[key] = Dependence.of(scores)
        if told[key].day_share > MIN_DAY_SHARE:
            common = scores.groupby(["date", "lead"])["score"].mean()
            daily["/".join(key)] = common / np.sqrt(told[key].day_share)
    between = between_series(daily)
    return [SeriesPlan(k, chosen[k], replace(told[k], between=between)) for k in chosen]


def _champion_scores(
    forecast: pd.DataFrame, features: pd.DataFrame, selection: Selection
) -> pd.DataFrame:
    """Return one series' normal scores of what the champion missed: cutoff, date, lead, slot.

    Each row is scored by the calibration of the model that was champion at its cutoff.
    """
    keys = ["cutoff", "ds"]
    known = forecast[forecast["y"].notna()]
    champion = known[known["model"] == CHAMPION]
    singles = known[known["model"] != CHAMPION]
    named = champion.drop(columns="model").merge(
        singles[[*keys, "model", "raw_mean"]], on=[*keys, "raw_mean"], how="left"
    )
    parts = []
    for (horizon, model), rows in named.drop_duplicates(keys).groupby(["horizon", "model"]):
        calibration = selection[str(horizon)].calibrations[str(model)]
        score = calibration.scores(
            *(rows[name].to_numpy() for name in ("raw_mean", "y", "effect_var"))
        )
        parts.append(rows[keys].assign(score=score, lead=(rows["ds"] - rows["cutoff"]).dt.days))
    local = as_known(features)[["ds", "date", "slot_min"]].rename(columns={"slot_min": "slot"})
    return pd.concat(parts).merge(local, on="ds", validate="many_to_one")


def _too_few(means: pd.DataFrame, params: SelectParams) -> ForecastError:
    series = "/".join(means[list(SERIES)].iloc[0])
    return ForecastError(
        f"series {series}: {means['cutoff'].nunique()} cutoffs are too few to calibrate with "
        f"select.min_cutoffs = {params.min_cutoffs}; add history, raise backtest.warmup_weeks "
        "or lower backtest.every_open_days"
    )
