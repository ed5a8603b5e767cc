"""The plan as a system of linear rows, for ``scipy.optimize.milp``.

Classes decide heads; tenured heads follow week by week from those before, so that a week's row
holds a few weeks of classes and not the whole past.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from forecast.capacity.hiring.books import heads_wanted
from forecast.capacity.hiring.case import Case, Need
from forecast.capacity.hiring.course import Course, decide, follow
from forecast.capacity.hiring.limits import class_runs, may_start, seats_free
from forecast.capacity.hiring.tenure import Tenure

Floats = npt.NDArray[np.float64]
Key = tuple[str, int]
"""What a block of columns stands for, and of which site, run of sizes, need or route."""
Terms = dict[Key, sp.csr_array]
CUTS = 16
"""Lines under the expected shortage of a week to begin with."""


@dataclass(frozen=True)
class Run:
    """Classes of a site with sizes from ``low`` to ``high``."""

    site: int
    low: int
    high: int


@dataclass(eq=False)
class System:
    """Columns in blocks and rows over them."""

    case: Case
    runs: list[Run]
    elastic: bool = False
    """Whether any week may lack heads, and nothing else costs anything."""
    blocks: dict[Key, slice] = field(default_factory=dict)
    cost: Floats = field(default_factory=lambda: np.zeros(0))
    upper: Floats = field(default_factory=lambda: np.zeros(0))
    parts: list[Terms] = field(default_factory=list)
    low: Floats = field(default_factory=lambda: np.zeros(0))
    high: Floats = field(default_factory=lambda: np.zeros(0))
    constant: float = 0.0
    """Cost that no decision changes."""

    def columns(self, key: Key, cost: npt.ArrayLike, upper: npt.ArrayLike = np.inf) -> None:
        """Add a block of columns >= 0, as many as the cost has numbers."""
        costs = np.atleast_1d(np.asarray(cost, dtype="float64"))
        self.blocks[key] = slice(len(self.cost), len(self.cost) + len(costs))
        self.cost = np.concatenate([self.cost, costs])
        self.upper = np.concatenate([self.upper, np.broadcast_to(upper, costs.shape)])

    def rows(self, terms: Terms, low: npt.ArrayLike, high: npt.ArrayLike = np.inf) -> None:
        """Add rows: the sum of each block's matrix times the block lies between low and high."""
        height = next(iter(terms.values())).shape[0]
        self.parts.append(terms)
        self.low = np.concatenate([self.low, np.broadcast_to(low, height)])
        self.high = np.concatenate([self.high, np.broadcast_to(high, height)])

    @property
    def matrix(self) -> sp.csr_array:
        """The rows' matrix over all columns."""
        rows, columns, values, height = [], [], [], 0
        for terms in self.parts:
            for key, part in terms.items():
                own = part.tocoo()
                rows.append(own.row + height)
                columns.append(own.col + self.blocks[key].start)
                values.append(own.data)
            height += next(iter(terms.values())).shape[0]
        at = (np.concatenate(rows), np.concatenate(columns))
        shape = (height, len(self.cost))
        return sp.csr_array((np.concatenate(values), at), shape=shape)

    def is_of(self, *names: str) -> npt.NDArray[np.bool_]:
        """Return which columns belong to blocks of these names."""
        out = np.zeros(len(self.cost), dtype="bool")
        for (name, _), block in self.blocks.items():
            out[block] = name in names
        return out


def system_of(case: Case, *, elastic: bool = False) -> System:
    """Return columns and rows of a case; ``elastic``: of how many heads must lack at least."""
    runs = [Run(k, *run) for k, site in enumerate(case.sites) for run in class_runs(site)]
    system = System(case, runs, elastic)
    base = follow(case, decide(case))
    _add_columns(system)
    for k in range(len(case.sites)):
        _tenured_rows(system, k, base)
        _class_rows(system, k)
    for g, need in enumerate(case.needs):
        _productive_rows(system, g, need, base)
        _shortage_rows(system, g, need)
        if case.params.terminal is not None:
            _trained_row(system, g, need, base)
    if elastic:
        system.cost = np.where(system.is_of("lacking"), 1.0, 0.0)
    else:
        _count_what_is_fixed(system, base)
    return system


