"""What had come true -> calibration, ensemble weights and champion of each horizon."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from forecast.accuracy import pinball_losses
from forecast.accuracy import weights as contacts
from forecast.distribution import Calibration, hour_of, with_quantiles
from forecast.params import SelectParams

ENSEMBLE = "ensemble"
CHAMPION = "champion"
MEMORY_PERIODS = 40
HALF_LIFE_DAYS, HALF_LIFE_PERIODS = 42.0, 3.0
"""An error so much older than another counts half for the widths; the longer of the two, so that a
far horizon has some periods of its own left."""
SPECIAL_VARIANCE = 0.0025
"""A day is special when what holidays and events do to it is uncertain by 5 % or more. Errors of
such days do not calibrate others; they are as wide as others, and as wide as that on top."""
SLACK_DAYS = 7
"""A horizon whose last days were never measured, so many of them, is as well measured as any."""
BASELINES = ("seasonal_naive", "same_weekday_mean")
"""Simple models that the choice must not fall behind."""


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

    @property
    def guarded(self) -> bool:
        """Whether a simple baseline was clearly better than everything else, and is used."""
        return self.champion in BASELINES

    def farther(self, days: float) -> "Choice":
        """Return the choice so many days farther ahead than any of its errors was seen."""
        wider = {model: own.farther(days) for model, own in self.calibrations.items()}
        return replace(self, calibrations=wider)

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


def select(
    past: pd.DataFrame,
    cutoff: pd.Timestamp,
    params: SelectParams,
    horizons: Mapping[str, int] | None = None,
) -> Selection:
    """Return the choice for each horizon from what had come true before a cutoff.

    A horizon of which fewer than ``min_cutoffs`` cutoffs have come true uses the choice of the
    next shorter one, wider by what a level may drift in the days between; where there is none
    either, the horizon is left out. One whose last days have not come true yet is wider too.

    Parameters
    ----------
    past
        Rows of models and ensemble at earlier cutoffs: MEANS, and quantiles where they were given.
    cutoff
        Only truth before it counts.
    params
        The section ``select``.
    horizons
        Last day of each horizon that is asked for, the shortest first; None: those in ``past``, as
        far as they reach there.
    """
    known = past[past["y"].notna() & (past["ds"] < cutoff) & (past["model"] != CHAMPION)]
    selection: dict[str, Choice] = {}
    measured, seen = None, 0.0
    for horizon, last in (horizons or _last_leads(past)).items():
        own = known[known["horizon"] == horizon]
        if own["cutoff"].nunique() >= params.min_cutoffs:
            measured, seen = _choice(own, horizon, params), _last_leads(own)[horizon]
            partly = last - seen > SLACK_DAYS
            selection[horizon] = measured.farther((last - seen) / 2) if partly else measured
        elif measured is not None:
            selection[horizon] = measured.farther(last - seen)
    return selection


def _last_leads(rows: pd.DataFrame) -> dict[str, float]:
    """Return the last lead of each horizon in days, the shortest first."""
    days = (rows["ds"] - rows["cutoff"]).dt.total_seconds() / 86_400
    last = days.groupby(rows["horizon"]).max().sort_values()
    return {str(horizon): float(lead) for horizon, lead in last.items()}


def _choice(own: pd.DataFrame, horizon: str, params: SelectParams) -> Choice:
    plain = own[own["effect_var"] <= SPECIAL_VARIANCE]
    told = plain if plain["cutoff"].nunique() >= params.min_cutoffs else own
    periods = _periods(told)
    calibrations = {
        str(model): Calibration.of(
            (rows["raw_mean"] / rows["unit"]).to_numpy(),
            (rows["y"] / rows["unit"]).to_numpy(),
            rows["effect_var"].to_numpy(),
            hour_of(rows),
            periods=periods,
            weight=_fading(rows),
        )
        for model, rows in told.groupby("model", sort=True)
    }
    late = _remembered(own)
    judged = late[late["q50"].notna()] if "q50" in late else late.iloc[:0]
    by_cutoff = _loss_by_cutoff(judged) if len(judged) else pd.DataFrame()
    losses = {str(model): float(loss) for model, loss in by_cutoff.mean().items()}
    members = members_of(model for model in calibrations if model != ENSEMBLE)
    raw = {m: max(losses[m], 1e-9) ** -params.weight_power if losses else 1.0 for m in members}
    weights = {m: raw.get(m, 0.0) / sum(raw.values()) for m in calibrations if m != ENSEMBLE}
    return Choice(_champion(by_cutoff), weights, calibrations, losses, horizon)


def _loss_by_cutoff(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the mean pinball loss by cutoff (rows) and model, handle times by their contacts."""
    weight = contacts(judged)
    rows = judged[["cutoff", "model"]].assign(loss=pinball_losses(judged) * weight, weight=weight)
    sums = rows.groupby(["cutoff", "model"])[["loss", "weight"]].sum()
    return (sums["loss"] / sums["weight"]).unstack("model")


