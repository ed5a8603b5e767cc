"""The tables' contract."""

import numpy as np
import pandas as pd
import pytest

from forecast import schema
from forecast.errors import SchemaError
from forecast.schema import (
    ALWAYS,
    CALENDAR,
    DAY_TYPES,
    EVENTS,
    FEATURES,
    FORECAST,
    HISTORY,
    QUANTILES,
    TABLES,
    as_known,
    by_series,
    events_at,
    of_series,
)
from tests.conftest import Told


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
    assert {name: float(f"0.{name[1:]}") for name in QUANTILES} == QUANTILES
    # The limits of the 50, 80, 90 and 95 % intervals, and the middle.
    assert [1 - level for level in reversed(QUANTILES.values())] == pytest.approx(
        list(QUANTILES.values())
    )


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


def utc(text):
    return pd.Timestamp(text, tz="UTC").as_unit("us")


@pytest.fixture(scope="module")
def twice_told():
    """Return CALENDAR of two intervals, of which the second was said to be something else later."""
    rows = [("00:00", ALWAYS, 0), ("00:30", ALWAYS, 30), ("00:30", "2024-02-01", 15)]
    rows = [(utc(f"2024-03-01 {clock}"), utc(known), minutes) for clock, known, minutes in rows]
    table = pd.DataFrame(rows, columns=["ds", "known", "open_min"])
    table = table.assign(
        site="a", queue="b", channel="voice", local=table["ds"].dt.tz_localize(None),
        day_type="working_day", works_as=4, holiday="", festival="", festival_day=np.nan,
        doubt=0.0, event="",
    )  # fmt: skip
    return CALENDAR.validate(table.sample(frac=1, random_state=1))


@pytest.mark.parametrize(
    ("cutoff", "open_min"),
    [("2024-01-31 23:59", [0, 30]), ("2024-02-01", [0, 15]), (None, [0, 15])],
)
def test_a_cutoff_sees_the_last_word_of_those_spoken_by_then(twice_told, cutoff, open_min):
    told = as_known(twice_told, None if cutoff is None else utc(cutoff))
    assert told["open_min"].tolist() == open_min


def test_as_known_leaves_series_apart(twice_told):
    both = CALENDAR.validate(pd.concat([twice_told, twice_told.assign(queue="c")]))
    assert as_known(both)["open_min"].tolist() == [0, 15, 0, 15]


def test_what_is_known_is_part_of_the_key(twice_told):
    with pytest.raises(SchemaError, match="one row per site, queue, channel, ds, known"):
        CALENDAR.validate(pd.concat([twice_told, twice_told.tail(1)]))
    assert "known" in FEATURES.key
    assert "announced" in EVENTS.key


def test_a_cancelled_event_is_none(small_told: Told):
    events = small_told.events
    assert len(events_at(events)) == len(events) > 0
    assert events_at(events.assign(intensity=0.0)).empty


def test_every_day_of_a_calendar_has_one_of_the_types(twice_told):
    assert set(twice_told["day_type"]) <= set(DAY_TYPES)
    assert len(DAY_TYPES) == 6


def test_a_doubt_is_a_share(twice_told):
    with pytest.raises(SchemaError, match=r"column 'doubt' must be"):
        CALENDAR.validate(twice_told.assign(doubt=1.5))
