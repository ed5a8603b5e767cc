"""The demonstration: its files are read whole, its steps run, and its headline has a direction."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from forecast.capacity.demand import Demand
from forecast.capacity.service import achieved
from forecast.demo.headline import DISTRIBUTION, PLAIN, answer_rate, trial, verdict
from forecast.demo.page import page, periods
from forecast.demo.project import MARK, centre_of, write_project
from forecast.demo.rules import by_distribution, by_plain_rule, shifts_of
from forecast.demo.shipped import PARAMS_FILE, shipped
from forecast.errors import InputError
from forecast.params import Params
from forecast.schema import HISTORY, LEDGER, QUARANTINE, SERIES
from forecast.steps.backtest import backtest
from forecast.steps.calendars import calendars
from forecast.steps.capacity import capacity
from forecast.steps.features import features
from forecast.steps.headline import headline
from forecast.steps.ingest import ingest
from forecast.steps.predict import predict
from forecast.steps.select import select
from forecast.store import read_table
from forecast.synthetic.commerce import make_commerce
from forecast.synthetic.commerce_spec import QUEUES, CommerceSpec

ROOT = Path(__file__).parents[1]
# Fourteen weeks up to the presale of 11.11: calls and chats at both sites.
SHORT = CommerceSpec(
    first_day="2025-07-21",
    weeks=14,
    weeks_ahead=3,
    queues=[
        queue.model_copy(update={"contacts_per_day": 600.0})
        for queue in (QUEUES[2], QUEUES[1], QUEUES[4])
    ],
)
QUICK = {
    "backtest": {"weeks": 2, "warmup_weeks": 4, "every_open_days": 14, "horizons": {"3_weeks": 21}},
    "forecast": {"horizon_days": 21, "paths": 40},
    "select": {"min_cutoffs": 1},
    "models": {"same_weekday_mean": {"weeks": 4}},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A short demonstration whose exports were taken in."""
    out = tmp_path_factory.mktemp("demo") / "project"
    write_project(out, SHORT, seed=3)
    settings = yaml.safe_load((out / PARAMS_FILE).read_text(encoding="utf-8"))
    (out / PARAMS_FILE).write_text(yaml.safe_dump(settings | QUICK), encoding="utf-8")
    ingest(out / "data/raw/acd", out / "data/interim", out / PARAMS_FILE, out / "data/profiles")
    return out


@pytest.fixture(scope="module")
def centre():
    return make_commerce(SHORT, seed=3)


@pytest.fixture(scope="module")
def known(centre):
    """The demand of somebody who knows each interval's true rate to within a tenth."""
    later = centre.rates[centre.rates["local"] >= centre.cutoff].reset_index(drop=True)
    spread = np.exp(np.random.default_rng(5).normal(0, 0.1, 40) - 0.005)
    rows = later[[*SERIES, "ds", "local"]].assign(open_min=30.0)
    return Demand(rows, later["rate"].to_numpy()[:, None] * spread, later["aht_s"].to_numpy(), 3.0)


@pytest.fixture(scope="module")
def settings():
    return Params.load(ROOT / "src/forecast/demo/files" / PARAMS_FILE).capacity


def test_all_exports_are_taken_in_and_nothing_is_lost(folder, centre):
    made = folder / "data/interim"
    ledger = read_table(made / "ledger.parquet", LEDGER)
    assert read_table(made / "quarantine.parquet", QUARANTINE).empty
    assert (ledger["rejected"] == "").all()
    assert {"chinese_interval", "hangzhou_zaixian", "canonical"} == set(ledger["profile"])
    read = read_table(made / "history.parquet", HISTORY).set_index([*SERIES, "ds"])
    past = centre.past().set_index([*SERIES, "ds"])
    for column in ("offered", "answered", "abandoned", "answered_in_threshold", "agents"):
        pd.testing.assert_series_equal(read[column], past[column])
    parts = ["talk_s", "hold_s", "wrap_s"]
    assert read[parts].sum().sum() == pytest.approx(past[parts].sum().sum(), rel=0.003)


