"""The beliefs of ``Effects`` beside a second, obvious computation: loops, and one matrix inverted.

At intensity 1 a log effect is what is drawn, so that levels and effects are jointly Gaussian and
the textbook's conditional mean and covariance are exact (Rasmussen & Williams, 2006, A.2).
"""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

from forecast.effects import kernel, positions, scales
from forecast.effects.cells import Observed, cells_of
from forecast.effects.design import EXPECTED_SD, Design
from forecast.effects.learn import Effects, learn
from forecast.effects.scales import PRIOR_LOG_SD, learned_scales
from tests.effects.worlds import DAY, START, events, every, factors_of, queue

SCALES = {
    **EXPECTED_SD,
    "noise": 0.05,
    "level": 0.3,
    "spell": 0.11,
    "mood": 0.07,
    "month day": 0.05,
    "month left": 0.04,
    "year": 0.2,
    "event pool": 0.11,
    "event kind": 0.31,
    "event event_id": 0.13,
    "holiday pool": 0.17,
    "event strength": 1e-9,
    "holiday strength": 1e-9,
    "worked holiday pool": 0.23,
    "worked holiday strength": 1e-9,
}
KNOWN = events(
    {"kind": "sale", "start": START + 20 * DAY, "days": 3},
    {"kind": "sale", "start": START + 44 * DAY, "days": 5},
    {"kind": "mail", "start": START + 46 * DAY, "days": 1},
    {"kind": "spot", "start": START + pd.Timedelta(days=30, hours=11),
     "end": START + pd.Timedelta(days=30, hours=13)},
    {"kind": "feast", "start": START + 33 * DAY, "days": 2, "pool": "holiday"},
)  # fmt: skip
ASKED = events(
    {"kind": "sale", "start": START + 62 * DAY, "days": 3, "event_id": "ahead"},
    {"kind": "sale", "start": START + 44 * DAY, "days": 5, "event_id": "e01"},
    {"kind": "unheard", "start": START + 66 * DAY, "days": 2, "event_id": "new"},
    {"kind": "feast", "start": START + 65 * DAY, "days": 1, "pool": "holiday", "event_id": "f"},
)


@pytest.fixture(scope="module")
def known():
    features = queue(56, seed=3)
    cells = cells_of(features, KNOWN)
    rng = np.random.default_rng(5)
    n = len(cells.frame)
    chance = rng.uniform(0.001, 0.003, n)
    seen = Observed(rng.normal(0, 0.2, n), chance, np.full(n, 1000.0))
    louder = chance + np.where(np.arange(n) % 11 == 0, 0.04, 0.0)
    return Effects(Design(cells.frame, KNOWN), seen, louder, SCALES)


@pytest.fixture(scope="module")
def asked():
    return cells_of(queue(18, start=START + 55 * DAY), ASKED).frame


# ------------------------------------------------------------------- the obvious implementation


def standing(cell, event):
    """Return phase, size and the two log distances of a cell in an event; None out of reach."""
    first = event["start"].normalize()
    last = (event["end"] - pd.Timedelta(microseconds=1)).normalize()
    ahead = positions.BEFORE_DAYS[event["pool"]]
    behind = positions.AFTER_DAYS[event["pool"]]
    to_start, from_end = (first - cell["date"]).days, (cell["date"] - last).days
    if to_start > ahead or from_end > behind:
        return None
    if cell["local"] < event["start"]:
        phase, near, reach = "before", max(to_start, 0.5), ahead
    elif cell["local"] >= event["end"]:
        phase, near, reach = "after", max(from_end, 0.5), behind
    else:
        return "during", 1.0, math.log(1 - to_start), math.log(1 + max(-from_end, 0))
    size = {"before": 0.5, "after": 0.8}[phase] * math.exp(-max(near - 1, 0) * kernel.FADED / reach)
    return phase, size, math.log(1 + near), math.log(1 + max(-from_end, 0))


def likeness(one, two):
    if one[0] != two[0]:
        return 0.0
    near = math.exp(-0.5 * ((one[2] - two[2]) / kernel.ALIKE) ** 2)
    left = math.exp(-0.5 * ((one[3] - two[3]) / kernel.ALIKE) ** 2)
    shape = 0.5 + 0.25 * near + 0.25 * left if one[0] == "during" else near
    return one[1] * two[1] * shape


def effects_covariance(cell, event, other_cell, other_event):
    """Return the covariance of what one event does to a cell and another one to another cell."""
    one, two = standing(cell, event), standing(other_cell, other_event)
    if one is None or two is None or event["pool"] != other_event["pool"]:
        return 0.0
    worked = event["pool"] == "holiday" and one[0] == "during"
    pool = "worked holiday" if worked else event["pool"]
    variance = SCALES[f"{pool} pool"] ** 2
    if event["kind"] == other_event["kind"]:
        variance += SCALES[f"{pool} kind"] ** 2
    if event["event_id"] == other_event["event_id"]:
        variance += SCALES[f"{pool} event_id"] ** 2
    return variance * likeness(one, two)


