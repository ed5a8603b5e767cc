"""History and EVENTS of one series -> Effects: what events do, and how sure that is."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from threadpoolctl import threadpool_limits

from forecast.effects.cells import (
    Observed,
    cells_of,
    handle_time_levels,
    offered_levels,
    reported,
)
from forecast.effects.design import EXPECTED_SD, Design, Ties
from forecast.effects.kernel import usual_covariance, usual_parts
from forecast.effects.positions import DAY, Pairs
from forecast.effects.scales import learned_scales

Floats = npt.NDArray[np.float64]
REMEMBERED_DAYS = 3 * 366
"""Older days are not learned from: they say little of today, and cost the cube of their number."""
ROUNDS = 3
"""How often what bends with the effects (intensity, strength) is drawn anew at those found."""
AT_ONCE = 64
"""Cells whose effects are worked out together."""
LOUD_Z = 3.0
"""Days that lie farther off than so many standard deviations count less."""
LOUDEST = 3.0
"""Largest effect on the log scale that is believed: a factor of 20."""


@dataclass(frozen=True)
class Belief:
    """Mean and covariance of the log effect of each pair of cell and event, at intensity 1."""

    pairs: Pairs
    mean: Floats
    covariance: Floats
    intensity: Floats

    def of_cells(self, n: int) -> tuple[Floats, Floats]:
        """Return mean and variance of the log effect of all events together on each of n cells."""
        effect, slope = scaled(self.mean, self.intensity)
        spread = self.covariance * slope[:, None] * slope[None, :]
        same = self.pairs.cell[:, None] == self.pairs.cell[None, :]
        variance = np.where(same, spread, 0.0).sum(axis=1)
        cell = self.pairs.cell
        total = np.maximum(np.bincount(cell, variance, minlength=n), 0.0)
        return np.asarray(np.bincount(cell, effect, minlength=n)), np.asarray(total)


def scaled(log_effect: Floats, intensity: Floats) -> tuple[Floats, Floats]:
    """Return the log effect at an intensity, and its slope in the effect at intensity 1.

    What comes beside the usual is proportional to the intensity: a mail-out of twice the size
    brings twice the extra calls.

    Examples
    --------
    >>> effect, _ = scaled(np.log([1.5]), np.array([2.0]))
    >>> round(float(np.exp(effect[0])), 6)
    2.0
    """
    single = np.clip(log_effect, -LOUDEST, LOUDEST)
    factor = np.maximum(1 + intensity * np.expm1(single), np.exp(-LOUDEST))
    return np.log(factor), intensity * np.exp(single) / factor


@dataclass(frozen=True)
class Solved:
    """The levels and effects of a history, solved for at once."""

    alpha: Floats
    factor: Floats
    slope: Floats
    straight: Floats
    kinds: Floats


@dataclass(frozen=True)
class Effects:
    """What events do to one series, as far as its history tells.

    ``design`` has the days and the events that it was learned from; ``observed`` is what was seen
    on the days, ``variance`` what noise each is taken to have beside that which all have, and
    ``scales`` are the standard deviations of the parts of the level. ``by_intensity`` says whether
    the effect grows with an event's intensity: more people call, and their calls are no longer.
    """

    design: Design
    observed: Observed
    variance: Floats
    scales: Mapping[str, float]
    by_intensity: bool = True

    @cached_property
    def _usual_covariance(self) -> Floats:
        total = self.design.fixed.copy()
        for name, part in self.design.usual.items():
            total += self.scales[name] ** 2 * part
        return total

    @cached_property
    def solved(self) -> Solved:
        """Solve for all levels and effects at once, with what bends made straight."""
        design, ties, n = self.design, self.design.ties, len(self.design)
        of_kinds = ties.of_kinds(self.scales)
        noise = self.variance + self.scales["noise"] ** 2
        cell = design.pairs.cell
        theta = kinds = np.zeros(len(design.pairs))
        for _ in range(ROUNDS if len(theta) else 1):
            among = of_kinds + ties.own(self.scales, kinds, kinds)
            value, slope = scaled(theta, design.intensity)
            straight = self.observed.level - np.bincount(cell, value - slope * theta, minlength=n)
            total = self._usual_covariance + np.diag(noise)
            total += design.by_cell(among * slope[:, None] * slope[None, :])
            factor = np.tril(cho_factor(total, lower=True, check_finite=False)[0])
            alpha = cho_solve((factor, True), straight, check_finite=False)
            solved = Solved(alpha, factor, slope, straight, kinds)
            pull = slope * alpha[cell]
            theta, kinds = among @ pull, of_kinds @ pull
        return solved

    def at(self, cells: pd.DataFrame, events: pd.DataFrame) -> Belief:
        """Return what is believed of the effects of events on cells, pair by pair."""
        with one_thread():
            return self._believed(cells, events)

    def _believed(self, cells: pd.DataFrame, events: pd.DataFrame) -> Belief:
        alike = events if self.by_intensity else events.assign(intensity=1.0)
        asked, solved = Design(cells, alike), self.solved
        ties = Ties.between(asked, self.design)
        cross = ties.of_kinds(self.scales)
        kinds = cross @ (solved.slope * solved.alpha[self.design.pairs.cell])
        cross = cross + ties.own(self.scales, kinds, solved.kinds)
        cross = self.design.to_cells(cross * solved.slope[None, :])
        told = solve_triangular(solved.factor, cross.T, lower=True, check_finite=False)
        inside = asked.ties.of_kinds(self.scales) + asked.ties.own(self.scales, kinds, kinds)
        return Belief(asked.pairs, cross @ solved.alpha, inside - told.T @ told, asked.intensity)

    def of_cells(self, cells: pd.DataFrame, events: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return mean and variance of the log effect of all events together on each cell.

        A few cells at a time: what their pairs have in common takes the square of their number.
        """
        parts = [
            self.at(own, events).of_cells(len(own))
            for own in (cells.iloc[i : i + AT_ONCE] for i in range(0, len(cells), AT_ONCE))
        ]
        mean, variance = zip(*parts, strict=True) if parts else ((np.zeros(0),), (np.zeros(0),))
        return np.concatenate(mean), np.concatenate(variance)

    def on(self, features: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
        """Return ``log_effect`` and ``effect_var``, its variance, of each interval of FEATURES.

        Intervals that no event reaches have 0 and 0.
        """
        cells = cells_of(features, events)
        log_effect, variance = self.of_cells(cells.frame, events)
        return pd.DataFrame(
            {"log_effect": log_effect[cells.of], "effect_var": variance[cells.of]},
            index=features.index,
        )

    def usual_level(self, cells: pd.DataFrame) -> Floats:
        """Return the log level that is expected of cells without any event, future ones too.

        0 is the level at which a day has the history's mean rate.
        """
        cross = usual_covariance(cells, self.design.frame)
        parts = usual_parts(cells, self.design.frame, years=self.design.years)
        for name, part in parts.items():
            cross += self.scales[name] ** 2 * part
        return np.asarray(cross @ self.solved.alpha)

    @cached_property
    def observed_level(self) -> Floats:
        """The log level that each cell of the history had, without what chance put upon it."""
        return np.asarray(self.observed.level - self.observed.variance * self.solved.alpha)

    @cached_property
    def usual(self) -> Floats:
        """What each cell of the history would have had without any event."""
        return np.asarray(self.observed.usual * np.exp(self._usual_covariance @ self.solved.alpha))

    @cached_property
    def surprise(self) -> pd.DataFrame:
        """How far each cell lay from what all others let expect: ``expected`` level and ``z``.

        ``z`` is in standard deviations of what was expected and of the noise that all days have.

        References
        ----------
        Rasmussen & Williams (2006), 5.4.2 (leave-one-out predictions).
        """
        solved = self.solved
        inverse = cho_solve((solved.factor, True), np.eye(len(self.design)), check_finite=False)
        spread = 1 / np.diag(inverse)
        missed = solved.alpha * spread
        plain = spread - self.variance + self.observed.variance
        return pd.DataFrame(
            {"expected": self.observed.level - missed, "z": missed / np.sqrt(plain)}
        )


def learn(
    features: pd.DataFrame, events: pd.DataFrame, *, target: str = "offered"
) -> Effects | None:
    """Return the effects of events on one series, None when its history has no open day.

    Every day's level beside its usual shape is the sum, on the log scale, of a slowly drifting
    level, the weekday, the days around closures and month turns, busy spells, the effects of all
    events that reach the day, and noise. Days that lie far from all that count less.

    Parameters
    ----------
    features
        FEATURES of one series as known at a cutoff, up to it.
    events
        Its EVENTS, as known at that cutoff.
    target
        ``offered`` or ``aht_s``.
    """
    known = reported(features)
    known = known[known["date"] > known["date"].max() - REMEMBERED_DAYS * DAY]
    if target == "aht_s":
        known = known[(known["aht_s"] > 0) & (known["handled"] > 0)]
    if known.empty:
        return None
    cells = cells_of(known, events)
    offered = target == "offered"
    observed = offered_levels(known, cells) if offered else handle_time_levels(known, cells)
    design = Design(cells.frame, events if offered else events.assign(intensity=1.0))
    start = Effects(design, observed, observed.variance, EXPECTED_SD, by_intensity=offered)
    with one_thread():
        tamed = _tamed(_tamed(start))
        return _tamed(replace(tamed, scales={**EXPECTED_SD, **_scales(tamed)}))


def one_thread() -> AbstractContextManager[Any]:
    """Return a context in which matrices are solved by one thread.

    For a few hundred days that is faster, and gives the same bits whatever the machine has.
    """
    limits: AbstractContextManager[Any] = threadpool_limits(limits=1, user_api="blas")
    return limits


def _tamed(effects: Effects) -> Effects:
    """Return the effects with as much more noise on days far off as brings them back to the edge.

    References
    ----------
    Huber & Ronchetti (2009), Robust statistics, 7.8 (weights that iterate).
    """
    z = effects.surprise["z"].to_numpy()
    louder = np.maximum((z / LOUD_Z) ** 2, 1.0) - 1.0
    chance = effects.observed.variance
    return replace(effects, variance=chance + (chance + effects.scales["noise"] ** 2) * louder)


def _scales(effects: Effects) -> dict[str, float]:
    design, solved = effects.design, effects.solved
    parts = dict(design.usual)
    slopes = solved.slope[:, None] * solved.slope[None, :]
    for name, part in design.ties.parts(solved.kinds):
        parts[name] = design.by_cell(part * slopes)
    return learned_scales(solved.straight, design.fixed + np.diag(effects.variance), parts)
