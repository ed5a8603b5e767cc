"""The requirement of a hiring plan: heads by week, of one site or of all together, on paths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from forecast.capacity.hiring.tenure import Tenure, tenure_of, tenured_from
from forecast.errors import InputError
from forecast.params.hiring import HiringParams, HiringSite

Floats = npt.NDArray[np.float64]
WEEKS_MAX = 260
ALL = "all"
"""Name of a requirement that all sites share."""


@dataclass(frozen=True, eq=False)
class Need:
    """Productive heads required of some sites together: ``paths`` is (paths x weeks)."""

    name: str
    sites: tuple[int, ...]
    paths: Floats

    def at(self, confidence: float) -> Floats:
        """Return the least heads per week that suffice on so large a share of the paths."""
        n = len(self.paths)
        # Decimals as written: 0.9 of 10 paths are 9, where floating point may say 10.
        rank = max(1, int(np.ceil(confidence * n - 1e-9)))
        return np.asarray(np.sort(self.paths, axis=0)[rank - 1])

    def shortage(self, heads: Floats) -> Floats:
        """Return the expected heads lacking per week."""
        return np.asarray(np.maximum(self.paths - heads, 0).mean(axis=0))

    def p_met(self, heads: Floats, within: float) -> Floats:
        """Return the share of the paths on which heads suffice, per week."""
        return np.asarray((self.paths <= heads + within).mean(axis=0))


@dataclass(frozen=True, eq=False)
class Case:
    """What is asked: settings, the date of the first week, and the needs."""

    params: HiringParams
    first_week: date
    needs: tuple[Need, ...]

    @property
    def weeks(self) -> int:
        """Weeks of the plan."""
        return int(self.needs[0].paths.shape[1])

    @property
    def sites(self) -> tuple[HiringSite, ...]:
        """The sites."""
        return self.params.sites

    @cached_property
    def tenures(self) -> tuple[Tenure, ...]:
        """Each site's people by week of tenure, all told to the same week."""
        last = max(tenured_from(site) for site in self.sites)
        return tuple(tenure_of(site, last) for site in self.sites)

    def site_index(self, name: str) -> int:
        """Return a site's place."""
        return [site.name for site in self.sites].index(name)

    def date_of(self, week: int) -> date:
        """Return the first day of a week; weeks before the plan have one too."""
        return self.first_week + timedelta(weeks=week)


def case_of(
    required: npt.ArrayLike | Mapping[str, npt.ArrayLike], first_week: date, params: HiringParams
) -> Case:
    """Return what is asked, checked.

    Raises
    ------
    InputError
        When the requirement is not numbers >= 0 by week, or by path and week, of all sites or of
        each; what was found is named.
    """
    names = [site.name for site in params.sites]
    if isinstance(required, Mapping):
        if set(required) != set(names):
            raise InputError(
                f"required must have the sites {', '.join(names)}; "
                f"found {', '.join(map(str, required)) or 'none'}"
            )
        needs = [Need(name, (i,), _paths(required[name], name)) for i, name in enumerate(names)]
    else:
        needs = [Need(ALL, tuple(range(len(names))), _paths(required, ALL))]
    lengths = {need.name: need.paths.shape[1] for need in needs}
    if len(set(lengths.values())) > 1:
        raise InputError(f"required must have as many weeks for every site; found {lengths}")
    return Case(params, first_week, tuple(needs))


def by_week(required: npt.ArrayLike, starts: Sequence[date], first_week: date) -> Floats:
    """Return heads by week from heads by month, or by any other periods.

    A week that touches two periods takes the larger of the two, path by path.

    Parameters
    ----------
    required
        Heads by period, or by path and period.
    starts
        The first day of each period, and last the day after all of them.
    first_week
        The first day of the first week; weeks begin every seven days from it.

    Raises
    ------
    InputError
        When dates are not in order, not one more than the periods, or begin after ``first_week``.

    Examples
    --------
    >>> months = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    >>> by_week([100, 120], months, date(2026, 1, 5)).tolist()
    [100.0, 100.0, 100.0, 120.0, 120.0, 120.0, 120.0, 120.0]
    """
    heads = np.asarray(required, dtype="float64")
    days = np.array([start.toordinal() for start in starts])
    if len(days) != heads.shape[-1] + 1 or (np.diff(days) <= 0).any():
        raise InputError(
            f"starts must be {heads.shape[-1] + 1} dates in order, the last one the end; "
            f"found {', '.join(map(str, starts))}"
        )
    first = first_week.toordinal()
    if not days[0] <= first < days[-1]:
        raise InputError(
            f"first_week must lie within the periods, {starts[0]} to {starts[-1]}; "
            f"found {first_week}"
        )
    mondays = np.arange(first, days[-1], 7)
    opens = np.searchsorted(days, mondays, side="right") - 1
    closes = np.minimum(np.searchsorted(days, mondays + 6, side="right"), len(days) - 1)
    weeks = [heads[..., a:b].max(axis=-1) for a, b in zip(opens, closes, strict=True)]
    return np.stack(weeks, axis=-1)


def _paths(required: npt.ArrayLike, name: str) -> Floats:
    paths = np.atleast_2d(np.asarray(required, dtype="float64"))
    if paths.ndim != 2 or not paths.size or paths.shape[1] > WEEKS_MAX:
        raise InputError(
            f"required of {name} must be heads by week, or by path and week, of 1 to {WEEKS_MAX} "
            f"weeks; found shape {np.shape(required)}"
        )
    bad = ~(np.isfinite(paths) & (paths >= 0))
    if bad.any():
        week = int(np.argwhere(bad)[0][1])
        raise InputError(
            f"required of {name} must be finite and >= 0; found {paths[bad][0]} in week {week}"
        )
    return paths
