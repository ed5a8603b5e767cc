"""The tables' contract."""

import numpy as np
import pandas as pd
import pytest

from forecast import schema
from forecast.errors import SchemaError
from forecast.schema import FORECAST, HISTORY, QUANTILES, TABLES, by_series, of_series


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_a_table_has_a_key_of_its_own_columns_and_words_for_each(table):
    assert set(table.key) <= set(table.names)
    assert len(set(table.names)) == len(table.names)
    assert all(column.description for column in table.columns)
    assert all(column.dtype in {"str", "int64", "float64", "bool", schema.UTC, schema.LOCAL}
               for column in table.columns)  # fmt: skip


def test_quantile_columns_are_the_levels():
    assert [c for c in FORECAST.names if c in QUANTILES] == list(QUANTILES)
    assert list(QUANTILES.values()) == sorted(QUANTILES.values())


def test_validation_sorts_orders_and_copies(small_history):
    shuffled = small_history.sample(frac=1, random_state=1)[HISTORY.names[::-1]]
    before = shuffled.copy()
    pd.testing.assert_frame_equal(HISTORY.validate(shuffled), small_history)
    pd.testing.assert_frame_equal(shuffled, before)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h: h.drop(columns="queue"), "column 'queue' is missing"),
        (lambda h: h.assign(colour="red"), "column 'colour' is not part of it"),
        (lambda h: h.assign(offered=-1), "column 'offered' must be >= 0; found -1"),
        (lambda h: h.assign(offered=1.5), "column 'offered' must be int64: found fractions"),
        (lambda h: h.assign(offered=np.nan), "column 'offered' must be int64"),
        (lambda h: h.assign(minutes=2000), "column 'minutes' must be <= 1500"),
        (lambda h: h.assign(ds=h["ds"].dt.tz_localize(None)), "column 'ds' must be datetime64"),
        (lambda h: h.assign(queue=7), "column 'queue' must be str: found values that are not text"),
        (lambda h: pd.concat([h, h.head(2)]), "must have one row per site, queue, channel, ds; 4"),
    ],
)
def test_a_broken_table_is_refused(small_history, change, message):
    with pytest.raises(SchemaError, match=message):
        HISTORY.validate(change(small_history), "somewhere.parquet")


def test_all_problems_are_told_at_once(small_history):
    with pytest.raises(SchemaError) as refused:
        HISTORY.validate(small_history.assign(offered=-1, minutes=0), "f.parquet")
    assert "f.parquet" in str(refused.value)
    assert "offered" in str(refused.value)
    assert "minutes" in str(refused.value)


def test_series_come_in_the_order_of_their_names(small_history):
    two = pd.concat([small_history, small_history.assign(queue="NA")])
    assert [key for key, _ in by_series(two)] == [
        ("main", "NA", "voice"),
        ("main", "sales", "voice"),
    ]
    assert len(of_series(two, ("main", "NA", "voice"))) == len(small_history)