def test_the_pipeline_runs_on_it_to_the_headline(folder, capsys):
    seen, made, params = folder / "data/interim", folder / "data/processed", folder / PARAMS_FILE
    calendars(
        seen / "history.parquet", folder / "data/raw/calendars", seen / "calendar.parquet",
        seen / "events.parquet", seen / "calendar.json", params,
    )  # fmt: skip
    features(
        seen / "history.parquet", seen / "calendar.parquet", seen / "events.parquet",
        seen / "features.parquet", seen / "ahead.parquet", seen / "past_events.parquet", params,
    )  # fmt: skip
    backtest(
        seen / "features.parquet", seen / "past_events.parquet", made / "means.parquet", params
    )
    select(
        made / "means.parquet", seen / "features.parquet", made / "backtest.parquet",
        made / "scores.parquet", made / "selection.json", params,
    )  # fmt: skip
    predict(seen, made / "selection.json", made, folder / "models/champion", params)
    capacity(
        made / "paths.parquet", made / "forecast.parquet", seen / "history.parquet",
        made / "requirement.parquet", made / "service.parquet",
            made / "trunks.parquet", params,
    )  # fmt: skip
    headline(folder, replications=2)
    told = (folder / "headline.md").read_text(encoding="utf-8")
    assert "without 11.11" in told
    assert "with 11.11" in told
    assert "Headline:" in capsys.readouterr().out


def test_the_truth_comes_again_from_the_folder(folder, centre):
    pd.testing.assert_frame_equal(centre_of(folder).rates, centre.rates)


def test_no_folder_of_somebody_else_is_written_over(tmp_path):
    (tmp_path / "mine.csv").write_text("a\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"holds files and is no demonstration"):
        write_project(tmp_path, SHORT, seed=3)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.csv"]
    with pytest.raises(InputError, match=rf"{MARK} is not in it"):
        centre_of(tmp_path)


def test_own_settings_of_a_demonstration_are_kept(folder):
    before = (folder / PARAMS_FILE).read_bytes()
    write_project(folder, SHORT, seed=3)
    assert (folder / PARAMS_FILE).read_bytes() == before


def test_the_settings_have_every_key_that_a_stage_names():
    settings = yaml.safe_load(shipped(PARAMS_FILE))
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    for path in {path for stage in stages.values() for path in stage["params"]}:
        node = settings
        for part in path.split("."):
            assert part in node, path
            node = node[part]


def test_who_knows_the_rate_answers_more_with_the_same_labour(centre, known, settings):
    plans = trial(
        centre, known, settings, seed=1, replications=2, margins=(1.0, 1.15, 2.0),
        targets=(0.6, 0.8, 0.95),
    )  # fmt: skip
    rows = np.ones(len(plans[0].fared.weeks), dtype=bool)
    for rule in (PLAIN, DISTRIBUTION):
        own = [plan for plan in plans if plan.rule == rule]
        hours = [plan.hours.sum() for plan in own]
        rates = [answer_rate(plan, rows).mean() for plan in own]
        assert hours == sorted(hours)
        assert rates == sorted(rates)
    found = verdict(plans, rows, 1.15, less=0.1, goal=0.88)
    assert found.labour_at_same.value + found.labour_at_same.half_width < 1
    assert found.labour_at_goal.value < 0.95 * found.plain_at_goal.value
    # Every plan meets the same callers.
    assert (plans[0].fared.offered == plans[-1].fared.offered).all()


def test_shares_of_the_period_add_up(centre, known, settings):
    plans = trial(centre, known, settings, seed=1, replications=2, margins=(1.15,), targets=(0.9,))
    named = periods(plans, pd.Timestamp("2025-11-01"))
    assert (named["without 11.11"] ^ named["with 11.11"]).all()
    agents = by_plain_rule(centre, 1.15)[(centre.rates["local"] >= centre.cutoff).to_numpy()]
    assert plans[0].hours.sum() == pytest.approx(agents.sum() / 2 / (1 - settings.shrinkage))
    counted = plans[0].fared
    assert (counted.in_time <= counted.answered).all()
    assert (counted.answered <= counted.offered).all()


def test_the_distribution_reaches_its_target_in_every_shift_with_one_agent_fewer_it_does_not(
    centre, known, settings
):
    agents = by_distribution(known, centre, settings, 0.9)
    opens = [9 * 60 if site == "warsaw" else 8 * 60 for site in known.intervals["site"]]
    shift = shifts_of(known.intervals, opens, centre.spec.rule.block_min)
    assert (pd.Series(agents).groupby(shift).nunique() == 1).all()
    offered = known.rate.mean(axis=1)
    for fewer, meets in ((0, True), (1, False)):
        team = np.maximum(agents - fewer, 0)
        lost = np.nan_to_num(achieved(known, team, settings).abandonment) * offered
        share = np.bincount(shift, lost) / np.bincount(shift, offered)
        some = pd.Series(agents).groupby(shift).first().to_numpy() > 1
        assert ((share[some] <= 0.1) == meets).all()


def test_the_page_names_its_periods_without_a_sale_ahead(centre, known, settings):
    plans = trial(centre, known, settings, seed=1, replications=2, margins=(1.15,), targets=(0.9,))
    told = page(plans, pd.NaT, 1.15)
    assert "all weeks" in told
    assert "with 11.11" not in told.replace("without 11.11", "")
