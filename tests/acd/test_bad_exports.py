"""Every bad export comes out as a careful planner would want it, and never silently wrong."""

import pytest

from tests.acd.bad_exports import CASES, SLOW
from tests.acd.exports import broken, taken

OTHER_ENCODING = "bytes of another encoding read as GB18030: every name is another"
HEADER = "rows become part of a column's name"
SHORTCOMINGS: dict[str, str] = {
    **dict.fromkeys(
        [
            f"encoding_{name}"
            for name in (
                *("cp1252_like_chinese", "cp1251", "cp1253", "cp1255", "cp1256", "cp874", "koi8r"),
                *("shift_jis_half_width", "euc_jp", "euc_kr"),
            )
        ],
        OTHER_ENCODING,
    ),
    "quotes_left_open_in_the_header": HEADER,
    "persons_in_a_quote_left_open_in_the_header": HEADER,
    "persons_in_a_file_without_a_header": "a person's name gets out",
    "total_that_is_not_the_sum": "totals are not compared with the rows above",
    "total_daily_english_all": "'All queues' is no word for a total, and contacts count twice",
    "date_orders_mixed_and_ambiguous": "both orders in one file, where one of them reads all",
    "workbook_of_65536_rows": "a sheet's rows are counted one short",
    "link_to_a_folder": "folders behind links are not looked into, and not named",
}
"""Case -> where the package falls short of it today."""


def marks(name: str) -> list[pytest.MarkDecorator]:
    out = [pytest.mark.slow] if name in SLOW else []
    if name in SHORTCOMINGS:
        out.append(pytest.mark.xfail(strict=True, reason=SHORTCOMINGS[name]))
    return out


@pytest.mark.parametrize("name", [pytest.param(n, marks=marks(n), id=n) for n in CASES])
def test_what_must_come_of_a_bad_export_comes(tmp_path, name):
    case = CASES[name]()
    assert broken(case, taken(case, tmp_path)) == []
