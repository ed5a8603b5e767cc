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
        schema = pq.ParquetFile(BytesIO(data)).schema_arrow
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{name}: the parquet file cannot be read ({error})") from None
    columns = schema.names
    odd = [f"{f.name} ({f.type})" for f in schema if pa.types.is_nested(f.type) or _is_bytes(f)]
    if odd:
        raise InputError(
            f"{name}: columns of bytes or lists are no cells: {', '.join(odd)}; write texts, "
            "numbers and times"
        )

    def records(_: str) -> Iterator[Record]:
        yield 1, list(columns)
        line = 2
        try:
            for batch in pq.ParquetFile(BytesIO(data)).iter_batches(BATCH_ROWS):
                for row in zip(*(_texts(column) for column in batch.columns), strict=True):
                    yield line, list(row)
                    line += 1
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                f"{name}, line {line}: the parquet file is damaged ({error})"
            ) from None

    return Sheet(name, form, "", ("",), records)


def _is_bytes(field: Any) -> bool:
    return bool(pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type))


def _texts(column: Any) -> list[str]:
    if pa.types.is_timestamp(column.type):
        # Nanoseconds do not fit into Python's own times, and no export needs them.
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return [as_text(value) for value in column.to_pylist()]
