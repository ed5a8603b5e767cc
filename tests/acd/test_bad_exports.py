"""Every bad export comes out as a careful planner would want it, and never silently wrong."""

import pytest

from tests.acd.bad_exports import CASES, SLOW
from tests.acd.exports import broken, taken

SHORTCOMINGS: dict[str, str] = {}
"""Case -> where the package falls short of it today: none."""


def marks(name: str) -> list[pytest.MarkDecorator]:
    out = [pytest.mark.slow] if name in SLOW else []
    if name in SHORTCOMINGS:
        out.append(pytest.mark.xfail(strict=True, reason=SHORTCOMINGS[name]))
    return out


@pytest.mark.parametrize("name", [pytest.param(n, marks=marks(n), id=n) for n in CASES])
def test_what_must_come_of_a_bad_export_comes(tmp_path, name):
    case = CASES[name]()
    assert broken(case, taken(case, tmp_path)) == []