def usual_covariance(one, two):
    total = kernel.LEVEL_SD**2
    if one["weekday"] == two["weekday"]:
        total += kernel.WEEKDAY_SD**2
    for name in ("after_closure", "before_closure", "holiday_open", "month_start", "month_end"):
        total += kernel.COVARIATE_SD**2 * one[name] * two[name]
    apart = abs((one["date"] - two["date"]).days)
    total += SCALES["level"] ** 2 * math.exp(-apart / 180)
    total += SCALES["spell"] ** 2 * math.exp(-apart / 20)
    total += SCALES["mood"] ** 2 * math.exp(-apart / 2)
    a, b = (c["date"] for c in (one, two))
    total += SCALES["month day"] ** 2 * math.exp(-0.5 * ((a.day - b.day) / 1.5) ** 2)
    left = (a.days_in_month - a.day) - (b.days_in_month - b.day)
    return total + SCALES["month left"] ** 2 * math.exp(-0.5 * (left / 1.5) ** 2)


def matrix(rows, columns, covariance):
    return np.array([[covariance(one, two) for two in columns] for one in rows])


def level_covariance(one, two, events):
    total = usual_covariance(one, two)
    for event in events:
        for other in events:
            total += effects_covariance(one, event, two, other)
    return total


@pytest.fixture(scope="module")
def clean(known):
    """Covariance of the levels of the history's cells, noise apart."""
    cells, told = known.design.frame.to_dict("records"), KNOWN.to_dict("records")
    return matrix(cells, cells, lambda a, b: level_covariance(a, b, told))


@pytest.fixture(scope="module")
def total(known, clean):
    return clean + np.diag(known.variance + SCALES["noise"] ** 2)


@pytest.fixture(scope="module")
def by_hand(known, asked, total):
    """Moment and event of what is asked, mean and covariance of the log effects."""
    cells, told = known.design.frame.to_dict("records"), KNOWN.to_dict("records")
    pairs = [
        (cell, event)
        for cell in asked.to_dict("records")
        for event in ASKED.to_dict("records")
        if standing(cell, event) is not None
    ]
    cross = matrix(
        pairs, cells, lambda p, c: sum(effects_covariance(p[0], p[1], c, e) for e in told)
    )
    among = matrix(pairs, pairs, lambda p, q: effects_covariance(*p, *q))
    inverse = np.linalg.inv(total)
    names = [(cell["local"], event["event_id"]) for cell, event in pairs]
    mean = cross @ inverse @ known.observed.level
    return names, mean, among - cross @ inverse @ cross.T


# --------------------------------------------------------------------------------- comparisons


def test_beliefs_are_the_textbooks_conditional_gaussian(known, asked, by_hand):
    belief = known.at(asked, ASKED)
    names, mean, covariance = by_hand
    mine = [
        (asked["local"].iloc[cell], ASKED["event_id"].iloc[event])
        for cell, event in zip(belief.pairs.cell, belief.pairs.event, strict=True)
    ]
    assert len(names) > 60
    assert {name for _, name in names} == {"ahead", "e01", "new", "f"}
    place = {name: i for i, name in enumerate(names)}
    order = [place[name] for name in mine]
    assert sorted(order) == list(range(len(names)))
    assert belief.mean == pytest.approx(mean[order], abs=1e-6)
    assert belief.covariance == pytest.approx(covariance[np.ix_(order, order)], abs=1e-6)


def test_a_cells_effect_sums_its_events_with_what_they_share(known, asked, by_hand):
    log_effect, variance = known.at(asked, ASKED).of_cells(len(asked))
    names, mean, covariance = by_hand
    for i, local in enumerate(asked["local"]):
        at = [j for j, (moment, _) in enumerate(names) if moment == local]
        assert log_effect[i] == pytest.approx(mean[at].sum(), abs=1e-6)
        assert variance[i] == pytest.approx(covariance[np.ix_(at, at)].sum(), abs=1e-6)


def test_on_gives_each_interval_what_its_cell_has(known, asked):
    features = queue(18, start=START + 55 * DAY)
    told = known.on(features, ASKED)
    log_effect, variance = known.at(asked, ASKED).of_cells(len(asked))
    assert told["log_effect"].to_numpy() == pytest.approx(np.repeat(log_effect, 12))
    assert told["effect_var"].to_numpy() == pytest.approx(np.repeat(variance, 12))


