"""What past errors would have cost: the rows are the tables', and the parts add up to the whole."""

from dataclasses import replace

import pytest

from forecast.reports.plan.missed import ALL, miss_rows, part_rows
from forecast.reports.plan.page import render_section
from forecast.schema import SERIES


def test_hours_and_money_of_all_series_are_the_sums_of_each(material):
    rows = miss_rows(material)
    leads = list(dict.fromkeys(row["horizon"] for row in rows))
    order = list(material.params.backtest.horizons)
    assert leads == sorted(leads, key=order.index)
    for lead in leads:
        own = [row for row in rows if row["horizon"] == lead]
        assert [row["series"] == ALL for row in own] == [True] + [False] * (len(own) - 1)
        for name in ("agent_hours", "over_hours", "under_cost", "floor_cost"):
            assert own[0][name] == pytest.approx(sum(row[name] for row in own[1:]))
        wrong = own[0]["over_hours"] + own[0]["under_hours"]
        assert own[0]["share"] * own[0]["agent_hours"] == pytest.approx(wrong)


def test_the_parts_add_up_to_all_that_was_missed_by_each_series_in_hours_and_money(material):
    whole = {(r["horizon"], r["series"]): r for r in miss_rows(material)}
    rows = part_rows(material)
    assert [(r["horizon"], r["series"]) for r in rows] == list(whole)
    for row in rows:
        own = whole[row["horizon"], row["series"]]
        assert row["hours"] == pytest.approx(own["over_hours"] + own["under_hours"])
        assert row["cost"] == pytest.approx(own["cost"])
        for name in ("hours", "cost"):
            assert sum(part[name] for part in row["parts"]) == pytest.approx(row[name])
        assert sum(part["share"] for part in row["parts"]) == pytest.approx(1)


def test_the_section_shows_every_series_and_says_so_where_nobody_reckoned(material):
    shown = render_section(material, "missed")
    count = len(material.misses.groupby([*SERIES, "horizon"]))
    leads = material.misses["horizon"].nunique()
    assert shown.count('<th scope="row">') == 2 * (count + leads)
    none = render_section(replace(material, misses=None), "missed")
    assert "Nobody reckoned" in none
    assert "<table" not in none


def test_a_page_of_one_series_has_no_column_for_it(material):
    first = material.misses.iloc[0]
    one = (material.misses[list(SERIES)] == first[list(SERIES)]).all(axis=1)
    rows = miss_rows(replace(material, misses=material.misses[one]))
    assert rows[0]["over_hours"] == pytest.approx(first["over_hours"])
