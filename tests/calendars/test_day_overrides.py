"""A planner's own word on single days: the file, and what it does to the calendar."""

import numpy as np
import pandas as pd
import pytest

from forecast.calendars.days.overrides import COLUMNS, read_days
from forecast.calendars.days.site import holiday_names, known_by
from forecast.errors import InputError
from forecast.params.calendar import Place
from forecast.schema import ALWAYS
from tests.calendars.test_days import days_of, on, override

SITES = {"boston", "dallas"}


@pytest.fixture
def read(tmp_path):
    """Return a function that reads overrides from rows of a file."""

    def reader(*rows: str, header: str = ",".join(COLUMNS)) -> pd.DataFrame:
        path = tmp_path / "days.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return read_days(path, SITES)

    return reader


def refused(read, *rows: str, **options: str) -> str:
    with pytest.raises(InputError) as caught:
        read(*rows, **options)
    return str(caught.value)


def test_a_file_that_is_not_there_holds_no_days(tmp_path):
    assert read_days(tmp_path / "none.csv", SITES).empty


def test_rows_are_read_to_the_letter(read):
    days = read(
        "2003-12-26,all,company_closure,Stocktaking,2003-10-01",
        "2003-12-27,boston;dallas,makeup_workday,,",
    )
    assert days["site"].tolist() == ["boston", "boston", "dallas", "dallas"]
    assert days["known"].tolist() == [pd.Timestamp("2003-10-01"), ALWAYS] * 2
    assert days["name"].tolist() == ["Stocktaking", ""] * 2
    assert np.array_equal(days["works_as"], [np.nan, 4, np.nan, 4], equal_nan=True)


def test_a_make_up_workday_can_work_as_another_weekday(read):
    header = ",".join([*COLUMNS, "works_as"])
    days = read(
        "2003-12-27,boston,makeup_workday,,,tue",
        "2003-12-20,boston,makeup_workday,,,",
        header=header,
    )
    assert days["works_as"].tolist() == [4, 1]
    calendar = days_of("2003-12-20", "2003-12-27", overrides=days, site="boston")
    assert on(calendar, "2003-12-27")["works_as"] == 1
    assert on(calendar, "2003-12-20")["works_as"] == 4
    assert "works_as" not in refused(read, "x,boston,makeup_workday,,,tue", header=header)


def test_every_bad_cell_is_listed_with_line_and_column(read):
    message = refused(
        read,
        "26.12.2003,boston,company_closure,Stocktaking,",
        "2003-12-26,austin,closed,,soon",
        "2003-12-27,boston,company_closure,,",
        "2003-12-28,boston,working_day,a;b,",
        "2003-12-29,boston,working_day",
        "2003-12-30,boston,working_day,,,mon",
    )
    for shown in (
        "no day was taken in",
        "line 2, column date: must be a day like 2027-02-05; found '26.12.2003'",
        "line 3, column published_on: must be a day like 2026-11-04, or empty; found 'soon'",
        "line 3, column sites: 'austin' is no site of the history (boston, dallas)",
        "line 3, column day_type: must be one of working_day, weekend,",
        "found 'closed'",
        "line 4, column name: a company_closure needs one",
        "line 5, column name: must not hold a semicolon; found 'a;b'",
        "line 6: 3 fields where the header has 5",
        "line 7: 6 fields where the header has 5",
    ):
        assert shown in message


def test_works_as_is_checked(read):
    message = refused(
        read,
        "2003-12-27,boston,makeup_workday,,,funday",
        "2003-12-26,boston,working_day,,,mon",
        header=",".join([*COLUMNS, "works_as"]),
    )
    assert "line 2, column works_as: must be one of mon, tue," in message
    assert "found 'funday'" in message
    assert "line 3, column works_as: only a makeup_workday" in message


def test_columns_are_checked(read):
    message = refused(read, header="date,site,day_type,name,published_on")
    assert "line 1" in message
    assert "missing or unknown: site, sites" in message


def test_one_publication_says_one_thing_of_a_day(read):
    message = refused(
        read,
        "2003-12-26,all,company_closure,Stocktaking,2003-10-01",
        "2003-12-26,dallas,working_day,,2003-10-01",
    )
    assert (
        "line 3, column date: 2003-12-26 of site 'dallas' stands in line 2 with the same "
        "published_on and says something else; keep one" in message
    )
    same = "2003-12-26,dallas,company_closure,Stocktaking,2003-10-01"
    assert len(read(same.replace("dallas", "all"), same)) == 2
    assert len(read(same, same.replace("2003-10-01", "2003-11-01"))) == 2


def test_an_override_counts_at_its_site_from_its_publication_on(read):
    overrides = read("2003-12-26,boston,company_closure,Stocktaking,2003-10-01")
    boston, dallas = (
        days_of("2003-12-20", "2003-12-31", overrides=overrides, site=s) for s in sorted(SITES)
    )
    assert on(dallas, "2003-12-26")["day_type"] == "working_day"
    before = on(known_by(boston, pd.Timestamp("2003-09-30")), "2003-12-26")
    assert before["day_type"] == "working_day"
    after = on(known_by(boston, pd.Timestamp("2003-10-01")), "2003-12-26")
    assert (after["day_type"], after["holiday"]) == ("company_closure", "Stocktaking")
    assert after["festival"] == "Christmas Day"
    assert holiday_names(boston) == {"Christmas Day"}


def test_the_later_publication_wins(read):
    overrides = read(
        "2003-12-26,boston,working_day,,2003-11-01",
        "2003-12-26,boston,company_closure,Stocktaking,2003-10-01",
    )
    days = days_of("2003-12-26", "2003-12-26", overrides=overrides, site="boston")
    assert days["day_type"].tolist() == ["working_day", "company_closure", "working_day"]
    assert days["known"].dt.strftime("%m-%d").tolist() == ["01-01", "10-01", "11-01"]


def test_a_closure_holds_against_a_later_notice_of_the_state():
    closure = override("2024-02-09", "company_closure", "Eve", "2023-06-01")
    days = days_of("2024-02-01", "2024-02-29", Place(country="CN"), closure)
    assert on(known_by(days, pd.Timestamp("2024-02-01")), "2024-02-09")["holiday"] == "Eve"


def test_an_own_holiday_is_a_festival_with_its_own_break():
    own = override("2003-08-01", "statutory_holiday", "Founders' Day")
    days = days_of("2003-07-15", "2003-08-15", overrides=own)
    assert on(days, "2003-08-01")["holiday"] == "Founders' Day"
    # A Friday: the weekend is part of the break, and a week beyond it is near.
    assert on(days, "2003-08-10")["festival"] == "Founders' Day"
    assert on(days, "2003-08-10")["festival_day"] == 9
    assert on(days, "2003-08-11")["festival"] == ""
