"""What a table is: columns with dtype, unit and bounds, a key, and the check at every door."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from forecast.errors import SchemaError, listed


@dataclass(frozen=True)
class Column:
    """One column: its dtype, unit and meaning, and what a value may be."""

    name: str
    dtype: str
    unit: str
    description: str
    nullable: bool = False
    ge: float | None = None
    le: float | None = None


@dataclass(frozen=True)
class Table:
    """A named table: what one row is, its key, and its columns."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names in their fixed order."""
        return [column.name for column in self.columns]

    def empty(self) -> pd.DataFrame:
        """Return the table without rows."""
        return pd.DataFrame({c.name: pd.Series(dtype=c.dtype) for c in self.columns})

    def validate(self, frame: pd.DataFrame, where: str = "") -> pd.DataFrame:
        """Return ``frame`` with the table's columns, dtypes and order, sorted by its key.

        Parameters
        ----------
        frame
            Any frame that holds the table's columns; it is not changed.
        where
            The file or function that the frame comes from, for the message.

        Raises
        ------
        SchemaError
            Naming every column that is missing, unknown, of another type, null or out of bounds,
            and keys that occur twice.

        Examples
        --------
        >>> import pandas as pd
        >>> two = Table("T", "thing", ("a",), (Column("a", "int64", "", "id", ge=0),))
        >>> two.validate(pd.DataFrame({"a": [2, 1]}))["a"].tolist()
        [1, 2]
        """
        title = f"{self.name}{f' from {where}' if where else ''}"
        unlike = [f"column '{c}' is missing" for c in self.names if c not in frame.columns]
        unlike += [f"column '{c}' is not part of it" for c in frame.columns if c not in self.names]
        if unlike:
            raise SchemaError(
                f"{title} does not have its columns ({', '.join(self.names)}):\n{listed(unlike)}"
            )
        typed, problems = {}, []
        for column in self.columns:
            try:
                typed[column.name] = _cast(frame[column.name], column.dtype)
            except (TypeError, ValueError) as error:
                problems.append(f"column '{column.name}' must be {column.dtype}: {error}")
                continue
            problems += _broken_rules(column, typed[column.name])
        if problems:
            raise SchemaError(f"{title} breaks its rules:\n{listed(problems)}")
        out = pd.DataFrame(typed, columns=self.names)
        if _rises([out[name] for name in self.key]):
            return out.reset_index(drop=True)
        repeated = out[out.duplicated(list(self.key), keep=False)]
        if len(repeated):
            first = dict(repeated.iloc[0][list(self.key)])
            raise SchemaError(
                f"{title} must have one row per {self.row}; {len(repeated)} rows share a key, "
                f"first {first}. Remove the duplicates."
            )
        return out.sort_values(list(self.key), kind="stable", ignore_index=True)


def _rises(key: Sequence[pd.Series]) -> bool:
    """Return whether each row's key is larger than the one before: sorted, and none twice."""
    rises = np.zeros(max(len(key[0]) - 1, 0), dtype=bool)
    alike = ~rises
    for column in key:
        before, after = column.iloc[:-1].array, column.iloc[1:].array
        rises |= alike & np.asarray(after > before, dtype=bool)
        alike &= np.asarray(after == before, dtype=bool)
    return bool(rises.all())


def _cast(values: pd.Series, dtype: str) -> pd.Series:
    if dtype == "int64" and values.dtype.kind == "f" and not (values.dropna() % 1 == 0).all():
        raise ValueError("found fractions")
    if dtype == "str" and values.dtype == "str" and not values.isna().any():
        return values  # text already; to look at every cell takes a second a million
    if dtype == "str" and len(values) and not values.map(lambda v: isinstance(v, str)).all():
        raise ValueError("found values that are not text")
    wanted: Any = dtype
    out: pd.Series = values.astype(wanted)
    return out


def _broken_rules(column: Column, values: pd.Series) -> list[str]:
    problems = []
    if not column.nullable and values.isna().any():
        problems.append(f"column '{column.name}' has {int(values.isna().sum())} empty values")
    if column.dtype == "float64" and np.isinf(values).any():
        problems.append(f"column '{column.name}' has {int(np.isinf(values).sum())} infinite values")
    if column.ge is not None and (values < column.ge).any():
        problems.append(f"column '{column.name}' must be >= {column.ge}; found {values.min()}")
    if column.le is not None and (values > column.le).any():
        problems.append(f"column '{column.name}' must be <= {column.le}; found {values.max()}")
    return problems