def add_cuts(system: System, g: int, need: Need, ranks: npt.NDArray[np.int64]) -> None:
    """Hold a need's shortage above the lines that touch its expectation at some paths.

    With r sorted and i of n paths met, E(r - x)+ is ``sum(r[i:]) / n - x * (n - i) / n`` there and
    above that line elsewhere. ``ranks`` is (lines x weeks), the i of each week.
    """
    paths = np.sort(need.paths, axis=0)
    n, weeks = paths.shape
    above = np.vstack([np.cumsum(paths[::-1], axis=0)[::-1], np.zeros((1, weeks))]) / n
    for i in ranks:
        share = sp.csr_array(sp.diags_array((n - i) / n))
        terms = {("short", g): _same(weeks), ("productive", g): share}
        system.rows(terms, above[i, np.arange(weeks)])


def _add_columns(system: System) -> None:
    case, weeks = system.case, system.case.weeks
    for r, run in enumerate(system.runs):
        site = case.sites[run.site]
        most = np.inf if site.classes_per_week_max is None else site.classes_per_week_max
        system.columns(
            ("classes", r),
            np.full(weeks, site.class_cost),
            np.where(may_start(site, weeks), most, 0),
        )
        system.columns(("heads", r), _cost_of_a_start(case, run.site))
    for k, site in enumerate(case.sites):
        system.columns(("tenured", k), np.full(weeks, _a_week(case, k)[-1]))
        most = 0.0 if site.severance_cost is None else np.inf
        system.columns(("laid_off", k), np.full(weeks, site.severance_cost or 0.0), most)
    for i, route in enumerate(case.params.routes):
        to = case.site_index(route.destination)
        away = _away(case.tenures[to], route.delay_weeks, weeks)
        cost = route.cost_per_head + _a_week(case, to)[-1] * np.cumsum(away)[::-1]
        most = np.inf if route.heads_per_week_max is None else route.heads_per_week_max
        system.columns(("moved", i), cost, most)
    cover, terminal = case.params.cover, case.params.terminal
    for g in range(len(case.needs)):
        system.columns(("productive", g), np.zeros(weeks))
        most = 0.0 if cover is None else np.inf if cover.heads_max is None else cover.heads_max
        system.columns(("short", g), np.full(weeks, cover.cost_per_head_week if cover else 0), most)
        if system.elastic:
            system.columns(("lacking", g), np.ones(weeks))
        if terminal is not None:
            system.columns(("untrained", g), terminal.value_per_head)


def _a_week(case: Case, k: int) -> Floats:
    """Return what a head costs in a week by its tenure: pay, training, and that it may leave."""
    site, tenure = case.sites[k], case.tenures[k]
    training = np.arange(tenure.last + 1) < tenure.training_weeks
    beside = site.training_cost_per_week * training + site.leaver_cost * tenure.attrition
    return np.asarray(site.wage_per_week + beside)


def _cost_of_a_start(case: Case, k: int) -> Floats:
    """Return what a head costs that starts in each week, until it is tenured."""
    site, tenure, weeks = case.sites[k], case.tenures[k], case.weeks
    a_week = _a_week(case, k)[: tenure.last]
    paid = np.concatenate([[0.0], np.cumsum(tenure.survival[: tenure.last] * a_week)])
    at_end = np.arange(weeks)[::-1]
    cost = site.hiring_cost + paid[np.minimum(at_end + 1, tenure.last)]
    if case.params.terminal is not None:
        owed = tenure.survival * tenure.training_to_go()
        a_week_of_training = site.wage_per_week + site.training_cost_per_week
        cost = cost + np.where(
            at_end < tenure.last, owed[np.minimum(at_end, tenure.last)] * a_week_of_training, 0
        )
    return np.asarray(cost)


def _tenured_rows(system: System, k: int, base: Course) -> None:
    """Tenured heads are those of last week who stayed, who grew tenured and who moved here."""
    case, weeks, tenure = system.case, system.case.weeks, system.case.tenures[k]
    stay = 1 - tenure.attrition[-1]
    terms: Terms = {
        ("tenured", k): _band([1.0, -stay], weeks),
        ("laid_off", k): _same(weeks),
    }
    grown = _band([0.0] * tenure.last + [-tenure.survival[-1]], weeks)
    terms |= {("heads", r): grown for r, run in enumerate(system.runs) if run.site == k}
    for i, route in enumerate(case.params.routes):
        if case.site_index(route.source) == k:
            terms["moved", i] = _same(weeks)
        elif case.site_index(route.destination) == k:
            arriving = [0.0] * route.delay_weeks + [-(stay**route.delay_weeks)]
            terms["moved", i] = _band(arriving, weeks)
    opening = base.heads[0, k, :, -1]
    new = opening - stay * np.concatenate([[0.0], opening[:-1]])
    system.rows(terms, new, new)


