"""docs/costs.md: its settings are valid, its examples give what it says."""

import doctest
import re

import numpy as np
import pytest
import yaml

from forecast.capacity.trunks import Callers, blocking_by_trunks, trunks_for
from forecast.params.costs import CostsParams
from forecast.params.kpi import KpiParams
from forecast.params.shrinkage import ShrinkageParams
from forecast.queueing import erlang_a, erlang_c, trunks_for_blocking


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs/costs.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sections(page):
    found = {}
    for block in re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL):
        found |= yaml.safe_load(block)
    return found


def test_its_examples_run(page, sections):
    known = {
        "ledger": ShrinkageParams(**sections["shrinkage"]),
        "costs": CostsParams(**sections["costs"]),
        "kpi": KpiParams(**sections["kpi"]),
    }
    test = doctest.DocTestParser().get_doctest(page, known, "costs.md", "docs/costs.md", 0)
    assert len(test.examples) > 20
    told = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(test, out=told.append).failed == 0, "".join(told)


def test_its_targets_are_the_defaults(sections):
    assert KpiParams(**sections["kpi"]) == KpiParams()


def test_its_table_of_trunks(page):
    row = r"\| 12 agents, (.*?) \| ([\d.]+) \| (\d+) \| (\d+) \| ([\d.]+) % \|"
    rows = re.findall(row, page)
    assert len(rows) == 3
    for words, *numbers in rows:
        patience = float(words.split()[1]) if "patience" in words else None
        given = {"aht_s": 200.0, "answer_within_s": 20}
        if patience is None:
            fare = erlang_c(10, 12, **given)
        else:
            fare = erlang_a(10, 12, patience_s=patience, **given)
        held = 2 + 0.05 * float(fare.asa_s) + 10 * (1 - float(fare.abandonment))
        callers = Callers(np.array([0.05]), np.array([200.0]), np.array([12]), patience, 2.0)
        plain = int(trunks_for_blocking(held, 0.01))
        blocked = 100 * blocking_by_trunks(callers, plain)[plain]
        trunks = trunks_for(callers, 0.01)
        assert numbers == [f"{held:.1f}", f"{plain}", f"{trunks}", f"{blocked:.1f}"]
