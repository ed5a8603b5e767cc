"""Plans on a grid: its points are scenarios, between them it is monotone and near."""

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.base import base_demand
from forecast.params import Params
from forecast.scenarios import run_scenarios
from forecast.scenarios.grid import AXES, RISING, VALUES, between, grid
from forecast.scenarios.quick import asked, base_case, planned
from forecast.schema import FORECAST, HISTORY, PATHS
from forecast.store import read_table

STEPS = {"volume_pct": (-20, 0, 20), "aht_pct": (-20, 0, 20), "shrinkage_points": (-35, -10, 0, 10)}


@pytest.fixture(scope="module")
def base(small_project):
    params = Params.load(small_project / "params.yaml")
    processed = small_project / "data/processed"
    demand = base_demand(
        read_table(processed / "paths.parquet", PATHS),
        read_table(processed / "forecast.parquet", FORECAST),
        read_table(small_project / "data/interim/history.parquet", HISTORY),
        params,
    )
    return base_case(demand, params), params, demand


@pytest.fixture(scope="module")
def table(base):
    case, params, _ = base
    return grid(case, params, STEPS)


def test_every_point_is_a_scenario(base, table):
    _, params, demand = base
    assert len(table) == 3 * 3 * 3 * 3  # -35 points of 30 % shrinkage cannot be
    for _, row in table.sample(4, random_state=1).iterrows():
        levers = {name: row[name] for name in ("volume_pct", "aht_pct", "shrinkage_points")}
        levers["capacity"] = {"service_level_target": row["service_level_target"]}
        told = params.override({"scenarios": {"base": {}, "one": levers}})
        plan = run_scenarios(demand, told, ["one"]).plan
        own = plan[plan["is_plan"] & (plan["scenario"] == "one")].iloc[0]
        for name in VALUES:
            assert row[name] == pytest.approx(own[name], rel=1e-9), name


@pytest.mark.parametrize("axis", AXES)
def test_what_is_asked_for_never_falls_along_an_axis(table, axis):
    others = [name for name in AXES if name != axis]
    ordered = table.sort_values([*others, axis])
    for name in RISING:
        step = ordered.groupby(others)[name].diff().dropna()
        assert (step >= -1e-6).all(), name


def test_between_its_points_it_is_near_and_monotone(base, table):
    case, params, _ = base
    for volume, aht in ((-9.0, 11.0), (7.0, -13.0), (10.0, 10.0)):
        at = {"volume_pct": volume, "aht_pct": aht, "service_level_target": 0.8}
        exact = planned(asked(case, params, {"volume_pct": volume, "aht_pct": aht})).row
        found = between(table, {**at, "shrinkage_points": 0.0})
        for name in ("fte", "cost"):
            assert found[name] == pytest.approx(exact[name], rel=0.015), (name, volume, aht)
    line = [
        between(table, {"volume_pct": v, "aht_pct": 3.0, "service_level_target": 0.86,
                        "shrinkage_points": 2.0})["fte"]
        for v in np.linspace(-20, 20, 41)
    ]  # fmt: skip
    assert (np.diff(line) > 0).all()


def test_a_ledger_gains_shrinkage_and_loses_none(base):
    _, params, demand = base
    rows = [{"name": "breaks", "share": 0.2, "of": "office", "place": "in office", "planned": True}]
    told = params.override({"shrinkage": {"activities": rows}})
    found = grid(base_case(demand, told), told, {**STEPS, "volume_pct": (0,), "aht_pct": (0,)})
    assert sorted(found["shrinkage_points"].unique()) == [0.0, 10.0]
    assert isinstance(found, pd.DataFrame)