def test_surprise_is_what_the_days_left_over_expect(known, clean, total):
    level = known.observed.level
    for i in range(len(clean)):
        left = [j for j in range(len(clean)) if j != i]
        weights = np.linalg.solve(total[np.ix_(left, left)], total[left, i])
        spread = clean[i, i] + SCALES["noise"] ** 2 + known.observed.variance[i]
        spread -= weights @ total[left, i]
        expected = weights @ level[left]
        assert known.surprise["expected"].iloc[i] == pytest.approx(expected, abs=1e-6)
        z = (level[i] - expected) / math.sqrt(spread)
        assert known.surprise["z"].iloc[i] == pytest.approx(z, abs=1e-6)


def test_usual_is_the_level_that_is_left_without_events(known, total):
    cells = known.design.frame.to_dict("records")
    plain = matrix(cells, cells, usual_covariance)
    level = plain @ np.linalg.inv(total) @ known.observed.level
    assert known.usual == pytest.approx(known.observed.usual * np.exp(level), rel=1e-6)


# -------------------------------------------------------------------------------------- scales


@pytest.fixture(scope="module")
def problem():
    """Level, fixed covariance and parts of a small series, as ``learn`` hands them over."""
    rows = every(3, 4, "sale")
    features = queue(120, factors=factors_of(rows, 1.4), seed=8)
    effects = learn(features, events(*rows))
    design = effects.design
    parts = dict(design.usual)
    kinds = np.linspace(0.1, 0.4, len(design.pairs))
    parts |= {name: design.by_cell(part) for name, part in design.ties.parts(kinds)}
    return effects.observed.level, design.fixed + np.diag(effects.variance), parts


def density(log_sd, problem):
    """Return the log posterior density of the scales, up to a constant."""
    level, fixed, parts = problem
    names = ["noise", *parts]
    total = fixed + np.exp(2 * log_sd[0]) * np.eye(len(level))
    for sd, part in zip(log_sd[1:], parts.values(), strict=True):
        total = total + np.exp(2 * sd) * part
    start = np.log([EXPECTED_SD[name] for name in names])
    prior = -0.5 * np.sum(((log_sd - start) / PRIOR_LOG_SD) ** 2)
    return multivariate_normal(np.zeros(len(level)), total).logpdf(level) + prior


@pytest.fixture(scope="module")
def asked_of_the_optimiser(problem):
    """What ``learned_scales`` hands to SciPy, and what it returns."""
    caught = {}

    def spy(loss, start, **options):
        caught.update(loss=loss, start=start)
        return minimize(loss, start, **options)

    minimize = scales.minimize
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scales, "minimize", spy)
        caught["found"] = learned_scales(*problem)
    return caught


@pytest.mark.parametrize("seed", range(4))
def test_the_loss_is_the_marginal_likelihood_and_its_slope(asked_of_the_optimiser, problem, seed):
    loss, start = asked_of_the_optimiser["loss"], asked_of_the_optimiser["start"]
    at = start + np.random.default_rng(seed).normal(0, 0.5, len(start))
    value, slope = loss(at)
    at_start, _ = loss(start)
    assert at_start - value == pytest.approx(density(at, problem) - density(start, problem))
    step = 1e-5
    for i in range(len(at)):
        shift = step * np.eye(len(at))[i]
        told = (density(at - shift, problem) - density(at + shift, problem)) / (2 * step)
        assert slope[i] == pytest.approx(told, rel=1e-4, abs=1e-4)


def test_the_scales_found_are_better_than_those_near_them(asked_of_the_optimiser, problem):
    names = list(asked_of_the_optimiser["found"])
    assert names == ["noise", *problem[2]]
    found = np.log([asked_of_the_optimiser["found"][name] for name in names])
    best = density(found, problem)
    assert best > density(np.asarray(asked_of_the_optimiser["start"]), problem)
    for i, name in enumerate(names):
        if not name.endswith("strength"):
            for shift in (-0.3, 0.3):
                moved = found + shift * np.eye(len(found))[i]
                assert density(moved, problem) < best, (name, shift)


def test_scales_that_made_the_levels_are_found_again():
    """Twenty seeded draws of 200 levels with known noise and level: right in the middle."""
    cells = cells_of(queue(200), events()).frame
    design = Design(cells, events())
    truth = {"noise": 0.1, "level": 0.3, "mood": 0.05}
    total = design.fixed + truth["noise"] ** 2 * np.eye(len(cells))
    parts = {name: design.usual[name] for name in ("level", "mood")}
    for name, part in parts.items():
        total = total + truth[name] ** 2 * part
    root = np.linalg.cholesky(total)
    rng = np.random.default_rng(2)
    found = pd.DataFrame(
        learned_scales(root @ rng.standard_normal(len(cells)), design.fixed, parts)
        for _ in range(20)
    )
    assert found["noise"].median() == pytest.approx(truth["noise"], rel=0.1)
    assert found["level"].median() == pytest.approx(truth["level"], rel=0.25)
    assert found["mood"].median() == pytest.approx(truth["mood"], rel=0.4)
