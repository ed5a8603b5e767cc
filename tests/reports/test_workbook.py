"""plan.xlsx: what it reckons when a cell is changed is what the package would have planned."""

import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from forecast.capacity.demand import Demand, demand_of
from forecast.params import Params
from forecast.reports.summary import Tables
from forecast.reports.workbook import PlanFacts, plan_workbook
from forecast.reports.workbook.book import sheet_of
from forecast.reports.workbook.what_if import HELD, INPUT_ROW, RESULT_ROW, RESULTS
from forecast.scenarios import run_scenarios
from forecast.scenarios.lookup import Lookup
from forecast.scenarios.sheet import Sheet, errors, fine_enough
from forecast.schema import FEATURES, PATHS, PEAK_MEASURES, PEAKS, SCORES, TABLES
from tests.peaks.conftest import ahead_of, forecast_of, paths_of
from tests.reports.reckoner import Reckoner

SOFFICE = shutil.which("soffice")
FTE, COST = RESULT_ROW, RESULT_ROW + list(RESULTS).index("cost")
CLOSE = 0.005
PATHS_USED = 16
HOSTILE = [
    "=cmd|'/c calc'!A1",
    "<script>alert(1)</script>",
    "🎉" * 5,
    "x" * 300,
    "\u202eשלום",
    "@SUM(1)",
]
# Changes by volume %, AHT %, shrinkage and pay %: corners, and points between the plans made.
CHANGES = [
    (30.0, 20.0, 0.45, 10.0),
    (-30.0, -20.0, 0.20, -10.0),
    (22.0, -13.0, 0.37, 0.0),
    (-8.0, 9.0, 0.30, 25.0),
    (7.0, 0.0, 0.25, 0.0),
]
LEDGER = {
    "activities": [
        {"name": "leave", "share": 0.1, "of": "paid", "place": "out of office", "planned": True},
        {"name": "breaks", "share": 0.1, "of": "office", "place": "in office", "planned": True,
         "when": [{"share": 0.2, "starts": "12:00", "ends": "14:00"}]},
    ]
}  # fmt: skip
COSTS = {
    "currency": "USD",
    "contracts": {"full": {"pay_per_hour": 30}, "part": {"pay_per_hour": 26}},
    "premiums": {"night": 1.25, "night_from": "16:00", "night_until": "06:00"},
    "per_seat_month": 200,
}


@dataclass(frozen=True)
class Plan:
    """A plan of two queues, one with a few calls an hour."""

    params: Params
    demand: Demand
    tables: Tables
    facts: PlanFacts
    made: dict[Any, pd.Series] = field(default_factory=dict)

    @property
    def sheet(self) -> Sheet:
        return sheet_of(self.tables, self.facts.found, self.params)


def scores() -> pd.DataFrame:
    rows = [
        {"site": "main", "queue": "sales", "channel": "voice", "target": "offered",
         "model": "champion", "horizon": "1_day", "level": "interval", "metric": metric,
         "value": 0.05, "n": 10}
        for metric in ("wape", "bias", "coverage_80")
    ]  # fmt: skip
    return SCORES.validate(pd.DataFrame(rows))


def shaped(base: float) -> pd.DataFrame:
    """Return intervals ahead with a shape of the day and busy Mondays, as centres have them."""
    ahead = ahead_of(base=base)
    hour, weekday = ahead["local"].dt.hour, ahead["local"].dt.day_of_week
    day = ahead["local"].dt.day
    shape = 1 + 0.5 * np.sin((hour - 8) / 3) + 0.07 * weekday + 0.013 * day
    return ahead.assign(mean=ahead["mean"] * shape)


