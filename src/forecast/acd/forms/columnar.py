"""Parquet -> a sheet of text."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from forecast.acd.forms.sheet import Record, Sheet, as_text
from forecast.errors import InputError

BATCH_ROWS = 100_000


def parquet_sheet(data: bytes, name: str, form: str = "parquet") -> Sheet:
    """Return a parquet file's table as a sheet; line 1 is the header, the first row is line 2."""
    try:
        columns = pq.ParquetFile(BytesIO(data)).schema_arrow.names
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{name}: the parquet file cannot be read ({error})") from None

    def records(_: str) -> Iterator[Record]:
        yield 1, list(columns)
        line = 2
        for batch in pq.ParquetFile(BytesIO(data)).iter_batches(BATCH_ROWS):
            for row in zip(*(_texts(column) for column in batch.columns), strict=True):
                yield line, list(row)
                line += 1

    return Sheet(name, form, "", ("",), records)


def _texts(column: Any) -> list[str]:
    if pa.types.is_timestamp(column.type):
        # Nanoseconds do not fit into Python's own times, and no export needs them.
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return [as_text(value) for value in column.to_pylist()]
