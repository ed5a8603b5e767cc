"""Every bad export comes out as a careful planner would want it, and never silently wrong."""

import pytest

from tests.acd.bad_exports import CASES, SLOW, TOTALS_OF
from tests.acd.exports import broken, taken

TOLD_TOTALS = {
    *("english", "english_grand", "english_sub", "chinese", "german", "german_sum", "dutch"),
}
OTHER_ENCODING = "bytes of another encoding read as GB18030: every name is another"
DAMAGED_UTF8 = "UTF-8 with a damaged byte reads as GB18030: every name is another"
POINTS = "points that all stand before three digits are decimal, but where semicolons divide"
TOTAL = "the word is none of those that mark totals, and contacts count twice"
PERSON = "a person's name gets out"
LENGTH = "a stretch of days, or a queue, gets the length of the others' steps"
LOOKED_AT_AGAIN = "a name with ! is cut at it where the file is read a second time"
SHORTCOMINGS: dict[str, str] = {
    **dict.fromkeys(
        [
            f"encoding_{name}"
            for name in (
                *("cp1252_like_chinese", "cp1251", "cp1253", "cp1255", "cp1256", "cp874", "koi8r"),
                *("big5", "shift_jis_half_width", "euc_jp", "euc_kr"),
            )
        ],
        OTHER_ENCODING,
    ),
    "encoding_one_line_of_cp1252": DAMAGED_UTF8,
    "encoding_one_line_of_gbk_among_utf8": DAMAGED_UTF8,
    "encoding_utf8_cut_so_that_it_reads_as_chinese": DAMAGED_UTF8,
    "talk_thousands_point_in_tabs": POINTS,
    "talk_thousands_point_in_commas": POINTS,
    "talk_thousands_point_in_pipes": POINTS,
    "talk_thousands_points_told_by_a_million": POINTS,
    "talk_as_parts_of_a_day": "talk of less than a second a call is believed",
    "talk_in_milliseconds_by_mistake": "talk of a day and more a call is believed",
    "quotes_after_a_blank": "quotes after a blank become part of the name",
    "quotes_after_a_blank_in_some_rows": "quotes after a blank become part of the name",
    "quotes_left_open_in_the_header": "rows become part of a column's name",
    "persons_in_a_quote_left_open_in_the_header": "rows become part of a column's name",
    "line_break_within_a_number": "the first piece of a broken row is taken as a row",
    "line_break_between_the_names_of_columns": "a column without a name is not listed as unused",
    "two_exports_in_one_file_talk_and_wrap_swapped": "rows below a second header",
    "total_of_one_queue_alone": "a total of one queue is a twin of it",
    "total_that_is_not_the_sum": "totals are not compared with the rows above",
    "total_is_the_name_of_a_queue": "rows are totals by their word alone",
    "daily_total_at_midnight_without_lengths": "a day's total is taken as an interval at midnight",
    "date_orders_mixed_and_ambiguous": "both orders in one file, where one of them reads all",
    "date_forms_mixed": "of two forms the commoner is taken, which was swapped",
    "workbook_half_turned": "of two forms the commoner is taken, which was swapped",
    "date_finnish_november": "marras is taken for March by its first three letters",
    "time_of_ranges_against_the_length": "the text says 30 minutes, the column 15, and is believed",
    "time_of_ends_taken_for_starts": "24:00 as a start tells of ends, and is read as a start",
    "time_seconds_past_the_interval": "a start off the grid is taken, and its neighbour set aside",
    "time_with_an_offset_that_is_none": "an offset of 26 hours is believed",
    "autumn_sorted_by_its_texts": "equal times next to each other are taken as first and second",
    "spring_of_ends_without_contacts": "an end at 03:00 is moved into the hour that does not exist",
    "length_changes_after_three_days": LENGTH,
    "length_changes_for_the_better_from_quarters": LENGTH,
    "length_of_a_queue_with_one_row_a_day": LENGTH,
    "cut_by_a_sheet_of_65536_lines_with_cr": "lines that end with CR are not counted",
    "workbook_of_65536_rows": "calamine's total_height is one less than the rows",
    "workbook_of_formulas_never_reckoned": "zeros that were never reckoned are believed",
    "workbook_with_an_error_as_talk": "an error in a cell reads as nothing",
    "zip_with_one_name_twice": "SchemaError: LEDGER has one file twice",
    "parquet_names_as_bytes": "the queue is called b'sales'",
    "parquet_names_as_lists": "the queue is called ['sales']",
    "parquet_with_a_damaged_page": "OSError of pyarrow",
    "persons_shifted_into_a_count": PERSON,
    "persons_in_a_file_without_a_header": PERSON,
    "persons_below_a_header_that_is_not_known": PERSON,
    "file_name_exclamation_mark": LOOKED_AT_AGAIN,
    "file_name_formula": LOOKED_AT_AGAIN,
    "file_name_that_is_no_text": "UnicodeEncodeError",
    "link_to_nowhere": "a link whose file is not there is no file",
    "link_to_a_folder": "folders behind links are not looked into, and not named",
    **{f"total_daily_{name}": TOTAL for name in TOTALS_OF if name not in TOLD_TOTALS},
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