def _class_rows(system: System, k: int) -> None:
    """Heads fit their classes, classes their week, and people in training their seats."""
    site, weeks = system.case.sites[k], system.case.weeks
    own = [(r, run) for r, run in enumerate(system.runs) if run.site == k]
    one = _same(weeks)
    for r, run in own:
        system.rows({("heads", r): one, ("classes", r): -run.low * one}, 0)
        system.rows({("heads", r): one, ("classes", r): -run.high * one}, -np.inf, 0)
    if site.classes_per_week_max is not None and len(own) > 1:
        system.rows({("classes", r): one for r, _ in own}, -np.inf, site.classes_per_week_max)
    if site.training_seats is not None and site.training_weeks:
        taken = _band([1.0] * site.training_weeks, weeks)
        system.rows({("heads", r): taken for r, _ in own}, -np.inf, seats_free(site, weeks))


def _productive_rows(system: System, g: int, need: Need, base: Course) -> None:
    case, weeks = system.case, system.case.weeks
    terms: Terms = {("productive", g): _same(weeks)}
    young = np.zeros(weeks)
    for k in need.sites:
        tenure = case.tenures[k]
        learning = _band(-(tenure.survival * tenure.work)[:-1], weeks)
        terms |= {("heads", r): learning for r, run in enumerate(system.runs) if run.site == k}
        terms["tenured", k] = -tenure.work[-1] * _same(weeks)
        young += base.heads[0, k, :, :-1] @ tenure.work[:-1]
    system.rows(terms, young, young)


def _shortage_rows(system: System, g: int, need: Need) -> None:
    weeks, confidence = system.case.weeks, system.case.params.confidence
    if confidence is not None:
        both: Terms = {("productive", g): _same(weeks), ("short", g): _same(weeks)}
        if system.elastic:
            both["lacking", g] = _same(weeks)
        system.rows(both, need.at(confidence))
        return
    ranks = np.unique(np.linspace(0, len(need.paths) - 1, CUTS).astype("int64"))
    add_cuts(system, g, need, np.repeat(ranks[:, None], weeks, axis=1))


def _trained_row(system: System, g: int, need: Need, base: Course) -> None:
    """Heads lacking at the end are the wanted ones less those who will be trained."""
    case, weeks = system.case, system.case.weeks
    terms: Terms = {("untrained", g): _same(1)}
    young = 0.0
    at_end = np.arange(weeks)[::-1]
    for k in need.sites:
        tenure = case.tenures[k]
        there = tenure.still_there()
        started = (tenure.survival * there)[np.minimum(at_end, tenure.last)]
        learning = sp.csr_array(np.where(at_end < tenure.last, started, 0)[None])
        terms |= {("heads", r): learning for r, run in enumerate(system.runs) if run.site == k}
        last_week = np.zeros(weeks)
        last_week[-1] = there[-1]
        terms["tenured", k] = sp.csr_array(last_week[None])
        young += float(base.heads[0, k, -1, :-1] @ there[:-1])
        stay = 1 - tenure.attrition[-1]
        for i, route in enumerate(case.params.routes):
            if case.site_index(route.destination) == k:
                away = at_end < route.delay_weeks
                share = np.where(away, stay ** (at_end + tenure.training_weeks), 0.0)
                terms["moved", i] = sp.csr_array(share[None])
    system.rows(terms, heads_wanted(case, need) - young)


def _count_what_is_fixed(system: System, base: Course) -> None:
    """Put the pay of those who are not tenured yet at the start into the constant."""
    case = system.case
    for k, site in enumerate(case.sites):
        tenure, young = case.tenures[k], base.heads[0, k, :, :-1]
        fixed = float((young @ _a_week(case, k)[:-1]).sum())
        if case.params.terminal is not None:
            owed = young[-1] @ tenure.training_to_go()[:-1]
            fixed += owed * (site.wage_per_week + site.training_cost_per_week)
        system.constant += fixed


def _band(values: npt.ArrayLike, weeks: int) -> sp.csr_array:
    """Return the matrix that puts value a on what happened a weeks before."""
    told = np.asarray(values, dtype="float64")[:weeks]
    if not told.any():
        return sp.csr_array((weeks, weeks))
    offsets = -np.arange(len(told))
    return sp.csr_array(
        sp.diags_array(told[:, None].tolist(), offsets=offsets, shape=(weeks, weeks))
    )


def _same(weeks: int) -> sp.csr_array:
    return sp.csr_array(sp.eye_array(weeks))


def _away(tenure: Tenure, delay: int, weeks: int) -> Floats:
    """Return the share of moved heads on their way 0 ... weeks - 1 weeks after they left."""
    since = np.arange(weeks)
    return np.where(since < delay, (1 - tenure.attrition[-1]) ** since, 0.0)