def plan_of(params: Params, busy: float = 180.0, quiet: float = 30.0) -> Plan:
    """Return a plan of two weeks of two queues."""
    ahead = pd.concat(
        [shaped(busy).assign(queue="sales"), shaped(quiet).assign(queue="service")],
        ignore_index=True,
    )
    drawn = [
        paths_of(own)[lambda rows: rows["path"] < PATHS_USED] for _, own in ahead.groupby("queue")
    ]
    paths = PATHS.validate(pd.concat(drawn))
    ahts = {("main", "sales", "voice"): 240.0, ("main", "service", "voice"): 300.0}
    demand = demand_of(paths, ahts)
    found = run_scenarios(demand, params)
    given: dict[str, Any] = {
        name: TABLES[name.upper()].empty()
        for name in Tables.__dataclass_fields__
        if name.upper() in TABLES
    }
    base = found.requirement[found.requirement["scenario"] == "base"]
    now = ahead.assign(
        date=ahead["local"].dt.normalize(), known=pd.Timestamp(0, tz="UTC"), y=np.nan
    ).reindex(columns=FEATURES.names)
    given |= {
        "features": now,
        "forecast": forecast_of(ahead),
        "paths": paths,
        "scores": scores(),
        "requirement": base,
        "service": found.service[found.service["scenario"] == "base"],
        "plan": found.plan,
        "cost_lines": found.cost_lines,
        "kpis": found.kpis,
    }
    trace = {"plan_id": "0123456789ab", "calendar_version": "test"}
    facts = PlanFacts(PEAKS.empty(), PEAK_MEASURES.empty(), fine_enough(demand, params), trace)
    return Plan(params, demand, Tables(**given), facts)


@pytest.fixture(scope="module")
def base(params):
    return params.override(
        {
            "ingest.timezone": "UTC",
            "capacity.occupancy_max": 1.0,
            "capacity.shrinkage": 0.3,
            "scenarios": {"base": {}, "more": {"volume_pct": 10}},
            "backtest.horizons": {"1_day": 1, "4_weeks": 28},
        }
    )


@pytest.fixture(scope="module")
def flat(base):
    return plan_of(base)


@pytest.fixture(scope="module")
def by_contract(base):
    mix = {"full": 0.6, "part": 0.4}
    data = base.model_dump(exclude_unset=True)
    del data["capacity"]["shrinkage"]
    data["capacity"] |= {"contract_mix": mix, "assumed": ["aht_s"], "plan_at": "mean"}
    settings = Params.model_validate(data | {"shrinkage": LEDGER, "costs": COSTS})
    return plan_of(settings, busy=900.0, quiet=300.0)


def inputs(plan: Plan, change: tuple[float, float, float, float]):
    """Return the cells of one change; a ledger moves by as many points as a flat share would."""
    volume, aht, shrinkage, wage = change
    own = plan.sheet.base
    return replace(
        own,
        volume=volume / 100,
        aht_s=own.aht_s * (1 + aht / 100),
        shrinkage=own.shrinkage + points(plan, shrinkage) / 100,
        wage=own.wage * (1 + wage / 100),
    )


def points(plan: Plan, shrinkage: float) -> float:
    """Return the points of shrinkage to add; a ledger takes none away."""
    more = round((shrinkage - 0.3) * 100, 9)
    return more if plan.params.shrinkage is None else max(more, 0.0)


def planned(plan: Plan, change: tuple[float, float, float, float]) -> pd.Series:
    """Return the plan that the package makes for one change, made once."""
    if change in plan.made:
        return plan.made[change]
    volume, aht, shrinkage, wage = change
    levers = {
        "volume_pct": volume,
        "aht_pct": aht,
        "shrinkage_points": points(plan, shrinkage),
        "wage_pct": wage,
    }
    params = plan.params.override({"scenarios": {"base": {}, "changed": levers}})
    table = run_scenarios(plan.demand, params, ["changed"]).plan
    plan.made[change] = table[(table["scenario"] == "changed") & table["is_plan"]].iloc[0]
    return plan.made[change]


