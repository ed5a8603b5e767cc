"""params.yaml is refused with the path and the rule of every key at fault."""

import re

import pytest
import yaml

from forecast.errors import ParamsError
from forecast.params import Params


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("capacity.answer_within_ss", 3, r"capacity\.answer_within_ss: is no known key"),
        ("backtest.weeks", 0, r"backtest\.weeks: must be greater than or equal to 1; found 0"),
        ("capacity.service_level_target", 1.0, r"capacity\.service_level_target: must be less"),
        ("capacity.shrinkage", 1.0, r"capacity\.shrinkage: must be less than 1"),
        ("ingest.timezone", "Mars/Base", r"ingest\.timezone: 'Mars/Base' is no IANA time zone"),
        ("features.interval_min", 7, r"features\.interval_min: must be 5, 10, 15, 20, 30 or 60"),
        (
            "capacity.plan_at",
            "p99",
            r"capacity\.plan_at: must be 'mean', 'p10', 'p50', 'p90', 'expected' or 'confident'",
        ),
        ("forecast.horizon_days", 40, r"forecast\.horizon_days must be <= 28, the longest"),
        ("backtest.horizons", {"a": 7, "b": 7}, r"backtest: horizons must be days"),
        ("scenarios.base", {"volume_pct": 1}, r"scenarios\.base must be there and empty"),
        ("scenarios.x", {"volumes": 1}, r"scenarios\.x\.volumes: is no known key"),
        (
            "scenarios.x",
            {"capacity": {"shrink": 1}},
            r"scenarios\.x\.capacity\.shrink: is no known",
        ),
        (
            "scenarios.x",
            {"shrinkage_points": 90},
            r"scenarios\.x\.capacity\.shrinkage: must be less",
        ),
    ],
)
def test_a_bad_value_is_refused(params, path, value, message):
    with pytest.raises(ParamsError, match=message):
        params.override({path: value})


@pytest.mark.parametrize("clock", ["7:5", "25:00", "24:01", "noon", 420])
def test_a_clock_time_is_checked(params, clock):
    window = {"days": ["mon"], "opens": clock, "closes": "20:00"}
    with pytest.raises(ParamsError, match=r"calendars\.opening_hours\."):
        params.override({"calendars.opening_hours": [window]})


def test_all_problems_are_told_at_once(params):
    with pytest.raises(ParamsError) as refused:
        params.override({"backtest.weeks": 0, "capacity.aht_s": -1, "nonsense": 3})
    assert all(word in str(refused.value) for word in ("weeks", "aht_s", "nonsense"))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "calendars.sites",
            {"delft": {"country": "N"}},
            r"calendars\.sites\.delft\.country: .*at least 2 characters",
        ),
        (
            "calendars.sites",
            {"delft": {"country": "NL", "opening_hours": "learn"}},
            r"calendars\.sites\.delft\.opening_hours: is no known key",
        ),
        ("calendars.keep_out", "outage", r"calendars\.keep_out: must be a valid list"),
        ("calendars.open_on_holidays", "none", r"calendars\.open_on_holidays\."),
    ],
)
def test_what_is_said_of_places_is_checked(params, path, value, message):
    with pytest.raises(ParamsError, match=message):
        params.override({path: value})


def test_a_site_has_its_own_place_or_the_common_one(params):
    two = params.override({"calendars.sites": {"delft": {"country": "NL"}}}).calendars
    assert two.place("delft").country == "NL"
    assert two.place("delft").open_on_holidays == []
    assert two.place("main") is two


def test_two_levers_on_shrinkage_are_refused(params):
    twice = {"shrinkage_points": 5, "capacity": {"shrinkage": 0.4}}
    with pytest.raises(ParamsError, match=r"sets capacity\.shrinkage and shrinkage_points"):
        params.override({"scenarios.x": twice})


def test_an_override_leaves_the_original_alone(params):
    before = params.model_dump_json()
    changed = params.override({"capacity.aht_s": 300})
    assert changed.capacity.aht_s == 300
    assert params.model_dump_json() == before


def test_params_cannot_be_changed_in_place(params):
    with pytest.raises(ValueError, match="frozen"):
        params.capacity.aht_s = 1


def test_shrinkage_points_are_points_not_percent(params):
    changed = params.override({"scenarios.x": {"shrinkage_points": 5}}).capacity_of("x")
    assert changed.shrinkage == 0.35


def test_every_section_of_the_file_says_what_it_is_for(root):
    text = (root / "params.yaml").read_text(encoding="utf-8")
    for section in yaml.safe_load(text):
        if section != "seed":
            # In a heading of its own, or beside its name under the heading of another.
            told = rf"^(# --- {section}\b|{section}: +# \w)"
            assert re.search(told, text, re.MULTILINE), section


def test_files_that_are_no_params_are_refused(tmp_path):
    with pytest.raises(ParamsError, match="cannot be read"):
        Params.load(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("a: [1")
    with pytest.raises(ParamsError, match="is not valid YAML"):
        Params.load(tmp_path / "bad.yaml")
    (tmp_path / "twice.yaml").write_text("seed: 1\nsample: {}\nseed: 2\n")
    with pytest.raises(ParamsError, match=r"(?s)key 'seed' stands twice.*line 3"):
        Params.load(tmp_path / "twice.yaml")
    (tmp_path / "empty.yaml").write_text("")
    with pytest.raises(ParamsError, match="refused"):
        Params.load(tmp_path / "empty.yaml")


def test_an_override_leaves_what_it_was_given_alone(params):
    trunks = {"ivr_s": 40}
    changed = params.override({"trunks": trunks, "trunks.blocking_max": 0.05})
    assert changed.trunks.blocking_max == 0.05
    assert trunks == {"ivr_s": 40}