def _remembered(own: pd.DataFrame) -> pd.DataFrame:
    """Return one bucket's rows of the last ``MEMORY_PERIODS`` periods of its own length.

    Which model is best changes with the season and as a history grows: errors of next day tell
    enough in six weeks, those of the fourth week never do.
    """
    days = MEMORY_PERIODS * _length(own) if len(own) else 0
    late: pd.Series = own["cutoff"] > own["cutoff"].max() - pd.Timedelta(days=days)
    return own[late]


def _fading(own: pd.DataFrame) -> np.ndarray:
    """Return how much each of one bucket's errors counts: the less, the older.

    Errors change with the season and as a model's history grows, and next day's are seen on few
    days where cutoffs lie far apart: none is forgotten at once.
    """
    half_life = max(HALF_LIFE_DAYS, HALF_LIFE_PERIODS * _length(own))
    age = (own["ds"].max() - own["ds"]).dt.total_seconds().to_numpy() / 86_400
    return np.asarray(0.5 ** (age / half_life))


def _length(own: pd.DataFrame) -> int:
    """Return the days that one bucket's leads span: the length of its periods."""
    lead = (own["ds"] - own["cutoff"]).dt.days
    return int(lead.max() - lead.min() + 1)


def _periods(own: pd.DataFrame) -> float:
    """Return how many periods of the bucket's own length the days that came true would fill."""
    lead = (own["ds"] - own["cutoff"]).dt.days
    day = own["cutoff"].dt.floor("D") + pd.to_timedelta(lead, unit="D")
    return float(((day.max() - day.min()).days + 1) / _length(own))


def members_of(models: Iterable[str]) -> list[str]:
    """Return the models that an ensemble is made of: baselines only where there is nothing else.

    Examples
    --------
    >>> members_of(["lightgbm", "prophet", "seasonal_naive"])
    ['lightgbm', 'prophet']
    >>> members_of(["seasonal_naive"])
    ['seasonal_naive']
    """
    named = list(models)
    return [model for model in named if model not in BASELINES] or named


def _champion(losses: pd.DataFrame) -> str:
    """Return the ensemble, or a simple baseline that is better by more than the noise.

    The noise is one standard error of the paired difference over the cutoffs: of two that the data
    cannot tell apart, the average of models is the safer. The ensemble's weights see to it that of
    its members the better ones decide.

    References
    ----------
    Breiman, Friedman, Olshen & Stone (1984), Classification and regression trees, 3.4.3 (the rule
    of one standard error).
    """
    simple = [model for model in BASELINES if model in losses]
    if losses.empty or not simple:
        return ENSEMBLE
    best = str(losses[simple].mean().idxmin())
    lead = losses[ENSEMBLE] - losses[best]
    noise = lead.std() / np.sqrt(len(lead)) if len(lead) > 1 else np.inf
    return best if lead.mean() > noise else ENSEMBLE


def apply(selection: Selection, means: pd.DataFrame) -> pd.DataFrame:
    """Return FORECAST rows of the models, the ensemble and the champion for one cutoff's MEANS."""
    parts = []
    for horizon, rows in means.groupby("horizon", sort=False):
        choice = selection[str(horizon)]
        for model, own in with_ensemble(rows, choice.weights).groupby("model", sort=True):
            given = with_quantiles(own, choice.calibrations[str(model)])
            parts.append(given)
            if model == choice.champion:
                parts.append(given.assign(model=CHAMPION))
    return pd.concat(parts, ignore_index=True)


def with_ensemble(means: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Return the rows and, below them, their weighted mean; no weights: members count alike."""
    if means.empty:
        return means
    given = dict(weights) or dict.fromkeys(members_of(means["model"].unique().tolist()), 1.0)
    weight = means["model"].map(given).fillna(0.0)
    members = means.assign(weight=weight, part=weight * means["raw_mean"])
    sums = members.groupby("ds")[["weight", "part"]].sum()
    one = means.drop_duplicates("ds").set_index("ds")
    mean = sums["part"] / sums["weight"]
    ensemble = one.assign(model=ENSEMBLE, raw_mean=mean).reset_index()[means.columns]
    return pd.concat([means, ensemble], ignore_index=True)