@pytest.mark.parametrize("which", ["flat", "by_contract"])
@pytest.mark.parametrize("change", CHANGES)
def test_the_sheets_sums_agree_with_scenarios(which, change, request):
    plan = request.getfixturevalue(which)
    told, exact = plan.sheet.results(inputs(plan, change)), planned(plan, change)
    assert told["fte"] == pytest.approx(exact["fte"], rel=CLOSE)
    assert told["cost"] == pytest.approx(exact["cost"], rel=CLOSE)
    assert told["offered"] == pytest.approx(exact["offered"], rel=1e-9)
    assert told["service_level"] == pytest.approx(exact["service_level"], abs=0.01)


@pytest.mark.parametrize("which", ["flat", "by_contract"])
def test_at_its_points_the_sheet_is_exact_and_its_error_is_that_of_others(which, request):
    plan = request.getfixturevalue(which)
    told = plan.sheet.results(plan.sheet.base)
    exact = planned(plan, (0.0, 0.0, 0.3, 0.0))
    for name in ("fte", "cost", "paid_hours", "agent_hours", "peak_agents", "service_level"):
        assert told[name] == pytest.approx(exact[name], rel=1e-6), name
    corner = CHANGES[0]
    far = plan.sheet.results(inputs(plan, corner))
    assert far["fte"] == pytest.approx(planned(plan, corner)["fte"], rel=1e-6)
    said = errors(plan.sheet, plan.facts.found.nodes)
    assert 0 < said["fte"] < CLOSE
    assert 0 < said["cost"] < CLOSE


def test_large_teams_take_few_points_and_small_ones_many(flat, by_contract):
    assert (len(flat.sheet.nodes), len(by_contract.sheet.nodes)) == (65, 15)


def test_a_check_that_is_missed_is_said(flat):
    found = flat.facts.found
    worse = found.nodes.assign(paid_hours=found.nodes["paid_hours"] * 1.02)
    lookup_ = Lookup(found.hours, worse)
    assert errors(sheet_of(flat.tables, lookup_, flat.params), worse)["fte"] > 0.015


def changed_file(plan: Plan, change: tuple[float, float, float, float], path: Path) -> Path:
    """Write the workbook with other inputs, and the cached values of the old ones."""
    made = plan_workbook(plan.tables, plan.facts, plan.params)
    told = dict(zip(HELD, vars(inputs(plan, change)).values(), strict=True))
    with zipfile.ZipFile(BytesIO(made)) as old, zipfile.ZipFile(path, "w") as new:
        for item in old.infolist():
            text = old.read(item)
            if item.filename == "xl/worksheets/sheet2.xml":
                page = text.decode()
                for row, value in enumerate(told.values(), INPUT_ROW + 1):
                    cell = rf'(<c r="B{row}"[^>]*><v>)[^<]*'
                    page, found = re.subn(cell, rf"\g<1>{value!r}", page)
                    assert found == 1
                text = page.encode()
            new.writestr(item, text)
    return path


def cells(path: Path, sheet: int = 1) -> list[list[Any]]:
    """Return the values of a sheet, from its first cell on."""
    book = CalamineWorkbook.from_path(path)
    return book.get_sheet_by_index(sheet).to_python(skip_empty_area=False)


def recalculated(paths: list[Path], folder: Path) -> list[Path]:
    """Let LibreOffice reckon files anew."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user/registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        '<item oor:path="/org.openoffice.Office.Calc/Formula/Load">'
        '<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>'
        "</oor:items>\n"
    )
    subprocess.run(
        [SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to",
         "xlsx", "--outdir", str(folder / "out"), *map(str, paths)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return [folder / "out" / path.name for path in paths]


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_reckons_what_the_package_plans(flat, by_contract, tmp_path):
    asked = [(plan, change) for plan in (flat, by_contract) for change in CHANGES[:3]]
    paths = [
        changed_file(plan, change, tmp_path / f"{number}.xlsx")
        for number, (plan, change) in enumerate(asked)
    ]
    before = cells(paths[0])[FTE][1]
    for (plan, change), path in zip(asked, recalculated(paths, tmp_path), strict=True):
        page, exact = cells(path), planned(plan, change)
        assert page[FTE][1] == pytest.approx(exact["fte"], rel=CLOSE), change
        assert page[COST][1] == pytest.approx(exact["cost"], rel=CLOSE), change
        # ... and what the file's own values were made from, to the last digit that counts.
        mirror = plan.sheet.results(inputs(plan, change))
        for row, name in enumerate(RESULTS, RESULT_ROW):
            assert page[row][1] == pytest.approx(mirror[name], rel=1e-9), name
    assert before == pytest.approx(flat.sheet.results(flat.sheet.base)["fte"])


def test_a_library_reckons_the_same(flat, tmp_path):
    book = Reckoner(changed_file(flat, CHANGES[2], tmp_path / "plan.xlsx"))
    exact, mirror = planned(flat, CHANGES[2]), flat.sheet.results(inputs(flat, CHANGES[2]))
    for name in ("fte", "cost"):
        assert book.named(f"whatif_{name}") == pytest.approx(exact[name], rel=CLOSE)
    for name in RESULTS:
        assert book.named(f"whatif_{name}") == pytest.approx(mirror[name], rel=1e-9)


def test_every_formula_has_its_value(flat, tmp_path):
    made = plan_workbook(flat.tables, flat.facts, flat.params)
    with zipfile.ZipFile(BytesIO(made)) as book:
        pages = [book.read(n).decode() for n in book.namelist() if "worksheets/sheet" in n]
    every = [cell for page in pages for cell in re.findall(r"<c [^>]*><f>.*?</c>", page)]
    assert len(every) > 50
    assert not [cell for cell in every if not re.search(r"<v>[^<]+</v>", cell)]
    path = tmp_path / "plan.xlsx"
    path.write_bytes(made)
    read = pd.read_excel(path, sheet_name="Summary", header=None, engine="calamine")
    row = read[read[0] == "FTE"].iloc[0]
    assert row[1] == pytest.approx(flat.sheet.results(flat.sheet.base)["fte"], rel=1e-12)
    assert row[2] == pytest.approx(row[1], rel=1e-12)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_same_plan_has_the_same_bytes_in_both_languages(flat, language):
    params = flat.params.override({"report.language": language})
    one, two = (plan_workbook(flat.tables, flat.facts, params) for _ in range(2))
    assert one == two
    with zipfile.ZipFile(BytesIO(one)) as book:
        assert b"2024-03-03" in book.read("docProps/core.xml")
        text = "".join(book.read(n).decode() for n in book.namelist())
        assert len([n for n in book.namelist() if "charts/chart" in n]) == 5
    for name in (*HELD, "service_level_target", "weeks", "whatif_fte", "whatif_cost"):
        assert f'<definedName name="{name}">' in text
    assert text.count("<dataValidation ") == len(HELD)
    assert ("假设分析" in text) == (language == "zh")


def renamed(plan: Plan, name: str) -> Plan:
    """Return the plan with its busy queue, and the report, called otherwise."""
    tables = {
        key: frame.assign(queue=frame["queue"].replace("sales", name))
        if "queue" in frame
        else frame
        for key, frame in vars(plan.tables).items()
    }
    params = plan.params.override({"report.title": name})
    return replace(plan, params=params, tables=Tables(**tables))


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_from_data_stay_text(flat, name, tmp_path):
    plan = renamed(flat, name)
    path = tmp_path / "plan.xlsx"
    path.write_bytes(plan_workbook(plan.tables, plan.facts, plan.params))
    assert name in {row[1] for row in cells(path, 3)[4:]}
    with zipfile.ZipFile(path) as book:
        page = book.read("xl/worksheets/sheet4.xml").decode()
        rels = "".join(book.read(n).decode() for n in book.namelist() if n.endswith(".rels"))
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in page
    assert 'TargetMode="External"' not in rels
    assert "<script" not in strings
